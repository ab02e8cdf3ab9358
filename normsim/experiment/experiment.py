"""What an experiment is once read: scenarios, a design over them, replications, and what to keep of each run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from normsim.experiment.design import Block, points
from normsim.parameters import Value
from normsim.scenario import Scenario

Kept = Literal["series", "events", "states"]
KEPT: tuple[Kept, ...] = ("series", "events", "states")
"""What can be kept of a run beside its outcomes."""


@dataclass(frozen=True)
class Point:
    """One design point: a scenario and the values that the design sets in it.

    Attributes:
        index: its place in the experiment.
        scenario: the scenario's name.
        values: values by dotted name.
    """

    index: int
    scenario: str
    values: Mapping[str, Value]


class Failure(NamedTuple):
    """A run that failed.

    Attributes:
        point: its design point.
        replication: its replication.
        seed: its seed.
        origin: `model`, `timeout` or `pool` (its worker died twice).
        kind: type of the error.
        message: what it said.
        traceback: where it came from.
    """

    point: int
    replication: int
    seed: int
    origin: str
    kind: str
    message: str
    traceback: str


def run_seed(entropy: int, key: tuple[int, ...]) -> int:
    """The seed of a run: a function of the experiment's seed and the run's place, so that runs can be had in any order.

    Args:
        entropy: seed of the experiment.
        key: (replication,) where points share their luck, (point, replication) where they do not, (row, replication)
            where only the scenarios at one row of values do.

    Returns:
        a whole number below 2**63.
    """
    return int(np.random.SeedSequence(entropy, spawn_key=key).generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True)
class Experiment:
    """A design, replications and outcomes. Read one with `load_experiment`, or make one with `build`.

    Attributes:
        name: the file's name without its suffix.
        title: what it is, in a few words.
        question: what it is to answer.
        references: keys of `references.toml`.
        scenarios: the scenarios, over the months they run.
        blocks: blocks of the design; the points are their product, in every scenario.
        replications: runs of each point.
        seed: seed of the experiment.
        seeds: `common`: replication r has one seed in every point, so that differences are paired; `rows`: in every
            scenario at the same values, so that scenarios are paired and values are independent; `independent`.
        outcomes: run outcomes to keep.
        headline: the outcome that is shown while it runs.
        keep: what else to keep of each run.
    """

    name: str
    title: str
    question: str
    references: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    blocks: tuple[Block, ...]
    replications: int
    seed: int
    seeds: Literal["common", "rows", "independent"]
    outcomes: tuple[str, ...]
    headline: str
    keep: tuple[Kept, ...]

    @staticmethod
    def build(
        scenarios: list[Scenario | str],
        replications: int = 1,
        design: list[dict[str, Any]] | None = None,
        **more: Any,
    ) -> Experiment:
        """An experiment from Python, with the keys of an experiment file.

        Args:
            scenarios: scenarios, their names or paths.
            replications: runs of each point.
            design: blocks of the design.
            **more: further keys of the file, such as `title`, `seed`, `months`, `outcomes`.

        Raises:
            ScenarioError: a key or value cannot be taken.
        """
        from normsim.experiment.experiment_reader import build

        return build(scenarios, {"replications": replications, "design": design or [], **more})

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Every design point, scenario by scenario."""
        rows = points(self.blocks, self.seed)
        pairs = ((scenario, row) for scenario in self.scenarios for row in rows)
        return tuple(Point(index, scenario.name, row) for index, (scenario, row) in enumerate(pairs))

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of what the design varies."""
        return tuple(name for block in self.blocks for name in block.names)

    @property
    def runs(self) -> int:
        """How many runs it has."""
        return len(self.points) * self.replications

    def scenario_of(self, point: int) -> Scenario:
        """The scenario of a point, with its values."""
        found = self.points[point]
        base = self.scenarios[point // (len(self.points) // len(self.scenarios))]
        return base.with_values(found.values) if found.values else base

    def seed_of(self, point: int, replication: int) -> int:
        """The seed of a run."""
        if self.seeds == "common":
            return run_seed(self.seed, (replication,))
        row = point % (len(self.points) // len(self.scenarios)) if self.seeds == "rows" else point
        return run_seed(self.seed, (row, replication))

    def with_replications(self, replications: int) -> Experiment:
        """The same with another number of replications; the runs they share are the same runs."""
        return replace(self, replications=replications)

    def parts(self) -> Iterator[tuple[str, str]]:
        """What the results depend on, part by part: name and digest. Not the replications, which may grow."""
        for scenario in self.scenarios:
            yield f"scenarios.{scenario.name}", scenario.fingerprint()
        design = [[point.scenario, dict(point.values)] for point in self.points]
        yield "design", hashlib.sha256(json.dumps(design).encode()).hexdigest()
        yield "seed", str(self.seed)
        yield "seeds", self.seeds
        yield "outcomes", " ".join(self.outcomes)
        yield "keep", " ".join(self.keep)

    def fingerprint(self) -> str:
        """SHA-256 of what the results depend on, code and data apart."""
        content = [*self.parts(), ("replications", str(self.replications))]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def to_toml(self) -> str:
        """The experiment as a file beside a folder `scenarios` with its scenarios."""
        from normsim.experiment.experiment_reader import to_toml

        return to_toml(self)
