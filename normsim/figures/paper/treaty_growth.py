"""Treaty growth against the record: states that joined, and deposits year by year, over runs from the opening on."""

import datetime
from collections.abc import Sequence
from typing import Any

import matplotlib.dates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from normsim.figures.paper.panel_parts import letter, told_n
from normsim.figures.phrases import number, span
from normsim.figures.style import DASHES, FIRST, ONE_COLUMN, SECOND, TWO_COLUMNS, printed
from normsim.world import record

SPREAD = (2.5, 97.5)
"""Percentiles of the runs between which the band lies: the record is one history, so it is set against single runs."""

CENTRAL = f"{number(SPREAD[1] - SPREAD[0])} %"
"""Share of the runs within the band, in words."""

JOINED, DEPOSITS = "joined", "deposits"


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Panel, month (or 1 January of a year), series (model or record), mean, low, high, n.

    Args:
        sources: results of an experiment of one scenario from the opening on, with its series.
    """
    table = sources[0].series(["parties", "deposits"])
    table["month"] = pd.to_datetime(table["month"])
    wide = {name: table.pivot(index="replication", columns="month", values=name) for name in ("parties", "deposits")}
    months = list(wide["parties"].columns)
    yearly = wide["deposits"].T.groupby([month.year for month in months]).sum().T
    whole = [year for year in yearly.columns if sum(month.year == year for month in months) == 12] or [months[0].year]
    states = [record(_after(month)).parties for month in months]
    deposits = [_deposits(year) for year in whole]
    days = [pd.Timestamp(year, 1, 1) for year in whole]
    parts = [
        _model(JOINED, months, wide["parties"].to_numpy(float)),
        _record(JOINED, months, states),
        _model(DEPOSITS, days, yearly[whole].to_numpy(float)),
        _record(DEPOSITS, days, deposits),
    ]
    return pd.concat(parts, ignore_index=True)


def _after(month: pd.Timestamp) -> datetime.date:
    """First day of the next month: what happened in the month lies before it."""
    return (month + pd.DateOffset(months=1)).date()


def _deposits(year: int) -> int:
    return record(datetime.date(year + 1, 1, 1)).deposits - record(datetime.date(year, 1, 1)).deposits


def _model(panel: str, days: list[pd.Timestamp], values: np.ndarray) -> pd.DataFrame:
    """The runs: mean and central spread."""
    low, high = np.percentile(values, SPREAD, axis=0)
    columns = {"panel": panel, "month": days, "series": "model", "mean": values.mean(axis=0), "low": low, "high": high}
    return pd.DataFrame(columns | {"n": len(values)})


def _record(panel: str, days: list[pd.Timestamp], values: list[int]) -> pd.DataFrame:
    counts = np.array(values, float)
    columns = {"panel": panel, "month": days, "series": "record", "mean": counts, "low": np.nan, "high": np.nan}
    return pd.DataFrame(columns | {"n": 1})


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """States that joined over time, and deposits a year."""
    frame = frame.assign(month=pd.to_datetime(frame["month"]))
    with printed():
        wide = width > (ONE_COLUMN + TWO_COLUMNS) / 2.0
        figure = Figure(figsize=(width, (0.42 if wide else 1.3) * width), layout="constrained")
        first, second = figure.subplots(1, 2) if wide else figure.subplots(2, 1)
        _draw_joined(first, frame[frame["panel"] == JOINED])
        _draw_deposits(second, frame[frame["panel"] == DEPOSITS])
    return figure


def _draw_joined(ax: Axes, frame: pd.DataFrame) -> None:
    model, recorded = (frame[frame["series"] == name] for name in ("model", "record"))
    ax.fill_between(
        model["month"],
        model["low"],
        model["high"],
        color=FIRST,
        alpha=0.18,
        linewidth=0,
        label=f"model, central {CENTRAL} of runs",
    )
    ax.plot(model["month"], model["mean"], color=FIRST, label=f"model, mean ({told_n(model)} runs)")
    ax.plot(recorded["month"], recorded["mean"], color=SECOND, drawstyle="steps-post", label="record")
    dates: Any = matplotlib.dates  # has no types
    ax.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=7))
    ax.xaxis.set_major_formatter(dates.DateFormatter("%Y" if len(model) > 60 else "%Y-%m"))
    ax.lines[-1].set_dashes(DASHES[1])  # type: ignore[arg-type]
    ax.set_ylabel("states that joined the convention")
    ax.set_ylim(bottom=0.0)
    ax.legend(loc="lower right")
    letter(ax, 0, "States that ratified or acceded, less exits")


def _draw_deposits(ax: Axes, frame: pd.DataFrame) -> None:
    model, recorded = (frame[frame["series"] == name] for name in ("model", "record"))
    years = model["month"].dt.year.to_numpy()
    reach = np.array([model["mean"] - model["low"], model["high"] - model["mean"]])
    ax.errorbar(
        years,
        model["mean"],
        yerr=reach,
        fmt="o",
        color=FIRST,
        elinewidth=0.9,
        capsize=1.6,
        label=f"model, mean and central {CENTRAL} of runs",
    )
    ax.plot(
        years,
        recorded["mean"],
        "D",
        color=SECOND,
        markeredgecolor="black",
        markeredgewidth=0.4,
        clip_on=False,
        label="record",
    )
    ax.set_ylabel("ratifications and accessions a year")
    ax.set_ylim(bottom=0.0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
    ax.legend(loc="upper right")
    letter(ax, 1, "New deposits")


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """How near the record lies to the runs."""
    joined = frame[frame["panel"] == JOINED]
    model, recorded = (joined[joined["series"] == name].reset_index(drop=True) for name in ("model", "record"))
    last, real = model.iloc[-1], recorded.iloc[-1]
    inside = (recorded["mean"] >= model["low"]) & (recorded["mean"] <= model["high"])
    gaps = (model["mean"] - recorded["mean"]).abs()
    worst = int(gaps.to_numpy().argmax())
    return {
        "spread": CENTRAL,
        "first": _month(model["month"].iloc[0]),
        "last": _month(model["month"].iloc[-1]),
        "model_last": number(last["mean"], 1),
        "model_span": span(last["low"], last["high"]),
        "record_last": number(real["mean"]),
        "inside": f"{number(100 * float(inside.mean()))} %",
        "widest_gap": number(float(gaps.iloc[worst]), 1),
        "widest_when": _month(model["month"].iloc[worst]),
        "record_place": "within" if last["low"] <= real["mean"] <= last["high"] else "outside",
    }


def _month(day: object) -> str:
    return f"{pd.Timestamp(str(day)):%B %Y}"
