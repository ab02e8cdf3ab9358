"""A scenario as one resolved file that loads to the same again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from normsim.parameters import REGIMES, Parameter, records
from normsim.scenario.scenario import FORMAT, Event, Scenario


def to_toml(scenario: Scenario, every: bool = False) -> str:
    """The scenario as a file that extends nothing.

    Args:
        scenario: what to write.
        every: list the defaults too; else what a file or an override has set.
    """
    blocks = [
        [
            "# Resolved by normsim: the comment after a value says which file set it.",
            f"format = {FORMAT}",
            f"title = {_text(scenario.title)}",
            *([f"question = {_text(scenario.question)}"] if scenario.question else []),
            f"references = [{', '.join(map(_text, scenario.references))}]",
            f"start = {scenario.start}",
            f"months = {scenario.months}",
        ]
    ]
    if scenario.world.kind == "synthetic":
        blocks.append(["[world]", *(f"{name} = {_plain(value)}" for name, value in asdict(scenario.world).items())])
    listed = [
        record
        for name, record in records().items()
        if every or scenario.origins[name] != "default" or scenario.values[name] != record.value
    ]
    for regime in REGIMES:
        inside = [record for record in listed if record.group == regime]
        if inside:
            lines = [_setting(scenario, record, record.name.partition(".")[2]) for record in inside]
            # naming a regime turns it on, so one that is off says so even if no file ever did
            unsaid = not scenario.values[f"{regime}.on"] and not any(line.startswith("on =") for line in lines)
            blocks.append([f"[regime.{regime}]", *(["on = false"] if unsaid else []), *lines])
    for section in ("levers", "parameters"):
        lines = [_setting(scenario, record, _text(record.name)) for record in listed if record.section == section]
        if lines:
            blocks.append([f"[{section}]", *lines])
    for code, table in sorted(scenario.states.items()):
        blocks.append([f"[state.{code}]", *(f"{name} = {_plain(value)}" for name, value in table.items())])
    blocks += [_event(event) for event in scenario.events]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _setting(scenario: Scenario, record: Parameter, key: str) -> str:
    """A line of a parameter."""
    value: Any = scenario.values[record.name]
    value = bool(value) if record.kind == "switch" else value
    return f"{key} = {_plain(value)}  # {scenario.origins[record.name]}"


def _event(event: Event) -> list[str]:
    """The lines of an event: what it has, in the order of its fields."""
    content = {name: value for name, value in asdict(event).items() if value not in (None, False, "")}
    return ["[[event]]", *(f"{name} = {_plain(value)}" for name, value in content.items())]


def _plain(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    """A TOML string: JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False)
