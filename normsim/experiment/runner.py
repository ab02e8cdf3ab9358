"""Run an experiment: chunks of runs on processes or a cluster, committed one by one, until nothing is missing."""

from __future__ import annotations

import math
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from normsim.engine.rule_set import Rules
from normsim.errors import StoreError
from normsim.experiment import outcome_log, results_store
from normsim.experiment.experiment import Experiment, Failure
from normsim.experiment.experiment_reader import load_experiment
from normsim.experiment.results import Results, open_results
from normsim.experiment.user_copies import UserFile, UserFiles, trust_file
from normsim.experiment.worker import Chunk, Done, Job, chunk_of, job_of, run_chunk
from normsim.experiment.worker_processes import worker_pool
from normsim.stats import student
from normsim.user_outcomes import outcomes_digest, user_outcomes

LARGEST_CHUNK = 64
"""Most runs of a chunk."""

LONGEST_CHUNK = 5.0
"""How long a chunk should take [s]: the work that a killed worker loses, and that a stop waits for."""

CHUNKS_EACH = 8
"""Chunks that a small experiment gives each worker, so that all end at about the same time."""

AHEAD = 2
"""Chunks that wait or run, a worker: enough to keep it busy, few enough to keep memory bounded."""

SCHEDULER_WAIT = 10.0
"""How long a cluster's scheduler is waited for [s]."""

WORKERS_WAIT = 30.0
"""How long the first worker of a cluster is waited for [s]."""

PATIENCE = 0.5
"""How often a stop is looked for [s]."""


@dataclass
class Progress:
    """How far an experiment is.

    Attributes:
        total: its runs.
        before: runs that were done or had failed before this session.
        done: runs done so far.
        failed: runs failed so far.
        headline: mean, half-width of its 95 % interval and n of the headline outcome, by scenario.
        told: what was mended on opening.
    """

    total: int
    before: int = 0
    done: int = 0
    failed: int = 0
    headline: dict[str, tuple[float, float, int]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes:
        workers: processes; 0 runs in this one.
        scheduler: address of a Dask scheduler to use instead.
        rules: a Python file with rules to use in place of the model's.
        outcomes: a Python file with the user's own outcomes.
        retry_failed: run failed runs again.
        max_failures: stop after so many failures.
        timeout: seconds after which a run is given up.
        code_may_change: go on with results of other code.
        chunk: runs of a chunk; chosen if not said.
        order: `planned` or `reversed`, the order in which chunks are handed out; no result depends on it.
    """

    workers: int | None = None
    scheduler: str | None = None
    rules: Path | None = None
    outcomes: Path | None = None
    retry_failed: bool = False
    max_failures: int | None = None
    timeout: float | None = None
    code_may_change: bool = False
    chunk: int | None = None
    order: str = "planned"


def run_experiment(
    experiment: Experiment | str | Path,
    out: Path | str,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    **options: Any,
) -> Results:
    """Run an experiment into a directory, or go on where it stopped: nothing that is done is run again.

    Args:
        experiment: an experiment, its name or path.
        out: the directory.
        on_progress: called after every commit.
        should_stop: asked now and then; once true, what runs is finished and nothing more is begun.
        **options: fields of `Options`, such as `workers`.

    Raises:
        ScenarioError: the experiment cannot be taken.
        StoreError: the directory cannot be used, or the workers cannot run.
    """
    chosen, experiment, directory = Options(**options), load_experiment(experiment), Path(out)
    files: dict[str, UserFile] = {}
    own = user_outcomes(chosen.outcomes)
    if chosen.rules is not None:
        digest = Rules.from_file(chosen.rules).digest()
        files["rules"] = UserFile(chosen.rules.name, chosen.rules.read_text(encoding="utf-8"), digest)
    if chosen.outcomes is not None:
        text = chosen.outcomes.read_text(encoding="utf-8")
        files["outcomes"] = UserFile(chosen.outcomes.name, text, outcomes_digest(own))
    for file in files.values():
        trust_file(file.text.encode())
    experiment = experiment.with_own_outcomes(own)
    with results_store.opened(directory, experiment, files, chosen.code_may_change) as opened:
        _Session(experiment, opened, chosen, files, on_progress, should_stop).run()
    return open_results(directory)


def default_workers() -> int:
    """Cores that this process may use, whole ones of the quota of its container included."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, math.ceil(_quota())))


def _quota(root: Path = Path("/sys/fs/cgroup")) -> float:
    """Cores that a container grants, infinite if it says nothing."""
    for names in (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):  # versions 2 and 1 of cgroups
        try:
            quota, period = " ".join((root / name).read_text(encoding="ascii") for name in names).split()
            if float(quota) > 0.0 and float(period) > 0.0:
                return float(quota) / float(period)
        except (OSError, ValueError):  # not there, or "max"
            continue
    return sys.float_info.max


class _Session:
    """One go at an experiment."""

    def __init__(
        self,
        experiment: Experiment,
        opened: results_store.Store,
        options: Options,
        user_files: UserFiles,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self.experiment, self.store, self.options = experiment, opened, options
        self.user_files = user_files
        self.on_progress, self.should_stop = on_progress, should_stop
        self.workers = default_workers() if options.workers is None else options.workers
        if options.retry_failed:
            opened.forget_failures()
        self.progress = Progress(total=experiment.runs, told=opened.told)
        self._sums = {scenario.name: np.zeros(3) for scenario in experiment.scenarios}
        self._failed_now = 0
        self._pace = 0.0  # seconds that a run of the last chunk took
        self._count()
        self.progress.before = self.progress.done + self.progress.failed

    def run(self) -> None:
        """Run the missing runs."""
        self._tell()
        if not (self.store.status == outcome_log.MISSING).any():
            return
        if self.workers == 0 and self.options.scheduler is None:
            for chunk in self._chunks(1):
                if self._over():
                    return
                self._commit(run_chunk(chunk))
            return
        self._share(_Pool(self.workers, self.options.scheduler))

    def _chunks(self, width: int) -> Iterator[Chunk]:
        """What is missing, in chunks for so many workers, in the order asked for."""
        chunks = self._planned(width)
        return iter(list(chunks)[::-1]) if self.options.order == "reversed" else chunks

    def _planned(self, width: int) -> Iterator[Chunk]:
        """Chunks of a few replications of every point, then of the next few.

        The first chunks are small, so that something is soon committed.
        """
        missing = int((self.store.status == outcome_log.MISSING).sum())
        fair = -(-missing // (width * CHUNKS_EACH))
        size = self.options.chunk or min(LARGEST_CHUNK, max(1, fair))
        jobs: list[Job] = []
        made = 0
        for first in range(0, self.experiment.replications, size):
            for point in range(len(self.experiment.points)):
                block = self.store.status[point, first : first + size]
                for offset in np.flatnonzero(block == outcome_log.MISSING):
                    jobs.append(job_of(self.experiment, point, first + int(offset)))
                    if len(jobs) >= (self.options.chunk or self._size(size, made // (AHEAD * width))):
                        yield self._chunk(jobs)
                        made += 1
                        jobs = []
        if jobs:
            yield self._chunk(jobs)

    def _size(self, largest: int, rounds: int) -> int:
        """Runs of the next chunk: twice as many in each round, as long as they do not take too long."""
        in_time = int(LONGEST_CHUNK / self._pace) if self._pace > 0.0 else largest
        return max(1, min(largest, in_time, 2**rounds))

    def _chunk(self, jobs: list[Job]) -> Chunk:
        rules, own = (
            self.user_files[name].content if name in self.user_files else None for name in ("rules", "outcomes")
        )
        return chunk_of(self.experiment, jobs, rules, self.options.timeout, own)

    def _share(self, pool: _Pool) -> None:
        """Hand chunks to workers, as many at a time as keep them busy."""
        running: dict[Future[Done], Chunk] = {}
        suspects: deque[Chunk] = deque()
        try:
            chunks = self._chunks(pool.width)
            while True:
                while not self._over() and not suspects and len(running) < AHEAD * pool.width:
                    chunk = next(chunks, None)
                    if chunk is None:
                        break
                    running[pool.submit(chunk)] = chunk
                if not running:
                    if not suspects or self._over():
                        return
                    self._isolate(pool, suspects)
                    continue
                if self._over():  # what waits is not begun
                    running = {future: chunk for future, chunk in running.items() if not future.cancel()}
                finished, _ = wait(running, timeout=PATIENCE, return_when=FIRST_COMPLETED)
                for future in finished:
                    chunk = running.pop(future)
                    done = pool.result_of(future)
                    if done is None:  # its worker died, or that of a neighbour in the same pool
                        suspects.append(chunk)
                    else:
                        self._commit(done)
        except BaseException:
            pool.kill()
            raise
        finally:
            pool.close()

    def _isolate(self, pool: _Pool, suspects: deque[Chunk]) -> None:
        """After a worker died: bisect its chunks until the run that kills a worker is alone.

        Raises:
            StoreError: it was no run: fresh workers die before they run anything.
        """
        pool.renew()
        if not pool.answers():
            raise StoreError(
                "the worker processes end as soon as they start (killed, or out of memory): try fewer with --workers; "
                "nothing more is stored"
            )
        while suspects and not self._over():
            chunk = suspects.popleft()
            pool.renew()
            done = pool.result_of(pool.submit(chunk))
            if done is not None:
                self._commit(done)
            elif len(chunk.jobs) > 1:
                suspects.extendleft(reversed(chunk.halves()))
            else:
                job = chunk.jobs[0]
                stuck = "" if self.options.timeout is None else ", or stuck far beyond its time"
                told = f"its worker died twice (killed, out of memory{stuck})"
                failure = Failure(job.point, job.replication, job.seed, "pool", "WorkerDied", told, "")
                self._commit(Done(chunk.jobs, {}, [failure], [], 0.0, []))
        pool.renew()

    def _commit(self, done: Done) -> None:
        self.store.commit(done)
        self._failed_now += len(done.failures)
        self._pace = done.seconds / len(done.jobs)
        for place, value in done.headline:
            self._sums[self.experiment.scenarios[place].name] += (1.0, value, value * value)
        self._count()
        self._tell()

    def _count(self) -> None:
        self.progress.done = int((self.store.status == outcome_log.DONE).sum())
        self.progress.failed = int((self.store.status == outcome_log.FAILED).sum())

    def _tell(self) -> None:
        for name, (n, total, squares) in self._sums.items():
            if n > 1:
                mean = total / n
                error = math.sqrt(max(squares - n * mean * mean, 0.0) / (n - 1) / n)
                self.progress.headline[name] = (mean, student(n - 1) * error, int(n))
        if self.on_progress is not None:
            self.on_progress(self.progress)

    def _over(self) -> bool:
        """Whether nothing more is to be begun."""
        limit = self.options.max_failures
        return self.should_stop() or (limit is not None and self._failed_now >= limit)


class _Pool:
    """Workers: processes of this machine, or a Dask cluster."""

    def __init__(self, workers: int, scheduler: str | None) -> None:
        self._workers, self._client = workers, None
        self._others = {child.pid for child in multiprocessing.active_children()}
        if scheduler is not None:
            self._client = _connect(scheduler)
        self._executor: Executor | None = None

    @property
    def width(self) -> int:
        """How many chunks run at a time; a cluster may grow and shrink."""
        return max(1, self._workers if self._client is None else sum(self._client.nthreads().values()))

    def submit(self, chunk: Chunk) -> Future[Done]:
        """Hand out a chunk."""
        try:
            return self._started().submit(run_chunk, chunk)
        except BrokenExecutor:
            self.renew()
            return self._started().submit(run_chunk, chunk)

    def result_of(self, future: Future[Done]) -> Done | None:
        """What came of a chunk, None if its worker died.

        Raises:
            StoreError: the workers cannot run at all.
        """
        try:
            return future.result()
        except BrokenExecutor:
            return None
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                return None
            raise StoreError(f"the workers cannot run: {type(error).__name__}: {error}") from error

    def answers(self) -> bool:
        """Whether a fresh worker does the least of work."""
        try:
            self._started().submit(os.getpid).result()
        except BrokenExecutor:
            return False
        return True

    def renew(self) -> None:
        """Start with fresh processes; a cluster renews its own."""
        if self._client is None:
            self._let_go(wait=True)
            self._executor = None

    def kill(self) -> None:
        """Stop at once."""
        self._let_go(wait=False)
        own = [child for child in multiprocessing.active_children() if child.pid not in self._others]
        for child in own:
            child.kill()
        for child in own:
            child.join()

    def close(self) -> None:
        """Let the workers go."""
        self._let_go(wait=True)
        if self._client is not None:
            self._client.close()

    def _let_go(self, wait: bool) -> None:
        """End the executor; runs that wait for a worker are dropped."""
        if isinstance(self._executor, ProcessPoolExecutor):
            self._executor.shutdown(wait=wait, cancel_futures=True)
        elif self._executor is not None:  # Dask's
            self._executor.shutdown(wait=wait)

    def _started(self) -> Executor:
        if self._executor is None:
            if self._client is not None:
                self._executor = self._client.get_executor(pure=False)
            else:
                self._executor = worker_pool(self._workers)
        return self._executor


def _connect(scheduler: str) -> Any:
    """A client of a Dask scheduler."""
    try:
        from distributed import Client
    except ImportError:
        raise StoreError("a scheduler needs the extra 'cluster': pip install 'normsim[cluster]'") from None
    client: Any = Client
    try:
        found = client(scheduler, timeout=SCHEDULER_WAIT)
    except (OSError, ValueError) as error:
        raise StoreError(f"no Dask scheduler answers at {scheduler} ({type(error).__name__})") from None
    try:
        found.wait_for_workers(1, timeout=WORKERS_WAIT)
    except TimeoutError:
        found.close()
        raise StoreError(
            f"the Dask scheduler at {scheduler} has no workers, and none came within {WORKERS_WAIT:g} s; start some, "
            "such as: dask worker " + scheduler
        ) from None
    return found
