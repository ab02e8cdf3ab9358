"""Whatever stops an experiment, nothing finished is lost, nothing is half there, and what it says helps."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crash
import killers
import pytest
from stored import HERE, goes_on, is_clean, listed, posix, small, tables

from normsim.experiment import Progress, StoreError, manifest, open_results, outcome_log, run_experiment, runner, worker

pytestmark = pytest.mark.slow

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
        after, log = tables(directory), (directory / outcome_log.LOG).read_bytes()
        assert {path: after[path] for path in before} == before  # what was done was not done again
        assert goes_on(directory) == []
        assert (tables(directory), (directory / outcome_log.LOG).read_bytes()) == (after, log)


@posix
def test_killed_at_random_moments_and_resumed_is_as_if_never_killed(whole: Path, tmp_path: Path) -> None:
    kills = 400 if os.environ.get("NORMSIM_LONG_TESTS") else 40
    subprocess.run([sys.executable, HERE / "crash.py", tmp_path, str(kills)], check=True, timeout=600)
    directories = sorted(tmp_path.iterdir())
    assert len(directories) >= 5  # two of them were never killed
    for directory in directories:
        goes_on(directory)
        is_clean(directory)
        assert open_results(directory).hash() == open_results(whole).hash()


def _left_something_to_mend(directories: dict[str, Path]) -> None:
    """The kills did what they were meant to."""
    assert not (directories["after temporary 4"] / manifest.MANIFEST).exists()
    assert (directories["after temporary 5"] / "series" / ".000000.parquet.tmp").exists()
    assert (len(tables(directories["renamed 1"])), listed(directories["renamed 1"])) == (2, set())
    assert not (directories["half a line 1"] / outcome_log.LOG).read_bytes().endswith(b"\n")
    assert len(listed(directories["appended 1"])) == 2
    assert len(listed(directories["appended 3"])) == 4


# Runs that fail.


def failing(replication: int, error: Exception) -> Callable[..., Any]:
    """A simulate that raises in one replication."""
    seed, simulate = small().seed_of(0, replication), worker.simulate

    def stand_in(scenario: Any, given: int, *rest: Any, **options: Any) -> Any:
        if given == seed:
            raise error
        return simulate(scenario, given, *rest, **options)

    return stand_in


def test_a_run_that_raises_is_recorded_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = run_experiment(small(), tmp_path / "good", workers=0).hash()
    with monkeypatch.context() as patch:
        patch.setattr(worker, "simulate", failing(1, ZeroDivisionError("no states left")))
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
    def keeper(run: Any, job: worker.Job) -> Any:
        if job.replication == 2:
            raise MemoryError("too many months")
        return worker._series(run, job)

    monkeypatch.setitem(worker._KEEPERS, "events", keeper)
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
def test_workers_that_are_killed_cost_no_result(tmp_path: Path) -> None:
    """Each time the pool is begun anew."""
    times, killed = 3, list[int]()

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
