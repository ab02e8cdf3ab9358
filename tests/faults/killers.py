"""Stand-ins for a worker's task that kill their own process; spawned workers import them by name."""

import os
import signal

from normsim.experiment.work import Chunk, Done, run_chunk

FATAL = 1
"""The replication that kills."""


def die_of_one_run(chunk: Chunk) -> Done:
    """Run a chunk, but as a run that exhausts the memory would: its worker is killed."""
    if any(job.replication == FATAL for job in chunk.jobs):
        os.kill(os.getpid(), signal.SIGKILL)
    return run_chunk(chunk)
