"""Promises A1, A3-A5, A7, A8: a run is a function of scenario, data, code and seed, and of nothing else."""

import csv
import dataclasses
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from normsim.engine import columns, streams
from normsim.engine import simulate as engine
from normsim.engine.simulate import Run, Simulation, simulate
from normsim.engine.streams import STREAMS, Draws, Stream, stream
from normsim.scenario import SyntheticWorld, load_scenario, scenario_names
from normsim.world import DATA, world_as_of
from normsim.world.file_schemas import FILES

ROOT = Path(__file__).parents[2]
MONTHS = 36
BUSY = "ukraine_2023"

PROGRAM = f"""
import sys
from normsim.engine.simulate import simulate
from normsim.scenario import load_scenario
run = simulate(load_scenario("{BUSY}").with_months({MONTHS}), 5)
with open(sys.argv[1], "w") as file:
    file.write(run.digest() + "\\n" + run.events.to_csv())
"""


def busy(months: int = MONTHS) -> Simulation:
    return Simulation(load_scenario(BUSY).with_months(months), 5)


# ---------------------------------------------------------------- A1: same seed, same run


def test_twice_in_one_process() -> None:
    first, second = (simulate(load_scenario(BUSY).with_months(MONTHS), 5) for _ in range(2))
    assert first.digest() == second.digest()
    assert first.log.tobytes() == second.log.tobytes()
    assert first.summary() == second.summary()


def test_another_run_in_between_changes_nothing() -> None:
    scenario = load_scenario(BUSY).with_months(MONTHS)
    before = simulate(scenario, 5).digest()
    simulate(load_scenario("two_track").with_months(MONTHS), 6)
    assert simulate(scenario, 5).digest() == before


def test_two_processes_with_different_hash_seeds(tmp_path: Path) -> None:
    written = []
    for hash_seed in ("0", "1"):
        out = tmp_path / f"hash_seed_{hash_seed}.txt"
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", PROGRAM, str(out)], check=True, env=environment, cwd=tmp_path)
        written.append(out.read_text())
    assert written[0] == written[1]
    run = simulate(load_scenario(BUSY).with_months(MONTHS), 5)
    assert written[0].splitlines()[0] == run.digest()


# ---------------------------------------------------------------- A3: seeds


def test_different_seeds_differ() -> None:
    scenario = load_scenario("baseline").with_months(12)
    digests = [simulate(scenario, seed).digest() for seed in range(10)]
    assert len(set(digests)) == 10


def test_different_scenarios_differ() -> None:
    digests = [simulate(load_scenario(name), 1, log_level=0).digest() for name in scenario_names()]
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("seed", ["42", np.int64(42), 42.0, " 42 "])
def test_a_seed_in_other_clothes_is_the_same_seed(seed: object) -> None:
    scenario = load_scenario("baseline").with_months(6)
    assert simulate(scenario, seed).digest() == simulate(scenario, 42).digest()  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, 1.5, "x", "", "1.5", None, "-3", [1], float("nan"), float("inf")])
def test_a_bad_seed_is_refused(seed: object) -> None:
    with pytest.raises(ValueError, match="a seed is a whole number >= 0"):
        simulate(load_scenario("baseline").with_months(1), seed)  # type: ignore[arg-type]


def test_huge_seeds_are_taken() -> None:
    scenario = load_scenario("baseline").with_months(2)
    assert simulate(scenario, 2**100).digest() != simulate(scenario, 2**100 + 1).digest()


# ---------------------------------------------------------------- A4: months, blocks, streams


@pytest.mark.parametrize("name", [BUSY, "history_2008", "ccw_imposed"])
def test_more_months_change_no_earlier_month(name: str) -> None:
    scenario = load_scenario(name)
    short, long = (simulate(scenario.with_months(months), 2) for months in (29, 61))
    assert short.measured.tobytes() == long.measured[:29].tobytes()
    early = long.log[long.log["month"] < 29]
    assert short.log.tobytes() == early.tobytes()


@pytest.mark.parametrize("pieces", [[1] * MONTHS, [MONTHS], [5, 7, 11, 13], [12, 12, 12], [35, 1], [100]])
def test_the_length_of_a_block_does_not_matter(pieces: list[int]) -> None:
    simulation = busy()
    for months in pieces:
        simulation.advance(months)
    assert simulation.done == MONTHS
    run = busy().finish()
    assert simulation.result().digest() == run.digest()
    assert simulation.log.tobytes() == run.log.tobytes()


@pytest.mark.parametrize("block", [1, 5, 36])
def test_the_length_of_a_block_of_draws_does_not_matter(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = busy().finish().digest()
    monkeypatch.setattr(engine, "BLOCK", block)
    assert busy().finish().digest() == before


def test_nothing_runs_beyond_the_horizon() -> None:
    simulation = busy()
    simulation.advance(10 * MONTHS)
    before = simulation.result().digest()
    simulation.advance(1)
    assert simulation.done == MONTHS
    assert simulation.result().digest() == before


def with_other(name: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The busy run with the numbers of one stream replaced."""
    with monkeypatch.context() as patch:
        original = Draws.block

        def block(self: Draws, months: int) -> np.ndarray:
            numbers = original(self, months)
            numbers[STREAMS.index(name)] = 1.0 - numbers[STREAMS.index(name), :, ::-1]
            return numbers

        patch.setattr(Draws, "block", block)
        return busy().finish()


FIRST_MONTH = {
    "attack": {"casualties_attack", "casualties_recorded", "condemnations", "violations_answered"},
    "strike": {"casualties_attack", "casualties_recorded", "condemnations", "violations_answered"},
    "remnant": {"casualties_remnants", "casualties_recorded"},
    "condemn": {"condemnations", "violations_answered"},
    "join": {
        "joins",
        "deposits",
        "parties",
        "signatories",
        "renouncers",
        "stock_destroyed",
        "stock",
        "holders",
        "readiness",
    },
    "detect": {"breaches_detected", "cutoffs"},
    "enforce": {"cutoffs"},
    "withdraw": {"notices", "renouncers", "stock_destroyed", "stock"},
    "threat": {"threat", "acquisitions", "rounds_produced", "joins", "notices", "deposits", "renunciations"},
}
"""What a stream can reach within the month it is drawn in, by the order of the month."""


@pytest.mark.parametrize("name", FIRST_MONTH)
def test_a_stream_changes_only_what_depends_on_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, other = busy().finish(), with_other(name, monkeypatch)
    for outcome in plain.measured.dtype.names:
        if outcome not in FIRST_MONTH[name]:
            assert plain.measured[outcome][0] == other.measured[outcome][0], outcome
    assert plain.measured["at_war"].tobytes() == other.measured["at_war"].tobytes()


@pytest.mark.parametrize("name", STREAMS)
def test_each_stream_is_its_own(name: str) -> None:
    """A stream's numbers depend on its name and the seed only, not on how many other streams there are."""
    block = Draws(7, 11).block(6)
    alone = stream(7, name)
    assert block[STREAMS.index(name)].tobytes() == alone.random((6, 11)).tobytes()
    assert getattr(Stream, name.upper()) == STREAMS.index(name)


def test_a_new_stream_moves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Draws(7, 11).block(6)
    monkeypatch.setattr(streams, "STREAMS", ("novel", *STREAMS))
    after = Draws(7, 11).block(6)
    assert after[1:].tobytes() == before.tobytes()


def test_streams_are_distinct_and_uniform() -> None:
    block = Draws(3, 200).block(240)
    assert block.min() >= 0.0
    assert block.max() < 1.0
    flat = block.reshape(len(STREAMS), -1)
    together = np.corrcoef(flat)
    np.fill_diagonal(together, 0.0)
    assert np.abs(together).max() < 5.0 / np.sqrt(flat.shape[1])  # 5 standard errors over 210 pairs: p about 1e-4


@pytest.mark.parametrize("mode", ["resampled", "recorded", "process"])
def test_two_scenarios_with_one_seed_meet_the_same_wars_and_minds(mode: str) -> None:
    pair = [
        Simulation(load_scenario(name).with_months(60).with_values({"conflict.mode": mode}), 9)
        for name in ("ukraine_2023", "strict_ban")
    ]
    for name in ("anchor", "frailty", "validity", "threat"):
        assert pair[0].states[name].tobytes() == pair[1].states[name].tobytes()
    for _ in range(60):
        for simulation in pair:
            simulation.advance(1)
        for name in ("intensity", "threat", "theatre"):
            assert pair[0].states[name].tobytes() == pair[1].states[name].tobytes()


# ---------------------------------------------------------------- A5: who looks changes nothing


def test_the_level_of_the_log_changes_nothing() -> None:
    scenario = load_scenario(BUSY).with_months(MONTHS)
    runs = [simulate(scenario, 5, log_level=level) for level in (0, 1, 2)]
    assert len({run.digest() for run in runs}) == 1
    assert len(runs[0].log) == 0
    told = runs[2].log[runs[2].log["happened"] > 0]
    assert told.tobytes() == runs[1].log.tobytes()
    assert len(runs[2].log) > len(runs[1].log) > 0


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("room", [1, 3, 500])
def test_a_log_that_outgrows_its_room_changes_nothing(level: int, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load_scenario(BUSY).with_months(MONTHS)
    plain = simulate(scenario, 5, log_level=level)
    monkeypatch.setattr(engine, "ROOM", room)
    grown = simulate(scenario, 5, log_level=level)
    assert grown.digest() == plain.digest()
    assert grown.log.tobytes() == plain.log.tobytes()


def test_reading_results_midway_changes_nothing() -> None:
    simulation = busy()
    for _ in range(MONTHS):
        simulation.advance(1)
        run = simulation.result()
        assert run.series.shape[0] == simulation.done
        assert run.states.shape[0] == len(simulation.world)
        assert run.summary()
        assert len(run.events) > 0 or simulation.done == 1
    assert simulation.result().digest() == busy().finish().digest()


def test_progress_is_told_and_changes_nothing() -> None:
    scenario = load_scenario(BUSY).with_months(MONTHS)
    told: list[int] = []
    assert simulate(scenario, 5, on_month=told.append).digest() == simulate(scenario, 5).digest()
    assert told == [6, 18, 30, 36]  # stretches of a year begin in January


def test_a_finished_run_does_not_change_when_another_goes_on() -> None:
    simulation = busy()
    simulation.advance(10)
    run = simulation.result()
    before = run.digest()
    simulation.advance(10)
    assert run.digest() == before


# ---------------------------------------------------------------- A7: no global randomness


def test_no_global_random_number_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    before = busy().finish().digest()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a global random number was drawn")

    with monkeypatch.context() as patch:  # undone before pytest-randomly seeds anew
        for module, names in ((np.random, dir(np.random)), (random, random.__all__)):
            for name in names:
                value = getattr(module, name)
                if callable(value) and not isinstance(value, type) and not name.startswith("_"):
                    patch.setattr(module, name, refuse)
        with pytest.raises(AssertionError):
            np.random.random()  # noqa: NPY002
        with pytest.raises(AssertionError):
            random.random()
        assert busy().finish().digest() == before


def test_the_global_generators_are_left_as_they_were() -> None:
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 (the global state is what is tested)
    busy().finish()
    drawn = random.random(), np.random.random()  # noqa: NPY002
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    assert drawn == (random.random(), np.random.random())  # noqa: NPY002


# ---------------------------------------------------------------- A8: the order of rows


def test_permuted_rows_of_the_data_give_the_same_run(tmp_path: Path) -> None:
    shuffled = tmp_path / "data"
    shutil.copytree(DATA, shuffled)
    order = random.Random(1)
    for file in FILES:
        with (shuffled / file).open(encoding="utf-8", newline="") as handle:
            header, *rows = csv.reader(handle)
        order.shuffle(rows)
        with (shuffled / file).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([header, *rows])
    for name in (BUSY, "history_2008"):
        scenario = load_scenario(name).with_months(24)
        world = world_as_of(scenario.start, data_dir=shuffled)
        permuted = Simulation(scenario, 5, world=world).finish()
        assert permuted.world is world
        assert permuted.digest() == simulate(scenario, 5).digest()


def test_months_are_named_by_the_calendar() -> None:
    run = simulate(load_scenario("history_2008").with_months(14), 1)
    assert [f"{month:%Y-%m}" for month in (run.months[0], run.months[1], run.months[-1])] == [
        "2008-12",
        "2009-01",
        "2010-01",
    ]
    assert run.series.index.name == "month"


@pytest.mark.parametrize("large", [False, True])
def test_states_are_kept_month_by_month(large: bool) -> None:
    """Also in a world so large that a stretch is shorter than a year."""
    world = SyntheticWorld(n=900, graph="ring")
    scenario = load_scenario("baseline").with_months(30)
    if large:
        scenario = dataclasses.replace(scenario, world=world, states={}, events=())
    kept = Simulation(scenario, 3, log_level=0, keep_states=True)
    stepped = Simulation(scenario, 3, log_level=0)
    assert (kept.stretch < 12) is large
    while kept.done < scenario.months:
        first = kept.done
        kept.advance(kept.to_break)
        for place in range(kept.done - first):
            stepped.advance(1)
            for name in columns.STATE_COLUMNS:
                assert kept.kept[place][name].tobytes() == stepped.states[name].tobytes(), (kept.done, name)


def test_a_copy_goes_on_as_the_run_does() -> None:
    scenario = load_scenario("ukraine_2023").with_months(30)
    simulation = Simulation(scenario, 3)
    simulation.advance(17)
    twin = simulation.copy()
    simulation.advance(13)
    assert twin.done == 17
    twin.advance(13)
    assert twin.result().digest() == simulation.result().digest() == simulate(scenario, 3).digest()
    later = simulation.log[simulation.log["month"] >= 17]
    assert [twin.log[name].tobytes() for name in later.dtype.names] == [
        later[name].tobytes() for name in later.dtype.names
    ]
