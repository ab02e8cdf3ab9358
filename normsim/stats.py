"""Statistics shared by the whole package: Student's t, means with intervals, and paired effects.

Every interval is a 95 % interval of Student's t over runs. Every effect is a scenario minus its baseline.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
"""Confidence level of every interval."""


@cache
def student(degrees: float) -> float:
    """Return the two-sided 95 % quantile of Student's t: an interval reaches so many standard errors to either side.

    Args:
        degrees: degrees of freedom; infinity gives the normal distribution.

    Returns:
        the quantile; NaN below one degree of freedom.

    Example:
        >>> round(student(19), 3)
        2.093
    """
    if degrees < 1:
        return math.nan
    from scipy.special import stdtrit  # the quantile that scipy.stats uses, at a third of its import time

    return float(stdtrit(degrees, 0.5 + LEVEL / 2))


def standard_error(values: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean over the first axis; NaN for fewer than two values.

    Args:
        values: one row per run.
    """
    values = np.asarray(values, float)
    n = len(values)
    return np.full(values.shape[1:], math.nan) if n < 2 else np.asarray(values.std(axis=0, ddof=1) / math.sqrt(n))


def half_width(values: np.ndarray) -> np.ndarray:
    """Return half the width of the 95 % interval of the mean over the first axis; NaN for fewer than two values.

    Args:
        values: one row per run.
    """
    return np.asarray(student(len(values) - 1) * standard_error(values))


class Mean(NamedTuple):
    """A mean with its 95 % interval.

    Attributes:
        value: the mean; NaN without values.
        low: lower end of the interval; NaN for fewer than two values.
        high: upper end.
        n: number of values.
    """

    value: float
    low: float
    high: float
    n: int


def mean_interval(values: Iterable[float]) -> Mean:
    """Return the mean of some values with its 95 % interval; NaN is left out.

    Args:
        values: one value per run.

    Example:
        >>> mean_interval([1.0, 2.0, 3.0]).value
        2.0
    """
    known = np.asarray(values if isinstance(values, np.ndarray) else list(values), float)
    known = known[np.isfinite(known)]
    if not len(known):
        return Mean(math.nan, math.nan, math.nan, 0)
    value, half = float(known.mean()), float(half_width(known))
    return Mean(value, value - half, value + half, len(known))


@dataclass(frozen=True)
class Effect:
    """Effect on one outcome: a scenario minus its baseline, paired by seed.

    Attributes:
        outcome: name of the outcome.
        mean: its mean in the scenario.
        baseline_mean: its mean in the baseline.
        difference: mean of the paired differences, scenario minus baseline.
        low: lower end of the 95 % interval of the difference; NaN for fewer than two pairs.
        high: upper end.
        n: number of pairs of runs.
        mc_error: Monte Carlo error: standard error of the difference; NaN for fewer than two pairs.
    """

    outcome: str
    mean: float
    baseline_mean: float
    difference: float
    low: float
    high: float
    n: int
    mc_error: float

    @property
    def distinguishable(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0.0 or self.high < 0.0

    @property
    def verdict(self) -> str:
        """What the interval says about the sign: `higher` or `lower` than the baseline, or why it says nothing."""
        if self.n == 0:
            return "no pair of runs"
        if math.isnan(self.low):
            return "no interval"
        if not self.distinguishable:
            return "not distinguishable from zero"
        return "higher" if self.difference > 0.0 else "lower"


def paired_effect(outcome: str, scenario: Iterable[float], baseline: Iterable[float]) -> Effect:
    """Return the effect on one outcome: scenario minus baseline, run by run on the same seed.

    A pair in which either value is unknown (NaN) is left out.

    Args:
        outcome: name of the outcome.
        scenario: one value per run of the scenario.
        baseline: one value per run of the baseline, in the same order of seeds.

    Example:
        >>> paired_effect("parties", [12.0, 14.0], [10.0, 11.0]).difference
        2.5
    """
    a, b = (np.asarray(side if isinstance(side, np.ndarray) else list(side), float) for side in (scenario, baseline))
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    difference = mean_interval(a - b)
    if not difference.n:
        return Effect(outcome, math.nan, math.nan, *difference, math.nan)
    return Effect(outcome, float(a.mean()), float(b.mean()), *difference, float(standard_error(a - b)))
