"""Shared by the scientific tests: records of parameters, small worlds, simulations with one thing switched on."""

import datetime
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from normsim.engine import initialisation
from normsim.engine.columns import Signal, System, Tie, columns_of
from normsim.engine.compilation import compile_entry
from normsim.engine.simulate import Simulation
from normsim.engine.streams import Draws
from normsim.engine.streams import stream as plain_stream
from normsim.engine.war_resampling import monthly_wars
from normsim.parameters import compile_values, nulls
from normsim.scenario import Scenario, load_scenario, load_scenario_text
from normsim.world import Layer, World, synthetic_world
from normsim.world.initial_world import History, Relations

SCENARIOS = Path(__file__).parent / "docking" / "scenarios"
FAMILY_ERROR = 1e-6
"""Chance that any of the statistical checks of one test fails although the model is right."""

INDEX_COLUMNS = ("patron", "theatre", "order_target")
"""Columns of states that name another state, -1 for none."""


SIGNAL_COLUMNS = tuple(name for name in columns_of(Signal) if name != "rare")
"""Columns that the plain model has too: `rare` only saves the engine work, `ineligible` is for explanations."""

TIE_COLUMNS = tuple(name for name in columns_of(Tie) if name != "ineligible")
SYSTEM_COLUMNS = tuple(name for name, column in columns_of(System).items() if not column.shape)


# ---------------------------------------------------------------- rules


def record(values: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
    """The record of parameters with everything off but the values given (not range-checked)."""
    return compile_values({**nulls(), **(values or {}), **more})


def bits(value: Any) -> Any:
    """A value as the bits of its number, tuples by element: nan equals nan, 0.0 differs from -0.0."""
    if isinstance(value, tuple):
        return tuple(bits(part) for part in value)
    return struct.pack("<d", float(value))


def both(rule: Any, *args: Any) -> Any:
    """Result of a rule, after checking that the compiled and the plain function agree to the bit."""
    compiled, plain = _compiled(rule)(*args), rule(*args)
    assert bits(compiled) == bits(plain), f"{rule.__name__}{args[1:]}: compiled {compiled}, plain {plain}"
    return compiled


@cache
def _compiled(rule: Any) -> Any:
    return compile_entry(rule)


def check_terms(rule: Any, group: str, values: Mapping[str, float], args: tuple[Any, ...], want: Mapping[str, float]):
    """Check a rule's named terms against a table worked out by hand, term by term.

    Args:
        rule: the rule's `terms`.
        group: group of its coefficients.
        values: the coefficients, by key of that group or by dotted name; all others are null.
        args: its arguments after `p`.
        want: every term that is not zero.
    """
    p = record({name if "." in name else f"{group}.{name}": value for name, value in values.items()})
    got = both(rule, p, *args)._asdict()
    assert set(want) <= set(got)
    for name, value in got.items():
        assert abs(value - want.get(name, 0.0)) <= 1e-12 * max(1.0, abs(value)), (name, value, want.get(name, 0.0))


# ---------------------------------------------------------------- scenarios and simulations


@cache
def _scenario(name: str) -> Scenario:
    path = SCENARIOS / f"{name}.toml"
    return load_scenario_text(path.read_text(encoding="utf-8"), path.name) if path.is_file() else load_scenario(name)


def quiet(months: int, name: str = "nothing", start: datetime.date | None = None, /, **values: Any) -> Scenario:
    """A scenario of tests/docking/scenarios with everything at its null but the values given (range-checked)."""
    scenario = _scenario(name).with_months(months)
    if start is not None:
        scenario = scenario.with_start(start)
    return scenario.with_values({**nulls(), **values})


def force(simulation: Simulation, **values: float) -> Simulation:
    """Set parameters of a simulation beyond their ranges, by dotted name with `__` for the dot."""
    for name, value in values.items():
        group, _, key = name.partition("__")
        simulation.p[group][key] = value
    return simulation


def begin(scenario: Scenario, seed: int = 0, world: World | None = None, log_level: int = 0, **values: float) -> Any:
    """A simulation before its first month, some parameters set beyond their ranges (`norm__imitate=1.0`)."""
    return force(Simulation(scenario, seed, log_level=log_level, world=world), **values)


NEVER = -1e6
"""A term of a propensity that rules an act out; its opposite makes it sure."""

IDLE = {f"{choice}__intercept": NEVER for choice in ("use", "transfer", "acquire", "renounce")} | {"join__accede": 0.0}
"""For `begin`: no state decides on anything that changes arsenals or the law, but for what a test adds."""


def show_past(simulation: Simulation) -> None:
    """Let the first month see the columns as they are now."""
    simulation.rules.run(
        "show_first", simulation.p, simulation.system, simulation.states, simulation.networks, simulation.signals
    )


def influence(simulation: Simulation) -> np.ndarray:
    """The influence network as a dense matrix W, row i what state i looks to."""
    networks, n = simulation.networks, len(simulation.states)
    dense = np.zeros((n, n))
    rows = np.repeat(np.arange(n), np.diff(networks.start))
    dense[rows, networks.neighbour] = networks.weight
    return dense


def monthly(simulation: Simulation, column: str, months: int) -> np.ndarray:
    """A column of the states after every month, shape (months + 1, states), the start first."""
    rows = [simulation.states[column].copy()]
    for _ in range(months):
        simulation.advance(1)
        rows.append(simulation.states[column].copy())
    return np.array(rows)


# ---------------------------------------------------------------- worlds


@cache
def generated(n: int, graph: str = "er", degree: int = 8, **options: Any) -> World:
    """A generated world, kept."""
    return synthetic_world(n, graph, degree, **options)  # type: ignore[arg-type]


def with_facts(world: World, **facts: Any) -> World:
    """The world with some columns of its facts replaced."""
    table = world.facts.copy()
    for name, values in facts.items():
        table[name] = values
    return replace(world, facts=table)


def permuted(world: World, order: np.ndarray) -> World:
    """The same world with its states in another order: row k of the new one is row `order[k]` of the old."""
    place = np.argsort(order)
    facts = world.facts[order].copy()
    facts["theatre"] = place[facts["theatre"]]
    later = tuple(
        replace(year, facts=year.facts[order].copy(), **_permuted_relations(year, order, place))
        for year in world.history.later
    )
    history = History(
        world.history.first_year,
        world.history.intensity[:, order].copy(),
        place[world.history.theatre[:, order]],
        later,
    )
    return replace(
        world,
        iso3=tuple(world.iso3[k] for k in order),
        names=tuple(world.names[k] for k in order),
        facts=facts,
        history=history,
        **_permuted_relations(world, order, place),
    )


def _permuted_relations(held: Relations, order: np.ndarray, place: np.ndarray) -> dict[str, Any]:
    """The relations of a world or a year with the states in another order."""
    supplier, recipient = place[held.supplier], place[held.recipient]
    ties = np.lexsort((supplier, recipient))
    return {
        "layers": {name: _permuted_layer(layer, order, place) for name, layer in held.layers.items()},
        "rivalry": _permuted_layer(held.rivalry, order, place),
        "supplier": supplier[ties],
        "recipient": recipient[ties],
        "ally": held.ally[ties],
        "arms": held.arms[ties],
    }


def _permuted_layer(layer: Layer, order: np.ndarray, place: np.ndarray) -> Layer:
    """A layer with its rows and the indices in them renamed; the weights keep their bits."""
    rows = [layer.row(k) for k in order]
    sizes = [len(indices) for indices, _ in rows]
    indices, weights = [], []
    for neighbours, values in rows:
        renamed = place[neighbours]
        sort = np.argsort(renamed)
        indices.append(renamed[sort])
        weights.append(values[sort])
    return Layer(np.r_[0, np.cumsum(sizes)].astype(np.int64), np.concatenate(indices), np.concatenate(weights))


class PermutedDraws:
    """The draws of a run with the states in another order."""

    def __init__(self, seed: int, order: np.ndarray) -> None:
        self._order, self._draws = order, Draws(seed, len(order))

    def block(self, months: int) -> np.ndarray:
        return self._draws.block(months)[:, :, self._order].copy()


class _PermutedGenerator:
    """One of the streams that fill the states before the first month, in another order."""

    def __init__(self, seed: int, name: str, order: np.ndarray) -> None:
        self._order, self._generator = order, plain_stream(seed, name)

    def standard_normal(self, n: int) -> np.ndarray:
        return self._generator.standard_normal(n)[self._order]

    def random(self, n: int) -> np.ndarray:
        return self._generator.random(n)[self._order]


@contextmanager
def _initial_streams(order: np.ndarray) -> Iterator[None]:
    original = initialisation.stream
    initialisation.stream = lambda seed, name: _PermutedGenerator(seed, name, order)  # type: ignore[assignment]
    try:
        yield
    finally:
        initialisation.stream = original


def begin_permuted(scenario: Scenario, seed: int, world: World, order: np.ndarray, **values: float) -> Any:
    """The simulation of `begin` with the states of its world in another order, and with the same luck."""
    with _initial_streams(order):
        simulation = begin(scenario, seed, permuted(world, order), **values)
    simulation._draws = PermutedDraws(seed, order)
    place = np.argsort(order)  # wars are drawn for territories in their order: give it the same ones
    intensity, theatre = monthly_wars(world, simulation.p, scenario.months, seed)
    simulation._recorded[:], simulation._theatres[:] = intensity[:, order], place[theatre[:, order]]
    return simulation


def differing(original: np.ndarray, other: np.ndarray, order: np.ndarray, rtol: float = 1e-9) -> list[str]:
    """Columns of states that differ between a run and its permuted twin: whole numbers exactly, others within rtol."""
    place = np.argsort(order)
    found = []
    for name in original.dtype.names:
        want, got = original[name][order], other[name]
        if name in INDEX_COLUMNS:
            want = np.where(want >= 0, place[want], want)
        same = (
            (want == got).all()
            if want.dtype.kind == "i"
            else np.allclose(want, got, rtol=rtol, atol=1e-12, equal_nan=True)
        )
        if not same:
            found.append(name)
    return found
