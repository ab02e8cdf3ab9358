"""The likelihood of joining: the model's own probabilities, and the record's own covariates."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from normsim import load_scenario
from normsim.analysis.joining_fit import fit_joining, most_likely
from normsim.analysis.joining_likelihood import FRAILTY, RATES, Joining, joining, joining_of_run
from normsim.engine.columns import Choice
from normsim.engine.simulate import Simulation
from normsim.errors import AnalysisError
from normsim.parameters import records
from normsim.world import record

LAST = datetime.date(2009, 12, 31)


@pytest.fixture(scope="module")
def held() -> Joining:
    """The first 13 months of the record."""
    return joining(load_scenario("history_2008"), LAST, seeds=1)


def test_who_could_join_and_did_are_those_of_the_record(held: Joining) -> None:
    before, after = record(datetime.date(2008, 12, 4)), record(datetime.date(2010, 1, 1))
    # a state that signs and deposits within one month joins once
    assert held.joined.sum() == (after.signatures - before.signatures) + (after.deposits - before.deposits)
    outside = held.month == held.month.max()
    assert outside.sum() == len(held.iso3) - record(datetime.date(2009, 12, 1)).parties


def test_covariates_of_the_others_membership_are_those_of_the_record(held: Joining) -> None:
    region = held.covariates[:, held.names.index("join.region")]
    last = held.month == held.month.max()
    parties = record(datetime.date(2009, 12, 1)).parties
    # the share of a state's region, over all states outside, is about the share in the world
    assert 0.5 * parties / 197 < region[last].mean() < 2.0 * parties / 197
    first = held.month == 0
    assert region[first].mean() < region[last].mean()


def test_covariates_do_not_depend_on_the_coefficients_of_the_rule(held: Joining) -> None:
    other = joining(load_scenario("history_2008").with_values({"join.region": 0.3, "join.norm": 5.0}), LAST, seeds=1)
    np.testing.assert_array_equal(other.covariates, held.covariates)


def test_probabilities_are_those_that_the_engine_draws_with() -> None:
    scenario = replace(load_scenario("history_2008").with_values({"join.frailty": 0.0}).with_months(8), events=())
    found = joining_of_run(scenario, 3)
    run = Simulation(scenario, 3, log_level=2)
    run.advance(8)
    log = run.log[run.log["choice"] == Choice.JOIN]
    log = log[np.lexsort((log["actor"], log["month"]))]
    np.testing.assert_allclose(found.probabilities(found.vector(scenario.values)), log["probability"], rtol=1e-9)
    np.testing.assert_array_equal(found.joined, log["happened"] > 0)


def test_likelihood_is_the_product_over_states_with_frailty_integrated_out() -> None:
    rng = np.random.default_rng(5)
    state, month = np.repeat(np.arange(6), 10), np.tile(np.arange(10), 6)
    covariates = rng.normal(size=(60, 1))
    joined = np.zeros(60, bool)
    joined[[7, 23, 28, 41]] = True  # the third state twice
    form = np.ones(60, int)
    case = Joining(state, month, form, covariates, joined, ("join.norm",), LAST, ())
    assert case.parameters == ("join.ratify", "join.norm", FRAILTY)
    vector = np.array([np.log(0.02), 0.8, 0.7])
    frailty = rng.gamma(1.0 / 0.49, 0.49, 400_000)
    total = 0.0
    for each in range(6):
        own = state == each
        rate = np.exp(vector[0] + 0.8 * covariates[own, 0])[:, None] * frailty
        chance = -np.expm1(-rate)
        total += np.log(np.where(joined[own, None], chance, 1.0 - chance).prod(axis=0).mean())
    assert case.log_likelihood(vector) == pytest.approx(total, abs=0.02)


def test_window_cuts_months(held: Joining) -> None:
    half = held.until(datetime.date(2009, 6, 30))
    assert half.month.max() == 6
    assert 0 < half.joined.sum() < held.joined.sum()


def test_values_and_vectors_are_the_same_thing(held: Joining) -> None:
    values = {name: float(records()[name].value) for name in held.parameters}
    assert held.values(held.vector(values)) == pytest.approx(values)
    assert set(RATES[:2]) <= set(held.parameters)


def test_fit_finds_the_maximum_and_says_what_each_coefficient_adds(held: Joining) -> None:
    fit = fit_joining(held, seed=1, steps=120)
    assert fit.log_likelihood >= held.log_likelihood(held.vector(load_scenario("history_2008").values))
    assert set(fit.gains) == set(held.names)
    assert all(gain >= 0.0 for gain in fit.gains.values())
    low = np.array([records()[name].low for name in held.parameters])
    high = np.array([records()[name].high for name in held.parameters])
    assert ((fit.values >= low - 1e-9) & (fit.values <= high + 1e-9)).all()
    np.testing.assert_array_equal(fit.draws, fit_joining(held, seed=1, steps=120).draws)


def test_nobody_joining_is_an_error(held: Joining) -> None:
    with pytest.raises(AnalysisError, match="nobody joins"):
        most_likely(replace(held, joined=np.zeros_like(held.joined)))
