"""Obligation: what is outlawed, who obeys, and when a notice takes effect, against tables worked out by hand."""

import pytest

from normsim.rules import obligation
from tests.worlds import both, record

TEXT = {"ccw_dud_rate.threshold": 0.01, "ccw_dud_rate.deferral_months": 12}


@pytest.mark.parametrize(("claimed", "want"), [(0.009, False), (0.01, False), (0.011, True)])
def test_outlawed_above_the_threshold(claimed: float, want: bool) -> None:
    assert both(obligation.is_outlawed, record(TEXT), claimed) == want


@pytest.mark.parametrize(
    ("in_force", "tier", "tier_for", "claimed", "want"),
    [
        (0, 0, 0, 0.05, True),
        (1, 0, 0, 0.001, False),  # the ban makes no difference between classes
        (0, 1, 12, 0.05, False),
        (0, 1, 13, 0.05, False),
        (0, 1, 11, 0.05, True),  # deferred
        (0, 1, 12, 0.01, True),  # a class that meets the threshold
        (0, 0, 12, 0.05, True),  # not bound by the tier
    ],
)
def test_lawful(in_force: int, tier: int, tier_for: int, claimed: float, want: bool) -> None:
    assert both(obligation.is_lawful, record(TEXT), in_force, tier, tier_for, claimed) == want


@pytest.mark.parametrize(
    ("defiance", "felt", "threat", "want"),
    [(0.0, 0.0, 1.0, True), (0.5, 0.4, 0.8, True), (0.5, 0.3, 0.8, False), (2.0, 0.5, 0.25, True)],
)
def test_obeys(defiance: float, felt: float, threat: float, want: bool) -> None:
    assert both(obligation.obeys, record({"supply.defiance": defiance}), felt, threat) == want


@pytest.mark.parametrize(
    ("notice_left", "intensity", "want"),
    [(0, 0.0, True), (0, 0.5, False), (0, 1.0, False), (1, 0.0, False), (-1, 0.0, False)],
)
def test_a_notice_takes_effect_once_it_has_run_out_at_peace(notice_left: int, intensity: float, want: bool) -> None:
    assert both(obligation.leaves_now, notice_left, intensity) == want
