"""Vote: bars, when a text is tabled, every term and the three rules against tables worked out by hand."""

import pytest

from normsim.rules import vote
from tests.worlds import both, check_terms, record


@pytest.mark.parametrize(
    ("in_ccw", "tabled", "bar"),
    [
        (1, 1, "open"),
        (0, 1, "not a party to the CCW"),
        (0, 0, "not a party to the CCW"),
        (1, 0, "nothing is on the table this month"),
    ],
)
def test_reasons(in_ccw: int, tabled: int, bar: str) -> None:
    assert vote.REASONS[both(vote.ineligible, in_ccw, tabled)] == bar


ON = {"ccw_dud_rate.on": 1, "ccw_dud_rate.tabled_after": 10}


@pytest.mark.parametrize(
    ("values", "month", "calendar", "adopted", "want"),
    [
        (ON, 20, 12, 0, True),
        (ON, 20, 11, 0, False),
        (ON, 10, 12, 0, True),  # the first month on the table
        (ON, 9, 12, 0, False),
        (ON, 20, 12, 1, False),
        (ON | {"ccw_dud_rate.on": 0}, 20, 12, 0, False),
        (ON | {"ccw_dud_rate.rule": "majority"}, 20, 11, 0, False),
        (ON | {"ccw_dud_rate.rule": "imposed"}, 10, 3, 0, True),
        (ON | {"ccw_dud_rate.rule": "imposed"}, 9, 3, 0, False),
        (ON | {"ccw_dud_rate.rule": "imposed"}, 10, 3, 1, False),
    ],
)
def test_tabled(values: dict[str, object], month: int, calendar: int, adopted: int, want: bool) -> None:
    assert both(vote.tabled, record(values), month, calendar, adopted) == want


DEFER = {"deferral_cap": 100.0}


# felt, committed, producer, lost
@pytest.mark.parametrize(
    ("values", "args", "want"),
    [
        ({}, (0.5, 1, 1, 1.0), {}),
        ({"intercept": -2.0}, (0.5, 1, 1, 1.0), {"intercept": -2.0}),
        ({"ban_minded": 8.0}, (0.5, 1, 1, 1.0), {"ban_minded": 4.0}),
        ({"ban_minded": 8.0}, (0.5, 0, 1, 1.0), {}),
        ({"ban_minded": 8.0}, (0.0, 1, 1, 1.0), {}),
        ({"ban_minded": 8.0, "two_track.on": 1, "two_track.safeguard": 0.75}, (0.5, 1, 0, 0.0), {"ban_minded": 1.0}),
        ({"ban_minded": 8.0, "two_track.safeguard": 0.75}, (0.5, 1, 0, 0.0), {"ban_minded": 4.0}),
        ({"ban_minded": 8.0, "two_track.on": 1, "two_track.safeguard": 1.0}, (0.5, 1, 0, 0.0), {}),
        ({"strict_text": 6.0} | DEFER, (0.5, 1, 1, 0.5), {"strict_text": 3.0}),
        ({"strict_text": 6.0} | DEFER, (0.5, 1, 0, 0.5), {}),
        ({"strict_text": 6.0} | DEFER, (0.5, 1, 1, 0.0), {}),
        ({"strict_text": 6.0, "ccw_dud_rate.deferral_months": 50} | DEFER, (0.5, 1, 1, 0.5), {"strict_text": 1.5}),
        ({"strict_text": 6.0, "ccw_dud_rate.deferral_months": 100} | DEFER, (0.5, 1, 1, 0.5), {}),
        ({"strict_text": 6.0, "ccw_dud_rate.deferral_months": 240} | DEFER, (0.5, 1, 1, 0.5), {}),
    ],
)
def test_terms(values: dict[str, float], args: tuple[float, ...], want: dict[str, float]) -> None:
    check_terms(vote.terms, "vote", {"intercept": -2.0} | values, args, {"intercept": -2.0} | want)


@pytest.mark.parametrize(
    ("values", "blockers", "voters", "want"),
    [
        ({"rule": "consensus"}, 0, 100, True),
        ({"rule": "consensus"}, 1, 100, False),
        ({"rule": "consensus", "blockers_needed": 3}, 2, 100, True),
        ({"rule": "consensus", "blockers_needed": 3}, 3, 100, False),
        ({"rule": "consensus"}, 0, 0, False),  # nobody votes
        ({"rule": "majority", "majority": 0.75}, 25, 100, True),  # a tie passes
        ({"rule": "majority", "majority": 0.75}, 26, 100, False),
        ({"rule": "majority", "majority": 1.0}, 0, 5, True),
        ({"rule": "majority", "majority": 1.0}, 1, 5, False),
        ({"rule": "majority", "majority": 0.5}, 0, 0, False),
        ({"rule": "majority", "majority": 0.5}, 0, 1, True),  # a single voter
        ({"rule": "consensus"}, 0, 1, True),
        ({"rule": "imposed"}, 100, 100, True),
        ({"rule": "imposed"}, 0, 0, True),
    ],
)
def test_passes(values: dict[str, object], blockers: int, voters: int, want: bool) -> None:
    p = record({f"ccw_dud_rate.{key}": value for key, value in values.items()})
    assert both(vote.passes, p, blockers, voters) == want
