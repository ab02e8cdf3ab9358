"""Rows of the model: a row a state, its columns in groups, and each group of columns in memory of its own.

The month goes over the states some twenty times, and each time asks for one or two groups of columns. Were the groups
of a state side by side, every such pass would skip over the others, and in a large world the processor would wait at
most of its steps. So the first lines of all rows stand together, then the second lines, and so on; a line is a group of
columns, and what a processor fetches at once.

They are read as they would be side by side: `states["validity"]` is a column, `states[i]` a row, `states[i].validity`
its value, in Python as in compiled code (see `numba_rows.py`). For anything else NumPy does, take `states.packed()`.
"""

import math
import operator
from typing import Any, overload

import numpy as np

from normsim.engine.numba_rows import LINE, rows_type


def aligned(shape: int | tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros, the first at the beginning of a line."""
    size = math.prod(shape if isinstance(shape, tuple) else (shape,)) * np.dtype(dtype).itemsize
    room = np.zeros(size + LINE, np.uint8)
    first = -room.ctypes.data % LINE
    return room[first : first + size].view(dtype).reshape(shape)


def row_type(columns: list[Any]) -> np.dtype:
    """The type of rows that fill whole lines: columns one after the other, and spare bytes at the end.

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


class Rows:
    """Rows of one structured type, whose lines stand apart.

    Attributes:
        dtype: the type of a row, see `row_type`.
    """

    def __init__(self, rows: np.ndarray) -> None:
        """Args: rows: what they are at first, a structured array of one dimension; it is copied."""
        self.dtype = rows.dtype
        lines = self.dtype.itemsize // LINE
        self._memory = aligned((lines, len(rows), LINE), np.uint8)
        self._memory[:] = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), lines, LINE).swapaxes(0, 1)
        self._numba_type_ = rows_type(self.dtype)  # what Numba asks for

    @property
    def memory(self) -> np.ndarray:
        """All bytes, shape (lines of a row, rows, `LINE`)."""
        return self._memory

    def __len__(self) -> int:
        """Number of rows."""
        return self._memory.shape[1]

    @overload
    def __getitem__(self, key: str) -> np.ndarray: ...

    @overload
    def __getitem__(self, key: int) -> "Row": ...

    def __getitem__(self, key: str | int) -> Any:
        """A column by its name, as a view; or a row by its place."""
        if not isinstance(key, str):
            return Row(self, range(len(self))[operator.index(key)])
        fields: Any = self.dtype.fields
        column, offset = fields[key][:2]
        line, begin = divmod(offset, LINE)
        held = self._memory[line, :, begin : begin + column.itemsize].view(column.base)
        return held.reshape(len(self), *column.shape)

    def __setitem__(self, name: str, values: Any) -> None:
        """Fill a column."""
        self[name][...] = values

    def packed(self) -> np.ndarray:
        """All rows as one structured array of its own."""
        return self._memory.swapaxes(0, 1).copy().reshape(-1).view(self.dtype)

    def copy(self) -> "Rows":
        """The same rows in memory of their own."""
        return Rows(self.packed())

    def __reduce__(self) -> Any:
        """Pickled, and copied deeply, as a structured array."""
        return Rows, (self.packed(),)


class Row:
    """One of them; its columns are attributes, to be read and set."""

    __slots__ = ("_place", "_rows")

    def __init__(self, rows: Rows, place: int) -> None:
        """Args: rows: all rows. place: which of them."""
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_place", place)

    def __getattr__(self, name: str) -> Any:
        """The value of a column."""
        try:
            return self._rows[name][self._place]
        except KeyError:
            raise AttributeError(f"no column {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set the value of a column."""
        try:
            self._rows[name][self._place] = value
        except KeyError:
            raise AttributeError(f"no column {name!r}") from None

    def __repr__(self) -> str:
        """Every column and its value."""
        names = (name for name in self._rows.dtype.names or () if name != "spare")
        return f"Row({', '.join(f'{name}={getattr(self, name)}' for name in names)})"

    def __reduce__(self) -> Any:
        """Copied and pickled with all rows."""
        return Row, (self._rows, self._place)
