"""Patterns: what the record says that a run can be set against, with sources and tolerances.

All of it is read from the packaged data, nothing is copied here. `FIT_UNTIL` is the end of the window that a fit may
use. What lies after it was looked at while defaults were set, so for this treaty it counts as seen.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from normsim.analysis.validation import CRITICS
from normsim.world import Treaty, convention, events_recorded, record, transfers_recorded
from normsim.world.data_files import table
from normsim.world.dates import day

FIT_UNTIL = datetime.date(2019, 12, 31)
"""Last day of the window that a fit may use."""

WARS_UNTIL = 2024
"""Last calendar year whose wars are recorded."""

CRITICS_MONTH = datetime.date(2023, 7, 1)
"""Month of the first transfer to Ukraine, which more than twenty governments criticised."""

CRITICS_IN_ALL = 20
"""At least so many leaders or officials did [timeline.csv, 2023-07-08]."""

VOTES = ("yes", "no", "abstain")
"""Votes of the yearly UN resolution."""


@dataclass(frozen=True)
class Pattern:
    """One pattern of the record.

    Attributes:
        name: what it is.
        unit: unit of its values.
        source: data files it is read from.
        tolerance: how near a run, or a set of runs, has to come, in words.
        values: values by period: a year, a month (YYYY-MM) or a single date.
    """

    name: str
    unit: str
    source: str
    tolerance: str
    values: Mapping[str, float | tuple[str, ...]]


def deposits(treaty: Treaty | None = None) -> list[tuple[datetime.date, str]]:
    """Every deposit of consent to be bound: day, and code of the state, in order of time.

    A day that is known to the month counts as the last day of the month.

    Args:
        treaty: the treaty; by default the Convention on Cluster Munitions.

    Example:
        >>> deposits()[0][0].year
        2008
    """
    return sorted((day(act.bound), act.iso3) for act in (treaty or convention()).acts if act.bound)


def notices(first: int, last: int, treaty: Treaty | None = None) -> list[str]:
    """Codes of the states that gave notice of withdrawal in the calendar years from `first` to `last`."""
    treaty = treaty or convention()
    given = ((act.iso3, treaty.notice_given(day(act.withdrawn))) for act in treaty.acts if act.withdrawn)
    return sorted(code for code, date in given if first <= date.year <= last)


def parties(year: int, treaty: Treaty | None = None) -> int:
    """Parties at the end of a calendar year: deposits minus withdrawals that took effect."""
    return record(datetime.date(year + 1, 1, 1), treaty=treaty).parties


def users(year: int) -> tuple[str, ...]:
    """Codes of the recorded users of a calendar year, of medium or high confidence."""
    return record(datetime.date(year + 1, 1, 1)).users.get(year, ())


def votes(first: int, last: int) -> dict[int, dict[str, int]]:
    """Votes by year of the resolution, for the years from `first` to `last` whose totals are recorded."""
    rows = table("unga_ccm_votes.csv").rows()
    counted = {int(row["year"]): {vote: int(row[vote]) for vote in VOTES} for row in rows}
    return {year: totals for year, totals in counted.items() if first <= year <= last}


def transfers(first: int, last: int) -> int:
    """Recorded transfers of the calendar years from `first` to `last`: a floor, since many stay unknown."""
    return sum(each.year is not None and first <= each.year <= last for each in transfers_recorded())


def patterns() -> list[Pattern]:
    """Return every pattern of the record.

    Example:
        >>> [pattern.name for pattern in patterns()][:2]
        ['deposits by month', 'parties at the end of the year']
    """
    by_month: dict[str, int] = {}
    for date, _ in deposits():
        by_month[f"{date:%Y-%m}"] = by_month.get(f"{date:%Y-%m}", 0) + 1
    years = range(convention().opened.year, convention().last_year + 1)
    casualties = {row["year"]: float(row["total"]) for row in table("casualties_by_year.csv").rows()}
    blocked = next(event for event in events_recorded() if event.date.startswith("2011-11") and "CCW" in event.text)
    counted = votes(years[0], years[-1])
    return [
        Pattern("deposits by month", "deposits", "ccm_status.csv", "fitted by likelihood", by_month),
        Pattern(
            "parties at the end of the year",
            "states",
            "ccm_status.csv",
            "90 % of the year-ends inside the 90 % band",
            {str(year): parties(year) for year in years},
        ),
        Pattern(
            "who joins, and when",
            "state",
            "ccm_status.csv",
            "AUC, Brier and log score by group",
            {code: (f"{date}",) for date, code in deposits()},
        ),
        Pattern(
            "users",
            "states",
            "use_by_year.csv, medium or high confidence",
            "AUC and Brier score given the recorded wars",
            {str(year): users(year) for year in years if users(year)},
        ),
        Pattern(
            "transfers",
            "transfers",
            "transfers.csv",
            "mean within a factor of 1.5 of the record, which is a floor",
            {str(year): transfers(year, year) for year in years},
        ),
        Pattern(
            "notices of withdrawal",
            "states",
            "ccm_status.csv",
            "0.5 to 2 a run",
            {str(year): tuple(notices(year, year)) for year in years if notices(year, year)},
        ),
        *(
            Pattern(
                f"votes: {vote}",
                "states",
                "unga_ccm_votes.csv",
                "inside the 90 % band, every recorded year",
                {str(year): totals[vote] for year, totals in counted.items()},
            )
            for vote in VOTES
        ),
        Pattern(
            "critics of the transfer of July 2023",
            "states",
            "timeline.csv",
            f"the 90 % band holds {CRITICS_IN_ALL}; at least four of the named at a chance of .3 or more",
            {f"{CRITICS_MONTH:%Y-%m}": CRITICS},
        ),
        Pattern(
            "dud-rate protocol blocked", "date", "timeline.csv", "blocked by consensus", {blocked.date: blocked.actors}
        ),
        Pattern("casualties", "people", "casualties_by_year.csv, latest count", "14 of 16 years inside", casualties),
    ]
