"""The columns before the first month: facts of the world, values of the scenario, and the run's own initial draws."""

import datetime
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from normsim.engine.columns import BOUND, NEVER, NONE, ORDER, STATE, SYSTEM, TIE
from normsim.engine.draws import stream
from normsim.engine.networks import Networks
from normsim.engine.rows import Rows
from normsim.engine.steps.first import prepare
from normsim.engine.steps.orders import ACTIONS
from normsim.rules import harm, norm, supply
from normsim.world import IN_FORCE, OPENED, World, transfers_recorded

VOTED_AGAINST = ("RUS",)
"""The one vote against the UN resolution of December 2023 on the convention (see timeline.csv)."""

CLASS_NAMES = ("legacy", "improved", "low_dud")
HALF_YEAR = 6
"""Months into its year at which a transfer that is dated by its year alone is placed."""


def _months_between(earlier: datetime.date, later: datetime.date) -> int:
    """Calendar months from one date to another."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def initial_states(
    world: World, networks: Networks, p: Any, seed: int, overrides: Mapping[str, Mapping[str, float]]
) -> Rows:
    """The states before the first month.

    Args:
        world: the world as of the start.
        networks: its networks.
        p: the record of parameters.
        seed: seed of the run; only validity's noise, frailty and the immovable are drawn.
        overrides: initial values of single states, by iso3 and key.

    Returns:
        `Rows` of dtype `STATE`.
    """
    facts = world.facts
    n = len(world)
    states = Rows(np.zeros(n, STATE))
    for name in ("region", "power", "democracy", "ccw", "status", "producer", "theatre", "intensity", "notice_left"):
        states[name] = facts[name]
    states["relative_power"] = facts["power"] / facts["power"].max()
    states["history"] = facts["conflict_share"]
    states["has_limit"] = ~np.isnan(facts["limit"])
    states["programme"] = 1.0

    states["bound_for"] = facts["months_bound"]
    states["force_in"] = facts["months_to_force"]
    bound = states["status"] >= BOUND
    states["in_force"] = bound & (states["force_in"] == 0) & (world.start >= IN_FORCE)

    _minds(world, p, seed, states)
    prepare(p, states, networks, facts["holder"] > 0)
    recent = (facts["uses_recent"] > 0) & (states["intensity"] > 0.0)
    states["used"] = recent
    states["habit"] = p.initial.habit * recent
    seen_acts = _mean_over(networks, p.norm.visibility * recent)
    states["perceived"] = 1.0 - seen_acts
    states["baseline"] = seen_acts
    states["contamination"] = p.harm.legacy_duds * facts["use_years_here"]
    states["bridge_due"] = -1
    states["refilled"] = 1
    for iso3, values in overrides.items():
        _override(states, world.index(iso3), values)
    states["rounds"] = states["stock"].sum(axis=1)
    return states


def _minds(world: World, p: Any, seed: int, states: Rows) -> None:
    """Validity by the vote a state would cast, scope, civil society, frailty, and who is immovable."""
    facts = world.facts
    outside_holder = (facts["status"] == NONE) & ((facts["holder"] > 0) | (facts["producer"] > 0))
    vote = np.where(outside_holder, p.initial.validity_abstain, p.initial.validity_yes)
    if world.is_recorded:
        vote[np.isin(world.iso3, VOTED_AGAINST)] = p.initial.validity_no
    noise = stream(seed, "validity").standard_normal(len(world))
    states["anchor"] = np.clip(vote + p.initial.validity_noise * noise, 0.0, 1.0)
    states["validity"] = states["anchor"]
    floor = norm.scope_floor(p, 0)
    states["scope"] = states["scope_start"] = states["scope_low"] = max(p.initial.scope, floor)
    states["civil"] = 0.5 * states["democracy"] + 0.5 * states["anchor"]
    states["frailty"] = stream(seed, "frailty").standard_normal(len(world))
    drawn = stream(seed, "immovable").random(len(world))
    states["immovable"] = outside_holder & (drawn < p.join.immovable)


def _mean_over(networks: Networks, values: np.ndarray) -> np.ndarray:
    """Weighted mean of a column over those that each state looks to."""
    rows = np.repeat(np.arange(len(values)), np.diff(networks.start))
    return np.bincount(rows, weights=networks.weight * values[networks.neighbour], minlength=len(values))


def _override(states: Rows, i: int, values: Mapping[str, float]) -> None:
    """Initial values that the scenario gives one state; output is a factor, stocks are rounds."""
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
def initial_ties(world: World, wanted: tuple[tuple[int, int], ...]) -> Rows:
    """Ties over which transfers can run.

    Args:
        world: the world.
        wanted: (supplier, recipient) of dated transfers, which need a tie even where none is recorded.

    Returns:
        `Rows` of dtype `TIE`, sorted by recipient then supplier. Shared: copy it.
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
    return Rows(ties)


def _recall_transfers(world: World, ties: np.ndarray) -> None:
    """Months since the last recorded transfer of each tie before the start; rows of low confidence are left out."""
    place = {(world.iso3[i], world.iso3[j]): k for k, (i, j) in enumerate(ties[["supplier", "recipient"]].tolist())}
    for transfer in transfers_recorded():
        k = place.get((transfer.supplier, transfer.recipient))
        if k is None or transfer.year is None or transfer.year >= world.start.year or transfer.confidence == "low":
            continue
        months = _months_between(datetime.date(transfer.year, 1 + HALF_YEAR, 1), world.start)
        ties["since"][k] = min(ties["since"][k], max(months, 0))


def initial_system(world: World, p: Any, states: Rows) -> np.ndarray:
    """The system before the first month: array of one record of dtype `SYSTEM`."""
    system = np.zeros(1, SYSTEM)
    now = system[0]
    now["calendar"] = world.start.month
    now["months_open"] = _months_between(OPENED, world.start)
    now["deposits"] = int((states["status"] >= BOUND).sum())
    now["treaty_force"] = world.start >= IN_FORCE
    now["treaty_in"] = -1
    if not now["treaty_force"] and now["deposits"] >= p.join.trigger:
        now["treaty_in"] = _months_between(world.start, IN_FORCE)
    for munition in range(supply.CLASSES):
        now["claimed"][munition] = harm.claimed_rate(p, munition)
        now["field"][munition] = harm.field_rate(p, now["claimed"][munition])
    now["believed"] = now["claimed"]
    for name in ("democracy", "validity", "perceived", "threat"):
        now[f"{name}_mean"] = states[name].mean()
    now["holder_mean"] = (states["rounds"] > 0).mean()
    return system


def dated_orders(world: World, events: tuple[Any, ...], first_month: datetime.date, horizon: int) -> np.ndarray:
    """Dated events as orders, dtype `ORDER`.

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
        orders[place] = (first, last, ACTIONS.index(event.action), actor, target, int(event.forbid))
    return orders
