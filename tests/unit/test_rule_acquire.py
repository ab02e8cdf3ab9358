"""Acquire: bars, every term and the batch against tables worked out by hand."""

import pytest

from normsim.rules import acquire
from tests.worlds import both, check_terms, record


@pytest.mark.parametrize(
    ("bound", "renounced", "waiting", "bar"),
    [
        (0, 0, 0, "open"),
        (1, 0, 0, "bound by the convention"),
        (1, 1, 1, "bound by the convention"),
        (0, 1, 0, "renounced the weapon"),
        (0, 1, 1, "renounced the weapon"),
        (0, 0, 1, "already waiting for a supplier"),
    ],
)
def test_reasons(bound: int, renounced: int, waiting: int, bar: str) -> None:
    assert acquire.REASONS[both(acquire.ineligible, bound, renounced, waiting)] == bar


# arguments: threat, holders seen, lawful, norm cost
FULL = (0.5, 0.2, 1.0, 0.75)


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, FULL, {"intercept": -2.0}),
        ({"intercept": -5.0}, FULL, {"intercept": -5.0}),
        ({"threat": 2.0}, FULL, {"intercept": -2.0, "threat": 1.0}),
        ({"peers": 1.0}, FULL, {"intercept": -2.0, "peers": 0.2}),
        ({"lawful": 0.5}, FULL, {"intercept": -2.0, "lawful": 0.5}),
        ({"norm": 3.0}, FULL, {"intercept": -2.0, "norm": -2.25}),
        (
            {"threat": 4.0, "peers": 3.0, "lawful": 1.5, "norm": 6.0},
            (0.0,) * 4,
            {"intercept": -2.0},
        ),
        (
            {"threat": 4.0, "peers": 3.0, "lawful": 1.5, "norm": 6.0},
            (1.0,) * 4,
            {
                "intercept": -2.0,
                "threat": 4.0,
                "peers": 3.0,
                "lawful": 1.5,
                "norm": -6.0,
            },
        ),
    ],
)
def test_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(acquire.terms, "acquire", {"intercept": -2.0} | values, args, want)


@pytest.mark.parametrize(
    ("size", "scale", "want"), [(20000, 1.0, 20000), (20000, 0.5, 10000), (3, 0.5, 1), (0, 9.0, 0), (20000, 0.0, 0)]
)
def test_batch_rounds_down(size: int, scale: float, want: int) -> None:
    assert both(acquire.batch, record({"acquire.batch": size}), scale) == want
