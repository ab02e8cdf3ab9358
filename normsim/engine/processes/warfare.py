"""Warfare: conflicts and threat, aid between partners, and the ordinary munitions that war uses up."""

import math
from typing import Any

import numpy as np

from normsim.engine.columns import BOUND, Choice, Entry, State, System, Table, Work
from normsim.engine.event_log import tell
from normsim.engine.interventions import PEACE, WAR
from normsim.engine.networks import Networks
from normsim.engine.streams import Stream
from normsim.rules import conflict, supply


def conflicts(
    p: Any,
    now: System,
    states: Table[State],
    networks: Networks,
    recorded: np.ndarray,
    theatres: np.ndarray,
    draws: np.ndarray,
    log: Table[Entry],
) -> None:
    """Set the wars of the month, from the record where there is one, else from the process; then threat.

    Args:
        p: parameters.
        now: the system.
        states: the states.
        networks: the networks.
        recorded: recorded intensities of this month, NaN where there is no record, shape (states,).
        theatres: recorded territories of this month, shape (states,).
        draws: uniform numbers of this month, shape (streams, states).
        log: the log.
    """
    for i in range(len(states)):
        me = states[i]
        before = me.intensity
        if p.conflict.mode != conflict.PROCESS and not math.isnan(recorded[i]):
            me.intensity = recorded[i]
            me.theatre = theatres[i]
        else:
            me.intensity = conflict.intensity_next(
                p, me.intensity, me.history, draws[Stream.ONSET, i], draws[Stream.SEVERITY, i]
            )
        me.intensity = conflict.intensity_as_ordered(me.intensity, before, me.orders[WAR], me.orders[PEACE])
        if me.intensity > 0.0 and before <= 0.0:
            tell(log, now, Choice.WAR, i, -1, me.intensity)
        elif me.intensity <= 0.0 and before > 0.0:
            tell(log, now, Choice.PEACE, i, -1, 0.0)
    for i in range(len(states)):
        me = states[i]
        pressure = greatest_pressure(states, networks, i)
        me.threat = conflict.threat_next(p, me.threat, me.intensity, pressure, draws[Stream.THREAT, i])


def greatest_pressure(states: Table[State], networks: Networks, i: int) -> float:
    """Greatest pressure that a rival's war puts on a state."""
    pressure = 0.0
    for edge in range(networks.rival_start[i], networks.rival_start[i + 1]):
        j = networks.rival[edge]
        rival = states[j]
        abroad = 1 if rival.theatre != j else 0
        pressure = max(pressure, conflict.rival_pressure(rival.intensity, abroad, states[i].power, rival.power))
    return pressure


def aid(p: Any, states: Table[State], networks: Networks, work: Table[Work], asking: np.ndarray) -> None:
    """Give ordinary rounds to partners at war, out of stocks as they were last month.

    Args:
        p: parameters.
        states: the states.
        networks: the networks.
        work: the month's intermediate results; `stock_left` is what aid leaves to each state.
        asking: room for the indices of the states that ask for aid, shape (states,).
    """
    askers = 0
    for i in range(len(states)):
        me, giver = states[i], work[i]
        giver.stock_before = giver.stock_left = me.conventional
        giver.aid_pull = 0.0
        giver.partner_short = 0.0
        if supply.asks_for_aid(p, me.conventional, me.intensity):
            asking[askers] = i
            askers += 1
    for j in asking[:askers]:
        them = states[j]
        short = supply.shortage(them.conventional)
        may_receive = them.status < BOUND and not them.renounced
        for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
            giver = work[networks.tie_supplier[k]]
            giver.aid_pull += supply.aid_pull(networks.tie_strength[k], short, them.intensity)
            if may_receive:
                giver.partner_short = max(giver.partner_short, short)
    for j in asking[:askers]:
        them = states[j]
        short = supply.shortage(them.conventional)
        first, last = networks.tie_start[j], networks.tie_start[j + 1]
        offered = 0.0
        for k in range(first, last):
            i = networks.tie_supplier[k]
            pull = supply.aid_pull(networks.tie_strength[k], short, them.intensity)
            offered += _offer(p, states[i], work[i], pull) / them.scale
        taken = min(1.0, short / offered) if offered > 0.0 else 0.0
        for k in range(first, last):
            i = networks.tie_supplier[k]
            pull = supply.aid_pull(networks.tie_strength[k], short, them.intensity)
            given = taken * _offer(p, states[i], work[i], pull)
            work[i].stock_left -= given / states[i].scale
            work[j].stock_left += given / them.scale


def _offer(p: Any, me: State, giver: Work, pull: float) -> float:
    """What a supplier offers to one partner at war this month, in units of scale 1."""
    if giver.stock_before <= p.supply.reserve:
        return 0.0
    return supply.aid_given(p, giver.stock_before, pull, giver.aid_pull) * me.scale


def produce(p: Any, states: Table[State], work: Table[Work]) -> None:
    """Update output and stocks of ordinary rounds, starting from what aid has left."""
    for i in range(len(states)):
        me = states[i]
        me.conventional = work[i].stock_left
        needed = supply.needs_output(p, me.intensity, me.bridge, me.conventional)
        me.output = supply.output_next(p, me.output, needed)
        me.conventional = supply.stock_next(p, me.conventional, me.output, me.intensity)
