"""Paired effects of an experiment: what a scenario or a factor's level changes, run by run on the same seed."""

import math
import warnings
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from normsim.analysis.frames import Results, factor_names, listed, outcome_table
from normsim.config.messages import nearest
from normsim.errors import AnalysisError

Interval = Literal["t", "bootstrap"]

LEVEL = 0.95
"""Confidence level of every interval."""

RESAMPLES = 1999
"""Resamples of a bootstrap interval."""

BOOTSTRAP_SEED = 20231124
"""Seed of the resampling, so that the same results give the same interval."""

BATCH = 1_000_000
"""Most numbers that are resampled at a time."""

MOST_NEEDED = 10**9
"""Replications beyond which a wanted half-width is out of reach."""

METHODS: dict[Interval, str] = {
    "t": "Student's t",
    "bootstrap": f"BCa bootstrap, {RESAMPLES} resamples, seed {BOOTSTRAP_SEED}",
}
"""The intervals, in the words that the output carries."""


class _Pairing(NamedTuple):
    """Which point is compared with which.

    Attributes:
        pairs: a row a pair: point, scenario, factors, and the baseline's point as `base`.
        labels: columns that tell pairs apart when they are pooled.
    """

    pairs: pd.DataFrame
    labels: list[str]


class _Pair(NamedTuple):
    """The runs of a point and of its baseline, replication by replication: rows are runs, columns outcomes."""

    labels: dict[str, Any]
    point: int
    seeds: np.ndarray
    first: np.ndarray
    second: np.ndarray


def paired_effects(
    results: Results,
    baseline: str,
    outcomes: Iterable[str] | None = None,
    interval: Interval = "t",
    *,
    half_width: float | None = None,
    pooled: bool = False,
) -> pd.DataFrame:
    """What every point changes against its baseline, as the mean of the differences between runs of the same seed.

    A point's baseline has the same factors in the baseline scenario; or, if the baseline is a factor's level, the same
    scenario and the same other factors at that level.

    Pooled, the differences of all points are taken together. Runs of one point have their factors in common and runs
    of one seed their luck, so the interval counts both as clusters (Cameron, Gelbach and Miller 2011): it holds for
    other points and other seeds alike.

    Args:
        results: results of an experiment with common seeds.
        baseline: a scenario's label, or a factor's level such as `norm.recurrence=0`.
        outcomes: names of outcomes; all that were kept if not given.
        interval: `t` (Student's t) or `bootstrap` (BCa).
        half_width: half-width wanted of the intervals, in the outcome's unit: says how many replications it takes.
        pooled: one row over all factor values instead of one a point.

    Returns:
        a row an outcome and point: point, scenario, factors, outcome, baseline_mean, mean, difference (mean minus
        baseline_mean), low, high (95 %), n pairs of the `of` planned, mc_error (standard error of the difference),
        needed (replications in all for the half-width; missing if none was given or they are out of reach), verdict,
        interval (its method). Pooled: the number of points in place of point, factors and needed.

    Raises:
        AnalysisError: the baseline, an outcome or an option cannot be taken, or runs do not share their seeds.
    """
    if interval not in METHODS:
        raise AnalysisError(f"interval {interval!r}: allowed are {' and '.join(METHODS)}")
    if half_width is not None and not (math.isfinite(half_width) and half_width > 0.0):
        raise AnalysisError(f"half-width {half_width:g}: allowed is a number above 0, in the unit of the outcome")
    if pooled and (interval != "t" or half_width is not None):
        raise AnalysisError("pooled effects have t intervals and no half-width: leave out bootstrap and the half-width")
    table, names = outcome_table(results, outcomes)
    pairing = _pairing(results, baseline)
    planned = int(results.experiment.replications)
    pairs = _matched(table, pairing.pairs, names)
    if pooled:
        return pd.DataFrame(_pooled_rows(pairs, pairing.labels, names, planned))
    rows = []
    for pair in pairs:
        for place, name in enumerate(names):
            effect = _effect(pair.first[:, place], pair.second[:, place], interval, half_width)
            rows.append(pair.labels | {"outcome": name} | _told(effect, planned) | {"interval": METHODS[interval]})
    return pd.DataFrame(rows).astype({"needed": "Int64"})


def replications_needed(deviation: float, half_width: float) -> int | None:
    """The fewest replications, two at least, whose 95 % interval (Student's t) is no wider than wanted.

    Args:
        deviation: standard deviation of the paired differences.
        half_width: half of the width wanted, in the same unit.

    Returns:
        their number; None if it is more than `MOST_NEEDED`.
    """
    ratio = deviation / half_width
    if not ratio < math.sqrt(MOST_NEEDED) / 2:
        return None
    # Student's t is wider than the normal, so this is where to start from below
    n = max(2, math.ceil((student(math.inf) * ratio) ** 2))
    while student(n - 1) * deviation > half_width * math.sqrt(n):
        n += 1
    return n


@cache
def student(degrees: float) -> float:
    """How many standard errors an interval of Student's t reaches to either side of a mean.

    Args:
        degrees: degrees of freedom.
    """
    from scipy import stats

    return float(stats.t.ppf(0.5 + LEVEL / 2, degrees))


def _pairing(results: Results, baseline: str) -> _Pairing:
    """Each point beside its baseline's."""
    factors, points = factor_names(results), results.points.sort_values("point")
    # designs may hold the same factor values twice; those are paired in order
    points = points.assign(nth=points.groupby(["scenario", *factors], dropna=False).cumcount())
    scenarios = list(dict.fromkeys(points["scenario"]))
    if baseline in scenarios:
        if len(scenarios) == 1:
            example = f", such as {factors[0]}={points[factors[0]].iloc[0]}" if factors else ""
            raise AnalysisError(
                f"{baseline} is the only scenario of this experiment: name a factor's level as baseline{example}"
            )
        chosen, same, labels = points["scenario"] == baseline, [*factors, "nth"], ["scenario"]
    else:
        factor, _, text = baseline.partition("=")
        factor, text = factor.strip(), text.strip()
        if factor not in factors:
            raise AnalysisError(_unknown(baseline, scenarios, factors))
        chosen = points[factor].map(lambda value: _is(value, text))
        if not chosen.any():
            levels = points[factor].drop_duplicates().sort_values()
            raise AnalysisError(f"baseline {baseline}: no point has that level; {factor} is {listed(levels)}")
        level = _moving_together(results, factor)
        same = ["scenario", *(other for other in factors if other not in level), "nth"]
        labels = ["scenario", *level]
    base = points.loc[chosen, [*same, "point"]].rename(columns={"point": "base"})
    pairs = points[~chosen].merge(base, on=same, how="left", validate="many_to_one").sort_values("point")
    alone = pairs.loc[pairs["base"].isna(), "point"]
    if pairs.empty or len(alone):
        which = f"{len(alone)} of {len(pairs)} points (point {listed(alone)})" if len(alone) else "all points"
        raise AnalysisError(
            f"baseline {baseline}: {which} have no other to be compared with; "
            "a factor's levels can be compared where the other factors are equal, as in a grid"
        )
    return _Pairing(pairs.drop(columns="nth").astype({"base": int}), labels)


def _moving_together(results: Results, factor: str) -> list[str]:
    """The factor, with those of its block whose values are listed beside its own."""
    blocks = (block for block in results.experiment.blocks if factor in block.names)
    return next((list(block.names) for block in blocks if block.method in ("zip", "list")), [factor])


def _unknown(baseline: str, scenarios: list[str], factors: list[str]) -> str:
    """What to say of a baseline that is neither a scenario nor a level."""
    name = baseline.partition("=")[0].strip()
    hint = nearest(name, scenarios + factors)
    levels = f", or a factor's level such as {factors[0]}=0; factors are {listed(factors)}" if factors else ""
    return f"baseline {baseline!r} is no scenario of this experiment{hint}; scenarios are {listed(scenarios)}{levels}"


def _is(value: object, text: str) -> bool:
    """Whether a level is the one that the text names."""
    try:
        return float(text) == float(str(value))
    except ValueError:
        return text == str(value)


def _matched(table: pd.DataFrame, pairs: pd.DataFrame, names: list[str]) -> Iterator[_Pair]:
    """The runs of both points of each pair that share replication and seed."""
    runs = {point: part.set_index("replication") for point, part in table.groupby("point")}
    none = table.iloc[:0].set_index("replication")
    for row in pairs.to_dict("records"):
        point, base = int(row["point"]), int(row.pop("base"))
        second, first = runs.get(point, none), runs.get(base, none)
        both = first.index.intersection(second.index)
        first, second = first.loc[both], second.loc[both]
        odd = both[(first["seed"] != second["seed"]).to_numpy()]
        if len(odd):
            raise AnalysisError(
                f"points {base} and {point} have different seeds in replication {listed(odd)}: only runs of the same "
                'seed can be paired; run the experiment with seeds = "common"'
            )
        values = [part[names].to_numpy(float) for part in (first, second)]
        yield _Pair({str(key): value for key, value in row.items()}, point, first["seed"].to_numpy(), *values)


class _Effect(NamedTuple):
    """A mean difference with its interval."""

    first: float
    second: float
    low: float
    high: float
    n: int
    error: float
    needed: int | None = None

    @property
    def verdict(self) -> str:
        """What the interval says of the sign."""
        difference = self.second - self.first
        if self.n == 0:
            return "no pair of runs"
        if math.isnan(self.low):
            return "no interval"
        if self.low <= 0.0 <= self.high:
            return "not distinguishable from zero"
        return "higher" if difference > 0.0 else "lower"


def _told(effect: _Effect, planned: int) -> dict[str, Any]:
    """An effect as columns."""
    return {
        "baseline_mean": effect.first,
        "mean": effect.second,
        "difference": effect.second - effect.first,
        "low": effect.low,
        "high": effect.high,
        "n": effect.n,
        "of": planned,
        "mc_error": effect.error,
        "needed": effect.needed,
        "verdict": effect.verdict,
    }


def _effect(first: np.ndarray, second: np.ndarray, interval: Interval, half_width: float | None) -> _Effect:
    """The effect on one outcome at one point."""
    known = np.isfinite(first) & np.isfinite(second)
    first, second, n = first[known], second[known], int(known.sum())
    if n == 0:
        return _Effect(math.nan, math.nan, math.nan, math.nan, 0, math.nan)
    means = float(first.mean()), float(second.mean())
    if n == 1:
        return _Effect(*means, math.nan, math.nan, 1, math.nan)
    difference = second - first
    middle, deviation = float(difference.mean()), float(difference.std(ddof=1))
    error = deviation / math.sqrt(n)
    half = student(n - 1) * error
    ends = (middle - half, middle + half)
    if interval == "bootstrap" and np.ptp(difference) > 0.0:
        ends = _bootstrap(difference)
    needed = None if half_width is None else replications_needed(deviation, half_width)
    return _Effect(*means, *ends, n, error, needed)


def _bootstrap(difference: np.ndarray) -> tuple[float, float]:
    """The BCa interval of the mean; not a number where too few runs differ to give one."""
    from scipy import stats

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (difference,),
            np.mean,
            n_resamples=RESAMPLES,
            confidence_level=LEVEL,
            method="BCa",
            vectorized=True,
            batch=max(1, BATCH // len(difference)),
            rng=BOOTSTRAP_SEED,
        )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _pooled_rows(pairs: Iterable[_Pair], labels: list[str], names: list[str], planned: int) -> list[dict[str, Any]]:
    """One row a group of pairs and an outcome."""
    groups: dict[tuple[Any, ...], list[_Pair]] = {}
    for pair in pairs:
        groups.setdefault(tuple(pair.labels[name] for name in labels), []).append(pair)
    rows = []
    for key, members in groups.items():
        points = np.repeat([pair.point for pair in members], [len(pair.seeds) for pair in members])
        seeds = np.concatenate([pair.seeds for pair in members])
        first, second = (np.concatenate(side) for side in zip(*((p.first, p.second) for p in members), strict=True))
        for place, name in enumerate(names):
            effect, used = _pooled_effect(first[:, place], second[:, place], points, seeds)
            told = _told(effect, planned * len(members))
            del told["needed"]
            how = f"{METHODS['t']}, clustered by point and seed"
            rows.append(
                dict(zip(labels, key, strict=True)) | {"points": used, "outcome": name} | told | {"interval": how}
            )
    return rows


def _pooled_effect(first: np.ndarray, second: np.ndarray, points: np.ndarray, seeds: np.ndarray) -> tuple[_Effect, int]:
    """The effect on one outcome over several points, and how many points are in it."""
    known = np.isfinite(first) & np.isfinite(second)
    first, second, points, seeds = first[known], second[known], points[known], seeds[known]
    n, sizes = len(first), [len(np.unique(which)) for which in (points, seeds)]
    if n == 0:
        return _Effect(math.nan, math.nan, math.nan, math.nan, 0, math.nan), 0
    means = float(first.mean()), float(second.mean())
    if sizes[0] == 1:
        return _effect(first, second, "t", None), 1
    if sizes[1] == 1:  # what these points have in common may be the luck of their one seed
        return _Effect(*means, math.nan, math.nan, n, math.nan), sizes[0]
    middle = means[1] - means[0]
    rest = second - first - middle
    by_point, by_seed = _clustered(rest, points), _clustered(rest, seeds)
    alone = float((rest**2).sum()) / (n * (n - 1))
    # the sum of both counts what is a run's own twice; it is never less than either
    error = math.sqrt(max(by_point + by_seed - alone, by_point, by_seed))
    half = student(min(sizes) - 1) * error
    return _Effect(*means, middle - half, middle + half, n, error), sizes[0]


def _clustered(rest: np.ndarray, which: np.ndarray) -> float:
    """Variance of a mean whose deviations come in clusters."""
    sums = np.bincount(np.unique(which, return_inverse=True)[1], weights=rest)
    clusters = len(sums)
    return float(clusters / (clusters - 1) * (sums**2).sum() / len(rest) ** 2)
