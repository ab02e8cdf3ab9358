"""Status of a state under the Convention on Cluster Munitions on a date.

Source: the convention, articles 17 (entry into force) and 20 (withdrawal); ccm_status.csv.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple

from normsim.world.dates import add_months, day, months_between
from normsim.world.initial_world import IN_FORCE

TRIGGERED = datetime.date(2010, 2, 16)
"""Day of the thirtieth deposit, which fixed the day of entry into force."""

NOTICE_MONTHS = 6
"""Months from a notice of withdrawal to its effect (article 20)."""


class Standing(NamedTuple):
    """Treaty fields of `FACTS` for one state."""

    status: int = 0
    months_bound: int = 0
    months_to_force: int = 0
    notice_left: int = 0


def entry_into_force(bound: datetime.date, date: datetime.date) -> datetime.date:
    """First day of the sixth month after the deposit, and not before the convention itself.

    Args:
        bound: Day of the deposit.
        date: Date of the world. Up to the thirtieth deposit nobody knows when the convention will enter into force.

    Returns:
        Day from which the convention binds the state, once it is in force itself.
    """
    own = add_months(bound.replace(day=1), 6)
    return max(own, IN_FORCE) if date > TRIGGERED else own


def notice_given(withdrawn: datetime.date) -> datetime.date:
    """Day on which the notice of a withdrawal was given.

    Args:
        withdrawn: Day on which the withdrawal takes effect.

    Returns:
        Six months earlier; only the date of effect is recorded.
    """
    return add_months(withdrawn, -NOTICE_MONTHS)


def standing(signed: str, bound: str, withdrawn: str, date: datetime.date) -> Standing:
    """Determine the status of a state on a date; acts strictly before it count.

    A withdrawal takes effect in the first month that starts after its day: `notice_left` counts
    from the date to that month, so it is at least 1 while the status is 3.

    Args:
        signed: Date of signature, or blank.
        bound: Date of the deposit of consent to be bound, or blank.
        withdrawn: Date on which a withdrawal takes effect, or blank.
        date: Date of the world.

    Returns:
        Status, and the months that go with it.
    """
    if withdrawn and day(withdrawn) < date:
        return Standing()
    if bound and day(bound) < date:
        force = entry_into_force(day(bound), date)
        to_force = (force.year - date.year) * 12 + force.month - date.month
        bound_for = months_between(day(bound), date)
        left = 0
        if withdrawn and notice_given(day(withdrawn)) < date:
            left = months_between(date, day(withdrawn)) + 1
        return Standing(3 if left else 2, bound_for, max(to_force, 0), left)
    return Standing(status=1 if signed and day(signed) < date else 0)
