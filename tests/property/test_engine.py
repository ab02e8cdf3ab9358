"""What holds of every run, month by month: rounds are conserved, the law's transitions are legal, names do not matter.

Generated worlds and the real one, with the rates of rare acts raised so that much happens in few months.
"""

import datetime
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from normsim.analysis.limiting_worlds import begin, force, generated, influence, quiet, show_past, with_facts
from normsim.analysis.permuted_worlds import differing
from normsim.engine.columns import BOUND, LEAVING, NONE, SIGNED, Choice
from normsim.scenario import Scenario, load_scenario
from normsim.scenario.scenario import varied_scenario
from normsim.world import World, world_as_of
from tests.worlds import begin_permuted

BUSY = {
    "acquire.intercept": -5.0,
    "transfer.intercept": -5.0,
    "renounce.intercept": -6.0,
    "use.intercept": -2.0,
    "withdraw.rate": 0.0005,
    "join.accede": 0.004,
    "join.ratify": 0.03,
    "ccw_dud_rate.deferral_months": 12,
    "supply.destroy_months": 24,
}
"""Defaults but for the rates of rare acts."""

MONTHS = 120
SCENARIOS = ("history_2008", "ukraine_2023", "bridge_repeatable_opaque", "ccw_imposed", "two_track", "strict_ban")
CASES = [(name, seed) for name in SCENARIOS for seed in (0, 1)] + [("nothing", seed) for seed in range(4)]


@cache
def busy(name: str) -> Scenario:
    """A scenario in which much happens, cut to ten years."""
    if name != "nothing":
        return varied_scenario(load_scenario(name).with_months(MONTHS), BUSY)
    from normsim.parameters import defaults

    on = {"ccw_dud_rate.on": 1, "ccw_dud_rate.rule": "majority", "ccw_dud_rate.majority": 0.5, "bridge.on": 1}
    return quiet(MONTHS, datetime.date(2009, 1, 1)).with_values(defaults() | BUSY | on)


def world_of(name: str) -> World | None:
    """A generated world of 40 states of different size for the generated scenario, else the scenario's own."""
    return uneven(40, "er", datetime.date(2009, 1, 1)) if name == "nothing" else None


@cache
def uneven(n: int, graph: str, start: datetime.date) -> World:
    """A generated world of states of different power, a part of them rivals, at war, parties, with stocks."""
    rng = np.random.default_rng(7)
    world = generated(n, graph, degree=6, seed=3, holders=0.5, producers=0.3, parties=0.3, at_war=0.3, start=start)
    power = rng.random(n) ** 2 + 0.01
    theatre = rng.permutation(n)
    world = with_facts(
        world, power=power / power.sum(), theatre=theatre, limit=np.where(rng.random(n) < 0.3, 0.01, np.nan)
    )
    return replace(world, rivalry=world.layers["votes"]._replace(weights=np.ones(len(world.layers["votes"].weights))))


def same_columns(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tables agree to the bit, column by column."""
    return all(one[name].tobytes() == other[name].tobytes() for name in one.dtype.names or ())


def busy_simulation(name: str, seed: int, log_level: int = 0) -> Any:
    return begin(busy(name), seed, world_of(name), log_level)


# ---------------------------------------------------------------- matter


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_rounds_are_conserved(name: str, seed: int) -> None:
    """Initial stock + produced = stock + fired + destroyed, in whole numbers, every month; transfers move, no more."""
    simulation = busy_simulation(name, seed)
    first = int(simulation.states["stock"].sum())
    for month in range(MONTHS):
        simulation.advance(1)
        states, done = simulation.states, simulation.measured
        assert done["stock"][month] == states["stock"].sum()
        produced, fired, destroyed = (
            sum(int(value) for value in done[column])
            for column in ("rounds_produced", "rounds_fired", "stock_destroyed")
        )
        assert first + produced == int(states["stock"].sum()) + fired + destroyed, month
        np.testing.assert_array_equal(states["rounds"], states["stock"].sum(axis=1))
        assert (states["stock"] >= 0).all()
        assert (states["received"] >= 0).all()
        assert (states["received"] <= states["rounds"]).all()
    for column in ("rounds_produced", "rounds_fired", "stock_destroyed", "rounds_sent"):
        assert (done[column] == np.floor(done[column])).all()


def test_much_happened() -> None:
    """The runs above exercise every flow of rounds."""
    totals = dict.fromkeys(
        ("rounds_produced", "rounds_fired", "stock_destroyed", "rounds_sent", "exits", "deposits"), 0.0
    )
    for name, seed in CASES:
        run = busy_simulation(name, seed).finish()
        for column in totals:
            totals[column] += run.measured[column].sum()
    assert all(total > 0 for total in totals.values()), totals


# ---------------------------------------------------------------- law


def reachable(status: int) -> set[int]:
    """Statuses within one month's order: an exit takes effect, then joining, then a notice."""
    after_exit = {status, NONE} if status == LEAVING else {status}
    after_joining = set(after_exit)
    for now in after_exit:
        if now == NONE:
            after_joining |= {SIGNED, BOUND}
        elif now == SIGNED:
            after_joining |= {BOUND}
    return after_joining | ({LEAVING} if BOUND in after_joining else set())


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_status_moves_legally(name: str, seed: int) -> None:
    simulation = busy_simulation(name, seed, log_level=1)
    before = simulation.states.copy()
    bound_once = before["status"] >= BOUND
    for month in range(MONTHS):
        simulation.advance(1)
        now = simulation.states
        for i in np.flatnonzero(now["status"] != before["status"]):
            assert int(now["status"][i]) in reachable(int(before["status"][i])), (month, i)
        left = (before["status"] == LEAVING) & (now["status"] != LEAVING)
        assert (bound_once | ~left).all(), "a state left that had never joined"
        assert (before["notice_left"][left] <= 1).all(), "a state left before its notice had run"
        assert (now["intensity"][left] <= 0.0).all(), "a state left during its war"
        bound_once |= now["status"] >= BOUND
        assert (bound_once | (now["status"] != LEAVING)).all(), "a notice by a state that had never joined"
        assert (now["in_force"] <= (now["status"] >= BOUND)).all(), "in force for a state outside"
        assert (now["renounced"] * (now["status"] >= BOUND) == 0).all(), "a party counted as a renouncer"
        before = now.copy()
    outside = set(np.flatnonzero(~bound_once).tolist())
    log = simulation.log
    withdrew = log["actor"][np.isin(log["choice"], (Choice.LEFT,)) & (log["happened"] > 0)]
    assert not outside & set(withdrew.tolist())


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_nobody_bound_fires_when_that_costs_everything(name: str, seed: int) -> None:
    simulation = force(busy_simulation(name, seed), use__party=1e9, use__reliance=0.0)
    for _ in range(MONTHS):
        simulation.advance(1)
        assert not (simulation.states["used"] * simulation.states["in_force"]).any()
    assert simulation.measured["users_party"].sum() == 0
    assert simulation.measured["users"].sum() > 0


def test_parties_do_fire_when_it_costs_nothing() -> None:
    """Power of the test above."""
    used = [force(busy_simulation(*case), use__party=0.0).finish().measured["users_party"].sum() for case in CASES]
    assert sum(used) > 0


SHARES = ("validity", "felt", "conduct", "approval", "scope", "scope_low", "baseline")


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_shares_stay_shares(name: str, seed: int) -> None:
    simulation = busy_simulation(name, seed)
    for _ in range(MONTHS // 6):
        simulation.advance(6)
        for column in (*SHARES, "habit", "threat"):
            values = simulation.states[column]
            assert ((values >= 0.0) & (values <= 1.0)).all(), column
        assert (simulation.states["scope_low"] <= simulation.states["scope"] + 1e-15).all()
        for column in ("conventional", "contamination", "output", "disputes", "complied", "violated"):
            assert (simulation.states[column] >= 0.0).all(), column
            assert np.isfinite(simulation.states[column]).all(), column


# ---------------------------------------------------------------- names


def twins(scenario: Scenario, world: World, seed: int, shuffle: int) -> tuple[Any, Any, np.ndarray]:
    """A run and its twin with the states in another order, both to the end."""
    order = np.random.default_rng(shuffle).permutation(len(world))
    a, b = begin(scenario, seed, world, log_level=1), begin_permuted(scenario, seed, world, order)
    assert differing(a.states, b.states, order) == []
    a.advance(scenario.months)
    b.advance(scenario.months)
    return a, b, order


def series_differ(a: np.ndarray, b: np.ndarray) -> list[str]:
    return [name for name in a.dtype.names if not np.allclose(a[name], b[name], rtol=1e-9, atol=1e-9)]


def without_events(scenario: Scenario) -> Scenario:
    return replace(scenario, events=())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["baseline", "bridge_repeatable_opaque", "ccw_imposed", "history_2008"])
def test_order_of_states_does_not_matter_in_the_real_world(name: str, seed: int) -> None:
    """Defaults, ten years: permuting the states and their luck permutes the result."""
    scenario = without_events(load_scenario(name).with_months(MONTHS))
    a, b, order = twins(scenario, world_as_of(scenario.start), seed, seed)
    assert differing(a.states, b.states, order) == []
    assert series_differ(a.measured, b.measured) == []


@pytest.mark.parametrize("seed", range(4))
def test_order_of_states_does_not_matter_without_transfers(seed: int) -> None:
    """Much happens, but no transfers: exactly the same up to the order of summation."""
    scenario = busy("nothing").with_values({"transfer.intercept": -12.0})
    world = uneven(40, "er", datetime.date(2009, 1, 1))
    order = np.random.default_rng(seed).permutation(len(world))
    off = {"transfer__intercept": -1e6}
    a, b = begin(scenario, seed, world, **off), begin_permuted(scenario, seed, world, order, **off)
    a.advance(MONTHS)
    b.advance(MONTHS)
    assert differing(a.states, b.states, order) == []
    assert series_differ(a.measured, b.measured) == []
    assert a.measured["users"].sum() > 0
    assert a.measured["condemnations"].sum() > 0
    assert a.measured["joins"].sum() > 0


@pytest.mark.parametrize("seed", range(4))
def test_order_of_states_does_not_matter_with_many_transfers(seed: int) -> None:
    """Several transfers a month from and to the same states: their order within the month must not matter."""
    a, b, order = twins(busy("nothing"), uneven(40, "er", datetime.date(2009, 1, 1)), seed, seed)
    assert a.measured["transfers"].sum() > 0
    assert differing(a.states, b.states, order) == []
    assert series_differ(a.measured, b.measured) == []


def test_another_luck_is_seen() -> None:
    """Power: without permuting the draws along, the twin differs."""
    scenario, world = busy("nothing"), uneven(40, "er", datetime.date(2009, 1, 1))
    order = np.random.default_rng(0).permutation(len(world))
    a, b = begin(scenario, 0, world), begin_permuted(scenario, 0, world, order)
    b._draws = type(a._draws)(0, len(world))
    a.advance(24)
    b.advance(24)
    assert differing(a.states, b.states, order) != []


def relabelled(world: World, codes: list[str]) -> World:
    return replace(world, iso3=tuple(codes), names=tuple(f"Land {code}" for code in codes))


@pytest.mark.parametrize(
    "codes",
    [[f"Z{k // 26 % 26 + 65:c}{k % 26 + 65:c}" for k in range(40)], ["RUS", "USA", "UKR", "ISR", "MAR"]],
    ids=["made-up", "of real states"],
)
def test_names_of_generated_states_do_not_matter(codes: list[str]) -> None:
    """Other codes, in the same order: every column to the bit. A generated state may bear the code of a real one."""
    world = uneven(40, "er", datetime.date(2023, 7, 1))
    scenario = busy("nothing").with_start(world.start)
    codes = codes + list(world.iso3[len(codes) :])
    runs = [begin(scenario, 5, some) for some in (world, relabelled(world, codes))]
    assert same_columns(runs[0].states, runs[1].states)
    assert same_columns(runs[0].ties, runs[1].ties)
    for run in runs:
        run.advance(60)
    assert same_columns(runs[0].states, runs[1].states)
    assert runs[0].measured.tobytes() == runs[1].measured.tobytes()


# ---------------------------------------------------------------- influence

LAYERS = ("region", "alliance", "votes", "arms", "organisations")
ALONE = {f"network.{layer}": 0.0 for layer in LAYERS}
MINDS = (*SHARES, "disputes", "violated", "precedent")
LOOKING = {
    "norm.imitate": 0.1,
    "norm.anchor": 0.02,
    "norm.internalise": 0.05,
    "norm.unanswered": 1.2,
    "norm.answered": 0.6,
    "norm.susceptibility": 0.5,
    "norm.memory": 0.8,
    "norm.spill": 0.05,
    "norm.scope_erode": 0.2,
    "norm.complexity": 2.0,
}


def test_without_weights_everyone_looks_to_itself() -> None:
    for world in (uneven(40, "er", datetime.date(2009, 1, 1)), world_as_of(datetime.date(2023, 7, 1))):
        simulation = begin(busy("nothing").with_start(world.start).with_values(ALONE), 0, world)
        np.testing.assert_array_equal(influence(simulation), np.eye(len(world)))


def minds_after(actor_fires: bool, seed: int, **network: float) -> tuple[np.ndarray, np.ndarray]:
    """Minds after two years in which state 0 fires every month, or nobody does; and its listeners."""
    world = with_facts(uneven(40, "er", datetime.date(2023, 7, 1)), holder=1, intensity=1.0, status=0, months_bound=0)
    scenario = quiet(24, **LOOKING, **network)
    simulation = begin(scenario, seed, world, use__intercept=-1e6, transfer__intercept=-1e6, conflict__end=0.0)
    force(simulation, condemn__intercept=-1e6, acquire__intercept=-1e6, renounce__intercept=-1e6)
    force(simulation, join__accede=0.0, join__ratify=0.0)
    for _ in range(24):
        if actor_fires:  # fires of itself: seen by others one month later
            simulation.p.use.intercept = 1e6
            simulation.states["intensity"][1:] = 0.0
        simulation.advance(1)
    return np.column_stack([simulation.states[name] for name in MINDS]), influence(simulation)[:, 0] > 0.0


def test_no_influence_no_cascade() -> None:
    """A state's acts move nobody else's mind to the bit where no layer has weight; with weights they do."""
    quiet_minds, _ = minds_after(False, 3, **ALONE)
    loud, listeners = minds_after(True, 3, **ALONE)
    np.testing.assert_array_equal(quiet_minds[1:], loud[1:])
    assert (quiet_minds[0] != loud[0]).any()
    assert listeners.tolist() == [True] + [False] * 39

    heard = {"network.region": 1.0}
    quiet_minds, _ = minds_after(False, 3, **heard)
    loud, listeners = minds_after(True, 3, **heard)
    listeners[0] = False
    assert listeners.any()
    assert (quiet_minds[listeners] != loud[listeners]).any(axis=1).all()


def test_full_conformity_stays() -> None:
    """Where all agree and nobody acts, imitation moves nothing."""
    simulation = begin(quiet(60, **{"norm.imitate": 1.0, "network.votes": 1.0}))
    simulation.states["validity"] = simulation.states["anchor"] = 0.625
    simulation.states["scope"] = simulation.states["scope_start"] = simulation.states["scope_low"] = 0.75
    force(simulation, use__intercept=-1e6, transfer__intercept=-1e6, acquire__intercept=-1e6)
    show_past(simulation)
    simulation.advance(60)
    np.testing.assert_allclose(simulation.states["validity"], 0.625, rtol=0, atol=1e-13)
    np.testing.assert_allclose(simulation.states["scope"], 0.75, rtol=0, atol=1e-13)
