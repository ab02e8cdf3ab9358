"""What the page knows before any run: scenarios, controls, outcomes, quantities, story, and the words for them."""

from collections import defaultdict
from functools import lru_cache
from typing import Any

from normsim._version import __version__
from normsim.engine.networks import LAYERS
from normsim.engine.outcomes import OUTCOMES
from normsim.page.event_lines import KINDS
from normsim.page.network_ties import ALL
from normsim.page.quantities import QUANTITIES
from normsim.page.texts import choice_words, plain, texts
from normsim.page.view import AIMED, UNCHANGED, View, beside
from normsim.parameters import Parameter, records
from normsim.scenario import ACTIONS, load_scenario, scenario_names

STEPS = 200
"""Steps of a slider."""


@lru_cache(maxsize=4)
def about_json(first: View) -> dict[str, Any]:
    """What the page knows before any run.

    Args:
        first: the view that opens.
    """
    told = texts()
    return {
        "version": __version__,
        "first": first.to_json(),
        "scenarios": [_scenario(name) for name in scenario_names()],
        "unchanged": UNCHANGED,
        "headings": [{"name": name, **words} for name, words in told["headings"].items()],
        "groups": groups(),
        "outcome_groups": [{"name": name, "title": title} for name, title in told["outcome_groups"].items()],
        "outcomes": [
            {
                "name": name,
                "label": label,
                "group": group,
                "meaning": plain(OUTCOMES[name].meaning),
                "unit": OUTCOMES[name].unit,
                "over": OUTCOMES[name].over,
            }
            for group, labels in told["outcomes"].items()
            for name, label in labels.items()
        ],
        "shown": told["shown"],
        "quantities": [quantity.to_json() for quantity in QUANTITIES.values()],
        "layers": [{"name": name, "shown": name in (ALL, *LAYERS), **words} for name, words in told["layers"].items()],
        "choices": [
            {"name": name, "label": words.label, "meaning": words.meaning, "aimed": name in AIMED}
            for name in told["choices"]
            for words in [choice_words(name)]
        ],
        "actions": [{"name": name, "label": told["actions"][name], "aimed": name in AIMED} for name in ACTIONS],
        "kinds": [{"label": label, "acts": list(acts)} for label, acts in KINDS.items()],
        "presets": told["preset"],
        "story": told["story"],
        "glossary": [{"term": term, "meaning": meaning} for term, meaning in told["glossary"].items()],
        "information": told["information"],
        "source": told["source"],
    }


def _scenario(name: str) -> dict[str, Any]:
    """A scenario in words."""
    scenario = load_scenario(name)
    return {
        "name": name,
        "title": scenario.title,
        "sentence": scenario.question,
        "regimes": list(scenario.regimes),
        "beside": beside(scenario, False),
    }


def groups() -> list[dict[str, Any]]:
    """Every control, by group, in the order of the headings."""
    inside: defaultdict[str, list[Parameter]] = defaultdict(list)
    for record in records().values():
        inside[f"{record.heading}/{record.group}"].append(record)
    return [
        {
            "name": name,
            "heading": name.partition("/")[0],
            **words,
            "switch": next((record.name for record in inside[name] if record.name.endswith(".on")), None),
            "controls": [_control(record) for record in inside[name]],
        }
        for name, words in texts()["groups"].items()
    ]


def _control(record: Parameter) -> dict[str, Any]:
    """A control."""
    span = record.high - record.low
    return {
        "name": record.name,
        "label": texts()["controls"][record.name],
        "meaning": plain(record.meaning),
        "kind": record.kind,
        "low": record.low,
        "high": record.high,
        "step": 1 if record.kind == "int" else float(f"{span / STEPS:.1g}") if span else 0.01,
        "null": record.null,
        "choices": list(record.choices),
        "unit": "" if record.unit in ("0/1", "0-1") else record.unit,
        "status": record.status,
        "source": list(record.source),
    }
