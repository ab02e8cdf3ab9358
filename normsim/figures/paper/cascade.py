"""The cascade of the recorded transfers through the influence layers: who condemns, and who follows.

Two scenarios on the same seeds: with the transfers and without them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normsim.engine.columns import BOUND, LEAVING, NONE, SIGNED
from normsim.figures.paper.panel_parts import letter, only, whiskers
from normsim.figures.paper.transfer_ties import LAYERS, RECIPIENT, SUPPLIER, ties
from normsim.figures.phrases import INTERVAL, effect, level
from normsim.figures.style import FIRST, MARKS, SEVERAL, printed
from normsim.stats import mean_interval
from normsim.world import World, world_as_of

TOLD = ("alliance", "arms")
"""Layers whose shares are told in words."""

FOLLOWED = {
    "claim": "exceptions claimed",
    "transfer": "transfers",
    "use": "state-months of use",
}
"""Acts by which others follow."""

STANDINGS = {"bound": "joined", "signed": "signed only", "outside": "outside"}
"""Status under the convention before the transfers, in words."""

FEW = 5
"""Fewest states of a group whose share is shown."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Panel, group, kind, month (from the first transfer on), mean, low, high, n, states.

    Panel `who`: share of the states with a tie, or without, in each layer that condemned the supplier in a year.
    Panel `when`: the same share by treaty status over the months.
    Panel `follow`: acts of others so far, with the transfers minus without.

    Args:
        sources: results of an experiment of two scenarios, with the transfers and without, with their events.
    """
    results = sources[0]
    with_them, without = (scenario.name for scenario in results.experiment.scenarios)
    world = world_as_of(results.experiment.scenarios[0].start)
    months, n = results.experiment.scenarios[0].months, results.experiment.replications
    first = results.query(
        f"""SELECT replication, actor, min(month) AS month FROM events
        WHERE scenario = '{with_them}' AND act = 'condemn' AND target = '{SUPPLIER}' GROUP BY ALL ORDER BY ALL"""
    )
    first["month"] = _since(first["month"], world)
    rows = _who(first, world, n) + _when(first, standings(world), n, months)
    rows += _follow(_acts(results, world), with_them, without, n, months)
    return pd.DataFrame(rows, columns=["panel", "group", "kind", "month", "mean", "low", "high", "n", "states"])


def standings(world: World) -> dict[str, set[str]]:
    """States by their treaty status before the transfers."""
    status = dict(zip(world.iso3, world.facts["status"], strict=True))
    which = {"bound": (BOUND, LEAVING), "signed": (SIGNED,), "outside": (NONE,)}
    return {
        words: {code for code in status if status[code] in which[name]} - {SUPPLIER}
        for name, words in STANDINGS.items()
    }


def _since(months: pd.Series, world: World) -> pd.Series:
    """Months since the first month of the run."""
    days = pd.to_datetime(months)
    return (days.dt.year - world.start.year) * 12 + days.dt.month - world.start.month


def _shares(first: pd.DataFrame, members: set[str], n: int, before: int) -> tuple[float, float, float, int]:
    """Share of some states that condemned the supplier before a month, over the replications."""
    chosen = first[first["actor"].isin(members) & (first["month"] < before)]
    counts = chosen.groupby("replication")["actor"].nunique().reindex(range(n), fill_value=0)
    return mean_interval(counts.to_numpy(float) / max(len(members), 1))


def _who(first: pd.DataFrame, world: World, n: int) -> list[tuple[Any, ...]]:
    everyone = set(world.iso3) - {SUPPLIER, RECIPIENT}
    rows = []
    for name, members in ties(world).items():
        for kind, group in (("tied", members), ("not tied", everyone - members)):
            if len(group) >= FEW:
                rows.append(("who", name, kind, 12, *_shares(first, group, n, 12), len(group)))
    return rows


def _when(first: pd.DataFrame, groups: Mapping[str, set[str]], n: int, months: int) -> list[tuple[Any, ...]]:
    return [
        ("when", name, "condemned", month, *_shares(first, members, n, month), len(members))
        for name, members in groups.items()
        for month in range(1, months + 1)
    ]


def _acts(results: Any, world: World) -> pd.DataFrame:
    """Acts of others, one row a scenario, replication, act and month with their number."""
    listed = ", ".join(f"'{act}'" for act in FOLLOWED)
    table: pd.DataFrame = results.query(
        f"""SELECT scenario, replication, act, month, count(*) AS acts FROM events
        WHERE act IN ({listed}) AND actor NOT IN ('{SUPPLIER}', '{RECIPIENT}') GROUP BY ALL ORDER BY ALL"""
    )
    return table.assign(month=_since(table["month"], world))


def _follow(acts: pd.DataFrame, with_them: str, without: str, n: int, months: int) -> list[tuple[Any, ...]]:
    rows = []
    for act in FOLLOWED:
        sides = []
        for scenario in (with_them, without):
            own = acts[(acts["act"] == act) & (acts["scenario"] == scenario)]
            grid = np.zeros((n, months))
            np.add.at(grid, (own["replication"].to_numpy(int), own["month"].to_numpy(int)), own["acts"].to_numpy(float))
            sides.append(grid.cumsum(axis=1))
        difference = sides[0] - sides[1]
        for month in range(months):
            rows.append(("follow", act, "difference", month + 1, *mean_interval(difference[:, month]), 0))
    return rows


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """Who condemns, by layer and by treaty status, and who follows."""
    with printed():
        figure = Figure(figsize=(width, 0.40 * width), layout="constrained")
        axes = figure.subplots(1, 3, width_ratios=(1.0, 1.0, 1.0))
        _draw_who(axes[0], frame[frame["panel"] == "who"])
        _draw_when(axes[1], frame[frame["panel"] == "when"])
        _draw_follow(axes[2], frame[frame["panel"] == "follow"])
        for ax in axes[1:]:
            ax.set_xlabel("months from the first transfer on")
    return figure


def _draw_who(ax: Axes, frame: pd.DataFrame) -> None:
    names = list(dict.fromkeys(frame["group"]))
    looks = {"tied": (FIRST, "o", -0.12), "not tied": ("white", "s", 0.12)}
    for kind, (fill, mark, shift) in looks.items():
        own = frame[frame["kind"] == kind]
        rows = np.array([names.index(name) for name in own["group"]]) + shift
        ax.errorbar(
            100.0 * own["mean"],
            rows,
            xerr=100.0 * whiskers(own),
            fmt=mark,
            color=FIRST,
            markerfacecolor=fill,
            elinewidth=0.9,
            capsize=1.5,
            label=f"states {kind}",
        )
    counts = {
        name: int(frame[(frame["group"] == name) & (frame["kind"] == "tied")]["states"].iloc[0]) for name in names
    }
    labels = [f"{LAYERS[name].replace(' or ', chr(10) + 'or ')}\n({counts[name]} states)" for name in names]
    ax.set_yticks(range(len(names)), labels, fontsize=6.0)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(left=0.0)
    ax.set_xlabel(f"condemned the supplier within a year\n[% of states, mean and {INTERVAL} interval]")
    ax.set_ylim(len(names) - 0.5, -1.0)
    ax.legend(loc="upper right", ncols=2, handlelength=0.8, handletextpad=0.5, columnspacing=1.0)
    letter(ax, 0, "Who condemns")


def _draw_when(ax: Axes, frame: pd.DataFrame) -> None:
    for place, (name, own) in enumerate(frame.groupby("group", sort=False)):
        colour = SEVERAL[place]
        ax.fill_between(own["month"], 100.0 * own["low"], 100.0 * own["high"], color=colour, alpha=0.2, linewidth=0)
        label = f"{name} ({int(own['states'].iloc[0])})"
        ax.plot(
            own["month"],
            100.0 * own["mean"],
            color=colour,
            marker=MARKS[place],
            markevery=max(len(own) // 6, 1),
            label=label,
        )
    ax.set_ylabel("condemned the supplier so far [% of states]")
    ax.set_ylim(0.0, 100.0)
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, 1.0))
    letter(ax, 1, "When, by status under the convention", 24)


def _draw_follow(ax: Axes, frame: pd.DataFrame) -> None:
    ax.axhline(0.0, color="black", linewidth=0.6)
    for place, (name, own) in enumerate(frame.groupby("group", sort=False)):
        colour = SEVERAL[place]
        ax.fill_between(own["month"], own["low"], own["high"], color=colour, alpha=0.2, linewidth=0)
        ax.plot(
            own["month"],
            own["mean"],
            color=colour,
            marker=MARKS[place],
            markevery=max(len(own) // 6, 1),
            label=FOLLOWED[str(name)],
        )
    ax.set_ylabel("acts of other states so far,\nwith the transfers minus without")
    ax.legend(loc="upper left")
    letter(ax, 2, "What others do more often", 22)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """Shares that condemned, and how many acts followed."""
    told = {}
    for name in TOLD:
        for kind in ("tied", "not tied"):
            row = only(frame, panel="who", group=name, kind=kind)
            shares = [100 * row[column] for column in ("mean", "low", "high")]
            told[f"{name}_{kind.replace(' ', '_')}"] = level(shares[0], shares[1], shares[2], unit="%")
    last = frame[frame["month"] == frame["month"].max()]
    for word, status in STANDINGS.items():
        row = only(last, panel="when", group=status)
        told[word] = level(100 * row["mean"], 100 * row["low"], 100 * row["high"], unit="%")
    for act in FOLLOWED:
        row = only(last, panel="follow", group=act)
        told[act] = effect(row["mean"], row["low"], row["high"], 1)
    return told
