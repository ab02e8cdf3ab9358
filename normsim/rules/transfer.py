"""Transfer: a supplier decides whether to send cluster munitions to a partner that fights or wants to buy.

P = logit^-1(intercept + alliance A + arms B + producer + need s_j x_j + intent + own_shortage s_i + bridge +
             previous - norm cost
             - audience d c - limit [judged dud rate > limit](1 - waiver) - assistance (W parties among allies))

Pairs are those with a defence pact or an arms trade [Thurner et al. 2019 with corrigendum: pacts, path dependence;
Lebacher et al. 2021]. The shortage behind an exception drives it and criticism hardly does [Wexler 2023]. Five
approvals in ten months for one pair under an open bridge [APA 2024] anchor `bridge`. Every supplier of the record made
or inherited what it sent.

Status: signs from the sources; magnitudes assumed. Null: each coefficient 0. A party or a renouncer is ineligible on
either side.
"""

import math
from typing import Any, NamedTuple

from normsim.rules.link_functions import logit
from normsim.rules.supply import INHERITED, MADE

REASONS = (
    "open",
    "the recipient neither fights short of cluster munitions nor wants to buy",
    "the supplier is bound by the convention",
    "the supplier renounced the weapon",
    "the recipient is bound by the convention",
    "the recipient renounced the weapon",
    "the supplier holds no cluster munitions",
    "the recipient is cut off",
    "the supplier neither makes its stock nor inherited it",
    "no defence pact and no arms trade with the recipient",
)
"""In the order in which they are checked; the last is said where there is no pair to check."""

NOT_WANTED, NO_ROUNDS, NO_TIE = 1, 6, 9
"""Places in `REASONS` of what is known before a pair is looked at."""


class TransferTerms(NamedTuple):
    """Terms of the propensity to transfer, in logits."""

    intercept: float
    alliance: float
    arms: float
    producer: float
    need: float
    intent: float
    own_shortage: float
    bridge: float
    previous: float
    norm: float
    audience: float
    limit: float
    assistance: float


def ineligible(
    supplier_bound: int,
    supplier_renounced: int,
    recipient_bound: int,
    recipient_renounced: int,
    rounds: int,
    cut_off: int,
    wanted: int,
    own_stock: int,
) -> int:
    """Why the pair does not come to a decision: index into `REASONS`, 0 if it does.

    Args:
        supplier_bound: whether the convention is in force for the supplier.
        supplier_renounced: whether the supplier renounced the weapon.
        recipient_bound: whether the convention is in force for the recipient.
        recipient_renounced: whether the recipient renounced the weapon.
        rounds: rounds that the supplier holds, all classes.
        cut_off: months left for which the supplier has cut the recipient off.
        wanted: whether the recipient asks for munitions (see `is_wanted`).
        own_stock: whether the supplier's stock is its own to give (see `may_give`).
    """
    if not wanted:
        return NOT_WANTED
    if supplier_bound:
        return 2
    if supplier_renounced:
        return 3
    if recipient_bound:
        return 4
    if recipient_renounced:
        return 5
    if rounds <= 0:
        return NO_ROUNDS
    if cut_off > 0:
        return 7
    if not own_stock:
        return 8
    return 0


def is_wanted(p: Any, intensity: float, rounds: int, scale: float, wanting: int) -> bool:
    """Whether a recipient asks for munitions: it wants to buy, or fights with few months of fire left.

    Args:
        p: parameters.
        intensity: intensity of its war [0-1], 0 at peace.
        rounds: rounds that it holds, all classes.
        scale: size of what it fires.
        wanting: months left of an open wish to buy.
    """
    return wanting > 0 or (intensity > 0.0 and rounds <= p.transfer.enough * p.use.rounds * scale)


def may_give(producer: int, origin: int) -> bool:
    """Whether a supplier may give its stock: it makes it, or has it from own production or a predecessor.

    Imported stock stays under the terms of the state that sold it, as Germany's shells in Estonia did [DPA 2023].
    """
    return bool(producer) or origin in (MADE, INHERITED)


def over_limit(p: Any, has_limit: int, claimed: float, believed: float) -> float:
    """1 if a domestic export limit stands against the class: judged dud rate > limit.

    The judged rate is the claimed one, moved towards the believed field rate by `export.evidence`. With `export.total`
    the limit covers any transfer.
    """
    if not (has_limit or p.export.everyone):
        return 0.0
    if p.export.total:
        return 1.0
    judged = claimed + p.export.evidence * (believed - claimed)
    return 1.0 if judged > p.export.limit else 0.0


def terms(
    p: Any,
    alliance: float,
    arms: float,
    producer: int,
    recipient_shortage: float,
    recipient_intensity: float,
    recipient_wants: int,
    own_shortage: float,
    bridge_open: int,
    previous: int,
    norm_cost: float,
    democracy: float,
    criticism: float,
    over: float,
    bound_allies: float,
) -> TransferTerms:
    """Terms of the monthly propensity of a supplier to transfer to one recipient.

    Args:
        p: parameters.
        alliance: 1 if a defence pact binds the two.
        arms: standing arms trade [0-1], 1 for a major supplier.
        producer: whether the supplier produces cluster munitions.
        recipient_shortage: missing share of the recipient's conventional stock target [0-1].
        recipient_intensity: intensity of the recipient's war [0-1].
        recipient_wants: whether it has an open wish to buy.
        own_shortage: missing share of the supplier's own conventional stock target [0-1].
        bridge_open: whether the supplier's bridge exception is open and the recipient is short enough to fall under it.
        previous: whether it sent munitions to this recipient within `transfer.memory` months.
        norm_cost: norm cost of the act for the supplier [0-1].
        democracy: the supplier's level of democracy [0-1].
        criticism: standing-weighted share of states that criticise the supplier [0-1].
        over: 1 if a domestic limit stands against the class (see `over_limit`).
        bound_allies: share of parties among the supplier's allies [0-1].
    """
    waived = p.export.waiver if bridge_open else 0.0
    return TransferTerms(
        intercept=p.transfer.intercept,
        alliance=p.transfer.alliance * alliance,
        arms=p.transfer.arms * arms,
        producer=p.transfer.producer * producer,
        need=p.transfer.need * recipient_shortage * recipient_intensity,
        intent=p.transfer.intent * recipient_wants,
        own_shortage=p.transfer.own_shortage * own_shortage,
        bridge=p.transfer.bridge * bridge_open,
        previous=p.transfer.previous * previous,
        norm=-p.transfer.norm * norm_cost,
        audience=-p.transfer.audience * democracy * criticism,
        limit=-p.transfer.limit * over * (1.0 - waived),
        assistance=-p.strict_ban.on * p.strict_ban.assistance * bound_allies,
    )


def without_norm(terms: TransferTerms) -> float:
    """Probability of the transfer had there been no norm: all terms but the norm cost."""
    total = 0.0
    for term in terms:
        total += term
    return logit((total - terms.norm,))


def rounds_sent(p: Any, rounds: int, scale: float) -> int:
    """Rounds in one transfer: what the supplier's scale gives, at most what it holds of the class."""
    return min(rounds, math.ceil(p.transfer.rounds * scale))
