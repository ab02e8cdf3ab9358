"""Verdicts on toy claims whose truth is known, and the rates at which they err."""

import math
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from normsim.claims.discovery import discover
from normsim.claims.judge import holm, judge, p_value
from normsim.claims.mixture import share_above, t_statistics
from normsim.stats import mean_interval
from tests.toys import DECIDES, KINDS, Size, bell, ledgers, level, toy, where_high

pytestmark = pytest.mark.slow

SMALL = Size(points=250, replications=3, parameters=30, pairs=100)
LEDGERS = 10
"""That none of ten errs finds an error rate of a tenth as often as "at most one of twenty" would (65 and 61 %), one of
a fifth in 89 % (93 %)."""


@pytest.fixture(scope="module")
def judged():
    """Ledgers of every kind of claim."""
    return ledgers(list(KINDS), LEDGERS, SMALL)


def share(judged, kind: str, *verdicts: str) -> float:
    """How often a kind gets one of the verdicts."""
    counts = Counter(found.verdict for found in judged[kind])
    return sum(counts[verdict] for verdict in verdicts) / LEDGERS


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("no effect")])
def test_an_effect_that_does_not_exist_is_rarely_found(judged, kind: str) -> None:
    assert share(judged, kind, "robust", "refuted") == 0.0
    assert share(judged, kind, "not detectable") == 1.0


@pytest.mark.parametrize("kind", [kind for kind, (word, _) in KINDS.items() if word == "robust" and kind != "weak"])
def test_a_strong_effect_is_robust(judged, kind: str) -> None:
    assert share(judged, kind, "robust") >= 0.95


@pytest.mark.parametrize("kind", [kind for kind, (verdict, _) in KINDS.items() if verdict == "refuted"])
def test_the_opposite_of_what_is_claimed_is_refuted(judged, kind: str) -> None:
    assert share(judged, kind, "refuted") >= 0.95


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "p7" in kind])
def test_an_effect_that_depends_on_a_parameter_is_conditional_on_it(judged, kind: str) -> None:
    named = [
        found.verdict == "conditional"
        and f"toy.p{DECIDES} above" in found.condition
        and abs(found.decided.conditions[0].bound - 0.5) < 0.1
        for found in judged[kind]
    ]
    assert np.mean(named) >= 0.9


def test_an_effect_below_what_matters_is_not_detectable(judged) -> None:
    assert share(judged, "too small to matter", "not detectable") >= 0.95


def test_an_effect_that_survives_its_null_is_not_robust(judged) -> None:
    assert share(judged, "strong, null leaves it", "robust") == 0.0
    assert all("with the null values" in found.condition for found in judged["strong, null leaves it"])


def test_a_null_that_takes_less_than_half_of_the_effect_does_not_kill_it(judged) -> None:
    """Also where what it leaves is too small to matter."""
    kind = "strong, half-killed by its null"
    assert share(judged, kind, "robust") == 0.0
    assert share(judged, kind, "conditional") >= 0.95
    supported = [found for found in judged[kind] if found.supported]
    assert supported
    assert all(found.null.high < 1.0 and not found.null_kills for found in supported)
    assert all("with the null values" in found.condition for found in supported)


def test_a_weak_effect_is_never_turned_round(judged) -> None:
    assert share(judged, "weak", "refuted") == 0.0
    assert share(judged, "weak", "robust", "conditional") >= 0.3, "a hundred pairs are few for it"
    assert np.mean([found.sign.value for found in judged["weak"]]) >= 0.95


def test_a_null_that_leaves_the_effect_is_told_also_where_a_tree_predicts() -> None:
    rng = np.random.default_rng(17)
    found = judge([toy(rng, where_high(1.0, 0.0), 1.0, size=SMALL, null=0.8)], resamples=2)[0]
    assert found.verdict == "conditional"
    assert found.condition.startswith(f"on toy.p{DECIDES} above")
    assert re.search(r"; with the null values 0\.\d+ \(.*\) is left$", found.condition)


def test_runs_that_are_lacking_are_told() -> None:
    made = toy(np.random.default_rng(18), level(1.0), 1.0, size=SMALL)
    lacking = {
        "no pair of runs is done": replace(made, defaults=made.defaults[:0]),
        "one pair of runs is done": replace(made, defaults=made.defaults[:1]),
        "no point of the space is whole": replace(made, space=made.space[:0], inputs=made.inputs[:0]),
    }
    for told, evidence in lacking.items():
        found = judge([evidence], resamples=2)[0]
        assert (found.verdict, found.condition) == ("not detectable", told)
    without_null = judge([replace(made, null=made.null[:0])], resamples=2)[0]
    assert (without_null.verdict, without_null.null_kills) == ("conditional", False)
    assert without_null.condition == "too few pairs of runs with the null values are done"


def test_more_claims_ask_for_more_evidence() -> None:
    """A claim that is sure alone may not be among many others."""
    rng = np.random.default_rng(4)
    size = Size(points=60, replications=3, parameters=3, pairs=40)
    one = toy(rng, level(0.35), 0.35, size=size)
    others = [toy(rng, level(0.0), 0.0, size=size) for _ in range(40)]
    alone, among = judge([one])[0], judge([one, *others])[0]
    corrected = judge([one], others=[each.p for each in judge(others, resamples=2)])[0]
    assert corrected.p_corrected == among.p_corrected, "the others count though they are not judged"
    assert alone.p == among.p == alone.p_corrected
    assert alone.p_corrected < 0.05 < among.p_corrected


def test_holm_by_hand() -> None:
    # 0.01 x 4, then 0.02 x 3, then 0.03 x 2, then 0.9 x 1; never less than the one before
    assert holm([0.03, 0.01, 0.9, 0.02]) == pytest.approx([0.06, 0.04, 0.9, 0.06])
    assert holm([]) == []
    assert holm([0.7, 0.8]) == [1.0, 1.0]


def test_means_and_p_values_are_those_of_scipy() -> None:
    differences = np.random.default_rng(2).normal(0.2, 1.0, 30)
    test = stats.ttest_1samp(differences, 0.0)
    found = mean_interval(differences)
    assert p_value(differences, "higher", 0.1) == pytest.approx(test.pvalue)
    assert p_value(differences, "lower", 0.1) == pytest.approx(test.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(test.confidence_interval()))


def test_the_p_value_of_no_difference_is_that_of_two_one_sided_tests() -> None:
    differences = np.random.default_rng(3).normal(0.0, 1.0, 60)
    low = stats.ttest_1samp(differences, -0.5, alternative="greater").pvalue
    high = stats.ttest_1samp(differences, 0.5, alternative="less").pvalue
    assert p_value(differences, "same", 0.5) == pytest.approx(2 * max(low, high))
    assert p_value(differences + 3.0, "same", 0.5) < 1e-6, "far outside is as sure"


def test_pairs_without_spread_are_sure_and_pairs_without_difference_are_not() -> None:
    assert p_value(np.full(20, -1.0), "lower", 0.1) == 0.0
    assert p_value(np.zeros(20), "higher", 0.1) == 1.0
    assert p_value(np.zeros(20), "same", 0.1) == 0.0


class TestShares:
    def test_the_share_is_the_true_one_where_counting_means_is_not(self) -> None:
        rng = np.random.default_rng(5)
        weak = np.full(500, 0.5)[:, None] + rng.standard_normal((500, 3))
        counted = float((weak.mean(axis=1) > 0.0).mean())
        assert counted < 0.88, "luck turns the sign at many points"
        assert share_above(weak).value > 0.96

    @pytest.mark.parametrize("true", [0.1, 0.5, 0.8])
    def test_a_mixture_is_told_apart(self, true: float) -> None:
        rng = np.random.default_rng(6)
        truth = np.where(rng.random(500) < true, 1.0, -1.0)
        found = share_above(truth[:, None] + rng.standard_normal((500, 3)))
        assert found.value == pytest.approx((truth > 0).mean(), abs=0.05)
        assert found.low < found.value < found.high
        assert np.mean(found.each[truth > 0]) > true + 0.05, "points above are likelier to be so than any"
        assert np.mean(found.each[truth < 0]) < true - 0.05

    def test_the_interval_covers_the_truth(self) -> None:
        rng = np.random.default_rng(7)
        covered = 0
        for _ in range(30):
            truth = np.where(rng.random(200) < 0.6, 1.5, -1.5)
            found = share_above(truth[:, None] + rng.standard_normal((200, 3)), resamples=60)
            covered += found.low <= 0.6 <= found.high
        assert covered >= 26

    def test_the_interval_covers_a_weak_effect_that_is_everywhere(self) -> None:
        rng = np.random.default_rng(19)
        found = [share_above(0.25 + rng.standard_normal((500, 3)), resamples=60) for _ in range(10)]
        assert all(each.high >= 0.98 or each.value >= 0.93 for each in found)
        assert np.mean([each.value for each in found]) >= 0.95
        assert all(each.low <= each.value <= each.high for each in found)

    def test_points_without_any_difference_are_known_to_have_none(self) -> None:
        differences = np.zeros((10, 3))
        differences[:4] = [[1.0, 1.1, 0.9]] * 4
        found = share_above(differences)
        assert found.value == pytest.approx(0.4, abs=0.01)
        assert found.below == pytest.approx(0.0, abs=0.01)
        assert share_above(differences, -0.5).value == pytest.approx(1.0, abs=0.01)
        assert share_above(differences, 0.5).below == pytest.approx(0.6, abs=0.01)
        assert math.isnan(share_above(np.zeros((5, 3)), among=np.zeros(5, bool)).value)

    def test_the_same_numbers_give_the_same_share(self) -> None:
        differences = np.random.default_rng(8).normal(0.3, 1.0, (80, 3))
        first, second = share_above(differences, 0.1), share_above(differences, 0.1)
        assert first[:4] == second[:4]
        np.testing.assert_array_equal(first.each, second.each)

    def test_scale_does_not_matter(self) -> None:
        differences = np.random.default_rng(9).normal(0.3, 1.0, (80, 3))
        assert share_above(1e6 * differences).value == pytest.approx(share_above(differences).value, rel=1e-9)

    def test_t_statistics_by_hand(self) -> None:
        found = t_statistics(np.array([[1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [-2.0, -2.0, -2.0]]))
        assert found.tolist() == pytest.approx([2.0 * math.sqrt(3.0), 8.0, -8.0])


class TestDeciding:
    def test_two_parameters_together(self) -> None:
        inputs = np.random.default_rng(10).random((400, 30))
        target = ((inputs[:, 3] > 0.4) & (inputs[:, 9] <= 0.7)).astype(float)
        found = discover(inputs, tuple(f"g.p{place}" for place in range(30)), target)
        assert found.predicts
        assert {(each.name, each.above) for each in found.conditions} == {("g.p3", True), ("g.p9", False)}
        assert found.inside > 0.95
        assert found.outside < 0.1
        assert str(found).startswith("g.p")

    def test_many_weak_parameters_are_named_though_no_region_is(self) -> None:
        inputs = np.random.default_rng(15).random((500, 60))
        target = inputs[:, :12].sum(axis=1) - 2.0 * inputs[:, 20] + np.random.default_rng(16).normal(0.0, 2.0, 500)
        found = discover(inputs, tuple(f"g.p{place}" for place in range(60)), target)
        assert found.leanings[0] == ("g.p20", False)
        assert all(int(name[3:]) < 12 and positive for name, positive in found.leanings[1:])
        assert str(replace(found, skill=0.0)).startswith("more with low g.p20")

    def test_nothing_is_found_in_noise(self) -> None:
        rng = np.random.default_rng(11)
        names = tuple(f"g.p{place}" for place in range(100))
        found = [discover(rng.random((300, 100)), names, rng.random(300)) for _ in range(20)]
        assert sum(each.predicts for each in found) <= 1
        assert sum(bool(each.leanings) for each in found) <= 3

    def test_few_points_or_a_flat_target_decide_nothing(self) -> None:
        inputs = np.random.default_rng(12).random((49, 2))
        assert not discover(inputs, ("g.a", "g.b"), inputs[:, 0]).predicts
        assert not discover(np.random.default_rng(13).random((200, 2)), ("g.a", "g.b"), np.ones(200)).predicts


def test_the_same_evidence_gets_the_same_judgement() -> None:
    size = Size(points=80, replications=3, parameters=10, pairs=30)
    made = [toy(np.random.default_rng(14), where_high(1.0, 0.0), 1.0, size=size, noise=bell) for _ in range(2)]
    first, second = (judge([each])[0] for each in made)
    assert (first.verdict, first.condition, first.sign[:4]) == (second.verdict, second.condition, second.sign[:4])
