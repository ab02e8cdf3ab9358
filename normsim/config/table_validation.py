"""Tables of an input file as pydantic models, and pydantic's complaints as messages with file, line, key and remedy.

The description of a field says what it may be. The same words stand in the JSON schema and in messages, where they
replace pydantic's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from normsim.config.messages import Key, Wanted, hint, nearest_or_all
from normsim.config.toml_reader import Source
from normsim.errors import ScenarioError

_WANTED: tuple[tuple[str, Wanted], ...] = (
    ("date", "date"),
    ("bool", "switch"),
    ("int", "number"),
    ("float", "number"),
    ("finite", "number"),
    ("string", "text"),
    ("literal", "text"),
)
"""What a value should have been, by the start of the type of pydantic's complaint."""


class Table(BaseModel):
    """A table of a file: no other keys, no conversion between types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def validated[T: Table](source: Source, model: type[T], home: Callable[[str], str | None] = lambda name: None) -> T:
    """Read a file as a table.

    Args:
        source: the file.
        model: the table.
        home: gives the table in which a key belongs that is unknown at the top of the file, None if there is none.

    Raises:
        ScenarioError: a key or value is not valid, with its place and what is allowed. Unknown keys come first, as a
            misspelt key is often also a missing one.
    """
    try:
        return model.model_validate(source.tree)
    except ValidationError as failure:
        found = [
            (error["type"], _key(source, error["loc"], error["type"] == "missing"), error["input"])
            for error in failure.errors(include_url=False, include_context=False)
        ]
    first = next((error for error in found if error[0] == "extra_forbidden"), found[0])
    # a union complains once per branch: the complaint from deepest within the value says most
    within = (error for error in found if error[0] == first[0] or first[0] != "extra_forbidden")
    chosen = max((error for error in within if error[1][: len(first[1])] == first[1]), key=lambda error: len(error[1]))
    raise _translated(source, *chosen, model, home)


def json_schema_of(model: type[Table], title: str) -> dict[str, Any]:
    """Return the JSON schema of a file, for editors."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_AbsentIsNotNull)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


class _AbsentIsNotNull(GenerateJsonSchema):
    """TOML has no null: an optional key is left out."""

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def _key(source: Source, place: tuple[str | int, ...], missing: bool) -> Key:
    """The key of a complaint: its location without the branches of unions, which are no keys."""
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
    source: Source, kind: str, key: Key, value: Any, model: type[Table], home: Callable[[str], str | None]
) -> ScenarioError:
    """A complaint of pydantic as an error of ours."""
    fields: dict[str, FieldInfo] = {}
    field = None
    table: type[Table] | None = model
    for part in key:
        fields = {known.alias or name: known for name, known in table.model_fields.items()} if table else fields
        if str(part) in fields:
            field = fields[str(part)]
            table = _table_in(field.annotation) or table
    if kind == "extra_forbidden":
        elsewhere = home(str(key[-1])) if len(key) == 1 else None
        advice = f"; it belongs in {elsewhere}" if elsewhere else nearest_or_all(str(key[-1]), fields)
        return source.error(key, f"unknown key{advice}")
    described = (field.description if field else None) or "another value"
    if kind == "missing":
        return source.error(key, f"is missing; it is {described}")
    wanted = next((kind_wanted for start, kind_wanted in _WANTED if kind.startswith(start)), None)
    advice = hint(value, wanted, _choices(field.annotation if field else None)) if wanted else ""
    return source.error(key, f"allowed is {described}{advice}", value)


def _table_in(annotation: Any) -> type[Table] | None:
    """The table within the type of a field: `list[EventTable]` holds `EventTable`."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    return next((table for part in get_args(annotation) if (table := _table_in(part))), None)


def _choices(annotation: Any) -> tuple[str, ...]:
    """The words of a `Literal` within the type of a field."""
    if get_origin(annotation) is Literal:
        return tuple(word for word in get_args(annotation) if isinstance(word, str))
    return tuple(word for part in get_args(annotation) for word in _choices(part))
