"""Parameter recovery where there is no likelihood: approximate Bayesian computation with regression [Beaumont 2002].

The population of a calibration cannot be drawn again for every record. What its targets can tell is found with one
sample of the prior instead: each record is one more point of it, the points whose runs come nearest to the record's
make up the posterior, and a local linear regression of the parameters on the targets takes out what is left of the
distance. Ranks and intervals are then those of any recovery.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pandas as pd

from normsim.analysis import calibration_targets as aims
from normsim.analysis.calibration import SCENARIO, Space
from normsim.analysis.calibration_runs import run_points
from normsim.analysis.joining_fit import fit_joining
from normsim.analysis.joining_likelihood import joining
from normsim.analysis.patterns import FIT_UNTIL
from normsim.engine.streams import stream
from normsim.experiment.runner import Progress
from normsim.scenario import load_scenario

Floats = npt.NDArray[np.float64]

NEAREST = 0.05
"""Share of the sample that is near a record."""

EACH = 10
"""Points near a record for each target, at least."""

DRAWS = 1000
"""Draws of a posterior, with the weights of its points."""


def recover_rest(
    records: int,
    sample: int,
    seed: int,
    steps: int,
    level: float,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> pd.DataFrame:
    """Recover all uncertain parameters from the targets of a calibration, at points that are known.

    Args:
        records: points that are taken as records.
        sample: points of the prior that are run: joining from its posterior, all else over its whole range.
        seed: seed of everything drawn.
        steps: steps of each walker of the chains of joining.
        level: of the intervals.
        workers: processes, by default one a core.
        on_progress: called as points are done.

    Returns:
        One row per record and parameter, as `recovery.Recovery.found`; truths and draws are normal scores of the prior.
    """
    fit = fit_joining(joining(load_scenario(SCENARIO), FIT_UNTIL), seed, steps, with_gains=False)
    space, rng = Space.of(fit), stream(seed, "recovery of the rest")
    scores = space.prior(sample + records, rng)
    with TemporaryDirectory() as folder:
        found = run_points(space.points(scores), seed, Path(folder), workers, on_progress)
    patterns = aims.scaled(found) / aims.spreads()
    tables = []
    for record in range(records):
        truth, aim = scores[sample + record], patterns[sample + record]
        draws = posterior(scores[:sample], patterns[:sample] - aim, rng)
        low, high = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
        columns = {"parameter": space.names, "truth": truth, "mean": draws.mean(axis=0), "sd": draws.std(axis=0)}
        ends = {"prior_sd": 1.0, "low": low, "high": high, "rank": (draws < truth).mean(axis=0)}
        tables.append(pd.DataFrame(columns | ends).assign(record=record))
    return pd.concat(tables, ignore_index=True)


def posterior(scores: Floats, away: Floats, rng: np.random.Generator) -> Floats:
    """Draws of the parameters, given a record.

    Args:
        scores: parameters of the sample, shape (points, parameters).
        away: targets of its runs less those of the record, in standard deviations, shape (points, targets).
        rng: random numbers.

    Returns:
        Draws, shape (`DRAWS`, parameters).
    """
    distances = np.abs(away).max(axis=1)
    many = max(round(NEAREST * len(scores)), EACH * away.shape[1])
    near = np.argsort(distances, kind="stable")[:many]
    weights = 1.0 - (distances[near] / distances[near].max()) ** 2  # Epanechnikov
    weights /= weights.sum()
    design = np.column_stack([np.ones(len(near)), away[near]])
    root = np.sqrt(weights)[:, None]
    fitted = np.linalg.lstsq(root * design, root * scores[near], rcond=None)[0]
    left = scores[near] - design @ fitted
    free = 1.0 / (weights**2).sum()  # points of equal weight that would be worth as much
    left *= np.sqrt(free / (free - design.shape[1]))
    return np.asarray(fitted[0] + left[rng.choice(len(near), DRAWS, p=weights)])
