"""What figures are drawn from: the results of an experiment, run if they are missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from normsim.experiment import Experiment, Progress, Results, run_experiment
from normsim.paper.errors import PaperError
from normsim.paper.plan import FigureTable, Paper
from normsim.paper.stamp import address, parts_of

SMALL = 10_000
"""Months in all up to which an experiment is run in this process: starting others would take longer."""

Show = Callable[[Progress], None]


def _silent(_: Experiment) -> AbstractContextManager[Show | None]:
    return nullcontext(None)


@dataclass(frozen=True)
class Runner:
    """How experiments are run.

    Attributes:
        workers: processes; one a core if not said.
        should_stop: asked now and then; once true, what runs is finished and nothing more is begun.
        display: what shows the progress of an experiment.
    """

    workers: int | None = None
    should_stop: Callable[[], bool] = lambda: False
    display: Callable[[Experiment], AbstractContextManager[Show | None]] = _silent

    def run(self, experiment: Experiment, directory: Path) -> Results:
        """Run an experiment, or go on with it.

        Raises:
            PaperError: it was interrupted, or some of its runs failed.
            StoreError: the directory cannot be used.
        """
        months = sum(scenario.months for scenario in experiment.scenarios) / len(experiment.scenarios)
        workers = 0 if self.workers is None and experiment.runs * months <= SMALL else self.workers
        # the directory's name says that code, data and experiment are the same: what may differ is a package's version
        options: dict[str, Any] = {"workers": workers, "code_may_change": True, "should_stop": self.should_stop}
        with self.display(experiment) as show:
            results = run_experiment(experiment, directory, on_progress=show, **options)
        if results.failed:
            raise PaperError(
                f"{results.failed:,} of {results.total:,} runs of {experiment.name} failed; see them with: "
                f"normsim batch status {directory}"
            )
        if not results.complete:
            raise InterruptedPaperError(f"{results.total - results.done:,} runs of {experiment.name} are still missing")
        return results


class InterruptedPaperError(PaperError):
    """Work that was stopped before its end; the same command goes on."""


@dataclass(frozen=True)
class Made:
    """What a figure is drawn from, once it is there.

    Attributes:
        content: results of each experiment, or the verdicts on the claims.
        hashes: digest of the outcomes, by experiment.
        facts: what captions tell of the runs, by name.
    """

    content: list[Any]
    hashes: dict[str, str]
    facts: dict[str, str]


@dataclass(frozen=True)
class Experiments:
    """The experiments behind a figure.

    Attributes:
        experiments: the experiments by id.
    """

    experiments: Mapping[str, Experiment] = field(default_factory=dict)

    def parts(self) -> dict[str, dict[str, str]]:
        """Digest of each part of each experiment."""
        return {name: parts_of(experiment) for name, experiment in self.experiments.items()}

    def directories(self) -> dict[str, str]:
        """Where the results lie, from the folder of the paper on."""
        found = self.experiments.items()
        return {name: f"results/{name}/{address(experiment.fingerprint())}" for name, experiment in found}

    def make(self, out: Path, runner: Runner) -> Made:
        """The results, run as far as they are missing."""
        places = self.directories()
        results = {name: runner.run(experiment, out / places[name]) for name, experiment in self.experiments.items()}
        return Made(
            list(results.values()),
            {name: found.hash() for name, found in results.items()},
            _facts(list(self.experiments.values())),
        )


def _facts(experiments: list[Experiment]) -> dict[str, str]:
    """What captions tell of the runs."""
    runs = sum(experiment.runs for experiment in experiments)
    replications = _several(f"{experiment.replications:,}" for experiment in experiments)
    seeds = _several(str(experiment.seed) for experiment in experiments)
    points = _several(f"{len(experiment.points):,}" for experiment in experiments)
    each = f", {replications} of each of {points} design points" if runs > experiments[0].replications else ""
    prints = ", ".join(f"{experiment.name} {experiment.fingerprint()[:12]}" for experiment in experiments)
    scenarios = dict.fromkeys(scenario.name for experiment in experiments for scenario in experiment.scenarios)
    months = _several(f"{scenario.months:,}" for experiment in experiments for scenario in experiment.scenarios)
    return {
        "n": replications,
        "seed": seeds,
        "points": points,
        "runs": f"{runs:,}",
        "runs_told": f"{runs:,} runs{each}",
        "months": months,
        "scenarios": ", ".join(scenarios),
        "experiments": prints,
    }


def _several(words: Any) -> str:
    return " and ".join(dict.fromkeys(words))


def source_of(paper: Paper, figure: FigureTable, smoke: bool) -> Experiments:
    """What a figure is drawn from.

    Raises:
        ScenarioError: an experiment cannot be taken.
    """
    return Experiments({name: paper.experiment(name, smoke) for name in figure.experiments})
