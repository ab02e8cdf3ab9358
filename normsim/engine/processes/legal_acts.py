"""Legal acts: the vote in the CCW, joining and leaving the ban, renouncing, and what takes effect this month."""

from typing import Any

import numpy as np

from normsim.engine.columns import (
    BOUND,
    LEAVING,
    NONE,
    SIGNED,
    Choice,
    Entry,
    Measured,
    Signal,
    State,
    System,
    Table,
    Work,
)
from normsim.engine.event_log import note, tell
from normsim.engine.interventions import JOIN, RENOUNCE, WITHDRAW
from normsim.engine.networks import Networks
from normsim.engine.streams import Stream
from normsim.rules import join, obligation, renounce, supply, vote, withdraw
from normsim.rules.link_functions import decide, hazard, logit


def take_effect(now: System, states: Table[State], log: Table[Entry], out: Measured) -> None:
    """Apply what takes effect at the start of the month: entry into force, and notices of withdrawal."""
    if not now.treaty_force and now.treaty_in >= 0:
        now.treaty_in = max(now.treaty_in - 1, 0)
        now.treaty_force = 1 if now.treaty_in == 0 else 0
    for i in range(len(states)):
        me = states[i]
        if me.status >= BOUND and not me.in_force:
            me.force_in = max(me.force_in - 1, 0)
            if me.force_in == 0 and now.treaty_force:
                me.in_force = 1
                tell(log, now, Choice.IN_FORCE, i, -1, 0.0)
        if me.status == LEAVING:
            me.notice_left = max(me.notice_left - 1, 0)
            if obligation.leaves_now(me.notice_left, me.intensity):
                me.status = NONE
                me.in_force = 0
                me.bound_for = 0
                out.exits += 1.0
                tell(log, now, Choice.LEFT, i, -1, 0.0)


def votes(
    p: Any,
    now: System,
    states: Table[State],
    work: Table[Work],
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """The CCW parties decide on the dud-rate text if it is on the table."""
    tabled = 1 if vote.tabled(p, now.month, now.calendar, now.tier) else 0
    blockers = voters = 0
    for i in range(len(states)):
        me = states[i]
        reason = vote.ineligible(me.ccw, tabled)
        work[i].no_vote = reason
        if reason:
            continue
        terms = vote.terms(p, me.felt, 1 if me.status >= SIGNED else 0, me.producer, _lost(p, now, me))
        probability = logit(terms)
        blocks = draws[Stream.VOTE, i] < probability
        note(log, now, Choice.VOTE, i, -1, -1, 0.0, probability, draws[Stream.VOTE, i], blocks, 0, terms)
        voters += 1
        blockers += 1 if blocks else 0
    if not tabled:
        return
    out.blockers += blockers
    out.voters += voters
    if not vote.passes(p, blockers, voters):
        tell(log, now, Choice.REJECTED, -1, -1, float(blockers))
        return
    now.tier = 1
    now.tier_months = 0
    now.episodes += 1
    tell(log, now, Choice.ADOPTED, -1, -1, float(voters))
    for i in range(len(states)):
        me = states[i]
        if me.ccw and p.ccw_dud_rate.rule == vote.IMPOSED:
            me.tier = 1
            me.tier_for = 0
            me.opened = 1


def _lost(p: Any, now: System, me: State) -> float:
    """Share of a state's stock that the dud-rate text would outlaw."""
    if me.rounds <= 0:
        return 0.0
    over = 0
    for munition in range(supply.CLASSES):
        if obligation.is_outlawed(p, now.claimed[munition]):
            over += me.stock[munition]
    return over / me.rounds


def joins(
    p: Any,
    now: System,
    states: Table[State],
    regions: np.ndarray,
    work: Table[Work],
    seen: Table[Signal],
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Signatures, ratifications, accessions; and ratifications of an adopted CCW protocol."""
    accepted = withdraw.accepted_exception(p, now.tier, 0.0)
    for i in range(len(states)):
        me = states[i]
        if now.tier and me.ccw and not me.tier:
            _take_up_protocol(p, now, me, i, draws, log)
        reason = join.ineligible(1 if me.status >= BOUND else 0, me.immovable, now.months_open)
        work[i].no_join = reason
        if reason and (reason != join.IMMOVABLE or me.orders[JOIN] <= 0):
            continue
        form = join.form(1 if me.status == SIGNED else 0, now.treaty_force)
        patron_outside = 1.0 - work[me.patron].bound_before if me.patron >= 0 else 0.0
        terms = join.terms(
            p,
            form,
            me.frailty,
            regions[me.region, 0] / regions[me.region, 1],
            seen[i].bound,
            me.delay,
            me.felt,
            me.civil,
            now.months_open,
            me.threat - now.threat_mean,
            join.arsenal(me.rounds, me.relative_power),
            patron_outside,
            accepted,
        )
        probability = hazard(terms)
        draw = draws[Stream.JOIN, i]
        happens = decide(me.orders[JOIN], probability, draw)
        note(log, now, Choice.JOIN, i, -1, -1, float(form), probability, draw, happens, me.orders[JOIN], terms)
        if happens and form == join.SIGN and me.orders[JOIN] <= 0:
            me.status = SIGNED
            me.joined = 1
            out.joins += 1.0
        elif happens:
            _bind(p, now, me, out)


def _bind(p: Any, now: System, me: State, out: Measured) -> None:
    """Deposit an instrument: in force after six months, and not before the convention itself."""
    me.status = BOUND
    me.joined = 1
    me.renounced = 0
    me.bound_for = 0
    me.threat_bound = me.threat
    now.deposits += 1
    if now.treaty_in < 0 and now.deposits >= p.join.trigger:
        now.treaty_in = int(p.join.entry_months)
    me.force_in = int(p.join.entry_months)
    out.joins += 1.0
    out.deposits += 1.0


def _take_up_protocol(p: Any, now: System, me: State, i: int, draws: np.ndarray, log: Table[Entry]) -> None:
    """A CCW party may ratify the adopted protocol."""
    terms = join.protocol_terms(p, me.delay)
    probability = hazard(terms)
    draw = draws[Stream.PROTOCOL, i]
    happens = draw < probability
    note(log, now, Choice.PROTOCOL, i, -1, -1, 0.0, probability, draw, happens, 0, terms)
    if happens:
        me.tier = 1
        me.tier_for = 0
        me.opened = 1


def renunciations(
    p: Any,
    now: System,
    states: Table[State],
    work: Table[Work],
    seen: Table[Signal],
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Holders and producers outside the ban may give the weapon up on their own."""
    for i in range(len(states)):
        me = states[i]
        holder = 1 if me.rounds > 0 else 0
        reason = renounce.ineligible(1 if me.status >= BOUND else 0, me.renounced, me.immovable, holder, me.producer)
        work[i].no_renounce = reason
        if reason and (reason != renounce.IMMOVABLE or me.orders[RENOUNCE] <= 0):
            continue
        terms = renounce.terms(
            p,
            me.felt,
            seen[i].restrained,
            me.threat,
            1 if me.intensity > 0.0 else 0,
            holder,
        )
        probability = hazard(terms)
        draw = draws[Stream.RENOUNCE, i]
        happens = decide(me.orders[RENOUNCE], probability, draw)
        note(
            log,
            now,
            Choice.RENOUNCE,
            i,
            -1,
            -1,
            float(me.rounds),
            probability,
            draw,
            happens,
            me.orders[RENOUNCE],
            terms,
        )
        if happens:
            me.renounced = 1
            me.bound_for = 0
            me.threat_bound = me.threat
            out.renunciations += 1.0


def withdrawals(
    p: Any,
    now: System,
    states: Table[State],
    work: Table[Work],
    networks: Networks,
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Parties may give notice; unilateral renouncers may take it back."""
    accepted = withdraw.accepted_exception(p, now.tier, now.strongest_bridge)
    _count_exits(p, states, networks, work)  # before anyone gives notice, so that the order of states does not matter
    for i in range(len(states)):
        me = states[i]
        reason = withdraw.ineligible(me.status, me.renounced)
        work[i].no_withdraw = reason
        if reason:
            continue
        terms = withdraw.terms(p, me.threat - me.threat_bound, work[i].exits_near, me.felt, accepted)
        probability = hazard(terms)
        draw = draws[Stream.WITHDRAW, i]
        happens = decide(me.orders[WITHDRAW], probability, draw)
        note(log, now, Choice.WITHDRAW, i, -1, -1, 0.0, probability, draw, happens, me.orders[WITHDRAW], terms)
        if happens and me.status == BOUND:
            me.status = LEAVING
            me.notice_left = int(p.withdraw.notice_months)
            me.noticed = 1
            me.notice_echo += 1.0
            out.notices += 1.0
        elif happens:
            me.renounced = 0


def _count_exits(p: Any, states: Table[State], networks: Networks, work: Table[Work]) -> None:
    """Set the recent notices of withdrawal by each state's allies and neighbours, weighted by what they share."""
    for i in range(len(states)):
        work[i].exits_near = 0.0
    for j in range(len(states)):
        echo = states[j].notice_echo
        if echo <= 0.0:
            continue
        for edge in range(networks.fellow_start[j], networks.fellow_start[j + 1]):  # fellows are mutual
            near = work[networks.fellow[edge]]
            near.exits_near += withdraw.exit_weight(p, networks.fellow_shared[edge]) * echo
