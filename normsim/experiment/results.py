"""Results of an experiment as tables. Reads what is committed, also while the experiment is running.

A file is read only if it is what was written: its digest is compared first.
"""

from __future__ import annotations

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from normsim.errors import ScenarioWarning, StoreError
from normsim.experiment import results_check, results_query
from normsim.experiment.experiment import Experiment
from normsim.experiment.experiment_reader import load_experiment
from normsim.experiment.manifest import read_manifest
from normsim.experiment.outcome_log import DONE, FAILED, LOG, live_entries, read_log, status_of
from normsim.experiment.results_query import MEMORY, SECONDS
from normsim.experiment.results_store import EXPERIMENT, POINTS, WRITER
from normsim.experiment.safe_files import is_whole, read_checked
from normsim.notebook_html import notebook_html
from normsim.scenario import ScenarioError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def open_results(directory: Path | str, to_resume: bool = False) -> Results:
    """Open a directory of results.

    Args:
        directory: the directory.
        to_resume: open it also if the end of its log is damaged, which a resume mends.

    Raises:
        StoreError: it holds none, or is damaged.
    """
    return Results(Path(directory), to_resume)


class Results:
    """The results in a directory.

    Attributes:
        directory: the directory.
        manifest: what its manifest says.
        status: what is known of each run, shape (points, replications).
    """

    def __init__(self, directory: Path, to_resume: bool = False) -> None:
        self.directory = directory
        self.manifest = read_manifest(directory)
        log = read_log(directory)
        stopped = (directory / WRITER).exists()  # a writer that was killed, or is at work, may leave half a line
        if log.torn and not stopped and not to_resume:
            raise StoreError(
                f"{directory / LOG} is damaged at byte {log.size:,}, in its last line: restore the file from a copy, "
                f"or normsim batch resume {directory} does its runs again"
            )
        self.entries = log.entries
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
        return self.outcomes(self.outcome_names)

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Names of the outcomes that were kept."""
        return self._recorded("outcomes")

    @property
    def factor_names(self) -> tuple[str, ...]:
        """Names of the factors of the design."""
        return self._recorded("factors")

    @property
    def kept(self) -> tuple[str, ...]:
        """Tables that were kept beside the outcomes."""
        return self._recorded("keep")

    def _recorded(self, what: str) -> tuple[str, ...]:
        """Names that the manifest records; in format 1 only the experiment did."""
        names = self.manifest[what] if what in self.manifest else getattr(self.experiment, what)
        return tuple(names)

    @property
    def models(self) -> tuple[str, ...]:
        """Digests of the models that computed the runs; more than one if the code was allowed to change."""
        return tuple(dict.fromkeys(entry.model for entry in live_entries(self.entries) if entry.model))

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment, from the directory itself.

        Raises:
            StoreError: its files were changed.
        """
        for name in self.manifest["files"]:
            if name == EXPERIMENT or name.startswith("scenarios/"):
                self.read(name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ScenarioWarning)  # given when the experiment was loaded to be run
                experiment = load_experiment(self.directory / EXPERIMENT)
            own = self.manifest.get("own_outcomes", ())
            experiment = experiment.with_name(self.manifest["name"]).with_own_outcomes(own)
            return experiment.with_replications(self.manifest["replications"])
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
        try:
            return _parquet(self.read(POINTS), None).to_pandas()
        except (ValueError, OSError) as error:  # of format 1, whose points were not sealed
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"{self.directory}: {POINTS} is damaged; restore the file from a copy") from None

    def outcomes(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """Return outcomes, one row per run: point, scenario, replication, seed, one column per factor and per outcome.

        Args:
            names: outcomes wanted; if not given, all that were kept and the digest of everything the run computed.

        Raises:
            StoreError: one was not kept.
        """
        kept = self.outcome_names
        missing = [name for name in names or () if name not in kept]
        if missing:
            raise StoreError(f"{self.directory} does not hold {', '.join(missing)}; it holds {', '.join(kept)}")
        columns = ["point", "scenario", "replication", "seed", *self.factor_names, *(names or kept)]
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
        count = Counter[str]()
        for entry in live_entries(self.entries):
            for point, runs in entry.not_done:
                count[names[point]] += runs
        return dict(count)

    def remarks(self) -> list[str]:
        """What to keep in mind of these results, a sentence each: runs that are missing, versions that are mixed."""
        told = []
        if not self.complete:
            told.append(f"{self.done:,} of {self.total:,} runs are finished")
        if len(self.models) > 1:
            told.append(f"runs of {len(self.models)} versions of the model are mixed (--allow-code-change)")
        return told

    def missing(self) -> list[tuple[int, int]]:
        """Runs that are not done: (point, replication)."""
        return [(int(point), int(replication)) for point, replication in np.argwhere(self.status != DONE)]

    def hash(self) -> str:
        """SHA-256 of the sorted outcomes, digests of the runs included: the same however they were made."""
        table = self.table("parts")
        digest = hashlib.sha256(repr(table.schema.names).encode())
        for column in table.columns:
            values = column.to_numpy(zero_copy_only=False)
            digest.update(
                values.astype(str).tobytes() if values.dtype == object else np.ascontiguousarray(values).tobytes()
            )
        return digest.hexdigest()

    def query(self, sql: str, seconds: float = SECONDS, memory: float = MEMORY) -> pd.DataFrame:
        """Return the answer to an SQL query; tables are outcomes, points, and what else was kept.

        The query reads these tables and nothing else. It runs in one thread over rows in one order, so that sums have
        the same digits every time.

        Args:
            sql: one SELECT.
            seconds: how long it may take [s].
            memory: how much memory it may use [GB].

        Raises:
            StoreError: the query cannot be answered.
        """
        return results_query.answer(self, sql, seconds, memory)

    def write_csv(self, table: str, path: Path) -> None:
        """Write a table to a CSV file, sorted, without holding it in memory.

        Args:
            table: `outcomes`, or what else was kept.
            path: the file.

        Raises:
            StoreError: the table was not kept or is damaged, or the file cannot be written.
        """
        results_query.write_csv(self, table, path)

    def csv_size(self, table: str) -> float:
        """About how many bytes `write_csv` will write, from the first rows of a table.

        Args:
            table: `outcomes`, or what else was kept.
        """
        return results_query.csv_size(self, table)

    def verify(self) -> list[str]:
        """Return what is wrong with the files, one sentence each; empty if nothing is."""
        return results_check.problems(self)

    def read(self, name: str) -> bytes:
        """The content of a file that the manifest lists.

        Raises:
            StoreError: it is gone or not what was written.
        """
        digest = self.manifest["files"].get(name)
        if digest is None and self.manifest["format"] > 1:
            raise StoreError(f"{self.directory}: {name} is no file of these results")
        return read_checked(self.directory, name, digest, "restore the file from a copy")

    def files(self, table: str) -> list[tuple[str, str]]:
        """Paths and digests of the files of a table, in the order of their first runs."""
        entries = sorted(live_entries(self.entries), key=lambda entry: sorted(entry.runs))
        return [(name, entry.files[name]) for entry in entries for name in entry.files if name.startswith(f"{table}/")]

    def checked_paths(self, table: str) -> list[Path]:
        """Paths of the files of a table, each found to be what was committed.

        Raises:
            StoreError: there are none, or one is damaged.
        """
        for name, digest in self._some_files(table):
            if not is_whole(self.directory / name, digest):
                raise StoreError(self._damaged(name))
        return [self.directory / name for name, _ in self.files(table)]

    def _damaged(self, name: str) -> str:
        return f"{self.directory}: {name} is gone or not what was committed; {self._remedy}"

    @property
    def _remedy(self) -> str:
        return f"normsim batch resume {self.directory} does its runs again"

    def _some_files(self, table: str) -> list[tuple[str, str]]:
        """The files of a table.

        Raises:
            StoreError: there are none.
        """
        files = self.files(table)
        if not files:
            what = "no run is done yet" if table == "parts" else f'{table} was not kept (keep = ["{table}"])'
            raise StoreError(f"{self.directory}: {what}")
        return files

    def table(self, table: str, columns: Iterable[str] | None = None) -> pa.Table:
        """A table, sorted.

        Raises:
            StoreError: there is none, or a file of it is damaged.
        """
        import pyarrow as pa

        chosen = list(columns) if columns is not None else None
        contents = (read_checked(self.directory, *file, self._remedy) for file in self._some_files(table))
        whole = pa.concat_tables(_parquet(content, chosen) for content in contents)
        order = [(name, "ascending") for name in results_query.ORDER if name in whole.schema.names]
        return whole.sort_by(order).combine_chunks()

    def _frame(self, table: str, columns: list[str] | None) -> Any:
        return self.table(table, columns).to_pandas()


def _parquet(content: bytes, columns: list[str] | None) -> pa.Table:
    """A table of a Parquet file's content."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.BufferReader(content)).read(columns=columns)
