"""The historical record: counts to compare a run with, dated events, and transfers.

Source: ccm_status.csv, use_by_year.csv, timeline.csv, transfers.csv.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import NamedTuple

from normsim.world.data_files import DATA, table
from normsim.world.dates import day
from normsim.world.treaty import Treaty
from normsim.world.treaty_file import convention
from normsim.world.use_record import recorded_use, users


class Record(NamedTuple):
    """Counts of the treaty record and users by year, up to a date.

    Attributes:
        date: Acts strictly before it count.
        signatures: States that ever signed.
        deposits: States that ever consented to be bound.
        withdrawals: States whose withdrawal took effect.
        notices: Parties that gave notice of a withdrawal still to take effect.
        parties: Deposits minus withdrawals.
        in_force_for: Parties for which the convention is in force.
        users: Codes of state users of medium or high confidence by calendar year, sorted; only
            years that are over.
    """

    date: datetime.date
    signatures: int
    deposits: int
    withdrawals: int
    notices: int
    parties: int
    in_force_for: int
    users: dict[int, tuple[str, ...]]


class Event(NamedTuple):
    """A dated event of the timeline.

    Attributes:
        date: As written: YYYY, YYYY-MM or YYYY-MM-DD.
        kind: policy, contestation, use, treaty, condemnation, transfer or withdrawal.
        actors: Codes of the states named, actor first.
        text: What happened.
        source: Keys of the sources.
    """

    date: str
    kind: str
    actors: tuple[str, ...]
    text: str
    source: str


class Transfer(NamedTuple):
    """A recorded transfer of cluster munitions.

    Attributes:
        year: Calendar year, or None if undated (before 2005).
        supplier: Code of the supplier.
        recipient: Code of the recipient.
        munition: What.
        quantity: How many, as text.
        confidence: high, medium or low.
        source: Keys of the sources.
        note: Remark.
    """

    year: int | None
    supplier: str
    recipient: str
    munition: str
    quantity: str
    confidence: str
    source: str
    note: str


def record(date: datetime.date, *, treaty: Treaty | None = None, data_dir: Path = DATA) -> Record:
    """Count signatures, deposits, withdrawals and users up to a date, of any year.

    Args:
        date: Acts strictly before it count.
        treaty: The treaty; by default the Convention on Cluster Munitions.
        data_dir: Folder of the data files.

    Returns:
        The counts.

    Example:
        >>> record(datetime.date(2023, 7, 1)).parties
        111
    """
    treaty = treaty or convention(data_dir)
    at = [treaty.standing(act, date) for act in treaty.acts]
    parties = sum(s.status >= 2 for s in at)
    deposits = sum(bool(act.bound) and day(act.bound) < date for act in treaty.acts)
    uses = recorded_use(table("use_by_year.csv", data_dir))
    years = range(uses[0].year, min(uses[-1].year + 1, date.year))
    return Record(
        date=date,
        signatures=sum(bool(act.signed) and day(act.signed) < date for act in treaty.acts),
        deposits=deposits,
        withdrawals=deposits - parties,
        notices=sum(s.status == 3 for s in at),
        parties=parties,
        in_force_for=sum(s.status >= 2 and s.months_to_force == 0 for s in at) if treaty.is_in_force(date) else 0,
        users={year: tuple(sorted(users(uses, year, year + 1))) for year in years},
    )


def events_recorded(kind: str | None = None, *, data_dir: Path = DATA) -> tuple[Event, ...]:
    """List the events of the timeline, sorted by date.

    Args:
        kind: Only events of this kind, or None for all.
        data_dir: Folder of the data files.

    Returns:
        The events.

    Example:
        >>> events_recorded("withdrawal")[0].actors[0]
        'LTU'
    """
    events = (
        Event(
            row["date"],
            row["type"],
            tuple(filter(None, row["actor_iso3s"].split(";"))),
            row["event"],
            row["source"],
        )
        for row in table("timeline.csv", data_dir).rows()
    )
    return tuple(
        sorted(
            (event for event in events if kind in (None, event.kind)),
            key=lambda event: (day(event.date), event),
        )
    )


def transfers_recorded(*, data_dir: Path = DATA) -> tuple[Transfer, ...]:
    """List the recorded transfers, sorted by year, supplier and recipient; undated ones first.

    Args:
        data_dir: Folder of the data files.

    Returns:
        The transfers.

    Example:
        >>> [t.year for t in transfers_recorded() if (t.supplier, t.recipient) == ("USA", "UKR")][:3]
        [2023, 2023, 2023]
    """
    rows = table("transfers.csv", data_dir).rows()
    transfers = (
        Transfer(
            int(row["year"]) if row["year"] else None,
            row["supplier_iso3"],
            row["recipient_iso3"],
            row["munition"],
            row["quantity"],
            row["confidence"],
            row["source"],
            row["note"],
        )
        for row in rows
    )
    return tuple(sorted(transfers, key=lambda t: (-1 if t.year is None else t.year, *t[1:])))
