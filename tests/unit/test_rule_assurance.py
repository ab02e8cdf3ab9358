"""Assurance: terms, detection, enforcement and breach against tables worked out by hand."""

import pytest

from normsim.rules import assurance
from tests.worlds import both, check_terms, record


@pytest.mark.parametrize(
    ("implementation", "strictness", "want"), [(0.5, 0.8, 0.4), (1.0, 1.0, 1.0), (0.0, 1.0, 0.0), (0.7, 0.0, 0.0)]
)
def test_effective_terms(implementation: float, strictness: float, want: float) -> None:
    p = record({"assurance.implementation": implementation})
    assert both(assurance.effective_terms, p, strictness) == pytest.approx(want)


@pytest.mark.parametrize(
    ("monitoring", "accuracy", "tracking", "tier", "want"),
    [
        (0.0, 0.6, 1.0, 0, 0.0),  # nobody looks: nothing is found
        (0.2, 0.6, 0.0, 0, 0.2),
        (0.5, 0.5, 0.0, 1, 0.25),  # blunter beside a lawful tier
        (0.5, 0.5, 0.0, 0, 0.5),
        (0.5, 1.0, 1.0, 1, 0.75),  # .5 + .5 * .5
        (0.5, 0.6, 0.5, 0, 0.625),  # .5 + .5 * .5 * .5
        (0.5, 0.5, 1.0, 1, 0.4375),  # .25 + .75 * .25
        (1.0, 1.0, 1.0, 0, 1.0),
    ],
)
def test_detection(monitoring: float, accuracy: float, tracking: float, tier: int, want: float) -> None:
    p = record(
        {
            "assurance.monitoring": monitoring,
            "assurance.tier_accuracy": accuracy,
            "tracking.casualties": tracking,
        }
    )
    assert both(assurance.detection, p, tier) == pytest.approx(want)


@pytest.mark.parametrize(
    ("enforcement", "public", "factor", "want"),
    [(0.8, 1, 0.5, 0.8), (0.8, 0, 0.5, 0.4), (0.8, 0, 1.0, 0.8), (0.0, 1, 0.5, 0.0), (1.0, 0, 0.0, 0.0)],
)
def test_enforcement(enforcement: float, public: int, factor: float, want: float) -> None:
    p = record({"assurance.enforcement": enforcement, "assurance.public": public, "assurance.secret_factor": factor})
    assert both(assurance.enforcement, p) == pytest.approx(want)


# arguments: intensity, strictness, dependence, chance of detection
@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, (1.0, 1.0, 1.0, 1.0), {"intercept": -1.0}),
        ({"intensity": 2.0}, (0.5, 1.0, 1.0, 1.0), {"intercept": -1.0, "intensity": 1.0}),
        ({"terms": 2.0, "implementation": 0.5}, (1.0, 0.5, 1.0, 1.0), {"intercept": -1.0, "terms": -0.5}),
        ({"terms": 2.0}, (1.0, 0.0, 1.0, 1.0), {"intercept": -1.0}),
        (
            {"deterrence": 3.0, "enforcement": 0.5},
            (1.0, 1.0, 0.5, 0.4),
            {"intercept": -1.0, "deterrence": -0.3},  # 3 * .4 * .5 * .5
        ),
        (
            {"deterrence": 3.0, "enforcement": 0.5, "public": 0, "secret_factor": 0.5},
            (1.0, 1.0, 0.5, 0.4),
            {"intercept": -1.0, "deterrence": -0.15},
        ),
        ({"deterrence": 3.0, "enforcement": 0.5}, (1.0, 1.0, 0.0, 0.4), {"intercept": -1.0}),
        ({"deterrence": 3.0, "enforcement": 0.5}, (1.0, 1.0, 1.0, 0.0), {"intercept": -1.0}),
        ({"deterrence": 3.0}, (1.0, 1.0, 1.0, 1.0), {"intercept": -1.0}),
        ({"publicity": 0.5}, (1.0, 1.0, 1.0, 1.0), {"intercept": -1.0, "publicity": -0.5}),
        ({"publicity": 0.5, "public": 0}, (1.0, 1.0, 1.0, 1.0), {"intercept": -1.0}),
    ],
)
def test_breach_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(assurance.breach_terms, "assurance", values, args, want)
