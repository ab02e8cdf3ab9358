"""Tables in compiled code: `states[i].validity` there as in Python. Written for Numba; it knows nothing of the model.

A table is where its memory begins and how many rows it has. A row is where its first line begins, and how much farther
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
    """What a table and its rows have in common for the compiler."""

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


class TableType(_OfRecords):
    """A table."""


class _RowType(_OfRecords):
    """A row of a table."""


@register_model(TableType)
class _TableModel(models.StructModel):
    """Where its memory begins, and how many rows it has."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("start", types.voidptr), ("length", types.intp)])


@register_model(_RowType)
class _RowModel(models.StructModel):
    """Where its first line begins, and how much farther than `LINE` it is from one of its lines to the next."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("start", types.voidptr), ("apart", types.intp)])


@cache
def table_type(dtype: np.dtype) -> TableType:
    """The type of the tables with such rows."""
    return TableType(numba.from_dtype(dtype))


@unbox(TableType)
def _unbox(kind: Any, given: Any, c: Any) -> Any:
    """The caller holds the table while it is in use, so its memory is only pointed to."""
    memory = types.Array(types.uint8, 3, "C")
    lines = c.pyapi.object_getattr_string(given, "lines")
    unboxed = c.unbox(memory, lines)
    array = c.context.make_array(memory)(c.context, c.builder, unboxed.value)
    table = _tools.create_struct_proxy(kind)(c.context, c.builder)
    table.start = c.builder.bitcast(array.data, _tools.voidptr_t)
    table.length = c.builder.extract_value(array.shape, 1)
    c.context.nrt.decref(c.builder, memory, unboxed.value)
    c.pyapi.decref(lines)
    return NativeValue(table._getvalue(), is_error=unboxed.is_error)


make_attribute_wrapper(TableType, "length", "length")


@overload(len)
def _length(table: Any) -> Any:
    def length(table: Any) -> Any:
        return table.length

    return length if isinstance(table, TableType) else None


@overload(operator.getitem)
def _item(table: Any, place: Any) -> Any:
    def item(table: Any, place: Any) -> Any:
        return _row(table, place)  # type: ignore[call-arg]  # Numba gives it its context

    return item if isinstance(table, TableType) else None


def line_of(context: Any, builder: Any, kind: Any, table: Any, place: Any, line: Any) -> Any:
    """Where one line of row `table[place]` begins."""
    rows = _tools.create_struct_proxy(kind)(context, builder, table)
    lines = builder.add(builder.mul(line, rows.length), place)
    return builder.gep(rows.start, [builder.mul(lines, lines.type(LINE))], inbounds=True)


@intrinsic
def _row(_: Any, table: Any, place: Any) -> Any:
    """Row `table[place]`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows = _tools.create_struct_proxy(table)(context, builder, arguments[0])
        row = _tools.create_struct_proxy(signature.return_type)(context, builder)
        count = rows.length.type
        row.start = line_of(context, builder, table, arguments[0], arguments[1], count(0))
        row.apart = builder.mul(builder.sub(rows.length, count(1)), count(LINE))
        return row._getvalue()

    return _RowType(table.record)(table, types.intp), generate


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
