"""Read a treaty: a TOML file of its dates and rules, which names a CSV file of acts beside it.

Packaged treaties go by name: `cluster_munitions`, the default, and `rome_statute`.
"""

from __future__ import annotations

import datetime
import functools
from pathlib import Path
from typing import Literal

from pydantic import Field

from normsim.config.messages import nearest_or_all, shown
from normsim.config.named_files import is_path
from normsim.config.table_validation import Table, validated
from normsim.config.toml_reader import Source, read_file
from normsim.errors import ScenarioError
from normsim.world.data_files import DATA, checked_csv, known_codes
from normsim.world.data_files import Table as Cells
from normsim.world.dates import day
from normsim.world.treaty import Act, Treaty, last_whole_year
from normsim.world.validators import DATE, NOTE, STATE, Spec, blank_or

FORMAT = 1
"""Version of the file format."""

EARLIEST = datetime.date(1991, 1, 1)
"""First day on which any world can begin: the record of wars starts in 1990."""

DEFAULT = "cluster_munitions"
"""Name of the packaged treaty that counts where none is named."""

TREATIES = (DEFAULT, "rome_statute")
"""Names of the packaged treaties."""

ACTS = Spec(
    {"iso3": STATE, "signed": blank_or(DATE), "bound": blank_or(DATE), "withdrawn": blank_or(DATE)},
    key=("iso3",),
    dates=("signed", "bound", "withdrawn"),
    optional={"name": NOTE, "bound_kind": NOTE, "source": NOTE, "note": NOTE},
)
"""Columns of a file of acts."""

NEEDS = "a treaty has at least name, acts, opened, recorded_until, covariates_from, [entry] and [withdrawal]"


class EntryTable(Table):
    """Entry into force."""

    deposits: int = Field(ge=1, le=200, description="a whole number from 1 to 200: deposits that bring it into force")
    months: int = Field(
        ge=0,
        le=24,
        description="a whole number from 0 to 24: months from a deposit's month to the month in which it has effect",
    )


class WithdrawalTable(Table):
    """Withdrawal."""

    notice_months: int = Field(
        ge=0, le=24, description="a whole number from 0 to 24: months from a notice of withdrawal to its effect"
    )


class OriginTable(Table):
    """One origin of the hindcast."""

    known: int = Field(description="a calendar year, as in 2002: the last that is known")
    last: int = Field(description="a calendar year after `known`: the last that is forecast")


class HindcastTable(Table):
    """What `normsim hindcast` does where no origin is asked for."""

    fit_from: datetime.date | None = Field(
        None,
        description="the first day of a month without quotes, as in 2001-01-01: where the window starts on which rates "
        "and waning are fitted (left out: the model's defaults)",
    )
    origins: list[OriginTable] = Field(
        [], description="a list of origins, as in [{ known = 2002, last = 2006 }]: the last years known and forecast"
    )


class TreatyTable(Table):
    """A treaty."""

    format: int = Field(FORMAT, ge=1, le=FORMAT, description=f"the version of the file format, {FORMAT}")
    name: str = Field(pattern=r"\S", description="a name in quotes, not empty")
    acts: str = Field(pattern=r"\.csv$", description='the name of a .csv file beside this one, as in "acts.csv"')
    opened: datetime.date = Field(
        description="a date without quotes, as in 1998-07-17: the day of opening for signature"
    )
    signing_until: datetime.date | None = Field(
        None, description="a date without quotes: the last day of signature (left out: the day of entry into force)"
    )
    recorded_until: datetime.date = Field(
        description="a date without quotes: the last day up to which acts are recorded"
    )
    covariates_from: datetime.date = Field(
        ge=EARLIEST, description=f"the first day of a month from {EARLIEST} on, without quotes: where worlds can begin"
    )
    missing: Literal["carry_back", "drop"] = Field(
        "carry_back",
        description='"carry_back" or "drop": whether the first values of a data file count before its first year',
    )
    stocks: bool = Field(False, description="true or false: whether it is about stocks and use of cluster munitions")
    reservations: bool = Field(False, description="true or false: whether it allows reservations")
    entry: EntryTable = Field(description="a table: [entry] with deposits and months")
    withdrawal: WithdrawalTable = Field(description="a table: [withdrawal] with notice_months")
    hindcast: HindcastTable = Field(HindcastTable(), description="a table: [hindcast] with fit_from and origins")


@functools.cache
def convention(data_dir: Path = DATA) -> Treaty:
    """Return the default treaty, the Convention on Cluster Munitions.

    Args:
        data_dir: Folder of the data files.

    Example:
        >>> convention().in_force
        datetime.date(2010, 8, 1)
    """
    return _read(data_dir / f"{DEFAULT}.toml", data_dir)


def load_treaty(which: str | Path) -> Treaty:
    """Read a treaty.

    Args:
        which: The name of a packaged treaty, or the path of a TOML file.

    Returns:
        The treaty.

    Raises:
        ScenarioError: There is no such treaty, or its TOML file is not valid.
        DataError: Its file of acts is missing or not valid.

    Example:
        >>> load_treaty("rome_statute").in_force
        datetime.date(2002, 7, 1)
    """
    if isinstance(which, Path) or is_path(which):
        return _read(Path(which), DATA)
    if which not in TREATIES:
        raise ScenarioError(f"there is no treaty {shown(which)}{nearest_or_all(which, TREATIES)}")
    return _read(DATA / f"{which}.toml", DATA)


def _read(path: Path, data_dir: Path) -> Treaty:
    """Read a TOML file and the acts beside it; states are those of a data folder."""
    source = read_file(path, NEEDS)
    table = validated(source, TreatyTable)
    _check_days(source, table)
    cells = checked_csv(path.parent / Path(table.acts).name, ACTS, known_codes(data_dir))
    acts = tuple(Act(*row) for row in zip(*(cells[name] for name in Act._fields), strict=True))
    origins = tuple((origin.known, origin.last) for origin in table.hindcast.origins)
    treaty = Treaty(
        name=table.name,
        acts=acts,
        opened=table.opened,
        signing_until=table.signing_until,
        deposits=table.entry.deposits,
        entry_months=table.entry.months,
        notice_months=table.withdrawal.notice_months,
        stocks=table.stocks,
        reservations=table.reservations,
        covariates_from=table.covariates_from,
        missing=table.missing,
        recorded_until=table.recorded_until,
        fit_from=table.hindcast.fit_from,
        origins=origins,
    )
    _check_acts(treaty, cells)
    return treaty


def _check_days(source: Source, table: TreatyTable) -> None:
    """Dates of the TOML file that must follow each other."""
    if table.recorded_until <= table.opened:
        wanted = f"allowed is a date after {table.opened}, the day it opened"
        raise source.error(("recorded_until",), wanted, table.recorded_until)
    if table.signing_until is not None and table.signing_until < table.opened:
        raise source.error(("signing_until",), f"allowed is a date from {table.opened} on", table.signing_until)
    if table.covariates_from.day != 1:
        first = table.covariates_from.replace(day=1)
        wanted = f"allowed is the first day of a month, as in {first}"
        raise source.error(("covariates_from",), wanted, table.covariates_from)
    fit_from = table.hindcast.fit_from
    if fit_from is not None and (fit_from.day != 1 or fit_from < table.covariates_from):
        wanted = f"allowed is the first day of a month from {table.covariates_from}, `covariates_from`, on"
        raise source.error(("hindcast", "fit_from"), wanted, fit_from)
    end = last_whole_year(table.recorded_until)
    begins = max(fit_from or table.covariates_from, table.opened).year
    for place, origin in enumerate(table.hindcast.origins):
        if not begins <= origin.known < end:
            wanted = f"allowed is a year from {begins} to {end - 1}"
            raise source.error(("hindcast", "origins", place, "known"), wanted, origin.known)
        if not origin.known < origin.last <= end:
            wanted = f"allowed is a year from {origin.known + 1} to {end}, the last that is recorded as a whole"
            raise source.error(("hindcast", "origins", place, "last"), wanted, origin.last)


def _check_acts(treaty: Treaty, cells: Cells) -> None:
    """Acts follow the opening, and who withdraws was bound."""
    for row, act in enumerate(treaty.acts):
        for column, text in (("signed", act.signed), ("bound", act.bound)):
            if text and day(text) < treaty.opened:
                raise cells.broken(row, column, f"a date from {treaty.opened} on, the day the treaty opened")
        if act.withdrawn and not act.bound:
            raise cells.broken(row, "withdrawn", "nothing, since the state was never bound")
