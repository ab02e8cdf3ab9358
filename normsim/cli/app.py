"""Every command with its arguments. What a command needs is imported once it runs, so that others start at once."""

from pathlib import Path
from typing import Annotated

import typer

from normsim import __version__
from normsim.cli.guard import guarded

app = typer.Typer(
    name="normsim",
    help="An agent-based model of the erosion of the norm against cluster munitions.",
    epilog="Start with: normsim scenario list",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
scenarios = typer.Typer(
    help="List, show and compare scenario files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(scenarios, name="scenario")

Which = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or the path of its file.", show_default=False)
]
Seed = Annotated[int, typer.Option(help="Seed of the run, a whole number from 0 on.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines, and nothing else.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"normsim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Version.")] = False,
) -> None:
    """An agent-based model of the erosion of the norm against cluster munitions."""


@app.command()
@guarded
def run(
    scenario: Which,
    vs: Annotated[str | None, typer.Option(help="Another scenario to set it beside, on the same seeds.")] = None,
    seed: Annotated[int, typer.Option(help="First seed, a whole number from 0 on.")] = 0,
    runs: Annotated[int | None, typer.Option(help="How many seeds: 1, or 20 with --vs.", show_default=False)] = None,
    months: Annotated[int | None, typer.Option(help="Run so many months instead of the scenario's own.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write series, events, states, summary and figure here.")] = None,
    rules: Annotated[Path | None, typer.Option(help="A Python file with rules to use in place of the model's.")] = None,
    json: Json = False,
) -> None:
    """Run a scenario, or two side by side.

    With --vs both meet the same wars and the same luck, seed by seed: every difference is SCENARIO minus OTHER,
    paired by seed, with its 95 % interval.
    """
    from normsim.cli.runs import Command, run_command

    run_command(Command(scenario, vs, seed, runs, months, out, rules, json))


@app.command()
@guarded
def explain(
    scenario: Which,
    state: Annotated[str, typer.Option(help="Code or name of the state that decides, such as USA.")],
    choice: Annotated[
        str, typer.Option(help="acquire, use, transfer, renounce, join, withdraw, vote or condemn.", metavar="CHOICE")
    ],
    month: Annotated[str, typer.Option(help="The month, such as 2023-07.", metavar="YYYY-MM")],
    to: Annotated[str | None, typer.Option(help="The other state of a transfer or condemnation.")] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Say why a state did or did not act in a month.

    Shown is every term of its propensity, their sum, the probability and the draw.
    """
    from normsim.cli.why import explain_command

    explain_command(scenario, state, choice, month, to, seed, json)


@app.command()
@guarded
def state(
    which: Annotated[str, typer.Argument(metavar="STATE", help="Its three-letter code or its name.")],
    date: Annotated[
        str | None, typer.Option(help="As of this day, by default the start of the baseline.", metavar="YYYY-MM-DD")
    ] = None,
    json: Json = False,
) -> None:
    """Say what is known of a state, with sources."""
    from normsim.cli.facts import state_command

    state_command(which, date, json)


@app.command()
@guarded
def parameters(
    filter: Annotated[
        str, typer.Argument(metavar="FILTER", help="Only those with this text in name, meaning or source.")
    ] = "",
    group: Annotated[str | None, typer.Option(help="Only this group, such as norm or transfer.")] = None,
    levers: Annotated[bool, typer.Option("--levers", help="Only what a government could set.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown table.")] = False,
    json: Json = False,
) -> None:
    """List the parameters and what they mean."""
    from normsim.cli.facts import parameters_command

    parameters_command(filter, group, levers, markdown, json)


@app.command()
@guarded
def page(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or its file.")
    ] = "ukraine_2023",
    port: Annotated[int | None, typer.Option(help="Port on this machine; a free one if left out.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
) -> None:
    """Watch a scenario in the browser, change it, and ask every state why.

    The page is served on this machine only, and shows the same numbers as `normsim run`.
    """
    from normsim.cli.pages import page_command

    page_command(scenario, port, browser)


@scenarios.command("list")
@guarded
def list_(json: Json = False) -> None:
    """List the scenarios and their questions."""
    from normsim.cli.files import list_command

    list_command(json)


@scenarios.command()
@guarded
def show(
    scenario: Which,
    every: Annotated[bool, typer.Option("--all", help="List the values left at their defaults too.")] = False,
) -> None:
    """Print a scenario fully resolved.

    The comment after a value says which file set it; the whole is a file that can be run.
    """
    from normsim.cli.files import show_command

    show_command(scenario, every)


@scenarios.command()
@guarded
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A scenario.", show_default=False)],
    b: Annotated[str, typer.Argument(metavar="B", help="Another.", show_default=False)],
    json: Json = False,
) -> None:
    """Say where two scenarios differ."""
    from normsim.cli.files import diff_command

    diff_command(a, b, json)


@scenarios.command()
@guarded
def schema(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Only this part, such as event, bridge, norm.erode.", show_default=False),
    ] = "",
) -> None:
    """Print the JSON schema, for editors."""
    from normsim.cli.files import schema_command

    schema_command(name)
