"""A treaty as a value: its dates and rules, who signed, deposited and withdrew, and where a state stands on a date.

The default is the Convention on Cluster Munitions, articles 17 (entry into force) and 20 (withdrawal). Treaties are
read from files by `treaty_file`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from normsim.world.dates import add_months, day, months_between


def last_whole_year(recorded_until: datetime.date) -> int:
    """Last calendar year that is over by the end of a day."""
    return (recorded_until + datetime.timedelta(days=1)).year - 1


class Act(NamedTuple):
    """Acts of one state; dates as in `dates.day`, blank where there is none.

    Attributes:
        iso3: Code of the state.
        signed: Date of signature.
        bound: Date of the deposit of consent to be bound.
        withdrawn: Date on which a withdrawal takes effect.
    """

    iso3: str
    signed: str = ""
    bound: str = ""
    withdrawn: str = ""


class Standing(NamedTuple):
    """Treaty fields of `FACTS` for one state."""

    status: int = 0
    months_bound: int = 0
    months_to_force: int = 0
    notice_left: int = 0


@dataclass(frozen=True, kw_only=True)
class Treaty:
    """A treaty.

    Attributes:
        name: Its name.
        acts: Acts of the states; a state that is not listed has done nothing.
        opened: Day on which it opened for signature.
        signing_until: Last day of signature, after which the others accede; None if that is the entry into force.
        deposits: Deposits that bring it into force.
        entry_months: Months from the month of a deposit to the month on whose first day the treaty binds the state, and
            from the last deposit that was needed to its own entry into force.
        notice_months: Months from a notice of withdrawal to its effect.
        stocks: Whether it is about cluster munitions. If not, stocks, producers, use and the votes on them are left out
            of its worlds.
        reservations: Whether it allows reservations. The model has none: a party is bound as a whole.
        covariates_from: First day on which a world can begin.
        missing: What counts before the first year of a data file: `carry_back` the values of that year, `drop` nothing.
        recorded_until: Last day up to which acts are recorded.
        fit_from: First day of the window on which the rates of joining and their waning are fitted before a forecast;
            None to forecast with the defaults.
        origins: (last year known, last year forecast) of each origin of its hindcast.
    """

    name: str
    acts: tuple[Act, ...]
    opened: datetime.date
    deposits: int
    entry_months: int
    notice_months: int
    covariates_from: datetime.date
    recorded_until: datetime.date
    missing: Literal["carry_back", "drop"] = "carry_back"
    stocks: bool = False
    reservations: bool = False
    signing_until: datetime.date | None = None
    fit_from: datetime.date | None = None
    origins: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        """`Treaty('Rome Statute of the International Criminal Court', opened 1998-07-17, 122 deposits)`."""
        return f"Treaty({self.name!r}, opened {self.opened}, {sum(bool(act.bound) for act in self.acts)} deposits)"

    @cached_property
    def triggered(self) -> datetime.date | None:
        """Day of the last deposit that was needed, which fixes the day of entry into force; None if it has not come."""
        days = sorted(day(act.bound) for act in self.acts if act.bound)
        return days[self.deposits - 1] if len(days) >= self.deposits else None

    @cached_property
    def in_force(self) -> datetime.date | None:
        """Day on which it entered into force, None if it never did."""
        return None if self.triggered is None else self._after(self.triggered)

    @property
    def last_year(self) -> int:
        """Last calendar year whose acts are recorded as a whole."""
        return last_whole_year(self.recorded_until)

    def is_in_force(self, date: datetime.date) -> bool:
        """Whether it is in force on a date."""
        return self.in_force is not None and date >= self.in_force

    def entry_into_force(self, bound: datetime.date, date: datetime.date) -> datetime.date:
        """First day of the month in which the treaty binds a state, and not before the treaty itself.

        Args:
            bound: Day of the deposit.
            date: Date of the world. Up to the last deposit needed nobody knows when the treaty will enter into force.

        Returns:
            Day from which the treaty binds the state, once it is in force itself.
        """
        own = self._after(bound)
        fixed = self.triggered is not None and date > self.triggered
        return max(own, self._after(self.triggered)) if fixed and self.triggered is not None else own

    def notice_given(self, withdrawn: datetime.date) -> datetime.date:
        """Day on which the notice of a withdrawal was given; only the day of its effect is recorded."""
        return add_months(withdrawn, -self.notice_months)

    def standing(self, act: Act, date: datetime.date) -> Standing:
        """Determine the status of a state on a date; acts strictly before it count.

        A withdrawal takes effect in the first month that starts after its day: `notice_left` counts
        from the date to that month, so it is at least 1 while the status is 3.

        Args:
            act: What the state did.
            date: Date of the world.

        Returns:
            Status, and the months that go with it.
        """
        if act.withdrawn and day(act.withdrawn) < date:
            return Standing()
        if act.bound and day(act.bound) < date:
            force = self.entry_into_force(day(act.bound), date)
            to_force = (force.year - date.year) * 12 + force.month - date.month
            bound_for = months_between(day(act.bound), date)
            left = 0
            if act.withdrawn and self.notice_given(day(act.withdrawn)) < date:
                left = months_between(date, day(act.withdrawn)) + 1
            return Standing(3 if left else 2, bound_for, max(to_force, 0), left)
        return Standing(status=1 if act.signed and day(act.signed) < date else 0)

    def _after(self, deposit: datetime.date) -> datetime.date:
        """First day on which a deposit has effect."""
        return add_months(deposit.replace(day=1), self.entry_months)
