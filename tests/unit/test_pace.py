"""The pace of many runs: no time left is told before it means something."""

import doctest

import pytest

from normsim.cli import pace as module
from normsim.cli.pace import LEAST, SETTLED, Pace
from normsim.experiment import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def told(
    pace: Pace, clock: Clock, seconds: float, done: int, before: int = 0, failed: int = 0, total: int = 1000
) -> str:
    clock.now = seconds
    return pace.told(Progress(total=total, before=before, done=done, failed=failed))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_examples() -> None:
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_starting_and_compiling_do_not_count(clock: Clock) -> None:
    pace = Pace(clock)
    assert told(pace, clock, 0, 0) == "starting workers"
    assert told(pace, clock, 100, 10) == "estimating the time left"
    assert told(pace, clock, 110, 110) == "10.0 runs a second, about 89 s left"


@pytest.mark.parametrize(("seconds", "runs"), [(SETTLED - 0.1, 900), (100.0, LEAST - 1)])
def test_a_short_time_or_a_few_runs_say_nothing(clock: Clock, seconds: float, runs: int) -> None:
    pace = Pace(clock)
    told(pace, clock, 0, 1)
    assert told(pace, clock, seconds, 1 + runs) == "estimating the time left"


def test_runs_of_an_earlier_session_do_not_count(clock: Clock) -> None:
    pace = Pace(clock)
    assert told(pace, clock, 0, 500, before=500) == "starting workers"
    assert told(pace, clock, 1, 501, before=500) == "estimating the time left"
    assert told(pace, clock, 11, 601, before=500) == "10.0 runs a second, about 40 s left"


def test_failures_are_counted_and_told(clock: Clock) -> None:
    pace = Pace(clock)
    told(pace, clock, 0, 0, failed=1)
    assert told(pace, clock, 10, 50, failed=51) == "51 failed, 10.0 runs a second, about 90 s left"
    assert told(pace, clock, 11, 949, failed=51) == "51 failed, finishing"


def test_another_count_begins_again(clock: Clock) -> None:
    pace = Pace(clock)
    told(pace, clock, 0, 1)
    told(pace, clock, 100, 900)
    assert told(pace, clock, 101, 1) == "estimating the time left"
    assert told(pace, clock, 111, 21).startswith("2.0 runs a second")
