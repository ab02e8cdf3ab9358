"""Parameter recovery: the model fitted to records that it made itself, whose parameters are known.

Simulation-based calibration [Talts et al. 2018]: truths are drawn from the prior, a record is simulated at each, and
the rule is fitted to it as it is to the real one. If the fit is right, the rank of a truth among the draws of its
posterior is uniform over records, and a 90 % interval holds the truth nine times in ten. What has no likelihood is
recovered in `recovery_regression`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from normsim.analysis import patterns
from normsim.analysis.hindcast_runs import YEAR
from normsim.analysis.job_processes import results_of
from normsim.analysis.joining_fit import fit_joining
from normsim.analysis.joining_likelihood import COEFFICIENTS, FRAILTY, RATES, joining_of_run
from normsim.analysis.recovery_regression import recover_rest
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.experiment.runner import Progress, default_workers
from normsim.parameters import records
from normsim.scenario import Scenario, load_scenario

Floats = npt.NDArray[np.float64]

RECORDS = 100
"""Records that are simulated and fitted."""

STEPS = 600
"""Steps of each walker of the chains."""

SAMPLE = 4000
"""Points of the prior that are run to recover what has no likelihood."""

FEWEST = 500
"""Points of such a sample, at least."""

ERROR = 0.05
"""Of tests over all parameters together."""

LEVEL = 0.90
"""Of the intervals that should hold the truth."""


@dataclass(frozen=True)
class Job:
    """A record to simulate and fit.

    Attributes:
        scenario: what is run; its values are the truths.
        seed: seed of the run and of the chain.
        steps: steps of each walker.
    """

    scenario: Scenario
    seed: int
    steps: int


@dataclass(frozen=True, eq=False)
class Recovery:
    """What became of the truths.

    Attributes:
        found: one row per record and parameter: record, parameter, truth, mean, low, high, rank (share of the draws
            below the truth).
        events: signatures and deposits of each record.
        seed: seed of the truths.
        steps: steps of each walker.
        rest: the same rows for what has no likelihood (see `recovery_regression`), empty if it was left out.
        sample: points of the prior that were run for it.
    """

    found: pd.DataFrame
    events: tuple[int, ...]
    seed: int
    steps: int
    rest: pd.DataFrame
    sample: int


def summarised(found: pd.DataFrame) -> pd.DataFrame:
    """One row per parameter: records, correlation of truth and mean, coverage, sd / prior sd, p of uniform ranks.

    The p value is that of Kolmogorov's and Smirnov's test, not corrected for the number of parameters.

    Args:
        found: one row per record and parameter, as `Recovery.found`.
    """
    from scipy.stats import kstest

    rows = []
    for name, own in found.groupby("parameter", sort=False):
        inside = (own["low"] <= own["truth"]) & (own["truth"] <= own["high"])
        left = (own["sd"] / own["prior_sd"]).mean()
        fit = float(np.corrcoef(own["truth"], own["mean"])[0, 1])
        rows.append((name, len(own), fit, inside.mean(), left, float(kstest(own["rank"], "uniform").pvalue)))
    return pd.DataFrame(rows, columns=["parameter", "records", "correlation", "coverage", "narrowed", "p"])


def telling(found: pd.DataFrame) -> pd.DataFrame:
    """Parameters of which a record says something, the best found first.

    Their correlation is beyond what chance gives the largest of all of them (Fisher's transformation, one-sided).

    Args:
        found: the table of `summarised`.
    """
    from scipy.stats import norm

    chance = float(norm.ppf(1.0 - ERROR / len(found)))
    beyond = np.arctanh(found["correlation"]) * np.sqrt(found["records"] - 3.0) > chance
    return found[beyond].sort_values("correlation", ascending=False)


def truths(scenario: Scenario, number: int, seed: int) -> Mapping[str, float]:
    """Values of the joining rule drawn from the prior, uniform over the range of each.

    Args:
        scenario: the scenario; what it sets to zero where the model does not stays zero.
        number: number of the record, which names the random numbers.
        seed: seed of the truths.
    """
    rng = stream(seed, f"recovery {number}")
    known = records()
    drawn = {name: rng.uniform(known[name].low, known[name].high) for name in (*RATES, *COEFFICIENTS, FRAILTY)}
    return {name: float(value) for name, value in drawn.items() if scenario.values[name] or not known[name].value}


def recover(
    count: int = RECORDS,
    seed: int = 2008,
    steps: int = STEPS,
    sample: int = SAMPLE,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Recovery:
    """Simulate records and fit the joining rule to each; recover the other parameters from half as many.

    Args:
        count: records.
        seed: seed of the truths, the runs and the chains.
        steps: steps of each walker of the chains.
        sample: points of the prior that are run to recover what has no likelihood; 0 leaves this out.
        workers: processes, by default one a core.
        on_progress: called as records and points are done.

    Raises:
        AnalysisError: the sample is too small.
    """
    if sample and sample < FEWEST:
        raise AnalysisError(f"a sample of {sample} points: allowed are {FEWEST} or more, or 0 to leave it out")
    last = patterns.FIT_UNTIL
    base = load_scenario("history_2008")
    base = base.with_months((last.year - base.start.year) * YEAR + last.month - base.start.month + 1)
    jobs = [Job(base.with_values(truths(base, number, seed)), seed + number, steps) for number in range(count)]
    progress = Progress(total=count)
    done: dict[int, tuple[pd.DataFrame, int]] = {}
    for place, result in results_of(fit_one, jobs, workers or default_workers(), lambda: joining_of_run(base, 0)):
        done[place] = result
        progress.done = len(done)
        if on_progress is not None:
            on_progress(progress)
    tables = [done[place][0].assign(record=place) for place in sorted(done)]
    rest = pd.DataFrame()
    if sample:
        rest = recover_rest(max(count // 2, 2), sample, seed, steps, LEVEL, workers, on_progress)
    events = tuple(done[place][1] for place in sorted(done))
    return Recovery(pd.concat(tables, ignore_index=True), events, seed, steps, rest, sample)


def fit_one(job: Job) -> tuple[pd.DataFrame, int]:
    """Simulate one record and fit it: one row per parameter, and the number of signatures and deposits."""
    made = joining_of_run(job.scenario, job.seed)
    draws = fit_joining(made, job.seed, job.steps, with_gains=False).values
    ends = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(draws, [ends, 1.0 - ends], axis=0)
    known = records()
    rows = []
    for place, name in enumerate(made.parameters):
        truth, own, record = float(job.scenario.values[name]), draws[:, place], known[name]
        prior = (record.high - record.low) / np.sqrt(12.0)
        rank = float((own < truth).mean())
        rows.append((name, truth, own.mean(), own.std(), prior, low[place], high[place], rank))
    columns = ["parameter", "truth", "mean", "sd", "prior_sd", "low", "high", "rank"]
    return pd.DataFrame(rows, columns=columns), int(made.joined.sum())
