"""Which of the uncertain numbers the results depend on: Sobol indices of four outcomes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normsim.analysis.sensitivity import sensitivity_indices
from normsim.figures.paper.panel_parts import letter
from normsim.figures.phrases import level
from normsim.figures.style import FIRST, QUIET, SECOND, printed
from normsim.parameters import records

OUTCOMES = {"scope": "Scope", "parties": "States that joined", "users": "Use", "casualties": "Casualties"}
"""The outcomes and their words."""

MOST = 7
"""Parameters drawn in a panel: the others are only counted."""

NAMES = {
    "join.waning": "waning of joining",
    "conflict.level": "how many wars begin",
    "withdraw.rate": "base rate of withdrawal",
    "withdraw.norm": "the norm holds parties",
    "join.norm": "the norm drives joining",
    "use.intercept": "base rate of use",
    "use.norm": "the norm restrains use",
    "use.intensity": "fierce wars drive use",
    "use.habit": "habit of use",
    "use.rounds": "rounds fired in a month of use",
    "harm.attack": "casualties per round",
    "claim.intercept": "base rate of claims",
    "claim.need": "need drives claims",
    "norm.scope_erode": "acts under an exception erode scope",
    "standing.power": "the powerful weigh more",
    "norm.recurrence": "repetition does extra damage",
}
"""Parameters in a few words; any other goes by the meaning in its record."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Scenario, outcome, factor, index (S1 or ST), value, low, high, n, and the factor in words.

    Args:
        sources: results of an experiment of one Sobol block.
    """
    frame = sensitivity_indices(sources[0], OUTCOMES).drop(columns=["of", "noise"])
    return frame.assign(words=[in_words(name) for name in frame["factor"]])


def in_words(name: str) -> str:
    """A parameter in a few words."""
    if name in NAMES:
        return NAMES[name]
    meaning = records()[name].meaning.partition(":")[0].partition(";")[0].partition(",")[0]
    return meaning if len(meaning) <= 34 else meaning[:31] + "..."


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """One panel per outcome, the leading parameters on top."""
    with printed():
        figure = Figure(figsize=(width, 0.72 * width), layout="constrained")
        axes = figure.subplots(2, 2)
        for place, (ax, (name, word)) in enumerate(zip(axes.flat, OUTCOMES.items(), strict=True)):
            own = frame[frame["outcome"] == name]
            _draw(ax, own)
            letter(ax, place, word)
        for ax in axes[-1]:
            ax.set_xlabel("share of the variance between points")
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    wide = frame.pivot(index="words", columns="index", values=["value", "low", "high"])
    return wide.sort_values(("value", "ST"), ascending=False, kind="stable")


def _draw(ax: Axes, frame: pd.DataFrame) -> None:
    top = _ranked(frame).head(MOST)
    rows = np.arange(len(top))
    looks: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("S1", "alone", {"color": FIRST}),
        ("ST", "with all its interactions", {"color": SECOND, "hatch": "////", "edgecolor": "white"}),
    )
    for shift, (index, word, look) in zip((-0.2, 0.2), looks, strict=True):
        value, low, high = (top[part, index].to_numpy(float) for part in ("value", "low", "high"))
        ax.barh(
            rows + shift,
            value,
            xerr=np.nan_to_num([value - low, high - value]),
            height=0.38,
            linewidth=0.0,
            label=word,
            error_kw={"ecolor": "black", "elinewidth": 0.7, "capsize": 1.3},
            **look,
        )
    ax.set_yticks(rows, list(top.index))
    ax.invert_yaxis()
    ax.axvline(0.0, color=QUIET, linewidth=0.6)
    ax.set_xlim(-0.1, 1.05)
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """What leads in each outcome."""
    told = {"factors": str(frame["factor"].nunique()), "shown": str(min(MOST, frame["factor"].nunique()))}
    for name in OUTCOMES:
        own = frame[frame["outcome"] == name]
        first = own[own["index"] == "ST"].sort_values("value", ascending=False, kind="stable").iloc[0]
        told[f"{name}_leader"] = str(first["words"])
        told[f"{name}_share"] = level(first["value"], first["low"], first["high"], 2)
    return told
