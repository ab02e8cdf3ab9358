"""The population of approximate Bayesian computation against a case whose posterior is known."""

import numpy as np

from normsim.analysis.abc_population import sample

MEMBERS = 3000


def _redraw(scores: np.ndarray, _: int, rng: np.random.Generator) -> np.ndarray:
    """One of two scores anew."""
    found = scores.copy()
    found[np.arange(len(found)), rng.integers(2, size=len(found))] = rng.standard_normal(len(found))
    return found


def test_population_samples_the_prior_given_that_runs_come_near() -> None:
    """y = g0 + luck of standard deviation .3, within .5 of 1: the other score keeps its prior."""
    rng, luck = np.random.default_rng(1), np.random.default_rng(2)

    def distance(scores: np.ndarray) -> np.ndarray:
        return np.abs(scores[:, 0] + 0.3 * luck.standard_normal(len(scores)) - 1.0)

    start = rng.standard_normal((MEMBERS, 2))
    start[:, 0] = 0.2 * start[:, 0] - 2.0  # far off, and narrow
    scores, distances, rounds = sample(
        start, distance(start), lambda _, g: distance(g), _redraw, goal=0.5, most=40, rng=rng
    )
    assert (distances <= 0.5).all()
    assert rounds[-1].tolerance == 0.5
    prior = rng.standard_normal(400_000)
    exact = prior[np.abs(prior + 0.3 * rng.standard_normal(len(prior)) - 1.0) <= 0.5]
    assert abs(scores[:, 0].mean() - exact.mean()) < 0.06
    assert abs(scores[:, 0].std() - exact.std()) < 0.05
    assert abs(scores[:, 1].mean()) < 0.15
    assert abs(scores[:, 1].std() - 1.0) < 0.1


def test_it_stops_and_says_so_when_the_goal_is_out_of_reach() -> None:
    rng = np.random.default_rng(3)
    start = rng.standard_normal((100, 2))
    _, distances, rounds = sample(
        start, np.full(100, 9.0), lambda _, g: np.full(len(g), 8.0), _redraw, goal=1.0, most=4, rng=rng
    )
    assert len(rounds) == 4
    assert (distances > 1.0).all()


def test_members_are_counted_by_the_points_they_are_at() -> None:
    rng = np.random.default_rng(4)
    start = np.arange(8.0).reshape(4, 2)
    *_, rounds = sample(start, np.array([0.0, 0.5, 9.0, 9.0]), lambda _, g: np.full(4, 9.0), _redraw, 1.0, 1, rng)
    # the two beyond the tolerance are copies of the two within it, and nobody moves
    assert (rounds[0].tolerance, rounds[0].moved, rounds[0].apart, rounds[0].families) == (4.75, 0.0, 2, 2)
