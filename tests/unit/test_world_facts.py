"""Columns of the facts, the world object, and what is told of a state."""

from __future__ import annotations

import dataclasses
import math
import pickle
import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from normsim.world import (
    FACTS,
    World,
    WorldError,
    convention,
    events_recorded,
    facts_of,
    transfers_recorded,
    world_as_of,
)
from normsim.world import covariates as cov
from normsim.world.arsenal import dud_limit, holds, produces
from normsim.world.use_record import FOUGHT, Use, theatres, use_years, users

EARLY = date(2008, 12, 1)
LATE = date(2023, 7, 1)


def codes(world: World, flags: np.ndarray) -> set[str]:
    return {world.iso3[i] for i in np.flatnonzero(flags)}


def test_shape_and_order() -> None:
    world = world_as_of(LATE)
    assert len(world) == 197 == len(world.facts)
    assert list(world.iso3) == sorted(world.iso3)
    assert {"NAM", "COK", "NIU", "PSE", "VAT"} <= set(world.iso3)
    assert world.names[world.index("NAM")] == "Namibia"
    assert world.facts.dtype == FACTS
    assert world.treaty == convention()
    assert (world.treaty.opened, world.treaty.in_force) == (date(2008, 12, 3), date(2010, 8, 1))
    assert world.regions == ("Africa", "Americas", "Asia", "Europe", "Oceania")
    assert world.regions[world.facts["region"][world.index("UKR")]] == "Europe"


def test_start_before_the_record_is_refused() -> None:
    with pytest.raises(WorldError, match="2008-12-01"):
        world_as_of(date(2008, 11, 30))


def test_the_world_is_cached_and_locked() -> None:
    world = world_as_of(LATE)
    assert world_as_of(LATE) is world
    with pytest.raises(ValueError, match="read-only"):
        world.facts["power"][0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        world.layers["votes"].weights[0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.start = EARLY  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(world))
    assert again.facts.tobytes() == world.facts.tobytes()


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("UKX", "UKR"),
        ("GBX", "GBR"),
        ("ukr", "UKR"),
        ("Ukraine", "UKR"),
        ("Namibya", "NAM"),
        ("#", "AFG"),
    ],
)
def test_an_unknown_state_is_met_with_the_nearest(asked: str, hint: str) -> None:
    with pytest.raises(WorldError, match=hint):
        world_as_of(LATE).index(asked)


def test_arsenals() -> None:
    early, late = world_as_of(EARLY), world_as_of(LATE)
    makers = codes(early, early.facts["producer"] == 1)
    assert len(makers) == 17
    assert "SVK" in makers
    assert "MMR" not in makers
    makers = codes(late, late.facts["producer"] == 1)
    assert len(makers) == 17
    assert "MMR" in makers
    assert "SVK" not in makers
    held = codes(late, late.facts["holder"] == 1)
    assert {"USA", "RUS", "UKR", "BGR", "PER"} <= held  # the last two end within 2023
    assert not {"GBR", "DEU", "ARG", "AGO", "LTU", "GNB"} & held
    held = codes(early, early.facts["holder"] == 1)
    assert {"GBR", "DEU", "IRQ"} <= held  # Iraq joined in 2013, its year is not known
    assert not {"ARG", "AGO", "ECU", "MMR"} & held
    assert late.facts["exporter"].sum() == early.facts["exporter"].sum() == 19


@pytest.mark.parametrize(
    ("asked", "against"),
    [(EARLY, set()), (date(2016, 1, 1), {"RUS", "ZWE"}), (date(2020, 6, 1), {"ZWE"}), (LATE, {"RUS"})],
)
def test_who_voted_against_before_the_date(asked: date, against: set[str]) -> None:
    world = world_as_of(asked)
    assert codes(world, world.facts["voted_against"] == 1) == against


def test_covariates_move_on_in_each_january() -> None:
    world = world_as_of(EARLY)
    assert [year.year for year in world.history.later] == list(range(2009, 2027))
    for year in world.history.later[::4]:
        then = world_as_of(date(year.year, 1, 1))
        for name in year.facts.dtype.names or ():
            np.testing.assert_array_equal(year.facts[name], then.facts[name])
        layers = {**year.layers, "rivalry": year.rivalry}
        theirs = {**then.layers, "rivalry": then.rivalry}
        for name, layer in layers.items():
            assert all((a == b).all() for a, b in zip(layer, theirs[name], strict=True)), name
        for name in ("supplier", "recipient", "ally", "arms"):
            np.testing.assert_array_equal(getattr(year, name), getattr(then, name))
    assert [year.year for year in world_as_of(date(2025, 1, 1)).history.later] == [2026]
    assert not world_as_of(date(2026, 1, 1)).history.later


def test_holder_rules() -> None:
    row = {"stockpile_status": "destroyed", "destroyed_year": "2013", "producer_from": ""}
    assert holds(row, "2010-05-04", date(2013, 12, 31))
    assert not holds(row, "2010-05-04", date(2014, 1, 1))
    row["destroyed_year"] = ""
    assert holds(row, "2010-05-04", date(2014, 12, 31))
    assert not holds(row, "2010-05-04", date(2015, 1, 1))
    assert not holds(row, "", EARLY)
    assert not holds(row, "2010-05-04", EARLY, known=date(2014, 12, 31))  # 2014 is not over
    assert holds(row, "2010-05-04", EARLY, known=date(2015, 1, 1))
    for doubtful in ("none", "unknown"):
        assert not holds(row | {"stockpile_status": doubtful}, "", EARLY)
    own = {"stockpile_status": "holds", "destroyed_year": "", "producer_from": "2022"}
    assert not holds(own, "", date(2021, 12, 31))
    assert holds(own, "", date(2022, 1, 1))


def test_producer_rules() -> None:
    row = {"producer_status": "ceased", "producer_from": "", "producer_until": "2015"}
    assert produces(row, date(2014, 12, 31))
    assert not produces(row, date(2015, 1, 1))
    assert produces(row | {"producer_status": "current"}, date(2030, 1, 1))
    assert not produces(row | {"producer_status": "never_known"}, EARLY)


def test_limits() -> None:
    rows = [{"start": "2009-12-16", "end": "", "threshold": "0.01"}]
    assert math.isnan(dud_limit(rows, date(2009, 12, 16)))
    assert dud_limit(rows, date(2009, 12, 17)) == 0.01
    assert math.isnan(dud_limit([], LATE))
    early, late = world_as_of(EARLY), world_as_of(LATE)
    assert np.isnan(early.facts["limit"]).all()
    assert codes(late, ~np.isnan(late.facts["limit"])) == {"KOR", "USA"}


def test_theatres_of_the_record() -> None:
    world = world_as_of(LATE)

    def theatre(user: str) -> str:
        return str(world.iso3[world.facts["theatre"][world.index(user)]])

    assert theatre("RUS") == "UKR"  # 2022: UKR is better documented than SYR
    assert theatre("SAU") == "YEM"
    assert theatre("ISR") == "LBN"
    assert theatre("UKR") == "UKR"
    assert theatre("MAR") == "MAR"  # Western Sahara is no state of the world
    assert theatre("COK") == "COK"
    assert codes(world, world.facts["uses_recent"] == 1) == {"MMR", "RUS", "SYR", "UKR"}


def test_wars_of_the_year_before_a_state_was_bound() -> None:
    world = world_as_of(LATE)

    def when_bound(code: str) -> tuple[float, float, str]:
        facts = world.facts[world.index(code)]
        return facts["war_bound"], facts["rival_war_bound"], world.iso3[facts["rival_bound"]]

    assert when_bound("PSE") == (0.0, 1.0, "ISR")  # bound in January 2015, after the war of 2014
    assert when_bound("MDA") == (0.0, 0.5, "RUS")
    assert when_bound("LTU") == (0.0, 0.0, "LTU")  # in 2011, before its rivalry with Russia
    assert when_bound("AFG") == (1.0, 0.0, "AFG")
    outside = world.facts["status"] < 2
    assert not world.facts["war_bound"][outside].any()
    assert not world.facts["rival_war_bound"][outside].any()
    early = world_as_of(date(2012, 1, 1))
    assert early.facts["rival_war_bound"][early.index("PSE")] == 0.0  # not yet bound


def test_supporters_that_fight() -> None:
    world = world_as_of(EARLY)
    intensity, theatre = world.recorded_conflicts(12 * 17 + 1)

    def war(code: str, year: int) -> tuple[float, str]:
        month, i = 12 * (year - 2008), world.index(code)
        return float(intensity[month, i]), world.iso3[theatre[month, i]]

    assert war("SAU", 2013) == (0.0, "YEM")  # its use of 2009
    assert war("SAU", 2014) == (0.5, "SYR")
    assert war("SAU", 2016) == war("ARE", 2016) == (1.0, "YEM")
    assert war("SAU", 2023)[0] == war("ARE", 2020)[0] == 0.0
    assert war("MAR", 2016) == (0.5, "YEM")
    assert war("RUS", 2017) == war("RUS", 2021) == (0.5, "SYR")
    assert war("RUS", 2022) == (1.0, "UKR")
    assert war("ARM", 2020) == (1.0, "AZE")
    assert war("PRK", 2024) == (0.5, "RUS")
    assert war("NLD", 2017) == (0.0, "SRB")  # between two spells; its use of 1999
    for code in ("SGP", "POL", "DEU", "NPL"):  # peace operations, and the force in Afghanistan
        assert all(war(code, year)[0] == 0.0 for year in range(2009, 2025)), code


def test_use_by_hand() -> None:
    position = {"AAA": 0, "BBB": 1, "CCC": 2}
    uses = [
        Use(2001, 2, "AAA", "BBB"),
        Use(2002, 0, "AAA", "CCC"),
        Use(2002, 1, "CCC", "BBB"),
        Use(2002, 1, "CCC", "AAA"),
        Use(2003, 2, "BBB", "ESH"),
        Use(2003, 2, "AAA", "AAA"),
    ]
    assert theatres(uses, position, 2001).tolist() == [0, 1, 2]
    assert theatres(uses, position, 2002).tolist() == [1, 1, 2]
    assert theatres(uses, position, 2003).tolist() == [2, 1, 0]  # a tie goes to the first code
    assert theatres(uses, position, 2004).tolist() == [0, 1, 0]
    fought = [Use(2002, FOUGHT, "AAA", "BBB"), Use(2004, FOUGHT, "AAA", "CCC")]
    assert theatres(uses + fought, position, 2003).tolist() == [2, 1, 0]  # use of the same year comes first
    assert theatres(uses + fought, position, 2005).tolist() == [2, 1, 0]
    assert theatres(uses + fought, position, 2006).tolist() == [0, 1, 0]  # a war abroad counts in its years only
    assert use_years(uses, position, 2001, 2003).tolist() == [1, 2, 1]
    assert users(uses, 2002, 2003) == {"CCC"}


def test_covariates_by_hand() -> None:
    matrix = np.array([[1.0, np.nan, np.nan], [np.nan, np.nan, np.nan], [3.0, 4.0, np.nan]])
    np.testing.assert_equal(cov.latest(matrix, 2), [1.0, np.nan, np.nan])
    np.testing.assert_equal(cov.latest(matrix, 99), [3.0, 4.0, np.nan])
    np.testing.assert_equal(cov.latest(matrix, -5), [np.nan, np.nan, np.nan])
    values = np.array([1.0, 3.0, np.nan, np.nan, np.nan])
    filled = cov.by_subregion(values, ("x", "x", "x", "y", "z"), ("r", "r", "r", "r", "s"))
    np.testing.assert_equal(filled, [1.0, 3.0, 2.0, 2.0, np.nan])
    power = cov.power_shares(np.array([0.2, 0.4, np.nan]), np.array([1.0, 2.0, 1.0]))
    np.testing.assert_allclose(power, [0.25, 0.5, 0.25])


def test_covariates_of_the_record() -> None:
    for asked in (EARLY, LATE, date(2030, 1, 1)):
        facts = world_as_of(asked).facts
        assert facts["power"].sum() == pytest.approx(1.0)
        assert (facts["power"] > 0).all()
        assert ((facts["democracy"] >= 0) & (facts["democracy"] <= 1)).all()
        assert np.isfinite(facts["ideal_point"]).all()
        assert np.isin(facts["intensity"], (0, 0.5, 1)).all()
        assert ((facts["conflict_share"] >= 0) & (facts["conflict_share"] <= 1)).all()
    world = world_as_of(LATE)
    top = np.argsort(world.facts["power"])[-2:]
    assert {world.iso3[i] for i in top} == {"CHN", "USA"}
    assert world.facts["intensity"][world.index("UKR")] == 1.0


def test_recorded_conflicts() -> None:
    world = world_as_of(LATE)
    intensity, theatre = world.recorded_conflicts(36)
    assert intensity.shape == theatre.shape == (36, 197)
    assert not np.isnan(intensity[:18]).any()  # July 2023 to December 2024
    assert np.isnan(intensity[18:]).all()
    israel, iran = world.index("ISR"), world.index("IRN")
    assert theatre[0, iran] == iran
    assert theatre[18, iran] == israel  # January 2025: the year's use counts all through
    np.testing.assert_array_equal(intensity[0], world.facts["intensity"])
    beyond, _ = world_as_of(date(2030, 1, 1)).recorded_conflicts(3)
    assert np.isnan(beyond).all()
    long, _ = world_as_of(EARLY).recorded_conflicts(12 * 16 + 2)
    assert not np.isnan(long[:193]).any()
    assert np.isnan(long[193:]).all()


def test_what_is_told_of_a_state() -> None:
    facts = facts_of("USA", LATE)
    names = {fact.name for fact in facts}
    assert {"treaty status", "stockpile", "used in", "transfer", "defence pacts", "rival"} <= names
    assert all(fact.source for fact in facts)
    years = [fact.as_of for fact in facts if fact.name in ("transfer", "used in")]
    assert all(year == "undated" or int(year) < 2023 for year in years)
    assert any("memory" in fact.source for fact in facts)
    island = {fact.name: fact for fact in facts_of("COK", LATE)}
    assert island["power"].source == "imputed"
    assert island["bound"].value == "2011-08-23"
    leaving = {fact.name: fact for fact in facts_of("LTU", date(2024, 11, 1))}
    assert leaving["notice of withdrawal"].value == "2024-09-06"
    assert leaving["treaty status"].value == "notice of withdrawal given"
    with pytest.raises(WorldError, match="GBR"):
        facts_of("GBX", LATE)


@pytest.mark.parametrize("asked", [EARLY, LATE])
def test_every_state_can_be_told_of(asked: date) -> None:
    for code in world_as_of(asked).iso3[::7]:
        assert len(facts_of(code, asked)) >= 10


def test_events_and_transfers() -> None:
    events = events_recorded()
    assert len(events) == 87
    assert [e.date[:4] for e in events] == sorted(e.date[:4] for e in events)
    transfers = events_recorded("transfer")
    assert transfers
    assert {e.kind for e in transfers} == {"transfer"}
    assert ("USA", "UKR") in {e.actors for e in transfers}
    recorded = transfers_recorded()
    assert len(recorded) == 121
    assert recorded[0].year is None
    assert recorded[-1].year == 2025


def test_import_stays_light_and_a_world_needs_no_more_than_scipy() -> None:
    code = (
        "import sys, datetime, normsim.world as w\n"
        "loaded = {'pandas', 'scipy', 'networkx'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
        "w.world_as_of(datetime.date(2023, 7, 1))\n"
        "loaded = {'pandas', 'networkx', 'scipy.linalg'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
