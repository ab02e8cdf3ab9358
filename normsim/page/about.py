"""What the page knows before any run: scenarios, controls, outcomes, quantities, and the words for them."""

from typing import Any

from normsim._version import __version__
from normsim.engine.narrative import CHOICE_NAMES
from normsim.engine.networks import LAYERS
from normsim.engine.outcomes import OUTCOMES
from normsim.page.event_lines import KINDS
from normsim.page.quantities import QUANTITIES
from normsim.page.view import AIMED, View
from normsim.parameters import REGIMES, Parameter, records
from normsim.scenario import ACTIONS, load_scenario, scenario_names


def about_json(first: View) -> dict[str, Any]:
    """What the page knows before any run.

    Args:
        first: the view that opens.
    """
    return {
        "version": __version__,
        "first": first.to_json(),
        "scenarios": [_scenario(name) for name in scenario_names()],
        "groups": _groups(),
        "outcomes": [
            {
                "name": name,
                "label": name.replace("_", " ").capitalize(),
                "meaning": o.meaning,
                "unit": o.unit,
                "over": o.over,
            }
            for name, o in OUTCOMES.items()
        ],
        "quantities": [quantity.to_json() for quantity in QUANTITIES.values()],
        "layers": [{"name": name, "label": name, "meaning": ""} for name in ("all", *LAYERS)],
        "choices": [{"name": name, "label": name, "aimed": name in AIMED} for name in CHOICE_NAMES],
        "actions": [{"name": name, "label": name.replace("_", " "), "aimed": name in AIMED} for name in ACTIONS],
        "kinds": [{"label": label, "acts": list(acts)} for label, acts in KINDS.items()],
        "presets": [],
        "story": [],
        "glossary": [],
        "information": [],
    }


def _scenario(name: str) -> dict[str, Any]:
    scenario = load_scenario(name)
    return {"name": name, "title": scenario.title, "sentence": scenario.question, "regimes": list(scenario.regimes)}


def _groups() -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Parameter]] = {}
    for record in records().values():
        groups.setdefault((record.heading, record.group), []).append(record)
    return [
        {
            "name": f"{heading}/{group}",
            "heading": heading,
            "title": group,
            "sentence": "",
            "controls": list(map(_control, inside)),
        }
        for (heading, group), inside in groups.items()
    ]


def _control(record: Parameter) -> dict[str, Any]:
    span = record.high - record.low
    return {
        "name": record.name,
        "label": record.name.partition(".")[2].replace("_", " "),
        "meaning": record.meaning.replace("`", ""),
        "kind": record.kind,
        "low": record.low,
        "high": record.high,
        "step": 1 if record.kind == "int" else float(f"{span / 200:.1g}") if span else 0.01,
        "null": record.null,
        "choices": list(record.choices),
        "unit": record.unit,
        "status": record.status,
        "source": list(record.source),
    }


assert REGIMES
