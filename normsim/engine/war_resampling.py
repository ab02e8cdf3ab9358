"""Wars after the end of the record: whole wars drawn from it, before the run and from a random stream of their own.

A war is what is fought on one territory in consecutive years. Who fights, how intensely and for how long is kept as
recorded, so those who fight together in a war go on fighting together. Each year after the record:

- A war that is drawn runs as recorded.
- A war that was under way when the record ended goes on as another recorded war did, from a year of the same intensity
  and about the same age on, until that one ended. If that one was also under way, another takes over: a censored
  length is redistributed to longer wars [Efron 1967]. The years to choose from are the k nearest in intensity, then in
  age, k the square root of their number, as in the nearest-neighbour bootstrap [Lall and Sharma 1996].
- As many wars begin as in a year drawn from the record, times `conflict.level`. Each is drawn from all recorded wars
  on territories without war this year and last.

Status: empirical [UCDP]. Null: with `conflict.level` 0 no war begins.
"""

import functools
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.streams import stream
from normsim.rules.conflict import RESAMPLED
from normsim.world import World


class WarYear(NamedTuple):
    """A year of war on a territory.

    Attributes:
        year: row of the record.
        territory: index of a state.
    """

    year: int
    territory: int


class Fighter(NamedTuple):
    """A state that fights a war.

    Attributes:
        state: its index.
        share: its intensity as a share of the war's [0-1].
    """

    state: int
    share: float


class Record:
    """The recorded wars.

    Attributes:
        years: number of years.
        level: intensity of each year of war, the greatest of its fighters [0-1].
        age: years the war has lasted then, that year included.
        fighters: the states that fight it then.
        onsets: the first years of all wars.
        onset_counts: number of wars that began, in each year but the first.
    """

    def __init__(self, intensity: np.ndarray, theatre: np.ndarray) -> None:
        """Take the wars apart.

        Args:
            intensity: intensity of the war each state fights [0-1], shape (years, states).
            theatre: territory it fights on, shape (years, states).
        """
        self.years = len(intensity)
        self.level: dict[WarYear, float] = {}
        self.age: dict[WarYear, int] = {}
        self.fighters: dict[WarYear, list[Fighter]] = {}
        for year, state in np.argwhere(intensity > 0.0).tolist():
            at = WarYear(year, int(theatre[year, state]))
            self.fighters.setdefault(at, []).append(Fighter(state, float(intensity[year, state])))
        for at, fighters in self.fighters.items():
            level = self.level[at] = max(fighter.share for fighter in fighters)
            self.age[at] = self.age.get(WarYear(at.year - 1, at.territory), 0) + 1
            self.fighters[at] = [Fighter(state, value / level) for state, value in fighters]
        self.onsets = sorted(at for at, age in self.age.items() if age == 1)
        self.onset_counts = [sum(at.year == year for at in self.onsets) for year in range(1, self.years)]
        self._followed = sorted(at for at in self.level if at.year < self.years - 1)
        self._nearest: dict[tuple[float, int], list[WarYear]] = {}

    def nearest(self, level: float, age: int) -> list[WarYear]:
        """Years of war, with a year of record after them, that are nearest in intensity, then in age."""
        known = self._nearest.get((level, age))
        if known is None:
            apart = [(abs(self.level[at] - level), abs(self.age[at] - age), at) for at in self._followed]
            known = [at for _, _, at in sorted(apart)[: math.isqrt(len(apart))]]
            self._nearest[level, age] = known
        return known


@dataclass
class War:
    """A war in progress.

    Attributes:
        territory: index of the state it is fought on.
        follows: the year of the record that it repeats.
        age: years it has lasted.
        fighters: the states that fight it.
        outlived: whether it has outlived its own record: it repeats another war's intensities with its own fighters.
    """

    territory: int
    follows: WarYear
    age: int
    fighters: list[Fighter]
    outlived: bool = False

    @classmethod
    def at(cls, record: Record, at: WarYear) -> "War":
        """A war as it is in a year of the record."""
        return cls(at.territory, at, record.age[at], record.fighters[at])

    def goes_on(self, record: Record, rng: np.random.Generator) -> bool:
        """Move on by a year; whether it is still fought then."""
        if self.follows.year + 1 == record.years:
            nearest = record.nearest(record.level[self.follows], self.age)
            if not nearest:
                return False
            self.follows = nearest[rng.integers(len(nearest))]
            self.outlived = True
        year, territory = self.follows
        self.follows = WarYear(year + 1, territory)
        self.age += 1
        fighters = record.fighters.get(self.follows)
        if fighters and not self.outlived:
            self.fighters = fighters
        return fighters is not None


def resampled_wars(
    record: Record, theatre: np.ndarray, level: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Wars in the years after the record. More years leave the first ones as they are.

    A state in several wars has the intensity and the theatre of the most intense one, of equals the youngest.

    Args:
        record: the recorded wars.
        theatre: territory on which the munitions of a state without war would fall, shape (years, states).
        level: factor on the number of wars that begin.
        rng: random numbers.

    Returns:
        Intensity and theatre, shape (years, states).
    """
    intensity, theatre = np.zeros(theatre.shape), theatre.copy()
    last = record.years - 1
    wars = [War.at(record, at) for at in sorted(record.level) if at.year == last]
    onset_territories = np.array([at.territory for at in record.onsets], np.int64)
    for year in range(len(theatre)):
        quiet = np.ones(theatre.shape[1], np.bool_)
        quiet[[war.territory for war in wars]] = False
        wars = [war for war in wars if war.goes_on(record, rng)]
        for _ in range(_number_of_onsets(record, level, rng)):
            free = np.flatnonzero(quiet[onset_territories])
            if len(free):
                wars.append(War.at(record, record.onsets[free[rng.integers(len(free))]]))
                quiet[wars[-1].territory] = False
        fights, place = [0.0] * theatre.shape[1], theatre[year].tolist()
        for war in wars:
            reached = record.level[war.follows]
            for state, share in war.fighters:
                if share * reached >= fights[state]:
                    fights[state], place[state] = share * reached, war.territory
        intensity[year], theatre[year] = fights, place
    return intensity, theatre


def _number_of_onsets(record: Record, level: float, rng: np.random.Generator) -> int:
    """Number of wars that begin in a year; a fraction is rounded up with a probability equal to it."""
    if not record.onset_counts:
        return 0
    return math.floor(level * record.onset_counts[rng.integers(len(record.onset_counts))] + rng.random())


@functools.lru_cache(maxsize=4)
def _record(world: World) -> Record:
    """The recorded wars of a world."""
    known = ~np.isnan(world.history.intensity).any(axis=1)
    return Record(world.history.intensity[known], world.history.theatre[known])


def monthly_wars(world: World, p: Any, months: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Wars by month, as far as they are known before the run: recorded, then by `conflict.mode` resampled.

    Args:
        world: the world.
        p: parameters.
        months: number of months [months].
        seed: seed of the run.

    Returns:
        Intensity, NaN where the process of `rules/conflict.py` takes over, and theatre, shape (months, states).
    """
    intensity, theatre = world.recorded_conflicts(months)
    if p.conflict.mode != RESAMPLED or not world.is_recorded:
        return intensity, theatre
    after = np.flatnonzero(np.isnan(intensity).any(axis=1))
    if len(after):
        years = (world.start.month - 1 + after) // 12
        years -= years[0]
        firsts = after[np.searchsorted(years, np.arange(years[-1] + 1))]
        wars = resampled_wars(_record(world), theatre[firsts], p.conflict.level, stream(seed, "wars"))
        intensity[after], theatre[after] = (table[years] for table in wars)
    return intensity, theatre
