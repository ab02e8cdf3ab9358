"""Norm: cost, exceptions, what is seen, and the next value of every norm column, against tables worked out by hand."""

import pytest

from normsim.rules import norm
from tests.worlds import both, record


@pytest.mark.parametrize(
    ("validity", "scope", "exception", "want"),
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
def test_cost(validity: float, scope: float, exception: float, want: float) -> None:
    assert both(norm.cost, validity, scope, exception) == pytest.approx(want)


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


@pytest.mark.parametrize(
    ("values", "perceived", "acts", "adopters", "want"),
    [
        ({}, 0.6, 1.0, 1.0, 0.6),
        ({"norm.perceive": 0.5}, 0.6, 0.2, 0.0, 0.7),  # half way to .8
        ({"norm.perceive": 0.5}, 0.6, 1.0, 0.0, 0.3),
        ({"norm.perceive": 1.0}, 0.1, 0.25, 0.0, 0.75),
        ({"norm.institution": 0.2}, 0.6, 0.0, 0.5, 0.5),
        ({"norm.institution": 0.4}, 0.1, 0.0, 1.0, 0.0),  # kept in range
    ],
)
def test_perceived(values: dict[str, float], perceived: float, acts: float, adopters: float, want: float) -> None:
    assert both(norm.perceived_next, record(values), perceived, acts, adopters) == pytest.approx(want)


HILL = {"norm.half_exposure": 0.1, "norm.complexity": 1.0}


# scope, peers, exposure, episodes, clear, open, rest, floor
@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, (0.8, 0.2, 1.0, 3, 0.0, 0, 1.0, 0.0), 0.8),  # everything null: frozen
        ({"norm.scope_imitate": 0.5}, (0.8, 0.4, 0.0, 0, 0.0, 1, 1.0, 0.0), 0.6),
        ({"norm.scope_erode": 0.2}, (0.8, 0.8, 0.1, 1, 0.0, 1, 1.0, 0.0), 0.72),  # .2 * 1/2 * .8
        ({"norm.scope_erode": 0.2}, (0.8, 0.8, 0.1, 0, 0.0, 1, 1.0, 0.0), 0.72),  # before the first episode
        ({"norm.scope_erode": 0.2}, (0.8, 0.8, 0.0, 1, 0.0, 1, 1.0, 0.0), 0.8),  # nothing seen
        ({"norm.scope_erode": 0.2}, (0.8, 0.8, 0.1, 1, 1.0, 1, 1.0, 0.0), 0.8),  # a clear standard
        ({"norm.scope_erode": 0.2}, (0.8, 0.8, 0.1, 1, 0.5, 1, 1.0, 0.0), 0.76),
        ({"norm.scope_erode": 0.2}, (0.8, 0.8, 0.1, 1, 0.0, 1, 1.0, 0.6), 0.78),  # down to the floor only
        ({"norm.scope_erode": 0.2}, (0.8, 0.8, 0.1, 1, 0.0, 1, 1.0, 0.8), 0.8),
        ({"norm.scope_erode": 0.2, "norm.recurrence": 0.5}, (0.8, 0.8, 0.1, 1, 0.0, 1, 1.0, 0.0), 0.72),
        ({"norm.scope_erode": 0.2, "norm.recurrence": 0.5}, (0.8, 0.8, 0.1, 2, 0.0, 1, 1.0, 0.0), 0.68),
        ({"norm.scope_erode": 0.2, "norm.recurrence": 0.5}, (0.8, 0.8, 0.1, 3, 0.0, 1, 1.0, 0.0), 0.62),
        ({"norm.scope_erode": 0.2, "norm.recurrence": 2.0}, (0.8, 0.8, 0.1, 20, 0.0, 1, 1.0, 0.1), 0.1),  # at most all
        ({"norm.scope_recover": 0.1}, (0.6, 0.6, 0.0, 1, 0.0, 0, 0.8, 0.0), 0.62),
        ({"norm.scope_recover": 0.1}, (0.6, 0.6, 0.0, 1, 0.0, 1, 0.8, 0.0), 0.6),  # not while one is open
        ({"norm.scope_recover": 0.1, "norm.slowing": 0.5}, (0.6, 0.6, 0.0, 3, 0.0, 0, 0.8, 0.0), 0.605),
        ({"norm.scope_recover": 0.1, "norm.slowing": 0.5}, (0.6, 0.6, 0.0, 0, 0.0, 0, 0.8, 0.0), 0.62),
        ({}, (0.5, 0.5, 0.0, 0, 0.0, 0, 1.0, 0.7), 0.7),  # raised to a floor that comes into force
    ],
)
def test_scope(values: dict[str, float], args: tuple[float, ...], want: float) -> None:
    assert both(norm.scope_next, record(HILL | values), *args) == pytest.approx(want)


@pytest.mark.parametrize(
    ("irreversible", "initial", "lowest", "want"),
    [(0.0, 0.8, 0.2, 0.8), (0.5, 0.8, 0.2, 0.5), (1.0, 0.8, 0.2, 0.2), (0.5, 0.8, 0.8, 0.8)],
)
def test_rest_scope(irreversible: float, initial: float, lowest: float, want: float) -> None:
    assert both(norm.rest_scope, record({"norm.irreversible": irreversible}), initial, lowest) == pytest.approx(want)


# validity, peers, anchor, violations, disputes, disputes mean, resolved, reactions, bound, clear
BASE = (0.6, 0.6, 0.6, 0.0, 0.0, 0.0, 0, 0.0, 0, 0.0)


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, (0.6, 0.1, 0.9, 1.0, 1.0, 1.0, 0, 5.0, 1, 1.0), 0.6),  # everything null: frozen
        ({"norm.imitate": 0.5}, (0.6, 0.4, *BASE[2:]), 0.5),
        ({"norm.imitate": 1.0}, (0.6, 0.4, *BASE[2:]), 0.4),  # DeGroot
        ({"norm.anchor": 0.2}, (0.6, 0.6, 0.8, *BASE[3:]), 0.64),
        ({"norm.erode": 0.2}, (0.6, 0.6, 0.6, 0.1, *BASE[4:]), 0.54),  # .2 * 1/2 * .6
        ({"norm.erode": 0.2}, BASE, 0.6),
        ({"norm.spill": 0.05}, (0.6, 0.6, 0.6, 0.0, 0.0, 0.5, 0, 0.0, 0, 0.0), 0.585),
        ({"norm.spill": 0.05}, (0.6, 0.6, 0.6, 0.0, 0.0, 0.5, 1, 0.0, 0, 0.0), 0.6),  # resolved by a tier
        ({"norm.rally": 0.1}, (0.6, 0.6, 0.6, 0.0, 0.0, 0.0, 0, 0.5, 0, 0.0), 0.62),
        ({"norm.rally": 0.1}, (1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0, 0.5, 0, 0.0), 1.0),
        ({"norm.rally": 0.1}, (0.6, 0.6, 0.6, 0.0, 0.0, 0.0, 0, 50.0, 0, 0.0), 1.0),  # kept in range
        ({"norm.lock_in": 0.05}, (0.6, 0.6, 0.6, 0.0, 0.0, 0.0, 0, 0.0, 1, 0.0), 0.62),
        ({"norm.lock_in": 0.05}, BASE, 0.6),
        ({"norm.clarify": 0.03}, (0.6, 0.6, 0.6, 0.0, 0.1, 0.0, 0, 0.0, 0, 0.5), 0.603),  # .03 * .5 * 1/2 * .4
        ({"norm.clarify": 0.03}, (0.6, 0.6, 0.6, 0.0, 0.1, 0.0, 0, 0.0, 0, 0.0), 0.6),
        ({"norm.imitate": 0.5, "norm.erode": 0.2}, (0.0, 0.0, 0.0, 1.0, *BASE[4:]), 0.0),
        ({"norm.imitate": 0.1, "norm.anchor": 0.1, "norm.erode": 0.2}, (0.6, 0.4, 0.8, 0.1, *BASE[4:]), 0.54),
    ],
)
def test_validity(values: dict[str, float], args: tuple[float, ...], want: float) -> None:
    assert both(norm.validity_next, record(HILL | values), *args) == pytest.approx(want)


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
