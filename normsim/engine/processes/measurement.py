"""Measurement: outcomes of the month that are sums and means over the states. Nothing in here moves the model."""

import math
from typing import Any

from normsim.engine.columns import BOUND, SIGNED, Measured, Signal, State, System, Table
from normsim.engine.networks import Networks
from normsim.rules import condemn, initial, norm, obligation, supply
from normsim.rules.link_functions import logit


def measure(
    p: Any, now: System, states: Table[State], signals: Table[Signal], networks: Networks, out: Measured
) -> None:
    """Fill the month's row of the series, from the states and from what they show at its end."""
    n = len(states)
    # one variable per sum, so that they stay in registers
    validity = validity_2 = scope = scope_2 = felt = felt_2 = conduct = approval = threat = agreement = 0.0
    validity_by_power = agreement_by_power = felt_by_power = readiness = contamination = short = 0.0
    stock = above = 0
    for i in range(n):
        me = states[i]
        if me.status >= BOUND:
            out.parties += 1.0
        elif me.status == SIGNED:
            out.signatories += 1.0
        if me.renounced:
            out.renouncers += 1.0
        if me.rounds > 0:
            out.holders += 1.0
        if me.producer and me.status < BOUND and not me.renounced:
            out.producers += 1.0
        if me.intensity > 0.0:
            out.at_war += 1.0
            short += supply.shortage(me.conventional)
        if me.tier:
            out.tier_members += 1.0
        if me.voted:
            out.votes_yes += 1.0 if me.stance == initial.YES else 0.0
            out.votes_abstain += 1.0 if me.stance == initial.ABSTAIN else 0.0
            out.votes_no += 1.0 if me.stance == initial.NO else 0.0
        stock += me.rounds
        for munition in range(supply.CLASSES):
            if obligation.is_outlawed(p, now.claimed[munition]):
                above += me.stock[munition]
        contamination += me.contamination
        threat += me.threat / n
        validity_by_power += me.power * me.validity
        validity += me.validity
        validity_2 += me.validity * me.validity
        scope += me.scope
        scope_2 += me.scope * me.scope
        agrees = norm.vote_worth(p, me.stance)
        agreement += agrees / n
        agreement_by_power += me.power * agrees
        readiness += me.standing_share * logit(_reference_act(p, me))
        out.claimants += 1.0 if me.episodes > 0 else 0.0
        felt += me.felt
        felt_2 += me.felt * me.felt
        conduct += me.conduct / n
        approval += me.approval / n
        felt_by_power += me.power * me.felt
    out.shortage = short / out.at_war if out.at_war > 0.0 else 0.0
    out.bridges_open = now.bridges
    out.episodes = now.episodes
    out.tier_in_force = now.tier
    out.stock, out.stock_above_threshold, out.contamination = stock, above, contamination
    out.threat, out.readiness = threat, readiness
    out.conduct, out.approval = conduct, approval
    out.agreement, out.agreement_by_power = agreement, agreement_by_power
    out.validity_by_power, out.felt_by_power = validity_by_power, felt_by_power
    out.validity = validity / n
    out.validity_sd = _deviation(validity, validity_2, n)
    out.scope = scope / n
    out.scope_sd = _deviation(scope, scope_2, n)
    out.felt = felt / n
    out.felt_sd = _deviation(felt, felt_2, n)
    out.validity_moran = moran(signals, networks, validity / n)


def _reference_act(p: Any, me: State) -> condemn.CondemnTerms:
    """Terms of condemning one fixed act: open use by a state that is no friend, no longer news."""
    bound = 1 if me.status >= BOUND else 0
    return condemn.terms(p, me.felt, bound, me.civil, me.log_scale, 0.0, 0.0, 0.0, 0, 0.0, 0.0)


def _deviation(total: float, total_squares: float, n: int) -> float:
    """Standard deviation from sums."""
    mean = total / n
    return math.sqrt(max(total_squares / n - mean * mean, 0.0))


def moran(signals: Table[Signal], networks: Networks, mean: float) -> float:
    """Moran's I of validity over the regional layer: clustering beyond chance, about 0 without any."""
    between = within = 0.0
    connected = 0
    for i in range(len(signals)):
        mine = signals[i].validity - mean
        within += mine * mine
        first, last = networks.region_start[i], networks.region_start[i + 1]
        connected += 1 if last > first else 0
        near = 0.0
        for edge in range(first, last):
            near += networks.region_weight[edge] * (signals[networks.region_neighbour[edge]].validity - mean)
        between += mine * near
    if within <= 0.0 or connected == 0:
        return 0.0
    return len(signals) / connected * between / within
