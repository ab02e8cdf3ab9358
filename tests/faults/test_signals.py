"""Signals: the work drains, the exit code says which signal it was, and no process is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stored import goes_on, is_clean, posix

from normsim.experiment import load_experiment, open_results, run_experiment
from normsim.experiment.outcome_log import LOG

pytestmark = posix

TEXT = 'title = "Long"\nscenarios = ["baseline"]\nreplications = {0}\nmonths = 12\noutcomes = ["scope", "stock"]\n'


def children(pid: int) -> list[int]:
    """Processes that a process started."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(word) for word in listed.stdout.split()]


def is_alive(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")


def waited(seconds: float, until: object) -> bool:
    """Whether something came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if until():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def long(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path, list[int]]]:
    """A batch of many runs on two workers, of which a few are committed; its directory; its processes."""
    file, out = tmp_path / "long.toml", tmp_path / "out"
    file.write_text(TEXT.format(20_000), encoding="utf-8")
    command = [sys.executable, "-m", "normsim", "batch", "run", str(file), "--out", str(out), "--workers", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert waited(180, lambda: (out / LOG).exists() or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    started = children(process.pid)
    assert len(started) >= 2
    yield process, out, started
    process.kill()
    process.communicate()


LONG = pytest.mark.skipif(not os.environ.get("NORMSIM_LONG_TESTS"), reason="one signal is enough for every day")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGHUP, 129, marks=LONG)])
def test_a_scheduler_that_ends_the_job_leaves_what_can_be_resumed(
    long: tuple[subprocess.Popen[str], Path, list[int]], number: signal.Signals, code: int
) -> None:
    process, out, started = long
    process.send_signal(number)
    told, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert f"{number.name}: finishing the current runs" in err
    assert "Traceback" not in told + err
    assert f"normsim batch resume {out}" in told
    assert waited(10, lambda: not any(map(is_alive, started)))
    results = open_results(out)
    assert 0 < results.done < results.total
    is_clean(out)


def test_workers_end_when_their_parent_is_killed(long: tuple[subprocess.Popen[str], Path, list[int]]) -> None:
    process, out, started = long
    process.kill()
    process.wait()
    assert waited(10, lambda: not any(map(is_alive, started))), "workers were left behind"
    assert open_results(out).done > 0  # what is torn is left out while nobody has resumed


@LONG
def test_a_second_signal_stops_at_once(long: tuple[subprocess.Popen[str], Path, list[int]]) -> None:
    process, _, started = long
    for _ in range(2):
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
    told, err = process.communicate(timeout=20)
    assert process.returncode == 143, err
    assert "Traceback" not in told + err
    assert waited(10, lambda: not any(map(is_alive, started)))


GUARDLESS = """
from normsim.experiment import run_experiment
results = run_experiment({file!r}, {out!r}, workers=2)
print(results.done, results.failed)
"""


@pytest.mark.parametrize("how", ["a script", pytest.param("standard input", marks=LONG)])
def test_a_script_needs_no_guard(tmp_path: Path, how: str) -> None:
    file, script = tmp_path / "small.toml", tmp_path / "guardless.py"
    file.write_text(TEXT.format(4), encoding="utf-8")
    script.write_text(GUARDLESS.format(file=str(file), out=str(tmp_path / "out")), encoding="utf-8")
    command = [sys.executable, str(script)] if how == "a script" else [sys.executable, "-"]
    with script.open() as text:
        done = subprocess.run(command, stdin=text, capture_output=True, text=True, timeout=180)
    assert done.stdout == "4 0\n", done.stderr


def test_workers_that_cannot_start_are_told_and_nothing_is_stored_as_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from normsim.experiment import StoreError, worker_processes

    monkeypatch.setattr(worker_processes, "_begin", os.abort)
    file = tmp_path / "small.toml"
    file.write_text(TEXT.format(4), encoding="utf-8")
    with pytest.raises(StoreError, match="the worker processes end as soon as they start"):
        run_experiment(file, tmp_path / "out", workers=2)
    assert (open_results(tmp_path / "out").done, open_results(tmp_path / "out").failed) == (0, 0)
    monkeypatch.undo()
    goes_on(tmp_path / "out", load_experiment(file))
    assert open_results(tmp_path / "out").complete
