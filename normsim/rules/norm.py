"""The norm in a state's mind: norm cost, perceived norm, validity, scope, and what it has grown used to.

Validity is acceptance that the prohibition is right; scope is the share of the norm's cost still charged to an act
inside a claimed exception. Disputes about validity lower the first, disputes about application the second [Deitelhoff
and Zimmermann 2020]; an application dispute left unresolved spills into validity [Arcudi 2019]; a clear, public
standard can raise it. Perceived norm is apart from both and moves first when institutions act [Tankard and Paluck
2017].

Status: directions from the sources named, all magnitudes assumed. Null values: every rate at 0 freezes its column;
`recurrence` 0, `irreversible` 0 and `slowing` 1 leave no trace of past exceptions; `initial.scope` 1 (and no erosion)
makes exceptions inert.
"""

import math
from typing import Any

from normsim.rules.link_functions import clip, hill


def cost(validity: float, scope: float, exception: float) -> float:
    """Norm cost of an act: validity (1 - exception (1 - scope)).

    Args:
        validity: acceptance of the norm [0-1].
        scope: share of the cost still charged inside an exception [0-1].
        exception: how far the act is covered by a claimed exception [0-1].
    """
    return validity * (1.0 - exception * (1.0 - scope))


def scope_floor(p: Any, tier_in_force: int) -> float:
    """Least scope anyone grants: 1 under a strict ban, which admits no exception; optional under a clear tier."""
    floor = p.strict_ban.on * p.strict_ban.scope_floor
    if tier_in_force:
        floor = max(floor, p.ccw_dud_rate.scope_floor)
    return floor


def tier_relief(p: Any, believed: float) -> float:
    """Relief that a dud-rate tier gives a class whose claim meets it [0-1].

    Evidence of a field rate above the threshold takes the relief away with slope `norm.evidence`.
    """
    excess = max(0.0, believed / p.ccw_dud_rate.threshold - 1.0)
    return clip(1.0 - p.norm.evidence * excess, 0.0, 1.0)


def tier_exception(p: Any, tier_in_force: int, claimed: float, believed: float, believed_best: float) -> float:
    """How far a class is covered by a dud-rate tier in force [0-1].

    A class above the threshold borrows the share `norm.masquerade` of the relief that the best class enjoys, as far as
    monitors cannot tell the two apart [Hsiang and Sekar 2016: illegal supply rose beside a legal sale].

    Args:
        p: parameters.
        tier_in_force: whether a tier is in force.
        claimed: claimed dud rate of the class.
        believed: believed dud rate of the class.
        believed_best: believed dud rate of the low-dud class.
    """
    if not tier_in_force:
        return 0.0
    if claimed <= p.ccw_dud_rate.threshold:
        return tier_relief(p, believed)
    undetected = 1.0 - p.assurance.monitoring * p.assurance.tier_accuracy
    return p.norm.masquerade * undetected * tier_relief(p, believed_best)


def exception(
    p: Any, tier_in_force: int, bridged: float, claimed: float, believed: float, believed_best: float
) -> float:
    """How far an act with a class falls under a claimed exception [0-1]: an open bridge, or a dud-rate tier.

    Args:
        p: parameters.
        tier_in_force: whether a tier is in force.
        bridged: how far it falls under a bridge exception [0-1].
        claimed: claimed dud rate of the class.
        believed: believed dud rate of the class.
        believed_best: believed dud rate of the low-dud class.
    """
    return max(bridged, tier_exception(p, tier_in_force, claimed, believed, believed_best))


def clarity(p: Any, bridge_open: int, tier_in_force: int) -> float:
    """Clarity of exceptions [0-1]: of an open bridge, its standard as far as it is public; else of the tier's text."""
    if bridge_open:
        return p.bridge.transparency * p.bridge.clear_standard
    return p.ccw_dud_rate.clear_standard if tier_in_force else 0.0


def visible_share(p: Any, bridged: float) -> float:
    """Share of an act that others see: open acts by `visibility`, acts under a bridge by its transparency.

    Args:
        p: parameters.
        bridged: how far the act falls under a bridge exception [0-1].
    """
    shown = p.norm.visibility_floor + (1.0 - p.norm.visibility_floor) * p.bridge.transparency
    return p.norm.visibility * (1.0 - bridged) + min(p.norm.visibility, shown) * bridged


def perceived_next(p: Any, perceived: float, acts_seen: float, adopters_seen: float) -> float:
    """Perceived norm: n + perceive (1 - acts - n) - institution * adopters [Tankard and Paluck 2017]."""
    moved = perceived + p.norm.perceive * (1.0 - acts_seen - perceived) - p.norm.institution * adopters_seen
    return clip(moved, 0.0, 1.0)


def scope_next(
    p: Any,
    scope: float,
    peers: float,
    exposure: float,
    episodes: int,
    clear: float,
    open_now: int,
    rest: float,
    floor: float,
) -> float:
    """Scope: imitation, erosion by acts under an exception, recovery once none is open.

    a + imitate (Wa - a) - erode h(J) (1 + recurrence)^(e-1) (1 - clarity) (a - floor)
      + recover slowing^(e-1) (1 - open) (rest - a)

    Args:
        p: parameters.
        scope: own scope a [0-1].
        peers: mean scope of those it looks to, Wa [0-1].
        exposure: acts under an exception seen, J (standing-weighted).
        episodes: episodes of the exception most often opened so far, e.
        clear: clarity of the exceptions in use [0-1].
        open_now: whether any exception is open.
        rest: scope it recovers to (see `rest_scope`).
        floor: least scope (see `scope_floor`).
    """
    earlier = max(episodes - 1.0, 0.0)
    felt = hill(exposure, p.norm.half_exposure, p.norm.complexity) * (1.0 + p.norm.recurrence) ** earlier
    moved = scope + p.norm.scope_imitate * (peers - scope)
    moved -= min(p.norm.scope_erode * felt * (1.0 - clear), 1.0) * max(scope - floor, 0.0)
    if not open_now:
        moved += p.norm.scope_recover * p.norm.slowing**earlier * (rest - scope)
    return clip(moved, floor, 1.0)


def rest_scope(p: Any, initial: float, lowest: float) -> float:
    """Scope a state can recover to: initial minus the irreversible share of its deepest loss."""
    return initial - p.norm.irreversible * (initial - lowest)


def validity_next(
    p: Any,
    validity: float,
    peers: float,
    anchor: float,
    violations: float,
    disputes: float,
    disputes_mean: float,
    resolved: int,
    reactions: float,
    bound: int,
    clear: float,
) -> float:
    """Validity: imitation, anchor, erosion by violations, spill-over, rally, lock-in, clarification.

    v + imitate (Wv - v) + anchor (v0 - v) - erode h(U) v - spill (mean h(J) unresolved) v
      + rally R (1 - v) + lock_in bound (1 - v) + clarify clarity h(J) (1 - v)

    Imitation alone is DeGroot averaging; with the anchor it is Friedkin-Johnsen.

    Args:
        p: parameters.
        validity: own validity v [0-1].
        peers: mean validity of those it looks to, Wv [0-1].
        anchor: own initial validity v0 [0-1].
        violations: unjustified violations seen, U (standing-weighted).
        disputes: acts under an exception seen, J (standing-weighted).
        disputes_mean: twelve-month mean of h(J) [0-1].
        resolved: whether a change of the norm (an adopted tier) has settled the dispute.
        reactions: condemnations, joinings and casualties in the news seen, R.
        bound: whether it is a party.
        clear: clarity of the exceptions in use [0-1].
    """
    half, exponent = p.norm.half_exposure, p.norm.complexity
    unresolved = 0.0 if resolved else disputes_mean
    moved = validity + p.norm.imitate * (peers - validity) + p.norm.anchor * (anchor - validity)
    moved -= (p.norm.erode * hill(violations, half, exponent) + p.norm.spill * unresolved) * validity
    gain = p.norm.rally * reactions + p.norm.clarify * clear * hill(disputes, half, exponent)
    if bound:
        gain += p.norm.lock_in
    return clip(moved + gain * (1.0 - validity), 0.0, 1.0)


def follow(value: float, target: float, rate: float) -> float:
    """One step of exponential smoothing: value + rate (target - value)."""
    return value + rate * (target - value)


def violation(standing: float, act: float, act_exception: float, complicit: float) -> float:
    """What a state shows as a violation: its act outside an exception, and breaches it let pass, by its standing.

    Args:
        standing: weight of its acts as signals.
        act: gravity of its acts of the month as far as seen [0-1].
        act_exception: how far they fall under a claimed exception [0-1].
        complicit: breaches by recipients that it knows of and lets pass, weighted.
    """
    return standing * (act * (1.0 - act_exception) + complicit)


def excepted_act(standing: float, act: float, act_exception: float) -> float:
    """What a state shows as an act under an exception, by its standing."""
    return standing * act * act_exception


def reaction(p: Any, voiced: int, joined: int, casualties_seen: float) -> float:
    """What a state shows as a reaction: it condemned, it joined, and its recorded casualties in the news."""
    return voiced + joined + p.norm.salience * math.log1p(casualties_seen)


def is_answered(p: Any, heard: float) -> bool:
    """Whether a violation counts as answered: condemned by at least `reaction_floor` of the world's standing."""
    return heard >= p.norm.reaction_floor


def standing(p: Any, relative_power: float, democracy: float) -> float:
    """Weight of a state's act as a signal: (1 + k p/p_max)(1 + k d) [McKeown 2009]."""
    return (1.0 + p.standing.power * relative_power) * (1.0 + p.standing.democracy * democracy)
