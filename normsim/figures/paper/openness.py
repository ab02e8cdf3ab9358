"""Openness of an exception and monitoring of its terms: scope and broken assurances, with and without each other."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normsim.analysis.effects import paired_effects
from normsim.figures.paper.panel_parts import letter, lines, mean_rows, told_n
from normsim.figures.phrases import INTERVAL, effect
from normsim.figures.style import printed

OPENNESS, MONITORING = "bridge.transparency", "assurance.monitoring"

OUTCOMES = {
    "scope": ("scope", "scope of the norm (0 to 1)"),
    "breaches": ("broken assurances", "assurances broken in the run"),
}
"""Words and axis of each outcome."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Scenario, title, openness, monitoring, outcome, mean, low, high, n; and the change from no openness.

    The change is from openness 0 at the same monitoring, on the same seeds.

    Args:
        sources: results of an experiment that varies both in some scenarios.
    """
    results = sources[0]
    by = ["scenario", OPENNESS, MONITORING]
    table = results.outcomes(list(OUTCOMES))
    frame = mean_rows(table, by, OUTCOMES)
    effects = paired_effects(results, f"{OPENNESS}=0", OUTCOMES)[[*by, "outcome", "difference", "low", "high"]]
    effects = effects.rename(columns={"low": "difference_low", "high": "difference_high"})
    frame = frame.merge(effects, on=[*by, "outcome"], how="left", validate="one_to_one")
    titles = {scenario.name: scenario.title for scenario in results.experiment.scenarios}
    frame.insert(1, "title", frame["scenario"].map(titles))
    return frame.rename(columns={OPENNESS: "openness", MONITORING: "monitoring"})


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """One row per outcome, one column per scenario; lines by monitoring over openness."""
    titles = list(dict.fromkeys(frame["title"]))
    with printed():
        figure = Figure(figsize=(width, 0.25 + 0.31 * width * len(OUTCOMES)), layout="constrained")
        axes = figure.subplots(len(OUTCOMES), len(titles), sharex=True, sharey="row", squeeze=False)
        for row, (name, (_, label)) in enumerate(OUTCOMES.items()):
            for column, title in enumerate(titles):
                ax = axes[row, column]
                _draw(ax, frame[(frame["outcome"] == name) & (frame["title"] == title)])
                letter(ax, row * len(titles) + column, title, 46)
            axes[row, 0].set_ylabel(label)
        for ax in axes[-1]:
            ax.set_xlabel("openness of the exception (0: hidden, 1: all is public)")
        axes[-1, 0].set_ylim(bottom=0.0)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        note = f"chance that the supplier detects a breach ({told_n(frame)} runs; whiskers: {INTERVAL} interval)"
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), title=note, title_fontsize=6.5)
    return figure


def _draw(ax: Axes, frame: pd.DataFrame) -> None:
    lines(ax, frame, "openness", "monitoring", lambda x, steps: x + 0.008 * steps, "{:g}".format)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """What full openness changes, without and with full monitoring."""
    told = {}
    full = frame[frame["openness"] == frame["openness"].max()]
    titles = list(dict.fromkeys(frame["title"]))
    ends = {"unchecked": frame["monitoring"].min(), "checked": frame["monitoring"].max()}
    for place, title in zip(("first", "second"), titles, strict=False):
        told[place] = title
        for name in OUTCOMES:
            for word, monitoring in ends.items():
                chosen = (full["title"] == title) & (full["monitoring"] == monitoring) & (full["outcome"] == name)
                row = full[chosen].iloc[0]
                told[f"{place}_{name}_{word}"] = effect(
                    row["difference"],
                    row["difference_low"],
                    row["difference_high"],
                    3 if name == "scope" else 1,
                )
    return told
