"""The compiled model against a second, plain one: initial columns and networks, monthly outcomes, final columns.

The plain model builds its states, ties, networks and signals from the world's tables. They agree with the engine's to
the last bit (see tests/plain/differences.py). Small worlds that run quickly are in test_small_worlds.py.
"""

import dataclasses
import datetime
from typing import Any

import numpy as np
import pytest

from normsim.engine.simulate import Simulation
from normsim.engine.war_resampling import monthly_wars
from normsim.parameters import compile_values, records
from normsim.scenario import Scenario, load_scenario, scenario_names
from normsim.scenario.scenario import Event, SyntheticWorld
from normsim.world import world_as_of
from tests.plain.differences import differences, report, start_differences
from tests.plain.rules import plain_parameters
from tests.plain.wars import monthly_wars as plain_wars

pytestmark = pytest.mark.slow

EAGER = {"transfer.norm": 0.0, "claim.standard": 0.0} | {
    name: records()[name].high for name in ("claim.intercept", "claim.need", "claim.precedent")
}
"""States claim an exception as readily as they can."""

LARGE = 4097
"""States of a large generated world."""


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_starts_as_the_plain_model(name: str) -> None:
    found = start_differences(load_scenario(name), seed=21)
    assert not found, report(found)


@pytest.mark.parametrize(
    "start",
    [
        datetime.date(2008, 12, 1),  # before the convention was opened
        datetime.date(2009, 6, 30),
        datetime.date(2010, 2, 16),  # the day of the thirtieth deposit: not yet counted
        datetime.date(2010, 2, 17),  # triggered, not in force
        datetime.date(2010, 7, 31),
        datetime.date(2010, 8, 1),  # in force
        datetime.date(2011, 1, 1),
        datetime.date(2016, 11, 5),
        datetime.date(2024, 9, 1),  # a notice of withdrawal is running out
        datetime.date(2025, 3, 7),
    ],
)
def test_every_year_starts_as_the_plain_model(start: datetime.date) -> None:
    values = {"standing.power": 0.7, "network.votes": 0.0, "join.immovable": 0.4, "harm.legacy_duds": 333.3}
    found = start_differences(load_scenario("baseline").with_start(start).with_values(values), seed=start.toordinal())
    assert not found, report(found)


@pytest.mark.parametrize("graph", ["er", "complete", "ring", "sbm", "ba"])
@pytest.mark.parametrize(("n", "degree"), [(1, 4), (2, 1), (9, 0), (50, 3)])
def test_every_graph_starts_as_the_plain_model(graph: Any, n: int, degree: int) -> None:
    world = SyntheticWorld(n=n, graph=graph, degree=degree, holders=0.5, producers=0.2, parties=0.3, at_war=0.3)
    scenario = dataclasses.replace(load_scenario("ccw_imposed").with_months(6), world=world, states={})
    found = start_differences(scenario, seed=n) or differences(scenario, seed=n)
    assert not found, report(found)


@pytest.mark.parametrize(
    ("name", "months", "seed"),
    [
        ("baseline", 24, 1),
        ("ukraine_2023", 24, 2),
        ("ccw_imposed", 24, 3),
        ("bridge_repeatable_opaque", 24, 4),
        ("us_ukraine_join", 24, 5),
        ("history_2008", 24, 6),
        ("assurances_monitored_public", 18, 7),
        ("no_transfer_2023", 18, 8),
        ("ccw_majority", 18, 9),
    ],
)
def test_equals_the_plain_model(name: str, months: int, seed: int) -> None:
    found = differences(load_scenario(name).with_months(months), seed)
    assert not found, report(found)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("history_2008", datetime.date(2014, 7, 1)),  # rivalries of 2014
        ("ukraine_2023", datetime.date(2023, 7, 1)),  # the alliances of Sweden
        ("history_2008", datetime.date(2019, 12, 1)),  # another period of arms trade
        ("baseline", datetime.date(2025, 6, 1)),  # the last year of the record
    ],
)
def test_equals_the_plain_model_over_the_years(name: str, start: datetime.date) -> None:
    lively = {"transfer.intercept": records()["transfer.intercept"].high}
    scenario = load_scenario(name).with_months(20).with_start(start).with_values(lively)
    found = differences(scenario, seed=start.year)
    assert not found, report(found)


@pytest.mark.parametrize("number", [1, 7])
def test_relabelled_ties_are_those_of_the_plain_model(number: int) -> None:
    scenario = load_scenario("baseline").with_months(2).with_values({"network.shuffle": number})
    found = start_differences(scenario, seed=1) or differences(scenario, seed=1)
    assert not found, report(found)


def synthetic(months: int, **values: Any) -> Scenario:
    """Forty states in five regions, many at war and many of them parties, over a dud-rate tier and bridges."""
    world = SyntheticWorld(n=40, graph="sbm", holders=0.5, producers=0.3, parties=0.3, at_war=0.4, seed=3)
    scenario = load_scenario("ccw_imposed").with_months(months)
    return dataclasses.replace(scenario, world=world, states={}, events=()).with_values(values)


def test_equals_the_plain_model_on_a_synthetic_world() -> None:
    found = differences(synthetic(60), seed=11)
    assert not found, report(found)


def test_equals_the_plain_model_in_a_large_world() -> None:
    large = dataclasses.replace(synthetic(2).world, n=LARGE, degree=4)
    scenario = dataclasses.replace(synthetic(2), world=large).with_values({"condemn.reach": "onlookers"})
    assert Simulation(scenario, 14, log_level=0).finish().measured["transfers"].sum() > 0.0
    found = differences(scenario, seed=14)
    assert not found, report(found)


def test_equals_the_plain_model_with_every_regime_and_strong_effects() -> None:
    values = {
        "bridge.on": True,
        "bridge.episodes": 0,
        "strict_ban.on": True,
        "strict_ban.assistance": 1.0,
        "strict_ban.scope_floor": 0.1,
        "assurance.strictness": 0.8,
        "assurance.monitoring": 0.8,
        "assurance.enforcement": 0.5,
        "tracking.casualties": 0.5,
        "pledge.stop": True,
        "ccw_dud_rate.deferral_months": 12,
        "condemn.reach": "onlookers",
    }
    found = differences(synthetic(60, **values), seed=12)
    assert not found, report(found)


def test_equals_the_plain_model_with_bridges_that_come_and_go() -> None:
    values = {
        "bridge.on": True,
        "bridge.close_above": 0.0,
        "bridge.review_months": 1,
        "bridge.close_probability": 0.5,
        "norm.recurrence": 0.37,
        "norm.complexity": 1.7,
        "supply.exponent": 2.3,
        "harm.dispersion": 0.4,
        "use.party": 0.0,
        "withdraw.rate": 0.002,
        "withdraw.half_life": 7.0,
        **EAGER,
    }
    scenario = load_scenario("bridge_repeatable_opaque").with_months(36).with_values(values)
    assert Simulation(scenario, 13, log_level=0).finish().final["episodes"].max() > 3
    found = differences(scenario, seed=13)
    assert not found, report(found)


def test_equals_the_plain_model_under_orders_of_every_kind() -> None:
    def on(month: int, actor: str, action: Any, to: str | None = None, forbid: bool = False, last: int = 0) -> Event:
        until = datetime.date(2023, last, 28) if last else None
        return Event(datetime.date(2023, month, 1), actor, action, to, until, forbid)

    events = (
        on(8, "BRA", "acquire"),
        on(8, "DEU", "use", last=11),
        on(8, "FRA", "transfer", "POL", last=10),
        on(7, "USA", "transfer", "*", forbid=True),
        on(9, "IND", "renounce"),
        on(9, "*", "join", forbid=True, last=11),
        on(10, "TUR", "join", last=11),
        on(8, "GBR", "withdraw"),
        on(8, "CHL", "condemn", "RUS", last=12),
        on(8, "NZL", "condemn", "DEU", forbid=True),
        on(8, "USA", "open_bridge", last=9),
        on(10, "USA", "close_bridge"),
        on(8, "RUS", "condemn", "*", forbid=True, last=9),
        on(8, "SWE", "war", last=10),
        on(8, "ETH", "peace", forbid=True, last=12),
        on(7, "*", "war", forbid=True, last=9),
        on(8, "DEU", "open_bridge", last=12),
        on(11, "DEU", "close_bridge", forbid=True, last=12),
        on(9, "SYR", "peace", last=12),
        on(9, "LTU", "sister_exit", last=11),
        on(8, "GRC", "acquire", forbid=True),
        on(8, "UKR", "use", forbid=True, last=9),
    )
    scenario = dataclasses.replace(load_scenario("bridge_repeatable_opaque").with_months(18), events=events)
    found = differences(scenario, seed=14)
    assert not found, report(found)


@pytest.mark.parametrize("who", ["random", "most_watched", "region"])
@pytest.mark.parametrize("news", [0.0, 1.0])
def test_equals_the_plain_model_with_a_committed_minority(who: str, news: float) -> None:
    values = {
        "committed.share": 0.3,
        "committed.who": who,
        "committed.validity": 0.1,
        "norm.news": news,
        "norm.susceptibility": 0.9,
        "norm.spread": 0.3,
        "withdraw.rate": 0.002,
        "withdraw.unthreatened": 0.3,
        "bridge.on": True,
        "bridge.episodes": 0,
        **EAGER,
    }
    scenario = synthetic(30, **values)
    run = Simulation(scenario, 15, log_level=0).finish()
    assert run.final["episodes"].max() > 0
    assert run.measured["notices"].sum() > 0.0
    found = differences(scenario, seed=15)
    assert not found, report(found)


# ---------------------------------------------------------------- wars after the record


@pytest.mark.parametrize("start", [datetime.date(2008, 12, 4), datetime.date(2023, 7, 1), datetime.date(2030, 5, 1)])
@pytest.mark.parametrize("values", [{}, {"conflict.level": 0.7}, {"conflict.mode": "recorded"}])
def test_the_same_wars_are_drawn(start: datetime.date, values: dict[str, float | str]) -> None:
    world, p = world_as_of(start), compile_values(values)
    for ours, theirs in zip(
        monthly_wars(world, p, 300, 4), plain_wars(world, plain_parameters(p), 300, 4), strict=True
    ):
        assert np.array_equal(ours, np.array(theirs), equal_nan=True)
