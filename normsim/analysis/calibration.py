"""Calibration: fit the model to the record, and draw the points of its posterior.

Two steps, because only one of the two parts has a likelihood.

1. Who joined, and when: the joining rule gives each month's probabilities, given the record so far. Its coefficients
   are fitted by maximum likelihood and sampled by Markov chain Monte Carlo (`joining_fit`).
2. Use, transfers, harm, condemnation, votes, exits: no likelihood. An ensemble of points, joining drawn from step 1 and
   every other uncertain parameter from its range, is moved towards the record by an ensemble smoother
   (`ensemble_smoother`), each member with runs of its own. From there a population samples the prior given that a run
   meets every target (`abc_population`, `calibration_targets`): approximate Bayesian computation.

The fit window ends in 2019. One target lies after it, and is marked as seen.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from normsim.analysis import calibration_targets as aims
from normsim.analysis.abc_population import Round, sample
from normsim.analysis.calibration_runs import run_points
from normsim.analysis.ensemble_smoother import ROUNDS, smooth
from normsim.analysis.joining_fit import STEPS, JoiningFit, fit_joining, most_likely
from normsim.analysis.joining_likelihood import joining
from normsim.analysis.patterns import FIT_UNTIL
from normsim.engine.networks import LAYERS
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.experiment.design import uncertain
from normsim.experiment.model_digest import model_digest
from normsim.experiment.runner import Progress
from normsim.parameters import Parameter, records
from normsim.posterior import tidy
from normsim.scenario import load_scenario

Floats = npt.NDArray[np.float64]

SCENARIO = "history_2008"
"""Where the record is followed."""

MARK = "calibration.json"
"""File that says whose runs a folder holds."""

INFLUENCE = ("join.region", "join.peers")
"""Coefficients through which others' membership moves joining."""

EDGE = 1e-4
"""Nearest that the place of a value in its range comes to an end: its normal score is finite."""

TOGETHER = 0.1
"""Probability that a member of the population redraws all of joining too, as one draw of its posterior."""


@dataclass(frozen=True)
class Settings:
    """What decides the numbers of a calibration, beside the model.

    Attributes:
        seed: seed of everything drawn.
        members: members of the ensemble and of the population.
        most: rounds of the population, at most.
        steps: steps of the Markov chains.
    """

    seed: int = 2008
    members: int = 600
    most: int = 20
    steps: int = STEPS

    def mark(self) -> dict[str, Any]:
        """What a folder must hold runs of, to be gone on with."""
        uncertain_now = {name: [r.low, r.high, r.value] for name, r in records().items()}
        parts = (model_digest(), uncertain_now, [vars(each) for each in aims.targets()])
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return {"model": digest, **vars(self)}


@dataclass(frozen=True, eq=False)
class Calibration:
    """A calibration.

    Attributes:
        settings: what it was made with.
        fit: the joining rule.
        layers: by layer, twice the log-likelihood that is lost without it; `influence` without any pull of others.
        before: patterns of the prior's ensemble.
        after: patterns of the ensemble after the smoother.
        rounds: what each round of the population did.
        points: the posterior: one row per point, one column per uncertain parameter.
        found: the patterns of these points.
        made: how many points were run.
    """

    settings: Settings
    fit: JoiningFit
    layers: Mapping[str, float]
    before: pd.DataFrame
    after: pd.DataFrame
    rounds: list[Round]
    points: pd.DataFrame
    found: pd.DataFrame
    made: int

    def joining_medoid(self) -> dict[str, float]:
        """Joining of the point in the middle: the least squared distance to the joining of all others, in their sd."""
        joining = self.points[list(self.fit.joining.parameters)]
        distance = ((joining - joining.mean()) / joining.std()) ** 2
        middle = int(distance.sum(axis=1).to_numpy().argmin())
        return {str(name): float(joining[name].iloc[middle]) for name in joining.columns}


def calibrate(
    folder: Path,
    settings: Settings | None = None,
    workers: int | None = None,
    on_progress: Callable[[str, Progress], None] | None = None,
) -> Calibration:
    """Fit the model to the record up to the end of 2019.

    Args:
        folder: where runs are kept; a calibration that was stopped goes on there.
        settings: seed and sizes.
        workers: processes, by default one a core.
        on_progress: called with the name of the step and its progress.

    Raises:
        AnalysisError: the folder holds runs of another model or of other settings, or no point meets the targets.
    """
    settings = settings or Settings()
    _claim(folder, settings)
    tell = on_progress or (lambda step, progress: None)
    fit, layers = fit_record(settings, tell)
    space, runs = Space.of(fit), _Runs(folder, settings, workers, tell)
    rng = stream(settings.seed, "calibration")

    def smoothed(number: int, scores: Floats) -> Floats:
        return aims.scaled(runs.of(space.points(scores), f"smoother, round {number + 1} of {len(ROUNDS)}"))

    def reached(number: int, scores: Floats) -> Floats:
        found = runs.of(space.points(scores), f"population, round {number + 1} of at most {settings.most}")
        return np.asarray(aims.distances(found).max(axis=1))

    scores = smooth(space.prior(settings.members, rng), smoothed, aims.record(), aims.spreads(), rng)
    after = runs.of(space.points(scores), "after the smoother")
    start = np.asarray(aims.distances(after).max(axis=1))
    scores, distances, rounds = sample(scores, start, reached, space.redraw, aims.PLAUSIBLE, settings.most, rng)
    points = space.points(scores)[distances <= aims.PLAUSIBLE].drop_duplicates()
    if points.empty:
        raise AnalysisError(f"no point meets every target after {settings.most} rounds; try more --members or --rounds")
    points = tidy(points.reset_index(drop=True))
    found = runs.of(points, "the posterior's own runs")
    return Calibration(settings, fit, layers, runs.first, after, rounds, points, found, runs.made)


class _Runs:
    """Runs of one ensemble after the other, each in a folder of its own and with seeds of its own."""

    def __init__(
        self, folder: Path, settings: Settings, workers: int | None, tell: Callable[[str, Progress], None]
    ) -> None:
        self._folder, self._settings, self._workers, self._tell = folder, settings, workers, tell
        self._tables: list[pd.DataFrame] = []

    def of(self, points: pd.DataFrame, step: str) -> pd.DataFrame:
        """Patterns of an ensemble."""
        number = len(self._tables)
        folder, first = self._folder / f"round_{number:02d}", 1 + number * self._settings.members
        self._tables.append(run_points(points, first, folder, self._workers, partial(self._tell, step)))
        return self._tables[-1]

    @property
    def first(self) -> pd.DataFrame:
        """Patterns of the first ensemble."""
        return self._tables[0]

    @property
    def made(self) -> int:
        """How many points were run."""
        return sum(map(len, self._tables))


def fit_record(settings: Settings, tell: Callable[[str, Progress], None]) -> tuple[JoiningFit, dict[str, float]]:
    """The joining rule fitted to the record, and what each layer of influence adds to its likelihood."""
    scenario = load_scenario(SCENARIO)
    progress = Progress(total=settings.steps)

    def on_step(done: int) -> None:
        progress.done = done
        tell("joining", progress)

    fit = fit_joining(joining(scenario, FIT_UNTIL), settings.seed, settings.steps, on_step=on_step)
    without = {}
    for layer in LAYERS:
        other = joining(scenario.with_values({f"network.{layer}": 0.0}), FIT_UNTIL)
        without[layer] = 2.0 * (fit.log_likelihood - most_likely(other)[1])
    nobody = most_likely(fit.joining.without(INFLUENCE))[1]
    return fit, {**without, "influence": 2.0 * (fit.log_likelihood - nobody)}


@dataclass(frozen=True, eq=False)
class Space:
    """The uncertain parameters as normal scores: of their places in their ranges, or in the draws of joining.

    Attributes:
        names: every uncertain parameter.
        draws: by parameter of the joining rule, its draws in rising order.
        together: the same draws, row by row, in the order of `draws`.
    """

    names: tuple[str, ...]
    draws: Mapping[str, Floats]
    together: Floats

    @staticmethod
    def of(fit: JoiningFit) -> "Space":
        """The space after joining was fitted."""
        drawn = {name: np.sort(column) for name, column in zip(fit.joining.parameters, fit.values.T, strict=True)}
        return Space(tuple(uncertain()), drawn, fit.values)

    def prior(self, members: int, rng: np.random.Generator) -> Floats:
        """Scores of an ensemble: joining drawn from its posterior, the rest a latin hypercube over the ranges."""
        from scipy.stats import norm, qmc

        places = qmc.LatinHypercube(len(self.names), rng=rng).random(members)
        rows = self.together[rng.choice(len(self.together), members, replace=False)]
        for column, (name, draws) in zip(rows.T, self.draws.items(), strict=True):
            places[:, self.names.index(name)] = np.searchsorted(draws, column) / len(draws)
        return np.asarray(norm.ppf(np.clip(places, EDGE, 1.0 - EDGE)))

    def redraw(self, scores: Floats, many: int, rng: np.random.Generator) -> Floats:
        """Scores with a few redrawn from the prior, and all of joining now and then."""
        found = scores.copy()
        fresh = self.prior(len(scores), rng)
        joining = np.isin(self.names, list(self.draws))
        others = np.flatnonzero(~joining)
        for row, new in zip(found, fresh, strict=True):
            chosen = rng.choice(others, rng.integers(1, many + 1), replace=False)
            row[chosen] = new[chosen]
            if rng.random() < TOGETHER:
                row[joining] = new[joining]
        return found

    def points(self, scores: Floats) -> pd.DataFrame:
        """The values of parameters, one row per member."""
        from scipy.stats import norm

        places = norm.cdf(scores)
        return pd.DataFrame({name: self._values(name, places[:, k]) for k, name in enumerate(self.names)})

    def _values(self, name: str, places: Floats) -> npt.NDArray[Any]:
        record: Parameter = records()[name]
        if name in self.draws:
            return np.asarray(np.quantile(self.draws[name], places))
        values = record.low + places * (record.high - record.low)
        return np.rint(values).astype(np.int64) if record.kind == "int" else values


def _claim(folder: Path, settings: Settings) -> None:
    """Take a folder for this calibration, or refuse one that holds runs of another."""
    mark, now = folder / MARK, settings.mark()
    if mark.exists():
        then = json.loads(mark.read_text(encoding="utf-8"))
        changed = [name for name in now if then.get(name) != now[name]]
        if changed:
            told = ", ".join(
                "the model or its targets" if name == "model" else f"{name} = {then.get(name)}" for name in changed
            )
            raise AnalysisError(f"{folder} holds runs of another calibration ({told}); name another folder with --runs")
        return
    if folder.exists() and any(folder.iterdir()):
        raise AnalysisError(f"{folder} holds something else; name another folder with --runs")
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8", newline="\n")
