"""Telling the processor early: allowed on any array, and without an effect on what is computed."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from normsim import load_scenario
from normsim.compiled import compiled
from normsim.engine.columns import SIGNAL, SIGNAL_COLUMNS, STATE
from normsim.engine.fetch import fetch
from normsim.engine.simulate import Simulation
from normsim.engine.steps import sight
from normsim.engine.steps.sight import LARGE
from normsim.engine.table import Table
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
def _tell_groups(table: Any) -> int:
    """Tell of the first group of every row, and of one that is named; returns how many rows."""
    for place in range(len(table)):
        fetch(table, place)
        fetch(table, place, "perceived")
    return len(table)


@pytest.mark.parametrize("n", [0, 3])
def test_telling_of_a_tables_rows_changes_none_of_them(n: int) -> None:
    table = Table(np.zeros(n, STATE))
    table["perceived"] = np.arange(n)
    before = table.lines.copy()
    assert _tell_groups(table) == n
    assert (table.lines == before).all()


def test_outside_compiled_code_nothing_happens() -> None:
    fetch(np.zeros(2), 1)
    fetch(Table(np.zeros(2, STATE)), 1, "status")


def test_a_large_world_sees_the_sums_over_its_neighbours() -> None:
    """Beyond `LARGE` the loop tells ahead: up to the last edge, and never past it."""
    baseline = load_scenario("baseline").with_months(1).with_values({"condemn.reach": "onlookers"})
    n = LARGE + 1
    simulation = Simulation(dataclasses.replace(baseline, world=SyntheticWorld(n=n, degree=4), states={}), log_level=0)
    networks = simulation.networks
    rng = np.random.default_rng(1)
    signals, seen = Table(np.zeros(n, SIGNAL)), Table(np.zeros(n, SIGNAL))
    for name in SIGNAL_COLUMNS:
        signals[name] = rng.random(n)
    sight.see(networks, signals, np.ones(n, np.int8), seen)
    rows = np.repeat(np.arange(n), np.diff(networks.start))
    for name in SIGNAL_COLUMNS:
        wanted = np.bincount(rows, networks.weight * signals[name][networks.neighbour], n)
        np.testing.assert_allclose(seen[name], wanted, rtol=1e-12, err_msg=name)
