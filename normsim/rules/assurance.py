"""Assurance: terms a recipient gives, breaches, their detection, and the cut-off.

breach in a month of use = logit^-1(intercept + intensity x - terms z_e - deterrence m k dependence - publicity public)
time to cut-off is geometric with mean 1 / (breach * monitoring * enforcement)

The cases behind it: a slow cut-off in 2015-16, about 13 months after evidence [Monitor 2017]; secret terms disputed
twice and resumed after years [Barak 2009]. Secret terms leave enforcement to the supplier alone.

Status: enforcement empirical, the rest assumed. Null: `strictness`, `monitoring`, `enforcement` 0; `secret_factor` 1.
"""

from typing import Any, NamedTuple


class BreachTerms(NamedTuple):
    """Terms of the propensity to break an assurance, in logits."""

    intercept: float
    intensity: float
    terms: float
    deterrence: float
    publicity: float


def effective_terms(p: Any, strictness: float) -> float:
    """Strictness that reaches the units [0-1]: terms times their implementation."""
    return strictness * p.assurance.implementation


def detection(p: Any, tier_in_force: int) -> float:
    """Chance that a breach is detected: monitoring, sharper with casualty tracking, blunter beside a lawful tier."""
    accuracy = p.assurance.tier_accuracy if tier_in_force else 1.0
    seen = p.assurance.monitoring * accuracy
    return seen + (1.0 - seen) * seen * p.tracking.casualties


def enforcement(p: Any) -> float:
    """Chance that a detected breach ends supply: lower where terms are secret."""
    return p.assurance.enforcement * (1.0 if p.assurance.public else p.assurance.secret_factor)


def breach_terms(p: Any, intensity: float, strictness: float, dependence: float, seen: float) -> BreachTerms:
    """Terms of the propensity to break an assurance in a month of use.

    Args:
        p: parameters.
        intensity: intensity of the recipient's war [0-1].
        strictness: strictness of the terms in force [0-1].
        dependence: the recipient's dependence on the supplier [0-1].
        seen: chance of detection (see `detection`).
    """
    return BreachTerms(
        intercept=p.assurance.intercept,
        intensity=p.assurance.intensity * intensity,
        terms=-p.assurance.terms * effective_terms(p, strictness),
        deterrence=-p.assurance.deterrence * seen * enforcement(p) * dependence,
        publicity=-p.assurance.publicity * p.assurance.public,
    )
