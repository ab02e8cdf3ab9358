"""The fixed keys of a scenario file, as pydantic models.

A field's description says what it may be: the same words stand in the JSON schema and in messages, where they replace
pydantic's own. Regimes, levers and parameters are free tables here; their keys are the parameter records.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from normsim.config.toml_reader import Key, Source
from normsim.errors import ScenarioError
from normsim.parameters import REGIMES, nearest
from normsim.scenario.scenario import ACTIONS, FIRST_DAY, FORMAT, LAST_START, MAX_MONTHS, Action
from normsim.scenario.value_checks import hint, home

_CODE: dict[str, JsonValue] = {"pattern": r"^([A-Z]{3,4}|\*)$"}
_LINE = r"^[^\n]*[^\s][^\n]*$"

_Share = Annotated[
    float | None, Field(default=None, ge=0, le=1, allow_inf_nan=False, description="a number from 0 to 1")
]
_Rounds = Annotated[
    int | None, Field(default=None, ge=0, le=10**9, description="a whole number of rounds from 0 to 1,000,000,000")
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WorldTable(_Table):
    """Which world: the real one as of the start, or a generated one."""

    kind: Literal["real", "synthetic"] = Field(description='"real" or "synthetic"')
    n: int | None = Field(None, ge=1, le=100_000, description="a whole number of states from 1 to 100,000")
    graph: Literal["er", "complete", "ring", "sbm", "ba"] | None = Field(
        None, description='"er", "complete", "ring", "sbm" or "ba"'
    )
    degree: int | None = Field(None, ge=0, le=1000, description="a whole number of neighbours from 0 to 1,000")
    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="a whole number, 0 or more")
    holders: _Share
    producers: _Share
    parties: _Share
    at_war: _Share


class StateTable(_Table):
    """Initial values of one state; what is not set is as in the world."""

    conventional: float | None = Field(
        None, ge=0, le=1.5, allow_inf_nan=False, description="a number from 0 to 1.5 (share of the stock target)"
    )
    output: float | None = Field(
        None, ge=0.1, le=20, allow_inf_nan=False, description="a number from 0.1 to 20 (factor on peacetime output)"
    )
    legacy: _Rounds
    improved: _Rounds
    low_dud: _Rounds
    threat: _Share
    validity: _Share
    scope: _Share
    perceived: _Share


class EventTable(_Table):
    """An act that is forced on a state, or forbidden to it."""

    date: datetime.date = Field(description="a date without quotes, as in 2023-07-07")
    until: datetime.date | None = Field(
        None, description="a date without quotes: the last day of an order that lasts, not before its date"
    )
    actor: str = Field(
        description='the code of a state, as in "USA", or "*" for every state (with forbid = true)',
        json_schema_extra=_CODE,
    )
    action: Action = Field(description=" | ".join(ACTIONS))
    to: str | None = Field(
        None,
        description='the code of the target of a transfer or condemn, as in "UKR", or "*" for any (with forbid = true)',
        json_schema_extra=_CODE,
    )
    forbid: bool = Field(False, description="true or false: whether the act is forbidden instead of forced")
    source: str = Field("", description="text in quotes: where it is recorded")
    note: str = Field("", description="text in quotes")


class FileTable(_Table):
    """A scenario: start, horizon, regimes, levers, parameters, initial values, dated events."""

    format: int = Field(FORMAT, ge=1, description=f"a whole number: the version of the file format, now {FORMAT}")
    title: str = Field(pattern=_LINE, description="a few words in quotes on one line, not empty")
    question: str | None = Field(None, pattern=r"\S", description="a question in quotes, not empty (or left out)")
    extends: str | None = Field(
        None, pattern=_LINE, description='the name of a scenario, as in "baseline", or of a .toml file beside this one'
    )
    references: list[str] | None = Field(
        None, description='a list of keys in quotes, as in ["Wexler2023"]; it replaces an extended one'
    )
    start: datetime.date | None = Field(
        None, ge=FIRST_DAY, le=LAST_START, description=f"a date without quotes from {FIRST_DAY} to {LAST_START}"
    )
    months: int | None = Field(None, ge=1, le=MAX_MONTHS, description=f"a whole number from 1 to {MAX_MONTHS}")
    inherit_events: bool = Field(True, description="true or false: whether an extended scenario's events are kept")
    regime: dict[str, dict[str, Any]] = Field(
        {}, description=f"a table each regime that is on: {', '.join(f'[regime.{name}]' for name in REGIMES)}"
    )
    levers: dict[str, Any] = Field({}, description="a table of what governments set, under [levers]")
    parameters: dict[str, Any] = Field({}, description="a table of the model's parameters, under [parameters]")
    world: WorldTable | None = Field(None, description="a table, under [world]; absent for the real world")
    state: dict[str, StateTable] = Field({}, description="a table of initial values each state, as in [state.USA]")
    event: list[EventTable] = Field([], description="a list of acts, each under its own [[event]] in double brackets")


_WITHIN: dict[str | int, type[_Table]] = {"world": WorldTable, "state": StateTable, "event": EventTable}


def validate(source: Source) -> FileTable:
    """The fixed keys of a file, of the right kinds and in range.

    Raises:
        ScenarioError: one is not; unknown keys first, as a misspelt one is often also a missing one.
    """
    version = source.tree.get("format")
    if isinstance(version, int) and version > FORMAT:
        problem = f"this file was written for a newer normsim (it reads up to {FORMAT}); upgrade normsim"
        raise source.error(("format",), problem, version)
    try:
        return FileTable.model_validate(source.tree)
    except ValidationError as failure:
        errors = failure.errors(include_url=False, include_context=False)
        first = min(errors, key=lambda error: error["type"] != "extra_forbidden")
        raise _translated(source, first["type"], first["loc"], first["input"]) from None


def _translated(source: Source, kind: str, key: Key, value: Any) -> ScenarioError:
    """A complaint of pydantic in our words."""
    fields, described = _described(key)
    if kind == "extra_forbidden":
        return source.error(key, "unknown key" + _advice(str(key[-1]), fields, top=len(key) == 1))
    if kind == "missing":
        return source.error(key, f"is missing; it is {described}")
    return source.error(key, f"allowed is {described}{_hint(key, value)}", value)


def _described(key: Key) -> tuple[tuple[str, ...], str]:
    """The keys beside the last part of a path, and what the innermost field on it may be."""
    model: type[_Table] = FileTable
    described = ""
    for part in key:
        field = model.model_fields.get(str(part))
        if field is not None and field.description is not None:
            described = field.description
            if part == key[-1]:
                break
            model = _WITHIN.get(part, model)
    return tuple(model.model_fields), described


def _advice(name: str, fields: tuple[str, ...], top: bool) -> str:
    """What was meant by an unknown key."""
    table = home(name) if top else None
    return f"; it belongs in {table}" if table else nearest(name, fields) or f"; known are {', '.join(fields)}"


def _hint(key: Key, value: Any) -> str:
    """What to do about a value of the wrong kind."""
    name = next((part for part in reversed(key) if isinstance(part, str)), "")
    if name in ("date", "until", "start"):
        return hint(value, "date")
    if name in ("forbid", "inherit_events"):
        return hint(value, "switch")
    if name == "action":
        return hint(value, "text", ACTIONS)
    words = name in ("title", "question", "extends", "references", "actor", "to", "source", "note", "kind", "graph")
    return hint(value, "text" if words else "number")
