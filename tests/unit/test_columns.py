"""The memory behind the columns: groups of columns that fill a line, and tables that are read as one."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from normsim import load_scenario
from normsim.compiled import compiled
from normsim.engine.columns import SIGNAL, SIGNAL_COLUMNS, STATE, STATE_COLUMNS, TIE, TIE_COLUMNS
from normsim.engine.numba_table import LINE
from normsim.engine.simulate import Simulation
from normsim.engine.table import Table, aligned, row_type

GROUPS = [
    (STATE, ("stock", "status", "used", "habit", "contamination", "power", "patron"), {*STATE_COLUMNS, "stock"}),
    (SIGNAL, ("validity", "act"), set(SIGNAL_COLUMNS)),
    (TIE, ("supplier",), set(TIE_COLUMNS)),
]
"""Types of rows, the column that begins each group, and all columns."""


@pytest.fixture
def table() -> Table:
    """Random states."""
    rng = np.random.default_rng(5)
    rows = np.zeros(9, STATE)
    for name in STATE_COLUMNS:
        rows[name] = rng.integers(1, 100, 9)
    rows["stock"] = rng.integers(0, 1000, (9, 3))
    return Table(rows)


@compiled
def _by_row(table: Any, wanted: np.ndarray) -> int:
    """Read columns of every group, one of them of several values; set one of every kind; returns the rows."""
    for i in range(len(table)):
        row = table[i]
        wanted[i] = row.stock[2] + row.status + row.act + row.perceived + row.learned + row.power + row.patron
        row.stock[1] = i
        row.validity = i + 0.5
        row.status = 2
        row.bound_for += 1
    return len(table)


def test_compiled_code_and_python_read_and_set_the_same(table: Table) -> None:
    plain, ours, theirs = table.copy(), np.zeros(9), np.zeros(9)
    assert _by_row(table, ours) == _by_row.py_func(plain, theirs) == len(table) == 9  # type: ignore[attr-defined]
    assert (ours == theirs).all()
    assert ours.all()
    assert table.rows().tobytes() == plain.rows().tobytes()
    assert table["validity"].tolist() == [i + 0.5 for i in range(9)]
    assert table["stock"][:, 1].tolist() == list(range(9))


def test_setting_a_column_leaves_the_others(table: Table) -> None:
    before = table.rows()
    table["scope"] = np.arange(9) / 10
    table["stock"][4] = (1, 2, 3)
    table[8].casualties_seen = 7.0
    after = table.rows()
    assert after["scope"].tolist() == (np.arange(9) / 10).tolist()
    assert after["stock"][4].tolist() == [1, 2, 3]
    assert after["casualties_seen"][8] == 7.0
    after["scope"], after["stock"][4] = before["scope"], before["stock"][4]
    after["casualties_seen"][8] = before["casualties_seen"][8]
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("again", [Table.copy, copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_has_the_same_rows_and_memory_of_its_own(table: Table, again: Any) -> None:
    other = again(table)
    assert other.rows().tobytes() == table.rows().tobytes()
    other["validity"] = 0.0
    assert table["validity"].all()
    assert other.lines.ctypes.data % LINE == 0


def test_rows_are_counted_from_the_end_too_and_there_are_no_more(table: Table) -> None:
    assert table[-1].validity == table["validity"][8]
    assert [row.status for row in table] == table["status"].tolist()
    with pytest.raises(IndexError):
        table[9]


def test_a_column_that_is_none_is_named(table: Table) -> None:
    with pytest.raises(KeyError, match="validty"):
        table["validty"]
    with pytest.raises(AttributeError, match="validty"):
        _ = table[0].validty
    with pytest.raises(AttributeError, match="validty"):
        table[0].validty = 1.0


def test_a_table_of_no_rows() -> None:
    empty = Table(np.zeros(0, TIE))
    assert len(empty) == len(empty["since"]) == len(empty.rows()) == 0


def test_a_column_on_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="'second' lies on two lines"):
        row_type([("first", "f8", (7,)), ("flag", "i1"), ("second", "f8")])


@pytest.mark.parametrize("shape", [1, 7, (5, 16)])
def test_arrays_begin_a_line_and_are_zero(shape: int | tuple[int, ...]) -> None:
    for _ in range(20):
        array = aligned(shape, float)
        assert array.ctypes.data % LINE == 0
        assert array.shape == (shape if isinstance(shape, tuple) else (shape,))
        assert not array.any()
        array[...] = 1.0  # its own memory: the next is zero again


@pytest.mark.parametrize(("dtype", "first", "names"), GROUPS)
def test_each_group_of_columns_fills_one_line(dtype: np.dtype, first: tuple[str, ...], names: set[str]) -> None:
    assert dtype.fields is not None
    assert [dtype.fields[name][1] for name in first] == [LINE * k for k in range(len(first))]
    assert dtype.itemsize == LINE * len(first)
    assert set(dtype.names or ()) == {*names, "spare"}


def test_a_group_of_a_run_is_one_stretch_of_memory() -> None:
    simulation = Simulation(load_scenario("baseline"), 0)
    for table in (simulation.states, simulation.ties, simulation.signals):
        assert table.lines.ctypes.data % LINE == 0
        assert table.lines.strides[1:] == (LINE, 1)
