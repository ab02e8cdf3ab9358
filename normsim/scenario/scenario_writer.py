"""A scenario as one resolved file that loads to the same scenario."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from normsim.config.toml_writer import toml_block
from normsim.parameters import REGIMES, Parameter, records
from normsim.scenario.file_format import FORMAT, RESOLVED

if TYPE_CHECKING:
    from normsim.scenario.scenario import Scenario


def scenario_toml(scenario: Scenario, every: bool = False) -> str:
    """Write a scenario as a file that extends nothing.

    Args:
        scenario: what to write.
        every: list the defaults too; else what a file or an override has set.
    """
    head: dict[str, Any] = {"format": FORMAT, "title": scenario.title, "question": scenario.question}
    head |= {"references": scenario.references, "start": scenario.start, "months": scenario.months}
    blocks = [toml_block(RESOLVED, {name: value for name, value in head.items() if name != "question" or value})]
    if scenario.world.kind == "synthetic":
        blocks.append(toml_block("[world]", asdict(scenario.world)))
    listed = [
        record
        for name, record in records().items()
        if every or scenario.origins[name] != "default" or scenario.values[name] != record.value
    ]
    for regime in REGIMES:
        inside = {record.name.partition(".")[2]: record for record in listed if record.group == regime}
        if inside:
            # naming a regime turns it on, so one that is off says so even if no file ever did
            unsaid = not scenario.values[f"{regime}.on"] and "on" not in inside
            blocks.append(_settings(scenario, f"[regime.{regime}]", inside, {"on": False} if unsaid else {}))
    for section in ("levers", "parameters"):
        inside = {record.name: record for record in listed if record.section == section}
        if inside:
            blocks.append(_settings(scenario, f"[{section}]", inside, {}))
    blocks += [toml_block(f"[state.{code}]", table) for code, table in sorted(scenario.states.items())]
    for event in scenario.events:
        content = {name: value for name, value in asdict(event).items() if value not in (None, False, "")}
        blocks.append(toml_block("[[event]]", content))
    return "\n\n".join(blocks) + "\n"


def _settings(scenario: Scenario, header: str, inside: dict[str, Parameter], first: dict[str, bool]) -> str:
    """A table of parameter values by key, each with its origin as a comment."""
    values: dict[str, Any] = {key: scenario.values[record.name] for key, record in inside.items()}
    values = {key: bool(value) if inside[key].kind == "switch" else value for key, value in values.items()}
    origins = {key: scenario.origins[record.name] for key, record in inside.items()}
    return toml_block(header, first | values, origins)
