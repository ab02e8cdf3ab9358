"""One long exception or several short ones: scope and validity, by how much extra damage repetition does."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normsim.analysis.effects import paired_effects
from normsim.figures.paper.panel_parts import letter, lines, mean_rows, only, told_n, widen
from normsim.figures.phrases import INTERVAL, effect, level, number
from normsim.figures.style import printed

EPISODES, RECURRENCE = "bridge.episodes", "norm.recurrence"

PANELS = {
    "scope": ("Scope of the norm", "scope of the norm (0 to 1)"),
    "validity": ("Validity of the norm", "validity of the norm (0 to 1)"),
    "months_open": ("Check: time under exceptions", "months, all suppliers together"),
}
"""Title and axis of each panel."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Episodes, recurrence, outcome, mean, low, high, n; and the change from recurrence 0 at the same episodes.

    Args:
        sources: results of an experiment that varies both.
    """
    results = sources[0]
    months = results.experiment.scenarios[0].months
    table = results.outcomes(["scope", "validity", "bridges_open"])
    table["months_open"] = table["bridges_open"] * months
    by = [EPISODES, RECURRENCE]
    frame = mean_rows(table.sort_values([*by, "replication"]), by, PANELS)
    effects = paired_effects(results, f"{RECURRENCE}=0", ["scope", "validity"])
    effects = effects[[*by, "outcome", "difference", "low", "high"]]
    effects = effects.rename(columns={"low": "difference_low", "high": "difference_high"})
    frame = frame.merge(effects, on=[*by, "outcome"], how="left", validate="one_to_one")
    return frame.rename(columns={EPISODES: "episodes", RECURRENCE: "recurrence"})


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """Lines by recurrence over the number of episodes."""
    with printed():
        figure = Figure(figsize=(width, 0.40 * width), layout="constrained")
        axes = figure.subplots(1, len(PANELS))
        for place, (ax, (name, (title, label))) in enumerate(zip(axes, PANELS.items(), strict=True)):
            _draw(ax, frame[frame["outcome"] == name])
            ax.set_ylabel(label)
            letter(ax, place, title)
        widen(axes[1], 0.1)
        axes[2].set_ylim(bottom=0.0)
        handles, labels = axes[0].get_legend_handles_labels()
        many = f"{told_n(frame)}; whiskers: {INTERVAL} interval"
        note = f"each further exception wears scope down so many times as fast ({many})"
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), title=note, title_fontsize=6.5)
    return figure


def _draw(ax: Axes, frame: pd.DataFrame) -> None:
    ticks = sorted(frame["episodes"].unique())
    lines(ax, frame, "episodes", "recurrence", lambda x, steps: x * (1.0 + 0.02 * steps), lambda r: f"{1.0 + r:g}")
    ax.set_xscale("log", base=2)
    ax.set_xticks(ticks, [f"{int(tick)}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xlabel("exceptions a supplier may claim")


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """What splitting does with and without extra damage by repetition."""
    few, many = frame["episodes"].min(), frame["episodes"].max()
    levels = sorted(frame["recurrence"].unique())
    middle = levels[len(levels) // 2]
    told = {"few": number(few), "many": number(many), "middle": f"{1.0 + middle:g}"}
    for word, episodes in (("few", few), ("many", many)):
        for how, recurrence in (("none", 0.0), ("repeated", middle)):
            row = only(frame, outcome="scope", episodes=episodes, recurrence=recurrence)
            told[f"scope_{how}_{word}"] = level(row["mean"], row["low"], row["high"], 3)
        told[f"scope_effect_{word}"] = _effect(only(frame, outcome="scope", episodes=episodes, recurrence=middle))
    told["validity_effect_many"] = _effect(only(frame, outcome="validity", episodes=many, recurrence=middle))
    months = frame[frame["outcome"] == "months_open"]
    for word, episodes in (("few", few), ("many", many)):
        told[f"months_{word}"] = number(months[months["episodes"] == episodes]["mean"].mean())
    return told


def _effect(row: dict[str, Any]) -> str:
    """What extra damage changes, in words."""
    return effect(row["difference"], row["difference_low"], row["difference_high"], 3)
