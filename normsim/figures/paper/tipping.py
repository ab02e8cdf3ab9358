"""Tipping: how small a minority brings the norm down, and whether it comes back after years of unanswered violation.

Two experiments: a committed minority that rejects the norm, and violations by great powers that end.
"""

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normsim.figures.paper.panel_parts import letter, mean_rows, only, told_n
from normsim.figures.phrases import INTERVAL, level
from normsim.figures.style import DASHES, MARKS, ladder, printed

SHARE, WHO = "committed.share", "committed.who"
SUSCEPTIBILITY, ANCHOR = "norm.susceptibility", "norm.anchor"

MINORITIES = {"most_watched": "the most watched", "random": "at random", "region": "region by region"}
"""Who is committed, in words."""

ANSWERS = {"open_violation": "free to answer", "silent_violation": "nobody answers"}
"""The two scenarios of violation, in words."""

Where = Literal["upper right", "lower right", "center right"]
"""Where a legend hides no line."""

VIOLATED = (2.0, 10.0)
"""Years between which great powers violate the norm."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """Panel, line, x, mean, low, high, n.

    Panel `mass`: states that vote yes at the end, by the committed share, for each choice of who is committed.
    Panel `answer`: felt norm by year at the defaults, violations answered or not.
    Panel `return`: felt norm by year, nobody answering and no pull back of belief, by susceptibility.

    Args:
        sources: results of the experiments `critical_mass` and `norm_death_and_recovery`, of which the second has its
            series.
    """
    mass, death = sources
    votes = mass.outcomes(["votes_yes"])
    votes = votes[votes[SUSCEPTIBILITY] == votes[SUSCEPTIBILITY].max()].replace({WHO: MINORITIES})
    parts = [_panel("mass", votes, WHO, SHARE, "votes_yes")]
    felt = death.series(["felt"]).merge(death.points, on=["point", "scenario"])
    months = pd.to_datetime(felt["month"])
    felt["year"] = (months - months.min()).dt.days / 365.25
    felt = felt[months.dt.month == months.min().month].replace({"scenario": ANSWERS})
    middle = _middle(felt[SUSCEPTIBILITY])
    answered = felt[(felt[ANCHOR] == felt[ANCHOR].max()) & (felt[SUSCEPTIBILITY] == middle)]
    parts.append(_panel("answer", answered, "scenario", "year", "felt"))
    silent = felt[(felt[ANCHOR] == felt[ANCHOR].min()) & (felt["scenario"] == ANSWERS["silent_violation"])]
    parts.append(_panel("return", silent, SUSCEPTIBILITY, "year", "felt"))
    return pd.concat(parts, ignore_index=True)


def _middle(values: pd.Series) -> Any:
    """The middle one of the levels."""
    levels = sorted(values.unique())
    return levels[len(levels) // 2]


def _panel(panel: str, table: pd.DataFrame, line: str, across: str, outcome: str) -> pd.DataFrame:
    """Means with intervals of one panel."""
    rows = mean_rows(table.sort_values([line, across, "replication"]), [line, across], [outcome])
    rows = rows.rename(columns={line: "line", across: "x"}).drop(columns="outcome")
    return rows.assign(panel=panel, line=[value if isinstance(value, str) else f"{value:g}" for value in rows["line"]])


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """Critical mass, answered or not, and return."""
    with printed():
        figure = Figure(figsize=(width, 0.42 * width), layout="constrained")
        mass, answer, back = figure.subplots(1, 3)
        _lines(mass, frame[frame["panel"] == "mass"], "who is committed", "upper right")
        mass.set(xlabel="committed share of states", ylabel="states that vote yes in the end", ylim=(0, None))
        letter(mass, 0, "A minority rejects the norm")
        _lines(answer, frame[frame["panel"] == "answer"], "", "lower right")
        letter(answer, 1, "Great powers violate the norm")
        _lines(back, frame[frame["panel"] == "return"], "susceptibility", "center right")
        letter(back, 2, "Beliefs without an anchor")
        for ax in (answer, back):
            ax.axvspan(*VIOLATED, color="0.9", zorder=0)
            ax.set(xlabel="years", ylabel="mean felt norm (0 to 1)", ylim=(0.0, 1.0))
        figure.supxlabel(f"{told_n(frame)}; bands: {INTERVAL} interval", fontsize=6.5)
    return figure


def _lines(ax: Axes, frame: pd.DataFrame, title: str, where: Where) -> None:
    """One line with a band for each value of `line`."""
    names = list(dict.fromkeys(map(str, frame["line"])))
    for place, (name, colour) in enumerate(zip(names, ladder(len(names)), strict=True)):
        own = frame[frame["line"].astype(str) == name]
        ax.fill_between(own["x"], own["low"], own["high"], color=colour, alpha=0.2, linewidth=0)
        ax.plot(
            own["x"],
            own["mean"],
            color=colour,
            marker=MARKS[place % len(MARKS)],
            markevery=max(len(own) // 10, 1),
            linestyle=(0, DASHES[place % 2]) if place % 2 else "-",
            label=name,
        )
    ax.legend(title=title, title_fontsize=6.5, loc=where)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """How many still vote yes beside a minority, and what is left of the norm in the end."""
    mass = frame[frame["panel"] == "mass"]
    shares = sorted(mass["x"].unique())
    share = shares[len(shares) // 2]
    told = {"share": f"{share:.0%}"}
    for key, words in MINORITIES.items():
        told[key] = _told(only(mass, line=words, x=share))
    told["alone"] = _told(only(mass, line=MINORITIES["random"], x=shares[0]))
    for key, words in (("answered", "free to answer"), ("unanswered", "nobody answers")):
        own = frame[(frame["panel"] == "answer") & (frame["line"] == words)]
        told[f"{key}_low"] = _told(own.sort_values("mean").iloc[0].to_dict(), 2)
        told[f"{key}_end"] = _told(own.sort_values("x").iloc[-1].to_dict(), 2)
    back = frame[(frame["panel"] == "return") & (frame["x"] == frame[frame["panel"] == "return"]["x"].max())]
    listening = back[back["line"].astype(float) > 0.0].sort_values("mean")
    told["lost_least"], told["lost_most"] = (_told(listening.iloc[place].to_dict(), 2) for place in (-1, 0))
    return told


def _told(row: dict[Any, Any], places: int = 0) -> str:
    """A mean with its interval, in words."""
    return level(row["mean"], row["low"], row["high"], places)
