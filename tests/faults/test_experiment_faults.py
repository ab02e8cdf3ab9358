"""Whatever stops an experiment, nothing finished is lost, nothing is half there, and what it says helps."""

import errno
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crash
import killers
import pytest

from normsim.experiment import Experiment, Progress, StoreError, open_results, run_experiment, runner, store, work
from normsim.experiment import provenance as origins
from normsim.scenario import load_scenario

HERE = Path(__file__).parent
posix = pytest.mark.skipif(os.name != "posix", reason="signals and forks of POSIX")


def small(replications: int = 4, **more: Any) -> Experiment:
    keys = {"months": 6, "outcomes": ["scope", "validity", "stock"]} | more
    return Experiment.build(keys.pop("scenarios", ["baseline"]), replications=replications, **keys)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of four runs in two parts, never interrupted."""
    directory = tmp_path_factory.mktemp("whole") / "out"
    run_experiment(crash.experiment(), directory, workers=0, chunk=2)
    return directory


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """A copy of it to break."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def tables(directory: Path) -> dict[str, bytes]:
    """Every file in the folders of tables."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for table in store.TABLES
        for path in (directory / table).glob("*")
    }


def listed(directory: Path) -> set[str]:
    """The files that the log names and that count."""
    entries, _ = store.read_log(directory)
    live = store.live_parts(entries)
    return {name for entry in entries if entry.part in live for name in entry.files}


def goes_on(directory: Path, experiment: Experiment | None = None, **options: Any) -> list[str]:
    """Resume, and say what was told of it."""
    told: list[str] = []
    chosen = {"workers": 0, "chunk": 2} | options
    run_experiment(experiment or crash.experiment(), directory, on_progress=lambda p: told.extend(p.told), **chosen)
    return list(dict.fromkeys(told))


def is_clean(directory: Path) -> None:
    """No leftovers: no temporary file, no table that the log does not name, no trace of a writer."""
    assert list(directory.rglob("*.tmp")) == []
    assert set(tables(directory)) == listed(directory)
    assert not (directory / store.WRITER).exists()
    assert open_results(directory).verify() == []


# Killed.


@posix
def test_killed_at_any_point_of_a_commit_and_resumed_is_as_if_never_killed(whole: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, HERE / "crash.py", tmp_path], check=True, timeout=100)
    directories = {path.name: path for path in tmp_path.iterdir()}
    for place, calls in crash.PLACES.items():  # every call was met, and after the last nothing was killed
        met = {name for name in directories if name.startswith(f"{place} ")}
        assert met == {f"{place} {call}" for call in range(1, calls + 2)}
    _left_something_to_mend(directories)
    for name, directory in directories.items():
        before = {path: data for path, data in tables(directory).items() if path in listed(directory)}
        goes_on(directory)
        is_clean(directory)
        assert open_results(directory).complete
        assert open_results(directory).hash() == open_results(whole).hash(), name
        after, log = tables(directory), (directory / store.LOG).read_bytes()
        assert {path: after[path] for path in before} == before  # what was done was not done again
        assert goes_on(directory) == []
        assert (tables(directory), (directory / store.LOG).read_bytes()) == (after, log)


def _left_something_to_mend(directories: dict[str, Path]) -> None:
    """The kills did what they were meant to."""
    assert not (directories["after temporary 4"] / store.MANIFEST).exists()
    assert (directories["after temporary 5"] / "series" / ".000000.parquet.tmp").exists()
    assert (len(tables(directories["renamed 1"])), listed(directories["renamed 1"])) == (2, set())
    assert not (directories["half a line 1"] / store.LOG).read_bytes().endswith(b"\n")
    assert len(listed(directories["appended 1"])) == 2
    assert len(listed(directories["appended 3"])) == 4


# Damaged.


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_torn_last_line_is_dropped_told_and_done_again(copy: Path, whole: Path, cut: int) -> None:
    first = tables(copy)["parts/000000.parquet"]
    log = copy / store.LOG
    log.write_bytes(log.read_bytes()[:-cut])
    assert open_results(copy).done == 2
    told = goes_on(copy)
    assert f"the last line of {store.LOG} was torn; its runs are done again" in told
    assert "2 files of an unfinished commit cleared away" in told
    is_clean(copy)
    assert open_results(copy).hash() == open_results(whole).hash()
    assert tables(copy)["parts/000000.parquet"] == first


def test_a_damaged_line_before_the_last_is_refused_with_its_place(copy: Path) -> None:
    log = copy / store.LOG
    first, second = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(first + second.replace(b"parts/", b"parst/") + second)
    before = tables(copy)
    for attempt in (lambda: goes_on(copy), lambda: open_results(copy)):
        with pytest.raises(StoreError, match=rf"outcomes.jsonl is damaged at byte {len(first)}, before its end"):
            attempt()
    assert tables(copy) == before


@pytest.mark.parametrize("harm", ["truncated", "deleted", "a bit flipped"])
def test_a_damaged_part_is_dropped_told_and_done_again(copy: Path, whole: Path, harm: str) -> None:
    part = copy / "parts" / "000000.parquet"
    data = part.read_bytes()
    if harm == "deleted":
        part.unlink()
    else:
        part.write_bytes(data[: len(data) // 2] if harm == "truncated" else bytes([data[0] ^ 1]) + data[1:])
    assert open_results(copy).verify() == [
        "parts/000000.parquet is gone" if harm == "deleted" else "parts/000000.parquet is not what was committed"
    ]
    kept = tables(copy)["parts/000001.parquet"]
    assert "part 000000 is damaged or gone; its 2 runs are done again" in goes_on(copy)
    is_clean(copy)
    assert open_results(copy).hash() == open_results(whole).hash()
    assert tables(copy)["parts/000001.parquet"] == kept
    assert goes_on(copy) == []


def test_a_damaged_manifest_is_refused(copy: Path) -> None:
    (copy / store.MANIFEST).write_text('{"format": 1', encoding="utf-8")
    with pytest.raises(StoreError, match="damaged: it is no JSON"):
        goes_on(copy)


def test_a_newer_format_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / store.MANIFEST).read_text(encoding="utf-8"))
    (copy / store.MANIFEST).write_text(json.dumps(manifest | {"format": origins.FORMAT + 1}), encoding="utf-8")
    with pytest.raises(StoreError, match=r"newer normsim .*; upgrade"):
        goes_on(copy)


# Not the same experiment.


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("scenarios.baseline", {"scenarios": [load_scenario("baseline").with_values({"norm.recurrence": 0.3})]}),
        ("scenarios.baseline", {"months": 7}),
        ("seed", {"seed": 1}),
        ("seeds", {"seeds": "independent"}),
        ("design", {"design": [{"method": "grid", "factors": {"norm.recurrence": [0.5]}}]}),
        ("outcomes", {"outcomes": ["scope", "validity"]}),
        ("keep", {"keep": []}),
    ],
)
def test_another_experiment_is_refused_by_the_name_of_what_changed(
    copy: Path, field: str, other: dict[str, Any]
) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    with pytest.raises(StoreError, match="another experiment") as caught:
        goes_on(copy, small(**{"keep": ["series"]} | other))
    changed = str(caught.value).split("another experiment: ")[1].split(" changed")[0]
    assert changed == field
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_other_code_is_refused_unless_allowed_and_then_recorded(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = json.loads((copy / store.MANIFEST).read_text(encoding="utf-8"))["depends_on"]["code"]
    monkeypatch.setattr(origins, "source_digest", lambda: "other")
    with pytest.raises(StoreError, match="another experiment: code changed; --allow-code-change goes on"):
        goes_on(copy)
    goes_on(copy, code_may_change=True)
    goes_on(copy)  # now it is the same
    noted = open_results(copy).manifest["code_changes"]
    assert [(change["from"], change["to"]) for change in noted] == [(before, "other")]


def test_other_code_does_not_excuse_another_seed(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "source_digest", lambda: "other")
    with pytest.raises(StoreError, match="seed, code changed"):
        goes_on(copy, small(keep=["series"], seed=1), code_may_change=True)


def test_fewer_replications_are_refused_and_nothing_is_thrown_away(copy: Path) -> None:
    with pytest.raises(StoreError, match="holds 4 replications, more than the 3 asked for"):
        goes_on(copy, crash.experiment().with_replications(3))
    assert open_results(copy).done == 4


@pytest.mark.parametrize("name", ["thesis.tex", "manifest.json"])
def test_a_foreign_directory_is_refused_and_untouched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"name": "not ours"}', encoding="utf-8")
    with pytest.raises(StoreError, match="holds no results of an experiment"):
        goes_on(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == '{"name": "not ours"}'


# Runs that fail.


def failing(replication: int, error: Exception) -> Callable[..., Any]:
    """A simulate that raises in one replication."""
    seed, simulate = small().seed_of(0, replication), work.simulate

    def stand_in(scenario: Any, given: int, *rest: Any, **options: Any) -> Any:
        if given == seed:
            raise error
        return simulate(scenario, given, *rest, **options)

    return stand_in


def test_a_run_that_raises_is_recorded_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = run_experiment(small(), tmp_path / "good", workers=0).hash()
    with monkeypatch.context() as patch:
        patch.setattr(work, "simulate", failing(1, ZeroDivisionError("no states left")))
        results = run_experiment(small(), tmp_path / "out", workers=0, chunk=2)
    assert (results.done, results.failed, results.missing()) == (3, 1, [(0, 1)])
    [failure] = results.failures().to_dict("records")
    assert (failure["origin"], failure["kind"], failure["message"]) == ("model", "ZeroDivisionError", "no states left")
    assert (failure["scenario"], failure["replication"]) == ("baseline", 1)
    assert failure["seed"] == small().seed_of(0, 1)
    assert failure["traceback"].startswith("Traceback (most recent call last)")
    assert "raise error\nZeroDivisionError: no states left" in failure["traceback"].replace("    ", "")
    assert results.verify() == []
    before = tables(tmp_path / "out")
    goes_on(tmp_path / "out", small())  # failed stays failed
    assert open_results(tmp_path / "out").failed == 1
    goes_on(tmp_path / "out", small(), retry_failed=True)
    after = open_results(tmp_path / "out")
    assert (after.complete, after.hash(), len(after.failures())) == (True, good, 0)
    assert len(tables(tmp_path / "out")) == len(before) + 1
    assert {name: tables(tmp_path / "out")[name] for name in before} == before
    is_clean(tmp_path / "out")


def test_a_run_whose_series_cannot_be_kept_is_not_half_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def keeper(run: Any, job: work.Job) -> Any:
        if job.replication == 2:
            raise MemoryError("too many months")
        return work._series(run, job)

    monkeypatch.setitem(work._KEEPERS, "events", keeper)
    results = run_experiment(small(keep=["series", "events"]), tmp_path, workers=0, chunk=4)
    assert (results.done, results.failed) == (3, 1)
    for frame in (results.outcomes(), results.series(), results.events()):
        assert sorted(set(frame["replication"])) == [0, 1, 3]
    assert results.verify() == []


def test_a_chunk_of_which_nothing_succeeds_is_recorded(tmp_path: Path) -> None:
    results = run_experiment(small(3), tmp_path, workers=0, timeout=1e-9)
    assert (results.done, results.failed) == (0, 3)
    assert set(results.failures()["origin"]) == {"timeout"}
    assert set(results.failures()["message"]) == {"took longer than 1e-09 s"}
    with pytest.raises(StoreError, match="no run is done yet"):
        results.outcomes()
    goes_on(tmp_path, small(3), retry_failed=True)
    assert open_results(tmp_path).complete


def test_enough_failures_stop_the_experiment(tmp_path: Path) -> None:
    results = run_experiment(small(6), tmp_path, workers=0, timeout=1e-9, chunk=1, max_failures=2)
    assert (results.failed, len(results.missing())) == (2, 6)
    goes_on(tmp_path, small(6))  # the limit counts one session's failures
    assert (open_results(tmp_path).failed, open_results(tmp_path).done) == (2, 4)


def test_a_stop_drains_and_leaves_what_can_be_resumed(tmp_path: Path, whole: Path) -> None:
    commits: list[int] = []
    results = run_experiment(
        crash.experiment(),
        tmp_path,
        on_progress=lambda progress: commits.append(progress.done),
        should_stop=lambda: bool(commits) and commits[-1] >= 2,
        workers=0,
        chunk=2,
    )
    assert results.done == 2
    is_clean(tmp_path)
    goes_on(tmp_path)
    assert open_results(tmp_path).hash() == open_results(whole).hash()


@pytest.mark.parametrize("workers", [0, 1])
def test_an_interrupt_stops_at_once_and_can_be_resumed(tmp_path: Path, whole: Path, workers: int) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(crash.experiment(), tmp_path, on_progress=interrupt, workers=workers, chunk=1)
    assert open_results(tmp_path).done == 1
    is_clean(tmp_path)
    assert multiprocessing.active_children() == []
    goes_on(tmp_path)
    assert open_results(tmp_path).hash() == open_results(whole).hash()


# Workers that die.


@posix
@pytest.mark.parametrize("times", [1, 3])
def test_workers_that_are_killed_cost_no_result(tmp_path: Path, times: int) -> None:
    killed: list[int] = []

    def kill_one(progress: Progress) -> None:
        alive = [child.pid for child in multiprocessing.active_children() if child.pid not in killed]
        if progress.done and len(killed) < times and alive and alive[0] is not None:
            os.kill(alive[0], signal.SIGKILL)
            killed.append(alive[0])

    good = run_experiment(small(12), tmp_path / "good", workers=0).hash()
    results = run_experiment(small(12), tmp_path / "out", on_progress=kill_one, workers=2, chunk=1)
    assert len(killed) == times
    assert (results.complete, results.hash()) == (True, good)
    assert multiprocessing.active_children() == []
    is_clean(tmp_path / "out")


@posix
def test_a_run_that_always_kills_its_worker_is_isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "run_chunk", killers.die_of_one_run)
    results = run_experiment(small(3), tmp_path, workers=1, chunk=2)
    assert (results.done, results.missing()) == (2, [(0, killers.FATAL)])
    [failure] = results.failures().to_dict("records")
    assert (failure["origin"], failure["kind"], failure["replication"]) == ("pool", "WorkerDied", killers.FATAL)
    assert failure["message"] == "its worker died twice (killed, out of memory)"
    assert multiprocessing.active_children() == []
    monkeypatch.undo()
    goes_on(tmp_path, small(3), retry_failed=True)
    assert open_results(tmp_path).hash() == run_experiment(small(3), tmp_path / "good", workers=0).hash()


@posix
def test_a_run_that_never_comes_back_is_ended_with_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "run_chunk", killers.stuck_in_one_run)
    results = run_experiment(small(3), tmp_path, workers=1, chunk=1, timeout=2.0)
    assert (results.done, results.missing()) == (2, [(0, killers.FATAL)])
    [failure] = results.failures().to_dict("records")
    assert failure["message"] == "its worker died twice (killed, out of memory, or stuck far beyond its time)"


def test_a_pool_leaves_processes_that_are_not_its_own(tmp_path: Path) -> None:
    other = multiprocessing.get_context("spawn").Process(target=signal.pause if os.name == "posix" else input)
    other.start()
    try:
        pool = runner._Pool(1, None)
        pool.kill()
        other.join(0.2)
        assert other.is_alive()
    finally:
        other.kill()
        other.join()


# Two writers.

WRITER = """
import sys, crash
from normsim.experiment import store
with store.opened(sys.argv[1], crash.experiment(), None, "", False):
    print("ready", flush=True)
    sys.stdin.read()
"""


@posix
def test_a_second_writer_is_refused_and_a_dead_one_is_taken_over(copy: Path, whole: Path) -> None:
    script = WRITER.replace("sys.argv[1]", "__import__('pathlib').Path(sys.argv[1])")
    first = subprocess.Popen(
        [sys.executable, "-c", script, copy], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE
    )
    try:
        assert first.stdin is not None
        assert first.stdout is not None
        assert first.stdout.readline() == "ready\n"
        since = json.loads((copy / store.WRITER).read_text(encoding="utf-8"))["since"]
        with pytest.raises(StoreError) as caught:
            goes_on(copy)
        assert f"is in use by process {first.pid} since {since}; wait for it or stop it first" in str(caught.value)
        assert open_results(copy).complete  # reading is free
    finally:
        first.kill()
        first.communicate()
    assert (copy / store.WRITER).exists()
    goes_on(copy)
    is_clean(copy)
    assert open_results(copy).hash() == open_results(whole).hash()


# Disks that refuse.


def test_a_full_disk_at_any_moment_leaves_nothing_half_committed(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush, calls, limit = os.fsync, 0, 0

    def full(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls >= limit:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(handle)

    counts = []
    for limit in range(1, 100):
        calls, directory = 0, tmp_path / str(limit)
        monkeypatch.setattr(os, "fsync", full)
        try:
            run_experiment(crash.experiment(), directory, workers=0, chunk=2)
        except StoreError as error:
            told = str(error)
        else:
            break
        finally:
            monkeypatch.undo()
        assert told.startswith(f"{directory}: No space left on device; what was finished before is kept")
        assert not list(directory.rglob("*.tmp"))
        assert set(tables(directory)) == listed(directory)
        if (directory / store.MANIFEST).exists():
            counts.append(open_results(directory).done)
        goes_on(directory)
        is_clean(directory)
        assert open_results(directory).hash() == open_results(whole).hash()
    assert set(counts) == {0, 2}
    assert limit > 20


def test_a_disk_that_fills_up_in_the_middle_of_a_line_leaves_no_torn_line(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = 0

    def reached(place: str) -> None:
        nonlocal lines
        lines += place == "half a line"
        if place == "half a line" and lines == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store, "reached", reached)
    with pytest.raises(StoreError, match=r"No space left on device; .* normsim batch resume"):
        run_experiment(crash.experiment(), tmp_path, workers=0, chunk=2)
    log = (tmp_path / store.LOG).read_bytes()
    assert log.endswith(b"\n")
    assert len(log.splitlines()) == 1
    is_clean(tmp_path)
    goes_on(tmp_path)
    assert open_results(tmp_path).hash() == open_results(whole).hash()


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="Not a directory; name another directory with --out"):
        goes_on(tmp_path / "file" / "out")
    with pytest.raises(StoreError, match="name another with --out"):
        goes_on(tmp_path / "file")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="a superuser may write anywhere")
@pytest.mark.parametrize("new", [True, False])
def test_a_directory_without_permission_is_told(copy: Path, new: bool) -> None:
    directory = copy / "out" if new else copy
    copy.chmod(0o555)
    try:
        with pytest.raises(StoreError, match="Permission denied"):
            goes_on(directory)
    finally:
        copy.chmod(0o755)


def test_a_directory_whose_files_may_not_be_written_is_told(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(StoreError, match="Permission denied; what was finished before is kept"):
        goes_on(copy)
    monkeypatch.undo()
    assert goes_on(copy) == []
