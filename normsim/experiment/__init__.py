"""Experiments: from a design file to reproducible runs in a directory that survives whatever happens.

`load_experiment` reads a file, `run_experiment` runs it or goes on where it stopped, `open_results` reads what
is there.
"""

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "Experiment": "content",
    "Failure": "content",
    "Point": "content",
    "Progress": "runner",
    "Results": "results",
    "StoreError": "errors",
    "experiment_names": "load",
    "json_schema": "tables",
    "load_experiment": "load",
    "load_experiment_text": "load",
    "open_results": "results",
    "run_experiment": "runner",
}

__all__ = [*_HOME]

if TYPE_CHECKING:
    from normsim.experiment.content import Experiment as Experiment
    from normsim.experiment.content import Failure as Failure
    from normsim.experiment.content import Point as Point
    from normsim.experiment.errors import StoreError as StoreError
    from normsim.experiment.load import experiment_names as experiment_names
    from normsim.experiment.load import load_experiment as load_experiment
    from normsim.experiment.load import load_experiment_text as load_experiment_text
    from normsim.experiment.results import Results as Results
    from normsim.experiment.results import open_results as open_results
    from normsim.experiment.runner import Progress as Progress
    from normsim.experiment.runner import run_experiment as run_experiment
    from normsim.experiment.tables import json_schema as json_schema


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
