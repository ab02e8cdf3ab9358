"""`normsim run`: one scenario, or two side by side."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from normsim import __version__
from normsim.cli import output_files as outputs
from normsim.cli.compile_notice import compiling
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import console, note, say, say_json
from normsim.scenario import Scenario, ScenarioError, load_scenario

if TYPE_CHECKING:
    from normsim.analysis.compare import Comparison
    from normsim.engine.rules import Rules
    from normsim.engine.simulate import Run

RUNS_SIDE_BY_SIDE = 20
"""Seeds of a comparison, if not said otherwise."""

MAX_RUNS = 100_000

PATIENCE = 2.0
"""Seconds of work from which on progress is shown [s]."""


@dataclass(frozen=True)
class Command:
    """The arguments of `normsim run`."""

    scenario: str
    vs: str | None
    seed: int
    runs: int | None
    months: int | None
    out: Path | None
    rules: Path | None
    json: bool

    def seeds(self) -> range:
        """The seeds to run.

        Raises:
            BadInputError: there are none such.
        """
        if self.seed < 0:
            raise BadInputError(f"--seed {self.seed}: a seed is a whole number from 0 on")
        count = self.runs if self.runs is not None else 1 if self.vs is None else RUNS_SIDE_BY_SIDE
        if not 1 <= count <= MAX_RUNS:
            raise BadInputError(f"--runs {count}: allowed is a whole number from 1 to {MAX_RUNS:,}")
        return range(self.seed, self.seed + count)

    def scenarios(self) -> list[Scenario]:
        """The scenario, and the other if there is one, over the months wanted.

        Raises:
            ScenarioError: one cannot be taken.
            BadInputError: the two do not run over the same months.
        """
        found = [load_scenario(self.scenario)]
        if self.vs is not None:
            found.append(load_scenario(self.vs))
        if self.months is not None:
            try:
                found = [scenario.with_months(self.months) for scenario in found]
            except ScenarioError as error:
                raise BadInputError(f"--{error.problem}") from None
        if len({(s.start.year, s.start.month) for s in found}) > 1:
            starts = " and ".join(f"{s.name} starts in {s.start:%Y-%m}" for s in found)
            raise BadInputError(f"{starts}: side by side, two scenarios meet the same months; give both the same start")
        if len({s.months for s in found}) > 1:
            lengths = " and ".join(f"{s.name} lasts {s.months} months" for s in found)
            shortest = min(s.months for s in found)
            raise BadInputError(f"{lengths}: choose one length for both, as in --months {shortest}")
        return found

    def labels(self, scenarios: list[Scenario]) -> list[str]:
        """Names to tell the scenarios apart by."""
        names = [scenario.name for scenario in scenarios]
        return names if len(set(names)) == len(names) else [names[0], f"{names[1]} (other)"]

    def record(self, scenarios: list[Scenario]) -> dict[str, Any]:
        """The command as its results carry it: names, never where on a machine they lie."""
        return {
            "command": "run",
            "scenario": scenarios[0].name,
            "vs": scenarios[1].name if self.vs is not None else None,
            "seed": self.seed,
            "runs": len(self.seeds()),
            "months": scenarios[0].months,
            "rules": self.rules.name if self.rules is not None else None,
        }


def run_command(command: Command) -> None:
    """Run, print, write."""
    seeds, scenarios = command.seeds(), command.scenarios()
    labels, record = command.labels(scenarios), command.record(scenarios)
    if command.out is not None:
        outputs.refuse_foreign(command.out, record)
    drawn_at = command.out
    if command.vs is not None and command.out is None and not command.json:
        drawn_at = outputs.default_folder(scenarios)
        outputs.refuse_foreign(drawn_at, record, same=("scenario", "vs"))
    rules = _rules(command.rules)
    quiet = command.out is None and len(scenarios) * len(seeds) > 1
    with _failing_rules(command.rules):
        made = _run_all(scenarios, seeds, rules, quiet)

    comparison = _compared(made) if command.vs is not None else None
    summary = _payload(record, scenarios, labels, made, comparison, rules)
    files: list[outputs.File] = []
    if comparison is not None and drawn_at is not None:
        files += _figure(comparison, labels, rules)
    if command.out is not None:
        files += outputs.tables(scenarios, labels, made)
    if drawn_at is not None:
        files.append(("summary.json", partial(outputs.write_summary, summary)))
        outputs.write(drawn_at, files)
    _tell(command, scenarios, labels, made, comparison, summary)
    if drawn_at is not None:
        wrote = f"wrote {', '.join(sorted(name for name, _ in files))} to {drawn_at}"
        note(wrote) if command.json else say("", wrote)


def _tell(
    command: Command,
    scenarios: list[Scenario],
    labels: list[str],
    made: list[list["Run"]],
    comparison: "Comparison | None",
    summary: dict[str, Any],
) -> None:
    """Print the result."""
    from normsim.cli import run_tables

    if command.json:
        if comparison is None and len(made[0]) == 1:
            summary = summary | {"events": run_tables.telling(made[0][0])}
        say_json(summary)
    elif comparison is not None:
        run_tables.side_by_side(comparison, scenarios, labels, (command.scenario, command.vs or ""))
    elif len(made[0]) == 1:
        run_tables.one_run(made[0][0], command.scenario)
    else:
        run_tables.many_runs(made[0], command.scenario)


def _rules(path: Path | None) -> "Rules | None":
    """Rules of a file."""
    if path is None:
        return None
    from normsim.engine.rules import Rules

    return Rules.from_file(path)


@contextmanager
def _failing_rules(path: Path | None) -> Iterator[None]:
    """With a user's own rules, whatever fails is taken for theirs, and said in a line."""
    try:
        yield
    except Exception as error:
        if path is None:
            raise
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        told = next((line for line in lines if not line.startswith(("Failed in", "-"))), "")
        raise BadInputError(f"the rules of {path.name} cannot be run: {type(error).__name__}: {told}") from None


def _run_all(scenarios: list[Scenario], seeds: range, rules: "Rules | None", quiet: bool) -> list[list["Run"]]:
    """Every scenario on every seed, seed by seed, with progress if it takes long."""
    from normsim.engine.columns import Choice
    from normsim.engine.simulate import simulate

    made: list[list[Run]] = [[] for _ in scenarios]
    pairs = [(seed, place) for seed in seeds for place in range(len(scenarios))]

    def do(seed: int, place: int) -> None:
        run = simulate(scenarios[place], seed, rules, log_level=0 if quiet else 1)
        if len(pairs) > 1:  # thousands of condemnations a run, which the series count
            run.log = run.log[run.log["choice"] != Choice.CONDEMN].copy()
        made[place].append(run)

    with compiling(rules):
        do(*pairs[0])
    begun = perf_counter()
    for pair in pairs[1:2]:
        do(*pair)
    rest = pairs[2:]
    slow = (perf_counter() - begun) * len(rest) > PATIENCE
    for pair in _progress(rest) if slow else rest:
        do(*pair)
    return made


def _progress(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The pairs, with a bar on stderr that says how long it will take."""
    from rich import progress as bars

    err = console(err=True)
    told = (bars.TextColumn("running"), bars.BarColumn(), bars.MofNCompleteColumn())
    left = (bars.TextColumn("left"), bars.TimeRemainingColumn())
    with bars.Progress(*told, *left, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield from progress.track(pairs)


def _compared(made: list[list["Run"]]) -> "Comparison":
    """The comparison: what is asked about is second, so that an effect is SCENARIO minus OTHER."""
    from normsim.analysis.compare import Comparison

    return Comparison(first=tuple(made[1]), second=tuple(made[0]))


def _figure(comparison: "Comparison", labels: list[str], rules: "Rules | None") -> list[outputs.File]:
    """The figure as files."""
    from normsim.figures.comparison_figure import draw
    from normsim.figures.style import save

    own = f"own rules {rules.digest()}" if rules and rules.digest() else ""
    figure = draw(comparison, labels=(labels[1], labels[0]), remark=own)
    return [(f"comparison.{kind}", partial(save, figure)) for kind in ("png", "pdf")]


def _payload(
    record: dict[str, Any],
    scenarios: list[Scenario],
    labels: list[str],
    made: list[list["Run"]],
    comparison: "Comparison | None",
    rules: "Rules | None",
) -> dict[str, Any]:
    """What summary.json and --json say."""
    told: dict[str, Any] = {
        "normsim": __version__,
        "command": record,
        "rules": rules.digest() if rules else "",
        "scenarios": [
            {
                "label": label,
                "title": s.title,
                "question": s.question,
                "start": s.start,
                "months": s.months,
                "regimes": list(s.regimes),
                "fingerprint": s.fingerprint(),
            }
            for s, label in zip(scenarios, labels, strict=True)
        ],
        "runs": [
            {"scenario": label, "seed": run.seed, "digest": run.digest(), "summary": run.summary()}
            for label, runs in zip(labels, made, strict=True)
            for run in runs
        ],
    }
    if comparison is not None:
        told["effects"] = [
            {
                "outcome": effect.outcome,
                labels[0]: effect.second,
                labels[1]: effect.first,
                "difference": effect.difference,
                "low": effect.low,
                "high": effect.high,
                "n": effect.n,
                "distinguishable": effect.distinguishable,
            }
            for effect in comparison.effects()
        ]
        told["difference"] = f"{labels[0]} minus {labels[1]}, paired by seed; 95 % interval (Student's t)"
    return told
