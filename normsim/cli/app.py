"""Every command with its arguments. What a command needs is imported once it runs, so that others start at once."""

from pathlib import Path
from typing import Annotated, Literal

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
batch = typer.Typer(
    help="Plan and run experiments: many runs, resumable, on every core or a cluster.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(batch, name="batch")
paper = typer.Typer(
    help="Build the figures of the paper, check whether they are fresh, write the report.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(paper, name="paper")

Which = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or the path of its file.", show_default=False)
]
Seed = Annotated[int, typer.Option(help="Seed of the run, a whole number from 0 on.")]
WhichExperiment = Annotated[
    str, typer.Argument(metavar="FILE", help="An experiment's name, or the path of its file.", show_default=False)
]
Results = Annotated[Path, typer.Argument(metavar="DIR", help="A directory of results.", show_default=False)]
Workers = Annotated[int | None, typer.Option(help="Processes, by default one a core.", show_default=False)]
Scheduler = Annotated[
    str | None, typer.Option(help="A Dask scheduler to run on instead.", metavar="tcp://HOST:PORT", show_default=False)
]
MaxFailures = Annotated[int | None, typer.Option(help="Stop after so many failed runs.", show_default=False)]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failed run.")]
RunTimeout = Annotated[
    float | None, typer.Option(help="Give a run up after so many seconds.", metavar="SECONDS", show_default=False)
]
Outcome = Annotated[list[str] | None, typer.Option(help="An outcome; may be given several times.", show_default=False)]
CsvFile = Annotated[Path | None, typer.Option(help="Write the whole table to this new file.", show_default=False)]
CodeMayChange = Annotated[
    bool, typer.Option("--allow-code-change", help="Go on with results of other code, and record it.")
]
PaperFile = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="A plan of figures, by default that of the paper.", show_default=False),
]
PaperFolder = Annotated[
    Path | None,
    typer.Option(help="Folder of figures and results, by default results/paper.", metavar="DIR", show_default=False),
]
PaperSmoke = Annotated[bool, typer.Option("--smoke", help="At small size, by default in results/paper_smoke.")]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Only this figure; may be given several times.", metavar="ID", show_default=False),
]
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


@batch.command("list")
@guarded
def batch_list(json: Json = False) -> None:
    """List the packaged experiments and their questions."""
    from normsim.cli.batch import list_command

    list_command(json)


@batch.command()
@guarded
def plan(
    experiment: WhichExperiment,
    smoke: Annotated[bool, typer.Option("--smoke", help="At its small size.")] = False,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Say what an experiment would run, and how long it would take.

    Nothing is stored; a few runs are made to measure time and size.
    """
    from normsim.cli.batch import plan_command

    plan_command(experiment, smoke, workers, json)


@batch.command("schema")
@guarded
def batch_schema() -> None:
    """Print the JSON schema of experiment files, for editors."""
    from normsim.cli.batch import schema_command

    schema_command()


@batch.command("run")
@guarded
def batch_run(
    experiment: WhichExperiment,
    out: Annotated[
        Path | None, typer.Option(help="Where results go, by default results/NAME.", show_default=False)
    ] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="At its small size, in seconds.")] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    rules: Annotated[Path | None, typer.Option(help="A Python file with rules to use in place of the model's.")] = None,
    max_failures: MaxFailures = None,
    fail_fast: FailFast = False,
    run_timeout: RunTimeout = None,
    allow_code_change: CodeMayChange = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Move what is in the directory aside first.")] = False,
    json: Json = False,
) -> None:
    """Run an experiment, or go on where it stopped: what is done is never run again.

    The first Ctrl-C lets what runs finish, the second stops at once. Exit codes: 0 all done, 1 input that cannot be
    taken, 3 some runs failed, 130 interrupted.
    """
    from normsim.cli.batch import How, run_command

    failures = 1 if fail_fast else max_failures
    how = How(workers, scheduler, rules, failures, run_timeout, allow_code_change, False, json)
    run_command(experiment, out, smoke, overwrite, how)


@batch.command()
@guarded
def status(directory: Results, json: Json = False) -> None:
    """Say how far an experiment is, and which runs failed."""
    from normsim.cli.batch import status_command

    status_command(directory, json)


@batch.command()
@guarded
def resume(
    directory: Results,
    replications: Annotated[
        int | None, typer.Option(help="So many replications of each point in all.", show_default=False)
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    max_failures: MaxFailures = None,
    fail_fast: FailFast = False,
    run_timeout: RunTimeout = None,
    allow_code_change: CodeMayChange = False,
    json: Json = False,
) -> None:
    """Go on with an experiment, or add replications to it.

    All it needs lies in the directory. Runs that failed stay failed.
    """
    from normsim.cli.batch import How, resume_command

    failures = 1 if fail_fast else max_failures
    how = How(workers, scheduler, None, failures, run_timeout, allow_code_change, False, json)
    resume_command(directory, replications, how)


@batch.command("retry-failed")
@guarded
def retry_failed(
    directory: Results,
    workers: Workers = None,
    scheduler: Scheduler = None,
    run_timeout: RunTimeout = None,
    allow_code_change: CodeMayChange = False,
    json: Json = False,
) -> None:
    """Go on with an experiment, and run its failed runs again."""
    from normsim.cli.batch import How, resume_command

    how = How(workers, scheduler, None, None, run_timeout, allow_code_change, True, json)
    resume_command(directory, None, how)


@batch.command()
@guarded
def verify(directory: Results, json: Json = False) -> None:
    """Check every file against what was committed."""
    from normsim.cli.batch import verify_command

    verify_command(directory, json)


@app.command()
@guarded
def replay(
    directory: Results,
    run: Annotated[str, typer.Argument(metavar="RUN", help="POINT-REPLICATION, such as 3-0.", show_default=False)],
    json: Json = False,
) -> None:
    """Run one stored run again, and say whether it is the same."""
    from normsim.cli.batch import replay_command

    replay_command(directory, run, json)


@app.command()
@guarded
def compare(
    directory: Results,
    baseline: Annotated[
        str, typer.Option(help="A scenario's name, or a level of one factor, such as norm.recurrence=0.")
    ],
    outcome: Outcome = None,
    interval: Annotated[Literal["t", "bootstrap"], typer.Option(help="Student's t, or by bootstrap.")] = "t",
    half_width: Annotated[
        float | None, typer.Option(help="Say how many replications this half-width needs.", show_default=False)
    ] = None,
    pooled: Annotated[bool, typer.Option("--pooled", help="One effect over all design points.")] = False,
    csv: CsvFile = None,
    json: Json = False,
) -> None:
    """Print paired effects of an experiment against a baseline, run by run on the same luck."""
    from normsim.cli.batch_analysis import compare_command

    compare_command(directory, baseline, outcome, interval, half_width, pooled, csv, json)


@app.command()
@guarded
def sensitivity(
    directory: Results,
    outcome: Outcome = None,
    out: Annotated[Path | None, typer.Option(help="Write the table and its figures here.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Print Morris or Sobol indices of an experiment, with intervals."""
    from normsim.cli.batch_analysis import sensitivity_command

    sensitivity_command(directory, outcome, out, json)


@app.command()
@guarded
def claims(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Claims; all if none is named.", show_default=False)
    ] = None,
    ledger: Annotated[str, typer.Option(help="The packaged ledger, or the path of your own.")] = "claims",
    list_: Annotated[bool, typer.Option("--list", help="List the claims and run nothing.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Where results go, by default results/NAME.", show_default=False)
    ] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="At the small size, to try it.")] = False,
    workers: Workers = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the table as Markdown.", show_default=False)] = None,
    latex: Annotated[Path | None, typer.Option(help="Write the table as LaTeX.", show_default=False)] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw a forest plot: .png, .pdf or .svg.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Judge the argument's claims: robust, conditional, not detectable or refuted.

    Each is tested at the defaults and over the space of what nobody knows. Runs that are stored are not made again; the
    first Ctrl-C lets what runs finish, and the same command goes on. Exit codes as for `normsim batch run`.
    """
    from normsim.cli.claims import claims_command, list_command

    if list_:
        list_command(ids or [], ledger, smoke, json)
    else:
        files = {"markdown": markdown, "latex": latex, "figure": figure}
        claims_command(ids or [], ledger, out, smoke, workers, files, json)


@app.command()
@guarded
def query(
    directory: Results,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A query in DuckDB's SQL.", show_default=False)],
    csv: CsvFile = None,
    json: Json = False,
) -> None:
    """Ask an experiment's tables: outcomes, points, and what else was kept (series, events, states)."""
    from normsim.cli.batch_analysis import query_command

    query_command(directory, sql, json, csv)


@app.command()
@guarded
def export(
    directory: Results,
    csv: Annotated[Path | None, typer.Option(help="A new folder for the tables as CSV.", show_default=False)] = None,
    ema: Annotated[
        Path | None, typer.Option(help="A new .tar.gz in the EMA workbench's form.", show_default=False)
    ] = None,
) -> None:
    """Export an experiment's tables as CSV, or for scenario discovery with the EMA workbench."""
    from normsim.cli.batch_analysis import export_command

    export_command(directory, csv, ema)


@paper.command("build")
@guarded
def paper_build(
    file: PaperFile = None,
    out: PaperFolder = None,
    smoke: PaperSmoke = False,
    only: Only = None,
    workers: Workers = None,
    claims: Annotated[
        Path | None,
        typer.Option(
            help="A folder with runs of normsim claims, to take and complete.", metavar="DIR", show_default=False
        ),
    ] = None,
) -> None:
    """Run the experiments behind the figures as far as they are missing, and draw what is missing or stale.

    It goes on where it stopped. Exit codes: 0 all drawn, 1 input that cannot be taken, 3 some figures could not be
    drawn, 130 interrupted.
    """
    from normsim.cli.paper import build_command

    build_command(file, out, smoke, only or [], workers, claims)


@paper.command("check")
@guarded
def paper_check(file: PaperFile = None, out: PaperFolder = None, smoke: PaperSmoke = False, only: Only = None) -> None:
    """Say which figures are missing or stale, and what changed: code, data or experiment.

    Exit codes: 0 all fresh, 1 some are not.
    """
    from normsim.cli.paper import check_command

    check_command(file, out, smoke, only or [])


@paper.command("report")
@guarded
def paper_report(file: PaperFile = None, out: PaperFolder = None, smoke: PaperSmoke = False) -> None:
    """Write report.html and report.md from the figures that are there; every number in it comes from the results."""
    from normsim.cli.paper import report_command

    report_command(file, out, smoke)
