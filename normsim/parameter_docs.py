"""The page on parameters, generated from their records: `python -m normsim.parameter_docs docs/parameters.md`."""

import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

from normsim.parameters import Parameter, Value, get, records
from normsim.references import cite

COLUMNS: tuple[str, ...] = ("name", "default", "range", "null", "unit", "status", "source", "meaning")
"""Columns of the parameter table, left to right."""

REFRESH = "python -m normsim.parameter_docs docs/parameters.md"
"""The command that makes the page anew."""

HEADINGS: Mapping[str, tuple[str, str]] = {
    "uncertain": (
        "Uncertain parameters",
        "What the model assumes about the world and is not known. A scenario sets them under `[parameters]`; designs "
        "and claims vary them over their range.",
    ),
    "given": (
        "Given parameters",
        "A treaty's text, a measurement, or a convention of the model. A scenario sets them under `[parameters]`; "
        "designs leave them as they are unless they name them.",
    ),
    "regime": (
        "Regimes",
        "What the law or a policy allows. A scenario turns one on by naming it under `[regime.*]`; absent is off.",
    ),
    "lever": ("Levers", "What a government could set. A scenario sets them under `[levers]`."),
    "treatment": (
        "Treatments",
        "What only the author of an experiment can set. A scenario sets them under `[parameters]`.",
    ),
}
"""Title and opening sentence of each heading."""

_INTRODUCTION = f"""\
# Parameters

<!-- Made from normsim/parameters.toml and normsim/references.toml. Do not edit; run: {REFRESH} -->

Every number of the model, as the program reads it. *Null* is the value at which a mechanism is off; a dash says that
the number is a scale that has no off. *Range* is what a scenario may set and what designs sample. *Status* says where
the magnitude comes from:

- `empirical`: magnitude from data
- `direction`: sign from data, magnitude assumed
- `assumption`: neither, a prior to be swept
"""


def _number(value: Value | None) -> str:
    """A value as it is written in a table."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.12g}"


def _range(parameter: Parameter) -> str:
    """What a parameter may be set to, short."""
    if parameter.kind == "choice":
        return ", ".join(parameter.choices)
    return f"{parameter.low:.12g} to {parameter.high:.12g}"


def _row(parameter: Parameter) -> dict[str, str]:
    """One line of the table."""
    cells = (
        parameter.name,
        _number(parameter.value),
        _range(parameter),
        _number(parameter.null),
        parameter.unit or "-",
        parameter.status,
        ", ".join(parameter.source),
        parameter.meaning + (f" (acts only with {parameter.needs})" if parameter.needs else ""),
    )
    return dict(zip(COLUMNS, cells, strict=True))


def _markdown(rows: Iterable[Mapping[str, str]]) -> str:
    """Rows as a Markdown table, names as code."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    for row in rows:
        cells = [row[column].replace("|", "\\|") for column in COLUMNS]
        lines.append(f"| `{cells[0]}` | " + " | ".join(cells[1:]) + " |")
    return "\n".join(lines)


def _chosen(names: Iterable[str] | None) -> list[Parameter]:
    """The records named, or all, in the order of the headings."""
    wanted = None if names is None else {get(name).name for name in names}
    chosen = [p for p in records().values() if wanted is None or p.name in wanted]
    return sorted(chosen, key=lambda p: list(HEADINGS).index(p.heading))


def parameter_rows(names: Iterable[str] | None = None) -> list[dict[str, str]]:
    """Return one dictionary per parameter, with the keys of `COLUMNS`, in the order of the headings of the page.

    Args:
        names: dotted names to show; all of them if None.

    Raises:
        ParameterError: a name is unknown; the message names the nearest.
    """
    return [_row(parameter) for parameter in _chosen(names)]


def parameter_table(names: Iterable[str] | None = None) -> str:
    """Return the parameters as Markdown, with one heading per role and per group.

    Args:
        names: dotted names to show; all of them if None.

    Raises:
        ParameterError: a name is unknown; the message names the nearest.
    """
    parts = []
    for heading, under_it in groupby(_chosen(names), key=lambda p: p.heading):
        title, opening = HEADINGS[heading]
        parts += [f"## {title}", opening]
        for group, in_group in groupby(under_it, key=lambda p: p.group):
            parts += [f"### {group}", _markdown(_row(parameter) for parameter in in_group)]
    return "\n\n".join(parts) + "\n"


def source_list(keys: Iterable[str]) -> str:
    """The references of these keys as a Markdown list, by key.

    Args:
        keys: keys of `references.toml`.
    """
    return "\n".join(f"- **{key}** {cite(key)}" for key in sorted(set(keys), key=str.lower)) + "\n"


def parameters_page() -> str:
    """The whole of `docs/parameters.md`."""
    keys = [key for parameter in records().values() for key in parameter.source]
    return "\n".join([_INTRODUCTION, parameter_table(), "## Sources\n", source_list(keys)])


def main(arguments: list[str]) -> int:
    """Write the page to the file named, or print it.

    Args:
        arguments: a file name, or nothing.
    """
    if len(arguments) > 1:
        print(f"usage: {REFRESH}", file=sys.stderr)
        return 2
    if arguments:
        Path(arguments[0]).write_text(parameters_page(), encoding="utf-8", newline="\n")
    else:
        print(parameters_page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
