"""Delay in earlier bans: who waited how long before it joined the chemical and the landmine ban."""

from datetime import date
from math import log1p

import numpy as np
import pytest

from normsim.world import load_treaty, world_as_of
from normsim.world.earlier_bans import DAYS_A_YEAR, OPENED, delay

CHEMICAL, MINES = OPENED["chemical_weapons"], OPENED["mine_ban"]


def row(ban: str, code: str, bound: str) -> dict[str, str]:
    return {"treaty": ban, "iso3": code, "bound": bound, "source": ""}


def waited(since: date, until: date) -> float:
    return log1p((until - since).days / DAYS_A_YEAR)


def test_by_hand() -> None:
    until = date(2008, 12, 3)
    rows = [
        row("chemical_weapons", "AAA", "1995-01-13"),
        row("mine_ban", "AAA", "1997-12-03"),
        row("mine_ban", "BBB", "2009-01-01"),  # too late to count
    ]
    own = (waited(CHEMICAL, date(1995, 1, 13)) + 0.0) / 2.0
    never = (waited(CHEMICAL, until) + waited(MINES, until)) / 2.0
    mean = (own + never) / 2.0
    assert delay(rows, {"AAA": 0, "BBB": 1}, until).tolist() == pytest.approx([own - mean, never - mean])


def test_a_ban_that_had_not_opened_does_not_count() -> None:
    rows = [row("chemical_weapons", "AAA", "1994-01-13"), row("mine_ban", "BBB", "1997-12-03")]
    found = delay(rows, {"AAA": 0, "BBB": 1}, date(1996, 1, 1))
    half = (waited(CHEMICAL, date(1996, 1, 1)) - waited(CHEMICAL, date(1994, 1, 13))) / 2.0
    assert found.tolist() == pytest.approx([-half, half])
    assert not delay(rows, {"AAA": 0, "BBB": 1}, CHEMICAL).any()


def test_the_real_world() -> None:
    early, late = world_as_of(date(2008, 12, 4)), world_as_of(date(2025, 1, 1))
    np.testing.assert_array_equal(early.facts["delay"], late.facts["delay"])  # as known when the convention opened
    assert early.facts["delay"].mean() == pytest.approx(0.0, abs=1e-12)
    order = [early.iso3[i] for i in np.argsort(early.facts["delay"])]
    assert {"MUS", "SWE", "NOR", "CAN"} <= set(order[:10])  # first in both
    assert {"SYR", "PRK", "ISR", "EGY"} <= set(order[-10:])  # in neither
    facts = early.facts[early.index("FIN")]
    assert facts["delay"] > early.facts[early.index("SWE")]["delay"]  # a party to the landmine ban from 2012 only


def test_under_another_treaty_it_is_what_was_known_when_that_opened() -> None:
    statute = load_treaty("rome_statute")  # July 1998: eight months after the landmine ban
    facts = world_as_of(date(2003, 1, 1), treaty=statute).facts
    world = world_as_of(date(2008, 12, 4))
    nations = [world.index(code) for code in ("NGA", "SYR")]
    assert facts["delay"][nations[0]] == facts["delay"][nations[1]]  # Nigeria joined both bans later
    assert facts["delay"].std() < world.facts["delay"].std()
