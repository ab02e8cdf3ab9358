"""Wars by month: the record, and after it wars drawn from it, each a generator of its years."""

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from normsim.engine.streams import stream
from normsim.world import World

Fighting = dict[int, float]
Record = list[dict[int, Fighting]]
"""For each year, by territory, the intensity with which each state fights there."""


def monthly_wars(world: World, p: SimpleNamespace, months: int, seed: int) -> tuple[list[list[float]], list[list[int]]]:
    """Intensity (NaN where the process takes over) and theatre of every state in each month."""
    levels, places = world.history.intensity.tolist(), world.history.theatre.tolist()
    known = [year for year, row in enumerate(levels) if not any(math.isnan(value) for value in row)]
    record = [by_territory(levels[year], places[year]) for year in known]
    future = wars_to_come(record, p.conflict.level, stream(seed, "wars"))
    drawn: dict[int, dict[int, tuple[float, int]]] = {}
    intensity, theatre = [], []
    for month in range(months):
        year = world.start.year + (world.start.month - 1 + month) // 12 - world.history.first_year
        place = places[min(year, len(places) - 1)]
        if year < len(record):
            intensity.append(levels[year])
        elif p.conflict.mode == 0 and record:
            if year not in drawn:
                drawn[year] = next(future)
            fights = drawn[year]
            intensity.append([fights[i][0] if i in fights else 0.0 for i in range(len(world))])
            place = [fights[i][1] if i in fights else place[i] for i in range(len(world))]
        else:
            intensity.append([math.nan] * len(world))
        theatre.append(place)
    return intensity, theatre


def by_territory(levels: list[float], places: list[int]) -> dict[int, Fighting]:
    """Who fights on each territory in a year, and how intensely."""
    found: dict[int, Fighting] = {}
    for state, (level, place) in enumerate(zip(levels, places, strict=True)):
        if level > 0.0:
            found.setdefault(place, {})[state] = level
    return dict(sorted(found.items()))


def wars_to_come(record: Record, factor: float, rng: Any) -> Iterator[dict[int, tuple[float, int]]]:
    """For each year after the record the intensity and the place of every state at war."""
    begun = [
        (year, place)
        for year, fought in enumerate(record)
        for place in fought
        if year == 0 or place not in record[year - 1]
    ]
    counts = [sum(1 for year, _ in begun if year == start) for start in range(1, len(record))]
    wars = [(place, course(record, place, len(record) - 1, rng)) for place in record[-1]]
    for _, war in wars:
        next(war)
    quiet_needed = set(record[-1])
    while True:
        fought: list[tuple[int, Iterator[Fighting], Fighting]] = []
        for place, war in wars:
            now = next(war, None)
            if now is not None:
                fought.append((place, war, now))
        barred = quiet_needed | {place for place, _, _ in fought}
        number = math.floor(factor * counts[rng.integers(len(counts))] + rng.random()) if counts else 0
        for _ in range(number):
            free = [(year, place) for year, place in begun if place not in barred]
            if free:
                year, place = free[rng.integers(len(free))]
                war = course(record, place, year, rng)
                fought.append((place, war, next(war)))
                barred.add(place)
        seen: dict[int, tuple[float, int]] = {}
        for place, _, now in fought:
            for state, level in now.items():
                if state not in seen or level >= seen[state][0]:
                    seen[state] = (level, place)
        yield seen
        wars = [(place, war) for place, war, _ in fought]
        quiet_needed = {place for place, _ in wars}


def course(record: Record, place: int, year: int, rng: Any) -> Iterator[Fighting]:
    """The years of a war from a year of the record on, past the end of the record by the courses of other wars."""
    age = years_at_war(record, place, year)
    now = record[year][place]
    while True:
        yield now
        year += 1
        if year == len(record):
            break
        if place not in record[year]:
            return
        now, age = record[year][place], age + 1
    strength = max(now.values())
    share = {state: level / strength for state, level in now.items()}
    while True:
        like = others_like(record, strength, age)
        if not like:
            return
        year, other = like[rng.integers(len(like))]
        for later in record[year + 1 :]:
            if other not in later:
                return
            strength, age = max(later[other].values()), age + 1
            yield {state: part * strength for state, part in share.items()}


def years_at_war(record: Record, place: int, year: int) -> int:
    """For how many years in a row there has been war on a territory."""
    count = 0
    while year - count >= 0 and place in record[year - count]:
        count += 1
    return count


def others_like(record: Record, strength: float, age: int) -> list[tuple[int, int]]:
    """Years of war nearest in strength, then in age, among those before the last year: as many as their root."""
    ranked = sorted(
        (abs(max(now.values()) - strength), abs(years_at_war(record, place, year) - age), year, place)
        for year, fought in enumerate(record[:-1])
        for place, now in fought.items()
    )
    return [(year, place) for _, _, year, place in ranked[: math.isqrt(len(ranked))]]
