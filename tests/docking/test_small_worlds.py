"""Small, lively worlds against the plain model, and their logs against their outcomes: quick also uncompiled.

Mutation testing of the engine (tests/faults/mutation.py) runs these.
"""

import dataclasses
import datetime
import itertools
from typing import Any

import numpy as np
import pytest
from scipy import special

from normsim.engine.columns import Choice
from normsim.engine.outcomes import MEASURED
from normsim.engine.simulate import Simulation
from normsim.parameters import records
from normsim.rules import supply
from normsim.scenario import Scenario, load_scenario
from normsim.scenario.scenario import Event, SyntheticWorld
from tests.plain.differences import differences, report

EAGER = {"transfer.norm": 0.0, "claim.standard": 0.0} | {
    name: records()[name].high for name in ("claim.intercept", "claim.need", "claim.precedent")
}
"""States claim an exception as readily as they can."""


def small(months: int, events: tuple[Event, ...] = (), seed: int = 3, **values: Any) -> Scenario:
    """Ten states in five regions, most at war, over a dud-rate tier."""
    world = SyntheticWorld(n=10, graph="sbm", degree=5, holders=0.6, producers=0.4, parties=0.3, at_war=0.7, seed=seed)
    scenario = load_scenario("ccw_imposed").with_months(months)
    given = {"conflict.mode": "process", **values}
    return dataclasses.replace(scenario, world=world, states={}, events=events).with_values(given)


LIVELY = {name: records()[name].high for name in ("transfer.intercept", "use.intercept", "acquire.intercept")}
"""States act as readily as they can."""

SMALL_WORLDS: dict[str, dict[str, Any]] = {
    "a tier, terms and monitors": {
        "ccw_dud_rate.deferral_months": 3,
        "ccw_dud_rate.destruction_months": 5,
        "assurance.strictness": 0.8,
        "assurance.monitoring": 0.8,
        "assurance.enforcement": 0.9,
        "assurance.cutoff_months": 3,
        "assurance.life": 5,
        "tracking.casualties": 0.5,
        "norm.news": 0.4,
        "transfer.memory": 3,
        "supply.war_stock": 0.3,
        "supply.reserve": 0.2,
        "harm.dispersion": 0.4,
        "harm.legacy_duds": 200.0,
    },
    "bridges that come and go": {
        "bridge.on": True,
        "bridge.episodes": 0,
        "bridge.close_above": 0.0,
        "bridge.review_months": 2,
        "bridge.close_probability": 0.5,
        "norm.recurrence": 0.37,
        "norm.news": 0.1,
        "supply.war_stock": 0.3,
        "supply.exponent": 2.3,
        "ccw_dud_rate.on": False,
        **EAGER,
    },
    "a strict ban and onlookers": {
        "strict_ban.on": True,
        "strict_ban.assistance": 1.0,
        "strict_ban.scope_floor": 0.1,
        "condemn.reach": "onlookers",
        "withdraw.rate": records()["withdraw.rate"].high,
        "withdraw.norm": 14.0,
        "withdraw.half_life": 4.0,
        "withdraw.unthreatened": 0.3,
        "network.votes": 0.0,
        "use.party": 0.0,
    },
}


@pytest.mark.parametrize(("name", "seed"), [*zip(SMALL_WORLDS, (1, 1, 2), strict=True)])
def test_small_worlds_equal_the_plain_model(name: str, seed: int) -> None:
    found = differences(small(8, seed=seed, **(LIVELY | SMALL_WORLDS[name])), seed)
    assert not found, report(found)


def test_a_small_world_under_orders_equals_the_plain_model() -> None:
    def on(month: int, actor: str, action: Any, to: str | None = None, forbid: bool = False, last: int = 0) -> Event:
        until = datetime.date(2023, last, 28) if last else None
        return Event(datetime.date(2023, month, 1), actor, action, to, until, forbid)

    actors = ("AAA", "AAB", "AAC", "AAD", "AAE", "AAF", "AAG", "AAH")
    events = (
        *(on(8, actor, "acquire", last=10) for actor in actors[:3]),
        *(on(9, actor, "use", last=11) for actor in actors[2:7]),
        on(8, "*", "use", forbid=True),
        *(on(8, actor, "transfer", to, last=9) for actor, to in itertools.pairwise(actors)),
        on(10, "AAB", "transfer", "AAA", last=11),
        on(9, "AAC", "transfer", "*", forbid=True),
        on(9, "AAE", "renounce"),
        on(9, "*", "join", forbid=True, last=11),
        on(10, "AAG", "join", last=11),
        *(on(8, actor, "withdraw") for actor in actors[::2]),
        on(9, "AAA", "condemn", "AAD", last=12),
        on(9, "*", "condemn", "AAF"),
        on(10, "AAF", "condemn", "*", forbid=True, last=11),
        *(on(8, actor, "open_bridge", last=9) for actor in actors[3:6]),
        *(on(10, actor, "close_bridge", last=11) for actor in actors[3:6]),
        on(11, "AAD", "close_bridge", forbid=True, last=12),
        on(8, "AAH", "war", last=10),
        on(9, "AAH", "war", forbid=True, last=9),
        on(8, "AAD", "peace", last=9),
        on(9, "AAB", "peace", forbid=True, last=12),
        on(9, "AAC", "sister_exit", last=11),
        on(10, "*", "sister_exit", forbid=True),
    )
    scenario = small(8, events, **{"bridge.on": True, "condemn.reach": "onlookers"})
    run = Simulation(scenario, 5, log_level=0).finish()
    assert run.measured["events_not_done"].sum() > 0.0
    found = differences(scenario, 5)
    assert not found, report(found)


LEAPS = ("BRIDGE_CLOSES", "WAR", "PEACE")


@pytest.mark.parametrize("values", SMALL_WORLDS.values(), ids=SMALL_WORLDS)
def test_the_log_of_a_small_world_tells_what_happened(values: dict[str, Any]) -> None:
    armed = (
        Event(datetime.date(2023, 8, 1), "*", "acquire", until=datetime.date(2023, 9, 28)),
        Event(datetime.date(2023, 12, 1), "*", "close_bridge"),
    )
    simulation = Simulation(small(8, armed, seed=1, **(LIVELY | values)), 1, log_level=2)
    told = dict.fromkeys(("ACQUIRE", "USE", "TRANSFER", "CONDEMN", "CLAIM", "BREACH", "CUT_OFF", *LEAPS), 0)
    states, ties, system = simulation.states, simulation.ties, simulation.system
    for month in range(8):
        fought, bridged = states["intensity"] > 0.0, states["bridge"] > 0
        tier = system["tier"][0]
        simulation.advance(1)
        log = simulation.log[simulation.log["month"] == month]
        weighed = log[
            np.isin(log["choice"], [Choice.ACQUIRE, Choice.USE, Choice.TRANSFER, Choice.CLAIM, Choice.BREACH])
        ]
        np.testing.assert_allclose(weighed["probability"], special.expit(weighed["terms"].sum(axis=1)), rtol=1e-12)
        free = weighed[weighed["order"] == 0]
        assert (free["happened"] <= (free["draw"] < free["probability"])).all()
        happened = {name: log[(log["choice"] == getattr(Choice, name)) & (log["happened"] == 1)] for name in told}
        out = {name: simulation.measured[name][month] for name in MEASURED}
        for name, lines in happened.items():
            told[name] += len(lines)
        acquired, used, sent, spoken = (happened[name] for name in ("ACQUIRE", "USE", "TRANSFER", "CONDEMN"))
        assert (len(acquired), acquired["amount"].sum()) == (out["acquisitions"], out["rounds_produced"])
        assert (acquired["munition"] == (supply.LOW_DUD if tier else supply.IMPROVED)).all()
        assert used["actor"].tolist() == np.flatnonzero(states["used"]).tolist()
        assert used["target"].tolist() == states["theatre"][used["actor"]].tolist()
        assert (len(used), used["amount"].sum()) == (out["users"], out["rounds_fired"])
        over = ties[ties["since"] == 0]
        assert sent["actor"].tolist() == over["supplier"].tolist()
        assert sent["target"].tolist() == over["recipient"].tolist()
        assert sent["munition"].tolist() == over["munition"].tolist()
        assert (sent["amount"] > 0.0).all()
        assert np.unique(spoken["actor"]).tolist() == np.flatnonzero(states["voiced"]).tolist()
        assert np.bincount(spoken["target"], minlength=len(states)).tolist() == states["critics"].tolist()
        assert spoken["amount"].tolist() == states["act"][spoken["target"]].tolist()
        claimed = states["opened"] & states["bridge"]  # a tier, too, opens an exception
        assert happened["CLAIM"]["actor"].tolist() == np.flatnonzero(claimed).tolist()
        closed = np.flatnonzero(bridged & (states["bridge"] == 0))
        assert happened["BRIDGE_CLOSES"]["actor"].tolist() == closed.tolist()
        fights = states["intensity"] > 0.0
        assert happened["WAR"]["actor"].tolist() == np.flatnonzero(fights & ~fought).tolist()
        assert happened["PEACE"]["actor"].tolist() == np.flatnonzero(fought & ~fights).tolist()
        assert set(acquired["order"]) <= ({1} if month in (1, 2) else {0})
        breaches, cutoffs = happened["BREACH"], happened["CUT_OFF"]
        assert np.unique(breaches["actor"]).tolist() == np.flatnonzero(states["broke"]).tolist()
        assert (len(breaches), len(cutoffs)) == (out["breaches"], out["cutoffs"])
        ended = {(tie["supplier"], tie["recipient"]) for tie in ties if tie["cut_off"] > 0}
        assert set(zip(cutoffs["actor"], cutoffs["target"], strict=True)) <= ended
    assert min(told[name] for name in ("ACQUIRE", "USE", "TRANSFER", "CONDEMN")) > 0
    assert told["CLAIM"] * told["BRIDGE_CLOSES"] > 0 or not values.get("bridge.on")
    assert told["CUT_OFF"] or "assurance.monitoring" not in values
