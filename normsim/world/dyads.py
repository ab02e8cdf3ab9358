"""Pairs of states as of a date, as small dense matrices.

Source: borders.csv, organisations.csv, defence_pacts.csv, arms_ties.csv, igo_shared_2014.csv,
rivalries.csv.
"""

from __future__ import annotations

import datetime

import numpy as np
import numpy.typing as npt

from normsim.world.data_files import Table
from normsim.world.dates import in_force
from normsim.world.influence_layers import pairs_matrix

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BORDER_WEIGHTS = {"land": 2, "sea_12mi": 2, "sea_24mi": 2, "sea_150mi": 1, "sea_400mi": 1}
"""Weight of a border by class: 2 up to 24 miles, 1 beyond."""

TIERS = {"minor": 1, "regular": 2, "major": 3}
"""Rank of an arms tie."""

BLOCS_LEFT_OUT = frozenset({"AU", "EU", "ICGLR", "OAS"})
"""Blocs whose pacts are general pledges and do not count as alliances: the African Union, the European Union, the
Conference on the Great Lakes Region, and the American states (Rio treaty)."""

REGIONAL_LEFT_OUT = frozenset({"OSCE"})
"""Regional organisations too wide to define a region."""


def positions(codes: tuple[str, ...], position: dict[str, int]) -> Ints:
    """Index of each code."""
    return np.array([position[code] for code in codes], dtype=np.int64)


def borders(table: Table, position: dict[str, int]) -> Floats:
    """Symmetric (n, n) weights of borders by land and sea."""
    weights = np.array([BORDER_WEIGHTS[kind] for kind in table["kind"]], dtype=np.float64)
    a, b = positions(table["a"], position), positions(table["b"], position)
    return pairs_matrix(len(position), a, b, weights)


def memberships(table: Table, position: dict[str, int], date: datetime.date, *, regional: bool) -> Flags:
    """Find who is a member of which organisation.

    Args:
        table: organisations.csv; a blank start means since before the record.
        position: Index of each state by code.
        date: Date of the world.
        regional: True for regional organisations without the OSCE, False for all of any scope.

    Returns:
        (n, organisations) membership on the date.
    """
    names = {org: i for i, org in enumerate(sorted(set(table["org"])))}
    member = np.zeros((len(position), len(names)), dtype=np.bool_)
    for row in table.rows():
        if regional and (row["scope"] != "regional" or row["org"] in REGIONAL_LEFT_OUT):
            continue
        if in_force(row["start"], row["end"], date):
            member[position[row["iso3"]], names[row["org"]]] = True
    return member


def pacts(table: Table, position: dict[str, int], date: datetime.date) -> Flags:
    """Symmetric (n, n): a defence pact is in force, not only through a bloc of `BLOCS_LEFT_OUT`."""
    joined = np.zeros((len(position), len(position)), dtype=np.bool_)
    columns = (table["a"], table["b"], table["start"], table["end"], table["shared_bloc"])
    for a, b, start, end, bloc in zip(*columns, strict=True):
        if bloc not in BLOCS_LEFT_OUT and in_force(start, end, date):
            joined[position[a], position[b]] = joined[position[b], position[a]] = True
    return joined


def rivals(table: Table, position: dict[str, int], date: datetime.date) -> Flags:
    """Symmetric (n, n): a rivalry is open on the date."""
    opposed = np.zeros((len(position), len(position)), dtype=np.bool_)
    columns = (table["a"], table["b"], table["start"], table["end"])
    for a, b, start, end in zip(*columns, strict=True):
        if in_force(start, end, date):
            opposed[position[a], position[b]] = opposed[position[b], position[a]] = True
    return opposed


def arms_periods(table: Table, date: datetime.date) -> tuple[str, ...]:
    """Periods of the arms record that count: the two latest that are at least half over.

    A period that lies mostly after the date would use future data; waiting for the end of a period
    would use old data.

    Args:
        table: arms_ties.csv.
        date: Date of the world.

    Returns:
        Up to two periods, as in the file; the first of all if none is half over.
    """
    every = sorted(set(table["period"]))
    past = [p for p in every if (int(p[:4]) + int(p[5:]) + 1) / 2 <= _year_fraction(date)]
    return tuple(past[-2:]) or tuple(every[:1])


def arms_tiers(table: Table, position: dict[str, int], date: datetime.date) -> Floats:
    """Trade in arms, the highest tier of the periods that count.

    Args:
        table: arms_ties.csv.
        position: Index of each state by code.
        date: Date of the world.

    Returns:
        (n, n) recipient by supplier: 0 none, 1 minor, 2 regular, 3 major.
    """
    periods = arms_periods(table, date)
    tiers = np.zeros((len(position), len(position)))
    columns = (table["period"], table["supplier"], table["recipient"], table["tier"])
    for period, supplier, recipient, tier in zip(*columns, strict=True):
        if period in periods:
            pair = (position[recipient], position[supplier])
            tiers[pair] = max(tiers[pair], TIERS[tier])
    return tiers


def shared_organisations(table: Table, position: dict[str, int]) -> Floats:
    """Symmetric (n, n) counts of shared organisations, of the one year on record."""
    a, b = positions(table["a"], position), positions(table["b"], position)
    return pairs_matrix(len(position), a, b, table.numbers("shared_igos"))


def _year_fraction(date: datetime.date) -> float:
    return date.year + (date.timetuple().tm_yday - 1) / 366
