"""Conflict: onset, end, intensity, pressure and threat against tables worked out by hand."""

import math

import pytest

from normsim.rules import conflict
from tests.worlds import both, record


@pytest.mark.parametrize(
    ("rate", "slope", "history", "want"),
    [
        (0.0, 4.0, 1.0, 0.0),  # null: no war ever begins
        (math.log(2.0), 0.0, 1.0, 0.5),
        (math.log(2.0), 5.0, 0.0, 0.5),
        (math.log(2.0), math.log(2.0), 1.0, 0.75),  # 1 - exp(-2 ln 2)
        (math.log(2.0), math.log(4.0), 0.5, 0.75),
    ],
)
def test_onset(rate: float, slope: float, history: float, want: float) -> None:
    p = record({"conflict.onset": rate, "conflict.onset_history": slope})
    assert both(conflict.onset_probability, p, history) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(
    ("rate", "slope", "history", "want"),
    [
        (math.log(2.0), 0.0, 1.0, 0.5),
        (math.log(4.0), math.log(2.0), 1.0, 0.5),  # history slows the end: rate ln 4 / 2
        (math.log(4.0), math.log(2.0), 0.0, 0.75),
        (0.0, 2.0, 0.5, 0.0),
    ],
)
def test_end(rate: float, slope: float, history: float, want: float) -> None:
    p = record({"conflict.end": rate, "conflict.end_history": slope})
    assert both(conflict.end_probability, p, history) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(
    ("intensity", "draw", "severity", "want"),
    [
        (0.0, 0.49, 0.10, 1.0),  # onset of a war
        (0.0, 0.49, 0.11, 0.4),  # onset of a minor conflict (a tie in severity is minor)
        (0.0, 0.51, 0.0, 0.0),  # no onset
        (0.4, 0.49, 0.0, 0.0),  # end, whatever severity says
        (0.4, 0.51, 0.19, 1.0),  # escalation
        (0.4, 0.51, 0.20, 0.4),
        (1.0, 0.49, 0.0, 0.0),
        (1.0, 0.51, 0.29, 0.4),  # a war eases
        (1.0, 0.51, 0.30, 1.0),
        (0.7, 0.51, 0.90, 0.7),  # a recorded intensity in between stays
    ],
)
def test_intensity(intensity: float, draw: float, severity: float, want: float) -> None:
    half = math.log(2.0)  # probability one half of onset and of end
    p = record(
        {
            "conflict.onset": half,
            "conflict.end": half,
            "conflict.severe": 0.11,
            "conflict.escalate": 0.2,
            "conflict.ease": 0.3,
            "conflict.minor": 0.4,
        }
    )
    assert both(conflict.intensity_next, p, intensity, 0.5, draw, severity) == want


@pytest.mark.parametrize(
    ("intensity", "abroad", "own", "rival", "want"),
    [
        (1.0, 1, 0.1, 0.1, 0.5),
        (0.5, 1, 0.1, 0.3, 0.375),
        (1.0, 0, 0.1, 0.3, 0.0),  # a war at home threatens nobody
        (0.0, 1, 0.1, 0.3, 0.0),
        (1.0, 1, 0.1, 0.0, 0.0),
        (1.0, 1, 0.0, 0.3, 1.0),
        (1.0, 1, 0.0, 0.0, 0.0),  # two states without power: no division by zero
    ],
)
def test_rival_pressure(intensity: float, abroad: int, own: float, rival: float, want: float) -> None:
    assert both(conflict.rival_pressure, intensity, abroad, own, rival) == pytest.approx(want)


THREAT = {"conflict.threat_rest": 0.2, "conflict.threat_war": 0.3, "conflict.threat_rival": 0.6}


@pytest.mark.parametrize(
    ("intensity", "pressure", "want"),
    [(0.0, 0.0, 0.2), (1.0, 0.0, 0.5), (0.5, 0.5, 0.65), (1.0, 1.0, 1.0), (0.0, 1.0, 0.8)],
)
def test_threat_target(intensity: float, pressure: float, want: float) -> None:
    assert both(conflict.threat_target, record(THREAT), intensity, pressure) == pytest.approx(want)


@pytest.mark.parametrize(
    ("threat", "draw", "want"),
    [
        (0.5, 0.5, 0.47),  # towards 0.2 by a tenth, no noise in the middle
        (0.2, 0.5, 0.2),
        (0.5, 1.0, 0.47 + 0.02 * 0.5 * math.sqrt(12.0)),
        (0.5, 0.0, 0.47 - 0.02 * 0.5 * math.sqrt(12.0)),
    ],
)
def test_threat_follows(threat: float, draw: float, want: float) -> None:
    p = record(THREAT | {"conflict.threat_rate": 0.1, "conflict.threat_noise": 0.02})
    assert both(conflict.threat_next, p, threat, 0.0, 0.0, draw) == pytest.approx(want)


def test_threat_is_frozen_at_null_and_kept_in_range() -> None:
    assert both(conflict.threat_next, record(), 0.7, 1.0, 1.0, 0.9) == 0.7
    noisy = record({"conflict.threat_noise": 0.1})
    assert both(conflict.threat_next, noisy, 0.0, 0.0, 0.0, 0.0) == 0.0
    assert both(conflict.threat_next, noisy, 1.0, 0.0, 0.0, 0.999) == 1.0


@pytest.mark.parametrize(
    ("intensity", "before", "war", "peace", "want"),
    [
        (0.4, 0.4, 0, 0, 0.4),
        (0.0, 0.4, 0, 0, 0.0),
        (0.4, 0.0, 1, 0, 1.0),  # a forced war is a full one
        (0.4, 0.4, 1, 1, 1.0),  # war is stronger than peace
        (0.4, 0.4, 0, 1, 0.0),
        (0.4, 0.0, -1, 0, 0.0),  # no new war
        (0.4, 0.4, -1, 0, 0.4),  # one under way goes on
        (0.4, 1.0, -1, 0, 0.4),
        (0.0, 0.4, 0, -1, 0.4),  # one that would end goes on
        (0.7, 0.4, 0, -1, 0.7),
        (0.0, 0.0, 0, -1, 0.0),
    ],
)
def test_dated_events(intensity: float, before: float, war: int, peace: int, want: float) -> None:
    assert both(conflict.intensity_as_ordered, intensity, before, war, peace) == want
