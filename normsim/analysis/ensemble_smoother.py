"""Ensemble smoother with multiple data assimilation: a few rounds of runs that move an ensemble towards the record.

Each member is a point of the parameter space with normal scores g, run once to give patterns y. With the covariances C
over the ensemble and the record z, every round moves

    g <- g + C_gy (C_yy + a R)^-1 (z + sqrt(a) e - y),    e ~ N(0, R),    sum of 1/a over the rounds = 1

[Emerick 2013]. R holds what the record and the model leave open. Where patterns are linear in the scores
this samples the posterior; elsewhere it is an approximation that has to be checked by runs. The luck of a run counts as
part of y. Covariances that luck could give by itself (a correlation below `NOISE` / sqrt(members)) are set to zero, so
that a parameter without influence keeps its prior.

It needs a few thousand runs where rejection needs millions: in the whole prior almost no point meets the patterns.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NOISE = 2.5
"""Correlation, in standard errors, below which a covariance is set to zero."""

ROUNDS = (20.0 / 3.0, 10.0, 6.0, 4.0, 3.0)
"""Inflation of R in each round; their inverses sum to one."""


def smooth(
    scores: Floats,
    run: Callable[[int, Floats], Floats],
    record: Floats,
    spread: Floats,
    rng: np.random.Generator,
    rounds: Sequence[float] = ROUNDS,
) -> Floats:
    """Move an ensemble towards the record.

    Args:
        scores: normal scores, one row per member.
        run: patterns of an ensemble, by the number of the round and its scores; one row per member.
        record: the record, one number per pattern.
        spread: standard deviation of what record and model leave open, by pattern.
        rng: random numbers.
        rounds: inflation of each round, summing to one by their inverses.

    Returns:
        the scores after the last round.
    """
    if not np.isclose(sum(1.0 / inflation for inflation in rounds), 1.0):
        raise ValueError(f"the inverses of rounds = {tuple(rounds)} sum to 1, or data count more or less than once")
    for number, inflation in enumerate(rounds):
        patterns = run(number, scores)
        noise = np.sqrt(inflation) * spread * rng.standard_normal(patterns.shape)
        scores = scores + (record + noise - patterns) @ gain(scores, patterns, inflation * spread**2).T
    return scores


def gain(scores: Floats, patterns: Floats, variance: Floats) -> Floats:
    """How far a score moves with each pattern's distance from the record, shape (scores, patterns)."""
    members = len(scores)
    g, y = scores - scores.mean(axis=0), patterns - patterns.mean(axis=0)
    across = g.T @ y / (members - 1)
    within = y.T @ y / (members - 1)
    scale = np.outer(g.std(axis=0), y.std(axis=0))
    heard = np.abs(across) > NOISE / np.sqrt(members) * scale
    return np.asarray(np.linalg.solve(within + np.diag(variance), (across * heard).T).T)
