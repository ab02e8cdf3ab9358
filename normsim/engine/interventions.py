"""Interventions: dated events of a scenario force an act of a state in a month, or forbid it."""

from typing import Any

from normsim.engine.columns import Choice, Entry, Measured, Order, State, System, Table, Tie, Work
from normsim.engine.event_log import note
from normsim.engine.networks import Networks
from normsim.rules import condemn, transfer, use
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

DONE = -1
"""What `_why_not` says of a forced act that happened."""


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
                if order.action != SISTER_EXIT:
                    states[i].orders[order.action] = sign
                elif now.month == order.first and sign > 0:
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
    p: Any,
    now: System,
    states: Table[State],
    ties: Table[Tie],
    networks: Networks,
    work: Table[Work],
    dated: Table[Order],
    log: Table[Entry],
    out: Measured,
) -> None:
    """Report the acts that were forced this month on a named state and could not happen.

    Each is counted in its order, measured, and written to the log: the action as the amount, the reason as the first
    term.

    Args:
        p: parameters.
        now: the system.
        states: the states, at the end of the month.
        ties: the ties.
        networks: the networks.
        work: the month's intermediate results, with the reasons why states could not decide.
        dated: the dated events.
        log: the log.
        out: this month's measures.
    """
    for place in range(len(dated)):
        order = dated[place]
        if order.forbid or order.actor < 0 or not order.first <= now.month <= order.last:
            continue
        reason = _why_not(p, states, ties, networks, work, order, now.month == order.first)
        if reason == DONE:
            continue
        if order.missed == 0:
            order.missed_first = now.month
            order.missed_why = reason
        order.missed += 1
        out.events_not_done += 1.0
        terms = (float(reason), 0.0)
        note(log, now, Choice.NOT_DONE, order.actor, order.target, -1, float(order.action), 1.0, 0.0, True, 0, terms)


def _why_not(
    p: Any,
    states: Table[State],
    ties: Table[Tie],
    networks: Networks,
    work: Table[Work],
    order: Order,
    first: bool,
) -> int:
    """Why a forced act did not happen: `DONE` if it did, else an index into REASONS of its rule, 0 if none says why.

    Of acts that are done once, only the first month of the event is looked at.
    """
    me, mine, action = states[order.actor], work[order.actor], order.action
    if action == USE:
        return DONE if me.used else use.NO_ROUNDS
    if action == TRANSFER:
        for k in range(len(ties)):
            tie = ties[k]
            if tie.supplier == order.actor and tie.recipient == order.target and tie.since == 0:
                return DONE
        return transfer.NO_ROUNDS if mine.offer < 0 else 0
    if action == OPEN_BRIDGE:
        return DONE if me.bridge else 0
    if action == CLOSE_BRIDGE:
        return 0 if me.bridge else DONE
    if action == PEACE:
        return 0 if me.intensity > 0.0 else DONE
    if not first:
        return DONE
    if action == RENOUNCE:
        return DONE if me.renounced else int(mine.no_renounce)
    if action == JOIN:
        return DONE if me.joined else int(mine.no_join)
    if action == WITHDRAW:  # a party gives notice, a renouncer takes its renunciation back
        return int(mine.no_withdraw) if mine.no_withdraw else DONE
    if action == CONDEMN and order.target >= 0:
        if states[order.target].act <= 0.0:
            return condemn.NO_ACT
        if p.condemn.reach == condemn.ONLOOKERS and not _looks_to(networks, order.actor, order.target):
            return condemn.NOT_ASKED
    return DONE


def _looks_to(networks: Networks, i: int, j: int) -> bool:
    """Whether a state is an onlooker of another."""
    for place in range(networks.onlooker_start[j], networks.onlooker_start[j + 1]):
        if networks.onlooker[place] == i:
            return True
    return False
