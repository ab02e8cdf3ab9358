"""The memory behind the columns: groups that fill a line, and rows that are read as if their lines stood together."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from numba.core.errors import TypingError

from normsim import load_scenario
from normsim.compiled import compiled
from normsim.engine.columns import SIGNAL, SIGNAL_COLUMNS, STATE, STATE_COLUMNS, TIE, TIE_COLUMNS
from normsim.engine.numba_rows import LINE
from normsim.engine.rows import Rows, aligned, row_type
from normsim.engine.simulate import Simulation

GROUPS = [
    (STATE, ("stock", "status", "used", "habit", "contamination", "power", "patron"), {*STATE_COLUMNS, "stock"}),
    (SIGNAL, ("validity", "act"), set(SIGNAL_COLUMNS)),
    (TIE, ("supplier",), set(TIE_COLUMNS)),
]
"""Types of rows, the column that begins each group, and all columns."""


@pytest.fixture
def rows() -> Rows:
    """Random states."""
    rng = np.random.default_rng(5)
    made = np.zeros(9, STATE)
    for name in STATE_COLUMNS:
        made[name] = rng.integers(1, 100, 9)
    made["stock"] = rng.integers(0, 1000, (9, 3))
    return Rows(made)


@compiled
def _by_row(rows: Any, wanted: np.ndarray) -> int:
    """Read columns of every group, one of them of several values; set one of every kind; returns how many rows."""
    for i in range(len(rows)):
        row = rows[i]
        wanted[i] = row.stock[2] + row.status + row.act + row.perceived + row.learned + row.power + row.patron
        row.stock[1] = i
        row.validity = i + 0.5
        row.status = 2
        row.bound_for += 1
    rows[-1].contamination += 5.0
    rows[np.uint32(2)].episodes = 77
    return len(rows)


@compiled
def _at(rows: Any, place: Any) -> Any:
    return rows[place].status


def test_compiled_code_and_python_read_and_set_the_same(rows: Rows) -> None:
    before, plain, ours, theirs = rows.packed(), rows.copy(), np.zeros(9), np.zeros(9)
    assert _by_row(rows, ours) == _by_row.py_func(plain, theirs) == len(rows) == 9  # type: ignore[attr-defined]
    assert (ours == theirs).all()
    assert ours.all()
    assert rows.packed().tobytes() == plain.packed().tobytes()
    assert rows["contamination"][8] == before["contamination"][8] + 5.0
    assert rows["episodes"][2] == 77
    assert rows["validity"].tolist() == [i + 0.5 for i in range(9)]
    assert rows["stock"][:, 1].tolist() == list(range(9))


def test_setting_a_column_leaves_the_others(rows: Rows) -> None:
    before = rows.packed()
    rows["scope"] = np.arange(9) / 10
    rows["stock"][4] = (1, 2, 3)
    rows[8].casualties_seen = 7.0
    after = rows.packed()
    assert after["scope"].tolist() == (np.arange(9) / 10).tolist()
    assert after["stock"][4].tolist() == [1, 2, 3]
    assert after["casualties_seen"][8] == 7.0
    after["scope"], after["stock"][4] = before["scope"], before["stock"][4]
    after["casualties_seen"][8] = before["casualties_seen"][8]
    assert after.tobytes() == before.tobytes()


@pytest.mark.parametrize("again", [Rows.copy, copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_has_the_same_rows_and_memory_of_its_own(rows: Rows, again: Any) -> None:
    other = again(rows)
    assert other.packed().tobytes() == rows.packed().tobytes()
    other["validity"] = 0.0
    assert rows["validity"].all()
    assert other.memory.ctypes.data % LINE == 0


def test_rows_are_counted_from_the_end_too_and_there_are_no_more(rows: Rows) -> None:
    assert rows[-1].validity == rows["validity"][8]
    assert [row.status for row in rows] == rows["status"].tolist()
    with pytest.raises(IndexError):
        rows[9]


@pytest.mark.parametrize("place", [1.7, slice(1, 3), None])
def test_a_place_is_a_whole_number(rows: Rows, place: Any) -> None:
    with pytest.raises(TypeError):
        rows[place]
    with pytest.raises(TypingError):
        _at(rows, place)


def test_a_row_can_be_copied_and_tells_what_it_holds(rows: Rows) -> None:
    for again in (copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        assert again(rows[3]).status == rows[3].status
    assert f"status={rows['status'][3]}," in repr(rows[3])
    assert "spare" not in repr(rows[3])


def test_a_column_that_is_none_is_named(rows: Rows) -> None:
    with pytest.raises(KeyError, match="validty"):
        rows["validty"]
    with pytest.raises(AttributeError, match="validty"):
        _ = rows[0].validty
    with pytest.raises(AttributeError, match="validty"):
        rows[0].validty = 1.0


def test_there_may_be_no_rows() -> None:
    empty = Rows(np.zeros(0, TIE))
    assert len(empty) == len(empty["since"]) == len(empty.packed()) == 0


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
    for rows in (simulation.states, simulation.ties, simulation.signals):
        assert rows.memory.ctypes.data % LINE == 0
        assert rows.memory.strides[1:] == (LINE, 1)
