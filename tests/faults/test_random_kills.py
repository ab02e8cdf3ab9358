"""Killed at random moments, with real worker processes: what was committed stays, and the end is the same.

A series starts a batch, kills it outright after a random time, starts it again, and so on until it is complete. The
long campaign of 100 kills and more runs with NORMSIM_LONG_TESTS=1; every day a few kills are tried.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stored import is_clean, posix

from normsim.experiment import Results, load_experiment, open_results, run_experiment
from normsim.experiment.manifest import MANIFEST
from normsim.experiment.outcome_log import LOG, read_log

pytestmark = posix

KILLS = 110 if os.environ.get("NORMSIM_LONG_TESTS") else 3

TEXT = """
title = "Killed"
scenarios = ["baseline"]
replications = 60
months = 4
outcomes = ["scope", "stock"]
keep = ["series"]
[[design]]
method = "grid"
[design.factors]
"norm.recurrence" = [0.0, 0.5, 1.0]
"""

SCRIPT = """
import sys
from normsim.experiment import run_experiment
run_experiment(sys.argv[1], sys.argv[2], workers=2, chunk=2)
"""


def killed(file: Path, out: Path, draw: random.Random) -> bool:
    """Start the experiment and kill it some time after it began to write; whether it was killed."""
    before = (out / LOG).stat().st_size if (out / LOG).exists() else 0
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(file), str(out)], stderr=subprocess.PIPE)
    at_start = draw.random() < 0.2  # also before anything is committed
    deadline = time.monotonic() + 120
    while not at_start and process.poll() is None and time.monotonic() < deadline:
        if (out / LOG).exists() and (out / LOG).stat().st_size > before:
            break
        time.sleep(0.005)
    time.sleep(draw.uniform(0.0, 2.0 if at_start else 0.6))
    process.send_signal(signal.SIGKILL)
    _, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), err
    return process.returncode != 0


def committed(out: Path) -> list[object]:
    return list(read_log(out).entries) if (out / MANIFEST).exists() else []


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kills") / "killed.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(file: Path) -> Results:
    return run_experiment(load_experiment(file), file.parent / "whole", workers=0)


def test_killed_at_random_moments_the_end_is_the_same(file: Path, whole: Results, tmp_path: Path) -> None:
    kills = series = 0
    while kills < KILLS:
        draw, out = random.Random(f"series {series}"), tmp_path / str(series)
        for _ in range(4):
            before = committed(out)
            kills += killed(file, out, draw)
            if (out / MANIFEST).exists():
                results = open_results(out)  # reading is possible at any moment
                assert committed(out)[: len(before)] == before
                assert results.done == (len(results.outcomes()) if results.done else 0)
        run_experiment(file, out, workers=0)
        results = open_results(out)
        assert results.hash() == whole.hash()
        is_clean(out)
        series += 1
    print(f"{kills} kills in {series} series")
