"""Interventions: dated events of a scenario force an act of a state in a month, or forbid it."""

from normsim.engine.columns import Choice, Entry, Measured, Order, State, System, Table, Tie
from normsim.engine.event_log import tell
from normsim.scenario import ACTIONS

(
    ACQUIRE,
    USE,
    TRANSFER,
    RENOUNCE,
    JOIN,
    WITHDRAW,
    CONDEMN,
    OPEN_BRIDGE,
    CLOSE_BRIDGE,
    WAR,
    PEACE,
    SISTER_EXIT,
) = range(len(ACTIONS))


def give(now: System, states: Table[State], ties: Table[Tie], dated: Table[Order]) -> None:
    """Set the orders of this month; later events in the list win.

    Args:
        now: the system.
        states: the states.
        ties: the ties.
        dated: the dated events.
    """
    if len(dated) == 0:
        return
    _clear(states, ties)
    now.condemn_orders = 0
    now.transfer_orders = 0
    for place in range(len(dated)):
        order = dated[place]
        if not order.first <= now.month <= order.last:
            continue
        sign = -1 if order.forbid else 1
        if order.action == CONDEMN:
            now.condemn_orders += 1
            continue
        if order.action == TRANSFER:
            now.transfer_orders += 1
            for k in range(len(ties)):
                tie = ties[k]
                by = order.actor < 0 or tie.supplier == order.actor
                if by and (order.target < 0 or tie.recipient == order.target):
                    tie.order = sign
            continue
        for i in range(len(states)):
            if order.actor < 0 or i == order.actor:
                states[i].orders[order.action] = sign
                if order.action == SISTER_EXIT and now.month == order.first and sign > 0:
                    states[i].notice_echo += 1.0


def about(now: System, dated: Table[Order], i: int, j: int) -> int:
    """Whether a state must condemn another this month (1), must not (-1), or is free (0)."""
    sign = 0
    if now.condemn_orders == 0:
        return sign
    for place in range(len(dated)):
        order = dated[place]
        due = order.action == CONDEMN and order.first <= now.month <= order.last
        if due and (order.actor < 0 or order.actor == i) and (order.target < 0 or order.target == j):
            sign = -1 if order.forbid else 1
    return sign


def _clear(states: Table[State], ties: Table[Tie]) -> None:
    """Take every order back."""
    for k in range(len(ties)):
        ties[k].order = 0
    for i in range(len(states)):
        orders = states[i].orders
        for action in range(len(orders)):
            orders[action] = 0


def report(
    now: System, states: Table[State], ties: Table[Tie], dated: Table[Order], log: Table[Entry], out: Measured
) -> None:
    """Report the acts that were forced this month on a named state and could not happen.

    Args:
        now: the system.
        states: the states, at the end of the month.
        ties: the ties.
        dated: the dated events.
        log: the log.
        out: this month's measures.
    """
    for place in range(len(dated)):
        order = dated[place]
        if order.forbid or order.actor < 0 or not order.first <= now.month <= order.last:
            continue
        if not _was_done(states, ties, order, now.month == order.first):
            out.events_not_done += 1.0
            tell(log, now, Choice.NOT_DONE, order.actor, order.target, float(order.action))


def _was_done(states: Table[State], ties: Table[Tie], order: Order, first: bool) -> bool:
    """Whether a forced act happened; of acts that are done once, only the first month of the event is looked at."""
    me = states[order.actor]
    action = order.action
    if action == USE:
        return me.used > 0
    if action == TRANSFER:
        for k in range(len(ties)):
            tie = ties[k]
            if tie.supplier == order.actor and tie.recipient == order.target:
                return tie.since == 0
        return False
    if action == OPEN_BRIDGE:
        return me.bridge > 0
    if action == CLOSE_BRIDGE:
        return me.bridge == 0
    if not first:
        return True
    if action == RENOUNCE:
        return me.renounced > 0
    if action == JOIN:
        return me.joined > 0
    if action == WITHDRAW:
        return me.noticed > 0
    if action == CONDEMN:
        return me.voiced > 0 if order.target < 0 else states[order.target].act > 0.0
    return True
