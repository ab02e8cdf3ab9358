"""Limiting cases through the engine: with all else off, the model is a known one, and must give its known answer.

Docked to what: validity by imitation to DeGroot (1974) averaging, with the anchor to Friedkin and Johnsen (1990);
joining to the discrete-time proportional hazards model (complementary log-log); the vote to the product of
probabilities and to the Poisson-binomial distribution. Limits of assurances, remnants and the bridge are in
test_limits_supply.py; what remains without influence, without erosion and without memory of exceptions is in
test_limits_norm.py.

Seeds are fixed. Every test with chance in it has a family error of 1e-6, shared by its checks (Bonferroni), and a
planted wrong value that it must reject.
"""

import datetime
import math

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.sparse import csgraph

from normsim.analysis.limiting_worlds import begin, influence, monthly, quiet, show_past
from normsim.analysis.verification_averaging import GRAPHS, averaging, decay, friedkin_johnsen_limit, left_eigenvector
from normsim.analysis.verification_hazards import (
    PRODUCER,
    block_chances,
    cloglog,
    geometric_p,
    grouped_joins,
    months_to_join,
    outsiders,
    poisson_binomial,
    votes,
)
from normsim.analysis.verification_records import FAMILY_ERROR
from normsim.engine.columns import BOUND, NONE, SIGNED

# ---------------------------------------------------------------- averaging: DeGroot, Friedkin and Johnsen


@pytest.mark.parametrize(("graph", "n", "degree"), GRAPHS)
def test_degroot(graph: str, n: int, degree: int) -> None:
    """imitate = 1: consensus on w.v0, approached as |lambda_2|^t."""
    simulation = averaging(graph, n, degree, 400, **{"norm.imitate": 1.0})
    weights = influence(simulation)
    assert csgraph.connected_components(sparse.csr_array(weights), connection="strong")[0] == 1
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    start = simulation.states["validity"].copy()
    say = left_eigenvector(weights)
    np.testing.assert_allclose(say @ weights, say, atol=1e-12)

    path = monthly(simulation, "validity", 400)
    np.testing.assert_allclose(path[1], weights @ start, rtol=0, atol=1e-12)
    np.testing.assert_allclose(path[-1], say @ start, rtol=0, atol=1e-10)

    second, found = decay(weights, path)
    assert found == pytest.approx(second, rel=1e-8)
    error = np.abs(path - say @ start).max(axis=1)
    bound = error[0] * np.sqrt(say.max() / say.min()) * second ** np.arange(401)  # W is reversible under w
    assert (error <= bound * math.sqrt(n) + 1e-12).all()


def test_degroot_weights_without_power_are_degrees() -> None:
    """On an undirected network without extra pull of power, a state's say is its degree."""
    simulation = averaging("er", 20, 6, 400, power=0.0, **{"norm.imitate": 1.0})
    start, degrees = simulation.states["validity"].copy(), np.diff(simulation.networks.start)
    simulation.advance(400)
    np.testing.assert_allclose(simulation.states["validity"], degrees @ start / degrees.sum(), rtol=0, atol=1e-10)


def test_slow_imitation_has_the_same_limit() -> None:
    """imitate < 1 makes the walk lazy and changes no limit."""
    simulation = averaging("ba", 20, 4, 1200, **{"norm.imitate": 0.25})
    start, say = simulation.states["validity"].copy(), left_eigenvector(influence(simulation))
    simulation.advance(1200)
    np.testing.assert_allclose(simulation.states["validity"], say @ start, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("graph", "n", "degree"), GRAPHS)
@pytest.mark.parametrize(("imitate", "anchor"), [(0.8, 0.2), (0.3, 0.1), (0.05, 0.05), (0.0, 0.1)])
def test_friedkin_johnsen(graph: str, n: int, degree: int, imitate: float, anchor: float) -> None:
    """imitate and anchor: v* = (I - (1 - f') W)^-1 f' v0 with f' = anchor / (anchor + imitate)."""
    simulation = averaging(graph, n, degree, 900, **{"norm.imitate": imitate, "norm.anchor": anchor})
    weights, prior = influence(simulation), simulation.states["anchor"].copy()
    want = friedkin_johnsen_limit(weights, prior, imitate, anchor)
    simulation.states["validity"] = np.random.default_rng(3).random(n)  # from anywhere
    show_past(simulation)
    simulation.advance(900)
    np.testing.assert_allclose(simulation.states["validity"], want, rtol=0, atol=1e-10)


@pytest.mark.parametrize("news", [0.0, 0.3, 1.0])
def test_degroot_with_news_of_the_world(news: float) -> None:
    """Attention to news adds a common neighbour of the mean by standing: W' = (1 - news) W + news 1 s."""
    values = {"norm.imitate": 1.0, "norm.news": news, "standing.power": 2.0, "standing.democracy": 1.0}
    simulation = averaging("er", 20, 6, 400, **values)
    share = simulation.states["standing_share"]
    assert share.max() > 1.5 * share.min()
    weights = (1.0 - news) * influence(simulation) + news * share[np.newaxis, :]
    start = simulation.states["validity"].copy()
    path = monthly(simulation, "validity", 400)
    np.testing.assert_allclose(path[1], weights @ start, rtol=0, atol=1e-12)
    np.testing.assert_allclose(path[-1], left_eigenvector(weights) @ start, rtol=0, atol=1e-10)
    if news == 1.0:  # a mean field agrees at once, on the mean by standing
        np.testing.assert_allclose(path[1], share @ start, rtol=0, atol=1e-12)


@pytest.mark.parametrize("follow", [0.05, 0.2, 1.0])
def test_expected_approval_follows_what_is_shown(follow: float) -> None:
    """Fixed votes: q_t = s + (1 - follow)^t (q_0 - s) with s = W a, a the worth of each vote."""
    votes = {"norm.memory": 1.0 - follow, "norm.abstention": 0.4, "norm.silence": 0.5}
    simulation = averaging("er", 20, 6, 30, **votes)
    simulation.states["stance"] = np.arange(20) % 3
    show_past(simulation)
    shown = influence(simulation) @ np.array([1.0, 0.4, 0.0])[np.arange(20) % 3]
    simulation.states["approval"] = first = np.linspace(0.0, 1.0, 20)
    path = monthly(simulation, "approval", 4)
    for month in range(5):  # July to November: nobody votes
        want = shown + (1.0 - follow) ** month * (first - shown)
        np.testing.assert_allclose(path[month], want, rtol=0, atol=1e-12)


# ---------------------------------------------------------------- joining: constant and proportional hazards


def test_constant_hazard() -> None:
    """All covariates null: the monthly chance of joining is 1 - exp(-rate). 10,000 states, 12 months.

    Chi-square on the month of joining and binomial test on joining at all; alpha 1e-6 / 2. Power: the naive chance
    `rate` instead of 1 - exp(-rate), and a rate a tenth off, are rejected.
    """
    rate, months = 0.2, 12
    times = months_to_join(rate, months, range(20))
    alpha, chance = FAMILY_ERROR / 2, -math.expm1(-rate)
    joined = int((times > 0).sum())
    assert geometric_p(times, chance, months) > alpha
    assert stats.binomtest(joined, len(times), -math.expm1(-rate * months)).pvalue > alpha
    assert geometric_p(times, rate, months) < alpha
    assert stats.binomtest(joined, len(times), -math.expm1(-0.9 * rate * months)).pvalue < alpha


@pytest.mark.parametrize("rate", [0.0005, 0.004])
def test_constant_hazard_at_plausible_rates(rate: float) -> None:
    """Within the range of the record. 5,000 states, 60 months, binomial test, alpha 1e-6 / 2; power: twice the rate."""
    times = months_to_join(rate, 60, range(10))
    joined = int((times > 0).sum())
    assert stats.binomtest(joined, len(times), -math.expm1(-rate * 60)).pvalue > FAMILY_ERROR / 2
    assert stats.binomtest(joined, len(times), -math.expm1(-2 * rate * 60)).pvalue < FAMILY_ERROR / 2


def test_signing_then_ratifying() -> None:
    """Before entry into force: two constant hazards in a row. 5,000 states, 8 months, chi-square on the three statuses.

    Alpha 1e-6. Power: the two rates exchanged are rejected.
    """
    months, sign, ratify = 8, 0.15, 0.4
    scenario, counts = quiet(months, datetime.date(2008, 12, 3)), np.zeros(3, int)
    world = outsiders(500, scenario.start)
    for seed in range(10):
        simulation = begin(scenario, seed, world, join__signing=sign, join__ratify=ratify, join__trigger=1e9)
        simulation.advance(months)
        counts += np.bincount(simulation.states["status"], minlength=4)[[NONE, SIGNED, BOUND]]

    def expected(first: float, second: float) -> np.ndarray:
        a, b = -math.expm1(-first), -math.expm1(-second)
        step = np.array([[1 - a, a, 0.0], [0.0, 1 - b, b], [0.0, 0.0, 1.0]])  # one step a month at most
        return np.linalg.matrix_power(step, months)[0] * counts.sum()

    assert stats.chisquare(counts, expected(sign, ratify)).pvalue > FAMILY_ERROR
    assert stats.chisquare(counts, expected(ratify, sign)).pvalue < FAMILY_ERROR


def test_covariate_is_a_log_hazard_difference() -> None:
    """Two groups whose delay in earlier bans differs by 1, coefficient 0.8: the cloglog estimate recovers it.

    10,000 states, 24 months; interval at 1 - 1e-6. Power: 0 and 0.8 +- 0.25 lie outside.
    """
    beta, rate = 0.8, 0.02
    counts = [grouped_joins(beta, rate, 24, seed) for seed in range(20)]
    link, variance = cloglog(*np.sum(counts, axis=0))
    estimate, error = link[1] - link[0], math.sqrt(variance.sum())
    half = stats.norm.ppf(1 - FAMILY_ERROR / 2) * error
    assert abs(estimate - beta) < half
    for planted in (0.0, beta - 0.25, beta + 0.25):
        assert abs(estimate - planted) > half
    centre = math.log(rate)  # covariates are centred: the rate is that of the mean state
    assert abs(link.mean() - centre) < stats.norm.ppf(1 - FAMILY_ERROR / 2) * error


# ---------------------------------------------------------------- the vote

SEEDS = 2000


def test_consensus_is_the_product() -> None:
    """P(adopted) = prod(1 - p_i). 2,000 seeds; binomial and chi-square tests, alpha 1e-6 / 2.

    Power: without the producers' resistance the product is rejected.
    """
    blockers, adopted = votes("consensus", range(SEEDS))
    chances = block_chances()
    np.testing.assert_array_equal(adopted, blockers == 0)
    assert stats.binomtest(int(adopted.sum()), SEEDS, float(np.prod(1 - chances))).pvalue > FAMILY_ERROR / 2
    assert (
        stats.binomtest(int(adopted.sum()), SEEDS, float(np.prod(1 - chances[PRODUCER == 0]))).pvalue < FAMILY_ERROR / 2
    )

    expected = poisson_binomial(chances) * SEEDS
    few = expected[6:].sum()
    counts = np.bincount(blockers, minlength=9)
    result = stats.chisquare([*counts[:6], counts[6:].sum()], [*expected[:6], few])
    assert result.pvalue > FAMILY_ERROR / 2


def test_majority_is_the_poisson_binomial_tail() -> None:
    """P(adopted) = P(blockers <= a quarter of 8), the tie included. 2,000 seeds, binomial test, alpha 1e-6.

    Power: without the tie it is rejected.
    """
    blockers, adopted = votes("majority", range(SEEDS))
    weights = poisson_binomial(block_chances())
    np.testing.assert_array_equal(adopted, blockers <= 2)
    assert stats.binomtest(int(adopted.sum()), SEEDS, float(weights[:3].sum())).pvalue > FAMILY_ERROR
    assert stats.binomtest(int(adopted.sum()), SEEDS, float(weights[:2].sum())).pvalue < FAMILY_ERROR
