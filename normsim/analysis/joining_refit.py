"""Joining fitted on the window before an origin, in a world that knows nothing of later years.

Of the Convention on Cluster Munitions the whole rule is fitted: forecasts draw its coefficients from their posterior
given the recorded parties of each month (see `joining_likelihood`, `joining_fit`).

Under another treaty the rule and its coefficients stay those of the convention. Only the hazards of ratifying and of
acceding, and their waning, are fitted: by maximum likelihood, half a deposit added to each rate. Forecasts
draw them from the normal distribution that approximates the likelihood.

In both cases bands carry the uncertainty of the fit, as those of the baselines do.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from normsim.analysis.hindcast_runs import origin_world
from normsim.analysis.joining_fit import fit_joining
from normsim.analysis.joining_likelihood import RATES, Joining, joining
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.parameters import records
from normsim.rules.join import ACCEDE, SIGN
from normsim.scenario import Scenario
from normsim.world import Treaty, convention

Floats = npt.NDArray[np.float64]

FITTED = ("join.ratify", "join.accede", "join.waning")
"""What is fitted."""

LEAST_RATE, GREATEST_RATE = 1e-6, 1.0
"""Least and greatest hazard a month that is looked at."""

HALF_AN_EVENT = 0.5
"""Deposits added to those of each rate, as in the baselines: a rate of which none is recorded is low, not zero."""

STEP = 1e-3
"""Step of the differences that give the curvature."""

STEPS = 600
"""Steps of the Markov chains: a few hundred independent draws."""

SEEDS = 2
"""Runs over which the covariates are averaged: little of them is drawn."""


@dataclass(frozen=True, eq=False)
class Refit:
    """Rates of joining and their waning, fitted.

    Attributes:
        names: what was fitted, of `FITTED`.
        best: the most likely values, rates by their logarithm.
        spread: their covariance.
        cases: state-months that were fitted.
        events: deposits among them, and signatures where these are fitted.
        drawn: draws from the posterior, as the model takes them; None for those of a normal distribution.
    """

    names: tuple[str, ...]
    best: Floats
    spread: Floats
    cases: int
    events: int
    drawn: Floats | None = None

    def values(self) -> dict[str, float]:
        """The most likely values."""
        return _values(self.names, self.best)

    def draws(self, seeds: int, origin: int) -> tuple[dict[str, float], ...]:
        """Values for each of some runs, within the bounds of the fit.

        Args:
            seeds: how many runs.
            origin: last year known, which names the random numbers.
        """
        rng = stream(origin, "hindcast refit")
        if self.drawn is not None:
            rows = self.drawn[rng.choice(len(self.drawn), seeds, replace=seeds > len(self.drawn))]
            return tuple(dict(zip(self.names, row.tolist(), strict=True)) for row in rows)
        low, high = _bounds(self.names)
        drawn = np.clip(rng.multivariate_normal(self.best, self.spread, seeds), low, high)
        return tuple(_values(self.names, row) for row in drawn)


def scenario_of(base: Scenario, treaty: Treaty) -> Scenario:
    """The scenario under a treaty: deposits needed, months to entry into force, and notice are those of its text.

    Args:
        base: a scenario.
        treaty: the treaty; the Convention on Cluster Munitions leaves the scenario as it is.
    """
    if treaty == convention():
        return base
    text = {
        "join.trigger": treaty.deposits,
        "join.entry_months": treaty.entry_months,
        "withdraw.notice_months": treaty.notice_months,
    }
    return base.with_values(text)


def refit(base: Scenario, treaty: Treaty, known: int) -> Refit | None:
    """Fit joining on the window before an origin: the whole rule, or another treaty's rates and their waning.

    Args:
        base: the scenario under the treaty, with the coefficients that are held.
        treaty: the treaty.
        known: last calendar year that is known.

    Returns:
        The fit; None if the treaty's file asks for none.

    Raises:
        AnalysisError: nobody deposited in the window.
    """
    first = treaty.fit_from
    if first is None:
        return None
    given = base.with_values({"conflict.mode": "recorded"}).with_start(first, treaty.covariates_from)
    found = joining(given, datetime.date(known, 12, 31), SEEDS, origin_world(first, True, treaty))
    if treaty == convention():
        nulls = [name for name in found.names if base.values[name] == 0.0 != records()[name].value]
        return _fit_rule(found.without(nulls), known)
    return fit_rates(deposits_only(found, treaty), base)


def _fit_rule(found: Joining, known: int) -> Refit:
    """Fit every coefficient that acts in the window; what the scenario sets to zero stays zero."""
    fit = fit_joining(found, known, STEPS, with_gains=False)
    spread = np.cov(fit.draws.T)
    return Refit(found.parameters, fit.best, spread, len(found.joined), int(found.joined.sum()), fit.values)


def deposits_only(found: Joining, treaty: Treaty) -> Joining:
    """The rows in which a state could deposit: signatories, and others once they can no longer sign.

    Args:
        found: every row.
        treaty: the treaty, which says until when states sign.
    """
    form = found.form.copy()
    if treaty.signing_until is not None:
        start, until = found.start, treaty.signing_until
        months = (until.year - start.year) * 12 + until.month - start.month
        form[(form == SIGN) & (found.month > months)] = ACCEDE
    kept = form != SIGN
    columns = {name: getattr(found, name)[kept] for name in ("state", "month", "covariates", "joined")}
    return replace(found, form=form[kept], **columns)


def fit_rates(found: Joining, base: Scenario) -> Refit:
    """Fit rates and waning, all else held.

    Args:
        found: the rows of the window.
        base: where the other coefficients come from.

    Raises:
        AnalysisError: nobody deposited.
    """
    from scipy.optimize import minimize

    if not found.joined.any():
        raise AnalysisError(f"nobody joins from {found.start} to the origin: there is nothing to fit")
    held = np.array([np.log(base.values[name]) if name in RATES else base.values[name] for name in found.parameters])
    names = tuple(name for name in found.parameters if name in FITTED)
    places = [found.parameters.index(name) for name in names]

    is_rate = np.isin(names, RATES)

    def cost(at: Floats) -> float:
        vector = held.copy()
        vector[places] = at
        return -found.log_likelihood(vector) - HALF_AN_EVENT * float(at[is_rate].sum())

    low, high = _bounds(names)
    start = np.clip(held[places], low, high)
    best = np.asarray(minimize(cost, start, bounds=list(zip(low, high, strict=True))).x)
    return Refit(names, best, _spread(cost, best, low, high), len(found.joined), int(found.joined.sum()))


def _spread(cost: Callable[[Floats], float], best: Floats, low: Floats, high: Floats) -> Floats:
    """Covariance: the inverse of the curvature at the best values; 0 for what lies at a bound."""
    inside = np.flatnonzero((best - low > STEP) & (high - best > STEP))
    steps = STEP * np.eye(len(best))[inside]
    curvature = np.array(
        [
            [cost(best + a + b) - cost(best + a - b) - cost(best - a + b) + cost(best - a - b) for b in steps]
            for a in steps
        ]
    )
    spread = np.zeros((len(best), len(best)))
    if len(inside):
        found = np.linalg.inv(curvature / (4.0 * STEP * STEP))
        spread[np.ix_(inside, inside)] = (found + found.T) / 2.0
    return spread


def _bounds(names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Bounds of what is fitted, rates by their logarithm; waning has the range of its record."""
    ends = {name: (np.log(LEAST_RATE), np.log(GREATEST_RATE)) for name in RATES}
    pairs = [ends.get(name) or (records()[name].low, records()[name].high) for name in names]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def _values(names: tuple[str, ...], vector: Floats) -> dict[str, float]:
    """Fitted values as parameters."""
    pairs = zip(names, vector.tolist(), strict=True)
    return {name: float(np.exp(value)) if name in RATES else value for name, value in pairs}
