"""A dud-rate threshold against the gap between claimed and field dud rates: casualties and parties."""

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normsim.analysis.effects import paired_effects
from normsim.figures.paper.panel_parts import bar_of_colours, letter, quiet_spines
from normsim.figures.phrases import effect, number, signed
from normsim.figures.style import TWO_SIDED, printed
from normsim.parameters import compile_values
from normsim.rules.harm import field_rate

THRESHOLD, GAP = "ccw_dud_rate.threshold", "harm.gap"

OUTCOMES = {
    "casualties": ("Casualties", "change in casualties [%]", 100.0),
    "parties": ("States that joined", "change in states that joined", 1.0),
}
"""Title, unit and factor of each outcome's panels."""

LEAST = {"casualties": 10.0, "parties": 3.0}
"""What the strongest colour stands for at least, so that small changes look small."""

CLAIMED = "harm.claimed_improved"
"""Claimed dud rate in whose terms the gap is told."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Scenario, title, threshold, gap, field rate, outcome, difference, low, high, n, base.

    The difference is from the lowest threshold, which passes next to nothing, at the same gap on the same seeds: for
    casualties as a share of the mean there, for parties in states.

    Args:
        sources: results of an experiment that varies threshold and gap in some scenarios.
    """
    results = sources[0]
    lowest = float(results.points[THRESHOLD].min())
    frame = paired_effects(results, f"{THRESHOLD}={lowest!r}", OUTCOMES)
    titles = {scenario.name: scenario.title for scenario in results.experiment.scenarios}
    scale = np.where(frame["outcome"] == "casualties", frame["baseline_mean"], 1.0)
    frame = frame.rename(columns={THRESHOLD: "threshold", GAP: "gap", "baseline_mean": "base"})
    for name in ("difference", "low", "high"):
        frame[name] = frame[name] / np.where(scale == 0.0, np.nan, scale)
    frame["title"] = frame["scenario"].map(titles)
    base = results.experiment.scenarios[0]
    claimed = float(base.values[CLAIMED])
    rates = {gap: field_rate(compile_values(base.values | {GAP: gap}), claimed) for gap in frame["gap"].unique()}
    frame = frame.assign(claimed=claimed, field=frame["gap"].map(rates), lowest=lowest)
    columns = ["scenario", "title", "threshold", "lowest", "gap", "claimed", "field", "outcome"]
    return frame[[*columns, "difference", "low", "high", "n", "base"]]


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """One row per scenario, one column per outcome."""
    titles = list(dict.fromkeys(frame["title"]))
    with printed():
        figure = Figure(figsize=(width, 0.2 + 0.33 * width * len(titles)), layout="constrained")
        axes = figure.subplots(len(titles), len(OUTCOMES), sharex=True, sharey=True, squeeze=False)
        for column, (name, (word, unit, factor)) in enumerate(OUTCOMES.items()):
            own = frame[frame["outcome"] == name]
            reach = float(np.nanmax(np.abs(own["difference"]))) * factor or 1.0
            reach = max(reach, LEAST[name])
            for row, title in enumerate(titles):
                ax = axes[row, column]
                picture = _draw(ax, own[own["title"] == title], factor, reach)
                letter(ax, row * len(OUTCOMES) + column, f"{word}, {title[0].lower()}{title[1:]}", 46)
            told = f"{unit}, against a threshold of {100 * float(frame['lowest'].iloc[0]):g} %"
            bar_of_colours(figure, picture, axes[:, column], told, location="bottom", shrink=0.8, aspect=40, pad=0.02)
        for ax in axes[-1]:
            ax.set_xlabel("threshold on the claimed dud rate [%]")
        for ax in axes[:, 0]:
            ax.set_ylabel(f"field dud rate of munitions\nclaimed at {_percent(frame)} [%]")
    return figure


def _percent(frame: pd.DataFrame) -> str:
    return f"{100 * float(frame['claimed'].iloc[0]):g} %"


def _draw(ax: Axes, frame: pd.DataFrame, factor: float, reach: float) -> Any:
    wide = {
        name: factor * frame.pivot(index="field", columns="threshold", values=name)
        for name in ("difference", "low", "high")
    }
    values = wide["difference"].to_numpy(float)
    clear = ((wide["low"] > 0.0) | (wide["high"] < 0.0)).to_numpy()
    edges = [np.arange(size + 1) - 0.5 for size in values.shape[::-1]]
    picture = ax.pcolormesh(*edges, values, cmap=TWO_SIDED, vmin=-reach, vmax=reach, edgecolor="face", linewidth=0.1)
    shades = matplotlib.colormaps[TWO_SIDED]
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = shades((value / reach + 1.0) / 2.0)
        dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        places = 0 if abs(reach) >= 10.0 else 1
        told = signed(value, places) if np.isfinite(value) else "-"
        ax.text(
            column,
            row,
            told if clear[row, column] else f"({told})",
            ha="center",
            va="center",
            fontsize=6.0,
            color="white" if dark else "black",
        )
    ax.set_xticks(range(values.shape[1]), [f"{100 * float(v):g}" for v in wide["difference"].columns])
    ax.set_yticks(range(values.shape[0]), [f"{100 * float(v):.3g}" for v in wide["difference"].index])
    quiet_spines(ax)
    return picture


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """In how many cells each outcome changes, and where casualties change most."""
    told = {
        "lowest": f"{100 * float(frame['lowest'].iloc[0]):g} %",
        "cells": str(int((frame["outcome"] == "casualties").sum())),
    }
    for name in OUTCOMES:
        own = frame[frame["outcome"] == name]
        told[f"{name}_up"] = str(int((own["low"] > 0.0).sum()))
        told[f"{name}_down"] = str(int((own["high"] < 0.0).sum()))
        told[f"{name}_unclear"] = str(int((~((own["low"] > 0.0) | (own["high"] < 0.0))).sum()))
    own = frame[frame["outcome"] == "casualties"].reset_index(drop=True)
    most = own.iloc[int(own["difference"].abs().fillna(-1.0).to_numpy().argmax())]
    difference, low, high = (100.0 * most[column] for column in ("difference", "low", "high"))
    told["casualties_most"] = effect(difference, low, high, 1, "%")
    told["casualties_most_where"] = (
        f"a threshold of {100 * most['threshold']:g} % and a field dud rate of {number(100 * most['field'], 1)} % "
        f"under \u201c{most['title']}\u201d"
    )
    return told
