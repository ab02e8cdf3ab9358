"""The one error of scenarios: file, line, key, value, what is allowed, what to do."""

from __future__ import annotations


class ScenarioError(ValueError):
    """A scenario that cannot be taken; the message alone is enough to mend it.

    Attributes:
        problem: what is wrong, without the place.
        file: name of the file, None if no file is at fault.
        line: line in the file, counted from 1, None if no single line is at fault.
        key: dotted key, events counted from 1 as in `event[1].date`; None if no key is at fault.
    """

    def __init__(self, problem: str, *, file: str | None = None, line: int | None = None, key: str | None = None):
        """Put the place before the problem."""
        self.problem, self.file, self.line, self.key = problem, file, line, key
        place = file or ""
        if line is not None:
            place += f"{', ' if place else ''}line {line}"
        super().__init__(f"{place}: {problem}" if place else problem)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep every part when the error crosses a process boundary."""
        return _rebuild, (self.problem, self.file, self.line, self.key)


def _rebuild(problem: str, file: str | None, line: int | None, key: str | None) -> ScenarioError:
    return ScenarioError(problem, file=file, line=line, key=key)
