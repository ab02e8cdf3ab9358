"""Scores by hand, and paired differences that say who wins."""

import math

import numpy as np
import pytest

from normsim.analysis import scores
from normsim.engine.streams import stream


def test_crps_of_an_ensemble_by_hand() -> None:
    # fair estimator: E|X - y| = (0 + 1 + 3) / 3, E|X - X'| = 2 (1 + 3 + 2) / 6, halved
    assert scores.crps(np.array([[2], [3], [5]]), np.array([2])).tolist() == pytest.approx([4 / 3 - 1])


def test_count_log_score_by_hand() -> None:
    draws = np.array([[3, 9], [3, 9], [4, 9], [5, 9]])
    found = scores.count_log_score(draws, np.array([3, 8]), largest=99)
    w = scores.UNFORESEEN
    assert found.tolist() == pytest.approx([-math.log((1 - w) / 2 + w / 100), -math.log(w / 100)])


def test_interval_score_is_the_width_and_twenty_times_what_lies_outside() -> None:
    draws = np.arange(101.0)[:, None] * np.ones(3)
    assert scores.interval_score(draws, np.array([50.0, 97.0, 0.0])).tolist() == pytest.approx([90.0, 130.0, 190.0])


def test_event_scores_by_hand() -> None:
    chance, happened = np.array([0.8, 0.3]), np.array([True, False])
    assert scores.brier(chance, happened).tolist() == pytest.approx([0.04, 0.09])
    assert scores.event_log_score(chance, happened).tolist() == pytest.approx([-math.log(0.8), -math.log(0.7)])


def test_auc_counts_pairs_and_halves_ties() -> None:
    chance, happened = np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False])
    assert scores.auc(chance, happened).tolist() == [(1 + 1 + 0.5 + 1) / 4]
    doubled = scores.auc(chance, happened, np.array([[1.0, 2.0, 1.0, 0.0]]))
    assert doubled.tolist() == [(1 + 2 * 0.5) / 3]
    assert np.isnan(scores.auc(chance, np.ones(4, bool))).all()


def test_a_share_of_draws_stays_off_zero_and_one() -> None:
    assert scores.share(np.array([0, 5, 10]), 10).tolist() == [0.5 / 11, 0.5, 10.5 / 11]


@pytest.mark.parametrize(
    ("shift", "verdict"), [(-1.0, "model wins"), (0.0, "not distinguishable"), (1.0, "baseline wins")]
)
def test_means_are_compared_with_the_best_baseline(shift: float, verdict: str) -> None:
    rng = stream(1, "scores")
    base = rng.normal(5.0, 1.0, 60)
    found = scores.compare_means("CRPS", base + shift + rng.normal(0, 0.3, 60), {"poor": base + 3.0, "good": base})
    assert (found.best, found.verdict, found.n) == ("good", verdict, 60)
    assert found.low < found.difference < found.high
    assert found.difference == pytest.approx(found.model - found.baselines["good"])
    assert found.difference == pytest.approx(shift, abs=0.15)


def test_a_higher_auc_wins() -> None:
    rng = stream(2, "scores")
    happened = rng.random(400) < 0.3
    sharp, blunt = happened + rng.normal(0, 0.4, 400), happened + rng.normal(0, 3.0, 400)
    assert scores.compare_aucs(sharp, {"blunt": blunt}, happened).verdict == "model wins"
    assert scores.compare_aucs(blunt, {"sharp": sharp}, happened).verdict == "baseline wins"
    assert scores.compare_aucs(sharp, {"same": sharp}, happened).verdict == "not distinguishable"


def test_cases_of_one_cluster_stay_together() -> None:
    rng = stream(3, "scores")
    clusters = np.repeat(np.arange(12), 30).tolist()
    apart = np.repeat(rng.normal(0.2, 1.0, 12), 30)
    alone = scores.compare_means("CRPS", apart, {"zero": np.zeros(360)})
    together = scores.compare_means("CRPS", apart, {"zero": np.zeros(360)}, clusters)
    assert together.high - together.low == pytest.approx(math.sqrt(30) * (alone.high - alone.low), rel=0.25)


def test_one_case_or_an_infinite_score_gives_no_interval() -> None:
    for model in (np.array([1.0]), np.array([1.0, math.inf])):
        found = scores.compare_means("CRPS", model, {"zero": np.zeros(len(model))})
        assert math.isnan(found.low)
        assert found.verdict == "not distinguishable"


def test_calibration_bins_by_forecast() -> None:
    chance = np.array([0.01] * 10 + [0.6] * 4)
    happened = np.array([False] * 9 + [True] + [True, True, False, False])
    low, high = scores.calibration(chance, happened)
    assert (low.forecast, low.observed, low.n) == (pytest.approx(0.01), 0.1, 10)
    assert (high.forecast, high.observed, high.n) == (pytest.approx(0.6), 0.5, 4)
    assert high.low < 0.5 < high.high


def test_a_single_case_keeps_its_axis() -> None:
    draws, one = np.array([[1], [2], [4]]), np.array([2])
    for found in (scores.crps(draws, one), scores.interval_score(draws, one), scores.count_log_score(draws, one, 9)):
        assert found.shape == (1,)
    for rule in (scores.brier, scores.event_log_score):
        assert rule(np.array([0.4]), np.array([True])).shape == (1,)
