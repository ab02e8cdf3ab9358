"""Signals that ask a long command to stop: what runs is finished, and nothing that is done is lost."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from normsim.cli.printing import note

GRACE = 20.0
"""Seconds that what runs has to finish after SIGTERM or SIGHUP; schedulers kill after about half a minute [s]."""

INTERRUPTED = 130
"""Exit code after Ctrl-C. After another signal it is 128 and the signal's number: 143 for SIGTERM, 129 for SIGHUP."""


class StopRequest:
    """Whether a signal asked to stop; called, it says so.

    Attributes:
        code: the exit code that says which signal it was.
    """

    def __init__(self) -> None:
        self.code = 0

    def __call__(self) -> bool:
        """Whether to begin nothing more."""
        return self.code != 0

    def hear(self, number: int, _: FrameType | None) -> None:
        """Take a signal: the first lets what runs finish, the next stops at once."""
        if self.code:
            raise KeyboardInterrupt(self.code)
        self.code = 128 + number
        if number == signal.SIGINT:
            note("finishing the current runs; Ctrl-C again stops at once (either way, no finished run is lost)")
        else:
            name = signal.Signals(number).name
            note(f"{name}: finishing the current runs, for up to {GRACE:g} s; no finished run is lost")
            if hasattr(signal, "setitimer"):
                signal.setitimer(signal.ITIMER_REAL, GRACE)


@contextmanager
def stop_signals() -> Iterator[StopRequest]:
    """Hear Ctrl-C, SIGTERM and SIGHUP; a signal that is ignored, as under nohup, stays ignored."""
    asked = StopRequest()
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name)]
    numbers = [getattr(signal, name) for name in names]
    numbers = [each for each in numbers if each == signal.SIGINT or signal.getsignal(each) is not signal.SIG_IGN]
    before: dict[int, Any] = {number: signal.signal(number, asked.hear) for number in numbers}
    try:
        yield asked
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler)
