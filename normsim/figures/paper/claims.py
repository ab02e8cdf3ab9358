"""The claims: a forest plot of their effects."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from normsim.figures.forest import forest_figure
from normsim.figures.style import fit


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """The verdicts as they are judged, a row a claim.

    Args:
        sources: the verdicts.
    """
    frame: pd.DataFrame = sources[0]
    return frame


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """The forest plot at the width of the column."""
    return fit(forest_figure(frame.assign(id=frame["id"].str.replace("-", " "))), width)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """How many claims came to which verdict."""
    told = {"claims": str(len(frame))}
    for word in ("robust", "conditional", "not detectable", "refuted"):
        told[word.replace(" ", "_")] = str(int((frame["verdict"] == word).sum()))
    left = frame["supported"].astype(bool) & ~frame["null_kills"].astype(bool)
    covers = (frame["low"] <= 0.0) & (frame["high"] >= 0.0)
    return told | {"unclear": str(int(covers.sum())), "left": str(int(left.sum()))}
