"""Every experiment file of the repository keeps the contract; a new one is tested by existing."""

from functools import cache
from pathlib import Path

import pytest

from normsim.experiment import Experiment, experiment_names, load_experiment, open_results, run_experiment
from normsim.parameters import REGIMES, records
from normsim.references import references
from normsim.scenario import load_scenario, scenario_names

FOLDER = Path(__file__).parents[2] / "experiments"
EXPECTED = {
    "regimes",
    "one_time_vs_repeated",
    "dud_rate_threshold",
    "transparency_and_monitoring",
    "screening",
    "sobol",
}
OTHERS = {"claims", "paper"}
"""Files of the folder that are no experiments."""

NO_REGIMES = {
    "history_2008",
    "mass_exit",
    "neighbours_joined",
    "open_violation",
    "silent_violation",
    "full_store",
    "full_store_alone",
}
"""Scenarios that ask something else than what a regime changes."""

SMOKE_RUNS, SMOKE_MONTHS = 1000, 60
"""More runs, or months of a run, are no smoke size."""


@cache
def loaded(name: str, smoke: bool = False) -> Experiment:
    """A packaged experiment, read once: a large design takes seconds to make."""
    return load_experiment(name, smoke=smoke)


def test_the_promised_experiments_are_there():
    assert set(experiment_names()) >= EXPECTED
    assert set(experiment_names()) == {path.stem for path in FOLDER.glob("*.toml")} - OTHERS


@pytest.mark.parametrize("name", experiment_names())
class TestExperiment:
    def test_it_says_what_it_asks_and_on_what_it_stands(self, name):
        experiment = loaded(name)
        assert experiment.name == name
        assert experiment.title != name
        assert experiment.question.endswith("?")
        assert experiment.references
        assert set(experiment.references) <= set(references())
        assert experiment.headline in experiment.outcomes
        text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        assert "\nheadline = " in text
        assert text.startswith("#"), "a comment says how many runs it is and why"
        assert f"{experiment.runs:,} runs" in text

    def test_its_smoke_size_is_the_same_experiment_made_small(self, name):
        full, smoke = loaded(name), loaded(name, smoke=True)
        assert smoke.factors == full.factors
        assert [scenario.name for scenario in smoke.scenarios] == [scenario.name for scenario in full.scenarios]
        assert (smoke.outcomes, smoke.headline, smoke.seed) == (full.outcomes, full.headline, full.seed)
        assert smoke.runs < full.runs
        assert smoke.runs <= SMOKE_RUNS
        assert all(scenario.months <= SMOKE_MONTHS for scenario in smoke.scenarios)

    def test_every_factor_acts_somewhere(self, name):
        """A regime's key does nothing where the regime is off."""
        experiment = loaded(name)
        on = {regime for scenario in experiment.scenarios for regime in scenario.regimes}
        for factor in experiment.factors:
            group = records()[factor].group
            assert group not in REGIMES or group in on or f"{group}.on" in experiment.factors, factor

    def test_its_smoke_run_completes(self, name, tmp_path):
        experiment = loaded(name, smoke=True)
        results = run_experiment(experiment, tmp_path / "results", workers=0)
        assert results.complete
        assert results.failures().empty
        outcomes = open_results(tmp_path / "results").outcomes()
        assert len(outcomes) == experiment.runs
        assert not outcomes.isna().any(axis=None)


def test_titles_and_questions_are_distinct():
    experiments = [loaded(name) for name in experiment_names()]
    assert len({experiment.title for experiment in experiments}) == len(experiments)
    assert len({experiment.question for experiment in experiments}) == len(experiments)


def test_regimes_has_every_scenario_but_history_and_thought_experiments():
    regimes = loaded("regimes")
    assert {scenario.name for scenario in regimes.scenarios} == set(scenario_names()) - NO_REGIMES
    assert regimes.scenarios[0].name == "baseline"
    assert regimes.replications == 500
    assert {scenario.start for scenario in regimes.scenarios} == {load_scenario("baseline").start}


def test_episodes_times_months_is_the_same_in_every_arm():
    points = loaded("one_time_vs_repeated").points
    months = {point.values["bridge.episodes"] / point.values["bridge.close_probability"] for point in points}
    assert max(months) == pytest.approx(min(months))
    assert len({point.values["bridge.episodes"] for point in points}) > 2
    assert {point.values["bridge.review_months"] for point in points} == {1}
    assert {point.values["bridge.close_above"] for point in points} == {0.0}


def test_screening_has_every_uncertain_parameter():
    assert set(loaded("screening").factors) == {name for name, record in records().items() if record.uncertain}


def test_sobol_keeps_some_of_what_was_screened():
    sobol, screening = loaded("sobol"), loaded("screening")
    assert set(sobol.factors) < set(screening.factors)
    assert {scenario.name for scenario in sobol.scenarios} <= {scenario.name for scenario in screening.scenarios}
