"""Rows in compiled code: `states[i].validity` there as in Python. Written for Numba; it knows nothing of the model.

Rows are where their memory begins and how many they are. A row is where its first line begins, and how much farther
than `LINE` it is from one of its lines to the next: so far beyond its place in a record is each column of the second
line, twice as far one of the third. What the columns hold, and how they are read and set, Numba's records know.
"""

import operator
from functools import cache
from typing import Any

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_getattr_generic,
    lower_setattr_generic,
    make_attribute_wrapper,
    overload,
    register_model,
    unbox,
)

LINE = 64
"""Bytes that a processor fetches at once."""

_tools: Any = cgutils  # without types of its own


class _OfRecords(types.Type):
    """What all rows and one row have in common for the compiler."""

    def __init__(self, record: Any) -> None:
        self.record = record
        super().__init__(type(self).__name__)

    @property
    def key(self) -> Any:
        """What makes two of them the same."""
        return self.name, self.record

    @property
    def mangling_args(self) -> Any:
        """Their name in the symbols of compiled functions."""
        return self.name, self.record.mangling_args[1]


class RowsType(_OfRecords):
    """All rows."""


class _RowType(_OfRecords):
    """One of them."""


@register_model(RowsType)
class _RowsModel(models.StructModel):
    """Where their memory begins, and how many they are."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("start", types.voidptr), ("length", types.intp)])


@register_model(_RowType)
class _RowModel(models.StructModel):
    """Where its first line begins, and how much farther than `LINE` it is from one of its lines to the next."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("start", types.voidptr), ("apart", types.intp)])


@cache
def rows_type(dtype: np.dtype) -> RowsType:
    """The type of rows of this type, as Numba knows it."""
    return RowsType(numba.from_dtype(dtype))


@unbox(RowsType)
def _unbox(kind: Any, given: Any, c: Any) -> Any:
    """The caller holds the rows while they are in use, so their memory is only pointed to."""
    bytes_of = types.Array(types.uint8, 3, "C")
    memory = c.pyapi.object_getattr_string(given, "_memory")
    unboxed = c.unbox(bytes_of, memory)
    array = c.context.make_array(bytes_of)(c.context, c.builder, unboxed.value)
    rows = _tools.create_struct_proxy(kind)(c.context, c.builder)
    rows.start = c.builder.bitcast(array.data, _tools.voidptr_t)
    rows.length = c.builder.extract_value(array.shape, 1)
    c.context.nrt.decref(c.builder, bytes_of, unboxed.value)
    c.pyapi.decref(memory)
    return NativeValue(rows._getvalue(), is_error=unboxed.is_error)


make_attribute_wrapper(RowsType, "length", "length")


@overload(len)
def _length(rows: Any) -> Any:
    def length(rows: Any) -> Any:
        return rows.length

    return length if isinstance(rows, RowsType) else None


@overload(operator.getitem)
def _item(rows: Any, place: Any) -> Any:
    """As from an array: a place below 0 is counted from the end, and none is checked."""

    def item(rows: Any, place: Any) -> Any:
        return _row(rows, place + rows.length if place < 0 else place)  # type: ignore[call-arg]  # Numba gives a context

    return item if isinstance(rows, RowsType) and isinstance(place, types.Integer) else None


def line_of(context: Any, builder: Any, kind: Any, rows: Any, place: Any, line: Any) -> Any:
    """Where one line of row `rows[place]` begins."""
    all_rows = _tools.create_struct_proxy(kind)(context, builder, rows)
    lines = builder.add(builder.mul(line, all_rows.length), place)
    return builder.gep(all_rows.start, [builder.mul(lines, lines.type(LINE))], inbounds=True)


@intrinsic
def _row(_: Any, rows: Any, place: Any) -> Any:
    """Row `rows[place]`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        all_rows = _tools.create_struct_proxy(rows)(context, builder, arguments[0])
        row = _tools.create_struct_proxy(signature.return_type)(context, builder)
        count = all_rows.length.type
        row.start = line_of(context, builder, rows, arguments[0], arguments[1], count(0))
        row.apart = builder.mul(builder.sub(all_rows.length, count(1)), count(LINE))
        return row._getvalue()

    return _RowType(rows.record)(rows, types.intp), generate


@infer_getattr
class _RowAttributes(AttributeTemplate):
    """The columns are attributes, of the types that the record says."""

    key = _RowType

    def generic_resolve(self, row: Any, name: str) -> Any:  # type: ignore[override]  # as Numba documents it
        """Type of a column."""
        return row.record.typeof(name) if name in row.record.fields else None


def _record_of(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    """Where the record would begin that has this column where the row has it."""
    row = _tools.create_struct_proxy(kind)(context, builder, value)
    line = row.apart.type(kind.record.offset(name) // LINE)
    start = builder.gep(row.start, [builder.mul(row.apart, line)], inbounds=True)
    return builder.bitcast(start, context.get_value_type(kind.record))


@lower_getattr_generic(_RowType)
def _get(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    get = context.get_getattr(kind.record, name)
    return get(context, builder, kind.record, _record_of(context, builder, kind, value, name), name)


@lower_setattr_generic(_RowType)
def _set(context: Any, builder: Any, signature: Any, arguments: Any, name: str) -> Any:
    kind, given = signature.args
    put = context.get_setattr(name, types.none(kind.record, given))
    return put(builder, (_record_of(context, builder, kind, arguments[0], name), arguments[1]))
