"""Wording shared by every message about an input: shown values, the nearest valid name, what to do about a value."""

from __future__ import annotations

import datetime
import difflib
import json
import re
from collections.abc import Iterable
from typing import Any, Literal

Key = tuple[str | int, ...]
"""Path of a key in a file; positions in a list count from 0."""

Wanted = Literal["number", "switch", "date", "text"]

MAX_SHOWN = 60
"""Longest value that a message quotes in full."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def nearest(word: str, words: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest of some words, or an empty text if none is near.

    Example:
        >>> nearest("transparancy", ["transparency", "review_interval"])
        "; did you mean 'transparency'?"
    """
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def nearest_or_all(word: str, words: Iterable[str]) -> str:
    """Return the nearest of some words as `nearest` does, or all of them if none is near."""
    known = list(words)
    return nearest(word, known) or f"; known are {', '.join(known)}"


def written(key: Key) -> str:
    """Write a key as a file does: `regime.bridge.on`, `parameters."norm.anchor"`, `event[1].date` for the first event.

    Example:
        >>> written(("event", 0, "date"))
        'event[1].date'
    """
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += ("." if text else "") + (part if _BARE.fullmatch(part) else shown(part))
    return text


def shown(value: Any) -> str:
    """Write a value as a file does, shortened if it is long.

    Example:
        >>> shown([True, "a", 1, 2])
        '[true, "a", 1, ...]'
    """
    match value:
        case bool():
            text = str(value).lower()
        case str():
            text = json.dumps(value, ensure_ascii=False)
        case datetime.date() | datetime.time():
            text = value.isoformat()
        case list():
            text = f"[{', '.join(shown(item) for item in value[:3])}{', ...' if len(value) > 3 else ''}]"
        case dict():
            text = "{...}" if value else "{}"
        case _:
            text = repr(value)
    return one_line(text)


def one_line(text: str) -> str:
    """Shorten a text to one line of a message and escape what a terminal could act on."""
    plain = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text[:MAX_SHOWN])
    return plain if len(text) <= MAX_SHOWN else plain[: MAX_SHOWN - 3] + "..."


def hint(value: Any, wanted: Wanted, choices: tuple[str, ...] = ()) -> str:
    """Say what to do about a value of the wrong kind, as the end of a sentence; empty if that is plain.

    Args:
        value: the value found.
        wanted: the kind that is allowed.
        choices: the words that a text may be, if they are few.

    Example:
        >>> hint("0,8", "number")
        '; write 0.8 with a decimal point and without quotes'
    """
    match wanted, value:
        case "date", str() if re.fullmatch(r"\s*\d{4}-\d{2}(-\d{2})?\s*", value):
            return "; drop the quotes" if value.strip().count("-") == 2 else "; write a whole date without quotes"
        case "date", datetime.datetime():
            return f"; leave out the time of day: {value.date()}"
        case "number", str() if re.fullmatch(r"\s*[+-]?\d+,\d+\s*", value):
            return f"; write {value.strip().replace(',', '.')} with a decimal point and without quotes"
        case "number", str() if re.fullmatch(r"(?i)\s*[+-]?[\d.]+(e[+-]?\d+)?\s*", value):
            return "; drop the quotes"
        case "switch", str():
            return "; write true or false without quotes"
        case "number", float() if value != value or value in (float("inf"), float("-inf")):
            return "; it must be finite"
        case "number", float() if value == int(value):
            return f"; write {int(value)}"
        case "text", str() if choices:
            return nearest(value, choices)
        case "text", datetime.date() | int() | float():
            return "; text needs quotes"
    return ""
