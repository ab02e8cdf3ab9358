"""What analyses read of an experiment's results: its points, and one row of outcomes a run."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import pandas as pd

from normsim.config.messages import nearest
from normsim.errors import AnalysisError

KEYS = ("point", "scenario", "replication", "seed")
"""Columns that say which run a row is; the others are factors and outcomes."""

FEW = 8
"""Most names that a message lists."""


class Results(Protocol):
    """The part of `normsim.experiment.Results` that analyses need."""

    @property
    def experiment(self) -> Any:
        """What was run: its `blocks`, `replications`, `outcomes`, `seed`."""

    @property
    def points(self) -> pd.DataFrame:
        """One row per point: point, scenario, one column per factor."""

    def outcomes(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """One row per finished run: point, scenario, replication, seed, factors, outcomes."""


def factor_names(results: Results) -> list[str]:
    """Dotted names of the factors, in the order of the design."""
    return [str(name) for name in results.points.columns if name not in KEYS]


def outcome_table(results: Results, names: Iterable[str] | None = None) -> tuple[pd.DataFrame, list[str]]:
    """The rows of all finished runs by point and replication, and the outcomes to analyse.

    Args:
        results: results of an experiment.
        names: outcomes; all that were kept if not given.

    Raises:
        AnalysisError: an outcome was not kept, or no run has finished.
    """
    kept = list(results.experiment.outcomes)
    wanted = kept if names is None else list(dict.fromkeys(names))
    for name in wanted:
        if name not in kept:
            hint = nearest(name, kept)
            raise AnalysisError(f"no outcome {name!r} in these results{hint}; kept are {listed(kept)}")
    table = results.outcomes(wanted)
    if table.empty:
        raise AnalysisError("no run has finished yet; finish the experiment with: normsim batch resume")
    return table.sort_values(["point", "replication"], ignore_index=True), wanted


def listed(names: Iterable[object]) -> str:
    """The first few of the names, and how many more there are."""
    told = [f"{name:g}" if isinstance(name, float) else str(name) for name in names]
    more = f" and {len(told) - FEW} more" if len(told) > FEW else ""
    return ", ".join(told[:FEW]) + more
