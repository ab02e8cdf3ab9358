"""The house style of figures, and how they are saved: the same numbers give the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import seaborn
from matplotlib.figure import Figure

DPI = 200

FIRST, SECOND = "#004488", "#DD8800"
"""Colours of two scenarios, after the high-contrast scheme of Paul Tol: apart for the colour-blind and in grey."""

DASHES: tuple[tuple[float, ...] | str, ...] = ("", (3.2, 1.4))
"""Line styles of two scenarios: whole, dashed."""

QUIET = "#555555"
"""Colour of what is not data."""

_RC: dict[Any, Any] = {
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.labelsize": 9.0,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": True,
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.9,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "normsim",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
}

_NO_DATE: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
}
"""What the formats would note of the day and the program: nothing."""


@contextmanager
def house() -> Iterator[None]:
    """The house style, for what is drawn within."""
    with seaborn.axes_style("ticks", rc={"axes.grid": True}), matplotlib.rc_context(_RC):
        yield


def save(figure: Figure, path: Path) -> None:
    """Save a figure; the suffix says how: .png, .pdf or .svg.

    Args:
        figure: the figure.
        path: where.
    """
    kind = path.suffix.removeprefix(".")
    with matplotlib.rc_context(_RC):
        figure.savefig(path, dpi=DPI, format=kind, metadata=_NO_DATE[kind], facecolor="white")
