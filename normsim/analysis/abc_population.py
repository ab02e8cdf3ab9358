"""Approximate Bayesian computation by a population: sequential Monte Carlo with moves that leave the prior as it is.

Members are points of the parameter space with normal scores, each run once. In every round [DelMoral 2012]

1. the tolerance falls to the median distance of the members, but not below the goal;
2. members beyond it are replaced by copies of members within it;
3. every member redraws a few of its scores from the prior, is run anew, and moves there if that lies within the
   tolerance. Where few move, fewer scores are redrawn from the next round on.

Redrawing scores from the prior leaves the prior as it is, so no weights are needed: at the goal the members sample the
prior given that a run comes near the record. Members that never moved since they were copied are the same point.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

KEPT = 0.5
"""Share of the members that lies within the next tolerance."""

SETTLED = 4
"""Rounds at the goal."""

REDRAWN = 12
"""Scores that a member redraws at first, at most."""

FEW = 0.15
"""Share of the members that moved, below which half as many scores are redrawn."""


@dataclass(frozen=True, eq=False)
class Round:
    """One round.

    Attributes:
        tolerance: the tolerance.
        moved: share of the members that moved.
        apart: how many different points the members are at.
        families: how many members of the first population they descend from.
    """

    tolerance: float
    moved: float
    apart: int
    families: int


def sample(
    scores: Floats,
    distances: Floats,
    run: Callable[[int, Floats], Floats],
    redraw: Callable[[Floats, int, np.random.Generator], Floats],
    goal: float,
    most: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, list[Round]]:
    """Move a population until its members come near the record.

    Args:
        scores: normal scores, one row per member.
        distances: distance of each member's run from the record.
        run: distances of a population, by the number of the round and its scores.
        redraw: scores with some redrawn from the prior, at most so many of each member.
        goal: the tolerance that is aimed at.
        most: rounds after which it stops in any case.
        rng: random numbers.

    Returns:
        scores and distances of the members, and what each round did. Members beyond the goal are among them if it was
        not reached.
    """
    scores, distances = scores.copy(), distances.copy()
    rounds: list[Round] = []
    settled, many, ancestor = 0, REDRAWN, np.arange(len(scores))
    while len(rounds) < most and settled < SETTLED:
        tolerance = max(goal, float(np.quantile(distances, KEPT)))
        alive = np.flatnonzero(distances <= tolerance)
        lost = np.flatnonzero(distances > tolerance)
        copied = rng.choice(alive, len(lost))
        scores[lost], distances[lost], ancestor[lost] = scores[copied], distances[copied], ancestor[copied]
        proposed = redraw(scores, many, rng)
        reached = run(len(rounds), proposed)
        moves = reached <= tolerance
        scores[moves], distances[moves] = proposed[moves], reached[moves]
        apart, families = len(np.unique(scores, axis=0)), len(np.unique(ancestor))
        rounds.append(Round(tolerance, float(moves.mean()), apart, families))
        settled += tolerance == goal
        if moves.mean() < FEW:
            many = max(many // 2, 1)
    return scores, distances, rounds
