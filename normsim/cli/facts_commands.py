"""What is known of a state, and the parameter records."""

import datetime
import difflib
from typing import TYPE_CHECKING

from rich.text import Text

from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import heading, say, say_json, table
from normsim.config.messages import nearest
from normsim.parameter_docs import parameter_rows, parameter_table
from normsim.parameters import records

if TYPE_CHECKING:
    from normsim.world import World

MARKS = {
    "memory": "no page was seen: written from memory",
    "imputed": "no record: filled by a rule (see SOURCES.md of the data)",
    "derived": "computed from other rows",
}
"""Sources that are no page, and what they mean."""


def find_state(which: str, world: "World") -> str:
    """Code of a state that is named by code or by name.

    Raises:
        WorldError: there is none; the message names the nearest.
    """
    wanted = which.strip().casefold()
    for code, name in zip(world.iso3, world.names, strict=True):
        if wanted in (code.casefold(), name.casefold()):
            return code
    return world.iso3[world.index(which)]


def state_command(which: str, date: str | None, json: bool) -> None:
    """Facts of a state with their sources."""
    from normsim.scenario import load_scenario
    from normsim.world import facts_of, world_as_of
    from normsim.world.data_files import table as data_table

    day = load_scenario("baseline").start if date is None else _day(date)
    world = world_as_of(day)
    code = find_state(which, world)
    facts = facts_of(code, day)
    if json:
        listed = [fact._asdict() | {"source": fact.source.split(";"), "marks": _marks(fact.source)} for fact in facts]
        say_json({"state": code, "name": world.names[world.index(code)], "date": day, "facts": listed})
        return
    rows = [
        (
            fact.name,
            fact.value,
            fact.as_of,
            Text(", ").join(Text(key, style="bold yellow" if key in MARKS else "") for key in fact.source.split(";")),
            fact.note,
        )
        for fact in facts
    ]
    say(heading(f"{world.names[world.index(code)]} ({code}) as known on {day}"))
    say(table(("fact", "value", "as of", "source", "note"), rows))
    used = dict.fromkeys(key for fact in facts for key in fact.source.split(";"))
    sources = {row["key"]: row for row in data_table("sources.csv").rows()}
    say("", heading("Sources"))
    for key in sorted(set(used) - set(MARKS), key=str.lower):
        row = sources.get(key, {})
        told = [row.get(column, "") for column in ("title", "publisher", "address", "as_of")]
        say(f"  {key}: {', '.join(part for part in told if part) or 'see SOURCES.md of the data'}")
    for mark in used:
        if mark in MARKS:
            say(Text(f"  {mark}: {MARKS[mark]}", style="yellow"))


def _marks(source: str) -> list[str]:
    """Marks among the keys of a fact."""
    return [key for key in source.split(";") if key in MARKS]


def _day(text: str) -> datetime.date:
    """A day from an option."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"--date {text!r}: write a day such as 2023-07-01") from None


def parameters_command(words: str, group: str | None, levers: bool, markdown: bool, json: bool) -> None:
    """Parameters that fit, as a table."""
    groups = list(dict.fromkeys(parameter.group for parameter in records().values()))
    if group is not None and group not in groups:
        raise BadInputError(f"there is no group {group!r}{nearest(group, groups)} (one of {', '.join(groups)})")
    wanted = words.casefold()
    chosen = [
        name
        for name, record in records().items()
        if (group is None or record.group == group)
        and (record.role == "lever" or not levers)
        and wanted in " ".join((name, record.meaning, *record.source)).casefold()
    ]
    if json:
        say_json(parameter_rows(chosen))
        return
    if not chosen:
        raise BadInputError(f"no parameter fits{f' {words!r}' if words else ''}{_near(words)}")
    if markdown:
        say(parameter_table(chosen))
        return
    rows: list[tuple[str | Text, ...]] = [
        (
            Text(row["name"], style="cyan"),
            *(row[column] for column in ("default", "range", "null", "unit", "status")),
            f"{row['meaning']} ({row['source']})",
        )
        for row in parameter_rows(chosen)
    ]
    columns = ("name", "default", "range", "null", "unit", "status", "meaning (source)")
    say(table(columns, rows, right=("default", "null")))
    plural = "s" if len(chosen) > 1 else ""
    say("", f"{len(chosen)} parameter{plural}. Null: the value at which it is off; a dash: it has no off.")


def _near(words: str) -> str:
    """The parameter whose name or key is nearest."""
    keys = {name.partition(".")[2]: name for name in records()} | {name: name for name in records()}
    close = difflib.get_close_matches(words, list(keys), n=1, cutoff=0.5)
    return f"; did you mean {keys[close[0]]!r}?" if close else "; try it without a filter"
