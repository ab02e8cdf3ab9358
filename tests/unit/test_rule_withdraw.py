"""Withdraw: bars, every term and the accepted exception against tables worked out by hand."""

import math

import pytest

from normsim.rules import withdraw
from tests.worlds import both, check_terms, record


@pytest.mark.parametrize(
    ("status", "renounced", "bar"),
    [
        (0, 0, "not a party"),
        (0, 1, "open"),  # a renunciation can be taken back
        (1, 0, "not a party"),
        (1, 1, "open"),
        (2, 0, "open"),
        (2, 1, "open"),
        (3, 0, "notice already given"),
        (3, 1, "notice already given"),
    ],
)
def test_reasons(status: int, renounced: int, bar: str) -> None:
    assert withdraw.REASONS[both(withdraw.ineligible, status, renounced)] == bar


# threat, notices seen, validity, perceived, accepted, transfers seen, democracy
FULL = (0.75, 0.5, 0.25, 0.75, 0.5, 0.25, 0.75)
MIDDLE = (0.5, 0.0, 0.5, 0.5, 0.0, 0.0, 0.5)


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, FULL, {"rate": -700.0}),
        ({"rate": math.exp(-8.0)}, FULL, {}),
        ({"threat": 4.0}, FULL, {"threat": 1.0}),
        ({"threat": 4.0}, (0.25, *FULL[1:]), {"threat": -1.0}),
        ({"contagion": 3.0}, FULL, {"contagion": 1.5}),
        ({"divergence": 2.0}, FULL, {"divergence": 0.5}),
        ({"divergence": 2.0}, (0.75, 0.5, 1.0, *FULL[3:]), {"divergence": -1.0}),
        ({"perceived": 1.0}, FULL, {"perceived": -0.25}),
        ({"emboldened": 0.7}, FULL, {"emboldened": 0.35}),
        ({"patron": 2.0}, FULL, {"patron": 0.5}),
        ({"democracy": 1.0}, FULL, {"democracy": -0.25}),
        ({"democracy": 1.0}, (*FULL[:6], 0.25), {"democracy": 0.25}),
        (
            dict.fromkeys(("threat", "contagion", "divergence", "perceived", "emboldened", "patron", "democracy"), 2.0),
            MIDDLE,
            {},
        ),
    ],
)
def test_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    rate = {"rate": math.exp(-8.0)} if values else {}
    check_terms(withdraw.terms, "withdraw", rate | values, args, {"rate": -8.0} | want)


@pytest.mark.parametrize(
    ("on", "tier", "bridge", "want"),
    [
        (0, 0, 0.0, 0.0),
        (0, 1, 0.0, 1.0),
        (1, 1, 0.0, 0.25),  # the safeguard of a two-track text
        (1, 1, 0.6, 0.6),  # the stronger of the two
        (0, 0, 0.6, 0.6),
        (1, 0, 0.6, 0.6),
        (0, 1, 0.6, 1.0),
    ],
)
def test_accepted_exception(on: int, tier: int, bridge: float, want: float) -> None:
    p = record({"two_track.on": on, "two_track.safeguard": 0.75})
    assert both(withdraw.accepted_exception, p, tier, bridge) == pytest.approx(want)
