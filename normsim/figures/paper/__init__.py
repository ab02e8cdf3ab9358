"""The figures of the paper, one module each.

A module has three functions. `data` makes from results the table that is drawn; `draw` draws that table and looks at
nothing else, so the CSV beside a figure holds all of it; `facts` says what the caption and the report tell of it.
"""

import importlib
from collections.abc import Sequence
from typing import Any, Protocol, cast

import pandas as pd
from matplotlib.figure import Figure

DRAWINGS = (
    "treaty_growth",
    "robustness",
    "repetition",
    "dud_rate",
    "bridge_length",
    "openness",
    "cascade",
    "who_follows",
    "tipping",
    "world_maps",
    "claims",
    "influences",
)
"""Names of the modules."""


class Drawing(Protocol):
    """What a module of a figure offers."""

    def data(self, sources: Sequence[Any]) -> pd.DataFrame:
        """The table that is drawn.

        Args:
            sources: results of each experiment in the order of the plan; or the verdicts on the claims.
        """

    def draw(self, frame: pd.DataFrame, width: float) -> Figure:
        """The figure.

        Args:
            frame: the table as it was read back from its CSV.
            width: its width [in].
        """

    def facts(self, frame: pd.DataFrame) -> dict[str, str]:
        """What can be told of the table, in words and numbers, by name."""


def drawing(name: str) -> Drawing:
    """The module of a figure."""
    return cast(Drawing, importlib.import_module(f"{__name__}.{name}"))
