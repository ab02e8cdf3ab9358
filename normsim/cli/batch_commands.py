"""`normsim batch`: plan, run, go on with, look at and check experiments; `normsim replay`."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

from normsim.cli.compile_notice import compiling
from normsim.cli.error_lines import BadInputError
from normsim.cli.pace import Pace, duration
from normsim.cli.printing import console, decimals, heading, note, number, say, say_json, table
from normsim.cli.stop_signals import stop_signals

if TYPE_CHECKING:
    from rich.console import RenderableType

    from normsim.experiment import Experiment, Progress, Results

SOME_FAILED = 3
"""Exit code beside 0 (all done), 1 (input that cannot be taken) and those of a stop."""

SHOWN = 8
"""Scenarios whose headline is shown while an experiment runs, and failures that are listed."""

EVERY = 10.0
"""Seconds between lines where no display can be drawn [s]."""


@dataclass(frozen=True)
class How:
    """How to run, as asked on the command line."""

    workers: int | None = None
    scheduler: str | None = None
    rules: Path | None = None
    outcomes: Path | None = None
    max_failures: int | None = None
    timeout: float | None = None
    code_may_change: bool = False
    retry_failed: bool = False
    json: bool = False

    def options(self) -> dict[str, Any]:
        """The options of `run_experiment`.

        Raises:
            BadInputError: one is out of range.
        """
        for name, value in (("workers", self.workers), ("max-failures", self.max_failures)):
            if value is not None and value < 1:
                raise BadInputError(f"--{name} {value}: allowed is a whole number from 1")
        if self.timeout is not None and not self.timeout > 0.0:
            raise BadInputError(f"--run-timeout {self.timeout:g}: allowed are seconds above 0")
        return {name: value for name, value in vars(self).items() if name != "json"}


def plan_command(which: str, smoke: bool, workers: int | None, json: bool) -> None:
    """Say what an experiment would run, and estimate what it takes from a few of its runs."""
    from normsim.experiment import load_experiment
    from normsim.experiment.estimate import estimated
    from normsim.experiment.runner import default_workers

    experiment = load_experiment(which, smoke=smoke)
    workers = How(workers=workers).options()["workers"] or default_workers()
    with compiling():
        estimate = estimated(experiment, workers)
    told = {
        "title": experiment.title,
        "scenarios": [scenario.name for scenario in experiment.scenarios],
        "factors": list(experiment.factors),
        "points": len(experiment.points),
        "replications": experiment.replications,
        "runs": experiment.runs,
        "seconds_a_run": estimate.run,
        "workers": workers,
        "seconds": estimate.seconds,
        "bytes": estimate.bytes,
        "idle": _idle(experiment),
    }
    if json:
        say_json(told | {"fingerprint": experiment.fingerprint()})
        return
    say(heading(f"{experiment.title} ({experiment.name})"), experiment.question, "")
    pace = f"({estimate.run * 1e3:.0f} ms a run)"
    rows = [
        ("scenarios", _listed(scenario.name for scenario in experiment.scenarios)),
        *(("factor", line) for line in _factors(experiment)),
        ("points", f"{len(experiment.points):,}"),
        ("replications", f"{experiment.replications:,} ({experiment.seeds} seeds, from seed {experiment.seed})"),
        ("runs", f"{experiment.runs:,}"),
        ("outcomes", _listed(experiment.outcomes)),
        ("also stored", ", ".join(experiment.keep) or "nothing"),
        ("time", f"about {duration(estimate.seconds)} on {workers} worker{'s' * (workers > 1)} {pace}"),
        ("disk", f"about {size_in_words(estimate.bytes)}"),
    ]
    say(table(("plan", ""), rows))
    for warning in _idle(experiment):
        note(f"warning: {warning}")
    say("", f"Next: normsim batch run {which}{' --smoke' if smoke else ''} --out results/{experiment.name}")


def schema_command() -> None:
    """Print the JSON schema of experiment files."""
    from normsim.experiment import json_schema

    say_json(json_schema())


def list_command(json: bool) -> None:
    """List the packaged experiments."""
    from normsim.experiment import experiment_names, load_experiment

    found = [load_experiment(name) for name in experiment_names()]
    if json:
        say_json([{"name": e.name, "title": e.title, "question": e.question, "runs": e.runs} for e in found])
        return
    say(
        table(("experiment", "runs", "question"), [(e.name, f"{e.runs:,}", e.question) for e in found], right=("runs",))
    )
    say("", f"Next: normsim batch plan {found[0].name}")


def run_command(which: str, out: Path | None, smoke: bool, posterior: int | None, overwrite: bool, how: How) -> None:
    """Run an experiment into a directory, or go on with it."""
    from normsim.experiment import load_experiment
    from normsim.experiment.results_store import move_aside

    experiment = load_experiment(which, smoke=smoke)
    if posterior is not None:
        experiment = experiment.over_posterior(posterior)
    directory = out or Path("results") / (experiment.name + ("_smoke" if smoke else ""))
    if overwrite and directory.exists():
        note(f"moved what was there to {move_aside(directory)}")
    _run(experiment, directory, how)


def resume_command(directory: Path, replications: int | None, how: How, trust_rules: bool) -> None:
    """Go on with a directory, from what it holds itself."""
    from normsim.experiment import open_results
    from normsim.experiment.user_copies import stored_user_file

    results = open_results(directory, to_resume=True)
    experiment = results.experiment
    if replications is not None:
        if replications < experiment.replications:
            raise BadInputError(
                f"--replications {replications}: {directory} has {experiment.replications} already; more can be added"
            )
        experiment = experiment.with_replications(replications)
    own = {name: stored_user_file(results, name, trust_rules) for name in ("rules", "outcomes")}
    _run(experiment, directory, How(**{**vars(how), **own}))


def status_command(directory: Path, json: bool) -> None:
    """Say how far a directory is."""
    from normsim.experiment import open_results

    results = open_results(directory)
    told = _state(results)
    failures = results.failures()
    if json:
        say_json(told | {"failures": failures.to_dict("records")})
    else:
        _tell_state(results, told)
    raise typer.Exit(SOME_FAILED if results.failed else 0)


def verify_command(directory: Path, json: bool) -> None:
    """Check every file of a directory against what was committed."""
    from normsim.experiment import open_results

    results = open_results(directory)
    wrong = results.verify()
    if json:
        say_json(
            {"whole": not wrong, "wrong": wrong, "hash": results.hash() if results.done else "", **_state(results)}
        )
    elif wrong:
        say(heading(f"{directory} is not whole"), *wrong, "")
        say(f"Next: normsim batch resume {directory} does lost runs again")
    else:
        say(f"{directory} is whole: {results.done:,} of {results.total:,} runs, every file as it was committed")
        if results.done:
            say(f"sorted table of outcomes {results.hash()[:16]}")
    if not wrong:
        for remark in results.remarks():
            note(f"warning: {remark}")
    raise typer.Exit(1 if wrong else 0)


def replay_command(directory: Path, which: str, trust_rules: bool, json: bool) -> None:
    """Run one stored run again and compare."""
    from normsim.experiment import open_results
    from normsim.experiment.model_digest import listed
    from normsim.experiment.replay import replay

    point, dash, replication = which.partition("-")
    if not (dash and point.isdigit() and replication.isdigit()):
        raise BadInputError(f"{which}: a run is written POINT-REPLICATION, such as 3-0")
    results = open_results(directory)
    with compiling():
        found = replay(results, int(point), int(replication), trust_rules)
    if json:
        say_json(vars(found) | {"same": found.same})
    else:
        for name, then, now in found.versions:
            note(f"warning: {name} was {then} and is {now}; bits may differ between versions")
        if found.changed:
            note(f"warning: {listed(found.changed)} changed since; the numbers may differ")
        values = results.experiment.points[found.point]
        setting = ", ".join(f"{name} = {value}" for name, value in values.values.items()) or "no factor"
        say(heading(f"run {which}: {values.scenario}, {setting}, seed {found.seed}"))
        say(f"stored {found.stored}", f"again  {found.again}")
        rows = [(name, f"{then:.12g}", f"{now:.12g}") for name, then, now in found.differences]
        if rows:
            say(table(("outcome", "stored", "again"), rows, right=("stored", "again")))
        say("the same, bit for bit" if found.same else "not the same")
    raise typer.Exit(0 if found.same else 1)


def _run(experiment: "Experiment", directory: Path, how: How) -> None:
    """Run, show, and say how it ended."""
    from normsim.engine.rule_set import Rules
    from normsim.experiment import run_experiment
    from normsim.experiment.estimate import sample
    from normsim.experiment.worker import run_chunk
    from normsim.user_outcomes import user_outcomes

    options = how.options()
    rules = Rules.from_file(how.rules) if how.rules else None
    user_outcomes(how.outcomes)
    if how.scheduler is None and rules is None:
        with compiling():  # once, here: workers then find it on disk
            run_chunk(sample(experiment.with_own_outcomes(()), 1))
    with stop_signals() as stopped, progress_display(experiment.headline, quiet=how.json) as show:
        results = run_experiment(experiment, directory, on_progress=show, should_stop=stopped, **options)
    told = _state(results)
    if how.json:
        say_json(told)
    else:
        _tell_state(results, told)
    _warn_of_events_not_done(results)
    if results.complete:
        raise typer.Exit(0)
    raise typer.Exit(stopped.code or SOME_FAILED)


def _idle(experiment: "Experiment") -> list[str]:
    """Factors that cannot act in a scenario, since their regime is off there."""
    idle = experiment.idle_factors().items()
    return [f"{name} does nothing in {', '.join(off)}, where {name.partition('.')[0]} is off" for name, off in idle]


def _factors(experiment: "Experiment") -> list[str]:
    """A line a factor, or one for many."""
    lines = []
    for block in experiment.blocks:
        names = block.names
        if len(names) > SHOWN:
            lines.append(f"{len(names)} parameters ({block.method}), {', '.join(names[:3])}, ...")
            continue
        for name in names:
            values = list(dict.fromkeys(point.values[name] for point in experiment.points))
            short = _listed([f"{v:.6g}" if isinstance(v, float) else str(v) for v in values])
            if block.method in ("latin_hypercube", "sobol", "morris"):
                low, high = block.bounds(name)
                short = f"{low:g} to {high:g}"
            lines.append(f"{name} ({block.method}): {short}")
    return lines


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names) if len(names) <= SHOWN else f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"


def size_in_words(size: float) -> str:
    """A size on disk as people say it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _state(results: "Results") -> dict[str, Any]:
    return {
        "directory": results.directory.name,
        "title": results.manifest["title"],
        "points": results.manifest["points"],
        "replications": results.manifest["replications"],
        "runs": results.total,
        "done": results.done,
        "failed": results.failed,
        "missing": results.total - results.done - results.failed,
        "events_not_done": results.events_not_done(),
        "fingerprint": results.fingerprint,
    }


def _tell_state(results: "Results", told: dict[str, Any]) -> None:
    """Print how far a directory is, and what to do next."""
    directory = results.directory
    say(heading(f"{told['title']} in {directory}"))
    say(f"{told['done']:,} of {told['runs']:,} runs done, {told['failed']:,} failed, {told['missing']:,} missing")
    if told["failed"]:
        found = results.failures().to_dict("records")
        rows = [
            (f"{f['point']}-{f['replication']}", str(f["scenario"]), f"{f['kind']}: {f['message']}"[:90]) for f in found
        ]
        say("", table(("run", "scenario", "why it failed"), rows[:SHOWN]))
        if len(rows) > SHOWN:
            say(f"and {len(rows) - SHOWN} more: normsim batch status {directory} --json")
    if told["missing"]:
        say("", f"Next: normsim batch resume {directory}")
    elif told["failed"]:
        say("", f"Next: normsim batch retry-failed {directory}")
    else:
        one = len(results.experiment.scenarios) < 2
        query = '"SELECT scenario, count(*) AS runs FROM outcomes GROUP BY scenario"'
        follow = (
            f"query {directory} {query}"
            if one
            else f"compare {directory} --baseline {results.experiment.scenarios[0].name}"
        )
        say("", f"Next: normsim {follow}")


def _warn_of_events_not_done(results: "Results") -> None:
    """Warn of runs in which dated events could not happen."""
    found = results.events_not_done()
    if found:
        which = f"{', '.join(list(found)[:SHOWN])}{' and others' if len(found) > SHOWN else ''}"
        told = f"dated events could not happen in {sum(found.values()):,} of {results.done:,} runs, in {which}"
        file = results.directory / "scenarios" / f"{next(iter(found))}.toml"
        note(f"warning: {told}; which and why: normsim run {file}")


@contextmanager
def progress_display(headline: str, quiet: bool) -> Iterator["Callable[[Progress], None]"]:
    """A live display, or lines now and then where none can be drawn.

    Args:
        headline: the outcome whose means are shown, if the progress has any.
        quiet: show nothing.
    """
    err = console(err=True)
    if quiet or not sys.stderr.isatty():
        yield _lines(quiet)
        return
    from rich.console import Group
    from rich.live import Live
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    bar = Bar(*columns, console=err)
    task, pace = bar.add_task("starting workers", total=None), Pace()
    with Live(bar, console=err, transient=True, refresh_per_second=4) as live:

        def show(progress: "Progress") -> None:
            done = progress.done + progress.failed
            bar.update(task, completed=done, total=progress.total, description=pace.told(progress))
            for told in progress.told:
                note(told)
            progress.told.clear()
            parts: list[RenderableType] = [bar]
            if progress.headline:
                parts.append(_headline(headline, progress))
            live.update(Group(*parts))

        yield show


def _lines(quiet: bool) -> "Callable[[Progress], None]":
    last, pace = perf_counter(), Pace()

    def show(progress: "Progress") -> None:
        nonlocal last
        how = pace.told(progress)
        for told in progress.told:
            note(told)
        progress.told.clear()
        if quiet or perf_counter() - last < EVERY:
            return
        last = perf_counter()
        note(f"{progress.done:,} of {progress.total:,} runs, {how}")

    return show


def _headline(headline: str, progress: "Progress") -> Any:
    """The headline outcome so far, by scenario."""
    found = list(progress.headline.items())
    places = decimals([mean for _, (mean, _, _) in found])
    rows = [
        (name, number(mean, places), f"{number(mean - half, places)} to {number(mean + half, places)}", f"{n:,}")
        for name, (mean, half, n) in found[:SHOWN]
    ]
    columns = (f"{headline} so far", "mean", "95 % interval", "runs")
    return table(columns, rows, right=("mean", "runs"))
