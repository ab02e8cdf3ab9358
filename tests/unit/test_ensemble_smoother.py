"""The ensemble smoother against a case whose posterior is known."""

import numpy as np
import pytest

from normsim.analysis.ensemble_smoother import gain, smooth

MEMBERS = 4000


def test_linear_case_has_the_exact_posterior() -> None:
    """y = 2 g0 + g1, prior N(0, 1) each, record 3 with standard deviation .5."""
    rng = np.random.default_rng(1)
    weights, record, spread = np.array([2.0, 1.0, 0.0]), np.array([3.0]), np.array([0.5])
    scores = smooth(rng.standard_normal((MEMBERS, 3)), lambda _, g: (g @ weights)[:, None], record, spread, rng)
    precision = np.eye(3) + np.outer(weights, weights) / 0.25
    covariance = np.linalg.inv(precision)
    mean = covariance @ weights * 3.0 / 0.25
    np.testing.assert_allclose(scores.mean(axis=0), mean, atol=0.06)
    np.testing.assert_allclose(np.cov(scores.T), covariance, atol=0.06)


def test_parameter_without_influence_keeps_its_prior() -> None:
    rng = np.random.default_rng(2)
    prior = rng.standard_normal((500, 40))
    after = smooth(prior, lambda _, g: g[:, :1] * 3.0, np.array([6.0]), np.array([0.1]), rng)
    moved = np.abs(after - prior).max(axis=0)
    assert moved[0] > 1.0
    assert (moved[1:] == 0.0).mean() > 0.8  # few of 39 correlations pass 2.5 standard errors by luck


def test_luck_alone_moves_nothing_much() -> None:
    rng = np.random.default_rng(3)
    found = gain(rng.standard_normal((500, 100)), rng.standard_normal((500, 4)), np.ones(4))
    # 4 correlations of each score, 1.2 % of which pass 2.5 standard errors by luck
    assert (found == 0.0).all(axis=1).mean() > 0.9


def test_rounds_that_count_the_record_twice_are_refused() -> None:
    rng = np.random.default_rng(4)
    with pytest.raises(ValueError, match="sum to 1"):
        smooth(np.zeros((5, 1)), lambda _, g: g, np.zeros(1), np.ones(1), rng, rounds=(1.0, 2.0))
