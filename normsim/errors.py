"""Errors of the package. A message alone is enough to correct the input: what, where, what is allowed, what to do."""

from __future__ import annotations


class ScenarioError(ValueError):
    """A scenario, experiment, ledger or paper file, or a value set in one, that is not valid.

    Attributes:
        problem: what is wrong, without the place.
        file: name of the file, None if no file is at fault.
        line: line in the file, counted from 1, None if no single line is at fault.
        key: dotted key, list items counted from 1 as in `event[1].date`; None if no key is at fault.
    """

    def __init__(self, problem: str, *, file: str | None = None, line: int | None = None, key: str | None = None):
        """Put the place before the problem."""
        self.problem, self.file, self.line, self.key = problem, file, line, key
        place = file or ""
        if line is not None:
            place += f"{', ' if place else ''}line {line}"
        super().__init__(f"{place}: {problem}" if place else problem)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep every attribute when the error crosses a process boundary."""
        return _scenario_error, (self.problem, self.file, self.line, self.key)


def _scenario_error(problem: str, file: str | None, line: int | None, key: str | None) -> ScenarioError:
    return ScenarioError(problem, file=file, line=line, key=key)


class ScenarioWarning(UserWarning):
    """A value without effect, such as one of a regime that is off; or a dated event that could not happen in a run."""


class UserFileError(ValueError):
    """A user's Python file that cannot be used; the message names the file, the line and what to do."""


class RulesError(ValueError):
    """A replacement of a rule that cannot be taken, or that failed in a run; the message says which rule and why."""


class RuleFaultError(ArithmeticError):
    """Raised inside a month by a replaced rule that is not finite.

    Its arguments are the place of the rule, the index of the state, the place of the term, and the value.
    """


class StoreError(ValueError):
    """A directory of results that cannot be used as asked."""


class AnalysisError(ValueError):
    """Results that cannot be analysed as asked."""


class PaperError(ValueError):
    """A figure or report that cannot be made as asked."""


class WorldError(ValueError):
    """A request that the world cannot meet: an unknown state, a date too early, an invalid size."""


class DataError(WorldError):
    """A data file that is missing or has invalid content.

    Attributes:
        file: name of the data file.
        line: line in the file, counted from 1, None if the whole file is at fault.
        column: column, None if no single column is at fault.
        value: the text found, or None.
        allowed: what would have been valid.
    """

    def __init__(
        self,
        file: str,
        allowed: str,
        *,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        """Build the message from its parts."""
        self.file, self.line, self.column = file, line, column
        self.value, self.allowed = value, allowed
        where = file
        if line is not None:
            where += f", line {line}"
        if column is not None:
            where += f", column {column!r}"
        found = "" if value is None else f" found {value!r};"
        super().__init__(f"{where}:{found} expected {allowed}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep every attribute when the error crosses a process boundary."""
        return (_data_error, (self.file, self.allowed, self.line, self.column, self.value))


def _data_error(file: str, allowed: str, line: int | None, column: str | None, value: str | None) -> DataError:
    return DataError(file, allowed, line=line, column=column, value=value)
