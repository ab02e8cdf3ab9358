"""Who follows whom: the states that act after the recorded transfers where they would not have, and their ties.

Two scenarios on the same seeds: with the transfers and without them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normsim.figures.paper.panel_parts import letter, told_n, whiskers
from normsim.figures.paper.transfer_ties import LAYERS, RECIPIENT, SUPPLIER, ties
from normsim.figures.phrases import INTERVAL, level
from normsim.figures.style import FIRST, printed
from normsim.stats import mean_interval
from normsim.world import world_as_of

ACTS = {"claim": "claimed an exception", "transfer": "transferred the weapon", "use": "used the weapon"}
"""Acts of others, in words."""

SHORT = dict(zip(LAYERS, ("arms", "region", "pact", "votes", "organisations"), strict=True))
"""What a tie in each layer is called beside a name."""

MOST = 8
"""States shown for an act, at most: those that act more often with the transfers."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Act, state, tie, mean, low, high, n: share of runs in which a state acted, with the transfers minus without.

    The states of an act are those with the greatest mean above zero, whatever its interval; `tie` lists the layers in
    which a state hears supplier or recipient.

    Args:
        sources: results of an experiment of two scenarios, with the transfers and without, with their events.
    """
    results = sources[0]
    with_them, without = (scenario.name for scenario in results.experiment.scenarios)
    world = world_as_of(results.experiment.scenarios[0].start)
    listed = ", ".join(f"'{act}'" for act in ACTS)
    acted = results.query(
        f"""SELECT DISTINCT scenario, replication, act, actor FROM events
        WHERE act IN ({listed}) AND actor NOT IN ('{SUPPLIER}', '{RECIPIENT}') ORDER BY ALL"""
    )
    heard, n = ties(world), results.experiment.replications
    rows = []
    for act in ACTS:
        sides = [_acted(acted, act, scenario, world.iso3, n) for scenario in (with_them, without)]
        change = sides[0] - sides[1]
        leading = np.argsort(-change.mean(axis=1), kind="stable")[:MOST]
        for place in leading[change[leading].mean(axis=1) > 0.0]:
            code = world.iso3[place]
            tie = ", ".join(short for layer, short in SHORT.items() if code in heard[layer])
            rows.append((act, world.names[place], tie or "none", *mean_interval(change[place])))
    return pd.DataFrame(rows, columns=["act", "state", "tie", "mean", "low", "high", "n"])


def _acted(acted: pd.DataFrame, act: str, scenario: str, codes: Sequence[str], n: int) -> np.ndarray:
    """Whether each state acted in each run, shape (states, n)."""
    own = acted[(acted["act"] == act) & (acted["scenario"] == scenario) & acted["actor"].isin(codes)]
    found = np.zeros((len(codes), n))
    found[[codes.index(code) for code in own["actor"]], own["replication"].to_numpy(int)] = 1.0
    return found


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """A panel an act: states with their change."""
    with printed():
        figure = Figure(figsize=(width, 0.42 * width), layout="constrained")
        for place, (ax, (act, words)) in enumerate(zip(figure.subplots(1, len(ACTS)), ACTS.items(), strict=True)):
            _draw(ax, frame[frame["act"] == act])
            letter(ax, place, words[0].upper() + words[1:], 30)
        note = "change in the share of runs in which a state acted at least once [percentage points]"
        runs = f"; {told_n(frame)}, {INTERVAL} interval" if len(frame) else ""
        figure.supxlabel(note + runs, fontsize=6.5)
    return figure


def _draw(ax: Axes, frame: pd.DataFrame) -> None:
    rows = np.arange(len(frame))
    if not len(frame):
        ax.text(0.5, 0.5, "no state", ha="center", transform=ax.transAxes)
    ax.axvline(0.0, color="black", linewidth=0.6)
    ax.errorbar(
        100.0 * frame["mean"],
        rows,
        xerr=100.0 * whiskers(frame),
        fmt="o",
        color=FIRST,
        elinewidth=0.9,
        capsize=1.5,
    )
    labels = [f"{state}\n({tie})" for state, tie in zip(frame["state"], frame["tie"].fillna("none"), strict=True)]
    ax.set_yticks(rows, labels, fontsize=5.6)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(MOST - 0.4, -0.6)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """Who leads for each act, by how much, and how many are clear of zero."""
    told = {"most": str(MOST)}
    for act in ACTS:
        own = frame[frame["act"] == act]
        nobody = {"state": "no state", "tie": "none", "mean": 0.0, "low": 0.0, "high": 0.0}
        first: dict[Any, Any] = own.iloc[0].to_dict() if len(own) else nobody
        told[f"{act}_leader"] = str(first["state"])
        told[f"{act}_change"] = level(100.0 * first["mean"], 100.0 * first["low"], 100.0 * first["high"], 0)
        told[f"{act}_tie"] = str(first["tie"])
        told[f"{act}_shown"] = str(len(own))
        told[f"{act}_clear"] = str(int((own["low"] > 0.0).sum()))
    return told
