"""Comparisons from Python: pairs of runs, their effects, table and figure."""

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import normsim as ns
from normsim.analysis import AnalysisError
from normsim.comparison import COLUMNS, Comparison, compare
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.scenario import ScenarioError, load_scenario


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Two pairs of a year and a half."""
    return ns.compare("ukraine_2023", "no_transfer_2023", seeds=[7, 3], months=18)


def test_runs_are_paired_by_seed(comparison: Comparison) -> None:
    for runs in (comparison.scenario_runs, comparison.baseline_runs):
        assert [run.seed for run in runs] == comparison.seeds == [7, 3]
    assert (comparison.scenario.name, comparison.baseline.name) == comparison.labels
    assert comparison.labels == ("ukraine_2023", "no_transfer_2023")
    assert comparison.scenario.months == comparison.baseline.months == 18


def test_an_effect_is_the_scenario_minus_the_baseline(comparison: Comparison) -> None:
    (effect,) = comparison.effects(["transfers"])
    sides = [
        [run.summary()["transfers"] for run in runs] for runs in (comparison.scenario_runs, comparison.baseline_runs)
    ]
    assert effect.difference == np.mean(sides[0]) - np.mean(sides[1])
    assert effect.difference > 0.0
    assert effect == comparison.effect("transfers")


def test_the_table_has_a_row_per_outcome(comparison: Comparison) -> None:
    frame = comparison.to_frame()
    assert list(frame.index) == comparison.outcomes == [*OUTCOMES, *RUN_OUTCOMES]
    assert tuple(frame.columns) == COLUMNS
    np.testing.assert_allclose(frame["mean"] - frame["baseline_mean"], frame["difference"], atol=1e-6)
    assert list(comparison.to_frame(["scope"]).index) == ["scope"]


def test_a_comparison_says_what_it_is(comparison: Comparison) -> None:
    assert repr(comparison) == "<Comparison: ukraine_2023 minus no_transfer_2023, 2 pairs of runs, 18 months>"
    html = comparison._repr_html_()
    assert "ukraine_2023 minus no_transfer_2023" in html
    assert html.count("<tr") == 2 + len(comparison.outcomes)


def test_plot_returns_the_figure_of_the_command_line(comparison: Comparison) -> None:
    figure = comparison.plot("a remark")
    assert isinstance(figure, Figure)
    told = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert "ukraine_2023 minus no_transfer_2023" in told
    assert "a remark" in told


def test_a_scenario_does_not_differ_from_itself() -> None:
    scenario = load_scenario("ukraine_2023").with_months(18)
    told: list[int] = []
    itself = compare(scenario, scenario, seeds=range(3), on_run=told.append)
    assert told == [1, 2, 3, 4, 5, 6]
    assert itself.labels == ("ukraine_2023", "ukraine_2023 (baseline)")
    for effect in itself.effects():
        assert effect.difference == effect.low == effect.high == 0.0
        assert effect.mean == effect.baseline_mean
        assert not effect.distinguishable


def test_rules_are_used_on_both_sides() -> None:
    asked: list[object] = []

    class Counting(ns.Rules):
        def run(self, entry: str, *arguments: object, **named: Any) -> None:
            if entry == "initialise":
                asked.append(arguments)
            super().run(entry, *arguments, **named)

    compare("baseline", "strict_ban", seeds=[1], months=2, rules=Counting())
    assert len(asked) == 2


def test_own_outcomes_stand_beside_the_models() -> None:
    def acts(run):
        return len(run.log)

    def never(run):
        return float("nan")

    found = compare("ukraine_2023", "no_transfer_2023", [1, 2], months=6, outcomes={"acts": acts, "never": never})
    assert found.outcomes[-2:] == ["acts", "never"]
    assert found.effect("acts").mean > 0
    assert found.effect("never").n == 0
    assert found.to_frame().loc["never", "verdict"] == "no pair of runs"


def test_a_wrong_name_is_answered_with_the_nearest(comparison: Comparison) -> None:
    with pytest.raises(AnalysisError, match="did you mean 'transfers'"):
        comparison.effects(["transfer"])


def test_what_cannot_be_paired_is_refused() -> None:
    with pytest.raises(AnalysisError, match="history_2008 starts in 2008-12"):
        compare("history_2008", "baseline", [1], months=6)
    with pytest.raises(AnalysisError, match="as in months=6"):
        compare(load_scenario("baseline").with_months(6), "baseline", [1])
    with pytest.raises(AnalysisError, match="at least one"):
        compare("baseline", "baseline", [])
    with pytest.raises(ScenarioError, match="months = 0"):
        compare("baseline", "baseline", [1], months=0)


def test_sides_of_other_seeds_are_no_pairs(comparison: Comparison) -> None:
    with pytest.raises(AnalysisError, match="same seeds"):
        Comparison(comparison.scenario_runs, comparison.baseline_runs[::-1])
