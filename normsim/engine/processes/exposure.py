"""Exposure: what each state sees of the others, one month late, and what it shows of itself."""

from typing import Any

import numpy as np

from normsim.engine.columns import BOUND, Signal, State, Table, Work
from normsim.engine.networks import Networks
from normsim.rules import norm


def see(networks: Networks, signals: Table[Signal], seen: Table[Signal]) -> None:
    """Fill the exposure of every state to every signal of last month: seen = W signals, one pass over the edges.

    Args:
        networks: the networks.
        signals: what each state showed last month; `rare` marks those with a signal that few states send.
        seen: filled with the weighted means over neighbours.
    """
    for i in range(len(seen)):
        # one variable per signal, so that the sums stay in registers: this is the most expensive loop of the month
        validity = scope = bound = restrained = holder = reaction = voice = supply = 0.0
        act = violation = exception = notice = adopter = 0.0
        for edge in range(networks.start[i], networks.start[i + 1]):
            weight = networks.weight[edge]
            j = networks.neighbour[edge]
            signal = signals[j]
            validity += weight * signal.validity
            scope += weight * signal.scope
            bound += weight * signal.bound
            restrained += weight * signal.restrained
            holder += weight * signal.holder
            reaction += weight * signal.reaction
            voice += weight * signal.voice
            supply += weight * signal.supply
            if signal.rare:
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


def show(p: Any, states: Table[State], signals: Table[Signal]) -> None:
    """Set what each state shows this month, for its neighbours to see next month."""
    for i in range(len(states)):
        me, mine = states[i], signals[i]
        mine.validity = me.validity
        mine.scope = me.scope
        mine.bound = 1.0 if me.status >= BOUND else 0.0
        mine.restrained = 1.0 if me.status >= BOUND or me.renounced else 0.0
        mine.holder = 1.0 if me.rounds > 0 else 0.0
        mine.act = me.act
        mine.violation = norm.violation(me.standing, me.act, me.act_exception, me.complicit)
        mine.exception = norm.excepted_act(me.standing, me.act, me.act_exception)
        mine.reaction = norm.reaction(p, me.voiced, me.joined, me.casualties_seen)
        mine.notice = me.notice_echo
        mine.voice = me.voiced
        mine.adopter = me.opened * norm.visible_share(p, 1.0 if me.bridge else 0.0)
        mine.supply = me.supplying
        mine.rare = int(
            mine.act != 0.0
            or mine.violation != 0.0
            or mine.exception != 0.0
            or mine.notice != 0.0
            or mine.adopter != 0.0
        )


def begin(states: Table[State], signals: Table[Signal], regions: np.ndarray, work: Table[Work]) -> None:
    """Set last month's acts aside, start the month without any, and count the parties of each region.

    Args:
        states: the states.
        signals: what each state showed last month.
        regions: filled with (parties, states) of each region, shape (regions, 2).
        work: the month's intermediate results.
    """
    regions[:] = 0.0
    for i in range(len(states)):
        me, mine = states[i], work[i]
        regions[me.region, 1] += 1.0
        if me.status >= BOUND:
            regions[me.region, 0] += 1.0
        mine.bound_before = int(signals[i].bound)
        mine.used_before = me.used
        mine.noticed_before = me.noticed
        mine.fired = 0
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


def count_allies(p: Any, states: Table[State], networks: Networks, work: Table[Work]) -> None:
    """Set the share of parties among each state's allies; needed only where parties refuse assistance."""
    if not (p.strict_ban.on and p.strict_ban.assistance):
        return
    for i in range(len(states)):
        first, last = networks.ally_start[i], networks.ally_start[i + 1]
        bound = 0
        for edge in range(first, last):
            bound += 1 if states[networks.ally[edge]].status >= BOUND else 0
        work[i].bound_allies = bound / (last - first) if last > first else 0.0
