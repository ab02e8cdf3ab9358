"""Compare a scenario with a baseline, run by run on the same seeds.

Every effect is the scenario minus its baseline. Two runs of one seed share their random numbers, so their difference is
paired: it holds what the scenarios change, and little of what chance does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim.config.messages import nearest
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import Run, simulate
from normsim.errors import AnalysisError
from normsim.scenario import Scenario, load_scenario
from normsim.stats import Effect, paired_effect
from normsim.user_outcomes import Outcome, measure, user_outcomes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

COLUMNS = ("mean", "baseline_mean", "difference", "low", "high", "n", "mc_error", "verdict")
"""Columns of a table of effects beside the outcome; `normsim compare` and `--json` use the same names."""


@dataclass(frozen=True, repr=False)
class Comparison:
    """A scenario and its baseline, run on the same seeds.

    Attributes:
        scenario_runs: runs of the scenario.
        baseline_runs: runs of the baseline, seed by seed.
        scenario_outcomes: the outcomes of each run of the scenario by name; its summary if not given.
        baseline_outcomes: the same of the baseline.

    Example:
        >>> import normsim as ns
        >>> comparison = ns.compare("ukraine_2023", "no_transfer_2023", seeds=range(2), months=12)
        >>> comparison.effect("transfers").difference > 0
        True
    """

    scenario_runs: tuple[Run, ...]
    baseline_runs: tuple[Run, ...]
    scenario_outcomes: tuple[Mapping[str, float], ...] = ()
    baseline_outcomes: tuple[Mapping[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Check the pairing, and summarise the runs where no outcomes were given."""
        seeds = [[run.seed for run in runs] for runs in (self.scenario_runs, self.baseline_runs)]
        if not seeds[0] or seeds[0] != seeds[1]:
            raise AnalysisError(
                "a comparison needs runs of both scenarios on the same seeds, in the same order, and at least one"
            )
        for name in ("scenario", "baseline"):
            if not getattr(self, f"{name}_outcomes"):
                runs: tuple[Run, ...] = getattr(self, f"{name}_runs")
                object.__setattr__(self, f"{name}_outcomes", tuple(run.summary() for run in runs))

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.scenario_runs[0].scenario

    @property
    def baseline(self) -> Scenario:
        """What it is compared with."""
        return self.baseline_runs[0].scenario

    @property
    def labels(self) -> tuple[str, str]:
        """Names of scenario and baseline, made distinct if they are equal."""
        return labels(self.scenario, self.baseline)

    @property
    def seeds(self) -> list[int]:
        """The seeds of the pairs."""
        return [run.seed for run in self.scenario_runs]

    @property
    def outcomes(self) -> list[str]:
        """Names of the outcomes."""
        return list(self.scenario_outcomes[0])

    def effects(self, names: Iterable[str] | None = None) -> list[Effect]:
        """Return the effects on some outcomes: scenario minus baseline.

        Args:
            names: names of outcomes; all if not given.

        Raises:
            AnalysisError: there is no such outcome.
        """
        return [self.effect(name) for name in (self.outcomes if names is None else names)]

    def effect(self, outcome: str) -> Effect:
        """Return the effect on one outcome: scenario minus baseline.

        Raises:
            AnalysisError: there is no such outcome.
        """
        if outcome not in self.outcomes:
            raise AnalysisError(f"no outcome {outcome!r} in this comparison{nearest(outcome, self.outcomes)}")
        sides = (self.scenario_outcomes, self.baseline_outcomes)
        return paired_effect(outcome, *([run[outcome] for run in side] for side in sides))

    def to_frame(self, names: Iterable[str] | None = None) -> "pd.DataFrame":
        """Return the effects as a table: one row per outcome.

        Args:
            names: names of outcomes; all if not given.

        Returns:
            mean (of the scenario), baseline_mean, difference (mean minus baseline_mean), low and high (95 % interval of
            the difference), n (pairs of runs), mc_error (standard error of the difference), verdict; indexed by
            outcome. `normsim compare` names its columns the same.
        """
        import pandas as pd

        effects = self.effects(names)
        rows = [[getattr(effect, column) for column in COLUMNS] for effect in effects]
        index = pd.Index([effect.outcome for effect in effects], name="outcome")
        return pd.DataFrame(rows, index=index, columns=list(COLUMNS))

    def plot(self, remark: str = "") -> "Figure":
        """Return the figure that `normsim run SCENARIO --vs BASELINE` saves.

        Args:
            remark: a further remark for the footer.
        """
        from normsim.figures.comparison_figure import draw

        return draw(self, remark)

    def __repr__(self) -> str:
        """Say what is compared, over how many pairs and months."""
        scenario, baseline = self.labels
        pairs = f"{len(self.seeds)} pair{'s' if len(self.seeds) > 1 else ''}"
        return f"<Comparison: {scenario} minus {baseline}, {pairs} of runs, {self.scenario.months} months>"

    def _repr_html_(self) -> str:
        """The table of effects, for notebooks."""
        from html import escape

        return f"<p>{escape(repr(self)[1:-1])}</p>{self.to_frame().to_html(float_format='{:,.4g}'.format)}"


def labels(scenario: Scenario, baseline: Scenario) -> tuple[str, str]:
    """Return names for two scenarios, made distinct if they are equal."""
    same = scenario.name == baseline.name
    return scenario.name, f"{baseline.name} (baseline)" if same else baseline.name


def check_comparable(scenario: Scenario, baseline: Scenario, option: str = "months=") -> None:
    """Check that two scenarios cover the same months, without which their runs cannot be paired.

    Args:
        scenario: the scenario.
        baseline: what it is compared with.
        option: how the caller sets the number of months, for the message.

    Raises:
        AnalysisError: they start or end in different months.
    """
    both = (scenario, baseline)
    if len({(each.start.year, each.start.month) for each in both}) > 1:
        starts = " and ".join(f"{each.name} starts in {each.start:%Y-%m}" for each in both)
        raise AnalysisError(f"{starts}: only runs over the same months can be compared; give both the same start")
    if scenario.months != baseline.months:
        lengths = " and ".join(f"{each.name} lasts {each.months} months" for each in both)
        shortest = min(each.months for each in both)
        raise AnalysisError(f"{lengths}: choose one length for both, as in {option}{shortest}")


def compare(
    scenario: Scenario | str,
    baseline: Scenario | str,
    seeds: Iterable[int] = range(20),
    *,
    rules: Rules | None = None,
    months: int | None = None,
    outcomes: Mapping[str, Outcome] | str | Path | None = None,
    on_run: Callable[[int], None] | None = None,
) -> Comparison:
    """Run a scenario and a baseline on the same seeds; effects are the scenario minus the baseline.

    This is `normsim run SCENARIO --vs BASELINE`: the same runs, the same differences.

    Args:
        scenario: a scenario, its name, or the path of its file.
        baseline: what it is compared with.
        seeds: seeds of the pairs.
        rules: rules to use on both sides instead of the model's own.
        months: number of months to run instead of the scenarios' own.
        outcomes: outcomes of your own, beside the model's: functions of a run by name, or a Python file of them.
        on_run: called with the number of runs done, e.g. to show progress.

    Returns:
        the comparison.

    Raises:
        ScenarioError: a scenario cannot be loaded, or the number of months is out of range.
        AnalysisError: the scenarios do not cover the same months, or there are no seeds.
        UserFileError: an own outcome cannot be used.

    Example:
        >>> import normsim as ns
        >>> peak = {"peak_users": lambda run: run.series["users"].max()}
        >>> comparison = ns.compare("ukraine_2023", "no_transfer_2023", range(2), months=12, outcomes=peak)
        >>> comparison.effect("peak_users").n
        2
    """
    pair = [load_scenario(each) for each in (scenario, baseline)]
    if months is not None:
        pair = [each.with_months(months) for each in pair]
    check_comparable(pair[0], pair[1])
    own = user_outcomes(outcomes)
    runs: tuple[list[Run], list[Run]] = ([], [])
    measured: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
    for seed in seeds:
        for side, each in enumerate(pair):
            run = simulate(each, seed, rules, log_level=1 if own else 0)
            runs[side].append(run)
            measured[side].append(measure(run, own))
            if on_run is not None:
                on_run(len(runs[0]) + len(runs[1]))
    sides: list[Any] = [tuple(each) for each in (*runs, *measured)]
    return Comparison(*sides)
