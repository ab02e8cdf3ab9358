"""Jobs on processes: results as they come, for analyses that keep a few numbers of each run and no experiment."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, as_completed

from normsim.errors import AnalysisError
from normsim.experiment.worker_processes import worker_pool


def results_of[J, R](
    function: Callable[[J], R], jobs: Sequence[J], workers: int, compile_first: Callable[[], object]
) -> Iterator[tuple[int, R]]:
    """Results of the jobs as they come, each with the place of its job.

    Args:
        function: what does a job; a function of a module, so that processes find it.
        jobs: the jobs.
        workers: processes; one works in this one.
        compile_first: called before processes start, so that they find the compiled model on disk.

    Raises:
        AnalysisError: a process died.
    """
    if workers == 1 or len(jobs) <= 1:
        for place, job in enumerate(jobs):
            yield place, function(job)
        return
    compile_first()
    pool = worker_pool(workers)
    try:
        futures = {pool.submit(function, job): place for place, job in enumerate(jobs)}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenExecutor:
        raise AnalysisError("a process died (killed, or out of memory): run again with fewer --workers") from None
    finally:
        pool.shutdown(cancel_futures=True)
