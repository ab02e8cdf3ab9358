"""Write the pages of docs/reference that are made from the code: `python docs/generate_reference.py`."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic.fields import FieldInfo
from typer.models import ArgumentInfo, OptionInfo
from typer.utils import get_params_from_function

from normsim import rules
from normsim.claims.ledger import LedgerTable
from normsim.cli.commands import app
from normsim.cli.docs_pages import markdown_table
from normsim.cli.equation_tex import ROW, equation, statements
from normsim.config.table_validation import Table
from normsim.engine.outcomes import DERIVED, MEASURED, RUN_OUTCOMES, Outcome
from normsim.experiment.experiment_schema import ExperimentTable
from normsim.references import cite, references
from normsim.scenario.scenario_schema import FileTable
from normsim.world.treaty_schema import TreatyTable

REFERENCE = Path(__file__).parent / "reference"
REFRESH = "python docs/generate_reference.py"


def _page(title: str, *parts: str) -> str:
    """A page with its title and a note that it is made."""
    return "\n\n".join([f"# {title}", f"<!-- Made from the code. Do not edit; run: {REFRESH} -->", *parts]) + "\n"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(markdown_table(columns, map(tuple, rows)))


KINDS: dict[str, str] = {"int": "INTEGER", "float": "NUMBER", "str": "TEXT", "Path": "PATH"}
"""Placeholders of values by their type."""


def _placeholder(annotation: Any, declared: Any) -> str:
    """What stands for the value of an option; nothing for a switch."""
    if declared.metavar:
        return str(declared.metavar)
    types = [each for each in (get_args(annotation) or (annotation,)) if each is not type(None)]
    if types == [bool]:
        return ""
    if all(isinstance(each, str) for each in types):
        return "|".join(types)
    inner = get_args(types[0])  # a list of values: the option can be repeated
    return KINDS[(inner or types)[0].__name__]


def _parameter_row(parameter: Any) -> tuple[str, str, str]:
    """One argument or option of a command: how it is written, its default and its help."""
    declared = parameter.default
    value = _placeholder(parameter.annotation, declared)
    default = declared.default.as_posix() if isinstance(declared.default, Path) else declared.default
    plain = isinstance(default, int | float | str) and not isinstance(default, bool)
    if default is ...:
        shown = "required"
    else:
        shown = f"`{default}`" if plain and default != "" else ""
    if isinstance(declared, ArgumentInfo):
        return f"`{value}`", shown, declared.help or ""
    names = ", ".join(declared.param_decls) or f"--{parameter.name.strip('_').replace('_', '-')}"
    return f"`{names} {value}`".replace(" `", "`"), shown, declared.help or ""


def _command(name: str, function: Callable[..., None], level: int) -> str:
    """A command as a section."""
    parameters = get_params_from_function(function).values()
    arguments = [_parameter_row(each) for each in parameters if isinstance(each.default, ArgumentInfo)]
    options = [_parameter_row(each) for each in parameters if isinstance(each.default, OptionInfo)]
    needed = [option[0].strip("`") for option in options if option[1] == "required"]
    usage = " ".join([name, *(row[0].strip("`") for row in arguments), *needed, *(["[OPTIONS]"] if options else [])])
    parts = [f"{'#' * level} {name}", inspect.getdoc(function) or "", f"```text\n{usage}\n```"]
    if rows := [*arguments, *options]:
        parts.append(_table(("argument or option", "default", "meaning"), rows))
    return "\n\n".join(parts)


def _commands(typed: typer.Typer, before: str, level: int) -> Iterator[str]:
    """The commands of the program or of a group, each as a section."""
    for each in typed.registered_commands:
        assert each.callback is not None
        name = each.name or each.callback.__name__.strip("_").replace("_", "-")
        yield _command(f"{before} {name}", each.callback, level)
    for group in typed.registered_groups:
        assert group.typer_instance is not None
        yield f"## {before} {group.name}\n\n{group.typer_instance.info.help}"
        yield from _commands(group.typer_instance, f"{before} {group.name}", level + 1)


def command_line_page() -> str:
    """Every command with its options, from the command line's own declarations."""
    opening = (
        "`normsim --help` and `normsim COMMAND --help` print the same. Every command that prints a table takes "
        "`--json`. Exit codes: 0 done, 1 bad input (one line on stderr says what to do), 2 wrong usage, 130 "
        "interrupted; other codes are listed where a command has them."
    )
    return _page("Command line", opening, *_commands(app, "normsim", 2))


def _inner(annotation: Any) -> type[Table] | None:
    """The table within the type of a field."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    return next((found for part in get_args(annotation) if (found := _inner(part))), None)


def _default(field: FieldInfo) -> str:
    """What holds if a key is left out."""
    if field.is_required():
        return "required"
    value = field.default
    if value is None or isinstance(value, Table) or value in ({}, [], ""):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _key_tables(name: str, table: type[Table], seen: set[str]) -> Iterator[str]:
    """The keys of a table, then those of the tables in it."""
    within: list[tuple[str, type[Table]]] = []
    rows = []
    for key, field in table.model_fields.items():
        key = field.alias or key
        rows.append((f"`{key}`", _default(field), field.description or ""))
        if (inner := _inner(field.annotation)) is not None:
            within.append((f"{name}.{key}" if name else key, inner))
    title = f"`{name}`" if name else "Top of the file"
    text = inspect.cleandoc(table.__doc__ or "")
    yield "\n\n".join([f"## {title}", text, _table(("key", "default", "allowed"), rows)])
    for path, inner in within:
        if path not in seen:
            seen.add(path)
            yield from _key_tables(path, inner, seen)


def _file_page(title: str, table: type[Table], opening: str) -> Callable[[], str]:
    """A page of the keys of one kind of file."""
    return lambda: _page(title, opening, *_key_tables("", table, set()))


def outcomes_page() -> str:
    """Every outcome with its unit and meaning."""

    def rows(outcomes: dict[str, Outcome]) -> str:
        words = {"last": "last month", "sum": "sum over months", "mean": "mean over months", "run": "whole run"}
        return _table(
            ("outcome", "unit", "meaning", "of a run"),
            ((f"`{name}`", each.unit, each.meaning, words[each.over]) for name, each in outcomes.items()),
        )

    opening = (
        "`run.series` has one column per monthly outcome. `run.summary()`, experiments and claims use one number per "
        "run; the last column says which."
    )
    return _page(
        "Outcomes",
        opening,
        "## Measured each month",
        rows(MEASURED),
        "## Derived from these",
        "The four indicators of the robustness of a norm of Deitelhoff and Zimmermann (2019), and their index.",
        rows(DERIVED),
        "## Of a whole run",
        rows(RUN_OUTCOMES),
    )


def rules_page() -> str:
    """Every rule: the docstring of its file with its equation and sources, and its functions."""
    parts = []
    for path in sorted(Path(rules.__file__).parent.glob("*.py")):
        if path.name == "__init__.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        rows = []
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = ", ".join(each.arg for each in node.args.args)
                summary = (ast.get_docstring(node) or "").splitlines()[0]
                rows.append((f"`{node.name}({arguments})`", summary))
        text = _markdown_docstring(ast.get_docstring(tree) or "")
        parts += [f"## `{path.stem}`", text, _table(("function", "what it gives"), rows)]
    opening = (
        "One file of `normsim/rules/` per choice or process. Each section is the docstring of a file: what it decides, "
        "its equation, its sources, what is known of its magnitudes (*Status*), and the values that switch it off "
        "(*Null*). A rule is named by its file and function, as in `use_terms`, and [can be replaced](../rules.md) by "
        "that name. "
        "Every number is a [parameter](../parameters.md).\n\n"
        "In the equations, upright words are parameters or named quantities, and single letters are variables. Those "
        "side by side are multiplied. A condition in square brackets counts 1 if it holds and 0 if not. W before a "
        "word is the weighted mean over the states that influence a state."
    )
    return _page("Rules", opening, *parts)


EQUATION = re.compile(r"\s|[\w ()/|-]{1,40}\s= |\w+ {2,}|field rate")
"""How a paragraph of equations begins: indented, `name = ...`, or a name set off by spaces."""


def _markdown_docstring(text: str) -> str:
    """A docstring as Markdown: equations are typeset, and symbols are no emphasis."""
    paragraphs = (
        _equations(textwrap.dedent(each)) if EQUATION.match(each) else each.replace("*", r"\*")
        for each in text.split("\n\n")
    )
    return "\n\n".join(paragraphs)


def _equations(paragraph: str) -> str:
    """A paragraph of equations as Markdown; a table of them in plain text stays as it is written."""
    found = {each: equation(each) for each in statements(paragraph)}
    if any(each is None and ROW.match(statement) for statement, each in found.items()):
        return f"```text\n{paragraph}\n```"
    parts: list[str] = []
    for statement, each in found.items():
        if each is not None:
            parts += [f"```math\n{each.tex}\n```", each.remark]
        else:
            parts.append(f"```text\n{statement}\n```" if re.search(r" [-+*/] ", statement) else statement)
    return "\n\n".join(filter(None, parts))


def sources_page() -> str:
    """Every source by its key."""
    rows = [f"- **{key}** {cite(key)}" for key in sorted(references(), key=str.lower)]
    opening = (
        "Sources by the key under which parameters, scenarios, experiments and claims cite them (`references.toml`). "
        "A remark in brackets says where no full page was read. Sources of the data are in "
        "`normsim/world/data/SOURCES.md`."
    )
    return _page("Sources", opening, "\n".join(rows))


PAGES: dict[str, Callable[[], str]] = {
    "command_line": command_line_page,
    "scenario_file": _file_page(
        "Scenario file",
        FileTable,
        "A TOML file that `normsim run` takes by its path. [How to write it](../how-to/scenario_file.md) explains "
        "each key with an example. `normsim scenario schema` prints the JSON schema, with every regime key, lever and "
        "parameter; those are listed in [Parameters](../parameters.md).",
    ),
    "experiment_file": _file_page(
        "Experiment file",
        ExperimentTable,
        "A TOML file that `normsim batch run` takes by its path; [Experiments](../batch.md) explains it with examples. "
        "`normsim batch schema` prints the JSON schema.",
    ),
    "ledger_file": _file_page(
        "Ledger of claims",
        LedgerTable,
        "A TOML file that `normsim claims --ledger` takes by its path; [Claims](../claims.md) explains it.",
    ),
    "treaty_file": _file_page(
        "Treaty file",
        TreatyTable,
        "A TOML file that `normsim hindcast --treaty` takes by its path; [Any treaty](../treaties.md) explains it.",
    ),
    "outcomes": outcomes_page,
    "rules": rules_page,
    "sources": sources_page,
}
"""The pages by the name of their file, and how each is made."""


def main() -> int:
    """Write every page."""
    for name, page in PAGES.items():
        (REFERENCE / f"{name}.md").write_text(page(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
