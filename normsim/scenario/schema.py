"""The JSON schema of scenario files, for editors: fixed keys from the models, the rest from the parameter records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from normsim.parameters import REGIMES, Parameter, records
from normsim.scenario.scenario_schema import FileTable


class _AbsentIsNotNull(GenerateJsonSchema):
    """TOML has no null: an optional key is left out."""

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def json_schema() -> dict[str, Any]:
    """The schema, with every range, choice and meaning."""
    schema = FileTable.model_json_schema(schema_generator=_AbsentIsNotNull)
    fields = schema["properties"]
    fields["regime"] |= _object({name: _group(name, "regime") for name in REGIMES})
    for section in ("levers", "parameters"):
        here = {name: record for name, record in records().items() if record.section == section}
        groups = dict.fromkeys(record.group for record in here.values())
        fields[section] |= _object(
            {name: _value(record) for name, record in here.items()} | {name: _group(name, section) for name in groups}
        )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "normsim scenario"}


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
