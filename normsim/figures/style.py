"""The house style of figures, and how they are saved: the same numbers give the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import seaborn
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

DPI = 200
"""Dots per inch of a picture for the screen."""

PRINT_DPI = 300
"""Dots per inch of a picture for a journal."""

MILLIMETRE = 1.0 / 25.4
"""In inches, which matplotlib counts in."""

ONE_COLUMN, TWO_COLUMNS = 89.0 * MILLIMETRE, 183.0 * MILLIMETRE
"""Widths of one and two columns of a journal [in]."""

FIRST, SECOND = "#004488", "#DD8800"
"""Colours of two scenarios, after the high-contrast scheme of Paul Tol: apart for the colour-blind and in grey."""

DASHES: tuple[tuple[float, ...] | str, ...] = ("", (3.2, 1.4))
"""Line styles of two scenarios: whole, dashed."""

SEVERAL = (FIRST, SECOND, "#000000")
"""Colours of up to three lines; they also differ in `MARKS`."""

MARKS = ("o", "s", "^", "D", "v")
"""Marks of up to five lines."""

QUIET = "#555555"
"""Colour of what is not data."""

RAMP = "cividis"
"""Colours of amounts: the same to the colour-blind, and lighter evenly, so that they read in grey."""

TWO_SIDED = "PuOr_r"
"""Colours of differences: purple below zero, orange above. In grey both ends are dark, so numbers carry the sign."""

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

_PRINT: dict[Any, Any] = _RC | {
    "axes.titlesize": 7.5,
    "axes.labelsize": 7.0,
    "axes.linewidth": 0.6,
    "axes.titlepad": 5.0,
    "font.size": 7.0,
    "grid.linewidth": 0.4,
    "legend.fontsize": 6.5,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.6,
    "hatch.linewidth": 0.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
}
"""The same at the size of a printed column."""

_NO_DATE: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
}
"""What the formats would note of the day and the program: nothing."""


@contextmanager
def _only(rc: dict[Any, Any]) -> Iterator[None]:
    """Matplotlib's defaults with these settings: a user's own matplotlibrc has no part in them."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(rc)
        yield


@contextmanager
def house() -> Iterator[None]:
    """The house style, for what is drawn within."""
    with _only({}), seaborn.axes_style("ticks", rc={"axes.grid": True}), matplotlib.rc_context(_RC):
        yield


def ladder(steps: int) -> list[Any]:
    """Colours of lines that stand for a growing amount: dark to light, so that their order reads in grey too."""
    ramp = matplotlib.colormaps[RAMP]
    return [ramp(0.85 * step / max(steps - 1, 1)) for step in range(steps)]


@contextmanager
def printed() -> Iterator[None]:
    """The house style at the size of a journal's column, for what is drawn within."""
    with _only({}), seaborn.axes_style("ticks", rc={"axes.grid": True}), matplotlib.rc_context(_PRINT):
        yield


def fit(figure: Figure, width: float) -> Figure:
    """Shrink or stretch a finished figure, letters and lines included, to a width.

    Args:
        figure: the figure.
        width: its new width [in].
    """
    scale = width / figure.get_figwidth()
    figure.draw_without_rendering()  # so that every tick has its label
    for text in figure.findobj(Text):
        text.set_fontsize(scale * float(text.get_fontsize()))
    for line in figure.findobj(Line2D):
        line.set_linewidth(scale * line.get_linewidth())
        line.set_markersize(scale * line.get_markersize())
        line.set_markeredgewidth(scale * line.get_markeredgewidth())
    figure.set_size_inches(width, scale * figure.get_figheight())
    return figure


def save(figure: Figure, path: Path, dpi: int = DPI) -> None:
    """Save a figure; the suffix says how: .png, .pdf or .svg.

    Args:
        figure: the figure.
        path: where.
        dpi: dots per inch of what is no vector.
    """
    kind = path.suffix.removeprefix(".")
    with _only(_RC):
        figure.savefig(path, dpi=dpi, format=kind, metadata=_NO_DATE[kind], facecolor="white")


def font_folder() -> Path:
    """Return the folder of the fonts that come with Matplotlib, as .ttf files."""
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def drawn_with() -> dict[str, str]:
    """Versions of what draws."""
    return {"matplotlib": matplotlib.__version__, "seaborn": seaborn.__version__}
