"""Limiting cases of the norm through the engine: what remains without influence, erosion or memory of exceptions.

Docked to what: acquiring and using without influence to independent Bernoulli trials (binomial distribution, no
correlation between states); votes by threshold to Granovetter (1978) in a mean field and to Watts (2002) on a graph; a
dud-rate tier and a bridge at full scope to the same run without them, bit for bit;
exceptions without recurrence, and irreversibility to full recovery of scope.

Seeds are fixed. Every test with chance in it has a family error of 1e-6, shared by its checks (Bonferroni), and a
planted wrong value that it must reject.
"""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from normsim.analysis.limiting_worlds import (
    IDLE,
    NEVER,
    begin,
    generated,
    influence,
    peaceful,
    quiet,
    with_facts,
)
from normsim.analysis.verification_invariances import (
    CHANCE,
    SAYS_SO,
    TIER,
    acting,
    bridged,
    p_values,
    transfer_costs,
    trials,
    weighed,
)
from normsim.analysis.verification_records import FAMILY_ERROR
from normsim.analysis.verification_thresholds import CROWD, crowd, months_of_voting, normal_thresholds, voters
from normsim.scenario import Event

# ---------------------------------------------------------------- no influence: independent Bernoulli trials


@pytest.mark.parametrize("choice", ["acquire", "use"])
def test_without_influence_choices_are_independent_trials(choice: str) -> None:
    """960 months of 40 states; 5 checks, alpha 1e-6 / 5. Power: see the next test, and a chance a tenth off."""
    acts = trials(choice, range(4))
    assert acts.max() == 1
    found = p_values(acts, CHANCE)
    assert min(found.values()) > FAMILY_ERROR / len(found), found
    assert p_values(acts, 1.1 * CHANCE)["total"] < FAMILY_ERROR / len(found)


def test_a_shared_shock_would_be_seen() -> None:
    """Power: one month in fifty in which everybody does as the first state does fails two of the checks."""
    acts = trials("acquire", range(4))
    acts[::50] = acts[::50, :1]
    found = p_values(acts, CHANCE)
    assert max(found["months"], found["correlation"]) < FAMILY_ERROR / len(found), found


# ---------------------------------------------------------------- votes by threshold: Granovetter, Watts


def threshold_model(weights: np.ndarray, thresholds: np.ndarray, starters: np.ndarray, months: int) -> np.ndarray:
    """The same by NumPy: whoever sees at least its threshold is active the month after."""
    found = [starters]
    for _ in range(months - 1):
        found.append(starters | (weights @ found[-1] >= thresholds))
    return np.array(found)


@pytest.mark.parametrize("exponent", [1.0, 6.0])
def test_granovetters_hundred(exponent: float) -> None:
    """Thresholds 0, 1, ..., 99 of 100 in a mean field: one follows after the other. Without the second, nobody does."""
    on = {"norm.news": 1.0, "norm.complexity": exponent}
    path = months_of_voting(voters(peaceful(CROWD), *crowd(1.0), **on), CROWD)
    np.testing.assert_array_equal(path.sum(axis=1), np.arange(1, CROWD + 1))
    path = months_of_voting(voters(peaceful(CROWD), *crowd(2.0), **on), CROWD)
    np.testing.assert_array_equal(path.sum(axis=1), np.ones(CROWD))


def test_granovetters_normal_thresholds() -> None:
    """Normal(0.25, sd) in a mean field: few act for a standard deviation below 0.122, nearly all above it."""
    n, months, share = 200, 150, {}
    for sd in (0.10, 0.118, 0.127, 0.14):
        thresholds, starters = normal_thresholds(n, 0.25, sd)
        simulation = voters(peaceful(n), thresholds, starters, **{"norm.news": 1.0})
        path = months_of_voting(simulation, months)
        want = threshold_model(np.full((n, n), 1 / n), thresholds, starters, months)
        np.testing.assert_array_equal(path, want, err_msg=str(sd))
        share[sd] = path[-1].mean()
    assert share[0.10] < share[0.118] < 0.2
    assert 0.9 < share[0.14] <= share[0.127]


def test_watts_window() -> None:
    """One starter on a random graph, threshold 0.18: a cascade at a mean degree of 4, none at 10 (window 1.02 to 5.76).

    Each of forty starters is tried by NumPy, and the best one through the engine.
    """
    n, months, largest = 400, 40, {}
    for degree in (4, 10):
        thresholds, world = np.full(n, 0.18), peaceful(n, "er", degree, seed=7)
        weights = influence(voters(world, thresholds, np.zeros(n, bool)))
        tried = [threshold_model(weights, thresholds, np.arange(n) == k, months) for k in range(40)]
        best = int(np.argmax([path[-1].sum() for path in tried]))
        path = months_of_voting(voters(world, thresholds, np.arange(n) == best), months)
        np.testing.assert_array_equal(path, tried[best])
        largest[degree] = path[-1].mean()
    assert largest[4] > 0.5
    assert largest[10] < 0.05


# ---------------------------------------------------------------- full scope: exceptions are inert


@pytest.mark.parametrize("seed", range(3))
def test_a_tier_is_inert_at_full_scope(seed: int) -> None:
    """initial.scope = 1, no erosion: with a dud-rate protocol imposed every column and every probability is the same
    but for rounding, as violations are summed in two parts; at scope 0.5 they are not."""
    full = {"initial.scope": 1.0}
    without, with_tier = acting(seed, **full), acting(seed, **full, **TIER)
    assert with_tier.states["tier"].sum() > 0
    assert without.states["tier"].sum() == 0
    assert without.measured["users"].sum() > 0
    assert without.measured["transfers"].sum() > 0
    assert without.measured["condemnations"].sum() > 0
    for name in without.states.dtype.names:
        if name not in SAYS_SO:
            np.testing.assert_allclose(
                without.states[name], with_tier.states[name], rtol=1e-9, atol=1e-12, err_msg=name
            )

    for name in ("month", "choice", "actor", "target", "happened"):
        np.testing.assert_array_equal(weighed(without)[name], weighed(with_tier)[name], err_msg=name)
    np.testing.assert_allclose(weighed(without)["probability"], weighed(with_tier)["probability"], rtol=1e-9)

    half = {"initial.scope": 0.5}
    without, with_tier = acting(seed, **half), acting(seed, **half, **TIER)
    assert (without.states["validity"] != with_tier.states["validity"]).any()


def test_strict_ban_makes_a_bridge_inert() -> None:
    """Under a strict ban an open bridge lowers no norm cost: -3 v, as without one; without the ban it does."""
    ban = {"strict_ban.on": 1, "strict_ban.scope_floor": 1.0}
    ineligible, plain, granted = bridged(0, 1, **ban), bridged(0, 0), bridged(0, 1)
    assert (ineligible.measured["bridges_open"] == 3).all()
    assert (ineligible.states["scope"] == 1.0).all()
    cost = transfer_costs(ineligible)
    assert len(cost) == 3 * 3 * 60
    validity = ineligible.states["validity"]  # frozen: every rate is null
    np.testing.assert_array_equal(cost[:, 3], [-3.0 * validity[int(actor)] for actor in cost[:, 1]])
    np.testing.assert_array_equal(cost, transfer_costs(plain))
    relieved = transfer_costs(granted)
    np.testing.assert_allclose(relieved[:, 3], 0.6 * cost[:, 3], rtol=1e-12)  # scope 0.6


# ---------------------------------------------------------------- no permanent damage

SCHEDULES = {
    "one year, once": [(0, 12)],
    "four months, three times": [(0, 4), (16, 20), (32, 36)],
    "a year, three times": [(0, 12), (24, 36), (48, 60)],
}
HORIZON = 420
EROSION = {
    "norm.scope_erode": 0.2,
    "norm.scope_recover": 0.05,
    "norm.imitate": 0.02,
    "norm.complexity": 2.0,
    "condemn.lesser": 0.6,
    "network.votes": 1.0,
    "supply.ask_above": 0.3,
    "transfer.rounds": 10,
    "bridge.transparency": 0.5,
    "standing.power": 1.0,
}
DAMAGE = {"norm.recurrence": 0.5, "norm.irreversible": 0.5}
"""The defaults of what makes exceptions leave a trace."""


def month(place: int) -> datetime.date:
    years, rest = divmod(6 + place, 12)
    return datetime.date(2023 + years, rest + 1, 1)


def after_schedule(schedule: list[tuple[int, int]], **values: float) -> np.ndarray:
    """Mean scope of each month under a schedule of bridges that AAA opens, and uses for transfers to AAB."""
    events: list[Event] = []
    for first, last in schedule:
        events.append(Event(month(first), "AAA", "open_bridge"))
        events.append(Event(month(first), "AAA", "close_bridge", until=month(last - 1), forbid=True))
        events.append(Event(month(first), "AAA", "transfer", to="AAB", until=month(last - 1)))
        events.append(Event(month(last), "AAA", "close_bridge", until=month(last)))
    world = with_facts(
        generated(12, "er", 5, seed=4, holders=0.0, producers=0.0, at_war=0.0),
        holder=[1] + [0] * 11,
        intensity=[0.0, 1.0] + [0.0] * 10,
    )
    scenario = replace(quiet(HORIZON, **EROSION, **values), events=tuple(events))
    simulation = begin(
        scenario,
        1,
        world,
        conflict__end=0.0,
        condemn__intercept=NEVER,
        **IDLE,
    )
    simulation.advance(HORIZON)
    open_months = sum(last - first for first, last in schedule)
    measured = simulation.measured
    assert measured["bridges_open"].sum() == open_months
    assert measured["transfers_excepted"].sum() == open_months
    assert measured["episodes"][-1] == len(schedule)
    return np.array(measured["scope"])


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_no_permanent_damage_without_memory(name: str) -> None:
    """recurrence 0, irreversible 0: scope falls under any schedule, and comes back to where it began."""
    path = after_schedule(SCHEDULES[name])
    assert path.min() < 0.85 - 0.02
    assert path[-1] == pytest.approx(0.85, abs=1e-3)


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_defaults_leave_damage(name: str) -> None:
    """With the defaults of both it does not come back, and each of them alone does its part."""
    free, damaged = after_schedule(SCHEDULES[name]), after_schedule(SCHEDULES[name], **DAMAGE)
    assert damaged[-1] < 0.85 - 5e-3
    assert damaged[-1] < free[-1]
    lasting = after_schedule(SCHEDULES[name], **{"norm.irreversible": 0.5})
    assert lasting[-1] < 0.85 - 5e-3
    if len(SCHEDULES[name]) > 1:
        assert after_schedule(SCHEDULES[name], **{"norm.recurrence": 0.5}).min() < free.min()


def test_repeated_claims_do_more_damage_than_one_of_the_same_length() -> None:
    """Under the defaults three times four months leave more than one year; without memory both leave nothing."""
    one, three = (SCHEDULES[name] for name in ("one year, once", "four months, three times"))
    assert after_schedule(three, **DAMAGE)[-1] < after_schedule(one, **DAMAGE)[-1]
    assert after_schedule(three)[-1] == pytest.approx(after_schedule(one)[-1], abs=1e-3)


def test_signals_are_last_months() -> None:
    """Scope first falls in the month after the first transfer under the bridge: peers are seen one month late."""
    path = after_schedule([(5, 9)])
    assert (path[:6] == path[0]).all()
    assert path[6] < path[5]
