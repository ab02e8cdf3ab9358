"""The digest of everything but the experiment that decides a number of a run: code, data, versions of packages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numba
import numpy as np

from normsim.experiment.safe_files import sha256
from normsim.world import data_hashes

PACKAGE = Path(__file__).parents[1]

MODEL = (
    "errors.py",
    "parameters.py",
    "user_files.py",
    "user_outcomes.py",
    "config/*.py",
    "rules/*.py",
    "engine/**/*.py",
    "scenario/*.py",
    "world/*.py",
    "experiment/experiment.py",
    "experiment/design.py",
    "experiment/worker.py",
)
"""Files that decide numbers. The values of parameters are in the digests of scenarios and designs."""

NUMERIC = {"numpy": np.__version__, "numba": numba.__version__}
"""Packages whose version can change the last digits of a run."""

_DIGITS = 16


def file_digests(patterns: Iterable[str]) -> dict[str, str]:
    """Digest of every file of the package under some patterns, by its path within it."""
    paths = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    return {path.relative_to(PACKAGE).as_posix(): sha256(path.read_bytes()) for path in sorted(paths)}


@cache
def model_digests() -> Mapping[str, str]:
    """Digest of each thing that decides a number: `code.<file>`, `data.<file>`, `versions.<package>`."""
    code = {f"code.{name}": digest for name, digest in file_digests(MODEL).items()}
    data = {f"data.{name}": digest for name, digest in data_hashes().items()}
    return code | data | {f"versions.{name}": version for name, version in NUMERIC.items()}


def model_digest() -> str:
    """One digest of all of them, which every stored run carries."""
    return sha256(json.dumps(dict(model_digests())).encode())[:_DIGITS]


def changed_since(then: Mapping[str, str], now: Mapping[str, str] | None = None) -> list[str]:
    """Names of what differs from what stored results depend on.

    Args:
        then: what the results depend on, from their manifest.
        now: what to compare with; code, data and versions as they are if not given.
    """
    own = ("code", "data", "versions")
    before = then if now is not None else {name: each for name, each in then.items() if name.partition(".")[0] in own}
    after = model_digests() if now is None else now
    changed = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    if "code" in before:  # format 1 had one digest of all code, another one
        changed = ["code", *(name for name in changed if name.partition(".")[0] not in ("code", "versions"))]
    return changed


def is_code(name: str) -> bool:
    """Whether something that results depend on is code of the model or a version of a package."""
    return name.partition(".")[0] in ("code", "versions")


def listed(names: Iterable[str], most: int = 6) -> str:
    """The first few names, and how many more there are."""
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
