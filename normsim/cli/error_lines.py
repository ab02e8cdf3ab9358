"""Error lines: input that cannot be used ends in one line on stderr and exit code 1, never in a traceback."""

import errno
import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from normsim.cli.stop_signals import INTERRUPTED
from normsim.errors import (
    AnalysisError,
    PaperError,
    RulesError,
    ScenarioError,
    ScenarioWarning,
    StoreError,
    UserFileError,
    WorldError,
)


class BadInputError(ValueError):
    """An option's value that cannot be taken; the message says what is allowed."""


def _refusals() -> tuple[type[Exception], ...]:
    """Errors whose message alone is enough to correct the input."""
    from normsim.parameters import ParameterError

    results = (StoreError, AnalysisError, PaperError)
    return (BadInputError, ParameterError, UserFileError, RulesError, ScenarioError, WorldError, *results)


def fail(message: str) -> typer.Exit:
    """Say on stderr what is wrong; raise what is returned."""
    print(f"error: {message}", file=sys.stderr)
    return typer.Exit(1)


def hush() -> typer.Exit:
    """Whoever read our output has had enough of it, as `head` has: end without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return typer.Exit(0)


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Show each warning of a scenario once, as a line on stderr."""
    told: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", ScenarioWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
            if not issubclass(category, ScenarioWarning):
                others(message, category, *place)
            elif str(message) not in told:
                told.add(str(message))
                print(f"warning: {message}", file=sys.stderr)

        warnings.showwarning = show  # type: ignore[assignment]
        yield


def guarded[**P](command: Callable[P, None]) -> Callable[P, None]:
    """Decorate a command with the exit codes of bad input, an interrupt and a closed pipe."""

    @functools.wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with _warnings_in_one_line():
                command(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt as stop:
            raise typer.Exit(stop.args[0] if stop.args else INTERRUPTED) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise hush() from None
            name = f"{os.path.basename(error.filename)}: " if error.filename else ""
            raise fail(f"{name}{error.strerror or error}") from None
        except ValueError as error:
            if isinstance(error, _refusals()):
                raise fail(str(error)) from None
            raise

    return call
