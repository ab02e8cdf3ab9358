"""Run an experiment over and over, each time in a process that is killed at another point of its commits.

Called with a folder; each killed run leaves its directory there, called after the place and the call that killed it.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from normsim.engine.simulate import simulate
from normsim.experiment import Experiment, run_experiment, safe_files
from normsim.experiment import results_store as store

PLACES = {"before temporary": 8, "after temporary": 8, "renamed": 2, "half a line": 2, "appended": 2}
"""How often each place is passed in the experiment: 4 files of a new directory, then 2 chunks of 2 tables each."""


def experiment() -> Experiment:
    return Experiment.build(
        ["baseline"], replications=4, months=6, keep=["series"], outcomes=["scope", "validity", "stock"]
    )


def main(folder: Path) -> None:
    simulate(experiment().scenarios[0], 1)  # what every child would have to load
    for place in PLACES:
        call = 1
        while _killed(folder / f"{place} {call}", place, call):
            call += 1


def _killed(directory: Path, place: str, call: int) -> bool:
    """Whether a child was killed at this call of a place; it was not if it ended before."""
    child = os.fork()
    if not child:
        passed = 0

        def reached(now: str) -> None:
            nonlocal passed
            passed += now == place
            if passed == call:
                os.kill(os.getpid(), signal.SIGKILL)

        safe_files.reached = store.reached = reached
        _run_and_exit(directory, chunk=2)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def at_random(folder: Path, kills: int) -> None:
    """Kill children at random moments until there were so many kills, each series until its experiment is complete."""
    run_experiment(experiment(), folder / "warm", workers=0, chunk=1)
    begun = time.monotonic()
    run_experiment(experiment(), folder / "timed", workers=0, chunk=1)
    whole = time.monotonic() - begun
    series = 0
    while kills > 0:
        draw, directory, status = random.Random(series), folder / f"random {series}", -1
        while status != 0 and kills > 0:
            child = os.fork()
            if not child:
                _run_and_exit(directory)
            time.sleep(draw.uniform(0.0, 0.8 * whole))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            kills -= os.WIFSIGNALED(status)
        series += 1


def _run_and_exit(directory: Path, chunk: int = 1) -> None:
    """What a child does: run the experiment, and end without cleaning up after its parent."""
    status = 1
    try:
        run_experiment(experiment(), directory, workers=0, chunk=chunk)
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    at_random(Path(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else main(Path(sys.argv[1]))
