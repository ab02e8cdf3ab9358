"""One run: six panels with its headline outcomes over time; and the columns of one state over time."""

import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.simulate import Run
from normsim.errors import AnalysisError
from normsim.figures.comparison_figure import PANELS, days_of, values_of
from normsim.figures.style import DASHES, FIRST, SECOND, house

if TYPE_CHECKING:
    from normsim.model import State

PANEL_HEIGHT = 2.3
"""Height of one row of panels [in]."""

PANELS_ABREAST = 3
"""Panels in a row, at most."""


def draw_run(run: Run) -> Figure:
    """Draw the headline outcomes of a run: the panels of a comparison, for one run.

    Args:
        run: a run of at least one month.

    Raises:
        AnalysisError: no month has been run.
    """
    _check_months(run.months)
    with house():
        figure, axes = _panels(len(PANELS))
        for ax, panel in zip(axes, PANELS, strict=True):
            for line, colour, dash in zip(panel.lines, (FIRST, SECOND), DASHES, strict=False):
                style: Any = (0, dash) if dash else "-"
                days: Any = days_of(run, panel)
                marker = "o" if len(days) == 1 else ""
                ax.plot(days, values_of(run, panel, line), color=colour, linestyle=style, label=line, marker=marker)
            _finish(ax, panel.title, panel.label)
            if len(panel.lines) > 1:
                ax.legend(fontsize=8)
        figure.suptitle(f"{run.scenario.title}, seed {run.seed}", x=0.01, ha="left", weight="bold")
    return figure


def draw_state(state: "State", frame: pd.DataFrame) -> Figure:
    """Draw the columns of a state over the months.

    Args:
        state: the state.
        frame: one row per month, one column per column of the state.

    Raises:
        AnalysisError: no month has been run, or no column of the states is collected.
    """
    _check_months(frame.index)
    if frame.columns.empty:
        raise AnalysisError("no column of the states is collected: name some in NormModel(collect_states=...)")
    with house():
        figure, axes = _panels(len(frame.columns))
        for ax, name in zip(axes, frame.columns, strict=True):
            days: Any = frame.index
            ax.plot(days, frame[name], color=FIRST, marker="o" if len(days) == 1 else "")
            _finish(ax, name, STATE_COLUMNS[name].unit)
        figure.suptitle(state.name, x=0.01, ha="left", weight="bold")
    return figure


def _check_months(months: "list[datetime.date] | pd.Index") -> None:
    """Check that there is a month to draw."""
    if len(months) == 0:
        raise AnalysisError("nothing to plot yet: run a month first")


def _panels(number: int) -> tuple[Figure, list[Axes]]:
    """A figure with so many panels."""
    abreast = min(number, PANELS_ABREAST)
    rows = -(-number // abreast)
    figure = Figure(figsize=(3.7 * abreast, PANEL_HEIGHT * rows + 0.4), layout="constrained")
    axes: list[Axes] = list(figure.subplots(rows, abreast, squeeze=False).flat)
    for spare in axes[number:]:
        spare.remove()
    return figure, axes[:number]


def _finish(ax: Axes, title: str, label: str) -> None:
    """Title, label and dates of a panel."""
    ax.set_title(title)
    ax.set_ylabel(label)
    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    if ax.get_ylim()[0] < 0.0 <= min(line.get_ydata().min() for line in ax.lines):  # type: ignore[union-attr]
        ax.set_ylim(bottom=0.0)
