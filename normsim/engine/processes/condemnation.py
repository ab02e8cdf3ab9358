"""Condemnation: how visible and how grave each state's acts of the month are, and who condemns whom."""

import math
from typing import Any

import numpy as np

from normsim.engine import interventions
from normsim.engine.columns import BOUND, Choice, Entry, Measured, Order, Signal, State, System, Table, Work
from normsim.engine.event_log import note
from normsim.engine.networks import Networks
from normsim.engine.streams import Stream
from normsim.rules import condemn, norm
from normsim.rules.link_functions import decide, dyad, logit


def acts(p: Any, states: Table[State], work: Table[Work]) -> None:
    """Set the gravity of each state's acts, how far they fall under an exception, and how far they are seen.

    A notice of withdrawal is given at the end of a month and spoken about in the next.
    """
    for i in range(len(states)):
        me, mine = states[i], work[i]
        me.passed = condemn.passed(
            p, me.used, me.transferred, 1 if me.rounds > 0 and me.intensity > 0.0 else 0, mine.asked
        )
        weight = condemn.gravity(p, me.used, me.transferred, mine.noticed_before)
        if weight <= 0.0:
            continue
        bridged = 0.0
        if me.used:
            me.act_exception, bridged = mine.use_exception, mine.use_bridged
        elif me.transferred:
            me.act_exception, bridged = mine.transfer_exception, mine.transfer_bridged
        me.act_seen = norm.visible_share(p, bridged)
        me.act = weight * me.act_seen


def condemnations(
    p: Any,
    now: System,
    states: Table[State],
    networks: Networks,
    work: Table[Work],
    seen: Table[Signal],
    dated: Table[Order],
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Every state, or every onlooker, decides about each visible act of another state this month."""
    now.acts = 0
    for j in range(len(states)):
        them = states[j]
        if them.act <= 0.0:
            continue
        now.acts += 1
        _mark(networks, work, j, 1.0)
        log_casualties = math.log1p(them.casualties_caused)
        heard = 0.0
        first, last = 0, len(states)
        if p.condemn.reach == condemn.ONLOOKERS:
            first, last = networks.onlooker_start[j], networks.onlooker_start[j + 1]
        for place in range(first, last):
            i = networks.onlooker[place] if p.condemn.reach == condemn.ONLOOKERS else place
            if i == j:
                continue
            me, mine = states[i], work[i]
            terms = condemn.terms(
                p,
                norm.cost(me.felt, me.scope, them.act_exception),
                1 if me.status >= BOUND else 0,
                me.civil,
                me.log_scale,
                log_casualties,
                them.act,
                me.baseline,
                int(mine.ally_mark),
                mine.supplier_mark,
                seen[i].voice,
            )
            probability = them.act_seen * logit(terms)
            draw = dyad(draws[Stream.CONDEMN, i], draws[Stream.CONDEMN, j])
            order = interventions.about(now, dated, i, j)
            speaks = decide(order, probability, draw)
            note(log, now, Choice.CONDEMN, i, j, -1, them.act, probability, draw, speaks, order, terms)
            if speaks:
                me.voiced = 1
                them.critics += 1
                heard += me.standing_share
                out.condemnations += 1.0
        _mark(networks, work, j, 0.0)
        work[j].heard = heard
        them.answered = norm.answered(p, heard)
        out.violations += 1.0
        out.violations_answered += 1.0 if norm.is_answered(them.answered) else 0.0


def _mark(networks: Networks, work: Table[Work], j: int, value: float) -> None:
    """Mark (1) or clear (0) the allies and arms customers of one state."""
    for edge in range(networks.ally_start[j], networks.ally_start[j + 1]):
        work[networks.ally[edge]].ally_mark = value
    for edge in range(networks.customer_start[j], networks.customer_start[j + 1]):
        work[networks.customer[edge]].supplier_mark = value * networks.customer_weight[edge]
