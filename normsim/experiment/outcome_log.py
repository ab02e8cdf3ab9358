"""The log of an experiment, `outcomes.jsonl`: one line per commit, each sealed together with all lines before it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from normsim.errors import StoreError
from normsim.experiment.experiment import Failure
from normsim.experiment.manifest import MANIFEST

LOG = "outcomes.jsonl"

LOG_FORMAT = 2
"""Version of a line. In format 1 a line was sealed by itself, so that a line could be taken out unseen."""

MISSING, DONE, FAILED = 0, 1, 2
"""What can be said of a run."""

_SEAL = b', "crc": "'


class Entry(NamedTuple):
    """One line of the log.

    Attributes:
        part: name of the tables' files, empty if every run failed.
        runs: the runs, as (point, first replication, last replication).
        files: digests of the files by their path in the directory.
        failures: the runs that failed.
        seconds: how long the runs took.
        dropped: name of a part that was found damaged, whose runs are missing again; empty if none.
        not_done: points with the number of their runs in which a dated event could not happen.
        model: digest of the model that computed the runs; empty in format 1.
        format: version of the line.
    """

    part: str
    runs: list[tuple[int, int, int]]
    files: dict[str, str]
    failures: list[Failure]
    seconds: float
    dropped: str = ""
    not_done: Sequence[tuple[int, int]] = ()
    model: str = ""
    format: int = LOG_FORMAT

    def line(self, before: int) -> bytes:
        """The entry as a line.

        Args:
            before: seal of the line before, 0 for the first.
        """
        body = json.dumps(self._asdict() | {"failures": [failure._asdict() for failure in self.failures]})
        return f'{body[:-1]}, "crc": "{zlib.crc32(body.encode(), before):08x}"}}\n'.encode()

    @property
    def runs_done(self) -> int:
        """How many runs it says are done."""
        return sum(last - first + 1 for _, first, last in self.runs) - len(self.failures)


def seal_of(line: bytes) -> int:
    """The seal at the end of a whole line."""
    return int(line.rpartition(_SEAL)[2][:8], 16)


def parse_entry(line: bytes, before: int) -> tuple[Entry, int] | None:
    """The entry of a line and its seal, None if the line is damaged or does not follow the one before.

    Args:
        line: the line, its end included.
        before: seal of the line before, 0 for the first.
    """
    head, mark, tail = line.rpartition(_SEAL)
    body = head + b"}"
    alone, chained = zlib.crc32(body), zlib.crc32(body, before)
    seal = next((seal for seal in (chained, alone) if mark and tail == f'{seal:08x}"}}\n'.encode()), None)
    if seal is None:
        return None
    raw: dict[str, Any] = json.loads(body)
    if raw.setdefault("format", 1) > 1 and seal != chained:
        return None
    raw["runs"] = [tuple(each) for each in raw["runs"]]
    raw["not_done"] = [tuple(each) for each in raw.get("not_done", ())]
    raw["failures"] = [Failure(**each) for each in raw["failures"]]
    return Entry(**raw), seal


class Log(NamedTuple):
    """A log that was read.

    Attributes:
        entries: its whole lines.
        size: how many bytes they are.
        torn: how many bytes follow that are no whole line: a write that was stopped, or is going on now.
        seal: seal of the last whole line, 0 if there is none.
    """

    entries: list[Entry]
    size: int
    torn: int
    seal: int


def read_log(directory: Path) -> Log:
    """Read a log as far as it is whole; only its last line may be torn.

    Raises:
        StoreError: it is damaged before its end.
    """
    path = directory / LOG
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from None
    entries: list[Entry] = []
    offset = seal = 0
    for line in data.splitlines(keepends=True):
        found = parse_entry(line, seal)
        if found is None:
            if offset + len(line) == len(data):
                break
            raise StoreError(
                f"{path} is damaged at byte {offset:,}, before its end: restore the file from a copy, "
                "or run the experiment into a new directory"
            )
        entries.append(found[0])
        seal = found[1]
        offset += len(line)
    return Log(entries, offset, len(data) - offset, seal)


def status_of(entries: list[Entry], points: int, replications: int) -> np.ndarray:
    """What is known of each run: shape (points, replications), `MISSING`, `DONE` or `FAILED`.

    Raises:
        StoreError: a line names a run or a part that the experiment does not have.
    """
    status = np.zeros((points, replications), np.int8)
    source = np.full((points, replications), -1, np.int32)  # the entry that said so
    number = {entry.part: place for place, entry in enumerate(entries) if entry.part}
    for place, entry in enumerate(entries):
        places = [*entry.runs, *((failure.point, 0, failure.replication) for failure in entry.failures)]
        if any(point >= points or last >= replications for point, _, last in places):
            raise StoreError(f"{LOG} names runs that {MANIFEST} does not have: restore both from the same copy")
        if entry.dropped:
            status[source == number.get(entry.dropped, -2)] = MISSING
        for point, first, last in entry.runs:
            status[point, first : last + 1] = DONE
            source[point, first : last + 1] = place
        for failure in entry.failures:
            status[failure.point, failure.replication] = FAILED
    return status


def live_entries(entries: list[Entry]) -> list[Entry]:
    """The entries whose parts count."""
    dropped = {entry.dropped for entry in entries}
    return [entry for entry in entries if entry.part and entry.part not in dropped]
