"""Reading an experiment by name, by path or from text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from normsim.config.named_files import file_of, is_path, packaged_names
from normsim.config.toml_reader import Source, read_file, read_text
from normsim.experiment.design import SIZED
from normsim.experiment.experiment import Experiment
from normsim.experiment.experiment_schema import ExperimentTable, SmokeTable, validate
from normsim.scenario import Scenario, load_scenario

_OTHERS = ("claims", "paper")
"""Files in the folder of experiments that are none."""

_NEEDS = 'an experiment names its scenarios at least, as in scenarios = ["baseline"]'


def experiment_names() -> tuple[str, ...]:
    """Names of the packaged experiments, sorted."""
    return packaged_names("experiments", without=_OTHERS)


def load_experiment(which: str | Path | Experiment, smoke: bool = False, sizes: SmokeTable | None = None) -> Experiment:
    """Load an experiment.

    Args:
        which: a packaged experiment's name; a path, or text with a folder or the suffix `.toml`; or an experiment.
        smoke: take the small sizes of its table `smoke`.
        sizes: sizes to put in place of these.

    Raises:
        ScenarioError: there is none, or it is not valid.
    """
    if isinstance(which, Experiment):
        return which
    path = file_of(which, "experiment", "experiments", experiment_names())
    return resolve(read_file(path, _NEEDS), smoke, sizes)


def load_experiment_text(text: str | bytes, label: str = "experiment.toml", smoke: bool = False) -> Experiment:
    """Load an experiment from text; its scenarios are packaged ones.

    Raises:
        ScenarioError: it is not valid.
    """
    return resolve(read_text(text, label, _NEEDS), smoke)


def resolve(source: Source, smoke: bool, sizes: SmokeTable | None = None) -> Experiment:
    """The experiment of a text that was read, which may be a part of another file.

    Args:
        source: the text; scenarios that are named by a path lie beside it.
        smoke: take the small sizes of its table `smoke`.
        sizes: sizes to put in place of these.

    Raises:
        ScenarioError: it is not valid.
    """
    table = validate(source)
    if smoke:
        table = _shrunk(table, table.smoke)
    if sizes is not None:
        table = _shrunk(table, sizes)
    scenarios = tuple(_scenario(source, place, name) for place, name in enumerate(table.scenarios))
    return Experiment.of_table(source, table, scenarios)


def _shrunk(table: ExperimentTable, smoke: SmokeTable) -> ExperimentTable:
    """The experiment at the sizes of its table `smoke`."""
    blocks = []
    for block in table.design:
        sizes: dict[str, Any] = {}
        if smoke.points and block.method in SIZED:
            sizes["points"] = smoke.points
        if smoke.trajectories:
            sizes["trajectories"] = smoke.trajectories
        blocks.append(block.model_copy(update=sizes))
    own = {"replications": smoke.replications, "months": smoke.months}
    return table.model_copy(update={"design": blocks, **{name: value for name, value in own.items() if value}})


def _scenario(source: Source, place: int, name: str) -> Scenario:
    """A scenario by name, or by a path that starts at the experiment's folder."""
    if is_path(name):
        if source.path is None:
            raise source.error(("scenarios", place), "an upload can name packaged scenarios only", name)
        return load_scenario(source.path.parent / name)
    with source.placing("scenarios", place):
        return load_scenario(name)
