"""Small generated worlds in which one mechanism is on and every other is at its null: where limiting cases are run."""

import datetime
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from normsim.engine.simulate import Simulation
from normsim.parameters import nulls
from normsim.scenario import Scenario, load_scenario_text
from normsim.world import World, synthetic_world

NOTHING = """
title = "A generated world in which nothing is scripted"
question = "What does one mechanism do when all the others are off?"
start = 2023-07-01
months = 240

[world]
kind = "synthetic"
n = 12
graph = "er"
degree = 4
"""

NEVER = -1e6
"""A term of a propensity that rules an act out; its opposite makes it certain."""

IDLE: dict[str, Any] = {
    **{f"{choice}__intercept": NEVER for choice in ("use", "transfer", "acquire", "renounce")},
    "join__accede": 0.0,
}
"""For `begin`: no state takes a decision that changes arsenals or the law, but for what a case adds."""

DECEMBER = datetime.date(2023, 12, 1)
"""A month in which states vote."""


@cache
def _nothing() -> Scenario:
    return load_scenario_text(NOTHING, "nothing.toml")


def quiet(months: int, start: datetime.date | None = None, /, **values: Any) -> Scenario:
    """The scenario in which every parameter is at its null, but for the values given (range-checked).

    Args:
        months: months to run.
        start: first day, by default July 2023.
        values: parameters by dotted name.
    """
    scenario = _nothing().with_months(months)
    if start is not None:
        scenario = scenario.with_start(start)
    return scenario.with_values({**nulls(), **values})


def begin(
    scenario: Scenario, seed: int = 0, world: World | None = None, log_level: int = 0, **values: float
) -> Simulation:
    """A simulation before its first month.

    Args:
        scenario: the scenario.
        seed: its seed.
        world: the world, by default that of the scenario.
        log_level: as for `Simulation`.
        values: parameters to set beyond their ranges, such as `norm__imitate=1.0`.
    """
    return force(Simulation(scenario, seed, log_level=log_level, world=world), **values)


def force(simulation: Simulation, /, **values: float) -> Simulation:
    """Set parameters of a simulation beyond their ranges, by dotted name with `__` for the dot."""
    for name, value in values.items():
        group, _, key = name.partition("__")
        simulation.p[group][key] = value
    return simulation


def show_past(simulation: Simulation) -> None:
    """Let the first month see the columns as they are now."""
    simulation.rules.run(
        "show_first", simulation.p, simulation.system, simulation.states, simulation.networks, simulation.signals
    )


def influence(simulation: Simulation) -> np.ndarray:
    """The influence network as a dense matrix W; row i holds the weights of the states that state i looks to."""
    networks, n = simulation.networks, len(simulation.states)
    dense = np.zeros((n, n))
    rows = np.repeat(np.arange(n), np.diff(networks.start))
    dense[rows, networks.neighbour] = networks.weight
    return dense


def monthly(simulation: Simulation, column: str, months: int) -> np.ndarray:
    """A column of the states at the start and after every month, shape (months + 1, states)."""
    rows = [simulation.states[column].copy()]
    for _ in range(months):
        simulation.advance(1)
        rows.append(simulation.states[column].copy())
    return np.array(rows)


@cache
def generated(n: int, graph: str = "er", degree: int = 8, **options: Any) -> World:
    """A generated world, kept for later calls; arguments are those of `synthetic_world`."""
    return synthetic_world(n, graph, degree, **options)  # type: ignore[arg-type]


def peaceful(n: int, graph: str = "ring", degree: int = 2, **options: Any) -> World:
    """A generated world without wars and without cluster munitions."""
    return generated(n, graph, degree, holders=0.0, producers=0.0, at_war=0.0, **options)


def with_facts(world: World, **facts: Any) -> World:
    """The world with some columns of its facts replaced."""
    table = world.facts.copy()
    for name, values in facts.items():
        table[name] = values
    return replace(world, facts=table)
