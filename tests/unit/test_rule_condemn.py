"""Condemn: gravity, every term and the weight of a voice against tables worked out by hand."""

import pytest

from normsim.rules import condemn
from tests.worlds import both, check_terms, record


@pytest.mark.parametrize(
    ("used", "transferred", "notice", "want"),
    [
        (0, 0, 0, 0.0),
        (1, 0, 0, 1.0),
        (0, 1, 0, 0.6),
        (0, 3, 0, 0.6),
        (0, 0, 1, 0.6),
        (0, 1, 1, 0.6),  # the gravest, not the sum
        (1, 1, 1, 1.0),
    ],
)
def test_gravity(used: int, transferred: int, notice: int, want: float) -> None:
    p = record({"condemn.lesser": 0.6})
    assert both(condemn.gravity, p, used, transferred, notice) == want


@pytest.mark.parametrize(
    ("used", "transferred", "could_use", "asked", "want"),
    [
        (0, 0, 0, 0, 0.0),  # no opportunity, nothing to its credit
        (0, 0, 1, 0, 1.0),
        (1, 0, 1, 0, 0.0),
        (0, 0, 0, 1, 0.6),
        (0, 2, 0, 1, 0.0),
        (1, 0, 1, 1, 0.6),  # it used, but did not send
        (0, 1, 1, 1, 1.0),
        (0, 0, 1, 1, 1.0),  # the gravest, not the sum
    ],
)
def test_passed(used: int, transferred: int, could_use: int, asked: int, want: float) -> None:
    p = record({"condemn.lesser": 0.6})
    assert both(condemn.passed, p, used, transferred, could_use, asked) == want


def test_gravity_at_null_is_use_alone() -> None:
    assert both(condemn.gravity, record(), 0, 1, 1) == 0.0
    assert both(condemn.gravity, record(), 1, 1, 1) == 1.0


# norm cost, bound, civil society, log of scale, log of casualties, act, baseline, ally, supplier, voices seen
FULL = (0.5, 1, 0.75, 1.0, 1.0, 0.8, 0.3, 1, 0.25, 0.2)
ALONE = {"intercept": -1.0}


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, FULL, {}),
        ({"intercept": -3.0}, FULL, {"intercept": -3.0}),
        ({"norm": 3.0}, FULL, {"norm": 1.5}),
        ({"party": 2.0}, FULL, {"party": 1.5}),  # civil society holds a party to its duty
        ({"party": 2.0}, (0.5, 1, 0.0, *FULL[3:]), {}),
        ({"party": 2.0}, (0.5, 0, 1.0, *FULL[3:]), {}),
        ({"capacity": 0.7}, FULL, {"capacity": 0.7}),
        ({"capacity": 0.7}, (0.5, 1, 0.75, -2.0, *FULL[4:]), {"capacity": -1.4}),  # the small speak less
        ({"casualties": 0.4}, FULL, {"casualties": 0.4}),
        ({"novelty": 1.0}, FULL, {"novelty": 0.5}),
        ({"friend": 2.0}, FULL, {"friend": -2.0}),
        ({"friend": 2.0}, (*FULL[:7], 0, *FULL[8:]), {"friend": -0.5}),  # no ally, but a supplier of a quarter
        ({"friend": 2.0, "duty": 0.75}, FULL, {"friend": -0.5}),  # a party sets three quarters aside
        ({"friend": 2.0, "duty": 0.75}, (0.5, 0, *FULL[2:]), {"friend": -2.0}),  # no party, no duty
        ({"friend": 2.0, "duty": 1.0}, FULL, {}),
        ({"metanorm": 3.0}, FULL, {"metanorm": 0.6}),
        ({"novelty": 2.0}, (0.5, 0, 0.5, 0.0, 0.0, 0.3, 0.3, 0, 0.0, 0.0), {}),  # a tie: nothing new
        ({"novelty": 2.0}, (0.5, 0, 0.5, 0.0, 0.0, 0.1, 0.3, 0, 0.0, 0.0), {}),  # less than it is used to
        (
            dict.fromkeys(
                (
                    "norm",
                    "party",
                    "capacity",
                    "casualties",
                    "novelty",
                    "friend",
                    "metanorm",
                ),
                2.0,
            ),
            (0.0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0, 0.0),
            {},
        ),
    ],
)
def test_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(condemn.terms, "condemn", ALONE | values, args, ALONE | want)


def test_bars_and_reach_are_named() -> None:
    assert condemn.REASONS == ("open", "no visible act to speak about", "it does not look to the state that acted")
    assert (condemn.WORLD, condemn.ONLOOKERS) == (0, 1)
