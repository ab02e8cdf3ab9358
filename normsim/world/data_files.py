"""Read and validate the data files; return their columns as text or numbers.

Each distinct value of a column is checked once, so that loading all files takes less than 0.1 s. The
line of an invalid value is searched for only when one is found. Tables are cached by file and
folder.
"""

from __future__ import annotations

import csv
import difflib
import functools
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from normsim.config.messages import nearest
from normsim.errors import DataError
from normsim.world.dates import day
from normsim.world.file_schemas import FILES
from normsim.world.validators import STATE, Known, Spec

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, eq=False)
class Table:
    """A data file as columns of text.

    Attributes:
        file: Name of the file.
        columns: Cells of each column, in the order of the file.
        lines: Line of the file on which each row ends, counted from 1.
        default_source: Source keys of the whole file, or blank if each row names its own.
    """

    file: str
    columns: dict[str, tuple[str, ...]]
    lines: tuple[int, ...]
    default_source: str = ""

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.lines)

    def __getitem__(self, column: str) -> tuple[str, ...]:
        """Cells of a column as text."""
        return self.columns[column]

    def numbers(self, column: str) -> npt.NDArray[np.float64]:
        """Cells of a column as numbers.

        Args:
            column: Name of a column whose rule is a number.

        Returns:
            One number per row, read-only; NaN for an empty cell.
        """
        return _numbers(self, column)

    def rows(self) -> Iterator[dict[str, str]]:
        """Each row as a mapping from column to text, its `source` filled in."""
        names = tuple(self.columns)
        for cells in zip(*self.columns.values(), strict=True):
            row = dict(zip(names, cells, strict=True))
            row.setdefault("source", self.default_source)
            yield row

    def broken(self, row: int, column: str, allowed: str) -> DataError:
        """The error of one cell.

        Args:
            row: Its row, counted from 0.
            column: Its column.
            allowed: What would be valid.
        """
        return DataError(self.file, allowed, line=self.lines[row], column=column, value=self.columns[column][row])


@functools.cache
def _numbers(source: Table, column: str) -> npt.NDArray[np.float64]:
    """Cells of a column as numbers, kept."""
    numbers = np.array([float(cell) if cell else np.nan for cell in source[column]])
    numbers.setflags(write=False)
    return numbers


@functools.cache
def table(file: str, data_dir: Path = DATA) -> Table:
    """Read and check a data file.

    Args:
        file: Name of a file described in the schema.
        data_dir: Folder to read from.

    Returns:
        The checked table.

    Raises:
        DataError: If the file is missing, unreadable, or does not match its schema.
    """
    spec = FILES[file]
    parsed = _parse(file, data_dir)
    _check(parsed, spec, known_codes(data_dir))
    if "source" in spec.columns or file == "sources.csv":
        return parsed
    keys = _parse("sources.csv", data_dir)
    default = ";".join(
        key for key, files in zip(keys["key"], keys["whole_files"], strict=True) if file in files.split(";")
    )
    if not default:
        raise DataError(file, "a source: no `source` column, and no row of sources.csv names the file")
    return Table(file, parsed.columns, parsed.lines, default)


def check_data(data_dir: Path = DATA) -> None:
    """Check every data file, including those that no world needs.

    Args:
        data_dir: Folder to read from.

    Raises:
        DataError: On the first invalid value.
    """
    for file in FILES:
        table(file, data_dir)


def data_hashes(data_dir: Path = DATA) -> dict[str, str]:
    """SHA-256 of each file in the data folder, for the record of a run.

    Args:
        data_dir: Folder to read from.

    Returns:
        File name to hexadecimal digest, sorted by name.
    """
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data_dir.iterdir())
        if path.is_file()
    }


def checked_csv(path: Path, spec: Spec, known: Known) -> Table:
    """Read and check a CSV file that is not part of the data folder's schema.

    Args:
        path: The file.
        spec: What it must hold.
        known: Codes and keys that other files define.

    Raises:
        DataError: If it is missing, unreadable, or does not match.
    """
    parsed = _read(path, spec)
    _check(parsed, spec, known)
    return parsed


@functools.cache
def known_codes(data_dir: Path = DATA) -> Known:
    """Codes of states and keys of sources that a data folder defines."""
    states = _parse("states.csv", data_dir)["iso3"]
    return Known(frozenset(states), frozenset(_parse("sources.csv", data_dir)["key"]))


@functools.cache
def _parse(file: str, data_dir: Path) -> Table:
    """Read a file of the data folder; check only its shape."""
    return _read(data_dir / file, FILES[file])


def _read(path: Path, spec: Spec) -> Table:
    """Split the text of a file into columns; check only its shape."""
    file = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(file, f"the file in the folder {path.parent.name}, but it is missing") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(file, "text in UTF-8", line=line) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise DataError(file, f"well-formed CSV ({error})", line=reader.line_num) from None
    _check_header(file, header, spec)
    for line, row in rows:
        if len(row) != len(header):
            raise DataError(file, f"{len(header)} cells", line=line, value=f"{len(row)} cells")
    if not rows:
        raise DataError(file, "at least one row below the header")
    lines, cells = zip(*rows, strict=True)
    return Table(file, dict(zip(header, zip(*cells, strict=True), strict=True)), lines)


def _check_header(file: str, header: list[str], spec: Spec) -> None:
    wanted = {**spec.columns, **spec.optional}
    for name in header:
        if name not in wanted or header.count(name) > 1:
            near = difflib.get_close_matches(name, [w for w in wanted if w not in header], n=1)
            hint = f"column {near[0]!r}" if near else "only " + ", ".join(wanted)
            raise DataError(file, f"{hint}, each once", line=1, column=name, value=name)
    for name in spec.columns:
        if name not in header:
            raise DataError(file, "this column, but it is missing", line=1, column=name)


def _check(parsed: Table, spec: Spec, known: Known) -> None:
    for column, rule in {**spec.columns, **spec.optional}.items():
        if column not in parsed.columns:
            continue
        bad = {text for text in set(parsed[column]) if not rule.accepts(text, known)}
        if bad:
            row = next(i for i, text in enumerate(parsed[column]) if text in bad)
            near = nearest(parsed[column][row], known.states) if rule is STATE else ""
            raise parsed.broken(row, column, rule.allowed + near)
    _check_unique(parsed, spec.key)
    if spec.ordered:
        first, second = spec.ordered
        for row, (a, b) in enumerate(zip(parsed[first], parsed[second], strict=True)):
            if a >= b:
                raise parsed.broken(row, second, f"a code that sorts after {first} {a!r}")
    if spec.apart:
        first, second = spec.apart
        for row, (a, b) in enumerate(zip(parsed[first], parsed[second], strict=True)):
            if a == b:
                raise parsed.broken(row, second, f"a state other than the {first}")
    if spec.dates:
        _check_dates(parsed, spec.dates)
    if spec.most and spec.ordered:
        _check_most(parsed, spec.ordered, *spec.most)


def _check_unique(parsed: Table, key: tuple[str, ...]) -> None:
    rows = list(zip(*(parsed[column] for column in key), strict=True))
    if len(set(rows)) == len(rows):
        return
    seen: dict[tuple[str, ...], int] = {}
    for row, cells in enumerate(rows):
        if cells in seen:
            first = parsed.lines[seen[cells]]
            raise DataError(
                parsed.file,
                f"each {', '.join(key)} once (first on line {first})",
                line=parsed.lines[row],
                column=key[0],
                value=", ".join(cells),
            )
        seen[cells] = row


def _check_most(parsed: Table, pair: tuple[str, str], column: str, value: str, most: int) -> None:
    counts: dict[str, int] = {}
    for row, text in enumerate(parsed[column]):
        if text == value:
            for end in pair:
                code = parsed[end][row]
                counts[code] = counts.get(code, 0) + 1
                if counts[code] > most:
                    allowed = f"at most {most} rows with this value for {code}: name the group whose treaty it is"
                    raise parsed.broken(row, column, allowed)


def _check_dates(parsed: Table, columns: tuple[str, ...]) -> None:
    for row, cells in enumerate(zip(*(parsed[column] for column in columns), strict=True)):
        before = ""
        for column, text in zip(columns, cells, strict=True):
            if not text:
                continue
            if before and day(text) < day(before):
                raise parsed.broken(row, column, f"a date not before {before}")
            before = text
