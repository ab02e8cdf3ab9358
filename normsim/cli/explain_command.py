"""Why a state did or did not do something in a month."""

import datetime
import math
import re
from typing import TYPE_CHECKING

from normsim.cli.error_lines import BadInputError
from normsim.cli.facts_commands import find_state
from normsim.cli.printing import heading, number, say, say_json, table
from normsim.config.messages import nearest
from normsim.scenario import Scenario, load_scenario
from normsim.scenario.scenario import months_apart

if TYPE_CHECKING:
    from normsim.engine.explanations import Explanation

MOST = 10
"""Most targets that are shown."""

HALF = 24
"""Characters of a bar on either side of zero."""

AIMED = ("transfer", "condemn")


def explain_command(which: str, state: str, choice: str, month: str, to: str | None, seed: int, json: bool) -> None:
    """Run to the month and print the terms."""
    from normsim.cli.compile_notice import compiling
    from normsim.engine.narrative import CHOICE_NAMES

    if choice not in CHOICE_NAMES:
        known = ", ".join(CHOICE_NAMES)
        raise BadInputError(f"there is no choice {choice!r}{nearest(choice, CHOICE_NAMES)} (one of {known})")
    if to is not None and choice not in AIMED:
        raise BadInputError(f"--to belongs to {' and '.join(AIMED)}; {choice} has no target")
    if seed < 0:
        raise BadInputError(f"--seed {seed}: a seed is a whole number from 0 on")
    scenario = load_scenario(which)
    last = _month(month, scenario)

    from normsim.model import NormModel

    model = NormModel(scenario, rng=seed)
    world = model.simulation.world
    code = find_state(state, world)
    target = find_state(to, world) if to is not None else None
    if target == code:
        raise BadInputError(f"--to {to}: a state has no choice towards itself")
    with compiling():
        for _ in range(last + 1):
            model.step()
    found = sorted(model.state(code).explain(choice, target), key=lambda told: (not told.happened, -told.probability))
    if json:
        say_json([vars(told) | {"sum": sum(told.terms.values()) if told.terms else None} for told in found])
        return
    names = dict(zip(world.iso3, world.names, strict=True))
    say(heading(f"{names[code]}: {choice} in {model.last_month:%B %Y}, {scenario.name}, seed {seed}"))
    for told in found[:MOST]:
        _print(told, names)
    if len(found) > MOST:
        say("", f"{len(found) - MOST} less likely targets are left out: pick one with --to, or see all with --json.")


def _month(text: str, scenario: Scenario) -> int:
    """The month as its number in the scenario."""
    found = re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", text.strip())
    try:
        day = datetime.date.fromisoformat(f"{text.strip()[:7]}-01") if found else None
    except ValueError:
        day = None
    if day is None:
        raise BadInputError(f"--month {text!r}: write a month such as {scenario.start:%Y-%m}")
    count = months_apart(scenario.start, day)
    if not 0 <= count < scenario.months:
        span = f"{scenario.start:%Y-%m} to {scenario.end:%Y-%m}"
        raise BadInputError(f"--month {text}: outside the scenario {scenario.name}, which runs from {span}")
    return count


def bar(value: float, largest: float) -> str:
    """A signed bar around a middle line."""
    length = round(HALF * abs(value) / largest) if largest else 0
    block = "█" * length
    return f"{block:>{HALF}}│" if value < 0 else f"{'':{HALF}}│{block}"


def _print(told: "Explanation", names: dict[str, str]) -> None:
    """One explanation."""
    say("")
    if told.target:
        say(heading(f"{'to ' * (told.choice == 'transfer')}{names[told.target]} ({told.target})"))
    if not told.terms:
        say(f"Not decided: {told.note}.")
        return
    total = sum(told.terms.values())
    largest = max(abs(value) for value in told.terms.values())
    rows = [
        (name.replace("_", " "), number(value, 2, sign=True), bar(value, largest)) for name, value in told.terms.items()
    ]
    meaning = f"{told.link}; a bar to the right speaks for it, to the left against"
    rows.append(("sum", number(total, 2, sign=True), meaning))
    say(table(("term", "value", ""), rows, right=("value",)))
    linked = 1 - math.exp(-math.exp(total)) if told.link == "log hazard" else 1 / (1 + math.exp(-total))
    if linked and abs(told.probability - linked) > 1e-9:
        say(f"times {told.probability / linked:.2f}: how much of the act is seen at all")
    happened = "it happened" if told.happened else "it did not happen"
    reason = f" ({told.note})" if told.note else ""
    compared = "below" if told.draw < told.probability else "not below"
    say(f"probability {told.probability:.4f}; the draw was {told.draw:.4f}, {compared} it: {happened}{reason}")
