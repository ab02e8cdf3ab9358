"""The form of the EMA workbench: rows that belong together, and an archive that it reads."""

import json
import tarfile

import numpy as np
import pandas as pd
import pytest

from normsim.analysis import AnalysisError
from normsim.analysis.ema import to_ema, write_ema
from tests.experiments import FakeResults

ROWS = [{"norm.recurrence": 0.0, "tier.voting": "majority"}, {"norm.recurrence": 1.0, "tier.voting": "consensus"}]


def model(scenario, row, replication):
    return {"scope": row["norm.recurrence"] + replication + 10 * (scenario == "ban"), "users": 3.0}


@pytest.fixture
def results() -> FakeResults:
    return FakeResults(model, ("baseline", "ban"), ROWS, replications=3)


def test_a_row_is_a_point_with_its_mean(results) -> None:
    experiments, outcomes = to_ema(results)
    assert list(experiments) == ["norm.recurrence", "tier.voting", "scenario", "policy", "model"]
    assert experiments["norm.recurrence"].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert experiments["scenario"].tolist() == [0, 1, 0, 1]
    assert experiments["policy"].tolist() == ["baseline", "baseline", "ban", "ban"]
    assert outcomes["scope"].tolist() == [1.0, 2.0, 11.0, 12.0]
    assert set(outcomes) == {"scope", "users"}


def test_a_row_can_be_a_run(results) -> None:
    experiments, outcomes = to_ema(results, ["scope"], runs=True)
    assert len(experiments) == 12
    assert experiments["replication"].tolist() == [0, 1, 2] * 4
    assert experiments["seed"].tolist() == [1000, 1001, 1002] * 4
    assert outcomes["scope"].tolist() == [0.0, 1.0, 2.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 11.0, 12.0, 13.0]


def test_points_without_runs_are_left_out_and_order_does_not_matter(results) -> None:
    results.table = results.table[results.table["point"] != 1].sample(frac=1.0, random_state=1)
    experiments, outcomes = to_ema(results)
    assert experiments["scenario"].tolist() == [0, 0, 1]
    assert outcomes["scope"].tolist() == [1.0, 11.0, 12.0]


def test_the_archive_is_laid_out_as_the_workbench_reads_it(results, tmp_path) -> None:
    experiments, outcomes = to_ema(results)
    write_ema(experiments, outcomes, tmp_path / "ema.tar.gz")
    with tarfile.open(tmp_path / "ema.tar.gz", "r:gz") as archive:
        assert set(archive.getnames()) == {"experiments.csv", "metadata.json", "scope.csv", "users.csv"}
        metadata = json.load(archive.extractfile("metadata.json"))
        back = pd.read_csv(archive.extractfile("experiments.csv"))
        scope = pd.read_csv(archive.extractfile("scope.csv"), index_col=False, header=None).to_numpy()
    assert metadata["version"] == 0.1
    assert metadata["outcomes"] == [["ScalarOutcome", "scope", "scope.csv"], ["ScalarOutcome", "users", "users.csv"]]
    for name, kind in metadata["experiments"].items():
        back[name] = back[name].astype(np.dtype(kind))
    assert metadata["experiments"]["tier.voting"] == "object"
    assert metadata["experiments"]["norm.recurrence"] == "float64"
    assert back["tier.voting"].tolist() == experiments["tier.voting"].tolist()
    assert back["norm.recurrence"].tolist() == [0.0, 1.0, 0.0, 1.0]
    assert scope.shape == (4, 1)
    assert scope[:, 0].tolist() == outcomes["scope"].tolist()


def test_every_digit_survives_and_missing_stays_missing(results, tmp_path) -> None:
    experiments, _ = to_ema(results)
    values = np.array([0.1 + 0.2, np.nan, 1e-300, np.pi])
    write_ema(experiments, {"scope": values}, tmp_path / "ema.tar.gz")
    with tarfile.open(tmp_path / "ema.tar.gz", "r:gz") as archive:
        back = [float(line) for line in archive.extractfile("scope.csv").read().split()]
    assert np.array_equal(back, values, equal_nan=True)


def test_the_same_results_give_the_same_bytes(results, tmp_path) -> None:
    for name in ("a.tar.gz", "b.tar.gz"):
        write_ema(*to_ema(results), tmp_path / name)
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "b.tar.gz"]


def test_a_file_of_others_is_not_touched(results, tmp_path) -> None:
    path = tmp_path / "ema.tar.gz"
    path.write_text("mine")
    with pytest.raises(AnalysisError, match="exists"):
        write_ema(*to_ema(results), path)
    assert path.read_text() == "mine"


def test_the_workbench_reads_it(results, tmp_path) -> None:
    workbench = pytest.importorskip("ema_workbench")
    experiments, outcomes = to_ema(results)
    write_ema(experiments, outcomes, tmp_path / "ema.tar.gz")
    read, told = workbench.load_results(tmp_path / "ema.tar.gz")
    assert read["norm.recurrence"].tolist() == experiments["norm.recurrence"].tolist()
    assert told["scope"].tolist() == outcomes["scope"].tolist()
