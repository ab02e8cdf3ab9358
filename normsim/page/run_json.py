"""A whole run as the browser gets it: everything it needs to go to any month by itself."""

from typing import Any

from normsim.page import event_lines
from normsim.page.map_outlines import states_json
from normsim.page.quantities import QUANTITIES, packed
from normsim.page.recorded_run import recorded_run
from normsim.page.view import (
    UNCHANGED,
    PageError,
    View,
    base_of,
    command_of,
    month_labels,
    other_of,
    scenario_of,
)
from normsim.scenario import ScenarioError


def run_json(view: View) -> dict[str, Any]:
    """The run of a view, see the module.

    Raises:
        PageError, ParameterError, ScenarioError, WorldError: the view cannot be run.
    """
    scenario, notes = scenario_of(view)
    recorded = recorded_run(scenario, view.seed)
    run, base = recorded.run, base_of(view)
    other, problem = _other(view)
    told = event_lines.lines(recorded)
    return {
        "view": view.to_json(),
        "other": other,
        "other_problem": problem,
        "name": base.name,
        "title": base.title,
        "changed": view.is_changed,
        "notes": [*notes, *(missed.text for missed in run.not_done)],
        "months": month_labels(scenario),
        "real": run.world.is_recorded,
        "states": states_json(run.world),
        "values": dict(scenario.values),
        "base": dict(base.values),
        "series": {name: values.tolist() for name, values in run.outcomes.items()},
        "columns": {name: packed(recorded.columns[name]) for name in QUANTITIES},
        "events": told,
        "marks": event_lines.marks(told),
        "command": command_of(view),
    }


def _other(view: View) -> tuple[dict[str, Any] | None, str]:
    """The view of the run beside this one with its title, and why there is none if there could not be one."""
    try:
        other = other_of(view)
        if other is None:
            return None, ""
        scenario_of(other)
    except (PageError, ScenarioError) as problem:
        return None, str(problem)
    title = base_of(other).title + (f", {UNCHANGED}" if view.other == UNCHANGED else "")
    return {"view": other.to_json(), "title": title}, ""
