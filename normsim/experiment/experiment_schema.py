"""The keys of an experiment file, as pydantic models: the same words stand in the JSON schema and in messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from normsim.config.toml_reader import Key, Source
from normsim.experiment.design import LEVELS, POINTS, TRAJECTORIES, Method
from normsim.parameters import nearest
from normsim.scenario import ScenarioError
from normsim.scenario.scenario import MAX_MONTHS

MAX_POINTS = 10**6
MAX_REPLICATIONS = 10**6

_Points = Annotated[int, Field(ge=1, le=MAX_POINTS)]
_Replications = Annotated[int, Field(ge=1, le=MAX_REPLICATIONS)]
_Number = Annotated[int | float, Field(allow_inf_nan=False)]


class Table(BaseModel):
    """A table of a file: no other keys, no other kinds."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RangeTable(Table):
    """A range of a factor; what is left out is the range of its record."""

    low: _Number | None = Field(None, description="a number: the lower end")
    high: _Number | None = Field(None, description="a number: the upper end")
    steps: int | None = Field(None, ge=2, le=10_000, description="a whole number of values on a grid, from 2")


class DesignTable(Table):
    """One block of the design."""

    method: Method = Field(
        description='"grid", "zip", "list" (values given) or "latin_hypercube", "sobol", "morris" (ranges sampled)'
    )
    factors: Literal["uncertain"] | dict[str, RangeTable | list[Any]] = Field(
        {}, description='a table of lists or ranges by dotted name, or "uncertain" for every uncertain parameter'
    )
    left_out: list[str] = Field(
        [], alias="except", description='a list of names, or groups as in ["harm.*"], that "uncertain" leaves out'
    )
    points: _Points | list[dict[str, Any]] | None = Field(
        None,
        description=f"how many points a latin hypercube has, or sobol's base; {POINTS} if not said; a list's points",
    )
    trajectories: int = Field(TRAJECTORIES, ge=2, le=10_000, description="a whole number from 2, for morris")
    levels: int = Field(LEVELS, ge=2, le=100, description="an even whole number from 2, for morris")
    second_order: bool = Field(False, description="true or false: sobol with second-order indices")


class SmokeTable(Table):
    """What `--smoke` puts in place of the experiment's own, so that it runs in seconds."""

    replications: _Replications | None = Field(None, description="a whole number from 1")
    months: int | None = Field(None, ge=1, le=MAX_MONTHS, description=f"a whole number from 1 to {MAX_MONTHS}")
    points: _Points | None = Field(None, description="a whole number: points of a sampler")
    trajectories: int | None = Field(None, ge=2, description="a whole number from 2")


class ExperimentTable(Table):
    """An experiment file."""

    title: str = Field("", description="a few words in quotes")
    question: str = Field("", description="a question in quotes")
    references: list[str] = Field([], description='a list of keys in quotes, as in ["Wexler2023"]')
    scenarios: list[str] = Field(
        min_length=1,
        description='a list of scenario names or of paths beside this file, as in ["baseline", "mine.toml"]',
    )
    replications: _Replications = Field(1, description=f"a whole number from 1 to {MAX_REPLICATIONS:,}")
    seed: int = Field(0, ge=0, le=2**63 - 1, description="a whole number, 0 or more")
    seeds: Literal["common", "rows", "independent"] = Field(
        "common",
        description='"common" (points share their luck, differences are paired), "rows" (scenarios share it at the '
        'same values) or "independent"',
    )
    months: int | None = Field(None, ge=1, le=MAX_MONTHS, description=f"a whole number from 1 to {MAX_MONTHS}")
    outcomes: list[str] | None = Field(
        None, min_length=1, description="a list of run outcomes to keep; all if not said"
    )
    headline: str | None = Field(None, description="the outcome to show while it runs")
    keep: list[Literal["series", "events", "states"]] = Field(
        [], description='a list of what else to keep of each run: "series", "events", "states"'
    )
    design: list[DesignTable] = Field([], description="blocks of the design, each under its own [[design]]")
    smoke: SmokeTable = Field(SmokeTable(), description="a table of smaller sizes, under [smoke]")


_WITHIN: dict[str, type[Table]] = {"design": DesignTable, "smoke": SmokeTable, "factors": RangeTable}


def validate(source: Source) -> ExperimentTable:
    """The keys of a file, of the right kinds and in range.

    Raises:
        ScenarioError: one is not, with its place and what is allowed.
    """
    return validated(source, ExperimentTable, _WITHIN)


def validated[T: Table](source: Source, model: type[T], within: Mapping[str, type[Table]]) -> T:
    """A file as a table.

    Args:
        source: the file.
        model: the table.
        within: the tables within it by their key.

    Raises:
        ScenarioError: a key or value cannot be taken, with its place and what is allowed.
    """
    try:
        return model.model_validate(source.tree)
    except ValidationError as failure:
        errors = failure.errors(include_url=False, include_context=False)
        # of a union's complaints the innermost says most; a misspelt key is often also a missing one
        first = min(errors, key=lambda error: (error["type"] != "extra_forbidden", -len(_key(source, error["loc"]))))
        raise _translated(source, first["type"], first["loc"], first["input"], model, within) from None


def _key(source: Source, place: tuple[str | int, ...], missing: bool = False) -> Key:
    """The key of a complaint: its place without the branches of unions, which are no keys."""
    key: list[str | int] = []
    node: Any = source.tree
    for part in place:
        known = part in node if isinstance(node, dict) else isinstance(node, list) and isinstance(part, int)
        if known:
            node = node[part]
        if known or (missing and part == place[-1]):
            key.append(part)
    return tuple(key)


def _translated(
    source: Source,
    kind: str,
    place: tuple[str | int, ...],
    value: Any,
    model: type[Table],
    within: Mapping[str, type[Table]],
) -> ScenarioError:
    """A complaint of pydantic in our words."""
    key = _key(source, place, missing=kind == "missing")
    fields: dict[str, FieldInfo] = {}
    described = ""
    for part in key:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if str(part) in fields:
            described = fields[str(part)].description or described
        model = within.get(str(part), model)
    if kind == "extra_forbidden":
        return source.error(
            key, f"unknown key{nearest(str(key[-1]), tuple(fields)) or '; known are ' + ', '.join(fields)}"
        )
    if kind == "missing":
        return source.error(key, f"is missing; it is {described}")
    return source.error(key, f"allowed is {described}", value)


def json_schema() -> dict[str, Any]:
    """The JSON schema of experiment files, for editors."""
    schema = ExperimentTable.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "normsim experiment"}
