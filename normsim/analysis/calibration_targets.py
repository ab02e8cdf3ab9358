"""Targets of a calibration: what the record says of the fit window, and how near a run has to come.

The spread of a target is the standard deviation of what the record and the model leave open: counts that are known to
be incomplete, definitions that differ, a model that is one. The luck of a run is not in it; runs bring their own.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from normsim.analysis import patterns
from normsim.world.data_files import table

Floats = npt.NDArray[np.float64]

FIRST_YEAR = 2009
"""First whole year of the fit window."""

HITS = 0.6
"""Share of the recorded state-years of use that a run should have: who fights is given, who of them uses is not."""

PLAUSIBLE = 4.0
"""Distance from the record beyond which a run does not meet a target, in standard deviations."""


SYRIA = 140.0
"""States that had condemned use by Syria by August 2014: more than 140 [timeline.csv, 2014-08]."""

CRITICS_2023 = float(patterns.CRITICS_IN_ALL)
"""States that criticised the transfer of July 2023."""

_VOTES, _STATUS, _USE, _HARM = "unga_ccm_votes.csv", "ccm_status.csv", "use_by_year.csv", "casualties_by_year.csv"
_TIMELINE = "timeline.csv"


@dataclass(frozen=True)
class Target:
    """One number of the record.

    Attributes:
        name: as `calibration_runs.run_point` calls it.
        record: its value.
        spread: standard deviation of what is left open, of log(1 + x) where `log`.
        log: whether distances are relative.
        meaning: what it is, with its unit.
        source: where the record is.
        seen: whether it lies after the fit window, so that it is fitted although it counts as seen.
    """

    name: str
    record: float
    spread: float
    log: bool
    meaning: str
    source: str
    seen: bool = False

    def scale(self, values: npt.ArrayLike) -> Floats:
        """The values on the scale on which distances are taken."""
        found = np.asarray(values, float)
        return np.log1p(found) if self.log else found


@cache
def targets() -> tuple[Target, ...]:
    """Every target.

    Example:
        >>> targets()[0].name, targets()[0].record
        ('parties_2012', 77.0)
    """
    years = range(FIRST_YEAR, patterns.FIT_UNTIL.year + 1)
    first, last = years[0], years[-1]
    uses = float(sum(len(patterns.users(year)) for year in years))
    voted = patterns.votes(first, last).values()
    latest = {int(row["year"]): float(row["total"]) for row in table("casualties_by_year.csv").rows()}
    casualties = np.array([latest[year] for year in years])
    mean, variation = float(casualties.mean()), float(casualties.std() / casualties.mean())
    yes, abstain = (float(np.mean([each[vote] for each in voted])) for vote in ("yes", "abstain"))
    notices, transfers = float(len(patterns.notices(first, last))), float(patterns.transfers(first, last))
    return (
        _parties(2012),
        _parties(2015),
        _parties(2019),
        Target("votes_yes", yes, 3.0, False, "yes votes, mean of the voted years to 2019", _VOTES),
        Target("votes_abstain", abstain, 3.0, False, "abstentions, mean of the voted years to 2019", _VOTES),
        Target("notices", notices, 0.5, True, "notices of withdrawal", _STATUS),
        Target("user_years", uses, 0.2, True, "state-years of use, of medium or high confidence", _USE),
        Target("user_hits", HITS * uses, 0.3, True, "state-years of use that are among the record's", _USE),
        Target("transfers", transfers, 0.4, True, "transfers; the record is a floor", "transfers.csv"),
        Target("critics_syria", SYRIA, 12.0, False, "states that condemned use by Syria by August 2014", _TIMELINE),
        Target("casualties", mean, 0.25, True, "recorded casualties a year", _HARM),
        Target("casualties_cv", variation, 0.2, False, "their coefficient of variation", _HARM),
        Target(
            "critics_2023", CRITICS_2023, 0.25, True, "states that criticise the transfer of July 2023", _TIMELINE, True
        ),
    )


def _parties(year: int) -> Target:
    """Parties at the end of a year."""
    return Target(
        f"parties_{year}", float(patterns.parties(year)), 3.0, False, f"parties at the end of {year}", _STATUS
    )


def record() -> Floats:
    """The record on the scale on which distances are taken."""
    return np.array([float(each.scale(each.record)) for each in targets()])


def spreads() -> Floats:
    """Standard deviations, in the order of `targets`."""
    return np.array([each.spread for each in targets()])


def scaled(found: pd.DataFrame) -> Floats:
    """Patterns of runs on the scale on which distances are taken, shape (runs, targets)."""
    return np.column_stack([each.scale(found[each.name]) for each in targets()])


def distances(found: pd.DataFrame) -> Floats:
    """Distances of runs from the record, in standard deviations, shape (runs, targets)."""
    return np.asarray(np.abs(scaled(found) - record()) / spreads())
