"""From claims to experiments: which arms are run where, and nothing that is stored is run again.

Every arm is a scenario. At the defaults all arms and their null variants share one luck, replication by replication.
Over the parameter space, a latin hypercube over every uncertain parameter or the points of the posterior, arms share it
at each point, and points do not (seeds = "rows"). An arm that sets uncertain parameters itself is run over a space that
leaves them out.

Results lie in folders named after what they hold, so a ledger with new claims runs only the arms that are new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from normsim.claims.ledger import Claim, Ledger
from normsim.experiment import Experiment, Progress, Results, StoreError, open_results, run_experiment
from normsim.experiment.manifest import MANIFEST
from normsim.experiment.model_digest import changed_since, listed
from normsim.posterior import posterior
from normsim.scenario import Scenario, uncertain_values


@dataclass(frozen=True)
class Trial:
    """Arms that are run together.

    Attributes:
        fixed: uncertain parameters that the hypercube leaves out; None at the defaults.
        arms: the arms by their fingerprint.
    """

    fixed: tuple[str, ...] | None
    arms: Mapping[str, Scenario]

    @property
    def label(self) -> str:
        """Start of the folder's name."""
        return "defaults" if self.fixed is None else "-".join(["space", *(f"without-{name}" for name in self.fixed)])

    def experiment(self, ledger: Ledger, fingerprints: Iterable[str] | None = None) -> Experiment:
        """The experiment that runs these arms, or some of them. It keeps every outcome, for claims still to come."""
        arms: list[Scenario | str] = [self.arms[each] for each in (self.arms if fingerprints is None else fingerprints)]
        keys: dict[str, Any] = {"seed": ledger.seed, "references": list(ledger.references)}
        if self.fixed is None:
            return Experiment.build(arms, ledger.replications, title=f"{ledger.title}: at the defaults", **keys)
        over = ledger.space == "posterior"
        method = "posterior" if over else "latin_hypercube"
        block = {"method": method, "factors": "uncertain", "except": list(self.fixed), "points": points_of(ledger)}
        title = f"{ledger.title}: over the {'posterior' if over else 'parameter space'}"
        return Experiment.build(arms, ledger.point_replications, [block], title=title, seeds="rows", **keys)


def points_of(ledger: Ledger) -> int:
    """How many points of its space a ledger asks for; of the posterior no more than there are."""
    return min(ledger.points, len(posterior())) if ledger.space == "posterior" else ledger.points


def trials(ledger: Ledger, claims: Sequence[Claim]) -> list[Trial]:
    """The trials that claims need; identical arms once."""
    defaults: dict[str, Scenario] = {}
    spaces: dict[tuple[str, ...], dict[str, Scenario]] = {}
    for claim in claims:
        arms = [ledger.arms[name] for name in (claim.baseline, claim.scenario)]
        swept = [arm for _, *pair in ledger.sweep_arms(claim) for arm in pair]
        for arm in (*arms, *ledger.null_arms(claim), *swept):
            defaults.setdefault(arm.fingerprint(), arm)
        space = spaces.setdefault(fixed_by(arms), {})
        for arm in arms:
            space.setdefault(arm.fingerprint(), arm)
    return [Trial(None, defaults), *(Trial(fixed, arms) for fixed, arms in sorted(spaces.items()))]


def fixed_by(arms: Iterable[Scenario]) -> tuple[str, ...]:
    """Uncertain parameters that one of the arms sets, which a hypercube must leave out."""
    return tuple(sorted(frozenset[str]().union(*(uncertain_values(arm) for arm in arms))))


class Stored:
    """The results under a folder, found by what they hold.

    Attributes:
        all: the results.
    """

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        """Open them.

        Raises:
            StoreError: the folder is that of an experiment, or holds damaged results.
        """
        if (folder / MANIFEST).exists():
            raise StoreError(f"{folder} holds results of an experiment; name a folder for claims with --out")
        self.all = [open_results(path.parent) for path in sorted(folder.glob(f"*/{MANIFEST}"))]
        self._ledger = ledger
        self._found: dict[tuple[str, ...] | None, dict[str, Place]] = {}

    def arms(self, fixed: tuple[str, ...] | None) -> Mapping[str, Place]:
        """Where the arms of a kind of trial are, by fingerprint; where there are two, the one that is complete."""
        if fixed not in self._found:
            found: dict[str, Place] = {}
            any_arm = next(iter(self._ledger.arms.values()))
            wanted = Trial(fixed, {"": any_arm}).experiment(self._ledger)
            for results in sorted(self.all, key=lambda each: each.complete):
                if _alike(results.experiment, wanted):
                    found |= {arm.fingerprint(): Place(results, arm.name) for arm in results.experiment.scenarios}
            self._found[fixed] = found
        return self._found[fixed]


class Place(NamedTuple):
    """Where an arm is stored.

    Attributes:
        results: the results.
        name: what the arm is called there.
    """

    results: Results
    name: str


def _alike(held: Experiment, wanted: Experiment) -> bool:
    """Whether an arm's runs in both are the same runs, as many of them and with the same outcomes."""
    return all(
        getattr(held, what) == getattr(wanted, what) for what in ("seed", "seeds", "replications", "blocks", "outcomes")
    )


def runs_needed(ledger: Ledger, ids: Iterable[str] = (), with_defaults: bool = True) -> int:
    """How many runs the claims take if nothing is stored, or nothing but those at the defaults."""
    each = {True: ledger.replications if with_defaults else 0, False: points_of(ledger) * ledger.point_replications}
    return sum(len(trial.arms) * each[trial.fixed is None] for trial in trials(ledger, ledger.chosen(ids)))


def run_claims(
    ledger: Ledger,
    out: Path,
    ids: Iterable[str] = (),
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> bool:
    """Make the runs that claims need, or go on where they stopped: nothing that is stored is run again.

    Args:
        ledger: the claims.
        out: folder of the results, one folder a trial within it.
        ids: claims to run; all if none is named.
        workers: processes, by default one a core; 0 runs in this one.
        on_progress: called after every commit, with the progress over all trials.
        should_stop: asked now and then; once true, what runs is finished and nothing more is begun.

    Returns:
        whether every run is done.

    Raises:
        ScenarioError: there is no such claim.
        StoreError: the folder cannot be used, or holds results of other code or data.
    """
    stop = should_stop or (lambda: False)
    stored = Stored(out, ledger)
    _refuse_other_code(stored)
    work: list[tuple[Experiment, Path]] = []
    begun: set[Path] = set()
    for trial in trials(ledger, ledger.chosen(ids)):
        held = stored.arms(trial.fixed)
        for results, _ in (held[fingerprint] for fingerprint in trial.arms if fingerprint in held):
            if not results.complete and results.directory not in begun:
                begun.add(results.directory)
                work.append((results.experiment, results.directory))
        missing = [fingerprint for fingerprint in trial.arms if fingerprint not in held]
        if missing:
            experiment = trial.experiment(ledger, missing)
            work.append((experiment, out / f"{trial.label}-{experiment.fingerprint()[:8]}"))
    overall = _Overall(sum(experiment.runs for experiment, _ in work), on_progress)
    complete = True
    for experiment, directory in work:
        if stop():
            return False
        results = run_experiment(experiment, directory, workers=workers, on_progress=overall.part(), should_stop=stop)
        complete = complete and results.complete
    return complete


def _refuse_other_code(stored: Stored) -> None:
    """Refuse to mix runs of this code and data with runs of others."""
    for results in stored.all:
        changed = changed_since(results.manifest["depends_on"])
        if changed:
            raise StoreError(
                f"{results.directory} holds runs of other {listed(changed)}; effects between them and new runs "
                "would mean nothing: name another directory with --out"
            )


class _Overall:
    """Progress over several experiments as if they were one."""

    def __init__(self, total: int, tell: Callable[[Progress], None] | None) -> None:
        self._tell = tell
        self._sum = Progress(total=total)
        self._parts: list[Progress] = []

    def part(self) -> Callable[[Progress], None] | None:
        """What hears of the next experiment."""
        if self._tell is None:
            return None
        self._parts.append(Progress(total=0))
        return partial(self._hear, len(self._parts) - 1)

    def _hear(self, place: int, progress: Progress) -> None:
        self._parts[place] = progress
        whole = self._sum
        whole.before = sum(part.before for part in self._parts)
        whole.done = sum(part.done for part in self._parts)
        whole.failed = sum(part.failed for part in self._parts)
        whole.told += progress.told
        progress.told.clear()
        if self._tell is not None:
            self._tell(whole)
