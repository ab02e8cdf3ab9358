"""Obligation: what the convention and a CCW dud-rate protocol forbid a state, and when notice takes effect.

Status: empirical [CCM 2008, art. 17 and 20; CCW draft protocol 2011]. Null: `ccw_dud_rate.on` 0; `supply.defiance` 0.
"""

from typing import Any


def is_outlawed(p: Any, claimed: float) -> bool:
    """Whether the dud-rate text outlaws a class: claimed dud rate above its threshold."""
    return claimed > p.ccw_dud_rate.threshold


def is_lawful(p: Any, in_force: int, tier: int, tier_for: int, claimed: float) -> bool:
    """Whether a state's own obligations allow it to use or hold a class.

    Args:
        p: parameters.
        in_force: whether the convention is in force for it.
        tier: whether a dud-rate protocol binds it.
        tier_for: months since the protocol bound it [months].
        claimed: claimed dud rate of the class.
    """
    if in_force:
        return False
    return not (tier and is_outlawed(p, claimed) and tier_for >= p.ccw_dud_rate.deferral_months)


def obeys(p: Any, felt: float, threat: float) -> bool:
    """Whether a state destroys this month what it is bound to destroy: felt norm >= defiance * threat.

    A state under threat keeps the weapon when the threat outweighs the norm, whatever it is bound to.

    Args:
        p: parameters.
        felt: felt norm [0-1].
        threat: external threat [0-1].
    """
    return felt >= p.supply.defiance * threat


def leaves_now(notice_left: int, intensity: float) -> bool:
    """Whether a notice of withdrawal takes effect: it has run out and the state is not at war (art. 20)."""
    return notice_left == 0 and intensity <= 0.0
