"""A directory that is damaged, not ours, in use or on a full disk: nothing is lost, and what is said helps."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import crash
import pytest
from stored import HERE, goes_on, is_clean, listed, posix, small, tables

from normsim.experiment import (
    StoreError,
    manifest,
    model_digest,
    open_results,
    outcome_log,
    provenance,
    results_store,
    run_experiment,
)
from normsim.scenario import load_scenario

# Damaged.


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_torn_last_line_is_dropped_told_and_done_again(copy: Path, whole: Path, cut: int) -> None:
    first = tables(copy)["parts/000000.parquet"]
    log = copy / outcome_log.LOG
    log.write_bytes(log.read_bytes()[:-cut])
    with pytest.raises(StoreError, match=r"outcomes.jsonl is damaged at byte .*, in its last line: .* batch resume"):
        open_results(copy)
    told = goes_on(copy)
    assert f"the last line of {outcome_log.LOG} was torn; its runs are done again" in told
    assert "2 files of an unfinished commit cleared away" in told
    is_clean(copy)
    assert open_results(copy).hash() == open_results(whole).hash()
    assert tables(copy)["parts/000000.parquet"] == first


def test_a_damaged_line_before_the_last_is_refused_with_its_place(copy: Path) -> None:
    log = copy / outcome_log.LOG
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
    (copy / manifest.MANIFEST).write_text('{"format": 1', encoding="utf-8")
    with pytest.raises(StoreError, match="damaged or was edited: restore it"):
        goes_on(copy)


def test_a_newer_format_is_refused(copy: Path) -> None:
    newer = manifest.read_manifest(copy) | {"format": manifest.FORMAT + 1}
    manifest.write_manifest(copy, newer)
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


@pytest.fixture
def other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another rule."""
    digests = dict(model_digest.model_digests())
    monkeypatch.setattr(model_digest, "model_digests", lambda: digests | {"code.rules/use.py": "other"})
    monkeypatch.setattr(provenance, "model_digests", model_digest.model_digests)


@pytest.mark.usefixtures("other_code")
def test_other_code_is_refused_unless_allowed_and_then_recorded(copy: Path) -> None:
    with pytest.raises(StoreError, match=r"other code: code.rules/use.py changed; --allow-code-change goes on"):
        goes_on(copy)
    goes_on(copy, code_may_change=True)
    goes_on(copy)  # now it is the same
    noted = open_results(copy).manifest["code_changes"]
    assert [change["changed"] for change in noted] == [["code.rules/use.py"]]


@pytest.mark.usefixtures("other_code")
def test_other_code_does_not_excuse_another_seed(copy: Path) -> None:
    with pytest.raises(StoreError, match=r"seed, code.rules/use.py changed"):
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


# Two writers.

WRITER = """
import sys, crash
from normsim.experiment import results_store
with results_store.opened(sys.argv[1], crash.experiment(), {}, False):
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
        since = json.loads((copy / results_store.WRITER).read_text(encoding="utf-8"))["since"]
        with pytest.raises(StoreError) as caught:
            goes_on(copy)
        assert f"is in use by process {first.pid} since {since}; wait for it or stop it first" in str(caught.value)
        assert open_results(copy).complete  # reading is free
    finally:
        first.kill()
        first.communicate()
    assert (copy / results_store.WRITER).exists()
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
        if (directory / manifest.MANIFEST).exists():
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

    monkeypatch.setattr(results_store, "reached", reached)
    with pytest.raises(StoreError, match=r"No space left on device; .* normsim batch resume"):
        run_experiment(crash.experiment(), tmp_path, workers=0, chunk=2)
    log = (tmp_path / outcome_log.LOG).read_bytes()
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
