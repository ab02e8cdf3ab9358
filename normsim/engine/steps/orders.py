"""Orders: dated events of a scenario force an act of a state in a month, or forbid it."""

from typing import Any

import numpy as np

from normsim.compiled import compiled

ACTIONS = (
    "acquire",
    "use",
    "transfer",
    "renounce",
    "join",
    "withdraw",
    "condemn",
    "open_bridge",
    "close_bridge",
    "war",
    "peace",
    "sister_exit",
)
"""What an event can order, by its place."""

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


@compiled
def give(now: Any, states: Any, ties: Any, dated: np.ndarray) -> None:
    """Set the orders of this month; later ones in the list win.

    Args:
        now: the system.
        states: the states.
        ties: the ties.
        dated: dtype `ORDER`.
    """
    if dated.shape[0] == 0:
        return
    _clear(states, ties)
    now.condemn_orders = 0
    now.transfer_orders = 0
    for order in dated:
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
                _order(states[i], order.action, sign, now.month == order.first)


@compiled
def about(now: Any, dated: np.ndarray, i: int, j: int) -> int:
    """Whether a state must condemn another this month (1), must not (-1), or is free (0)."""
    sign = 0
    if now.condemn_orders == 0:
        return sign
    for order in dated:
        due = order.action == CONDEMN and order.first <= now.month <= order.last
        if due and order.actor in (-1, i) and order.target in (-1, j):
            sign = -1 if order.forbid else 1
    return sign


@compiled
def _clear(states: Any, ties: Any) -> None:
    """Take every order back."""
    for k in range(len(ties)):
        ties[k].order = 0
    for i in range(len(states)):
        me = states[i]
        me.order_acquire = 0
        me.order_use = 0
        me.order_renounce = 0
        me.order_join = 0
        me.order_withdraw = 0
        me.order_open_bridge = 0
        me.order_close_bridge = 0
        me.order_war = 0
        me.order_peace = 0


@compiled
def _order(me: Any, action: int, sign: int, first: bool) -> None:
    """Give one order to one state."""
    if action == ACQUIRE:
        me.order_acquire = sign
    elif action == USE:
        me.order_use = sign
    elif action == RENOUNCE:
        me.order_renounce = sign
    elif action == JOIN:
        me.order_join = sign
    elif action == WITHDRAW:
        me.order_withdraw = sign
    elif action == OPEN_BRIDGE:
        me.order_open_bridge = sign
    elif action == CLOSE_BRIDGE:
        me.order_close_bridge = sign
    elif action == WAR:
        me.order_war = sign
    elif action == PEACE:
        me.order_peace = sign
    elif action == SISTER_EXIT and first and sign > 0:
        me.notice_echo += 1.0
