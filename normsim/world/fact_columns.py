"""Fill the columns of `FACTS` from the data files, one function per group of columns."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from normsim.world import arsenal, covariates, use_record
from normsim.world.data_files import Table, table
from normsim.world.initial_world import FACTS, History
from normsim.world.treaty import standing

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Facts = npt.NDArray[np.void]

INTENSITY = {"1": 0.5, "2": 1.0}
"""Intensity of a war by class of the record: 25 to 999 battle deaths a year, or more."""

VOTED_AGAINST = ("RUS",)
"""States that voted against the UN resolution of December 2023 on the convention (timeline.csv); a vote of later years
counts for every start, since no roll call of earlier years is in the data."""

YEARS_OF_USE = 20
"""Years back that `use_years_here` counts."""

YEARS_OF_WAR = 10
"""Years back that `conflict_share` counts."""


@dataclass(frozen=True)
class Lookup:
    """The data files, the order of the states, and the date of the world.

    Attributes:
        date: Acts strictly before it count.
        data_dir: Folder of the data files.
        states: Rows of states.csv, sorted by code.
        position: Index of each state by code.
    """

    date: datetime.date
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
        source = self.table(file)
        years = source.numbers("year")
        rows = np.array([self.position[code] for code in source["iso3"]])
        first, last = int(years.min()), int(years.max())
        values = source.numbers(column)
        return first, covariates.panel(len(self.position), rows, years, values, first, last)


def lookup(date: datetime.date, data_dir: Path) -> Lookup:
    """Collect the data files and the order of the states for a date.

    Args:
        date: Acts strictly before it count.
        data_dir: Folder of the data files.

    Returns:
        The lookup.
    """
    states = tuple(sorted(table("states.csv", data_dir).rows(), key=lambda row: row["iso3"]))
    position = {row["iso3"]: i for i, row in enumerate(states)}
    return Lookup(date, data_dir, states, position)


def facts_as_of(look: Lookup, regions: tuple[str, ...], voice: Floats) -> Facts:
    """All columns of `FACTS`.

    Args:
        look: The lookup.
        regions: Names of the regions, sorted.
        voice: (n,) ideal points, NaN for a state without any.

    Returns:
        (n,) array of dtype `FACTS`.
    """
    facts = np.zeros(len(look.states), dtype=FACTS)
    facts["region"] = [regions.index(name) for name in look.texts("region")]
    facts["lat"], facts["lon"] = look.numbers("lat"), look.numbers("lon")
    subregion, region = look.texts("subregion"), look.texts("region")
    facts["ideal_point"] = covariates.by_subregion(voice, subregion, region)
    facts["democracy"] = covariates.by_subregion(_democracy(look), subregion, region)
    first, cinc = look.panel("states_year.csv", "cinc")
    facts["power"] = covariates.power_shares(
        covariates.latest(cinc, look.date.year - first), look.numbers("population")
    )
    facts["voted_against"] = np.isin(look.texts("iso3"), VOTED_AGAINST)
    _fill_treaty(facts, look)
    _fill_arsenal(facts, look)
    _fill_use(facts, look)
    _fill_war(facts, look)
    return facts


def ideal_points(look: Lookup) -> tuple[Floats, Flags]:
    """Latest ideal points before the date's year.

    Args:
        look: The lookup.

    Returns:
        (n,) points, NaN for a state without any; (n,) whether it had one before that year.
    """
    first, points = look.panel("un_ideal_points.csv", "ideal_point")
    past = look.date.year - first
    return covariates.latest(points, past), ~np.isnan(points[:past]).all(axis=0)


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
        for year in range(int(row["first_year"]), int(row["last_year"]) + 1):
            intensity[year - first, i] = max(intensity[year - first, i], INTENSITY[row["intensity"]])
    return first, intensity


def history_from(look: Lookup) -> History:
    """Yearly record of wars, from its first year on, before the date too; theatres include the year itself.

    Args:
        look: The lookup.

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
    return History(start, intensity, np.stack(theatre))


def _democracy(look: Lookup) -> Floats:
    first, yearly = look.panel("states_year.csv", "democracy")
    value = covariates.latest(yearly, look.date.year - first)
    # States outside the panel (the Holy See) take the value in states.csv.
    return np.where(np.isnan(value), look.numbers("democracy"), value)


def _fill_treaty(facts: Facts, look: Lookup) -> None:
    for row in look.table("ccm_status.csv").rows():
        at = standing(row["signed"], row["bound"], row["withdrawn"], look.date)
        i = look.position[row["iso3"]]
        for field, value in at._asdict().items():
            facts[field][i] = value
    for row in look.table("ccw_status.csv").rows():
        at = standing("", row["bound"], row["withdrawn"], look.date)
        facts["ccw"][look.position[row["iso3"]]] = at.status >= 2


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
        facts["holder"][i] = arsenal.holds(row, bound.get(row["iso3"], ""), look.date)
        facts["origin"][i] = arsenal.origin(row, recipients) if facts["holder"][i] else arsenal.NO_STOCK
        facts["producer"][i] = arsenal.produces(row, look.date)
        facts["exporter"][i] = row["ever_exported"] == "1"
    limits = list(look.table("domestic_limits.csv").rows())
    for code, i in look.position.items():
        own = [row for row in limits if row["iso3"] == code]
        facts["limit"][i] = arsenal.dud_limit(own, look.date)


def _places(look: Lookup) -> list[use_record.Use]:
    """Where munitions of each state fall: recorded use, and wars fought as a supporter."""
    uses = use_record.recorded_use(look.table("use_by_year.csv"))
    return uses + use_record.fought_abroad(look.table("co_belligerents.csv"))


def _fill_use(facts: Facts, look: Lookup) -> None:
    uses = use_record.recorded_use(look.table("use_by_year.csv"))
    year = look.date.year
    facts["theatre"] = use_record.theatres(_places(look), look.position, year)
    facts["use_years_here"] = use_record.use_years(uses, look.position, year - YEARS_OF_USE, year)
    for code in use_record.users(uses, year - 2, year):
        facts["uses_recent"][look.position[code]] = 1


def _fill_war(facts: Facts, look: Lookup) -> None:
    first, fought = wars(look)
    past = look.date.year - first
    facts["conflict_share"] = covariates.conflict_share(fought[:past], YEARS_OF_WAR)
    facts["intensity"] = fought[min(past, len(fought) - 1)]
