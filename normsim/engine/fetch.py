"""Fetch: tell the processor which rows will be asked for soon. It changes no number.

The rows of a large world do not fit in the cache. Those that are read one after the other the processor foresees; for
those that a list or a network points to it waits, unless it is told in time.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

_tools: Any = cgutils  # without types of its own


def fetch(rows: np.ndarray, place: int) -> None:
    """Tell the processor that a row will be needed soon; outside compiled code nothing happens.

    Args:
        rows: an array, of records or not.
        place: which of its rows.
    """


@overload(fetch)
def _compiled_fetch(rows: Any, place: Any) -> Any:
    def tell(rows: Any, place: Any) -> None:
        _prefetch(rows, place)  # type: ignore[call-arg]  # Numba gives it its context

    return tell


@intrinsic
def _prefetch(context: Any, rows: Any, place: Any) -> Any:
    """The processor's own instruction: read (0), keep in every cache (3), data (1)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        row = _tools.get_item_pointer(context, builder, signature.args[0], array, [arguments[1]])
        flag = ir.IntType(32)
        form = ir.FunctionType(ir.VoidType(), [_tools.voidptr_t, flag, flag, flag])
        instruction = _tools.get_or_insert_function(builder.module, form, "llvm.prefetch.p0")
        builder.call(instruction, [builder.bitcast(row, _tools.voidptr_t), flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return types.void(rows, types.intp), generate
