"""Validation: the table of what the model must be able to show, on the screen or as a page of the docs."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli.printing import heading, note, say, say_json, table

if TYPE_CHECKING:
    from normsim.analysis.validation import Check

COLUMNS = ("check", "bar", "measured (95 % interval)", "")


def validate_command(seeds: int, cases: int, worlds: int, out: Path | None = None, json: bool = False) -> None:
    """Run every check and print the table.

    Args:
        seeds: runs against the record.
        cases: runs of each case of the dynamics.
        worlds: worlds of the prior; 0 leaves them out.
        out: write the table to this Markdown file.
        json: print JSON and nothing else.
    """
    from normsim.analysis.validation import validate

    if not json:
        note(f"history_2008 with seeds 0-{seeds - 1}, {cases} seeds a case, {worlds} prior worlds: takes some minutes")
    parts = validate(seeds, cases, worlds, None if json else _print_part)
    if out is not None:
        out.write_text(_page(parts, seeds, cases), encoding="utf-8")
    if json:
        say_json({name: [_record(check) for check in checks] for name, checks in parts.items()})
        return
    checks = [check for part in parts.values() for check in part]
    say(f"{sum(c.passed is True for c in checks)} met, {sum(c.passed is False for c in checks)} missed")


def _rows(checks: "Iterable[Check]") -> list[tuple[str, str, str, str]]:
    """One row per check."""
    return [(check.name, check.bar, check.measured, check.verdict) for check in checks]


def _print_part(name: str, checks: "list[Check]") -> None:
    """Print one part as soon as it is done."""
    say(heading(name), table(COLUMNS, _rows(checks)))


def _record(check: "Check") -> dict[str, Any]:
    """A check as plain values."""
    return {
        "name": check.name,
        "bar": check.bar,
        "mean": float(check.values.mean()),
        "n": int(check.values.size),
        "measured": check.measured,
        "passed": check.passed,
        "note": check.note,
    }


INTRODUCTION = """# Validation

This page lists what the model must be able to reproduce, and whether it does. `normsim validate` runs every check.
`--out` writes this page.

- **Patterns of the record** come from `history_2008`, in which no event of the convention is prescribed, and from the
  first five years of `ukraine_2023`. **They are not forecasts.** The defaults were set with knowledge of the whole
  record. A check that is met shows that the model can agree with the record, not that it predicted it.
- **Dynamics** are pairs of runs that differ in one thing.
- **Prior worlds** vary every uncertain parameter over its whole range.

Each check has a *bar*, the value that was required in advance. Values are means over runs with a 95 % interval, or one
number for all runs. Missed bars stay in the table. Where the record is called a *floor*, it counts only known cases, so
the true number is at least as high.
"""


def _page(parts: "dict[str, list[Check]]", seeds: int, cases: int) -> str:
    """The whole page of the docs as Markdown."""
    runs = f"seeds 0 to {seeds - 1} against the record, {cases} seeds for each case of the dynamics"
    made = f"Made by normsim {__version__}: {runs}."
    lines = [INTRODUCTION, made, ""]
    for name, checks in parts.items():
        lines += [f"## {name}", "", "| check | bar | measured | | remark |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(row)} | {check.note} |" for row, check in zip(_rows(checks), checks, strict=True)]
        lines.append("")
    return "\n".join(lines)
