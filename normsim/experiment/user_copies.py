"""A user's Python files as they are kept beside results, and which of them this user trusts to be run.

A directory of results may come from anybody, and its copies of rules and outcomes are programs. One is run only if the
manifest lists it with its digest, and if this user ran it before or says that it may be run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import platformdirs

from normsim.errors import StoreError
from normsim.experiment.safe_files import sha256

if TYPE_CHECKING:
    from normsim.experiment.results import Results


class UserFile(NamedTuple):
    """A user's Python file as it is handed to workers and kept beside the results.

    Attributes:
        name: its name.
        text: its content.
        digest: digest of what it means: its content, and the values that it reads.
    """

    name: str
    text: str
    digest: str

    @property
    def content(self) -> tuple[str, str, str]:
        """Name, text and digest, as a worker takes them."""
        return self.name, self.text, self.digest


UserFiles = Mapping[str, UserFile]
"""A user's files by what they hold: `rules`, `outcomes`. Each is kept in the folder of that name."""


def stored_user_file(results: Results, holds: str, trust: bool = False) -> Path | None:
    """The user's file that a directory keeps, ready to be run; None if it has none.

    Args:
        results: the results.
        holds: `rules` or `outcomes`.
        trust: run it also if this user never ran it before.

    Raises:
        StoreError: it is damaged, or not trusted.
    """
    names = [name for name in results.manifest["files"] if name.startswith(f"{holds}/")]
    if results.manifest["format"] == 1:
        names = [f"{holds}/{path.name}" for path in sorted((results.directory / holds).glob("*.py"))]
    if not names:
        return None
    content = results.read(names[0])
    if trust:
        trust_file(content)
    elif not _is_trusted(content):
        raise StoreError(
            f"{results.directory} holds a program, {names[0]}, that you did not run on this machine before; "
            "read it, and add --trust-rules if it may be run"
        )
    return results.directory / names[0]


def trust_file(content: bytes) -> None:
    """Note that this user runs a file; where nothing can be noted, it is asked for again."""
    if not _is_trusted(content):
        with suppress(OSError, RuntimeError):
            path = _noted()
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="ascii") as file:
                file.write(f"{sha256(content)}\n")


def _is_trusted(content: bytes) -> bool:
    """Whether this user ran a file before."""
    try:
        return sha256(content) in _noted().read_text(encoding="ascii").split()
    except (OSError, ValueError, RuntimeError):
        return False


def _noted() -> Path:
    """The list of digests of files that this user ran."""
    folder = Path(os.environ.get("NORMSIM_STATE_DIR") or platformdirs.user_state_path("normsim"))
    if folder.parts[:1] == ("~",):
        raise OSError("the user has no home")
    return folder / "trusted_files"
