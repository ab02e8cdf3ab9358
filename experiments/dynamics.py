"""Figures of the experiments on influence, for `normsim compare DIR --baseline ... --figures experiments/dynamics.py`.

One function draws the figure of whichever of the six experiments the results are of. Bands and whiskers are 95 %
intervals of the mean over runs; lines differ in dash and marker as well as in shade, so that they print in grey.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

TEN = 10
"""Parties that leave in `mass_exit`."""


def dynamics(results: Any) -> Figure:
    """Draw the figure of one experiment on influence."""
    factors = set(results.experiment.factors)
    for needed, draw in _FIGURES:
        if needed <= factors:
            return draw(results)
    raise ValueError(f"no figure for an experiment that varies {', '.join(sorted(factors))}")


def _figure(results: Any, columns: int, title: str, rows: int = 1) -> tuple[Figure, Sequence[Axes]]:
    """Panels under a title, with the number of runs and the seed below."""
    figure = Figure(figsize=(3.4 * columns, 0.6 + 3.3 * rows), layout="constrained")
    axes = np.ravel(figure.subplots(rows, columns, squeeze=False))
    experiment = results.experiment
    figure.suptitle(title, fontsize=11)
    note = f"{experiment.replications} runs a point, seed {experiment.seed}; 95 % intervals of the mean"
    figure.supxlabel(note, fontsize=8, color="0.35")
    return figure, axes


def _lines(ax: Axes, data: pd.DataFrame, x: str, y: str, by: str | None, label: str) -> None:
    """Lines with bands, one a group, told apart by dash, marker and shade."""
    groups = sorted(data[by].unique(), key=str) if by else [None]
    shades = sns.color_palette("viridis", len(groups) + 1)[:-1]
    sns.lineplot(
        data,
        x=x,
        y=y,
        hue=by,
        style=by,
        hue_order=groups if by else None,
        style_order=groups if by else None,
        palette=shades if by else None,
        markers=bool(by),
        dashes=bool(by),
        errorbar=("se", 1.96),
        ax=ax,
    )
    ax.set_ylabel(label)
    if by and ax.get_legend():
        ax.legend(fontsize=8, title=by.split(".")[-1].replace("_", " "), title_fontsize=8)


def _critical_mass(results: Any) -> Figure:
    """Votes of the states that are not committed, by the committed share."""
    data = results.outcomes(["votes_yes", "felt", "parties"])
    levels = sorted(data["norm.susceptibility"].unique())
    figure, axes = _figure(results, len(levels), "A committed minority rejects the norm: who follows?")
    for ax, level in zip(axes, levels, strict=True):
        _lines(
            ax,
            data[data["norm.susceptibility"] == level],
            "committed.share",
            "votes_yes",
            "committed.who",
            "states that vote yes after 20 years",
        )
        ax.set(title=f"susceptibility {level:g}", xlabel="committed share of states", ylim=(0, 197))
    return figure


def _exit_cascade(results: Any) -> Figure:
    """Further exits per exit, and notices in the sister treaty's world."""
    data = results.outcomes(["notices"])
    keys = ["withdraw.exposure", "withdraw.unthreatened", "replication"]
    wide = data.pivot_table(index=keys, columns="scenario", values="notices").reset_index()
    wide["further"] = (wide["mass_exit"] - wide["baseline"] - TEN) / TEN
    wide["others"] = wide["neighbours_joined"] - 1 - wide["baseline"]
    figure, axes = _figure(results, 2, "Who follows those that leave?")
    _lines(axes[0], wide, keys[0], "further", keys[1], "further exits per exit, 18 years")
    axes[0].axhline(1.0, color="0.3", linewidth=0.8, linestyle=":")
    axes[0].set(title="ten European parties leave", xlabel="exposure")
    _lines(axes[1], wide, keys[0], "others", keys[1], "notices beside Lithuania's, minus baseline")
    axes[1].set(title="threatened neighbours are parties", xlabel="exposure")
    return figure


def _death_and_recovery(results: Any) -> Figure:
    """The felt norm over time, violations answered or not, by susceptibility."""
    data = results.series(["felt"]).merge(results.points, on=["point", "scenario"])
    data["years"] = (pd.to_datetime(data["month"]) - pd.Timestamp("2023-07-01")).dt.days / 365.25
    data = data[pd.to_datetime(data["month"]).dt.month == 1]
    anchors = sorted(data["norm.anchor"].unique())
    figure, axes = _figure(results, len(anchors), "Eight years of violation by great powers (shaded)", rows=2)
    cases = [(anchor, name) for name in ("open_violation", "silent_violation") for anchor in anchors]
    for ax, (anchor, name) in zip(axes, cases, strict=True):
        part = data[(data["norm.anchor"] == anchor) & (data["scenario"] == name)]
        _lines(ax, part, "years", "felt", "norm.susceptibility", "mean felt norm")
        ax.axvspan(2, 10, color="0.9", zorder=0)
        said = "free to answer" if name == "open_violation" else "nobody answers"
        ax.set(title=f"{said}, anchor {anchor:g}", xlabel="years from July 2023", ylim=(0, 1))
        if ax is not axes[0]:  # the same for all
            ax.get_legend().remove()
    return figure


def _network_identity(results: Any) -> Figure:
    """Outcomes under other networks, minus the world's own ties, in standard deviations over seeds."""
    names = ["felt", "parties", "users", "transfers"]
    data = results.outcomes(names)
    data["network"] = [_network(row) for row in data.to_dict("records")]
    scenarios = list(dict.fromkeys(data["scenario"]))
    figure, axes = _figure(
        results, len(scenarios), "Does it matter who looks to whom? Difference from the world's own ties"
    )
    for ax, scenario in zip(axes, scenarios, strict=True):
        part = data[(data["scenario"] == scenario) & (data["norm.susceptibility"] == data["norm.susceptibility"].min())]
        own = part[part["network"] == "own ties"].set_index("replication")[names]
        rows = []
        for network, group in part[part["network"] != "own ties"].groupby("network", sort=False):
            for place, values in group.groupby("replication")[names].mean().iterrows():
                change = (values - own.loc[place]) / own.std().replace(0.0, np.nan)
                rows += [{"network": network, "outcome": name, "difference": change[name]} for name in names]
        table = pd.DataFrame(rows)
        sns.pointplot(
            table,
            y="network",
            x="difference",
            hue="outcome",
            errorbar=("se", 1.96),
            linestyle="none",
            dodge=0.5,
            markers=["o", "s", "D", "^"],
            palette="viridis",
            ax=ax,
            markersize=4,
            err_kws={"linewidth": 1},
        )
        ax.axvline(0.0, color="0.3", linewidth=0.8)
        ax.set(title=scenario, xlabel="standard deviations over seeds", ylabel="")
        ax.legend().remove()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", fontsize=8)
    return figure


def _network(row: dict[str, Any]) -> str:
    """Name of the network of one run, from its factors."""
    layers = ("region", "alliance", "votes", "arms", "organisations")
    without = [layer for layer in layers if row[f"network.{layer}"] == 0.0]
    if row["norm.news"] == 1.0:
        return "mean field"
    if row["network.shuffle"]:
        return "relabelled"
    if len(without) == len(layers) - 1:
        return next(layer for layer in layers if layer not in without) + " alone"
    return f"without {without[0]}" if without else "own ties"


def _precedent(results: Any) -> Figure:
    """Claims by others in ten years, by precedent, answer and standard."""
    data = results.outcomes(["claimants"])
    data["others"] = data["claimants"] - 1
    standards = sorted(data["bridge.clear_standard"].unique())
    figure, axes = _figure(results, len(standards), "One open claim: how many others claim the exception?")
    for ax, standard in zip(axes, standards, strict=True):
        part = data[data["bridge.clear_standard"] == standard]
        _lines(ax, part, "claim.precedent", "others", "norm.enough", "other claimants in ten years")
        ax.set(title=f"clear standard {standard:g}", xlabel="pull of an unanswered claim", ylim=(0, None))
    return figure


def _scarcity(results: Any) -> Figure:
    """What the transfers change, by what Ukraine had left and how it husbands it."""
    names = ["rounds_fired", "casualties"]
    data = results.outcomes(names)
    pairs = {
        "two months of fire": ("ukraine_2023", "no_transfer_2023"),
        "a full store": ("full_store", "full_store_alone"),
    }
    keys = ["use.ration", "replication"]
    wide = data.pivot_table(index=keys, columns="scenario", values=names)
    figure, axes = _figure(results, 2, "What the rounds sent do: transfers minus no transfers")
    for ax, name, label in zip(axes, names, ("rounds fired in ten years", "casualties in ten years"), strict=True):
        parts = [
            (wide[name][sent] - wide[name][kept]).rename("difference").reset_index().assign(left=left)
            for left, (sent, kept) in pairs.items()
        ]
        _lines(ax, pd.concat(parts, ignore_index=True), "use.ration", "difference", "left", label)
        ax.axhline(0.0, color="0.3", linewidth=0.8, linestyle=":")
        ax.set(xscale="log", xlabel="largest share of its rounds fired in a month")
    return figure


_FIGURES: tuple[tuple[set[str], Callable[[Any], Figure]], ...] = (
    ({"committed.share"}, _critical_mass),
    ({"withdraw.exposure"}, _exit_cascade),
    ({"norm.anchor"}, _death_and_recovery),
    ({"network.shuffle"}, _network_identity),
    ({"claim.precedent"}, _precedent),
    ({"use.ration"}, _scarcity),
)
"""The factors by which an experiment is known, and its figure."""
