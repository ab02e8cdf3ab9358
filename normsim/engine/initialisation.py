"""Initial conditions: the tables before the first month, from the world, the scenario and the run's own draws."""

import datetime
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from normsim.engine.columns import (
    BOUND,
    NEVER,
    ORDER,
    SIGNED,
    STATE,
    SYSTEM,
    TIE,
    Signal,
    State,
    System,
    Table,
)
from normsim.engine.networks import Networks
from normsim.engine.processes.derived_traits import settle
from normsim.engine.processes.exposure import show
from normsim.engine.processes.norm_update import feel
from normsim.engine.processes.warfare import greatest_pressure
from normsim.engine.streams import stream
from normsim.rules import condemn, conflict, harm, initial, join, norm, supply
from normsim.rules.link_functions import hazard_rate
from normsim.scenario import ACTIONS
from normsim.world import Treaty, World, Year, transfers_recorded
from normsim.world.initial_world import MOVING

CLASS_NAMES = ("legacy", "improved", "low_dud")
HALF_YEAR = 6
"""Months into its year at which a transfer that is dated by its year alone is placed."""


def _months_between(earlier: datetime.date, later: datetime.date) -> int:
    """Calendar months from one date to another."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def states_of(world: World) -> np.ndarray:
    """The table of states with the facts of the world filled in, the rest zero."""
    facts = world.facts
    states = np.zeros(len(world), STATE)
    for name in facts.dtype.names or ():
        if name in (STATE.names or ()):
            states[name] = facts[name]
    take_covariates(states, facts)
    _take_obligations(states, facts, world.treaty, world.start)
    states["history"] = facts["conflict_share"]
    states["programme"] = 1.0
    states["bridge_due"] = -1
    return states


def _take_obligations(states: np.ndarray, facts: np.ndarray, treaty: Treaty, date: datetime.date) -> None:
    """Copy how long each state is bound, and when the convention is in force for it."""
    states["bound_for"] = facts["months_bound"]
    to_force = facts["months_to_force"]
    states["force_in"] = to_force + (to_force > 0)  # the first month counts down too
    states["in_force"] = (states["status"] >= BOUND) & (to_force == 0) & treaty.is_in_force(date)


def take_status(
    states: np.ndarray,
    system: np.ndarray,
    signals: np.ndarray,
    facts: np.ndarray,
    treaty: Treaty,
    date: datetime.date,
    p: Any,
) -> None:
    """Set the treaty status of every state to that of the record, to go on from there.

    Args:
        states: the states.
        system: what belongs to no state, one row.
        signals: what each state showed last month.
        facts: the treaty columns of `FACTS`.
        treaty: the treaty.
        date: the day on which the record stood so.
        p: parameters.
    """
    newly = (facts["status"] >= BOUND) & (states["status"] < BOUND)
    states["threat_bound"][newly] = states["threat"][newly]
    for name in ("status", "notice_left"):
        states[name] = facts[name]
    _take_obligations(states, facts, treaty, date)
    bound = states["status"] >= BOUND
    signals["bound"], signals["restrained"] = bound, bound | (states["renounced"] > 0)
    system["deposits"] = bound.sum()
    _set_entry_into_force(system, treaty, date, p)


def take_covariates(states: np.ndarray, facts: np.ndarray) -> None:
    """Copy the covariates that move by year into the states; `settle` then sets what follows from them."""
    for name in MOVING:
        states[name] = facts[name]
    states["relative_power"] = facts["power"] / facts["power"].max()
    states["has_limit"] = ~np.isnan(facts["limit"])


def chance_of(world: World, seed: int, commitment: np.ndarray) -> np.ndarray:
    """The run's own draws before the first month, one row each, and the order of commitment, shape (6, states).

    The rows: noise of validity, who is immovable, noise of the first stock, noise of the threshold,
    `commitment`, who was absent from the last vote.
    """
    n = len(world)
    return np.array(
        [
            stream(seed, "validity").standard_normal(n),
            stream(seed, "immovable").random(n),
            stream(seed, "endowment").standard_normal(n),
            stream(seed, "threshold").standard_normal(n),
            commitment,
            stream(seed, "absence").random(n),
        ]
    )


def frailties(p: Any, n: int, seed: int) -> np.ndarray:
    """Draw the unseen factor of every state on its hazard of joining: gamma with mean 1, shape (n,).

    The draws of one seed are the same quantiles at every standard deviation `join.frailty`.
    """
    variance = p.join.frailty**2
    if not variance:
        return np.ones(n)
    from scipy import special  # a tenth of a second, which only runs pay

    quantile = special.ndtr(stream(seed, "frailty").standard_normal(n))
    return np.asarray(special.gammaincinv(1.0 / variance, quantile) * variance)


def commitment_order(world: World, networks: Networks, who: int, seed: int) -> np.ndarray:
    """Place of each state in the order in which states are committed, in [0, 1).

    Args:
        world: the world.
        networks: the networks.
        who: 0 in random order, 1 the most watched first, 2 region by region, the largest first.
        seed: seed of the run; it decides among equals.
    """
    n = len(world)
    order = stream(seed, "committed").random(n)
    if who == initial.MOST_WATCHED:
        watched = np.bincount(networks.neighbour, networks.weight, minlength=n)
        order = np.lexsort((order, -watched)).argsort() / n
    elif who == initial.BY_REGION:
        region = world.facts["region"]
        size = np.bincount(region)[region]
        order = np.lexsort((order, region, -size)).argsort() / n
    return order


def initialise(
    p: Any,
    system: Table[System],
    states: Table[State],
    networks: Networks,
    chance: np.ndarray,
    war_bound: np.ndarray,
    rival_war_bound: np.ndarray,
    rival_bound: np.ndarray,
) -> None:
    """Fill in what the rules say before the first month.

    Args:
        p: the record of parameters.
        system: what belongs to no state, one row.
        states: the states, facts of the world filled in.
        networks: the networks.
        chance: see `chance_of`.
        war_bound: intensity of each party's own conflict when it was bound, see `FACTS` of the world.
        rival_war_bound: intensity of the war that a rival fought abroad then.
        rival_bound: index of that rival.
    """
    now = system[0]
    for munition in range(supply.CLASSES):
        now.claimed[munition] = now.believed[munition] = harm.claimed_rate(p, munition)
        now.field[munition] = harm.field_rate(p, now.claimed[munition])
    floor = norm.scope_floor(p, now.tier)
    for i in range(len(states)):
        me = states[i]
        vote = initial.vote(1 if me.status == 0 else 0, me.holder, me.producer, me.voted_against)
        committed = initial.is_committed(p, chance[4, i])
        me.validity = me.anchor = p.committed.validity if committed else initial.validity(p, vote, chance[0, i])
        me.scope = me.scope_start = me.scope_low = initial.scope(p, floor)
        me.stance = initial.stance(p, me.validity) if committed else vote
        me.voted = me.un_member and not initial.is_absent(p, chance[5, i])
        me.threshold = initial.threshold(p, chance[3, i])
        me.susceptibility = 0.0 if committed else initial.susceptibility(p, vote)
        me.immovable = initial.is_immovable(p, vote, chance[1, i])
    settle(p, states, networks)
    for i in range(len(states)):
        me = states[i]
        if me.holder:
            for munition in range(supply.CLASSES):
                me.stock[munition] = supply.initial_rounds(p, me.scale, me.origin, chance[2, i], munition)
        me.conventional = supply.initial_conventional(p, me.intensity)
        me.output = supply.initial_output(p, me.intensity)
        me.used = initial.is_recent_user(me.uses_recent, me.intensity)
        me.habit = initial.habit(p, me.used)
        me.act = initial.visible_use(p, me.used)
        me.passed = condemn.passed(p, me.used, 0, 1 if me.holder and me.intensity > 0.0 else 0, 0)
        me.contamination = initial.contamination(p, me.use_years_here)
    for i in range(len(states)):
        me = states[i]
        me.threat = conflict.threat_target(p, me.intensity, greatest_pressure(states, networks, i))
        if me.status >= BOUND:
            pressure = conflict.rival_pressure(rival_war_bound[i], 1, me.power, states[rival_bound[i]].power)
            me.threat_bound = conflict.threat_target(p, war_bound[i], pressure)


def show_first(p: Any, system: Table[System], states: Table[State], networks: Networks, signals: Table[Signal]) -> None:
    """Set what states expect of each other before the first month, and what they show.

    Args:
        p: the record of parameters.
        system: what belongs to no state, one row.
        states: the states, initial values of the scenario filled in.
        networks: the networks.
        signals: filled with what each state shows.
    """
    expect(p, states, networks)
    show(p, system[0], states, signals)


def expect(p: Any, states: Table[State], networks: Networks) -> None:
    """Set what states expect of each other at the start, as if every month before had been like the last."""
    news_act = news_violation = news_compliance = news_approval = 0.0
    for j in range(len(states)):
        them = states[j]
        share = p.norm.news * them.standing_share
        news_act += share * them.act
        news_violation += share * norm.violation(them.standing, them.act, 0.0)
        news_compliance += share * norm.compliance(them.standing, them.passed)
        news_approval += share * norm.approval_shown(p, them.stance, 0, 0, 0)
    tied = 1.0 - p.norm.news
    for i in range(len(states)):
        me = states[i]
        act = violation = compliance = approval = 0.0
        for edge in range(networks.start[i], networks.start[i + 1]):
            weight, them = networks.weight[edge], states[networks.neighbour[edge]]
            act += weight * them.act
            violation += weight * norm.violation(them.standing, them.act, 0.0)
            compliance += weight * norm.compliance(them.standing, them.passed)
            approval += weight * norm.approval_shown(p, them.stance, 0, 0, 0)
        me.baseline = tied * act + news_act
        me.violated = norm.remembered_start(p, tied * violation + news_violation)
        me.complied = norm.remembered_start(p, tied * compliance + news_compliance)
        me.approval = tied * approval + news_approval
        feel(p, me)


def stay_out(
    p: Any,
    system: Table[System],
    states: Table[State],
    networks: Networks,
    regions: np.ndarray,
    drawn: np.ndarray,
    force_for: int,
) -> None:
    """Set the frailty of every state, given for how long those outside have stayed out.

    Args:
        p: the record of parameters.
        system: what belongs to no state, one row.
        states: the states, ready for the first month.
        networks: the networks.
        regions: room for a sum and a count per region.
        drawn: see `frailties`.
        force_for: months for which the convention has been in force.
    """
    now = system[0]
    open_for = max(now.months_open, 0)
    regions[:] = 0.0
    news = 0.0
    for j in range(len(states)):
        them = states[j]
        member = _member_for(them, open_for)
        regions[them.region, 0] += member
        regions[them.region, 1] += 1.0
        news += p.norm.news * them.standing_share * member
    for i in range(len(states)):
        me = states[i]
        past = 0.0
        if me.status < BOUND and open_for > 0:
            seen = 0.0
            for edge in range(networks.start[i], networks.start[i + 1]):
                seen += networks.weight[edge] * _member_for(states[networks.neighbour[edge]], open_for)
            seen = (1.0 - p.norm.news) * seen + news
            patron_outside = 1.0 if me.patron >= 0 and states[me.patron].status < BOUND else 0.0
            for form in (join.SIGN, join.RATIFY, join.ACCEDE):
                exposed = join.months_exposed(form, 1 if me.status == SIGNED else 0, open_for, force_for)
                if exposed > 0:
                    terms = join.terms(
                        p,
                        form,
                        0.0,
                        regions[me.region, 0] / regions[me.region, 1],
                        seen,
                        me.delay,
                        me.felt,
                        me.civil,
                        open_for // 2,
                        me.threat - now.threat_mean,
                        join.arsenal(me.rounds, me.relative_power),
                        patron_outside,
                        0.0,
                    )
                    past += exposed * hazard_rate(terms)
        me.frailty = join.frailty(p, drawn[i], past)


def _member_for(them: State, open_for: int) -> float:
    """Share of the months since the opening in which a state has been a party."""
    if them.status < BOUND or open_for <= 0:
        return 0.0
    return min(them.bound_for / open_for, 1.0)


def override(states: np.ndarray, i: int, values: Mapping[str, float]) -> None:
    """Set initial values that the scenario gives one state; output is a factor, stocks are rounds."""
    for key, value in values.items():
        if key in CLASS_NAMES:
            states["stock"][i, CLASS_NAMES.index(key)] = int(value)
        elif key == "output":
            states["output"][i] *= value
        else:
            states[key][i] = value
            if key == "validity":
                states["anchor"][i] = value
                states["civil"][i] = initial.civil_society(states["democracy"][i], value)
            elif key == "scope":
                states["scope_start"][i] = states["scope_low"][i] = value


@lru_cache(maxsize=8)
def initial_ties(world: World, wanted: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Ties over which transfers can run.

    Args:
        world: the world.
        wanted: (supplier, recipient) of dated transfers, which need a tie even where none is recorded.

    Returns:
        The ties, sorted by recipient then supplier. Shared between runs: copy them.
    """
    known = set(zip(world.supplier.tolist(), world.recipient.tolist(), strict=True))
    missing = sorted(set(wanted) - known)
    ties = np.zeros(len(world.supplier) + len(missing), TIE)
    m = len(world.supplier)
    for name in ("supplier", "recipient", "ally", "arms"):
        ties[name][:m] = getattr(world, name)
    for place, (i, j) in enumerate(missing, start=m):
        ties["supplier"][place], ties["recipient"][place] = i, j
    ties = ties[np.lexsort((ties["supplier"], ties["recipient"]))]
    ties["since"] = NEVER
    if world.is_recorded:
        _recall_transfers(world, ties)
    return ties


def renewed_ties(ties: np.ndarray, year: Year, wanted: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Ties in a January after the start: those of the record, those of dated transfers, and those with a past.

    A tie that goes on keeps its memory. One over which munitions have been sent outlasts its pact and its arms trade,
    but not the beginning of a rivalry.

    Args:
        ties: the ties so far.
        year: the record of the year.
        wanted: (supplier, recipient) of dated transfers.
    """
    n = len(year.facts)
    tied = np.zeros((n, n), np.bool_)  # recipient by supplier
    used = ties[ties["since"] < NEVER]
    tied[used["recipient"], used["supplier"]] = True
    tied[np.repeat(np.arange(n), np.diff(year.rivalry.indptr)), year.rivalry.indices] = False
    tied[year.recipient, year.supplier] = True
    for supplier, recipient in wanted:
        tied[recipient, supplier] = True
    pairs = np.nonzero(tied)
    before = np.full((n, n), -1)
    before[ties["recipient"], ties["supplier"]] = np.arange(len(ties))
    places = before[pairs]
    renewed = ties[places]
    fresh = np.zeros(1, TIE)
    fresh["since"] = NEVER
    renewed[places < 0] = fresh
    renewed["recipient"], renewed["supplier"] = pairs
    for name in ("ally", "arms"):
        now = np.zeros((n, n))
        now[year.recipient, year.supplier] = getattr(year, name)
        renewed[name] = now[pairs]
    return renewed


def _recall_transfers(world: World, ties: np.ndarray) -> None:
    """Months since the last recorded transfer of each tie before the start; rows of low confidence are left out."""
    place = {(world.iso3[i], world.iso3[j]): k for k, (i, j) in enumerate(ties[["supplier", "recipient"]].tolist())}
    for transfer in transfers_recorded():
        k = place.get((transfer.supplier, transfer.recipient))
        if k is None or transfer.year is None or transfer.year >= world.start.year or transfer.confidence == "low":
            continue
        months = _months_between(datetime.date(transfer.year, 1 + HALF_YEAR, 1), world.start)
        ties["since"][k] = min(ties["since"][k], max(months, 0))


def system_of(world: World, p: Any) -> np.ndarray:
    """What belongs to no state, from the world: a table of one row. `initialise` and `remember_threat` fill in more."""
    system = np.zeros(1, SYSTEM)
    now = system[0]
    now["calendar"] = world.start.month
    now["months_open"] = _months_between(world.treaty.opened, world.start)
    now["deposits"] = int((world.facts["status"] >= BOUND).sum())
    _set_entry_into_force(system, world.treaty, world.start, p)
    return system


def _set_entry_into_force(system: np.ndarray, treaty: Treaty, date: datetime.date, p: Any) -> None:
    """Set whether the convention is in force, and if not, in how many months, once that is fixed."""
    now = system[0]
    now["treaty_force"] = treaty.is_in_force(date)
    now["treaty_in"] = -1
    if not now["treaty_force"] and now["deposits"] >= p.join.trigger:
        left = int(p.join.entry_months)  # unless the record says when
        if treaty.in_force is not None:
            left = _months_between(date, treaty.in_force)
        now["treaty_in"] = left + 1  # the first month counts down too


def remember_threat(system: np.ndarray, states: np.ndarray) -> None:
    """Set the mean threat at the start, on which that of each state is centred."""
    system["threat_mean"][:] = math.fsum(states["threat"].tolist()) / len(states)  # exact, whatever the order


def months_in_force(world: World) -> int:
    """Months for which the convention has been in force at the start."""
    in_force = world.treaty.in_force
    if in_force is None or not world.treaty.is_in_force(world.start):
        return 0
    return max(_months_between(in_force, world.start), 0)


def dated_orders(world: World, events: tuple[Any, ...], first_month: datetime.date, horizon: int) -> np.ndarray:
    """The dated events of a scenario as a table.

    Args:
        world: the world.
        events: events of the scenario.
        first_month: the scenario's start.
        horizon: months of the run; a forbidden act stays forbidden to its end unless `until` says otherwise.
    """
    orders = np.zeros(len(events), ORDER)
    for place, event in enumerate(events):
        first = _months_between(first_month, event.date)
        last = first if not event.forbid else horizon
        if event.until is not None:
            last = _months_between(first_month, event.until)
        actor = -1 if event.actor == "*" else world.index(event.actor)
        target = -1 if event.to in (None, "*") else world.index(event.to)
        orders[place] = (first, last, ACTIONS.index(event.action), actor, target, int(event.forbid), 0, 0, 0)
    return orders
