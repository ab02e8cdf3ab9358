"""Speed and memory of the batch, and of what others would use in its place."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from normsim.experiment import Experiment, run_experiment
from tests.benchmarks.measure import PEAK, ROOT, Result, side_by_side

MACHINE_CORES = 256
"""Cores of the machine that a million runs are scaled to."""

MILLION = 1_000_000


def experiment(runs: int, months: int) -> Experiment:
    """Runs of the baseline beside a bridge, half each."""
    names: list[Any] = ["baseline", "bridge_repeatable_opaque"]
    return Experiment.build(names, replications=max(runs // 2, 1), months=months)


def throughput(runs: int, months: int) -> list[Result]:
    """Runs a second with one worker and with two, starting the workers included; and what a million runs would cost."""
    few = max(runs // 5, 2)  # one worker's rate needs no more
    rates = []
    for workers, several in ((1, few), (2, runs)):
        chosen = experiment(several, months)
        rates.append(several / _timed(lambda folder, e=chosen, n=workers: run_experiment(e, folder, workers=n)))
    one, two = rates
    ratio = two / one
    here, there = MILLION / two / 3600, MILLION / (two / 2 * MACHINE_CORES) / 60
    return [
        Result(f"{few:,} runs of {months} months, one worker", one, "/s"),
        Result(f"{runs:,} runs of {months} months, two workers", two, "/s"),
        Result("two workers / one", ratio, "times", ">= 1.8", ratio >= 1.8),
        Result("a million runs on two cores", here, "h", note="from the rate of two workers"),
        Result(f"a million runs on {MACHINE_CORES} cores", there, "min", note="scaled from it, if scaling is linear"),
    ]


def storing(runs: int, months: int, rounds: int) -> list[Result]:
    """What storing outcomes adds to computing them: the same runs into a directory, and into nothing."""
    chosen = experiment(runs, months)

    def compute() -> None:
        from normsim.engine.simulate import simulate

        for point in chosen.points:
            scenario = chosen.scenario_of(point.index)
            for replication in range(chosen.replications):
                simulate(scenario, chosen.seed_of(point.index, replication), log_level=0).summary()

    def store() -> None:
        _timed(lambda folder: run_experiment(chosen, folder, workers=0))

    bare, stored = side_by_side(rounds, compute, store)
    extra = stored / bare - 1.0
    return [Result("storing outcomes adds", 100 * extra, "%", "< 10", extra < 0.1, f"{runs} runs of {months} months")]


def parent_memory(runs: int, months: int) -> list[Result]:
    """Peak memory of the parent for some runs and for ten times as many."""
    peaks = []
    for several in (runs, 10 * runs):
        code = (
            "import tempfile\nfrom tests.benchmarks.batch import experiment, run_experiment\n"
            f"if __name__ == '__main__':\n    with tempfile.TemporaryDirectory() as folder:\n"
            f"        run_experiment(experiment({several}, {months}), folder + '/out', workers=2)\n"
        )
        peaks.append(_peak(code))
    ratio = peaks[1] / peaks[0]
    return [
        Result(f"parent's peak memory, {runs:,} runs", peaks[0], "MB", note=f"{months} months"),
        Result(f"parent's peak memory, {10 * runs:,} runs", peaks[1], "MB"),
        Result("ten times the runs / once", ratio, "times", "<= 1.2", ratio <= 1.2),
    ]


def against_others(runs: int, months: int, their_runs: int) -> list[Result]:
    """Throughput against batch runners of the field that drive the plain agent-by-agent model on two processes.

    The same scenario over the same months; fewer of their runs, since one takes seconds. All of it counts: processes,
    set-up, storing.
    """
    chosen = Experiment.build(["baseline"], replications=runs, months=months)
    ours = runs / _timed(lambda folder: run_experiment(chosen, folder, workers=2))
    results = [Result("normsim batch, two workers", ours, "/s", note=f"{runs:,} runs of {months} months")]
    for name, script in (("mesa.batch_run", MESA), ("agentpy.Experiment", AGENTPY)):
        printed = _script(script.format(months=months, runs=their_runs))
        if printed is None:
            results.append(Result(f"normsim / {name}", float("nan"), "times", note="not installed"))
            continue
        seconds = float(printed.rpartition("seconds")[2]) / their_runs
        note = f"{seconds:.2f} s a run; the plain model, two processes, {their_runs} runs"
        results.append(Result(f"normsim / {name}", ours * seconds, "times", ">= 150", ours * seconds >= 150, note))
    return results


MESA = """
import time, warnings
warnings.simplefilter("ignore")
from mesa.batchrunner import batch_run
from tests.benchmarks.others import MesaRun
if __name__ == "__main__":
    begun = time.perf_counter()
    batch_run(MesaRun, dict(months={months}), rng=list(range({runs})), max_steps={months}, number_processes=2,
              data_collection_period=-1, display_progress=False)
    print("seconds", time.perf_counter() - begun)
"""

AGENTPY = """
import time
import agentpy, joblib
from tests.benchmarks.others import agentpy_run
if __name__ == "__main__":
    sample = agentpy.Sample(dict(steps={months}, months={months}))
    runs = agentpy.Experiment(agentpy_run(), sample, iterations={runs})
    begun = time.perf_counter()
    runs.run(n_jobs=2, display=False)
    print("seconds", time.perf_counter() - begun)
"""


def _timed(run: Callable[[str], Any]) -> float:
    """Seconds of a batch into a directory of its own."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run(f"{folder}/out")
        return time.perf_counter() - begun


def _script(code: str) -> str | None:
    """What a program of its own prints, None if it lacks a package. Spawned workers need it to lie in a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{code}", encoding="utf-8")
        done = subprocess.run([sys.executable, path], cwd=ROOT, capture_output=True, text=True, check=False)
    if "ModuleNotFoundError: No module named 'agentpy'" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def _peak(code: str) -> float:
    """Peak memory of a program's own process [MB]."""
    indented = "\n".join(f"    {line}" for line in PEAK.strip().splitlines())
    text = _script(f"{code}\n{indented}\n")
    assert text is not None
    return float(text.rpartition("peak")[2])
