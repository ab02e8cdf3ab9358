"""A table of the model: a row a state, its columns in groups, and each group of columns in memory of its own.

The month goes over the states some twenty times, and each time asks for one or two groups of columns. Were the groups
of a state side by side, every such pass would skip over the others, and in a large world the processor would wait at
most rows. So the first lines of all rows stand together, then the second lines, and so on; a line is a group of
columns, and what a processor fetches at once. For the reader nothing changes: `states["validity"]` is a column,
`states[i]` a row and `states[i].validity` its value, in Python as in compiled code (see `numba_table.py`).
"""

import math
from typing import Any, overload

import numpy as np

from normsim.engine.numba_table import LINE, table_type


def aligned(shape: int | tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros, the first at the beginning of a line."""
    size = math.prod(shape if isinstance(shape, tuple) else (shape,)) * np.dtype(dtype).itemsize
    room = np.zeros(size + LINE, np.uint8)
    first = -room.ctypes.data % LINE
    return room[first : first + size].view(dtype).reshape(shape)


def row_type(columns: list[Any]) -> np.dtype:
    """The type of a table's rows: columns one after the other, and spare bytes to fill the last line.

    Args:
        columns: name, type and, of a column of several values, shape, as `numpy.dtype` takes them.

    Raises:
        ValueError: If a column begins on one line and ends on the next.
    """
    spare = -np.dtype(columns).itemsize % LINE
    dtype = np.dtype([*columns, ("spare", "i1", (spare,))])
    fields: Any = dtype.fields
    for name, (column, offset, *_) in fields.items():
        if offset % LINE + column.itemsize > LINE:
            raise ValueError(f"column {name!r} lies on two lines of {LINE} bytes: move it within its group")
    return dtype


class Table:
    """Rows of one structured type, whose lines stand apart.

    Attributes:
        lines: the memory, shape (lines of a row, rows, `LINE`).
        dtype: the type of a row, see `row_type`.
    """

    def __init__(self, rows: np.ndarray) -> None:
        """Args: rows: what it holds at first, a structured array of one dimension; it is copied."""
        self.dtype = rows.dtype
        lines = self.dtype.itemsize // LINE
        self.lines = aligned((lines, len(rows), LINE), np.uint8)
        self.lines[:] = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), lines, LINE).swapaxes(0, 1)
        self._numba_type_ = table_type(self.dtype)  # what Numba asks for

    def __len__(self) -> int:
        """Number of rows."""
        return self.lines.shape[1]

    @overload
    def __getitem__(self, key: str) -> np.ndarray: ...

    @overload
    def __getitem__(self, key: int) -> "Row": ...

    def __getitem__(self, key: str | int) -> Any:
        """A column by its name, as a view; or a row by its place."""
        if not isinstance(key, str):
            return Row(self, range(len(self))[key])
        fields: Any = self.dtype.fields
        column, offset = fields[key][:2]
        line, begin = divmod(offset, LINE)
        held = self.lines[line, :, begin : begin + column.itemsize].view(column.base)
        return held.reshape(len(self), *column.shape)

    def __setitem__(self, name: str, values: Any) -> None:
        """Fill a column."""
        self[name][...] = values

    def rows(self) -> np.ndarray:
        """All rows as one structured array of its own."""
        return self.lines.swapaxes(0, 1).copy().reshape(-1).view(self.dtype)

    def copy(self) -> "Table":
        """A table of its own with the same rows."""
        return Table(self.rows())

    def __reduce__(self) -> Any:
        """Pickled, and copied deeply, as its rows."""
        return Table, (self.rows(),)


class Row:
    """One row of a table; its columns are attributes, to be read and set."""

    __slots__ = ("_place", "_table")

    def __init__(self, table: Table, place: int) -> None:
        """Args: table: the table. place: which of its rows."""
        object.__setattr__(self, "_table", table)
        object.__setattr__(self, "_place", place)

    def __getattr__(self, name: str) -> Any:
        """The value of a column."""
        try:
            return self._table[name][self._place]
        except KeyError:
            raise AttributeError(f"no column {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set the value of a column."""
        try:
            self._table[name][self._place] = value
        except KeyError:
            raise AttributeError(f"no column {name!r}") from None
