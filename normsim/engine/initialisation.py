"""Initial conditions: the tables before the first month, from the world, the scenario and the run's own draws."""

import datetime
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from normsim.engine.columns import (
    BOUND,
    NEVER,
    ORDER,
    STATE,
    SYSTEM,
    TIE,
    State,
    System,
    Table,
)
from normsim.engine.networks import Networks
from normsim.engine.processes.warfare import greatest_pressure
from normsim.engine.streams import stream
from normsim.rules import conflict, harm, initial, norm, supply
from normsim.scenario import ACTIONS
from normsim.world import IN_FORCE, OPENED, World, transfers_recorded

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
    states["relative_power"] = facts["power"] / facts["power"].max()
    states["history"] = facts["conflict_share"]
    states["has_limit"] = ~np.isnan(facts["limit"])
    states["bound_for"] = facts["months_bound"]
    states["force_in"] = facts["months_to_force"]
    states["in_force"] = (states["status"] >= BOUND) & (states["force_in"] == 0) & (world.start >= IN_FORCE)
    states["programme"] = 1.0
    states["refilled"] = 1
    states["bridge_due"] = -1
    return states


def chance_of(world: World, seed: int) -> np.ndarray:
    """The run's own draws before the first month, shape (4, states).

    Rows: noise of validity, frailty, who is immovable, noise of the first stock.
    """
    n = len(world)
    return np.array(
        [
            stream(seed, "validity").standard_normal(n),
            stream(seed, "frailty").standard_normal(n),
            stream(seed, "immovable").random(n),
            stream(seed, "endowment").standard_normal(n),
        ]
    )


def initialise(
    p: Any,
    system: Table[System],
    states: Table[State],
    networks: Networks,
    chance: np.ndarray,
) -> None:
    """Fill in what the rules say before the first month.

    Args:
        p: the record of parameters.
        system: what belongs to no state, one row.
        states: the states, facts of the world filled in.
        networks: the networks.
        chance: see `chance_of`.
    """
    now = system[0]
    for munition in range(supply.CLASSES):
        now.claimed[munition] = now.believed[munition] = harm.claimed_rate(p, munition)
        now.field[munition] = harm.field_rate(p, now.claimed[munition])
    floor = norm.scope_floor(p, now.tier)
    everyone = 0.0
    for i in range(len(states)):
        me = states[i]
        vote = initial.vote(1 if me.status == 0 else 0, me.holder, me.producer, me.voted_against)
        me.validity = me.anchor = initial.validity(p, vote, chance[0, i])
        me.scope = me.scope_start = me.scope_low = initial.scope(p, floor)
        me.civil = initial.civil_society(me.democracy, me.anchor)
        me.frailty = chance[1, i]
        me.immovable = initial.is_immovable(p, vote, chance[2, i])
        me.standing = norm.standing(p, me.relative_power, me.democracy)
        everyone += me.standing
        me.scale = supply.scale(p, me.power)
        me.patron = _strongest_ally(states, networks, i)
        if me.holder:
            for munition in range(supply.CLASSES):
                me.stock[munition] = supply.initial_rounds(p, me.scale, me.origin, chance[3, i], munition)
        me.conventional = supply.initial_conventional(p, me.intensity)
        me.output = supply.initial_output(p, me.intensity)
        me.used = initial.is_recent_user(me.uses_recent, me.intensity)
        me.habit = initial.habit(p, me.used)
        me.act = initial.visible_use(p, me.used)
        me.contamination = initial.contamination(p, me.use_years_here)
    for i in range(len(states)):
        me = states[i]
        me.standing_share = me.standing / everyone
        me.threat = conflict.threat_target(p, me.intensity, greatest_pressure(states, networks, i))
        acts_seen = 0.0
        for edge in range(networks.start[i], networks.start[i + 1]):
            acts_seen += networks.weight[edge] * states[networks.neighbour[edge]].act
        me.perceived = initial.perceived(acts_seen)
        me.baseline = acts_seen


def _strongest_ally(states: Table[State], networks: Networks, i: int) -> int:
    """Index of a state's most powerful ally, -1 if it has none."""
    best = -1
    for edge in range(networks.ally_start[i], networks.ally_start[i + 1]):
        ally = networks.ally[edge]
        if best < 0 or states[ally].power > states[best].power:
            best = ally
    return best


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
    ties["trust"] = 1.0
    if world.is_recorded:
        _recall_transfers(world, ties)
    return ties


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
    """What belongs to no state, from the world: a table of one row. `initialise` and `remember_means` fill in more."""
    system = np.zeros(1, SYSTEM)
    now = system[0]
    now["calendar"] = world.start.month
    now["months_open"] = _months_between(OPENED, world.start)
    now["deposits"] = int((world.facts["status"] >= BOUND).sum())
    now["treaty_force"] = world.start >= IN_FORCE
    now["treaty_in"] = -1
    if not now["treaty_force"] and now["deposits"] >= p.join.trigger:
        now["treaty_in"] = _months_between(world.start, IN_FORCE)
    return system


def remember_means(system: np.ndarray, states: np.ndarray) -> None:
    """Set the means at the start, on which the covariates of joining are centred."""
    for name in ("democracy", "validity", "perceived", "threat"):
        system[f"{name}_mean"][:] = states[name].mean()
    system["holder_mean"][:] = (states["rounds"] > 0).mean()


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
