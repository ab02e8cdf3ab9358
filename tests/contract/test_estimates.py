"""What `batch plan` and `export` say beforehand is about what is made."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from normsim.cli import tables_commands
from normsim.cli.commands import app
from normsim.experiment import Experiment, StoreError, open_results, run_experiment, worker
from normsim.experiment.estimate import estimated


def size_of(directory: Path) -> int:
    """Bytes of the tables and the log."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.suffix in (".parquet", ".jsonl"))


@pytest.mark.parametrize("keep", [[], ["series", "events"]])
def test_disk_is_planned_within_thirty_percent(tmp_path: Path, keep: list[str]) -> None:
    experiment = Experiment.build(["baseline", "ukraine_2023"], 30, months=4, keep=keep)
    planned = estimated(experiment, 1)
    run_experiment(experiment, tmp_path / "out", workers=0)
    assert planned.bytes == pytest.approx(size_of(tmp_path / "out"), rel=0.3)
    assert planned.seconds >= experiment.runs * planned.run


def test_a_run_that_fails_is_told_by_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no states left")

    monkeypatch.setattr(worker, "simulate", fail)
    with pytest.raises(StoreError, match="a run of experiment fails: ZeroDivisionError: no states left"):
        estimated(Experiment.build(["baseline"], 2, months=1), 1)


def test_the_first_commit_comes_soon_and_chunks_grow(tmp_path: Path) -> None:
    experiment = Experiment.build(["baseline"], 120, months=1, outcomes=["scope"])
    results = run_experiment(experiment, tmp_path / "out", workers=0)
    sizes = [entry.runs_done for entry in results.entries]
    assert sizes[:6] == [1, 1, 2, 2, 4, 4]
    assert max(sizes) <= 64


def test_a_large_export_is_told_and_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory, folder = tmp_path / "out", tmp_path / "csv"
    run_experiment(Experiment.build(["baseline"], 8, months=3, keep=["series"]), directory, workers=0)
    monkeypatch.setattr(tables_commands, "ASK_ABOVE", 100.0)
    done = CliRunner().invoke(app, ["export", str(directory), "--csv", str(folder)])
    assert (done.exit_code, folder.exists()) == (1, False)
    assert "add --yes to write it" in done.stderr
    done = CliRunner().invoke(app, ["export", str(directory), "--csv", str(folder), "--yes"])
    assert done.exit_code == 0
    assert "kB of CSV" in done.stderr
    made = sum((folder / f"{name}.csv").stat().st_size for name in ("outcomes", "series"))
    results = open_results(directory)
    assert results.csv_size("outcomes") + results.csv_size("series") == pytest.approx(made, rel=0.3)
