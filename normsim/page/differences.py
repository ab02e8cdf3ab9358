"""Differences: two scenarios over many seeds, pair by pair, with bands, intervals and the difference in every state.

The effects are those of `normsim run A --vs B` on the same seeds; the series and the map show them month by month.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import numpy as np

from normsim.analysis.job_processes import results_of
from normsim.comparison import Comparison, check_comparable
from normsim.engine.outcomes import OUTCOMES
from normsim.engine.simulate import Run, Simulation, build_world
from normsim.errors import AnalysisError
from normsim.page.decisions import month_in
from normsim.page.quantities import QUANTITIES, Quantity, packed
from normsim.page.recorded_run import WORKING, Cache, blocks
from normsim.page.sentences import effects_sentence, sentence
from normsim.page.view import PageError, View, compare_command, month_labels, name_of, other_of, scenario_of
from normsim.scenario import Scenario, ScenarioError
from normsim.stats import Effect, half_width, student

RUNS = 20
"""Pairs of runs if not said otherwise, as on the command line."""

MAX_RUNS = 200
"""Most pairs of runs."""

ALONE = 60
"""Pairs up to which no further processes are started: they would take longer to start than to run."""

BAND = (10, 90)
"""Percentiles of runs between which a band lies."""

DIGITS = 6
"""Significant digits of a series that is sent."""

MAPPED = ("status", "vote", "felt", "validity", "conduct", "approval", "scope", "criticism", "rounds", "contamination")
"""Quantities whose difference is mapped."""

COUNTED = {"status": (3, 4), "vote": (0,)}
"""Of a category, the values that are counted: bound by the convention; a vote for the resolution."""

CALLED = {"status": "Share of runs in which it is bound", "vote": "Share of runs in which it votes yes"}
"""What the difference of a category means."""


class Job(NamedTuple):
    """A run to be made: of which side, on which seed."""

    scenario: Scenario
    seed: int


class Made(NamedTuple):
    """What is kept of a run that was made.

    Attributes:
        measured: its series, dtype `SERIES`.
        final: its states at the end, dtype `STATE`.
        columns: values of the mapped quantities, shape (quantities, months + 1, states).
    """

    measured: np.ndarray
    final: np.ndarray
    columns: np.ndarray


def make(job: Job) -> Made:
    """Make one run."""
    with WORKING:
        simulation = Simulation(job.scenario, job.seed, log_level=0, keep_states=True)
        columns = np.zeros((len(MAPPED), job.scenario.months + 1, len(simulation.world)), np.float32)
        for months, states in blocks(simulation):
            for place, name in enumerate(MAPPED):
                columns[place, months] = _number(QUANTITIES[name], states)
    run = simulation.result()
    return Made(run.measured, run.final, columns)


def _number(quantity: Quantity, states: np.ndarray) -> np.ndarray:
    """A quantity as a number whose mean over runs means something."""
    values = quantity.read(states)
    return np.isin(values, COUNTED[quantity.name]) if quantity.words else values


class Difference(NamedTuple):
    """Two scenarios over many seeds.

    Attributes:
        comparison: all that the command line says of them.
        mean: paired mean difference of each mapped quantity, shape (quantities, months + 1, states).
        clear: where its 95 % interval leaves out zero.
    """

    comparison: Comparison
    mean: np.ndarray
    clear: np.ndarray


class _Pairs:
    """Running mean and squares of paired differences, pair by pair."""

    def __init__(self) -> None:
        self.n = 0
        self.mean: Any = 0.0
        self.squares: Any = 0.0

    def add(self, difference: np.ndarray) -> None:
        """Add one pair."""
        self.n += 1
        away = difference - self.mean
        self.mean = self.mean + away / self.n
        self.squares = self.squares + away * (difference - self.mean)

    def clear(self) -> np.ndarray:
        """Where the 95 % interval of the mean leaves out zero."""
        if self.n < 2:
            return np.zeros(np.shape(self.mean), bool)
        half = student(self.n - 1) * np.sqrt(self.squares / (self.n - 1) / self.n)
        return np.asarray(np.abs(self.mean) > half)


_differences: Cache[Any, Difference] = Cache(3)


def sides(view: View) -> tuple[Scenario, Scenario, View]:
    """The scenario of a view, what it is compared with, and the view of that.

    Raises:
        PageError: it is compared with nothing.
        AnalysisError: the two do not cover the same months.
    """
    other = other_of(view)
    if other is None:
        raise PageError("choose what to compare this scenario with")
    a, b = scenario_of(view)[0], scenario_of(other)[0]
    check_comparable(a, b)
    return a, b, other


def sentence_json(view: View, month: Any, about: Any = "") -> dict[str, Any]:
    """A sentence about a run up to a month, and how sure its difference from the other is, if that was computed.

    Args:
        view: the view.
        month: number of months done; all of them if None.
        about: what it is about, one of `sentences.ABOUT`; a comparison with the other run if none of them.

    Raises:
        PageError: there is no such month.
    """
    months = scenario_of(view)[0].months
    done = 0 if month == 0 else months if month is None else month_in(month, months)
    known = known_difference(view)
    sure = effects_sentence(known.comparison) if known is not None else ""
    return {"month": done, "about": about, "sentence": sentence(view, done, str(about)), "sure": sure}


def runs_in(runs: Any) -> int:
    """A number of pairs.

    Raises:
        PageError: it is none.
    """
    if isinstance(runs, bool) or not isinstance(runs, int) or not 1 <= runs <= MAX_RUNS:
        raise PageError(f"runs {str(runs)[:40]!r}: allowed is a whole number from 1 to {MAX_RUNS}")
    return runs


def known_difference(view: View) -> Difference | None:
    """A difference that was computed lately, with most runs, None if there is none."""
    try:
        a, b, _ = sides(view)
    except (PageError, ScenarioError, AnalysisError):
        return None
    sides_key = (a.fingerprint(), b.fingerprint(), view.seed)
    found = [known for key, known in _differences.items() if key[:3] == sides_key]
    return max(found, key=lambda known: len(known.comparison.seeds), default=None)


def difference(view: View, runs: int) -> Iterator[dict[str, Any]]:
    """Compute the difference, telling how far it is; closing the iterator ends it.

    Args:
        view: the view.
        runs: pairs of runs, from the view's seed on.

    Yields:
        progress, then the result.
    """
    a, b, other = sides(view)
    key = (a.fingerprint(), b.fingerprint(), view.seed, runs)
    known = _differences.peek(key)
    if known is None:
        seeds = range(view.seed, view.seed + runs)
        jobs = [Job(scenario, seed) for seed in seeds for scenario in _at(seed, view, other, (a, b))]
        begun, waiting = time.monotonic(), dict[int, Made]()
        made: tuple[list[Run], list[Run]] = ([], [])
        pairs = _Pairs()
        yield {"progress": 0, "of": len(jobs), "seconds_left": None}
        workers = 1 if runs <= ALONE else 2
        for done, (place, run) in enumerate(results_of(make, jobs, workers, lambda: None), 1):
            waiting[place] = run
            while 2 * pairs.n in waiting and 2 * pairs.n + 1 in waiting:  # in the order of seeds, whatever came first
                first = 2 * pairs.n
                both = waiting.pop(first), waiting.pop(first + 1)
                for side, one in enumerate(both):
                    made[side].append(_run(jobs[first + side], one))
                pairs.add(both[0].columns.astype(np.float64) - both[1].columns)
            spent = time.monotonic() - begun
            yield {"progress": done, "of": len(jobs), "seconds_left": round(spent / done * (len(jobs) - done), 1)}
        comparison = Comparison(tuple(made[0]), tuple(made[1]))
        known = Difference(comparison, pairs.mean.astype(np.float32), pairs.clear())
        _differences.put(key, known)
    yield {"result": _told(view, other, known)}


def _at(seed: int, view: View, other: View, first: tuple[Scenario, Scenario]) -> tuple[Scenario, Scenario]:
    """Both scenarios at a seed: with the posterior each seed has a point of its own."""
    if not view.posterior:
        return first
    mine, theirs = (scenario_of(replace(side, seed=seed))[0] for side in (view, other))
    return mine, theirs


def _run(job: Job, made: Made) -> Run:
    """A run, from what was kept of it."""
    world, none = build_world(job.scenario), np.zeros(0)
    return Run(job.scenario, job.seed, world, made.measured, none, made.final, none)


def _told(view: View, other: View, known: Difference) -> dict[str, Any]:
    """A difference as the browser gets it."""
    comparison = known.comparison
    runs_a, runs_b = comparison.scenario_runs, comparison.baseline_runs
    return {
        "a": name_of(view),
        "b": name_of(other),
        "runs": len(runs_a),
        "seeds": comparison.seeds,
        "months": month_labels(comparison.scenario),
        "outcomes": {
            name: _series(*(np.array([run.outcomes[name] for run in side]) for side in (runs_a, runs_b)))
            for name in OUTCOMES
        },
        "effects": [_effect(effect) for effect in comparison.effects()],
        "map": {name: packed(known.mean[place]) for place, name in enumerate(MAPPED)},
        "clear": {name: packed(known.clear[place].astype(np.uint8)) for place, name in enumerate(MAPPED)},
        "called": CALLED,
        "sentence": effects_sentence(comparison),
        "command": compare_command(view, len(runs_a)),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    """An effect; what is not known is None."""
    told = asdict(effect) | {"verdict": effect.verdict}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in told.items()}


def _series(a: np.ndarray, b: np.ndarray) -> dict[str, dict[str, list[float]]]:
    """Bands of both sides, and the paired difference with its interval, month by month."""
    told = {}
    for name, side in (("a", a), ("b", b)):
        low, high = np.percentile(side, BAND, axis=0)
        told[name] = {"mean": side.mean(axis=0), "low": low, "high": high}
    paired = a - b
    mean = paired.mean(axis=0)
    half = half_width(paired) if len(a) > 1 else np.zeros(len(mean))
    told["difference"] = {"mean": mean, "low": mean - half, "high": mean + half}
    return {side: {name: _short(values) for name, values in band.items()} for side, band in told.items()}


def _short(values: np.ndarray) -> list[float]:
    """Numbers with few digits."""
    size = np.abs(values)
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.where(size > 0.0, size, 1.0))))
    return (np.round(values * scale) / scale).tolist()
