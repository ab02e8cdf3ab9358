"""Statistics: by hand, and against SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from normsim.stats import Effect, half_width, mean_interval, paired_effect, standard_error, student


def test_a_difference_by_hand() -> None:
    effect = paired_effect("x", [2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    assert (effect.outcome, effect.n) == ("x", 3)
    assert (effect.mean, effect.baseline_mean, effect.difference) == (4.0, 2.0, 2.0)
    error = 1.0 / math.sqrt(3)  # differences 1, 2, 3 have standard deviation 1
    assert effect.mc_error == pytest.approx(error)
    assert effect.low == pytest.approx(2.0 - 4.30265273 * error)
    assert effect.high == pytest.approx(2.0 + 4.30265273 * error)
    assert not effect.distinguishable
    assert effect.verdict == "not distinguishable from zero"


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 20, 200])
def test_intervals_are_those_of_student(n: int) -> None:
    rng = np.random.default_rng(n)
    scenario, baseline = rng.normal(11.0, 2.0, n), rng.normal(10.0, 3.0, n)
    effect = paired_effect("x", scenario, baseline)
    wanted = stats.ttest_rel(scenario, baseline).confidence_interval(0.95)
    assert effect.difference == pytest.approx((scenario - baseline).mean(), rel=1e-12)
    assert (effect.low, effect.high) == pytest.approx((wanted.low, wanted.high), rel=1e-9)
    wanted = stats.ttest_1samp(scenario, 0.0).confidence_interval(0.95)
    mean = mean_interval(scenario)
    assert (mean.low, mean.high, mean.n) == pytest.approx((wanted.low, wanted.high, n), rel=1e-9)


@pytest.mark.parametrize("degrees", [*range(1, 41), 50, 99, 199, 999, 10**6])
def test_the_quantile_is_that_of_scipy(degrees: int) -> None:
    assert student(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-12)


def test_the_quantile_falls_to_the_normal_one() -> None:
    values = [student(degrees) for degrees in range(1, 200)]
    assert values == sorted(values, reverse=True)
    assert student(math.inf) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)
    assert all(math.isnan(student(degrees)) for degrees in (0, -1))


def test_one_pair_has_no_interval() -> None:
    effect = paired_effect("x", [3.0], [1.0])
    assert effect.difference == 2.0
    assert all(math.isnan(value) for value in (effect.low, effect.high, effect.mc_error))
    assert not effect.distinguishable
    assert effect.verdict == "no interval"


def test_unknown_values_take_their_pair_out() -> None:
    effect = paired_effect("x", [1.0, math.nan, 5.0, 7.0], [0.0, 0.0, math.nan, 5.0])
    assert (effect.n, effect.mean, effect.baseline_mean, effect.difference) == (2, 4.0, 2.5, 1.5)
    none = paired_effect("x", [math.nan], [1.0])
    assert (none.n, none.verdict) == (0, "no pair of runs")
    assert math.isnan(none.difference)
    assert mean_interval([1.0, math.nan, 3.0])[0::3] == (2.0, 2)
    assert mean_interval([]).n == 0


def test_equal_differences_have_an_interval_of_no_width() -> None:
    effect = paired_effect("x", [2.0, 3.0], [1.0, 2.0])
    assert effect.low == effect.difference == effect.high == 1.0
    assert effect.verdict == "higher"
    assert paired_effect("x", [1.0, 2.0], [2.0, 3.0]).verdict == "lower"


@pytest.mark.parametrize(
    ("low", "high", "told"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False), (0, 1, False)]
)
def test_distinguishable_excludes_zero(low: float, high: float, told: bool) -> None:
    assert Effect("x", 0.0, 0.0, (low + high) / 2, low, high, 5, 0.1).distinguishable is told


def test_iterators_are_taken() -> None:
    assert paired_effect("x", iter([1.0, 2.0]), (x for x in (1.0, 2.0))).difference == 0.0


def test_errors_are_taken_over_runs_column_by_column() -> None:
    table = np.array([[1.0, 10.0], [2.0, 10.0], [6.0, 10.0]])
    np.testing.assert_allclose(standard_error(table), stats.sem(table, axis=0))
    np.testing.assert_allclose(half_width(table), student(2) * stats.sem(table, axis=0))
    assert np.isnan(half_width(table[:1])).tolist() == [True, True]
