"""What is printed and written of an experiment's results."""

import json
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from normsim.analysis import AnalysisError
from normsim.analysis.effects import paired_effects
from normsim.cli import results_commands as commands
from normsim.cli import tables_commands
from normsim.cli.error_lines import BadInputError
from tests.experiments import FakeResults

HERE = Path("results")


def model(scenario, row, replication):
    return {
        "scope": 0.5 + 0.01 * replication - (scenario == "ban") * row["norm.recurrence"] * (0.1 + 0.001 * replication),
        "parties": 112.0,
        "stock": 2e8 + 1e6 * (scenario == "ban"),
    }


@pytest.fixture
def results(monkeypatch) -> FakeResults:
    made = FakeResults(model, ("baseline", "ban"), [{"norm.recurrence": v} for v in (0.5, 1.0)], replications=5)
    monkeypatch.setitem(sys.modules, "normsim.experiment", SimpleNamespace(open_results=lambda directory: made))
    monkeypatch.setenv("COLUMNS", "136")
    return made


@pytest.fixture
def screening(results) -> FakeResults:
    """The same place, with a Morris design in it."""
    path = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    rows = [{"use.habit": a, "norm.anchor": b} for a, b in (*path, *reversed(path))]
    made = FakeResults(
        lambda s, row, r: {"scope": 0.9 * row["norm.anchor"] + 0.1 * row["use.habit"], "parties": 1.0},
        rows=rows,
        blocks=[{"method": "morris", "levels": 2}],
    )
    results.__dict__.update(made.__dict__)
    return results


def lines_of(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_the_table_says_what_the_effects_are(results, capsys) -> None:
    commands.compare_command(HERE, "baseline", ["scope"])
    lines = lines_of(capsys)
    row = next(line for line in lines if line.startswith("ban") and " 1 " in line).split()
    # differences -0.100 to -0.104: standard error 0.001581 / root of 5
    assert row == ["ban", "1", "0.41800", "-0.10200", "-0.10396", "to", "-0.10004", "0.00071", "lower"]
    assert any("baseline 0.52000; pairs 5 of 5" in line for line in lines)  # the same in every row: said once
    assert any("20 of 20 runs" in line for line in lines)
    assert any("Student's t" in line for line in lines)
    assert any("2 more outcomes were kept" in line for line in lines)


def test_large_numbers_are_in_millions_and_equal_runs_are_the_same(results, capsys) -> None:
    commands.compare_command(HERE, "baseline", pooled=True)
    text = capsys.readouterr().out
    assert "[million rounds]" in text
    assert "clustered by point and seed" in text
    parties = text[text.index("parties\n") : text.index("stock\n")].splitlines()
    assert parties[-2].split()[-1] == "same"


def test_what_is_missing_is_said(results, capsys) -> None:
    results.table = results.table.drop(index=[19])
    commands.compare_command(HERE, "baseline", ["scope"], half_width=0.001)
    text = capsys.readouterr().out
    assert "19 of 20 runs; the experiment is not complete" in text
    assert "4 of 5" in text
    assert "interval of 0.001 to either side" in text


def test_json_is_the_frame(results, capsys) -> None:
    commands.compare_command(HERE, "norm.recurrence=0.5", json=True)
    told = json.loads(capsys.readouterr().out)
    frame = paired_effects(results, "norm.recurrence=0.5")
    assert [row["difference"] for row in told["effects"]] == frame["difference"].tolist()
    assert told["effects"][0]["needed"] is None
    assert (told["done"], told["total"]) == (20, 20)


def test_csv_holds_every_outcome(results, tmp_path, capsys) -> None:
    path = tmp_path / "new" / "effects.csv"
    commands.compare_command(HERE, "baseline", csv=path)
    assert set(pd.read_csv(path)["outcome"]) == {"scope", "parties", "stock"}
    assert [each.name for each in path.parent.iterdir()] == ["effects.csv"]
    with pytest.raises(BadInputError, match="exists"):
        commands.compare_command(HERE, "baseline", csv=path)


def test_a_long_table_is_cut_and_says_so(results, capsys) -> None:
    made = FakeResults(model, ("baseline", "ban"), [{"norm.recurrence": 0.01 * v} for v in range(70)], replications=2)
    results.__dict__.update(made.__dict__)
    commands.compare_command(HERE, "baseline", ["scope"])
    lines = lines_of(capsys)
    assert sum(line.startswith("ban ") for line in lines) == commands.MOST_ROWS
    assert any("10 more points" in line for line in lines)


def test_sensitivity_is_printed_and_written(screening, tmp_path, capsys) -> None:
    out = tmp_path / "sensitivity"
    commands.sensitivity_command(HERE, out=out)
    rows = [line.split() for line in lines_of(capsys)]
    first = next(place for place, row in enumerate(rows) if row[:1] == ["norm.anchor"])
    assert rows[first][1] == "0.900"
    assert rows[first + 1][:2] == ["use.habit", "0.100"]
    names = {"indices.csv", "summary.json", "scope_baseline.png", "scope_baseline.pdf"}
    assert {each.name for each in out.iterdir()} == names
    summary = json.loads((out / "summary.json").read_text())
    assert summary["fingerprint"] == screening.fingerprint
    assert pd.read_csv(out / "indices.csv")["value"].tolist() == [row["value"] for row in summary["indices"]]
    commands.sensitivity_command(HERE, out=out)
    with pytest.raises(BadInputError, match="another command"):
        commands.sensitivity_command(HERE, ["parties"], out=out)


def test_sensitivity_of_another_design_is_refused(results, tmp_path) -> None:
    with pytest.raises(AnalysisError, match="normsim compare"):
        commands.sensitivity_command(HERE, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_query_is_answered(results, tmp_path, capsys) -> None:
    pytest.importorskip("duckdb")
    sql = "SELECT scenario, count(*) AS n FROM outcomes GROUP BY scenario ORDER BY scenario"
    tables_commands.query_command(HERE, sql, csv=tmp_path / "n.csv")
    lines = [line.split() for line in lines_of(capsys)]
    assert ["ban", "10"] in lines
    assert ["2", "rows"] in lines
    assert (tmp_path / "n.csv").read_text() == "scenario,n\nban,10\nbaseline,10\n"
    tables_commands.query_command(HERE, sql, json=True)
    assert json.loads(capsys.readouterr().out) == [{"scenario": "ban", "n": 10}, {"scenario": "baseline", "n": 10}]


def test_export_writes_tables_and_archive(results, tmp_path, capsys) -> None:
    results.table = results.table[results.table["point"] != 3]
    tables_commands.export_command(HERE, tmp_path / "csv", tmp_path / "ema.tar.gz")
    captured = capsys.readouterr()
    names = {"points.csv", "outcomes.csv", "failures.csv", "columns.csv", "summary.json"}
    assert {each.name for each in (tmp_path / "csv").iterdir()} == names
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "csv" / "outcomes.csv"), results.table.reset_index(drop=True), check_dtype=False
    )
    units = pd.read_csv(tmp_path / "csv" / "columns.csv").set_index("outcome")["unit"]
    assert units["scope"] == "0-1"
    with tarfile.open(tmp_path / "ema.tar.gz") as archive:
        assert "scope.csv" in archive.getnames()
    assert "3 of 4 points" in captured.out
    assert "15 of 20 runs are finished" in captured.err


def test_export_to_nowhere_is_refused(results) -> None:
    with pytest.raises(BadInputError, match="--csv FOLDER or --ema"):
        tables_commands.export_command(HERE)
