"""Harm: assurances broken, seen and answered; then duds and casualties; then disarmament."""

from typing import Any

import numpy as np

from normsim.engine.columns import BOUND, NEVER, Choice, Entry, Measured, State, System, Table, Tie, Work
from normsim.engine.event_log import note, tell
from normsim.engine.networks import Networks
from normsim.engine.streams import Stream
from normsim.rules import assurance, harm, norm, obligation, supply
from normsim.rules.link_functions import dyad, logit


def harms(p: Any, now: System, states: Table[State], work: Table[Work], draws: np.ndarray, out: Measured) -> None:
    """Duds and casualties of this month's strikes and of what lies on the ground."""
    shown_0 = shown_1 = shown_2 = False
    for i in range(len(states)):
        me = states[i]
        fired = work[i].fired
        if fired == 0:
            continue
        there = states[me.theatre]
        munition = work[i].fired_class
        left = harm.duds(p, fired, now.field[munition])
        kept = 0.0 if me.broke else me.assured
        mean = harm.attack_mean(p, fired, kept) * harm.heavy_tail(p, draws[Stream.STRIKE, i])
        hurt = harm.count(mean, draws[Stream.ATTACK, i])
        there.contamination += left
        there.casualties_attack += hurt
        me.casualties_caused = harm.recorded(p, hurt)
        out.duds += left
        out.dud_gap += now.field[munition] / now.claimed[munition] * fired
        shown_0 |= munition == 0
        shown_1 |= munition == 1
        shown_2 |= munition == 2
    if out.rounds_fired > 0.0:
        out.dud_gap /= out.rounds_fired
    for k, shown in enumerate((shown_0, shown_1, shown_2)):
        if shown:
            now.believed[k] = harm.belief_next(p, now.believed[k], now.field[k])
    for i in range(len(states)):
        me = states[i]
        if me.contamination > 0.0:
            me.casualties_remnants = harm.count(harm.remnant_mean(p, me.contamination), draws[Stream.REMNANT, i])
        known = harm.recorded(p, me.casualties_attack + me.casualties_remnants)
        me.strike_record = norm.follow(me.strike_record, me.casualties_caused, p.harm.memory)
        out.casualties_attack += me.casualties_attack
        out.casualties_remnants += me.casualties_remnants
        out.casualties_recorded += known


def assurances(
    p: Any,
    now: System,
    states: Table[State],
    ties: Table[Tie],
    networks: Networks,
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Recipients that used this month may have broken their terms; suppliers may see it, and may cut them off."""
    detection = assurance.detection(p, now.tier)
    for j in range(len(states)):
        if not states[j].supplied:
            continue
        for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
            if ties[k].since < NEVER:
                _keep_terms(p, now, states, ties[k], networks.tie_strength[k], detection, draws, log, out)


def _keep_terms(
    p: Any,
    now: System,
    states: Table[State],
    tie: Tie,
    strength: float,
    detection: float,
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """One recipient keeps its terms or breaks them; its supplier may answer."""
    i, j = tie.recipient, tie.supplier
    me = states[i]
    if me.used and tie.terms > 0.0 and tie.since <= p.assurance.life:
        terms = assurance.breach_terms(p, me.intensity, tie.terms, strength, detection)
        probability = logit(terms)
        draw = draws[Stream.BREACH, i]
        broken = draw < probability
        note(log, now, Choice.BREACH, i, j, -1, 0.0, probability, draw, broken, 0, terms)
        if broken:
            me.broke = 1
            _answer_breach(p, now, tie, detection, draws, log, out)


def _answer_breach(
    p: Any,
    now: System,
    tie: Tie,
    detection: float,
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Detect a breach or not, and cut the recipient off or let it pass."""
    i, j = tie.supplier, tie.recipient
    out.breaches += 1.0
    if dyad(draws[Stream.DETECT, i], draws[Stream.DETECT, j]) >= detection:
        return
    out.breaches_detected += 1.0
    enforced = dyad(draws[Stream.ENFORCE, i], draws[Stream.ENFORCE, j]) < assurance.enforcement(p)
    if enforced and p.assurance.cutoff_months > 0:
        if tie.cut_off == 0:
            out.cutoffs += 1.0
            tell(log, now, Choice.CUT_OFF, i, j, p.assurance.cutoff_months)
        tie.cut_off = int(p.assurance.cutoff_months)


def disarm(p: Any, now: System, states: Table[State], out: Measured) -> None:
    """Clearance of duds, and destruction of stocks that the ban, a renunciation or a tier demands."""
    from_tier = int(p.ccw_dud_rate.deferral_months)
    for i in range(len(states)):
        me = states[i]
        gone = harm.cleared(p, me.contamination, me.programme)
        me.contamination -= gone
        out.cleared += gone
        obeys = obligation.obeys(p, me.felt, me.threat)
        if me.status == BOUND or me.renounced:
            if obeys:
                out.stock_destroyed += _destroy(now, me, int(p.supply.destroy_months) - me.bound_for, 0.0)
            me.bound_for += 1
        if me.tier:
            if obeys and me.tier_for >= from_tier:
                left = int(p.ccw_dud_rate.destruction_months) - (me.tier_for - from_tier)
                out.stock_destroyed += _destroy(now, me, left, p.ccw_dud_rate.threshold)
            me.tier_for += 1


def _destroy(now: System, me: State, months_left: int, above: float) -> int:
    """Destroy this month's part of the classes claimed above a dud rate; returns the rounds gone."""
    gone = 0
    for munition in range(supply.CLASSES):
        if now.claimed[munition] > above and me.stock[munition] > 0:
            part = supply.destroyed(me.stock[munition], months_left)
            me.stock[munition] -= part
            gone += part
    me.rounds -= gone
    me.received = min(me.received, me.rounds)
    return gone
