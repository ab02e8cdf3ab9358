"""Harm: duds, clearance, casualties, what is recorded, against tables worked out by hand."""

import math

import pytest

from normsim.rules import harm
from tests.worlds import both, record


@pytest.mark.parametrize(("munition", "want"), [(0, 0.05), (1, 0.02), (2, 0.01)])
def test_claimed_rate_of_each_class(munition: int, want: float) -> None:
    p = record({"harm.claimed_legacy": 0.05, "harm.claimed_improved": 0.02, "harm.claimed_low": 0.01})
    assert both(harm.claimed_rate, p, munition) == want


@pytest.mark.parametrize(
    ("gap", "claimed", "want"),
    [
        (0.0, 0.05, 0.05),
        (math.log(2.0), 0.2, 1.0 / 3.0),  # odds 1/4 doubled to 1/2
        (math.log(3.0), 0.5, 0.75),
        (math.log(2.0), 0.01, 2.0 / 101.0),
        (1.0, 1.0, 1.0),
    ],
)
def test_field_rate(gap: float, claimed: float, want: float) -> None:
    assert both(harm.field_rate, record({"harm.gap": gap}), claimed) == pytest.approx(want, rel=1e-12)


def test_default_gap_is_the_recorded_one() -> None:
    assert both(harm.field_rate, record({"harm.gap": 1.6}), 0.0235) == pytest.approx(0.11, abs=0.01)


@pytest.mark.parametrize(
    ("rounds", "rate", "want"), [(100, 0.05, 360.0), (0, 0.05, 0.0), (100, 0.0, 0.0), (1, 1.0, 72.0)]
)
def test_duds(rounds: int, rate: float, want: float) -> None:
    assert both(harm.duds, record({"harm.submunitions": 72.0}), rounds, rate) == pytest.approx(want)


@pytest.mark.parametrize(
    ("contamination", "programme", "want"),
    [
        (1000.0, 1.0, 50.0),
        (1000.0, 0.0, 0.0),
        (1000.0, 2.0, 100.0),
        (40.0, 1.0, 40.0),  # not more than there is
        (0.0, 1.0, 0.0),
    ],
)
def test_cleared(contamination: float, programme: float, want: float) -> None:
    p = record({"harm.clearance": 50.0})
    assert both(harm.cleared, p, contamination, programme) == pytest.approx(want)


def test_nothing_is_cleared_at_null() -> None:
    assert both(harm.cleared, record(), 1000.0, 1.0) == 0.0


@pytest.mark.parametrize(
    ("dispersion", "draw", "want"),
    [
        (0.0, 0.99, 1.0),
        (0.25, 0.5, math.sin(math.pi / 4) / (math.pi / 4)),
        (0.25, 16.0 / 17.0, 2.0 * math.sin(math.pi / 4) / (math.pi / 4)),  # odds 16, fourth root 2
        (0.4, 0.5, math.sin(0.4 * math.pi) / (0.4 * math.pi)),
    ],
)
def test_heavy_tail(dispersion: float, draw: float, want: float) -> None:
    assert both(harm.heavy_tail, record({"harm.dispersion": dispersion}), draw) == pytest.approx(want, rel=1e-12)


def test_heavy_tail_is_finite_at_both_ends() -> None:
    p = record({"harm.dispersion": 0.45})
    assert 0.0 < both(harm.heavy_tail, p, 0.0) < both(harm.heavy_tail, p, 1.0) < 1e5


@pytest.mark.parametrize(
    ("values", "rounds", "strictness", "want"),
    [
        ({}, 1000, 0.0, 20.0),
        ({}, 0, 0.0, 0.0),
        ({"harm.care": 0.5}, 1000, 0.5, 15.0),
        ({"planning.realistic": 0.25}, 1000, 0.0, 15.0),
        ({"harm.learned_care": 0.5}, 1000, 0.0, 20.0),  # no cell, no lesson
        ({"harm.learned_care": 0.5, "tracking.casualties": 1.0}, 1000, 0.0, 10.0),
        ({"harm.care": 0.5, "planning.realistic": 0.5}, 1000, 1, 5.0),
        ({"harm.care": 1.0}, 1000, 1.0, 0.0),
        ({"harm.attack": 0.0}, 1000, 0.0, 0.0),
    ],
)
def test_attack_mean(values: dict[str, float], rounds: int, strictness: float, want: float) -> None:
    p = record({"harm.attack": 0.02} | values)
    assert both(harm.attack_mean, p, rounds, float(strictness)) == pytest.approx(want)


@pytest.mark.parametrize(
    ("rate", "education", "contamination", "want"),
    [(1e-5, 0.0, 5e5, 5.0), (1e-5, 0.4, 5e5, 3.0), (1e-5, 1.0, 5e5, 0.0), (0.0, 0.0, 5e5, 0.0), (1e-5, 0.0, 0.0, 0.0)],
)
def test_remnant_mean(rate: float, education: float, contamination: float, want: float) -> None:
    p = record({"harm.remnants": rate, "education.risk": education})
    assert both(harm.remnant_mean, p, contamination) == pytest.approx(want)


@pytest.mark.parametrize(
    ("mean", "draw", "want"),
    [
        (0.0, 0.999, 0),
        (-1.0, 0.999, 0),
        (1.0, 0.0, 0),
        (math.log(2.0), 0.5, 0),  # a tie: P(0) = .5
        (1.0, 0.36, 0),  # P(0) = .3679
        (1.0, 0.37, 1),
        (1.0, 0.73, 1),  # P(<= 1) = .7358
        (1.0, 0.74, 2),
        (1.0, 0.92, 3),  # P(<= 2) = .9197
        (2.0, 0.13, 0),  # P(0) = .1353
        (2.0, 0.5, 2),  # P(<= 1) = .4060, P(<= 2) = .6767
        (100.0, 0.5, 100),
        (400.0, 0.5, 400),  # beyond 100: a logistic around the mean
        (300.0, 0.75, 310),  # floor(300 + 10.49 + .5): spread sqrt(900) / pi = 9.549, times log 3 = 10.49
        (300.0, 0.25, 290),  # floor(300 - 10.49 + .5)
        (101.0, 0.0, 0),  # 101 - 5.541 * 27.6 < 0: never negative
    ],
)
def test_count(mean: float, draw: float, want: int) -> None:
    assert both(harm.count, mean, draw) == want


def test_count_ends() -> None:
    assert both(harm.count, 5.0, 1.0) < 60
    assert math.isfinite(both(harm.count, 1e6, 1.0))


TRACKING = {"harm.reporting": 0.5, "tracking.casualties": 0.5}


@pytest.mark.parametrize(
    ("values", "want"),
    [
        ({"harm.reporting": 0.5}, 50.0),
        (TRACKING, 75.0),  # of the unrecorded half, tracking finds half
        ({"harm.reporting": 0.5, "tracking.casualties": 1.0}, 100.0),
        ({"harm.reporting": 0.0}, 0.0),
        ({"harm.reporting": 1.0, "tracking.casualties": 1.0}, 100.0),
    ],
)
def test_recorded(values: dict[str, float], want: float) -> None:
    assert both(harm.recorded, record(values), 100.0) == pytest.approx(want)


@pytest.mark.parametrize(
    ("belief", "values", "want"),
    [
        (0.2, {"harm.reporting": 0.5}, 0.03),  # .02 + .2 * .5 * .1
        (0.2, TRACKING, 0.035),
        (0.2, {"harm.reporting": 0.0}, 0.02),
        (0.0, TRACKING, 0.02),
    ],
)
def test_belief(belief: float, values: dict[str, float], want: float) -> None:
    assert both(harm.belief_next, record(values | {"harm.belief": belief}), 0.02, 0.12) == pytest.approx(want)
