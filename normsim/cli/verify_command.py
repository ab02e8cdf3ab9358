"""Verification: the table of limiting cases, on the screen, as JSON, or as a page of the docs with figures."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli.batch_commands import progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.docs_pages import markdown_table, write_page
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import DASH, heading, note, say, say_json, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from normsim.analysis.verification import Verified
    from normsim.analysis.verification_records import Curve, Line, Sizes

COLUMNS = ("what", "target", "measured (95 % interval)", "n", "tolerance", "")
VERDICTS = {True: "pass", False: "FAIL", None: "told"}


def verify_command(
    names: "Sequence[str]",
    sizes: "Sizes",
    out: Path | None = None,
    figures: Path | None = None,
    json: bool = False,
) -> None:
    """Run limiting cases and print the table.

    Args:
        names: cases, all if none is named.
        sizes: sizes and parameters that differ from the cases' own.
        out: write the table to this Markdown file.
        figures: draw curves into this folder.
        json: print JSON and nothing else.
    """
    from normsim.analysis.verification import INEXPRESSIBLE, verify

    with compiling(), progress_display("", quiet=json) as show:
        done = verify(names, sizes, None if json else _print_case, show)
    write_page(done, lambda made, beside: page(made, beside, sizes), lambda: _figures_of(done), out, figures)
    if json:
        say_json({"cases": [record(each) for each in done], "inexpressible": [vars(each) for each in INEXPRESSIBLE]})
    else:
        if not names:
            say(heading("What the engine cannot express"))
            say(table(("case", "why"), [(each.title, each.why) for each in INEXPRESSIBLE]))
        verdicts = [line.passed for each in done for line in each.lines]
        say(f"{verdicts.count(True)} lines pass, {verdicts.count(False)} fail")
        for told in (out, figures):
            if told is not None:
                note(f"written: {told}")
    failed = [each.case.name for each in done if not each.passed]
    if failed:
        raise BadInputError(f"the engine misses a target in {', '.join(failed)}")


def floats(option: str, text: str | None, low: float, high: float) -> tuple[float, ...]:
    """The numbers of an option, separated by commas.

    Raises:
        BadInputError: one is no number, or out of range.
    """
    if text is None:
        return ()
    found = []
    for part in text.split(","):
        try:
            value = float(part)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise BadInputError(f"{option} {text}: allowed are numbers from {low:g} to {high:g}, separated by commas")
        found.append(value)
    return tuple(found)


def wholes(option: str, text: str | None, low: int, high: int) -> tuple[int, ...]:
    """The whole numbers of an option, separated by commas.

    Raises:
        BadInputError: one is no whole number, or out of range.
    """
    found = floats(option, text, low, high)
    if any(value != int(value) for value in found):
        raise BadInputError(f"{option} {text}: allowed are whole numbers from {low} to {high}, separated by commas")
    return tuple(int(value) for value in found)


def _number(value: float) -> str:
    """A number with up to four digits; - if there is none."""
    if not math.isfinite(value):
        return DASH
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:.4g}"


def measured(line: "Line") -> str:
    """The engine's value, with its interval if there is chance in it."""
    if not math.isfinite(line.low):
        return _number(line.measured)
    return f"{_number(line.measured)} ({_number(line.low)} to {_number(line.high)})"


def row(line: "Line") -> tuple[str, ...]:
    """One row of the table."""
    return (
        line.what,
        _number(line.target),
        measured(line),
        f"{line.n:,}",
        line.tolerance,
        VERDICTS[line.passed],
    )


def sources(keys: "Sequence[str]") -> str:
    """Source keys of a case, or that its target is derived."""
    return ", ".join(keys) if keys else "derived by hand"


def _print_case(done: "Verified") -> None:
    """Print a case as soon as it is done."""
    say(heading(f"{done.case.name}: {done.case.title} [{sources(done.case.sources)}]"))
    say(table(COLUMNS, [row(line) for line in done.lines], right=("target", "n"), whole=("",)))


def record(done: "Verified") -> dict[str, Any]:
    """A case as plain values."""
    case = done.case
    return {
        "name": case.name,
        "title": case.title,
        "sources": list(case.sources),
        "how": case.how,
        "passed": done.passed,
        "lines": [vars(line) for line in done.lines],
        "curves": [
            {name: value.tolist() if hasattr(value, "tolist") else value for name, value in vars(curve).items()}
            for curve in done.curves
        ],
    }


def _figures_of(done: "list[Verified]") -> "dict[str, Callable[[Any], Figure]]":
    """One figure per curve, by file name."""
    from normsim.figures.verification_figures import draw

    def drawn(curve: "Curve") -> "Callable[[Any], Figure]":
        return lambda _: draw(curve)

    return {f"verification_{curve.name}": drawn(curve) for each in done for curve in each.curves}


INTRODUCTION = """# Verification

With one mechanism on and all others at their null values, the model reduces to a published model and must reproduce its
known result. Each table below shows such a limiting case. All use the same engine as every scenario.
`normsim verify` makes the tables; `normsim verify watts --phi 0.12` asks for one with other values, and
`--out docs/verification.md --figures docs/figures` writes this page.

For lines with random variation, the tolerance is set so that a correct engine fails once in a million times. If a
finite world differs from the theory of an infinite one, the tolerance also gives the allowed difference. Intervals are
at 95 %. Lines marked *told* are for information and not judged.
"""


def page(done: "list[Verified]", figures: str | None, sizes: "Sizes") -> str:
    """The whole page of the docs as Markdown."""
    from normsim.analysis.verification import INEXPRESSIBLE
    from normsim.references import cite

    set_ = ", ".join(f"--{name} {vars(sizes)[name]}" for name in sizes.given()) or "every size at its default"
    lines = [INTRODUCTION, f"Made by normsim {__version__}: {set_}.", ""]
    for each in done:
        case = each.case
        lines += [f"## {case.title}", "", f"`{case.name}`: {case.how}. Source: {sources(case.sources)}.", ""]
        lines += [*markdown_table(COLUMNS, (row(line) for line in each.lines)), ""]
        if figures is not None:
            lines += [f"![{curve.title}]({figures}/verification_{curve.name}.png)\n" for curve in each.curves]
    lines += ["## What the engine cannot express", ""]
    rows = ((each.title, sources(each.sources) if each.sources else DASH, each.why) for each in INEXPRESSIBLE)
    lines += [*markdown_table(("case", "source", "why"), rows), ""]
    keys = sorted({key for each in done for key in each.case.sources} | {k for e in INEXPRESSIBLE for k in e.sources})
    lines += ["## Sources", "", *(f"- {key}: {cite(key)}" for key in keys), ""]
    return "\n".join(lines)
