"""A query reads the tables of its own directory, and nothing else; its sums have the same digits every time."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.experiment import Experiment, StoreError, open_results, run_experiment


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    design = [{"method": "grid", "factors": {"norm.recurrence": [0.0, 0.5, 1.0]}}]
    experiment = Experiment.build(["baseline"], 4, design, months=2, outcomes=["scope", "stock"], keep=["series"])
    out = tmp_path_factory.mktemp("query") / "out"
    run_experiment(experiment, out, workers=0, chunk=3)
    return out


def values(directory: Path) -> list[float]:
    return pq.read_table(directory / "parts" / "000000.parquet", partitioning=None)["scope"].to_pylist()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM read_csv('{secret}')", "reads or writes outside of the results"),
        ("SELECT * FROM read_text('{secret}')", "reads or writes outside of the results"),
        ("SELECT * FROM '{secret}'", "reads or writes outside of the results"),
        ("SELECT * FROM glob('*')", "reads or writes outside of the results"),
        ("SELECT * FROM parquet_metadata('{secret}')", "reads or writes outside of the results"),
        ("COPY (SELECT 1) TO '{out}'", "a query is one SELECT over the tables of the results; this is COPY"),
        ("ATTACH '{out}'", "a query is one SELECT"),
        ("INSTALL httpfs", "a query is one SELECT"),
        ("LOAD httpfs", "a query is one SELECT"),
        ("EXPORT DATABASE '{out}'", "a query is one SELECT"),
        ("SET enable_external_access = true", "a query is one SELECT"),
        ("PRAGMA database_list", "a query is one SELECT"),
        ("DROP VIEW outcomes", "a query is one SELECT"),
        ("SELECT 1; SELECT 2", "this is SELECT, SELECT"),
        ("", "this is nothing"),
        ("SELECT scoop FROM outcomes", "no column 'scoop'; did you mean 'scope'?; there are point, scenario, "),
        ("SELECT o.scoop FROM outcomes o", "no column 'scoop'; did you mean 'scope'?; there are point, scenario, "),
        ("SELECT * FROM outcome", "no table 'outcome'; did you mean 'outcomes'?; there are outcomes, series, points"),
        ("SELECT * FROM directory", "no table 'directory'"),
        ("SELECT FROM WHERE", "the query cannot be answered: Parser Error"),
    ],
)
def test_what_is_no_question_to_the_tables_is_refused(directory: Path, tmp_path: Path, sql: str, told: str) -> None:
    secret, out = tmp_path / "secret.csv", tmp_path / "out"
    secret.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        open_results(directory).query(sql.format(secret=secret, out=out))
    assert told in str(caught.value)
    assert not out.exists()


def test_limits_of_time_and_memory(directory: Path) -> None:
    results = open_results(directory)
    many = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5"
    with pytest.raises(StoreError, match=r"took longer than 0.2 s; give it more with --timeout"):
        results.query(many, seconds=0.2)
    with pytest.raises(StoreError, match=r"needs more than 0.05 GB; give it more with --memory"):
        results.query("SELECT list(range) AS l FROM range(50000000)", memory=0.05)
    for words in (("--timeout", "0"), ("--memory", "-1")):
        done = CliRunner().invoke(app, ["query", str(directory), "SELECT 1 AS a", *words])
        assert (done.exit_code, "allowed is a number above 0" in done.stderr) == (1, True)


@pytest.mark.parametrize(("name", "other"), [("run[1]", "run1"), ("a*b", "aXb"), ("a?b", "aXb"), ("it's", "its")])
def test_names_are_literal(directory: Path, tmp_path: Path, name: str, other: str) -> None:
    """A directory whose name is a pattern reads its own results, whatever lies beside it."""
    shutil.copytree(directory, tmp_path / name)
    shutil.copytree(directory, tmp_path / other)
    for path in (tmp_path / other).glob("*/*.parquet"):
        path.write_bytes(b"not mine")
    results = open_results(tmp_path / name)
    assert results.query("SELECT count(*) AS n FROM outcomes")["n"][0] == 12
    assert results.query("SELECT count(*) AS n FROM series")["n"][0] == 24
    for table, rows in (("outcomes", 12), ("series", 24)):
        results.write_csv(table, tmp_path / f"{table}.csv")
        assert len((tmp_path / f"{table}.csv").read_text(encoding="utf-8").splitlines()) == rows + 1
    assert results.verify() == []


def test_sums_have_the_same_digits_however_the_results_were_made(directory: Path, tmp_path: Path) -> None:
    sql = "SELECT sum(scope) AS a, avg(stock) AS b, stddev(scope) AS c FROM outcomes"
    experiment = open_results(directory).experiment
    run_experiment(experiment, tmp_path / "other", workers=0, chunk=5, order="reversed")
    answers = [open_results(place).query(sql) for place in (directory, tmp_path / "other") for _ in range(5)]
    assert len({tuple(answer.iloc[0]) for answer in answers}) == 1


def test_tables_can_be_listed(directory: Path) -> None:
    assert sorted(open_results(directory).query("SHOW TABLES")["name"]) == ["outcomes", "points", "series"]
