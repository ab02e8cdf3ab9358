"""Scenarios: a TOML file to a validated, resolved, frozen `Scenario`, and back.

`load_scenario` takes a name, a path or a scenario; `load_scenario_text` an upload. Invalid input is a
`ScenarioError` that names file, line, key, value, what is allowed and what to do. pydantic is imported only once a file
is read, so that importing this package stays cheap.
"""

from __future__ import annotations

from typing import Any

from normsim.errors import ScenarioError, ScenarioWarning
from normsim.scenario.file_format import FIRST_DAY
from normsim.scenario.scenario import (
    ACTIONS,
    Event,
    RealWorld,
    Scenario,
    SyntheticWorld,
    WorldSpec,
    bridge_forced,
    diff,
    uncertain_values,
    varied_scenario,
)
from normsim.scenario.scenario_reader import load_scenario, load_scenario_text, packaged_scenarios, scenario_names

__all__ = [
    "ACTIONS",
    "FIRST_DAY",
    "Event",
    "RealWorld",
    "Scenario",
    "ScenarioError",
    "ScenarioWarning",
    "SyntheticWorld",
    "WorldSpec",
    "bridge_forced",
    "diff",
    "json_schema",
    "load_scenario",
    "load_scenario_text",
    "packaged_scenarios",
    "scenario_names",
    "uncertain_values",
    "varied_scenario",
]


def json_schema() -> dict[str, Any]:
    """The JSON schema of scenario files, for editors."""
    from normsim.scenario.scenario_schema import json_schema as generate

    return generate()
