"""From a name, a path or a text to an experiment, and back to a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from normsim.config.toml_reader import Key, Source, read_file, read_text
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.experiment.design import Block, DesignError, check_name, uncertain
from normsim.experiment.experiment import Experiment
from normsim.experiment.experiment_schema import DesignTable, ExperimentTable, SmokeTable, validate
from normsim.parameters import nearest
from normsim.scenario import Scenario, ScenarioError, load_scenario

RUN = (*OUTCOMES, *RUN_OUTCOMES)
"""Names of every outcome of a run."""

_PACKAGE = Path(__file__).parents[1]
_FOLDERS = (_PACKAGE / "experiments", _PACKAGE.parent / "experiments")
"""Where the packaged experiments lie: in an installed package, in a checkout."""

_OTHERS = ("claims", "paper")
"""Files there that are no experiments."""


def experiment_names() -> tuple[str, ...]:
    """Names of the packaged experiments, sorted."""
    return tuple(sorted(path.stem for path in packaged().glob("*.toml") if path.stem not in _OTHERS))


def load_experiment(which: str | Path | Experiment, smoke: bool = False, sizes: SmokeTable | None = None) -> Experiment:
    """Load an experiment.

    Args:
        which: a packaged experiment's name; a path, or text with a folder or the suffix `.toml`; or an experiment.
        smoke: take the small sizes of its table `smoke`.
        sizes: sizes to put in place of these.

    Raises:
        ScenarioError: there is none, or it cannot be taken.
    """
    if isinstance(which, Experiment):
        return which
    if isinstance(which, str) and not (which.endswith(".toml") or "/" in which or "\\" in which):
        if which not in experiment_names():
            here = f"; for the file in this folder write {which}.toml" if os.path.isfile(f"{which}.toml") else ""
            known = f"; known are {', '.join(experiment_names())}"
            hint = here or nearest(which, experiment_names()) or known
            raise ScenarioError(f"there is no experiment {which!r}{hint}")
        which = packaged() / f"{which}.toml"
    return resolve(read_file(Path(which)), smoke, sizes)


def load_experiment_text(text: str | bytes, label: str = "experiment.toml", smoke: bool = False) -> Experiment:
    """Load an experiment from text; its scenarios are packaged ones.

    Raises:
        ScenarioError: it cannot be taken.
    """
    return resolve(read_text(text, label), smoke)


def build(scenarios: list[Scenario | str], keys: Mapping[str, Any]) -> Experiment:
    """An experiment from the keys of a file; scenarios may be objects.

    Raises:
        ScenarioError: a key or value cannot be taken.
    """
    found = tuple(load_scenario(scenario) for scenario in scenarios)
    tree = {**keys, "scenarios": [scenario.name for scenario in found]}
    source = Source(
        str(keys.get("name", "experiment")) + ".toml", "", {k: v for k, v in tree.items() if k != "name"}, None
    )
    return _finish(source, validate(source), found)


def packaged() -> Path:
    """The folder of the packaged experiments."""
    return next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[-1])


def resolve(source: Source, smoke: bool, sizes: SmokeTable | None = None) -> Experiment:
    """The experiment of a text that was read, which may be a part of another file.

    Args:
        source: the text; scenarios that are named by a path lie beside it.
        smoke: take the small sizes of its table `smoke`.
        sizes: sizes to put in place of these.

    Raises:
        ScenarioError: it cannot be taken.
    """
    table = validate(source)
    if smoke:
        table = _shrunk(table, table.smoke)
    if sizes is not None:
        table = _shrunk(table, sizes)
    return _finish(source, table, tuple(_scenario(source, place, name) for place, name in enumerate(table.scenarios)))


def _shrunk(table: ExperimentTable, smoke: SmokeTable) -> ExperimentTable:
    """The experiment at the sizes of its table `smoke`."""
    blocks = []
    for block in table.design:
        sizes: dict[str, Any] = {}
        if smoke.points and block.method in ("latin_hypercube", "sobol"):
            sizes["points"] = smoke.points
        if smoke.trajectories:
            sizes["trajectories"] = smoke.trajectories
        blocks.append(block.model_copy(update=sizes))
    own = {"replications": smoke.replications, "months": smoke.months}
    return table.model_copy(update={"design": blocks, **{name: value for name, value in own.items() if value}})


def _scenario(source: Source, place: int, name: str) -> Scenario:
    """A scenario by name, or by a path that starts at the experiment's folder."""
    if name.endswith(".toml") or "/" in name or "\\" in name:
        if source.path is None:
            raise source.error(("scenarios", place), "an upload can name packaged scenarios only", name)
        return load_scenario(source.path.parent / name)
    try:
        return load_scenario(name)
    except ScenarioError as error:
        if error.file:
            raise
        raise source.error(("scenarios", place), error.problem) from None


def _finish(source: Source, table: ExperimentTable, scenarios: tuple[Scenario, ...]) -> Experiment:
    """The experiment, after the checks that need all of it."""
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise source.error(("scenarios",), f"{', '.join(twice)} twice; scenarios are told apart by their names")
    if table.months is not None:
        scenarios = tuple(scenario.with_months(table.months) for scenario in scenarios)
    for place, outcome in enumerate(table.outcomes or ()):
        if outcome not in RUN:
            raise source.error(("outcomes", place), f"there is no outcome {outcome!r}{nearest(outcome, RUN)}")
    outcomes = tuple(table.outcomes or RUN)
    headline = table.headline or ("scope" if "scope" in outcomes else outcomes[0])
    if headline not in outcomes:
        raise source.error(("headline",), f"allowed is one of the outcomes{nearest(headline, outcomes)}", headline)
    experiment = Experiment(
        name=source.label.removesuffix(".toml"),
        title=table.title or source.label.removesuffix(".toml"),
        question=table.question,
        references=tuple(table.references),
        scenarios=scenarios,
        blocks=tuple(_block(source, place, block) for place, block in enumerate(table.design)),
        replications=table.replications,
        seed=table.seed,
        seeds=table.seeds,
        outcomes=outcomes,
        headline=headline,
        keep=tuple(dict.fromkeys(table.keep)),
    )
    _try(source, experiment)
    return experiment


def _block(source: Source, place: int, table: DesignTable) -> Block:
    """A block of the design."""
    factors: dict[str, Any]
    if table.factors == "uncertain":
        for name in table.left_out:
            if not name.endswith(".*"):
                _named(source, ("design", place, "except"), name)
        factors = dict(uncertain(table.left_out))
    else:
        factors = {
            name: given if isinstance(given, list) else given.model_dump(exclude_none=True)
            for name, given in table.factors.items()
        }
        for name in factors:
            _named(source, ("design", place, "factors", name), name)
    listed = tuple(table.points) if isinstance(table.points, list) else ()
    if bool(listed) != (table.method == "list"):
        raise source.error(("design", place, "points"), 'a list of points goes with method = "list", and with it alone')
    sizes = {} if listed or table.points is None else {"points": table.points}
    return Block(
        method=table.method,
        factors=factors,
        listed=listed,
        trajectories=table.trajectories,
        levels=table.levels,
        second_order=table.second_order,
        **sizes,  # type: ignore[arg-type]
    )


def _named(source: Source, key: Key, name: str) -> None:
    try:
        check_name(name)
    except ScenarioError as error:
        raise source.error(key, error.problem) from None


def _try(source: Source, experiment: Experiment) -> None:
    """Make the points, and scenarios with them, so that what is wrong is known before anything runs."""
    try:
        switches = {"ccw_dud_rate.on", "two_track.on"} & set(experiment.factors)  # what one value can forbid another
        for point in experiment.points if switches else experiment.points[:1]:
            experiment.scenario_of(point.index)
    except DesignError as error:
        key: Key = ("design",)
        if error.block is not None:
            key += (error.block, error.key, *([error.factor] if error.factor else []))
        if error.stated:
            raise ScenarioError(error.problem, file=source.label, line=source.line(key), key=error.factor) from None
        raise source.error(key, error.problem) from None
    except ScenarioError as error:
        raise source.error(("design",), error.problem) from None


def to_toml(experiment: Experiment) -> str:
    """The experiment as a file beside a folder `scenarios` that holds its scenarios, over the months they run."""
    tree: dict[str, Any] = {
        "title": experiment.title,
        "question": experiment.question,
        "references": list(experiment.references),
        "scenarios": [f"scenarios/{scenario.name}.toml" for scenario in experiment.scenarios],
        "replications": experiment.replications,
        "seed": experiment.seed,
        "seeds": experiment.seeds,
        "outcomes": list(experiment.outcomes),
        "headline": experiment.headline,
        "keep": list(experiment.keep),
        "design": [_block_tree(block) for block in experiment.blocks],
    }
    return tomli_w.dumps({name: value for name, value in tree.items() if value not in ("", [])})


def _block_tree(block: Block) -> dict[str, Any]:
    tree: dict[str, Any] = {"method": block.method}
    if block.method == "list":
        return tree | {"points": [dict(point) for point in block.listed]}
    if block.method == "morris":
        tree |= {"trajectories": block.trajectories, "levels": block.levels}
    if block.method in ("latin_hypercube", "sobol"):
        tree |= {"points": block.points}
    if block.second_order:
        tree |= {"second_order": True}
    return tree | {"factors": block.resolved()}


def renamed(experiment: Experiment, name: str) -> Experiment:
    """The same under another name: a run directory's file is always called experiment.toml."""
    return replace(experiment, name=name)
