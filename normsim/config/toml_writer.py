"""TOML output, by tomli_w; a block of its own where a value carries a comment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w


def to_toml(tree: Mapping[str, Any]) -> str:
    """Write a tree of tables as TOML.

    Example:
        >>> print(to_toml({"months": 12, "design": {"method": "grid"}}), end="")
        months = 12
        <BLANKLINE>
        [design]
        method = "grid"
    """
    return tomli_w.dumps(tree)


def toml_block(header: str, values: Mapping[str, Any], comments: Mapping[str, str] | None = None) -> str:
    """Write one table with its header, one line per key, and a comment after some of the values.

    Args:
        header: the line above it, such as `[levers]`, `[[event]]` or a comment.
        values: keys with numbers, texts, switches, dates, or lists of these.
        comments: comments by key.

    Example:
        >>> print(toml_block("[levers]", {"assurance.strictness": 0.8}, {"assurance.strictness": "mine.toml"}))
        [levers]
        "assurance.strictness" = 0.8  # mine.toml
    """
    told = comments or {}
    lines = [_line(key, value) + (f"  # {told[key]}" if key in told else "") for key, value in values.items()]
    return "\n".join([header, *lines])


def _line(key: str, value: Any) -> str:
    """One key and its value; a list stays on its line."""
    if isinstance(value, list | tuple):
        name = _line(key, 0).removesuffix(" = 0")
        return f"{name} = [{', '.join(_line('_', item).removeprefix('_ = ') for item in value)}]"
    return tomli_w.dumps({key: value}).removesuffix("\n")
