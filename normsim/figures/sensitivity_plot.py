"""Which factors an outcome depends on: the standard plots of Morris and Sobol indices."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from normsim._version import __version__
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.figures.style import FIRST, QUIET, SECOND, house

MOST = 12
"""Factors that are drawn by name; the others are only counted."""

LEAST = 5
"""Factors that there is room for in any case."""

WIDTH = 9.6
"""Width of the figure [in]."""

CAPTION_WIDTH = 158
"""Characters of a line of the caption."""

RATIOS = (0.1, 1.0)
"""Ratios of sigma to mu* that are drawn as lines: below the first a factor acts almost linearly."""

_ERROR: dict[str, Any] = {"ecolor": "black", "elinewidth": 1.0, "capsize": 2.5}


def draw(frame: pd.DataFrame, scenario: str, outcome: str, *, points: int, seed: int) -> Figure:
    """Draw the indices of one outcome in one scenario.

    Args:
        frame: what `sensitivity_indices` returned.
        scenario: the scenario's label.
        outcome: the outcome.
        points: design points of the scenario.
        seed: seed of the experiment.
    """
    own = frame[(frame["scenario"] == scenario) & (frame["outcome"] == outcome)]
    wide = own.pivot(index="factor", columns="index", values=["value", "low", "high"])
    morris = "mu_star" in set(own["index"])
    leading = "mu_star" if morris else "ST"
    ranked = wide.sort_values(("value", leading), ascending=False, kind="stable")
    with house():
        shown = min(len(ranked), MOST)
        figure = Figure(figsize=(WIDTH, 2.4 + 0.3 * max(shown, LEAST)))
        told = _draw_morris(figure, ranked, outcome) if morris else _draw_sobol(figure, ranked)
        figure.suptitle(f"What {outcome} depends on in {scenario}", x=0.012, ha="left", fontsize=12.5, weight="bold")
        lines = textwrap.wrap(f"{told} {_caption(own, ranked, outcome, points, seed)}", CAPTION_WIDTH)
        height = figure.get_figheight()
        figure.text(0.012, 0.08 / height, "\n".join(lines), fontsize=7.5, color=QUIET, va="bottom", linespacing=1.35)
        figure.tight_layout(rect=(0.0, (0.2 + 0.15 * len(lines)) / height, 1.0, 1.0 - 0.1 / height), w_pad=2.5)
    return figure


def _draw_morris(figure: Figure, ranked: pd.DataFrame, outcome: str) -> str:
    """The ranking by mu*, and mu* against sigma; returns what the caption says of them."""
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.15))
    top = ranked.head(MOST)
    value, half = _interval(top, "mu_star")
    places = np.arange(len(top))
    left.barh(places, value, xerr=half, color=FIRST, height=0.62, error_kw=_ERROR)
    _name_factors(left, [f"{name}  {place + 1}" for place, name in enumerate(top.index)])
    left.set_title("a  Mean size of the effect")
    left.set_xlabel(f"mu*: change in {outcome}{_unit(outcome)}")
    left.set_xlim(left=0.0)

    mean, spread = (ranked["value", index].to_numpy(float) for index in ("mu_star", "sigma"))
    rest = slice(MOST, None)
    right.scatter(mean[rest], spread[rest], s=16, facecolors="none", edgecolors=QUIET, linewidths=0.8)
    half = _interval(top, "mu_star")[1]
    right.errorbar(
        mean[:MOST], spread[:MOST], xerr=half, fmt="o", color=FIRST, markersize=5, ecolor=QUIET, elinewidth=0.7
    )
    for place in range(len(top)):
        right.annotate(
            str(place + 1),
            xy=(mean[place], spread[place]),
            xytext=(3.5, 3.5),
            textcoords="offset points",
            fontsize=8.5,
            weight="bold",
        )
    _draw_ratios(right, float(mean.max()), float(spread.max()))
    right.set_title("b  Is the effect the same everywhere?")
    right.set_xlabel("mu*: mean size of the effect")
    right.set_ylabel("sigma: spread of the effect")
    more = f" Rings: the other {len(ranked) - len(top)} factors." if len(ranked) > len(top) else ""
    return (
        "Morris screening: effect of each factor over its whole range. Small sigma: the effect is the same everywhere; "
        f"large sigma: it is curved, or depends on other factors.{more} Whiskers: 95 % interval of mu* (bootstrap over "
        "trajectories)."
    )


def _draw_ratios(ax: Axes, mean: float, spread: float) -> None:
    """Lines of equal ratio of sigma to mu*, each named at its end."""
    widest, highest = 1.18 * (mean or 1.0), 1.15 * (max(spread, 0.15 * mean) or 1.0)
    ax.set_xlim(-0.02 * widest, widest)
    ax.set_ylim(-0.03 * highest, highest)
    for ratio, dash in zip(RATIOS, ((1.0, 2.0), (4.0, 2.0)), strict=True):
        end = min(widest, highest / ratio)
        ax.plot([0.0, end], [0.0, ratio * end], color=QUIET, linewidth=0.9, linestyle=(0, dash), zorder=0)
        name = "sigma = mu*" if ratio == 1.0 else f"sigma = {ratio:g} mu*"
        ax.annotate(
            name,
            xy=(end, ratio * end),
            xytext=(-3.0, 10.0) if end == widest else (6.0, 0.0),
            textcoords="offset points",
            ha="right" if end == widest else "left",
            va="bottom" if end == widest else "top",
            fontsize=7.5,
            color=QUIET,
        )


def _draw_sobol(figure: Figure, ranked: pd.DataFrame) -> str:
    """Bars of S1 and ST; returns what the caption says of them."""
    ax = figure.subplots()
    top = ranked.head(MOST)
    places = np.arange(len(top))
    looks: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("S1", "S1: alone", {"color": FIRST}),
        ("ST", "ST: with all its interactions", {"color": SECOND, "hatch": "////", "edgecolor": "white"}),
    )
    for shift, (index, name, look) in zip((-0.2, 0.2), looks, strict=True):
        value, half = _interval(top, index)
        ax.barh(places + shift, value, xerr=half, height=0.38, linewidth=0.0, label=name, error_kw=_ERROR, **look)
    _name_factors(ax, list(top.index))
    ax.axvline(0.0, color=QUIET, linewidth=0.8)
    ax.set_xlabel("share of the variance between points")
    ax.legend(loc="lower right")
    more = f" {len(ranked) - len(top)} more factors have a smaller ST." if len(ranked) > len(top) else ""
    return (
        f"Sobol indices.{more} Whiskers: 95 % interval (bootstrap); an index below zero is one too small to estimate."
    )


def _interval(ranked: pd.DataFrame, index: str) -> tuple[np.ndarray, np.ndarray]:
    """Values of an index, and how far their intervals reach below and above."""
    value, low, high = (ranked[part, index].to_numpy(float) for part in ("value", "low", "high"))
    return value, np.array([value - low, high - value])


def _name_factors(ax: Axes, names: list[str]) -> None:
    """Factors along the axis, the leading one on top."""
    ax.set_yticks(np.arange(len(names)), names)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))


def _unit(outcome: str) -> str:
    """Unit of what a run sums up, in brackets."""
    known = (OUTCOMES | RUN_OUTCOMES).get(outcome)
    if known is None:
        return ""
    unit = known.unit.removesuffix("per month").strip() if known.over == "sum" else known.unit
    return f" [{unit or 'count'}]"


def _caption(own: pd.DataFrame, ranked: pd.DataFrame, outcome: str, points: int, seed: int) -> str:
    """What one needs to know to read and to repeat the figure."""
    n, of, noise = int(own["n"].iloc[0]), int(own["of"].iloc[0]), float(own["noise"].iloc[0])
    known = (OUTCOMES | RUN_OUTCOMES).get(outcome)
    meaning = f" {outcome}: {known.meaning}." if known else ""
    luck = f" Of the variance between single runs, {noise:.0%} is random variation." if np.isfinite(noise) else ""
    planned = f" of {of} planned" if n < of else ""
    each = f"mean of {n}{planned} replications each" if of > 1 else "one run each"
    return (
        f"{meaning} {len(ranked)} factors, {points:,} points, {each}; seed {seed}.{luck} normsim {__version__}."
    ).strip()
