"""Verification of a directory of results: every file against the digest that was stored when it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normsim.errors import StoreError
from normsim.experiment.outcome_log import live_entries
from normsim.experiment.results_store import WRITER, strays_in
from normsim.experiment.safe_files import is_whole

if TYPE_CHECKING:
    from normsim.experiment.results import Results


def problems(results: Results) -> list[str]:
    """What is wrong with the files of a directory, one sentence each; empty if nothing is.

    The manifest and the log were checked when the directory was opened.
    """
    wrong = _damaged(results) + _strays(results)
    if wrong:
        return wrong
    try:
        return _runs(results) + _changed(results)
    except StoreError as error:
        return [str(error)]


def _damaged(results: Results) -> list[str]:
    """Files that are gone or not what was written."""
    listed = dict(results.manifest["files"])
    for entry in live_entries(results.entries):
        listed |= entry.files
    wrong = []
    for name, digest in listed.items():
        path = results.directory / name
        if not path.exists():
            wrong.append(f"{name} is gone")
        elif not is_whole(path, digest):
            wrong.append(f"{name} is not what was committed")
    return wrong


def _strays(results: Results) -> list[str]:
    """Files and folders among the tables and inputs that do not belong there."""
    if (results.directory / WRITER).exists():  # a commit may be going on
        return []
    known = set(results.manifest["files"]) | {name for entry in live_entries(results.entries) for name in entry.files}
    if results.manifest["format"] == 1:  # copies of inputs were not listed
        known |= {path.relative_to(results.directory).as_posix() for path in results.directory.glob("[sro]*/*.[tp]*")}
    strays = [path.relative_to(results.directory).as_posix() for path in strays_in(results.directory, known)]
    return [f"{name} is no file of these results; move it elsewhere" for name in strays]


def _runs(results: Results) -> list[str]:
    """Whether the tables hold each run that the log says is done, once."""
    if not results.done:
        return []
    keys = results.table("parts", ["point", "replication"])
    rows = len(keys)
    if rows != results.done:
        return [f"{rows:,} rows of outcomes, but the log says {results.done:,}"]
    unique = len(set(zip(keys["point"].to_pylist(), keys["replication"].to_pylist(), strict=True)))
    return [f"{rows - unique:,} runs are there twice"] if unique != rows else []


def _changed(results: Results) -> list[str]:
    """Parts of the experiment that are not what the results depend on."""
    now, then = dict(results.experiment.parts()), results.manifest["depends_on"]
    return [f"{name} is not what the results were made from" for name in now if then.get(name) != now[name]]
