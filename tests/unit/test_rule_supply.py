"""Supply: conventional stocks and output, when a bridge closes, arsenals, against tables by hand."""

import math

import pytest

from normsim.rules import bridge, supply
from normsim.world import arsenal
from tests.worlds import both, record


@pytest.mark.parametrize(("stock", "want"), [(0.0, 1.0), (0.25, 0.75), (1.0, 0.0), (1.5, 0.0)])
def test_shortage(stock: float, want: float) -> None:
    assert both(supply.shortage, stock) == want


@pytest.mark.parametrize(
    ("exponent", "intensity", "want"),
    [(3.0, 1.0, 0.2), (3.0, 0.5, 0.025), (1.0, 0.5, 0.1), (3.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0)],
)
def test_consumption(exponent: float, intensity: float, want: float) -> None:
    p = record({"supply.demand": 0.2, "supply.exponent": exponent})
    assert both(supply.consumption, p, intensity) == pytest.approx(want)


@pytest.mark.parametrize(
    ("intensity", "bridge", "stock", "want"),
    [
        (0.0, 0, 0.8, False),  # at the level to refill to
        (0.0, 0, 0.79, True),
        (0.4, 0, 1.0, True),
        (1.0, 0, 1.0, True),
        (0.0, 1, 1.0, True),
    ],
)
def test_needs_output(intensity: float, bridge: int, stock: float, want: bool) -> None:
    assert both(supply.needs_output, record({"supply.refill": 0.8}), intensity, bridge, stock) == want


@pytest.mark.parametrize(
    ("ramp", "surge", "contract", "want"),
    [
        (0.1, 1.0, 1.0, 0.1),
        (0.1, 2.0, 1.0, 0.2),
        (0.1, 1.0, 0.0, 0.0),  # firms take no risk
        (0.1, 1.0, 0.5, 0.05),
        (0.0, 2.0, 1.0, 0.0),
        (0.1, 0.0, 1.0, 0.0),
    ],
)
def test_ramp_rate(ramp: float, surge: float, contract: float, want: float) -> None:
    p = record(
        {
            "supply.ramp": ramp,
            "production.surge": surge,
            "production.contract": contract,
        }
    )
    assert both(supply.ramp_rate, p) == pytest.approx(want)


OUTPUT = {"supply.output": 0.01, "supply.output_target": 0.04, "supply.ramp": 0.1}


@pytest.mark.parametrize(
    ("sustain", "output", "needed", "want"),
    [
        (0, 0.02, 1, 0.021),  # .02 + .1 * .02 * 1/2
        (0, 0.04, 1, 0.04),  # at its target
        (0, 0.08, 1, 0.072),  # above it, it falls
        (0, 0.03, 0, 0.028),  # a tenth of the way back to peace
        (0, 0.01, 0, 0.01),
        (0, 0.005, 0, 0.005),  # below the peacetime level it stays
        (1, 0.03, 0, 0.03),
        (1, 0.02, 1, 0.021),
    ],
)
def test_output(sustain: int, output: float, needed: int, want: float) -> None:
    p = record(OUTPUT | {"production.sustain": sustain})
    assert both(supply.output_next, p, output, needed) == pytest.approx(want)


@pytest.mark.parametrize(
    ("stock", "output", "intensity", "want"),
    [
        (0.5, 0.1, 0.0, 0.6),
        (0.95, 0.1, 0.0, 1.0),  # a full store takes no more
        (1.0, 0.1, 0.0, 1.0),
        (1.2, 0.1, 0.0, 1.2),  # what lies above stays
        (0.5, 0.1, 1.0, 0.4),
        (0.95, 0.1, 1.0, 0.8),  # full first, then the month's use
        (0.05, 0.1, 1.0, 0.0),  # never below nothing
        (0.0, 0.0, 1.0, 0.0),
    ],
)
def test_stock(stock: float, output: float, intensity: float, want: float) -> None:
    assert both(supply.stock_next, record({"supply.demand": 0.2}), stock, output, intensity) == pytest.approx(want)


@pytest.mark.parametrize(
    ("stock", "intensity", "want"),
    [(0.5, 1.0, True), (0.75, 1.0, False), (0.74, 0.5, True), (0.5, 0.0, False), (0.0, 1.0, True), (1.0, 1.0, False)],
)
def test_asks_for_aid(stock: float, intensity: float, want: bool) -> None:
    assert both(supply.asks_for_aid, record({"supply.ask_above": 0.25}), stock, intensity) == want


def test_nobody_asks_at_null() -> None:
    assert not both(supply.asks_for_aid, record(), 0.0, 1.0)


@pytest.mark.parametrize(("args", "want"), [((0.5, 0.5, 1.0), 0.25), ((0.0, 1.0, 1.0), 0.0), ((1.0, 1.0, 0.5), 0.5)])
def test_aid_pull(args: tuple[float, float, float], want: float) -> None:
    assert both(supply.aid_pull, *args) == want


@pytest.mark.parametrize(
    ("stock", "pull", "all_pulls", "want"),
    [
        (0.9, 0.5, 0.5, 0.02),  # .1 * .4 * .5: one partner's pull below 1 is not stretched
        (0.9, 1.0, 2.0, 0.02),  # shared between two
        (0.5, 1.0, 1.0, 0.0),  # the reserve is kept
        (0.4, 1.0, 1.0, 0.0),
        (0.9, 0.0, 2.0, 0.0),
    ],
)
def test_aid_given(stock: float, pull: float, all_pulls: float, want: float) -> None:
    p = record({"supply.aid": 0.1, "supply.reserve": 0.5})
    assert both(supply.aid_given, p, stock, pull, all_pulls) == pytest.approx(want)


@pytest.mark.parametrize(
    ("sunset", "stock", "months", "want"),
    [
        (0, 0.89, 999, False),
        (0, 0.9, 1, True),
        (24, 0.5, 23, False),
        (24, 0.5, 24, True),
        (24, 0.95, 1, True),
        (1, 0.5, 1, True),  # the shortest sunset
    ],
)
def test_bridge_due(sunset: int, stock: float, months: int, want: bool) -> None:
    p = record({"bridge.close_above": 0.9, "bridge.sunset_months": sunset})
    assert both(bridge.due, p, stock, months) == want


@pytest.mark.parametrize(
    ("every", "due", "want"),
    [(12, 0, True), (12, 1, False), (12, 11, False), (12, 12, True), (1, 5, True), (0, 5, True)],
)
def test_review(every: int, due: int, want: bool) -> None:
    assert both(bridge.review_now, record({"bridge.review_months": every}), due) == want


@pytest.mark.parametrize(("power", "want"), [(0.01, 1.0), (0.04, 2.0), (0.0025, 0.5), (0.0, 0.05), (0.00001, 0.05)])
def test_scale(power: float, want: float) -> None:
    p = record({"supply.scale_power": 0.01, "supply.scale_floor": 0.05})
    assert both(supply.scale, p, power) == pytest.approx(want)


@pytest.mark.parametrize(("intensity", "want"), [(0.0, 1.0), (0.5, 0.85), (1.0, 0.7)])
def test_initial_conventional(intensity: float, want: float) -> None:
    assert both(supply.initial_conventional, record({"supply.war_stock": 0.7}), intensity) == pytest.approx(want)


@pytest.mark.parametrize(("intensity", "want"), [(0.0, 0.01), (0.5, 0.025), (1.0, 0.04), (0.1, 0.01)])
def test_initial_output(intensity: float, want: float) -> None:
    p = record(OUTPUT | {"supply.demand": 0.2, "supply.exponent": 3.0})
    assert both(supply.initial_output, p, intensity) == pytest.approx(want)


@pytest.mark.parametrize(
    ("legacy", "improved", "scale", "want"),
    [
        (0.5, 0.25, 1.0, (1000, 500, 500)),
        (0.5, 0.25, 0.5, (500, 250, 250)),
        (1.0, 0.0, 1.0, (2000, 0, 0)),
        (0.75, 0.5, 1.0, (1500, 1000, 0)),  # no negative rest
        (0.0, 0.0, 1.0, (0, 0, 2000)),
    ],
)
def test_initial_rounds(legacy: float, improved: float, scale: float, want: tuple[int, int, int]) -> None:
    p = record(STOCKS | {"supply.share_legacy": legacy, "supply.share_improved": improved})
    for noise in (-1.0, 0.0, 2.0):  # a spread of 0 switches the noise off
        made = (both(supply.initial_rounds, p, scale, supply.MADE, noise, munition) for munition in range(3))
        assert tuple(made) == want


NO_STOCK, IMPORTED = 0, 3

STOCKS = {
    "supply.stock_made": 2000,
    "supply.stock_received": 200,
    "supply.stock_spread": 0.0,
}


@pytest.mark.parametrize(
    ("origin", "noise", "want"),
    [
        (supply.MADE, 0.0, 2000),
        (supply.INHERITED, 0.0, 200),
        (IMPORTED, 0.0, 200),
        (NO_STOCK, 0.0, 200),  # a holder by the scenario alone
        (supply.MADE, 1.0, 4000),  # exp(log 2)
        (IMPORTED, 1.0, 400),
        (IMPORTED, -1.0, 100),
        (IMPORTED, 2.0, 800),
    ],
)
def test_endowments_by_origin(origin: int, noise: float, want: int) -> None:
    p = record(STOCKS | {"supply.stock_spread": math.log(2.0), "supply.share_legacy": 1.0, "supply.share_improved": 0})
    assert both(supply.initial_rounds, p, 1.0, origin, noise, 0) == pytest.approx(want, abs=1)


def test_origins_are_those_of_the_world() -> None:
    names = ("MADE", "INHERITED")
    assert [getattr(supply, name) for name in names] == [getattr(arsenal, name) for name in names]


@pytest.mark.parametrize(
    ("rounds", "months", "want"),
    [
        (100, 4, 25),
        (101, 4, 26),
        (3, 2, 2),
        (3, 4, 1),
        (0, 4, 0),
        (100, 1, 100),
        (100, 0, 100),
        (100, -5, 100),
        (1, 240, 1),
    ],
)
def test_destroyed(rounds: int, months: int, want: int) -> None:
    assert both(supply.destroyed, rounds, months) == want
