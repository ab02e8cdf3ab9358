"""Trade: suppliers decide on every partner that fights or wants to buy, and what was decided is delivered."""

from typing import Any

import numpy as np

from normsim.engine.columns import Choice, Entry, Measured, State, System, Table, Tie, Work
from normsim.engine.event_log import note
from normsim.engine.networks import Networks
from normsim.engine.processes.armament import exception_of, pick_class
from normsim.engine.processes.bridges import cover
from normsim.engine.streams import Stream
from normsim.rules import norm, supply, transfer
from normsim.rules.link_functions import decide, dyad, logit


def transfers(
    p: Any,
    now: System,
    states: Table[State],
    ties: Table[Tie],
    networks: Networks,
    work: Table[Work],
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Suppliers decide on stocks as they were at the start of the month; `deliveries` follow."""
    _offers(states, work, draws)
    for j in range(len(states)):
        them = states[j]
        wanted = 1 if transfer.is_wanted(p, them.intensity, them.rounds, them.scale, them.wanting) else 0
        work[j].no_receive = 0 if wanted or now.transfer_orders > 0 else transfer.NOT_WANTED
        if work[j].no_receive:
            continue
        for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
            tie = ties[k]
            if not wanted and tie.order <= 0:
                tie.ineligible = transfer.NOT_WANTED
                continue
            i = networks.tie_supplier[k]
            me = states[i]
            own_stock = 1 if transfer.may_give(me.producer, me.origin) else 0
            reason = transfer.ineligible(
                me.in_force, me.renounced, them.in_force, them.renounced, me.rounds, tie.cut_off, wanted, own_stock
            )
            tie.ineligible = reason
            if work[i].offer < 0 or (reason and tie.order <= 0):
                continue
            bridge = 1 if me.bridge and them.intensity > 0.0 else 0
            munition = work[i].offer
            covered = exception_of(p, now, munition, float(bridge))
            over = transfer.over_limit(p, me.has_limit, now.claimed[munition], now.believed[munition])
            terms = transfer.terms(
                p,
                tie.ally,
                tie.arms,
                me.producer,
                supply.shortage(them.conventional),
                them.intensity,
                1 if them.wanting > 0 else 0,
                supply.shortage(me.conventional),
                bridge,
                1 if tie.since <= p.transfer.memory else 0,
                norm.cost(me.felt, me.scope, covered),
                me.democracy,
                me.criticism,
                over,
                work[i].bound_allies,
            )
            probability = logit(terms)
            draw = dyad(draws[Stream.TRANSFER, i], draws[Stream.TRANSFER, j])
            sent = transfer.rounds_sent(p, me.stock[munition], me.scale)
            happens = sent > 0 and decide(tie.order, probability, draw)
            out.transfers_norm_free += transfer.without_norm(terms) if sent > 0 else 0.0
            if supply.asks_for_aid(p, them.conventional, them.intensity):
                work[i].asked = 1
            amount = float(sent) if happens else 0.0
            note(log, now, Choice.TRANSFER, i, j, munition, amount, probability, draw, happens, tie.order, terms)
            if happens:
                tie.sending = sent
                tie.munition = munition
                work[j].expecting = 1
                work[i].promised[munition] += sent
                work[i].transfer_exception = max(work[i].transfer_exception, covered)
                work[i].transfer_bridged = max(work[i].transfer_bridged, float(bridge))
                out.transfers += 1.0
                out.transfers_excepted += 1.0 if covered > 0.0 else 0.0
                out.transfers_over_limit += over


def _offers(states: Table[State], work: Table[Work], draws: np.ndarray) -> None:
    """Set the class each holder would send this month."""
    for i in range(len(states)):
        me, mine = states[i], work[i]
        mine.transfer_exception = 0.0
        mine.transfer_bridged = 0.0
        mine.expecting = 0
        mine.asked = 0
        mine.offer = -1
        if me.rounds > 0:
            for munition in range(supply.CLASSES):
                mine.promised[munition] = 0
                mine.held[munition] = me.stock[munition]
            mine.offer = pick_class(me, draws[Stream.TRANSFER_CLASS, i])


def deliveries(
    p: Any, states: Table[State], ties: Table[Tie], networks: Networks, work: Table[Work], out: Measured
) -> None:
    """Send what was decided; a supplier that promised more of a class than it holds shares out what there is."""
    for j in range(len(states)):
        if work[j].expecting:
            for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
                _send(states, ties[k], work)
    for j in range(len(states)):
        if work[j].expecting:
            for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
                _receive(p, states, ties[k], out)


def _send(states: Table[State], tie: Tie, work: Table[Work]) -> None:
    """Take what was decided on one tie, or its share of what there is, out of the supplier's stock."""
    if tie.sending <= 0:
        return
    me, mine = states[tie.supplier], work[tie.supplier]
    promised, held = mine.promised[tie.munition], mine.held[tie.munition]
    if promised > held:
        tie.sending = tie.sending * held // promised
    me.stock[tie.munition] -= tie.sending
    me.rounds -= tie.sending
    me.received = min(me.received, me.rounds)
    me.transferred += 1
    tie.since = -1


def _receive(p: Any, states: Table[State], tie: Tie, out: Measured) -> None:
    """Put what was sent on one tie into the recipient's stock."""
    if tie.since >= 0:
        return
    them = states[tie.recipient]
    them.stock[tie.munition] += tie.sending
    them.rounds += tie.sending
    them.received += tie.sending
    them.wanting = 0
    them.supplied = 1
    out.rounds_sent += tie.sending
    tie.sending = 0
    tie.since = 0
    tie.terms = p.assurance.strictness
    cover(p, states, tie)
