"""Recorded use of cluster munitions: by which state, on whose territory, in which year.

Use is dated by year only. In `FACTS` a year counts once it is over.
Source: use_by_year.csv, co_belligerents.csv.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from normsim.world.data_files import Table

Ints = npt.NDArray[np.int64]
FOUGHT = -1
"""Confidence of a war fought abroad: recorded use of the same year comes first."""

_CONFIDENCE = {"low": 0, "medium": 1, "high": 2}


class Use(NamedTuple):
    """A state's use on a territory in a year.

    Attributes:
        year: Calendar year.
        confidence: 0 low, 1 medium, 2 high; `FOUGHT` if the state only fought there.
        user: Code of the user.
        place: Code of the territory.
    """

    year: int
    confidence: int
    user: str
    place: str


def recorded_use(table: Table) -> list[Use]:
    """Typed rows of use_by_year.csv, sorted."""
    return sorted(
        Use(int(year), _CONFIDENCE[confidence], user, place)
        for year, confidence, user, place in zip(
            table["year"],
            table["confidence"],
            table["iso3"],
            table["location_iso3"],
            strict=True,
        )
    )


def fought_abroad(table: Table) -> list[Use]:
    """State-years of co_belligerents.csv, with the territory on which each state fought."""
    return [
        Use(year, FOUGHT, row["iso3"], row["theatre_iso3"])
        for row in table.rows()
        for year in range(int(row["first_year"]), int(row["last_year"]) + 1)
    ]


def theatres(uses: Iterable[Use], position: dict[str, int], before: int) -> Ints:
    """Find the territory on which each state's munitions would fall.

    It is that of the state's latest recorded use; in a year in which it fights abroad as a supporter, and no use of
    its own is recorded, it is that of the war. If a state used on several territories in its latest year, the one with
    the higher confidence is taken, then the first by code. Territories outside the list of states are ignored. A state
    with neither gets its own territory.

    Args:
        uses: Recorded use and wars fought abroad.
        position: Index of each state by code.
        before: First calendar year that no longer counts.

    Returns:
        (n,) index of a state.
    """
    best: dict[str, Use] = {}
    for use in uses:
        if use.year >= before or use.place not in position:
            continue
        if use.confidence == FOUGHT and use.year < before - 1:
            continue
        held = best.get(use.user)
        if held is None or _better(use, held):
            best[use.user] = use
    theatre = np.arange(len(position), dtype=np.int64)
    for user, use in best.items():
        theatre[position[user]] = position[use.place]
    return theatre


def use_years(uses: Iterable[Use], position: dict[str, int], first: int, before: int) -> Ints:
    """Count the recorded state-years of use on each territory, at any confidence.

    Args:
        uses: Recorded use.
        position: Index of each state by code.
        first: First calendar year that counts.
        before: First calendar year that no longer counts.

    Returns:
        (n,) number of (user, year) pairs.
    """
    counts = np.zeros(len(position), dtype=np.int64)
    for use in uses:
        if first <= use.year < before and use.place in position:
            counts[position[use.place]] += 1
    return counts


def users(uses: Iterable[Use], first: int, before: int) -> set[str]:
    """List the states recorded as users with medium or high confidence.

    Args:
        uses: Recorded use.
        first: First calendar year that counts.
        before: First calendar year that no longer counts.

    Returns:
        Their codes.
    """
    return {use.user for use in uses if first <= use.year < before and use.confidence > 0}


def _better(use: Use, held: Use) -> bool:
    rank, held_rank = (use.year, use.confidence), (held.year, held.confidence)
    return rank > held_rank or (rank == held_rank and use.place < held.place)
