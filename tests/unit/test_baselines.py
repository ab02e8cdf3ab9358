"""Baselines of the number of parties and of who joins: they find the parameters that made the data."""

import datetime
from itertools import pairwise

import numpy as np
import pytest

from normsim.analysis import baselines, joining_regression
from normsim.analysis.baselines import FITTED, YEAR, Deposits
from normsim.analysis.scores import crps
from normsim.engine.streams import stream
from normsim.scenario import load_scenario
from normsim.world import convention

TRUE = {
    "Bass curve": {"p": 0.15, "q": 0.5, "m": 600.0},
    "logistic growth": {"r": 0.8, "m": 600.0},
    "declining Poisson": {"a": 120.0, "b": 0.3},
}


def simulated(name: str, months: int, seed: int, states: int = 700, opening: int = 20) -> Deposits:
    """Deposits by month that a baseline itself makes."""
    rate, _ = FITTED[name]
    at = {key: np.array([value]) for key, value in TRUE[name].items()}
    rng = stream(seed, "simulated")
    counts = [opening]
    for month in range(1, months):
        counts.append(int(rng.poisson(rate(at, np.array([sum(counts)]), np.asarray(month / YEAR)) / YEAR)[0]))
    return Deposits(np.array(counts), states)


@pytest.mark.parametrize("name", list(FITTED))
def test_a_fitted_baseline_finds_its_parameters(name: str) -> None:
    past = simulated(name, months=132, seed=3)
    found = baselines.fitted_baseline(name, past, 4, 2000, stream(1, "test")).fitted
    for key, true in TRUE[name].items():
        assert found[key] == pytest.approx(true, rel=0.25), key


@pytest.mark.parametrize("name", list(FITTED))
def test_its_band_holds_what_follows_about_as_often_as_it_says(name: str) -> None:
    inside = []
    for seed in range(20):
        whole = simulated(name, months=108, seed=seed)
        past = Deposits(whole.counts[:60], whole.states)
        low, high = np.quantile(
            baselines.fitted_baseline(name, past, 4, 1000, stream(seed, "test")).draws[:, -1], [0.05, 0.95]
        )
        inside.append(low <= whole.counts[60:].sum() <= high)
    assert 14 <= sum(inside) <= 20


def test_no_change_has_a_crps_of_the_error_and_no_width() -> None:
    forecast = baselines.no_change(years=2, draws=5)
    assert crps(77 + forecast.draws, np.array([84, 88])).tolist() == [7.0, 11.0]


def test_last_pace_goes_on_as_in_the_last_twelve_months() -> None:
    past = Deposits(np.array([50] * 12 + [1] * 12), 1000)
    draws = baselines.last_pace(past, 3, 20_000, stream(0, "test")).draws
    # its mean a year is Gamma(12.5), and a Poisson of it has a variance of 12.5 + 12.5
    assert draws.mean(axis=0) == pytest.approx(12.5 * np.arange(1, 4), rel=0.02)
    assert draws[:, 0].var() == pytest.approx(25.0, rel=0.05)


def test_baselines_stay_among_the_states() -> None:
    past = Deposits(np.full(24, 4), 100)
    for forecast in baselines.baselines(past, 5, 200, stream(0, "test")):
        assert (np.diff(forecast.draws, axis=1) >= 0).all()
        assert forecast.draws.shape == (200, 5)
        if forecast.name in FITTED:
            assert forecast.draws.max() <= 100 - past.total


def test_the_regression_finds_the_coefficients_that_made_the_data() -> None:
    rng = stream(5, "regression")
    covariates = rng.normal(size=(20_000, len(joining_regression.COVARIATES)))
    true = np.array([-2.5, 1.0, -0.5, 0.4, 0.0, -0.8, 0.6, -0.3])
    joined = rng.random(len(covariates)) < joining_regression.hazard(true, covariates)
    found = joining_regression.fit(covariates, joined)
    errors = np.sqrt(np.diag(found.covariance))
    assert (np.abs(found.mean - true) < 4 * errors).all()
    assert errors.max() < 0.06
    assert found.events == joined.sum()


def test_covariates_are_shares_of_the_parties_that_are_given() -> None:
    at = joining_regression.snapshot(load_scenario("history_2008"), datetime.date(2013, 1, 1), convention())
    assert (at.party.sum(), at.signatory.sum(), at.years) == (77, 34, pytest.approx(4.08, abs=0.01))
    nobody = at.covariates(np.zeros_like(at.party), 2.0)
    everybody = at.covariates(np.ones_like(at.party), 2.0)
    assert nobody[:, :2].tolist() == np.zeros((len(at.party), 2)).tolist()
    assert everybody[:, :2] == pytest.approx(1.0)
    assert (nobody[:, 2:] == everybody[:, 2:]).all()
    assert (nobody[:, -1] == 2.0).all()


def test_a_forecast_only_adds_parties_and_waits_where_the_hazard_is_nil() -> None:
    at = joining_regression.snapshot(load_scenario("history_2008"), datetime.date(2013, 1, 1), convention())
    width = 1 + len(joining_regression.COVARIATES)
    for constant, more in ((-60.0, False), (60.0, True)):
        mean = np.array([constant, *np.zeros(width - 1)])
        certain = joining_regression.Regression(mean, np.zeros((width, width)), 1, 1)
        paths = joining_regression.forecast(certain, at, 2, 3, stream(0, "test"))
        assert all((late >= early).all() for early, late in pairwise(paths.swapaxes(0, 1)))
        assert paths.all() == more
        assert (paths[:, -1] == at.party).all() != more
