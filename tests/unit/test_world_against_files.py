"""Facts of the real world against the data files, read a second time with `csv` and plain loops."""

import calendar
import csv
import datetime
from collections import defaultdict

import pytest

from normsim.world import DATA, World, world_as_of

DATES = (
    datetime.date(2008, 12, 1),
    datetime.date(2010, 8, 1),
    datetime.date(2014, 7, 15),
    datetime.date(2019, 1, 1),
    datetime.date(2023, 7, 1),
    datetime.date(2025, 3, 7),
)


def rows(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def last_day(text: str) -> datetime.date:
    """Last day that a date given by its year, or year and month, can mean."""
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    month = month or 12
    return datetime.date(year, month, day or calendar.monthrange(year, month)[1])


def holds(row: dict[str, str], date: datetime.date) -> bool:
    """Whether a row with a start and an end is in force: begun before the date and not ended before it."""
    begun = not row["start"] or last_day(row["start"]) < date
    return begun and (not row["end"] or last_day(row["end"]) >= date)


def middle(period: str) -> datetime.date:
    """The day on which half of the years of a period are over."""
    first, last = int(period[:4]), int(period[5:])
    years = last - first + 1
    return datetime.date(first + years // 2, 7 if years % 2 else 1, 1)


@pytest.fixture(params=DATES, ids=str)
def world(request: pytest.FixtureRequest) -> World:
    return world_as_of(request.param)


def by_code(world: World, column: str) -> dict[str, float]:
    return dict(zip(world.iso3, world.facts[column].tolist(), strict=True))


def test_recent_users_and_use_on_each_territory(world: World) -> None:
    year = world.start.year
    recent, here = set(), dict.fromkeys(world.iso3, 0)
    for row in rows("use_by_year.csv"):
        when = int(row["year"])
        if when in (year - 2, year - 1) and row["confidence"] in ("medium", "high"):
            recent.add(row["iso3"])
        if year - 20 <= when <= year - 1 and row["location_iso3"] in here:
            here[row["location_iso3"]] += 1
    assert {code for code, flag in by_code(world, "uses_recent").items() if flag} == recent
    assert by_code(world, "use_years_here") == here
    assert recent
    assert sum(here.values()) > 10


def test_wars(world: World) -> None:
    year = world.start.year
    record = rows("conflict_years.csv")
    last = max(int(row["year"]) for row in record)
    at_war: dict[str, set[int]] = defaultdict(set)
    now = dict.fromkeys(world.iso3, 0.0)
    for row in record:
        if row["role"] != "primary":
            continue
        at_war[row["iso3"]].add(int(row["year"]))
        if int(row["year"]) == min(year, last):
            now[row["iso3"]] = {"1": 0.5, "2": 1.0}[row["intensity"]]
    for row in rows("co_belligerents.csv"):
        years = range(int(row["first_year"]), int(row["last_year"]) + 1)
        at_war[row["iso3"]] |= set(years)
        if min(year, last) in years:
            now[row["iso3"]] = max(now[row["iso3"]], {"1": 0.5, "2": 1.0}[row["intensity"]])
    assert by_code(world, "intensity") == now
    for code, share in by_code(world, "conflict_share").items():
        years = range(min(year, last + 1) - 10, min(year, last + 1))
        assert share == pytest.approx(len(at_war[code] & set(years)) / 10), code


def test_status_under_the_convention(world: World) -> None:
    date, want, since = world.start, dict.fromkeys(world.iso3, 0), dict.fromkeys(world.iso3, 0)
    to_force = dict.fromkeys(world.iso3, 0)
    for row in rows("ccm_status.csv"):
        code = row["iso3"]
        signed, bound, left = (
            last_day(row[act]) if row[act] else datetime.date.max for act in ("signed", "bound", "withdrawn")
        )
        if left < date:
            continue
        if bound < date:
            want[code] = 2
            since[code] = 12 * (date.year - bound.year) + date.month - bound.month - (date.day < bound.day)
            in_force = max(
                12 * bound.year + bound.month + 6, 12 * 2010 + 8
            )  # sixth month after; not before August 2010
            to_force[code] = max(in_force - (12 * date.year + date.month), 0)
            # the notice is given six months before the exit
            if row["withdrawn"] and 12 * (left.year - date.year) + left.month - date.month - (left.day < date.day) < 6:
                want[code] = 3
        elif signed < date:
            want[code] = 1
    assert by_code(world, "status") == want
    assert by_code(world, "months_bound") == since
    assert by_code(world, "months_to_force") == to_force


def test_pairs_that_can_transfer(world: World) -> None:
    date = world.start
    pacts, rivals, trade = set(), set(), {}
    for row in rows("defence_pacts.csv"):
        if row["shared_bloc"] not in ("AU", "EU", "ICGLR", "OAS") and holds(row, date):
            pacts |= {(row["a"], row["b"]), (row["b"], row["a"])}
    for row in rows("rivalries.csv"):
        if holds(row, date):
            rivals |= {(row["a"], row["b"]), (row["b"], row["a"])}
    record = rows("arms_ties.csv")
    periods = sorted({row["period"] for row in record})
    counted = [period for period in periods if middle(period) <= date][-2:] or periods[:1]
    for row in record:
        if row["period"] in counted:
            pair = (row["supplier"], row["recipient"])
            trade[pair] = max(trade.get(pair, 0), {"minor": 1, "regular": 2, "major": 3}[row["tier"]])
    want = {
        (supplier, recipient): (float((supplier, recipient) in pacts), trade.get((supplier, recipient), 0) / 3)
        for supplier, recipient in (pacts | set(trade)) - rivals
    }
    ends = ([world.iso3[k] for k in side] for side in (world.supplier, world.recipient))
    found = dict(zip(zip(*ends, strict=True), zip(world.ally.tolist(), world.arms.tolist(), strict=True), strict=True))
    assert found == want
    opposed = {(world.iso3[i], world.iso3[j]) for i in range(len(world)) for j in world.rivalry.row(i)[0]}
    assert opposed == rivals
    for i, code in enumerate(world.iso3):
        assert {world.iso3[j] for j in world.layers["alliance"].row(i)[0]} == {b for a, b in pacts if a == code}
        suppliers = {supplier: tier for (supplier, recipient), tier in trade.items() if recipient == code}
        indices, weights = world.layers["arms"].row(i)
        shares = {world.iso3[j]: weight for j, weight in zip(indices, weights.tolist(), strict=True)}
        assert shares == pytest.approx({s: tier / sum(suppliers.values()) for s, tier in suppliers.items()})
