"""A run with the states of every month, computed ahead, so that the browser can go to any month at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.columns import ENTRY, Choice
from normsim.engine.simulate import Run, Simulation
from normsim.page.quantities import QUANTITIES
from normsim.scenario import Scenario

CHECKPOINT = 20
"""Months between two states of the model that are kept, from which any month can be run again."""

KEPT_RUNS = 8
"""Runs kept at once."""

KEPT_MOMENTS = 24
"""Months kept at once with every choice that was weighed."""

WORKING = threading.Semaphore(2)
"""How many runs are computed at a time; further ones wait."""


class RecordedRun(NamedTuple):
    """A whole run, month by month.

    Attributes:
        run: the run, as `simulate` returns it, its log without condemnations.
        columns: every quantity by name as it is sent, shape (months + 1, states); row 0 is before the first month.
        condemned: how many states condemned each state, shape (months, states).
        checkpoints: the simulation after 0, `CHECKPOINT`, 2 `CHECKPOINT`, ... months.
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
    simulation = Simulation(scenario, seed, log_level=1)
    months, n = scenario.months, len(simulation.world)
    read = {name: np.zeros((months + 1, n)) for name in QUANTITIES}
    condemned = np.zeros((months, n), np.int16)
    log: list[np.ndarray] = []
    checkpoints = []

    def keep(month: int) -> None:
        for name, quantity in QUANTITIES.items():
            read[name][month] = quantity.read(simulation.states)
        if month % CHECKPOINT == 0 and month < months:
            checkpoints.append(simulation.copy())

    keep(0)
    for month in range(months):
        simulation.advance(1)
        entries = simulation.take_log()
        said = entries["choice"] == Choice.CONDEMN
        condemned[month] = np.bincount(entries["target"][said], minlength=n)
        log.append(entries[~said])
        keep(month + 1)
    run = simulation.result()
    run.log = np.concatenate(log) if log else np.zeros(0, ENTRY)
    columns = {name: quantity.encode(read[name]) for name, quantity in QUANTITIES.items()}
    return RecordedRun(run, columns, condemned, tuple(checkpoints))


def look_at(recorded: RecordedRun, month: int) -> Moment:
    """Run one month again with every choice written down.

    Args:
        recorded: the run.
        month: which month, 1 the first.
    """
    simulation = recorded.checkpoints[(month - 1) // CHECKPOINT].copy()
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
