"""Acquire: a state outside the ban decides to produce cluster munitions or to seek them abroad.

P = logit^-1(intercept + threat th + peers (W holders) + lawful L - norm cost), a month.
A producer adds a batch to its stock; any other state puts a wish to buy on the market for `acquire.patience` months.

Status: signs from event-history studies of possession [Karlas 2023] and threat [Karlas 2022]; magnitudes assumed, the
intercept set to about one new seeker a year. Null: each coefficient 0; a state that is a party or has renounced is
ineligible.
"""

from typing import Any, NamedTuple

REASONS = ("open", "bound by the convention", "renounced the weapon", "already waiting for a supplier")


class AcquireTerms(NamedTuple):
    """Terms of the propensity to acquire, in logits."""

    intercept: float
    threat: float
    peers: float
    lawful: float
    norm: float


def ineligible(bound: int, renounced: int, waiting: int) -> int:
    """Why the state does not decide on this: index into `REASONS`, 0 if it does."""
    if bound:
        return 1
    if renounced:
        return 2
    if waiting:
        return 3
    return 0


def terms(p: Any, threat: float, holders_seen: float, lawful: float, norm_cost: float) -> AcquireTerms:
    """Terms of the monthly propensity to acquire.

    Args:
        p: parameters.
        threat: external threat [0-1].
        holders_seen: share of holders among those it looks to [0-1].
        lawful: 1 if holding the class is lawful for it.
        norm_cost: norm cost of the class it would take [0-1].
    """
    return AcquireTerms(
        intercept=p.acquire.intercept,
        threat=p.acquire.threat * threat,
        peers=p.acquire.peers * holders_seen,
        lawful=p.acquire.lawful * lawful,
        norm=-p.acquire.norm * norm_cost,
    )


def batch(p: Any, scale: float) -> int:
    """Rounds that a producer of this scale adds."""
    return int(p.acquire.batch * scale)
