"""Initial conditions: votes, belief, thresholds, who is committed and what is inherited, against tables by hand."""

import pytest

from normsim.rules import initial
from normsim.rules.initial import ABSTAIN, NO, YES
from tests.worlds import both, record

VOTES = {"initial.vote_yes": 0.6, "initial.vote_no": 0.3}


@pytest.mark.parametrize(
    ("felt", "want"), [(1.0, YES), (0.6, YES), (0.59, ABSTAIN), (0.3, ABSTAIN), (0.29, NO), (0.0, NO)]
)
def test_stance(felt: float, want: int) -> None:
    assert both(initial.stance, record(VOTES), felt) == want


@pytest.mark.parametrize(
    ("outside", "holder", "producer", "against", "want"),
    [
        (0, 0, 0, 0, YES),
        (1, 0, 0, 0, YES),  # outside, but without the weapon
        (1, 1, 0, 0, ABSTAIN),
        (1, 0, 1, 0, ABSTAIN),
        (0, 1, 1, 0, YES),  # it has signed
        (1, 1, 1, 1, NO),
        (0, 0, 0, 1, NO),
    ],
)
def test_vote(outside: int, holder: int, producer: int, against: int, want: int) -> None:
    assert both(initial.vote, outside, holder, producer, against) == want


@pytest.mark.parametrize(
    ("absence", "draw", "want"), [(0.0, 0.0, False), (0.25, 0.24, True), (0.25, 0.25, False), (0.25, 0.99, False)]
)
def test_absence(absence: float, draw: float, want: bool) -> None:
    assert both(initial.is_absent, record({"norm.absence": absence}), draw) == want


LEVELS = {"initial.validity_yes": 0.8, "initial.validity_abstain": 0.4, "initial.validity_no": 0.1}


@pytest.mark.parametrize(
    ("spread", "vote", "noise", "want"),
    [
        (0.0, YES, 2.0, 0.8),
        (0.0, ABSTAIN, 2.0, 0.4),
        (0.0, NO, 2.0, 0.1),
        (0.1, YES, -1.0, 0.7),
        (0.2, YES, 3.0, 1.0),  # kept in range
        (0.2, NO, -3.0, 0.0),
    ],
)
def test_validity(spread: float, vote: int, noise: float, want: float) -> None:
    p = record(LEVELS | {"initial.validity_noise": spread})
    assert both(initial.validity, p, vote, noise) == pytest.approx(want)


@pytest.mark.parametrize(
    ("mean", "spread", "noise", "want"),
    [(0.6, 0.0, 3.0, 0.6), (0.6, 0.1, 1.0, 0.7), (0.6, 0.1, -2.0, 0.4), (0.6, 0.4, 2.0, 1.0), (0.6, 0.4, -2.0, 0.0)],
)
def test_threshold(mean: float, spread: float, noise: float, want: float) -> None:
    p = record({"norm.threshold": mean, "norm.spread": spread})
    assert both(initial.threshold, p, noise) == pytest.approx(want)


@pytest.mark.parametrize(
    ("weight", "holdout", "vote", "want"),
    [
        (0.5, 0.2, YES, 0.5),
        (0.5, 0.2, ABSTAIN, 0.1),
        (0.5, 0.2, NO, 0.1),
        (0.5, 1.0, NO, 0.5),  # holdouts listen as others do
        (0.5, 0.0, NO, 0.0),
        (0.0, 1.0, YES, 0.0),
    ],
)
def test_susceptibility(weight: float, holdout: float, vote: int, want: float) -> None:
    p = record({"norm.susceptibility": weight, "norm.holdout": holdout})
    assert both(initial.susceptibility, p, vote) == pytest.approx(want)


@pytest.mark.parametrize(
    ("share", "place", "want"), [(0.0, 0.0, False), (0.25, 0.0, True), (0.25, 0.25, False), (1.0, 0.999, True)]
)
def test_committed(share: float, place: float, want: bool) -> None:
    assert both(initial.is_committed, record({"committed.share": share}), place) == want


@pytest.mark.parametrize(
    ("share", "vote", "draw", "want"),
    [(1.0, YES, 0.0, False), (0.4, ABSTAIN, 0.3, True), (0.4, NO, 0.3, True), (0.4, ABSTAIN, 0.4, False)],
)
def test_immovable(share: float, vote: int, draw: float, want: bool) -> None:
    assert both(initial.is_immovable, record({"join.immovable": share}), vote, draw) == want


@pytest.mark.parametrize(("start", "floor", "want"), [(0.85, 0.0, 0.85), (0.85, 1.0, 1.0), (0.2, 0.3, 0.3)])
def test_scope(start: float, floor: float, want: float) -> None:
    assert both(initial.scope, record({"initial.scope": start}), floor) == want


def test_civil_society_is_half_democracy_half_belief() -> None:
    assert both(initial.civil_society, 0.8, 0.4) == pytest.approx(0.6)


@pytest.mark.parametrize(("recent", "intensity", "want"), [(1, 0.5, True), (1, 0.0, False), (0, 0.5, False)])
def test_recent_user(recent: int, intensity: float, want: bool) -> None:
    assert both(initial.is_recent_user, recent, intensity) == want


def test_what_a_recent_user_inherits() -> None:
    p = record({"initial.habit": 0.5, "norm.visibility": 0.8, "harm.legacy_duds": 100.0})
    assert (both(initial.habit, p, 1), both(initial.habit, p, 0)) == (0.5, 0.0)
    assert (both(initial.visible_use, p, 1), both(initial.visible_use, p, 0)) == (0.8, 0.0)
    assert both(initial.contamination, p, 3.0) == 300.0
