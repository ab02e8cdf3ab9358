"""A tiny world worked by hand: its first months, as numbers with their arithmetic."""

import datetime

import numpy as np
import pytest

from normsim.engine.streams import stream
from normsim.rules import condemn, join, renounce, transfer, use, withdraw
from normsim.scenario.scenario import Event
from tests.five_states import LISTENS, NEVER, START, V0, A, B, C, D, E, check, felt, five, seen

MONTHS: dict[str, float] = {
    "supply__share_legacy": 1.0,
    "supply__share_improved": 0.0,
    "transfer__rounds": 100.0,
    "condemn__lesser": 0.5,
    "norm__imitate": 0.1,
    "norm__anchor": 0.05,
    "norm__internalise": 0.02,
    "norm__answered": 0.6,
    "norm__unanswered": 1.2,
    "norm__enough": 3.125 / 9.1,
    "norm__silence": 0.3,
    "norm__institution": 0.25,
}
JULY = datetime.date(2023, 7, 1)
SENT = (
    Event(JULY, "AAA", "transfer", "DDD"),
    Event(JULY, "DDD", "war"),
    Event(JULY, "BBB", "condemn", "AAA"),
    Event(JULY, "EEE", "condemn", "AAA"),
)
"""A sends munitions to D, which is at war; B and E object, 3.125 of 9.1 of all standing: half an answer."""


def after_the_first_month() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Validity, felt norm and expected approval once the month before the start has been seen.

    Nothing was answered then: loss of 1.2 times the violations seen. What is remembered and expected stays as it was.
    """
    violations = START["violated"] / 4.0
    approval = seen([0.4, 1.0, 0.4, 1.0, 1.0])
    before = felt(V0, np.zeros(5), START["violated"], approval)
    v1 = V0 + 0.1 * (seen(V0.tolist()) - V0) + 0.02 * (before - V0) - LISTENS * 1.2 * violations * V0 * (1.0 - V0)
    return v1, felt(v1, np.zeros(5), START["violated"], approval), approval


def test_two_months_by_hand() -> None:
    simulation = five(
        months=4,
        events=SENT,
        conflict__threat_rate=0.5,
        harm__clearance=10.0,
        **MONTHS,
    )
    simulation.advance(1)
    v1, felt1, approval = after_the_first_month()
    # e.g. D: of validity it sees 0.8 (8 * 0.5 + 5 * 0.9) / 13 and, as news, 0.2 * 6.52 / 9.1
    assert seen(V0.tolist())[D] == pytest.approx(0.8 * 8.5 / 13 + 0.2 * 6.52 / 9.1, rel=1e-12)
    check(simulation, "validity", v1.tolist())
    check(simulation, "felt", felt1.tolist())
    check(simulation, "violated", START["violated"].tolist())
    check(simulation, "complied", [0.0] * 5)
    check(simulation, "approval", approval.tolist())
    check(simulation, "baseline", seen([0.0, 0.0, 0.8, 0.0, 0.0]).tolist())
    check(simulation, "act", [0.4, 0.0, 0.0, 0.0, 0.0])  # half as grave as use, four fifths seen
    check(simulation, "answered", [0.5, 0.0, 0.0, 0.0, 0.0])
    check(simulation, "critics", [2, 0, 0, 0, 0])
    check(simulation, "passed", [0.0, 0.0, 1.0, 1.0, 0.0])  # C and D hold, are at war and do not fire
    check(simulation, "habit", [0.0, 0.0, 0.2, 0.0, 0.0])  # 0.25 * (1 - 0.2)
    check(simulation, "intensity", [0.0, 0.5, 1.0, 1.0, 0.0])
    check(simulation, "threat", [0.2, 0.65, 0.5, 0.35, 0.2])  # D half of the way from 0.2 to 0.2 + 0.3
    # stock + output up to 1, less 0.16 intensity^2: B 0.8 + 0.04 - 0.04, C 0.6 + 0.1 - 0.16, D 1 - 0.16
    check(simulation, "conventional", [1.0, 0.8, 0.54, 0.84, 1.0])
    check(simulation, "contamination", [0.0, 290.0, 0.0, 0.0, 0.0])  # 300 - 10
    # A sends 100 rounds times its scale of 4
    check(simulation, "rounds", [3600, 0, 1000, 400, 0])
    check(simulation, "received", [0, 0, 0, 400, 0])
    check(simulation, "supplied", [0, 0, 0, 1, 0])
    assert simulation.ties["since"].tolist() == [NEVER, NEVER, NEVER, 0, NEVER]
    check(simulation, "force_in", [0, 0, 0, 0, 3])
    check(simulation, "bound_for", [0, 13, 0, 0, 4])

    simulation.advance(1)
    # A's violation of 2.8 * 0.4 is seen, half of it answered; C and D are seen to comply, by their standing
    violations, answered = seen([1.12, 0.0, 0.0, 0.0, 0.0]), seen([0.56, 0.0, 0.0, 0.0, 0.0])
    effect = 0.6 * answered - 1.2 * (violations - answered)
    v2 = v1 + 0.1 * (seen(v1.tolist()) - v1) + 0.05 * (V0 - v1) + 0.02 * (felt1 - v1)
    v2 += LISTENS * effect * v1 * (1.0 - v1)
    complied, violated = seen([0.0, 0.0, 1.375, 1.8, 0.0]), 0.75 * START["violated"] + violations
    # C and D kept silent: 0.7 of what their votes say; A has nobody's act to speak about
    approval = approval + 0.25 * (seen([0.4, 1.0, 0.28, 0.7, 1.0]) - approval)
    check(simulation, "validity", v2.tolist())
    check(simulation, "complied", complied.tolist())
    check(simulation, "violated", violated.tolist())
    check(simulation, "conduct", ((0.5 + complied) / (1.0 + complied + violated)).tolist())
    check(simulation, "approval", approval.tolist())
    check(simulation, "felt", felt(v2, complied, violated, approval).tolist())
    was, now = seen([0.0, 0.0, 0.8, 0.0, 0.0]), seen([0.4, 0.0, 0.0, 0.0, 0.0])
    check(simulation, "baseline", (0.75 * was + 0.25 * now).tolist())
    check(simulation, "scope", [0.8] * 5)
    check(simulation, "habit", [0.0, 0.0, 0.16, 0.0, 0.0])
    check(simulation, "threat", [0.2, 0.65, 0.5, 0.425, 0.2])
    check(simulation, "conventional", [1.0, 0.8, 0.48, 0.7, 1.0])  # D 0.84 + 0.02 - 0.16
    check(simulation, "contamination", [0.0, 280.0, 0.0, 0.0, 0.0])
    check(simulation, "rounds", [3600, 0, 1000, 400, 0])
    assert simulation.ties["since"].tolist() == [NEVER, NEVER, NEVER, 1, NEVER]
    simulation.advance(1)
    check(simulation, "in_force", [0, 1, 0, 0, 0])  # July to September
    simulation.advance(1)
    check(simulation, "in_force", [0, 1, 0, 0, 1])  # October, the third month after July


def test_an_exception_by_hand() -> None:
    """The same transfer under a bridge: 0.3 + 0.7 * 0.5 of it seen; the standard is 0.4 clear, half of it public."""
    events = (*SENT, Event(JULY, "AAA", "open_bridge"), Event(JULY, "AAA", "close_bridge", forbid=True))
    simulation = five(
        events=events,
        bridge__on=1,
        bridge__transparency=0.5,
        bridge__clear_standard=0.4,
        norm__visibility_floor=0.3,
        norm__scope_erode=0.5,
        norm__spill=0.2,
        norm__dispute_months=10,
        claim__half_life=36.0,
        **MONTHS,
    )
    simulation.advance(1)
    v1, felt1, approval = after_the_first_month()
    check(simulation, "validity", v1.tolist())
    check(simulation, "act", [0.325, 0.0, 0.0, 0.0, 0.0])  # half as grave as use, 0.65 seen
    check(simulation, "act_exception", [1, 0, 0, 0, 0])
    check(simulation, "opened", [1, 0, 0, 0, 0])
    check(simulation, "answered", [0.5, 0.0, 0.0, 0.0, 0.0])

    simulation.advance(1)
    excepted = seen([0.91, 0.0, 0.0, 0.0, 0.0])  # 2.8 * 0.325
    # the claim: 2.8 * 0.65, half of it unanswered, is 0.91 too; all grant 0.8 of the norm's cost inside the exception
    violations, answered = 0.8 * excepted, 0.4 * excepted
    v2 = v1 + 0.1 * (seen(v1.tolist()) - v1) + 0.05 * (V0 - v1) + 0.02 * (felt1 - v1)
    v2 += LISTENS * (0.6 * answered - 1.2 * (violations - answered)) * v1 * (1.0 - v1)
    v2 -= 0.2 * 0.1 * excepted * v1
    check(simulation, "disputes", (0.1 * excepted).tolist())
    check(simulation, "precedent", excepted.tolist())
    check(simulation, "scope", (0.8 - 0.5 * 0.5 * excepted * 0.8 * 0.8).tolist())  # half unanswered, 0.8 unclear
    check(simulation, "validity", v2.tolist())
    complied, violated = seen([0.0, 0.0, 1.375, 1.8, 0.0]), 0.75 * START["violated"] + violations
    approval = approval + 0.25 * (seen([0.3, 1.0, 0.28, 0.7, 1.0]) - approval)  # A claims an exception: 0.4 * 0.75
    check(simulation, "approval", approval.tolist())
    check(simulation, "felt", felt(v2, complied, violated, approval).tolist())


# ---------------------------------------------------------------- dated events that cannot happen


def test_events_that_cannot_happen_by_hand() -> None:
    """In July and August; B and E are parties, E looks to nobody and is seen by nobody."""
    august, september = datetime.date(2023, 8, 28), datetime.date(2023, 9, 1)
    expected: list[tuple[Event, str]] = [  # why it could not happen; done where empty
        (Event(JULY, "EEE", "use", until=august), use.REASONS[use.NO_ROUNDS]),
        (Event(JULY, "CCC", "use"), ""),
        (Event(JULY, "BBB", "transfer", "DDD"), transfer.REASONS[transfer.NO_ROUNDS]),
        (Event(JULY, "AAA", "transfer", "DDD"), ""),
        (Event(september, "BBB", "transfer", "DDD"), ""),  # not yet
        (Event(JULY, "BBB", "renounce", until=august), "already bound by the convention"),
        (Event(JULY, "CCC", "renounce"), ""),
        (Event(JULY, "EEE", "join"), "already bound"),
        (Event(JULY, "DDD", "join"), ""),
        (Event(JULY, "AAA", "withdraw"), "not a party"),
        (Event(JULY, "BBB", "withdraw"), ""),
        (Event(JULY, "AAA", "condemn", "CCC"), ""),
        (Event(JULY, "BBB", "condemn", "AAA"), ""),
        (Event(JULY, "EEE", "condemn", "AAA"), condemn.REASONS[condemn.NOT_ASKED]),
        (Event(JULY, "BBB", "condemn", "EEE"), condemn.REASONS[condemn.NO_ACT]),
        (Event(JULY, "EEE", "condemn", "BBB", forbid=True), ""),  # to forbid is always possible
        (Event(JULY, "AAA", "open_bridge"), ""),
        (Event(JULY, "AAA", "close_bridge"), "?"),  # the other order wins
        (Event(JULY, "BBB", "close_bridge"), ""),
        (Event(JULY, "EEE", "war"), ""),
        (Event(JULY, "EEE", "peace"), "?"),
        (Event(JULY, "BBB", "peace"), ""),
    ]
    reasons = {
        "use": use.REASONS,
        "transfer": transfer.REASONS,
        "renounce": renounce.REASONS,
        "join": join.REASONS,
        "withdraw": withdraw.REASONS,
        "condemn": condemn.REASONS,
    }
    simulation = five(events=tuple(event for event, _ in expected), bridge__on=1, condemn__reach="onlookers", **MONTHS)
    simulation.advance(2)
    lasting = (0,)  # an act that is done once is looked at in its first month only
    for place, (event, why) in enumerate(expected):
        order = simulation.orders[place]
        assert order["missed"] == (2 if place in lasting else 1 if why else 0), event
        if why:
            assert order["missed_first"] == 0
            assert (order["missed_why"] == 0) == (why == "?"), event
        if why and why != "?":
            assert reasons[event.action][order["missed_why"]] == why
    assert simulation.measured["events_not_done"].tolist() == [sum(bool(why) for _, why in expected), 1.0]


def test_a_single_forced_transfer_goes_also_to_a_state_that_wants_none() -> None:
    simulation = five(events=(Event(JULY, "AAA", "transfer", "DDD"),), **MONTHS)
    simulation.advance(1)
    check(simulation, "rounds", [3600, 0, 1000, 400, 0])
    assert simulation.measured["events_not_done"][0] == 0.0


# ---------------------------------------------------------------- a committed minority


@pytest.mark.parametrize(
    ("who", "share", "committed"),
    [
        ("random", 0.0, []),
        ("random", 1.0, [A, B, C, D, E]),
        ("most_watched", 0.2, [B]),  # 6/7 + 5/9 + 5/13 = 1.80
        ("most_watched", 0.4, [A, B]),  # 0.64 + 4/9 + 8/13 = 1.70
        ("most_watched", 0.6, [A, B, E]),  # E looks to itself: 1; C 0.34, D 0.16
        ("region", 0.6, [A, B, C]),  # the North is larger
    ],
)
def test_committed_states_by_hand(who: str, share: float, committed: list[int]) -> None:
    simulation = five(committed__who=who, committed__share=share, committed__validity=0.35)  # type: ignore[arg-type]
    chosen = np.isin(range(5), committed)
    check(simulation, "validity", np.where(chosen, 0.35, V0).tolist())
    check(simulation, "anchor", np.where(chosen, 0.35, V0).tolist())
    check(simulation, "susceptibility", np.where(chosen, 0.0, LISTENS).tolist())
    check(simulation, "stance", np.where(chosen, 1, [1, 0, 1, 0, 0]).tolist())  # 0.3 <= 0.35 < 0.6: abstains
    check(simulation, "immovable", [1, 0, 1, 0, 0])  # as it would vote by its arsenal


def test_stance_changes_in_december_only() -> None:
    """From July: 0.35 is felt at once, and voted on with the sixth month."""
    simulation = five(months=8)
    simulation.states["validity"] = simulation.states["anchor"] = 0.35
    simulation.states["susceptibility"] = 0.0
    for month in range(6):
        check(simulation, "stance", [1, 0, 1, 0, 0])
        assert simulation.system["calendar"][0] == 7 + month
        simulation.advance(1)
    check(simulation, "felt", [0.35] * 5)
    check(simulation, "stance", [1] * 5)
    check(simulation, "voted", [1, 1, 1, 1, 0])  # E has a position and no vote
    assert simulation.measured["votes_yes"].tolist()[:6] == [2.0] * 5 + [0.0]
    assert simulation.measured["votes_abstain"].tolist()[:6] == [2.0] * 5 + [4.0]
    assert simulation.measured["agreement"][5] == pytest.approx(0.4, rel=1e-12)


def test_who_is_absent_keeps_its_position_and_casts_no_vote() -> None:
    """Absence 0.3: a state whose number of December is below it shows and counts what it did before."""
    simulation = five(months=18, norm__absence=0.3)
    away = stream(0, "absence").random(5) < 0.3
    check(simulation, "voted", (~away & (np.arange(5) != E)).astype(int).tolist())
    simulation.states["validity"] = simulation.states["anchor"] = 0.35
    simulation.states["susceptibility"] = 0.0
    simulation.advance(18)
    numbers = stream(0, "resolution").random((18, 5))
    stance = np.array([1, 0, 1, 0, 0])
    for december in (5, 17):
        away = numbers[december] < 0.3
        stance = np.where(away, stance, 1)
        assert simulation.measured["votes_abstain"][december] == np.sum(~away[:E] & (stance[:E] == 1))
        assert simulation.measured["votes_yes"][december] == 0.0
        assert simulation.measured["agreement"][december] == pytest.approx(np.mean(np.where(stance, 0.4, 1.0)))
    check(simulation, "stance", stance.tolist())
    check(simulation, "voted", (~away & (np.arange(5) != E)).astype(int).tolist())
