"""An experiment: scenarios, a design over them, replications, and what to keep of each run."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from normsim.config.messages import Key, nearest
from normsim.config.toml_reader import Source
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.errors import ScenarioError, ScenarioWarning
from normsim.experiment.design import SAMPLERS, Block, DesignError, check_name, points, uncertain
from normsim.experiment.experiment_writer import experiment_toml
from normsim.notebook_html import notebook_html
from normsim.parameters import REGIMES, Value
from normsim.scenario import Scenario, bridge_forced, load_scenario, uncertain_values, varied_scenario

if TYPE_CHECKING:
    import pandas as pd

    from normsim.experiment.experiment_schema import DesignTable, ExperimentTable

OUTCOME_NAMES = (*OUTCOMES, *RUN_OUTCOMES)
"""Names of every outcome of a run."""

Kept = Literal["series", "events", "states"]
KEPT: tuple[Kept, ...] = ("series", "events", "states")
"""What can be kept of a run beside its outcomes."""


@dataclass(frozen=True)
class Point:
    """One design point: a scenario and the values that the design sets in it.

    Attributes:
        index: its place in the experiment.
        scenario: the scenario's name.
        values: values by dotted name.
    """

    index: int
    scenario: str
    values: Mapping[str, Value]


class Failure(NamedTuple):
    """A run that failed.

    Attributes:
        point: its design point.
        replication: its replication.
        seed: its seed.
        origin: `model`, `timeout` or `pool` (its worker died twice).
        kind: type of the error.
        message: what it said.
        traceback: where it came from.
    """

    point: int
    replication: int
    seed: int
    origin: str
    kind: str
    message: str
    traceback: str


def run_seed(entropy: int, key: tuple[int, ...]) -> int:
    """The seed of a run: a function of the experiment's seed and the run's place, so that runs can be had in any order.

    Args:
        entropy: seed of the experiment.
        key: (replication,) with common random numbers in all points, (point, replication) with independent points,
            (row, replication) where only the scenarios at one row of values share random numbers.

    Returns:
        a whole number below 2**63.
    """
    return int(np.random.SeedSequence(entropy, spawn_key=key).generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True, repr=False)
class Experiment:
    """A design, replications and outcomes. Read one with `load_experiment`, or make one with `build`.

    Attributes:
        name: the file's name without its suffix.
        title: what it is, in a few words.
        question: what it is to answer.
        references: keys of `references.toml`.
        scenarios: the scenarios, over the months they run.
        blocks: blocks of the design; the points are their product, in every scenario.
        replications: runs of each point.
        seed: seed of the experiment.
        seeds: `common`: replication r has one seed in every point, so that differences are paired; `rows`: in every
            scenario at the same values, so that scenarios are paired and values are independent; `independent`.
        outcomes: run outcomes to keep.
        headline: the outcome that is shown while it runs.
        keep: what else to keep of each run.
        own: outcomes of the user's among them, whose functions the file of `--outcomes` holds.
    """

    name: str
    title: str
    question: str
    references: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    blocks: tuple[Block, ...]
    replications: int
    seed: int
    seeds: Literal["common", "rows", "independent"]
    outcomes: tuple[str, ...]
    headline: str
    keep: tuple[Kept, ...]
    own: tuple[str, ...] = ()

    @staticmethod
    def build(
        scenarios: list[Scenario | str],
        replications: int = 1,
        design: list[dict[str, Any]] | None = None,
        **more: Any,
    ) -> Experiment:
        """Make an experiment from Python, with the keys of an experiment file.

        Args:
            scenarios: scenarios, their names or paths.
            replications: runs of each point.
            design: blocks of the design.
            **more: further keys of the file, such as `title`, `seed`, `months`, `outcomes`.

        Raises:
            ScenarioError: a key or value is not valid.

        Example:
            >>> design = [{"method": "grid", "factors": {"norm.recurrence": [0.0, 1.0]}}]
            >>> Experiment.build(["baseline"], replications=3, design=design).runs
            6
        """
        from normsim.experiment.experiment_schema import validate  # pydantic is no part of a worker

        found = tuple(load_scenario(scenario) for scenario in scenarios)
        name = str(more.pop("name", "experiment"))
        tree = {**more, "replications": replications, "design": design or []}
        source = Source(f"{name}.toml", "", tree | {"scenarios": [scenario.name for scenario in found]}, None)
        return Experiment.of_table(source, validate(source), found)

    @staticmethod
    def of_table(source: Source, table: ExperimentTable, scenarios: tuple[Scenario, ...]) -> Experiment:
        """Make an experiment of the table of its file.

        Args:
            source: the file, for the places of errors.
            table: its content.
            scenarios: the scenarios that it names.

        Raises:
            ScenarioError: names, outcomes, design and scenarios do not fit each other.
        """
        names = [scenario.name for scenario in scenarios]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise source.error(("scenarios",), f"{', '.join(twice)} twice; scenarios are told apart by their names")
        if table.months is not None:
            scenarios = tuple(scenario.with_months(table.months) for scenario in scenarios)
        for place, outcome in enumerate(table.outcomes or ()):
            if outcome not in OUTCOME_NAMES:
                hint = nearest(outcome, OUTCOME_NAMES)
                raise source.error(("outcomes", place), f"there is no outcome {outcome!r}{hint}")
        outcomes = tuple(table.outcomes or OUTCOME_NAMES)
        headline = table.headline or ("scope" if "scope" in outcomes else outcomes[0])
        if headline not in outcomes:
            problem = f"allowed is one of the outcomes{nearest(headline, outcomes)}"
            raise source.error(("headline",), problem, headline)
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
        _check_points(source, experiment)
        _warn_of_factors_without_effect(source, experiment, table)
        return experiment

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Every design point, scenario by scenario."""
        rows = points(self.blocks, self.seed)
        pairs = ((scenario, row) for scenario in self.scenarios for row in rows)
        return tuple(Point(index, scenario.name, row) for index, (scenario, row) in enumerate(pairs))

    def __repr__(self) -> str:
        """`Experiment('regimes', 6 scenarios, 6 points, 100 replications, 600 runs)`."""
        sizes = f"{len(self.scenarios)} scenarios, {len(self.points):,} points, {self.replications:,} replications"
        return f"Experiment({self.name!r}, {sizes}, {self.runs:,} runs)"

    def _repr_html_(self) -> str:
        facts = {"question": self.question, "scenarios": ", ".join(s.name for s in self.scenarios)}
        facts |= {"factors": ", ".join(self.factors), "replications": f"{self.replications:,}"}
        return notebook_html(self.title, facts | {"runs": f"{self.runs:,}"}, self.to_frame())

    def to_frame(self) -> pd.DataFrame:
        """Return the design points, one row per point: point, scenario, one column per factor.

        Example:
            >>> from normsim import load_experiment
            >>> list(load_experiment("regimes").to_frame().columns)
            ['point', 'scenario']
        """
        import pandas as pd

        rows = [{"point": point.index, "scenario": point.scenario, **point.values} for point in self.points]
        return pd.DataFrame(rows, columns=["point", "scenario", *self.factors])

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the factors of the design."""
        return tuple(name for block in self.blocks for name in block.names)

    def idle_factors(self) -> dict[str, tuple[str, ...]]:
        """Factors that cannot act in some scenarios, with the scenarios in which their regime is off."""
        groups = {name: name.partition(".")[0] for name in self.factors}
        varied = {name: group for name, group in groups.items() if group in REGIMES and name != f"{group}.on"}
        fixed = {name: group for name, group in varied.items() if f"{group}.on" not in self.factors}
        off = {
            name: tuple(
                scenario.name
                for scenario in self.scenarios
                if group not in scenario.regimes and not (group == "bridge" and bridge_forced(scenario.events))
            )
            for name, group in fixed.items()
        }
        return {name: scenarios for name, scenarios in off.items() if scenarios}

    @property
    def runs(self) -> int:
        """How many runs it has."""
        return len(self.points) * self.replications

    def scenario_of(self, point: int) -> Scenario:
        """The scenario of a point, with its values."""
        found = self.points[point]
        base = self.scenarios[point // (len(self.points) // len(self.scenarios))]
        return varied_scenario(base, found.values) if found.values else base

    def seed_of(self, point: int, replication: int) -> int:
        """The seed of a run."""
        if self.seeds == "common":
            return run_seed(self.seed, (replication,))
        row = point % (len(self.points) // len(self.scenarios)) if self.seeds == "rows" else point
        return run_seed(self.seed, (row, replication))

    def with_name(self, name: str) -> Experiment:
        """The same under another name."""
        return replace(self, name=name)

    def with_own_outcomes(self, names: Iterable[str]) -> Experiment:
        """The same with other outcomes of the user's beside the model's."""
        own = tuple(names)
        return replace(self, outcomes=(*(name for name in self.outcomes if name not in self.own), *own), own=own)

    def with_replications(self, replications: int) -> Experiment:
        """The same with another number of replications; the runs they share are the same runs."""
        return replace(self, replications=replications)

    def over_posterior(self, points: int) -> Experiment:
        """The same at points of the posterior: in place of every sampled block, or beside lists and grids.

        Parameters that another block or a scenario sets stay as they are set.

        Args:
            points: how many points of the posterior.

        Raises:
            ScenarioError: the posterior has fewer.
        """
        kept = tuple(block for block in self.blocks if block.method not in (*SAMPLERS, "posterior"))
        own = {name for block in kept for name in block.names}
        own |= {name for scenario in self.scenarios for name in uncertain_values(scenario)}
        block = Block("posterior", uncertain(tuple(own)), points=points)
        found = replace(self, name=f"{self.name}_posterior", blocks=(*kept, block))
        try:
            _ = found.points
        except DesignError as error:
            raise ScenarioError(error.problem) from None
        return found

    def parts(self) -> Iterator[tuple[str, str]]:
        """What the results depend on, part by part: name and digest. Not the replications, which may grow."""
        for scenario in self.scenarios:
            yield f"scenarios.{scenario.name}", scenario.fingerprint()
        design = [[point.scenario, dict(point.values)] for point in self.points]
        yield "design", hashlib.sha256(json.dumps(design).encode()).hexdigest()
        yield "seed", str(self.seed)
        yield "seeds", self.seeds
        yield "outcomes", " ".join(self.outcomes)
        yield "keep", " ".join(self.keep)

    def fingerprint(self) -> str:
        """SHA-256 of all that the results depend on, except code and data."""
        content = [*self.parts(), ("replications", str(self.replications))]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def to_toml(self) -> str:
        """The experiment as a file beside a folder `scenarios` with its scenarios."""
        return experiment_toml(self)


def _block(source: Source, place: int, table: DesignTable) -> Block:
    """Make a block of the design of its table."""
    factors: dict[str, Any]
    if table.factors == "uncertain":
        for name in table.left_out:
            if not name.endswith(".*"):
                _check_named(source, ("design", place, "except"), name)
        factors = dict(uncertain(table.left_out))
    else:
        factors = {
            name: given if isinstance(given, list) else given.model_dump(exclude_none=True)
            for name, given in table.factors.items()
        }
        for name in factors:
            _check_named(source, ("design", place, "factors", name), name)
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


def _check_named(source: Source, key: Key, name: str) -> None:
    """Refuse a factor that is no parameter."""
    with source.placing(*key):
        check_name(name)


def _check_points(source: Source, experiment: Experiment) -> None:
    """Make the points, and scenarios with their values, so that an error is found before anything runs."""
    try:
        switches = {"ccw_dud_rate.on", "two_track.on"} & set(experiment.factors)  # what one value can forbid another
        with source.placing("design"):
            for point in experiment.points if switches else experiment.points[:1]:
                experiment.scenario_of(point.index)
    except DesignError as error:
        key: Key = ("design",)
        if error.block is not None:
            key += (error.block, error.key, *([error.factor] if error.factor else []))
        if error.stated:
            raise ScenarioError(error.problem, file=source.label, line=source.line(key), key=error.factor) from None
        raise source.error(key, error.problem) from None


def _warn_of_factors_without_effect(source: Source, experiment: Experiment, table: ExperimentTable) -> None:
    """Warn of factors that act in no scenario; not of those that `factors = "uncertain"` stands for."""
    idle = experiment.idle_factors()
    for place, block in enumerate(experiment.blocks):
        named = block.names if table.design[place].factors != "uncertain" else ()
        for name in named:
            if len(idle.get(name, ())) == len(experiment.scenarios):
                key = ("design", place, "points") if block.listed else ("design", place, "factors", name)
                off = f"{name} has no effect, as its regime is off in {', '.join(idle[name])}"
                advice = f"take the factor out, or set {name.partition('.')[0]}.on"
                warnings.warn(str(source.error(key, f"{off}; {advice}")), ScenarioWarning, stacklevel=2)
