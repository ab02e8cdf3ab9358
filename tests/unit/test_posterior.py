"""The posterior: its points, and every way to run at them."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from normsim import Experiment, load_scenario, simulate
from normsim.claims.ledger import load_ledger
from normsim.claims.trials import Trial
from normsim.cli.commands import app
from normsim.errors import ScenarioError
from normsim.experiment.design import Block, DesignError
from normsim.parameters import records
from normsim.posterior import posterior, posterior_point, provenance, tidy


def test_points_hold_every_uncertain_parameter_within_its_range() -> None:
    points = posterior()
    assert set(points.columns) == {name for name, record in records().items() if record.uncertain}
    assert len(points) == provenance()["points"] >= 200
    for name in points.columns:
        record = records()[name]
        assert points[name].between(record.low, record.high).all(), name
        if record.kind == "int":
            assert points[name].dtype.kind == "i", name
    assert not points.duplicated().any()
    assert tidy(points).equals(points)


def test_a_point_stands_in_for_defaults_and_leaves_what_a_scenario_sets() -> None:
    base = load_scenario("bridge_repeatable_opaque")
    at = base.at_posterior(3)
    point = posterior_point(3)
    own = {name for name, record in records().items() if record.uncertain and base.values[name] != record.value}
    for name, value in at.values.items():
        record = records()[name]
        if record.uncertain and name not in own:
            assert value == point[name], name
        else:
            assert value == base.values[name], name
    assert base.at_posterior(3 + len(posterior())).values == at.values


def test_a_scenario_that_sets_an_uncertain_parameter_keeps_it() -> None:
    base = load_scenario("baseline").with_values({"norm.news": 0.9})
    assert base.at_posterior(0).values["norm.news"] == 0.9


def test_design_takes_points_in_order_and_refuses_more_than_there_are() -> None:
    rows = Block("posterior", {"join.norm": {}, "use.rounds": {}}, points=5).rows(seed=1)
    assert rows == [{name: posterior_point(k)[name] for name in ("join.norm", "use.rounds")} for k in range(5)]
    assert all(isinstance(row["use.rounds"], int) for row in rows)
    with pytest.raises(DesignError, match="the posterior has"):
        Block("posterior", {"join.norm": {}}, points=10**6).rows(seed=1)
    with pytest.raises(DesignError, match="not uncertain"):
        Block("posterior", {"join.trigger": {}}, points=2).rows(seed=1)
    with pytest.raises(DesignError, match="its own values"):
        Block("posterior", {"join.norm": {"low": 1.0}}, points=2).rows(seed=1)


def test_an_experiment_over_the_posterior_keeps_lists_and_leaves_sampled_designs() -> None:
    grid = {"method": "grid", "factors": {"norm.news": [0.1, 0.9]}}
    sampled = {"method": "latin_hypercube", "factors": {"join.norm": {}}, "points": 7}
    made = Experiment.build(["baseline"], design=[grid, sampled], months=3).over_posterior(4)
    assert [block.method for block in made.blocks] == ["grid", "posterior"]
    assert "norm.news" not in made.blocks[1].names
    assert made.runs == 8
    assert made.scenario_of(1).values["join.norm"] == posterior_point(1)["join.norm"]
    assert "posterior" in made.to_toml()
    with pytest.raises(ScenarioError, match="the posterior has"):
        Experiment.build(["baseline"], months=3).over_posterior(10**6)


def test_claims_over_the_posterior_ask_for_its_points() -> None:
    from dataclasses import replace

    ledger = load_ledger("claims", smoke=True)
    arm = next(iter(ledger.arms.values()))
    prior = Trial((), {"": arm}).experiment(ledger)
    over = Trial((), {"": arm}).experiment(replace(ledger, space="posterior"))
    assert [block.method for block in (*prior.blocks, *over.blocks)] == ["latin_hypercube", "posterior"]
    assert len(over.points) == min(ledger.points, len(posterior()))


def test_run_at_the_posterior_is_the_run_of_that_point() -> None:
    found = CliRunner().invoke(app, ["run", "baseline", "--posterior", "--seed", "2", "--months", "5", "--json"])
    assert found.exit_code == 0, found.output
    made = json.loads(found.stdout)
    assert made["command"]["posterior"] is True
    point = load_scenario("baseline").with_months(5).at_posterior(2)
    assert made["runs"][0]["digest"] == simulate(point, 2, warn=False).digest()
    plain = CliRunner().invoke(app, ["run", "baseline", "--seed", "2", "--months", "5", "--json"])
    assert json.loads(plain.stdout)["runs"][0]["digest"] != made["runs"][0]["digest"]


def test_batch_over_the_posterior(tmp_path: Path) -> None:
    arguments = ["batch", "run", "regimes", "--smoke", "--posterior", "2", "--out", str(tmp_path / "out")]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, found.output
    from normsim import open_results

    results = open_results(tmp_path / "out")
    assert results.complete
    norm = results.points["join.norm"].unique()
    np.testing.assert_allclose(norm, [posterior_point(k)["join.norm"] for k in range(2)])
