"""Join: bars and every term of joining and of ratifying a protocol against tables worked out by hand."""

import math

import pytest

from normsim.rules import join
from tests.worlds import both, check_terms, record


@pytest.mark.parametrize(
    ("bound", "immovable", "months_open", "reason"),
    [
        (0, 0, 0, "open"),
        (1, 0, 9, "already bound"),
        (1, 1, -1, "already bound"),
        (0, 1, 9, "would never join"),
        (0, 0, -1, "the convention is not yet open"),
        (0, 1, -1, "the convention is not yet open"),
    ],
)
def test_reasons(bound: int, immovable: int, months_open: int, reason: str) -> None:
    assert join.REASONS[both(join.ineligible, bound, immovable, months_open)] == reason


@pytest.mark.parametrize(
    ("signed", "in_force", "form"),
    [(0, 0, join.SIGN), (0, 1, join.ACCEDE), (1, 0, join.RATIFY), (1, 1, join.RATIFY)],
)
def test_form(signed: int, in_force: int, form: int) -> None:
    assert both(join.form, signed, in_force) == form


OFF = -700.0
RATES = {"signing": math.exp(-1.0), "ratify": math.exp(-2.0), "accede": math.exp(-3.0)}


def args(
    form: int = join.ACCEDE,
    frailty: float = 0.0,
    region: float = 0.5,
    parties: float = 0.25,
    delay: float = 0.5,
    felt: float = 0.5,
    civil: float = 0.75,
    months_open: int = 10,
    threat: float = 0.5,
    arsenal: float = 0.75,
    patron: float = 1.0,
    tier: float = 0.3,
) -> tuple[float, ...]:
    return (
        form,
        frailty,
        region,
        parties,
        delay,
        felt,
        civil,
        months_open,
        threat,
        arsenal,
        patron,
        tier,
    )


@pytest.mark.parametrize(
    ("form", "want"), [(join.SIGN, -1.0), (join.RATIFY, -2.0), (join.ACCEDE, -3.0)], ids=["sign", "ratify", "accede"]
)
def test_each_form_has_its_rate(form: int, want: float) -> None:
    check_terms(join.terms, "join", RATES, args(form), {"rate": want})


@pytest.mark.parametrize(
    ("values", "arguments", "want"),
    [
        ({}, args(frailty=2.0), {"frailty": 2.0}),
        ({}, args(frailty=-0.5), {"frailty": -0.5}),
        ({"region": 0.9}, args(), {"region": 0.45}),
        ({"peers": 0.5}, args(), {"peers": 0.125}),
        ({"peers": 0.5, "strict_ban.peer_pull": 1.5}, args(), {"peers": 0.125}),  # no strict ban
        ({"peers": 0.5, "strict_ban.on": 1, "strict_ban.peer_pull": 1.5}, args(), {"peers": 0.1875}),
        ({"delay": 0.8}, args(), {"delay": -0.4}),
        ({"delay": 0.8}, args(delay=-1.0), {"delay": 0.8}),
        ({"norm": 2.0}, args(), {"norm": -0.5}),
        ({"norm": 2.0}, args(felt=0.75), {}),
        ({"norm": 2.0}, args(felt=1.0), {"norm": 0.5}),
        ({"praise": 0.6, "praise_months": 36}, args(), {"praise": 0.45}),
        ({"praise": 0.6, "praise_months": 36}, args(months_open=35), {"praise": 0.45}),
        ({"praise": 0.6, "praise_months": 36}, args(months_open=36), {}),
        ({"praise": 0.6}, args(months_open=0), {}),  # praise_months null: never
        ({"threat": 1.2}, args(), {"threat": -0.6}),
        ({"threat": 1.2}, args(threat=-0.5), {"threat": 0.6}),
        ({"stock": 1.0}, args(), {"stock": -0.75}),
        ({"stock": 1.0}, args(arsenal=0.0), {}),
        ({"waning": 0.12}, args(), {"waning": -0.1}),
        ({"patron": 0.3}, args(), {"patron": -0.3}),
        ({"patron": 0.3}, args(patron=0.0), {}),
        ({"emboldened": 0.5}, args(), {"emboldened": -0.15}),
    ],
)
def test_terms(values: dict[str, float], arguments: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(join.terms, "join", RATES | {"norm.usual": 0.75} | values, arguments, {"rate": -3.0} | want)


@pytest.mark.parametrize(
    ("spread", "drawn", "past", "want"),
    [
        (0.5, 2.0, 0.0, math.log(2.0)),
        (0.5, 2.0, 4.0, 0.0),  # 2 / (1 + .25 * 4)
        (0.5, 1.0, 12.0, -math.log(4.0)),
        (0.0, 1.0, 12.0, 0.0),  # no frailty: nobody is slower for having stayed out
    ],
)
def test_frailty_of_those_who_stayed_out(spread: float, drawn: float, past: float, want: float) -> None:
    assert both(join.frailty, record({"join.frailty": spread}), drawn, past) == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize(
    ("signed", "force_for", "want"),
    [(1, 80, (0, 100, 0)), (0, 80, (20, 0, 80)), (0, 0, (100, 0, 0))],  # signing, ratifying, acceding
)
def test_months_exposed(signed: int, force_for: int, want: tuple[int, ...]) -> None:
    forms = (join.SIGN, join.RATIFY, join.ACCEDE)
    assert tuple(both(join.months_exposed, form, signed, 100, force_for) for form in forms) == want


def test_signing_ends_the_deterrence_of_the_stock() -> None:
    values = RATES | {"stock": 1.0}
    check_terms(join.terms, "join", values, args(join.SIGN), {"rate": -1.0, "stock": -0.75})
    check_terms(join.terms, "join", values, args(join.RATIFY), {"rate": -2.0})


@pytest.mark.parametrize("form", [join.SIGN, join.RATIFY, join.ACCEDE])
def test_every_form_of_joining_wanes_with_the_years(form: int) -> None:
    rates = dict.fromkeys(RATES, math.exp(-1.0))
    check_terms(
        join.terms, "join", rates | {"waning": 0.12}, args(form, months_open=30), {"rate": -1.0, "waning": -0.3}
    )


@pytest.mark.parametrize(
    ("rounds", "power", "want"), [(0, 1.0, 0.0), (1, 1.0, 1.0), (9000, 0.25, 0.5), (9000, 0.0, 0.0)]
)
def test_arsenal(rounds: int, power: float, want: float) -> None:
    assert both(join.arsenal, rounds, power) == want


def test_a_rate_of_zero_is_off() -> None:
    check_terms(join.terms, "join", {"signing": 0.0}, args(join.SIGN), {"rate": OFF})


@pytest.mark.parametrize(
    ("values", "delay", "want"),
    [
        ({}, 0.5, {"rate": OFF}),
        ({"vote.join_rate": math.exp(-4.0)}, 0.5, {"rate": -4.0}),
        ({"vote.join_rate": 1.0, "delay": 0.6}, 0.5, {"delay": -0.3}),
        ({"vote.join_rate": 1.0, "delay": 0.6}, -0.5, {"delay": 0.3}),
    ],
)
def test_protocol_terms(values: dict[str, float], delay: float, want: dict[str, float]) -> None:
    check_terms(join.protocol_terms, "join", values, (delay,), want)
