"""Wars after the record: a world worked out by hand, and the resampled wars of the real one against its record."""

import datetime
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from normsim.engine.simulate import Simulation
from normsim.engine.streams import stream
from normsim.engine.war_resampling import Record, WarYear, monthly_wars, resampled_wars
from normsim.parameters import compile_values
from normsim.scenario import Event, load_scenario
from normsim.world import World, synthetic_world, world_as_of

START = datetime.date(2023, 7, 1)
AFTER = 18
"""Months from the start to the end of the record."""
SEEDS = 60
YEARS = 40
A, B, C, D = range(4)


class Scripted:
    """Random numbers that are prescribed: each index with the number of choices there must be."""

    def __init__(self, *script: tuple[int, int]) -> None:
        self.script = list(script)

    def integers(self, choices: int) -> int:
        wanted, index = self.script.pop(0)
        assert choices == wanted
        return index

    def random(self) -> float:
        return 0.0


def small() -> Record:
    """Five years, four states: B joins A's war; the wars on C and D are under way at the end."""
    intensity, theatre = np.zeros((5, 4)), np.tile(np.arange(4), (5, 1))
    intensity[0, A], intensity[1, A], intensity[1, B], theatre[1, B] = 0.5, 1.0, 0.5, A
    intensity[2, C], intensity[3, C], intensity[4, C] = 0.5, 1.0, 1.0
    intensity[3, D], intensity[4, D] = 0.5, 0.5
    return Record(intensity, theatre)


def test_the_record_is_taken_apart() -> None:
    record = small()
    assert record.onsets == [(0, A), (2, C), (3, D)]
    assert record.onset_counts == [0, 1, 1, 0]
    assert record.fighters[WarYear(1, A)] == [(A, 1.0), (B, 0.5)]
    assert record.age[WarYear(4, C)] == 3
    # five years of war have a successor; the root of five is two
    assert record.nearest(1.0, 3) == [(1, A), (3, C)]
    assert record.nearest(0.5, 2) == [(0, A), (2, C)]
    assert record.nearest(0.5, 1) == [(0, A), (2, C)]


def test_a_world_worked_out_by_hand() -> None:
    rng: Any = Scripted(
        # 1: C goes on as A's war of year 1 did: it ends. D as that of year 0: it becomes a war. One war begins;
        #    C, fought last year, and D are not free
        *((2, 0), (2, 0), (4, 1), (1, 0)),
        (4, 0),  # 2: D has followed A's war to its end; A's own goes on, B joins; none begins
        *((4, 2), (2, 0)),  # 3: A's war ends; of C and D, free again, C begins
        (4, 0),  # 4: as recorded
        (4, 3),  # 5: as recorded
        *((2, 1), (4, 0)),  # 6: C's war has reached the end of the record and goes on as its own last year but one
        *((2, 0), (4, 0)),  # 7: again at the end; now as A's of year 1: it ends
    )
    intensity, theatre = resampled_wars(small(), np.tile(np.arange(4), (7, 1)), 1.0, rng)
    assert not rng.script
    assert intensity.tolist() == [
        [0.5, 0.0, 0.0, 1.0],
        [1.0, 0.5, 0.0, 0.0],
        [0.0, 0.0, 0.5, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
    assert theatre[1].tolist() == [A, A, C, D]
    assert theatre[2].tolist() == [A, B, C, D]


def test_a_war_that_outlives_its_record_keeps_its_fighters_and_their_shares() -> None:
    intensity, theatre = np.zeros((4, 4)), np.tile(np.arange(4), (4, 1))
    intensity[:3, C] = [1.0, 0.5, 1.0]
    intensity[3, A], intensity[3, B], theatre[3, B] = 1.0, 0.5, A
    record = Record(intensity, theatre)
    assert record.nearest(1.0, 1) == [(0, C)]
    rng: Any = Scripted((1, 0), (3, 1), (3, 1))
    wars, places = resampled_wars(record, np.tile(np.arange(4), (2, 1)), 1.0, rng)
    assert wars.tolist() == [[0.5, 0.25, 0.0, 0.0], [1.0, 0.5, 0.0, 0.0]]
    assert places[:, B].tolist() == [A, A]


def test_of_several_wars_a_state_fights_the_most_intense() -> None:
    """B fights on A with a share of one half, and on its own land."""
    intensity, theatre = np.zeros((4, 3)), np.tile(np.arange(3), (4, 1))
    intensity[0, B] = 0.5
    intensity[2, A], intensity[2, B], theatre[2, B] = 1.0, 0.5, A
    intensity[3, A], intensity[3, B], theatre[3, B] = 1.0, 0.5, A
    record = Record(intensity, theatre)
    assert record.nearest(1.0, 2) == [(2, A)]
    rng: Any = Scripted((1, 0), (3, 1), (1, 0))
    wars, places = resampled_wars(record, np.tile(np.arange(3), (1, 1)), 1.0, rng)
    assert wars.tolist() == [[1.0, 0.5, 0.0]]
    assert places.tolist() == [[A, B, 2]]  # equally intense: the younger war, on its own land


@pytest.mark.parametrize("years", [0, 1, 5])
def test_a_record_of_peace_stays_at_peace(years: int) -> None:
    record = Record(np.zeros((years, 3)), np.zeros((years, 3), np.int64))
    wars, _ = resampled_wars(record, np.zeros((4, 3), np.int64), 1.0, stream(1, "wars"))
    assert not wars.any()


# ---------------------------------------------------------------- the real world


@pytest.fixture(scope="module")
def world() -> World:
    return world_as_of(START)


@pytest.fixture(scope="module")
def recorded(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Intensity and theatre of the recorded years."""
    known = ~np.isnan(world.history.intensity).any(axis=1)
    return world.history.intensity[known], world.history.theatre[known]


def futures(
    recorded: tuple[np.ndarray, np.ndarray], level: float = 1.0, seeds: int = SEEDS
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Wars of the years after the record, of some seeds."""
    record, theatre = Record(*recorded), np.tile(recorded[1][-1], (YEARS, 1))
    return [resampled_wars(record, theatre, level, stream(seed, "wars")) for seed in range(seeds)]


@pytest.fixture(scope="module")
def drawn(recorded: tuple[np.ndarray, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    return futures(recorded)


@pytest.mark.parametrize("least", [0.25, 1.0])
def test_wars_stay_at_the_level_of_the_record(recorded: Any, drawn: Any, least: float) -> None:
    """States at war, and at full intensity: each decade within a standard deviation of the recorded years."""
    record = (recorded[0] >= least).sum(axis=1)
    mean = np.mean([(intensity >= least).sum(axis=1) for intensity, _ in drawn], axis=0)
    assert abs(mean[:19].mean() - record.mean()) < record.std()  # 2025 to 2043
    for decade in range(10, YEARS, 10):
        assert abs(mean[decade : decade + 10].mean() - record.mean()) < record.std() / 2, (decade, mean, record)


def test_the_wars_are_those_of_the_states_that_fought(recorded: Any, drawn: Any) -> None:
    often = np.mean([(intensity > 0.0).mean(axis=0) for intensity, _ in drawn], axis=0)
    share = (recorded[0] > 0.0).mean(axis=0)
    assert np.corrcoef(often, share)[0, 1] > 0.85
    assert not often[share == 0.0].any()


def test_wars_last_as_long_as_recorded_ones(recorded: Any, drawn: Any) -> None:
    """Shares of spells of one year, and of more than five, in windows of equal length."""

    def lengths(intensity: np.ndarray) -> list[int]:
        edges = np.diff(np.pad((intensity > 0.0).astype(int), ((1, 1), (0, 0))), axis=0).T
        return [int(n) for column in edges for n in np.flatnonzero(column < 0) - np.flatnonzero(column > 0)]

    span = len(recorded[0])
    record = np.array(lengths(recorded[0]))
    after = np.concatenate([lengths(intensity[:span]) for intensity, _ in drawn])
    assert np.mean(after == 1) == pytest.approx(np.mean(record == 1), abs=0.1)
    assert np.mean(after > 5) == pytest.approx(np.mean(record > 5), abs=0.1)


def test_those_who_fight_together_go_on_together(world: World, recorded: Any, drawn: Any) -> None:
    """Whoever fights abroad fought there by the record, and beside somebody who did at that time."""
    intensity, theatre = recorded
    companions: dict[tuple[int, int], set[int]] = {}
    for year, state in np.argwhere(intensity > 0.0):
        place = theatre[year, state]
        beside = np.flatnonzero((intensity[year] > 0.0) & (theatre[year] == place))
        companions.setdefault((state, place), set()).update(beside.tolist())
    coalitions = 0
    for wars, places in drawn:
        for year, state in np.argwhere((wars > 0.0) & (places != np.arange(len(world)))):
            place = places[year, state]
            beside = np.flatnonzero((wars[year] > 0.0) & (places[year] == place))
            assert set(beside.tolist()) <= companions[state, place]
            coalitions += len(beside) > 1
    assert coalitions > 1000
    russia, ukraine = world.index("RUS"), world.index("UKR")
    for wars, places in drawn:
        together = (places[:, russia] == ukraine) & (wars[:, russia] > 0.0)
        assert (wars[together, ukraine] >= wars[together, russia]).all()


def test_old_wars_last(recorded: Any, drawn: Any) -> None:
    """A war under way for ten years has a better chance of five more than one that has just begun."""
    record = Record(*recorded)

    def survival(starts: list[WarYear]) -> float:
        gone = [all(WarYear(at.year + k, at.territory) in record.age for k in range(6)) for at in starts]
        return float(np.mean(gone))

    inside = [at for at in record.age if at.year + 5 < record.years]
    old, new = (survival([at for at in inside if test(record.age[at])]) for test in ((9).__lt__, (1).__eq__))
    assert old > new + 0.2
    last = recorded[0].shape[0] - 1
    places = [at.territory for at in record.age if at.year == last and record.age[at] >= 10]
    kept = np.mean([wars[:5, places].min(axis=0) > 0.0 for wars, _ in drawn])
    assert kept == pytest.approx(old, abs=0.15)


def test_null_no_war_begins(recorded: Any) -> None:
    for wars, places in futures(recorded, level=0.0, seeds=10):
        at_war = [set(places[year, wars[year] > 0.0].tolist()) for year in range(YEARS)]
        assert all(later <= earlier for earlier, later in pairwise(at_war))
        assert len(at_war[-1]) < len(at_war[0]) / 2


def test_more_wars_begin_at_a_higher_level(recorded: Any) -> None:
    mean = [np.mean([wars[10:].sum() for wars, _ in futures(recorded, level, 20)]) for level in (0.5, 1.0, 1.5)]
    assert mean == sorted(mean)
    assert mean[2] > 1.2 * mean[0]


# ---------------------------------------------------------------- months, modes, starts


def wars_of(world: World, months: int, seed: int = 1, **values: Any) -> tuple[np.ndarray, np.ndarray]:
    named = {f"conflict.{key}": value for key, value in values.items()}
    return monthly_wars(world, compile_values(named), months, seed)


def test_the_record_is_replayed_first_and_the_year_is_the_unit(world: World) -> None:
    intensity, theatre = wars_of(world, 200)
    known, places = world.recorded_conflicts(200)
    np.testing.assert_array_equal(intensity[:AFTER], known[:AFTER])
    np.testing.assert_array_equal(theatre[:AFTER], places[:AFTER])
    assert not np.isnan(intensity).any()
    for first in range(AFTER, 200, 12):
        assert (intensity[first : first + 12] == intensity[first]).all()
        assert (theatre[first : first + 12] == theatre[first]).all()


def test_more_months_leave_the_first_as_they_are(world: World) -> None:
    for tables in zip(wars_of(world, 100), wars_of(world, 301), strict=True):
        np.testing.assert_array_equal(tables[0], tables[1][:100])


def test_seeds_differ_and_repeat(world: World) -> None:
    one, same, other = (wars_of(world, 60, seed)[0] for seed in (1, 1, 2))
    assert one.tobytes() == same.tobytes() != other.tobytes()


def test_the_wars_of_a_state_without_war_keep_the_recorded_place(world: World) -> None:
    intensity, theatre = wars_of(world, 60)
    _, places = world.recorded_conflicts(60)
    np.testing.assert_array_equal(theatre[intensity == 0.0], places[intensity == 0.0])


@pytest.mark.parametrize("mode", ["recorded", "process"])
def test_other_modes_leave_what_follows_the_record_open(world: World, mode: str) -> None:
    intensity, _ = wars_of(world, 60, mode=mode)
    assert not np.isnan(intensity[:AFTER]).any()
    assert np.isnan(intensity[AFTER:]).all()


def test_a_generated_world_has_no_record_to_draw_from() -> None:
    assert np.isnan(wars_of(synthetic_world(10), 30)[0]).all()


def test_a_world_that_starts_after_the_record_goes_on_from_its_end() -> None:
    late = world_as_of(datetime.date(2030, 5, 1))
    intensity, _ = wars_of(late, 30)
    assert not np.isnan(intensity).any()
    # the first year is the first after the record, from January to December
    next_year = world_as_of(datetime.date(2025, 1, 1))
    np.testing.assert_array_equal(intensity[:8], wars_of(next_year, 12)[0][:8])
    np.testing.assert_array_equal(intensity[8], wars_of(next_year, 24)[0][12])


def test_a_dated_event_overrides_a_resampled_war_and_then_the_war_goes_on(world: World) -> None:
    scenario = load_scenario("baseline").with_months(60)
    usual, _ = wars_of(world, 60, seed=3)
    fighting = int(np.flatnonzero(usual[24:48].min(axis=0) == 1.0)[0])
    quiet = int(np.flatnonzero(usual.max(axis=0) == 0.0)[0])
    first, last = datetime.date(2026, 1, 1), datetime.date(2026, 3, 31)
    events = (
        Event(first, world.iso3[fighting], "peace", until=last),
        Event(first, world.iso3[quiet], "war", until=last),
    )
    simulation = Simulation(replace(scenario, events=events), 3)
    seen = []
    for _ in range(36):
        simulation.advance(1)
        seen.append(simulation.states["intensity"][[fighting, quiet]].tolist())
    assert seen[29] == [1.0, 0.0]
    assert seen[30:33] == [[0.0, 1.0]] * 3
    assert seen[33:36] == [[1.0, 0.0]] * 3
