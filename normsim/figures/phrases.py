"""Numbers in words, for captions and reports: a difference whose interval covers zero is never told as one."""

import math

from normsim.stats import LEVEL

MINUS = "\N{MINUS SIGN}"

INTERVAL = f"{LEVEL:.0%}".replace("%", " %")
"""The confidence level of every interval, in words."""

CHANCE = f"one in {1.0 / (1.0 - LEVEL):.0f}"
"""How many of such intervals miss what they are for, in words."""


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


def effect(mean: float, low: float, high: float, places: int = 0, unit: str = "", up: str = "higher") -> str:
    """What a difference with its interval comes to, in words that follow `is`.

    Args:
        mean: the difference.
        low: lower end of its interval.
        high: upper end.
        places: decimals.
        unit: unit of the difference, empty if it has none.
        up: the word for a difference above zero: `higher` (else `lower`) or `longer` (else `shorter`).
    """
    after = unit and f" {unit}"
    if not math.isfinite(mean):
        return "unknown"
    if not math.isfinite(low):
        return f"different by an unknown amount (one pair of runs only: {signed(mean, places)}{after})"
    if low == 0.0 == high:
        return "no different in any pair of runs"
    if low <= 0.0 <= high:
        return f"different by an amount not distinguishable from zero ({span(low, high, places)}{after})"
    word = up if mean > 0.0 else {"higher": "lower", "longer": "shorter"}[up]
    return f"{word} by {number(abs(mean), places)}{after} ({span(low, high, places)})"


def listed(words: list[str]) -> str:
    """Words as a list in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words) or "none"
