"""In what share of the points is the true effect above a threshold, where each point was run a few times only?

Counting means above the threshold would count luck: a point whose effect is small has the wrong sign nearly every other
time. So the distribution of the true effects is estimated first. At point k the t statistic of the paired differences
follows a noncentral t distribution whose parameter is the true effect over its standard error (if differences are
normal). The distribution of that parameter over the points is fitted by maximum likelihood on a grid, without a shape
[Kiefer and Wolfowitz 1956; Koenker and Gu 2017], and the share is what of it lies above zero. A point's own
probability follows by Bayes' rule; one minus it is its chance of another sign.

Taking the effect in units of its own error needs no common variance: points may differ in scale by any factor.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

LARGEST = 8.0
"""Standard errors beyond which an effect's sign is as good as known; t statistics are cut there."""

GRID = np.linspace(-LARGEST, LARGEST, 65)
"""True effects in standard errors on which their distribution is fitted; zero is one of them."""

NODES = 64
"""Nodes of the integral over the unknown standard deviation."""

ENOUGH, STEPS = 1e-6, 20_000
"""Gain in the logarithm of the likelihood below which the fit (EM) ends, and its most steps."""

FLAT, RESAMPLED_STEPS = 0.1, 200
"""Fits to resampled points: how much of their start is flat, the rest being the fit to all, and their steps."""

RESAMPLES = 200
"""Resamples of the points behind the interval."""

SEED = 20230707
"""Seed of that resampling, so that the same results give the same interval."""


class Share(NamedTuple):
    """A share of the points.

    Attributes:
        value: the share, not a number where there is no point.
        low: lower end of its 95 % interval over points (bootstrap); the interval holds the share.
        high: upper end.
        below: the share whose true effect is below the threshold.
        each: probability of each point that its true effect is above the threshold.
    """

    value: float
    low: float
    high: float
    below: float
    each: np.ndarray


def share_above(
    differences: np.ndarray,
    threshold: float = 0.0,
    among: np.ndarray | None = None,
    resamples: int = RESAMPLES,
) -> Share:
    """The share of points whose true effect is above a threshold.

    A point all of whose differences are exactly zero has no effect: its effect is zero, known without error.

    Args:
        differences: paired differences, shape (points, replications); two replications at least.
        threshold: in the unit of the differences.
        among: the points to look at; all if not given.
        resamples: resamples of the points behind the interval.
    """
    none = ~differences.any(axis=1)
    chosen = np.ones(len(differences), bool) if among is None else among
    noisy = chosen & ~none
    if not chosen.any():
        return Share(math.nan, math.nan, math.nan, math.nan, np.full(len(differences), math.nan))
    each = np.full(len(differences), float(threshold < 0.0))
    weights = _resampled(chosen, resamples)
    total = np.maximum(weights.sum(axis=1), 1.0)
    without = weights[:, chosen & none].sum(axis=1) / total
    above, below = without * float(threshold < 0.0), without * float(threshold > 0.0)
    if noisy.any():
        likelihood = _likelihood(differences[noisy] - threshold)
        part = weights[:, noisy].sum(axis=1) / total
        # a resample without any of these points is fitted to all of them, and then counts for nothing
        with threadpool_limits(1):  # the matrices are small: more threads wait for each other
            fits = _fit(likelihood, np.where(part[:, None] > 0.0, weights[:, noisy], 1.0))
        above, below = above + part * fits[:, GRID > 0.0].sum(axis=1), below + part * fits[:, GRID < 0.0].sum(axis=1)
        joint = likelihood * fits[0]
        each[noisy] = joint[:, GRID > 0.0].sum(axis=1) / joint.sum(axis=1)
    low, high = np.quantile(above[1:], (0.025, 0.975))
    # the fit to all points gets nearer to 0 and 1 than those to resampled ones, so it may lie outside
    value = float(above[0])
    return Share(value, min(float(low), value), max(float(high), value), float(below[0]), each)


def t_statistics(differences: np.ndarray) -> np.ndarray:
    """Student's t of each row against zero, cut at `LARGEST`; a row without spread has the largest."""
    mean, n = differences.mean(axis=1), differences.shape[1]
    error = differences.std(axis=1, ddof=1) / math.sqrt(n)
    tiny = error <= 1e-12 * np.abs(mean)
    ratio = np.divide(mean, error, out=np.where(mean >= 0.0, LARGEST, -LARGEST), where=~tiny)
    return np.clip(ratio, -LARGEST, LARGEST)


def _resampled(chosen: np.ndarray, resamples: int) -> np.ndarray:
    """How often each point counts: once in the first row, as resampled in the others."""
    from scipy import stats

    points = len(chosen)
    drawn = stats.multinomial(points, np.full(points, 1.0 / points)).rvs(resamples, random_state=SEED)
    return np.vstack([np.ones(points), drawn]) * chosen


@cache
def _spread(degrees: int) -> np.ndarray:
    """Estimated over true standard deviation at equally likely places."""
    from scipy import stats

    return np.sqrt(stats.chi2.ppf((np.arange(NODES) + 0.5) / NODES, degrees) / degrees)


def _likelihood(differences: np.ndarray) -> np.ndarray:
    """Density of the noncentral t of each row (points) at each true effect of the grid."""
    t = t_statistics(differences)[:, None, None]
    ratio = _spread(differences.shape[1] - 1)
    density = ratio * np.exp(-0.5 * (ratio * t - GRID[None, :, None]) ** 2)
    found = np.asarray(density.mean(axis=2))
    return found / found.max(axis=1, keepdims=True) + 1e-12  # a row's scale is of no account; none is impossible


def _fit(likelihood: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The distribution over the grid that makes the points likeliest, for each row of weights: EM, rows all at once."""
    flat = np.full(likelihood.shape[1], 1.0 / likelihood.shape[1])
    fit, reached, once = flat, -math.inf, weights[0]
    total, across = once.sum(), likelihood.T
    for _ in range(STEPS):  # thousands of steps over one row: in vectors, and nothing is summed twice
        density = fit @ across
        before, reached = reached, float((once * np.log(density)).sum())
        if reached - before < ENOUGH:
            break
        fit = fit * ((once / density) @ likelihood) / total
    # part of the start is flat, so that the resampled fits can go elsewhere
    others = np.repeat(((1.0 - FLAT) * fit + FLAT * flat)[None], len(weights) - 1, axis=0)
    resampled, totals = weights[1:], weights[1:].sum(axis=1, keepdims=True)
    for _ in range(RESAMPLED_STEPS):
        others = others * ((resampled / (others @ across)) @ likelihood) / totals
    return np.vstack([fit[None], others])
