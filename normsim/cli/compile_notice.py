"""The wait while the model is compiled, and how long the rest takes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from normsim.cli.printing import console, note

if TYPE_CHECKING:
    from normsim.engine.rule_set import Rules

MESSAGE = "compiling the model (once, about half a minute)"

UNKEPT = "compiling the model (half a minute, at each start: set NORMSIM_CACHE_DIR to a folder that can be written)"


def is_cold(rules: "Rules | None" = None) -> bool:
    """Whether the month under these rules has yet to be compiled."""
    from normsim.engine.compilation import cache_folder

    folder = cache_folder(rules.digest() if rules else "")
    return folder is None or not any(folder.glob("schedule.months-*"))


def _is_kept(rules: "Rules | None") -> bool:
    """Whether what is compiled can be kept."""
    from normsim.engine.compilation import cache_folder

    folder = cache_folder(rules.digest() if rules else "")
    return folder is not None and os.access(folder, os.W_OK)


@contextmanager
def compiling(rules: "Rules | None" = None) -> Iterator[None]:
    """Say what takes so long, if it does, with the time that has passed."""
    message = MESSAGE if _is_kept(rules) else UNKEPT
    if not is_cold(rules):
        yield
    elif sys.stderr.isatty():
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console(err=True), transient=True) as progress:
            progress.add_task(message)
            yield
    else:
        note(message)
        yield
