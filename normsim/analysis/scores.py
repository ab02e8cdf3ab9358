"""Scores of forecasts, and paired differences between two forecasts of the same cases.

Scores are those of the field's forecasting competition [VIEWS 2023]: CRPS, log (ignorance) score and interval score of
counts; Brier score, log score and AUC of events. CRPS, interval and Brier scores come from `scoringrules`.

Every score is lower for the better forecast, but for the AUC.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scoringrules

from normsim.engine.streams import stream
from normsim.stats import LEVEL

BAND = 0.9
"""Probability of the band whose coverage, width and interval score are given."""

UNFORESEEN = 1 / 400
"""Probability of a count that no draw of a forecast foresaw, spread over all counts."""

RESAMPLES = 4000
"""Resamples of a bootstrap interval."""

BOOTSTRAP_SEED = 0
"""Seed of the resamples."""

HIGHER_IS_BETTER = frozenset({"AUC"})
"""Scores of which more is better."""

_NUMPY = "numpy"
"""Back end of `scoringrules`: its default would compile."""


class Interval(NamedTuple):
    """A band of a forecast, lower and upper end for each case."""

    low: np.ndarray
    high: np.ndarray


def band(draws: np.ndarray) -> Interval:
    """The central band of a predictive distribution.

    Args:
        draws: draws from it, shape (draws, cases).
    """
    low, high = np.quantile(draws, [(1 - BAND) / 2, (1 + BAND) / 2], axis=0)
    return Interval(low, high)


def crps(draws: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of each case, in the unit of the cases; the fair estimator for few draws.

    It is computed from probability-weighted moments of the sorted draws: the same estimate as from all pairs of draws,
    in time n log n.

    Args:
        draws: draws from the forecast, shape (draws, cases).
        recorded: what happened, shape (cases,).

    Example:
        >>> crps(np.array([[1.0], [3.0]]), np.array([2.0])).tolist()  # E|X - y| - E|X - X'| / 2 = 1 - 2 / 2
        [0.0]
    """
    found = scoringrules.crps_ensemble(
        np.asarray(recorded, float), np.asarray(draws, float), m_axis=0, estimator="pwm", backend=_NUMPY
    )
    return np.reshape(found, np.shape(recorded))  # a single case comes back without its axis


def count_log_score(draws: np.ndarray, recorded: np.ndarray, largest: int) -> np.ndarray:
    """Log (ignorance) score of each case: minus the log probability of what happened [nats].

    The probability is the share of draws that equal it, mixed with a uniform distribution over 0 to `largest` of weight
    `UNFORESEEN`: what no draw foresaw has a small probability instead of none.

    Args:
        draws: whole numbers drawn from the forecast, shape (draws, cases).
        recorded: what happened, shape (cases,).
        largest: the largest count that is possible.
    """
    hits = (np.asarray(draws) == np.asarray(recorded)).mean(axis=0)
    return np.asarray(-np.log((1.0 - UNFORESEEN) * hits + UNFORESEEN / (largest + 1)))


def interval_score(draws: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """Interval score of the central band of each case: its width, and a penalty for what lies outside.

    Args:
        draws: draws from the forecast, shape (draws, cases).
        recorded: what happened, shape (cases,).
    """
    low, high = band(draws)
    found = scoringrules.interval_score(np.asarray(recorded, float), low, high, 1 - BAND, backend=_NUMPY)
    return np.reshape(found, np.shape(recorded))


def _of_chances(rule: Callable[..., Any], chance: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """A score of scoringrules of the chance of an event, case by case."""
    return np.reshape(rule(np.asarray(happened, float), np.asarray(chance, float), backend=_NUMPY), np.shape(happened))


def brier(chance: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Brier score of each case.

    Args:
        chance: forecast probability [0-1].
        happened: whether it happened.
    """
    return _of_chances(scoringrules.brier_score, chance, happened)


def event_log_score(chance: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Log score of each case [nats]; infinite where a forecast of 0 or 1 was wrong.

    Args:
        chance: forecast probability [0-1].
        happened: whether it happened.
    """
    return _of_chances(scoringrules.log_score, chance, happened)


def share(hits: np.ndarray, draws: int) -> np.ndarray:
    """Probability estimated from draws, kept off 0 and 1: (hits + 1/2) / (draws + 1).

    Args:
        hits: how many draws show the event, by case.
        draws: how many draws there are.
    """
    return np.asarray((hits + 0.5) / (draws + 1.0))


def auc(chance: np.ndarray, happened: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Area under the ROC curve: the probability that an event got a higher forecast than a non-event.

    Args:
        chance: forecast probability, shape (cases,).
        happened: whether it happened, shape (cases,).
        weight: weights of the cases, one row per resample, shape (resamples, cases); one weight each if not given.

    Returns:
        One value per row of weights; NaN without an event or without a non-event.
    """
    happened = np.asarray(happened, bool)
    weight = np.ones((1, len(chance))) if weight is None else weight
    above = chance[happened][:, None] - chance[~happened][None, :]
    won = (above > 0) + 0.5 * (above == 0)
    events, others = weight[:, happened], weight[:, ~happened]
    total = events.sum(axis=1) * others.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(((events @ won) * others).sum(axis=1) / total)


@dataclass(frozen=True)
class Comparison:
    """One score of the model beside those of the baselines.

    Attributes:
        score: name of the score.
        model: the model's.
        baselines: the baselines', by name.
        best: name of the best baseline.
        difference: the model's minus the best baseline's.
        low: lower end of the 95 % interval of the difference, by paired bootstrap; NaN if there is none.
        high: upper end.
        n: number of cases.
    """

    score: str
    model: float
    baselines: Mapping[str, float]
    best: str
    difference: float
    low: float
    high: float
    n: int

    @property
    def verdict(self) -> str:
        """`model wins`, `baseline wins`, or `not distinguishable` where the interval holds zero."""
        if not np.isfinite([self.low, self.high]).all() or self.low <= 0.0 <= self.high:
            return "not distinguishable"
        return "model wins" if (self.low > 0.0) == (self.score in HIGHER_IS_BETTER) else "baseline wins"


def compare_means(
    score: str, model: np.ndarray, baselines: Mapping[str, np.ndarray], clusters: Sequence[object] | None = None
) -> Comparison:
    """Compare mean scores, case by case on the same cases.

    Args:
        score: name of the score.
        model: the model's score of each case.
        baselines: the baselines' scores of the same cases, by name.
        clusters: what is resampled: cases with one label stay together; each case for itself if not given.
    """
    means = {name: float(np.mean(cases)) for name, cases in baselines.items()}
    best = min(means, key=means.__getitem__)
    weight = _weights(len(model), clusters)
    apart = np.asarray(model) - np.asarray(baselines[best])
    spread = weight @ apart / weight.sum(axis=1) if np.isfinite(apart).all() else np.full(1, np.nan)
    return _comparison(score, float(np.mean(model)), means, best, spread, len(model))


def compare_aucs(
    model: np.ndarray,
    baselines: Mapping[str, np.ndarray],
    happened: np.ndarray,
    clusters: Sequence[object] | None = None,
) -> Comparison:
    """Compare areas under the ROC curve on the same cases.

    Args:
        model: the model's probability of each case.
        baselines: the baselines' probabilities, by name.
        happened: whether each case happened.
        clusters: as for `compare_means`.
    """
    areas = {name: float(auc(chance, happened)[0]) for name, chance in baselines.items()}
    best = max(areas, key=areas.__getitem__)
    weight = _weights(len(model), clusters)
    spread = auc(model, happened, weight) - auc(baselines[best], happened, weight)
    return _comparison("AUC", float(auc(model, happened)[0]), areas, best, spread[np.isfinite(spread)], len(model))


def _comparison(
    score: str, model: float, baselines: Mapping[str, float], best: str, spread: np.ndarray, n: int
) -> Comparison:
    """A comparison from the differences of the resamples."""
    if n < 2 or not len(spread):
        low = high = np.nan
    else:
        low, high = np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Comparison(score, model, baselines, best, model - baselines[best], float(low), float(high), n)


def _weights(cases: int, clusters: Sequence[object] | None) -> np.ndarray:
    """How often each case occurs in each resample, shape (resamples, cases)."""
    labels = list(range(cases)) if clusters is None else list(clusters)
    place = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    number = len(place)
    drawn = stream(BOOTSTRAP_SEED, "hindcast bootstrap").multinomial(number, np.full(number, 1 / number), RESAMPLES)
    return np.asarray(drawn[:, [place[label] for label in labels]], float)


@dataclass(frozen=True)
class CalibrationBin:
    """Cases with about the same forecast.

    Attributes:
        forecast: mean forecast probability.
        observed: share of them that happened.
        low: lower end of the 95 % interval of that share (Wilson).
        high: upper end.
        n: number of cases.
    """

    forecast: float
    observed: float
    low: float
    high: float
    n: int


EDGES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
"""Edges of the bins of a calibration curve."""


def calibration(chance: np.ndarray, happened: np.ndarray) -> list[CalibrationBin]:
    """Calibration curve: how often happened what was forecast with about the same probability.

    Args:
        chance: forecast probability of each case.
        happened: whether it happened.

    Returns:
        The bins that hold a case, by forecast.
    """
    from scipy.stats import binomtest

    bins = []
    places = np.clip(np.searchsorted(EDGES, chance, side="right") - 1, 0, len(EDGES) - 2)
    for place in np.unique(places):
        inside = places == place
        n, hits = int(inside.sum()), int(np.asarray(happened)[inside].sum())
        ends = binomtest(hits, n).proportion_ci(LEVEL, "wilson")
        low, high = float(ends.low), float(ends.high)
        bins.append(CalibrationBin(float(chance[inside].mean()), hits / n, low, high, n))
    return bins
