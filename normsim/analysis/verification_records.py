"""What a limiting case says of the engine: lines of a table, curves, and how lines are judged."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from normsim.stats import LEVEL, half_width, standard_error

FAMILY_ERROR = 1e-6
"""Chance that a correct engine fails one statistical line."""


@dataclass(frozen=True)
class Sizes:
    """Sizes and parameters of the cases; None leaves a case its own value.

    Attributes:
        phi: threshold of Watts' cascades [0-1].
        degree: mean degrees of Watts' graphs.
        seeds: seeds of a case with chance in it; starters per graph of Watts' cascades.
        nodes: states.
        graphs: random graphs.
        mean: mean of Granovetter's normal thresholds.
        sd: standard deviations of these thresholds.
        memory: partners a state looks to in the committed minority.
        share: shares of the committed minority.
    """

    phi: float | None = None
    degree: tuple[int, ...] = ()
    seeds: int | None = None
    nodes: int | None = None
    graphs: int | None = None
    mean: float | None = None
    sd: tuple[float, ...] = ()
    memory: int | None = None
    share: tuple[float, ...] = ()

    def given(self) -> list[str]:
        """Names of what is set."""
        return [name for name, value in vars(self).items() if value not in (None, ())]


@dataclass(frozen=True)
class Line:
    """One number that the engine must reproduce.

    Attributes:
        what: what is measured.
        target: the published or derived value.
        measured: the engine's value.
        low: lower end of its 95 % interval, NaN if there is no chance in it.
        high: upper end.
        n: runs, states or events behind it.
        tolerance: largest difference that passes, and why, in words.
        passed: whether it is met; None if it is only told.
    """

    what: str
    target: float
    measured: float
    n: int
    tolerance: str
    passed: bool | None
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Curve:
    """A curve beside what theory says of it.

    Attributes:
        name: file name of its figure.
        title: what is shown.
        x_label: axis of `x` and `points`, with unit.
        y_label: axis of the values, with unit.
        x: where theory is drawn.
        target: theory there.
        points: where the engine was run.
        measured: its values there.
        marks: places on the x axis to mark, such as a critical value.
    """

    name: str
    title: str
    x_label: str
    y_label: str
    x: np.ndarray
    target: np.ndarray
    points: np.ndarray
    measured: np.ndarray
    marks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Findings:
    """What a case found: lines of the table, and curves."""

    lines: list[Line]
    curves: list[Curve] = field(default_factory=list)


Tick = Callable[[], None]
"""Called after each run of the engine, for the progress that is shown."""


@dataclass(frozen=True)
class Case:
    """A limiting case.

    Attributes:
        name: its name on the command line.
        title: what the engine becomes.
        sources: keys in `references.toml`.
        how: how it is run: what is on, everything else being at its null.
        runs: how many runs of the engine it takes, given the sizes.
        measure: runs it.
        takes: the sizes that it reads.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    how: str
    runs: Callable[[Sizes], int]
    measure: Callable[[Sizes, Tick], Findings]
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inexpressible:
    """A published case that the engine cannot run, and why."""

    name: str
    title: str
    sources: tuple[str, ...]
    why: str


def exact(what: str, target: Any, measured: Any, n: int = 1, within: float = 0.0, why: str = "exact") -> Line:
    """A line without chance: numbers, or arrays of which the largest difference counts.

    Args:
        what: what is measured.
        target: the value, or an array.
        measured: the engine's, of the same shape.
        n: how many numbers or runs are behind it.
        within: largest difference that passes.
        why: reason for this tolerance.
    """
    want, got = np.asarray(target, float), np.asarray(measured, float)
    apart = float(np.abs(got - want).max())
    shown = (float(want), float(got)) if want.ndim == 0 else (0.0, apart)
    name = what if want.ndim == 0 else f"{what}: largest difference"
    told = f"{within:g}: {why}" if within else why
    return Line(name, *shown, n, told, bool(apart <= within))


def share_line(what: str, target: float, hits: int, n: int) -> Line:
    """A line on a share of independent trials: exact binomial test, Wilson interval."""
    from scipy import stats

    result = stats.binomtest(int(hits), int(n), float(target))
    low, high = result.proportion_ci(LEVEL, "wilson")
    told = f"binomial test, p > {FAMILY_ERROR:g}"
    return Line(what, target, hits / n, n, told, bool(result.pvalue > FAMILY_ERROR), float(low), float(high))


def mean_line(
    what: str, target: float, values: Sequence[float] | np.ndarray, within: float = 0.0, why: str = ""
) -> Line:
    """A line on a mean of independent runs: within its Student interval at the family error, widened by a bias.

    Args:
        what: what is measured.
        target: the value.
        values: one per run.
        within: bias that is allowed on top, such as that of a finite world.
        why: reason for it.
    """
    from scipy import stats

    found = np.asarray(values, float)
    n = len(found)
    mean, error, half = float(found.mean()), float(standard_error(found)), float(half_width(found))
    allowed = within + (float(stats.t.ppf(1 - FAMILY_ERROR / 2, n - 1)) * error if n > 1 else 0.0)
    told = f"interval at 1 - {FAMILY_ERROR:g}" + (f", widened by {within:g}: {why}" if within else "")
    return Line(what, target, mean, n, told, bool(abs(mean - target) <= allowed), mean - half, mean + half)


def p_line(what: str, p: float, n: int, checks: int = 1) -> Line:
    """A line on a test of a whole distribution, of which only the p value can be shown."""
    least = FAMILY_ERROR / checks
    return Line(f"{what}: p value", math.nan, p, n, f"p > {least:.1g}", bool(p > least))
