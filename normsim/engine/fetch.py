"""Fetch: tell the processor which rows will be asked for soon. It changes no number.

The rows of a large world do not fit in the cache. Those that are read one after the other the processor foresees; for
those that a list or a network points to it waits, unless it is told in time. In a small world telling is wasted.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload

from normsim.engine.numba_rows import LINE, RowsType, line_of

LARGE = 4096
"""States above which a loop tells of each of its rows. At 197 that costs 1 to 3 % of a run, at 20,000 it saves a third
of the look at neighbours and a fifth of the transfers (measured); where it turns is assumed."""

_tools: Any = cgutils  # without types of its own


def fetch(rows: Any, place: int, column: str = "") -> None:
    """Tell the processor that a row will be needed soon; outside compiled code nothing happens.

    Args:
        rows: an array, of records or not, or `Rows`.
        place: which of them.
        column: of `Rows`, a column of the group that will be needed, spelled out; the first group if not given.
    """


@overload(fetch, prefer_literal=True)
def _compiled_fetch(rows: Any, place: Any, column: Any = "") -> Any:
    if isinstance(rows, RowsType):
        line = _line_with(rows, column)

        def tell_line(rows: Any, place: Any, column: Any = "") -> None:
            _prefetch_line(rows, place, line)  # type: ignore[call-arg]  # Numba gives it its context

        return tell_line

    def tell(rows: Any, place: Any, column: Any = "") -> None:
        _prefetch(rows, place)  # type: ignore[call-arg]

    return tell


def _line_with(rows: RowsType, column: Any) -> int:
    """The line that holds a column; the first if none is asked for."""
    if isinstance(column, str | types.Omitted):
        return 0
    name = getattr(column, "literal_value", None)
    if name not in rows.record.fields:
        raise TypingError(f"fetch: {name or 'a column that is not spelled out'!r} is no column of these rows")
    return int(rows.record.offset(name)) // LINE


@intrinsic
def _prefetch(_: Any, rows: Any, place: Any) -> Any:
    """Row `rows[place]` of an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        _tell(builder, _tools.get_item_pointer(context, builder, signature.args[0], array, [arguments[1]]))
        return context.get_dummy_value()

    return types.void(rows, types.intp), generate


@intrinsic
def _prefetch_line(_: Any, rows: Any, place: Any, line: Any) -> Any:
    """One line of row `rows[place]`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        _tell(builder, line_of(context, builder, signature.args[0], *arguments))
        return context.get_dummy_value()

    return types.void(rows, types.intp, types.intp), generate


def _tell(builder: Any, pointer: Any) -> None:
    """The processor's own instruction: read (0), keep in every cache (3), data (1)."""
    flag = ir.IntType(32)
    form = ir.FunctionType(ir.VoidType(), [_tools.voidptr_t, flag, flag, flag])
    instruction = _tools.get_or_insert_function(builder.module, form, "llvm.prefetch.p0")
    builder.call(instruction, [builder.bitcast(pointer, _tools.voidptr_t), flag(0), flag(3), flag(1)])
