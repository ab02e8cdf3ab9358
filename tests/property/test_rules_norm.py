"""What holds of the rules of the norm, and of the functions that rules share, for any parameters within their ranges.

Fixed examples (derandomized), so that a failure is a failure of the rules and not of luck.
"""

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from normsim.rules import (
    link_functions,
    norm,
)
from tests.strategies import SLACK, exposure, few, flag, parameters, share, within

norms = parameters("norm", "strict_ban", "ccw_dud_rate", "assurance", "bridge", "initial")
minds = st.tuples(share, share, share, share, exposure, exposure, share, flag, share)
FELT, ANSWERED, UNANSWERED, DISPUTES, DEAF = 3, 4, 5, 6, 8
"""Places in `minds`, the arguments of `validity_next` after `p`."""

scopes = st.tuples(share, share, exposure, st.integers(0, 60), share, flag, share, flag)


@few
@given(norms, minds)
def test_validity_stays_a_share(p: Any, args: tuple[Any, ...]) -> None:
    assert within(norm.validity_next(p, *args))


def changed(args: tuple[Any, ...], **places: Any) -> tuple[Any, ...]:
    """The arguments with some replaced, by the name of their place."""
    return tuple({globals()[name]: value for name, value in places.items()}.get(k, x) for k, x in enumerate(args))


@few
@given(norms, minds, exposure)
def test_the_sign_of_a_reaction_is_its_coefficient(p: Any, args: tuple[Any, ...], more: float) -> None:
    before = norm.validity_next(p, *args)
    silence = norm.validity_next(p, *changed(args, UNANSWERED=args[UNANSWERED] + more)) - before
    outcry = norm.validity_next(p, *changed(args, ANSWERED=args[ANSWERED] + more)) - before
    assert silence <= SLACK if p.norm.unanswered >= 0.0 else silence >= -SLACK
    assert outcry >= -SLACK if p.norm.answered >= 0.0 else outcry <= SLACK


@few
@given(norms, minds, exposure, exposure)
def test_reactions_do_not_move_the_deaf(p: Any, args: tuple[Any, ...], answered: float, unanswered: float) -> None:
    deaf = changed(args, DEAF=0.0)
    loud = changed(deaf, ANSWERED=answered, UNANSWERED=unanswered)
    assert norm.validity_next(p, *deaf) == norm.validity_next(p, *loud)


@few
@given(norms, minds, share)
def test_more_unresolved_disputes_never_raise_validity(p: Any, args: tuple[Any, ...], other: float) -> None:
    low, high = sorted((args[DISPUTES], other))
    results = [norm.validity_next(p, *changed(args, DISPUTES=mean)) for mean in (low, high)]
    assert results[1] <= results[0] + SLACK


@few
@given(norms, minds, share)
def test_a_norm_felt_more_never_lowers_validity(p: Any, args: tuple[Any, ...], other: float) -> None:
    low, high = sorted((args[FELT], other))
    results = [norm.validity_next(p, *changed(args, FELT=felt)) for felt in (low, high)]
    assert results[1] >= results[0] - SLACK


@few
@given(norms, minds, share)
def test_peers_who_accept_more_never_lower_validity(p: Any, args: tuple[Any, ...], other: float) -> None:
    low, high = sorted((args[1], other))
    results = [norm.validity_next(p, args[0], peers, *args[2:]) for peers in (low, high)]
    assert results[1] >= results[0] - SLACK


def next_scope(p: Any, args: tuple[Any, ...]) -> tuple[float, float]:
    """The next scope of a state whose scope is legal under the floor, and the floor."""
    floor = norm.scope_floor(p, args[7])
    return norm.scope_next(p, max(args[0], floor), *args[1:7], floor), floor


@few
@given(norms, scopes)
def test_scope_stays_between_its_floor_and_one(p: Any, args: tuple[Any, ...]) -> None:
    after, floor = next_scope(p, args)
    assert 0.0 <= floor <= after <= 1.0


@few
@given(norms, scopes, exposure)
def test_more_exposure_never_raises_scope(p: Any, args: tuple[Any, ...], more: float) -> None:
    after, _ = next_scope(p, (*args[:2], args[2] + more, *args[3:]))
    assert after <= next_scope(p, args)[0] + SLACK


@few
@given(norms, scopes, st.integers(0, 20))
def test_more_episodes_never_raise_scope(p: Any, args: tuple[Any, ...], more: int) -> None:
    scope, peers, seen, episodes, clear, open_now, rest, tier = args
    rest = max(rest, scope, norm.scope_floor(p, tier))  # what is recovered to lies above
    fewer, _ = next_scope(p, (scope, peers, seen, episodes, clear, open_now, rest, tier))
    after, _ = next_scope(p, (scope, peers, seen, episodes + more, clear, open_now, rest, tier))
    assert after <= fewer + SLACK


@few
@given(norms, scopes, share)
def test_a_clearer_standard_never_lowers_scope(p: Any, args: tuple[Any, ...], other: float) -> None:
    low, high = sorted((args[4], other))
    results = [next_scope(p, (*args[:4], clear, *args[5:]))[0] for clear in (low, high)]
    assert results[1] >= results[0] - SLACK


@few
@given(norms, share, share)
def test_scope_rests_between_its_start_and_its_lowest(p: Any, a: float, b: float) -> None:
    lowest, initial = sorted((a, b))
    assert lowest - SLACK <= norm.rest_scope(p, initial, lowest) <= initial + SLACK


@few
@given(norms, exposure, exposure, exposure)
def test_expected_conduct_is_a_share_that_follows_what_was_seen(
    p: Any, kept: float, broken: float, more: float
) -> None:
    assume(p.norm.prior + kept + broken > 0.0 or more == 0.0)  # without a prior, what is seen first decides all
    expected = norm.expected_conduct(p, kept, broken)
    assert within(expected)
    assert norm.expected_conduct(p, kept + more, broken) >= expected - SLACK
    assert norm.expected_conduct(p, kept, broken + more) <= expected + SLACK


@few
@given(norms, st.lists(share, min_size=5, max_size=5), share, st.integers(0, 2))
def test_felt_norm_is_a_share_that_rises_with_belief_and_expectations(
    p: Any, x: list[float], other: float, place: int
) -> None:
    low, high = sorted((x[place], other))
    before, after = (norm.felt(p, *[value if k == place else x[k] for k in range(5)]) for value in (low, high))
    assert within(before)
    assert within(after)
    assert after >= before - SLACK


@few
@given(norms, share, share, share, share)
def test_the_deaf_feel_what_they_believe(p: Any, belief: float, conduct: float, approval: float, at: float) -> None:
    assert norm.felt(p, belief, conduct, approval, 0.0, at) == belief


@few
@given(norms, st.integers(0, 2), flag, st.integers(0, 9))
def test_approval_shown_is_a_share_that_speaking_never_lowers(p: Any, vote: int, exempt: int, acts: int) -> None:
    silent, loud = (norm.approval_shown(p, vote, exempt, voiced, acts) for voiced in (0, 1))
    assert 0.0 <= silent <= loud <= 1.0 + SLACK
    assert norm.approval_shown(p, vote, 1, 0, acts) <= norm.approval_shown(p, vote, 0, 0, acts) + SLACK


@few
@given(norms, share, share)
def test_more_voices_answer_more(p: Any, heard: float, other: float) -> None:
    low, high = sorted((heard, other))
    assert 0.0 <= norm.answered(p, low) <= norm.answered(p, high) + SLACK <= 1.0 + 2 * SLACK


@few
@given(norms, share, share, share, flag, st.floats(0.001, 0.2), st.floats(0.001, 0.9), st.floats(0.001, 0.9))
def test_costs_exceptions_and_what_is_seen_are_shares(
    p: Any, felt: float, scope: float, bridged: float, tier: int, claimed: float, believed: float, best: float
) -> None:
    exception = norm.tier_exception(p, tier, claimed, believed, best)
    cost = norm.cost(felt, scope, exception)
    assert within(exception)
    assert within(cost)
    assert cost <= felt
    assert within(norm.visible_share(p, bridged))
    assert within(norm.clarity(p, flag_of(bridged), tier))
    assert within(norm.scope_floor(p, tier))
    assert within(norm.tier_relief(p, believed))
    assert norm.tier_exception(p, 0, claimed, believed, best) == 0.0


def flag_of(value: float) -> int:
    return 1 if value > 0.5 else 0


@few
@given(share, share, share, share)
def test_cost_rises_with_the_felt_norm_and_scope(felt: float, scope: float, other: float, exception: float) -> None:
    low, high = sorted((scope, other))
    assert norm.cost(felt, low, exception) <= norm.cost(felt, high, exception) + SLACK
    assert norm.cost(low, scope, exception) <= norm.cost(high, scope, exception) + SLACK
    assert norm.cost(felt, 1.0, exception) == felt


@few
@given(share, share, share)
def test_follow_lies_between_value_and_target(value: float, target: float, rate: float) -> None:
    after = norm.follow(value, target, rate)
    assert min(value, target) - SLACK <= after <= max(value, target) + SLACK


@few
@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.floats(0.0, 1e3))
def test_clip_keeps_within_and_moves_nothing_inside(value: float, low: float, width: float) -> None:
    high = low + width
    kept = link_functions.clip(value, low, high)
    assert low <= kept <= high
    assert kept == value or not low <= value <= high
    assert link_functions.clip(kept, low, high) == kept


@few
@given(exposure, exposure, st.floats(0.01, 1.0), st.floats(1.0, 4.0))
def test_hill_is_a_rising_share(a: float, b: float, half: float, exponent: float) -> None:
    low, high = sorted((a, b))
    assert (
        0.0
        <= link_functions.hill(low, half, exponent)
        <= link_functions.hill(high, half, exponent) + SLACK
        <= 1.0 + 2 * SLACK
    )
