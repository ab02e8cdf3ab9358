"""Transfer: bars, the domestic limit, every term and the rounds sent against tables worked out by hand."""

import math

import pytest

from normsim.rules import supply, transfer
from tests.worlds import both, check_terms, record


# supplier bound, renounced; recipient bound, renounced; rounds; cut off; wanted; own stock
@pytest.mark.parametrize(
    ("args", "bar"),
    [
        ((0, 0, 0, 0, 1, 0, 1, 1), "open"),
        ((1, 1, 1, 1, 0, 1, 0, 1), "the recipient neither fights short of cluster munitions nor wants to buy"),
        ((1, 1, 1, 1, 0, 1, 1, 1), "the supplier is bound by the convention"),
        ((0, 1, 1, 1, 0, 1, 1, 1), "the supplier renounced the weapon"),
        ((0, 0, 1, 1, 0, 1, 1, 1), "the recipient is bound by the convention"),
        ((0, 0, 0, 1, 0, 1, 1, 1), "the recipient renounced the weapon"),
        ((0, 0, 0, 0, 0, 1, 1, 1), "the supplier holds no cluster munitions"),
        ((0, 0, 0, 0, 1, 1, 1, 1), "the recipient is cut off"),
        ((0, 0, 0, 0, 1, 36, 1, 0), "the recipient is cut off"),
        ((0, 0, 0, 0, 1, 0, 1, 0), "the supplier neither makes its stock nor inherited it"),
        ((0, 0, 0, 0, 1, 0, 0, 1), "the recipient neither fights short of cluster munitions nor wants to buy"),
    ],
)
def test_reasons(args: tuple[int, ...], bar: str) -> None:
    assert transfer.REASONS[both(transfer.ineligible, *args)] == bar


@pytest.mark.parametrize(
    ("intensity", "rounds", "scale", "wanting", "want"),
    [
        (1.0, 0, 1.0, 0, True),
        (0.5, 3000, 1.0, 0, True),  # three months of fire at 1,000 a month
        (0.5, 3001, 1.0, 0, False),
        (1.0, 3001, 1.5, 0, True),
        (0.0, 0, 1.0, 0, False),  # at peace
        (0.0, 10**6, 1.0, 1, True),  # wants to buy
        (1.0, 10**6, 1.0, 12, True),
    ],
)
def test_who_asks(intensity: float, rounds: int, scale: float, wanting: int, want: bool) -> None:
    p = record({"transfer.enough": 3, "use.rounds": 1000})
    assert both(transfer.is_wanted, p, intensity, rounds, scale, wanting) == want


@pytest.mark.parametrize(("producer", "origin"), [(p, o) for p in (0, 1) for o in range(5)])
def test_who_may_give(producer: int, origin: int) -> None:
    want = producer == 1 or origin in (supply.MADE, supply.INHERITED)
    assert both(transfer.may_give, producer, origin) == want


@pytest.mark.parametrize(
    ("values", "has_limit", "claimed", "believed", "want"),
    [
        ({}, 0, 0.05, 0.2, 0.0),  # no limit
        ({}, 1, 0.05, 0.2, 1.0),
        ({}, 1, 0.01, 0.2, 0.0),  # a tie keeps to it
        ({"export.everyone": 1}, 0, 0.05, 0.2, 1.0),
        ({"export.total": 1}, 0, 0.05, 0.2, 0.0),  # a total limit of a state that has none
        ({"export.total": 1}, 1, 0.001, 0.001, 1.0),
        ({"export.evidence": 1.0}, 1, 0.01, 0.05, 1.0),  # judged by the field
        ({"export.evidence": 0.5}, 1, 0.005, 0.015, 0.0),  # .01: a tie
        ({"export.evidence": 0.5}, 1, 0.005, 0.016, 1.0),
        ({"export.limit": 0.1}, 1, 0.05, 0.2, 0.0),
    ],
)
def test_limit(values: dict[str, float], has_limit: int, claimed: float, believed: float, want: float) -> None:
    p = record({"export.limit": 0.01} | values)
    assert both(transfer.over_limit, p, has_limit, claimed, believed) == want


NAMES = (
    "alliance",
    "arms",
    "producer",
    "shortage",
    "intensity",
    "wants",
    "own",
    "bridge",
    "previous",
    "cost",
    "democracy",
    "criticism",
    "over",
    "bound_allies",
)
FULL = dict(zip(NAMES, (1.0, 2 / 3, 1, 0.5, 0.5, 1, 0.25, 1, 1, 0.75, 0.5, 0.5, 1.0, 0.5), strict=True))


def args(**changed: float) -> tuple[float, ...]:
    return tuple((FULL | changed).values())


@pytest.mark.parametrize(
    ("values", "arguments", "want"),
    [
        ({}, args(), {}),
        ({"intercept": -5.0}, args(), {"intercept": -5.0}),
        ({"alliance": 1.5}, args(), {"alliance": 1.5}),
        ({"alliance": 1.5}, args(alliance=0.0), {}),
        ({"arms": 1.5}, args(), {"arms": 1.0}),
        ({"producer": 1.5}, args(), {"producer": 1.5}),
        ({"producer": 1.5}, args(producer=0), {}),
        ({"need": 2.0}, args(), {"need": 0.5}),
        ({"need": 2.0}, args(intensity=0.0), {}),  # a shortage at peace is no need
        ({"intent": 1.5}, args(), {"intent": 1.5}),
        ({"intent": 1.5}, args(wants=0), {}),
        ({"own_shortage": 1.0}, args(), {"own_shortage": 0.25}),
        ({"bridge": 3.0}, args(), {"bridge": 3.0}),
        ({"bridge": 3.0}, args(bridge=0), {}),
        ({"previous": 1.5}, args(), {"previous": 1.5}),
        ({"previous": 1.5}, args(previous=0), {}),
        ({"norm": 3.0}, args(), {"norm": -2.25}),
        ({"audience": 1.0}, args(), {"audience": -0.25}),
        ({"audience": 1.0}, args(democracy=0.0), {}),
        ({"limit": 3.0}, args(), {"limit": -3.0}),
        ({"limit": 3.0, "export.waiver": 1.0}, args(), {}),  # waived by the bridge
        ({"limit": 3.0, "export.waiver": 0.5}, args(), {"limit": -1.5}),
        ({"limit": 3.0, "export.waiver": 1.0}, args(bridge=0), {"limit": -3.0}),  # no bridge, no waiver
        ({"limit": 3.0}, args(over=0.0), {}),
        ({"strict_ban.on": 1}, args(), {}),  # no ban on assistance
        ({"strict_ban.assistance": 2.0}, args(), {}),
        ({"strict_ban.on": 1, "strict_ban.assistance": 2.0}, args(), {"assistance": -1.0}),
    ],
)
def test_terms(values: dict[str, float], arguments: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(transfer.terms, "transfer", {"intercept": -2.0} | values, arguments, {"intercept": -2.0} | want)


@pytest.mark.parametrize(
    ("values", "want"),
    [
        ({"intercept": 0.0}, 0.5),
        ({"intercept": 0.0, "norm": 4.0}, 0.5),
        ({"intercept": math.log(3.0), "norm": 4.0}, 0.75),
        ({"intercept": math.log(3.0), "limit": math.log(9.0), "norm": 4.0}, 0.25),  # the limit still counts
    ],
)
def test_without_the_norm(values: dict[str, float], want: float) -> None:
    p = record({f"transfer.{name}": value for name, value in values.items()})
    assert both(transfer.without_norm, transfer.terms(p, *args())) == pytest.approx(want)


@pytest.mark.parametrize(
    ("size", "rounds", "scale", "want"),
    [
        (100, 1000, 1.0, 100),
        (100, 1000, 0.5, 50),
        (100, 40, 1.0, 40),
        (1, 1000, 0.1, 1),
        (0, 1000, 9.0, 0),
        (9, 0, 1.0, 0),
    ],
)
def test_rounds_sent(size: int, rounds: int, scale: float, want: int) -> None:
    assert both(transfer.rounds_sent, record({"transfer.rounds": size}), rounds, scale) == want
