"""Factors of a design that acted in no run: whatever their value, every outcome is the same, bit for bit.

Runs are compared in pairs that differ in one factor alone: same scenario, same seed, same values of all other factors.
Grids, lists, Sobol and Morris designs have such pairs; a latin hypercube has none, and then nothing can be said.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from normsim.analysis.frames import Results, factor_names, outcome_table
from normsim.parameters import records


class InertFactor(NamedTuple):
    """A factor that acted in no pair of runs.

    Attributes:
        factor: its dotted name.
        pairs: pairs of runs that differ in it alone.
        text: what to say of it, in one sentence without a full stop.
    """

    factor: str
    pairs: int
    text: str


def inert_factors(results: Results) -> list[InertFactor]:
    """Return the factors that acted in no pair of runs, of those that can be judged by at least one pair.

    Args:
        results: results of an experiment; all outcomes that were kept count, and all runs that are done.

    Raises:
        AnalysisError: no run has finished.
    """
    factors = factor_names(results)
    if not factors:
        return []
    runs, outcomes = outcome_table(results)
    values = runs[outcomes].to_numpy(float)
    points = results.points.set_index("point")
    levels = np.column_stack([pd.factorize(points[name])[0] for name in ("scenario", *factors)])
    rows = points.index.get_indexer(pd.Index(runs["point"]))
    seeds = pd.factorize(runs["seed"])[0]
    found = []
    for place, name in enumerate(factors, start=1):
        others = np.delete(levels, place, axis=1)
        alike = np.unique(others, axis=0, return_inverse=True)[1].ravel()  # points that differ in this factor alone
        pairs, same = _pairs(alike[rows], seeds, levels[rows, place], values)
        if pairs and same:
            found.append(InertFactor(name, pairs, _text(name, pairs)))
    return found


def _pairs(alike: np.ndarray, seeds: np.ndarray, level: np.ndarray, values: np.ndarray) -> tuple[int, bool]:
    """Pairs of runs of one group and seed at different levels, and whether outcomes are the same in all of them."""
    runs = pd.DataFrame({"alike": alike, "seed": seeds, "level": level, "row": np.arange(len(level))})
    runs = runs.drop_duplicates(["alike", "seed", "level"])
    groups = runs.groupby(["alike", "seed"])["row"]
    sizes, first = groups.transform("size").to_numpy(), groups.transform("min").to_numpy()
    paired = sizes > 1
    rows, first = runs["row"].to_numpy()[paired], first[paired]
    pairs = int((sizes[paired] - 1).sum()) // 2
    same = np.array_equal(values[rows], values[first], equal_nan=True)
    return pairs, same


def _text(name: str, pairs: int) -> str:
    """What to say of a factor that acted in no pair of runs."""
    needs = records()[name].needs if name in records() else ""
    why = f": it needs {needs}" if needs else " (every outcome is the same at all its values)"
    return f"{name} acted in 0 of {pairs:,} pairs of runs{why}"
