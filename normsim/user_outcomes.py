"""Outcomes of a user's own: functions of a run that return one number.

Example of a file:
    def peak_users(run):
        "Most states that used cluster munitions in one month."
        return run.series["users"].max()
"""

import inspect
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim.config.messages import nearest
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.errors import UserFileError
from normsim.user_files import failures_in, load_user_file, module_digest, public_functions, required_arguments

if TYPE_CHECKING:
    from normsim.engine.simulate import Run

type Outcome = Callable[[Run], Any]
"""A function of a finished run that returns one number; NaN where the run has none."""

KNOWN = (*OUTCOMES, *RUN_OUTCOMES)
"""Names that are taken, and that a run's series can be asked for."""


def user_outcomes(given: Mapping[str, Outcome] | str | Path | None) -> dict[str, Outcome]:
    """Return a user's outcomes by name.

    Args:
        given: functions of a run by name, or a Python file whose public functions they are; none if None.

    Raises:
        UserFileError: the file cannot be run or defines no outcome, a name is taken, or a function does not take a run.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        found, place = dict(given), "outcomes"
    else:
        module, place = load_user_file(given, "outcomes"), Path(given).name
        found = dict(public_functions(module))
        if not found:
            private = [name for name in vars(module) if name.startswith("_") and inspect.isfunction(vars(module)[name])]
            hint = f"; {private[0]} is private: drop the leading _" if private else ""
            raise UserFileError(f"{place} defines no outcome: write a function such as def peak_users(run){hint}")
    for name, function in found.items():
        if name in KNOWN:
            raise UserFileError(f"{place}: {name} is an outcome of the model; choose another name")
        if not callable(function):
            raise UserFileError(f"{place}: {name} is {function!r}, not a function of a run")
        arguments = required_arguments(function) if inspect.isfunction(function) else ["run"]
        if arguments != ["run"] and not (isinstance(given, Mapping) and len(arguments) == 1):
            told = ", ".join(arguments) or "nothing"
            hint = nearest(arguments[0], ["run"]) if len(arguments) == 1 else "; start the name of a helper with _"
            raise UserFileError(f"{place}: {name} takes {told}; an outcome takes run{hint}")
    return found


def outcomes_digest(outcomes: Mapping[str, Outcome]) -> str:
    """Return a digest of outcomes of one file and of the values that their module has; empty for none."""
    modules = {getattr(function, "__module__", "") for function in outcomes.values()}
    return " ".join(module_digest(sys.modules[name]) for name in sorted(modules))


def measure(run: "Run", outcomes: Mapping[str, Outcome]) -> dict[str, float]:
    """Return the outcomes of a run: its summary, and a user's own.

    Args:
        run: a finished run.
        outcomes: a user's outcomes, as `user_outcomes` returned them.

    Raises:
        UserFileError: an outcome fails, or returns something else than one number.
    """
    measured = run.summary()
    for name, function in outcomes.items():
        code = getattr(function, "__code__", None)
        path = Path(code.co_filename) if code is not None else None
        what = f"{path.name}: {name}" if path is not None and path.suffix == ".py" else f"outcome {name}"
        with failures_in(path, what, KNOWN):
            value = function(run)
        measured[name] = _number(value, what)
    return measured


def _number(value: object, what: str) -> float:
    """One number as a float."""
    inner = value.item() if hasattr(value, "item") and getattr(value, "size", 0) == 1 else value
    if not isinstance(inner, int | float) or math.isinf(inner):
        told = f"{inner!r}" if isinstance(inner, str | float) or inner is None else f"a {type(inner).__name__}"
        raise UserFileError(f"{what} returned {told}; an outcome is one finite number, or NaN where a run has none")
    return float(inner)


def meaning_of(function: Outcome) -> str:
    """Return the first line of an outcome's docstring, empty if it has none."""
    return (inspect.getdoc(function) or "").partition("\n")[0]
