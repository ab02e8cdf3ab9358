"""A worker: runs a chunk of runs, and returns tables as Parquet bytes and failures as records."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import Run, simulate
from normsim.errors import StoreError
from normsim.experiment.experiment import Experiment, Failure
from normsim.experiment.manifest import FORMAT
from normsim.experiment.model_digest import model_digest
from normsim.parameters import Value, records
from normsim.scenario import Scenario, varied_scenario
from normsim.user_outcomes import Outcome, meaning_of, measure, outcomes_digest, user_outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGEST = 16
"""Digits kept of a run's digest."""


COMPILING = 120.0
"""Seconds that a worker's first run may take longer, where the model or a user's rules are compiled first."""


Copy = tuple[str, str, str]
"""A user's file as it is handed to a worker: name, text, and a digest of what it means."""


class Job(NamedTuple):
    """One run to do.

    Attributes:
        point: its design point.
        scenario: the scenario's place in the chunk.
        values: values of the design point.
        replication: its replication.
        seed: its seed.
    """

    point: int
    scenario: int
    values: Mapping[str, Value]
    replication: int
    seed: int


class Chunk(NamedTuple):
    """Some runs to do at a stretch, and all that they need.

    Attributes:
        scenarios: scenarios by place, those that the jobs name.
        jobs: the runs.
        factors: names of what the design varies.
        outcomes: outcomes to keep.
        headline: the outcome shown while it runs.
        keep: what else to keep.
        rules: name, text and digest of a file of rules, None for the model's own.
        timeout: seconds after which a run is given up, None for never.
        own: name, text and digest of a file of a user's outcomes, None for none.
    """

    scenarios: Mapping[int, Scenario]
    jobs: tuple[Job, ...]
    factors: tuple[str, ...]
    outcomes: tuple[str, ...]
    headline: str
    keep: tuple[str, ...]
    rules: Copy | None = None
    timeout: float | None = None
    own: Copy | None = None

    def halves(self) -> tuple[Chunk, Chunk]:
        """The chunk in two."""
        middle = len(self.jobs) // 2
        return self._replace(jobs=self.jobs[:middle]), self._replace(jobs=self.jobs[middle:])


def job_of(experiment: Experiment, point: int, replication: int) -> Job:
    """A run of an experiment."""
    scenario = point // (len(experiment.points) // len(experiment.scenarios))
    seed = experiment.seed_of(point, replication)
    return Job(point, scenario, experiment.points[point].values, replication, seed)


def chunk_of(
    experiment: Experiment,
    jobs: Iterable[Job],
    rules: Copy | None = None,
    timeout: float | None = None,
    own: Copy | None = None,
) -> Chunk:
    """Some runs of an experiment, with all that they need."""
    e, jobs = experiment, tuple(jobs)
    scenarios = {place: e.scenarios[place] for place in sorted({job.scenario for job in jobs})}
    return Chunk(scenarios, jobs, e.factors, e.outcomes, e.headline, e.keep, rules, timeout, own)


class Done(NamedTuple):
    """A chunk that was run.

    Attributes:
        jobs: its runs.
        tables: Parquet bytes by table (`parts` and what else is kept); none if every run failed.
        failures: the runs that failed.
        headline: one pair per run: index of its scenario, value of the headline.
        seconds: how long it took.
        not_done: points with the number of their runs in which a dated event could not happen.
        model: digest of the model that ran them, empty if nothing was run.
    """

    jobs: tuple[Job, ...]
    tables: dict[str, bytes]
    failures: list[Failure]
    headline: list[tuple[int, float]]
    seconds: float
    not_done: list[tuple[int, int]]
    model: str = ""


class _OverTimeError(Exception):
    pass


def run_chunk(chunk: Chunk) -> Done:
    """Run the jobs of a chunk; one that raises is recorded, and the rest goes on."""
    begun = perf_counter()
    rules = _rules(*chunk.rules) if chunk.rules else None
    own = _own_outcomes(*chunk.own) if chunk.own else {}
    failures: list[Failure] = []
    tables: dict[str, list[pa.Table]] = {}
    rows: list[tuple[Job, dict[str, float], str]] = []
    for job in chunk.jobs:
        try:
            run = _run(chunk, job, rules)
            row = (job, measure(run, own), run.digest()[:DIGEST])
            kept = {name: _KEEPERS[name](run, job) for name in chunk.keep}
        except Exception as error:
            failures.append(_failure(job, error))
        else:
            rows.append(row)
            for name, table in kept.items():
                tables.setdefault(name, []).append(table)
    content = {name: pa.concat_tables(several) for name, several in tables.items()}
    if rows:
        content["parts"] = outcome_table(chunk, rows)
    headline = [(job.scenario, summary[chunk.headline]) for job, summary, _ in rows]
    not_done = Counter(job.point for job, summary, _ in rows if summary["events_not_done"])
    files = {name: parquet_bytes(table) for name, table in content.items()}
    seconds = perf_counter() - begun
    return Done(chunk.jobs, files, failures, headline, seconds, sorted(not_done.items()), model_digest())


def _run(chunk: Chunk, job: Job, rules: Rules | None) -> Run:
    """One run, given up if it takes too long."""
    scenario = chunk.scenarios[job.scenario]
    if job.values:
        scenario = varied_scenario(scenario, job.values)
    begun = perf_counter()

    def watch(_: int) -> None:
        if chunk.timeout is not None and perf_counter() - begun > chunk.timeout:
            raise _OverTimeError(f"took longer than {chunk.timeout:g} s")

    level = 1 if "events" in chunk.keep or chunk.own else 0  # a user's outcome may look at the acts
    with _not_stuck(chunk.timeout):
        return simulate(scenario, job.seed, rules, level, on_month=watch, warn=False)


@contextmanager
def _not_stuck(timeout: float | None) -> Iterator[None]:
    """Let a worker die that does not come back from compiled code, where nothing else could end it.

    Only in a process of our own that does nothing else: not in the caller's, and not in a thread of a cluster's worker.
    """
    in_thread = threading.current_thread() is not threading.main_thread()
    if timeout is None or in_thread or multiprocessing.parent_process() is None or not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, 2.0 * timeout + COMPILING)  # the alarm's default action ends the process
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def _failure(job: Job, error: Exception) -> Failure:
    """The record of a failed run; paths of the machine are cut."""
    origin = "timeout" if isinstance(error, _OverTimeError) else "model"
    told = "".join(traceback.format_exception(error)) if origin == "model" else ""
    name = type(error).__name__.removeprefix("_")
    return Failure(job.point, job.replication, job.seed, origin, name, _impersonal(str(error)), _impersonal(told))


def _impersonal(text: str) -> str:
    """A text without the folders of this machine, which may name its user."""
    places = {
        str(Path(__file__).parents[1]): "normsim",
        tempfile.gettempdir(): "temporary",
        sys.prefix: "python",
        sys.base_prefix: "python",
        os.path.expanduser("~"): "~",
    }
    for place in sorted(places, key=len, reverse=True):  # a folder before the one it lies in
        text = text.replace(place, places[place])
    return re.sub(r'File "(?:/|[A-Za-z]:)[^"]*[/\\]', 'File "', text)  # any other file in a traceback: its name


@lru_cache(maxsize=4)
def _rules(name: str, text: str, digest: str) -> Rules:
    """Rules of a file that may lie on another machine.

    Raises:
        StoreError: they are others here.
    """
    rules = Rules.from_file(_written(name, text))
    _refuse_other(name, digest, rules.digest())
    return rules


@lru_cache(maxsize=4)
def _own_outcomes(name: str, text: str, digest: str) -> dict[str, Outcome]:
    """A user's outcomes of a file that may lie on another machine.

    Raises:
        StoreError: they are others here.
    """
    outcomes = user_outcomes(_written(name, text))
    _refuse_other(name, digest, outcomes_digest(outcomes))
    return outcomes


def _refuse_other(name: str, there: str, here: str) -> None:
    """Refuse a user's file that means something else in a worker than where the experiment was started."""
    if here != there:
        raise StoreError(
            f"{name} means something else in a worker than in the process that started it: it reads something from "
            "outside, such as a variable of the environment or the time; write the value into the file"
        )


def _written(name: str, text: str) -> Path:
    """A user's file, written to a folder of this machine."""
    path = Path(tempfile.mkdtemp(prefix="normsim-user-")) / name
    path.write_text(text, encoding="utf-8")
    return path


def _field(name: str, kind: Any, unit: str = "", meaning: str = "") -> pa.Field:
    return pa.field(name, kind, metadata={"unit": unit, "meaning": meaning})


def run_fields() -> list[pa.Field]:
    """The fields that tell runs apart, first in every table."""
    return [
        _field("point", pa.int32(), "index", "design point"),
        _field("scenario", pa.string(), "name", "scenario"),
        _field("replication", pa.int32(), "index", "replication"),
        _field("seed", pa.int64(), "", "seed of the run"),
    ]


def factor_fields(factors: Iterable[str]) -> list[pa.Field]:
    """Return one field per factor."""
    found = ((name, records()[name]) for name in factors)
    return [
        _field(name, pa.string() if record.kind == "choice" else pa.float64(), record.unit, record.meaning)
        for name, record in found
    ]


def outcome_table(chunk: Chunk, rows: list[tuple[Job, dict[str, float], str]]) -> pa.Table:
    """Return outcomes, one row per run."""
    known = {**OUTCOMES, **RUN_OUTCOMES}
    own = _own_outcomes(*chunk.own) if chunk.own else {}
    fields = [*run_fields(), *factor_fields(chunk.factors)]
    columns: list[Any] = _keys([job for job, _, _ in rows], chunk.scenarios)
    for name in chunk.factors:
        values = [job.values[name] for job, _, _ in rows]
        columns.append(values if records()[name].kind == "choice" else [float(value) for value in values])
    for name in chunk.outcomes:
        told = (known[name].unit, known[name].meaning) if name in known else ("", meaning_of(own[name]))
        fields.append(_field(name, pa.float64(), *told))
        columns.append([summary[name] for _, summary, _ in rows])
    fields.append(_field("digest", pa.string(), "", "digest of everything the run computed"))
    columns.append([digest for _, _, digest in rows])
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)], schema=pa.schema(fields)
    )


def _keys(jobs: list[Job], scenarios: Mapping[int, Scenario]) -> list[Any]:
    return [
        [job.point for job in jobs],
        [scenarios[job.scenario].name for job in jobs],
        [job.replication for job in jobs],
        [job.seed for job in jobs],
    ]


def _long(job: Job, run: Run, columns: Mapping[str, Any], fields: list[pa.Field]) -> pa.Table:
    """A table with several rows per run: the fields of the run, then its own."""
    n = len(next(iter(columns.values()))) if columns else 0
    keys = [np.full(n, key) for key in (job.point, run.scenario.name, job.replication, job.seed)]
    arrays = [
        pa.array(column, f.type) for column, f in zip([*keys, *columns.values()], run_fields() + fields, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(run_fields() + fields))


def _series(run: Run, job: Job) -> pa.Table:
    columns = {"month": run.months} | dict(run.outcomes)
    fields = [_field("month", pa.date32(), "date", "first day of the month")]
    fields += [_field(name, pa.float64(), outcome.unit, outcome.meaning) for name, outcome in OUTCOMES.items()]
    return _long(job, run, {"month": columns["month"]} | {name: columns[name] for name in OUTCOMES}, fields)


def _events(run: Run, job: Job) -> pa.Table:
    from normsim.engine.narrative import describe_events

    told = describe_events(run.log[run.log["happened"] > 0], run.world, run.months)
    kinds = {"month": pa.date32(), "amount": pa.float64(), "probability": pa.float64()}
    names = ("month", "actor", "act", "target", "amount", "probability", "why")
    fields = [_field(name, kinds.get(name, pa.string())) for name in names]
    return _long(job, run, {name: [event[name] for event in told] for name in names}, fields)


def _states(run: Run, job: Job) -> pa.Table:
    from normsim.engine.columns import STATE_COLUMNS
    from normsim.engine.initialisation import CLASS_NAMES

    fields = [_field("iso3", pa.string(), "code", "state")]
    columns: dict[str, Any] = {"iso3": list(run.world.iso3)}
    for name, column in STATE_COLUMNS.items():
        kind = pa.float64() if column.type.startswith("f") else pa.int64()
        fields.append(_field(name, kind, column.unit, column.meaning))
        columns[name] = run.final[name]
    for place, name in enumerate(CLASS_NAMES):
        fields.append(_field(name, pa.int64(), "rounds", "rounds of this class held"))
        columns[name] = run.final["stock"][:, place]
    return _long(job, run, columns, fields)


_KEEPERS = {"series": _series, "events": _events, "states": _states}


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as Parquet, compressed with zstd."""
    table = table.replace_schema_metadata({"normsim format": str(FORMAT)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=["scenario"])
    return sink.getvalue().to_pybytes()
