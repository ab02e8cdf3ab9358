"""Bridge exceptions: claimed by choice or by a dated event, closed when due and reviewed; and whom they cover."""

from typing import Any

import numpy as np

from normsim.engine.columns import BOUND, NEVER, Choice, Entry, State, System, Table, Tie, Work
from normsim.engine.event_log import note, tell
from normsim.engine.interventions import CLOSE_BRIDGE, OPEN_BRIDGE
from normsim.engine.networks import Networks
from normsim.engine.streams import Stream
from normsim.rules import bridge, claim, norm
from normsim.rules.link_functions import decide, logit


def bridges(p: Any, now: System, states: Table[State], work: Table[Work], draws: np.ndarray, log: Table[Entry]) -> None:
    """Open, review and close the bridge exception of every state."""
    now.bridges = 0
    now.strongest_bridge = 0.0
    now.recurrence = now.tier
    for i in range(len(states)):
        me = states[i]
        if me.bridge:
            work[i].no_claim = claim.OPEN_NOW
            _close_if_due(p, now, me, i, draws[Stream.BRIDGE, i], log)
        elif _claims(p, now, me, work[i], i, draws[Stream.CLAIM, i], log):
            me.bridge = 1
            me.bridge_months = 0
            me.bridge_due = -1
            me.episodes += 1
            me.opened = 1
            now.episodes += 1
        if me.bridge:
            now.bridges += 1
            now.strongest_bridge = max(now.strongest_bridge, me.relative_power)
        now.recurrence = max(now.recurrence, me.episodes)


def _claims(p: Any, now: System, me: State, mine: Work, i: int, draw: float, log: Table[Entry]) -> bool:
    """Whether one state claims the exception: as a dated event says, else if it may claim one and chooses to."""
    reason = claim.ineligible(
        p,
        me.producer,
        me.rounds,
        me.intensity,
        1 if me.status >= BOUND else 0,
        me.renounced,
        mine.partner_short,
        me.episodes,
    )
    mine.no_claim = reason
    order = -1 if me.orders[CLOSE_BRIDGE] > 0 else 0
    if me.orders[OPEN_BRIDGE] != 0:
        order = me.orders[OPEN_BRIDGE]
    if reason and order <= 0:
        return False
    cost = norm.cost(me.felt, me.scope, 1.0)
    terms = claim.terms(p, me.conventional, mine.partner_short, me.precedent, cost)
    probability = logit(terms)
    happens = decide(order, probability, draw)
    note(log, now, Choice.CLAIM, i, -1, -1, me.conventional, probability, draw, happens, order, terms)
    return happens


def _close_if_due(p: Any, now: System, me: State, i: int, draw: float, log: Table[Entry]) -> None:
    """Close one state's bridge if it is due, reviewed now, and the promise is kept; or if a dated event says so."""
    me.bridge_months += 1
    if me.bridge_due < 0 and bridge.due(p, me.conventional, me.bridge_months):
        me.bridge_due = 0
    closing = me.orders[CLOSE_BRIDGE] > 0 and me.orders[OPEN_BRIDGE] <= 0
    if me.bridge_due >= 0 and not closing and me.orders[OPEN_BRIDGE] <= 0:
        if bridge.review_now(p, me.bridge_due):
            closing = decide(me.orders[CLOSE_BRIDGE], p.bridge.close_probability, draw)
        me.bridge_due += 1
    if closing:
        me.bridge = 0
        tell(log, now, Choice.BRIDGE_CLOSES, i, -1, float(me.bridge_months))


def age_ties(p: Any, states: Table[State], ties: Table[Tie], networks: Networks) -> None:
    """Let a month pass for ties in use: cut-offs run down, and earlier transfers cover and bind their recipients."""
    for j in range(len(states)):
        if not states[j].supplied:
            continue
        for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
            tie = ties[k]
            tie.cut_off = max(tie.cut_off - 1, 0)
            if tie.since < NEVER:
                tie.since += 1
                cover(p, states, tie)


def cover(p: Any, states: Table[State], tie: Tie) -> None:
    """Let a tie with an earlier transfer cover its recipient by the supplier's bridge and bind it by its terms."""
    recipient = states[tie.recipient]
    if tie.since <= p.assurance.life:
        recipient.assured = max(recipient.assured, p.assurance.implementation * tie.terms)
    if states[tie.supplier].bridge and tie.since <= p.transfer.memory:
        recipient.covered = 1
