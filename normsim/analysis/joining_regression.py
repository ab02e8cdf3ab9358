"""Baseline of who joins: a discrete-time hazard regression with the covariates that the model's own rule has.

Every state outside the convention at the start of a year either deposits within it or not:

    P = 1 - exp(-exp(b0 + b . x))

with x the share of parties in its region, the share among those it looks to, its delay in earlier bans,
threat, stock and signature, and the years since the opening. It is fitted by maximum likelihood (a binomial GLM with
complementary log-log link) on the years before the origin only. A forecast draws coefficients from their asymptotic
distribution and runs year by year: who has joined counts as a party for its region and its peers from the next year
on; the other covariates stay as they were at the origin.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from normsim.analysis.hindcast_runs import origin_world
from normsim.engine.columns import BOUND, SIGNED
from normsim.engine.simulate import Simulation
from normsim.scenario import Scenario
from normsim.world import Treaty

COVARIATES = ("region", "peers", "delay", "threat", "stock", "signatory", "years since opening")
"""Names of the covariates, in order."""

LARGEST = 700.0
"""Largest exponent whose exponential is finite."""


@dataclass(frozen=True)
class Snapshot:
    """States and ties at the start of a year, as the model reads them.

    Attributes:
        party: whether each state is a party.
        signatory: whether it has signed and is no party.
        fixed: delay, threat and stock, shape (states, 3).
        region: index of its region.
        attention: who looks to whom, rows sum to 1.
        years: years since the opening.
    """

    party: np.ndarray
    signatory: np.ndarray
    fixed: np.ndarray
    region: np.ndarray
    attention: csr_array
    years: float

    def covariates(self, party: np.ndarray, years: float) -> np.ndarray:
        """Covariates of every state if these are the parties, so many years after the opening.

        Args:
            party: whether each state is a party.
            years: years since the opening.

        Returns:
            shape (states, covariates).
        """
        among = party.astype(float)
        members = np.bincount(self.region, among) / np.bincount(self.region)
        peers = self.attention @ among
        since = np.full(len(party), years)
        return np.column_stack([members[self.region], peers, self.fixed, self.signatory, since])


def snapshot(scenario: Scenario, start: datetime.date, treaty: Treaty) -> Snapshot:
    """The states and ties that a run from a day on starts with, as known then; its first stocks are those of seed 0.

    Args:
        scenario: where the weights of the networks come from.
        start: the day.
        treaty: the treaty.
    """
    world = origin_world(start, True, treaty)
    run = Simulation(scenario.with_start(start, treaty.covariates_from), log_level=0, world=world)
    states, ties = run.states, run.networks
    n = len(states)
    attention = csr_array((ties.weight, ties.neighbour.astype(np.int64), ties.start), shape=(n, n))
    fixed = np.column_stack([states["delay"], states["threat"], states["rounds"] > 0])
    years = (start - treaty.opened).days / 365.25
    region = states["region"].astype(np.int64)
    return Snapshot(states["status"] >= BOUND, states["status"] == SIGNED, fixed, region, attention, years)


@dataclass(frozen=True)
class Regression:
    """A fitted regression.

    Attributes:
        mean: estimates, the constant first.
        covariance: their covariance.
        cases: state-years that were fitted.
        events: deposits among them.
    """

    mean: np.ndarray
    covariance: np.ndarray
    cases: int
    events: int

    def estimates(self) -> dict[str, float]:
        """Estimates by name."""
        return dict(zip(("constant", *COVARIATES), self.mean.tolist(), strict=True))


def fit(covariates: np.ndarray, joined: np.ndarray) -> Regression:
    """Fit the hazard of joining within a year. A covariate that does not vary has the coefficient 0.

    Args:
        covariates: one row per state and year, without a constant.
        joined: whether it joined in that year.
    """
    import statsmodels.api as sm

    design = sm.add_constant(np.asarray(covariates, float), has_constant="add")
    varies = np.append(True, np.ptp(design[:, 1:], axis=0) > 0.0)
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    used = design if varies.all() else design[:, varies]  # a copy is laid out otherwise, and sums round otherwise
    found: Any = sm.GLM(np.asarray(joined, float), used, family=family).fit()
    mean, covariance = np.zeros(len(varies)), np.zeros((len(varies), len(varies)))
    mean[varies], covariance[np.ix_(varies, varies)] = found.params, found.cov_params()
    return Regression(mean, covariance, len(design), int(np.sum(joined)))


def hazard(coefficients: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """Probability of joining within a year.

    Args:
        coefficients: the constant first.
        covariates: one row per state.
    """
    log = coefficients[0] + covariates @ coefficients[1:]
    return np.asarray(-np.expm1(-np.exp(np.minimum(log, LARGEST))))


def forecast(found: Regression, at: Snapshot, years: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw who is a party by the end of each following year.

    Args:
        found: the regression.
        at: the states at the origin.
        years: how many years to forecast.
        draws: how many draws to return.
        rng: random numbers.

    Returns:
        shape (draws, years, states).
    """
    paths = np.empty((draws, years, len(at.party)), np.bool_)
    coefficients = rng.multivariate_normal(found.mean, found.covariance, draws, check_valid="ignore")  # rounded
    for draw in range(draws):
        party = at.party.copy()
        for year in range(years):
            chance = hazard(coefficients[draw], at.covariates(party, at.years + year))
            party |= rng.random(len(party)) < chance
            paths[draw, year] = party
    return paths
