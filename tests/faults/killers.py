"""Stand-ins for a worker's task that kill their own process; spawned workers import them by name."""

import ctypes
import os
import signal
from typing import Any

from normsim.experiment import worker
from normsim.experiment.worker import Chunk, Done, run_chunk

FATAL = 1
"""The replication that kills."""


def die_of_one_run(chunk: Chunk) -> Done:
    """Run a chunk, but as a run that exhausts the memory would: its worker is killed."""
    if any(job.replication == FATAL for job in chunk.jobs):
        os.kill(os.getpid(), signal.SIGKILL)
    return run_chunk(chunk)


def stuck_in_one_run(chunk: Chunk) -> Done:
    """Run a chunk, but one run waits for ever outside of Python, as in compiled code without an end."""
    fatal = {job.seed for job in chunk.jobs if job.replication == FATAL}
    simulate, compiling = worker.simulate, worker.COMPILING

    def stuck(scenario: Any, seed: int, *rest: Any, **more: Any) -> Any:
        while seed in fatal:
            ctypes.CDLL(None).pause()
        return simulate(scenario, seed, *rest, **more)

    worker.simulate, worker.COMPILING = stuck, 0.0
    try:
        return run_chunk(chunk)
    finally:
        worker.simulate, worker.COMPILING = simulate, compiling
