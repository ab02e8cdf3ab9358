"""The pace of many runs: how many a second, and how long the rest takes, once that can be told."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normsim.experiment import Progress

SETTLED = 5.0
"""How long runs are timed before the time left is estimated [s]."""
LEAST = 10
"""Runs that are timed before the time left is estimated."""


class Pace:
    """Runs a second, timed from the first finished run on: workers start and the model compiles before it.

    Args:
        clock: returns the time in seconds.

    Example:
        >>> from normsim.experiment import Progress
        >>> times = iter([0.0, 60.0, 70.0])
        >>> pace = Pace(lambda: next(times))
        >>> pace.told(Progress(total=100))
        'starting workers'
        >>> pace.told(Progress(total=100, done=1))
        'estimating the time left'
        >>> pace.told(Progress(total=100, done=21))
        '2.0 runs a second, about 40 s left'
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._first: tuple[float, int] | None = None
        self._last = 0

    def told(self, progress: Progress) -> str:
        """Return the pace in words.

        Args:
            progress: how far the runs are.
        """
        now, finished = self._clock(), progress.done + progress.failed
        fresh = finished - progress.before
        if fresh < self._last:  # something else is counted from here on
            self._first = None
        self._last = fresh
        left = progress.total - finished
        if fresh == 0:
            told = "starting workers"
        elif self._first is None:
            self._first = now, fresh
            told = "estimating the time left"
        else:
            told = self._measured(now - self._first[0], fresh - self._first[1], left)
        return f"{progress.failed:,} failed, {told}" if progress.failed else told

    @staticmethod
    def _measured(seconds: float, runs: int, left: int) -> str:
        """The pace of these runs in this time, if both suffice."""
        if not left:
            return "finishing"
        if seconds < SETTLED or runs < LEAST:
            return "estimating the time left"
        rate = runs / seconds
        return f"{rate:.1f} runs a second, about {duration(left / rate)} left"


def duration(seconds: float) -> str:
    """Seconds as people say them.

    Example:
        >>> duration(40.2), duration(600), duration(9000)
        ('40 s', '10 min', '2.5 h')
    """
    if not math.isfinite(seconds):
        return "-"
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
