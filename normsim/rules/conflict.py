"""Conflict: wars come from outside the model, recorded, resampled (engine/war_resampling.py) or by a process; threat.

onset  hazard = onset exp(onset_history h), h the share of the last ten years in conflict
end    hazard = end exp(-end_history h)
threat th + rate (rest + war x + rival max_j(x_j p_j / (p_i + p_j)) - th) + noise, over rivals that fight abroad

Status: onset, end, severity and its changes empirical [UCDP: maximum likelihood on the state-years of 2000-2024];
threat assumed, its direction from the exits of 2024-25 by neighbours of a fighting rival [HoCL 2025]. Null: `onset`
0; `threat_rate` and `threat_noise` 0 freeze threat.
"""

import math
from typing import Any

from normsim.rules.link_functions import clip

RESAMPLED, RECORDED, PROCESS = range(3)
UNIFORM_SD = math.sqrt(12.0)
"""A uniform number times this has standard deviation one."""


def onset_probability(p: Any, history: float) -> float:
    """Monthly probability that a state at peace enters a conflict."""
    return -math.expm1(-p.conflict.onset * math.exp(p.conflict.onset_history * history))


def end_probability(p: Any, history: float) -> float:
    """Monthly probability that a conflict ends."""
    return -math.expm1(-p.conflict.end * math.exp(-p.conflict.end_history * history))


def intensity_next(p: Any, intensity: float, history: float, draw: float, severity: float) -> float:
    """Intensity of a state's conflict after a month of the process.

    Args:
        p: parameters.
        intensity: intensity now [0-1], 0 at peace.
        history: share of the last ten years in conflict [0-1].
        draw: uniform number that decides onset or end.
        severity: uniform number that decides whether a new conflict is a war, and whether one escalates or eases.
    """
    if intensity > 0.0:
        if draw < end_probability(p, history):
            return 0.0
        if intensity < 1.0:
            return 1.0 if severity < p.conflict.escalate else intensity
        return p.conflict.minor if severity < p.conflict.ease else intensity
    if draw < onset_probability(p, history):
        return 1.0 if severity < p.conflict.severe else p.conflict.minor
    return 0.0


def intensity_as_ordered(intensity: float, before: float, war: int, peace: int) -> float:
    """Intensity after the dated events of the month.

    Args:
        intensity: intensity without them [0-1].
        before: intensity last month [0-1].
        war: 1 a war is forced, -1 a new one is forbidden, 0 none.
        peace: 1 peace is forced, -1 peace is forbidden, 0 none.
    """
    if war > 0:
        return max(intensity, 1.0)
    if peace > 0 or (war < 0 and before <= 0.0):
        return 0.0
    if peace < 0 and intensity <= 0.0:
        return before
    return intensity


def rival_pressure(intensity: float, abroad: int, own_power: float, rival_power: float) -> float:
    """Pressure of one rival: the intensity of a war it fights abroad times its share of the pair's power."""
    if not abroad:
        return 0.0
    both = own_power + rival_power
    return intensity * rival_power / both if both > 0.0 else 0.0


def threat_target(p: Any, intensity: float, pressure: float) -> float:
    """Threat that a state comes to feel [0-1].

    Args:
        p: parameters.
        intensity: intensity of its own conflict [0-1].
        pressure: greatest pressure of a rival (see `rival_pressure`).
    """
    felt = p.conflict.threat_rest + p.conflict.threat_war * intensity + p.conflict.threat_rival * pressure
    return clip(felt, 0.0, 1.0)


def threat_next(p: Any, threat: float, intensity: float, pressure: float, draw: float) -> float:
    """Threat after a month [0-1].

    Args:
        p: parameters.
        threat: threat now [0-1].
        intensity: intensity of its own conflict [0-1].
        pressure: greatest pressure of a rival (see `rival_pressure`).
        draw: uniform number of the noise.
    """
    target = threat_target(p, intensity, pressure)
    noise = p.conflict.threat_noise * (draw - 0.5) * UNIFORM_SD
    return clip(threat + p.conflict.threat_rate * (target - threat) + noise, 0.0, 1.0)
