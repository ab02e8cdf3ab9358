"""Limiting cases of what follows a transfer: assurances, remnants and the bridge, through the engine.

Docked to what: the cut-off of a recipient to the geometric distribution; contamination to its linear recursion; the
bridge's closing to the logistic ramp. Seeds are fixed; tests with chance in them are built as in test_limits.py.
"""

import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from normsim.engine.columns import Choice
from normsim.rules import supply
from tests.worlds import FAMILY_ERROR, IDLE, NEVER, begin, generated, monthly, quiet, with_facts

# ---------------------------------------------------------------- assurances

PAIRS = 100


def months_to_cut_off(breach: float, monitoring: float, enforcement: float, months: int, seeds: range) -> np.ndarray:
    """Months from the first transfer (counted as 1) to the cut-off of each of many separate pairs; 0 if none."""
    n = 2 * PAIRS
    recipient = np.arange(n) % 2
    world = with_facts(
        generated(n, "ring", 2, holders=1.0, producers=0.0, at_war=0.0), intensity=recipient.astype(float)
    )
    values = {
        "assurance.strictness": 1.0,
        "assurance.monitoring": monitoring,
        "assurance.enforcement": enforcement,
        "assurance.cutoff_months": 1,
    }
    found = []
    for seed in seeds:
        simulation = begin(
            quiet(months, **values),
            seed,
            world,
            log_level=1,
            assurance__intercept=math.log(breach / (1 - breach)),
            assurance__life=1e6,
            condemn__intercept=NEVER,
            conflict__end=0.0,
            **IDLE | {"use__intercept": -NEVER},
        )
        pair = (simulation.ties["recipient"] % 2 == 1) & (
            simulation.ties["supplier"] == simulation.ties["recipient"] - 1
        )
        assert pair.sum() == PAIRS
        simulation.ties["since"][pair] = 0  # sent just before the first month
        simulation.states["supplied"][simulation.ties["recipient"][pair]] = 1
        simulation.ties["terms"][pair] = simulation.p.assurance.strictness
        simulation.advance(months)
        assert (simulation.measured["users"] == PAIRS).all()
        log = simulation.log[simulation.log["choice"] == Choice.CUT_OFF]
        first = np.zeros(n, int)
        for entry in log[::-1]:
            first[entry["actor"]] = entry["month"] + 1
        found.append(first[recipient == 0])
    return np.concatenate(found)


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
        upto = 30
        counts = np.bincount(np.minimum(times, upto), minlength=upto + 1)[1:]
        expected = stats.geom.pmf(np.arange(1, upto), chance)
        return float(mean), float(stats.chisquare(counts, np.r_[expected, 1 - expected.sum()] * len(times)).pvalue)

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
    months, rounds, programme = 200, 2500, 375.0
    world = with_facts(generated(2, "complete", holders=0.0, producers=0.0, at_war=0.0), intensity=[1.0, 0.0])
    simulation = begin(
        quiet(months, **{"harm.clearance": programme, "use.rounds": rounds}),
        0,
        world,
        conflict__end=0.0,
        **IDLE | {"use__intercept": -NEVER},
    )
    simulation.states["stock"][0, supply.IMPROVED] = simulation.states["rounds"][0] = 10**9
    simulation.states["contamination"][0] = start
    inflow = math.ceil(rounds * simulation.states["scale"][0]) * 72.0 * 0.0235  # no gap: the claimed rate
    path = monthly(simulation, "contamination", months)[:, 0]
    assert (simulation.measured["users"] == 1).all()
    assert inflow > programme
    np.testing.assert_allclose(path, start + np.arange(months + 1) * (inflow - programme), rtol=1e-12)
    np.testing.assert_allclose(simulation.measured["cleared"], programme, rtol=1e-12)


def test_constant_clearance_empties_the_ground_in_time() -> None:
    """No fire, a programme of 375 duds a month: 10,000 duds are gone after 27 months (26 whole ones and a rest)."""
    simulation = begin(quiet(30, **{"harm.clearance": 375.0}), use__intercept=NEVER)
    simulation.states["contamination"][3] = 10_000.0
    path = monthly(simulation, "contamination", 30)[:, 3]
    np.testing.assert_array_equal(path, np.maximum(10_000.0 - 375.0 * np.arange(31), 0.0))
    assert path[26] > 0.0
    assert path[27] == 0.0


# ---------------------------------------------------------------- the bridge


def closing_month(start: float, target: float, **values: float) -> tuple[int, int, Any]:
    """Months (from 1) in which the supplier's bridge opened and closed, and the simulation."""
    world = with_facts(
        generated(3, "complete", holders=0.0, producers=0.0, at_war=0.0),
        holder=[1, 0, 0],
        producer=[1, 0, 0],
        intensity=[0.0, 1.0, 0.0],
    )
    on = {"bridge.on": 1, "bridge.open_below": 0.7, "supply.ask_above": 0.3, "bridge.close_above": target}
    on |= {"bridge.episodes": 1}
    simulation = begin(
        quiet(480, **on, **values),
        0,
        world,
        log_level=1,
        conflict__end=0.0,
        condemn__intercept=NEVER,
        claim__intercept=-NEVER,
        **IDLE,
    )
    simulation.states["conventional"][0] = start
    simulation.states["conventional"][1] = 0.1
    simulation.advance(480)
    log = simulation.log
    opened = log["month"][(log["choice"] == Choice.CLAIM) & (log["happened"] == 1)]
    closed = log["month"][log["choice"] == Choice.BRIDGE_CLOSES]
    assert len(opened) == 1
    return int(opened[0]) + 1, int(closed[0]) + 1 if len(closed) else 0, simulation


RAMPS = [
    (0.55, 0.9, 0.046, 1.0, 1.0),
    (0.30, 0.9, 0.046, 1.0, 1.0),
    (0.60, 0.8, 0.1, 1.0, 1.0),
    (0.05, 0.9, 0.02, 1.0, 1.0),
    (0.30, 0.9, 0.046, 2.0, 1.0),
    (0.30, 0.9, 0.046, 1.0, 0.5),
]


@pytest.mark.parametrize(("start", "target", "ramp", "surge", "contract"), RAMPS)
def test_bridge_closes_on_the_logistic_ramp(
    start: float, target: float, ramp: float, surge: float, contract: float
) -> None:
    """The month in which cumulated logistic output has filled the gap: exactly by the monthly recursion, within two
    months by the continuous logistic."""
    opened, closed, _ = closing_month(
        start,
        target,
        **{
            "supply.ramp": ramp,
            "production.surge": surge,
            "production.contract": contract,
        },
    )
    rate = ramp * surge * contract
    output, full, stock, month = 0.0064, 0.045, start, 0
    while stock < target:
        month += 1
        output += rate * output * (1.0 - output / full)
        stock += output
    assert opened == 1
    assert closed == month

    odds = (full - 0.0064) / 0.0064
    gap = target - start

    def filled(t: float) -> float:
        return full / rate * math.log((odds + math.exp(rate * t)) / (odds + 1.0)) - gap

    assert abs(closed - optimize.brentq(filled, 0.0, 480.0)) <= 2.0


def test_without_a_ramp_it_closes_when_peacetime_output_has_filled_the_gap() -> None:
    """Constant output: (0.9 - 0.5) / 0.0064 = 62.5 months, so the 63rd."""
    assert closing_month(0.5, 0.9)[1] == 63


def test_sunset_closes_it_first() -> None:
    assert closing_month(0.5, 0.9, **{"bridge.sunset_months": 24})[:2] == (1, 25)
