"""Results of an experiment as tables. Reads what is committed, also while the experiment is running."""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from normsim.errors import ScenarioWarning, StoreError
from normsim.experiment import results_store
from normsim.experiment.experiment import Experiment
from normsim.experiment.experiment_reader import load_experiment
from normsim.experiment.results_store import DONE, FAILED, live_parts, read_log, read_manifest, status_of
from normsim.notebook_html import notebook_html
from normsim.scenario import ScenarioError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SORTED = ("point", "replication")
"""What tells the runs apart."""

ORDER = (*SORTED, "month", "iso3")
"""Columns by which the rows of a table are sorted, as far as it has them, whatever the order of the runs."""


def open_results(directory: Path | str) -> Results:
    """Open a directory of results.

    Raises:
        StoreError: it holds none, or is damaged.
    """
    return Results(Path(directory))


class Results:
    """The results in a directory.

    Attributes:
        directory: the directory.
        manifest: what its manifest says.
        status: what is known of each run, shape (points, replications).
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.manifest = read_manifest(directory)
        self.entries, _ = read_log(directory)
        self.status = status_of(self.entries, self.manifest["points"], self.manifest["replications"])

    def __repr__(self) -> str:
        """`Results('results/regimes', 600 of 600 runs done)`."""
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"Results({str(self.directory)!r}, {self.done:,} of {self.total:,} runs done{failed})"

    def _repr_html_(self) -> str:
        facts = {"name": self.manifest["name"], "runs": f"{self.done:,} of {self.total:,} done, {self.failed:,} failed"}
        facts |= {"directory": self.directory, "fingerprint": self.fingerprint[:16]}
        return notebook_html(self.manifest["title"], facts, self.to_frame() if self.done else None)

    def to_frame(self) -> pd.DataFrame:
        """Return factors and outcomes, one row per run: point, scenario, replication, seed, factors, outcomes.

        Raises:
            StoreError: no run is done yet.
        """
        return self.outcomes(self.experiment.outcomes)

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment, from the directory itself.

        Raises:
            StoreError: its files were changed.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ScenarioWarning)  # given when the experiment was loaded to be run
                experiment = load_experiment(self.directory / results_store.EXPERIMENT)
            own = self.manifest.get("own_outcomes", ())
            return experiment.with_name(self.manifest["name"]).with_own_outcomes(own)
        except ScenarioError as error:
            raise StoreError(f"{self.directory}: {error}") from None

    @property
    def fingerprint(self) -> str:
        """Digest of what the results depend on."""
        return str(self.manifest["fingerprint"])

    @property
    def total(self) -> int:
        """Runs of the experiment."""
        return int(self.status.size)

    @property
    def done(self) -> int:
        """Runs that are done."""
        return int((self.status == DONE).sum())

    @property
    def failed(self) -> int:
        """Runs that failed."""
        return int((self.status == FAILED).sum())

    @property
    def complete(self) -> bool:
        """Whether every run is done."""
        return self.done == self.total

    @cached_property
    def points(self) -> pd.DataFrame:
        """Design points, one row per point: point, scenario, one column per factor."""
        import pandas as pd

        return pd.read_parquet(self.directory / results_store.POINTS)

    def outcomes(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return outcomes, one row per run: point, scenario, replication, seed, one column per factor and per outcome.

        Args:
            names: outcomes wanted; if not given, all that were kept and the digest of everything the run computed.

        Raises:
            StoreError: one was not kept.
        """
        kept = self.experiment.outcomes
        missing = [name for name in names or () if name not in kept]
        if missing:
            raise StoreError(f"{self.directory} does not hold {', '.join(missing)}; it holds {', '.join(kept)}")
        columns = ["point", "scenario", "replication", "seed", *self.experiment.factors, *(names or kept)]
        return self._frame("parts", columns if names is not None else [*columns, "digest"])

    def series(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return monthly series: point, scenario, replication, seed, month, one column per outcome."""
        columns = None if names is None else ["point", "scenario", "replication", "seed", "month", *names]
        return self._frame("series", columns)

    def events(self) -> pd.DataFrame:
        """Return the acts that happened, in words."""
        return self._frame("events", None)

    def states(self) -> pd.DataFrame:
        """Return final states, one row per run and state."""
        return self._frame("states", None)

    def failures(self) -> pd.DataFrame:
        """Return runs that failed: point, scenario, replication, seed, origin, kind, message, traceback."""
        import pandas as pd

        last = {(f.point, f.replication): f for entry in self.entries for f in entry.failures}
        found = [f for place, f in sorted(last.items()) if self.status[place] == FAILED]
        names = dict(zip(self.points["point"], self.points["scenario"], strict=True))
        rows = [{"point": f.point, "scenario": names[f.point], **f._asdict()} for f in found]
        columns = ["point", "scenario", "replication", "seed", "origin", "kind", "message", "traceback"]
        return pd.DataFrame(rows, columns=columns)

    def events_not_done(self) -> dict[str, int]:
        """Return in how many runs a dated event could not happen, by scenario.

        A scenario without such runs is left out. `normsim run` with the scenario says which event, and why.
        """
        names = dict(zip(self.points["point"], self.points["scenario"], strict=True))
        parts, count = set(live_parts(self.entries)), Counter[str]()
        for entry in self.entries:
            for point, runs in entry.not_done if entry.part in parts else ():
                count[names[point]] += runs
        return dict(count)

    def missing(self) -> list[tuple[int, int]]:
        """Runs that are not done: (point, replication)."""
        return [(int(point), int(replication)) for point, replication in np.argwhere(self.status != DONE)]

    def hash(self) -> str:
        """SHA-256 of the sorted outcomes, digests of the runs included: the same however they were made."""
        table = self._table("parts", None)
        digest = hashlib.sha256(repr(table.schema.names).encode())
        for column in table.columns:
            values = column.to_numpy(zero_copy_only=False)
            digest.update(
                values.astype(str).tobytes() if values.dtype == object else np.ascontiguousarray(values).tobytes()
            )
        return digest.hexdigest()

    def query(self, sql: str) -> pd.DataFrame:
        """Return the answer to an SQL query; tables are outcomes, points, and what else was kept.

        Raises:
            StoreError: the query cannot be answered.
        """
        import duckdb

        with self._database() as connection:
            try:
                answer: pd.DataFrame = connection.sql(sql).df()
            except (duckdb.Error, AttributeError) as error:
                raise StoreError(f"the query cannot be answered: {str(error).splitlines()[0]}") from None
        return answer

    def write_csv(self, table: str, path: Path) -> None:
        """Write a table to a CSV file, sorted, without holding it in memory.

        Args:
            table: `outcomes`, or what else was kept.
            path: the file.
        """
        import duckdb

        files = [str(file) for file in self._some_files("parts" if table == "outcomes" else table)]
        with duckdb.connect() as connection:
            rows = connection.from_parquet(files, file_row_number=True, filename=True)
            # rows of one run lie in one file, in the order in which things happened
            order = [name for name in ORDER if name in rows.columns] + ["filename", "file_row_number"]
            kept = [
                f'nullif("{name}", \'nan\'::DOUBLE) AS "{name}"' if kind == "DOUBLE" else f'"{name}"'
                for name, kind in zip(rows.columns, map(str, rows.types), strict=True)
                if name not in ("filename", "file_row_number")
            ]
            try:
                rows.order(", ".join(order)).select(", ".join(kept)).write_csv(str(path), header=True)
            except duckdb.Error as error:
                raise StoreError(f"{path} cannot be written: {str(error).splitlines()[0]}") from None

    @contextmanager
    def _database(self) -> Iterator[Any]:
        """DuckDB with the tables as views."""
        import duckdb

        with duckdb.connect() as connection:
            for table in results_store.TABLES:
                files = self._files(table)
                if files:
                    name = "outcomes" if table == "parts" else table
                    connection.from_parquet([str(path) for path in files]).create_view(name)
            connection.from_parquet(str(self.directory / results_store.POINTS)).create_view("points")
            yield connection

    def verify(self) -> list[str]:
        """Return what is wrong with the files, one sentence each; empty if nothing is."""
        wrong = []
        parts = set(live_parts(self.entries))
        for entry in self.entries:
            for name, digest in entry.files.items() if entry.part in parts else ():
                path = self.directory / name
                if not path.exists():
                    wrong.append(f"{name} is gone")
                elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                    wrong.append(f"{name} is not what was committed")
        if wrong:
            return wrong
        keys = self._table("parts", list(SORTED)) if self.done else None
        rows = len(keys) if keys is not None else 0
        if rows != self.done:
            wrong.append(f"{rows:,} rows of outcomes, but the log says {self.done:,}")
        elif keys is not None:
            unique = len(set(zip(keys["point"].to_pylist(), keys["replication"].to_pylist(), strict=True)))
            if unique != rows:
                wrong.append(f"{rows - unique:,} runs are there twice")
        changed = [name for name, digest in self.experiment.parts() if self.manifest["depends_on"].get(name) != digest]
        return wrong + [f"{name} was changed since" for name in changed]

    def _files(self, table: str) -> list[Path]:
        parts = set(live_parts(self.entries))
        names = (name for entry in self.entries if entry.part in parts for name in entry.files)
        return [self.directory / name for name in names if name.startswith(f"{table}/")]

    def _some_files(self, table: str) -> list[Path]:
        """The files of a table.

        Raises:
            StoreError: there are none.
        """
        files = self._files(table)
        if not files:
            what = "no run is done yet" if table == "parts" else f'{table} was not kept (keep = ["{table}"])'
            raise StoreError(f"{self.directory}: {what}")
        return files

    def _table(self, table: str, columns: Iterable[str] | None) -> pa.Table:
        """A table, sorted."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        files = self._some_files(table)
        chosen = list(columns) if columns is not None else None
        whole = pa.concat_tables(pq.read_table(path, columns=chosen, partitioning=None) for path in files)
        order = [(name, "ascending") for name in ORDER if name in whole.schema.names]
        return whole.sort_by(order).combine_chunks()

    def _frame(self, table: str, columns: list[str] | None) -> Any:
        return self._table(table, columns).to_pandas()
