"""Rates of joining that are fitted to the window before an origin."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from normsim.analysis.joining_likelihood import Joining
from normsim.analysis.joining_refit import Refit, deposits_only, fit_rates, refit, scenario_of
from normsim.errors import AnalysisError
from normsim.rules.join import ACCEDE, RATIFY, SIGN
from normsim.scenario import load_scenario
from normsim.world import convention, load_treaty

BASE = load_scenario("history_2008").with_values({"join.frailty": 0.0, "join.region": 1.0})


def simulated(months: int, seed: int, ratify: float = 0.03, accede: float = 0.004, waning: float = 0.3) -> Joining:
    """States that join by known rates: half have signed; those in the second half of the list see more parties."""
    rng, rows = np.random.default_rng(seed), []
    region = np.linspace(0.0, 1.0, 400)
    form = np.where(np.arange(400) % 2, RATIFY, ACCEDE)
    outside = np.ones(400, np.bool_)
    for month in range(months):
        log = np.where(form == RATIFY, np.log(ratify) - waning * month / 12.0, np.log(accede)) + region
        joins = outside & (rng.random(400) < -np.expm1(-np.exp(log)))
        years = np.where(form == RATIFY, -month / 12.0, 0.0)
        rows += [(i, month, form[i], region[i], years[i], joins[i]) for i in np.flatnonzero(outside)]
        outside &= ~joins
    state, when, how, share, years, joined = (np.array(column) for column in zip(*rows, strict=True))
    covariates = np.column_stack([share, years])
    names = ("join.region", "join.waning")
    return Joining(state, when, how, covariates, joined, names, date(2001, 1, 1), tuple(map(str, range(400))))


@pytest.mark.parametrize("seed", range(5))
def test_known_rates_come_back(seed: int) -> None:
    found = fit_rates(simulated(72, seed), BASE)
    assert found.names == ("join.ratify", "join.accede", "join.waning")
    error = np.sqrt(np.diag(found.spread))
    away = (found.best - [np.log(0.03), np.log(0.004), 0.3]) / error
    assert (np.abs(away) < 4.0).all(), away
    assert (error < [0.2, 0.2, 0.2]).all()
    assert found.values()["join.ratify"] == pytest.approx(0.03, rel=0.5)


def test_what_ends_at_a_bound_is_not_drawn() -> None:
    rising = fit_rates(simulated(36, 1, waning=-0.6), BASE)
    assert rising.values()["join.waning"] == 0.0
    drawn = rising.draws(50, 2002)
    assert {each["join.waning"] for each in drawn} == {0.0}
    rates = np.log([each["join.ratify"] for each in drawn])
    assert rates.std() == pytest.approx(np.sqrt(rising.spread[0, 0]), rel=0.4)
    assert drawn == rising.draws(50, 2002) != rising.draws(50, 2005)


def test_nobody_joins() -> None:
    found = simulated(6, 1, ratify=1e-9, accede=1e-9)
    with pytest.raises(AnalysisError, match="nobody joins from 2001-01-01"):
        fit_rates(found, BASE)


def test_who_could_sign_is_left_out_until_signing_ends() -> None:
    """Signing ends in month 1 of four: from month 2 on who has not signed accedes, also before the entry into force."""
    month, form = np.array([0, 1, 2, 3, 3]), np.array([SIGN, SIGN, SIGN, RATIFY, ACCEDE])
    rows = Joining(
        np.arange(5),
        month,
        form,
        np.arange(5.0)[:, None],
        np.array([True, False, True, False, False]),
        ("join.region",),
        date(2000, 11, 1),
        ("A",) * 5,
    )
    rome = load_treaty("rome_statute")
    assert rome.signing_until == date(2000, 12, 31)
    kept = deposits_only(rows, rome)
    assert kept.form.tolist() == [ACCEDE, RATIFY, ACCEDE]
    assert kept.month.tolist() == [2, 3, 3]
    assert kept.joined.tolist() == [True, False, False]
    assert kept.covariates[:, 0].tolist() == [2.0, 3.0, 4.0]
    assert deposits_only(rows, convention()).form.tolist() == [RATIFY, ACCEDE]


def test_a_treaty_that_names_no_window_is_not_fitted() -> None:
    assert refit(BASE, replace(load_treaty("rome_statute"), fit_from=None), 2005) is None


def test_the_text_of_a_treaty_is_set_and_that_of_the_default_left() -> None:
    assert scenario_of(BASE, convention()) is BASE
    values = scenario_of(BASE, load_treaty("rome_statute")).values
    assert (values["join.trigger"], values["join.entry_months"], values["withdraw.notice_months"]) == (60, 3, 12)
    assert {name for name, value in values.items() if value != BASE.values[name]} <= {
        "join.trigger",
        "join.entry_months",
        "withdraw.notice_months",
    }


def test_the_window_before_2006_shows_the_waning_of_the_rome_statute() -> None:
    """73 deposits from 2001 to 2005: 21, 39, 5, 5, 3. Up to 2002 nothing wanes."""
    rome = load_treaty("rome_statute")
    base = scenario_of(load_scenario("history_2008"), rome)
    late, early = refit(base, rome, 2005), refit(base, rome, 2002)
    assert isinstance(late, Refit)
    assert isinstance(early, Refit)
    assert (early.events, late.events) == (60, 73)
    assert late.values()["join.waning"] > 0.2
    assert early.values()["join.waning"] == 0.0
