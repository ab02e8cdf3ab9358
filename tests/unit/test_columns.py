"""The memory behind the columns: rows that begin a line of the cache, and groups of columns that fill one."""

import numpy as np
import pytest

from normsim import load_scenario
from normsim.engine.columns import LINE, SIGNAL_ROOM, STATE, STATE_COLUMNS, Signal, aligned
from normsim.engine.simulate import Simulation

FIRST_OF_LINE = ("stock", "status", "used", "habit", "contamination", "power", "patron")
"""The column that begins each group, in their order."""


@pytest.mark.parametrize("shape", [1, 7, (5, 16)])
def test_arrays_begin_a_line_and_are_zero(shape: int | tuple[int, ...]) -> None:
    for _ in range(20):
        array = aligned(shape, float)
        assert array.ctypes.data % LINE == 0
        assert array.shape == (shape if isinstance(shape, tuple) else (shape,))
        assert not array.any()
        array[...] = 1.0  # its own memory: the next is zero again


def test_each_group_of_columns_fills_one_line() -> None:
    assert STATE.fields is not None
    assert [STATE.fields[name][1] for name in FIRST_OF_LINE] == [LINE * k for k in range(len(FIRST_OF_LINE))]
    assert STATE.itemsize == LINE * len(FIRST_OF_LINE)
    assert set(STATE.names or ()) == {*STATE_COLUMNS, "stock", "spare"}


def test_signals_that_every_state_sends_fill_one_line() -> None:
    assert Signal.ACT * np.dtype(float).itemsize == LINE
    assert len(Signal) <= SIGNAL_ROOM == 2 * Signal.ACT


def test_states_and_signals_of_a_run_begin_a_line() -> None:
    simulation = Simulation(load_scenario("baseline"), 0)
    for array in (simulation.states, simulation.signals):
        assert array.ctypes.data % LINE == 0
        assert array.strides[0] % LINE == 0
