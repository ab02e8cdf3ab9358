"""Experiments: from a design file to reproducible runs in a directory that survives a crash.

`load_experiment` reads a file, `run_experiment` runs it or resumes it, `open_results` reads the stored results.
"""

import importlib
from typing import TYPE_CHECKING, Any

from normsim.errors import StoreError as StoreError

_HOME = {
    "Experiment": "experiment",
    "Failure": "experiment",
    "Point": "experiment",
    "Progress": "runner",
    "Results": "results",
    "experiment_names": "experiment_reader",
    "json_schema": "experiment_schema",
    "load_experiment": "experiment_reader",
    "load_experiment_text": "experiment_reader",
    "open_results": "results",
    "run_experiment": "runner",
}

__all__ = [*_HOME, "StoreError"]

if TYPE_CHECKING:
    from normsim.experiment.experiment import Experiment as Experiment
    from normsim.experiment.experiment import Failure as Failure
    from normsim.experiment.experiment import Point as Point
    from normsim.experiment.experiment_reader import experiment_names as experiment_names
    from normsim.experiment.experiment_reader import load_experiment as load_experiment
    from normsim.experiment.experiment_reader import load_experiment_text as load_experiment_text
    from normsim.experiment.experiment_schema import json_schema as json_schema
    from normsim.experiment.results import Results as Results
    from normsim.experiment.results import open_results as open_results
    from normsim.experiment.runner import Progress as Progress
    from normsim.experiment.runner import run_experiment as run_experiment


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
