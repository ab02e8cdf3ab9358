"""Pages of the docs that commands write: tables in Markdown, and figures beside them."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def markdown_table(columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A table in Markdown, line by line; bars in cells are escaped."""
    names = list(columns)
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    return lines + [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def write_page[T](
    done: T,
    page: "Callable[[T, str | None], str]",
    drawn: "Callable[[], Mapping[str, Callable[[T], Figure]]]",
    out: Path | None,
    figures: Path | None,
) -> None:
    """Write what was asked for of a page and its figures.

    Args:
        done: what they are of.
        page: its page, given where the figures are, seen from the page; None shows none.
        drawn: its figures by file name; asked for only if they are drawn.
        out: the page's file, None for no page.
        figures: the figures' folder, None for no figures.
    """
    if figures is not None:
        from normsim.figures.style import save

        figures.mkdir(parents=True, exist_ok=True)
        for name, draw in drawn().items():
            save(draw(done), figures / f"{name}.png")
    if out is not None:
        beside = None if figures is None else Path(os.path.relpath(figures, out.parent)).as_posix()
        out.write_text(page(done, beside), encoding="utf-8", newline="\n")
