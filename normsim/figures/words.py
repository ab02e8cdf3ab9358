"""Numbers in words, for captions and reports: an effect whose interval covers zero is never told as one."""

import math

from normsim.analysis.effects import LEVEL

MINUS = "\N{MINUS SIGN}"

INTERVAL = f"{LEVEL:.0%}".replace("%", " %")
"""The confidence level of every interval, in words."""


def number(value: float, places: int = 0) -> str:
    """A number with so many decimals, thousands set apart."""
    if not math.isfinite(value):
        return "unknown"
    text = f"{value:,.{places}f}"
    text = text if any(digit in text for digit in "123456789") else text.removeprefix("-")
    return text.replace("-", MINUS)


def signed(value: float, places: int = 0) -> str:
    """A difference with its sign; zero has none."""
    text = number(value, places)
    return f"+{text}" if value > 0.0 and any(digit in text for digit in "123456789") else text


def span(low: float, high: float, places: int = 0) -> str:
    """An interval."""
    return f"{number(low, places)} to {number(high, places)}"


def level(mean: float, low: float, high: float, places: int = 0, unit: str = "") -> str:
    """A mean with its interval, such as `3.2 states (2.9 to 3.5)`."""
    words = f"{number(mean, places)}{unit and ' ' + unit}"
    return f"{words} ({span(low, high, places)})" if math.isfinite(low) else words


def effect(mean: float, low: float, high: float, places: int = 0, unit: str = "", up: str = "more") -> str:
    """What a difference with its interval comes to.

    Args:
        mean: the difference.
        low: lower end of its interval.
        high: upper end.
        places: decimals.
        unit: unit of the difference, empty if it has none.
        up: the word for a difference above zero: `more` (else `fewer`) or `higher` (else `lower`).
    """
    after = unit and f" {unit}"
    if not math.isfinite(low):
        return f"of unknown size (one run only: {signed(mean, places)}{after})"
    if low == 0.0 == high:
        return "zero in every pair of runs"
    if low <= 0.0 <= high:
        return f"not distinguishable from zero ({span(low, high, places)}{after})"
    word = up if mean > 0.0 else {"more": "fewer", "higher": "lower", "longer": "shorter"}[up]
    return f"{word} by {number(abs(mean), places)}{after} ({span(low, high, places)})"


def count(n: int, one: str, several: str = "") -> str:
    """So many things."""
    return f"{n:,} {one if n == 1 else several or one + 's'}"


def listed(words: list[str]) -> str:
    """Words as a list in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words) or "none"
