"""Error lines: input that cannot be used ends in one line on stderr and exit code 1, never in a traceback."""

import errno
import functools
import os
import sys
from collections.abc import Callable

import typer

_ANALYSIS = (("normsim.analysis.errors", "AnalysisError"), ("normsim.paper.errors", "PaperError"))


class BadInputError(ValueError):
    """An option's value that cannot be taken; the message says what is allowed."""


def _refusals() -> tuple[type[Exception], ...]:
    """Errors whose message alone is enough to mend the input."""
    from normsim.parameters import ParameterError
    from normsim.scenario.errors import ScenarioError
    from normsim.user_files import UserFileError
    from normsim.world.errors import WorldError

    # these drag in the compiler or tables: if their module was not loaded, they were not raised
    late = (("normsim.engine.rules", "RulesError"), ("normsim.experiment.errors", "StoreError"), *_ANALYSIS)
    own = (getattr(sys.modules[module], name) for module, name in late if module in sys.modules)
    return (BadInputError, ParameterError, ScenarioError, UserFileError, WorldError, *own)


def fail(message: str) -> typer.Exit:
    """Say on stderr what is wrong; raise what is returned."""
    print(f"error: {message}", file=sys.stderr)
    return typer.Exit(1)


def hush() -> typer.Exit:
    """Whoever read our output has had enough of it, as `head` has: end without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return typer.Exit(0)


def guarded[**P](command: Callable[P, None]) -> Callable[P, None]:
    """Decorate a command with the exit codes of bad input, an interrupt and a closed pipe."""

    @functools.wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
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
