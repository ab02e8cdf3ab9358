"""Results do not depend on how they were made; what is there stays; and a directory is all that a reader needs."""

import getpass
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.engine.simulate import Run, simulate
from normsim.errors import ScenarioWarning
from normsim.experiment import (
    Experiment,
    Results,
    StoreError,
    load_experiment,
    open_results,
    results_store,
    run_experiment,
    worker,
)
from normsim.experiment.experiment import run_seed
from normsim.experiment.worker import DIGEST
from normsim.parameters import records

FACTOR = "norm.recurrence"
LEVELS = [0.5, 1.0]


def study(levels: list[float] = LEVELS, scenarios: tuple[str, ...] = ("baseline",), **more: Any) -> Experiment:
    design = [{"method": "grid", "factors": {FACTOR: levels}}]
    keys = {"replications": 3, "months": 6, "outcomes": ["scope", "validity", "stock"]} | more
    return Experiment.build(list(scenarios), design=design, **keys)


def ran(experiment: Experiment, directory: Path, **options: Any) -> Results:
    return run_experiment(experiment, directory, **({"workers": 0} | options))


def rows(results: Results) -> pd.DataFrame:
    """The outcomes by what names a run whatever the design: scenario, values, replication."""
    return results.outcomes().drop(columns="point").set_index(["scenario", FACTOR, "replication"]).sort_index()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Six runs, in this process."""
    return ran(study(), tmp_path_factory.mktemp("reference") / "out")


def test_results_are_short_in_a_notebook(reference: Results) -> None:
    assert repr(reference) == f"Results({str(reference.directory)!r}, 6 of 6 runs done)"
    html = reference._repr_html_()
    assert "<td>baseline</td>" in html
    assert "6 of 6 done, 0 failed" in html
    frame = reference.to_frame()
    assert list(frame.columns) == ["point", "scenario", "replication", "seed", FACTOR, "scope", "validity", "stock"]
    pd.testing.assert_frame_equal(frame, reference.outcomes().drop(columns="digest"))


def test_a_factor_without_effect_warns_when_it_is_planned_and_not_when_results_are_read(tmp_path: Path) -> None:
    design = [{"method": "grid", "factors": {"bridge.transparency": [0.1]}}]
    with pytest.warns(ScenarioWarning):
        experiment = Experiment.build(["baseline"], design=design, months=2, outcomes=["scope"])
    results = ran(experiment, tmp_path / "out")
    assert results.experiment.factors == ("bridge.transparency",)


def test_a_table_is_written_as_it_is_read(tmp_path: Path) -> None:
    results = ran(study(scenarios=("ukraine_2023",), keep=["series", "events"]), tmp_path / "out", chunk=2)
    for name, frame in (("outcomes", results.outcomes()), ("series", results.series()), ("events", results.events())):
        results.write_csv(name, tmp_path / f"{name}.csv")
        again = pd.read_csv(tmp_path / f"{name}.csv", parse_dates=["month"] if "month" in frame else [])
        frame = frame.assign(month=pd.to_datetime(frame["month"])) if "month" in frame else frame
        texts = frame.select_dtypes(exclude="number").columns.difference(["month"])
        both = (
            table.assign(**{text: table[text].fillna("").astype(object) for text in texts}) for table in (again, frame)
        )
        pd.testing.assert_frame_equal(*both, check_dtype=False, check_exact=True)
    with pytest.raises(StoreError, match="states was not kept"):
        results.write_csv("states", tmp_path / "states.csv")
    with pytest.raises(StoreError, match="cannot be written"):
        results.write_csv("outcomes", tmp_path / "nowhere" / "outcomes.csv")


def test_what_is_not_a_number_is_written_as_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = Run.summary
    monkeypatch.setattr(Run, "summary", lambda run: summary(run) | {"scope": float("nan")})
    ran(study(levels=[0.5], replications=1), tmp_path / "out").write_csv("outcomes", tmp_path / "outcomes.csv")
    assert pd.read_csv(tmp_path / "outcomes.csv", keep_default_na=False)["scope"].tolist() == [""]


# The same however it was made.


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_workers_do_not_matter(reference: Results, tmp_path: Path, workers: int) -> None:
    results = ran(study(), tmp_path, workers=workers, chunk=2)
    assert results.complete
    assert results.hash() == reference.hash()


@pytest.mark.parametrize("chunk", [1, 2, 4, 5, 6, 100])
@pytest.mark.parametrize("order", ["planned", "reversed"])
def test_chunks_and_their_order_do_not_matter(reference: Results, tmp_path: Path, chunk: int, order: str) -> None:
    results = ran(study(), tmp_path, chunk=chunk, order=order)
    assert len(results.entries) == -(-6 // chunk)
    first = results.entries[0].runs[0]
    assert (first[:2] == (0, 0)) == (order == "planned" or chunk >= 6)
    assert results.hash() == reference.hash()
    pd.testing.assert_frame_equal(results.outcomes(), reference.outcomes())


@pytest.mark.parametrize("other", [{"seed": 1}, {"months": 7}, {"levels": [0.5, 1.1]}, {"seeds": "independent"}])
def test_another_experiment_has_another_hash(reference: Results, tmp_path: Path, other: dict[str, Any]) -> None:
    assert ran(study(**other), tmp_path).hash() != reference.hash()


@pytest.mark.parametrize("seeds", ["common", "independent"])
def test_a_row_is_what_simulate_gives_for_its_point_and_seed(tmp_path: Path, seeds: str) -> None:
    experiment = study(scenarios=("baseline", "ukraine_2023"), seeds=seeds, replications=2)
    results = ran(experiment, tmp_path)
    frame = results.outcomes()
    assert len(frame) == experiment.runs == 8
    digests = results.table("parts", ["point", "replication", "digest"]).to_pandas()["digest"]
    for row, digest in zip(frame.to_dict("records"), digests, strict=True):
        point = experiment.points[row["point"]]
        assert (row["scenario"], row[FACTOR]) == (point.scenario, point.values[FACTOR])
        assert row["seed"] == experiment.seed_of(point.index, row["replication"])
        run = simulate(experiment.scenario_of(point.index), row["seed"], log_level=0)
        summary = run.summary()
        assert {name: row[name] for name in experiment.outcomes} == {
            name: summary[name] for name in experiment.outcomes
        }
        assert digest == run.digest()[:DIGEST]


def test_what_is_kept_is_what_simulate_gives(tmp_path: Path) -> None:
    experiment = study([1.0], keep=["series", "events", "states"], replications=2, months=12)
    results = ran(experiment, tmp_path, chunk=1)
    for replication in range(2):
        run = simulate(experiment.scenario_of(0), experiment.seed_of(0, replication), log_level=1)
        series = results.series().query("replication == @replication")
        assert list(series["scope"]) == list(run.outcomes["scope"])
        assert len(series) == 12
        states = results.states().query("replication == @replication").set_index("iso3")
        assert list(states.loc[list(run.world.iso3), "validity"]) == pytest.approx(list(run.final["validity"]), abs=0)
        events = results.events().query("replication == @replication")
        assert len(events) == (run.log["happened"] > 0).sum()


# What is there stays.


@pytest.mark.parametrize("seeds", ["common", "independent"])
def test_more_replications_leave_the_first_unchanged(tmp_path: Path, seeds: str) -> None:
    ran(study(seeds=seeds), tmp_path / "out")
    before = rows(open_results(tmp_path / "out"))
    parts = {path.name: path.read_bytes() for path in (tmp_path / "out" / "parts").iterdir()}
    grown = ran(study(seeds=seeds, replications=5), tmp_path / "out")
    assert (grown.complete, grown.total) == (True, 10)
    after = rows(grown)
    pd.testing.assert_frame_equal(after[after.index.get_level_values("replication") < 3], before)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out" / "parts").iterdir()}.items() >= parts.items()
    assert grown.hash() == ran(study(seeds=seeds, replications=5), tmp_path / "at once").hash()


@pytest.mark.parametrize("seeds", ["common", "independent"])
@pytest.mark.parametrize(
    "more", [{"scenarios": ("baseline", "ukraine_2023")}, {"levels": [*LEVELS, 1.5]}], ids=["scenario", "level"]
)
def test_more_points_at_the_end_leave_the_others_unchanged(tmp_path: Path, seeds: str, more: dict[str, Any]) -> None:
    before = rows(ran(study(seeds=seeds), tmp_path / "few"))
    after = rows(ran(study(seeds=seeds, **more), tmp_path / "more"))
    assert len(after) > len(before)
    pd.testing.assert_frame_equal(after.loc[before.index], before)


def test_a_level_more_leaves_every_scenario_unchanged_with_common_seeds(tmp_path: Path) -> None:
    two = ("baseline", "ukraine_2023")
    before = rows(ran(study(scenarios=two), tmp_path / "few"))
    after = rows(ran(study([*LEVELS, 1.5], two), tmp_path / "more"))
    pd.testing.assert_frame_equal(after.loc[before.index], before)


# Seeds.


def test_common_seeds_pair_the_points_and_independent_ones_do_not() -> None:
    common, independent = study(), study(seeds="independent")
    assert len({common.seed_of(0, r) for r in range(3)}) == 3
    assert all(common.seed_of(0, r) == common.seed_of(1, r) for r in range(3))
    assert len({independent.seed_of(p, r) for p in range(2) for r in range(3)}) == 6


@given(
    entropy=st.integers(0, 2**63 - 1),
    keys=st.sets(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=2, max_size=50),
)
def test_seeds_are_distinct_and_fit_in_a_column(entropy: int, keys: set[tuple[int, int]]) -> None:
    independent = {run_seed(entropy, key) for key in keys}
    common = {run_seed(entropy, (replication,)) for _, replication in keys}
    assert len(independent) == len(keys)
    assert len(common) == len({replication for _, replication in keys})
    assert all(0 <= seed < 2**63 for seed in independent | common)
    assert {run_seed(entropy, key) for key in keys} == independent
    assert not independent & {run_seed(entropy + 1, key) for key in keys}


# A directory is all that a reader needs.

PLAIN = """
import sys
import duckdb
import pandas as pd
parts = sys.argv[1] + "/parts"
n, mean = duckdb.sql(f"SELECT count(*), avg(scope) FROM '{parts}/*.parquet'").fetchall()[0]
frame = pd.read_parquet(parts)
points = pd.read_parquet(sys.argv[1] + "/points.parquet")
assert not [name for name in sys.modules if name.startswith("normsim")]
print(n, len(frame), len(frame.merge(points, on="point")), abs(mean - frame["scope"].mean()) < 1e-12)
print(*sorted(frame["scenario"].astype(str).unique()), *sorted(frame["norm.recurrence"].unique()))
"""


def test_a_directory_opens_with_plain_tools(reference: Results, tmp_path: Path) -> None:
    directory = shutil.copytree(reference.directory, tmp_path / "moved")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAIN, directory], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout == "6 6 6 True\nbaseline 0.5 1.0\n"


def test_a_query_sees_outcomes_and_points_of_live_parts_only(tmp_path: Path) -> None:
    results = ran(study(keep=["states"]), tmp_path, chunk=2)
    asked = results.query(
        f'SELECT p.scenario, p."{FACTOR}" AS level, count(*) AS n, avg(scope) AS scope '
        "FROM outcomes JOIN points p USING (point) GROUP BY ALL ORDER BY level"
    )
    means = results.outcomes().groupby(FACTOR)["scope"].mean()
    assert list(asked["level"]) == LEVELS
    assert list(asked["n"]) == [3, 3]
    assert list(asked["scope"]) == pytest.approx(list(means))
    assert results.query("SELECT count(DISTINCT replication) AS n FROM states")["n"].item() == 3
    with pytest.raises(StoreError, match=r"the query cannot be answered: .*scop"):
        results.query("SELECT scop FROM outcomes")
    with pytest.raises(StoreError, match="does not hold compliance; it holds scope, validity, stock"):
        results.outcomes(["compliance"])
    with pytest.raises(StoreError, match=r"series was not kept \(keep = \[\"series\"\]\)"):
        results.series()


def test_what_is_damaged_is_found_by_verify(tmp_path: Path) -> None:
    results = ran(study(), tmp_path, chunk=3)
    assert results.verify() == []
    first, second = sorted((tmp_path / "parts").iterdir())
    shutil.copy(second, first)
    assert open_results(tmp_path).verify() == ["parts/000000.parquet is not what was committed"]
    assert ran(study(), tmp_path).verify() == []
    text = (tmp_path / "experiment.toml").read_text(encoding="utf-8")
    (tmp_path / "experiment.toml").write_text(text.replace("seed = 0", "seed = 1"), encoding="utf-8")
    assert open_results(tmp_path).verify() == ["experiment.toml is not what was committed"]


def test_columns_say_their_units(tmp_path: Path) -> None:
    ran(study(keep=["series", "events", "states"], outcomes=None), tmp_path)
    known = {**OUTCOMES, **RUN_OUTCOMES}
    for table in results_store.TABLES:
        schema = pq.read_schema(next((tmp_path / table).glob("*.parquet")))
        for field in schema:
            assert set(field.metadata) == {b"unit", b"meaning"}, (table, field.name)
            if table in ("parts", "series") and field.name in known:
                assert field.metadata[b"unit"].decode() == known[field.name].unit
                assert field.metadata[b"meaning"].decode() == known[field.name].meaning
    schema = pq.read_schema(next((tmp_path / "parts").glob("*.parquet")))
    assert schema.field(FACTOR).metadata[b"unit"].decode() == records()[FACTOR].unit
    assert set(RUN_OUTCOMES) | set(OUTCOMES) <= set(schema.names)
    column = pq.ParquetFile(next((tmp_path / "parts").glob("*.parquet"))).metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"


@pytest.mark.parametrize(
    "block",
    [
        {"method": "grid", "factors": {FACTOR: [0.5, 1.5], "ccw_dud_rate.rule": ["consensus", "majority"]}},
        {"method": "grid", "factors": {FACTOR: {"steps": 3}, "ccw_dud_rate.tabled_after": {"high": 9, "steps": 4}}},
        {"method": "grid", "factors": {FACTOR: {"steps": 3}, "ccw_dud_rate.rule": ["consensus", "majority"]}},
        {"method": "zip", "factors": {FACTOR: [0.1, 0.2], "ccw_dud_rate.tabled_after": [1, 2]}},
        {"method": "list", "points": [{FACTOR: 0.1, "assurance.public": True}]},
        {"method": "latin_hypercube", "points": 5, "factors": {FACTOR: {}, "norm.anchor": {"high": 0.1}}},
        {"method": "sobol", "points": 4, "second_order": True, "factors": {FACTOR: {}, "norm.anchor": {}}},
        {"method": "morris", "trajectories": 3, "levels": 6, "factors": "uncertain", "except": ["harm.*"]},
    ],
    ids=lambda block: block["method"],
)
def test_a_directory_holds_its_experiment(tmp_path: Path, block: dict[str, Any]) -> None:
    made = Experiment.build(["ccw_imposed"], months=2, seed=7, keep=["states"], headline="stock", design=[block])
    run_experiment(made, tmp_path / "out", workers=0, should_stop=lambda: True)
    again = load_experiment(tmp_path / "out" / "experiment.toml")
    assert dict(again.parts()) == dict(made.parts())
    assert [dict(point.values) for point in again.points] == [dict(point.values) for point in made.points]
    assert again.headline == "stock"
    assert open_results(tmp_path / "out").experiment.fingerprint() == made.fingerprint()


def test_a_copy_of_a_directory_can_be_resumed_from_its_own_file(reference: Results, tmp_path: Path) -> None:
    ran(study(), tmp_path / "out", chunk=2, should_stop=lambda: True)
    moved = Path(shutil.move(tmp_path / "out", tmp_path / "elsewhere"))
    resumed = ran(open_results(moved).experiment, moved)
    assert resumed.hash() == reference.hash()


def test_nothing_personal_is_in_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "people" / "zoe.quixote"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "zoe.quixote")
    assert getpass.getuser() == "zoe.quixote"
    assert Path.home() == home
    plain = worker.simulate

    def raises(scenario: Any, seed: int, *rest: Any, **options: Any) -> Any:
        if seed == study().seed_of(0, 1):
            raise FileNotFoundError(f"no file {home / 'secret.csv'}")
        return plain(scenario, seed, *rest, **options)

    monkeypatch.setattr(worker, "simulate", raises)
    directory = home / "study"
    results = ran(study(), directory, chunk=2)
    assert len(results.failures()) == 2
    assert set(results.failures()["message"]) == {f"no file {Path('~') / 'secret.csv'}"}
    ran(study(replications=4), directory)
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"manifest.json", "outcomes.jsonl", "experiment.toml", "baseline.toml"}
    package = Path(worker.__file__).parents[2]
    forbidden = {"zoe.quixote", platform.node(), str(home), str(tmp_path), str(package), sys.prefix, sys.executable}
    for path in files:
        for word in forbidden:
            assert word.encode() not in path.read_bytes(), (path.name, word)
