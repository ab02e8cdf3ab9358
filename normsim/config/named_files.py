"""Files that are named: a packaged file by its name, any other by its path."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from normsim.config.messages import nearest_or_all, shown
from normsim.errors import ScenarioError

_PACKAGE = Path(__file__).parents[1]


def packaged_folder(name: str) -> Path:
    """Return a folder of packaged files, `scenarios` or `experiments`: in an installed package or in a checkout."""
    places = (_PACKAGE / name, _PACKAGE.parent / name)
    return next((place for place in places if place.is_dir()), places[-1])


def packaged_names(folder: str, without: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the files in a packaged folder, sorted.

    Args:
        folder: `scenarios` or `experiments`.
        without: names to leave out.
    """
    found = (name.removesuffix(".toml") for name in os.listdir(packaged_folder(folder)) if name.endswith(".toml"))
    return tuple(sorted(name for name in found if name not in without))


def is_path(which: str) -> bool:
    """Whether a text is a path: it has a folder or the suffix `.toml`."""
    return which.endswith(".toml") or "/" in which or "\\" in which


def file_of(which: str | Path, kind: str, folder: str, names: Iterable[str]) -> Path:
    """Return the path of a file that is given by name or by path.

    Args:
        which: the name of a packaged file, or a path.
        kind: what the file is, for messages: `scenario`, `experiment`, `ledger`.
        folder: the folder of packaged files of this kind.
        names: the names that are valid there.

    Raises:
        ScenarioError: it is a name, and there is no such packaged file; the message names the nearest.
    """
    if isinstance(which, Path) or is_path(which):
        return Path(which)
    known = tuple(names)
    if which not in known:
        here = f"; for the file in this folder write {which}.toml" if os.path.isfile(f"{which}.toml") else ""
        raise ScenarioError(f"there is no {kind} {shown(which)}{here or nearest_or_all(which, known)}")
    return packaged_folder(folder) / f"{which}.toml"
