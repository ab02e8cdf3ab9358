"""The directory of an experiment: its files, and the order in which a result is committed to it.

A chunk's tables are written under temporary names, flushed to disk, renamed, and the folder is flushed; only then one
line with their digests is appended to `outcomes.jsonl` and flushed. A run is done when its line is there and its part
is whole; whatever stops the program in between leaves a run that is not done, never half a result.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import filelock
import numpy as np

from normsim.errors import StoreError
from normsim.experiment import provenance
from normsim.experiment.experiment import Experiment, Failure
from normsim.experiment.worker import Done, sha256

MISSING, DONE, FAILED = 0, 1, 2
"""What can be said of a run."""

LOG = "outcomes.jsonl"
MANIFEST = "manifest.json"
EXPERIMENT = "experiment.toml"
POINTS = "points.parquet"
TABLES = ("parts", "series", "events", "states")
"""Folders of tables: the outcomes, and what else is kept."""

WRITER = "writer.json"
LOCK = "lock"


def reached(place: str) -> None:
    """A named place in the order of a commit, where tests stop the program."""


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
    """

    part: str
    runs: list[tuple[int, int, int]]
    files: dict[str, str]
    failures: list[Failure]
    seconds: float
    dropped: str = ""
    not_done: Sequence[tuple[int, int]] = ()

    def line(self) -> bytes:
        """The entry as a line, with a checksum."""
        body = json.dumps(self._asdict() | {"failures": [failure._asdict() for failure in self.failures]})
        return f'{body[:-1]}, "crc": "{zlib.crc32(body.encode()):08x}"}}\n'.encode()

    @staticmethod
    def parse(line: bytes) -> Entry | None:
        """The entry of a line, None if it is damaged."""
        head, mark, tail = line.rpartition(b', "crc": "')
        body = head + b"}"
        if not mark or tail != f'{zlib.crc32(body):08x}"}}\n'.encode():
            return None
        raw = json.loads(body)
        raw["runs"] = [tuple(each) for each in raw["runs"]]
        raw["not_done"] = [tuple(each) for each in raw.get("not_done", ())]
        raw["failures"] = [Failure(**each) for each in raw["failures"]]
        return Entry(**raw)


def read_log(directory: Path) -> tuple[list[Entry], int]:
    """The entries of a log, and how many bytes of it are whole; a torn last line is left out.

    Raises:
        StoreError: it is damaged before its end.
    """
    path = directory / LOG
    data = path.read_bytes() if path.exists() else b""
    entries: list[Entry] = []
    offset = 0
    for line in data.splitlines(keepends=True):
        entry = Entry.parse(line)
        if entry is None:
            if offset + len(line) == len(data):
                break
            raise StoreError(
                f"{LOG} is damaged at byte {offset:,}, before its end: restore the file from a copy, "
                "or run the experiment into a new directory"
            )
        entries.append(entry)
        offset += len(line)
    return entries, offset


def status_of(entries: list[Entry], points: int, replications: int) -> np.ndarray:
    """What is known of each run: shape (points, replications), `MISSING`, `DONE` or `FAILED`."""
    status = np.zeros((points, replications), np.int8)
    source = np.full((points, replications), -1, np.int32)  # the entry that said so
    number = {entry.part: place for place, entry in enumerate(entries) if entry.part}
    for place, entry in enumerate(entries):
        if entry.dropped:
            status[source == number[entry.dropped]] = MISSING
        for point, first, last in entry.runs:
            status[point, first : last + 1] = DONE
            source[point, first : last + 1] = place
        for failure in entry.failures:
            status[failure.point, failure.replication] = FAILED
    return status


def live_parts(entries: list[Entry]) -> list[str]:
    """Names of the parts that count."""
    dropped = {entry.dropped for entry in entries}
    return [entry.part for entry in entries if entry.part and entry.part not in dropped]


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest of a directory.

    Raises:
        StoreError: it holds no results, or of a newer format.
    """
    try:
        found: dict[str, Any] = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{directory} holds no results of an experiment (there is no {MANIFEST})") from None
    except ValueError:
        raise StoreError(f"{directory / MANIFEST} is damaged: it is no JSON") from None
    if not isinstance(found, dict) or not {"format", "versions", "depends_on"} <= set(found):
        raise StoreError(f"{directory} holds no results of an experiment ({MANIFEST} is something else)")
    if found["format"] > provenance.FORMAT:
        raise StoreError(
            f"{directory} was written by a newer normsim ({found['versions']['normsim']}); upgrade normsim"
        )
    return found


class Store:
    """A directory that is being written to. Open one with `opened`.

    Attributes:
        directory: the directory.
        experiment: the experiment.
        status: what is known of each run, shape (points, replications).
        told: what was found and mended on opening, a sentence each.
    """

    def __init__(self, directory: Path, experiment: Experiment) -> None:
        self.directory, self.experiment = directory, experiment
        self.told: list[str] = []
        self.entries = self._recover()
        self.status = status_of(self.entries, len(experiment.points), experiment.replications)
        parts = [int(entry.part or entry.dropped) for entry in self.entries if entry.part or entry.dropped]
        self._next = max(parts, default=-1) + 1

    def _recover(self) -> list[Entry]:
        """The log's entries, once what a crash left behind is cleared away."""
        entries, whole = read_log(self.directory)
        path = self.directory / LOG
        if path.exists() and path.stat().st_size > whole:
            with path.open("r+b") as file:
                file.truncate(whole)
                os.fsync(file.fileno())
            self.told.append(f"the last line of {LOG} was torn; its runs are done again")
        kept = set(live_parts(entries))
        for entry in [entry for entry in entries if entry.part in kept]:
            if not all(_whole(self.directory / name, digest) for name, digest in entry.files.items()):
                self.told.append(f"part {entry.part} is damaged or gone; its {_count(entry)} runs are done again")
                lost = Entry("", [], {}, [], 0.0, dropped=entry.part)
                self._append(lost)
                entries.append(lost)
        live = set(live_parts(entries))
        listed = {name for entry in entries if entry.part in live for name in entry.files}
        orphans = [
            path
            for table in TABLES
            for path in (self.directory / table).glob("*")
            if path.relative_to(self.directory).as_posix() not in listed
        ]
        for orphan in orphans:
            orphan.unlink()
        if orphans:
            self.told.append(f"{len(orphans)} file{'s' * (len(orphans) > 1)} of an unfinished commit cleared away")
        return entries

    def commit(self, done: Done) -> None:
        """Commit the results of a chunk.

        Raises:
            StoreError: the disk is full or refuses; nothing is half committed.
        """
        part = f"{self._next:06d}" if done.tables else ""
        files: dict[str, str] = {}
        try:
            for table, data in done.tables.items():
                name = f"{table}/{part}.parquet"
                files[name] = sha256(data)
                write_whole(self.directory / name, data)
            reached("renamed")
            seconds = round(done.seconds, 3)
            entry = Entry(part, _ranges(done), files, done.failures, seconds, not_done=done.not_done)
            self._append(entry)
        except OSError as error:
            for name in files:
                (self.directory / name).unlink(missing_ok=True)
            raise StoreError(
                f"{self.directory}: {error.strerror}; what was finished before is kept, "
                f"and normsim batch resume {self.directory} goes on"
            ) from None
        self._next += 1
        self.entries.append(entry)
        for job in done.jobs:
            self.status[job.point, job.replication] = DONE
        for failure in done.failures:
            self.status[failure.point, failure.replication] = FAILED

    def forget_failures(self) -> int:
        """Count failed runs as missing, so that they are run again; says how many."""
        failed = self.status == FAILED
        self.status[failed] = MISSING
        return int(failed.sum())

    def _append(self, entry: Entry) -> None:
        """Append a line, or nothing of it."""
        path, line = self.directory / LOG, entry.line()
        before = path.stat().st_size if path.exists() else 0
        try:
            with path.open("ab") as file:
                file.write(line[: len(line) // 2])
                file.flush()
                reached("half a line")
                file.write(line[len(line) // 2 :])
                file.flush()
                os.fsync(file.fileno())
            if not before:
                _flush_folder(self.directory)
        except OSError:
            if path.exists():
                os.truncate(path, before)
            raise
        reached("appended")


def _count(entry: Entry) -> int:
    return sum(last - first + 1 for _, first, last in entry.runs) - len(entry.failures)


def _whole(path: Path, digest: str) -> bool:
    return path.exists() and sha256(path.read_bytes()) == digest


def _ranges(done: Done) -> list[tuple[int, int, int]]:
    """The runs of a chunk as ranges of replications."""
    ranges: list[tuple[int, int, int]] = []
    for job in sorted(done.jobs, key=lambda job: (job.point, job.replication)):
        if ranges and ranges[-1][0] == job.point and ranges[-1][2] == job.replication - 1:
            ranges[-1] = (job.point, ranges[-1][1], job.replication)
        else:
            ranges.append((job.point, job.replication, job.replication))
    return ranges


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, also if the power fails."""
    temporary = path.with_name(f".{path.name}.tmp")
    if not path.parent.exists():
        path.parent.mkdir()
        _flush_folder(path.parent.parent)
    reached("before temporary")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        reached("after temporary")
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class UserFile(NamedTuple):
    """A user's Python file as it is handed to workers and kept beside the results.

    Attributes:
        name: its name.
        text: its content.
        digest: digest of its content.
    """

    name: str
    text: str
    digest: str

    @property
    def content(self) -> tuple[str, str]:
        """Name and text."""
        return self.name, self.text


UserFiles = Mapping[str, UserFile]
"""A user's files by what they hold: `rules`, `outcomes`. Each is kept in the folder of that name."""


def user_file_in(directory: Path, holds: str) -> Path | None:
    """The user's file that a directory keeps, None if it has none.

    Args:
        directory: a directory of results.
        holds: `rules` or `outcomes`.
    """
    return next(iter((directory / holds).glob("*.py")), None)


@contextmanager
def opened(directory: Path, experiment: Experiment, user_files: UserFiles, code_may_change: bool) -> Iterator[Store]:
    """A directory to write to: made anew, or one that holds the same experiment.

    Args:
        directory: where results go.
        experiment: the experiment; it may have more replications than the directory knows.
        user_files: the user's own rules and outcomes, kept beside the results.
        code_may_change: go on with results of other code, and say so in the manifest.

    Raises:
        StoreError: it holds something else, results of another experiment, or is in use.
    """
    new = not directory.exists() or (directory.is_dir() and not any(directory.iterdir()))
    if not new and not (directory / MANIFEST).exists() and not _unfinished(directory):
        raise StoreError(f"{directory} is not empty and holds no results of an experiment; name another with --out")
    if (directory / MANIFEST).exists():
        read_manifest(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(directory / LOCK, timeout=0)
        lock.acquire()
    except filelock.Timeout:
        raise StoreError(_in_use(directory)) from None
    except OSError as error:
        raise StoreError(f"{directory}: {error.strerror}; name another directory with --out") from None
    try:
        try:
            writer = json.dumps({"pid": os.getpid(), "since": provenance.now()})
            (directory / WRITER).write_text(writer, encoding="utf-8")
            if not (directory / MANIFEST).exists():
                _create(directory, experiment, user_files)
            else:
                _check_same(directory, experiment, user_files, code_may_change)
            store = Store(directory, experiment)
        except OSError as error:
            raise StoreError(f"{directory}: {error.strerror}; what was finished before is kept") from None
        yield store
    finally:
        (directory / WRITER).unlink(missing_ok=True)
        lock.release()


def _unfinished(directory: Path) -> bool:
    """Whether a directory holds nothing but the start of one of ours, stopped before its manifest was written."""
    ours = {EXPERIMENT, POINTS, LOCK, WRITER, "scenarios", "rules", "outcomes", f".{MANIFEST}.tmp"}
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else {"a file"}
    return LOCK in names and names <= ours | {f".{EXPERIMENT}.tmp", f".{POINTS}.tmp"}


def _in_use(directory: Path) -> str:
    try:
        writer = json.loads((directory / WRITER).read_text(encoding="utf-8"))
        who = f" by process {writer['pid']} since {writer['since']}"
    except (OSError, ValueError, KeyError):
        who = ""
    return f"{directory} is in use{who}; wait for it or stop it first"


def _create(directory: Path, experiment: Experiment, user_files: UserFiles) -> None:
    """Fill a new directory; the manifest comes last, and with it the directory is one of results."""
    for scenario in experiment.scenarios:
        write_whole(directory / "scenarios" / f"{scenario.name}.toml", scenario.to_toml().encode())
    for holds, file in user_files.items():
        write_whole(directory / holds / file.name, file.text.encode())
    write_whole(directory / POINTS, _points_bytes(experiment))
    write_whole(directory / EXPERIMENT, experiment.to_toml().encode())
    _write_manifest(directory, provenance.manifest(experiment, _digests(user_files)))


def _digests(user_files: UserFiles) -> dict[str, str]:
    return {holds: file.digest for holds, file in user_files.items()}


def _points_bytes(experiment: Experiment) -> bytes:
    import pyarrow as pa

    from normsim.experiment.worker import factor_fields, parquet_bytes, run_fields

    fields = [*run_fields()[:2], *factor_fields(experiment.factors)]
    columns: list[list[Any]] = [[point.index for point in experiment.points], [p.scenario for p in experiment.points]]
    for field in fields[2:]:
        values = [point.values[field.name] for point in experiment.points]
        columns.append(values if field.type == pa.string() else [float(value) for value in values])
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return parquet_bytes(pa.Table.from_arrays(arrays, schema=pa.schema(fields)))


def _write_manifest(directory: Path, manifest: dict[str, Any]) -> None:
    write_whole(directory / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())


def _check_same(directory: Path, experiment: Experiment, user_files: UserFiles, code_may_change: bool) -> None:
    """Refuse to go on with another experiment; note more replications and, if allowed, other code."""
    manifest = read_manifest(directory)
    before, now = manifest["depends_on"], provenance.depends_on(experiment, _digests(user_files))
    changed = [name for name in dict.fromkeys([*before, *now]) if before.get(name) != now.get(name)]
    if changed == ["code"] and code_may_change:
        manifest["depends_on"] = now
        manifest.setdefault("code_changes", []).append(
            {"at": provenance.now(), "from": before["code"], "to": now["code"]}
        )
    elif changed:
        advice = "; --allow-code-change goes on, and records it" if changed == ["code"] else ""
        raise StoreError(
            f"{directory} holds results of another experiment: {', '.join(changed)} changed{advice}; "
            "name another directory with --out, or move this one aside with --overwrite"
        )
    if experiment.replications < manifest["replications"]:
        raise StoreError(
            f"{directory} holds {manifest['replications']} replications, more than the {experiment.replications} "
            "asked for; results are never thrown away, so name another directory with --out"
        )
    manifest["sessions"].append({"at": provenance.now(), "versions": provenance.versions(), **provenance.commit()})
    manifest |= {"replications": experiment.replications, "fingerprint": experiment.fingerprint()}
    write_whole(directory / EXPERIMENT, experiment.to_toml().encode())
    _write_manifest(directory, manifest)
