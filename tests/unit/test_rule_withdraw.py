"""Withdraw: bars, every term, weights of exits and the accepted exception against tables worked out by hand."""

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


# rise of threat, exits near, felt, accepted
FULL = (0.25, math.e - 1.0, 0.5, 0.5)
MIDDLE = (0.0, 0.0, 0.75, 0.0)
USUAL = {"norm.usual": 0.75}


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, FULL, {"rate": -700.0}),
        ({"rate": math.exp(-8.0)}, FULL, {}),
        ({"threat": 4.0}, FULL, {"threat": 1.0}),
        ({"threat": 4.0}, (-0.25, *FULL[1:]), {"threat": -1.0}),
        ({"exposure": 1.5}, FULL, {"exposure": 1.5}),  # log(1 + e - 1) = 1
        ({"exposure": 1.5}, (0.75, 0.0, 0.5, 0.5), {}),
        ({"exposure": 1.0}, (0.75, 1.0, 0.5, 0.5), {"exposure": math.log(2.0)}),  # one exit doubles the hazard
        ({"norm": 4.0}, FULL, {"norm": 1.0}),
        ({"norm": 4.0}, (0.75, 0.0, 1.0, 0.5), {"norm": -1.0}),
        ({"emboldened": 0.7}, FULL, {"emboldened": 0.35}),
        (
            dict.fromkeys(("threat", "exposure", "norm", "emboldened"), 2.0),
            MIDDLE,
            {},
        ),
    ],
)
def test_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    rate = {"rate": math.exp(-8.0)} if values else {}
    check_terms(withdraw.terms, "withdraw", rate | USUAL | values, args, {"rate": -8.0} | want)


@pytest.mark.parametrize(("shared", "want"), [(1, 1.0), (0, 0.2)])
def test_weight_of_an_exit(shared: int, want: float) -> None:
    assert both(withdraw.exit_weight, record({"withdraw.unthreatened": 0.2}), shared) == want


@pytest.mark.parametrize(("half_life", "months"), [(1.0, 1), (24.0, 24)])
def test_half_of_a_notice_is_remembered_after_its_half_life(half_life: float, months: int) -> None:
    assert both(withdraw.echo_kept, record({"withdraw.half_life": half_life})) ** months == pytest.approx(0.5)


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
