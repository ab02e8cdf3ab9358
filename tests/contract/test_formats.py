"""A directory of each format that was ever written opens for ever: its tables, its state, its exports.

The stored directories are never written again. A new format gets a directory of its own beside them.
"""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.experiment import Experiment, StoreError, open_results, outcome_log, run_experiment
from normsim.experiment.manifest import FORMAT, MANIFEST, read_manifest
from normsim.experiment.model_digest import is_code

STORED = Path(__file__).parents[1] / "data" / "stored"

HASHES = {
    "format_1": "92e0bcc841f248283f1b139f20ff3136eaebcf6d2d99e10e1c6e4c9292da8afc",
    "format_2": "1c8b59e4d3cdb4760e8fc03e25c1372bb51ad7a758e83c50cda941b0a51259d8",
}
"""Digest of the outcomes in each."""


@pytest.fixture(params=HASHES)
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(STORED / request.param, tmp_path / request.param))


def test_there_is_a_directory_of_every_format() -> None:
    assert {f"format_{number}" for number in range(1, FORMAT + 1)} == set(HASHES)
    for name in HASHES:
        assert json.loads((STORED / name / MANIFEST).read_text(encoding="utf-8"))["format"] == int(name[-1])


def test_its_tables_are_read(stored: Path) -> None:
    results = open_results(stored)
    assert (results.done, results.failed, results.total) == (4, 0, 4)
    assert results.hash() == HASHES[stored.name]
    frame = results.outcomes(["users"])
    assert list(frame.columns) == ["point", "scenario", "replication", "seed", "norm.recurrence", "users"]
    assert len(results.series()) == 12
    assert results.query("SELECT count(*) AS n FROM outcomes JOIN points USING (point)")["n"][0] == 4


def test_commands_take_it(stored: Path, tmp_path: Path) -> None:
    for words in (("batch", "status"), ("query",), ("export",)):
        more = {"query": ("SELECT * FROM outcomes",), "export": ("--csv", str(tmp_path / "csv"))}.get(words[0], ())
        done = CliRunner().invoke(app, [*words, str(stored), *more])
        assert done.exit_code == 0, done.stderr
    assert len((tmp_path / "csv" / "outcomes.csv").read_text(encoding="utf-8").splitlines()) == 5


def test_it_does_not_need_the_parameters_of_its_time(stored: Path) -> None:
    """A later version may have dropped one that the scenario or the design names; the numbers stay readable."""
    (stored / "experiment.toml").unlink()
    shutil.rmtree(stored / "scenarios")
    results = open_results(stored)
    assert len(results.query("SELECT * FROM outcomes")) == 4
    if stored.name != "format_1":  # whose manifest did not list outcomes and factors
        assert len(results.outcomes()) == 4


def test_damage_of_an_old_directory_is_an_error_line(tmp_path: Path) -> None:
    for left in (b"", b"PAR1 and rubbish", None):
        copy = Path(shutil.copytree(STORED / "format_1", tmp_path / str(left)))
        (copy / "points.parquet").unlink() if left is None else (copy / "points.parquet").write_bytes(left)
        done = CliRunner().invoke(app, ["query", str(copy), "SELECT * FROM points"])
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
        assert "points.parquet is" in done.stderr


def test_every_file_says_its_format(tmp_path: Path) -> None:
    results = open_results(STORED / f"format_{FORMAT}")
    assert all(entry.format == outcome_log.LOG_FORMAT for entry in results.entries)
    for path in results.directory.rglob("*.*"):
        if path.suffix == ".parquet":
            assert pq.read_schema(path).metadata[b"normsim format"] == str(FORMAT).encode()
        elif path.suffix == ".toml":
            assert path.read_text(encoding="utf-8").startswith(f"# normsim results, format {FORMAT}\n")


def test_an_older_format_is_gone_on_with_only_as_other_code(tmp_path: Path) -> None:
    experiment = Experiment.build(["baseline"], 2, months=1, outcomes=["scope"])
    run_experiment(experiment, tmp_path / "out", workers=0)
    manifest = read_manifest(tmp_path / "out") | {"format": 1}
    del manifest["files"], manifest["outcomes"], manifest["factors"], manifest["keep"]
    depends_on = {name: each for name, each in manifest["depends_on"].items() if not is_code(name)}
    old = manifest | {"depends_on": depends_on | {"code": "an older one"}}
    (tmp_path / "out" / MANIFEST).write_text(json.dumps(old, indent=2) + "\n", encoding="utf-8")
    more = open_results(tmp_path / "out").experiment.with_replications(3)
    with pytest.raises(StoreError, match=r"results of other code: code changed; --allow-code-change"):
        run_experiment(more, tmp_path / "out", workers=0)
    results = run_experiment(more, tmp_path / "out", workers=0, code_may_change=True)
    assert (results.complete, results.manifest["format"]) == (True, FORMAT)
    assert results.verify() == []
    assert len(results.outcomes()) == 3
