"""Decisions: why a state did or did not act in a month, how it stands, and what its felt norm is made of."""

import math
from typing import Any

import numpy as np

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.explanations import Explanation, explanations
from normsim.engine.narrative import CHOICE_NAMES, CLASS_WORDS
from normsim.page.quantities import STATUSES, VOTES, treaty_status
from normsim.page.recorded_run import Moment, moment
from normsim.page.texts import choice_words, plain, texts, the
from normsim.page.view import AIMED, PageError, View, scenario_of
from normsim.parameters import records
from normsim.rules.link_functions import hill
from normsim.scenario import RealWorld, Scenario
from normsim.world import World, facts_of
from normsim.world.data_files import table

TELLING = ("transfer", "claim", "use", "withdraw", "join", "renounce", "condemn", "acquire", "vote")
"""Choices by how telling an act is: the first that happened is the one to show."""

MOST_TARGETS = 200
"""Decisions of one choice that are sent, those that happened and the likeliest first."""

NOW = (
    "scope",
    "threat",
    "intensity",
    "conventional",
    "bridge",
    "episodes",
    "months_used",
    "criticism",
    "contamination",
    "casualties_remnants",
    "producer",
)
"""Columns that are shown of a state, beside treaty status, stock, vote and the felt norm."""


def why_json(view: View, month: Any, state: Any) -> dict[str, Any]:
    """Why a state did or did not act in a month.

    Args:
        view: the view.
        month: which month, 1 the first.
        state: code of the state.

    Raises:
        PageError, WorldError: there is no such month or state.
    """
    _, looked, place = looked_at(view, month, state)
    world = looked.simulation.world
    choices = [_choice(looked, place, choice) for choice in CHOICE_NAMES]
    return {
        "month": month,
        "state": world.iso3[place],
        "name": world.names[place],
        "best": _best(choices),
        "choices": choices,
        "standing": standing(looked.simulation.states[place]),
        "felt": felt_parts(looked.simulation.p, looked.simulation.states[place]),
    }


def looked_at(view: View, month: Any, state: Any) -> tuple[Scenario, Moment, int]:
    """A month of a view that a browser asks about, and the row of a state: the scenario, the month, the row.

    Raises:
        PageError, WorldError: there is no such month or state.
    """
    scenario, _ = scenario_of(view)
    looked = moment(scenario, view.seed, month_in(month, scenario.months))
    return scenario, looked, looked.simulation.world.index(str(state)[:40])


def month_in(month: Any, months: int) -> int:
    """A month that was run.

    Raises:
        PageError: it is none.
    """
    if isinstance(month, bool) or not isinstance(month, int) or not 1 <= month <= months:
        raise PageError(f"month {str(month)[:40]!r}: allowed is a whole number from 1 to {months}")
    return month


def _choice(looked: Moment, place: int, choice: str) -> dict[str, Any]:
    """Every decision of one choice."""
    found = explanations(looked.simulation, looked.weighed, place, choice)
    # what an event ordered comes before what happened by itself, and that before what did not
    found.sort(key=lambda told: (not told.happened, not told.note, -told.probability))
    world = looked.simulation.world
    return {
        "choice": choice,
        "label": choice_words(choice).label,
        "aimed": choice in AIMED,
        "count": len(found),
        "decisions": [_decision(world, told) for told in found[:MOST_TARGETS]],
    }


def _best(choices: list[dict[str, Any]]) -> str:
    """The choice to show first: the most telling that happened, else the likeliest."""
    by_name = {choice["choice"]: choice["decisions"][0] for choice in choices}
    done = [name for name in TELLING if by_name[name]["happened"]]
    return done[0] if done else max(TELLING, key=lambda name: float(by_name[name]["probability"]))


def _decision(world: World, told: Explanation) -> dict[str, Any]:
    """One decision."""
    return {
        "target": told.target,
        "target_name": world.names[world.index(told.target)] if told.target else "",
        "probability": told.probability,
        "draw": None if math.isnan(told.draw) else told.draw,
        "happened": told.happened,
        "ordered": bool(told.note) and bool(told.terms),
        "note": told.note,
        "link": told.link,
        "terms": [_term(told.choice, name, value) for name, value in told.terms.items()],
        "sum": sum(told.terms.values()),
        "sentence": sentence(world, told),
    }


def _term(choice: str, name: str, value: float) -> dict[str, Any]:
    """One term: its name in words, its value, and what it stands for."""
    own = texts()["terms"].get(f"{choice}.{name}") or texts()["terms"].get(name)
    record = records().get(f"{choice}.{name}")
    meaning = plain(record.meaning) if record else texts()["term_meanings"].get(f"{choice}.{name}", "")
    return {"name": name, "label": own or name.replace("_", " "), "value": value, "meaning": meaning}


def percent(share: float) -> str:
    """A probability in words that keep two digits.

    Example:
        >>> percent(0.00012), percent(0.5)
        ('0.012 %', '50 %')
    """
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %" if share == 1.0 else "over 99 %"


def sentence(world: World, told: Explanation) -> str:
    """A decision in one sentence."""
    words = choice_words(told.choice)
    name = the(world.names[world.index(told.state)])
    to = the(world.names[world.index(told.target)]) if told.target and told.choice in AIMED else ""
    when = f"{told.month:%B %Y}"
    if not told.terms:
        return f"In {when} {name} did not weigh whether to {words.verb}: {told.note}."
    act = f"{words.done} {to}".strip() if told.happened else f"did not {words.verb} {to}".strip()
    if told.note:
        return f"In {when} {name} {act}: {told.note}. Left to itself, the chance was {percent(told.probability)}."
    return f"In {when} {name} {act}. The chance was {percent(told.probability)} that month."


def standing(me: np.void) -> list[dict[str, str]]:
    """How a state stands: what, its value in words, what that means."""
    status = int(treaty_status(np.array([me]))[0])
    rounds = [f"{count:,.0f} {word}" for count, word in zip(me["stock"].tolist(), CLASS_WORDS, strict=True) if count]
    rows = [
        ("Treaty status", STATUSES[status], "its standing under the Convention on Cluster Munitions"),
        ("Stock", ", ".join(rounds) + " rounds" if rounds else "none", "cluster munitions held, by class"),
        ("UN vote", VOTES[int(me["stance"])], "its last vote on the yearly UN resolution for the convention"),
    ]
    for name in NOW:
        column, value = STATE_COLUMNS[name], me[name]
        unit = {"0-1": "of 1", "of target": "of its target"}.get(column.unit, column.unit)
        shown = ("yes" if value else "no") if column.unit == "0/1" else f"{float(value):,.3g} {unit}"
        label = texts()["columns"].get(name, name.replace("_", " ").capitalize())
        rows.append((label, shown, plain(column.meaning)))
    return [dict(zip(("label", "value", "meaning"), row, strict=True)) for row in rows]


def felt_parts(p: Any, me: np.void) -> dict[str, Any]:
    """What a state's felt norm is made of: its own belief, expected conduct, and expected reaction.

    The three parts add up to the felt norm. What is felt of expectations together is shared out between conduct and
    reaction by what each adds to the expectation.

    Args:
        p: parameters.
        me: columns of the state.
    """
    weight, share = float(me["susceptibility"]), float(p.norm.conduct)
    conduct, approval = share * float(me["conduct"]), (1.0 - share) * float(me["approval"])
    expected = conduct + approval
    heard = weight * hill(expected, float(me["threshold"]), float(p.norm.complexity))
    split = conduct / expected if expected > 0.0 else share
    parts = [
        ("belief", float(me["validity"]), 1.0 - weight, (1.0 - weight) * float(me["validity"])),
        ("conduct", float(me["conduct"]), weight * share, heard * split),
        ("approval", float(me["approval"]), weight * (1.0 - share), heard * (1.0 - split)),
    ]
    told = texts()["felt"]
    return {
        "felt": float(me["felt"]),
        "threshold": float(me["threshold"]),
        "expected": expected,
        "parts": [
            {"name": name, "value": value, "weight": part_weight, "share": part, **told[name]}
            for name, value, part_weight, part in parts
        ],
        "sentence": _felt_sentence(expected, float(me["threshold"]), weight),
    }


def _felt_sentence(expected: float, threshold: float, weight: float) -> str:
    """What the expectations do to the felt norm, in one sentence."""
    if weight == 0.0:
        return "It follows its own belief alone: what others do and say has no weight."
    side = "above" if expected >= threshold else "below"
    return (
        f"Others count for {weight:.0%} of its felt norm. What it expects of them ({expected:.2f}) lies {side} the "
        f"point at which half of that weight is felt ({threshold:.2f})."
    )


def facts_json(view: View, state: Any) -> dict[str, Any]:
    """What is recorded of a state at the start, with sources; nothing in a generated world.

    Raises:
        WorldError: there is no such state.
    """
    scenario, _ = scenario_of(view)
    if not isinstance(scenario.world, RealWorld):
        return {"facts": [], "sources": []}
    found = facts_of(str(state)[:40], scenario.start)
    known = {row["key"]: row for row in table("sources.csv").rows()}
    own = {"memory": "no page was seen: written from memory", "imputed": "no record: filled by a rule"}
    keys = sorted({key for fact in found for key in fact.source.split(";")}, key=str.lower)
    told = []
    for key in keys:
        row = known.get(key, {})
        words = ", ".join(row[part] for part in ("title", "publisher", "as_of") if row.get(part))
        told.append({"key": key, "words": words or own.get(key, "see SOURCES.md of the data")})
    return {"facts": [fact._asdict() for fact in found], "sources": told}
