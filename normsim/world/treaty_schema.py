"""What the TOML file of a treaty may say: its tables, and dates that must follow each other."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from normsim.config.table_validation import Table, validated
from normsim.config.toml_reader import Source, read_file
from normsim.world.treaty import last_whole_year

FORMAT = 1
"""Version of the file format."""

EARLIEST = datetime.date(1991, 1, 1)
"""First day on which any world can begin: the record of wars starts in 1990."""

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


def read_treaty_table(path: Path) -> dict[str, Any]:
    """Read the TOML file of a treaty.

    Args:
        path: The file.

    Returns:
        What it says, checked; keys that are left out are not filled in.

    Raises:
        ScenarioError: A key or value is not valid, with its place and what is allowed.
    """
    source = read_file(path, NEEDS)
    _check_days(source, validated(source, TreatyTable))
    return source.tree


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
