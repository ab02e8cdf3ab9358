"""Norm update: what the month leaves in memory, perceived compliance, scope and validity of every state."""

from typing import Any

from normsim.engine.columns import BOUND, Signal, State, System, Table, Work
from normsim.rules import norm, withdraw
from normsim.rules.link_functions import hill


def norms(p: Any, now: System, states: Table[State], work: Table[Work], seen: Table[Signal]) -> None:
    """Update the norm columns of every state from what it saw of last month."""
    clear = norm.clarity(p, 1 if now.bridges > 0 else 0, now.tier)
    open_now = 1 if now.bridges > 0 or now.tier else 0
    floor = norm.scope_floor(p, now.tier)
    kept = withdraw.echo_kept(p)
    for i in range(len(states)):
        me, mine = states[i], seen[i]
        me.habit = norm.follow(me.habit, 1.0 if me.used else 0.0, p.use.habit_rate)
        me.supplying = norm.follow(me.supplying, 1.0 if me.transferred > 0 else 0.0, p.use.habit_rate)
        me.criticism = norm.follow(me.criticism, work[i].heard, p.condemn.decay)
        work[i].heard = 0.0
        me.reputation *= 1.0 - p.condemn.decay
        me.notice_echo *= kept
        felt = hill(mine.exception, p.norm.half_exposure, p.norm.complexity)
        me.disputes = norm.follow(me.disputes, felt, 1.0 / p.norm.dispute_months)
        me.perceived = norm.perceived_next(p, me.perceived, mine.act, mine.adopter)
        me.validity = norm.validity_next(
            p,
            me.validity,
            mine.validity,
            me.anchor,
            mine.violation,
            mine.exception,
            me.disputes,
            now.tier,
            mine.reaction,
            1 if me.status >= BOUND else 0,
            clear,
        )
        me.scope = norm.scope_next(
            p,
            me.scope,
            mine.scope,
            mine.exception,
            now.recurrence,
            clear,
            open_now,
            norm.rest_scope(p, me.scope_start, me.scope_low),
            floor,
        )
        me.scope_low = min(me.scope_low, me.scope)
        me.baseline = norm.follow(me.baseline, mine.act, p.norm.baseline)
