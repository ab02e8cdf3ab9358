"""How numbers, tables and JSON are printed."""

import json
import math
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 136
"""Columns of output that goes to a file or a pipe."""

LEAST = 20
"""Columns that are written for if there are fewer."""

DASH = "-"

MILLION = 1e6


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the guard."""
        raise BrokenPipeError(32, "closed")


def console(err: bool = False) -> Console:
    """A console on the stream as it is now.

    Args:
        err: stderr instead of stdout.
    """
    stream = sys.stderr if err else sys.stdout
    given = os.environ.get("COLUMNS", "")
    wide = WIDTH
    if given.isdecimal() and int(given) > 0:
        wide = max(int(given), LEAST)
    elif stream.isatty():
        wide = max(shutil.get_terminal_size((WIDTH, 0)).columns, LEAST)
    return _Console(file=stream, width=wide, highlight=False, markup=False, emoji=False)


def say(*lines: str | Text | Table) -> None:
    """Print lines and tables on stdout; what is text is not broken."""
    out = console()
    for line in lines:
        out.print(line, soft_wrap=not isinstance(line, Table))


def note(message: str) -> None:
    """Print a line for people on stderr, where it is in no machine's way."""
    console(err=True).print(Text(message, style="dim"), soft_wrap=True)


def heading(text: str) -> Text:
    """A heading."""
    return Text(text, style="bold")


HEADING = 12
"""Width from which on a folded heading goes to the next line."""


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
    folded: Sequence[str] = (),
) -> Table:
    """A table without frames. Where there is no room, words go to the next line; numbers are never broken.

    Args:
        columns: headings.
        rows: cells; a row of one cell is a heading within the table.
        right: columns of numbers.
        whole: columns whose cells are not broken.
        folded: columns of numbers whose heading, such as the name of a scenario, may take several lines.
    """
    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    rows = list(rows)
    for place, name in enumerate(columns):
        justify: Literal["left", "right"] = "right" if name in right else "left"
        # where there is no room, a cell is broken, or visibly cut: half a number would be another number
        overflow: Literal["fold", "ellipsis"] = "ellipsis" if name in whole else "fold"
        least = most = None
        if name in right and name not in whole:
            least = max((cell_len(str(row[place])) for row in rows if len(row) > 1), default=0)
            most = max(least, HEADING) if name in folded else None
        no_wrap = name in whole
        made.add_column(
            Text(name), justify=justify, overflow=overflow, no_wrap=no_wrap, min_width=least, max_width=most
        )
    for row in rows:
        if len(row) == 1:
            made.add_section()
            made.add_row(Text(str(row[0]), style="italic"))
        else:
            made.add_row(*row)
    return made


def decimals(values: Iterable[float]) -> int:
    """How many decimals to give the numbers of one row, so that they can be compared."""
    known = [abs(value) for value in values if math.isfinite(value)]
    largest = max(known, default=0.0)
    if all(value == round(value) for value in known) or largest >= 1000:
        return 0
    return 1 if largest >= 10 else 2 if largest >= 1 else 3


def scale(values: Iterable[float]) -> tuple[float, str]:
    """What the numbers of one row are divided by, and the word for it: millions take too much room."""
    large = max((abs(value) for value in values if math.isfinite(value)), default=0.0) >= MILLION
    return (MILLION, "million") if large else (1.0, "")


def number(value: float, places: int, sign: bool = False) -> str:
    """A number with so many decimals."""
    if not math.isfinite(value):
        return DASH
    text = f"{value:{'+' if sign else ''},.{places}f}"
    return text if text.strip("+-0.,") else text.lstrip("+-")


def plain(value: Any) -> Any:
    """A value as JSON has it: no NaN, dates as text, NumPy's numbers as Python's."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def as_json(value: Any) -> str:
    """A value as JSON text."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False)


def say_json(value: Any) -> None:
    """Print JSON and nothing else on stdout."""
    sys.stdout.write(as_json(value) + "\n")
