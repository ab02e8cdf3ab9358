"""What the tables and pictures of several figures have in common: means with intervals, and how they are drawn."""

import textwrap
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from normsim.figures.style import MARKS, QUIET, ladder
from normsim.stats import mean_interval

Shift = Callable[[pd.Series, float], pd.Series]


def mean_rows(table: pd.DataFrame, by: list[str], outcomes: Iterable[str]) -> pd.DataFrame:
    """Means over replications with intervals: a column each of `by`, then outcome, mean, low, high, n.

    Args:
        table: one row per run.
        by: what tells the groups apart; they keep their order.
        outcomes: columns to take means of.
    """
    rows = [
        (*key, outcome, *mean_interval(part[outcome].to_numpy(float)))
        for key, part in table.groupby(by, sort=False)
        for outcome in outcomes
    ]
    return pd.DataFrame(rows, columns=[*by, "outcome", "mean", "low", "high", "n"])


def only(frame: pd.DataFrame, **values: Any) -> dict[str, Any]:
    """The first row with some values, by column; empty if there is none."""
    chosen = np.logical_and.reduce([frame[name] == value for name, value in values.items()])
    rows = frame[chosen].to_dict("records")
    return {str(name): value for name, value in rows[0].items()} if rows else {}


def ends(frame: pd.DataFrame, column: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows with the lowest and the highest value of a column."""
    rows = frame.sort_values(column, kind="stable").to_dict("records")
    low, high = ({str(name): value for name, value in row.items()} for row in (rows[0], rows[-1]))
    return low, high


def letter(ax: Axes, which: int, title: str, width: int = 34, size: float = 7.5) -> None:
    """Letter and title of a panel, broken where a line would leave it.

    Args:
        ax: the panel.
        which: its place.
        title: its title.
        width: letters of a line.
        size: of the letters [points].
    """
    lines = textwrap.wrap(title, width, subsequent_indent="    ")
    ax.set_title(
        "\n".join([f"{'abcdefghi'[which]}  {lines[0] if lines else ''}", *lines[1:]]), fontsize=size, linespacing=1.15
    )


def whiskers(frame: pd.DataFrame) -> np.ndarray:
    """How far the intervals reach below and above the means, as matplotlib takes it."""
    reach = np.array([frame["mean"] - frame["low"], frame["high"] - frame["mean"]], float)
    return np.nan_to_num(np.maximum(reach, 0.0))


def told_n(frame: pd.DataFrame) -> str:
    """How many runs are behind the means."""
    n = sorted({int(value) for value in frame["n"]})
    return f"n = {n[0]}" if len(n) == 1 else f"n = {n[0]} to {n[-1]}"


def widen(ax: Axes, least: float) -> None:
    """Let the vertical axis reach over so much at least, so that noise does not look like news."""
    low, high = ax.get_ylim()
    more = max(least - (high - low), 0.0) / 2.0
    ax.set_ylim(low - more, high + more)


def quiet_spines(ax: Axes) -> None:
    """No frame, for a heat map."""
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.grid(visible=False)
    ax.tick_params(length=0, colors="black")


def bar_of_colours(figure: Any, picture: Any, axes: Any, label: str, **more: Any) -> Any:
    """A bar that says what the colours mean."""
    bar = figure.colorbar(picture, ax=axes, **more)
    bar.set_label(label)
    bar.solids.set_rasterized(False)
    bar.solids.set_edgecolor("face")  # else white lines show between its steps
    bar.outline.set_edgecolor(QUIET)
    bar.outline.set_linewidth(0.4)
    return bar


def lines(ax: Axes, frame: pd.DataFrame, across: str, by: str, shift: Shift, label: Callable[[float], str]) -> None:
    """A line with whiskers for each value of a column, light to dark, with its own mark.

    Args:
        ax: where to draw.
        frame: rows with `mean`, `low` and `high`.
        across: the column on the horizontal axis.
        by: the column whose values are the lines.
        shift: moves a line's places aside by so many steps, so that whiskers do not hide each other.
        label: words for a value of `by`.
    """
    levels = sorted(frame[by].unique())
    for place, (level, colour) in enumerate(zip(levels, ladder(len(levels)), strict=True)):
        own = frame[frame[by] == level].sort_values(across)
        ax.errorbar(
            shift(own[across], place - (len(levels) - 1) / 2),
            own["mean"],
            yerr=whiskers(own),
            color=colour,
            marker=MARKS[place % len(MARKS)],
            elinewidth=0.9,
            capsize=1.5,
            label=label(level),
        )
