"""Holders, producers and exporters of cluster munitions, where stocks come from, and domestic limits on dud rates.

Source: capability.csv, transfers.csv, domestic_limits.csv.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Container, Mapping, Sequence

from normsim.world.dates import day, in_force, is_over

NO_STOCK, MADE, INHERITED, IMPORTED, UNKNOWN = range(5)
"""Values of `origin` in `FACTS`."""

DESTROYED_AFTER_YEARS = 4
"""Years from a party's deposit to the destruction of its stock where the year is not recorded: half
of the eight that article 3 allows, as most parties finished early."""


def holds(row: Mapping[str, str], bound: str, date: datetime.date, known: datetime.date | None = None) -> bool:
    """Whether a state holds a stockpile.

    A stock destroyed in a known year is held to the end of that year. If the year is not known,
    a party's stock is taken to last four years from its deposit, and a stock of a state that
    never joined to be gone before 2008. A doubtful stock (`unknown`) counts as none. A stock
    from a state's own production is not held before that production began (Myanmar).

    A stock that is listed as destroyed became known by its destruction: by a date before that it does not count.

    Args:
        row: The state's row of capability.csv.
        bound: Its deposit under the convention, or blank.
        date: Date of the world.
        known: Destruction counts if its year was over by then; None for today.

    Returns:
        True if it holds one.
    """
    if row["stockpile_status"] == "holds":
        return not _before_production(row, date)
    if row["stockpile_status"] != "destroyed":
        return False
    if not row["destroyed_year"] and not bound:
        return False
    gone = int(row["destroyed_year"]) if row["destroyed_year"] else day(bound).year + DESTROYED_AFTER_YEARS
    return date.year <= gone and is_over(gone, known)


def produces(row: Mapping[str, str], date: datetime.date) -> bool:
    """Whether a state produces.

    A current producer counts from `producer_from` on (blank: always); a former one up to the end
    of the year before `producer_until`.

    Args:
        row: The state's row of capability.csv.
        date: Date of the world.

    Returns:
        True if it produces.
    """
    if row["producer_status"] == "current":
        return not _before_production(row, date)
    until = row["producer_until"]
    return row["producer_status"] == "ceased" and bool(until) and date.year < int(until)


def origin(row: Mapping[str, str], recipients: Container[str]) -> int:
    """Where a holder's stock comes from, by the strongest evidence there is.

    Own production comes first, then a predecessor state, then a recorded transfer of any confidence (that the state
    holds is known already; the transfer only says from where).

    Args:
        row: The state's row of capability.csv.
        recipients: Codes of the states that transfers.csv names as recipients before the date of the world.

    Returns:
        `MADE`, `INHERITED`, `IMPORTED` or `UNKNOWN`.
    """
    if row["ever_produced"] == "1":
        return MADE
    if row["inherited_from"]:
        return INHERITED
    return IMPORTED if row["iso3"] in recipients else UNKNOWN


def dud_limit(rows: Sequence[Mapping[str, str]], date: datetime.date) -> float:
    """Strictest domestic limit on the dud rate in force, on transfer or on acquisition.

    Args:
        rows: The state's rows of domestic_limits.csv.
        date: Date of the world.

    Returns:
        Share of submunitions that may fail [0-1], or NaN if no limit is in force.
    """
    limits = [float(r["threshold"]) for r in rows if in_force(r["start"], r["end"], date)]
    return min(limits, default=math.nan)


def _before_production(row: Mapping[str, str], date: datetime.date) -> bool:
    return bool(row["producer_from"]) and date.year < int(row["producer_from"])
