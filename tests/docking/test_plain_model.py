"""The compiled month against a second, plain one: all monthly outcomes and final columns, to the last bit."""

import dataclasses
import datetime
from typing import Any

import numpy as np
import pytest
from normsim.engine.fetch import LARGE

from normsim.engine.columns import SIGNAL_COLUMNS, STATE_COLUMNS, SYSTEM_COLUMNS, TIE_COLUMNS
from normsim.engine.outcomes import MEASURED
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import Simulation
from normsim.rules import use
from normsim.scenario import Scenario, load_scenario
from normsim.scenario.scenario import Event, SyntheticWorld
from tests.plain import PlainModel


def same(ours: Any, theirs: Any) -> bool:
    """Whether two numbers, or lists of them, are the same to the last bit (the signs of zeros too)."""
    return np.array(ours, float).tobytes() == np.array(theirs, float).tobytes()


def differences(scenario: Scenario, seed: int, compiled: Rules | None = None, plain: Rules | None = None) -> list[str]:
    """Where the two differ, in words: outcomes month by month first, then final columns."""
    simulation = Simulation(scenario, seed, compiled, log_level=0)
    model = PlainModel(simulation, plain)
    run = simulation.finish()
    found = []
    for month in range(scenario.months):
        model.step()
        for name in MEASURED:
            ours, theirs = run.measured[name][month].item(), model.outcomes[month][name]
            if not same(ours, theirs):
                found.append(f"month {month} outcome {name}: compiled {ours!r}, plain {theirs!r}")
    return found + _final_differences(simulation, model)


def _final_differences(simulation: Simulation, model: PlainModel) -> list[str]:
    found = []

    def compare(where: str, ours: Any, theirs: Any) -> None:
        if not same(ours, theirs):
            found.append(f"final {where}: compiled {ours!r}, plain {theirs!r}")

    for i, state in enumerate(model.states):
        who = simulation.world.iso3[i]
        for name in STATE_COLUMNS:
            compare(f"state {who} column {name}", simulation.states[name][i].item(), getattr(state, name))
        compare(f"state {who} column stock", simulation.states["stock"][i].tolist(), list(state.stock))
        for name in SIGNAL_COLUMNS:
            compare(f"state {who} signal {name}", simulation.signals[name][i].item(), state.shown[name])
    for k, tie in enumerate(model.ties):
        for name in TIE_COLUMNS:
            theirs = getattr(tie, name)
            theirs = theirs.place if name in ("supplier", "recipient") else theirs
            compare(f"tie {k} column {name}", simulation.ties[name][k].item(), theirs)
    for name in SYSTEM_COLUMNS:
        compare(f"system column {name}", simulation.system[name][0].item(), getattr(model.system, name))
    for name in ("claimed", "field", "believed"):
        compare(f"system column {name}", simulation.system[name][0].tolist(), getattr(model.system, name))
    return found


def report(found: list[str]) -> str:
    return f"{len(found)} differences:\n" + "\n".join(found[:20])


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


def synthetic(months: int, **values: Any) -> Scenario:
    """Forty states in five regions, many at war and many of them parties, over a dud-rate tier and bridges."""
    world = SyntheticWorld(n=40, graph="sbm", holders=0.5, producers=0.3, parties=0.3, at_war=0.4, seed=3)
    scenario = load_scenario("ccw_imposed").with_months(months)
    return dataclasses.replace(scenario, world=world, states={}).with_values(values)


def test_equals_the_plain_model_on_a_synthetic_world() -> None:
    found = differences(synthetic(60), seed=11)
    assert not found, report(found)


def test_equals_the_plain_model_in_a_world_so_large_that_rows_are_told_ahead() -> None:
    large = dataclasses.replace(synthetic(2).world, n=LARGE + 1, degree=4)
    scenario = dataclasses.replace(synthetic(2), world=large).with_values({"condemn.reach": "onlookers"})
    assert Simulation(scenario, 14, log_level=0).finish().measured["transfers"].sum() > 0.0
    found = differences(scenario, seed=14)
    assert not found, report(found)


def test_equals_the_plain_model_with_every_regime_and_strong_effects() -> None:
    values = {
        "bridge.on": True,
        "bridge.episodes": 0,
        "strict_ban.on": True,
        "strict_ban.assistance": True,
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
        "norm.slowing": 0.83,
        "norm.complexity": 1.7,
        "supply.exponent": 2.3,
        "harm.dispersion": 0.4,
        "use.party": 0.0,
        "use.party_floor": 0.0,
        "withdraw.rate": 0.002,
        "withdraw.half_life": 7.0,
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


def planted(
    p: Any,
    intensity: float,
    shortage: float,
    habit: float,
    opponent_used: float,
    lawful: float,
    norm_cost: float,
    perceived: float,
    democracy: float,
    strike_casualties: float,
    assured: float,
    bound: int,
) -> use.UseTerms:
    """The terms of use, but the norm invites instead of restraining."""
    binding = p.use.party_floor + (1.0 - p.use.party_floor) * democracy
    return use.UseTerms(
        p.use.intercept,
        p.use.intensity * intensity,
        p.use.shortage * shortage,
        p.use.habit * habit,
        p.use.opponent * opponent_used,
        p.use.lawful * lawful,
        p.use.norm * norm_cost,
        -p.use.perceived * perceived,
        -p.use.audience * democracy * np.log1p(strike_casualties),
        -p.use.assurance * assured,
        -p.use.investigation * p.investigation.commitment * (1.0 - habit),
        -p.use.party * binding if bound else 0.0,
    )


def test_a_planted_defect_is_found() -> None:
    scenario = load_scenario("baseline").with_months(18)
    found = differences(scenario, 1, compiled=Rules(use=planted))
    assert any("outcome users" in line for line in found), "a wrong sign went unseen"
    assert found[0].startswith("month "), "the first difference names its month and column"


def test_the_same_replacement_on_both_sides_agrees() -> None:
    found = differences(
        load_scenario("baseline").with_months(18), 1, compiled=Rules(use=planted), plain=Rules(use=planted)
    )
    assert not found, report(found)
