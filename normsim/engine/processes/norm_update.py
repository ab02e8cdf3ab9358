"""Norm update: what the month leaves in memory, expectations, scope, validity and the felt norm of every state."""

from typing import Any

import numpy as np

from normsim.engine.columns import Signal, State, System, Table, Work
from normsim.engine.streams import Stream
from normsim.rules import initial, norm, withdraw


def norms(p: Any, now: System, states: Table[State], work: Table[Work], seen: Table[Signal], drawn: np.ndarray) -> None:
    """Update the norm columns of every state from what it saw of last month; in December, its position and its vote."""
    clear = norm.clarity(p, 1 if now.bridges > 0 else 0, now.tier)
    open_now = 1 if now.bridges > 0 or now.tier else 0
    floor = norm.scope_floor(p, now.tier)
    echo_kept, precedent_kept = withdraw.echo_kept(p), norm.precedent_kept(p)
    votes = norm.votes_now(now.calendar)
    for i in range(len(states)):
        me, mine = states[i], seen[i]
        me.habit = norm.follow(me.habit, 1.0 if me.used else 0.0, p.use.habit_rate)
        me.criticism = norm.follow(me.criticism, work[i].heard, 1.0 - p.norm.memory)
        work[i].heard = 0.0
        me.notice_echo *= echo_kept
        answered = norm.violation_seen(mine.answered, mine.rejected, me.scope)
        violations = norm.violation_seen(mine.violation, mine.exception, me.scope)
        me.disputes = norm.follow(me.disputes, mine.exception, 1.0 / p.norm.dispute_months)
        me.precedent = norm.precedent_next(precedent_kept, me.precedent, mine.claim)
        me.complied = norm.remembered(p, me.complied, mine.compliance)
        me.violated = norm.remembered(p, me.violated, violations)
        me.approval = norm.follow(me.approval, mine.approval, 1.0 - p.norm.memory)
        me.validity = norm.validity_next(
            p,
            me.validity,
            mine.validity,
            me.anchor,
            me.felt,
            answered,
            violations - answered,
            me.disputes,
            now.tier,
            me.susceptibility,
        )
        me.scope = norm.scope_next(
            p,
            me.scope,
            mine.scope,
            mine.exception - mine.rejected,
            now.recurrence,
            clear,
            open_now,
            norm.rest_scope(p, me.scope_start, me.scope_low),
            floor,
        )
        me.scope_low = min(me.scope_low, me.scope)
        me.baseline = norm.follow(me.baseline, mine.act, 1.0 - p.norm.memory)
        feel(p, me)
        if votes:
            present = not initial.is_absent(p, drawn[Stream.RESOLUTION, i])
            me.voted = present and me.un_member
            if present:
                me.stance = initial.stance(p, me.felt)


def feel(p: Any, me: State) -> None:
    """Set what a state expects of others' conduct, and the norm it feels."""
    me.conduct = norm.expected_conduct(p, me.complied, me.violated)
    me.felt = norm.felt(p, me.validity, me.conduct, me.approval, me.susceptibility, me.threshold)
