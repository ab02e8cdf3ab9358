"""Baselines of the number of parties: simple statistics, fitted on the deposits before the origin and on nothing else.

Each is a predictive distribution of the deposits to come by the end of each following year, with the uncertainty of its
own parameters. Deposits of a month are Poisson; for the fitted ones their mean, a year, is

    Bass               (p + q n / m) (m - n)        [Bass 1969]
    logistic growth    r n (1 - n / m)
    declining Poisson  a exp(-b t)

with n the deposits so far, m their ceiling (at most every state) and t the years since the opening. The parameters lie
on a grid and are drawn with probabilities proportional to their likelihood, with a flat prior on the logs of p, q, r
and a, and on m and b. The reported estimates are the points of highest likelihood.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

YEAR = 12
"""Months of a year."""

BLOCK = 8192
"""Points of a grid that are computed at a time."""

Grid = dict[str, np.ndarray]
"""Parameters: one value per point of the grid, or per draw."""

Rate = Callable[[Grid, np.ndarray, np.ndarray], np.ndarray]
"""Mean number of deposits a year from parameters, deposits so far, and years since the opening."""


@dataclass(frozen=True)
class Deposits:
    """Deposits by month since the opening, up to the origin.

    Attributes:
        counts: deposits of each month, that of the opening first.
        states: how many states there are: no ceiling lies above.
    """

    counts: np.ndarray
    states: int

    @property
    def total(self) -> int:
        """Deposits so far."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class Forecast:
    """A predictive distribution.

    Attributes:
        name: name of the baseline.
        draws: further deposits by the end of each following year, shape (draws, years).
        fitted: estimates of its parameters.
    """

    name: str
    draws: np.ndarray
    fitted: dict[str, float] = field(default_factory=dict)


def no_change(years: int, draws: int) -> Forecast:
    """Nobody joins any more: one certain number.

    Args:
        years: how many years to forecast.
        draws: how many draws to return.
    """
    return Forecast("no change", np.zeros((draws, years), np.int64))


def last_pace(past: Deposits, years: int, draws: int, rng: np.random.Generator) -> Forecast:
    """As many deposits a year as in the last twelve months: Poisson, its mean drawn as Gamma(deposits + 1/2).

    Args:
        past: deposits before the origin.
        years: how many years to forecast.
        draws: how many draws to return.
        rng: random numbers.
    """
    last = int(past.counts[-YEAR:].sum())
    mean = rng.gamma(last + 0.5, size=(draws, 1))
    steps = rng.poisson(mean, (draws, years))
    return Forecast("last year's pace", steps.cumsum(axis=1), {"a year": float(last)})


def bass_rate(at: Grid, deposits: np.ndarray, _years: np.ndarray) -> np.ndarray:
    """Deposits a year of the Bass curve."""
    return np.asarray((at["p"] + at["q"] * deposits / at["m"]) * np.maximum(at["m"] - deposits, 0.0))


def logistic_rate(at: Grid, deposits: np.ndarray, _years: np.ndarray) -> np.ndarray:
    """Deposits a year of logistic growth."""
    return np.asarray(at["r"] * deposits * np.maximum(1.0 - deposits / at["m"], 0.0))


def declining_rate(at: Grid, _deposits: np.ndarray, years: np.ndarray) -> np.ndarray:
    """Deposits a year of the declining Poisson process."""
    return np.asarray(at["a"] * np.exp(-at["b"] * years))


def grid(**axes: np.ndarray) -> Grid:
    """All combinations of the values of some parameters."""
    mesh = np.meshgrid(*axes.values(), indexing="ij")
    return {name: values.ravel() for name, values in zip(axes, mesh, strict=True)}


def bass_grid(past: Deposits) -> Grid:
    """Where the parameters of the Bass curve are looked for: p and q a year, m up to every state."""
    ceiling = np.arange(past.total, past.states + 1.0)
    return grid(p=np.geomspace(1e-3, 1.0, 45), q=np.geomspace(1e-2, 3.0, 45), m=ceiling)


def logistic_grid(past: Deposits) -> Grid:
    """Where those of logistic growth are looked for."""
    return grid(r=np.geomspace(1e-2, 5.0, 200), m=np.arange(past.total, past.states + 1.0))


def declining_grid(_past: Deposits) -> Grid:
    """Where those of the declining Poisson process are looked for: b may be below zero, for a rise."""
    return grid(a=np.geomspace(0.2, 300.0, 250), b=np.linspace(-0.5, 2.0, 251))


FITTED: dict[str, tuple[Rate, Callable[[Deposits], Grid]]] = {
    "Bass curve": (bass_rate, bass_grid),
    "logistic growth": (logistic_rate, logistic_grid),
    "declining Poisson": (declining_rate, declining_grid),
}
"""Fitted baselines by name."""


def log_likelihood(rate: Rate, at: Grid, past: Deposits) -> np.ndarray:
    """Log-likelihood of each point of a grid, up to a constant.

    The month of the opening is given, not explained: of the states that were ready, some deposited on the first day.

    Args:
        rate: deposits a year.
        at: the grid.
        past: deposits before the origin.
    """
    before = past.counts.cumsum()
    found = np.zeros(len(next(iter(at.values()))))
    for first in range(0, len(found), BLOCK):  # a block stays in the cache of its core for all months
        part = slice(first, first + BLOCK)
        here = {name: values[part] for name, values in at.items()}
        for month in range(1, len(past.counts)):
            mean = rate(here, before[month - 1], np.asarray(month / YEAR)) / YEAR
            mean = np.maximum(mean, 1e-12)
            found[part] += past.counts[month] * np.log(mean) - mean
    return found


def fitted_baseline(name: str, past: Deposits, years: int, draws: int, rng: np.random.Generator) -> Forecast:
    """Fit one of `FITTED` and forecast.

    Args:
        name: its name.
        past: deposits before the origin.
        years: how many years to forecast.
        draws: how many draws to return.
        rng: random numbers.
    """
    rate, axes = FITTED[name]
    at = axes(past)
    height = log_likelihood(rate, at, past)
    chance = np.exp(height - height.max())
    chosen = rng.choice(len(height), draws, p=chance / chance.sum())
    drawn = {key: values[chosen] for key, values in at.items()}
    so_far = np.full(draws, float(past.total))
    ends = np.empty((draws, years), np.int64)
    for month in range(years * YEAR):
        mean = rate(drawn, so_far, np.asarray((len(past.counts) + month) / YEAR)) / YEAR
        so_far = np.minimum(so_far + rng.poisson(mean), past.states)
        ends[:, month // YEAR] = so_far - past.total
    best = int(height.argmax())
    return Forecast(name, ends, {key: float(values[best]) for key, values in at.items()})


def baselines(past: Deposits, years: int, draws: int, rng: np.random.Generator) -> list[Forecast]:
    """Return the forecasts of every baseline of the number of parties.

    Args:
        past: deposits before the origin.
        years: how many years to forecast.
        draws: how many draws to return.
        rng: random numbers.
    """
    simple = [no_change(years, draws), last_pace(past, years, draws, rng)]
    return simple + [fitted_baseline(name, past, years, draws, rng) for name in FITTED]
