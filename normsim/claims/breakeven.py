"""At which level of a parameter an effect changes its sign."""

from __future__ import annotations

import numpy as np

RESAMPLES = 1000
"""Resamples of the pairs behind the interval."""

SEED = 20230707
"""Seed of that resampling."""

SURE = 0.95
"""Share of the resamples that must agree."""


def break_even(name: str, levels: np.ndarray, differences: np.ndarray) -> str:
    """The level at which the effect changes its sign, with its 95 % interval, in words.

    The mean effect is joined by straight lines between the levels. All levels share their luck, so pairs are resampled
    across them all at once.

    Args:
        name: the parameter.
        levels: its levels, rising.
        differences: differences at each level, turned so that the claimed direction is positive, shape (levels, pairs).
    """
    if not differences.shape[1]:
        return "no pair of runs is done at every level"
    if not differences.any():
        return "no run differs at any level"
    from scipy import stats

    pairs = differences.shape[1]
    weights = stats.multinomial(pairs, np.full(pairs, 1.0 / pairs)).rvs(RESAMPLES, random_state=SEED) / pairs
    crossings = np.array([_crossing(levels, curve) for curve in weights @ differences.T])
    found = np.isfinite(crossings)
    if found.mean() >= SURE:
        low, high = np.quantile(crossings[found], (0.025, 0.975))
        value = _crossing(levels, differences.mean(axis=1))
        return f"{name} = {value:.2g} ({low:.2g} to {high:.2g})"
    if found.mean() <= 1.0 - SURE:
        side = "as claimed" if differences.mean() > 0.0 else "the other way"
        return f"none: {side} at every level of {name} from {levels[0]:g} to {levels[-1]:g}"
    return f"too uncertain: {found.mean():.0%} of resamples have one between {name} {levels[0]:g} and {levels[-1]:g}"


def _crossing(levels: np.ndarray, curve: np.ndarray) -> float:
    """Where a curve first crosses zero; not a number if it does not."""
    places = np.flatnonzero((curve[:-1] > 0.0) != (curve[1:] > 0.0))
    if not len(places):
        return float("nan")
    left, right = places[0], places[0] + 1
    share = curve[left] / (curve[left] - curve[right])
    return float(levels[left] + share * (levels[right] - levels[left]))
