"""Words of the page: labels, meanings, story and glossary, from `page_texts.toml`."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

NAMED = 6
"""Names listed in a sentence, at most."""

_FILE = Path(__file__).with_name("page_texts.toml")


class ChoiceWords(NamedTuple):
    """A choice in words.

    Attributes:
        label: its name.
        verb: as in "whether to ...".
        done: as in "it ...", when it happened.
        meaning: what is chosen.
    """

    label: str
    verb: str
    done: str
    meaning: str


@cache
def texts() -> dict[str, Any]:
    """Every text of the page."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def choice_words(choice: str) -> ChoiceWords:
    """A choice in words."""
    return ChoiceWords(**texts()["choices"][choice])


def plain(text: str) -> str:
    """A meaning without the marks of code."""
    return text.replace("`", "")


def the(name: str) -> str:
    """A state's name as it stands within a sentence, with its article if it has one."""
    return f"the {name}" if name in texts()["article"]["names"] else name


def upper(sentence: str) -> str:
    """A sentence with a capital at its beginning."""
    return sentence[:1].upper() + sentence[1:]


def named(names: Sequence[str], most: int = NAMED) -> str:
    """Names in a list, the rest counted.

    Example:
        >>> named(["A", "B", "C"], 2)
        'A, B and 1 other'
    """
    if len(names) > most:
        rest = len(names) - most
        return f"{', '.join(names[:most])} and {rest} other{'s' if rest > 1 else ''}"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
