"""How an object looks in a notebook: a title, a few facts, and the first rows of its table."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ROWS = 10
"""Most rows of a table that are shown."""


def notebook_html(title: str, facts: Mapping[str, Any], frame: pd.DataFrame | None = None) -> str:
    """Return the HTML of an object.

    Args:
        title: its heading.
        facts: facts by name; empty ones are left out.
        frame: its table, of which the first rows are shown.

    Example:
        >>> notebook_html("A & B", {"runs": 3, "question": ""})
        '<p><b>A &amp; B</b><br>runs: 3</p>'
    """
    lines = [f"{escape(name)}: {escape(str(value))}" for name, value in facts.items() if value not in ("", None)]
    text = f"<p>{'<br>'.join([f'<b>{escape(title)}</b>', *lines])}</p>"
    if frame is None or frame.empty:
        return text
    table: str = frame.head(ROWS).to_html(index=False, border=0, na_rep="")
    more = f"<p>{ROWS} of {len(frame):,} rows</p>" if len(frame) > ROWS else ""
    return f"{text}{table}{more}"
