"""Every explanation of the Mesa model is what the rules say: terms, probability, and the reason for no decision."""

import datetime
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from normsim.engine.columns import BOUND, LEAVING
from normsim.engine.explanations import Explanation
from normsim.engine.narrative import CHOICE_NAMES, HAZARDS, REASONS, TERMS
from normsim.model import NormModel
from normsim.rules import acquire, claim, condemn, join, renounce, transfer, use, vote, withdraw
from normsim.rules.link_functions import hazard, logit
from normsim.scenario import load_scenario
from normsim.world.arsenal import IMPORTED
from tests.stepping import BUSY, MONTHS, stepped


@pytest.fixture(scope="module")
def walked() -> NormModel:
    """A model stepped to its horizon; not to be changed."""
    return stepped()


def explained(choice: str) -> list[Explanation]:
    """Explanations with terms of a choice, from a month in which it was weighed."""
    scenario = load_scenario("ccw_consensus" if choice == "vote" else BUSY).with_months(MONTHS)
    model = NormModel(scenario, rng=1)
    for _ in range(MONTHS):
        model.step()
        if (model.weighed["choice"] == CHOICE_NAMES[choice]).any():
            break
    found = [one for state in model.states for one in state.explain(choice)]
    assert {one.month for one in found} == {model.last_month}
    return found


@pytest.mark.parametrize("choice", CHOICE_NAMES)
def test_terms_sum_and_link_to_the_very_probability(choice: str) -> None:
    number = CHOICE_NAMES[choice]
    found = explained(choice)
    weighed = [one for one in found if one.terms]
    assert weighed
    for one in weighed:
        assert tuple(one.terms) == TERMS[number]
        assert one.link == ("log hazard" if number in HAZARDS else "logit")
        values = tuple(one.terms.values())
        linked = hazard(values) if number in HAZARDS else logit(values)
        if choice == "condemn":  # what is not seen is not condemned
            assert 0.0 < one.probability <= linked
        else:
            assert one.probability == linked
        assert 0.0 <= one.draw < 1.0
        if not one.note:
            assert one.happened == (one.draw < one.probability)
        assert bool(one.target) == (choice in ("transfer", "condemn"))
        assert f"{one.probability:.3f}" in repr(one)


@pytest.mark.parametrize("choice", CHOICE_NAMES)
def test_terms_are_also_right_in_plain_python(choice: str) -> None:
    """The links by hand, within the last bits that another compiler may differ in."""
    number = CHOICE_NAMES[choice]
    for one in explained(choice)[:50]:
        if one.terms and choice != "condemn":
            total = sum(one.terms.values())
            by_hand = -math.expm1(-math.exp(total)) if number in HAZARDS else 1.0 / (1.0 + math.exp(-total))
            assert one.probability == pytest.approx(by_hand, rel=1e-12)


def test_the_probability_of_a_condemnation_is_the_share_seen_times_the_link() -> None:
    model = stepped(months=1)
    seen = {state.iso3: state.act_seen for state in model.states}
    for one in (one for state in model.states for one in state.explain("condemn") if one.terms):
        assert one.probability == seen[one.target] * logit(tuple(one.terms.values()))


@pytest.mark.parametrize(
    ("choice", "iso3", "target", "reason"),
    [
        ("acquire", "NOR", None, "bound by the convention"),
        ("use", "NOR", None, "not at war"),
        ("use", "BRA", None, "not at war"),
        ("transfer", "NOR", None, "the supplier is bound by the convention"),
        ("transfer", "NOR", "UKR", "the recipient neither fights short of cluster munitions nor wants to buy"),
        ("transfer", "USA", "NOR", "the recipient neither fights short of cluster munitions nor wants to buy"),
        ("renounce", "NOR", None, "already bound by the convention"),
        ("join", "NOR", None, "already bound"),
        ("withdraw", "USA", None, "not a party"),
        ("vote", "USA", None, "nothing is on the table this month"),
    ],
)
def test_who_does_not_decide_says_why(
    choice: str, iso3: str, target: str | None, reason: str, walked: NormModel
) -> None:
    (one,) = walked.state(iso3).explain(choice, target)
    assert one.terms == {}
    assert one.probability == 0.0
    assert math.isnan(one.draw)
    assert reason in one.note or one.note in reason
    assert one.note in REASONS[CHOICE_NAMES[choice]]
    assert one.note in repr(one)


class Case(NamedTuple):
    """A month made so that a state cannot decide.

    Attributes:
        choice: the choice.
        reason: the reason to expect.
        state: iso3 of the state that is asked.
        target: iso3 of the other state.
        states: columns to set before the month, by state.
        ties: columns to set of the tie from the state to the target.
        system: columns to set of the system.
        values: parameters of the scenario.
    """

    choice: str
    reason: str
    state: str
    target: str | None = None
    states: Mapping[str, Mapping[str, float]] = {}
    ties: Mapping[str, float] = {}
    system: Mapping[str, float] = {}
    values: Mapping[str, Any] = {}


CASES = (
    Case("acquire", "bound by the convention", "NOR"),
    Case("acquire", "renounced the weapon", "BRA", states={"BRA": {"renounced": 1}}),
    Case("acquire", "already waiting for a supplier", "AGO", states={"AGO": {"wanting": 9, "producer": 0}}),
    Case("use", "not at war", "BRA"),
    Case("use", "holds no cluster munitions", "MLI"),
    Case("use", "renounced the weapon", "UKR", states={"UKR": {"renounced": 1}}),
    Case(
        "use",
        "pledged to stop while ordinary rounds suffice",
        "UKR",
        states={"UKR": {"received": 10, "conventional": 1.0}},
        values={"pledge.stop": True, "pledge.level": 1.0},
    ),
    Case("transfer", "the recipient neither fights short of cluster munitions nor wants to buy", "USA", "NOR"),
    Case("transfer", "the supplier holds no cluster munitions", "USA", "UKR", states={"USA": {"rounds": 0}}),
    Case("transfer", "the supplier is bound by the convention", "USA", "UKR", states={"USA": {"in_force": 1}}),
    Case("transfer", "the supplier renounced the weapon", "USA", "UKR", states={"USA": {"renounced": 1}}),
    Case("transfer", "the recipient is bound by the convention", "USA", "UKR", states={"UKR": {"in_force": 1}}),
    Case("transfer", "the recipient renounced the weapon", "USA", "UKR", states={"UKR": {"renounced": 1}}),
    Case("transfer", "the recipient is cut off", "USA", "UKR", ties={"cut_off": 5}),
    Case(
        "transfer",
        "the supplier neither makes its stock nor inherited it",
        "USA",
        "UKR",
        states={"USA": {"producer": 0, "origin": IMPORTED}},
    ),
    Case("transfer", "no defence pact and no arms trade with the recipient", "TUV", "UKR"),
    Case("renounce", "already bound by the convention", "NOR"),
    Case("renounce", "already renounced", "BRA", states={"BRA": {"renounced": 1}}),
    Case("renounce", "would never renounce", "BRA", states={"BRA": {"immovable": 1}}),
    Case("renounce", "neither holds nor produces the weapon", "TUV"),
    Case("join", "already bound", "NOR"),
    Case("join", "would never join", "BRA", states={"BRA": {"immovable": 1}}),
    Case("join", "the convention is not yet open", "BRA", system={"months_open": -5}),
    Case("withdraw", "not a party", "USA"),
    Case("withdraw", "notice already given", "NOR", states={"NOR": {"status": LEAVING, "notice_left": 4}}),
    Case("claim", "no scenario rule allows a claim", "USA"),
    *(
        Case("claim", reason, iso3, states={iso3: columns}, values={"bridge.on": True, "bridge.episodes": 2})
        for reason, iso3, columns in (
            ("does not produce cluster munitions", "NOR", {}),
            ("holds no cluster munitions", "USA", {"rounds": 0}),
            ("at war itself", "RUS", {}),
            ("bound by the convention", "USA", {"status": BOUND}),
            ("renounced the weapon", "USA", {"renounced": 1}),
            ("has claimed the exception as often as allowed", "USA", {"episodes": 2}),
            ("its exception is already open", "USA", {"bridge": 1}),
        )
    ),
    Case(
        "claim",
        "no partner at war is short of ordinary rounds",
        "USA",
        values={"bridge.on": True, "supply.ask_above": 1.0},
    ),
    Case("vote", "not a party to the CCW", "TUV"),
    Case("vote", "nothing is on the table this month", "USA"),
    Case("condemn", "no visible act to speak about", "NOR", "TUV"),
    Case(
        "condemn",
        "it does not look to the state that acted",
        "TUV",
        "RUS",
        values={"condemn.reach": "onlookers", "use.intercept": 1.0},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.choice}-{case.reason.replace(' ', '_')}")
def test_every_reason_is_given_where_it_holds(case: Case) -> None:
    model = NormModel(load_scenario("baseline").with_values(case.values), rng=1)
    for iso3, columns in case.states.items():
        for name, value in columns.items():
            setattr(model.state(iso3), name, value)
    simulation = model.simulation
    if case.ties:
        ends = [simulation.world.index(iso3) for iso3 in (case.state, case.target or "")]
        (tie,) = np.flatnonzero((simulation.ties["supplier"] == ends[0]) & (simulation.ties["recipient"] == ends[1]))
        for name, value in case.ties.items():
            simulation.ties[name][tie] = value
    for name, value in case.system.items():
        simulation.system[name] = value
    model.step()
    (one,) = model.state(case.state).explain(case.choice, case.target)
    assert one.note == case.reason
    assert one.terms == {}


def test_every_reason_has_a_case() -> None:
    possible = {(choice, reason) for choice, number in CHOICE_NAMES.items() for reason in REASONS[number][1:]}
    assert {(case.choice, case.reason) for case in CASES} == possible


def reasons_of_rules(model: NormModel, before: np.ndarray, system: np.ndarray) -> dict[str, np.ndarray]:
    """Reasons by choice as the rules give them from the columns; -1 where a column changed within the month.

    Args:
        model: a model after a month.
        before: its states before that month.
        system: its system before that month.
    """
    after, p, now = model.simulation.states, model.simulation.p, system[0]
    month, calendar = int(now["month"]), int(now["calendar"])
    tabled = 1 if vote.tabled(p, month, calendar, int(now["tier"])) else 0
    months_open = int(now["months_open"])
    read: dict[str, tuple[tuple[str, ...], Callable[[Any], int]]] = {
        "acquire": (
            ("in_force", "renounced", "producer"),
            lambda s: acquire.ineligible(s["in_force"], s["renounced"], s["wanting"] > 0 and not s["producer"]),
        ),
        "use": (
            ("intensity", "rounds", "renounced", "received"),
            lambda s: use.ineligible(
                p, s["intensity"], s["rounds"], s["renounced"], s["received"] > 0, 1.0 - s["conventional"]
            ),
        ),
        "renounce": (
            ("status", "renounced", "rounds"),
            lambda s: renounce.ineligible(
                s["status"] >= BOUND, s["renounced"], s["immovable"], s["rounds"] > 0, s["producer"]
            ),
        ),
        "join": (("status",), lambda s: join.ineligible(s["status"] >= BOUND, s["immovable"], months_open)),
        "withdraw": (("status", "renounced"), lambda s: withdraw.ineligible(s["status"], s["renounced"])),
        "vote": ((), lambda s: vote.ineligible(s["ccw"], tabled)),
    }
    found = {}
    for choice, (columns, rule) in read.items():
        same = np.all([before[name] == after[name] for name in columns], axis=0) if columns else np.ones(len(after))
        if choice == "acquire":  # a wish to buy that is a month older and nothing else
            same &= after["wanting"] == np.maximum(before["wanting"] - 1, 0)
        found[choice] = np.array([rule(row) if kept else -1 for row, kept in zip(after, same, strict=True)])
    shortage = model.simulation.work["partner_short"]
    found["claim"] = np.array(
        [
            claim.OPEN_NOW
            if old["bridge"]
            else claim.ineligible(
                p,
                old["producer"],
                old["rounds"],
                new["intensity"],
                old["status"] >= BOUND,
                old["renounced"],
                short,
                old["episodes"],
            )
            for old, new, short in zip(before, after, shortage, strict=True)
        ]
    )
    return found


@pytest.mark.parametrize("name", ["ukraine_2023", "ccw_consensus", "history_2008"])
def test_what_is_explained_is_what_the_rules_say(name: str) -> None:
    """For every state and choice: the recorded reason is that of the rule, recomputed from unchanged columns."""
    model = stepped(name, months=0, horizon=MONTHS)
    compared: Counter[str] = Counter()
    for _ in range(8):
        before, system = model.simulation.states.copy(), model.simulation.system.copy()
        model.step()
        for choice, reasons in reasons_of_rules(model, before, system).items():
            for state in model.states:
                reason = reasons[state.place]
                (one,) = state.explain(choice)
                if reason >= 0:
                    compared[choice] += 1
                    ordered = one.note.startswith(("ordered", "forbidden"))
                    assert ordered or one.note == (REASONS[CHOICE_NAMES[choice]][reason] if reason else "")
                    assert bool(one.terms) == (ordered or not reason)
    assert set(compared) == set(CHOICE_NAMES) - {"transfer", "condemn"}
    assert min(compared.values()) > 0.9 * 8 * len(model.states)


def test_what_is_explained_of_pairs_is_what_the_rules_say() -> None:
    model = stepped(months=5, horizon=MONTHS)
    before, ties_before = model.simulation.states.copy(), model.simulation.ties.copy()
    model.step()
    after, ties, world = model.simulation.states, model.simulation.ties, model.simulation.world
    kept = np.all([before[name] == after[name] for name in ("in_force", "renounced", "rounds", "intensity")], axis=0)
    kept &= (before["wanting"] == 0) & (after["wanting"] == 0)
    states = sorted(model.states, key=lambda state: state.place)
    weighed = 0
    for tie, old in zip(ties, ties_before, strict=True):
        i, j = int(tie["supplier"]), int(tie["recipient"])
        if not (kept[i] and kept[j]) or tie["cut_off"] or old["cut_off"]:
            continue
        me, them = before[i], before[j]
        bars = (me["in_force"], me["renounced"], them["in_force"], them["renounced"], me["rounds"])
        wanted = transfer.is_wanted(
            model.simulation.p, them["intensity"], them["rounds"], them["scale"], them["wanting"]
        )
        reason = transfer.ineligible(*bars, 0, wanted, transfer.may_give(me["producer"], me["origin"]))
        (one,) = states[i].explain("transfer", world.iso3[j])
        weighed += not reason
        assert one.note == (transfer.REASONS[reason] if reason else "") or one.note.startswith(("ordered", "forbidden"))
        assert reason or one.terms
    assert weighed > 10
    for state in states[:40]:
        for target in states:
            if target is not state:
                (one,) = state.explain("condemn", target.iso3)
                assert bool(one.terms) == (target.act > 0.0)
                assert one.terms or one.note == condemn.REASONS[condemn.NO_ACT]


def test_an_ordered_act_says_so() -> None:
    model = stepped(months=1)
    (one,) = model.state("USA").explain("transfer", "UKR")
    assert one.happened
    assert one.note == "ordered by the scenario"
    assert one.month == datetime.date(2023, 7, 1)
    assert one.target == "UKR"


def test_a_forbidden_act_says_so() -> None:
    model = stepped("no_transfer_2023", months=1)
    (one,) = model.state("USA").explain("transfer", "UKR")
    assert not one.happened
    assert one.note == "forbidden by the scenario"


def test_an_unknown_choice_is_refused_with_a_suggestion(walked: NormModel) -> None:
    with pytest.raises(ValueError, match=r"no choice 'trasfer'; did you mean 'transfer'\?"):
        walked.state("USA").explain("trasfer")


def test_nothing_can_be_explained_before_the_first_month() -> None:
    with pytest.raises(ValueError, match="run a month first"):
        NormModel(BUSY, rng=1).state("USA").explain("use")


def test_an_unknown_state_is_refused_with_a_suggestion(walked: NormModel) -> None:
    with pytest.raises(ValueError, match="did you mean"):
        walked.state("UKRAIN")
    with pytest.raises(ValueError, match="did you mean"):
        walked.state("USA").explain("transfer", "UKP")
