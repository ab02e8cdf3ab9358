"""Claim: a supplier claims a bridge exception for a partner at war.

P = logit^-1(intercept + need s_j (1 - q) + precedent (unanswered claims seen) - transfer.norm n a
             - standard clarity [own case does not meet the announced standard])

The exception lets it send cluster munitions until its own ordinary output has caught up [Wexler 2023]. The announced
standard is a partner short by more than `ally_short` and an own stock q below `open_below`. The first claim of 2023 is
a dated event; whether others follow is the question. Claiming again is the same choice, with the same need and one more
precedent.

Status: assumed; no case but one is recorded. Null: `bridge.on` 0 switches claims off; each coefficient 0.
"""

from typing import Any, NamedTuple

REASONS = (
    "open",
    "no scenario rule allows a claim",
    "does not produce cluster munitions",
    "holds no cluster munitions",
    "at war itself",
    "bound by the convention",
    "renounced the weapon",
    "no partner at war is short of ordinary rounds",
    "has claimed the exception as often as allowed",
    "its exception is already open",
)
OPEN_NOW = 9
"""Place in `REASONS` of the one reason that is not a matter of `ineligible`."""


class ClaimTerms(NamedTuple):
    """Terms of the propensity to claim an exception, in logits."""

    intercept: float
    need: float
    precedent: float
    norm: float
    standard: float


def ineligible(
    p: Any,
    producer: int,
    rounds: int,
    intensity: float,
    bound: int,
    renounced: int,
    partner_shortage: float,
    episodes: int,
) -> int:
    """Why the state does not decide on this: index into `REASONS`, 0 if it does.

    The exception bridges the time until its own output has caught up: it takes a producer that holds the weapon, is at
    peace, and is held back neither by the ban nor by a renunciation.

    Args:
        p: parameters.
        producer: whether it produces cluster munitions.
        rounds: rounds held, all classes.
        intensity: intensity of its war [0-1], 0 at peace.
        bound: whether it is a party to the convention.
        renounced: whether it renounced the weapon.
        partner_shortage: greatest shortage among its partners at war [0-1].
        episodes: how often it has claimed the exception.
    """
    if not p.bridge.on:
        return 1
    if not producer:
        return 2
    if rounds <= 0:
        return 3
    if intensity > 0.0:
        return 4
    if bound:
        return 5
    if renounced:
        return 6
    if partner_shortage <= 0.0:
        return 7
    return 8 if p.bridge.episodes > 0 and episodes >= p.bridge.episodes else 0


def meets_standard(p: Any, conventional: float, partner_shortage: float) -> bool:
    """Whether a case meets the announced standard: a partner short enough, and too little of its own to give."""
    return partner_shortage > p.bridge.ally_short and conventional < p.bridge.open_below


def terms(p: Any, conventional: float, partner_shortage: float, precedent: float, norm_cost: float) -> ClaimTerms:
    """Terms of the monthly propensity to claim the exception.

    Args:
        p: parameters.
        conventional: its own conventional stock, of the target.
        partner_shortage: greatest shortage among its partners at war [0-1].
        precedent: claims by others, and its own, that went unanswered (see `norm.precedent_next`).
        norm_cost: norm cost of an act under the exception [0-1].
    """
    short = max(0.0, 1.0 - conventional)
    outside = 0.0 if meets_standard(p, conventional, partner_shortage) else 1.0
    return ClaimTerms(
        intercept=p.claim.intercept,
        need=p.claim.need * partner_shortage * short,
        precedent=p.claim.precedent * precedent,
        norm=-p.transfer.norm * norm_cost,
        standard=-p.claim.standard * p.bridge.clear_standard * outside,
    )
