"""Measurement: outcomes of the month that are sums and means over the states. Nothing in here moves the model."""

import math
from typing import Any

from normsim.engine.columns import BOUND, SIGNED, Measured, State, System, Table
from normsim.engine.networks import Networks
from normsim.rules import condemn, initial, norm, obligation, supply
from normsim.rules.link_functions import logit


def measure(p: Any, now: System, states: Table[State], networks: Networks, out: Measured) -> None:
    """Fill the month's row of the series."""
    n = len(states)
    validity = validity_2 = scope = scope_2 = felt = felt_2 = 0.0
    short = 0.0
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
        out.stock += me.rounds
        for munition in range(supply.CLASSES):
            if obligation.is_outlawed(p, now.claimed[munition]):
                out.stock_above_threshold += me.stock[munition]
        out.contamination += me.contamination
        out.threat += me.threat / n
        out.validity_by_power += me.power * me.validity
        validity += me.validity
        validity_2 += me.validity * me.validity
        scope += me.scope
        scope_2 += me.scope * me.scope
        agrees = norm.vote_worth(p, me.stance)
        out.agreement += agrees / n
        out.agreement_by_power += me.power * agrees
        out.readiness += me.standing_share * logit(_reference_act(p, me))
        out.claimants += 1.0 if me.episodes > 0 else 0.0
        felt += me.felt
        felt_2 += me.felt * me.felt
        out.conduct += me.conduct / n
        out.approval += me.approval / n
        out.felt_by_power += me.power * me.felt
    out.shortage = short / out.at_war if out.at_war > 0.0 else 0.0
    out.bridges_open = now.bridges
    out.episodes = now.episodes
    out.tier_in_force = now.tier
    out.validity = validity / n
    out.validity_sd = _deviation(validity, validity_2, n)
    out.scope = scope / n
    out.scope_sd = _deviation(scope, scope_2, n)
    out.felt = felt / n
    out.felt_sd = _deviation(felt, felt_2, n)
    out.validity_moran = moran(states, networks, validity / n)


def _reference_act(p: Any, me: State) -> condemn.CondemnTerms:
    """Terms of condemning one fixed act: open use by a state that is no friend, no longer news."""
    bound = 1 if me.status >= BOUND else 0
    return condemn.terms(p, me.felt, bound, me.scale, 0.0, 0.0, 0.0, 0, 0.0, 0.0)


def _deviation(total: float, total_squares: float, n: int) -> float:
    """Standard deviation from sums."""
    mean = total / n
    return math.sqrt(max(total_squares / n - mean * mean, 0.0))


def moran(states: Table[State], networks: Networks, mean: float) -> float:
    """Moran's I of validity over the regional layer: clustering beyond chance, about 0 without any."""
    between = within = 0.0
    connected = 0
    for i in range(len(states)):
        mine = states[i].validity - mean
        within += mine * mine
        first, last = networks.region_start[i], networks.region_start[i + 1]
        connected += 1 if last > first else 0
        near = 0.0
        for edge in range(first, last):
            near += networks.region_weight[edge] * (states[networks.region_neighbour[edge]].validity - mean)
        between += mine * near
    if within <= 0.0 or connected == 0:
        return 0.0
    return len(states) / connected * between / within
