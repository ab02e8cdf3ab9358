"""The claims: a forest plot of their effects, and the table of verdicts."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from normsim.figures.words import number, signed, span

HEAD = ("Claim", "Effect at the defaults", "Sign holds over the parameter space", "Without the mechanism", "Verdict")
"""Columns of the table of verdicts."""


def data(sources: Sequence[Any]) -> pd.DataFrame:
    """The verdicts as they are judged, a row a claim.

    Args:
        sources: the verdicts.
    """
    frame: pd.DataFrame = sources[0]
    return frame


def draw(frame: pd.DataFrame, width: float) -> Figure:
    """The forest plot; its module chooses a size of its own."""
    from normsim.figures.forest import forest_figure

    return forest_figure(frame)


def verdict_rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """The table of verdicts: a heading, and a row a claim."""
    rows: list[tuple[str, ...]] = [HEAD]
    for row in frame.to_dict("records"):
        unit = f" {row['unit']}"
        places = places_of(row["effect"], row["low"], row["high"])
        covers = row["low"] <= 0.0 <= row["high"]
        told = f"{signed(row['effect'], places)}{unit} ({span(row['low'], row['high'], places)})"
        share = (
            f"{_percent(row['share_sign'])} ({_percent(row['share_sign_low'])} to {_percent(row['share_sign_high'])})"
        )
        null = places_of(row["null_effect"], row["null_low"], row["null_high"])
        without = f"{signed(row['null_effect'], null)} ({span(row['null_low'], row['null_high'], null)})"
        rows.append(
            (
                str(row["claim"]),
                f"{told}; not distinguishable from zero" if covers else told,
                f"{share} of {row['points']} points",
                without,
                f"**{row['verdict']}**{_condition(row['condition'])}",
            )
        )
    return rows


def places_of(*values: float) -> int:
    """Decimals that show two digits of the largest of some numbers."""
    largest = max(abs(value) for value in values)
    return 0 if largest >= 100.0 else 1 if largest >= 10.0 else 2 if largest >= 1.0 else 4 if largest < 0.1 else 3


def _percent(share: float) -> str:
    return f"{number(100.0 * share)} %"


def _condition(words: object) -> str:
    return f": {words}" if isinstance(words, str) and words else ""


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """How many claims came to which verdict."""
    told = {"claims": str(len(frame)), "pairs": str(int(frame["n"].max())), "sets": str(int(frame["points"].max()))}
    for word in ("robust", "conditional", "not detectable", "refuted"):
        told[word.replace(" ", "_")] = str(int((frame["verdict"] == word).sum()))
    return told
