"""A run with the states of every month, computed ahead, so that the browser can go to any month at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.columns import Choice
from normsim.engine.simulate import Run, Simulation
from normsim.page.quantities import QUANTITIES
from normsim.scenario import Scenario

CHECKPOINT = 48
"""Least number of months between two copies of a simulation that are kept, to run any month again from."""

KEPT_RUNS = 6
"""Runs kept at once."""

KEPT_MOMENTS = 8
"""Months kept at once with every choice that was weighed."""

WORKING = threading.Semaphore(2)
"""How many runs are computed at a time; further ones wait."""


class RecordedRun(NamedTuple):
    """A whole run, month by month.

    Attributes:
        run: the run, as `simulate` returns it, its log without condemnations.
        columns: every quantity by name as it is sent, shape (months + 1, states); row 0 is before the first month.
        condemned: every condemnation: month (0 the first), who was condemned and by whom, shape (condemnations, 3); by
            month and who was condemned, the most powerful critics first.
        checkpoints: copies of the simulation, the first before the first month.
    """

    run: Run
    columns: dict[str, np.ndarray]
    condemned: np.ndarray
    checkpoints: tuple[Simulation, ...]


class Moment(NamedTuple):
    """One month of a run, looked at closely.

    Attributes:
        simulation: the run after that month.
        states: columns of the states before it.
        signals: what the states had shown each other before it.
        weighed: every choice weighed in it, dtype `ENTRY`.
    """

    simulation: Simulation
    states: np.ndarray
    signals: np.ndarray
    weighed: np.ndarray


def record(scenario: Scenario, seed: int) -> RecordedRun:
    """Run a scenario to its end, keeping the states of every month.

    Args:
        scenario: the scenario.
        seed: the seed.
    """
    simulation = Simulation(scenario, seed, log_level=1, keep_states=True)
    checkpoints, log, said = [simulation.copy()], list[np.ndarray](), list[np.ndarray]()
    shape = scenario.months + 1, len(simulation.world)
    columns = {name: np.zeros(shape, quantity.type) for name, quantity in QUANTITIES.items()}
    for months, states in blocks(simulation):
        for name, quantity in QUANTITIES.items():
            columns[name][months] = quantity.encode(quantity.read(states))
        entries = simulation.take_log()
        is_said = entries["choice"] == Choice.CONDEMN  # thousands: kept in few bytes
        log.append(entries[~is_said])
        said.append(
            np.stack([entries[name][is_said] for name in ("month", "target", "actor")], axis=1).astype(np.int16)
        )
        if simulation.done - checkpoints[-1].done >= CHECKPOINT and simulation.done < scenario.months:
            checkpoints.append(simulation.copy())
    run = simulation.result()
    run.log = np.concatenate(log)
    condemned = np.concatenate(said)
    month, target, critic = condemned.T
    condemned = condemned[np.lexsort((-run.world.facts["power"][critic], target, month))]
    return RecordedRun(run, columns, condemned, tuple(checkpoints))


def blocks(simulation: Simulation) -> Iterator[tuple[slice, np.ndarray]]:
    """Run a simulation that keeps states to its end, block by block.

    Yields:
        which months (0 is before the first), and the states after each of them, shape (months, states).
    """
    yield slice(0, 1), simulation.states[None]
    while simulation.done < simulation.scenario.months:
        first = simulation.done
        simulation.advance(simulation.to_break)
        yield slice(first + 1, simulation.done + 1), simulation.kept[: simulation.done - first]


def look_at(recorded: RecordedRun, month: int) -> Moment:
    """Run one month again with every choice written down.

    Args:
        recorded: the run.
        month: which month, 1 the first.
    """
    simulation = [kept for kept in recorded.checkpoints if kept.done < month][-1].copy()
    simulation.system["log_level"] = 0
    simulation.advance(month - 1 - simulation.done)
    states, signals = simulation.states.copy(), simulation.signals.copy()
    simulation.system["log_level"] = 2
    simulation.advance(1)
    return Moment(simulation, states, signals, simulation.take_log())


class Cache[Key, Value]:
    """The values asked for last, at most so many; what is asked for at the same time is computed once."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Key, threading.Lock] = {}

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def peek(self, key: Key) -> Value | None:
        """The value of a key if it is kept."""
        with self._lock:
            return self._kept.get(key)

    def items(self) -> list[tuple[Key, Value]]:
        """What is kept."""
        with self._lock:
            return list(self._kept.items())

    def put(self, key: Key, value: Value) -> None:
        """Keep a value."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self.room:
                self._kept.popitem(last=False)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, made if it is not kept."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                with self._lock:
                    if key in self._kept:
                        self._kept.move_to_end(key)
                        return self._kept[key]
                value = make()
                self.put(key, value)
                return value
        finally:
            with self._lock:
                self._making.pop(key, None)


Key = tuple[str, int]
_runs: Cache[Key, RecordedRun] = Cache(KEPT_RUNS)
_moments: Cache[Any, Moment] = Cache(KEPT_MOMENTS)


def recorded_run(scenario: Scenario, seed: int) -> RecordedRun:
    """The recorded run of a scenario, from the runs kept or computed now."""

    def make() -> RecordedRun:
        with WORKING:
            return record(scenario, seed)

    return _runs.get((scenario.fingerprint(), seed), make)


def moment(scenario: Scenario, seed: int, month: int) -> Moment:
    """One month of a run with every choice weighed in it, from those kept or computed now.

    Args:
        scenario: the scenario.
        seed: the seed.
        month: which month, 1 the first.
    """

    def make() -> Moment:
        recorded = recorded_run(scenario, seed)
        with WORKING:
            return look_at(recorded, month)

    return _moments.get((scenario.fingerprint(), seed, month), make)
