"""The directory of an experiment: its files, and the order in which a result is committed to it.

A chunk's tables are written under temporary names, flushed to disk, renamed, and the folder is flushed; only then one
line with their digests is appended to `outcomes.jsonl` and flushed. A run is done when its line is there and its part
is whole; whatever stops the program in between leaves a run that is not done, never half a result.

Every file is sealed: the manifest holds a digest of itself, of the points and of the copies of inputs, each line of the
log a checksum of itself and all lines before it, and the digests of the tables it commits.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock

from normsim.errors import StoreError
from normsim.experiment import provenance
from normsim.experiment.experiment import Experiment
from normsim.experiment.manifest import FORMAT, MANIFEST, read_manifest, write_manifest
from normsim.experiment.model_digest import changed_since, is_code, listed, model_digest
from normsim.experiment.outcome_log import DONE, FAILED, LOG, MISSING, Entry, live_entries, read_log, seal_of, status_of
from normsim.experiment.safe_files import flush_folder, is_whole, reached, sha256, write_whole
from normsim.experiment.user_copies import UserFiles
from normsim.experiment.worker import Done

EXPERIMENT = "experiment.toml"
POINTS = "points.parquet"
TABLES = ("parts", "series", "events", "states")
"""Folders of tables: the outcomes, and what else is kept."""

WRITER = "writer.json"
LOCK = "lock"

_OURS = re.compile(r"\.?(\d{6})\.parquet(\.tmp)?")
"""Names of tables, and of those that are being written."""


class Store:
    """A directory that is being written to. Open one with `opened`.

    Attributes:
        directory: the directory.
        experiment: the experiment.
        status: what is known of each run, shape (points, replications).
        told: what was found and mended on opening, a sentence each.
    """

    def __init__(self, directory: Path, experiment: Experiment, mended: list[str]) -> None:
        self.directory, self.experiment, self.told = directory, experiment, mended
        self._place = _place_of(directory)
        self.entries = self._recover()
        self.status = status_of(self.entries, len(experiment.points), experiment.replications)

    def _recover(self) -> list[Entry]:
        """The log's entries, once what a crash left behind is cleared away."""
        log = read_log(self.directory)
        entries, self._seal = log.entries, log.seal
        if log.torn:
            with (self.directory / LOG).open("r+b") as file:
                file.truncate(log.size)
                os.fsync(file.fileno())
            self.told.append(f"the last line of {LOG} was torn; its runs are done again")
        for entry in live_entries(entries):
            if not all(is_whole(self.directory / name, digest) for name, digest in entry.files.items()):
                self.told.append(f"part {entry.part} is damaged or gone; its {entry.runs_done} runs are done again")
                lost = Entry("", [], {}, [], 0.0, dropped=entry.part)
                self._append(lost)
                entries.append(lost)
        self._clear(entries)
        return entries

    def _clear(self, entries: list[Entry]) -> None:
        """Clear away what an unfinished commit left and tables of parts that were dropped; all else is left alone."""
        parts = [int(entry.part or entry.dropped) for entry in entries if entry.part or entry.dropped]
        self._next = max(parts, default=-1) + 1
        live = {name: digest for entry in live_entries(entries) for name, digest in entry.files.items()}
        copies = set(live.values())  # no unfinished commit leaves the copy of a table that counts
        cleared, strays = 0, []
        for path in strays_in(self.directory, set(live)):
            number = _number(path)
            unfinished = number == self._next and sha256(path.read_bytes()) not in copies
            if number is not None and (unfinished or number < self._next):
                path.unlink()
                cleared += 1
            elif path.parent.name in TABLES:
                strays.append(path)
        if cleared:
            self.told.append(f"{cleared} file{'s' * (cleared > 1)} of an unfinished commit cleared away")
        names = [path.relative_to(self.directory).as_posix() for path in strays]
        if names:
            self.told.append(f"left alone, as no part of the results: {listed(names)}")
        self._next = max([self._next, *(number + 1 for path in strays if (number := _number(path)) is not None)])

    def commit(self, done: Done) -> None:
        """Commit the results of a chunk.

        Raises:
            StoreError: the disk is full or refuses; nothing is half committed. Or a worker ran another model.
        """
        if done.model and done.model != model_digest():
            raise StoreError(
                f"{self.directory}: a worker runs other code or data of normsim than the process that started it (they "
                "were edited meanwhile, or a cluster has another version); its runs are not stored"
            )
        part = f"{self._next:06d}" if done.tables else ""
        files: dict[str, str] = {}
        try:
            if _place_of(self.directory) != self._place:
                raise StoreError(f"{self.directory} was moved or replaced meanwhile; nothing more is stored")
            for table, data in done.tables.items():
                name = f"{table}/{part}.parquet"
                files[name] = sha256(data)
                write_whole(self.directory / name, data)
            reached("renamed")
            seconds = round(done.seconds, 3)
            entry = Entry(part, _ranges(done), files, done.failures, seconds, not_done=done.not_done, model=done.model)
            self._append(entry)
        except OSError as error:
            for name in files:
                (self.directory / name).unlink(missing_ok=True)
            raise StoreError(
                f"{self.directory}: {error.strerror}; what was finished before is kept, "
                f"and normsim batch resume {self.directory} continues"
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
        path, line = self.directory / LOG, entry.line(self._seal)
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
                flush_folder(self.directory)
        except OSError:
            if path.exists():
                os.truncate(path, before)
            raise
        self._seal = seal_of(line)
        reached("appended")


def _place_of(directory: Path) -> tuple[int, int]:
    """What tells a directory from another of the same name."""
    found = directory.stat()
    return found.st_dev, found.st_ino


def _number(path: Path) -> int | None:
    """Number of the part that a file's name says, None if it is none of ours."""
    found = _OURS.fullmatch(path.name)
    return int(found[1]) if found and path.is_file() and path.parent.name in TABLES else None


def strays_in(directory: Path, known: set[str]) -> list[Path]:
    """What lies in the folders of tables and inputs but is not in a list of paths, sorted."""
    folders = [directory / name for name in (*TABLES, "scenarios", "rules", "outcomes")]
    found = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return sorted(path for path in found if path.relative_to(directory).as_posix() not in known)


def _ranges(done: Done) -> list[tuple[int, int, int]]:
    """The runs of a chunk as ranges of replications."""
    ranges: list[tuple[int, int, int]] = []
    for job in sorted(done.jobs, key=lambda job: (job.point, job.replication)):
        if ranges and ranges[-1][0] == job.point and ranges[-1][2] == job.replication - 1:
            ranges[-1] = (job.point, ranges[-1][1], job.replication)
        else:
            ranges.append((job.point, job.replication, job.replication))
    return ranges


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
    except OSError as error:
        raise StoreError(f"{directory}: {error.strerror}; name another directory with --out") from None
    with _locked(directory):
        place = _place_of(directory)
        try:
            try:
                writer = json.dumps({"pid": os.getpid(), "since": provenance.now()})
                (directory / WRITER).write_text(writer, encoding="utf-8")
                mended: list[str] = []
                if (directory / MANIFEST).exists():
                    mended = _go_on(directory, experiment, user_files, code_may_change)
                else:
                    _create(directory, experiment, user_files)
                store = Store(directory, experiment, mended)
            except OSError as error:
                raise StoreError(f"{directory}: {error.strerror}; what was finished before is kept") from None
            yield store
        finally:
            if directory.exists() and _place_of(directory) == place:
                (directory / WRITER).unlink(missing_ok=True)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """The lock of a directory.

    Raises:
        StoreError: another process holds it, or it cannot be had.
    """
    lock = filelock.FileLock(directory / LOCK, timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise StoreError(_in_use(directory)) from None
    except NotImplementedError:
        raise StoreError(f"{directory}: this file system has no locks; name another directory with --out") from None
    except OSError as error:
        raise StoreError(f"{directory}: {error.strerror}; name another directory with --out") from None
    try:
        yield
    finally:
        lock.release()


def move_aside(directory: Path) -> Path:
    """Move a directory out of the way of a new one; its lock is held meanwhile.

    Returns:
        where it is now.

    Raises:
        StoreError: another process writes to it, or it cannot be moved.
    """
    aside = directory.with_name(f"{directory.name}.before-{provenance.now().replace('-', '').replace(':', '')[:15]}Z")
    if not (directory / LOCK).exists():  # none of ours
        return _moved(directory, aside)
    with _locked(directory):
        return _moved(directory, aside)


def _moved(directory: Path, aside: Path) -> Path:
    try:
        if aside.exists():
            raise StoreError(f"{aside} is there already; wait a second")
        return directory.rename(aside)
    except OSError as error:
        raise StoreError(f"{directory} cannot be moved aside: {error.strerror}") from None


def _unfinished(directory: Path) -> bool:
    """Whether a directory holds nothing but the start of one of ours, stopped before its manifest was written."""
    ours = {EXPERIMENT, POINTS, LOCK, WRITER, "scenarios", "rules", "outcomes", f".{MANIFEST}.tmp"}
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else {"a file"}
    return LOCK in names and names <= ours | {f".{EXPERIMENT}.tmp", f".{POINTS}.tmp"}


def _in_use(directory: Path) -> str:
    try:
        writer = json.loads((directory / WRITER).read_text(encoding="utf-8"))
        who = f" by process {writer['pid']} since {writer['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = ""
    return f"{directory} is in use{who}; wait for it or stop it first"


def _inputs(experiment: Experiment, user_files: UserFiles) -> dict[str, bytes]:
    """The copies of inputs in a directory, by their paths."""
    texts = {f"scenarios/{scenario.name}.toml": scenario.to_toml() for scenario in experiment.scenarios}
    texts[EXPERIMENT] = experiment.to_toml()
    files = {name: f"# normsim results, format {FORMAT}\n{text}".encode() for name, text in texts.items()}
    files |= {f"{holds}/{file.name}": file.text.encode() for holds, file in user_files.items()}
    return files | {POINTS: _points_bytes(experiment)}


def _create(directory: Path, experiment: Experiment, user_files: UserFiles) -> None:
    """Fill a new directory; the manifest comes last, and with it the directory is one of results."""
    inputs = _inputs(experiment, user_files)
    for name, data in inputs.items():
        write_whole(directory / name, data)
    manifest = provenance.manifest(experiment, _digests(user_files))
    manifest["files"] = {name: sha256(data) for name, data in inputs.items()}
    if not flush_folder(directory) and os.name == "posix":
        manifest["folders_flushed"] = False  # the file system refuses: after a power failure, files may be missing
    write_manifest(directory, manifest)


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


def _go_on(directory: Path, experiment: Experiment, user_files: UserFiles, code_may_change: bool) -> list[str]:
    """Refuse to go on with another experiment; note more replications and, if allowed, other code.

    Returns:
        what was mended, a sentence each.
    """
    manifest = read_manifest(directory)
    before, now = manifest["depends_on"], provenance.depends_on(experiment, _digests(user_files))
    changed = changed_since(before, now)
    if changed and code_may_change and all(map(is_code, changed)):
        manifest["depends_on"] = now
        manifest.setdefault("code_changes", []).append({"at": provenance.now(), "changed": changed})
    elif changed:
        only_code = all(map(is_code, changed))
        what = "results of other code" if only_code else "results of another experiment"
        advice = "; --allow-code-change goes on, and records it" if only_code else ""
        raise StoreError(
            f"{directory} holds {what}: {listed(changed)} changed{advice}; "
            "name another directory with --out, or move this one aside with --overwrite"
        )
    if experiment.replications < manifest["replications"]:
        raise StoreError(
            f"{directory} holds {manifest['replications']} replications, more than the {experiment.replications} "
            "asked for; results are never thrown away, so name another directory with --out"
        )
    mended = _mend_inputs(directory, manifest, experiment, user_files)
    manifest["sessions"].append({"at": provenance.now(), "versions": provenance.versions(), **provenance.commit()})
    manifest |= {"replications": experiment.replications, "fingerprint": experiment.fingerprint(), "format": FORMAT}
    write_manifest(directory, manifest)
    return mended


def _mend_inputs(directory: Path, manifest: dict[str, Any], experiment: Experiment, user_files: UserFiles) -> list[str]:
    """Write copies of inputs again that are damaged or gone.

    Raises:
        StoreError: one cannot be written again as it was.
    """
    inputs = _inputs(experiment, user_files)
    if manifest["format"] == 1:  # nothing was sealed
        manifest["files"] = {name: sha256((directory / name).read_bytes()) for name in inputs}
    mended = []
    for name, digest in manifest["files"].items():
        if is_whole(directory / name, digest):
            continue
        if sha256(inputs.get(name, b"")) != digest:
            raise StoreError(f"{directory}: {name} is gone or not what was written; restore it from a copy")
        write_whole(directory / name, inputs[name])
        mended.append(f"{name} was damaged or gone; it is written again")
    return mended
