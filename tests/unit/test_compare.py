"""Paired effects: by hand, against SciPy, and of a scenario with itself."""

import math

import numpy as np
import pytest
from scipy import stats

from normsim.analysis.compare import Z_95, Comparison, Effect, compare, paired_effect, student_97_5
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.scenario import load_scenario


def test_a_difference_by_hand() -> None:
    effect = paired_effect("x", [1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert (effect.outcome, effect.n) == ("x", 3)
    assert (effect.first, effect.second, effect.difference) == (2.0, 4.0, 2.0)
    half = 4.30265273 * 1.0 / math.sqrt(3)  # differences 1, 2, 3 have standard deviation 1
    assert effect.low == pytest.approx(2.0 - half)
    assert effect.high == pytest.approx(2.0 + half)
    assert not effect.distinguishable


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 20, 200])
def test_the_interval_is_that_of_student(n: int) -> None:
    rng = np.random.default_rng(n)
    first, second = rng.normal(10.0, 3.0, n), rng.normal(11.0, 2.0, n)
    effect = paired_effect("x", first, second)
    wanted = stats.ttest_rel(second, first).confidence_interval(0.95)
    width = (wanted.high - wanted.low) / 2
    assert effect.difference == pytest.approx((second - first).mean())
    assert effect.low == pytest.approx(wanted.low, abs=0.01 * width)
    assert effect.high == pytest.approx(wanted.high, abs=0.01 * width)


@pytest.mark.parametrize("degrees", [*range(1, 41), 50, 99, 199, 999, 10**6])
def test_the_percentile_is_students_within_one_percent(degrees: int) -> None:
    assert student_97_5(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=0.01)


def test_the_percentile_falls_to_the_normal_one() -> None:
    values = [student_97_5(degrees) for degrees in range(1, 200)]
    assert values == sorted(values, reverse=True)
    assert stats.norm.ppf(0.975) == pytest.approx(Z_95, rel=1e-14)
    assert student_97_5(10**9) == pytest.approx(Z_95)
    assert all(math.isnan(student_97_5(degrees)) for degrees in (0, -1))


def test_one_pair_has_no_interval() -> None:
    effect = paired_effect("x", [1.0], [3.0])
    assert effect.difference == 2.0
    assert math.isnan(effect.low)
    assert math.isnan(effect.high)
    assert not effect.distinguishable


def test_equal_differences_have_an_interval_of_no_width() -> None:
    effect = paired_effect("x", [1.0, 2.0], [2.0, 3.0])
    assert effect.low == effect.difference == effect.high == 1.0
    assert effect.distinguishable


@pytest.mark.parametrize(
    ("low", "high", "told"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False), (0, 1, False)]
)
def test_distinguishable_leaves_zero_out(low: float, high: float, told: bool) -> None:
    assert Effect("x", 0.0, 0.0, (low + high) / 2, low, high, 5).distinguishable is told


def test_iterators_are_taken() -> None:
    assert paired_effect("x", iter([1.0, 2.0]), (x for x in (1.0, 2.0))).difference == 0.0


def test_a_scenario_does_not_differ_from_itself() -> None:
    scenario = load_scenario("ukraine_2023").with_months(18)
    comparison = compare(scenario, scenario, seeds=range(3))
    effects = comparison.effects()
    assert {effect.outcome for effect in effects} == {*OUTCOMES, *RUN_OUTCOMES}
    for effect in effects:
        assert effect.difference == effect.low == effect.high == 0.0
        assert effect.first == effect.second
        assert not effect.distinguishable


def test_runs_are_paired_by_seed_and_told_one_by_one() -> None:
    first, second = (load_scenario(name).with_months(18) for name in ("ukraine_2023", "no_transfer_2023"))
    told: list[int] = []
    comparison = compare(first, second, seeds=[7, 3], on_run=told.append)
    assert told == [1, 2, 3, 4]
    assert [run.seed for run in comparison.first] == [run.seed for run in comparison.second] == [7, 3]
    assert all(run.scenario is first for run in comparison.first)
    (effect,) = comparison.effects(["transfers"])
    by_hand = (
        [run.summary()["transfers"] for run in comparison.second],
        [run.summary()["transfers"] for run in comparison.first],
    )
    assert effect.difference == np.mean(by_hand[0]) - np.mean(by_hand[1])
    assert effect.difference < 0.0


def test_names_of_scenarios_are_taken() -> None:
    comparison = compare("baseline", "strict_ban", seeds=[1])
    assert isinstance(comparison, Comparison)
    assert [runs[0].scenario.name for runs in (comparison.first, comparison.second)] == ["baseline", "strict_ban"]


def test_an_unknown_outcome_is_an_error() -> None:
    scenario = load_scenario("baseline").with_months(2)
    with pytest.raises(KeyError):
        compare(scenario, scenario, seeds=[1]).effects(["no_such_outcome"])
