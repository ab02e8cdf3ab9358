"""Recorded dates, which may be known only to the month or the year.

An event dated by a year (or a month) counts as having happened on the last day of that year (or
month). A world as of a date thus contains no fact that could lie in its future.
"""

from __future__ import annotations

import datetime
import functools
import re

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@functools.cache
def day(text: str) -> datetime.date:
    """Last day that a date of the record can mean.

    Args:
        text: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

    Returns:
        The day itself, the last day of the month, or 31 December.

    Raises:
        ValueError: If the text is not a date in one of these forms.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a date: {text!r}")
    year, month, of_month = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return datetime.date(year, 12, 31)
    if of_month is None:
        return add_months(datetime.date(year, month, 1), 1) - datetime.timedelta(days=1)
    return datetime.date(year, month, of_month)


def add_months(date: datetime.date, months: int) -> datetime.date:
    """Same day some months later, or the last day of a month too short for it.

    Args:
        date: Where to count from.
        months: How many months to add; negative goes back [months].

    Returns:
        The new date.
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    first = datetime.date(year, month + 1, 1)
    last = (first.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    length = (last - datetime.timedelta(days=1)).day
    return first.replace(day=min(date.day, length))


def months_between(early: datetime.date, late: datetime.date) -> int:
    """Whole months from one date to a later one.

    Args:
        early: The first date.
        late: The second date.

    Returns:
        The largest k for which `early` plus k months is not after `late` [months].
    """
    months = (late.year - early.year) * 12 + late.month - early.month
    return months if add_months(early, months) <= late else months - 1


def is_over(year: int, known: datetime.date | None) -> bool:
    """Whether what happened in a calendar year is known: the year was over by a date.

    Args:
        year: Calendar year.
        known: The date, or None for today, when all that is recorded is known.
    """
    return known is None or year < known.year


def in_force(start: str, end: str, date: datetime.date) -> bool:
    """Whether something that began and may have ended holds on a date.

    Args:
        start: When it began; blank means before the record.
        end: When it ended; blank means not yet.
        date: Date of the world.

    Returns:
        True if the start lies strictly before `date` and the end does not.
    """
    return (not start or day(start) < date) and (not end or day(end) >= date)
