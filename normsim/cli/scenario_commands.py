"""Scenario files: list, show, diff, schema."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.text import Text

from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import DASH, heading, say, say_json, table
from normsim.config.messages import nearest
from normsim.scenario import Scenario, diff, json_schema, load_scenario, packaged_scenarios

STATUS_QUO = "none (status quo)"


def regimes_in_words(scenario: Scenario) -> str:
    """Names of the regimes that are on."""
    return ", ".join(scenario.regimes) or STATUS_QUO


def list_command(json: bool) -> None:
    """The packaged scenarios."""
    found = packaged_scenarios()
    if json:
        say_json(
            [
                {"name": s.name, "title": s.title, "question": s.question, "start": s.start, "months": s.months}
                | {"regimes": list(s.regimes), "fingerprint": s.fingerprint()}
                for s in found
            ]
        )
        return
    rows = []
    for s in found:
        told = Text(f"{s.title}  [{', '.join(s.regimes) or 'status quo'}]", style="bold")
        rows.append((Text(s.name, style="cyan"), told + Text(f"\n{s.question}", style="not bold")))
    say(table(("name", "title [regimes] and question"), rows))
    say("", f"{len(found)} scenarios. Next: normsim run NAME; normsim scenario show NAME; normsim scenario diff A B")


def show_command(which: str, every: bool) -> None:
    """A scenario, resolved."""
    sys.stdout.write(load_scenario(which).to_toml(every=every))


def diff_command(first: str, second: str, json: bool) -> None:
    """Where two scenarios differ."""
    a, b = load_scenario(first), load_scenario(second)
    changes = diff(a, b)
    if json:
        say_json([{"name": name, "a": left, "b": right} for name, left, right in changes])
        return
    if not changes:
        say(f"{first} and {second} run the same.")
        return
    left_name, right_name = (a.name, b.name) if a.name != b.name else (first, second)
    cells = [(name, *(DASH if side is None else _cell(side) for side in sides)) for name, *sides in changes]
    say(heading(f"{left_name} compared with {right_name}"), table(("what", left_name, right_name), cells))
    count = f"{len(changes)} difference{'s' if len(changes) > 1 else ''}"
    say("", f"{count}. Next: normsim run {first} --vs {second}")


def _cell(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def schema_command(name: str) -> None:
    """The schema of scenario files or a part of it."""
    whole = json_schema()
    if not name:
        say_json(whole)
        return
    for prefix in ("", "regime.", "levers.", "parameters."):
        part = _part(whole, whole, prefix + name)
        if part is not None:
            say_json(part)
            return
    known = [*whole["properties"], *_keys(whole, ("regime", "levers", "parameters"))]
    raise BadInputError(f"the schema has no part {name!r}{nearest(name, known)}")


def _keys(whole: dict[str, Any], sections: Iterable[str]) -> list[str]:
    return [key for section in sections for key in whole["properties"][section].get("properties", ())]


def _part(whole: dict[str, Any], node: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The part of a schema at a dotted path; a key may hold dots itself."""
    reference = node.get("$ref") or node.get("items", {}).get("$ref")
    if reference:
        node = whole["$defs"][reference.rpartition("/")[2]]
    if not path:
        return node
    inside = node.get("properties", {})
    if path in inside:
        return _part(whole, inside[path], "")
    head, _, rest = path.partition(".")
    return _part(whole, inside[head], rest) if head in inside and rest else None
