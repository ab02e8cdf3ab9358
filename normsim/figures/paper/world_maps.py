"""Maps of the norm in every state: three dates, three regimes, the mean over runs."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from normsim.figures.paper.panel_parts import bar_of_colours, letter
from normsim.figures.phrases import level, number
from normsim.figures.style import QUIET, RAMP, printed
from normsim.scenario.scenario import last_day
from normsim.stats import mean_interval
from normsim.world import world_as_of
from normsim.world.country_outlines import project, rings

QUANTITY = "scope"


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Scenario, title, date, iso3, state, longitude, latitude, mean, low, high, n.

    Args:
        sources: results of experiments of the same scenarios over different numbers of months, with their states.
    """
    parts = []
    for results in sources:
        scenarios = {scenario.name: scenario for scenario in results.experiment.scenarios}
        states = results.query(f"SELECT scenario, iso3, replication, {QUANTITY} AS value FROM states ORDER BY ALL")
        for (name, iso3), own in states.groupby(["scenario", "iso3"], sort=False):
            scenario = scenarios[name]
            ends = mean_interval(own["value"].to_numpy(float))
            parts.append((name, scenario.title, last_day(scenario.start, scenario.months), iso3, *ends))
    frame = pd.DataFrame(parts, columns=["scenario", "title", "date", "iso3", "mean", "low", "high", "n"])
    world = world_as_of(sources[0].experiment.scenarios[0].start)
    columns = {"state": world.names, "lon": world.facts["lon"], "lat": world.facts["lat"]}
    for place, (name, values) in enumerate(columns.items()):
        frame.insert(4 + place, name, frame["iso3"].map(dict(zip(world.iso3, values, strict=True))))
    order = {name: place for place, name in enumerate(scenarios)}
    key = frame["scenario"].map(order)
    return frame.assign(order=key).sort_values(["date", "order", "iso3"], ignore_index=True).drop(columns="order")


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """One row per date, one column per regime."""
    titles, days = list(dict.fromkeys(frame["title"])), list(dict.fromkeys(frame["date"]))
    with printed():
        figure = Figure(figsize=(width, 0.55 + 0.175 * width * len(days)), layout="constrained")
        axes = figure.subplots(len(days), len(titles), squeeze=False)
        norm = Normalize(*_limits(frame["mean"]))
        for row, day in enumerate(days):
            for column, title in enumerate(titles):
                ax = axes[row, column]
                own = frame[(frame["title"] == title) & (frame["date"] == day)]
                _draw(ax, own, norm)
                letter(ax, row * len(titles) + column, title if row == 0 else "")
            axes[row, 0].set_ylabel(f"{pd.Timestamp(str(day)):%B %Y}", color="black", fontsize=7.0)
        picture = matplotlib.cm.ScalarMappable(norm, RAMP)
        label = f"scope of the norm: 1, no exception excuses anything; 0, any does (mean of {_runs(frame)} runs)"
        bar_of_colours(figure, picture, axes, label, location="bottom", shrink=0.5, aspect=45, pad=0.03)
    return figure


def _limits(values: pd.Series) -> tuple[float, float]:
    """The range of the colours: the values, rounded outwards to a twentieth."""
    low, high = math.floor(20.0 * float(values.min())) / 20.0, math.ceil(20.0 * float(values.max())) / 20.0
    return low, high if high > low else low + 0.05


def _runs(frame: pd.DataFrame) -> int:
    return int(frame["n"].iloc[0])


def _draw(ax: Axes, frame: pd.DataFrame, norm: Normalize) -> None:
    shapes, other = rings()
    values = dict(zip(frame["iso3"], frame["mean"], strict=True))
    ax.add_collection(
        PolyCollection(
            [np.array(ring) for ring in other], facecolor="white", edgecolor=QUIET, hatch="////////", linewidth=0.2
        )
    )
    drawn = [(np.array(ring), values[code]) for code, several in shapes.items() if code in values for ring in several]
    colours = matplotlib.colormaps[RAMP](norm([value for _, value in drawn]))
    ax.add_collection(PolyCollection([ring for ring, _ in drawn], facecolor=colours, edgecolor="white", linewidth=0.12))
    small = frame[~frame["iso3"].isin(shapes)]
    points = np.array([project(lon, lat) for lon, lat in zip(small["lon"], small["lat"], strict=True)]).reshape(-1, 2)
    ax.scatter(
        points[:, 0],
        points[:, 1],
        s=2.6,
        c=small["mean"],
        cmap=RAMP,
        norm=norm,
        edgecolor=QUIET,
        linewidth=0.2,
        zorder=3,
    )
    ax.set_xlim(-2.75, 2.8)
    ax.set_ylim(-1.05, 1.36)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """The mean over states at the last date, and the state where it is lowest under the last regime."""
    days = list(dict.fromkeys(frame["date"]))
    told = {"dates": ", ".join(f"{pd.Timestamp(str(day)):%B %Y}" for day in days)}
    told["widest"] = number(float((frame["high"] - frame["mean"]).max()), 2)
    told["last"] = f"{pd.Timestamp(str(days[-1])):%B %Y}"
    last = frame[frame["date"] == days[-1]]
    for place, (title, own) in zip(("first", "second", "third"), last.groupby("title", sort=False), strict=False):
        told[place], told[f"{place}_mean"] = str(title), number(own["mean"].mean(), 2)
    low = own.loc[own["mean"].idxmin()]
    told["lowest"] = str(low["state"])
    told["lowest_level"] = level(low["mean"], low["low"], low["high"], 2)
    return told
