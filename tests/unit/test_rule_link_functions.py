"""Links: from terms to probabilities, and the small functions that rules share, against tables worked out by hand."""

import math

import pytest

from normsim.rules import link_functions
from tests.worlds import both


def test_terms_are_summed_from_first_to_last() -> None:
    """The order is part of the result's bits: 1e16 + 1 - 1e16 is 0, 1e16 - 1e16 + 1 is 1."""
    assert both(link_functions.logit, (1e16, 1.0, -1e16)) == 0.5
    assert both(link_functions.logit, (1e16, -1e16, 1.0)) == both(link_functions.logit, (1.0,)) != 0.5
    assert both(link_functions.hazard, (1e16, 1.0, -1e16)) == both(link_functions.hazard, (0.0,))


@pytest.mark.parametrize(
    ("terms", "want"),
    [
        ((0.0, 0.0), 0.5),
        ((math.log(3.0), 0.0), 0.75),
        ((-math.log(3.0), 0.0), 0.25),
        ((math.log(9.0), -math.log(9.0)), 0.5),
        ((1000.0, 0.0), 1.0),
        ((-700.0, 0.0), math.exp(-700.0)),
        ((-5000.0, 0.0), math.exp(-700.0)),  # the exponent is held at 700: no overflow
    ],
)
def test_logit(terms: tuple[float, float], want: float) -> None:
    assert both(link_functions.logit, terms) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(
    ("terms", "want"),
    [
        ((0.0, 0.0), 1.0 - math.exp(-1.0)),
        ((math.log(math.log(2.0)), 0.0), 0.5),
        ((math.log(1e-12), 0.0), 1e-12),  # expm1 keeps a rate this small
        ((-700.0, 0.0), math.exp(-700.0)),
        ((5.0, 0.0), 1.0),
        ((5000.0, 0.0), 1.0),
    ],
)
def test_hazard(terms: tuple[float, float], want: float) -> None:
    assert both(link_functions.hazard, terms) == pytest.approx(want, rel=1e-11)


@pytest.mark.parametrize(
    ("rate", "want"), [(1.0, 0.0), (math.e, 1.0), (0.01, -2.0 * math.log(10.0)), (0.0, -700.0), (-1.0, -700.0)]
)
def test_log_rate(rate: float, want: float) -> None:
    assert both(link_functions.log_rate, rate) == pytest.approx(want, rel=1e-15, abs=1e-15)


def test_a_rate_of_zero_switches_an_act_off() -> None:
    assert both(link_functions.hazard, (link_functions.log_rate(0.0), 5.0)) < 1e-300


@pytest.mark.parametrize(
    ("exposure", "half", "exponent", "want"),
    [
        (0.0, 0.1, 2.0, 0.0),
        (-0.5, 0.1, 2.0, 0.0),
        (0.1, 0.1, 2.0, 0.5),  # half the effect at half
        (0.1, 0.1, 4.0, 0.5),
        (0.3, 0.1, 1.0, 0.75),  # simple contagion: 3 / (3 + 1)
        (0.3, 0.1, 2.0, 0.9),  # complex contagion: 9 / (9 + 1)
        (0.05, 0.1, 2.0, 0.2),  # 1 / (1 + 4)
        (1.0, 1.0, 2.0, 0.5),
    ],
)
def test_hill(exposure: float, half: float, exponent: float, want: float) -> None:
    assert both(link_functions.hill, exposure, half, exponent) == pytest.approx(want, rel=1e-12)


def test_hill_of_an_exposure_that_underflows_is_none() -> None:
    assert both(link_functions.hill, 1e-242, 0.0, 4.0) == 0.0


@pytest.mark.parametrize(
    ("value", "want"), [(-0.1, 0.0), (0.0, 0.0), (0.4, 0.4), (1.0, 1.0), (1.5, 1.0), (math.inf, 1.0), (-math.inf, 0.0)]
)
def test_clip(value: float, want: float) -> None:
    assert both(link_functions.clip, value, 0.0, 1.0) == want


@pytest.mark.parametrize(
    ("u_from", "u_to", "want"),
    [(0.0, 0.0, 0.0), (0.5, 0.0, 0.5), (0.0, 0.5, 0.0), (0.25, 0.25, 0.75), (0.5, 0.25, 0.0), (0.75, 0.875, 0.5)],
)
def test_dyad_is_the_fraction_of_from_plus_twice_to(u_from: float, u_to: float, want: float) -> None:
    assert both(link_functions.dyad, u_from, u_to) == want


@pytest.mark.parametrize(
    ("order", "probability", "draw", "want"),
    [
        (0, 0.5, 0.49, True),
        (0, 0.5, 0.5, False),  # a tie does not happen, so that probability 0 never does
        (0, 0.0, 0.0, False),
        (0, 1.0, 0.9999999, True),
        (1, 0.0, 0.9, True),
        (-1, 1.0, 0.0, False),
    ],
)
def test_decide(order: int, probability: float, draw: float, want: bool) -> None:
    assert both(link_functions.decide, order, probability, draw) == want
