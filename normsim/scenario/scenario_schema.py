"""The keys of a scenario file, as pydantic models and as a JSON schema for editors.

Regimes, levers and parameters are free tables here; their keys are the parameter records.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from normsim.config.table_validation import Table, json_schema_of, validated
from normsim.config.toml_reader import Source
from normsim.parameters import REGIMES, Parameter, records
from normsim.scenario.file_format import FIRST_DAY, FORMAT, LAST_START, MAX_MONTHS
from normsim.scenario.scenario import ACTIONS, Action
from normsim.scenario.value_checks import home

_CODE: dict[str, JsonValue] = {"pattern": r"^([A-Z]{3,4}|\*)$"}
_LINE = r"^[^\n]*[^\s][^\n]*$"

_Share = Annotated[
    float | None, Field(default=None, ge=0, le=1, allow_inf_nan=False, description="a number from 0 to 1")
]
_Rounds = Annotated[
    int | None, Field(default=None, ge=0, le=10**9, description="a whole number of rounds from 0 to 1,000,000,000")
]


class WorldTable(Table):
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


class StateTable(Table):
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
    threshold: _Share
    susceptibility: _Share


class EventTable(Table):
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


class FileTable(Table):
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


def validate(source: Source) -> FileTable:
    """Read the fixed keys of a file, of the right kinds and in range.

    Raises:
        ScenarioError: one is not, with its place and what is allowed.
    """
    version = source.tree.get("format")
    if isinstance(version, int) and version > FORMAT:
        problem = f"this file was written for a newer normsim (it reads up to {FORMAT}); upgrade normsim"
        raise source.error(("format",), problem, version)
    return validated(source, FileTable, home)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of scenario files, with every range, choice and meaning."""
    schema = json_schema_of(FileTable, "normsim scenario")
    fields = schema["properties"]
    fields["regime"] |= _object({name: _group(name, "regime") for name in REGIMES})
    for section in ("levers", "parameters"):
        here = {name: record for name, record in records().items() if record.section == section}
        groups = dict.fromkeys(record.group for record in here.values())
        fields[section] |= _object(
            {name: _value(record) for name, record in here.items()} | {name: _group(name, section) for name in groups}
        )
    return schema


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _group(name: str, section: str) -> dict[str, Any]:
    """The table of a group, with those of its keys that belong in a section."""
    inside = [record for record in records().values() if record.group == name and record.section == section]
    return _object({record.name.partition(".")[2]: _value(record) for record in inside})


def _value(record: Parameter) -> dict[str, Any]:
    """One parameter."""
    shapes: dict[str, Callable[[], dict[str, Any]]] = {
        "choice": lambda: {"enum": list(record.choices)},
        "switch": lambda: {"enum": [True, False, 0, 1]},
        "int": lambda: {"type": "integer", "minimum": int(record.low), "maximum": int(record.high)},
        "float": lambda: {"type": "number", "minimum": record.low, "maximum": record.high},
    }
    unit = f" [{record.unit}]" if record.unit else ""
    default = bool(record.value) if record.kind == "switch" else record.value
    return shapes[record.kind]() | {"description": record.meaning + unit, "default": default}
