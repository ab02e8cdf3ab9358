"""Exposure: what each state sees of the others, one month late, and what it shows of itself."""

from typing import Any

import numpy as np

from normsim.engine.columns import BOUND, Signal, State, System, Table, Work
from normsim.engine.networks import Networks
from normsim.rules import norm


def see(p: Any, states: Table[State], networks: Networks, signals: Table[Signal], seen: Table[Signal]) -> None:
    """Fill the exposure of every state to every signal of last month: seen = (1 - news) W signals + news signals.

    One pass over the edges. The news of the world is the mean over all states by standing, the same for everyone.

    Args:
        p: parameters.
        states: the states.
        networks: the networks.
        signals: what each state showed last month; `rare` marks those with a signal that few states send.
        seen: filled with the weighted means over neighbours and the news.
    """
    tied = 1.0 - p.norm.news
    news_validity = news_scope = news_bound = news_restrained = news_holder = news_approval = news_voice = 0.0
    news_compliance = news_act = news_violation = news_answered = news_exception = news_rejected = news_claim = 0.0
    for j in range(len(signals)):
        signal, share = signals[j], p.norm.news * states[j].standing_share
        news_validity += share * signal.validity
        news_scope += share * signal.scope
        news_bound += share * signal.bound
        news_restrained += share * signal.restrained
        news_holder += share * signal.holder
        news_approval += share * signal.approval
        news_voice += share * signal.voice
        if signal.rare:
            news_compliance += share * signal.compliance
            news_act += share * signal.act
            news_violation += share * signal.violation
            news_answered += share * signal.answered
            news_exception += share * signal.exception
            news_rejected += share * signal.rejected
            news_claim += share * signal.claim
    for i in range(len(seen)):
        # one variable per signal, so that the sums stay in registers: this is the most expensive loop of the month
        validity = scope = bound = restrained = holder = approval = voice = 0.0
        compliance = act = violation = answered = exception = rejected = claim = 0.0
        for edge in range(networks.start[i], networks.start[i + 1]):
            weight = networks.weight[edge]
            j = networks.neighbour[edge]
            signal = signals[j]
            validity += weight * signal.validity
            scope += weight * signal.scope
            bound += weight * signal.bound
            restrained += weight * signal.restrained
            holder += weight * signal.holder
            approval += weight * signal.approval
            voice += weight * signal.voice
            if signal.rare:
                compliance += weight * signal.compliance
                act += weight * signal.act
                violation += weight * signal.violation
                answered += weight * signal.answered
                exception += weight * signal.exception
                rejected += weight * signal.rejected
                claim += weight * signal.claim
        mine = seen[i]
        mine.validity = tied * validity + news_validity
        mine.scope = tied * scope + news_scope
        mine.bound = tied * bound + news_bound
        mine.restrained = tied * restrained + news_restrained
        mine.holder = tied * holder + news_holder
        mine.approval = tied * approval + news_approval
        mine.voice = tied * voice + news_voice
        mine.compliance = tied * compliance + news_compliance
        mine.act = tied * act + news_act
        mine.violation = tied * violation + news_violation
        mine.answered = tied * answered + news_answered
        mine.exception = tied * exception + news_exception
        mine.rejected = tied * rejected + news_rejected
        mine.claim = tied * claim + news_claim


def show(p: Any, now: System, states: Table[State], signals: Table[Signal]) -> None:
    """Set what each state shows this month, for its neighbours to see next month."""
    for i in range(len(states)):
        me, mine = states[i], signals[i]
        exempt = 1 if me.bridge or me.tier else 0
        others = now.acts - (1 if me.act > 0.0 else 0)
        mine.validity = me.validity
        mine.scope = me.scope
        mine.bound = 1.0 if me.status >= BOUND else 0.0
        mine.restrained = 1.0 if me.status >= BOUND or me.renounced else 0.0
        mine.holder = 1.0 if me.rounds > 0 else 0.0
        mine.approval = norm.approval_shown(p, me.stance, exempt, me.voiced, others)
        mine.voice = me.voiced
        mine.compliance = norm.compliance(me.standing, me.passed)
        mine.act = me.act
        mine.violation = norm.violation(me.standing, me.act, me.act_exception)
        mine.answered = me.answered * mine.violation
        mine.exception = norm.excepted_act(me.standing, me.act, me.act_exception)
        mine.rejected = me.answered * mine.exception
        mine.claim = norm.claim_shown(p, me.standing, me.opened, 1.0 if me.bridge else 0.0, me.answered)
        mine.rare = int(
            mine.compliance != 0.0
            or mine.act != 0.0
            or mine.violation != 0.0
            or mine.exception != 0.0
            or mine.claim != 0.0
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
        me.passed = 0.0
        me.noticed = 0
        me.joined = 0
        me.opened = 0
        me.covered = 0
        me.assured = 0.0
        me.voiced = 0
        me.critics = 0
        me.answered = 0.0
        me.act = 0.0
        me.act_exception = 0.0
        me.act_seen = 0.0
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
