"""Use: bars, every term, the class chosen and the rounds fired against tables worked out by hand."""

import math

import pytest

from normsim.rules import use
from tests.worlds import both, check_terms, record

PLEDGE = {"pledge.stop": 1, "pledge.level": 0.2}


# intensity, rounds, renounced, recipient, shortage
@pytest.mark.parametrize(
    ("values", "args", "bar"),
    [
        ({}, (1.0, 1, 0, 1, 0.0), "open"),
        ({}, (0.0, 0, 1, 1, 0.0), "not at war"),
        ({}, (1.0, 0, 1, 1, 0.0), "holds no cluster munitions"),
        ({}, (1.0, 1, 1, 1, 0.0), "renounced the weapon"),
        (PLEDGE, (1.0, 1, 0, 1, 0.19), "pledged to stop while ordinary rounds suffice"),
        (PLEDGE, (1.0, 1, 0, 1, 0.2), "open"),  # a tie: no longer sufficient
        (PLEDGE, (1.0, 1, 0, 0, 0.0), "open"),  # only recipients pledge
        (PLEDGE, (1.0, 1, 1, 1, 0.0), "renounced the weapon"),
    ],
)
def test_reasons(values: dict[str, float], args: tuple[float, ...], bar: str) -> None:
    assert use.REASONS[both(use.ineligible, record(values), *args)] == bar


NAMES = (
    "intensity",
    "shortage",
    "habit",
    "opponent",
    "lawful",
    "cost",
    "felt",
    "democracy",
    "casualties",
    "assured",
    "bound",
)
FULL = dict(zip(NAMES, (0.5, 0.25, 0.5, 1.0, 1.0, 0.75, 0.8, 0.5, math.e - 1.0, 0.25, 1), strict=True))


def args(**changed: float) -> tuple[float, ...]:
    return tuple((FULL | changed).values())


@pytest.mark.parametrize(
    ("values", "arguments", "want"),
    [
        ({}, args(), {}),
        ({"intercept": 1.0}, args(), {"intercept": 1.0}),
        ({"intensity": 2.0}, args(), {"intensity": 1.0}),
        ({"shortage": 2.0}, args(), {"shortage": 0.5}),
        ({"shortage": 2.0}, args(shortage=0.0), {}),
        ({"habit": 8.0}, args(), {"habit": 4.0}),
        ({"opponent": 1.5}, args(), {"opponent": 1.5}),
        ({"opponent": 1.5}, args(opponent=0.0), {}),
        ({"lawful": 0.5}, args(), {"lawful": 0.5}),
        ({"lawful": 0.5}, args(lawful=0.0), {}),
        ({"norm": 4.0}, args(), {"norm": -3.0}),
        ({"audience": 1.0}, args(), {"audience": -0.5}),
        ({"audience": 1.0}, args(democracy=0.0), {}),
        ({"audience": 1.0}, args(casualties=0.0), {}),
        ({"assurance": 2.0}, args(), {"assurance": -0.5}),
        ({"investigation": 2.0}, args(), {}),  # nobody inquires
        ({"investigation": 2.0, "investigation.commitment": 0.5}, args(), {"investigation": -0.5}),
        ({"investigation": 2.0, "investigation.commitment": 0.5}, args(habit=1.0), {}),  # too late
        ({"party": 8.0}, args(), {"party": -8.0}),
        ({"party": 8.0}, args(bound=0), {}),
        ({"party": 8.0, "reliance": 0.5}, args(), {"party": -7.2}),  # 8 (1 - .5 * .2)
        ({"party": 8.0, "reliance": 0.5}, args(felt=1.0), {"party": -8.0}),
        ({"party": 8.0, "reliance": 1.0}, args(felt=0.0), {}),  # nobody upholds it
        ({"party": 8.0, "reliance": 0.0}, args(felt=0.0), {"party": -8.0}),
        ({"party": 8.0, "reliance": 0.5}, args(bound=0), {}),
    ],
)
def test_terms(values: dict[str, float], arguments: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(use.terms, "use", {"intercept": -2.0} | values, arguments, {"intercept": -2.0} | want)


@pytest.mark.parametrize(
    ("values", "want"),
    [
        ({"intercept": 0.0}, 0.5),
        ({"intercept": 0.0, "norm": 4.0, "party": 8.0}, 0.5),  # neither counts
        ({"intercept": math.log(3.0), "norm": 4.0}, 0.75),
        ({"intercept": math.log(3.0), "assurance": 4.0 * math.log(9.0), "norm": 4.0}, 0.25),  # 3 / 9 : 1
    ],
)
def test_without_the_norm(values: dict[str, float], want: float) -> None:
    p = record({f"use.{name}": value for name, value in values.items()})
    assert both(use.without_norm, use.terms(p, *args())) == pytest.approx(want)


@pytest.mark.parametrize(
    ("weights", "draw", "want"),
    [
        ((2.0, 1.0, 1.0), 0.0, 0),
        ((2.0, 1.0, 1.0), 0.49, 0),
        ((2.0, 1.0, 1.0), 0.5, 1),  # a tie goes to the next
        ((2.0, 1.0, 1.0), 0.74, 1),
        ((2.0, 1.0, 1.0), 0.75, 2),
        ((2.0, 1.0, 1.0), 0.999, 2),
        ((0.0, 1.0, 1.0), 0.0, 1),
        ((0.0, 0.0, 1.0), 0.0, 2),
        ((0.0, 0.0, 1.0), 0.999, 2),
        ((1.0, 0.0, 0.0), 0.999, 0),
        ((1.0, 0.0, 1.0), 0.5, 2),  # a class without stock is never chosen
        ((1.0, 1.0, 0.0), 0.999, 1),
        ((1.0, 1.0, 0.0), 1.0, 1),  # rounding up to the end
        ((1.0, 0.0, 0.0), 1.0, 0),
    ],
)
def test_class_chosen(weights: tuple[float, float, float], draw: float, want: int) -> None:
    assert both(use.choose_class, *weights, draw) == want


@pytest.mark.parametrize(
    ("size", "ration", "rounds", "intensity", "scale", "want"),
    [
        (100, 1.0, 1000, 1.0, 1.0, 100),
        (100, 1.0, 1000, 0.5, 0.5, 25),
        (100, 1.0, 10, 1.0, 1.0, 10),  # all that is held
        (100, 0.25, 10, 1.0, 1.0, 3),  # a quarter of it, a part of a round is a round
        (100, 0.25, 1, 1.0, 1.0, 1),  # the last one is fired
        (100, 0.25, 400, 1.0, 1.0, 100),
        (100, 0.25, 399, 1.0, 2.0, 100),
        (1, 1.0, 10, 0.1, 1.0, 1),
        (0, 1.0, 10, 1.0, 1.0, 0),
        (100, 1.0, 10, 0.0, 1.0, 0),
        (100, 0.25, 0, 1.0, 1.0, 0),
    ],
)
def test_rounds_fired(size: int, ration: float, rounds: int, intensity: float, scale: float, want: int) -> None:
    p = record({"use.rounds": size, "use.ration": ration})
    assert both(use.rounds_fired, p, rounds, intensity, scale) == want
