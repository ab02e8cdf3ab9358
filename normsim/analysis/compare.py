"""Compare two scenarios run by run: the same seeds meet the same wars and luck, so their differences are paired."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from normsim.engine.simulate import Run, simulate
from normsim.scenario import Scenario, load_scenario

Z_95 = 1.959963984540054
"""97.5th percentile of the standard normal."""


@dataclass(frozen=True)
class Effect:
    """Paired difference of one outcome, second scenario minus first.

    Attributes:
        outcome: name of the outcome.
        first: its mean in the first scenario.
        second: its mean in the second.
        difference: mean of the paired differences.
        low: lower end of the 95 % interval of that mean.
        high: upper end.
        n: pairs of runs.
    """

    outcome: str
    first: float
    second: float
    difference: float
    low: float
    high: float
    n: int

    @property
    def distinguishable(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0.0 or self.high < 0.0


def paired_effect(outcome: str, first: Iterable[float], second: Iterable[float]) -> Effect:
    """The paired difference of two lists of numbers, seed by seed, with its 95 % interval (Student's t).

    Args:
        outcome: name of the outcome.
        first: a number a seed.
        second: the same seeds in the same order.
    """
    a, b = np.asarray(list(first), float), np.asarray(list(second), float)
    difference = b - a
    n = len(difference)
    mean = float(difference.mean())
    half = student_97_5(n - 1) * float(difference.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return Effect(outcome, float(a.mean()), float(b.mean()), mean, mean - half, mean + half, n)


def student_97_5(degrees: int) -> float:
    """97.5th percentile of Student's t by the Cornish-Fisher expansion; exact to 1 % from 3 degrees of freedom on."""
    if degrees < 1:
        return math.nan
    exact = {1: 12.706204736, 2: 4.30265273}
    if degrees in exact:
        return exact[degrees]
    z, d = Z_95, degrees
    return (
        z
        + (z**3 + z) / (4 * d)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * d**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * d**3)
    )


@dataclass(frozen=True)
class Comparison:
    """Two scenarios run on the same seeds.

    Attributes:
        first: runs of the first scenario.
        second: runs of the second, seed by seed.
    """

    first: tuple[Run, ...]
    second: tuple[Run, ...]

    def effects(self, names: Iterable[str] | None = None) -> list[Effect]:
        """Paired effects on the summaries of the runs.

        Args:
            names: outcomes to compare; all if not given.
        """
        a, b = [run.summary() for run in self.first], [run.summary() for run in self.second]
        wanted = list(names) if names is not None else list(a[0])
        return [paired_effect(name, (s[name] for s in a), (s[name] for s in b)) for name in wanted]


def compare(
    first: Scenario | str,
    second: Scenario | str,
    seeds: Iterable[int] = range(20),
    on_run: Callable[[int], None] | None = None,
) -> Comparison:
    """Run two scenarios on the same seeds.

    Args:
        first: a scenario, its name or path: what the second is compared with.
        second: the other.
        seeds: seeds of the pairs.
        on_run: called with the number of runs done, e.g. to show progress.
    """
    pair = load_scenario(first), load_scenario(second)
    runs: tuple[list[Run], list[Run]] = ([], [])
    for seed in seeds:
        for scenario, kept in zip(pair, runs, strict=True):
            kept.append(simulate(scenario, seed, log_level=0))
            if on_run is not None:
                on_run(len(runs[0]) + len(runs[1]))
    return Comparison(tuple(runs[0]), tuple(runs[1]))
