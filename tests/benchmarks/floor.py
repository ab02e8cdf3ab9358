"""The floor: what any implementation must do at least, in one tight compiled loop.

A month draws its numbers, evaluates the exponentials that the rules ask for, passes over the edges of the influence
network for every signal and once over those of the regional layer. Nothing is decided, stored or recorded.
"""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from normsim.engine.simulate import BLOCK, Simulation
from normsim.engine.streams import STREAMS
from tests.plain import CountedMath, PlainModel

SIGNALS = 14
"""Signals of the model; the loop below writes them out."""

FUNCTIONS = ("exp", "expm1", "log", "log1p", "pow")


@dataclass(frozen=True)
class Exponentials:
    """How many a run evaluates, by function: `called` in all, `distinct` with a month's repeated arguments left out."""

    called: dict[str, int]
    distinct: dict[str, int]
    months: int

    def monthly(self, lean: bool) -> np.ndarray:
        """Mean number a month of each of `FUNCTIONS`, rounded up."""
        chosen = self.distinct if lean else self.called
        return np.array([-(-chosen.get(name, 0) // self.months) for name in FUNCTIONS], np.int64)


def count_exponentials(simulation: Simulation) -> Exponentials:
    """Count them for real, by running the plain model over the same months."""
    counted = CountedMath()
    model = PlainModel(simulation.scenario, simulation.seed, counted=counted, world=simulation.world)
    called: Counter[str] = Counter()
    distinct: Counter[str] = Counter()
    months = simulation.scenario.months
    for _ in range(months):
        counted.reset()
        model.step()
        called.update(counted.calls)
        distinct.update(counted.distinct)
    return Exponentials(dict(called), dict(distinct), months)


@numba.njit(error_model="numpy")
def _evaluate(numbers: np.ndarray, counts: np.ndarray) -> float:
    """So many of each function, of the numbers drawn."""
    total = 0.0
    k = 0
    last = numbers.size - 1
    for _ in range(counts[0]):
        total += math.exp(-numbers[k])
        k = k + 1 if k < last else 0
    for _ in range(counts[1]):
        total += math.expm1(-numbers[k])
        k = k + 1 if k < last else 0
    for _ in range(counts[2]):
        total += math.log(numbers[k] + 1e-9)
        k = k + 1 if k < last else 0
    for _ in range(counts[3]):
        total += math.log1p(numbers[k])
        k = k + 1 if k < last else 0
    for _ in range(counts[4]):
        total += numbers[k] ** 2.5
        k = k + 1 if k < last else 0
    return total


@numba.njit(error_model="numpy")
def _months(
    draws: np.ndarray,
    counts: np.ndarray,
    start: np.ndarray,
    neighbour: np.ndarray,
    weight: np.ndarray,
    region_start: np.ndarray,
    region_neighbour: np.ndarray,
    region_weight: np.ndarray,
    signals: np.ndarray,
    seen: np.ndarray,
) -> float:
    """A block of months."""
    total = 0.0
    n = start.shape[0] - 1
    for m in range(draws.shape[0]):
        total += _evaluate(draws[m], counts)
        for i in range(n):
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = s8 = s9 = s10 = s11 = s12 = s13 = 0.0  # the fastest form found
            for edge in range(start[i], start[i + 1]):
                j, w = neighbour[edge], weight[edge]
                s0 += w * signals[j, 0]
                s1 += w * signals[j, 1]
                s2 += w * signals[j, 2]
                s3 += w * signals[j, 3]
                s4 += w * signals[j, 4]
                s5 += w * signals[j, 5]
                s6 += w * signals[j, 6]
                s7 += w * signals[j, 7]
                s8 += w * signals[j, 8]
                s9 += w * signals[j, 9]
                s10 += w * signals[j, 10]
                s11 += w * signals[j, 11]
                s12 += w * signals[j, 12]
                s13 += w * signals[j, 13]
            seen[i, 0] = s0
            seen[i, 1] = s1
            seen[i, 2] = s2
            seen[i, 3] = s3
            seen[i, 4] = s4
            seen[i, 5] = s5
            seen[i, 6] = s6
            seen[i, 7] = s7
            seen[i, 8] = s8
            seen[i, 9] = s9
            seen[i, 10] = s10
            seen[i, 11] = s11
            seen[i, 12] = s12
            seen[i, 13] = s13
        for i in range(n):
            near = 0.0
            for edge in range(region_start[i], region_start[i + 1]):
                near += region_weight[edge] * signals[region_neighbour[edge], 0]
            total += near * signals[i, 0]
    return total


def run_floor(networks: Any, n_states: int, months: int, counts: np.ndarray) -> float:
    """The floor of a run.

    Args:
        networks: of the simulation.
        n_states: number of states.
        months: months of the run.
        counts: exponentials a month, in the order of `FUNCTIONS`.
    """
    generator = np.random.Generator(np.random.Philox(0))
    signals = generator.random((n_states, SIGNALS))
    seen = np.zeros_like(signals)
    total = 0.0
    for first in range(0, months, BLOCK):
        draws = generator.random((min(BLOCK, months - first), len(STREAMS) * n_states))
        total += _months(
            draws,
            counts,
            networks.start,
            networks.neighbour,
            networks.weight,
            networks.region_start,
            networks.region_neighbour,
            networks.region_weight,
            signals,
            seen,
        )
    return total
