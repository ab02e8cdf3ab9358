"""Directories of results to break."""

import shutil
from pathlib import Path

import crash
import pytest

from normsim.experiment import run_experiment


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of four runs in two parts, never interrupted."""
    directory = tmp_path_factory.mktemp("whole") / "out"
    run_experiment(crash.experiment(), directory, workers=0, chunk=2)
    return directory


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """A copy of it to break."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))
