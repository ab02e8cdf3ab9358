"""A scenario beside its baseline: six panels with the mean over the seeds and its 95 % interval."""

import datetime
import math
import textwrap
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import matplotlib.dates
import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from normsim._version import __version__
from normsim.engine.simulate import Run
from normsim.figures.style import DASHES, FIRST, QUIET, SECOND, house
from normsim.scenario import Event, Scenario
from normsim.stats import half_width, paired_effect

if TYPE_CHECKING:
    from normsim.comparison import Comparison

dates: Any = matplotlib.dates  # has no types

YEAR = 12

STEEP_OVER = 6
"""Months on either side over which a line is called steep."""

TITLE_LIFT = (30.0, 19.0)
"""How far the titles of each row of panels stand above it, with room for the differences [points]."""

MEANINGS = (
    "Validity: acceptance that the prohibition is right. Scope: how far its cost is still charged where an exception "
    "is claimed; both are means over states. Robustness: mean of concordance, reaction, compliance and implementation. "
    "Casualties: of attacks and of remnants."
)

FOOTER_WIDTH = 212
"""Characters of a line of the footer."""


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        title: what it shows.
        label: its axis, with the unit.
        lines: outcomes of each line by the line's name; several outcomes are added up.
        over: `month` as it is, or `sum` or `mean` of each year of the run.
        share: whether the values lie between 0 and 1.
    """

    title: str
    label: str
    lines: dict[str, tuple[str, ...]]
    over: Literal["month", "sum", "mean"]
    share: bool = False


PANELS: tuple[Panel, ...] = (
    Panel("States bound by the convention", "states", {"parties": ("parties",)}, "month"),
    Panel("States using cluster munitions", "states in an average month", {"users": ("users",)}, "mean"),
    Panel("Validity and scope of the norm", "0 to 1", {"validity": ("validity",), "scope": ("scope",)}, "month", True),
    Panel("Transfers", "transfers per year", {"transfers": ("transfers",)}, "sum"),
    Panel("Casualties", "people per year", {"casualties": ("casualties_attack", "casualties_remnants")}, "sum"),
    Panel("Robustness of the norm", "index, 0 to 1", {"robustness": ("robustness",)}, "month", True),
)
"""The panels, left to right and top to bottom."""


def values_of(run: Run, panel: Panel, line: str) -> np.ndarray:
    """The numbers of a line in one run: a month each, or a year of the run each.

    A year that the horizon cuts short is left out, unless it is the only one.

    Args:
        run: the run.
        panel: the panel.
        line: name of the line.
    """
    monthly = np.sum([run.outcomes[name] for name in panel.lines[line]], axis=0)
    if panel.over == "month":
        return np.asarray(monthly)
    years = max(len(monthly) // YEAR, 1)
    blocks = [monthly[year * YEAR : (year + 1) * YEAR] for year in range(years)]
    return np.array([block.sum() if panel.over == "sum" else block.mean() for block in blocks])


def days_of(run: Run, panel: Panel) -> list[datetime.date]:
    """Where those numbers stand on the axis of time: at their month, or in the middle of their year."""
    months = run.months
    if panel.over == "month":
        return months
    return [months[min(first + YEAR // 2, len(months) - 1)] for first in range(0, max(len(months) - YEAR, 0) + 1, YEAR)]


def comparison_frame(comparison: "Comparison") -> pd.DataFrame:
    """Return the numbers that are drawn: panel, line, scenario, month, mean, low, high.

    Args:
        comparison: the runs of a scenario and its baseline.
    """
    parts = []
    sides = (comparison.scenario_runs, comparison.baseline_runs)
    for label, runs in zip(comparison.labels, sides, strict=True):
        for panel in PANELS:
            for line in panel.lines:
                values = np.array([values_of(run, panel, line) for run in runs])
                mean, half = values.mean(axis=0), half_width(values)
                parts.append(
                    pd.DataFrame(
                        {
                            "panel": panel.title,
                            "line": line,
                            "scenario": label,
                            "month": pd.to_datetime(days_of(runs[0], panel)),
                            "mean": mean,
                            "low": mean - half,
                            "high": mean + half,
                        }
                    )
                )
    return pd.concat(parts, ignore_index=True)


def difference_frame(comparison: "Comparison") -> pd.DataFrame:
    """Return the differences that stand above the panels: scenario minus baseline, paired by seed.

    Args:
        comparison: the runs of a scenario and its baseline.

    Returns:
        panel, line, difference, low, high (95 % interval), decimals to print.
    """
    rows = []
    for panel in PANELS:
        for line in panel.lines:
            sides = [
                [_total(values_of(run, panel, line), panel) for run in runs]
                for runs in (comparison.scenario_runs, comparison.baseline_runs)
            ]
            effect = paired_effect(line, *sides)
            places = 3 if panel.share else 0 if max(abs(effect.mean), abs(effect.baseline_mean)) >= 1000 else 1
            places = 2 if panel.over == "mean" else places
            rows.append((panel.title, line, effect.difference, effect.low, effect.high, places))
    return pd.DataFrame(rows, columns=["panel", "line", "difference", "low", "high", "decimals"])


def draw(comparison: "Comparison", remark: str = "") -> Figure:
    """Draw a comparison.

    Args:
        comparison: the runs of a scenario and its baseline.
        remark: a further remark for the footer.
    """
    frame, differences = comparison_frame(comparison), difference_frame(comparison)
    scenario, order = comparison.scenario, comparison.labels
    with house():
        figure = Figure(figsize=(12.4, 8.9))
        axes = figure.subplots(2, 3)
        for place, (panel, ax) in enumerate(zip(PANELS, axes.flat, strict=True)):
            _draw_panel(ax, panel, frame[frame["panel"] == panel.title], order)
            _mark_events(ax, scenario)
            ax.set_xlim(dates.date2num(scenario.start), dates.date2num(scenario.end))
            lift = TITLE_LIFT[place // axes.shape[1]]
            ax.set_title(f"{'abcdef'[place]}  {panel.title}", pad=lift)
            ax.annotate(
                _difference(differences[differences["panel"] == panel.title], panel),
                xy=(0.0, 1.0),
                xycoords="axes fraction",
                xytext=(0.0, lift - 3.0),
                textcoords="offset points",
                fontsize=8,
                color=QUIET,
                va="top",
                linespacing=1.3,
            )
        _head(figure, order, comparison)
        lines = _footer(comparison, order, remark)
        figure.text(0.012, 0.012, "\n".join(lines), fontsize=7.6, color=QUIET, va="bottom", linespacing=1.45)
        bottom = 0.045 + 0.0185 * len(lines)
        figure.subplots_adjust(left=0.055, right=0.985, top=0.81, bottom=bottom + 0.02, wspace=0.17, hspace=0.42)
    return figure


def _draw_panel(ax: Axes, panel: Panel, data: pd.DataFrame, order: tuple[str, str]) -> None:
    """Bands and lines of a panel."""
    palette = dict(zip(order, (FIRST, SECOND), strict=True))
    dashes: dict[str, Any] = dict(zip(order, DASHES, strict=True))
    for line in panel.lines:
        chosen = data[data["line"] == line]
        for name in order:
            band = chosen[chosen["scenario"] == name]
            ax.fill_between(band["month"], band["low"], band["high"], color=palette[name], alpha=0.16, linewidth=0)
        seaborn.lineplot(
            chosen,
            x="month",
            y="mean",
            hue="scenario",
            style="scenario",
            hue_order=list(order),
            style_order=list(order),
            palette=palette,
            dashes=dashes,
            errorbar=None,
            legend=False,
            marker=None,
            ax=ax,
        )
    if len(panel.lines) > 1:
        _name_lines(ax, panel, data)
    ax.set_xlabel("")
    ax.set_ylabel(panel.label)
    if panel.share:
        _zoom(ax, data)
    elif panel.over != "month":
        ax.set_ylim(0.0, max(ax.get_ylim()[1], 1.0))
    else:
        ax.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(_tick))
    locator = dates.AutoDateLocator(minticks=4, maxticks=7)
    ax.xaxis.set_major_locator(locator)
    span = (data["month"].max() - data["month"].min()).days
    ax.xaxis.set_major_formatter(dates.DateFormatter("%Y" if span > 3 * 365 else "%Y-%m"))


def _zoom(ax: Axes, data: pd.DataFrame) -> None:
    """Limits in tenths around numbers between 0 and 1, at least three tenths apart."""
    low = math.floor(10 * min(data["mean"].min(), data["low"].min()) - 0.1)
    high = math.ceil(10 * max(data["mean"].max(), data["high"].max()) + 0.1)
    low, high = max(min(low, high - 3), 0), min(max(high, low + 3), 10)
    ax.set_ylim(low / 10, high / 10)
    ax.yaxis.set_major_locator(MultipleLocator(0.1))


def _name_lines(ax: Axes, panel: Panel, data: pd.DataFrame) -> None:
    """Name each line where it runs farthest from the others; once only if the scenarios hardly differ in it."""
    curves = {key: part["mean"].to_numpy() for key, part in data.groupby(["line", "scenario"], sort=False)}
    months = data["month"].drop_duplicates().to_numpy()
    height = np.ptp(ax.get_ylim())
    inner = slice(len(months) // 8, len(months) - len(months) // 8 or None)
    for line in panel.lines:
        own = {key: curve for key, curve in curves.items() if key[0] == line}
        together = bool(np.ptp(list(own.values()), axis=0).max() < 0.1 * height)
        for key, curve in list(own.items())[: 1 if together else None]:
            others = [curve - other for rival, other in curves.items() if rival not in (own if together else (key,))]
            gaps = np.array(others)[:, inner]
            place = int(np.abs(gaps).min(axis=0).argmax())
            nearest = gaps[np.abs(gaps[:, place]).argmin(), place]
            above = nearest >= 0
            ahead = slice(max(place - STEEP_OVER, 0), place + STEEP_OVER)
            rise = float(np.ptp(curve[inner][ahead])) * math.copysign(
                1.0, curve[inner][ahead][-1] - curve[inner][ahead][0]
            )
            beside = "center" if abs(rise) < 0.03 * height else "left" if (rise < 0) == above else "right"
            ax.annotate(
                line,
                xy=(dates.date2num(months[inner][place]), curve[inner][place]),
                xytext=({"left": 5.0, "center": 0.0, "right": -5.0}[beside], 4.0 if above else -4.0),
                textcoords="offset points",
                ha=beside,
                va="bottom" if above else "top",
                fontsize=9,
                style="italic",
            )


def _tick(value: float, _place: int) -> str:
    """A tick's number, thousands set apart."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:g}"


def _mark_events(ax: Axes, scenario: Scenario) -> None:
    """A mark on the axis of time for each dated act that the scenario forces, and a line for each month of them."""
    days = [event.date for event in scenario.events if not event.forbid]
    if not days:
        return
    for day in sorted({(day.year, day.month) for day in days}):
        ax.axvline(dates.date2num(datetime.date(*day, 1)), color=QUIET, linewidth=0.5, alpha=0.35, zorder=0)
    ax.plot(
        dates.date2num(days),
        [0.0] * len(days),
        marker=6,
        markersize=5,
        linestyle="",
        color="black",
        transform=ax.get_xaxis_transform(),
        clip_on=False,
        zorder=5,
    )


def _difference(differences: pd.DataFrame, panel: Panel) -> str:
    """The paired differences of a panel, in words."""
    told = []
    for row in differences.to_dict("records"):
        low, middle, high = (_signed(row[name], int(row["decimals"])) for name in ("low", "difference", "high"))
        ends = f" ({low} to {high})" if math.isfinite(row["low"]) else ""
        told.append(f"{f'{row["line"]} ' if len(panel.lines) > 1 else ''}{middle}{ends}")
    when = {"month": "last month", "sum": "whole run", "mean": "mean of all years"}[panel.over]
    separator = ";\n"
    return f"difference, {when}: {separator.join(told)}"


def _signed(value: float, places: int) -> str:
    """A difference with its sign, zero without."""
    text = f"{value:+,.{places}f}".replace("-", "\N{MINUS SIGN}")
    return text if any(digit in text for digit in "123456789") else text[1:]


def _total(values: np.ndarray, panel: Panel) -> float:
    """What a line comes to over a run."""
    if panel.over == "month":
        return float(values[-1])
    return float(values.sum() if panel.over == "sum" else values.mean())


def _head(figure: Figure, order: tuple[str, str], comparison: "Comparison") -> None:
    """Title, question and legend."""
    scenario = comparison.scenario
    title = f"{scenario.title}, compared with {comparison.baseline.title}"
    figure.text(0.012, 0.985, title, fontsize=14, weight="bold", va="top")
    if scenario.question:
        figure.text(0.012, 0.951, scenario.question, fontsize=9.5, color=QUIET, va="top")
    handles: list[Any] = []
    for name, colour, dash in zip(order, (FIRST, SECOND), DASHES, strict=True):
        style: Any = (0, dash) if dash else "-"
        handles.append(Line2D([], [], color=colour, linestyle=style, linewidth=2.2, label=f"{name} (mean)"))
    handles.append(Patch(color=QUIET, alpha=0.25, linewidth=0, label="95 % interval of the mean"))
    if any(not event.forbid for event in scenario.events):
        handles.append(
            Line2D([], [], color="black", marker=6, markersize=6, linestyle="", label=f"dated act in {order[0]}")
        )
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.004, 0.934), ncols=4, fontsize=9.5, handlelength=3.0
    )


def events_in_words(events: tuple[Event, ...]) -> str:
    """Dated events, those of one actor, act and target together."""
    groups: dict[tuple[str, str, str, bool], list[Event]] = defaultdict(list)
    for event in events:
        groups[event.actor, event.action, event.to or "", event.forbid].append(event)
    told = []
    for (actor, action, target, forbid), several in groups.items():
        who = "every state" if actor == "*" else actor
        act = f"{action.replace('_', ' ')}{f' to {target}' if target else ''}"
        first, last = (f"{min(each.date for each in several):%Y-%m}", f"{max(each.date for each in several):%Y-%m}")
        if forbid:
            told.append(f"{who} must not {act} (from {first})")
        else:
            span = first if len(several) == 1 else f"{len(several)} times, {first} to {last}"
            told.append(f"{who} {act} ({span})")
    return "; ".join(told)


def _footer(comparison: "Comparison", order: tuple[str, str], remark: str) -> list[str]:
    """What one needs to know to read and to repeat the figure."""
    runs, baseline = comparison.scenario_runs, comparison.baseline_runs
    n, seeds = len(runs), [run.seed for run in runs]
    span = f"seeds {seeds[0]} to {seeds[-1]}" if n > 1 else f"seed {seeds[0]}"
    band = "bands: 95 % interval of that mean (Student's t)" if n > 1 else "no bands: one run"
    told = [
        f"Lines: mean of {n} run{'s' if n > 1 else ''} of each scenario ({span}); {band}. "
        f"Differences: {order[0]} minus {order[1]}, run by run on the same seed (same wars, same random numbers), with "
        "the 95 % interval of their mean; so a difference can be clear of zero where bands overlap. "
        f"Years are years of the run, counted from {runs[0].scenario.start:%B %Y}.",
    ]
    sides = (runs, baseline)
    for name, several in zip(order, sides, strict=True):
        events = events_in_words(several[0].scenario.events)
        if events:
            told.append(f"Dated acts of {name}: {events}.")
    told.append(MEANINGS)
    prints = ", ".join(
        f"{name} {several[0].scenario.fingerprint()[:12]}" for name, several in zip(order, sides, strict=True)
    )
    told.append(f"normsim {__version__}; scenario fingerprints: {prints}{f'; {remark}' if remark else ''}.")
    return [line for paragraph in told for line in textwrap.wrap(paragraph, FOOTER_WIDTH)]
