"""Which factors the outcomes depend on: Morris and Sobol indices of a designed experiment."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from normsim.analysis.frames import Results, factor_names, listed, outcome_table
from normsim.errors import AnalysisError

SEED = 20231124
"""Seed of the resampling behind the intervals. Not 0: SALib takes that for none."""

RESAMPLES = 1000

LEVEL = 0.95
"""Confidence level of every interval."""

COLUMNS = ("scenario", "outcome", "factor", "index", "value", "low", "high", "n", "of", "noise")

Rows = list[tuple[str, str, float, float, float]]
"""Factor, index, value, low, high."""


def sensitivity_indices(results: Results, outcomes: Iterable[str] | None = None) -> pd.DataFrame:
    """Morris or Sobol indices of every factor, for each scenario and outcome.

    The outcome of a point is its mean over the replications that have finished at every point of the scenario, so that
    no point is held against another with other luck.

    Morris: `mu_star`, the mean size of the change in the outcome for the whole range of the factor, and `sigma`, how
    far that change differs from place to place. Sobol: `S1`, the share of the outcome's variance that the factor alone
    explains, and `ST`, its share with all its interactions.

    Args:
        results: results of an experiment whose design is one `morris` or one `sobol` block.
        outcomes: names of outcomes; all that were kept if not given.

    Returns:
        scenario, outcome, factor, index, value, low, high (95 %, bootstrap; none for sigma), n replications of the
        `of` planned, noise (share of the variance between single runs that is luck, not factors; missing with one
        replication). Sobol indices of an outcome that never varies are missing.

    Raises:
        AnalysisError: the design is another, has holes, or an outcome was not kept.
    """
    factors, method, block = _design(results)
    table, names = outcome_table(results, outcomes)
    planned = int(results.experiment.replications)
    points = results.points.sort_values("point")
    rows: list[tuple[Any, ...]] = []
    for scenario, own in points.groupby("scenario", sort=False):
        inputs = _numbers(own, factors)
        indices = method(inputs, factors, block)
        runs = table[table["point"].isin(own["point"])]
        for name in names:
            values = _complete(runs, own["point"], name, str(scenario))
            found, noise = indices(values.mean(axis=1)), noise_share(values)
            rows += [(scenario, name, *each, values.shape[1], planned, noise) for each in found]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def noise_share(values: np.ndarray) -> float:
    """Share of the variance between single runs that is luck: what replications of one point differ by.

    Luck that all points share, as with common seeds, does not spread their means; so what spreads them by chance is
    only what remains of a run after its point's and its replication's mean.

    Args:
        values: an outcome, shape (points, replications).
    """
    n_points, n = values.shape
    if n < 2 or n_points < 2:
        return np.nan
    means = values.mean(axis=1)
    within = float(values.var(axis=1, ddof=1).mean())
    rest = values - means[:, None] - values.mean(axis=0) + values.mean()
    own = float((rest**2).sum()) / ((n_points - 1) * (n - 1))
    between = max(float(means.var(ddof=1)) - own / n, 0.0)
    return within / (within + between) if within + between > 0.0 else np.nan


def _design(results: Results) -> tuple[list[str], "Method", Any]:
    """Factors, method and block of a design that has indices."""
    blocks = list(results.experiment.blocks)
    if len(blocks) != 1 or blocks[0].method not in METHODS:
        told = f"is made of {listed(block.method for block in blocks)}" if blocks else "varies no factor"
        raise AnalysisError(
            f"sensitivity needs a design of exactly one block, morris, sobol or latin_hypercube; this one {told}: "
            "run an experiment with one [[design]] block of one of these methods, "
            "or compare its points with: normsim compare"
        )
    return factor_names(results), METHODS[blocks[0].method], blocks[0]


def _numbers(points: pd.DataFrame, factors: list[str]) -> np.ndarray:
    """The factors of the points as numbers, shape (points, factors)."""
    words = [name for name in factors if not pd.api.types.is_numeric_dtype(points[name])]
    if words:
        raise AnalysisError(f"{listed(words)}: sensitivity indices need factors that are numbers; leave it out")
    return points[factors].to_numpy(float)


def _complete(runs: pd.DataFrame, points: pd.Series, name: str, scenario: str) -> np.ndarray:
    """An outcome, shape (points, replications): points in order, replications that all of them have."""
    wide = runs.pivot(index="point", columns="replication", values=name).reindex(points)
    known = np.isfinite(wide.to_numpy(float))
    whole = known.all(axis=0)
    if whole.any():
        return wide.to_numpy(float)[:, whole]
    empty, partial = ~known.any(axis=1), ~known.all(axis=1)
    holes, what = (empty, "no value") if empty.any() else (partial, "not every replication, and none is whole")
    which = listed(points[holes])
    raise AnalysisError(
        f"{name} in {scenario}: the design has holes: {int(holes.sum())} of {len(points)} points have {what} "
        f"(point {which}); indices need every point: finish with normsim batch resume or normsim batch retry-failed, "
        "or choose other outcomes"
    )


def _morris(inputs: np.ndarray, factors: list[str], block: Any) -> Callable[[np.ndarray], Rows]:
    """Indices of a Morris design."""
    size = len(factors) + 1
    trajectories = _whole(len(inputs), size, "morris")
    if trajectories < 2:
        raise AnalysisError("a morris design needs 2 trajectories at least, better 10 to 50: set trajectories")
    moved = np.diff(inputs.reshape(trajectories, size, -1), axis=1) != 0.0
    if not ((moved.sum(axis=1) == 1).all() and (moved.sum(axis=2) == 1).all()):
        raise AnalysisError(
            "the points are no Morris trajectories: each must change one factor at a time, each once; "
            "a whole-number factor with a narrow range may stand still: leave it out"
        )
    levels = block.levels

    def indices(values: np.ndarray) -> Rows:
        from SALib.analyze import morris

        found = morris.analyze(
            _problem(factors), inputs, values, num_resamples=RESAMPLES, conf_level=LEVEL, num_levels=levels, seed=SEED
        )
        rows: Rows = []
        for place, factor in enumerate(factors):
            mean, half = float(found["mu_star"][place]), float(found["mu_star_conf"][place])
            rows.append((factor, "mu_star", mean, max(mean - half, 0.0), mean + half))
            rows.append((factor, "sigma", float(found["sigma"][place]), np.nan, np.nan))
        return rows

    return indices


def _sobol(inputs: np.ndarray, factors: list[str], block: Any) -> Callable[[np.ndarray], Rows]:
    """Indices of a Sobol design (Saltelli's)."""
    second, count = block.second_order, len(factors)
    size = 2 * count + 2 if second else count + 2
    rows_of = inputs.reshape(_whole(len(inputs), size, "sobol"), size, count)
    first, last = rows_of[:, :1], rows_of[:, -1:]
    if not np.array_equal(rows_of[:, 1 : count + 1], np.where(np.eye(count, dtype=bool), last, first)):
        raise AnalysisError(
            "the points are no Saltelli design with these factors: each row must take one factor from another sample; "
            'draw them with method = "sobol"'
        )

    def indices(values: np.ndarray) -> Rows:
        from SALib.analyze import sobol

        if np.ptp(values) == 0.0:
            return [(factor, index, np.nan, np.nan, np.nan) for factor in factors for index in ("S1", "ST")]
        found = sobol.analyze(
            _problem(factors),
            values,
            calc_second_order=second,
            num_resamples=RESAMPLES,
            conf_level=LEVEL,
            seed=SEED,
        )
        rows: Rows = []
        for place, factor in enumerate(factors):
            for index in ("S1", "ST"):
                value, half = float(found[index][place]), float(found[f"{index}_conf"][place])
                rows.append((factor, index, value, value - half, value + half))
        return rows

    return indices


Method = Callable[[np.ndarray, list[str], Any], Callable[[np.ndarray], Rows]]

METHODS: dict[str, Method] = {"morris": _morris, "sobol": _sobol}
"""From the inputs of the points to what gives the indices of an outcome."""


def _whole(points: int, size: int, method: str) -> int:
    """How many trajectories or base samples the points make up."""
    if points == 0 or points % size:
        raise AnalysisError(
            f"{points} points are no {method} design of {size - (1 if method == 'morris' else 2)} factors"
        )
    return points // size


def _problem(factors: list[str]) -> dict[str, Any]:
    """The factors as SALib names them; their ranges matter only in sampling."""
    return {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)}
