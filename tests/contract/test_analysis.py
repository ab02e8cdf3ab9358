"""Analyses of experiments that were really run: what they read is what the store holds."""

from pathlib import Path

import pytest

from normsim.analysis.effects import paired_effects
from normsim.analysis.ema import to_ema
from normsim.analysis.sensitivity import sensitivity_indices
from normsim.comparison import compare
from normsim.experiment import Experiment, Results, open_results, run_experiment
from normsim.scenario import load_scenario

PAIR = ("baseline", "ukraine_2023")


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    """Two scenarios, two points, two runs of a year and a half each."""
    out: Path = tmp_path_factory.mktemp("pair") / "results"
    design = [{"method": "grid", "factors": {"use.habit": [0.0, 1.0]}}]
    run_experiment(
        Experiment.build(list(PAIR), 2, design, title="A pair", question="Which?", months=18), out, workers=1
    )
    return open_results(out)


@pytest.fixture(scope="module")
def screening(tmp_path_factory) -> Results:
    """A Morris design of two factors."""
    out: Path = tmp_path_factory.mktemp("screening") / "results"
    block = {"method": "morris", "trajectories": 3, "factors": {"use.intercept": {}, "use.habit": {}}}
    run_experiment(Experiment.build([PAIR[0]], 2, [block], title="S", question="Which?", months=6), out, workers=1)
    return open_results(out)


def test_effects_are_those_of_the_runs_themselves(results: Results) -> None:
    """The same seeds, run one by one, give the same differences."""
    seeds = [results.experiment.seed_of(0, replication) for replication in range(2)]
    baseline, scenario = (load_scenario(name).with_months(18).with_values({"use.habit": 1.0}) for name in PAIR)
    direct = {effect.outcome: effect for effect in compare(scenario, baseline, seeds).effects()}
    found = paired_effects(results, "baseline")
    found = found[found["use.habit"] == 1.0].set_index("outcome")
    assert set(found.index) == set(direct)
    assert (found["difference"] != 0.0).sum() > 5
    for name, effect in direct.items():
        assert found.loc[name, "difference"] == pytest.approx(effect.difference, rel=1e-9, abs=1e-9), name
        assert found.loc[name, "low"] == pytest.approx(effect.low, rel=1e-9, abs=1e-9), name


def test_a_morris_design_has_its_indices(screening: Results) -> None:
    found = sensitivity_indices(screening, ["users"])
    assert set(found["factor"]) == {"use.intercept", "use.habit"}
    sizes = found[found["index"] == "mu_star"].set_index("factor")["value"]
    assert sizes["use.intercept"] > 0.0
    assert set(found["n"]) == {2}


def test_the_workbench_gets_a_row_a_point(results: Results) -> None:
    experiments, outcomes = to_ema(results, ["users"])
    assert experiments["policy"].tolist() == [name for name in PAIR for _ in range(2)]
    assert experiments["use.habit"].tolist() == [0.0, 1.0, 0.0, 1.0]
    means = results.outcomes(["users"]).groupby("point")["users"].mean()
    assert outcomes["users"].tolist() == means.tolist()
