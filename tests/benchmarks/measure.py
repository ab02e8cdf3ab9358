"""What is measured. Every function works at any size, so that a test can run it small."""

import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from normsim.engine.simulate import Simulation, build_world, simulate
from normsim.scenario import Scenario, SyntheticWorld, load_scenario
from tests.benchmarks.floor import count_exponentials, run_floor
from tests.plain import PlainModel

ROOT = Path(__file__).parents[2]

PEAK = """
import re, resource, sys
from pathlib import Path
status = Path("/proc/self/status")
if status.exists():  # of this program alone; ru_maxrss also remembers the process that started it
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text()).group(1))
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
print("peak", peak / 1024)
"""


@dataclasses.dataclass(frozen=True)
class Result:
    """One line of the table.

    Attributes:
        name: what was measured.
        value: the number.
        unit: its unit.
        bar: what it must reach, in words; empty if nothing.
        passed: whether it does; None without a bar.
        note: how it came about.
    """

    name: str
    value: float
    unit: str
    bar: str = ""
    passed: bool | None = None
    note: str = ""


def side_by_side(rounds: int, *runs: Callable[[], Any]) -> list[float]:
    """Median seconds of each, taken in turn (A B A B ...) after one untimed turn."""
    seconds: list[list[float]] = [[] for _ in runs]
    for turn in range(rounds + 1):
        for place, run in enumerate(runs):
            begin = time.perf_counter()
            run()
            if turn:
                seconds[place].append(time.perf_counter() - begin)
    return [statistics.median(taken) for taken in seconds]


def against_plain(scenario: Scenario, plain_months: int, rounds: int) -> list[Result]:
    """The whole run of `simulate` against the plain Mesa model, timed on its first months and scaled by the month."""
    short = scenario.with_months(plain_months)

    def plain() -> None:
        model = PlainModel(short, 0)
        for _ in range(plain_months):
            model.step()

    ours, theirs = side_by_side(rounds, lambda: simulate(scenario, 0, log_level=0), plain)
    ours_month, theirs_month = ours / scenario.months, theirs / plain_months
    ratio = theirs_month / ours_month
    scaled = f"timed on {plain_months} months, scaled by the month"
    return [
        Result(f"simulate, {scenario.months} months", ours * 1e3, "ms", note="no log, warm"),
        Result("simulate, a month", ours_month * 1e6, "us"),
        Result("plain Mesa model, a month", theirs_month * 1e6, "us", note=scaled),
        Result("plain / simulate", ratio, "times", ">= 100 (aim 300)", ratio >= 100, scaled),
    ]


def against_floor(scenario: Scenario, rounds: int) -> list[Result]:
    """The whole run of `simulate` against the floor of the same size."""
    simulation = Simulation(scenario, 0, log_level=0)
    n, networks = len(simulation.states), simulation.networks
    exponentials = count_exponentials(simulation)
    full, lean = exponentials.monthly(lean=False), exponentials.monthly(lean=True)
    ours, floor, lean_floor = side_by_side(
        rounds,
        lambda: simulate(scenario, 0, log_level=0),
        lambda: run_floor(networks, n, scenario.months, full),
        lambda: run_floor(networks, n, scenario.months, lean),
    )
    ratio, lean_ratio = ours / floor, ours / lean_floor
    month = 1e6 / scenario.months
    return [
        Result("exponentials the rules evaluate, a month", float(full.sum()), "", note="exp, expm1, log, log1p, pow"),
        Result("  of distinct arguments", float(lean.sum()), ""),
        Result("floor, a month", floor * month, "us", note=f"{n} states, {len(networks.neighbour)} edges"),
        Result("simulate / floor", ratio, "times", "<= 3 (aim 2)", ratio <= 3),
        Result("simulate / floor of distinct arguments", lean_ratio, "times", note="the stricter reading"),
    ]


def synthetic(n: int, months: int, degree: int = 8) -> Scenario:
    """The baseline in a generated world, where only onlookers condemn, as it is meant for large worlds."""
    baseline = load_scenario("baseline").with_months(months).with_values({"condemn.reach": "onlookers"})
    return dataclasses.replace(baseline, world=SyntheticWorld(n=n, degree=degree), states={})


def scaling(sizes: tuple[int, ...], months: int, rounds: int) -> list[Result]:
    """Time by edge and month in generated worlds of one degree, each built before.

    The sizes take turns, after one untimed turn; in a turn each runs as many states in all.

    Linear within 25 %: no size lies farther than that from the line time = c x edges x months, with the c that fits
    best in logs. Beside it the stricter aim: an edge at the dearest size costs at most 1.25 times one at the cheapest.
    """
    scenarios = [synthetic(n, months) for n in sizes]
    worlds = [build_world(scenario) for scenario in scenarios]
    nanoseconds: list[list[float]] = [[] for _ in sizes]
    edges = [0 for _ in sizes]
    for turn in range(rounds + 1):
        for place, (scenario, world) in enumerate(zip(scenarios, worlds, strict=True)):
            runs = [Simulation(scenario, 0, log_level=0, world=world) for _ in range(max(sizes) // len(world))]
            edges[place] = len(runs[0].networks.neighbour)
            begin = time.perf_counter()
            for run in runs:
                run.finish()
            if turn:
                taken = time.perf_counter() - begin
                nanoseconds[place].append(1e9 * taken / months / edges[place] / len(runs))
    costs = [statistics.median(taken) for taken in nanoseconds]
    results = [
        Result(f"{n:,} states, an edge and month", cost, "ns", note=f"{count:,} edges, {max(sizes) // n} runs a turn")
        for n, cost, count in zip(sizes, costs, edges, strict=True)
    ]
    line = statistics.geometric_mean(costs)
    off = max(abs(cost / line - 1.0) for cost in costs)
    results.append(Result("farthest from a straight line", 100 * off, "%", "<= 25", off <= 0.25))
    spread = max(costs) / min(costs)
    results.append(Result("largest / smallest cost of an edge", spread, "times", "<= 1.25 (aim)", spread <= 1.25))
    return results


def process(code: str, cache: str | None = None) -> tuple[float, str]:
    """Seconds and output of a new process."""
    environment = dict(os.environ)
    if cache is not None:
        environment["NORMSIM_CACHE_DIR"] = cache
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - begin, done.stdout


def _peak(code: str) -> float:
    """Peak memory of a new process [MB]."""
    _, output = process(code + PEAK)
    return float(output.rpartition("peak")[2])


def command(*arguments: str) -> str:
    """Code of a process that runs a command of normsim and throws away what it prints."""
    return (
        "import contextlib, os, sys\nfrom normsim.cli import main\n"
        f"sys.argv = {['normsim', *arguments]}\n"
        "with contextlib.redirect_stdout(open(os.devnull, 'w')):\n"
        "    try:\n        main()\n    except SystemExit as end:\n        assert not end.code, end.code\n"
    )


def memory(months: int) -> list[Result]:
    """Peak memory of a process that runs the baseline, and of the command line."""
    run = f"from normsim import simulate, load_scenario\nsimulate(load_scenario('baseline').with_months({months}))\n"
    results = []
    for name, code in (("simulate", run), ("normsim run", command("run", "baseline", "--months", str(months)))):
        peak = _peak(code)
        results.append(Result(f"peak memory of {name}", peak, "MB", "< 400", peak < 400, f"{months} months"))
    return results


def starts(scenario: str, rounds: int) -> list[Result]:
    """The command line: a first run ever, which compiles; then runs, lists of scenarios and bare imports in turn."""
    codes = (command("run", scenario), command("scenario", "list"), "import numpy, numba")
    with tempfile.TemporaryDirectory() as cache:
        cold, _ = process(codes[0], cache)
        run, listed, bare = side_by_side(rounds, *(partial(process, code, cache) for code in codes))
    return [
        Result(f"normsim run {scenario}, the first ever", cold, "s", note="compiles"),
        Result(f"normsim run {scenario}, warm", run, "s", "about 1", run <= 1.25),
        Result("normsim scenario list, warm", listed, "s", "< 0.5", listed < 0.5),
        Result("python, importing numpy and numba", bare, "s"),
    ]
