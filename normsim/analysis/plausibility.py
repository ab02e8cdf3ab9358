"""Plausibility: runs from December 2008, nothing scripted, beside the record.

Run it with `python -m normsim.analysis.plausibility`.

This is a look at the defaults, not a calibration: it says how near they are, with the spread over seeds.
"""

import argparse
import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from normsim.engine.columns import Choice
from normsim.engine.simulate import Run, simulate
from normsim.world import record, transfers_recorded
from normsim.world.data_files import table as data_table

DATES = (
    (datetime.date(2010, 8, 1), "entry into force"),
    (datetime.date(2011, 10, 1), "after the second meeting of parties"),
    (datetime.date(2018, 8, 1), "ten years after adoption"),
    (datetime.date(2024, 1, 1), "end of 2023"),
)
"""Dates at which parties are compared: acts before them count."""

YEARS = range(2009, 2025)
"""Years over which yearly rates are compared: whole years of both the run and the record."""


@dataclass(frozen=True)
class Line:
    """One line of the table: what the runs give, and what is recorded (None if nothing is)."""

    label: str
    values: np.ndarray
    recorded: float | None
    note: str = ""

    def text(self) -> str:
        """Label, mean, 5th to 95th percentile over seeds, record."""
        low, high = np.percentile(self.values, [5, 95])
        told = "-" if self.recorded is None else f"{self.recorded:g}"
        return f"{self.label:<46}{self.values.mean():>9.2f}  [{low:>7.1f}, {high:>7.1f}]{told:>10}  {self.note}"


def _month(run: Run, date: datetime.date) -> int:
    """Place of the last month before a date."""
    start = run.scenario.start
    return (date.year - start.year) * 12 + date.month - start.month - 1


def _users_by_year(run: Run) -> list[int]:
    """Different user states in each year."""
    uses = run.log[(run.log["choice"] == Choice.USE) & (run.log["happened"] > 0)]
    years = run.scenario.start.year + (run.scenario.start.month - 1 + uses["month"]) // 12
    return [len(set(uses["actor"][years == year].tolist())) for year in YEARS]


def table(runs: Sequence[Run]) -> list[Line]:
    """The lines of the comparison.

    Args:
        runs: runs of `history_2008` with the log of acts.
    """
    latest = record(datetime.date(YEARS.stop, 1, 1))
    lines = [
        Line(
            f"parties, {date:%b %Y} ({what})",
            np.array([run.measured["parties"][_month(run, date)] for run in runs]),
            record(date).parties,
        )
        for date, what in DATES
    ]
    in_force = _month(runs[0], DATES[0][0])
    signed = [run.measured["parties"][in_force] + run.measured["signatories"][in_force] for run in runs]
    lines.append(Line("signed or bound at entry into force", np.array(signed), latest.signatures))
    users = np.array([_users_by_year(run) for run in runs])
    recorded_users = [len(latest.users.get(year, ())) for year in YEARS]
    lines.append(Line("user states a year, 2009-2024", users.mean(axis=1), float(np.mean(recorded_users))))
    distinct = [int((run.final["months_used"] > 0).sum()) for run in runs]
    ever = {iso3 for year in YEARS for iso3 in latest.users.get(year, ())}
    lines.append(Line("different user states", np.array(distinct), len(ever), "high and medium confidence"))
    lines.append(Line("months of use by parties", _totals(runs, "users_party"), 0))
    dated = [t for t in transfers_recorded() if t.year in YEARS and t.confidence != "low"]
    years = len(runs[0].measured) / 12
    lines.append(Line("transfers a year", _totals(runs, "transfers") / years, len(dated) / len(YEARS), "a floor"))
    lines.append(Line("exits and notices", _totals(runs, "notices"), 1, "to 2025"))
    shown = _totals(runs, "casualties_recorded") / years
    lines.append(Line("casualties recorded a year", shown, _recorded_casualties(), "latest count of each year"))
    ballot = list(data_table("unga_ccm_votes.csv").rows())[-1]
    for vote in ("yes", "abstain", "no"):
        at_end = np.array([run.measured[f"votes_{vote}"][-1] for run in runs])
        note = f"UN resolution of {ballot['year']}, some absent"
        lines.append(Line(f"states that would vote {vote}", at_end, float(ballot[vote]), note))
    critics = _totals(runs, "condemnations") / np.maximum(_totals(runs, "violations"), 1.0)
    lines.append(Line("critics of a visible act", critics, 20, "more than 20 in July 2023"))
    return lines


def _recorded_casualties() -> float:
    """Mean over the years of the latest count of recorded casualties."""
    latest = {int(row["year"]): float(row["total"]) for row in data_table("casualties_by_year.csv").rows()}
    return float(np.mean([latest[year] for year in YEARS]))


def _totals(runs: Sequence[Run], name: str) -> np.ndarray:
    """Sum of an outcome over each run."""
    return np.array([run.measured[name].sum() for run in runs])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="number of runs (default 200)")
    n = parser.parse_args().seeds
    runs = [simulate("history_2008", seed) for seed in range(n)]
    print(f"history_2008 at the defaults, seeds 0-{n - 1}: mean over runs [5th, 95th percentile], and the record\n")
    for line in table(runs):
        print(line.text())


if __name__ == "__main__":
    main()
