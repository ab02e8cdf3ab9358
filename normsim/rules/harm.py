"""Harm: duds on the ground, their clearance, casualties of attacks and of remnants, what is recorded.

field rate     logit(field) = logit(claimed) + gap: 2.35 % claimed is about 11 % in the field [NYT 2023, NPA 2007]
duds           rounds * submunitions * field rate
contamination  K + duds - min(K, clearance)
casualties     Poisson, attacks: attack * rounds * (1 - care) * heavy tail; remnants: remnants * K * (1 - education)
recorded       true * (reporting + (1 - reporting) tracking)

Status: rates, submunitions and clearance empirical; casualty rates and the effect of care assumed. Null: each rate 0.
"""

import math
from typing import Any

from normsim.rules.link_functions import clip

EXACT_BELOW = 100.0
"""Mean up to which Poisson counts are drawn exactly; beyond, a logistic of the same mean and variance."""


def claimed_rate(p: Any, munition: int) -> float:
    """Claimed dud rate of a class (legacy 0, improved 1, low-dud 2)."""
    if munition == 0:
        return p.harm.claimed_legacy
    return p.harm.claimed_improved if munition == 1 else p.harm.claimed_low


def field_rate(p: Any, claimed: float) -> float:
    """Field dud rate: the claimed one moved by `gap` on the logit scale."""
    return 1.0 / (1.0 + (1.0 - claimed) / claimed * math.exp(-p.harm.gap))


def duds(p: Any, rounds: int, rate: float) -> float:
    """Duds left by rounds of a class with this field rate."""
    return rounds * p.harm.submunitions * rate


def cleared(p: Any, contamination: float, programme: float) -> float:
    """Duds cleared in a month.

    Args:
        p: parameters.
        contamination: duds on the territory.
        programme: size of the clearance programme (1 = a national programme, 0 = none).
    """
    return min(contamination, p.harm.clearance * programme)


def heavy_tail(p: Any, draw: float) -> float:
    """Factor of mean one with a heavy tail: log-logistic (u/(1-u))^s sin(pi s)/(pi s), s = `dispersion`."""
    s = p.harm.dispersion
    if s <= 0.0:
        return 1.0
    u = clip(draw, 1e-9, 1.0 - 1e-9)
    return (u / (1.0 - u)) ** s * math.sin(math.pi * s) / (math.pi * s)


def attack_mean(p: Any, rounds: int, strictness: float) -> float:
    """Mean casualties of a month's attacks, before the heavy tail.

    Care takes casualties away: terms that reach units, planners with realistic dud rates, what tracking cells teach.

    Args:
        p: parameters.
        rounds: rounds fired.
        strictness: strictness of the terms as they reach the units [0-1].
    """
    spared = (
        (1.0 - p.harm.care * strictness)
        * (1.0 - p.planning.realistic)
        * (1.0 - p.harm.learned_care * p.tracking.casualties)
    )
    return p.harm.attack * rounds * spared


def remnant_mean(p: Any, contamination: float) -> float:
    """Mean casualties of a month from duds on the ground, less what risk education avoids."""
    return p.harm.remnants * contamination * (1.0 - p.education.risk)


def count(mean: float, draw: float) -> float:
    """A Poisson count of this mean from one uniform number, by inversion."""
    if mean <= 0.0:
        return 0.0
    u = clip(draw, 1e-12, 1.0 - 1e-12)
    if mean > EXACT_BELOW:
        spread = math.sqrt(3.0 * mean) / math.pi
        return max(0.0, math.floor(mean + spread * math.log(u / (1.0 - u)) + 0.5))
    probability = math.exp(-mean)
    cumulative = probability
    number = 0.0
    while cumulative < u and number < 1000.0:
        number += 1.0
        probability *= mean / number
        cumulative += probability
    return number


def recorded(p: Any, true_count: float) -> float:
    """Casualties that are recorded: the usual share, and of the rest what tracking cells find."""
    return true_count * (p.harm.reporting + (1.0 - p.harm.reporting) * p.tracking.casualties)


def belief_next(p: Any, believed: float, field: float) -> float:
    """Believed dud rate after a month in which the class was used, by the share of harm that is recorded."""
    shown = p.harm.reporting + (1.0 - p.harm.reporting) * p.tracking.casualties
    return believed + p.harm.belief * shown * (field - believed)
