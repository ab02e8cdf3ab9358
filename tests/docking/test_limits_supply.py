"""Limiting cases of what follows a transfer: assurances, remnants and the bridge, through the engine.

Docked to what: the cut-off of a recipient to the geometric distribution; contamination to its linear recursion; the
bridge's closing to the logistic ramp. Seeds are fixed; tests with chance in them are built as in test_limits.py.
"""

import math

import numpy as np
import pytest
from scipy import stats

from normsim.analysis.limiting_worlds import monthly
from normsim.analysis.verification_records import FAMILY_ERROR
from normsim.analysis.verification_supply import (
    PROGRAMME,
    RAMPS,
    burning_ground,
    cleared_ground,
    closing_by_logistic,
    closing_by_recursion,
    closing_month,
    cut_off_p,
    months_to_cut_off,
)

# ---------------------------------------------------------------- assurances


def test_time_to_cut_off_is_geometric() -> None:
    """Use certain: cut off after a geometric time of mean 1 / (q mu kappa). 3,000 pairs, 150 months.

    z-test of the mean, chi-square of the distribution, alpha 1e-6 / 2. Power: a chance a fifth off is rejected.
    """
    q, mu, kappa, months = 0.5, 0.5, 0.4, 150
    times = months_to_cut_off(q, mu, kappa, months, range(30))
    assert (times > 0).all()  # (1 - 0.1)^150 * 3,000 = 4e-4
    chance, alpha = q * mu * kappa, FAMILY_ERROR / 2

    def p_values(chance: float) -> tuple[float, float]:
        error = math.sqrt((1 - chance) / chance**2 / len(times))
        mean = 2 * stats.norm.sf(abs(times.mean() - 1 / chance) / error)
        return float(mean), cut_off_p(times, chance)

    assert min(p_values(chance)) > alpha
    assert max(p_values(chance * 1.2)) < alpha
    assert max(p_values(chance * 0.8)) < alpha


@pytest.mark.parametrize(("monitoring", "enforcement"), [(0.0, 1.0), (1.0, 0.0)])
def test_without_monitoring_or_enforcement_nobody_is_cut_off(monitoring: float, enforcement: float) -> None:
    assert not months_to_cut_off(0.9, monitoring, enforcement, 24, range(1)).any()


# ---------------------------------------------------------------- contamination


@pytest.mark.parametrize("start", [0.0, 1e6])
def test_contamination_grows_by_fire_less_clearance(start: float) -> None:
    """Constant fire d, a constant programme c < d: K_t = K_0 + t (d - c)."""
    simulation, want = burning_ground(start)
    path = monthly(simulation, "contamination", simulation.scenario.months)[:, 0]
    assert (simulation.measured["users"] == 1).all()
    assert want[-1] > want[0]
    np.testing.assert_allclose(path, want, rtol=1e-12)
    np.testing.assert_allclose(simulation.measured["cleared"], PROGRAMME, rtol=1e-12)


def test_constant_clearance_empties_the_ground_in_time() -> None:
    """No fire, a programme of 375 duds a month: 10,000 duds are gone after 27 months (26 whole ones and a rest)."""
    path = cleared_ground(10_000.0, 30)
    np.testing.assert_array_equal(path, np.maximum(10_000.0 - 375.0 * np.arange(31), 0.0))
    assert path[26] > 0.0
    assert path[27] == 0.0


# ---------------------------------------------------------------- the bridge


@pytest.mark.parametrize(("start", "target", "ramp", "surge", "contract"), RAMPS)
def test_bridge_closes_on_the_logistic_ramp(
    start: float, target: float, ramp: float, surge: float, contract: float
) -> None:
    """The month in which cumulated logistic output has filled the gap: exactly by the monthly recursion, within two
    months by the continuous logistic."""
    values = {"supply.ramp": ramp, "production.surge": surge, "production.contract": contract}
    opened, closed = closing_month(start, target, **values)
    rate = ramp * surge * contract
    assert opened == 1
    assert closed == closing_by_recursion(start, target, rate)
    assert abs(closed - closing_by_logistic(start, target, rate)) <= 2.0


def test_without_a_ramp_it_closes_when_peacetime_output_has_filled_the_gap() -> None:
    """Constant output: (0.9 - 0.5) / 0.0064 = 62.5 months, so the 63rd."""
    assert closing_month(0.5, 0.9)[1] == 63


def test_sunset_closes_it_first() -> None:
    assert closing_month(0.5, 0.9, **{"bridge.sunset_months": 24}) == (1, 25)
