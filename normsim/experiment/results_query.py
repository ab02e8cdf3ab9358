"""SQL over stored results, and CSV files of them.

A query sees the tables and nothing else: DuckDB reads them from memory or through Arrow, and has no access to files,
the network, extensions or Python's variables.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim.config.messages import nearest
from normsim.errors import StoreError
from normsim.experiment.results_store import TABLES

if TYPE_CHECKING:
    import pandas as pd

    from normsim.experiment.results import Results

SECONDS = 300.0
"""How long a query may take if nothing else is said [s]."""

MEMORY = 4.0
"""How much memory a query may use if nothing else is said [GB]."""

ORDER = ("point", "replication", "month", "iso3")
"""Columns by which the rows of a table are sorted, as far as it has them, whatever the order of the runs."""

SAMPLE = 1000
"""Rows written to estimate the size of a file."""

_SHUT_IN: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",  # one order of summation, so that sums have the same digits every time
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def answer(results: Results, sql: str, seconds: float, memory: float) -> pd.DataFrame:
    """The answer to a query.

    Raises:
        StoreError: it is no single SELECT, names what is not there, or takes too much time or memory.
    """
    import duckdb

    with duckdb.connect(config=_SHUT_IN) as connection:
        tables = _tables(results)
        columns = {name: _registered(connection, results, name) for name in _mentioned(sql, tables)}
        connection.execute(f"SET memory_limit = '{memory:g}GB'")
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        timer = threading.Timer(seconds, connection.interrupt)
        timer.start()
        try:
            _refuse_other_than_select(connection, sql)
            found: pd.DataFrame = connection.sql(sql).df()
        except duckdb.InterruptException:
            raise StoreError(f"the query took longer than {seconds:g} s; give it more with --timeout") from None
        except duckdb.OutOfMemoryException:
            raise StoreError(f"the query needs more than {memory:g} GB; give it more with --memory") from None
        except duckdb.Error as error:
            raise StoreError(f"the query cannot be answered: {_told(str(error), tables, columns)}") from None
        finally:
            timer.cancel()
    return found


def _tables(results: Results) -> dict[str, str]:
    """Names of the tables that a query can name, and their folders; points have none."""
    names = {"outcomes" if table == "parts" else table: table for table in TABLES if results.files(table)}
    return names | {"points": ""}


def _mentioned(sql: str, tables: dict[str, str]) -> list[str]:
    """The tables that a query names; only these are read. All of them if it names none, as in SHOW TABLES."""
    return [name for name in tables if re.search(rf"\b{name}\b", sql, re.IGNORECASE)] or list(tables)


def _registered(connection: Any, results: Results, name: str) -> list[str]:
    """Make a table known, its files checked; returns its columns."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    if name == "points":
        found = pa.Table.from_pandas(results.points, preserve_index=False)
    elif name == "outcomes":
        found = results.table("parts")
    else:
        found = ds.dataset([str(path) for path in results.checked_paths(name)], format="parquet")
    connection.register(name, found)
    return list(found.schema.names)


def _refuse_other_than_select(connection: Any, sql: str) -> None:
    """Refuse what is no single SELECT.

    Raises:
        StoreError: it is something else.
    """
    kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    if len(kinds) != 1 or kinds[0] not in ("SELECT", "EXPLAIN"):
        told = ", ".join(kinds) or "nothing"
        raise StoreError(f"a query is one SELECT over the tables of the results; this is {told}")


def _told(message: str, tables: dict[str, str], columns: dict[str, list[str]]) -> str:
    """Why a query failed, with what there is where it names something that is not there."""
    first = message.splitlines()[0]
    column = re.search(r'column "([^"]+)" not found|does not have a column named "([^"]+)"', message)
    if column:
        known = list(dict.fromkeys(name for names in columns.values() for name in names))
        name = column[1] or column[2]
        return f"no column {name!r}{nearest(name, known)}; there are {', '.join(known)}"
    table = re.search(r"Table with name (\S+) does not exist", message)
    if table:
        return f"no table {table[1]!r}{nearest(table[1], tables)}; there are {', '.join(tables)}"
    if "Permission Error" in first or "disabled" in first:
        return "it reads or writes outside of the results, which a query cannot"
    return first


def write_csv(results: Results, table: str, path: Path) -> None:
    """Write a table to a CSV file, sorted, without holding it in memory."""
    import duckdb

    files = [_literal(str(file)) for file in results.checked_paths("parts" if table == "outcomes" else table)]
    with duckdb.connect() as connection:
        rows = connection.from_parquet(files, file_row_number=True, filename=True)
        # rows of one run lie in one file, in the order in which things happened
        order = [name for name in ORDER if name in rows.columns] + ["filename", "file_row_number"]
        kept = [
            f'nullif("{name}", \'nan\'::DOUBLE) AS "{name}"' if kind == "DOUBLE" else f'"{name}"'
            for name, kind in zip(rows.columns, map(str, rows.types), strict=True)
            if name not in ("filename", "file_row_number")
        ]
        try:
            rows.order(", ".join(order)).select(", ".join(kept)).write_csv(str(path), header=True)
        except duckdb.Error as error:
            raise StoreError(f"{path} cannot be written: {str(error).splitlines()[0]}") from None


def csv_size(results: Results, table: str) -> float:
    """About how many bytes the CSV file of a table will be."""
    import io

    import pyarrow.parquet as pq

    paths = results.checked_paths("parts" if table == "outcomes" else table)
    rows = sum(pq.read_metadata(path).num_rows for path in paths)
    few = next(pq.ParquetFile(paths[0]).iter_batches(SAMPLE)).to_pandas()
    text = io.StringIO()
    few.to_csv(text, index=False, header=False)
    return rows * len(text.getvalue()) / max(len(few), 1)


def _literal(path: str) -> str:
    """A path in which DuckDB sees no pattern."""
    return re.sub(r"([*?\[])", r"[\1]", path)
