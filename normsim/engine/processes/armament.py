"""Armament: states acquire cluster munitions, and holders at war use them."""

from typing import Any

import numpy as np

from normsim.engine.columns import Choice, Entry, Measured, Signal, State, System, Table, Work
from normsim.engine.event_log import note
from normsim.engine.interventions import ACQUIRE, USE
from normsim.engine.networks import Networks
from normsim.engine.streams import Stream
from normsim.rules import acquire, assurance, norm, obligation, supply, use
from normsim.rules.link_functions import decide, logit


def exception_of(p: Any, now: System, munition: int, bridged: float) -> float:
    """How far an act with a class falls under a claimed exception (see `norm.exception`)."""
    best = now.believed[supply.LOW_DUD]
    return norm.exception(p, now.tier, bridged, now.claimed[munition], now.believed[munition], best)


def pick_class(me: State, draw: float) -> int:
    """The class a holder takes from its stock, at random by rounds at hand."""
    return use.choose_class(me.stock[supply.LEGACY], me.stock[supply.IMPROVED], me.stock[supply.LOW_DUD], draw)


def acquisitions(
    p: Any,
    now: System,
    states: Table[State],
    work: Table[Work],
    seen: Table[Signal],
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """States outside the ban decide to produce or to seek the weapon: the low-dud class once a tier allows it."""
    munition = supply.LOW_DUD if now.tier else supply.IMPROVED
    covered = exception_of(p, now, munition, 0.0)
    for i in range(len(states)):
        me = states[i]
        me.wanting = max(me.wanting - 1, 0)
        waiting = 1 if me.wanting > 0 and not me.producer else 0
        reason = acquire.ineligible(1 if me.in_force else 0, me.renounced, waiting)
        work[i].no_acquire = reason
        if reason and me.orders[ACQUIRE] <= 0:
            continue
        terms = acquire.terms(
            p,
            me.threat,
            seen[i].holder,
            1.0 if obligation.is_lawful(p, me.in_force, me.tier, me.tier_for, now.claimed[munition]) else 0.0,
            norm.cost(me.felt, me.scope, covered),
        )
        probability = logit(terms)
        draw = draws[Stream.ACQUIRE, i]
        happens = decide(me.orders[ACQUIRE], probability, draw)
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
            draw,
            happens,
            me.orders[ACQUIRE],
            terms,
        )
        if happens:
            out.acquisitions += 1.0
            out.rounds_produced += made
            me.stock[munition] += made
            me.rounds += made
            if not me.producer:
                me.wanting = int(p.acquire.patience)


def uses(
    p: Any,
    now: System,
    states: Table[State],
    networks: Networks,
    work: Table[Work],
    draws: np.ndarray,
    log: Table[Entry],
    out: Measured,
) -> None:
    """Holders at war decide whether to fire cluster munitions."""
    detection = assurance.detection(p, now.tier)
    for i in range(len(states)):
        me = states[i]
        short = supply.shortage(me.conventional)
        if me.rounds > 0 and me.intensity > 0.0:
            out.opportunities += 1.0
        reason = use.ineligible(p, me.intensity, me.rounds, me.renounced, 1 if me.received > 0 else 0, short)
        work[i].no_use = reason
        if me.rounds <= 0 or (reason and me.orders[USE] <= 0):
            continue
        bridged = me.covered * me.received / me.rounds
        munition = pick_class(me, draws[Stream.USE_CLASS, i])
        covered = exception_of(p, now, munition, bridged)
        allowed = obligation.is_lawful(p, me.in_force, me.tier, me.tier_for, now.claimed[munition])
        terms = use.terms(
            p,
            me.intensity,
            short,
            me.habit,
            _opponent_used(states, networks, work, i),
            1.0 if allowed else 0.0,
            norm.cost(me.felt, me.scope, covered),
            me.felt,
            me.democracy,
            me.strike_record,
            me.assured * detection,
            me.in_force,
        )
        probability = logit(terms)
        draw = draws[Stream.USE, i]
        happens = decide(me.orders[USE], probability, draw)
        out.uses_norm_free += use.without_norm(terms)
        fought = me.intensity if me.intensity > 0.0 else p.conflict.minor  # use at peace is only ever forced
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
            draw,
            happens,
            me.orders[USE],
            terms,
        )
        if happens:
            me.used = 1
            me.months_used += 1
            me.received -= fired * me.received // me.rounds
            me.stock[munition] -= fired
            me.rounds -= fired
            work[i].fired = fired
            work[i].fired_class = munition
            work[i].use_exception = covered
            work[i].use_bridged = bridged
            out.users += 1.0
            out.rounds_fired += fired
            out.users_party += 1.0 if me.in_force else 0.0
            out.uses_lawful += 1.0 if allowed else 0.0
            out.uses_unlawful += 0.0 if allowed else 1.0
            out.uses_excepted += 1.0 if covered > 0.0 else 0.0


def _opponent_used(states: Table[State], networks: Networks, work: Table[Work], i: int) -> float:
    """1 if a rival that is at war used the weapon last month."""
    for edge in range(networks.rival_start[i], networks.rival_start[i + 1]):
        j = networks.rival[edge]
        if work[j].used_before and states[j].intensity > 0.0:
            return 1.0
    return 0.0
