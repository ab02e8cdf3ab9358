"""A whole run as the browser gets it: everything it needs to go to any month by itself."""

from typing import Any

from normsim.page import event_lines
from normsim.page.map_outlines import states_json
from normsim.page.quantities import QUANTITIES, packed
from normsim.page.recorded_run import recorded_run
from normsim.page.view import View, base_of, command_of, month_labels, other_of, scenario_of


def run_json(view: View) -> dict[str, Any]:
    """The run of a view, see the module.

    Raises:
        PageError, ParameterError, ScenarioError, WorldError: the view cannot be run.
    """
    scenario, notes = scenario_of(view)
    recorded = recorded_run(scenario, view.seed)
    run, base, other = recorded.run, base_of(view), other_of(view)
    told = event_lines.lines(recorded)
    return {
        "view": view.to_json(),
        "other": None if other is None else {"view": other.to_json(), "title": other_title(view)},
        "name": base.name,
        "title": base.title,
        "question": base.question,
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


def other_title(view: View) -> str:
    """Title of what a view is compared with."""
    other = other_of(view)
    if other is None:
        return ""
    return base_of(other).title if view.other != "before my changes" else f"{base_of(other).title}, before my changes"
