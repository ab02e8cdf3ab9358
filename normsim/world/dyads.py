"""Pairs of states as of a date, as small dense matrices.

What began or ended later is left out; a blank start means since before the record.

Source: borders.csv, organisations.csv, defence_pacts.csv, arms_ties.csv, igo_shared_2014.csv,
rivalries.csv.
"""

from __future__ import annotations

import datetime
import functools

import numpy as np
import numpy.typing as npt

from normsim.world.data_files import Table
from normsim.world.dates import day, is_over
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

IGO_YEAR = 2014
"""Year of the counts in igo_shared_2014.csv."""

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
    counted = open_on(table, date)
    if regional:
        counted &= np.isin(table["scope"], "regional") & ~np.isin(table["org"], list(REGIONAL_LEFT_OUT))
    names, which = np.unique(table["org"], return_inverse=True)
    member = np.zeros((len(position), len(names)), dtype=np.bool_)
    member[positions(table["iso3"], position)[counted], which[counted]] = True
    return member


def pacts(table: Table, position: dict[str, int], date: datetime.date) -> Flags:
    """Symmetric (n, n): a defence pact is in force, not only through a bloc of `BLOCS_LEFT_OUT`."""
    close = ~np.isin(table["shared_bloc"], list(BLOCS_LEFT_OUT))
    return _pairs(table, position, close & open_on(table, date))


def rivals(table: Table, position: dict[str, int], date: datetime.date) -> Flags:
    """Symmetric (n, n): a rivalry is open on the date."""
    return _pairs(table, position, open_on(table, date))


@functools.cache
def _spells(table: Table) -> tuple[Ints, Ints]:
    """Ordinals of the first and last day of each row; a blank means before the record, or not yet ended."""
    never, always = datetime.date.max.toordinal(), 0
    starts = [day(text).toordinal() if text else always for text in table["start"]]
    ends = [day(text).toordinal() if text else never for text in table["end"]]
    return np.array(starts), np.array(ends)


def open_on(table: Table, date: datetime.date) -> Flags:
    """Whether each row with a start and an end is in force on a date, as `dates.in_force` says."""
    start, end = _spells(table)
    now = date.toordinal()
    return np.asarray((start < now) & (end >= now))


def _pairs(table: Table, position: dict[str, int], kept: Flags) -> Flags:
    """Symmetric (n, n): a row that is kept names the pair."""
    a, b = (positions(table[end], position)[kept] for end in ("a", "b"))
    return pairs_matrix(len(position), a, b).astype(np.bool_)


def _half_over(period: str) -> float:
    """When a period is half over, in years."""
    return (int(period[:4]) + int(period[5:]) + 1) / 2


def arms_since(table: Table) -> datetime.date:
    """First day on which a period of the arms record counts."""
    return datetime.date(int(min(map(_half_over, table["period"]))), 1, 1)


def arms_periods(
    table: Table, date: datetime.date, known: datetime.date | None = None, *, carry_back: bool = False
) -> tuple[str, ...]:
    """Periods of the arms record that count: the two latest that are at least half over.

    Today a period that was under way on the date is known; waiting for its end would use old data. By a date only what
    was over counts.

    Args:
        table: arms_ties.csv.
        date: Date of the world.
        known: A period counts if it was over by then; None for today.
        carry_back: Whether the first period counts before it.

    Returns:
        Up to two periods, as in the file.
    """
    every = sorted(set(table["period"]))
    past = [p for p in every if _half_over(p) <= _year_fraction(date)] or every[:carry_back]
    return tuple([p for p in past if is_over(int(p[5:]), known)][-2:])


def arms_tiers(
    table: Table,
    position: dict[str, int],
    date: datetime.date,
    known: datetime.date | None = None,
    *,
    carry_back: bool = False,
) -> Floats:
    """Trade in arms, the highest tier of the periods that count.

    Args:
        table: arms_ties.csv.
        position: Index of each state by code.
        date: Date of the world.
        known: See `arms_periods`.
        carry_back: See `arms_periods`.

    Returns:
        (n, n) recipient by supplier: 0 none, 1 minor, 2 regular, 3 major.
    """
    counted = np.isin(table["period"], arms_periods(table, date, known, carry_back=carry_back))
    recipient, supplier = (positions(table[end], position)[counted] for end in ("recipient", "supplier"))
    tiers = np.zeros((len(position), len(position)))
    np.maximum.at(tiers, (recipient, supplier), np.array([TIERS[tier] for tier in table["tier"]])[counted])
    return tiers


def shared_organisations(table: Table, position: dict[str, int], known: datetime.date | None = None) -> Floats:
    """Symmetric (n, n) counts of shared organisations, of the one year on record; none before it was over."""
    if not is_over(IGO_YEAR, known):
        return np.zeros((len(position), len(position)))
    a, b = positions(table["a"], position), positions(table["b"], position)
    return pairs_matrix(len(position), a, b, table.numbers("shared_igos"))


def _year_fraction(date: datetime.date) -> float:
    return date.year + (date.timetuple().tm_yday - 1) / 366
