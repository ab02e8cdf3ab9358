"""Withdraw: a party gives notice; it leaves six months later, but not before the end of a war it is in (art. 20).

hazard = rate exp(threat (th - th when bound) + exposure log(1 + recent exits of peers) + norm (usual - n)
             + emboldened [tier or exception accepted])

What counts is the rise of threat since a state bound itself: one that joined under threat has weighed it then. A state
that is a party at the start was bound under the threat of the wars of the last year that was over when it deposited.
Peers are allies and regional neighbours; the exit of one that shares no rival counts by `unthreatened`. Exits from
sister treaties count as dated events. So with `exposure` 1 one recent exit doubles the hazard, and ten multiply it by
eleven. A unilateral renunciation is taken back by the same hazard.

Status: rate empirical (one exit in about 1,500 party-years [UNTC]); signs from [Borzyskowski and Vabulas 2019] and
the cluster of exits of 2024-25 [HoCL 2025]; magnitudes assumed: one exit says little about any of them. Null: each
coefficient 0; `rate` 0 switches exit off.
"""

import math
from typing import Any, NamedTuple

from normsim.rules.link_functions import log_rate

REASONS = ("open", "not a party", "notice already given")


class WithdrawTerms(NamedTuple):
    """Terms of the log hazard of withdrawing."""

    rate: float
    threat: float
    exposure: float
    norm: float
    emboldened: float


def ineligible(status: int, renounced: int) -> int:
    """Why the state does not decide on this: index into `REASONS`, 0 if it does.

    Args:
        status: 0 outside, 1 signed, 2 bound, 3 notice given.
        renounced: whether it renounced unilaterally, which can be taken back.
    """
    if status == 3:
        return 2
    if status != 2 and not renounced:
        return 1
    return 0


def terms(p: Any, rise: float, exits_near: float, felt: float, accepted: float) -> WithdrawTerms:
    """Terms of the monthly log hazard of giving notice.

    Args:
        p: parameters.
        rise: external threat minus what it was when the state was bound.
        exits_near: recent notices of allies and neighbours, weighted by `exit_weight`, decaying with `half_life`.
        felt: felt norm [0-1].
        accepted: how far a tier or an exception is accepted [0-1].
    """
    return WithdrawTerms(
        rate=log_rate(p.withdraw.rate),
        threat=p.withdraw.threat * rise,
        exposure=p.withdraw.exposure * math.log1p(exits_near),
        norm=p.withdraw.norm * (p.norm.usual - felt),
        emboldened=p.withdraw.emboldened * accepted,
    )


def exit_weight(p: Any, shared: int) -> float:
    """Weight of a peer's exit: 1 if the two share a rival, `unthreatened` if they do not."""
    return 1.0 if shared else p.withdraw.unthreatened


def echo_kept(p: Any) -> float:
    """Share of the memory of a notice that is left after a month: half is gone after `half_life` months."""
    return 0.5 ** (1.0 / p.withdraw.half_life)


def accepted_exception(p: Any, tier_in_force: int, strongest_bridge: float) -> float:
    """How far a tier or an exception counts as accepted [0-1].

    A tier counts fully, less the safeguard of a two-track text; an open bridge by the relative power of the strongest
    supplier that uses it.
    """
    tier = 0.0
    if tier_in_force:
        tier = 1.0 - p.two_track.on * p.two_track.safeguard
    return max(tier, strongest_bridge)
