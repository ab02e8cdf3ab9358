"""Errors of the world, written so that the message alone is enough to mend the input."""

from __future__ import annotations


class WorldError(ValueError):
    """A request that the world cannot meet: an unknown state, a date too early, a bad size."""


class DataError(WorldError):
    """A data file that is missing or holds something it must not.

    Attributes:
        file: Name of the data file.
        line: Line in the file, counted from 1, or None if the whole file is at fault.
        column: Column, or None if no single column is at fault.
        value: The text found, or None.
        allowed: What would have been right.
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
        """Build the message out of its parts.

        Args:
            file: Name of the data file.
            allowed: What would have been right.
            line: Line in the file, counted from 1.
            column: Column at fault.
            value: The text found.
        """
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
        """Keep every part when the error crosses a process boundary."""
        return (_rebuild, (self.file, self.allowed, self.line, self.column, self.value))


def _rebuild(file: str, allowed: str, line: int | None, column: str | None, value: str | None) -> DataError:
    return DataError(file, allowed, line=line, column=column, value=value)
