"""The runs behind a hindcast: small jobs on processes, each reduced to a few arrays as soon as it is done."""

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from normsim.analysis.job_processes import results_of
from normsim.engine.columns import BOUND, Choice
from normsim.engine.simulate import Run, Simulation
from normsim.experiment.runner import Progress, default_workers
from normsim.scenario import Scenario
from normsim.world import Treaty, World, convention, world_as_of

YEAR = 12
"""Months of a year."""

CHUNK = 20
"""Seeds of a job."""

FEW = 200
"""Runs up to which starting processes takes longer than the runs."""

Arrays = dict[str, np.ndarray]
"""Arrays by name, one row per run."""


@dataclass(frozen=True)
class Task:
    """Runs of one scenario that are reduced in one way.

    Attributes:
        kind: `membership`, `year` or `critics`, see `REDUCE`.
        scenario: the scenario.
        seeds: number of seeds, from 0 on.
        treaty: the treaty.
        values: values of parameters of each run, whatever their ranges; empty if all have those of the scenario.
    """

    kind: str
    scenario: Scenario
    seeds: int
    treaty: Treaty = field(default_factory=convention)
    values: tuple[Mapping[str, float], ...] = ()

    def scenario_of(self, seed: int) -> Scenario:
        """The scenario of one run."""
        if not self.values:
            return self.scenario
        return replace(self.scenario, values={**self.scenario.values, **self.values[seed]})


@dataclass(frozen=True)
class Job:
    """Some seeds of a task.

    Attributes:
        place: place of the task.
        task: the task.
        seeds: the seeds.
    """

    place: int
    task: Task
    seeds: range


def membership(run: Run) -> Arrays:
    """Parties and votes at the end of each year, who is a party in the end, notices and transfers of the run."""
    ends = slice(YEAR - 1, None, YEAR)
    return {
        "parties": run.measured["parties"][ends],
        "bound": run.final["status"] >= BOUND,
        "yes": run.measured["votes_yes"][ends],
        "abstain": run.measured["votes_abstain"][ends],
        "notices": run.measured["notices"].sum(),
        "transfers": run.measured["transfers"].sum(),
    }


def year(run: Run) -> Arrays:
    """Who used in a run of a year, and who is a party after it."""
    return {"used": run.final["months_used"] > 0, "bound": run.final["status"] >= BOUND}


def critics(run: Run) -> Arrays:
    """Who condemned the United States in the last month, and whether its transfer of that month happened."""
    spoke = np.zeros(len(run.world), np.bool_)
    last = run.log[(run.log["happened"] > 0) & (run.log["month"] == len(run.measured) - 1)]
    usa = run.world.index("USA")
    spoke[last["actor"][(last["choice"] == Choice.CONDEMN) & (last["target"] == usa)]] = True
    sent = (last["choice"] == Choice.TRANSFER) & (last["actor"] == usa) & (last["target"] == run.world.index("UKR"))
    return {"spoke": spoke, "sent": np.asarray(sent.any())}


REDUCE: dict[str, Callable[[Run], Arrays]] = {"membership": membership, "year": year, "critics": critics}
"""What is kept of a run, by the kind of task."""

LOGGED = frozenset({"critics"})
"""Kinds that read the log."""


GIVEN = frozenset({"year", "critics"})
"""Kinds that are given what comes from outside the model after the start: wars, alliances, power and the like."""


@functools.cache
def origin_world(start: datetime.date, given: bool, treaty: Treaty | None = None) -> World:
    """The world as it was known on a day, but for stocks, which are those of the day as known today.

    Stocks as known then would be a look ahead: what is not known by its later destruction is held to this day, so its
    holders are the states that never joined.

    Args:
        start: the day.
        given: keep the recorded wars and covariates of later years; else the world knows nothing after the last year
            that was over, wars are drawn from those before, and covariates stay as they are.
        treaty: the treaty; by default the Convention on Cluster Munitions.
    """
    world = world_as_of(start, known=start, treaty=treaty)
    facts = world.facts.copy()
    for name in ("holder", "origin"):
        facts[name] = world_as_of(start, treaty=treaty).facts[name]
    world = replace(world, facts=facts)
    if given:
        return world
    past = start.year - world.history.first_year
    intensity, theatre = world.history.intensity[:past], world.history.theatre[:past]
    return replace(world, history=world.history._replace(intensity=intensity, theatre=theatre, later=()))


def run_job(job: Job) -> Arrays:
    """Run some seeds and keep what the task asks for, one row per seed."""
    task = job.task
    level = 1 if task.kind in LOGGED else 0
    world = origin_world(task.scenario.start, task.kind in GIVEN, task.treaty)
    runs = (Simulation(task.scenario_of(seed), seed, log_level=level, world=world).finish() for seed in job.seeds)
    kept = [REDUCE[task.kind](run) for run in runs]
    return {name: np.stack([each[name] for each in kept]) for name in kept[0]}


def run_tasks(
    tasks: Sequence[Task], workers: int | None = None, on_progress: Callable[[Progress], None] | None = None
) -> list[Arrays]:
    """Run every task.

    Args:
        tasks: the tasks.
        workers: processes, by default one a core; few runs are made in this one.
        on_progress: called as runs are done.

    Returns:
        The arrays of each task, one row per seed in order.

    Raises:
        AnalysisError: a process died.
    """
    jobs = [
        Job(place, task, range(first, min(first + CHUNK, task.seeds)))
        for place, task in enumerate(tasks)
        for first in range(0, task.seeds, CHUNK)
    ]
    progress = Progress(total=sum(task.seeds for task in tasks))
    found: dict[int, Arrays] = {}
    if progress.total <= FEW:
        workers = 1
    first = tasks[0]
    month = Job(0, replace(first, scenario=first.scenario.with_months(1)), range(1))
    for place, arrays in results_of(run_job, jobs, workers or default_workers(), lambda: run_job(month)):
        found[place] = arrays
        progress.done += len(jobs[place].seeds)
        if on_progress is not None:
            on_progress(progress)
    together = []
    for number in range(len(tasks)):
        parts = [found[place] for place, job in enumerate(jobs) if job.place == number]
        together.append({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    return together
