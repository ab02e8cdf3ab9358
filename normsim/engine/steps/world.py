"""World: conflict and threat from outside the model, then conventional munitions and the bridge exception."""

import math
from typing import Any

import numpy as np

from normsim.compiled import compiled
from normsim.engine.columns import BOUND, NEVER, Choice
from normsim.engine.draws import Stream
from normsim.engine.fetch import fetch
from normsim.engine.log import tell
from normsim.engine.networks import Networks
from normsim.rules import conflict, supply
from normsim.rules.links import decide


@compiled
def conflicts(
    p: Any, now: Any, states: Any, networks: Networks, recorded: Any, theatres: Any, draws: np.ndarray, log: Any
) -> None:
    """Wars of the month, by the record where there is one, else by the process; then threat.

    Args:
        p: parameters.
        now: the system.
        states: the states.
        networks: the networks.
        recorded: intensities of the record for this month, NaN where there is none.
        theatres: territories of the record for this month.
        draws: uniform numbers of this month.
        log: the log.
    """
    for i in range(len(states)):
        me = states[i]
        before = me.intensity
        if p.conflict.mode == conflict.RECORDED and not math.isnan(recorded[i]):
            me.intensity = recorded[i]
            me.theatre = theatres[i]
        else:
            me.intensity = conflict.intensity_next(
                p, me.intensity, me.history, draws[Stream.ONSET, i], draws[Stream.SEVERITY, i]
            )
        if me.order_war > 0:
            me.intensity = max(me.intensity, 1.0)
        elif me.order_peace > 0 or (me.order_war < 0 and before <= 0.0):
            me.intensity = 0.0
        elif me.order_peace < 0 and me.intensity <= 0.0:
            me.intensity = before
        if me.intensity > 0.0 and before <= 0.0:
            tell(log, now, Choice.WAR, i, -1, me.intensity)
        elif me.intensity <= 0.0 and before > 0.0:
            tell(log, now, Choice.PEACE, i, -1, 0.0)
    for i in range(len(states)):
        me = states[i]
        pressure = greatest_pressure(states, networks, i)
        me.threat = conflict.threat_next(p, me.threat, me.intensity, pressure, draws[Stream.THREAT, i])


@compiled
def greatest_pressure(states: Any, networks: Networks, i: int) -> float:
    """Greatest pressure that a rival's war puts on a state."""
    pressure = 0.0
    for edge in range(networks.rival_start[i], networks.rival_start[i + 1]):
        j = networks.rival[edge]
        rival = states[j]
        abroad = 1 if rival.theatre != j else 0
        pressure = max(pressure, conflict.rival_pressure(rival.intensity, abroad, states[i].power, rival.power))
    return pressure


@compiled
def aid(p: Any, states: Any, networks: Networks, work: Any) -> None:
    """Ordinary rounds that suppliers give to partners at war, out of stocks as they were last month."""
    asking = 0
    for i in range(len(states)):
        giver = work.aid[i]
        giver.before = giver.left = states[i].conventional
        giver.scale = states[i].scale
        giver.pull = 0.0
        giver.partner_short = 0.0
        if supply.asks_for_aid(p, states[i].conventional, states[i].intensity):
            work.asking[asking] = i
            asking += 1
            fetch(networks.tie_supplier, networks.tie_start[i])
            fetch(networks.tie_strength, networks.tie_start[i])
    for j in work.asking[:asking]:
        them = states[j]
        short = supply.shortage(them.conventional)
        may_receive = them.status < BOUND and not them.renounced
        for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
            giver = work.aid[networks.tie_supplier[k]]
            giver.pull += supply.aid_pull(networks.tie_strength[k], short, them.intensity)
            if may_receive:
                giver.partner_short = max(giver.partner_short, short)
    for j in work.asking[:asking]:
        them = states[j]
        short = supply.shortage(them.conventional)
        first, last = networks.tie_start[j], networks.tie_start[j + 1]
        offered = 0.0
        for k in range(first, last):
            giver = work.aid[networks.tie_supplier[k]]
            offered += _offer(p, giver, networks.tie_strength[k], short, them.intensity) / them.scale
        taken = min(1.0, short / offered) if offered > 0.0 else 0.0
        for k in range(first, last):
            giver = work.aid[networks.tie_supplier[k]]
            given = taken * _offer(p, giver, networks.tie_strength[k], short, them.intensity)
            giver.left -= given / giver.scale
            work.aid[j].left += given / them.scale


@compiled
def _offer(p: Any, giver: Any, strength: float, short: float, intensity: float) -> float:
    """What a supplier offers to one partner at war this month, in units of scale 1."""
    if giver.before <= p.supply.reserve:
        return 0.0
    pull = supply.aid_pull(strength, short, intensity)
    return supply.aid_given(p, giver.before, pull, giver.pull) * giver.scale


@compiled
def produce(p: Any, states: Any, work: Any) -> None:
    """Output and stocks of conventional rounds, on what aid has left."""
    for i in range(len(states)):
        me = states[i]
        me.conventional = work.aid[i].left
        needed = 1 if me.intensity > 0.0 or me.bridge or me.conventional < p.supply.refill else 0
        me.output = supply.output_next(p, me.output, needed)
        me.conventional = supply.stock_next(p, me.conventional, me.output, me.intensity)


@compiled
def bridges(p: Any, now: Any, states: Any, work: Any, draws: np.ndarray, log: Any) -> None:
    """Bridge exceptions: opened by shortage or by order, closed when due and reviewed."""
    now.bridges = 0
    now.strongest_bridge = 0.0
    now.recurrence = now.tier
    for i in range(len(states)):
        me = states[i]
        if me.conventional >= p.bridge.close_above:
            me.refilled = 1
        if me.bridge:
            _close_if_due(p, now, me, i, draws[Stream.BRIDGE, i], log)
        elif me.order_open_bridge > 0 or (
            me.order_open_bridge == 0
            and me.order_close_bridge <= 0
            and me.producer
            and me.rounds > 0
            and me.intensity <= 0.0
            and me.status < BOUND
            and not me.renounced
            and supply.bridge_opens(p, me.conventional, work.aid[i].partner_short, me.episodes, me.refilled)
        ):
            me.bridge = 1
            me.bridge_months = 0
            me.bridge_due = -1
            me.episodes += 1
            me.opened = 1
            now.episodes += 1
            tell(log, now, Choice.BRIDGE_OPENS, i, -1, me.conventional)
        if me.bridge:
            now.bridges += 1
            now.strongest_bridge = max(now.strongest_bridge, me.relative_power)
        now.recurrence = max(now.recurrence, me.episodes)


@compiled
def _close_if_due(p: Any, now: Any, me: Any, i: int, draw: float, log: Any) -> None:
    """Close one state's bridge if it is due, reviewed now, and the promise is kept; or if ordered."""
    me.bridge_months += 1
    if me.bridge_due < 0 and supply.bridge_due(p, me.conventional, me.bridge_months):
        me.bridge_due = 0
    closing = me.order_close_bridge > 0 and me.order_open_bridge <= 0
    if me.bridge_due >= 0 and not closing and me.order_open_bridge <= 0:
        if supply.review_now(p, me.bridge_due):
            closing = decide(me.order_close_bridge, p.bridge.close_probability, draw)
        me.bridge_due += 1
    if closing:
        me.bridge = 0
        me.refilled = 0
        tell(log, now, Choice.BRIDGE_CLOSES, i, -1, float(me.bridge_months))


@compiled
def age_ties(p: Any, states: Any, ties: Any, networks: Networks) -> None:
    """A month passes for ties in use; who is covered by an open bridge, and by which terms a recipient is bound."""
    for j in range(len(states)):
        if not states[j].supplied:
            continue
        for k in range(networks.tie_start[j], networks.tie_start[j + 1]):
            tie = ties[k]
            tie.cut_off = max(tie.cut_off - 1, 0)
            if tie.since < NEVER:
                tie.since += 1
                cover(p, states, tie)


@compiled
def cover(p: Any, states: Any, tie: Any) -> None:
    """Let a tie with an earlier transfer cover its recipient by the supplier's bridge and bind it by its terms."""
    recipient = states[tie.recipient]
    if tie.since <= p.assurance.life:
        recipient.assured = max(recipient.assured, p.assurance.implementation * tie.terms)
    if states[tie.supplier].bridge and tie.since <= p.transfer.memory:
        recipient.covered = 1
