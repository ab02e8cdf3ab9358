"""References: what a source key stands for, and how far it was checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Checked = Literal["page seen", "opening seen", "memory"]

_CAVEATS: Mapping[Checked, str] = {
    "page seen": "",
    "opening seen": " (only an opening or a summary was read)",
    "memory": " (by memory, no copy seen)",
}
_FILE = Path(__file__).with_name("references.toml")


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of `references.toml`.

    Attributes:
        key: name in `source` of a parameter, e.g. `Karlas2022`.
        text: author, year, title and venue, as far as known.
        note: what is taken from it, and what to be careful about.
        checked: how much of it was read: `page seen`, `opening seen` or `memory`.
        doi: its identifier, blank if not known.
        url: an address, blank if not known.
    """

    key: str
    text: str
    note: str
    checked: Checked
    doi: str = ""
    url: str = ""

    @property
    def link(self) -> str:
        """Where to find it: by its identifier if it has one, else its address, else blank."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


@cache
def references() -> Mapping[str, Reference]:
    """Every reference by its key, in the order of the file."""
    entries = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({key: Reference(key=key, **entry) for key, entry in entries.items()})


def cite(key: str) -> str:
    """One line for a source key: text, link and, where no full page was read, how far it was checked.

    Raises:
        KeyError: `references.toml` has no such key.
    """
    reference = references()[key]
    linked = f"{reference.text}. {reference.link}" if reference.link else reference.text
    return linked if key == "assumed" else linked + _CAVEATS[reference.checked]
