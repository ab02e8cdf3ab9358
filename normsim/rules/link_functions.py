"""From terms to probabilities, and the few functions that several rules share."""

import math
from typing import Any

LARGEST_EXPONENT = 700.0
"""Beyond it exp overflows; a hazard that large is certain anyway."""


def logit(terms: Any) -> float:
    """Probability of a frequent act: 1 / (1 + exp(-sum of terms)), summed from first to last."""
    total = 0.0
    for term in terms:
        total += term
    return 1.0 / (1.0 + math.exp(min(-total, LARGEST_EXPONENT)))


def hazard(terms: Any) -> float:
    """Monthly probability of a rare act (complementary log-log): 1 - exp(-exp(sum of log-hazard terms))."""
    return -math.expm1(-hazard_rate(terms))


def hazard_rate(terms: Any) -> float:
    """Hazard of a rare act [per month]: exp(sum of log-hazard terms)."""
    total = 0.0
    for term in terms:
        total += term
    return math.exp(min(total, LARGEST_EXPONENT))


def log_rate(rate: float) -> float:
    """Log of a monthly rate; a rate of zero switches the act off."""
    return math.log(rate) if rate > 0.0 else -LARGEST_EXPONENT


def hill(exposure: float, half: float, exponent: float) -> float:
    """Response to exposure: u^m / (u^m + half^m); m = 1 simple, m >= 2 complex contagion (Guilbeault2018)."""
    raised = max(exposure, 0.0) ** exponent
    return raised / (raised + half**exponent) if raised > 0.0 else 0.0


def clip(value: float, low: float, high: float) -> float:
    """The value, kept within [low, high]."""
    return min(max(value, low), high)


def dyad(u_from: float, u_to: float) -> float:
    """One uniform number for an ordered pair, from one of each of its two states: frac(u_from + 2 u_to).

    Any two distinct ordered pairs get independent uniforms, since their integer coefficients are linearly
    independent; for one target all observers are fully independent. So N draws serve all N (N - 1) pairs.
    """
    number = u_from + 2.0 * u_to
    return number - math.floor(number)


def decide(order: int, probability: float, draw: float) -> bool:
    """Whether an act happens: as a dated event orders (1) or forbids (-1), else if draw < probability."""
    if order != 0:
        return order > 0
    return draw < probability
