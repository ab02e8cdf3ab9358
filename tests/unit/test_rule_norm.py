"""Norm: expectations, felt norm, cost, exceptions and the next value of every norm column, against tables by hand."""

import pytest

from normsim.rules import norm
from normsim.rules.initial import ABSTAIN, NO, YES
from tests.worlds import both, record

# ---------------------------------------------------------------- expectations and the felt norm


@pytest.mark.parametrize(
    ("violation", "exception", "scope", "want"),
    [(0.0, 0.0, 0.5, 0.0), (0.3, 0.0, 0.5, 0.3), (0.3, 0.4, 0.5, 0.5), (0.0, 0.4, 1.0, 0.4), (0.3, 0.4, 0.0, 0.3)],
)
def test_violations_seen(violation: float, exception: float, scope: float, want: float) -> None:
    assert both(norm.violation_seen, violation, exception, scope) == pytest.approx(want)


@pytest.mark.parametrize(
    ("memory", "before", "seen", "want"), [(0.9, 2.0, 0.5, 2.3), (0.5, 2.0, 0.0, 1.0), (0.97, 0.0, 0.2, 0.2)]
)
def test_remembered(memory: float, before: float, seen: float, want: float) -> None:
    assert both(norm.remembered, record({"norm.memory": memory}), before, seen) == pytest.approx(want)


@pytest.mark.parametrize(("memory", "seen", "want"), [(0.5, 0.3, 0.6), (0.75, 0.3, 1.2), (0.9, 0.0, 0.0)])
def test_remembered_at_the_start_is_the_fixed_point(memory: float, seen: float, want: float) -> None:
    p = record({"norm.memory": memory})
    assert both(norm.remembered_start, p, seen) == pytest.approx(want)
    assert norm.remembered(p, norm.remembered_start(p, seen), seen) == pytest.approx(want)


@pytest.mark.parametrize(
    ("prior", "trust", "complied", "violated", "want"),
    [
        (1.0, 0.9, 0.0, 0.0, 0.9),  # nothing seen: trust
        (1.0, 0.9, 1.0, 0.0, 0.95),
        (1.0, 0.9, 0.0, 1.0, 0.45),
        (2.0, 0.5, 3.0, 5.0, 0.4),  # (1 + 3) / (2 + 3 + 5)
        (0.5, 0.0, 1.5, 0.0, 0.75),
        (0.0, 0.9, 0.0, 0.0, 0.9),  # neither seen nor weighed
        (0.0, 0.9, 1.0, 3.0, 0.25),
        (0.25, 0.8, 0.25, 0.25, 0.6),  # little seen, and little weighed
    ],
)
def test_expected_conduct(prior: float, trust: float, complied: float, violated: float, want: float) -> None:
    p = record({"norm.prior": prior, "norm.trust": trust})
    assert both(norm.expected_conduct, p, complied, violated) == pytest.approx(want)


# validity, conduct, approval, susceptibility, threshold
@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({"norm.complexity": 2.0}, (0.7, 0.1, 0.2, 0.0, 0.5), 0.7),  # deaf: belief alone
        ({"norm.conduct": 1.0}, (0.7, 0.5, 0.0, 1.0, 0.5), 0.5),  # at its threshold
        ({"norm.conduct": 0.0}, (0.7, 0.0, 0.25, 1.0, 0.75), 0.25),  # .25 / (.25 + .75)
        ({"norm.conduct": 0.0, "norm.complexity": 2.0}, (0.7, 1.0, 0.6, 1.0, 0.3), 0.8),  # .36 / (.36 + .09)
        ({"norm.conduct": 0.25}, (0.7, 0.8, 0.4, 1.0, 0.5), 0.5),  # .25 * .8 + .75 * .4 = .5
        ({"norm.conduct": 0.5}, (0.8, 0.2, 0.4, 0.5, 0.1), 0.775),  # .4 + .5 * .3 / .4
        ({"norm.conduct": 0.5}, (0.8, 0.0, 0.0, 0.25, 0.1), 0.6),  # nothing expected: belief's share only
    ],
)
def test_felt(values: dict[str, float], args: tuple[float, ...], want: float) -> None:
    assert both(norm.felt, record(values), *args) == pytest.approx(want)


# stance, exempt, voiced, violations
@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, (YES, 0, 0, 0.0), 1.0),
        ({"norm.abstention": 0.4}, (ABSTAIN, 0, 0, 0.0), 0.4),
        ({"norm.abstention": 0.4}, (NO, 0, 1, 0.0), 0.0),
        ({"norm.institution": 0.25}, (YES, 1, 0, 0.0), 0.75),
        ({"norm.institution": 0.25, "norm.abstention": 0.4}, (ABSTAIN, 1, 0, 0.0), 0.3),
        ({"norm.silence": 0.3}, (YES, 0, 0, 2.0), 0.7),
        ({"norm.silence": 0.3}, (YES, 0, 1, 2.0), 1.0),
        ({"norm.silence": 0.3}, (NO, 0, 1, 2.0), 0.3),  # spoke all the same
        ({"norm.silence": 0.3}, (YES, 0, 0, 0.0), 1.0),  # nothing to speak about
        ({"norm.silence": 0.3}, (YES, 0, 0, 0.01), 0.7),  # any act is enough
        ({"norm.silence": 1.0, "norm.institution": 1.0}, (YES, 1, 1, 1.0), 1.0),
    ],
)
def test_approval_shown(values: dict[str, float], args: tuple[float, ...], want: float) -> None:
    assert both(norm.approval_shown, record(values), *args) == pytest.approx(want)


@pytest.mark.parametrize(
    ("enough", "complexity", "voices", "want"),
    [(0.25, 2.0, 0.0, 0.0), (0.25, 2.0, 0.25, 0.5), (0.25, 2.0, 0.5, 0.8), (0.25, 1.0, 0.75, 0.75)],
)
def test_answered(enough: float, complexity: float, voices: float, want: float) -> None:
    assert both(norm.answered, record({"norm.enough": enough, "norm.complexity": complexity}), voices) == pytest.approx(
        want
    )


@pytest.mark.parametrize(("answered", "want"), [(0.0, False), (0.5, False), (0.51, True), (1.0, True)])
def test_an_act_counts_as_answered_beyond_a_half(answered: float, want: bool) -> None:
    assert both(norm.is_answered, answered) == want


@pytest.mark.parametrize(("stance", "want"), [(YES, 1.0), (ABSTAIN, 0.4), (NO, 0.0)])
def test_worth_of_a_vote(stance: int, want: float) -> None:
    assert both(norm.vote_worth, record({"norm.abstention": 0.4}), stance) == want


@pytest.mark.parametrize(("before", "claims", "want"), [(0.0, 0.0, 0.0), (0.0, 0.5, 0.5), (0.8, 0.5, 0.9)])
def test_precedent(before: float, claims: float, want: float) -> None:
    p = record({"claim.half_life": 12.0})
    for _ in range(11):  # all but one of the months of its half-life
        before = norm.precedent_next(norm.precedent_kept(p), before, 0.0)
    assert both(norm.precedent_next, norm.precedent_kept(p), before, claims) == pytest.approx(want)


def test_the_yearly_vote_is_in_december() -> None:
    assert [month for month in range(1, 13) if both(norm.votes_now, month)] == [12]


# ---------------------------------------------------------------- what a state shows


@pytest.mark.parametrize(
    ("args", "violation", "excepted"),
    [
        ((2.0, 0.0, 0.0), 0.0, 0.0),
        ((2.0, 0.8, 0.0), 1.6, 0.0),
        ((2.0, 0.8, 0.25), 1.2, 0.4),
        ((2.0, 0.8, 1.0), 0.0, 1.6),
    ],
)
def test_acts_shown(args: tuple[float, ...], violation: float, excepted: float) -> None:
    assert both(norm.violation, *args) == pytest.approx(violation)
    assert both(norm.excepted_act, *args) == pytest.approx(excepted)


def test_compliance_shown() -> None:
    assert both(norm.compliance, 2.0, 0.6) == pytest.approx(1.2)
    assert both(norm.compliance, 2.0, 0.0) == 0.0


@pytest.mark.parametrize(
    ("opened", "bridged", "answered", "want"),
    [
        (0, 1.0, 0.0, 0.0),
        (1, 1.0, 0.0, 1.3),  # .3 + .7 * .5 of it is seen
        (1, 0.0, 0.0, 1.6),  # a tier is seen as an open act is
        (1, 1.0, 0.5, 0.65),
        (1, 1.0, 1.0, 0.0),  # answered: no precedent
    ],
)
def test_claim_shown(opened: int, bridged: float, answered: float, want: float) -> None:
    p = record({"norm.visibility": 0.8, "norm.visibility_floor": 0.3, "bridge.transparency": 0.5})
    assert both(norm.claim_shown, p, 2.0, opened, bridged, answered) == pytest.approx(want)


# ---------------------------------------------------------------- cost and exceptions


@pytest.mark.parametrize(
    ("felt", "scope", "exception", "want"),
    [
        (0.8, 0.5, 0.0, 0.8),  # no exception: the whole norm
        (0.8, 0.5, 1.0, 0.4),
        (0.8, 0.5, 0.5, 0.6),
        (0.8, 1.0, 1.0, 0.8),  # full scope: exceptions are inert
        (0.8, 0.0, 1.0, 0.0),
        (0.0, 0.5, 0.5, 0.0),
        (1.0, 0.0, 0.0, 1.0),
    ],
)
def test_cost(felt: float, scope: float, exception: float, want: float) -> None:
    assert both(norm.cost, felt, scope, exception) == pytest.approx(want)


@pytest.mark.parametrize(
    ("ban", "ban_floor", "tier_floor", "tier", "want"),
    [
        (0, 1.0, 0.3, 0, 0.0),
        (0, 1.0, 0.3, 1, 0.3),
        (1, 1.0, 0.3, 0, 1.0),
        (1, 0.6, 0.3, 1, 0.6),
        (1, 0.2, 0.3, 1, 0.3),
        (1, 0.0, 0.0, 1, 0.0),
    ],
)
def test_scope_floor(ban: int, ban_floor: float, tier_floor: float, tier: int, want: float) -> None:
    p = record({"strict_ban.on": ban, "strict_ban.scope_floor": ban_floor, "ccw_dud_rate.scope_floor": tier_floor})
    assert both(norm.scope_floor, p, tier) == want


TIER = {"ccw_dud_rate.threshold": 0.01, "norm.evidence": 0.5}


@pytest.mark.parametrize(
    ("values", "believed", "want"),
    [
        (TIER, 0.005, 1.0),
        (TIER, 0.01, 1.0),  # a tie meets the threshold
        (TIER, 0.02, 0.5),  # twice the threshold
        (TIER, 0.03, 0.0),
        (TIER, 0.09, 0.0),
        (TIER | {"norm.evidence": 0.0}, 0.09, 1.0),
    ],
)
def test_tier_relief(values: dict[str, float], believed: float, want: float) -> None:
    assert both(norm.tier_relief, record(values), believed) == pytest.approx(want)


MASQUERADE = TIER | {"norm.masquerade": 0.4, "assurance.monitoring": 0.5, "assurance.tier_accuracy": 0.5}


@pytest.mark.parametrize(
    ("values", "tier", "claimed", "believed", "best", "want"),
    [
        (MASQUERADE, 0, 0.01, 0.01, 0.01, 0.0),  # no tier, no exception
        (MASQUERADE, 1, 0.01, 0.01, 0.01, 1.0),
        (MASQUERADE, 1, 0.01, 0.02, 0.01, 0.5),
        (MASQUERADE, 1, 0.05, 0.05, 0.01, 0.3),  # .4 (1 - .25)
        (MASQUERADE, 1, 0.05, 0.05, 0.02, 0.15),
        (MASQUERADE, 1, 0.05, 0.05, 0.03, 0.0),
        (TIER, 1, 0.05, 0.05, 0.01, 0.0),  # no masquerade
    ],
)
def test_tier_exception(
    values: dict[str, float], tier: int, claimed: float, believed: float, best: float, want: float
) -> None:
    assert both(norm.tier_exception, record(values), tier, claimed, believed, best) == pytest.approx(want)


@pytest.mark.parametrize(
    ("tier", "bridged", "claimed", "believed", "best", "want"),
    [
        (0, 0.0, 0.01, 0.01, 0.01, 0.0),
        (0, 0.6, 0.05, 0.05, 0.01, 0.6),  # a bridge alone
        (1, 0.0, 0.01, 0.02, 0.01, 0.5),  # a tier alone
        (1, 0.0, 0.05, 0.05, 0.02, 0.15),
        (1, 0.2, 0.05, 0.05, 0.01, 0.3),  # the greater of the two
        (1, 0.6, 0.05, 0.05, 0.01, 0.6),
    ],
)
def test_exception(tier: int, bridged: float, claimed: float, believed: float, best: float, want: float) -> None:
    assert both(norm.exception, record(MASQUERADE), tier, bridged, claimed, believed, best) == pytest.approx(want)


@pytest.mark.parametrize(("bridge", "tier", "want"), [(0, 0, 0.0), (1, 0, 0.4), (1, 1, 0.4), (0, 1, 0.7)])
def test_clarity(bridge: int, tier: int, want: float) -> None:
    p = record({"bridge.transparency": 0.8, "bridge.clear_standard": 0.5, "ccw_dud_rate.clear_standard": 0.7})
    assert both(norm.clarity, p, bridge, tier) == pytest.approx(want)


@pytest.mark.parametrize(
    ("transparency", "bridged", "want"),
    [
        (0.5, 0.0, 0.8),
        (0.0, 1.0, 0.3),
        (0.5, 1.0, 0.65),  # .3 + .7 * .5
        (1.0, 1.0, 0.8),  # never more than an open act
        (0.5, 0.5, 0.725),
    ],
)
def test_visible_share(transparency: float, bridged: float, want: float) -> None:
    p = record({"norm.visibility": 0.8, "norm.visibility_floor": 0.3, "bridge.transparency": transparency})
    assert both(norm.visible_share, p, bridged) == pytest.approx(want)


# scope, peers, accepted, episodes, clear, open, rest, floor
ERODE = {"norm.scope_erode": 0.2}


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, (0.8, 0.2, 1.0, 3, 0.0, 0, 1.0, 0.0), 0.8),  # everything null: frozen
        ({"norm.imitate": 0.5}, (0.8, 0.4, 0.0, 0, 0.0, 1, 1.0, 0.0), 0.6),
        (ERODE, (0.8, 0.8, 0.5, 1, 0.0, 1, 1.0, 0.0), 0.72),  # .2 * .5 * .8
        (ERODE, (0.8, 0.8, 0.5, 0, 0.0, 1, 1.0, 0.0), 0.72),  # before the first episode
        (ERODE, (0.8, 0.8, 0.0, 1, 0.0, 1, 1.0, 0.0), 0.8),  # nothing seen
        (ERODE, (0.8, 0.8, 0.25, 1, 0.0, 1, 1.0, 0.0), 0.76),
        (ERODE, (0.8, 0.8, 0.5, 1, 1.0, 1, 1.0, 0.0), 0.8),  # a clear standard
        (ERODE, (0.8, 0.8, 0.5, 1, 0.5, 1, 1.0, 0.0), 0.76),
        (ERODE, (0.8, 0.8, 0.5, 1, 0.0, 1, 1.0, 0.6), 0.78),  # down to the floor only
        (ERODE, (0.8, 0.8, 0.5, 1, 0.0, 1, 1.0, 0.8), 0.8),
        (ERODE | {"norm.recurrence": 0.5}, (0.8, 0.8, 0.5, 1, 0.0, 1, 1.0, 0.0), 0.72),
        (ERODE | {"norm.recurrence": 0.5}, (0.8, 0.8, 0.5, 2, 0.0, 1, 1.0, 0.0), 0.68),
        (ERODE | {"norm.recurrence": 0.5}, (0.8, 0.8, 0.5, 3, 0.0, 1, 1.0, 0.0), 0.62),
        (ERODE | {"norm.recurrence": 2.0}, (0.8, 0.8, 0.5, 20, 0.0, 1, 1.0, 0.1), 0.1),  # at most all
        (ERODE | {"norm.recurrence": 2.0, "norm.imitate": 0.5}, (0.8, 1.0, 0.5, 20, 0.0, 1, 1.0, 0.1), 0.2),
        ({"norm.scope_recover": 0.1}, (0.6, 0.6, 0.0, 1, 0.0, 0, 0.8, 0.0), 0.62),
        ({"norm.scope_recover": 0.1}, (0.6, 0.6, 0.0, 1, 0.0, 1, 0.8, 0.0), 0.6),  # not while one is open
        ({}, (0.5, 0.5, 0.0, 0, 0.0, 0, 1.0, 0.7), 0.7),  # raised to a floor that comes into force
    ],
)
def test_scope(values: dict[str, float], args: tuple[float, ...], want: float) -> None:
    assert both(norm.scope_next, record(values), *args) == pytest.approx(want)


@pytest.mark.parametrize(
    ("irreversible", "initial", "lowest", "want"),
    [(0.0, 0.8, 0.2, 0.8), (0.5, 0.8, 0.2, 0.5), (1.0, 0.8, 0.2, 0.2), (0.5, 0.8, 0.8, 0.8)],
)
def test_rest_scope(irreversible: float, initial: float, lowest: float, want: float) -> None:
    assert both(norm.rest_scope, record({"norm.irreversible": irreversible}), initial, lowest) == pytest.approx(want)


# validity, peers, anchor, felt, answered, unanswered, disputes, resolved, susceptibility
STILL = (0.6, 0.6, 0.6, 0.6, 0.0, 0.0, 0.0, 0, 1.0)
REACTION = {"norm.answered": 0.5, "norm.unanswered": 1.0}


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, (0.6, 0.1, 0.9, 0.2, 0.5, 0.5, 1.0, 0, 1.0), 0.6),  # everything null: frozen
        ({"norm.imitate": 0.5}, (0.6, 0.4, *STILL[2:]), 0.5),
        ({"norm.imitate": 1.0}, (0.6, 0.4, *STILL[2:]), 0.4),  # DeGroot
        ({"norm.anchor": 0.2}, (0.6, 0.6, 0.8, *STILL[3:]), 0.64),
        ({"norm.internalise": 0.1}, (0.6, 0.6, 0.6, 0.9, *STILL[4:]), 0.63),
        ({"norm.internalise": 0.1}, (0.6, 0.6, 0.6, 0.1, *STILL[4:]), 0.55),
        (REACTION, STILL, 0.6),  # nothing to react to
        (REACTION, (0.6, 0.6, 0.6, 0.6, 0.0, 0.5, 0.0, 0, 1.0), 0.48),  # silence: -1 * .5 * .24
        (REACTION, (0.6, 0.6, 0.6, 0.6, 0.5, 0.0, 0.0, 0, 1.0), 0.66),  # outcry: +.5 * .5 * .24
        (REACTION, (0.6, 0.6, 0.6, 0.6, 0.4, 0.2, 0.0, 0, 1.0), 0.6),  # where the two balance
        (REACTION, (0.6, 0.6, 0.6, 0.6, 0.0, 0.5, 0.0, 0, 0.5), 0.54),  # half as susceptible
        (REACTION, (0.6, 0.6, 0.6, 0.6, 0.0, 0.5, 0.0, 0, 0.0), 0.6),  # deaf
        (REACTION, (1.0, 1.0, 1.0, 1.0, 0.0, 9.0, 0.0, 0, 1.0), 1.0),  # certainty does not move
        ({"norm.answered": -0.5}, (0.6, 0.6, 0.6, 0.6, 0.5, 0.0, 0.0, 0, 1.0), 0.54),  # answered in vain
        ({"norm.unanswered": 6.0}, (0.6, 0.6, 0.6, 0.6, 0.0, 9.0, 0.0, 0, 1.0), 0.0),  # kept in range
        ({"norm.answered": 3.0}, (0.6, 0.6, 0.6, 0.6, 9.0, 0.0, 0.0, 0, 1.0), 1.0),
        ({"norm.spill": 0.05}, (0.6, 0.6, 0.6, 0.6, 0.0, 0.0, 0.5, 0, 1.0), 0.585),
        ({"norm.spill": 0.05}, (0.6, 0.6, 0.6, 0.6, 0.0, 0.0, 0.5, 1, 1.0), 0.6),  # resolved by a tier
        ({"norm.imitate": 0.1, "norm.anchor": 0.1} | REACTION, (0.6, 0.4, 0.8, 0.6, 0.0, 0.5, *STILL[6:]), 0.48),
    ],
)
def test_validity(values: dict[str, float], args: tuple[float, ...], want: float) -> None:
    assert both(norm.validity_next, record(values), *args) == pytest.approx(want)


@pytest.mark.parametrize(
    ("value", "target", "rate", "want"),
    [(0.2, 1.0, 0.25, 0.4), (0.2, 1.0, 0.0, 0.2), (0.2, 1.0, 1.0, 1.0), (0.5, 0.5, 0.3, 0.5), (1.0, 0.0, 0.1, 0.9)],
)
def test_follow(value: float, target: float, rate: float, want: float) -> None:
    assert both(norm.follow, value, target, rate) == pytest.approx(want)


@pytest.mark.parametrize(
    ("power", "democracy", "args", "want"),
    [
        (1.0, 0.5, (1.0, 1.0), 3.0),
        (1.0, 0.5, (0.5, 0.0), 1.5),
        (0.0, 0.0, (1.0, 1.0), 1.0),
        (2.0, 1.0, (0.0, 0.5), 1.5),
    ],
)
def test_standing(power: float, democracy: float, args: tuple[float, float], want: float) -> None:
    p = record({"standing.power": power, "standing.democracy": democracy})
    assert both(norm.standing, p, *args) == pytest.approx(want)
