"""Replay: one stored run again, from its record alone, and whether the two are the same."""

from dataclasses import dataclass
from math import isnan

from normsim.engine.rule_set import Rules
from normsim.engine.simulate import simulate
from normsim.errors import StoreError
from normsim.experiment.model_digest import changed_since
from normsim.experiment.provenance import versions
from normsim.experiment.results import Results
from normsim.experiment.user_copies import stored_user_file
from normsim.experiment.worker import DIGEST
from normsim.user_outcomes import measure, outcomes_digest, user_outcomes


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
        changed: code and data of the model that differ.
    """

    point: int
    replication: int
    seed: int
    stored: str
    again: str
    differences: list[tuple[str, float, float]]
    versions: list[tuple[str, str, str]]
    changed: list[str]

    @property
    def same(self) -> bool:
        """Whether the two are the same, bit for bit."""
        return self.stored == self.again and not self.differences


def replay(results: Results, point: int, replication: int, trust_rules: bool = False) -> Replay:
    """Run a stored run again.

    Args:
        results: where it is stored.
        point: its design point.
        replication: its replication.
        trust_rules: run rules and outcomes that the directory holds also if this user never ran them before.

    Raises:
        StoreError: it is not there, a file is damaged, or the rules are not trusted or mean something else now.
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
    path = stored_user_file(results, "rules", trust_rules)
    own = stored_user_file(results, "outcomes", trust_rules)
    rules, outcomes = Rules.from_file(path) if path else None, user_outcomes(own)
    depends_on = results.manifest["depends_on"]
    told = {"rules": rules.digest() if rules else "", "own outcomes": outcomes_digest(outcomes)}
    for name, digest in told.items():
        if results.manifest["format"] > 1 and depends_on.get(name, "") != digest:
            raise StoreError(
                f"{results.directory}: its {name} mean something else now; they read something from outside "
                "their file, such as a variable of the environment"
            )
    run = simulate(
        experiment.scenario_of(point),
        int(row["seed"]),
        rules,
        log_level=1 if "events" in experiment.keep or own else 0,
        warn=False,
    )
    new = measure(run, outcomes)
    pairs = ((name, float(row[name]), new[name]) for name in experiment.outcomes)
    differences = [(name, then, now) for name, then, now in pairs if then != now and not isnan(then) * isnan(now)]
    then, now = results.manifest["versions"], versions()
    changed = [(name, then.get(name, "absent"), now[name]) for name in now if then.get(name) != now[name]]
    others = [name for name in changed_since(depends_on) if not name.startswith("versions.")]
    digest = run.digest()[:DIGEST]
    return Replay(point, replication, int(row["seed"]), str(row["digest"]), digest, differences, changed, others)
