"""The commands with two words, such as `normsim batch run`. What one needs is imported once it runs."""

from pathlib import Path
from typing import Annotated

import typer

from normsim.cli.arguments import (
    CodeMayChange,
    FailFast,
    Json,
    MaxFailures,
    Only,
    OutcomesFile,
    PaperFile,
    PaperFolder,
    PaperSmoke,
    Results,
    RunTimeout,
    Scheduler,
    TrustRules,
    Which,
    WhichExperiment,
    Workers,
)
from normsim.cli.error_lines import guarded

scenarios = typer.Typer(
    help="List, show and compare scenario files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
batch = typer.Typer(
    help="Plan and run experiments: many runs, resumable, on every core or a cluster.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
paper = typer.Typer(
    help="Build the figures of the paper, check whether they are fresh, write the report.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@scenarios.command("list")
@guarded
def list_(json: Json = False) -> None:
    """List the scenarios and their questions."""
    from normsim.cli.scenario_commands import list_command

    list_command(json)


@scenarios.command()
@guarded
def show(
    scenario: Which,
    every: Annotated[bool, typer.Option("--all", help="Include values that are at their defaults.")] = False,
) -> None:
    """Print a scenario fully resolved.

    A comment after each value names the file that sets it. The output is itself a scenario file.
    """
    from normsim.cli.scenario_commands import show_command

    show_command(scenario, every)


@scenarios.command()
@guarded
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A scenario.", show_default=False)],
    b: Annotated[str, typer.Argument(metavar="B", help="Another scenario.", show_default=False)],
    json: Json = False,
) -> None:
    """Show the differences between two scenarios."""
    from normsim.cli.scenario_commands import diff_command

    diff_command(a, b, json)


@scenarios.command()
@guarded
def schema(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="Only this part, such as event, bridge, norm.anchor.", show_default=False),
    ] = "",
) -> None:
    """Print the JSON schema, for editors."""
    from normsim.cli.scenario_commands import schema_command

    schema_command(name)


@batch.command("list")
@guarded
def batch_list(json: Json = False) -> None:
    """List the packaged experiments and their questions."""
    from normsim.cli.batch_commands import list_command

    list_command(json)


@batch.command()
@guarded
def plan(
    experiment: WhichExperiment,
    smoke: Annotated[bool, typer.Option("--smoke", help="Few and short runs, as a test.")] = False,
    workers: Workers = None,
    json: Json = False,
) -> None:
    """Show what an experiment would run, and how long it would take.

    A few runs are made to measure time and size; they are not stored.
    """
    from normsim.cli.batch_commands import plan_command

    plan_command(experiment, smoke, workers, json)


@batch.command("schema")
@guarded
def batch_schema() -> None:
    """Print the JSON schema of experiment files, for editors."""
    from normsim.cli.batch_commands import schema_command

    schema_command()


@batch.command("run")
@guarded
def batch_run(
    experiment: WhichExperiment,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the results, by default results/NAME.", show_default=False)
    ] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Few and short runs, as a test.")] = False,
    posterior: Annotated[
        int | None,
        typer.Option(
            min=1, help="Replace its sampled designs with this many points of the posterior.", metavar="POINTS"
        ),
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    rules: Annotated[Path | None, typer.Option(help="A Python file with rules that replace the model's.")] = None,
    outcomes: OutcomesFile = None,
    max_failures: MaxFailures = None,
    fail_fast: FailFast = False,
    run_timeout: RunTimeout = None,
    allow_code_change: CodeMayChange = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Rename the existing directory first.")] = False,
    json: Json = False,
) -> None:
    """Run an experiment, or continue it; finished runs are never repeated.

    After the first Ctrl-C, current runs finish; the second stops at once. Exit codes: 0 all runs finished, 1 invalid
    input, 3 some runs failed, 130 interrupted.
    """
    from normsim.cli.batch_commands import How, run_command

    failures = 1 if fail_fast else max_failures
    how = How(workers, scheduler, rules, outcomes, failures, run_timeout, allow_code_change, False, json)
    run_command(experiment, out, smoke, posterior, overwrite, how)


@batch.command()
@guarded
def status(directory: Results, json: Json = False) -> None:
    """Show the progress of an experiment, and its failed runs."""
    from normsim.cli.batch_commands import status_command

    status_command(directory, json)


@batch.command()
@guarded
def resume(
    directory: Results,
    replications: Annotated[
        int | None, typer.Option(help="Total number of replications of each point.", show_default=False)
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    max_failures: MaxFailures = None,
    fail_fast: FailFast = False,
    run_timeout: RunTimeout = None,
    allow_code_change: CodeMayChange = False,
    trust_rules: TrustRules = False,
    json: Json = False,
) -> None:
    """Continue an experiment, or add replications.

    Everything it needs is in the directory. Failed runs are not repeated.
    """
    from normsim.cli.batch_commands import How, resume_command

    failures = 1 if fail_fast else max_failures
    how = How(workers, scheduler, None, None, failures, run_timeout, allow_code_change, False, json)
    resume_command(directory, replications, how, trust_rules)


@batch.command("retry-failed")
@guarded
def retry_failed(
    directory: Results,
    workers: Workers = None,
    scheduler: Scheduler = None,
    run_timeout: RunTimeout = None,
    allow_code_change: CodeMayChange = False,
    trust_rules: TrustRules = False,
    json: Json = False,
) -> None:
    """Continue an experiment, and repeat its failed runs."""
    from normsim.cli.batch_commands import How, resume_command

    how = How(workers, scheduler, None, None, None, run_timeout, allow_code_change, True, json)
    resume_command(directory, None, how, trust_rules)


@batch.command()
@guarded
def verify(directory: Results, json: Json = False) -> None:
    """Check that every file is as it was written."""
    from normsim.cli.batch_commands import verify_command

    verify_command(directory, json)


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
            help="Folder with runs of normsim claims, to use and complete.", metavar="DIR", show_default=False
        ),
    ] = None,
) -> None:
    """Run missing experiments, and draw figures that are missing or stale.

    Repeat the command to continue. Exit codes: 0 all drawn, 1 invalid input, 3 some figures could not be drawn, 130
    interrupted.
    """
    from normsim.cli.paper_commands import build_command

    build_command(file, out, smoke, only or [], workers, claims)


@paper.command("check")
@guarded
def paper_check(file: PaperFile = None, out: PaperFolder = None, smoke: PaperSmoke = False, only: Only = None) -> None:
    """List figures that are missing or stale, and what changed: code, data or experiment.

    Exit codes: 0 all fresh, 1 some are not.
    """
    from normsim.cli.paper_commands import check_command

    check_command(file, out, smoke, only or [])


@paper.command("report")
@guarded
def paper_report(
    file: PaperFile = None,
    out: PaperFolder = None,
    smoke: PaperSmoke = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write report.pdf (pip install 'normsim[pdf]').")] = False,
) -> None:
    """Write report.html and report.md from the existing figures; every number comes from the results."""
    from normsim.cli.paper_commands import report_command

    report_command(file, out, smoke, pdf)
