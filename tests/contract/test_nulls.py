"""Off means off: at its null value a lever or a mechanism leaves every number bit for bit as it is without it."""

import numpy as np
import pytest

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.simulate import Simulation, simulate
from normsim.engine.streams import STREAMS, Draws
from normsim.parameters import nulls, records

MONTHS = 120
SEED = 3

Values = dict[str, float | str]

STRICT: Values = {"strict_ban.on": 1, "strict_ban.scope_floor": 0.0, "strict_ban.assistance": 0}
TIER: Values = {"ccw_dud_rate.on": 1, "ccw_dud_rate.rule": "imposed"}
ALL_BRIDGE: Values = {
    "bridge.open_below": 1.0,
    "bridge.ally_short": 0.0,
    "bridge.close_above": 0.9,
    "bridge.transparency": 0.5,
    "bridge.sunset_months": 6,
    "bridge.close_probability": 0.3,
    "bridge.episodes": 2,
}

SAME: tuple[tuple[str, str, str, Values, Values], ...] = (
    # lever at its null, what is compared, scenario, one arm, other arm
    (
        "committed.share",
        "nobody is committed, whoever and to what",
        "ukraine_2023",
        {},
        {"committed.validity": 0.9, "committed.who": "region"},
    ),
    (
        "network.shuffle",
        "whose ties do not matter where news is all",
        "ukraine_2023",
        {"norm.news": 1.0},
        {"norm.news": 1.0, "network.shuffle": 7},
    ),
    ("strict_ban.on", "off, its keys say nothing", "ukraine_2023", {}, {**STRICT, "strict_ban.on": 0}),
    ("strict_ban.on", "on with nothing in it", "ukraine_2023", {}, {**STRICT, "strict_ban.peer_pull": 1.0}),
    ("strict_ban.scope_floor", "no floor", "bridge_repeatable_opaque", {}, STRICT),
    (
        "strict_ban.assistance",
        "without it allies hold nobody back",
        "ukraine_2023",
        {},
        {**STRICT, "strict_ban.assistance": 0.0},
    ),
    ("strict_ban.peer_pull", "pull of one", "history_2008", {}, {**STRICT, "strict_ban.peer_pull": 1.0}),
    ("ccw_dud_rate.on", "tabled after the horizon", "baseline", {}, {**TIER, "ccw_dud_rate.tabled_after": MONTHS}),
    (
        "ccw_dud_rate.on",
        "off, its keys say nothing",
        "ukraine_2023",
        {},
        {"ccw_dud_rate.rule": "imposed", "ccw_dud_rate.scope_floor": 0.5, "ccw_dud_rate.deferral_months": 0},
    ),
    (
        "ccw_dud_rate.deferral_months",
        "no deferral: nothing to run out",
        "baseline",
        {"ccw_dud_rate.deferral_months": 0},
        {"ccw_dud_rate.deferral_months": 240},
    ),
    (
        "ccw_dud_rate.clear_standard",
        "no erosion to hold back",
        "ccw_imposed",
        {"norm.scope_erode": 0.0, "ccw_dud_rate.clear_standard": 0.0},
        {"norm.scope_erode": 0.0, "ccw_dud_rate.clear_standard": 1.0},
    ),
    ("ccw_dud_rate.scope_floor", "no floor", "ccw_imposed", {}, {"ccw_dud_rate.scope_floor": 0.0}),
    ("two_track.on", "on with an empty clause", "ccw_imposed", {}, {"two_track.on": 1, "two_track.safeguard": 0.0}),
    ("two_track.safeguard", "empty", "two_track", {"two_track.safeguard": 0.0}, {"two_track.on": 0}),
    ("bridge.on", "off, its keys say nothing", "baseline", {}, ALL_BRIDGE),
    (
        "bridge.clear_standard",
        "a standard that is not announced says nothing",
        "bridge_repeatable_opaque",
        {"bridge.clear_standard": 0.0, "bridge.open_below": 0.0},
        {"bridge.clear_standard": 0.0, "bridge.open_below": 0.9, "bridge.ally_short": 0.1},
    ),
    (
        "bridge.transparency",
        "a secret standard clarifies nothing",
        "bridge_repeatable_opaque",
        {"bridge.transparency": 0.0, "bridge.clear_standard": 0.0},
        {"bridge.transparency": 0.0, "bridge.clear_standard": 1.0},
    ),
    ("bridge.sunset_months", "no sunset", "ukraine_2023", {}, {"bridge.sunset_months": MONTHS + 1}),
    (
        "bridge.close_probability",
        "kept at the first review",
        "ukraine_2023",
        {"bridge.close_probability": 1.0, "bridge.review_months": 1},
        {"bridge.close_probability": 1.0, "bridge.review_months": 60},
    ),
    ("bridge.episodes", "no limit", "bridge_repeatable_opaque", {}, {"bridge.episodes": 50}),
    ("export.waiver", "nothing to waive without a bridge", "baseline", {}, {"export.waiver": 0.0}),
    (
        "export.everyone",
        "a limit that nothing exceeds",
        "ukraine_2023",
        {"export.limit": 0.1},
        {"export.limit": 0.1, "export.everyone": 1},
    ),
    ("export.evidence", "belief is not asked", "ukraine_2023", {"harm.belief": 0.0}, {"harm.belief": 0.2}),
    (
        "export.total",
        "a limit that everything exceeds is total",
        "ukraine_2023",
        {"export.limit": 0.0005},
        {"export.limit": 0.0005, "export.total": 1},
    ),
    (
        "production.sustain",
        "nothing falls",
        "ukraine_2023",
        {"supply.ramp": 0.0},
        {"supply.ramp": 0.0, "production.sustain": 1},
    ),
    (
        "production.contract",
        "no ramp to slow",
        "ukraine_2023",
        {"supply.ramp": 0.0},
        {"supply.ramp": 0.0, "production.contract": 0.5},
    ),
    (
        "production.surge",
        "nothing to speed up",
        "ukraine_2023",
        {"supply.ramp": 0.0},
        {"supply.ramp": 0.0, "production.surge": 3.0},
    ),
    (
        "tracking.casualties",
        "no cell, no lesson",
        "ukraine_2023",
        {"harm.learned_care": 0.0},
        {"harm.learned_care": 1.0},
    ),
    (
        "education.risk",
        "no remnant casualties to avoid",
        "ukraine_2023",
        {"harm.remnants": 0.0},
        {"harm.remnants": 0.0, "education.risk": 1.0},
    ),
    ("investigation.commitment", "no inquiry", "ukraine_2023", {"use.investigation": 0.0}, {"use.investigation": 3.0}),
    (
        "planning.realistic",
        "nobody hurt, nobody spared",
        "ukraine_2023",
        {"harm.attack": 0.0},
        {"harm.attack": 0.0, "planning.realistic": 0.5},
    ),
    ("pledge.stop", "no pledge, no level", "ukraine_2023", {"pledge.level": 0.0}, {"pledge.level": 1.0}),
    (
        "assurance.strictness",
        "no terms to break, to carry, to see",
        "ukraine_2023",
        {"assurance.strictness": 0.0, "assurance.implementation": 0.0, "assurance.enforcement": 0.0},
        {"assurance.strictness": 0.0, "assurance.implementation": 1.0, "assurance.enforcement": 1.0},
    ),
    (
        "assurance.monitoring",
        "nothing detected, nothing enforced",
        "ukraine_2023",
        {"assurance.monitoring": 0.0, "assurance.enforcement": 0.0, "assurance.cutoff_months": 0},
        {"assurance.monitoring": 0.0, "assurance.enforcement": 1.0, "assurance.cutoff_months": 240},
    ),
    (
        "assurance.enforcement",
        "never enforced, however long",
        "ukraine_2023",
        {"assurance.enforcement": 0.0, "assurance.cutoff_months": 0},
        {"assurance.enforcement": 0.0, "assurance.cutoff_months": 240},
    ),
)

ELSEWHERE = {"assurance.cutoff_months"}
"""Levers whose null is tested by a test of its own below."""


def test_every_lever_with_a_null_is_in_the_table() -> None:
    with_null = {
        name for name, record in records().items() if record.role in ("lever", "treatment") and record.null is not None
    }
    assert {row[0] for row in SAME} | ELSEWHERE == with_null


@pytest.mark.parametrize("row", SAME, ids=lambda row: f"{row[0]}: {row[1]}")
def test_off_is_off_to_the_last_bit(row, vary, run_of) -> None:
    _, _, scenario, one, other = row
    a, b = run_of(vary(scenario, MONTHS, **one), SEED), run_of(vary(scenario, MONTHS, **other), SEED)
    for name in a.measured.dtype.names:
        assert np.array_equal(a.measured[name], b.measured[name]), name
    assert a.digest() == b.digest()


def test_a_cut_off_of_no_months_leaves_nobody_cut_off(vary) -> None:
    simulation = Simulation(vary("ukraine_2023", MONTHS, **{"assurance.cutoff_months": 0}), SEED)
    while simulation.done < MONTHS:
        simulation.advance(1)
        assert not simulation.ties["cut_off"].any()


FROZEN: tuple[tuple[str, Values], ...] = (
    (
        "validity",
        {f"norm.{key}": 0.0 for key in ("imitate", "anchor", "internalise", "answered", "unanswered", "spill")},
    ),
    ("scope", {"norm.imitate": 0.0, "norm.scope_erode": 0.0, "norm.scope_recover": 0.0}),
    ("threat", {"conflict.threat_rate": 0.0, "conflict.threat_noise": 0.0}),
)
"""Columns that stand still when every mechanism that moves them is null."""


@pytest.mark.parametrize(("column", "values"), FROZEN, ids=[row[0] for row in FROZEN])
def test_a_column_without_its_mechanisms_stands_still(column: str, values: Values, vary) -> None:
    simulation = Simulation(vary("ukraine_2023", MONTHS, **values), SEED)
    before = simulation.states[column].copy()
    simulation.advance(MONTHS)
    assert simulation.states[column].tobytes() == before.tobytes()


IDLE: tuple[tuple[str, str, Values, Values, tuple[str, ...]], ...] = (
    # parameter at its null, scenario, both arms, other arm, outcomes that may differ
    (
        "norm.susceptibility",
        "ukraine_2023",
        {"norm.susceptibility": 0.0},
        {
            "norm.conduct": 1.0,
            "norm.threshold": 0.2,
            "norm.spread": 0.4,
            "norm.prior": 5.0,
            "norm.trust": 0.1,
            "norm.abstention": 0.9,
            "norm.silence": 1.0,
            "norm.institution": 1.0,
            "norm.internalise": 0.1,
            "norm.answered": 3.0,
            "norm.unanswered": 6.0,
        },
        ("conduct", "approval", "agreement", "agreement_by_power"),
    ),
    ("claim.precedent", "bridge_repeatable_opaque", {"claim.precedent": 0.0}, {"claim.half_life": 6.0}, ()),
    ("withdraw.exposure", "ukraine_2023", {"withdraw.exposure": 0.0}, {"withdraw.unthreatened": 1.0}, ()),
    ("condemn.friend", "ukraine_2023", {"condemn.friend": 0.0}, {"condemn.duty": 0.0}, ()),
    ("use.party", "us_ukraine_join", {"use.party": 0.0}, {"use.reliance": 0.0}, ()),
)
"""Mechanisms at their null, and what then says nothing: expectations to the deaf, duties without restraints."""


@pytest.mark.parametrize("row", IDLE, ids=[row[0] for row in IDLE])
def test_a_mechanism_at_its_null_silences_what_belongs_to_it(row, vary, run_of) -> None:
    _, scenario, both, other, told = row
    assert any(records()[name].value != value for name, value in other.items())
    a, b = run_of(vary(scenario, MONTHS, **both), SEED), run_of(vary(scenario, MONTHS, **both | other), SEED)
    for name in a.measured.dtype.names:
        if name not in told:
            assert np.array_equal(a.measured[name], b.measured[name]), name


def test_the_deaf_feel_what_they_believe(vary, run_of) -> None:
    run = run_of(vary("ukraine_2023", MONTHS, **{"norm.susceptibility": 0.0}), SEED)
    assert run.final["felt"].tobytes() == run.final["validity"].tobytes()
    assert np.array_equal(run.measured["felt"], run.measured["validity"])


class _Unlucky:
    """The draws of a run, but for the numbers of one stream, which are 0: whoever can be absent is."""

    def __init__(self, draws: Draws, name: str) -> None:
        self._draws, self._place = draws, STREAMS.index(name)

    def block(self, months: int) -> np.ndarray:
        numbers = self._draws.block(months)
        numbers[self._place] = 0.0
        return numbers


def test_without_absence_every_member_votes_and_no_number_is_asked(vary) -> None:
    scenario = vary("ukraine_2023", MONTHS, **{"norm.absence": 0.0})
    usual, unlucky = Simulation(scenario, SEED), Simulation(scenario, SEED)
    unlucky._draws = _Unlucky(unlucky._draws, "resolution")  # type: ignore[assignment]
    run = usual.finish()
    assert run.digest() == unlucky.finish().digest()
    votes = sum(run.measured[f"votes_{name}"] for name in ("yes", "abstain", "no"))
    assert votes.tolist() == [193.0] * MONTHS
    away = Simulation(scenario.with_values({"norm.absence": 0.1}), SEED)
    away._draws = _Unlucky(away._draws, "resolution")  # type: ignore[assignment]
    measured = away.finish().measured
    assert 0 < sum(measured[f"votes_{name}"][0] for name in ("yes", "abstain", "no")) < 193
    assert not measured["votes_yes"][5:].any()  # from the first December on nobody is there


def test_nobody_defies_where_threat_counts_for_nothing(vary) -> None:
    """Whoever is bound destroys its whole stock in time; with the largest defiance some keep theirs."""
    kept = {}
    for defiance in (0.0, records()["supply.defiance"].high):
        values = {"supply.defiance": defiance, "supply.destroy_months": 12}
        simulation = Simulation(vary("history_2008", 60, **values), SEED)
        simulation.advance(60)
        bound = (simulation.states["status"] == 2) & (simulation.states["bound_for"] > 12)
        kept[defiance] = int(simulation.states["rounds"][bound].sum())
    assert kept[0.0] == 0
    assert max(kept.values()) > 0


NO_MEMORY: Values = {"norm.recurrence": 0.0, "norm.irreversible": 0.0}


def test_a_closed_exception_leaves_no_mark_without_memory(vary, run_of) -> None:
    """Limiting case of MODEL.md 10: no permanent damage when recurrence and irreversibility are null."""
    shut: Values = {"bridge.sunset_months": 12, "bridge.close_probability": 1.0, "bridge.episodes": 1}
    shut |= {"transfer.intercept": -7.0}  # so that something is sent under the exception
    shut |= {"claim.intercept": -11.0, "claim.need": 0.0, "claim.precedent": 0.0}  # and nobody else claims one late
    forgotten = run_of(vary("bridge_repeatable_opaque", 240, **shut, **NO_MEMORY), SEED)
    kept = run_of(vary("bridge_repeatable_opaque", 240, **shut, **NO_MEMORY | {"norm.irreversible": 1.0}), SEED)
    lowest = forgotten.measured["scope"].min()
    start = forgotten.measured["scope"][0]
    assert lowest < start - 0.005
    assert forgotten.measured["scope"][-1] == pytest.approx(start, abs=1e-4)
    assert kept.measured["scope"][-1] < forgotten.measured["scope"][-1]


def test_without_an_exception_the_marks_of_episodes_say_nothing(vary, run_of) -> None:
    bare = run_of(vary("baseline", MONTHS), SEED).digest()
    assert run_of(vary("baseline", MONTHS, **NO_MEMORY), SEED).digest() == bare


def test_with_everything_null_the_world_stands_still_but_for_its_constant_hazards() -> None:
    from normsim.scenario import load_scenario

    scenario = load_scenario("history_2008").with_months(36)
    off = {name: value for name, value in nulls().items() if value != scenario.values[name]}
    run = simulate(scenario.with_values(off), SEED)
    first = Simulation(scenario.with_values(off), SEED).states
    for column in ("validity", "felt", "approval", "scope", "threat", "strike_record"):
        assert column in STATE_COLUMNS
        assert run.final[column].tobytes() == first[column].tobytes(), column
    for outcome in ("rounds_produced", "rounds_sent", "rounds_fired", "casualties_attack", "casualties_remnants"):
        assert not run.measured[outcome].any(), outcome
    assert not run.measured["notices"].any()
