"""Renounce: a holder or producer outside the ban gives the weapon up on its own (moratorium, unilateral renunciation).

hazard = exp(intercept + norm (n - 1/2) + peers (W renounced or bound) - threat th - war X - stock S), a month; the
stock is then destroyed as a party's is.

Status: signs from the norm life cycle [Finnemore and Sikkink 1998], praise and leadership [Petrova 2019], possession
[Karlas 2023]; magnitudes assumed. Null: each coefficient 0. It is taken back with the hazard of a withdrawal.
"""

from typing import Any, NamedTuple

REASONS = (
    "open",
    "already bound by the convention",
    "already renounced",
    "would never renounce",
    "neither holds nor produces the weapon",
)


IMMOVABLE = 3
"""Place in `REASONS` of the one reason that a dated event overrides."""


class RenounceTerms(NamedTuple):
    """Terms of the log hazard of renouncing."""

    intercept: float
    norm: float
    peers: float
    threat: float
    war: float
    stock: float


def ineligible(bound: int, renounced: int, immovable: int, holder: int, producer: int) -> int:
    """Why the state does not decide on this: index into `REASONS`, 0 if it does.

    Args:
        bound: whether the state has joined the convention.
        renounced: whether it renounced the weapon before.
        immovable: whether it would never renounce of its own accord.
        holder: whether it holds cluster munitions.
        producer: whether it produces them.
    """
    if bound:
        return 1
    if renounced:
        return 2
    if not (holder or producer):
        return 4
    if immovable:
        return 3
    return 0


def terms(
    p: Any,
    felt: float,
    restrained_seen: float,
    threat: float,
    at_war: int,
    holder: int,
) -> RenounceTerms:
    """Terms of the monthly log hazard of renouncing.

    Args:
        p: parameters.
        felt: felt norm [0-1].
        restrained_seen: share of parties and renouncers among those it looks to [0-1].
        threat: external threat [0-1].
        at_war: whether it is at war.
        holder: whether it holds cluster munitions.
    """
    return RenounceTerms(
        intercept=p.renounce.intercept,
        norm=p.renounce.norm * (felt - 0.5),
        peers=p.renounce.peers * restrained_seen,
        threat=-p.renounce.threat * threat,
        war=-p.renounce.war * at_war,
        stock=-p.renounce.stock * holder,
    )
