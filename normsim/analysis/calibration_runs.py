"""The runs behind a calibration: each point of the parameter space, reduced to the patterns of the record.

A point is run twice: `history_2008` over the fit window, with the recorded wars, and the month of the first transfer to
Ukraine in `ukraine_2023`. Results are kept in files of `CHUNK` points, so that a calibration that is stopped goes on.
"""

import datetime
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, as_completed
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from normsim.analysis import patterns
from normsim.analysis.hindcast_runs import critics
from normsim.engine.columns import Choice
from normsim.engine.simulate import Run, Simulation
from normsim.errors import AnalysisError
from normsim.experiment.runner import Progress, default_workers
from normsim.experiment.worker_processes import worker_pool
from normsim.parameters import Value
from normsim.scenario import Scenario, load_scenario

CHUNK = 25
"""Points of a file."""

FIRST_YEAR = 2009
"""First whole year of the runs."""

SYRIA_UNTIL = datetime.date(2014, 8, 1)
"""By then more than 140 states had condemned use in Syria [timeline.csv, 2014-08]."""

MONTHS_A_YEAR = 12


def run_point(values: Mapping[str, Value], seed: int) -> dict[str, float]:
    """Run one point, and return its patterns.

    Args:
        values: values of parameters by dotted name.
        seed: seed of both runs.

    Returns:
        One number per target of `calibration_targets`.
    """
    history, transfer = _scenarios()
    past = Simulation(history.with_values(values), seed).finish()
    spoke = critics(Simulation(transfer.with_values(values), seed).finish())["spoke"]
    return {**_membership(past), **_use(past), **_harm(past), "critics_2023": float(spoke.sum())}


@cache
def _scenarios() -> tuple[Scenario, Scenario]:
    """The scenarios of a point: the fit window without dated events, and the month of the transfer."""
    last = patterns.FIT_UNTIL
    history = load_scenario("history_2008")
    months = (last.year - history.start.year) * MONTHS_A_YEAR + last.month - history.start.month + 1
    return replace(history.with_months(months), events=()), load_scenario("ukraine_2023").with_months(1)


def _years(run: Run) -> np.ndarray:
    """Calendar year of each month."""
    return np.array([month.year for month in run.months])


def _membership(run: Run) -> dict[str, float]:
    """Parties at the end of years, notices of withdrawal, votes."""
    ends = {year: np.flatnonzero(_years(run) == year)[-1] for year in range(FIRST_YEAR, patterns.FIT_UNTIL.year + 1)}
    parties = {f"parties_{year}": float(run.measured["parties"][ends[year]]) for year in (2012, 2015, 2019)}
    voted = [ends[year] for year in patterns.votes(FIRST_YEAR, patterns.FIT_UNTIL.year)]
    votes = {f"votes_{vote}": float(run.measured[f"votes_{vote}"][voted].mean()) for vote in ("yes", "abstain")}
    return parties | votes | {"notices": float(run.measured["notices"].sum())}


def _use(run: Run) -> dict[str, float]:
    """State-years of use, how many of those of the record are among them, transfers, and who condemned Syria."""
    happened = run.log[run.log["happened"] > 0]
    years = _years(run)
    uses = happened[happened["choice"] == Choice.USE]
    used = set(zip(years[uses["month"]].tolist(), uses["actor"].tolist(), strict=True))
    used = {(year, actor) for year, actor in used if year >= FIRST_YEAR}
    recorded = {
        (year, run.world.index(code))
        for year in range(FIRST_YEAR, patterns.FIT_UNTIL.year + 1)
        for code in patterns.users(year)
    }
    until = (SYRIA_UNTIL.year - run.scenario.start.year) * MONTHS_A_YEAR + SYRIA_UNTIL.month - run.scenario.start.month
    about = happened[(happened["choice"] == Choice.CONDEMN) & (happened["target"] == run.world.index("SYR"))]
    return {
        "user_years": float(len(used)),
        "user_hits": float(len(used & recorded)),
        "transfers": float(run.measured["transfers"][years >= FIRST_YEAR].sum()),
        "critics_syria": float(len(np.unique(about["actor"][about["month"] < until]))),
    }


def _harm(run: Run) -> dict[str, float]:
    """Mean and spread of the recorded casualties of a year."""
    years = _years(run)
    casualties = run.measured["casualties_recorded"]
    yearly = np.array([casualties[years == year].sum() for year in range(FIRST_YEAR, patterns.FIT_UNTIL.year + 1)])
    mean = float(yearly.mean())
    return {"casualties": mean, "casualties_cv": float(yearly.std() / mean) if mean > 0.0 else 0.0}


def run_points(
    points: pd.DataFrame,
    first_seed: int,
    folder: Path,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> pd.DataFrame:
    """Run every point that a folder does not hold yet.

    Args:
        points: one row per point, one column per parameter.
        first_seed: seed of the first point; each has its own.
        folder: where results are kept; of these points and this model only.
        workers: processes, by default one a core.
        on_progress: called as points are done.

    Returns:
        One row per point, one column per pattern.
    """
    folder.mkdir(parents=True, exist_ok=True)
    starts = list(range(0, len(points), CHUNK))
    todo = [start for start in starts if not _file(folder, start).exists()]
    progress = Progress(total=len(points), done=len(points) - sum(len(points[s : s + CHUNK]) for s in todo))
    begun = perf_counter()
    for count in _finished(points, todo, first_seed, folder, workers or default_workers()):
        progress.done += count
        progress.seconds = perf_counter() - begun
        if on_progress is not None:
            on_progress(progress)
    return pd.concat([pd.read_parquet(_file(folder, start)) for start in starts], ignore_index=True)


def _finished(points: pd.DataFrame, todo: Sequence[int], seed: int, folder: Path, workers: int) -> Iterator[int]:
    """Run the files that are missing, and tell how many points each finished one has."""
    jobs: list[tuple[list[Any], int, Path]] = [
        (points[start : start + CHUNK].to_dict("records"), seed + start, _file(folder, start)) for start in todo
    ]
    if len(jobs) <= 1 or workers == 1:
        for job in jobs:
            _run_chunk(*job)
            yield len(job[0])
        return
    run_point({}, 0)  # compiled once, before all need it
    pool = worker_pool(workers)
    try:
        futures = {pool.submit(_run_chunk, *job): len(job[0]) for job in jobs}
        for future in as_completed(futures):
            future.result()
            yield futures[future]
    except BrokenExecutor:
        raise AnalysisError("a process died (killed, or out of memory): run again with fewer --workers") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _file(folder: Path, start: int) -> Path:
    """The file of the points from one on."""
    return folder / f"points_{start:06d}.parquet"


def _run_chunk(rows: list[dict[str, Value]], first_seed: int, path: Path) -> None:
    """Run some points and write their patterns, whole or not at all."""
    found = pd.DataFrame([run_point(values, first_seed + place) for place, values in enumerate(rows)])
    half = path.with_suffix(".part")
    found.to_parquet(half)
    os.replace(half, path)
