"""The manifest of an experiment's directory: what the results depend on, sealed with a digest of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from normsim.errors import StoreError
from normsim.experiment.safe_files import sha256, write_whole

MANIFEST = "manifest.json"

FORMAT = 2
"""Version of the directory's format. Format 1 had no digests of the manifest, the points and the copies of inputs."""

_NEEDED = {"format", "versions", "depends_on", "points", "replications"}


def _text(content: dict[str, Any]) -> bytes:
    """A manifest as a file; its seal comes last."""
    seal = sha256(json.dumps(content, sort_keys=True).encode())
    return (json.dumps(content | {"seal": seal}, indent=2) + "\n").encode()


def write_manifest(directory: Path, content: dict[str, Any]) -> None:
    """Write the manifest of a directory, sealed."""
    write_whole(directory / MANIFEST, _text(content))


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read the manifest of a directory.

    Raises:
        StoreError: it holds no results, or of a newer format; or the manifest was changed or damaged.
    """
    path = directory / MANIFEST
    try:
        data = path.read_bytes()
        found: dict[str, Any] = json.loads(data)
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(f"{directory} holds no results of an experiment (there is no {MANIFEST})") from None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(found, dict) or not set(found) >= _NEEDED:
        raise StoreError(f"{directory} holds no results of an experiment ({MANIFEST} is something else)")
    if isinstance(found["format"], int) and found["format"] > FORMAT:
        version = found["versions"].get("normsim", "") if isinstance(found["versions"], dict) else ""
        raise StoreError(f"{directory} was written by a newer normsim ({version}); upgrade normsim")
    sealed = found.pop("seal", None) is not None
    outside = any(".." in Path(name).parts or Path(name).is_absolute() for name in found.get("files", {}))
    if sealed != (found["format"] != 1) or (sealed and _text(found) != data) or outside:
        raise _damaged(path)
    return {"files": {}} | found


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"{path} is damaged or was edited: restore it from a copy, or run the experiment into a new directory"
    )
