"""What holds of choices, matter, harm and chance for any parameters within their ranges.

Bounds, directions, sums, distributions; the norm has its own file.

Fixed examples (derandomized), so that a failure is a failure of the rules and not of luck.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from normsim.analysis.verification_records import FAMILY_ERROR
from normsim.parameters import records
from normsim.rules import (
    acquire,
    assurance,
    bridge,
    claim,
    condemn,
    conflict,
    harm,
    join,
    link_functions,
    norm,
    renounce,
    supply,
    transfer,
    use,
    vote,
    withdraw,
)
from tests.strategies import SLACK, few, flag, parameters, share, within
from tests.worlds import record

# ---------------------------------------------------------------- probabilities


@few
@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=2).map(tuple))
def test_probabilities_are_shares(terms: tuple[float, float]) -> None:
    assert within(link_functions.logit(terms))
    assert within(link_functions.hazard(terms))


@few
@given(st.floats(-30.0, 3.0), st.floats(0.0, 5.0))
def test_probabilities_rise_with_their_terms(total: float, more: float) -> None:
    for link in (link_functions.logit, link_functions.hazard):
        assert link((total, more)) >= link((total, 0.0))


everything = parameters(*{parameter.group for parameter in records().values()})
intensities = st.sampled_from((0.0, 0.5, 1.0))
thirteen = st.lists(share, min_size=13, max_size=13)


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(everything, st.lists(share, min_size=15, max_size=15), flag, st.integers(0, 2))
def test_every_choice_has_a_probability(p: Any, x: list[float], bit: int, form: int) -> None:
    deviations = [value - 0.5 for value in x]
    for probability in (
        link_functions.logit(acquire.terms(p, *x[:4])),
        link_functions.logit(use.terms(p, *x[:8], 1e4 * x[8], x[9], bit)),
        link_functions.logit(
            transfer.terms(p, x[0], x[1], bit, x[2], x[3], bit, x[4], bit, bit, x[5], x[6], x[7], x[8], x[9])
        ),
        link_functions.hazard(renounce.terms(p, x[0], x[1], x[2], bit, bit)),
        link_functions.hazard(
            join.terms(
                p, form, 6.0 * deviations[0], x[1], x[2], deviations[3], x[4], x[5], 12, *deviations[7:9], x[9], x[10]
            )
        ),
        link_functions.hazard(join.protocol_terms(p, deviations[0])),
        link_functions.hazard(withdraw.terms(p, x[0], 5.0 * x[1], x[2], x[3])),
        link_functions.logit(vote.terms(p, x[0], bit, bit, x[1])),
        link_functions.logit(
            condemn.terms(p, x[0], bit, x[5], 8.0 * x[7] - 4.0, 9.0 * x[1], x[2], x[3], bit, x[4], x[6])
        ),
        link_functions.logit(claim.terms(p, 2.0 * x[0], x[1], 5.0 * x[2], x[3])),
        use.without_norm(use.terms(p, *x[:8], 1e4 * x[8], x[9], bit)),
        link_functions.logit(assurance.breach_terms(p, *x[:4])),
        conflict.onset_probability(p, x[0]),
        conflict.end_probability(p, x[0]),
        assurance.detection(p, bit),
        assurance.enforcement(p),
        assurance.effective_terms(p, x[0]),
        withdraw.accepted_exception(p, bit, x[0]),
        condemn.gravity(p, bit, form, bit),
        condemn.passed(p, bit, form, 1 - bit, bit),
        conflict.threat_target(p, x[0], x[1]),
        conflict.threat_next(p, x[0], x[1], x[2], x[3]),
        conflict.intensity_next(p, x[0], x[1], x[2], x[3]),
        harm.field_rate(p, max(x[0], 1e-3)),
    ):
        assert within(probability)


Direction = tuple[Any, int, int, str]
DIRECTIONS: dict[str, tuple[Any, int, dict[int, int]]] = {
    # argument (after p) -> +1 where more of it never lowers the sum of terms, -1 where it never raises it
    "acquire": (acquire.terms, 4, {0: 1, 1: 1, 2: 1, 3: -1}),
    "use": (use.terms, 11, {0: 1, 1: 1, 3: 1, 4: 1, 5: -1, 6: -1, 8: -1, 9: -1, 10: -1}),
    "transfer": (
        transfer.terms,
        14,
        {0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1, 9: -1, 10: -1, 11: -1, 12: -1, 13: -1},
    ),
    "claim": (claim.terms, 4, {0: -1, 2: 1, 3: -1}),
    "renounce": (renounce.terms, 5, {0: 1, 1: 1, 2: -1, 3: -1, 4: -1}),
    "withdraw": (withdraw.terms, 4, {0: 1, 1: 1, 2: -1, 3: 1}),
    "vote": (vote.terms, 4, {0: 1, 1: 1, 2: 1, 3: 1}),
    "condemn": (
        condemn.terms,
        10,
        {0: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: -1, 9: 1},
    ),
    "breach": (assurance.breach_terms, 4, {0: 1, 1: -1, 2: -1, 3: -1}),
}


@pytest.mark.parametrize("name", sorted(DIRECTIONS))
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(p=everything, x=st.lists(share, min_size=15, max_size=15), y=share)
def test_direction_of_every_argument(name: str, p: Any, x: list[float], y: float) -> None:
    rule, count, directions = DIRECTIONS[name]
    for place, sign in directions.items():
        low, high = sorted((x[place], y))
        before, after = (sum(rule(p, *x[:place], value, *x[place + 1 : count])) for value in (low, high))
        assert sign * (after - before) >= -1e-9, (place, before, after)


join_directions = {2: 1, 3: 1, 4: -1, 5: 1, 6: 1, 8: -1, 9: -1, 10: -1, 11: -1}


@few
@given(everything, thirteen, share, st.integers(0, 2))
def test_direction_of_every_argument_of_joining(p: Any, x: list[float], y: float, form: int) -> None:
    for place, sign in join_directions.items():
        low, high = sorted((x[place], y))
        before, after = (
            sum(join.terms(p, form, *x[1:7], 10, *x[8:12]))
            for x in ([*x[:place], value, *x[place + 1 :]] for value in (low, high))
        )
        assert sign * (after - before) >= -1e-9, (place, before, after)


@few
@given(everything, st.lists(share, min_size=11, max_size=11), share)
def test_habit_raises_use(p: Any, x: list[float], y: float) -> None:
    low, high = sorted((x[2], y))
    before, after = (sum(use.terms(p, *x[:2], habit, *x[3:])) for habit in (low, high))
    assert after >= before - 1e-9


# ---------------------------------------------------------------- matter


stocks = st.floats(0.0, 2.0)


@few
@given(parameters("supply", "production"), stocks, st.floats(0.0, 0.2), intensities, flag)
def test_conventional_rounds_stay_within_reach(
    p: Any, stock: float, output: float, intensity: float, needed: int
) -> None:
    after = supply.stock_next(p, stock, output, intensity)
    assert 0.0 <= after <= max(stock, 1.0)
    made = supply.output_next(p, output, needed)
    assert made >= 0.0 or output > p.supply.output_target
    if p.supply.output <= output <= p.supply.output_target and p.supply.output <= p.supply.output_target:
        assert p.supply.output - SLACK <= made <= p.supply.output_target + SLACK
    assert p.supply.output_target >= supply.initial_output(p, intensity) or p.supply.output > p.supply.output_target
    assert supply.consumption(p, intensity) >= 0.0
    assert within(supply.shortage(stock))


@few
@given(parameters("supply"), stocks, st.lists(share, min_size=1, max_size=30))
def test_aid_leaves_the_reserve(p: Any, stock: float, pulls: list[float]) -> None:
    given_away = sum(supply.aid_given(p, stock, pull, sum(pulls)) for pull in pulls)
    assert 0.0 <= given_away <= p.supply.aid * max(0.0, stock - p.supply.reserve) + SLACK


@few
@given(parameters("bridge"), stocks, stocks, share, st.integers(0, 60))
def test_a_case_that_meets_the_standard_meets_it_with_a_lower_stock(
    p: Any, stock: float, other: float, short: float, episodes: int
) -> None:
    low, high = sorted((stock, other))
    if claim.meets_standard(p, high, short):
        assert claim.meets_standard(p, low, short)
        assert claim.meets_standard(p, high, max(short, 1.0))
    if bridge.due(p, low, 5):
        assert bridge.due(p, high, 5)
    if claim.ineligible(p, 1, 1, 0.0, 0, 0, short, episodes + 1) == 0:
        assert claim.ineligible(p, 1, 1, 0.0, 0, 0, short, episodes) == 0


@few
@given(st.integers(0, 10**7), st.integers(1, 240))
def test_destruction_takes_the_whole_stock_in_exactly_the_months_left(rounds: int, months: int) -> None:
    left, parts = rounds, []
    for remaining in range(months, 0, -1):
        part = supply.destroyed(left, remaining)
        assert isinstance(part, int)
        assert 0 <= part <= left
        left -= part
        parts.append(part)
        assert left > 0 or remaining == 1 or rounds < months
    assert sum(parts) == rounds
    assert left == 0
    assert max(parts) - min(parts) <= 1 or rounds < months
    assert supply.destroyed(rounds, 0) == supply.destroyed(rounds, -3) == rounds


@few
@given(parameters("supply"), st.floats(0.0, 0.3), st.integers(1, 4), st.floats(-4.0, 4.0))
def test_initial_arsenals_hold_no_more_than_the_endowment(p: Any, power: float, origin: int, noise: float) -> None:
    size = supply.scale(p, power)
    rounds = [supply.initial_rounds(p, size, origin, noise, munition) for munition in range(supply.CLASSES)]
    assert min(rounds) >= 0
    share = max(1.0, p.supply.share_legacy + p.supply.share_improved)
    total = share * supply.endowment(p, origin) * math.exp(p.supply.stock_spread * noise) * size
    assert sum(rounds) <= total * (1.0 + 1e-12) + 1e-6


@few
@given(parameters("use", "transfer", "supply"), st.integers(0, 10**7), intensities, st.floats(0.0, 1.0))
def test_nobody_fires_or_sends_more_than_it_holds(p: Any, rounds: int, intensity: float, power: float) -> None:
    size = supply.scale(p, power)
    assert 0 <= use.rounds_fired(p, rounds, intensity, size) <= rounds
    assert 0 <= transfer.rounds_sent(p, rounds, size) <= rounds


@few
@given(st.lists(st.floats(0.0, 1e6), min_size=3, max_size=3), st.floats(0.0, 1.0))
def test_only_a_class_at_hand_is_chosen(weights: list[float], draw: float) -> None:
    if sum(weights) > 0.0:
        assert weights[use.choose_class(*weights, draw)] > 0.0


def test_classes_are_drawn_in_proportion() -> None:
    marks = (np.arange(1000) + 0.5) / 1000
    counts = np.bincount([use.choose_class(2.0, 5.0, 3.0, mark) for mark in marks], minlength=3)
    assert counts.tolist() == [200, 500, 300]


# ---------------------------------------------------------------- harm


@few
@given(parameters("harm", "tracking", "education", "planning"), st.floats(0.0, 1e7), share, share)
def test_harm_is_never_negative(p: Any, amount: float, a: float, b: float) -> None:
    gone = harm.cleared(p, amount, a)
    assert 0.0 <= gone <= amount
    assert 0.0 <= harm.recorded(p, amount) <= amount * (1.0 + SLACK)
    assert harm.remnant_mean(p, amount) >= 0.0
    assert 0.0 <= harm.attack_mean(p, int(amount), a) <= p.harm.attack * int(amount) * (1.0 + SLACK)
    believed = harm.belief_next(p, a, b)
    assert min(a, b) - SLACK <= believed <= max(a, b) + SLACK


@few
@given(st.floats(1e-3, 100.0), st.floats(1e-9, 1.0 - 1e-9))
def test_counts_are_poisson_quantiles(mean: float, draw: float) -> None:
    got = harm.count(mean, draw)
    below, above = (stats.poisson.ppf(draw * (1 - shift), mean) for shift in (1e-9, -1e-9))
    assert below <= got <= above or abs(stats.poisson.cdf(got, mean) - draw) < 1e-9


@pytest.mark.parametrize("mean", [0.01, 0.5, 1.0, 7.3, 40.0, 100.0])
def test_mean_and_variance_of_counts(mean: float) -> None:
    draws = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([harm.count(mean, draw) for draw in draws])
    np.testing.assert_array_equal(counts, stats.poisson.ppf(draws, mean))
    assert counts.mean() == pytest.approx(mean, rel=2e-3)
    assert counts.var() == pytest.approx(mean, rel=1e-2)


@pytest.mark.parametrize("mean", [100.5, 400.0, 1e4])
def test_large_counts_keep_mean_and_variance(mean: float) -> None:
    draws = (np.arange(20_000) + 0.5) / 20_000
    counts = np.array([harm.count(mean, draw) for draw in draws])
    assert counts.mean() == pytest.approx(mean, rel=1e-3)
    assert counts.var() == pytest.approx(mean, rel=2e-2)  # a logistic cut at 1/40,000 at both ends
    assert (np.diff(counts) >= 0).all()


@few
@given(st.floats(0.0, 300.0), st.floats(0.0, 300.0), share)
def test_counts_rise_with_the_mean_within_a_kind(a: float, b: float, draw: float) -> None:
    low, high = sorted((a, b))
    if (low > harm.EXACT_BELOW) == (high > harm.EXACT_BELOW) and draw > 0.05:
        assert harm.count(low, draw) <= harm.count(high, draw)


@pytest.mark.parametrize("dispersion", [0.0, 0.1, 0.25, 0.4, 0.45])
def test_heavy_tail_has_mean_one(dispersion: float) -> None:
    p = record({"harm.dispersion": dispersion})

    def along(x: float) -> float:  # u = logistic(x): the tail decays as exp(-(1 - s) x)
        u = 1.0 / (1.0 + math.exp(-x))
        return harm.heavy_tail(p, u) * u * (1.0 - u)

    mean, _ = integrate.quad(along, -20.0, 20.0, limit=200)
    assert mean == pytest.approx(1.0, abs=2e-4 + 2e-8 ** (1.0 - dispersion))


@few
@given(parameters("harm"), share, share)
def test_heavy_tail_rises(p: Any, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0.0 <= harm.heavy_tail(p, low) <= harm.heavy_tail(p, high) * (1.0 + SLACK)


# ---------------------------------------------------------------- dyads


@few
@given(share, share)
def test_dyad_is_a_deterministic_uniform_number(u_from: float, u_to: float) -> None:
    number = link_functions.dyad(u_from, u_to)
    assert 0.0 <= number < 1.0
    assert number == link_functions.dyad(u_from, u_to)


PAIRS = {
    "a pair and its reverse": ((0, 1), (1, 0)),
    "one observer, two actors": ((0, 1), (0, 2)),
    "two observers, one actor": ((0, 2), (1, 2)),
    "two steps of a path": ((0, 1), (1, 2)),
    "nothing shared": ((0, 1), (2, 3)),
}
BINS = 8


def chi_square_p(x: np.ndarray, y: np.ndarray) -> float:
    """p-value of uniform and independent pairs in equal bins."""
    cells = np.floor(x * BINS).astype(int) * BINS + np.floor(y * BINS).astype(int)
    return float(stats.chisquare(np.bincount(cells, minlength=BINS * BINS)).pvalue)


@pytest.mark.parametrize("case", sorted(PAIRS))
def test_any_two_dyads_are_independent_uniforms(case: str) -> None:
    """Chi-square on 8 x 8 bins of 20,000 draws; alpha = family error 1e-6 over the 5 cases."""
    draws = np.random.default_rng(20260101).random((20_000, 4))
    (a, b), (c, d) = PAIRS[case]
    x = np.array([link_functions.dyad(row[a], row[b]) for row in draws])
    y = np.array([link_functions.dyad(row[c], row[d]) for row in draws])
    assert chi_square_p(x, y) > FAMILY_ERROR / len(PAIRS)


def test_a_naive_dyad_would_fail() -> None:
    """Power: frac(u_from + u_to) is the same for a pair and its reverse, and the test sees it."""
    draws = np.random.default_rng(20260101).random((20_000, 2))
    naive = draws.sum(axis=1) % 1.0
    assert chi_square_p(naive, naive) < FAMILY_ERROR / len(PAIRS)


@few
@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=8))
def test_standing_rises_with_power(powers: list[float]) -> None:
    p = record({"standing.power": 1.0, "standing.democracy": 0.5})
    weights = [norm.standing(p, power, 0.5) for power in sorted(powers)]
    assert all(a <= b for a, b in pairwise(weights))
