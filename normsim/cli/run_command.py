"""`normsim run`: one scenario, or a scenario and its baseline."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli import output_files as outputs
from normsim.cli.compile_notice import compiling
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import console, note, say, say_json
from normsim.errors import ScenarioWarning, UserFileError
from normsim.scenario import Scenario, ScenarioError, load_scenario
from normsim.user_files import user_file_digest

if TYPE_CHECKING:
    from normsim.comparison import Comparison
    from normsim.engine.rule_set import Rules
    from normsim.engine.simulate import Run
    from normsim.figures.user_figures import UserFigure
    from normsim.user_outcomes import Outcome

RUNS_SIDE_BY_SIDE = 20
"""Seeds of a comparison, if not said otherwise."""

MAX_RUNS = 100_000

FILES = ("rules", "outcomes", "figures")
"""Options that name a user's Python file."""

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
    rules: Path | None = None
    outcomes: Path | None = None
    figures: Path | None = None
    json: bool = False
    posterior: bool = False

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
        """The scenario, and its baseline if there is one, over the months wanted.

        Raises:
            ScenarioError: one cannot be loaded.
            AnalysisError: the two do not cover the same months.
        """
        found = [load_scenario(self.scenario)]
        if self.vs is not None:
            found.append(load_scenario(self.vs))
        if self.months is not None:
            try:
                found = [scenario.with_months(self.months) for scenario in found]
            except ScenarioError as error:
                raise BadInputError(f"--{error.problem}") from None
        if len(found) > 1:
            from normsim.comparison import check_comparable

            check_comparable(found[0], found[1], option="--months ")
        return found

    def record(self, scenarios: list[Scenario]) -> dict[str, Any]:
        """The command as its results carry it: names, never where on a machine they lie."""
        return {
            "command": "run",
            "scenario": scenarios[0].name,
            "vs": scenarios[1].name if self.vs is not None else None,
            "seed": self.seed,
            "runs": len(self.seeds()),
            "months": scenarios[0].months,
            **({"posterior": True} if self.posterior else {}),
            **{name: file.name if (file := getattr(self, name)) is not None else None for name in FILES},
        }


@dataclass
class Made:
    """The runs of one scenario.

    Attributes:
        scenario: the scenario.
        label: its name in tables.
        runs: its runs, one per seed.
        outcomes: the outcomes of each run, those of the user among them.
    """

    scenario: Scenario
    label: str
    runs: list["Run"] = field(default_factory=list)
    outcomes: list[dict[str, float]] = field(default_factory=list)


def run_command(command: Command) -> None:
    """Run, print, write."""
    from normsim.user_outcomes import user_outcomes

    seeds, scenarios = command.seeds(), command.scenarios()
    record = command.record(scenarios)
    if command.out is not None:
        outputs.refuse_foreign(command.out, record)
    folder = command.out
    draws = command.figures is not None or (command.vs is not None and not command.json)
    if folder is None and draws:
        folder = outputs.default_folder(scenarios)
        outputs.refuse_foreign(folder, record, same=("scenario", "vs"))
    rules, own_outcomes, own_figures = _rules(command.rules), user_outcomes(command.outcomes), _own_figures(command)
    quiet = command.out is None and len(scenarios) * len(seeds) > 1 and not (own_outcomes or own_figures)
    with _failing_rules(command.rules):
        made = _run_all(scenarios, seeds, rules, own_outcomes, quiet, command.posterior)
    _warn_of_events_not_done(made)

    comparison = _compared(made) if command.vs is not None else None
    summary = _payload(command, record, made, comparison, rules)
    files: list[outputs.File] = []
    if comparison is not None and folder is not None:
        files += _figure(comparison, rules)
    if own_figures:
        from normsim.figures.user_figures import figure_files

        subjects = {"comparison": comparison, "run": made[0].runs[0], "runs": tuple(made[0].runs)}
        files += figure_files(own_figures, subjects)
    if command.out is not None:
        files += outputs.tables(scenarios, [side.label for side in made], [side.runs for side in made])
    if folder is not None:
        files.append(("summary.json", partial(outputs.write_summary, summary)))
        outputs.write(folder, files)
    _tell(command, made, comparison, summary, own_outcomes)
    if folder is not None:
        wrote = f"wrote {', '.join(sorted(name for name, _ in files))} to {folder}"
        note(wrote) if command.json else say("", wrote)


def _tell(
    command: Command,
    made: list[Made],
    comparison: "Comparison | None",
    summary: dict[str, Any],
    own: "dict[str, Outcome]",
) -> None:
    """Print the result."""
    from normsim.cli import run_tables

    if command.json:
        if comparison is None and len(made[0].runs) == 1:
            summary = summary | {"events": run_tables.telling(made[0].runs[0])}
        say_json(summary)
    elif comparison is not None:
        run_tables.side_by_side(comparison, (command.scenario, command.vs or ""), own)
    elif len(made[0].runs) == 1:
        run_tables.one_run(made[0].runs[0], made[0].outcomes[0], command.scenario, own)
    else:
        run_tables.many_runs(made[0].runs, made[0].outcomes, command.scenario, own)
    if command.posterior and not command.json:
        say(
            "",
            "Each run is at the point of the posterior that its seed names, not at the defaults (docs/calibration.md).",
        )


def _own_figures(command: Command) -> "list[UserFigure]":
    """The user's figures of what this command makes."""
    if command.figures is None:
        return []
    from normsim.figures.user_figures import user_figures

    one = command.vs is None and len(command.seeds()) == 1
    offered = ("comparison",) if command.vs is not None else ("run", "runs") if one else ("runs",)
    return user_figures(command.figures, offered)


def _rules(path: Path | None) -> "Rules | None":
    """Rules of a file."""
    if path is None:
        return None
    from normsim.engine.rule_set import Rules

    return Rules.from_file(path)


@contextmanager
def _failing_rules(path: Path | None) -> Iterator[None]:
    """With a user's own rules, whatever fails is taken for theirs and becomes one error line."""
    try:
        yield
    except Exception as error:
        if path is None or isinstance(error, UserFileError):
            raise
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        told = next((line for line in lines if not line.startswith(("Failed in", "-"))), "")
        raise BadInputError(f"the rules of {path.name} cannot be run: {type(error).__name__}: {told}") from None


def _run_all(
    scenarios: list[Scenario],
    seeds: range,
    rules: "Rules | None",
    own: "dict[str, Outcome]",
    quiet: bool,
    posterior: bool,
) -> list[Made]:
    """Every scenario on every seed, seed by seed, with progress if it takes long."""
    from normsim.comparison import labels
    from normsim.engine.columns import Choice
    from normsim.engine.simulate import simulate
    from normsim.user_outcomes import measure

    names = labels(*scenarios) if len(scenarios) > 1 else (scenarios[0].name,)
    made = [Made(scenario, name) for scenario, name in zip(scenarios, names, strict=True)]
    pairs = [(seed, place) for seed in seeds for place in range(len(scenarios))]

    def do(seed: int, place: int) -> None:
        scenario = scenarios[place].at_posterior(seed) if posterior else scenarios[place]
        run = simulate(scenario, seed, rules, log_level=0 if quiet else 1, warn=False)
        made[place].outcomes.append(measure(run, own))
        if len(pairs) > 1:  # thousands of condemnations a run, which the series count
            run.log = run.log[run.log["choice"] != Choice.CONDEMN].copy()
        made[place].runs.append(run)

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


def _warn_of_events_not_done(made: list[Made]) -> None:
    """Warn of the dated events that could not happen: one line per event, with its reason in the first such run."""
    for side in made:
        found = [missed for run in side.runs for missed in run.not_done]
        for place in sorted({missed.place for missed in found}):
            mine = [missed for missed in found if missed.place == place]
            many = f" (in {len(mine):,} of {len(side.runs):,} runs)" if len(side.runs) > 1 else ""
            warnings.warn(f"{side.scenario.name}: {mine[0].text}{many}", ScenarioWarning, stacklevel=2)


def _progress(pairs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The pairs, with a bar on stderr that says how long it will take."""
    from rich import progress as bars

    err = console(err=True)
    told = (bars.TextColumn("running"), bars.BarColumn(), bars.MofNCompleteColumn())
    left = (bars.TextColumn("left"), bars.TimeRemainingColumn())
    with bars.Progress(*told, *left, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield from progress.track(pairs)


def _compared(made: list[Made]) -> "Comparison":
    """The comparison of the scenario with its baseline."""
    from normsim.comparison import Comparison

    scenario, baseline = made
    sides = (scenario.runs, baseline.runs, scenario.outcomes, baseline.outcomes)
    return Comparison(*(tuple(side) for side in sides))  # type: ignore[arg-type]


def _figure(comparison: "Comparison", rules: "Rules | None") -> list[outputs.File]:
    """The figure of a comparison as files."""
    from normsim.figures.style import save

    figure = comparison.plot(f"own rules {rules.digest()}" if rules and rules.digest() else "")
    return [(f"comparison.{kind}", partial(save, figure)) for kind in ("png", "pdf")]


def _payload(
    command: Command,
    record: dict[str, Any],
    made: list[Made],
    comparison: "Comparison | None",
    rules: "Rules | None",
) -> dict[str, Any]:
    """The content of summary.json and of --json."""
    told: dict[str, Any] = {
        "normsim": __version__,
        "command": record,
        "rules": rules.digest() if rules else "",
        "outcomes": user_file_digest(command.outcomes) if command.outcomes is not None else "",
        "scenarios": [
            {
                "label": side.label,
                "title": side.scenario.title,
                "question": side.scenario.question,
                "start": side.scenario.start,
                "months": side.scenario.months,
                "regimes": list(side.scenario.regimes),
                "fingerprint": side.scenario.fingerprint(),
            }
            for side in made
        ],
        "runs": [
            {"scenario": side.label, "seed": run.seed, "digest": run.digest(), "summary": outcomes}
            for side in made
            for run, outcomes in zip(side.runs, side.outcomes, strict=True)
        ],
    }
    if comparison is not None:
        scenario, baseline = comparison.labels
        told |= {"scenario": scenario, "baseline": baseline}
        told["effects"] = [asdict(effect) | {"verdict": effect.verdict} for effect in comparison.effects()]
        told["difference"] = f"{scenario} minus {baseline}, paired by seed; 95 % interval (Student's t)"
    return told
