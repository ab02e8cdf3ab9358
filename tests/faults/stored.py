"""Helpers of the tests of experiments that are stopped or damaged."""

import os
from pathlib import Path
from typing import Any

import crash
import pytest

from normsim.experiment import Experiment, open_results, outcome_log, results_store, run_experiment

HERE = Path(__file__).parent
posix = pytest.mark.skipif(os.name != "posix", reason="signals and forks of POSIX")


def small(replications: int = 4, **more: Any) -> Experiment:
    keys = {"months": 6, "outcomes": ["scope", "validity", "stock"]} | more
    return Experiment.build(keys.pop("scenarios", ["baseline"]), replications=replications, **keys)


def tables(directory: Path) -> dict[str, bytes]:
    """Every file in the folders of tables."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for table in results_store.TABLES
        for path in (directory / table).glob("*")
    }


def listed(directory: Path) -> set[str]:
    """The files that the log names and that count."""
    log = outcome_log.read_log(directory)
    return {name for entry in outcome_log.live_entries(log.entries) for name in entry.files}


def goes_on(directory: Path, experiment: Experiment | None = None, **options: Any) -> list[str]:
    """Resume, and say what was told of it."""
    told: list[str] = []
    chosen = {"workers": 0, "chunk": 2} | options
    run_experiment(experiment or crash.experiment(), directory, on_progress=lambda p: told.extend(p.told), **chosen)
    return list(dict.fromkeys(told))


def is_clean(directory: Path) -> None:
    """No leftovers: no temporary file, no table that the log does not name, no trace of a writer."""
    assert list(directory.rglob("*.tmp")) == []
    assert set(tables(directory)) == listed(directory)
    assert not (directory / results_store.WRITER).exists()
    assert open_results(directory).verify() == []
