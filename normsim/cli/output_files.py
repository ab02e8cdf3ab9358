"""What `--out` writes, and the care that nothing of others is overwritten."""

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import as_json
from normsim.scenario import Scenario

if TYPE_CHECKING:
    from normsim.engine.simulate import Run

File = tuple[str, Callable[[Path], None]]
"""A file's name, and what writes it at a path."""

MARK = "summary.json"
"""The file that says which command a folder is from."""


def default_folder(scenarios: list[Scenario]) -> Path:
    """Where figures go if no folder is named."""
    return Path("results") / "_vs_".join(scenario.name for scenario in scenarios)


def refuse_foreign(folder: Path, record: dict[str, Any], same: Iterable[str] = ()) -> None:
    """Refuse a folder that holds something else than the results of the same command.

    Args:
        folder: where results are to go.
        record: the command.
        same: parts of the command that must agree; all if not given.

    Raises:
        BadInputError: it is no folder, or holds something else.
    """
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise BadInputError(f"{folder} is a file; name a folder with --out")
    if not any(folder.iterdir()):
        return
    try:
        found = json.loads((folder / MARK).read_text(encoding="utf-8"))["command"]
        alike = all(found[part] == record[part] for part in (same or record))
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInputError(
            f"{folder} is not empty and holds no results of normsim; name another folder with --out"
        ) from None
    if not alike:
        told = ", ".join(f"{part} {found.get(part)}" for part in record if found.get(part) != record[part])
        raise BadInputError(f"{folder} holds results of another command ({told}); name another folder with --out")


def write(folder: Path, files: list[File]) -> None:
    """Write the files, all or none: made beside the folder first, then moved."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, writer in files:
            writer(made / name)
        folder.mkdir(exist_ok=True)
        for name, _ in files:
            os.replace(made / name, folder / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def write_summary(summary: dict[str, Any], path: Path) -> None:
    """Write summary.json."""
    path.write_text(as_json(summary) + "\n", encoding="utf-8", newline="\n")


def tables(scenarios: list[Scenario], labels: list[str], made: list[list["Run"]]) -> list[File]:
    """The series, events, final states and resolved scenarios as files."""
    runs = [(label, run) for label, several in zip(labels, made, strict=True) for run in several]
    files: list[File] = [
        ("series.csv", lambda path: _write_rows(path, chain.from_iterable(_series(*each) for each in runs))),
        ("events.csv", lambda path: _write_rows(path, chain.from_iterable(_events(*each) for each in runs))),
        ("states.csv", lambda path: _write_rows(path, chain.from_iterable(_states(*each) for each in runs))),
    ]
    names = ["scenario.toml", "baseline.toml"][: len(scenarios)]
    for name, scenario in zip(names, scenarios, strict=True):
        files.append((name, _toml_writer(scenario)))
    return files


def _toml_writer(scenario: Scenario) -> Callable[[Path], None]:
    def write_toml(path: Path) -> None:
        path.write_text(scenario.to_toml(), encoding="utf-8", newline="\n")

    return write_toml


def _write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows under a line of names."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return
        writer = csv.DictWriter(file, list(first), lineterminator="\n")
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def _series(label: str, run: "Run") -> Iterable[dict[str, Any]]:
    columns = {name: values.tolist() for name, values in run.outcomes.items()}
    for place, month in enumerate(run.months):
        yield {"scenario": label, "seed": run.seed, "month": month} | {n: v[place] for n, v in columns.items()}


def _events(label: str, run: "Run") -> Iterable[dict[str, Any]]:
    from normsim.engine.narrative import describe_events

    happened = run.log[run.log["happened"] > 0]
    for event in describe_events(happened, run.world, run.months):
        yield {"scenario": label, "seed": run.seed} | event


def _states(label: str, run: "Run") -> Iterable[dict[str, Any]]:
    from normsim.engine.columns import STATE_COLUMNS
    from normsim.engine.initialisation import CLASS_NAMES

    columns = {name: run.final[name].tolist() for name in STATE_COLUMNS}
    columns |= {name: run.final["stock"][:, place].tolist() for place, name in enumerate(CLASS_NAMES)}
    for place, code in enumerate(run.world.iso3):
        yield {"scenario": label, "seed": run.seed, "iso3": code} | {n: v[place] for n, v in columns.items()}
