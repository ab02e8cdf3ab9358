"""Every command of one word with its arguments, and the groups of the others.

What a command needs is imported once it runs, so that others start at once.
"""

from pathlib import Path
from typing import Annotated, Literal

import typer

from normsim._version import __version__
from normsim.cli import command_groups as groups
from normsim.cli.arguments import (
    CsvFile,
    FiguresFile,
    FiguresFolder,
    Json,
    MarkdownFile,
    Outcome,
    OutcomesFile,
    Posterior,
    Results,
    Seed,
    TrustRules,
    Which,
    Workers,
)
from normsim.cli.error_lines import guarded

app = typer.Typer(
    name="normsim",
    help="An agent-based model of the erosion of the norm against cluster munitions.",
    epilog="Start with: normsim scenario list",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.add_typer(groups.scenarios, name="scenario")
app.add_typer(groups.batch, name="batch")
app.add_typer(groups.paper, name="paper")


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
    vs: Annotated[
        str | None, typer.Option(help="A baseline to compare it with, on the same seeds.", metavar="BASELINE")
    ] = None,
    seed: Annotated[int, typer.Option(help="First seed, a whole number from 0 on.")] = 0,
    runs: Annotated[
        int | None, typer.Option(help="Number of seeds, by default 1, or 20 with --vs.", show_default=False)
    ] = None,
    months: Annotated[int | None, typer.Option(help="Months to run, instead of the scenario's own.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for series, events, states, summary and figure.")] = None,
    rules: Annotated[Path | None, typer.Option(help="A Python file with rules that replace the model's.")] = None,
    outcomes: OutcomesFile = None,
    figures: FiguresFile = None,
    posterior: Posterior = False,
    json: Json = False,
) -> None:
    """Run a scenario, or compare it with a baseline.

    With --vs, each seed gives a pair of runs that share their random numbers. Differences are SCENARIO minus BASELINE
    over these pairs, with a 95 % interval.
    """
    from normsim.cli.run_command import Command, run_command

    run_command(Command(scenario, vs, seed, runs, months, out, rules, outcomes, figures, json, posterior))


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
    """Explain why a state acted, or did not act, in a month.

    Print every term of its propensity, their sum, the probability and the random draw.
    """
    from normsim.cli.explain_command import explain_command

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
    """Print the facts about a state, with sources."""
    from normsim.cli.facts_commands import state_command

    state_command(which, date, json)


@app.command()
@guarded
def parameters(
    filter: Annotated[
        str, typer.Argument(metavar="FILTER", help="Only those with this text in name, meaning or source.")
    ] = "",
    group: Annotated[str | None, typer.Option(help="Only this group, such as norm or transfer.")] = None,
    levers: Annotated[bool, typer.Option("--levers", help="Only levers: what a government could set.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown table.")] = False,
    json: Json = False,
) -> None:
    """List the parameters and what they mean."""
    from normsim.cli.facts_commands import parameters_command

    parameters_command(filter, group, levers, markdown, json)


@app.command()
@guarded
def page(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or its file.")
    ] = "ukraine_2023",
    port: Annotated[int | None, typer.Option(help="Port on this machine, by default a free one.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    posterior: Posterior = False,
) -> None:
    """Show a scenario in the browser, change it, and see why each state acts.

    The page is served on this machine only, and shows the same numbers as `normsim run`.
    """
    from normsim.cli.page_command import page_command

    page_command(scenario, port, browser, posterior)


@app.command()
@guarded
def docs(
    out: Annotated[
        Path | None,
        typer.Option(
            help="Build it in this folder; by default in this user's cache.", metavar="DIR", show_default=False
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
) -> None:
    """Build the documentation as a site on this machine, and open it.

    It needs no network. The path of its first page is printed.
    """
    from normsim.cli.docs_command import docs_command

    docs_command(out, browser)


@app.command()
@guarded
def replay(
    directory: Results,
    run: Annotated[str, typer.Argument(metavar="RUN", help="POINT-REPLICATION, such as 3-0.", show_default=False)],
    trust_rules: TrustRules = False,
    json: Json = False,
) -> None:
    """Repeat one stored run, and check that the result is the same."""
    from normsim.cli.batch_commands import replay_command

    replay_command(directory, run, trust_rules, json)


@app.command()
@guarded
def compare(
    directory: Results,
    baseline: Annotated[
        str, typer.Option(help="A scenario's name, or a level of one factor, such as norm.recurrence=0.")
    ],
    outcome: Outcome = None,
    interval: Annotated[Literal["t", "bootstrap"], typer.Option(help="Interval by Student's t or by bootstrap.")] = "t",
    half_width: Annotated[
        float | None, typer.Option(help="Estimate the replications needed for this half-width.", show_default=False)
    ] = None,
    pooled: Annotated[bool, typer.Option("--pooled", help="Pool all design points into one effect.")] = False,
    csv: CsvFile = None,
    figures: FiguresFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the figures, by default DIR_figures.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Print effects of an experiment: each scenario, or level of a factor, minus the baseline, paired by seed."""
    from normsim.cli.results_commands import compare_command

    compare_command(directory, baseline, outcome, interval, half_width, pooled, csv, figures, out, json)


@app.command()
@guarded
def validate(
    seeds: Annotated[int, typer.Option(min=2, help="Runs against the record.")] = 200,
    cases: Annotated[int, typer.Option(min=2, help="Runs of each case of the dynamics.")] = 30,
    worlds: Annotated[int, typer.Option(min=0, help="Worlds of the prior; 0 leaves them out.")] = 300,
    out: MarkdownFile = None,
    json: Json = False,
) -> None:
    """Check the model against the historical record, and its dynamics under influence."""
    from normsim.cli.validate_command import validate_command

    validate_command(seeds, cases, worlds, out, json)


@app.command()
@guarded
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Cases to run, by default all.", show_default=False)
    ] = None,
    phi: Annotated[float | None, typer.Option(min=0.01, max=0.25, help="watts: threshold.")] = None,
    degree: Annotated[str | None, typer.Option(help="watts: mean degrees, such as 2,4,7.", metavar="LIST")] = None,
    graphs: Annotated[int | None, typer.Option(min=2, help="watts: random graphs per degree.")] = None,
    mean: Annotated[float | None, typer.Option(min=0.05, max=0.45, help="granovetter: mean threshold.")] = None,
    sd: Annotated[
        str | None, typer.Option(help="granovetter: standard deviations, such as .1,.12,.13.", metavar="LIST")
    ] = None,
    memory: Annotated[int | None, typer.Option(min=2, max=60, help="committed_minority: partners.")] = None,
    share: Annotated[
        str | None, typer.Option(help="committed_minority: shares, such as .2,.24,.3.", metavar="LIST")
    ] = None,
    nodes: Annotated[int | None, typer.Option(min=100, max=20_000, help="States of a large world.")] = None,
    seeds: Annotated[int | None, typer.Option(min=2, help="Seeds; watts: starters per graph.")] = None,
    out: MarkdownFile = None,
    figures: FiguresFolder = None,
    json: Json = False,
) -> None:
    """Run limiting cases with known answers, in which the model reduces to a published one.

    They use the same engine as every run. Exit code 1 if a target is missed.
    """
    from normsim.analysis.verification_records import Sizes
    from normsim.cli.verify_command import floats, verify_command, wholes

    sizes = Sizes(
        phi=phi,
        degree=wholes("--degree", degree, 1, 50),
        graphs=graphs,
        mean=mean,
        sd=floats("--sd", sd, 0.01, 1.0),
        memory=memory,
        share=floats("--share", share, 0.0, 1.0),
        nodes=nodes,
        seeds=seeds,
    )
    verify_command(names or [], sizes, out, figures, json)


@app.command()
@guarded
def hindcast(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario's name, or its file; only its values are used.")
    ] = "history_2008",
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Origin: the last month that is known, a December; by default three.",
            metavar="YYYY-12",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="Last month to forecast, by default four years later.", metavar="YYYY-12", show_default=False
        ),
    ] = None,
    treaty: Annotated[
        str, typer.Option(help="A treaty: cluster_munitions, rome_statute, or the TOML file of one.", metavar="FILE")
    ] = "cluster_munitions",
    seeds: Annotated[int, typer.Option(min=2, help="Runs of each origin.")] = 400,
    layers: Annotated[
        bool,
        typer.Option("--layers", help="Show what each layer of influence adds to every score (7 times the runs)."),
    ] = False,
    workers: Workers = None,
    out: MarkdownFile = None,
    figures: FiguresFolder = None,
    json: Json = False,
) -> None:
    """Score forecasts from dates in the past, and compare them with simple baselines.

    Runs start in the real world at an origin, the last month that is known. Baselines are fitted to the window before
    it. The table shows which forecast has the better score.
    """
    from normsim.cli.hindcast_command import hindcast_command

    hindcast_command(scenario, from_, until, treaty, seeds, layers, workers, out, figures, json)


@app.command()
@guarded
def calibrate(
    runs: Annotated[Path, typer.Option(help="Folder of the runs; a stopped calibration continues.")] = Path(
        "results/calibration"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 2008,
    members: Annotated[int, typer.Option(min=20, help="Points to run in each round.")] = 600,
    rounds: Annotated[int, typer.Option(min=1, help="Maximum number of rounds of the population.")] = 20,
    workers: Workers = None,
    out: MarkdownFile = None,
    figures: FiguresFolder = None,
    save: Annotated[
        Path | None,
        typer.Option(
            help="Write the posterior to this .parquet file, and a .toml file on how it was made.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Fit the model to the record up to 2019, and draw the posterior of its parameters.

    Joining is fitted by likelihood, the rest by an ensemble of runs. The tables show what the record says about each
    parameter.
    """
    from normsim.cli.calibrate_command import calibrate_command

    calibrate_command(runs, seed, members, rounds, workers, out, figures, save, json)


@app.command()
@guarded
def recover(
    count: Annotated[int, typer.Option("--records", min=2, help="Records to simulate and fit.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything drawn.")] = 2008,
    steps: Annotated[int, typer.Option(min=20, help="Steps of each walker (Markov chain).")] = 600,
    sample: Annotated[
        int, typer.Option(min=0, help="Points for parameters without a likelihood; 0 leaves these out.")
    ] = 4000,
    workers: Workers = None,
    out: MarkdownFile = None,
    json: Json = False,
) -> None:
    """Check whether the fit recovers known parameters.

    Records are simulated at parameters drawn from their ranges. Joining is fitted to them as to the real record. The
    other parameters are estimated from the targets of the calibration, for half as many records.
    """
    from normsim.cli.recover_command import recover_command

    recover_command(count, seed, steps, sample, workers, out, json)


@app.command()
@guarded
def sensitivity(
    directory: Results,
    outcome: Outcome = None,
    out: Annotated[Path | None, typer.Option(help="Write the table and its figures here.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Print Morris or Sobol indices, or the screening of a latin hypercube."""
    from normsim.cli.results_commands import sensitivity_command

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
        Path | None, typer.Option(help="Folder of the results, by default results/NAME.", show_default=False)
    ] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="Few and short runs, as a test.")] = False,
    replications: Annotated[
        int | None,
        typer.Option(min=2, help="Pairs of runs at the defaults, instead of the ledger's number.", show_default=False),
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(min=1, help="Points of the parameter space, instead of the ledger's number.", show_default=False),
    ] = None,
    workers: Workers = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the table as Markdown.", show_default=False)] = None,
    latex: Annotated[Path | None, typer.Option(help="Write the table as LaTeX.", show_default=False)] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw a forest plot: .png, .pdf or .svg.", show_default=False)
    ] = None,
    posterior: Annotated[
        bool,
        typer.Option("--posterior", help="Also judge them over the points of the posterior."),
    ] = False,
    json: Json = False,
) -> None:
    """Judge the argument's claims: robust, conditional, not detectable or refuted.

    Each is tested at the defaults and over the space of uncertain parameters. Stored runs are not repeated. After the
    first Ctrl-C, current runs finish; repeat the command to continue. Exit codes are those of `normsim batch run`.
    """
    from normsim.cli.claims_command import claims_command, list_command

    if list_:
        list_command(ids or [], ledger, smoke, json)
    else:
        files = {"markdown": markdown, "latex": latex, "figure": figure}
        sizes = {"replications": replications, "points": points}
        claims_command(ids or [], ledger, out, smoke, sizes, workers, files, posterior, json)


@app.command()
@guarded
def query(
    directory: Results,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A query in DuckDB's SQL.", show_default=False)],
    timeout: Annotated[float, typer.Option(help="Time limit in seconds.", metavar="SECONDS")] = 300.0,
    memory: Annotated[float, typer.Option(help="Memory limit in GB.", metavar="GB")] = 4.0,
    csv: CsvFile = None,
    json: Json = False,
) -> None:
    """Query an experiment's tables: outcomes, points, and series, events and states if kept.

    A query is one SELECT. It reads these tables only: no files, no network, no extensions.
    """
    from normsim.cli.tables_commands import query_command

    query_command(directory, sql, json, csv, timeout, memory)


@app.command()
@guarded
def export(
    directory: Results,
    csv: Annotated[Path | None, typer.Option(help="A new folder for the tables as CSV.", show_default=False)] = None,
    ema: Annotated[
        Path | None, typer.Option(help="A new .tar.gz in the EMA workbench's form.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write more than a gigabyte without asking.")] = False,
) -> None:
    """Export an experiment's tables as CSV, or for scenario discovery with the EMA workbench."""
    from normsim.cli.tables_commands import export_command

    export_command(directory, csv, ema, yes)
