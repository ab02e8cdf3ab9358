"""Sight: what each state sees of the others, one month late; and what it shows of itself."""

import math
from typing import Any

import numpy as np

from normsim.compiled import compiled
from normsim.engine.columns import BOUND, Signal
from normsim.engine.fetch import fetch
from normsim.engine.networks import Networks
from normsim.rules import norm

AHEAD = 16
"""Edges between telling the processor of a neighbour and asking for its signals."""

LARGE = 4096
"""States above which `see` tells. It costs time at 200 and saves it at 20,000 (measured); where it turns is assumed."""


@compiled
def see(networks: Networks, signals: np.ndarray, rare: np.ndarray, seen: np.ndarray) -> None:
    """Exposure of every state to every signal of last month: seen = W signals, one pass over the edges.

    Args:
        networks: the networks.
        signals: last month's signals, shape (states, room for signals).
        rare: whether any of the signals that few states send is not zero, shape (states,).
        seen: filled with the weighted means over neighbours, shape (states, signals).
    """
    told = networks.neighbour.shape[0] - AHEAD if seen.shape[0] > LARGE else 0
    for i in range(seen.shape[0]):
        # a variable a signal, so that the sums stay in registers: the pass is the dearest loop of the month
        validity = scope = bound = restrained = holder = reaction = voice = supply = 0.0
        act = violation = exception = notice = adopter = 0.0
        for edge in range(networks.start[i], networks.start[i + 1]):
            weight = networks.weight[edge]
            j = networks.neighbour[edge]
            if edge < told:
                fetch(signals, networks.neighbour[edge + AHEAD])
            signal = signals[j]
            validity += weight * signal[Signal.VALIDITY]
            scope += weight * signal[Signal.SCOPE]
            bound += weight * signal[Signal.BOUND]
            restrained += weight * signal[Signal.RESTRAINED]
            holder += weight * signal[Signal.HOLDER]
            reaction += weight * signal[Signal.REACTION]
            voice += weight * signal[Signal.VOICE]
            supply += weight * signal[Signal.SUPPLY]
            if rare[j]:
                act += weight * signal[Signal.ACT]
                violation += weight * signal[Signal.VIOLATION]
                exception += weight * signal[Signal.EXCEPTION]
                notice += weight * signal[Signal.NOTICE]
                adopter += weight * signal[Signal.ADOPTER]
        mine = seen[i]
        mine[Signal.VALIDITY] = validity
        mine[Signal.SCOPE] = scope
        mine[Signal.BOUND] = bound
        mine[Signal.RESTRAINED] = restrained
        mine[Signal.HOLDER] = holder
        mine[Signal.REACTION] = reaction
        mine[Signal.VOICE] = voice
        mine[Signal.SUPPLY] = supply
        mine[Signal.ACT] = act
        mine[Signal.VIOLATION] = violation
        mine[Signal.EXCEPTION] = exception
        mine[Signal.NOTICE] = notice
        mine[Signal.ADOPTER] = adopter


@compiled
def show(p: Any, states: Any, signals: np.ndarray) -> None:
    """Signals of this month, for the neighbours to see next month."""
    for i in range(states.shape[0]):
        me = states[i]
        restrained = 1.0 if me.status >= BOUND or me.renounced else 0.0
        signals[i, Signal.VALIDITY] = me.validity
        signals[i, Signal.SCOPE] = me.scope
        signals[i, Signal.BOUND] = 1.0 if me.status >= BOUND else 0.0
        signals[i, Signal.RESTRAINED] = restrained
        signals[i, Signal.HOLDER] = 1.0 if me.rounds > 0 else 0.0
        signals[i, Signal.ACT] = me.act
        signals[i, Signal.VIOLATION] = me.standing * (me.act * (1.0 - me.act_exception) + me.complicit)
        signals[i, Signal.EXCEPTION] = me.standing * me.act * me.act_exception
        signals[i, Signal.REACTION] = me.voiced + me.joined + p.norm.salience * math.log1p(me.casualties_seen)
        signals[i, Signal.NOTICE] = me.notice_echo
        signals[i, Signal.VOICE] = me.voiced
        signals[i, Signal.ADOPTER] = me.opened * norm.visible_share(p, 1.0 if me.bridge else 0.0)
        signals[i, Signal.SUPPLY] = me.supplying


@compiled
def begin(states: Any, signals: np.ndarray, regions: np.ndarray, work: Any) -> None:
    """Put last month's acts aside, start the month with none, and count who is a party where.

    Args:
        states: the states.
        signals: last month's signals.
        regions: filled with (parties, states) of each region, shape (regions, 2).
        work: the month's intermediate results.
    """
    regions[:] = 0.0
    for i in range(states.shape[0]):
        me = states[i]
        regions[me.region, 1] += 1.0
        if me.status >= BOUND:
            regions[me.region, 0] += 1.0
        signal = signals[i]
        work.rare[i] = 0
        for rare in (Signal.ACT, Signal.VIOLATION, Signal.EXCEPTION, Signal.NOTICE, Signal.ADOPTER):
            if signal[rare] != 0.0:
                work.rare[i] = 1
        work.bound_before[i] = signal[Signal.BOUND]
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
    for i in range(states.shape[0]):
        first, last = networks.ally_start[i], networks.ally_start[i + 1]
        bound = 0
        for edge in range(first, last):
            bound += 1 if states[networks.ally[edge]].status >= BOUND else 0
        work.bound_allies[i] = bound / (last - first) if last > first else 0.0
