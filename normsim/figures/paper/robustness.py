"""The robustness of the norm and its four indicators under every regime, against the first on the same seeds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from normsim.analysis.effects import paired_effects
from normsim.figures.paper.panel_parts import ends, letter, mean_rows, told_n, whiskers
from normsim.figures.phrases import INTERVAL, effect, level
from normsim.figures.style import FIRST, QUIET, printed

OUTCOMES = {
    "robustness": "Robustness",
    "concordance": "Concordance",
    "reaction": "Reaction",
    "compliance": "Compliance",
    "implementation": "Implementation",
}
"""The index and its indicators, in words."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Scenario, title, outcome, mean, low, high, n; difference from the first scenario, its interval, and its verdict.

    Args:
        sources: results of an experiment of several scenarios; the first is the one they are set against.
    """
    results = sources[0]
    scenarios = results.experiment.scenarios
    frame = mean_rows(results.outcomes(list(OUTCOMES)), ["scenario"], OUTCOMES)
    titles = {scenario.name: scenario.title for scenario in scenarios}
    frame.insert(1, "title", frame["scenario"].map(titles))
    effects = paired_effects(results, scenarios[0].name, OUTCOMES)[["scenario", "outcome", "difference", "low", "high"]]
    effects = effects.rename(columns={"low": "difference_low", "high": "difference_high"})
    return frame.merge(effects, on=["scenario", "outcome"], how="left", validate="one_to_one")


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """One column per indicator, one row per scenario."""
    titles = list(dict.fromkeys(frame["title"]))
    with printed():
        figure = Figure(figsize=(width, 0.7 + 0.165 * len(titles)), layout="constrained")
        axes = figure.subplots(1, len(OUTCOMES), sharey=True)
        for place, (ax, (name, word)) in enumerate(zip(axes, OUTCOMES.items(), strict=True)):
            own = frame[frame["outcome"] == name].reset_index(drop=True)
            clear = _clear(own)
            rows = np.arange(len(own))
            ax.axvline(own["mean"].iloc[0], color=QUIET, linewidth=0.8, linestyle=(0, (2.0, 1.5)), zorder=1)
            ax.errorbar(
                own["mean"], rows, xerr=whiskers(own), fmt="none", ecolor=FIRST, elinewidth=1.0, capsize=1.5, zorder=2
            )
            for chosen, fill, label in (
                (clear, FIRST, "difference from the dashed line clear of zero"),
                (~clear, "white", "not distinguishable from it"),
            ):
                ax.scatter(
                    own["mean"][chosen],
                    rows[chosen],
                    s=15,
                    facecolor=fill,
                    edgecolor=FIRST,
                    linewidth=0.9,
                    zorder=3,
                    label=label,
                )
            letter(ax, place, word, size=6.6)
            ax.set_xlabel("index (0 to 1)")
            ax.margins(x=0.12)
            ax.xaxis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10], min_n_ticks=2))
            ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes[0].set_yticks(np.arange(len(titles)), titles, fontsize=6.2)
        axes[0].invert_yaxis()
        for ax in axes:
            ax.tick_params(axis="y", length=0)
        handles, labels = axes[0].get_legend_handles_labels()
        note = f"whiskers: {INTERVAL} interval of the mean ({told_n(frame)} runs); dashed: {titles[0].lower()}"
        figure.legend(handles, labels, loc="outside lower center", ncols=2, title=note, title_fontsize=6.5)
    return figure


def _clear(frame: pd.DataFrame) -> np.ndarray:
    """Whether the difference from the first scenario leaves zero out."""
    return ((frame["difference_low"] > 0.0) | (frame["difference_high"] < 0.0)).to_numpy()


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """Which regimes move the index."""
    index = frame[frame["outcome"] == "robustness"].reset_index(drop=True)
    base, others = index.iloc[0], index.iloc[1:]
    clear = _clear(index)[1:]
    up, down = (clear & (sign * others["difference"] > 0.0) for sign in (1.0, -1.0))
    told = {
        "base": str(base["title"]),
        "base_level": level(base["mean"], base["low"], base["high"], 3),
        "others": str(len(others)),
        "raised": str(int(up.sum())),
        "lowered": str(int(down.sum())),
        "unclear": str(int((~clear).sum())),
    }
    for name, row in zip(("lowest", "highest"), ends(others, "difference"), strict=True):
        told[name] = str(row["title"])
        told[f"{name}_effect"] = effect(row["difference"], row["difference_low"], row["difference_high"], 3)
    return told
