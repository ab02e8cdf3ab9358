"""Every lever, every regime key and every uncertain parameter does something, and a lever touches only what it can."""

from itertools import product
from typing import NamedTuple

import numpy as np
import pytest

from normsim.parameters import Parameter, records
from normsim.scenario import varied_scenario

pytestmark = pytest.mark.slow

SEEDS = range(4)
MONTHS = 120
UP, DOWN = 1, -1

EXOGENOUS = ("at_war", "threat")
"""Comes from outside the model: no lever reaches it, in any month."""

LATE = ("validity", "felt", "conduct", "approval", "validity_moran", "votes_yes", "at_war", "threat", "exits")
"""Follows what was seen of the month before: no lever reaches it in the first month, but for `FROM_THE_START`."""

FROM_THE_START = ("network.shuffle", "committed.share", "committed.who", "committed.validity")
"""Levers that change the states before the first month."""


class Lever(NamedTuple):
    """What a lever is to do.

    Attributes:
        name: the lever.
        value: what it is set to.
        scenario: where.
        outcome: what moves (its summary over the run).
        way: in which direction.
        untouched: outcomes of the first month that stay as they were, beside `LATE`.
        setting: what else is set, in both arms.
        months: length of the runs.
    """

    name: str
    value: float | str
    scenario: str
    outcome: str
    way: int
    untouched: tuple[str, ...] = ()
    setting: dict[str, float | str] = {}  # noqa: RUF012 (never changed)
    months: int = MONTHS


ARMS = ("transfers", "rounds_sent", "acquisitions", "rounds_produced", "bridges_open")
FIRE = ("users", "rounds_fired", "duds", "stock")
LAW = ("parties", "joins", "renunciations", "notices")

LEVERS = (
    # committed minority
    Lever("committed.share", 0.3, "ukraine_2023", "felt", DOWN),
    Lever("committed.validity", 1.0, "ukraine_2023", "felt", UP, (), {"committed.share": 0.3}),
    Lever("committed.who", "most_watched", "ukraine_2023", "felt", DOWN, (), {"committed.share": 0.1}),
    Lever("network.shuffle", 5, "ukraine_2023", "felt_sd", DOWN),  # like no longer look to like
    # strict ban
    Lever("strict_ban.on", 1, "ukraine_2023", "scope", UP, (*LAW, "bridges_open", "stock_destroyed")),
    Lever("strict_ban.scope_floor", 0.0, "ukraine_2023", "scope", DOWN, (*LAW, "bridges_open"), {"strict_ban.on": 1}),
    Lever(
        "strict_ban.assistance",
        2.0,
        "bridge_repeatable_opaque",
        "transfers",
        DOWN,
        (*LAW, "bridges_open", "scope"),
        {"strict_ban.on": 1},
        240,
    ),
    Lever(
        "strict_ban.peer_pull", 1.5, "history_2008", "deposits", UP, (*ARMS, *FIRE, "scope"), {"strict_ban.on": 1}, 205
    ),
    # dud-rate tier
    Lever("ccw_dud_rate.on", 1, "baseline", "parties", DOWN, (*ARMS, *FIRE, "scope"), {"ccw_dud_rate.rule": "imposed"}),
    Lever("ccw_dud_rate.threshold", 0.1, "ccw_imposed", "uses_excepted", UP, (*ARMS, *FIRE, "scope")),
    Lever("ccw_dud_rate.deferral_months", 0, "ccw_imposed", "stock_destroyed", UP, (*ARMS, "users", "scope")),
    Lever("ccw_dud_rate.rule", "consensus", "ccw_imposed", "tier_in_force", DOWN, (*ARMS, *FIRE)),
    Lever("ccw_dud_rate.majority", 1.0, "ccw_majority", "tier_in_force", DOWN, (*ARMS, *FIRE, *LAW, "scope")),
    Lever("ccw_dud_rate.blockers_needed", 130, "ccw_consensus", "tier_in_force", UP, (*ARMS, *FIRE, *LAW, "scope")),
    Lever("ccw_dud_rate.tabled_after", 60, "ccw_imposed", "uses_excepted", DOWN, (*ARMS, *FIRE)),
    Lever("ccw_dud_rate.clear_standard", 1.0, "ccw_imposed", "scope", UP, (*ARMS, *FIRE, *LAW)),
    Lever("ccw_dud_rate.scope_floor", 0.5, "ccw_imposed", "scope", UP, (*ARMS, *FIRE, *LAW)),
    Lever(
        "ccw_dud_rate.destruction_months",
        144,
        "ccw_imposed",
        "stock_destroyed",
        DOWN,
        (*ARMS, "users", *LAW),
        {"ccw_dud_rate.deferral_months": 0},
    ),
    Lever("two_track.on", 1, "ccw_imposed", "parties", UP, (*ARMS, *FIRE, "scope")),
    Lever("two_track.safeguard", 0.0, "two_track", "blockers", UP, (*ARMS, *FIRE, "scope")),
    # bridge
    Lever("bridge.on", 0, "bridge_repeatable_opaque", "transfers_excepted", DOWN, LAW),
    Lever("bridge.open_below", 0.0, "bridge_repeatable_opaque", "bridges_open", DOWN, LAW),
    Lever("bridge.ally_short", 1.0, "bridge_repeatable_opaque", "bridges_open", DOWN, LAW),
    Lever("bridge.close_above", 0.6, "bridge_repeatable_opaque", "bridges_open", DOWN, (*ARMS, *FIRE, *LAW)),
    Lever("bridge.transparency", 1.0, "bridge_repeatable_opaque", "condemnations", UP, (*ARMS, *FIRE, *LAW)),
    Lever("bridge.clear_standard", 1.0, "bridge_repeatable_opaque", "scope", UP, (*ARMS, *FIRE, *LAW)),
    Lever("bridge.sunset_months", 6, "bridge_repeatable_opaque", "bridges_open", DOWN, (*ARMS, *FIRE, *LAW)),
    Lever("bridge.close_probability", 0.0, "bridge_repeatable_opaque", "bridges_open", UP, (*ARMS, *FIRE, *LAW)),
    Lever("bridge.review_months", 60, "bridge_repeatable_opaque", "bridges_open", UP, (*ARMS, *FIRE, *LAW), {}, 240),
    Lever(
        "bridge.episodes",
        1,
        "bridge_repeatable_opaque",
        "episodes",
        DOWN,
        (*ARMS, *FIRE, *LAW),
        {"bridge.close_above": 0.6},
        240,
    ),
    # export
    Lever("export.waiver", 0.0, "bridge_repeatable_opaque", "transfers", DOWN, ("bridges_open", *LAW)),
    Lever("export.limit", 0.1, "bridge_repeatable_opaque", "transfers_over_limit", DOWN, ("bridges_open", *LAW)),
    Lever("export.everyone", 1, "bridge_repeatable_opaque", "transfers", DOWN, ("bridges_open", *LAW)),
    Lever(
        "export.evidence",
        1.0,
        "export_limit_tightened",
        "transfers_over_limit",
        UP,
        (*ARMS, *FIRE, *LAW),
        {"export.limit": 0.06, "export.evidence": 0.0, "export.everyone": 1},
    ),
    Lever(
        "export.total",
        1,
        "export_limit_tightened",
        "transfers",
        DOWN,
        ("bridges_open", *LAW),
        {"export.limit": 0.1, "export.evidence": 0.0},
    ),
    # production of ordinary rounds
    Lever("production.sustain", 1, "ukraine_2023", "shortage", DOWN, (*LAW, "bridges_open")),
    Lever("production.contract", 0.0, "ukraine_2023", "shortage", UP, LAW),
    Lever("production.surge", 3.0, "ukraine_2023", "shortage", DOWN, LAW),
    # reinforcing measures
    Lever("tracking.casualties", 1.0, "ukraine_2023", "casualties_recorded", UP, (*ARMS, *LAW)),
    Lever("education.risk", 1.0, "ukraine_2023", "casualties_remnants", DOWN, (*ARMS, *FIRE, "casualties_attack")),
    Lever("investigation.commitment", 1.0, "ukraine_2023", "users", DOWN, (*ARMS, *LAW, "opportunities")),
    Lever("planning.realistic", 0.5, "ukraine_2023", "casualties_attack", DOWN, (*ARMS, *FIRE, "casualties_remnants")),
    Lever("pledge.stop", 1, "ukraine_2023", "users", DOWN, (*ARMS, *LAW, "opportunities")),
    Lever("pledge.level", 1.0, "pledge_to_stop", "users", DOWN, (*ARMS, *LAW, "opportunities")),
    # assurances
    Lever("assurance.strictness", 1.0, "ukraine_2023", "breaches", DOWN, (*ARMS, *LAW)),
    Lever("assurance.implementation", 1.0, "ukraine_2023", "breaches", DOWN, (*ARMS, *LAW)),
    Lever("assurance.public", 0, "ukraine_2023", "breaches", UP, (*ARMS, *FIRE, *LAW)),
    Lever("assurance.monitoring", 1.0, "ukraine_2023", "breaches", DOWN, (*ARMS, *LAW)),
    Lever("assurance.enforcement", 0.0, "ukraine_2023", "cutoffs", DOWN, (*ARMS, *FIRE, *LAW)),
    Lever(
        "assurance.cutoff_months",
        0,
        "ukraine_2023",
        "rounds_sent",
        UP,
        (*ARMS, *FIRE, *LAW),
        {"transfer.enough": 120, "transfer.previous": 3.0, "transfer.norm": 0.0},  # who is cut off would have got more
    ),
)


def test_every_lever_is_in_the_table() -> None:
    named = [lever.name for lever in LEVERS]
    assert len(named) == len(set(named))
    assert set(named) == {name for name, record in records().items() if record.role in ("lever", "treatment")}


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.name)
def test_a_lever_moves_its_outcome_and_nothing_it_cannot_reach(lever: Lever, vary, run_of) -> None:
    without = vary(lever.scenario, lever.months, **lever.setting)
    assert without.values[lever.name] != lever.value
    with_it = vary(lever.scenario, lever.months, **lever.setting | {lever.name: lever.value})
    pairs = [(run_of(without, seed), run_of(with_it, seed)) for seed in SEEDS]
    moved = [lever.way * (b.summary()[lever.outcome] - a.summary()[lever.outcome]) for a, b in pairs]
    assert sum(moved) > 0.0
    assert sum(change > 0.0 for change in moved) > sum(change < 0.0 for change in moved)
    for a, b in pairs:
        for name in EXOGENOUS:
            assert np.array_equal(a.measured[name], b.measured[name]), name
        for name in (*(() if lever.name in FROM_THE_START else LATE), *lever.untouched):
            assert a.measured[name][0] == b.measured[name][0], name


# ---------------------------------------------------------------- uncertain parameters

PLACES: tuple[tuple[str, dict[str, float | str]], ...] = (
    ("ukraine_2023", {}),
    ("ccw_imposed", {}),
    ("history_2008", {}),
    ("bridge_repeatable_opaque", {}),
    ("ccw_consensus", {}),
    ("baseline", {}),
    ("ukraine_2023", {"conflict.mode": "process"}),
)
"""Where a parameter is tried, until it moves something."""

MANY_EXITS: dict[str, float | str] = {"withdraw.rate": 0.0005, "withdraw.norm": 0.0}

HOMES: dict[str, tuple[str, dict[str, float | str]]] = {
    "use.investigation": ("reinforce", {}),
    "harm.learned_care": ("reinforce", {}),
    "assurance.secret_factor": ("assurances_secret", {}),
    "vote.strict_text": ("ccw_imposed", {"ccw_dud_rate.deferral_months": 0}),
    "vote.join_rate": ("ccw_majority", {}),
    "use.party": ("us_ukraine_join", {"use.party": 4.0}),
    "renounce.war": ("ukraine_2023", {"renounce.intercept": -6.0, "renounce.war": 2.0}),
    "withdraw.exposure": ("ukraine_2023", MANY_EXITS),
    "withdraw.unthreatened": ("ukraine_2023", MANY_EXITS),
    "norm.recurrence": ("bridge_repeatable_opaque", {"bridge.close_above": 0.6}),
}
"""Parameters that need their mechanism switched on to be seen."""

UNCERTAIN = [record for record in records().values() if record.role in ("uncertain", "given")]


def others(parameter: Parameter, now: object) -> list[float | str]:
    """Values to try instead of the present one: the null first, then the ends."""
    tried = [parameter.null, *(parameter.choices or (parameter.low, parameter.high))]
    return [value for value in tried if value is not None and value != now]


def test_homes_are_needed_for_parameters_that_exist() -> None:
    assert set(HOMES) <= {record.name for record in UNCERTAIN}


@pytest.mark.parametrize("parameter", UNCERTAIN, ids=lambda parameter: parameter.name)
def test_a_parameter_moves_something_somewhere(parameter: Parameter, vary, run_of) -> None:
    places = (HOMES[parameter.name],) if parameter.name in HOMES else PLACES
    for name, setting in places:
        scenario = vary(name, 240, **setting) if parameter.name in HOMES else vary(name, MONTHS, **setting)
        for seed, value in product(range(1, 4), others(parameter, scenario.values[parameter.name])):
            varied = varied_scenario(scenario, {parameter.name: value})  # its regime may be off there
            if run_of(varied, seed).digest() != run_of(scenario, seed).digest():
                return
    pytest.fail(f"{parameter.name} is dead: it moves no column of any scenario tried")
