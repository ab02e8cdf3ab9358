"""The tables of an experiment's results: a query in SQL, and exports for other programs."""

import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from normsim.cli import output_files as outputs
from normsim.cli.batch_commands import size_in_words
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import console, note, say, say_json, table
from normsim.cli.results_summary import (
    MOST_ROWS,
    about,
    cell,
    note_remarks,
    records,
    refuse_taken,
    save_csv,
    tell_written,
    write_csv,
)
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from normsim.experiment import Results

ASK_ABOVE = 1e9
"""Bytes of CSV above which is asked."""

GAP = 3
"""Space between columns."""


def query_command(
    directory: Path,
    sql: str,
    json: bool = False,
    csv: Path | None = None,
    timeout: float = 300.0,
    memory: float = 4.0,
) -> None:
    """Print the answer to a query in SQL.

    Args:
        directory: a directory of results.
        sql: the query; its tables are outcomes, points, and series, events and states where they were kept.
        json: print JSON and nothing else.
        csv: write the answer to this file.
        timeout: how long the query may take [s].
        memory: how much memory it may use [GB].

    Raises:
        BadInputError: a limit is not above 0.
    """
    from normsim.experiment import open_results

    for name, limit in (("timeout", timeout), ("memory", memory)):
        if not 0.0 < limit < math.inf:
            raise BadInputError(f"--{name} {limit:g}: allowed is a number above 0")
    refuse_taken(csv)
    results = open_results(directory)
    answer = results.query(sql, timeout, memory)
    note_remarks(results)
    if csv is not None:
        write_csv(answer, csv)
    if json:
        say_json(records(answer))
    else:
        shown = _tell_answer(answer)
        more = f", {shown} shown; all with --csv FILE" if len(answer) > shown else ""
        say(f"{len(answer):,} row{'' if len(answer) == 1 else 's'}{more}")
    tell_written(csv, json)


def _tell_answer(answer: "pd.DataFrame") -> int:
    """Print the first rows of an answer, side by side if they are too wide; returns how many."""
    columns = [str(name) for name in answer.columns]
    rows = [tuple(cell(value) for value in row) for row in answer.head(MOST_ROWS).itertuples(index=False, name=None)]
    widths = [max(len(row[place]) for row in [columns, *rows]) + GAP for place in range(len(columns))]
    room = console().width
    if sum(widths) <= room or not rows:
        numbers = [str(name) for name, kind in answer.dtypes.items() if kind.kind in "iuf"]
        # a row of one cell is a heading of the table
        say(table((*columns, ""), [(*row, "") for row in rows], right=numbers))
        return len(rows)
    name_width = max(map(len, columns)) + GAP
    beside = [max(map(len, row)) + GAP for row in rows]
    fitting = [place for place in range(len(rows)) if name_width + sum(beside[: place + 1]) <= room]
    shown = max(1, len(fitting))
    titles = [f"row {place + 1}" for place in range(shown)]
    turned = [(name, *(row[place] for row in rows[:shown])) for place, name in enumerate(columns)]
    say(table(("column", *titles), turned, right=titles))
    return shown


def export_command(directory: Path, csv: Path | None = None, ema: Path | None = None, yes: bool = False) -> None:
    """Write results for other programs.

    Args:
        directory: a directory of results.
        csv: a folder for a CSV file a table, and columns.csv with units and meanings.
        ema: an archive, such as results.tar.gz, that `ema_workbench.load_results` reads.
        yes: write more than a gigabyte without asking.

    Raises:
        BadInputError: neither is given, the folder holds something else, or nobody agrees to its size.
    """
    from normsim.experiment import open_results

    if csv is None and ema is None:
        raise BadInputError("nothing to export to: give --csv FOLDER or --ema FILE.tar.gz")
    refuse_taken(ema)
    results = open_results(directory)
    record = {"command": "export", "experiment": results.fingerprint}
    if csv is not None:
        outputs.refuse_foreign(csv, record)
        _agree(results, yes)
        _export_csv(results, csv, record)
    if ema is not None:
        from normsim.analysis.ema import to_ema, write_ema

        experiments, found = to_ema(results)
        write_ema(experiments, found, ema)
        say(f"{len(experiments):,} of {len(results.points):,} points, each the mean of its finished runs")
    note_remarks(results)
    for path in (csv, ema):
        tell_written(path, False)


def _agree(results: "Results", yes: bool) -> None:
    """Say how large the CSV files will be, and ask if they are very large.

    Raises:
        BadInputError: the answer is no, or there is nobody to ask.
    """
    size = sum(results.csv_size(name) for name in ("outcomes", *results.kept))
    note(f"about {size_in_words(size)} of CSV")
    if size <= ASK_ABOVE or yes:
        return
    told = "more than 1 GB of CSV: add --yes to write it"
    if not sys.stdin.isatty():
        raise BadInputError(told)
    if not typer.confirm("Write it?", err=True):
        raise BadInputError("not written")


def _export_csv(results: "Results", folder: Path, record: dict[str, Any]) -> None:
    """Write each table that was kept."""
    frames = {"points": lambda: results.points, "failures": results.failures, "columns": _columns}
    files: list[outputs.File] = [(f"{name}.csv", partial(_save_read, read)) for name, read in frames.items()]
    kept = ("outcomes", *results.kept)
    files += [(f"{name}.csv", partial(results.write_csv, name)) for name in kept]
    summary = about(results) | {"command": record}
    outputs.write(folder, [*files, (outputs.MARK, partial(outputs.write_summary, summary))])


def _columns() -> "pd.DataFrame":
    """What the outcomes are: name, unit, meaning, and how a run sums them up."""
    import pandas as pd

    rows = [(name, o.unit, o.meaning, o.over) for name, o in (OUTCOMES | RUN_OUTCOMES).items()]
    return pd.DataFrame(rows, columns=["outcome", "unit", "meaning", "over"])


def _save_read(read: "Callable[[], pd.DataFrame]", path: Path) -> None:
    save_csv(read(), path)
