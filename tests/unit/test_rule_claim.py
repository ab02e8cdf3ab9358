"""Claim: bars, the announced standard and every term against tables worked out by hand, and their directions."""

import pytest

from normsim.rules import claim
from normsim.rules.link_functions import logit
from tests.worlds import both, check_terms, record

ON = {"bridge.on": 1}

# producer, rounds, intensity, bound, renounced, partner's shortage, episodes
ABLE = (1, 100, 0.0, 0, 0, 0.5, 0)


@pytest.mark.parametrize(
    ("values", "args", "bar"),
    [
        (ON, ABLE, "open"),
        (ON, (1, 1, *ABLE[2:]), "open"),  # the last round
        ({"bridge.on": 0}, ABLE, "no scenario rule allows a claim"),
        (ON, (0, *ABLE[1:]), "does not produce cluster munitions"),
        (ON, (1, 0, *ABLE[2:]), "holds no cluster munitions"),
        (ON, (1, 100, 0.1, *ABLE[3:]), "at war itself"),
        (ON, (1, 100, 0.0, 1, 0, 0.5, 0), "bound by the convention"),
        (ON, (1, 100, 0.0, 0, 1, 0.5, 0), "renounced the weapon"),
        (ON, (1, 100, 0.0, 0, 0, 0.0, 0), "no partner at war is short of ordinary rounds"),
        (ON, (1, 100, 0.0, 0, 0, 0.5, 50), "open"),  # as often as it likes
        (ON | {"bridge.episodes": 1}, ABLE, "open"),
        (ON | {"bridge.episodes": 1}, (*ABLE[:6], 1), "has claimed the exception as often as allowed"),
        (ON | {"bridge.episodes": 2}, (*ABLE[:6], 1), "open"),
        ({"bridge.on": 0}, (0, 0, 1.0, 1, 1, 0.0, 9), "no scenario rule allows a claim"),  # the first of many
        (ON, (0, 0, 1.0, 1, 1, 0.0, 9), "does not produce cluster munitions"),
    ],
)
def test_reasons(values: dict[str, float], args: tuple[float, ...], bar: str) -> None:
    assert claim.REASONS[both(claim.ineligible, record(values), *args)] == bar


STANDARD = {"bridge.open_below": 0.7, "bridge.ally_short": 0.4}


@pytest.mark.parametrize(
    ("stock", "short", "want"),
    [
        (0.6, 0.5, True),
        (0.7, 0.5, False),  # a tie in its own stock: not short
        (0.6, 0.4, False),  # a tie in its partner's shortage
        (0.9, 0.1, False),
    ],
)
def test_the_announced_standard(stock: float, short: float, want: bool) -> None:
    assert both(claim.meets_standard, record(STANDARD), stock, short) == want


# own stock, partner's shortage, precedent, norm cost
FULL = (0.6, 0.5, 0.25, 0.75)


@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, FULL, {}),
        ({"intercept": -6.0}, FULL, {"intercept": -6.0}),
        ({"need": 10.0}, FULL, {"need": 2.0}),  # 10 * .5 * .4
        ({"need": 10.0}, (1.0, *FULL[1:]), {}),  # its own stock is full
        ({"need": 10.0}, (1.5, *FULL[1:]), {}),  # and no fuller counts against it
        ({"need": 10.0}, (0.6, 0.0, *FULL[2:]), {}),
        ({"precedent": 8.0}, FULL, {"precedent": 2.0}),
        ({"precedent": 8.0}, (0.6, 0.5, 0.0, 0.75), {}),
        ({"transfer.norm": 4.0}, FULL, {"norm": -3.0}),
        ({"transfer.norm": 4.0}, (*FULL[:3], 0.0), {}),
        ({"standard": 3.0}, FULL, {}),  # nothing is announced
        ({"standard": 3.0, "bridge.clear_standard": 1.0}, FULL, {}),  # the case meets it
        ({"standard": 3.0, "bridge.clear_standard": 1.0}, (0.8, *FULL[1:]), {"standard": -3.0}),
        ({"standard": 3.0, "bridge.clear_standard": 0.5}, (0.6, 0.4, *FULL[2:]), {"standard": -1.5}),
    ],
)
def test_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(claim.terms, "claim", STANDARD | {"intercept": -2.0} | values, args, {"intercept": -2.0} | want)


def chance(conventional: float, short: float, precedent: float, cost: float) -> float:
    """Probability of a claim with every mechanism on."""
    on = {"claim.need": 10.0, "claim.precedent": 8.0, "transfer.norm": 4.0, "claim.standard": 3.0}
    p = record(STANDARD | {"bridge.clear_standard": 1.0} | on)
    return logit(claim.terms(p, conventional, short, precedent, cost))


def test_directions() -> None:
    """More need and precedent invite a claim; more cost of the norm, and a standard that is not met, deter it."""
    usual = chance(*FULL)
    assert chance(0.5, *FULL[1:]) > usual > chance(0.65, *FULL[1:])
    assert chance(0.6, 0.6, *FULL[2:]) > usual > chance(0.6, 0.45, *FULL[2:])
    assert chance(0.6, 0.5, 0.5, 0.75) > usual > chance(0.6, 0.5, 0.0, 0.75)
    assert chance(*FULL[:3], 0.5) > usual > chance(*FULL[:3], 1.0)
    assert chance(0.699, *FULL[1:]) > 10 * chance(0.7, *FULL[1:])  # exp(-3) between the two
