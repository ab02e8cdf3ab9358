"""Validators of data files: what a cell may hold, as text and as a test; keys and orders of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from normsim.world.dates import day

_CODE = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
# Places outside the list of states on which use is recorded: Western Sahara.
_TERRITORIES = frozenset({"ESH"})


class Known(NamedTuple):
    """Codes and keys that other files define.

    Attributes:
        states: ISO codes in states.csv.
        sources: Keys in sources.csv.
    """

    states: frozenset[str]
    sources: frozenset[str]


class Rule(NamedTuple):
    """What a cell may hold.

    Attributes:
        allowed: Description of valid text, for the error message.
        accepts: Whether a text is valid.
    """

    allowed: str
    accepts: Callable[[str, Known], bool]


class Spec(NamedTuple):
    """What a file must hold.

    Attributes:
        columns: The rule of each column.
        key: Columns that together identify a row; no two rows share them.
        ordered: Two columns of which the first sorts before the second (an undirected pair).
        apart: Two columns that must differ (a directed pair).
        dates: Columns whose dates, where given, do not decrease.
        most: A column, a value of it, and how many rows with that value a code of `ordered` may be in.
        optional: The rule of each column that may be absent.
    """

    columns: dict[str, Rule]
    key: tuple[str, ...]
    ordered: tuple[str, str] | None = None
    apart: tuple[str, str] | None = None
    dates: tuple[str, ...] = ()
    most: tuple[str, str, int] | None = None
    optional: Mapping[str, Rule] = MappingProxyType({})


def _is_date(text: str) -> bool:
    try:
        day(text)
    except ValueError:
        return False
    return True


def number(low: float, high: float) -> Rule:
    """A plain decimal number within bounds."""
    return Rule(
        f"a number from {low:g} to {high:g}",
        lambda text, _: bool(_NUMBER.fullmatch(text)) and low <= float(text) <= high,
    )


def whole(low: int, high: int) -> Rule:
    """A whole number within bounds."""
    return Rule(
        f"a whole number from {low} to {high}",
        lambda text, _: text.isdecimal() and low <= int(text) <= high,
    )


def choice(*words: str) -> Rule:
    """One word out of a list."""
    return Rule("one of " + ", ".join(words), lambda text, _: text in words)


def blank_or(rule: Rule) -> Rule:
    """The rule, or an empty cell."""
    return Rule(
        f"{rule.allowed}, or nothing",
        lambda text, known: text == "" or rule.accepts(text, known),
    )


def joined(*words: str) -> Rule:
    """One or more words out of a list, joined by '+'."""
    return Rule(
        f"one or more of {', '.join(words)}, joined by '+'",
        lambda text, _: set(words).issuperset(text.split("+")),
    )


TEXT = Rule("text", lambda text, _: text.strip() != "")
NOTE = Rule("text or nothing", lambda text, _: True)
FLAG = choice("0", "1")
YEAR = whole(1900, 2100)
DATE = Rule("a date: YYYY, YYYY-MM or YYYY-MM-DD", lambda text, _: _is_date(text))
CODE = Rule("three capital letters", lambda text, _: bool(_CODE.fullmatch(text)))
STATE = Rule("the ISO code of a state in states.csv", lambda text, known: text in known.states)
PLACE = Rule(
    "the ISO code of a state in states.csv or of a territory (ESH)",
    lambda text, known: text in known.states or text in _TERRITORIES,
)
STATES = Rule(
    "ISO codes of states.csv separated by ';'",
    lambda text, known: text == "" or known.states.issuperset(text.split(";")),
)
SOURCE = Rule(
    "keys of sources.csv separated by ';'",
    lambda text, known: known.sources.issuperset(text.split(";")),
)
KEY = Rule("letters, digits and '_'", lambda text, _: bool(re.fullmatch(r"\w+", text)))
DIGITS = Rule("three digits", lambda text, _: bool(re.fullmatch(r"\d{3}", text)))
PERIOD = Rule(
    "YYYY-YYYY, first year before last",
    lambda text, _: bool(re.fullmatch(r"\d{4}-\d{4}", text)) and text[:4] < text[5:],
)
