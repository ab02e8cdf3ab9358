"""Parameter records: every number of the model with its unit, range, meaning, source and status.

The records live in `parameters.toml`, one a line. This module reads them, checks them, and turns a set of values into
the one record (`p.use.habit`, `p.bridge.open_below`, ...) that the rules read.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from normsim.config.messages import nearest

Value = float | int | str
Kind = Literal["float", "int", "switch", "choice"]
Status = Literal["empirical", "direction", "assumption"]
Role = Literal["uncertain", "given", "lever", "treatment"]

REGIMES: tuple[str, ...] = ("strict_ban", "ccw_dud_rate", "two_track", "bridge")
"""Groups that a scenario turns on by naming them; absent is off."""

_FILE = Path(__file__).with_name("parameters.toml")


class ParameterError(ValueError):
    """A parameter's name or value that cannot be taken; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model.

    Attributes:
        name: dotted name, `group.key`.
        value: default.
        low: least plausible value, also the lower bound in designs.
        high: greatest plausible value, also the upper bound in designs.
        null: value at which its mechanism is off; None for a scale that has no off.
        unit: unit in words.
        meaning: what it does.
        source: keys of `references.toml`.
        status: `empirical` (magnitude from data), `direction` (sign from data) or `assumption`.
        kind: `float`, `int`, `switch` (0 or 1) or `choice`.
        choices: the words a `choice` may take.
        role: `uncertain` (nobody knows it: designs vary it), `given` (a treaty's text, a measurement or a convention of
            the model), `lever` (a government could set it) or `treatment` (only the author of an experiment sets it).
        needs: what has to happen in a run for it to act, empty if nothing in particular.
    """

    name: str
    value: Value
    low: float
    high: float
    null: Value | None
    unit: str
    meaning: str
    source: tuple[str, ...]
    status: Status
    kind: Kind
    choices: tuple[str, ...]
    role: Role
    needs: str = ""

    @property
    def group(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]

    @property
    def section(self) -> str:
        """Where a scenario sets it: `regime`, `levers` or `parameters`."""
        if self.group in REGIMES:
            return "regime"
        return "levers" if self.role == "lever" else "parameters"

    @property
    def heading(self) -> str:
        """Where readers find it: `regime`, or its role."""
        return "regime" if self.group in REGIMES else self.role

    @property
    def uncertain(self) -> bool:
        """Whether designs vary it: a number that nobody knows."""
        return self.role == "uncertain" and self.kind in ("float", "int")

    def allowed(self) -> str:
        """What it may be set to, in words."""
        match self.kind:
            case "choice":
                return " | ".join(self.choices)
            case "switch":
                return "true or false"
            case "int":
                return f"a whole number from {self.low:g} to {self.high:g}"
            case _:
                return f"a number from {self.low:g} to {self.high:g}"

    def check(self, value: Any) -> Value:
        """Return `value` in this parameter's kind.

        Raises:
            ParameterError: it is of the wrong kind, not finite or out of range.
        """
        taken = self._taken(value)
        if taken is None:
            raise ParameterError(f"{self.name} = {value!r}: allowed is {self.allowed()} ({self.unit or 'a word'})")
        return taken

    def _taken(self, value: Any) -> Value | None:
        """The value in this parameter's kind, None if it is not allowed."""
        if self.kind == "choice":
            return str(value) if value in self.choices else None
        if self.kind == "switch" and isinstance(value, bool):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        if self.kind in ("int", "switch"):
            if value != int(value):
                return None
            value = int(value)
        if not (self.low <= value <= self.high) and value != self.null:
            return None
        return value if self.kind in ("int", "switch") else float(value)

    def encode(self, value: Value) -> float:
        """The value as the number that the rules read: a choice as its place in the list."""
        return float(self.choices.index(str(value))) if self.kind == "choice" else float(value)


def _read(group: str, key: str, raw: dict[str, Any]) -> Parameter:
    """One record of the file."""
    choices = tuple(raw.pop("choices", ()))
    low, high = (0.0, len(choices) - 1.0) if choices else (float(raw.pop("low")), float(raw.pop("high")))
    return Parameter(
        name=f"{group}.{key}",
        low=low,
        high=high,
        null=raw.pop("null", None),
        source=tuple(raw.pop("source").split(",")),
        kind=raw.pop("kind", "float"),
        choices=choices,
        role=raw.pop("role", "uncertain"),
        **raw,
    )


@cache
def records() -> Mapping[str, Parameter]:
    """Every parameter by its dotted name, in the order of the file."""
    groups = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        parameter.name: parameter
        for group, keys in groups.items()
        for parameter in (_read(group, key, raw) for key, raw in keys.items())
    }


def get(name: str) -> Parameter:
    """The record of a dotted name.

    Raises:
        ParameterError: there is none; the message names the nearest.
    """
    found = records().get(name)
    if found is None:
        raise ParameterError(f"unknown parameter {name!r}{nearest(name, records())}")
    return found


def defaults() -> dict[str, Value]:
    """Every parameter's default."""
    return {name: parameter.value for name, parameter in records().items()}


def nulls() -> dict[str, Value]:
    """Every parameter at its null value where it has one, else at its default: the model with everything off."""
    return {name: p.value if p.null is None else p.null for name, p in records().items()}


@cache
def dtype() -> np.dtype[np.void]:
    """The record the rules read: a field a group, within it a float64 field a parameter."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in records().values():
        group, _, key = parameter.name.partition(".")
        groups.setdefault(group, []).append((key, "f8"))
    return np.dtype([(group, np.dtype(fields)) for group, fields in groups.items()])


def compile_values(values: Mapping[str, Value] | None = None) -> Any:
    """The record `p` that the rules read (`p.use.habit`), from defaults and the values given.

    Args:
        values: values by dotted name; the rest keep their defaults. Not range-checked: a scenario does that.

    Returns:
        a NumPy record.
    """
    chosen = records().items()
    numbers = [p.encode(p.value if values is None else values.get(name, p.value)) for name, p in chosen]
    return np.array(numbers).view(dtype()).view(np.recarray)[0]
