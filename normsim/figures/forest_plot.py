"""Forest plot of claims: the effect of each in units of what matters, and how far it holds where little is known."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from normsim._version import __version__
from normsim.figures.style import FIRST, QUIET, SECOND, house

WIDTH = 9.6
"""Width of the figure [in]."""

ROW = 0.235
"""Height of a claim [in]."""

CAPTION_WIDTH = 172
"""Characters of a line of the caption."""

LINEAR = 2.0
"""Effects up to so many times what matters are drawn to scale; beyond, the axis is logarithmic."""

POSTERIOR = "posterior"
"""Start of the columns that say the same over the points of the posterior, where a table has them."""

MARKS: dict[str, tuple[str, str, str]] = {
    "robust": ("o", FIRST, FIRST),
    "conditional": ("D", SECOND, SECOND),
    "not detectable": ("o", "white", QUIET),
    "refuted": ("X", "black", "black"),
}
"""Marker, fill and edge of each verdict: told apart by shape, so also in grey and without colour."""


def forest_figure(table: pd.DataFrame, *, caption: bool = True) -> Figure:
    """Draw the verdicts: one row per claim, in the order of the table.

    Left, the effect at the defaults with its 95 % interval, turned so that the claimed direction is to the right, in
    units of the smallest effect that matters. Right, the shares of the parameter space where the sign holds and where
    the effect matters.

    Args:
        table: what `normsim.claims.verdicts` returned.
        caption: whether what one needs to know to read it stands below; not where a text around it says so.
    """
    rows = len(table)
    lines = textwrap.wrap(_caption(table), CAPTION_WIDTH) if caption else []
    height = 1.17 + 0.145 * len(lines) + ROW * max(rows, 3)
    with house():
        figure = Figure(figsize=(WIDTH, height))
        left, right = figure.subplots(1, 2, width_ratios=(1.75, 1.0), sharey=True)
        _draw_effects(left, table)
        _draw_shares(right, table)
        left.set_ylim(rows - 0.4, -0.6)
        figure.text(0.012, 0.06 / height, "\n".join(lines), fontsize=7.5, color=QUIET, va="bottom", linespacing=1.35)
        figure.legend(
            handles=_legend(table),
            loc="upper left",
            bbox_to_anchor=(0.005, 1.0 - 0.02 / height),
            ncols=len(MARKS),
            fontsize=8.5,
            handletextpad=0.3,
            columnspacing=1.6,
        )
        figure.tight_layout(rect=(0.0, (0.14 + 0.145 * len(lines)) / height, 1.0, 1.0 - 0.3 / height), w_pad=1.5)
    return figure


def turned(table: pd.DataFrame) -> pd.DataFrame:
    """Effect, low and high in units of what matters, turned so that the claimed direction is positive."""
    sign = np.where(table["direction"] == "lower", -1.0, 1.0) / table["matters"].to_numpy(float)
    ends = table[["low", "high"]].to_numpy(float) * sign[:, None]
    return pd.DataFrame(
        {"effect": table["effect"].to_numpy(float) * sign, "low": ends.min(axis=1), "high": ends.max(axis=1)}
    )


def _draw_effects(ax: Axes, table: pd.DataFrame) -> None:
    """Effects with intervals, and the band that does not matter."""
    drawn = turned(table)
    ax.axvspan(-1.0, 1.0, color="#EFEFEF", linewidth=0.0, zorder=0)
    ax.axvline(0.0, color=QUIET, linewidth=0.8, zorder=1)
    for place, verdict in enumerate(table["verdict"]):
        marker, fill, edge = MARKS[str(verdict)]
        effect, low, high = drawn.to_numpy(float)[place]
        ax.plot([low, high], [place, place], color=edge, linewidth=1.3, solid_capstyle="butt", zorder=2)
        ax.plot(effect, place, marker, color=fill, markeredgecolor=edge, markersize=5.5, zorder=3)
    far = float(np.nanmax(np.abs(drawn.to_numpy()), initial=LINEAR)) * 1.35
    ax.set_xscale("symlog", linthresh=LINEAR, linscale=1.0)
    ticks = [0.0, 1.0, 2.0, *(t for t in (5.0, 10.0, 30.0, 100.0, 300.0) if t <= far)]
    ax.set_xlim(-max(far if (drawn["low"] < -LINEAR).any() else 2.0 * LINEAR, LINEAR), far)
    shown = sorted({*ticks, *(-t for t in ticks if -t >= ax.get_xlim()[0])})
    ax.set_xticks(shown, [f"{t:g}" for t in shown])
    ax.minorticks_off()
    ax.set_yticks(np.arange(len(table)), [str(name) for name in table["id"]], fontsize=8.0)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    ax.set_title("a  Effect at the defaults")
    ax.set_xlabel("effect / smallest that matters (claimed direction to the right)")
    same = table["direction"] == "same"
    if same.any():  # what is claimed there is that the effect stays in the band
        beside = blended_transform_factory(ax.transAxes, ax.transData)
        for row in np.flatnonzero(same):
            ax.text(0.995, float(row), "same", transform=beside, ha="right", va="center", fontsize=7.0, color=QUIET)


def _draw_shares(ax: Axes, table: pd.DataFrame) -> None:
    """Shares of the parameter space."""
    places = np.arange(len(table))
    ax.barh(places, table["share_matters"].to_numpy(float), height=0.62, color="#BBBBBB", zorder=1)
    ax.hlines(
        places, table["share_sign_low"].to_numpy(float), table["share_sign_high"].to_numpy(float), color=FIRST, lw=1.3
    )
    ax.plot(table["share_sign"].to_numpy(float), places, "|", color=FIRST, markersize=8.0, markeredgewidth=2.0)
    if f"{POSTERIOR}_points" in table:
        ax.barh(places, table[f"{POSTERIOR}_share_matters"].to_numpy(float), height=0.62, fill=False, lw=0.7, zorder=2)
        signs = table[f"{POSTERIOR}_share_sign"].to_numpy(float)
        ax.plot(signs, places, "d", color="white", markeredgecolor="black", markersize=4.0, markeredgewidth=0.8)
    ax.axvline(0.9, color=QUIET, linewidth=0.8, linestyle=(0, (4.0, 2.0)), zorder=0)
    ax.set_xlim(-0.01, 1.02)
    ax.set_xticks([0.0, 0.5, 0.9, 1.0], ["0", "50 %", "90 %", ""])
    ax.tick_params(axis="y", length=0, labelleft=False)
    ax.grid(visible=False, axis="y")
    ax.set_title("b  Over the parameter space")
    marks = "; outline and diamond: over the posterior" if f"{POSTERIOR}_points" in table else ""
    ax.set_xlabel(f"bar: matters; line: sign holds{marks}", fontsize=7.5 if marks else None)


def _legend(table: pd.DataFrame) -> list[Any]:
    """One handle per verdict, with how many claims have it."""
    counts = table["verdict"].value_counts()
    return [
        Line2D(
            [],
            [],
            marker=marker,
            color=fill,
            markeredgecolor=edge,
            linestyle="none",
            markersize=6.0,
            label=f"{word} ({int(counts.get(word, 0))})",
        )
        for word, (marker, fill, edge) in MARKS.items()
    ]


def _caption(table: pd.DataFrame) -> str:
    """What one needs to know to read the figure."""
    beside = ""
    if f"{POSTERIOR}_points" in table:
        points = int(table[f"{POSTERIOR}_points"].max())
        beside = f"Outline and diamond: the same over {points} points of the posterior. "
    return (
        "Effects are paired by seed; whiskers are 95 % intervals (Student's t) over up to "
        f"{int(table['n'].max())} pairs. Grey band: too small to matter; a claim of no difference (same) holds inside "
        f"it. Space: {int(table['points'].max())} points of a latin hypercube over every uncertain parameter. Bar: "
        "share of points where the effect has the claimed sign and matters. Line: share where the sign holds, among "
        f"points with any effect, with its 95 % interval over points. {beside}normsim {__version__}."
    )
