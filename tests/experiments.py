"""Results of experiments that were never run: the shape that analyses read, filled with numbers known beforehand."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pandas as pd

Model = Callable[[str, Mapping[str, Any], int], Mapping[str, float]]
"""From scenario, factor values and replication to outcomes."""


class FakeResults:
    """Results of a model that is a formula.

    Attributes:
        experiment: what was run.
        points: a row a point.
        table: a row a run; tests take rows out of it or change them.
    """

    def __init__(
        self,
        model: Model,
        scenarios: Sequence[str] = ("baseline",),
        rows: Sequence[Mapping[str, Any]] = ({},),
        replications: int = 1,
        blocks: Sequence[Mapping[str, Any]] = (),
        common: bool = True,
    ) -> None:
        factors = list(rows[0])
        points, runs = [], []
        for point, (scenario, row) in enumerate(itertools.product(scenarios, rows)):
            points.append({"point": point, "scenario": scenario, **row})
            for replication in range(replications):
                seed = 1000 + replication + (0 if common else 100 * point)
                key = {"point": point, "scenario": scenario, "replication": replication, "seed": seed}
                runs.append({**key, **row, **model(scenario, row, replication)})
        self.points, self.table = pd.DataFrame(points), pd.DataFrame(runs)
        self.fixed = ["point", "scenario", "replication", "seed", *factors]
        self.experiment = SimpleNamespace(
            title="A planted experiment",
            question="What was planted?",
            keep=(),
            seed=7,
            replications=replications,
            outcomes=tuple(name for name in self.table if name not in self.fixed),
            headline=next(name for name in self.table if name not in self.fixed),
            blocks=tuple(SimpleNamespace(**block) for block in blocks),
        )

    fingerprint = "0123456789ab"
    models = ("model",)
    kept = ()

    def remarks(self) -> list[str]:
        """What to keep in mind: runs that are missing."""
        done, total = len(self.table), len(self.points) * self.experiment.replications
        return [f"{done} of {total} runs are finished"] if done < total else []

    def csv_size(self, name: str) -> float:
        """About how large the file will be [bytes]."""
        return 1000.0

    def write_csv(self, name: str, path: Any) -> None:
        """Write the runs."""
        assert name == "outcomes"
        self.table.to_csv(path, index=False)

    @property
    def total(self) -> int:
        """Runs of the experiment."""
        return len(self.points) * self.experiment.replications

    @property
    def done(self) -> int:
        """Runs that are done."""
        return len(self.table)

    @property
    def complete(self) -> bool:
        """Whether every run is done."""
        return self.done == self.total

    def hash(self) -> str:
        """A digest of the outcomes."""
        return "cdef"

    def failures(self) -> pd.DataFrame:
        """Runs that failed: none."""
        return pd.DataFrame(columns=["point", "scenario", "replication", "seed", "kind", "message"])

    def query(self, sql: str, *limits: float) -> pd.DataFrame:
        """The answer of DuckDB."""
        import duckdb

        with duckdb.connect() as connection:
            connection.register("outcomes", self.table)
            connection.register("points", self.points)
            return connection.sql(sql).df()

    def outcomes(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows of finished runs."""
        return self.table[[*self.fixed, *(self.experiment.outcomes if names is None else names)]]
