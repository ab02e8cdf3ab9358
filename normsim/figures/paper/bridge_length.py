"""How long exceptions last, how often they open and what they cost the norm, by how fast production ramps up."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from normsim.figures.paper.panel_parts import letter, mean_rows, told_n, whiskers
from normsim.figures.phrases import INTERVAL, effect, level
from normsim.figures.style import DASHES, FIRST, MARKS, SECOND, printed
from normsim.stats import mean_interval

SURGE, SUSTAIN = "production.surge", "production.sustain"

PANELS = {
    "length": ("Length of an exception", "months an exception is open"),
    "episodes": ("Exceptions", "exceptions opened in the run"),
    "scope": ("Scope of the norm", "scope of the norm (0 to 1)"),
}
"""Title and axis of each panel."""

WORDS = {0.0: "output falls back after the need", 1.0: "output is sustained"}


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Surge, sustain, outcome, mean, low, high, n; and the change by sustaining at the same surge.

    The length is the months under an exception, all suppliers together, over the exceptions opened; a run without
    exception has none and is left out.

    Args:
        sources: results of an experiment that varies surge and sustain.
    """
    results = sources[0]
    months = results.experiment.scenarios[0].months
    table = results.outcomes(["bridges_open", "episodes", "scope"])
    opened = table["episodes"].where(table["episodes"] > 0.0)
    table["length"] = months * table["bridges_open"] / opened
    table = table.sort_values([SURGE, SUSTAIN, "replication"])
    frame = mean_rows(table, [SURGE, SUSTAIN], PANELS)
    changes = []
    for (surge, _, outcome), _ in frame.groupby([SURGE, SUSTAIN, "outcome"], sort=False):
        wide = table[table[SURGE] == surge].pivot(index="replication", columns=SUSTAIN, values=outcome)
        changes.append(mean_interval((wide[1.0] - wide[0.0]).to_numpy(float))[:3])
    frame[["difference", "difference_low", "difference_high"]] = np.array(changes)
    frame.loc[frame[SUSTAIN] == 0.0, ["difference", "difference_low", "difference_high"]] = np.nan
    return frame.rename(columns={SURGE: "surge", SUSTAIN: "sustain"})


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """One panel per outcome, one line with and without sustained output."""
    with printed():
        figure = Figure(figsize=(width, 0.38 * width), layout="constrained")
        axes = figure.subplots(1, len(PANELS))
        for place, (ax, (name, (title, label))) in enumerate(zip(axes, PANELS.items(), strict=True)):
            own = frame[frame["outcome"] == name]
            for which, (sustain, word) in enumerate(WORDS.items()):
                line = own[own["sustain"] == sustain].sort_values("surge")
                dash: Any = (0, DASHES[which]) if DASHES[which] else "-"
                ax.errorbar(
                    line["surge"] * (0.98, 1.02)[which],
                    line["mean"],
                    yerr=whiskers(line),
                    color=(FIRST, SECOND)[which],
                    linestyle=dash,
                    marker=MARKS[which],
                    elinewidth=0.9,
                    capsize=1.5,
                    label=word,
                )
            ax.set_ylabel(label)
            ax.set_xscale("log", base=2)
            ticks = sorted(own["surge"].unique())
            ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            ax.minorticks_off()
            ax.set_xlabel("speed of the ramp (1: as observed)")
            letter(ax, place, title)
        for ax in axes[:2]:
            ax.set_ylim(bottom=0.0)
        handles, labels = axes[0].get_legend_handles_labels()
        note = f"{told_n(frame[frame['outcome'] == 'scope'])} runs; whiskers: {INTERVAL} interval"
        figure.legend(handles, labels, loc="outside lower center", ncols=2, title=note, title_fontsize=6.5)
    return figure


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """Length at the slowest and fastest ramp, and what sustaining changes at the observed one."""
    plain = frame[frame["sustain"] == 0.0]
    slow, fast = frame["surge"].min(), frame["surge"].max()
    told = {"slow": f"{slow:g}", "fast": f"{fast:g}"}
    for word, surge in (("slow", slow), ("fast", fast)):
        for name, places in (("length", 0), ("scope", 3)):
            row = plain[(plain["surge"] == surge) & (plain["outcome"] == name)].iloc[0]
            told[f"{name}_{word}"] = level(row["mean"], row["low"], row["high"], places)
    kept = frame[(frame["sustain"] == 1.0) & (frame["surge"] == 1.0)]
    for _, row in kept.iterrows():
        ends = (row["difference"], row["difference_low"], row["difference_high"])
        longer = row["outcome"] == "length"
        told[f"sustain_{row['outcome']}"] = effect(
            *ends,
            3 if row["outcome"] == "scope" else 1,
            unit="months" if longer else "",
            up="longer" if longer else "higher",
        )
    return told
