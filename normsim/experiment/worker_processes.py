"""Processes that run a share of the work: they end with their parent, and a script that starts them needs no guard."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_LEFT_TO_PARENT = ("SIGINT", "SIGHUP")
"""Signals that reach the workers of a terminal too; the parent decides when to stop."""


def worker_pool(workers: int) -> WorkerPool:
    """A pool of fresh processes.

    Args:
        workers: how many.
    """
    return WorkerPool(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)


class WorkerPool(ProcessPoolExecutor):
    """A pool whose processes do not import the script that started it."""

    def submit[R](self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        """Hand out a call; this is also where processes are started."""
        with _hidden_main():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _hidden_main() -> Iterator[None]:
    """Hide the script from new processes, which would run it again; no function that they run lies in it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _begin() -> None:
    """Prepare a worker process."""
    for name in _LEFT_TO_PARENT:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, however it ended."""
    parent: Any = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
