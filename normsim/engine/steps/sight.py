"""Sight: what each state sees of the others, one month late; and what it shows of itself."""

import math
from typing import Any

import numpy as np

from normsim.compiled import compiled
from normsim.engine.columns import BOUND
from normsim.engine.fetch import LARGE, fetch
from normsim.engine.networks import Networks
from normsim.rules import norm

AHEAD = 16
"""Edges between telling the processor of a neighbour and asking for its signals."""


@compiled
def see(networks: Networks, signals: Any, rare: np.ndarray, seen: Any) -> None:
    """Exposure of every state to every signal of last month: seen = W signals, one pass over the edges.

    Args:
        networks: the networks.
        signals: what each state showed last month.
        rare: whether any of the signals that few states send is not zero, shape (states,).
        seen: filled with the weighted means over neighbours.
    """
    told = networks.neighbour.shape[0] - AHEAD if len(seen) > LARGE else 0
    for i in range(len(seen)):
        # a variable a signal, so that the sums stay in registers: the pass is the dearest loop of the month
        validity = scope = bound = restrained = holder = reaction = voice = supply = 0.0
        act = violation = exception = notice = adopter = 0.0
        for edge in range(networks.start[i], networks.start[i + 1]):
            weight = networks.weight[edge]
            j = networks.neighbour[edge]
            if edge < told:
                fetch(signals, networks.neighbour[edge + AHEAD], "validity")
            signal = signals[j]
            validity += weight * signal.validity
            scope += weight * signal.scope
            bound += weight * signal.bound
            restrained += weight * signal.restrained
            holder += weight * signal.holder
            reaction += weight * signal.reaction
            voice += weight * signal.voice
            supply += weight * signal.supply
            if rare[j]:
                act += weight * signal.act
                violation += weight * signal.violation
                exception += weight * signal.exception
                notice += weight * signal.notice
                adopter += weight * signal.adopter
        mine = seen[i]
        mine.validity = validity
        mine.scope = scope
        mine.bound = bound
        mine.restrained = restrained
        mine.holder = holder
        mine.reaction = reaction
        mine.voice = voice
        mine.supply = supply
        mine.act = act
        mine.violation = violation
        mine.exception = exception
        mine.notice = notice
        mine.adopter = adopter


@compiled
def show(p: Any, states: Any, signals: Any) -> None:
    """What each state shows this month, for its neighbours to see next month."""
    for i in range(len(states)):
        me, mine = states[i], signals[i]
        restrained = 1.0 if me.status >= BOUND or me.renounced else 0.0
        mine.validity = me.validity
        mine.scope = me.scope
        mine.bound = 1.0 if me.status >= BOUND else 0.0
        mine.restrained = restrained
        mine.holder = 1.0 if me.rounds > 0 else 0.0
        mine.act = me.act
        mine.violation = me.standing * (me.act * (1.0 - me.act_exception) + me.complicit)
        mine.exception = me.standing * me.act * me.act_exception
        mine.reaction = me.voiced + me.joined + p.norm.salience * math.log1p(me.casualties_seen)
        mine.notice = me.notice_echo
        mine.voice = me.voiced
        mine.adopter = me.opened * norm.visible_share(p, 1.0 if me.bridge else 0.0)
        mine.supply = me.supplying


@compiled
def begin(states: Any, signals: Any, regions: np.ndarray, work: Any) -> None:
    """Put last month's acts aside, start the month with none, and count who is a party where.

    Args:
        states: the states.
        signals: what each state showed last month.
        regions: filled with (parties, states) of each region, shape (regions, 2).
        work: the month's intermediate results.
    """
    regions[:] = 0.0
    for i in range(len(states)):
        me = states[i]
        regions[me.region, 1] += 1.0
        if me.status >= BOUND:
            regions[me.region, 0] += 1.0
        signal = signals[i]
        work.rare[i] = (
            signal.act != 0.0
            or signal.violation != 0.0
            or signal.exception != 0.0
            or signal.notice != 0.0
            or signal.adopter != 0.0
        )
        work.bound_before[i] = signal.bound
        work.used_before[i] = me.used
        work.noticed_before[i] = me.noticed
        work.fired[i] = 0
        me.used = 0
        me.transferred = 0
        me.noticed = 0
        me.joined = 0
        me.opened = 0
        me.covered = 0
        me.assured = 0.0
        me.voiced = 0
        me.critics = 0
        me.act = 0.0
        me.act_exception = 0.0
        me.act_seen = 0.0
        me.complicit = 0.0
        me.broke = 0
        me.casualties_attack = 0.0
        me.casualties_remnants = 0.0
        me.casualties_caused = 0.0


@compiled
def count_allies(p: Any, states: Any, networks: Networks, work: Any) -> None:
    """Share of parties among each state's allies; only asked for where parties refuse assistance."""
    if not (p.strict_ban.on and p.strict_ban.assistance):
        return
    for i in range(len(states)):
        first, last = networks.ally_start[i], networks.ally_start[i + 1]
        bound = 0
        for edge in range(first, last):
            bound += 1 if states[networks.ally[edge]].status >= BOUND else 0
        work.bound_allies[i] = bound / (last - first) if last > first else 0.0
