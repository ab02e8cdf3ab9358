"""Provenance of results: digests of their inputs, versions, platform and commit. Nothing personal."""

import datetime
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from normsim._version import __version__
from normsim.experiment.experiment import Experiment
from normsim.experiment.manifest import FORMAT
from normsim.experiment.model_digest import model_digests

_PACKAGES = ("numpy", "numba", "pandas", "pyarrow", "scipy", "SALib")


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def depends_on(experiment: Experiment, user_files: Mapping[str, str]) -> dict[str, str]:
    """What the results depend on, by name.

    Args:
        experiment: the experiment.
        user_files: digests of the user's own files by what they hold: `rules`, `outcomes`.
    """
    own = {"own outcomes": user_files["outcomes"]} if "outcomes" in user_files else {}
    return {**dict(experiment.parts()), **model_digests(), "rules": user_files.get("rules", ""), **own}


def versions() -> dict[str, str]:
    """Versions of normsim, Python and the numeric packages."""
    found = {"normsim": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def commit() -> dict[str, Any]:
    """The commit of the code and whether it was changed since; nothing outside a checkout."""
    folder = Path(__file__).parents[2]
    if not (folder / ".git").exists():
        return {}
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return {"commit": head, "changed": bool(_git(folder, "status", "--porcelain", "--", "normsim"))}
    except (OSError, subprocess.SubprocessError):
        return {}


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()


def manifest(experiment: Experiment, user_files: Mapping[str, str]) -> dict[str, Any]:
    """The manifest of a new directory."""
    return {
        "format": FORMAT,
        "name": experiment.name,
        "title": experiment.title,
        "created": now(),
        "fingerprint": experiment.fingerprint(),
        "points": len(experiment.points),
        "replications": experiment.replications,
        "factors": list(experiment.factors),
        "outcomes": list(experiment.outcomes),
        "own_outcomes": list(experiment.own),
        "keep": list(experiment.keep),
        "depends_on": depends_on(experiment, user_files),
        "versions": versions(),
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "code": commit(),
        "sessions": [],
    }
