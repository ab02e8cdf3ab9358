"""Shared by the scientific tests: records of parameters, small worlds, simulations with one thing switched on."""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from normsim.analysis.limiting_worlds import begin
from normsim.analysis.permuted_worlds import PermutedDraws, permuted
from normsim.engine import initialisation
from normsim.engine.columns import Signal, System, Tie, columns_of
from normsim.engine.compilation import compile_entry
from normsim.engine.streams import stream as plain_stream
from normsim.engine.war_resampling import monthly_wars
from normsim.parameters import compile_values, nulls
from normsim.scenario import Scenario
from normsim.world import World

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


# ---------------------------------------------------------------- the same world in another order


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
