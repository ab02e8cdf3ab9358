"""Figures of a verification: a curve of theory, and what the engine does; both print in grey."""

import seaborn
from matplotlib.figure import Figure

from normsim._version import __version__
from normsim.analysis.verification_records import Curve
from normsim.figures.style import FIRST, QUIET, SECOND, house

WIDTH, HEIGHT = 6.0, 3.6
"""Size [in]."""


def draw(curve: Curve) -> Figure:
    """Draw theory as a line and the engine as dots, with marks at critical values.

    Args:
        curve: the curve.
    """
    with house():
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        ax = figure.subplots()
        seaborn.lineplot(x=curve.x, y=curve.target, ax=ax, color=FIRST, label="theory", errorbar=None)
        seaborn.scatterplot(
            x=curve.points, y=curve.measured, ax=ax, color=SECOND, edgecolor="black", s=36, label="engine", zorder=3
        )
        for mark in curve.marks:
            ax.axvline(mark, color=QUIET, linestyle=":", linewidth=1.0)
            ax.annotate(
                f"{mark:.4g}", (mark, 1.0), xycoords=("data", "axes fraction"), ha="left", va="top", fontsize=7.5
            )
        ax.set(xlabel=curve.x_label, ylabel=curve.y_label)
        ax.set_title(curve.title)
        ax.legend()
        figure.supxlabel(f"normsim {__version__}, normsim verify", fontsize=6.5, color=QUIET, x=0.99, ha="right")
    return figure
