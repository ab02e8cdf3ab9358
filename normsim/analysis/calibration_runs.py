"""The runs behind a calibration: each point of the parameter space, reduced to the patterns of the record.

A point is run twice: `history_2008` over the fit window, with the recorded wars, and the month of the first transfer to
Ukraine in `ukraine_2023`. Results are kept in files of `CHUNK` points, so that a calibration that is stopped goes on.
"""

import datetime
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from normsim.analysis import patterns
from normsim.analysis.calibration_targets import FIRST_YEAR
from normsim.analysis.hindcast_runs import YEAR, critics
from normsim.analysis.job_processes import results_of
from normsim.engine.columns import Choice
from normsim.engine.simulate import Run, Simulation
from normsim.errors import AnalysisError
from normsim.experiment.runner import Progress, default_workers
from normsim.parameters import Value
from normsim.scenario import Scenario, load_scenario

CHUNK = 25
"""Points of a file."""

SYRIA_UNTIL = datetime.date(2014, 8, 1)
"""By then more than 140 states had condemned use in Syria [timeline.csv, 2014-08]."""


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
    months = (last.year - history.start.year) * YEAR + last.month - history.start.month + 1
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
    until = (SYRIA_UNTIL.year - run.scenario.start.year) * YEAR + SYRIA_UNTIL.month - run.scenario.start.month
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
    chunks = [
        Chunk(points[start : start + CHUNK].to_dict("records"), first_seed + start, _file(folder, start))  # type: ignore[arg-type]
        for start in todo
    ]
    for _, count in results_of(run_chunk, chunks, workers or default_workers(), lambda: run_point({}, 0)):
        progress.done += count
        if on_progress is not None:
            on_progress(progress)
    return pd.concat([_read(_file(folder, start)) for start in starts], ignore_index=True)


def _file(folder: Path, start: int) -> Path:
    """The file of the points from one on."""
    return folder / f"points_{start:06d}.parquet"


def _read(path: Path) -> pd.DataFrame:
    """The patterns of a file.

    Raises:
        AnalysisError: it is damaged.
    """
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError):  # pyarrow's own errors are of these kinds
        raise AnalysisError(f"{path} is damaged; delete it, and the same command runs its points again") from None


class Chunk(NamedTuple):
    """Points of one file.

    Attributes:
        rows: their values by dotted name.
        first_seed: seed of the first; each has its own.
        path: the file.
    """

    rows: list[dict[str, Value]]
    first_seed: int
    path: Path


def run_chunk(chunk: Chunk) -> int:
    """Run some points and write their patterns, whole or not at all.

    Returns:
        how many there are.
    """
    rows, seed, path = chunk
    found = pd.DataFrame([run_point(values, seed + place) for place, values in enumerate(rows)])
    half = path.with_suffix(".part")
    found.to_parquet(half)
    os.replace(half, path)
    return len(rows)
