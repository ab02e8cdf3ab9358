"""Fill the columns of `FACTS` from the data files, one function per group of columns."""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from normsim.errors import DataError
from normsim.world import arsenal, covariates, dyads, earlier_bans, use_record
from normsim.world.data_files import Table, table
from normsim.world.dates import day, in_force, is_over
from normsim.world.initial_world import FACTS, History, Year
from normsim.world.treaty import Treaty

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Facts = npt.NDArray[np.void]

DEMOCRACY = ("states_year.csv", "democracy")
POWER = ("states_year.csv", "cinc")
POPULATION = ("states_year.csv", "population")
IDEAL_POINT = ("un_ideal_points.csv", "ideal_point")
"""File and column of each covariate by year."""

INTENSITY = {"1": 0.5, "2": 1.0}
"""Intensity of a war by class of the record: 25 to 999 battle deaths a year, or more."""

YEARS_OF_USE = 20
"""Years back that `use_years_here` counts."""

YEARS_OF_WAR = 10
"""Years back that `conflict_share` counts."""


@dataclass(frozen=True)
class Lookup:
    """The data files, the order of the states, and the date of the world.

    Attributes:
        date: Acts strictly before it count.
        known: Facts that came to be known after it do not count; None for today.
        carry_back: Whether the first year of a file counts before it; else nothing does.
        data_dir: Folder of the data files.
        states: Rows of states.csv, sorted by code.
        position: Index of each state by code.
    """

    date: datetime.date
    known: datetime.date | None
    carry_back: bool
    data_dir: Path
    states: tuple[dict[str, str], ...]
    position: dict[str, int]

    def table(self, file: str) -> Table:
        """A checked data file."""
        return table(file, self.data_dir)

    def texts(self, column: str) -> tuple[str, ...]:
        """A column of states.csv in the order of the states."""
        return tuple(row[column] for row in self.states)

    def numbers(self, column: str) -> Floats:
        """A column of states.csv in the order of the states; NaN where empty."""
        return np.array([float(text) if text else np.nan for text in self.texts(column)])

    def panel(self, file: str, column: str) -> tuple[int, Floats]:
        """First calendar year and (years, n) values of a state-year file."""
        return _panel(file, column, self.data_dir)

    def latest(self, file: str, column: str) -> Floats:
        """Latest value of each state before the year of the date, or that carried back; NaN for a state without."""
        first, values = self.panel(file, column)
        return covariates.latest(values, max(self.date.year - first, int(self.carry_back)))


@functools.cache
def _states(data_dir: Path) -> tuple[tuple[dict[str, str], ...], dict[str, int]]:
    """Rows of states.csv, sorted by code, and the index of each state."""
    states = tuple(sorted(table("states.csv", data_dir).rows(), key=lambda row: row["iso3"]))
    return states, {row["iso3"]: i for i, row in enumerate(states)}


@functools.cache
def _panel(file: str, column: str, data_dir: Path) -> tuple[int, Floats]:
    """First calendar year and (years, n) values of a state-year file."""
    source, position = table(file, data_dir), _states(data_dir)[1]
    years = source.numbers("year")
    rows = np.array([position[code] for code in source["iso3"]])
    first, last = int(years.min()), int(years.max())
    return first, covariates.panel(len(position), rows, years, source.numbers(column), first, last)


def lookup(
    date: datetime.date, data_dir: Path, known: datetime.date | None = None, *, carry_back: bool = False
) -> Lookup:
    """Collect the data files and the order of the states for a date.

    Args:
        date: Acts strictly before it count.
        data_dir: Folder of the data files.
        known: Facts that came to be known after it do not count; None for today.
        carry_back: Whether the first year of a file counts before it; else nothing does.

    Returns:
        The lookup.
    """
    return Lookup(date, known, carry_back, data_dir, *_states(data_dir))


def facts_as_of(look: Lookup, regions: tuple[str, ...], treaty: Treaty) -> Facts:
    """All columns of `FACTS`.

    Args:
        look: The lookup.
        regions: Names of the regions, sorted.
        treaty: The treaty. If it is not about cluster munitions, nobody holds, makes or uses any.

    Returns:
        (n,) array of dtype `FACTS`.
    """
    facts = np.zeros(len(look.states), dtype=FACTS)
    facts["region"] = [regions.index(name) for name in look.texts("region")]
    facts["lat"], facts["lon"] = look.numbers("lat"), look.numbers("lon")
    for name, column in moving(look).items():
        facts[name] = column
    _fill_treaty(facts, look, treaty)
    bans = look.table("earlier_bans.csv").rows()
    facts["delay"] = earlier_bans.delay(bans, look.position, min(look.date, treaty.opened))
    facts["theatre"] = use_record.theatres(_places(look), look.position, look.date.year)
    if treaty.stocks:
        facts["voted_against"] = np.isin(look.texts("iso3"), _named_against(look))
        _fill_arsenal(facts, look)
        _fill_use(facts, look)
    _fill_war(facts, look)
    _fill_bound(facts, look, treaty)
    return facts


def moving(look: Lookup) -> dict[str, npt.NDArray[Any]]:
    """The columns `MOVING` of `FACTS`. What no state has, as before the record, is the same for all.

    Raises:
        DataError: If some state has no population before the date.
    """
    population = look.latest(*POPULATION)
    if np.isnan(population).all():
        population = np.ones(len(population))
    elif np.isnan(population).any():
        code = look.states[int(np.flatnonzero(np.isnan(population))[0])]["iso3"]
        raise DataError("states_year.csv", f"a population of {code} in some year before {look.date.year}")
    subregion, region = look.texts("subregion"), look.texts("region")
    ccw = np.zeros(len(look.states), np.int64)
    for row in look.table("ccw_status.csv").rows():
        ccw[look.position[row["iso3"]]] = bool(row["bound"]) and in_force(row["bound"], row["withdrawn"], look.date)
    admitted = zip(look.texts("un_member"), look.texts("un_admitted"), strict=True)
    members = np.array([member == "1" and in_force(since, "", look.date) for member, since in admitted], np.int64)
    limit = np.full(len(look.states), np.nan)
    limits = list(look.table("domestic_limits.csv").rows())
    for code in {row["iso3"] for row in limits}:
        limit[look.position[code]] = arsenal.dud_limit([row for row in limits if row["iso3"] == code], look.date)
    return {
        "power": covariates.power_shares(look.latest(*POWER), population),
        "democracy": covariates.by_subregion(look.latest(*DEMOCRACY), subregion, region),
        "ideal_point": covariates.by_subregion(ideal_points(look), subregion, region),
        "ccw": ccw,
        "un_member": members,
        "limit": limit,
    }


def ideal_points(look: Lookup) -> Floats:
    """(n,) latest ideal points before the date's year, NaN for a state without any."""
    return look.latest(*IDEAL_POINT)


def last_year(look: Lookup) -> int:
    """Last calendar year in which some covariate or relation of the record begins, changes or ends."""
    files = {
        "states.csv": ("un_admitted",),
        "states_year.csv": ("year",),
        "un_ideal_points.csv": ("year",),
        "ccw_status.csv": ("bound", "withdrawn"),
        "domestic_limits.csv": ("start", "end"),
        "defence_pacts.csv": ("start", "end"),
        "rivalries.csv": ("start", "end"),
    }
    dates = (text for file, columns in files.items() for column in columns for text in set(look.table(file)[column]))
    return max(int(text[:4]) for text in dates if text)


def wars(look: Lookup) -> tuple[int, Floats]:
    """Intensity of the wars each state fought, by calendar year.

    A state fights as a side of a war, or as a supporter whose own forces fight (co_belligerents.csv). Of the two
    intensities the higher counts. Supporters that only sent troops to a peace operation do not fight.

    Args:
        look: The lookup.

    Returns:
        First year of the record; (years, n) intensity, 0 in peace.
    """
    source = look.table("conflict_years.csv")
    years = [int(year) for year in source["year"]]
    first = min(years)
    intensity = np.zeros((max(years) - first + 1, len(look.states)))
    columns = (source["iso3"], years, source["intensity"], source["role"])
    for code, year, level, role in zip(*columns, strict=True):
        if role == "primary":
            intensity[year - first, look.position[code]] = INTENSITY[level]
    abroad = look.table("co_belligerents.csv")
    for row in abroad.rows():
        i = look.position[row["iso3"]]
        for year in range(int(row["first_year"]), min(int(row["last_year"]), max(years)) + 1):
            intensity[year - first, i] = max(intensity[year - first, i], INTENSITY[row["intensity"]])
    return first, intensity


def history_from(look: Lookup, later: tuple[Year, ...]) -> History:
    """Yearly record of wars, from its first year on, before the date too; theatres include the year itself.

    Args:
        look: The lookup.
        later: Covariates and relations in each January after the date.

    Returns:
        One row per year, up to the last year of either record or that of the date.
    """
    uses = use_record.recorded_use(look.table("use_by_year.csv"))
    places = _places(look)
    start, fought = wars(look)
    last = max(look.date.year, start + len(fought) - 1, uses[-1].year)
    intensity = np.full((last - start + 1, len(look.states)), np.nan)
    intensity[: len(fought)] = fought
    theatre = [use_record.theatres(places, look.position, year + 1) for year in range(start, last + 1)]
    return History(start, intensity, np.stack(theatre), later)


def _named_against(look: Lookup) -> list[str]:
    """Who voted against the UN resolution in the latest year before the date that has a vote."""
    votes = [row for row in look.table("unga_ccm_votes.csv").rows() if int(row["year"]) < look.date.year]
    latest = max((row["year"] for row in votes), default="")
    return [code for row in votes if row["year"] == latest for code in row["against"].split(";")]


def treaty_facts(look: Lookup, treaty: Treaty) -> Facts:
    """The columns of `FACTS` on treaty status; the others are zero."""
    facts = np.zeros(len(look.states), dtype=FACTS)
    _fill_treaty(facts, look, treaty)
    return facts


def _fill_treaty(facts: Facts, look: Lookup, treaty: Treaty) -> None:
    for act in treaty.acts:
        i = look.position[act.iso3]
        for field, value in treaty.standing(act, look.date)._asdict().items():
            facts[field][i] = value


def _fill_arsenal(facts: Facts, look: Lookup) -> None:
    ccm = look.table("ccm_status.csv")
    bound = dict(zip(ccm["iso3"], ccm["bound"], strict=True))
    transfers = look.table("transfers.csv")
    recipients = {
        code
        for code, year in zip(transfers["recipient_iso3"], transfers["year"], strict=True)
        if not year or int(year) < look.date.year
    }
    for row in look.table("capability.csv").rows():
        i = look.position[row["iso3"]]
        facts["holder"][i] = arsenal.holds(row, bound.get(row["iso3"], ""), look.date, look.known)
        facts["origin"][i] = arsenal.origin(row, recipients) if facts["holder"][i] else arsenal.NO_STOCK
        facts["producer"][i] = arsenal.produces(row, look.date)
        facts["exporter"][i] = row["ever_exported"] == "1"


def _places(look: Lookup) -> list[use_record.Use]:
    """Where munitions of each state fall: recorded use, and wars fought as a supporter."""
    uses = use_record.recorded_use(look.table("use_by_year.csv"))
    return uses + use_record.fought_abroad(look.table("co_belligerents.csv"))


def _fill_use(facts: Facts, look: Lookup) -> None:
    uses = use_record.recorded_use(look.table("use_by_year.csv"))
    year = look.date.year
    facts["use_years_here"] = use_record.use_years(uses, look.position, year - YEARS_OF_USE, year)
    for code in use_record.users(uses, year - 2, year):
        facts["uses_recent"][look.position[code]] = 1


def _fill_bound(facts: Facts, look: Lookup, treaty: Treaty) -> None:
    """Wars of each party, and of its rivals, in the last year that was over when it was bound."""
    facts["rival_bound"] = np.arange(len(facts))
    year_bound = np.zeros(len(facts), np.int64)
    for act in treaty.acts:
        if facts["status"][look.position[act.iso3]] >= 2:
            year_bound[look.position[act.iso3]] = day(act.bound).year
    first, fought = wars(look)
    power, places = facts["power"], _places(look)
    for year in np.unique(year_bound[year_bound > 0]).tolist():
        own = np.flatnonzero(year_bound == year)
        row = min(max(year - 1 - first, 0), len(fought) - 1)
        theatre = use_record.theatres(places, look.position, first + row + 1)
        abroad = np.where(theatre != np.arange(len(facts)), fought[row], 0.0)
        opposed = dyads.rivals(look.table("rivalries.csv"), look.position, datetime.date(year, 1, 1))[own]
        weight = opposed * abroad * power / (power[own, None] + power)  # see `conflict.rival_pressure`
        some = weight.any(axis=1)
        facts["war_bound"][own] = fought[row, own]
        facts["rival_bound"][own[some]] = weight[some].argmax(axis=1)
        facts["rival_war_bound"][own[some]] = abroad[weight[some].argmax(axis=1)]


def _fill_war(facts: Facts, look: Lookup) -> None:
    first, fought = wars(look)
    past = look.date.year - first
    facts["conflict_share"] = covariates.conflict_share(fought[:past], YEARS_OF_WAR)
    now = past if is_over(look.date.year, look.known) else past - 1
    facts["intensity"] = fought[min(now, len(fought) - 1)]
