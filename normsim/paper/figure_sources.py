"""What figures are drawn from: results of experiments or verdicts on the claims, run as far as they are missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from normsim.claims import Ledger, load_ledger, run_claims, verdicts
from normsim.claims.trials import points_of, runs_needed
from normsim.claims.verdict_table import with_posterior
from normsim.errors import PaperError
from normsim.experiment import Experiment, Progress, Results, StoreError, open_results, run_experiment
from normsim.experiment.manifest import MANIFEST
from normsim.paper.figure_stamp import address, parts_of
from normsim.paper.paper_plan import FigureTable, Paper
from normsim.posterior import provenance

SMALL = 10_000
"""Months in all up to which an experiment is run in this process: starting others would take longer."""

Show = Callable[[Progress], None]


def _silent(_: str) -> AbstractContextManager[Show | None]:
    return nullcontext(None)


@dataclass(frozen=True)
class Runner:
    """How experiments are run.

    Attributes:
        workers: processes; one a core if not said.
        should_stop: asked now and then; once true, what runs is finished and nothing more is begun.
        display: what shows the progress, given the outcome whose mean is shown, if any.
        claims: folder of the claims' runs; one within the paper's if not said.
    """

    workers: int | None = None
    should_stop: Callable[[], bool] = lambda: False
    display: Callable[[str], AbstractContextManager[Show | None]] = _silent
    claims: Path | None = None

    def run(self, experiment: Experiment, directory: Path) -> Results:
        """Run an experiment, or go on with it.

        Raises:
            PaperError: it was interrupted, or some of its runs failed.
            StoreError: the directory cannot be used.
        """
        months = sum(scenario.months for scenario in experiment.scenarios) / len(experiment.scenarios)
        workers = 0 if self.workers is None and experiment.runs * months <= SMALL else self.workers
        options: dict[str, Any] = {"workers": workers, "should_stop": self.should_stop}
        with self.display(experiment.headline) as show:
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


class Source(Protocol):
    """What a figure is drawn from."""

    def parts(self) -> dict[str, dict[str, str]]:
        """Digest of each part of what is run, by experiment."""

    def directories(self) -> dict[str, str]:
        """Where the results lie, from the folder of the paper on."""

    def make(self, out: Path, runner: Runner) -> Made:
        """The results, run as far as they are missing.

        Raises:
            PaperError: it was interrupted, or some runs failed.
            StoreError: a directory cannot be used.
        """


@dataclass(frozen=True)
class Experiments:
    """Results of experiments.

    Attributes:
        experiments: the experiments by id.
    """

    experiments: Mapping[str, Experiment]

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
        hashes = {name: found.hash() for name, found in results.items()}
        return Made(list(results.values()), hashes, _facts(list(self.experiments.values())))


@dataclass(frozen=True)
class Claims:
    """The verdicts on the claims of the packaged ledger, over the whole space and over the posterior.

    Attributes:
        ledger: the claims.
        smoke: whether they are tested at their small size.
    """

    ledger: Ledger
    smoke: bool

    @property
    def ledgers(self) -> tuple[Ledger, Ledger]:
        """The ledger over the whole space, and over the posterior."""
        return self.ledger, replace(self.ledger, space="posterior")

    def parts(self) -> dict[str, dict[str, str]]:
        """Digest of each claim and each arm, and the sizes."""
        claims = {f"claim.{claim.id}": _digest(repr(claim)) for claim in self.ledger.claims}
        arms = {f"arm.{name}": arm.fingerprint() for name, arm in self.ledger.arms.items()}
        return {"claims": self._sizes() | {"posterior": str(provenance()["model"])} | claims | arms}

    def _sizes(self) -> dict[str, str]:
        names = ("seed", "replications", "points", "point_replications")
        return {name: str(getattr(self.ledger, name)) for name in names}

    def directories(self) -> dict[str, str]:
        """Folder of the results: one for all ledgers of these sizes, since arms are found by their fingerprints."""
        return {"claims": f"results/claims/{address(json.dumps(self._sizes()))}"}

    def make(self, out: Path, runner: Runner) -> Made:
        """The verdicts, run as far as runs are missing."""
        folder = runner.claims or out / self.directories()["claims"]
        workers = 0 if runner.workers is None and self.smoke else runner.workers
        with runner.display("") as show:
            runs = [run_claims(each, folder, (), workers, show, runner.should_stop) for each in self.ledgers]
        complete = all(runs)
        if not complete and runner.should_stop():
            raise InterruptedPaperError("runs of the claims are still missing")
        if not complete:
            raise PaperError(f"some runs of the claims failed; see them with: normsim batch status {folder}/...")
        judged = with_posterior(*(verdicts(each, folder) for each in self.ledgers))
        return Made([judged], {"claims": hash_of(folder)}, self._facts())

    def _facts(self) -> dict[str, str]:
        """What the caption tells of the runs."""
        e, posterior = self.ledger, points_of(self.ledgers[1])
        each = (
            f"{e.replications:,} pairs a claim at the defaults, {e.point_replications:,} at each of {e.points:,} "
            f"points of the whole space and {posterior:,} of the posterior"
        )
        runs = runs_needed(e) + runs_needed(self.ledgers[1], with_defaults=False)
        return {
            "n": f"{e.replications:,}",
            "seed": str(e.seed),
            "points": f"{e.points:,}",
            "runs": f"{runs:,}",
            "runs_told": f"{runs:,} runs ({each})",
            "months": _several(f"{arm.months:,}" for arm in e.arms.values()),
            "experiments": f"claims {_digest(json.dumps(self.parts()))[:12]}",
        }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hash_of(directory: Path) -> str:
    """Digest of the outcomes in a directory of results or a folder of several, empty if it is damaged."""
    places = (
        [directory] if (directory / MANIFEST).exists() else sorted(p.parent for p in directory.glob(f"*/{MANIFEST}"))
    )
    try:
        results = [open_results(place) for place in places]
        whole = results and not any(found.verify() for found in results)
        digests = [found.hash() for found in results] if whole else []
    except (StoreError, OSError):
        return ""
    return digests[0] if len(digests) == 1 else _digest(json.dumps(sorted(digests))) if digests else ""


def _facts(experiments: list[Experiment]) -> dict[str, str]:
    """What captions tell of the runs."""
    runs = sum(experiment.runs for experiment in experiments)
    replications = _several(f"{experiment.replications:,}" for experiment in experiments)
    points = f"{sum(len(experiment.points) for experiment in experiments):,}"
    each = f", {replications} of each of {points} design points" if runs > experiments[0].replications else ""
    return {
        "n": replications,
        "seed": _several(str(experiment.seed) for experiment in experiments),
        "points": points,
        "runs": f"{runs:,}",
        "runs_told": f"{runs:,} runs{each}",
        "months": _several(f"{arm.months:,}" for experiment in experiments for arm in experiment.scenarios),
        "experiments": ", ".join(f"{experiment.name} {experiment.fingerprint()[:12]}" for experiment in experiments),
    }


def _several(words: Iterable[str]) -> str:
    """Different words once each."""
    return " and ".join(dict.fromkeys(words))


def source_of(paper: Paper, figure: FigureTable, smoke: bool) -> Source:
    """What a figure is drawn from.

    Raises:
        ScenarioError: an experiment or the ledger cannot be taken.
    """
    if figure.claims:
        return Claims(load_ledger("claims", smoke), smoke)
    return Experiments({name: paper.experiment(name, smoke) for name in figure.experiments})
