"""Factors that acted in no run: found where a design has pairs of runs that differ in one factor alone."""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from normsim.analysis.inert_factors import inert_factors
from normsim.cli.commands import app
from normsim.experiment import Experiment, run_experiment
from normsim.experiment.design import Block, points
from normsim.parameters import records
from tests.experiments import FakeResults

A, B, C = "norm.anchor", "norm.recurrence", "use.habit"


def model(_: str, row: Mapping[str, Any], replication: int) -> dict[str, float]:
    """The second factor does nothing; the third only where the first is large."""
    late = row[C] if row[A] > 0.15 else 0.0
    return {"scope": row[A] + replication, "users": late, "missing": np.nan}


def found(rows: list[dict[str, Any]], **more: Any) -> dict[str, int]:
    return {each.factor: each.pairs for each in inert_factors(FakeResults(model, rows=rows, **more))}


def grid(a: list[float], b: list[float], c: list[float]) -> list[dict[str, Any]]:
    return [dict(zip((A, B, C), row, strict=True)) for row in itertools.product(a, b, c)]


def test_a_grid_names_the_factor_that_changes_nothing_and_counts_its_pairs() -> None:
    rows = grid([0.1, 0.2], [0.0, 1.0, 2.0], [1.0, 2.0])
    assert found(rows, replications=5) == {B: 2 * 2 * 3 * 5}  # 3 pairs of 3 levels
    assert found(rows, scenarios=("one", "other")) == {B: 2 * 2 * 3 * 2}


def test_a_factor_that_acts_in_one_pair_is_not_named() -> None:
    assert found(grid([0.1], [0.0, 1.0], [1.0, 2.0])) == {B: 2, C: 2}
    assert found(grid([0.1, 0.2], [0.0], [1.0, 2.0])) == {}


def test_the_last_bit_of_an_outcome_counts() -> None:
    results = FakeResults(model, rows=grid([0.1], [0.0, 1.0], [1.0]))
    assert [each.factor for each in inert_factors(results)] == [B]
    results.table.loc[1, "scope"] = np.nextafter(results.table.loc[1, "scope"], 1.0)
    assert inert_factors(results) == []


def test_points_given_twice_are_no_pairs() -> None:
    assert found(grid([0.1], [1.0, 1.0], [1.0])) == {}


def test_runs_of_different_seeds_are_no_pairs() -> None:
    assert found(grid([0.1], [0.0, 1.0], [1.0]), common=False) == {}


@pytest.mark.parametrize(("method", "size"), [("morris", {"trajectories": 6}), ("sobol", {"points": 8})])
def test_one_at_a_time_designs_have_such_pairs(method: Any, size: dict[str, Any]) -> None:
    rows = points([Block(method, {name: {} for name in (A, B, C)}, **size)], seed=1)
    named = found(rows)
    assert set(named) == {B}
    assert named[B] >= 6


def test_a_latin_hypercube_has_none() -> None:
    rows = points([Block("latin_hypercube", {name: {} for name in (A, B, C)}, points=20)], seed=1)
    assert found(rows) == {}


def test_the_reason_is_that_of_the_record() -> None:
    rows = [{B: 0.0, "use.peace": 0.0}, {B: 1.0, "use.peace": 0.0}, {B: 0.0, "use.peace": 1.0}]
    texts = [each.text for each in inert_factors(FakeResults(lambda *_: {"scope": 1.0}, rows=rows))]
    assert texts == [
        "norm.recurrence acted in 0 of 1 pairs of runs: it needs a supplier that opens a bridge twice",
        "use.peace acted in 0 of 1 pairs of runs (every outcome is the same at all its values)",
    ]


def test_records_of_regimes_say_what_they_need() -> None:
    regimes = [record for record in records().values() if record.section == "regime" and record.kind != "switch"]
    assert all(record.needs for record in regimes)
    assert records()["norm.anchor"].needs == ""


def test_compare_and_sensitivity_name_it(tmp_path: Path) -> None:
    """No supplier opens a second bridge within two years."""
    levels = {"norm.recurrence": [0.0, 2.0], "norm.scope_erode": [0.02, 0.05]}
    experiment = Experiment.build(
        ["bridge_repeatable_opaque"],
        replications=2,
        months=24,
        outcomes=["scope", "episodes"],
        design=[{"method": "grid", "factors": levels}],
    )
    run_experiment(experiment, tmp_path / "grid", workers=0)
    words = ["compare", str(tmp_path / "grid"), "--baseline", "norm.scope_erode=0.02"]
    text = "norm.recurrence acted in 0 of 4 pairs of runs: it needs a supplier that opens a bridge twice"
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    assert text in told.stdout
    assert "norm.scope_erode acted" not in told.stdout
    stored = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert stored["inert_factors"] == [{"factor": "norm.recurrence", "pairs": 4, "text": text}]

    ranges: dict[str, dict[str, float]] = {name: {} for name in levels}
    morris = {"method": "morris", "trajectories": 3, "factors": ranges}
    experiment = Experiment.build(
        ["bridge_repeatable_opaque"], months=24, outcomes=["scope"], design=[morris], replications=2
    )
    run_experiment(experiment, tmp_path / "morris", workers=0)
    told = CliRunner().invoke(app, ["sensitivity", str(tmp_path / "morris")])
    assert told.exit_code == 0, told.output
    assert "norm.recurrence acted in 0 of 16 pairs of runs: it needs a supplier" in told.stdout
