"""Dates of the record and standing under the convention, by hand."""

from __future__ import annotations

from datetime import date

import pytest

from normsim.world import convention, record, world_as_of
from normsim.world.data_files import table
from normsim.world.dates import add_months, day, in_force, months_between
from normsim.world.treaty import Act, Standing


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2011", date(2011, 12, 31)),
        ("2012-02", date(2012, 2, 29)),
        ("2011-12", date(2011, 12, 31)),
        ("2008-12-03", date(2008, 12, 3)),
    ],
)
def test_a_date_counts_on_the_last_day_it_can_mean(text: str, last: date) -> None:
    assert day(text) == last


@pytest.mark.parametrize("text", ["", "2011-13", "2011-02-30", "11-02-03", "2011/02/03", "2011.0"])
def test_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|day"):
        day(text)


def test_months() -> None:
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2024, 1, 15), -1) == date(2023, 12, 15)
    assert months_between(date(2024, 1, 15), date(2024, 2, 14)) == 0
    assert months_between(date(2024, 1, 15), date(2024, 2, 15)) == 1
    assert months_between(date(2024, 1, 31), date(2024, 2, 29)) == 1


def test_in_force_is_strict_at_the_start_and_includes_the_end() -> None:
    day_of = date(2020, 5, 1)
    assert not in_force("2020-05-01", "", day_of)
    assert in_force("2020-04-30", "2020-05-01", day_of)
    assert not in_force("2019", "2020-04-30", day_of)
    assert not in_force("2020", "", day_of)
    assert in_force("", "", day_of)


def test_entry_into_force_is_the_first_of_the_sixth_month_after() -> None:
    late, early = date(2010, 2, 17), date(2010, 2, 16)
    entry_into_force = convention().entry_into_force
    assert entry_into_force(date(2010, 2, 16), late) == date(2010, 8, 1)
    assert entry_into_force(date(2008, 12, 3), late) == date(2010, 8, 1)
    assert entry_into_force(date(2008, 12, 3), early) == date(2009, 6, 1)  # nobody knows yet when the convention will
    assert entry_into_force(date(2011, 8, 23), date(2012, 1, 1)) == date(2012, 2, 1)


def test_the_thirtieth_deposit_fixes_the_day() -> None:
    deposits = sorted(day(text) for text in table("ccm_status.csv")["bound"] if text)
    assert deposits[29] == convention().triggered == date(2010, 2, 16)
    assert add_months(date(2010, 2, 1), 6) == convention().in_force
    assert record(date(2010, 7, 31)).in_force_for == 0


def test_standing_of_lithuania() -> None:
    acts = Act("LTU", "2008-12-03", "2011-03-24", "2025-03-06")
    standing = convention().standing
    assert acts in convention().acts
    assert convention().notice_given(date(2025, 3, 6)) == date(2024, 9, 6)
    assert standing(acts, date(2008, 12, 3)).status == 0
    assert standing(acts, date(2008, 12, 4)) == Standing(status=1)
    assert standing(acts, date(2011, 3, 25)) == Standing(2, 0, 6, 0)
    assert standing(acts, date(2024, 9, 6)).status == 2
    assert standing(acts, date(2024, 9, 7)) == Standing(3, 161, 0, 6)
    assert standing(acts, date(2024, 11, 1)) == Standing(3, 163, 0, 5)
    assert standing(acts, date(2025, 3, 6)) == Standing(3, 167, 0, 1)
    assert standing(acts, date(2025, 3, 7)) == Standing()


@pytest.mark.parametrize(
    ("asked", "parties"),
    [
        (date(2010, 2, 16), 28),
        (date(2010, 2, 17), 30),
        (date(2011, 10, 1), 66),
        (date(2018, 8, 2), 103),
        (date(2019, 8, 1), 106),
        (date(2020, 11, 1), 110),
        (date(2024, 1, 1), 112),
        (date(2025, 3, 6), 112),
        (date(2025, 3, 7), 111),
        (date(2025, 12, 1), 112),
    ],
)
def test_parties_as_published(asked: date, parties: int) -> None:
    counts = record(asked)
    assert counts.parties == parties == counts.deposits - counts.withdrawals
    status = world_as_of(asked).facts["status"]
    assert (status >= 2).sum() == parties


def test_signatures() -> None:
    assert record(date(2008, 12, 3)).signatures == 0
    assert record(date(2008, 12, 4)).signatures == 92
    assert record(date(2008, 12, 5)).signatures == 94
    assert record(date(2010, 8, 1)).signatures == 108
    assert record(date(2026, 1, 1)).signatures == 108


def test_signatories_appear_the_day_after_they_sign() -> None:
    before = world_as_of(date(2008, 12, 1)).facts
    assert not before["status"].any()
    after = world_as_of(date(2008, 12, 4))
    assert (after.facts["status"] >= 1).sum() == 92
    bound = {after.iso3[i] for i in (after.facts["status"] == 2).nonzero()[0]}
    assert bound == {"IRL", "NOR", "SLE", "VAT"}
    assert (after.facts["months_to_force"][after.facts["status"] == 2] == 6).all()


def test_lithuania_in_the_world() -> None:
    world = world_as_of(date(2024, 11, 1))
    row = world.facts[world.index("LTU")]
    assert (row["status"], row["notice_left"]) == (3, 5)
    # What notice_left promises: still bound in each month before, out in that month.
    for month in range(1, 6):
        later = world_as_of(add_months(world.start, month))
        status = later.facts["status"][later.index("LTU")]
        assert status == (3 if month < row["notice_left"] else 0)
    gone = world_as_of(date(2025, 3, 7)).facts[world.index("LTU")]
    assert (gone["status"], gone["notice_left"], gone["months_bound"]) == (0, 0, 0)


def test_the_convention_takes_force_months_after_a_deposit() -> None:
    late = world_as_of(date(2023, 7, 1))
    assert late.facts["months_to_force"][late.index("NGA")] == 1  # deposit of 28 February
    assert late.facts["months_to_force"].sum() == 1
    early = world_as_of(date(2010, 8, 1))
    assert (early.facts["months_to_force"][early.facts["status"] == 2] == 0).sum() == 30


def test_users_by_year() -> None:
    users = record(date(2024, 1, 1)).users
    assert users[2006] == ("ISR",)
    assert users[2010] == ()
    assert users[2023] == ("MMR", "RUS", "SYR", "UKR")
    assert users[2018] == ("RUS", "SYR")  # EGY is of low confidence
    assert 2024 not in users


def test_ccw_parties() -> None:
    assert world_as_of(date(2011, 11, 25)).facts["ccw"].sum() == 114
