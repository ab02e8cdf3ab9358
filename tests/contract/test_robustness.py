"""Robustness: what is worse for the norm never raises its index, and what protects people does not lower it."""

from functools import cache

import numpy as np
import pytest

from normsim.engine.simulate import simulate
from normsim.scenario import Scenario, load_scenario, load_scenario_text

SEEDS, MONTHS = range(20), 60

HEAD = f'title = "Direction"\nextends = "baseline"\nmonths = {MONTHS}\n'


def acts(action: str, *actors: str, until: str = "") -> str:
    """Dated events by which each actor does the same in July 2024, or in every month from then on."""
    end = f"until = {until}\n" if until else ""
    return "".join(
        f'\n[[event]]\ndate = 2024-07-01\n{end}actor = "{actor}"\naction = "{action}"\nnote = "counterfactual"\n'
        for actor in actors
    )


HOLDERS = ("USA", "RUS", "CHN", "IND")
ROUNDS = "".join(f"\n[state.{holder}]\nimproved = 10000000\n" for holder in HOLDERS)

FILES = {
    "peace": HEAD,
    "armed": HEAD + ROUNDS,
    "users": HEAD + ROUNDS + acts("use", *HOLDERS, until="2028-06-30"),
    "leavers": HEAD + acts("withdraw", "DEU", "FRA", "GBR", "ITA", "ESP", "NLD", "JPN", "ZAF", "MEX", "PHL"),
}


@cache
def ends(name: str, *values: tuple[str, float]) -> dict[str, np.ndarray]:
    """Outcomes in the last month of each seed."""
    scenario: Scenario = load_scenario_text(FILES[name], f"{name}.toml") if name in FILES else load_scenario(name)
    scenario = scenario.with_months(MONTHS).with_values(dict(values))
    found = [simulate(scenario, seed, log_level=0).summary() for seed in SEEDS]
    return {outcome: np.array([one[outcome] for one in found]) for outcome in found[0]}


def effect(worse: dict[str, np.ndarray], base: dict[str, np.ndarray], outcome: str) -> tuple[float, float]:
    """Mean paired difference of an outcome and its standard error."""
    found = worse[outcome] - base[outcome]
    return float(found.mean()), float(found.std(ddof=1) / len(found) ** 0.5)


@pytest.mark.parametrize("outcome", ["robustness", "compliance"])
def test_more_users_never_raise_it(outcome: str) -> None:
    mean, error = effect(ends("users"), ends("armed"), outcome)
    assert mean <= 2.0 * error, (mean, error)
    assert ends("users")["users"].mean() > ends("armed")["users"].mean() + 1.0


@pytest.mark.parametrize("outcome", ["robustness", "implementation"])
def test_fewer_parties_never_raise_it(outcome: str) -> None:
    mean, error = effect(ends("leavers"), ends("peace"), outcome)
    assert mean <= 2.0 * error, (mean, error)
    assert ends("leavers")["parties"].mean() < ends("peace")["parties"].mean() - 5.0


@pytest.mark.parametrize("lever", ["tracking.casualties", "assurance.monitoring", "education.risk"])
def test_what_protects_people_does_not_lower_it(lever: str) -> None:
    mean, error = effect(ends("ukraine_2023", (lever, 1.0)), ends("ukraine_2023", (lever, 0.0)), "robustness")
    assert mean >= -2.0 * error, (mean, error)
