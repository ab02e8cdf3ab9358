"""Renounce: bars and every term against tables worked out by hand."""

import pytest

from normsim.rules import renounce
from tests.worlds import both, check_terms


@pytest.mark.parametrize(
    ("bound", "renounced", "immovable", "holder", "producer", "reason"),
    [
        (0, 0, 0, 1, 1, "open"),
        (0, 0, 0, 1, 0, "open"),
        (0, 0, 0, 0, 1, "open"),
        (1, 0, 0, 1, 1, "already bound by the convention"),
        (1, 1, 1, 0, 0, "already bound by the convention"),
        (0, 1, 0, 1, 1, "already renounced"),
        (0, 1, 1, 0, 0, "already renounced"),
        (0, 0, 1, 1, 0, "would never renounce"),
        (0, 0, 1, 0, 0, "neither holds nor produces the weapon"),
        (0, 0, 0, 0, 0, "neither holds nor produces the weapon"),
    ],
)
def test_reasons(bound: int, renounced: int, immovable: int, holder: int, producer: int, reason: str) -> None:
    assert renounce.REASONS[both(renounce.ineligible, bound, renounced, immovable, holder, producer)] == reason


# felt, restrained seen, threat, at war, holder
FULL = (0.75, 0.5, 0.25, 1, 1)


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, FULL, {}),
        ({"intercept": -6.0}, FULL, {"intercept": -6.0}),
        ({"norm": 3.0}, FULL, {"norm": 0.75}),
        ({"norm": 3.0}, (0.5, *FULL[1:]), {}),
        ({"norm": 3.0}, (0.25, *FULL[1:]), {"norm": -0.75}),
        ({"peers": 1.5}, FULL, {"peers": 0.75}),
        ({"threat": 2.0}, FULL, {"threat": -0.5}),
        ({"war": 2.0}, FULL, {"war": -2.0}),
        ({"war": 2.0}, (*FULL[:3], 0, 1), {}),
        ({"stock": 1.0}, FULL, {"stock": -1.0}),
        ({"stock": 1.0}, (*FULL[:4], 0), {}),
        (
            dict.fromkeys(("norm", "peers", "threat", "war", "stock"), 2.0),
            (0.5, 0.0, 0.0, 0, 0),
            {},
        ),
    ],
)
def test_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(renounce.terms, "renounce", {"intercept": -2.0} | values, args, {"intercept": -2.0} | want)
