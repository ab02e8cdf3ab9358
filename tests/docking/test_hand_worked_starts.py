"""Tiny worlds worked by hand: merged networks and initial columns, as numbers with their arithmetic."""

import datetime
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from normsim.analysis.limiting_worlds import begin, generated, quiet, with_facts
from normsim.engine.simulate import Simulation
from normsim.engine.streams import stream
from normsim.world import FACTS, History, World
from tests.five_states import (
    LAYERS,
    LISTENS,
    NEVER,
    START,
    V0,
    VALUES,
    A,
    B,
    C,
    D,
    E,
    check,
    felt,
    five,
    five_states,
    layer,
)

# ---------------------------------------------------------------- networks


def test_merged_influence_by_hand() -> None:
    # pull of a neighbour j: (0.5 region + 1 alliance + 0.25 votes + 1 arms + 0 organisations) * (1 + p_j / 0.5)
    # with 1 + p_j / 0.5 = 2 for A, 1.25 for B and C, 1.5 for D
    # A: B (0.5 + 1) * 1.25 = 1.875, C 0.25 * 1.25 = 0.3125; sum 2.1875
    # B: A (0.25 + 0.5 + 0.75) * 2 = 3, C (0.25 + 0.25 + 0.25) * 1.25 = 0.9375, D 0.5 * 1.5 = 0.75; sum 4.6875
    # C: A 0.25 * 2 = 0.5, B 0.5 * 1.25 = 0.625; sum 1.125
    # D: A 1 * 2 = 2, B 1 * 1.25 = 1.25; sum 3.25
    # E: no neighbour, looks to itself
    networks = five().networks
    assert networks.start.tolist() == [0, 2, 5, 7, 9, 10]
    assert networks.neighbour.tolist() == [B, C, A, C, D, A, B, A, B, E]
    want = [6 / 7, 1 / 7, 0.64, 0.2, 0.16, 4 / 9, 5 / 9, 8 / 13, 5 / 13, 1.0]
    np.testing.assert_allclose(networks.weight, want, rtol=1e-12)


def test_networks_read_the_other_way_by_hand() -> None:
    networks = five().networks
    assert networks.onlooker_start.tolist() == [0, 3, 6, 8, 9, 10]
    assert networks.onlooker.tolist() == [B, C, D, A, C, D, A, B, B, E]
    assert networks.customer_start.tolist() == [0, 2, 2, 3, 3, 3]  # A arms B and D, C arms B
    assert networks.customer.tolist() == [B, D, B]
    assert networks.customer_weight.tolist() == [0.75, 1.0, 0.25]
    assert networks.ally_start.tolist() == [0, 1, 3, 3, 4, 4]
    assert networks.ally.tolist() == [B, A, D, B]
    assert networks.rival_start.tolist() == [0, 0, 1, 2, 2, 2]
    assert networks.rival.tolist() == [C, B]
    assert networks.fellow_start.tolist() == [0, 1, 4, 5, 6, 6]
    assert networks.fellow.tolist() == [B, A, C, D, B, B]
    assert not networks.fellow_shared.any()  # B and C are each other's only rivals
    assert networks.region_start.tolist() == [0, 1, 3, 4, 4, 4]
    assert networks.region_neighbour.tolist() == [B, A, C, B]
    assert networks.region_weight.tolist() == [1.0, 0.5, 0.5, 1.0]
    assert networks.tie_start.tolist() == [0, 1, 3, 3, 5, 5]
    assert networks.tie_supplier.tolist() == [B, A, D, A, B]
    assert networks.tie_strength.tolist() == [1.0, 1.0, 1.0, 1 / 3, 1.0]


# ---------------------------------------------------------------- initial columns


def test_initial_states_by_hand() -> None:
    simulation = five()
    check(simulation, "relative_power", [1.0, 0.25, 0.25, 0.5, 0.0])
    # A and C hold munitions outside the convention and would abstain; D produces but has signed
    check(simulation, "validity", [0.5, 0.9, 0.5, 0.9, 0.9])
    check(simulation, "anchor", [0.5, 0.9, 0.5, 0.9, 0.9])
    check(simulation, "civil", [0.65, 0.75, 0.35, 0.65, 0.95])  # half democracy, half validity
    for column in ("scope", "scope_start", "scope_low"):
        check(simulation, column, [0.8] * 5)
    check(simulation, "immovable", [1, 0, 1, 0, 0])
    check(simulation, "stance", [1, 0, 1, 0, 0])
    check(simulation, "voted", [1, 1, 1, 1, 0])  # E is no member of the United Nations
    check(simulation, "susceptibility", LISTENS.tolist())
    check(simulation, "threshold", [0.5] * 5)
    # only C has used of late and is at war; A sees a seventh of it and B a fifth, with visibility 0.8; all see news
    check(simulation, "used", [0, 0, 1, 0, 0])
    check(simulation, "habit", [0.0, 0.0, 0.25, 0.0, 0.0])
    check(simulation, "baseline", [0.64 / 7 + 0.22 / 9.1, 0.128 + 0.22 / 9.1, *[0.22 / 9.1] * 3])
    check(simulation, "passed", [0] * 5)  # B is at war, but holds nothing; A holds, but is at peace
    check(simulation, "complied", [0] * 5)
    check(simulation, "violated", START["violated"].tolist())
    check(simulation, "conduct", (0.5 / (1.0 + START["violated"])).tolist())
    # A and C abstain, worth 0.4. Ties: A (6 + 0.4) / 7, B 0.84 * 0.4 + 0.16, C (1.6 + 5) / 9, D (3.2 + 5) / 13, E 1;
    # news: 0.4 of 2.8 + 1.375, and all of 4.925
    approval = 0.8 * np.array([6.4 / 7, 0.496, 6.6 / 9, 8.2 / 13, 1.0]) + 0.2 * 6.595 / 9.1
    check(simulation, "approval", approval.tolist())
    check(simulation, "felt", felt(V0, np.zeros(5), START["violated"], approval).tolist())
    # (1 + p / p_max) (1 + democracy / 2): 2 * 1.4, 1.25 * 1.3, 1.25 * 1.1, 1.5 * 1.2, 1 * 1.5; sum 9.1
    check(simulation, "standing", [2.8, 1.625, 1.375, 1.8, 1.5])
    check(simulation, "standing_share", [2.8 / 9.1, 1.625 / 9.1, 1.375 / 9.1, 1.8 / 9.1, 1.5 / 9.1])
    # root of power / 0.03125: of 16, 4, 4, 8; E at the floor
    check(simulation, "scale", [4.0, 2.0, 2.0, math.sqrt(8.0), 0.5])
    check(simulation, "log_scale", [math.log(4.0), math.log(2.0), math.log(2.0), 1.5 * math.log(2.0), -math.log(2.0)])
    # A makes them: 1000 * 4; C imported them: 500 * 2
    assert simulation.states["stock"].tolist() == [[2000, 1000, 1000], [0] * 3, [500, 250, 250], [0] * 3, [0] * 3]
    check(simulation, "rounds", [4000, 0, 1000, 0, 0])
    check(simulation, "conventional", [1.0, 0.8, 0.6, 1.0, 1.0])  # 1 - 0.4 intensity
    check(simulation, "output", [0.02, 0.04, 0.1, 0.02, 0.02])  # B 0.16 / 4; C 0.16, more than a full ramp gives
    check(simulation, "contamination", [0.0, 300.0, 0.0, 0.0, 0.0])
    # B: 0.2 + 0.3 / 2 + 0.6 * 1 * 0.125 / 0.25, as C fights abroad; C: 0.2 + 0.3, as B fights at home
    check(simulation, "threat", [0.2, 0.65, 0.5, 0.2, 0.2])
    check(simulation, "threat_bound", [0.0, 0.2, 0.0, 0.0, 0.2])  # both were bound in peace
    check(simulation, "patron", [B, A, -1, B, -1])
    check(simulation, "in_force", [0, 1, 0, 0, 0])  # for E only in three months
    check(simulation, "force_in", [0, 0, 0, 0, 4])  # counted down from the first month on
    check(simulation, "bound_for", [0, 12, 0, 0, 3])
    check(simulation, "has_limit", [1, 0, 0, 0, 0])
    check(simulation, "history", [0.0, 0.2, 0.7, 0.0, 0.0])
    check(simulation, "programme", [1.0] * 5)
    check(simulation, "bridge_due", [-1] * 5)
    for column in ("received", "disputes", "criticism", "tier", "bridge", "episodes", "supplied"):
        check(simulation, column, [0] * 5)


def test_parties_remember_the_threat_of_the_year_before_they_were_bound() -> None:
    # B: 0.2 + 0.3 / 2 + 0.6 * 0.5 * 0.125 / 0.25, as C fought abroad; E: 0.2 + 0.3
    wars = {"war_bound": [0.0, 0.5, 0.0, 0.0, 1.0], "rival_war_bound": [0.0, 0.5, 0.0, 0.0, 0.0]}
    world = five_states(**wars, rival_bound=[A, C, C, D, E])
    simulation = Simulation(quiet(3, **VALUES), 0, log_level=0, world=world)
    check(simulation, "threat_bound", [0.0, 0.5, 0.0, 0.0, 0.5])


def test_initial_signals_by_hand() -> None:
    signals = five().signals
    assert signals["act"].tolist() == [0.0, 0.0, 0.8, 0.0, 0.0]
    np.testing.assert_allclose(signals["violation"], [0.0, 0.0, 1.1, 0.0, 0.0], rtol=1e-12)  # standing 1.375 * 0.8
    np.testing.assert_allclose(signals["approval"], [0.4, 1.0, 0.4, 1.0, 1.0], rtol=1e-12)
    assert signals["holder"].tolist() == [1.0, 0.0, 1.0, 0.0, 0.0]
    assert signals["bound"].tolist() == signals["restrained"].tolist() == [0.0, 1.0, 0.0, 0.0, 1.0]
    for name in ("exception", "answered", "rejected", "compliance", "voice", "claim"):
        assert not signals[name].any(), name


def test_initial_system_by_hand() -> None:
    now = five().system[0]
    assert (now["calendar"], now["months_open"]) == (7, 175)  # December 2008 to July 2023: 14 * 12 + 7
    assert (now["deposits"], now["treaty_force"], now["treaty_in"]) == (2, 1, -1)
    assert now["threat_mean"] == pytest.approx(1.75 / 5, rel=1e-12)
    assert now["believed"].tolist() == now["claimed"].tolist() == [0.05, 0.0235, 0.01]


@pytest.mark.parametrize(
    ("start", "trigger", "treaty_in"),
    [
        (datetime.date(2010, 2, 20), 2, 7),  # February to August, counted down from February on
        (datetime.date(2010, 7, 31), 2, 2),
        (datetime.date(2010, 2, 20), 3, -1),  # two deposits do not suffice
    ],
)
def test_before_entry_into_force_by_hand(start: datetime.date, trigger: int, treaty_in: int) -> None:
    world = five_states(start, months_to_force=[0, 0, 0, 0, 0])
    simulation = begin(quiet(12, start, **{**VALUES, "join.trigger": trigger}), 0, world)
    assert simulation.system["treaty_in"][0] == treaty_in
    assert simulation.system["treaty_force"][0] == 0
    check(simulation, "in_force", [0] * 5)  # nothing is in force before the convention is
    simulation.advance(max(treaty_in - 1, 0))  # up to the end of July 2010
    assert simulation.system["treaty_force"][0] == 0
    simulation.advance(1)
    assert simulation.system["treaty_force"][0] == (treaty_in > 0)
    in_force = begin(quiet(3, **VALUES), 0, five_states(months_to_force=[0, 0, 0, 0, 0]))
    check(in_force, "in_force", [0, 1, 0, 0, 1])


def test_a_strict_ban_lifts_the_initial_scope() -> None:
    simulation = five(strict_ban__on=1, strict_ban__scope_floor=1.0)
    for column in ("scope", "scope_start", "scope_low"):
        check(simulation, column, [1.0] * 5)


def test_initial_values_of_a_scenario_come_last() -> None:
    states = {
        "CCC": {"validity": 0.3, "scope": 0.4, "output": 0.5, "legacy": 7, "threshold": 0.25, "susceptibility": 0.75}
    }
    scenario = replace(quiet(3, **VALUES), states=states)
    simulation = Simulation(scenario, 0, log_level=0, world=five_states())
    check(simulation, "validity", [0.5, 0.9, 0.3, 0.9, 0.9])
    check(simulation, "anchor", [0.5, 0.9, 0.3, 0.9, 0.9])
    for column in ("scope", "scope_start", "scope_low"):
        check(simulation, column, [0.8, 0.8, 0.4, 0.8, 0.8])
    check(simulation, "output", [0.02, 0.04, 0.05, 0.02, 0.02])
    check(simulation, "threshold", [0.5, 0.5, 0.25, 0.5, 0.5])
    check(simulation, "susceptibility", [0.2, 0.5, 0.75, 0.5, 0.5])
    # C expects 0.5 / (1 + 1.21 / 9.1) of others' conduct, and approval 0.8 * 6.6 / 9 + 1.319 / 9.1
    expected = 0.25 / (1.0 + 1.21 / 9.1) + 0.4 * 6.6 / 9 + 0.6595 / 9.1
    assert simulation.states["felt"][C] == pytest.approx(0.25 * 0.3 + 0.75 / (1.0 + (0.25 / expected) ** 2), rel=1e-12)
    assert simulation.states["stock"][C].tolist() == [7, 250, 250]
    check(simulation, "rounds", [4000, 0, 507, 0, 0])


@pytest.mark.parametrize("seed", [0, 1])
def test_first_stocks_are_drawn_once_per_run_and_state(seed: int) -> None:
    """500 rounds at scale 1, scale 2, half of them legacy, times exp(0.5 z) with the z of C in its own stream."""
    scenario = quiet(3, **VALUES | {"supply.stock_spread": 0.5})
    simulation = Simulation(scenario, seed, log_level=0, world=five_states())
    z = stream(seed, "endowment").standard_normal(5)
    assert simulation.states["stock"][C, 0] == int(500 * math.exp(0.5 * z[C]) * 2 * 0.5)
    assert simulation.states["stock"][A, 0] == int(1000 * math.exp(0.5 * z[A]) * 4 * 0.5)
    check(simulation, "rounds", simulation.states["stock"].sum(axis=1).tolist())


# ---------------------------------------------------------------- who stayed out


def test_frailty_of_those_outside_by_hand() -> None:
    # July 2023: 175 months since the opening, 155 of them in force; A and C stayed outside, D has signed
    rates = {"join.signing": 0.002, "join.accede": 0.004, "join.ratify": 0.01}
    pulls = {"join.region": 0.6, "join.peers": 0.5, "join.waning": 0.12}
    found = begin(quiet(3, **VALUES | rates | pulls | {"join.frailty": 0.5}), 0, five_states())
    drawn = special.gammaincinv(4.0, special.ndtr(stream(0, "frailty").standard_normal(5))) / 4.0
    # B has been a party for 12 of the 175 months, E for 3: shares 12 / 175 and 3 / 175; the North has three states
    b, e = 12 / 175, 3 / 175
    news = 0.2 * (1.625 * b + 1.5 * e) / 9.1
    north, south = 0.6 * b / 3, 0.6 * e / 2
    waned = 0.12 * 87 / 12  # waning of half the time
    outside = (20 * 0.002 + 155 * 0.004) * math.exp(-waned)
    past_a = outside * math.exp(north + 0.5 * (0.8 * b * 6 / 7 + news))
    past_c = outside * math.exp(north + 0.5 * (0.8 * b * 5 / 9 + news))
    past_d = 175 * 0.01 * math.exp(south + 0.5 * (0.8 * b * 5 / 13 + news) - waned)
    past = np.array([past_a, 0.0, past_c, past_d, 0.0])
    check(found, "frailty", (np.log(drawn) - np.log1p(0.25 * past)).tolist())
    check(begin(quiet(3, **VALUES | rates | pulls), 0, five_states()), "frailty", [0.0] * 5)


def test_a_late_start_finds_outside_whom_an_early_one_leaves_there() -> None:
    """4,000 signatories ratify for ten years, or a run starts after them: those outside are as slow in both."""
    months, given = 120, {"join.ratify": 0.01, "join.frailty": 1.0}

    def signatories(start: datetime.date, seed: int) -> Simulation:
        world = with_facts(generated(4000, start=start), status=1)
        return begin(quiet(months, start, **given), seed, world)

    early, late = signatories(datetime.date(2008, 12, 3), 3), signatories(datetime.date(2018, 12, 3), 4)
    early.advance(months)
    left = early.states["status"] == 1
    expected = 1.0 / (1.0 + 0.01 * months)  # mean, and standard deviation, of a gamma of shape 1
    assert left.mean() == pytest.approx(expected, abs=5.0 * math.sqrt(expected * (1.0 - expected) / 4000))
    for found in (np.exp(early.states["frailty"][left]), np.exp(late.states["frailty"])):
        assert abs(found.mean() - expected) < 5.0 * expected / math.sqrt(len(found))
        assert abs(found.std() - expected) < 5.0 * expected * math.sqrt(2.0 / len(found))


# ---------------------------------------------------------------- the record


@pytest.mark.parametrize(
    ("start", "to_saudi_arabia", "to_turkey"),
    [
        # United States to Saudi Arabia: 1995 and 2013, July 2013 to March 2015 is 12 + 8;
        # to Turkey: 1993, and 2008 with low confidence, which does not count; July 1993 to March 2015 is 21 * 12 + 8
        (datetime.date(2015, 3, 10), 20, 260),
        # a year that is not over does not count: July 1995 to December 2013 is 18 * 12 + 5
        (datetime.date(2013, 12, 1), 221, 245),
    ],
)
def test_recorded_transfers_and_the_vote_against_by_hand(
    start: datetime.date, to_saudi_arabia: int, to_turkey: int
) -> None:
    """Five real states and what transfers.csv says of them; Russia to Syria is of low confidence."""
    names = ("RUS", "SAU", "SYR", "TUR", "USA")
    rus, sau, syr, tur, usa = range(5)
    table = np.zeros(5, FACTS)
    table["power"] = [0.25, 0.05, 0.05, 0.15, 0.5]
    table["limit"] = math.nan
    table["theatre"] = range(5)
    table["holder"] = 1
    table["voted_against"][rus] = 1
    none = layer(5, {})
    world = World(
        start=start,
        iso3=names,
        names=names,
        regions=("World",),
        facts=table,
        layers=dict.fromkeys(LAYERS, none),
        rivalry=none,
        supplier=np.array([usa, rus, usa, syr]),
        recipient=np.array([sau, syr, tur, usa]),
        ally=np.zeros(4),
        arms=np.ones(4),
        history=History(start.year, np.zeros((1, 5)), np.arange(5)[None, :]),
    )
    simulation = Simulation(quiet(3, start, **VALUES), 0, log_level=0, world=world)
    # Russia voted against the resolution, the other holders outside the convention count as abstaining
    check(simulation, "validity", [0.15, 0.5, 0.5, 0.5, 0.5])
    assert simulation.ties["since"].tolist() == [to_saudi_arabia, NEVER, to_turkey, NEVER]
    check(simulation, "supplied", [0, 1, 0, 1, 0])
    assert simulation.networks.neighbour.tolist() == [rus, sau, syr, tur, usa]  # alone, each looks to itself
    assert simulation.networks.weight.tolist() == [1.0] * 5
