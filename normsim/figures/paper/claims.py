"""The claims: a forest plot of their effects."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from normsim.figures.forest_plot import forest_figure
from normsim.figures.style import fit


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """The verdicts as they are judged, one row per claim.

    Args:
        sources: the verdicts.
    """
    frame: pd.DataFrame = sources[0]
    return frame


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """The forest plot at the width of the column."""
    return fit(forest_figure(frame.assign(id=frame["id"].str.replace("-", " ")), caption=False), width)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """How many claims came to which verdict; and of how many effects something is left without their mechanism."""
    told = {"claims": str(len(frame))}
    for word in ("robust", "conditional", "not detectable", "refuted"):
        told[word.replace(" ", "_")] = str(int((frame["verdict"] == word).sum()))
    # without an effect nothing can be left of it
    supported = frame["supported"].astype(bool) & (frame["direction"] != "same")
    told["supported"] = str(int(supported.sum()))
    told["left"] = str(int((supported & ~_covers_zero(frame, "null_low", "null_high")).sum()))
    for word in ("robust", "conditional", "refuted"):
        told[f"posterior_{word}"] = str(int((frame["posterior_verdict"] == word).sum()))
    told["posterior_points"] = f"{int(frame['posterior_points'].max()):,}"
    told["unclear"] = str(int(_covers_zero(frame, "low", "high").sum()))
    return told


def _covers_zero(frame: pd.DataFrame, low: str, high: str) -> pd.Series:
    """Whether intervals leave zero in, or are unknown."""
    return ~((frame[low] > 0.0) | (frame[high] < 0.0))
