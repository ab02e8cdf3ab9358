"""Voices and norms: who condemns whom, and what the month leaves in every state's mind."""

from typing import Any

import numpy as np

from normsim.compiled import compiled
from normsim.engine.columns import BOUND, Choice
from normsim.engine.draws import Stream
from normsim.engine.log import note
from normsim.engine.networks import Networks
from normsim.engine.steps import orders
from normsim.rules import assurance, condemn, norm
from normsim.rules.links import decide, dyad, hill, logit


@compiled
def acts(p: Any, states: Any, work: Any) -> None:
    """Gravity of each state's acts, how far they fall under an exception, how far they are seen.

    A notice of withdrawal is given at the end of a month and spoken about in the next.
    """
    for i in range(len(states)):
        me = states[i]
        weight = condemn.gravity(p, me.used, me.transferred, work.noticed_before[i])
        if weight <= 0.0:
            continue
        bridged = 0.0
        if me.used:
            me.act_exception, bridged = work.use_exception[i], work.use_bridged[i]
        elif me.transferred:
            me.act_exception, bridged = work.transfer_exception[i], work.transfer_bridged[i]
        me.act_seen = norm.visible_share(p, bridged)
        me.act = weight * me.act_seen


@compiled
def condemnations(
    p: Any,
    now: Any,
    states: Any,
    networks: Networks,
    work: Any,
    seen: Any,
    dated: np.ndarray,
    draws: np.ndarray,
    log: Any,
    out: Any,
) -> None:
    """Every state, or every onlooker, decides about each visible act of another state this month."""
    disclosed = assurance.disclosed(p)
    for j in range(len(states)):
        them = states[j]
        if them.act <= 0.0:
            continue
        _mark(networks, work, j, 1.0)
        only_transfer = 1 if them.transferred and not them.used else 0
        heard = 0.0
        first, last = 0, len(states)
        if p.condemn.reach == condemn.ONLOOKERS:
            first, last = networks.onlooker_start[j], networks.onlooker_start[j + 1]
        for place in range(first, last):
            i = networks.onlooker[place] if p.condemn.reach == condemn.ONLOOKERS else place
            if i == j:
                continue
            me = states[i]
            terms = condemn.terms(
                p,
                norm.cost(me.validity, me.scope, them.act_exception),
                1 if me.status >= BOUND else 0,
                them.casualties_caused,
                them.act,
                me.baseline,
                int(work.ally_mark[i]),
                work.supplier_mark[i],
                int(work.rival_mark[i]),
                disclosed * only_transfer,
                only_transfer,
                seen[i].voice,
            )
            probability = them.act_seen * logit(terms)
            draw = dyad(draws[Stream.CONDEMN, i], draws[Stream.CONDEMN, j])
            order = orders.about(now, dated, i, j)
            speaks = decide(order, probability, draw)
            note(log, now, Choice.CONDEMN, i, j, -1, them.act, probability, draw, speaks, order, terms)
            if speaks:
                me.voiced = 1
                them.critics += 1
                heard += me.standing_share
                them.reputation += condemn.weight(p, me.standing_share, int(work.ally_mark[i]))
                out.condemnations += 1.0
        _mark(networks, work, j, 0.0)
        work.heard[j] = heard
        out.violations += 1.0
        out.violations_answered += 1.0 if heard >= p.norm.reaction_floor else 0.0


@compiled
def _mark(networks: Networks, work: Any, j: int, value: float) -> None:
    """Mark (1) or clear (0) the allies, arms customers and rivals of one state."""
    for edge in range(networks.ally_start[j], networks.ally_start[j + 1]):
        work.ally_mark[networks.ally[edge]] = value
    for edge in range(networks.customer_start[j], networks.customer_start[j + 1]):
        work.supplier_mark[networks.customer[edge]] = value * networks.customer_weight[edge]
    for edge in range(networks.rival_start[j], networks.rival_start[j + 1]):
        work.rival_mark[networks.rival[edge]] = value


@compiled
def norms(p: Any, now: Any, states: Any, work: Any, seen: Any) -> None:
    """The month's marks on memory, perceived norm, scope and validity, from what was seen of last month."""
    clear = norm.clarity(p, 1 if now.bridges > 0 else 0, now.tier)
    open_now = 1 if now.bridges > 0 or now.tier else 0
    floor = norm.scope_floor(p, now.tier)
    fading = 0.5 ** (1.0 / p.withdraw.half_life)
    for i in range(len(states)):
        me = states[i]
        me.habit = norm.follow(me.habit, 1.0 if me.used else 0.0, p.use.habit_rate)
        me.supplying = norm.follow(me.supplying, 1.0 if me.transferred > 0 else 0.0, p.use.habit_rate)
        me.criticism = norm.follow(me.criticism, work.heard[i], p.condemn.decay)
        work.heard[i] = 0.0
        me.reputation *= 1.0 - p.condemn.decay
        me.notice_echo *= fading
        disputes = seen[i].exception
        felt = hill(disputes, p.norm.half_exposure, p.norm.complexity)
        me.disputes = norm.follow(me.disputes, felt, 1.0 / p.norm.dispute_months)
        me.perceived = norm.perceived_next(p, me.perceived, seen[i].act, seen[i].adopter)
        me.validity = norm.validity_next(
            p,
            me.validity,
            seen[i].validity,
            me.anchor,
            seen[i].violation,
            disputes,
            me.disputes,
            now.tier,
            seen[i].reaction,
            1 if me.status >= BOUND else 0,
            clear,
        )
        me.scope = norm.scope_next(
            p,
            me.scope,
            seen[i].scope,
            disputes,
            now.recurrence,
            clear,
            open_now,
            norm.rest_scope(p, me.scope_start, me.scope_low),
            floor,
        )
        me.scope_low = min(me.scope_low, me.scope)
        me.baseline = norm.follow(me.baseline, seen[i].act, p.norm.baseline)
