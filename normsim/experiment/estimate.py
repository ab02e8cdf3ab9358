"""What an experiment will take: time and disk, from a few of its runs."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import BrokenExecutor
from time import perf_counter
from typing import NamedTuple

from normsim.errors import StoreError
from normsim.experiment.experiment import Experiment
from normsim.experiment.runner import AHEAD, CHUNKS_EACH, LARGEST_CHUNK, LONGEST_CHUNK
from normsim.experiment.worker import Chunk, chunk_of, job_of, run_chunk
from normsim.experiment.worker_processes import worker_pool

FEW, MANY = 2, 10
"""Runs of the two samples: between them lies what a further run adds."""

WORTH_WORKERS = 20.0
"""Above so many seconds of work the workers themselves are timed: side by side they are slower than one alone."""

LINE = 350
"""Bytes that the log notes of a chunk."""


class Estimate(NamedTuple):
    """What an experiment takes.

    Attributes:
        run: seconds of one run, on one worker among the others.
        seconds: seconds in all, the start of the workers included.
        bytes: bytes on disk.
    """

    run: float
    seconds: float
    bytes: float


def estimated(experiment: Experiment, workers: int) -> Estimate:
    """Estimate what an experiment takes; nothing is stored.

    Args:
        experiment: the experiment.
        workers: processes.

    Raises:
        StoreError: a run fails, or no worker can be started.
    """
    run_chunk(sample(experiment, MANY))  # what is made once: code, worlds, networks
    few = run_chunk(sample(experiment, FEW))
    begun = perf_counter()
    many = run_chunk(sample(experiment, MANY))
    run, start = (perf_counter() - begun) / len(many.jobs), 0.0
    for failure in [*few.failures, *many.failures]:
        raise StoreError(f"a run of {experiment.name} fails: {failure.kind}: {failure.message}")
    sizes = [sum(map(len, done.tables.values())) for done in (few, many)]
    more = len(many.jobs) - len(few.jobs)
    each = (sizes[1] - sizes[0]) / more if more else sizes[0] / len(few.jobs)
    if workers > 1 and experiment.runs * run > WORTH_WORKERS:
        run, start = _among_others(experiment, workers)
    in_chunk = max(1, min(LARGEST_CHUNK, int(LONGEST_CHUNK / run), -(-experiment.runs // (workers * CHUNKS_EACH))))
    chunks = done = 0
    while done < experiment.runs:  # the first chunks are small
        done += min(in_chunk, 2 ** (chunks // (AHEAD * workers)))
        chunks += 1
    once = max(0.0, sizes[0] - len(few.jobs) * each) + LINE
    return Estimate(run, start + experiment.runs * run / workers, experiment.runs * each + chunks * once)


def _among_others(experiment: Experiment, workers: int) -> tuple[float, float]:
    """Seconds of a run while all workers run, and seconds that their start takes."""
    begun = perf_counter()
    pool = worker_pool(workers)
    try:
        _together(pool.submit(run_chunk, sample(experiment, 1)) for _ in range(workers))
        start = perf_counter() - begun
        begun = perf_counter()
        _together(pool.submit(run_chunk, sample(experiment, MANY)) for _ in range(workers))
        return (perf_counter() - begun) / min(MANY, experiment.runs), start
    except BrokenExecutor:
        raise StoreError("the workers end as soon as they start (killed, or out of memory): try fewer") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _together(futures: Iterable[object]) -> None:
    """Wait for all that was handed out."""
    for future in list(futures):
        future.result()  # type: ignore[attr-defined]


def sample(experiment: Experiment, runs: int) -> Chunk:
    """A chunk of a few runs, from all over the experiment."""
    places = [place * experiment.runs // runs for place in range(min(runs, experiment.runs))]
    return chunk_of(experiment, (job_of(experiment, *divmod(place, experiment.replications)) for place in places))
