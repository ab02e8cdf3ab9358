"""Paired effects of an experiment: a scenario, or a level of a factor, minus its baseline, run by run on one seed."""

import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from normsim.analysis.frames import Results, factor_names, listed, outcome_table
from normsim.config.messages import nearest
from normsim.errors import AnalysisError
from normsim.stats import LEVEL, Effect, paired_effect, student

Interval = Literal["t", "bootstrap"]

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
        pairs: one row per pair: point, scenario, factors, and the baseline's point as `base`.
        labels: columns that tell pairs apart when they are pooled.
    """

    pairs: pd.DataFrame
    labels: list[str]


class _Pair(NamedTuple):
    """The runs of a point and of its baseline, replication by replication: rows are runs, columns outcomes."""

    labels: dict[str, Any]
    point: int
    seeds: np.ndarray
    scenario: np.ndarray
    baseline: np.ndarray


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
    of one seed their random numbers, so the interval counts both as clusters (Cameron, Gelbach and Miller 2011): it
    holds for other points and other seeds alike.

    Args:
        results: results of an experiment with common seeds.
        baseline: a scenario's label, or a factor's level such as `norm.recurrence=0`.
        outcomes: names of outcomes; all that were kept if not given.
        interval: `t` (Student's t) or `bootstrap` (BCa).
        half_width: half-width wanted of the intervals, in the outcome's unit: says how many replications it takes.
        pooled: one row over all factor values instead of one per point.

    Returns:
        one row per outcome and point: point, scenario, factors, outcome, baseline_mean, mean, difference (mean minus
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
            scenario, base = pair.scenario[:, place], pair.baseline[:, place]
            effect = paired_effect(name, scenario, base)
            if interval == "bootstrap":
                effect = _bootstrapped(effect, scenario - base)
            deviation = effect.mc_error * math.sqrt(effect.n)
            needed = replications_needed(deviation, half_width) if half_width is not None and effect.n > 1 else None
            last = {"needed": needed, "verdict": effect.verdict, "interval": METHODS[interval]}
            rows.append(pair.labels | _row(effect, planned) | last)
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
    if base.duplicated(same).any():
        raise AnalysisError(
            f"baseline {baseline}: several points have that level where {listed(same[:-1])} are equal, "
            "so none is the baseline of a point; name a scenario, or a level that one point of each kind has"
        )
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
        scenario, baseline = runs.get(point, none), runs.get(base, none)
        both = baseline.index.intersection(scenario.index)
        scenario, baseline = scenario.loc[both], baseline.loc[both]
        odd = both[(scenario["seed"] != baseline["seed"]).to_numpy()]
        if len(odd):
            raise AnalysisError(
                f"points {base} and {point} have different seeds in replication {listed(odd)}: only runs of the same "
                'seed can be paired; run the experiment with seeds = "common"'
            )
        values = [part[names].to_numpy(float) for part in (scenario, baseline)]
        yield _Pair({str(key): value for key, value in row.items()}, point, scenario["seed"].to_numpy(), *values)


def _row(effect: Effect, planned: int) -> dict[str, Any]:
    """An effect as columns."""
    return {
        "outcome": effect.outcome,
        "baseline_mean": effect.baseline_mean,
        "mean": effect.mean,
        "difference": effect.difference,
        "low": effect.low,
        "high": effect.high,
        "n": effect.n,
        "of": planned,
        "mc_error": effect.mc_error,
    }


def _bootstrapped(effect: Effect, difference: np.ndarray) -> Effect:
    """The effect with a bootstrap interval in place of Student's t."""
    known = difference[np.isfinite(difference)]
    if len(known) < 2 or np.ptp(known) == 0.0:
        return effect
    low, high = _bootstrap(known)
    return replace(effect, low=low, high=high)


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
    """One row per group of pairs and outcome."""
    groups: dict[tuple[Any, ...], list[_Pair]] = {}
    for pair in pairs:
        groups.setdefault(tuple(pair.labels[name] for name in labels), []).append(pair)
    how = f"{METHODS['t']}, clustered by point and seed"
    rows = []
    for key, members in groups.items():
        points = np.repeat([pair.point for pair in members], [len(pair.seeds) for pair in members])
        seeds = np.concatenate([pair.seeds for pair in members])
        scenario = np.concatenate([pair.scenario for pair in members])
        baseline = np.concatenate([pair.baseline for pair in members])
        for place, name in enumerate(names):
            effect, used = _pooled_effect(name, scenario[:, place], baseline[:, place], points, seeds)
            row = _row(effect, planned * len(members)) | {"verdict": effect.verdict, "interval": how}
            rows.append(dict(zip(labels, key, strict=True)) | {"points": used} | row)
    return rows


def _pooled_effect(
    outcome: str, scenario: np.ndarray, baseline: np.ndarray, points: np.ndarray, seeds: np.ndarray
) -> tuple[Effect, int]:
    """The effect on one outcome over several points, and how many points contribute to it."""
    effect = paired_effect(outcome, scenario, baseline)
    known = np.isfinite(scenario) & np.isfinite(baseline)
    difference, points, seeds = (scenario - baseline)[known], points[known], seeds[known]
    n, sizes = effect.n, [len(np.unique(which)) for which in (points, seeds)]
    if sizes[0] <= 1:
        return effect, sizes[0]
    if sizes[1] == 1:  # the points may differ only by the random numbers of their one seed
        return replace(effect, low=math.nan, high=math.nan, mc_error=math.nan), sizes[0]
    rest = difference - effect.difference
    by_point, by_seed = _clustered(rest, points), _clustered(rest, seeds)
    alone = float((rest**2).sum()) / (n * (n - 1))
    # the sum counts the variance of a single run twice; the variance is never less than either part
    error = math.sqrt(max(by_point + by_seed - alone, by_point, by_seed))
    half = student(min(sizes) - 1) * error
    low, high = effect.difference - half, effect.difference + half
    return replace(effect, low=low, high=high, mc_error=error), sizes[0]


def _clustered(rest: np.ndarray, which: np.ndarray) -> float:
    """Variance of a mean whose deviations come in clusters."""
    sums = np.bincount(np.unique(which, return_inverse=True)[1], weights=rest)
    clusters = len(sums)
    return float(clusters / (clusters - 1) * (sums**2).sum() / len(rest) ** 2)
