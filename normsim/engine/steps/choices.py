"""Choices: transfer, acquire and use; who decides, on what it sees, and what follows for stocks."""

from typing import Any

import numpy as np

from normsim.compiled import compiled
from normsim.engine.columns import Choice
from normsim.engine.draws import Stream
from normsim.engine.fetch import LARGE, fetch
from normsim.engine.log import note
from normsim.engine.networks import Networks
from normsim.engine.steps.world import cover
from normsim.rules import acquire, assurance, norm, supply, transfer, use
from normsim.rules.links import decide, dyad, logit

BUYERS_AHEAD = 4
"""Buyers between telling the processor of a buyer's suppliers and weighing what they send; 3 and 8 do as well."""


@compiled
def exception(p: Any, now: Any, munition: int, bridged: float) -> float:
    """How far an act with a class falls under a claimed exception: an open bridge, or a dud-rate tier."""
    best = now.believed[supply.LOW_DUD]
    return max(bridged, norm.tier_exception(p, now.tier, now.claimed[munition], now.believed[munition], best))


@compiled
def lawful(p: Any, now: Any, me: Any, munition: int) -> bool:
    """Whether a state's own obligations allow it to use or hold a class."""
    if me.in_force:
        return False
    over = now.claimed[munition] > p.ccw_dud_rate.threshold
    return not (me.tier and over and me.tier_for >= p.ccw_dud_rate.deferral_months)


@compiled
def pick_class(p: Any, now: Any, me: Any, bridged: float, draw: float) -> int:
    """The class a holder takes from its stock, at random by rounds at hand and norm cost."""
    weight_0 = _class_weight(p, now, me, supply.LEGACY, bridged)
    weight_1 = _class_weight(p, now, me, supply.IMPROVED, bridged)
    weight_2 = _class_weight(p, now, me, supply.LOW_DUD, bridged)
    return use.choose_class(weight_0, weight_1, weight_2, draw)


@compiled
def _class_weight(p: Any, now: Any, me: Any, munition: int, bridged: float) -> float:
    """Weight of one class of a holder's stock."""
    rounds = me.stock[munition]
    if rounds == 0:
        return 0.0
    covered = exception(p, now, munition, bridged)
    return use.class_weight(p, rounds, norm.cost(me.validity, me.scope, covered))


@compiled
def transfers(
    p: Any, now: Any, states: Any, ties: Any, networks: Networks, work: Any, draws: np.ndarray, log: Any, out: Any
) -> None:
    """Suppliers decide on every partner that fights or wants to buy, on stocks as they were; `deliveries` follow."""
    buyers = _offers_and_buyers(p, now, states, networks, work, draws)
    told = buyers - BUYERS_AHEAD if len(states) > LARGE else 0
    for place in range(buyers):
        if place < told:
            _foresee(states, ties, networks, work, work.buying[place + BUYERS_AHEAD])
        j = work.buying[place]
        them = states[j]
        wanted = _wants(them)
        for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
            i = networks.tie_supplier[k]
            if work.offer[i] < 0:
                continue
            tie = ties[k]
            if not wanted and tie.order <= 0:
                continue
            me = states[i]
            bar = transfer.barred(
                me.in_force, me.renounced, them.in_force, them.renounced, me.rounds, tie.cut_off, wanted
            )
            if bar and tie.order <= 0:
                continue
            bridge = 1 if me.bridge and supply.asks_for_aid(p, them.conventional, them.intensity) else 0
            munition = work.offer_bridged[i] if bridge else work.offer[i]
            covered = exception(p, now, munition, float(bridge))
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
                norm.cost(me.validity, me.scope, covered),
                me.democracy,
                me.criticism,
                over,
                tie.trust,
                work.bound_allies[i],
            )
            probability = logit(terms)
            draw = dyad(draws[Stream.TRANSFER, i], draws[Stream.TRANSFER, j])
            sent = transfer.rounds_sent(p, me.stock[munition], me.scale)
            happens = sent > 0 and decide(tie.order, probability, draw)
            note(
                log,
                now,
                Choice.TRANSFER,
                i,
                j,
                munition,
                float(sent) if happens else 0.0,
                probability,
                draw,
                happens,
                tie.order,
                terms,
            )
            if happens:
                tie.sending = sent
                tie.munition = munition
                work.expecting[j] = 1
                work.promised[i, munition] += sent
                work.transfer_exception[i] = max(work.transfer_exception[i], covered)
                work.transfer_bridged[i] = max(work.transfer_bridged[i], float(bridge))
                out.transfers += 1.0
                out.transfers_excepted += 1.0 if covered > 0.0 else 0.0
                out.transfers_over_limit += over


@compiled
def _wants(me: Any) -> bool:
    """Whether a state fights or wants to buy."""
    return me.intensity > 0.0 or me.wanting > 0


@compiled
def _offers_and_buyers(p: Any, now: Any, states: Any, networks: Networks, work: Any, draws: np.ndarray) -> int:
    """The class each holder would send this month, outside a bridge and under one; and how many may be sent it."""
    buyers = 0
    for i in range(len(states)):
        me = states[i]
        work.transfer_exception[i] = 0.0
        work.transfer_bridged[i] = 0.0
        work.expecting[i] = 0
        work.offer[i] = -1
        if me.rounds > 0:
            for munition in range(supply.CLASSES):
                work.promised[i, munition] = 0
                work.held[i, munition] = me.stock[munition]
            draw = draws[Stream.TRANSFER_CLASS, i]
            work.offer[i] = pick_class(p, now, me, 0.0, draw)
            work.offer_bridged[i] = pick_class(p, now, me, 1.0, draw) if me.bridge else work.offer[i]
        if _wants(me) or now.transfer_orders > 0:
            work.buying[buyers] = i
            buyers += 1
            fetch(networks.tie_supplier, networks.tie_start[i])  # `_foresee` reads its suppliers
    return buyers


@compiled
def _foresee(states: Any, ties: Any, networks: Networks, work: Any, j: int) -> None:
    """Tell the processor of what will be weighed when it is a buyer's turn."""
    for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
        i = networks.tie_supplier[k]
        if work.offer[i] >= 0:
            fetch(ties, k)
            fetch(states, i, "stock")
            fetch(states, i, "status")


@compiled
def deliveries(p: Any, states: Any, ties: Any, networks: Networks, work: Any, out: Any) -> None:
    """Send what was decided; a supplier that promised more of a class than it holds shares out what there is."""
    for j in range(len(states)):
        if work.expecting[j]:
            for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
                _send(states, ties[k], work)
    for j in range(len(states)):
        if work.expecting[j]:
            for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
                _receive(p, states, ties[k], out)


@compiled
def _send(states: Any, tie: Any, work: Any) -> None:
    """Take what was decided on one tie, or its share of what there is, out of the supplier's stock."""
    if tie.sending <= 0:
        return
    promised, held = work.promised[tie.supplier, tie.munition], work.held[tie.supplier, tie.munition]
    if promised > held:
        tie.sending = tie.sending * held // promised
    me = states[tie.supplier]
    me.stock[tie.munition] -= tie.sending
    me.rounds -= tie.sending
    me.received = min(me.received, me.rounds)
    me.transferred += 1
    tie.since = -1


@compiled
def _receive(p: Any, states: Any, tie: Any, out: Any) -> None:
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


@compiled
def acquisitions(p: Any, now: Any, states: Any, seen: Any, draws: np.ndarray, log: Any, out: Any) -> None:
    """States outside the ban decide to produce or to seek the weapon: the low-dud class once a tier allows it."""
    munition = supply.LOW_DUD if now.tier else supply.IMPROVED
    covered = exception(p, now, munition, 0.0)
    for i in range(len(states)):
        me = states[i]
        me.wanting = max(me.wanting - 1, 0)
        bar = acquire.barred(1 if me.in_force else 0, me.renounced, 1 if me.wanting > 0 and not me.producer else 0)
        if bar and me.order_acquire <= 0:
            continue
        terms = acquire.terms(
            p,
            me.threat,
            supply.shortage(me.conventional),
            seen[i].holder,
            1.0 if lawful(p, now, me, munition) else 0.0,
            norm.cost(me.validity, me.scope, covered),
            me.reputation,
        )
        probability = logit(terms)
        happens = decide(me.order_acquire, probability, draws[Stream.ACQUIRE, i])
        made = acquire.batch(p, me.scale) if happens and me.producer else 0
        note(
            log,
            now,
            Choice.ACQUIRE,
            i,
            -1,
            munition,
            float(made),
            probability,
            draws[Stream.ACQUIRE, i],
            happens,
            me.order_acquire,
            terms,
        )
        if happens:
            out.acquisitions += 1.0
            out.rounds_produced += made
            me.stock[munition] += made
            me.rounds += made
            if not me.producer:
                me.wanting = int(p.acquire.patience)


@compiled
def uses(p: Any, now: Any, states: Any, networks: Networks, work: Any, draws: np.ndarray, log: Any, out: Any) -> None:
    """Holders at war decide whether to fire cluster munitions."""
    seen = assurance.detection(p, now.tier)
    for i in range(len(states)):
        me = states[i]
        if me.rounds <= 0:
            continue
        if me.intensity > 0.0:
            out.opportunities += 1.0
        short = supply.shortage(me.conventional)
        bar = use.barred(p, me.intensity, me.rounds, me.renounced, 1 if me.received > 0 else 0, short)
        if bar and me.order_use <= 0:
            continue
        bridged = me.covered * me.received / me.rounds
        munition = pick_class(p, now, me, bridged, draws[Stream.USE_CLASS, i])
        covered = exception(p, now, munition, bridged)
        allowed = lawful(p, now, me, munition)
        terms = use.terms(
            p,
            me.intensity,
            short,
            me.habit,
            _opponent_used(states, networks, work, i),
            1.0 if allowed else 0.0,
            norm.cost(me.validity, me.scope, covered),
            me.perceived,
            me.democracy,
            me.strike_record,
            me.assured * seen,
            me.in_force,
        )
        probability = logit(terms)
        happens = decide(me.order_use, probability, draws[Stream.USE, i])
        fought = me.intensity if me.intensity > 0.0 else p.conflict.minor  # use at peace is only ever ordered
        fired = use.rounds_fired(p, me.stock[munition], fought, me.scale) if happens else 0
        note(
            log,
            now,
            Choice.USE,
            i,
            me.theatre,
            munition,
            float(fired),
            probability,
            draws[Stream.USE, i],
            happens,
            me.order_use,
            terms,
        )
        if happens:
            me.used = 1
            me.months_used += 1
            me.received -= fired * me.received // me.rounds
            me.stock[munition] -= fired
            me.rounds -= fired
            work.fired[i] = fired
            work.fired_class[i] = munition
            work.use_exception[i] = covered
            work.use_bridged[i] = bridged
            out.users += 1.0
            out.rounds_fired += fired
            out.users_party += 1.0 if me.in_force else 0.0
            out.uses_lawful += 1.0 if allowed else 0.0
            out.uses_unlawful += 0.0 if allowed else 1.0
            out.uses_excepted += 1.0 if covered > 0.0 else 0.0


@compiled
def _opponent_used(states: Any, networks: Networks, work: Any, i: int) -> float:
    """1 if a rival that is at war used the weapon last month."""
    for edge in range(networks.rival_start[i], networks.rival_start[i + 1]):
        j = networks.rival[edge]
        if work.used_before[j] and states[j].intensity > 0.0:
            return 1.0
    return 0.0
