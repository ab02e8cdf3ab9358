"""Telling the processor early: allowed on any array, and without an effect on what is computed."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from numba.core.errors import TypingError

from normsim import load_scenario
from normsim.compiled import compiled
from normsim.engine.columns import SIGNAL, SIGNAL_COLUMNS, STATE
from normsim.engine.fetch import LARGE, fetch
from normsim.engine.rows import Rows
from normsim.engine.simulate import Simulation
from normsim.engine.steps import sight
from normsim.scenario import SyntheticWorld


@compiled
def _tell_all(rows: np.ndarray) -> int:
    """Tell of every row; returns how many."""
    for place in range(rows.shape[0]):
        fetch(rows, place)
    return rows.shape[0]


@pytest.mark.parametrize("rows", [np.arange(5.0), np.arange(12).reshape(4, 3), np.zeros(3, STATE), np.zeros(0)])
def test_telling_of_rows_changes_none_of_them(rows: np.ndarray) -> None:
    before = rows.copy()
    assert _tell_all(rows) == len(rows)
    assert rows.tobytes() == before.tobytes()


@compiled
def _tell_groups(rows: Any) -> int:
    """Tell of the first group of every row, and of one that is named; returns how many rows."""
    for place in range(len(rows)):
        fetch(rows, place)
        fetch(rows, place, "perceived")
    return len(rows)


@pytest.mark.parametrize("n", [0, 3])
def test_telling_of_groups_changes_none_of_them(n: int) -> None:
    rows = Rows(np.zeros(n, STATE))
    rows["perceived"] = np.arange(n)
    before = rows.memory.copy()
    assert _tell_groups(rows) == n
    assert (rows.memory == before).all()


@compiled
def _tell_what_is_not_there(rows: Any) -> None:
    fetch(rows, 0, "percieved")


@compiled
def _tell_what_is_not_spelled_out(rows: Any, column: str) -> None:
    fetch(rows, 0, column)


def test_a_group_is_named_by_a_column_spelled_out() -> None:
    rows = Rows(np.zeros(1, STATE))
    with pytest.raises(TypingError, match="'percieved' is no column"):
        _tell_what_is_not_there(rows)
    with pytest.raises(TypingError, match="not spelled out"):
        _tell_what_is_not_spelled_out(rows, "perceived")


def test_outside_compiled_code_nothing_happens() -> None:
    fetch(np.zeros(2), 1)
    fetch(Rows(np.zeros(2, STATE)), 1, "status")


def test_a_large_world_sees_the_sums_over_its_neighbours() -> None:
    """Beyond `LARGE` the loop tells ahead: up to the last edge, and never past it."""
    baseline = load_scenario("baseline").with_months(1).with_values({"condemn.reach": "onlookers"})
    n = LARGE + 1
    simulation = Simulation(dataclasses.replace(baseline, world=SyntheticWorld(n=n, degree=4), states={}), log_level=0)
    networks = simulation.networks
    rng = np.random.default_rng(1)
    signals, seen = Rows(np.zeros(n, SIGNAL)), Rows(np.zeros(n, SIGNAL))
    for name in SIGNAL_COLUMNS:
        signals[name] = rng.random(n)
    sight.see(networks, signals, np.ones(n, np.int8), seen)
    rows = np.repeat(np.arange(n), np.diff(networks.start))
    for name in SIGNAL_COLUMNS:
        wanted = np.bincount(rows, networks.weight * signals[name][networks.neighbour], n)
        np.testing.assert_allclose(seen[name], wanted, rtol=1e-12, err_msg=name)
