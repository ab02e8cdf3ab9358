"""Fit of the joining rule to the record: maximum likelihood, and the posterior by Markov chain Monte Carlo.

The prior is that of every design of this package: uniform over the range of each parameter's record. `emcee` samples
with differential-evolution moves, which mix well where coefficients are correlated.
"""

import contextlib
import io
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from normsim.analysis.joining_likelihood import RATES, Joining
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.parameters import records

Floats = npt.NDArray[np.float64]

WALKERS = 52
"""Walkers of the ensemble: four a parameter."""

STEPS = 4000
"""Steps of each walker; the first quarter is left out."""

BURN_IN = 0.25
"""Share of the steps that is left out."""

LEAST_RATE = 1e-6
"""Least rate a month: the logarithm of zero is nowhere."""


@dataclass(frozen=True, eq=False)
class JoiningFit:
    """The joining rule, fitted.

    Attributes:
        joining: what was fitted.
        best: the most likely values within the ranges, rates by their logarithm.
        log_likelihood: at `best`.
        draws: draws from the posterior, one row each, rates by their logarithm.
        independent: about how many of the draws are independent (effective sample size).
        gains: by coefficient, twice the log-likelihood that is lost where it is zero and the others are fitted again;
            3.84 and more speaks against the null at the 5 % level.
    """

    joining: Joining
    best: Floats
    log_likelihood: float
    draws: Floats
    independent: float
    gains: Mapping[str, float]

    @cached_property
    def values(self) -> Floats:
        """The draws with rates as they are in the model."""
        found = self.draws.copy()
        for place, name in enumerate(self.joining.parameters):
            if name in RATES:
                found[:, place] = np.exp(found[:, place])
        return found

    def narrowed(self) -> Floats:
        """Standard deviation of the posterior over that of the prior, by parameter."""
        low, high = _ends(self.joining)
        return np.asarray(self.values.std(axis=0) / ((high - low) / np.sqrt(12.0)))

    def correlations(self) -> Floats:
        """Correlation of each pair of parameters in the posterior."""
        return np.asarray(np.corrcoef(self.draws.T))


def _ends(joining: Joining) -> tuple[Floats, Floats]:
    """The ranges of the parameters."""
    known = [records()[name] for name in joining.parameters]
    return np.array([each.low for each in known]), np.array([each.high for each in known])


def _box(joining: Joining) -> tuple[Floats, Floats]:
    """The ranges as the likelihood takes them, rates by their logarithm."""
    low, high = _ends(joining)
    rate = np.isin(joining.parameters, RATES)
    low[rate], high[rate] = np.log(np.maximum(low[rate], LEAST_RATE)), np.log(high[rate])
    return low, high


def most_likely(joining: Joining) -> tuple[Floats, float]:
    """The most likely values within the ranges of the records.

    Args:
        joining: the record.

    Returns:
        The values, rates by their logarithm, and the log likelihood.

    Raises:
        AnalysisError: nobody joins in the record.
    """
    from scipy.optimize import minimize

    if not joining.joined.any():
        raise AnalysisError(f"nobody joins after {joining.start}: there is nothing to fit")
    low, high = _box(joining)
    found = minimize(
        lambda at: -joining.log_likelihood(at), (low + high) / 2.0, bounds=list(zip(low, high, strict=True))
    )
    return np.asarray(found.x), -float(found.fun)


def fit_joining(
    joining: Joining,
    seed: int,
    steps: int = STEPS,
    with_gains: bool = True,
    on_step: Callable[[int], None] | None = None,
) -> JoiningFit:
    """Fit the joining rule.

    Args:
        joining: the record.
        seed: seed of the sampler.
        steps: steps of each walker.
        with_gains: also fit with each parameter at its null.
        on_step: called with the number of steps done.
    """
    best, likelihood = most_likely(joining)
    gains = {}
    if with_gains:
        for name in joining.names:
            gains[name] = max(2.0 * (likelihood - most_likely(joining.without((name,)))[1]), 0.0)
    draws, independent = _sample(joining, best, seed, steps, on_step)
    return JoiningFit(joining, best, likelihood, draws, independent, gains)


def _sample(
    joining: Joining, best: Floats, seed: int, steps: int, on_step: Callable[[int], None] | None
) -> tuple[Floats, float]:
    """Draws from the posterior, and about how many of them are independent."""
    import emcee

    low, high = _box(joining)
    rate = np.isin(joining.parameters, RATES)

    def log_posterior(at: Floats) -> float:
        if (at < low).any() or (at > high).any():
            return -np.inf
        return joining.log_likelihood(at) + float(at[rate].sum())  # uniform over the rate, not over its logarithm

    rng = stream(seed, "joining fit")
    inner = low + 0.01 * (high - low), high - 0.01 * (high - low)
    start = np.clip(best + 0.1 * (high - low) * rng.standard_normal((WALKERS, len(best))), *inner)
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(WALKERS, len(best), log_posterior, moves=moves)
    numbers = ("MT19937", rng.integers(2**32, size=624, dtype=np.uint32), 624)  # the state that emcee takes as a seed
    state = emcee.State(start, random_state=numbers)
    for done, _ in enumerate(sampler.sample(state, iterations=steps), start=1):
        if on_step is not None:
            on_step(done)
    first = int(BURN_IN * steps)
    logging.getLogger("emcee").setLevel(logging.ERROR)
    with contextlib.redirect_stderr(io.StringIO()), np.errstate(invalid="ignore"):
        apart = float(np.max(sampler.get_autocorr_time(discard=first, quiet=True)))
    chain = sampler.get_chain(discard=first, flat=True)
    # a walker that never moved has no autocorrelation time: its steps are one draw
    return np.asarray(chain), len(chain) / (max(apart, 1.0) if np.isfinite(apart) else steps - first)
