"""The norm in a state's mind: expectations, felt norm, norm cost, validity, scope, and what it has grown used to.

A state follows a norm because it believes in it (validity v), because it expects others to follow it (empirical
expectation e) and because it expects others to mind (normative expectation q) [Bicchieri 2006]. The three make the felt
norm n, to which every choice and every legal act answers:

    n = (1 - lambda_i) v + lambda_i hill(conduct e + (1 - conduct) q; phi_i, complexity)

Thresholds phi_i and susceptibilities lambda_i differ between states [Granovetter 1978; Centola 2018]. Scope is the
share of the norm's cost still charged to an act inside a claimed exception: disputes about validity lower the first,
disputes about application the second [Deitelhoff and Zimmermann 2020]; an application dispute left unresolved spills
into validity [Arcudi 2019]. Whether a violation strengthens or erodes a norm depends on whether it is answered [Panke
and Petersohn 2012; Percy and Sandholtz 2022].

Status: directions from the sources named, all magnitudes assumed. Null values: `susceptibility` 0 cuts all influence on
the felt norm; every rate at 0 freezes its column; `recurrence` 0 and `irreversible` 0 leave no trace of
past exceptions; `initial.scope` 1 (and no erosion) makes exceptions inert.
"""

from typing import Any

from normsim.rules.initial import ABSTAIN, NO
from normsim.rules.link_functions import clip, hill


def cost(felt: float, scope: float, exception: float) -> float:
    """Norm cost of an act: felt norm (1 - exception (1 - scope)).

    Args:
        felt: felt norm [0-1].
        scope: share of the cost still charged inside an exception [0-1].
        exception: how far the act is covered by a claimed exception [0-1].
    """
    return felt * (1.0 - exception * (1.0 - scope))


def violation_seen(violation: float, exception: float, scope: float) -> float:
    """Violations as an observer counts them: acts under an exception count by the observer's own scope.

    Args:
        violation: acts outside an exception seen (standing-weighted).
        exception: acts under an exception seen, J (standing-weighted).
        scope: the observer's scope [0-1].
    """
    return violation + scope * exception


def remembered(p: Any, memory: float, seen: float) -> float:
    """What a state remembers after a month: `norm.memory` of what it remembered, and what it saw."""
    return p.norm.memory * memory + seen


def remembered_start(p: Any, seen: float) -> float:
    """What a state remembers at the start, as if every month before had been like the last."""
    return seen / (1.0 - p.norm.memory)


def expected_conduct(p: Any, complied: float, violated: float) -> float:
    """Empirical expectation e [0-1]: (prior trust + C) / (prior + C + V); trust where all three are 0.

    Args:
        p: parameters.
        complied: opportunities at which others complied, as remembered, C (standing-weighted).
        violated: violations, as remembered, V (standing-weighted).
    """
    weight = p.norm.prior + complied + violated
    return (p.norm.prior * p.norm.trust + complied) / weight if weight > 0.0 else p.norm.trust


def felt(p: Any, validity: float, conduct: float, approval: float, susceptibility: float, threshold: float) -> float:
    """Felt norm n [0-1].

    Args:
        p: parameters.
        validity: own acceptance v [0-1].
        conduct: empirical expectation e [0-1].
        approval: normative expectation q [0-1].
        susceptibility: weight of expectations lambda_i [0-1].
        threshold: expectation at which half their weight is felt, phi_i.
    """
    expected = p.norm.conduct * conduct + (1.0 - p.norm.conduct) * approval
    return (1.0 - susceptibility) * validity + susceptibility * hill(expected, threshold, p.norm.complexity)


def vote_worth(p: Any, stance: int) -> float:
    """Approval that a vote on the yearly UN resolution shows [0-1]: for 1, an abstention `abstention`, against 0."""
    if stance == ABSTAIN:
        return p.norm.abstention
    return 0.0 if stance == NO else 1.0


def approval_shown(p: Any, stance: int, exempt: int, voiced: int, violations: float) -> float:
    """Approval of the norm that a state shows [0-1]: its vote, and whether it spoke when there was an act to speak of.

    Args:
        p: parameters.
        stance: its vote on the yearly UN resolution, see `initial.YES`.
        exempt: whether it claims an exception now (an open bridge, or a dud-rate tier).
        voiced: whether it condemned some act this month.
        violations: visible acts in the world this month.
    """
    said = vote_worth(p, stance)
    if exempt:
        said *= 1.0 - p.norm.institution
    if violations > 0.0:
        said = (1.0 - p.norm.silence) * said + p.norm.silence * voiced
    return said


def answered(p: Any, heard: float) -> float:
    """How far an act counts as answered [0-1], by the share of the world's standing that condemned it."""
    return hill(heard, p.norm.enough, p.norm.complexity)


def precedent_kept(p: Any) -> float:
    """Share of a remembered claim that is left after a month: half is forgotten after `claim.half_life` months."""
    return 0.5 ** (1.0 / p.claim.half_life)


def precedent_next(kept: float, precedent: float, claims_seen: float) -> float:
    """Claims of exceptions that went unanswered, as remembered.

    Args:
        kept: share that is left after a month, see `precedent_kept`.
        precedent: what it remembered last month.
        claims_seen: claims of last month that passed unanswered, by those it looks to (standing-weighted).
    """
    return precedent * kept + claims_seen


def votes_now(calendar_month: int) -> bool:
    """Whether the UN General Assembly votes on the yearly resolution this month: in December."""
    return calendar_month == 12


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


def scope_next(
    p: Any,
    scope: float,
    peers: float,
    accepted: float,
    episodes: int,
    clear: float,
    open_now: int,
    rest: float,
    floor: float,
) -> float:
    """Scope: imitation, erosion by acts under an exception that pass unanswered, recovery once none is open.

    a + imitate (Wa - a) - erode J (1 + recurrence)^(e-1) (1 - clarity) (a - floor) + recover (1 - open) (rest - a)

    Args:
        p: parameters.
        scope: own scope a [0-1].
        peers: mean scope of those it looks to, Wa [0-1].
        accepted: acts under an exception seen that passed unanswered, J (standing-weighted).
        episodes: episodes of the exception most often opened so far, e.
        clear: clarity of the exceptions in use [0-1].
        open_now: whether any exception is open.
        rest: scope it recovers to (see `rest_scope`).
        floor: least scope (see `scope_floor`).
    """
    again = (1.0 + p.norm.recurrence) ** max(episodes - 1.0, 0.0)
    worn = p.norm.scope_erode * accepted * again * (1.0 - clear)
    moved = scope + p.norm.imitate * (peers - scope)
    moved -= min(worn, 1.0) * max(scope - floor, 0.0)
    if not open_now:
        moved += p.norm.scope_recover * (rest - scope)
    return clip(moved, floor, 1.0)


def rest_scope(p: Any, initial: float, lowest: float) -> float:
    """Scope a state can recover to: initial minus the irreversible share of its deepest loss."""
    return initial - p.norm.irreversible * (initial - lowest)


def validity_next(
    p: Any,
    validity: float,
    peers: float,
    anchor: float,
    felt: float,
    answered: float,
    unanswered: float,
    disputes: float,
    resolved: int,
    susceptibility: float,
) -> float:
    """Validity: imitation, anchor, internalisation, reaction to violations, spill-over.

    v + imitate (Wv - v) + anchor (v0 - v) + internalise (n - v)
      + lambda_i (answered R - unanswered U) v (1 - v)
      - spill (mean J unresolved) v

    Imitation alone is averaging [DeGroot 1974]; with the anchor it is that of Friedkin and Johnsen [1990].

    Args:
        p: parameters.
        validity: own validity v [0-1].
        peers: mean validity of those it looks to, Wv [0-1].
        anchor: own initial validity v0 [0-1].
        felt: felt norm n [0-1].
        answered: violations seen that were answered, R (standing-weighted, see `violation_seen`).
        unanswered: violations seen that were not, U.
        disputes: smoothed mean of the acts under an exception seen, J (standing-weighted).
        resolved: whether a change of the norm (an adopted tier) has settled the dispute.
        susceptibility: weight of expectations lambda_i [0-1]; a state that looks to nobody is moved by no reaction.
    """
    unresolved = 0.0 if resolved else disputes
    moved = validity + p.norm.imitate * (peers - validity) + p.norm.anchor * (anchor - validity)
    moved += p.norm.internalise * (felt - validity)
    effect = p.norm.answered * answered - p.norm.unanswered * unanswered
    moved += susceptibility * effect * validity * (1.0 - validity)
    moved -= p.norm.spill * unresolved * validity
    return clip(moved, 0.0, 1.0)


def follow(value: float, target: float, rate: float) -> float:
    """One step of exponential smoothing: value + rate (target - value)."""
    return value + rate * (target - value)


def violation(standing: float, act: float, act_exception: float) -> float:
    """What a state shows as a violation: its act outside an exception, by its standing.

    Args:
        standing: weight of its acts as signals.
        act: gravity of its acts of the month as far as seen [0-1].
        act_exception: how far they fall under a claimed exception [0-1].
    """
    return standing * act * (1.0 - act_exception)


def excepted_act(standing: float, act: float, act_exception: float) -> float:
    """What a state shows as an act under an exception, by its standing."""
    return standing * act * act_exception


def compliance(standing: float, opportunities: float) -> float:
    """What a state shows as compliance: the opportunities it let pass this month, by its standing."""
    return standing * opportunities


def claim_shown(p: Any, standing: float, opened: int, bridged: float, answered: float) -> float:
    """What a state shows as a claim of an exception this month, as far as it is seen and passes unanswered."""
    return standing * opened * visible_share(p, bridged) * (1.0 - answered)


def is_answered(answered: float) -> bool:
    """Whether an act counts as answered in the count of violations: more than half."""
    return answered > 0.5


def standing(p: Any, relative_power: float, democracy: float) -> float:
    """Weight of a state's act as a signal: (1 + k p/p_max)(1 + k d) [McKeown 2009]."""
    return (1.0 + p.standing.power * relative_power) * (1.0 + p.standing.democracy * democracy)
