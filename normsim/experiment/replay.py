"""Replay: one stored run again, from its record alone, and whether the two are the same."""

from dataclasses import dataclass
from math import isnan

from normsim.engine.rule_set import Rules
from normsim.engine.simulate import simulate
from normsim.errors import StoreError
from normsim.experiment.provenance import versions
from normsim.experiment.results import Results
from normsim.experiment.results_store import user_file_in
from normsim.experiment.worker import DIGEST
from normsim.user_outcomes import measure, user_outcomes


@dataclass(frozen=True)
class Replay:
    """A stored run and the same run again.

    Attributes:
        point: its design point.
        replication: its replication.
        seed: its seed.
        stored: digest of the stored run.
        again: digest of the new one.
        differences: outcomes that differ: name, stored, new.
        versions: packages whose version differs: name, then, now.
    """

    point: int
    replication: int
    seed: int
    stored: str
    again: str
    differences: list[tuple[str, float, float]]
    versions: list[tuple[str, str, str]]

    @property
    def same(self) -> bool:
        """Whether the two are the same, bit for bit."""
        return self.stored == self.again and not self.differences


def replay(results: Results, point: int, replication: int) -> Replay:
    """Run a stored run again.

    Args:
        results: where it is stored.
        point: its design point.
        replication: its replication.

    Raises:
        StoreError: it is not there.
    """
    experiment = results.experiment
    rows = results.outcomes()
    found = rows[(rows["point"] == point) & (rows["replication"] == replication)]
    if found.empty:
        raise StoreError(
            f"{results.directory} holds no run {point}-{replication}; points go from 0 to "
            f"{len(experiment.points) - 1}, replications from 0 to {experiment.replications - 1}"
        )
    row = found.iloc[0]
    path = user_file_in(results.directory, "rules")
    own = user_file_in(results.directory, "outcomes")
    run = simulate(
        experiment.scenario_of(point),
        int(row["seed"]),
        Rules.from_file(path) if path else None,
        log_level=1 if "events" in experiment.keep or own else 0,
        warn=False,
    )
    new = measure(run, user_outcomes(own))
    pairs = ((name, float(row[name]), new[name]) for name in experiment.outcomes)
    differences = [(name, then, now) for name, then, now in pairs if then != now and not isnan(then) * isnan(now)]
    then, now = results.manifest["versions"], versions()
    changed = [(name, then.get(name, "absent"), now[name]) for name in now if then.get(name) != now[name]]
    digest = run.digest()[:DIGEST]
    return Replay(point, replication, int(row["seed"]), str(row["digest"]), digest, differences, changed)
