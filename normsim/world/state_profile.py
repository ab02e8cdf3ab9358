"""Profile of one state on a date: every known fact with its source.

Values are those of `world_as_of`; notes and sources come from the data files. In a source, `memory`
means that no document was consulted and `imputed` that the value was filled in by a rule.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from normsim.world import earlier_bans
from normsim.world.data_files import DATA
from normsim.world.dates import day, in_force
from normsim.world.dyads import BLOCS_LEFT_OUT, arms_periods
from normsim.world.fact_columns import YEARS_OF_USE, YEARS_OF_WAR, Lookup, lookup, wars
from normsim.world.initial_world import World
from normsim.world.real_world import world_as_of


class Fact(NamedTuple):
    """One fact about a state.

    Attributes:
        name: Name of the fact.
        value: Its value, as text with its unit.
        as_of: Date, year or period for which it holds; empty if there is none.
        source: Keys of sources.csv separated by ';'; may include `memory` and `imputed`.
        note: Remark, empty if there is none.
    """

    name: str
    value: str
    as_of: str
    source: str
    note: str = ""


STATUS = ("outside", "signed", "bound", "notice of withdrawal given")
"""Words for the `status` of `FACTS`."""


def facts_of(iso3: str, date: datetime.date, *, data_dir: Path = DATA) -> list[Fact]:
    """List what is known of a state on a date.

    Args:
        iso3: Code of the state.
        date: Acts strictly before it count.
        data_dir: Folder of the data files.

    Returns:
        The facts: identity, treaty, arsenal, use, transfers, wars, covariates, ties.

    Raises:
        WorldError: If the date lies before the record or no state has the code.
        DataError: If a data file is missing or broken.

    Example:
        >>> facts = facts_of("NOR", datetime.date(2023, 7, 1))
        >>> next(fact.value for fact in facts if fact.name == "treaty status")
        'bound'
    """
    world = world_as_of(date, data_dir=data_dir)
    i = world.index(iso3)
    look = lookup(date, data_dir)
    parts = (_identity, _treaty, _earlier_bans, _arsenal, _use, _transfers, _wars, _covariates, _ties)
    return [fact for part in parts for fact in part(look, world, i)]


def _row(look: Lookup, file: str, iso3: str) -> dict[str, str] | None:
    return next((r for r in look.table(file).rows() if r["iso3"] == iso3), None)


def _keys(sources: Iterable[str]) -> str:
    """Distinct keys, in order of first appearance."""
    return ";".join(dict.fromkeys(key for source in sources for key in source.split(";")))


def _identity(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    row = look.states[i]
    yield Fact("name", row["name"], "", row["source"], row["note"])
    yield Fact("region", f"{row['region']}, {row['subregion']}", "", row["source"])


def _treaty(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    facts, asked = world.facts[i], look.date.isoformat()
    row = _row(look, "ccm_status.csv", world.iso3[i])
    if row:
        yield Fact("treaty status", STATUS[facts["status"]], asked, row["source"])
        if row["signed"] and day(row["signed"]) < look.date:
            yield Fact("signed", row["signed"], row["signed"], row["source"])
        if row["bound"] and day(row["bound"]) < look.date:
            yield Fact("bound", row["bound"], row["bound"], row["source"], row["bound_kind"])
            force = world.treaty.entry_into_force(day(row["bound"]), look.date).isoformat()
            note = "" if facts["months_to_force"] == 0 else "still ahead"
            if not world.treaty.is_in_force(look.date):
                note = "once the convention is in force"
            yield Fact("in force for it", force, force, row["source"], note)
        if row["withdrawn"] and world.treaty.notice_given(day(row["withdrawn"])) < look.date:
            given = world.treaty.notice_given(day(row["withdrawn"])).isoformat()
            yield Fact("notice of withdrawal", given, given, row["source"])
            yield Fact("withdrawal effective", row["withdrawn"], row["withdrawn"], row["source"])
    row = _row(look, "ccw_status.csv", world.iso3[i])
    if row:
        since = row["bound"] if facts["ccw"] else ""
        yield Fact("CCW party", "yes" if facts["ccw"] else "no", since or asked, row["source"])


def _earlier_bans(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    until = min(look.date, world.treaty.opened)
    when = {row["treaty"]: row for row in look.table("earlier_bans.csv").rows() if row["iso3"] == world.iso3[i]}
    for ban in earlier_bans.OPENED:
        row = when.get(ban)
        joined = row is not None and day(row["bound"]) < until
        name = f"party to the {ban.replace('_', ' ')} treaty"
        source = look.table("earlier_bans.csv")["source"][0] if row is None else row["source"]
        yield Fact(name, "yes" if joined else "no", row["bound"] if joined and row else until.isoformat(), source)


def _arsenal(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    facts, asked = world.facts[i], look.date.isoformat()
    row = _row(look, "capability.csv", world.iso3[i])
    if row is None:
        source, note = "cmc_producers;cmc_stockpilers", "on no list of makers or holders"
        yield Fact("arsenal", "none known", asked, source, note)
        return
    stock = "holds" if facts["holder"] else f"none held ({row['stockpile_status']} on record)"
    year, quality = row["destroyed_year"], row["destroyed_year_quality"]
    past = year if year and int(year) < look.date.year else ""
    note = f"destroyed in {past} ({quality})" if past else ""
    yield Fact("stockpile", stock, asked, row["source"], note)
    if facts["origin"]:
        inherited = f"inherited from: {row['inherited_from']}"
        come = ("", "own production", inherited, "imports", "unknown")[facts["origin"]]
        yield Fact("origin of the stock", come, asked, "derived")
    if row["ever_produced"] == "1" or facts["producer"]:
        made = "yes" if facts["producer"] else "no longer or not yet"
        yield Fact("produces", made, asked, row["source"], row["producer_until_quality"])
    yield Fact("ever exported", "yes" if facts["exporter"] else "no", "", row["source"])
    if row["note"]:
        note = "as compiled; may speak of what came after the date"
        yield Fact("remark on the arsenal", row["note"], "", row["source"], note)
    for limit in look.table("domestic_limits.csv").rows():
        if limit["iso3"] == world.iso3[i] and in_force(limit["start"], limit["end"], look.date):
            value = f"at most {float(limit['threshold']):.0%} duds ({limit['kind']})"
            yield Fact("domestic limit", value, limit["start"], limit["source"], limit["note"])


def _use(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    own, here = world.iso3[i], []
    for row in look.table("use_by_year.csv").rows():
        year = int(row["year"])
        if year >= look.date.year:
            continue
        if row["iso3"] == own:
            note = f"{row['confidence']} confidence" + (f"; {row['note']}" if row["note"] else "")
            yield Fact("used in", row["location_iso3"], row["year"], row["source"], note)
        if row["location_iso3"] == own and year >= look.date.year - YEARS_OF_USE:
            here.append(row)
    if here:
        by = ", ".join(sorted({row["iso3"] for row in here}))
        span = f"{look.date.year - YEARS_OF_USE}-{look.date.year - 1}"
        value = f"{len(here)} state-years, by {by}"
        yield Fact("use on its territory", value, span, _keys(r["source"] for r in here))
    if world.facts["theatre"][i] != i:
        place = world.iso3[world.facts["theatre"][i]]
        yield Fact("theatre", place, look.date.isoformat(), "derived", "place of its latest use or war abroad")


def _transfers(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    for row in look.table("transfers.csv").rows():
        if row["year"] and int(row["year"]) >= look.date.year:
            continue
        munition = f"{row['munition']} ({row['quantity']})"
        note = f"{row['confidence']} confidence" + (f"; {row['note']}" if row["note"] else "")
        when = row["year"] or "undated"
        if row["supplier_iso3"] == world.iso3[i]:
            value = f"to {row['recipient_iso3']}: {munition}"
            yield Fact("transfer", value, when, row["source"], note)
        if row["recipient_iso3"] == world.iso3[i]:
            value = f"from {row['supplier_iso3']}: {munition}"
            yield Fact("transfer", value, when, row["source"], note)


def _wars(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    facts, source = world.facts[i], look.table("conflict_years.csv").default_source
    year = look.date.year
    share = f"{facts['conflict_share'] * YEARS_OF_WAR:.0f} of {YEARS_OF_WAR} years"
    yield Fact("side of a war", share, f"{year - YEARS_OF_WAR}-{year - 1}", source)
    first, fought = wars(look)
    last = min(year, first + len(fought) - 1)
    note = "0 none, 0.5 from 25 battle deaths a year, 1 from 1,000"
    yield Fact("war intensity", f"{facts['intensity']:g}", str(last), source, note)
    for row in look.table("co_belligerents.csv").rows():
        if row["iso3"] == world.iso3[i] and int(row["first_year"]) <= year:
            span = f"{row['first_year']}-{row['last_year']}"
            yield Fact("fought as a supporter", f"in {row['theatre_iso3']}", span, row["source"], row["note"])


def _covariates(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    facts, asked = world.facts[i], look.date.isoformat()
    for name, file, column, value in (
        ("power", "states_year.csv", "cinc", f"{facts['power']:.4%} of world capability"),
        ("democracy", "states_year.csv", "democracy", f"{facts['democracy']:.3f} of 1"),
        ("ideal point", "un_ideal_points.csv", "ideal_point", f"{facts['ideal_point']:.2f}"),
    ):
        first, yearly = look.panel(file, column)
        years = first + np.flatnonzero(~np.isnan(yearly[:, i]))
        past = years[years < look.date.year]
        if len(past) == 0:
            note = "no record before; see SOURCES.md for the rule"
            yield Fact(name, value, asked, "imputed", note)
            continue
        yield Fact(name, value, str(past[-1]), look.table(file).default_source)


def _ties(look: Lookup, world: World, i: int) -> Iterator[Fact]:
    asked = look.date.isoformat()
    allies = world.layers["alliance"].row(i)[0]
    rows = [row for row in look.table("defence_pacts.csv").rows() if world.iso3[i] in (row["a"], row["b"])]
    source = _keys(row["source"] for row in rows) or "atop51"
    yield Fact(
        "defence pacts", str(len(allies)), asked, source, "without pledges of " + ", ".join(sorted(BLOCS_LEFT_OUT))
    )
    arms = look.table("arms_ties.csv")
    span = ", ".join(arms_periods(arms, look.date))
    suppliers = world.layers["arms"].row(i)[0]
    yield Fact("arms suppliers", str(len(suppliers)), span, arms.default_source)
    buyers = world.recipient[(world.supplier == i) & (world.arms > 0)]
    note = "without rivals"
    yield Fact("arms recipients", str(len(buyers)), span, arms.default_source, note)
    for row in look.table("rivalries.csv").rows():
        if world.iso3[i] in (row["a"], row["b"]) and in_force(row["start"], row["end"], look.date):
            other = row["b"] if row["a"] == world.iso3[i] else row["a"]
            yield Fact("rival", other, row["start"], row["source"], row["note"] or row["kind"])
    if math.isnan(world.facts["limit"][i]) and world.facts["exporter"][i]:
        yield Fact("domestic limit", "none known", asked, "memory")
