"""Which uncertain parameters move anything: the screening of a latin hypercube.

Every factor of a latin hypercube moves at every point, so one regression per outcome tells what each of them does while
all the others vary. Outcomes are taken by rank, which tames counts and heavy tails, and scaled to standard deviation
one. A factor's curve is quadratic in its place in its range:

    rank of outcome = constant + sum over factors (slope u + bend (u^2 - 1/12)) + rest,    u in (-1/2, 1/2)

Its change is the range of that curve, in standard deviations of the outcome over all runs, luck included.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from normsim.analysis.frames import Results, factor_names, outcome_table
from normsim.engine.streams import stream
from normsim.errors import AnalysisError

Floats = npt.NDArray[np.float64]

FELT = 0.2
"""Change that counts as felt [standard deviations of the outcome]."""

LEVEL = 0.05
"""Probability, for each factor, that luck alone passes it in any outcome of any scenario (Bonferroni)."""

DRAWS = 400
"""Draws behind an interval."""

ROUNDING = 1e-6
"""Least standard error: where one factor decides an outcome altogether, the rest is rounding and no effect."""

SEED = 20231124
"""Seed of these draws."""

COLUMNS = ("factor", "change", "low", "high", "direction", "scenario", "outcome", "verdict")


class Curve(NamedTuple):
    """What a factor does to one outcome in one scenario.

    Attributes:
        slope, bend: coefficients of u and of u^2 - 1/12.
        error: their standard errors.
    """

    slope: float
    bend: float
    error: tuple[float, float]

    @property
    def change(self) -> float:
        """Range of the curve [standard deviations of the outcome]."""
        return float(np.ptp(curve_values(np.array([self.slope]), np.array([self.bend]))))

    @property
    def z(self) -> float:
        """The larger of the two coefficients over their standard errors."""
        return max(abs(self.slope) / self.error[0], abs(self.bend) / self.error[1])

    def interval(self) -> tuple[float, float]:
        """95 % interval of the change, from draws of both coefficients."""
        rng = stream(SEED, "screening")
        slopes = rng.normal(self.slope, self.error[0], DRAWS)
        bends = rng.normal(self.bend, self.error[1], DRAWS)
        low, high = np.quantile(np.ptp(curve_values(slopes, bends), axis=1), [0.025, 0.975])
        return float(low), float(high)


def curve_values(slopes: Floats, bends: Floats) -> Floats:
    """The curves at 41 places of the range, shape (curves, 41)."""
    u = np.linspace(-0.5, 0.5, 41)
    return slopes[:, None] * u + bends[:, None] * (u**2 - 1.0 / 12.0)


def screening_table(results: Results, outcomes: Iterable[str] | None = None) -> pd.DataFrame:
    """Return what each factor moves most, over all scenarios and outcomes.

    Args:
        results: results of an experiment whose design is one latin hypercube.
        outcomes: names of outcomes; all that were kept if not given.

    Returns:
        One row per factor, the strongest first: change [sd of the outcome] with its 95 % interval, direction (`up`,
        `down` or `bent`), the scenario and outcome in which the change is largest of those that are beyond luck,
        and the verdict: `felt` (a change of `FELT` or more, beyond luck), `weak` (beyond luck, but less), `not seen`.

    Raises:
        AnalysisError: the design is another, or has too few runs.
    """
    blocks = list(results.experiment.blocks)
    if [block.method for block in blocks] != ["latin_hypercube"]:
        raise AnalysisError('a screening needs a design of exactly one block, method = "latin_hypercube"')
    factors = factor_names(results)
    table, names = outcome_table(results, outcomes)
    curves: list[tuple[int, str, str, Curve]] = []
    for scenario, own in table.groupby("scenario", sort=False):
        if len(own) < 5 * len(factors):
            raise AnalysisError(
                f"{scenario} has {len(own)} runs for {len(factors)} factors: a screening needs 5 a factor"
            )
        for place, name, curve in _curves(own, factors, names):
            curves.append((place, str(scenario), name, curve))
    tests = len({(scenario, name) for _, scenario, name, _ in curves})
    beyond = float(stats.norm.isf(LEVEL / 2 / max(2 * tests, 1)))
    rows = [_row(factor, [each for each in curves if each[0] == place], beyond) for place, factor in enumerate(factors)]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    rank = found["verdict"].map({"felt": 0, "weak": 1, "not seen": 2})
    return found.iloc[np.lexsort((-found["change"], rank))].reset_index(drop=True)


def _curves(own: pd.DataFrame, factors: list[str], names: list[str]) -> Iterable[tuple[int, str, Curve]]:
    """The curves of all factors for each outcome that varies in one scenario: place of the factor, outcome, curve."""
    places = own[factors].rank().to_numpy(float) / len(own) - 0.5
    inputs = np.column_stack([np.ones(len(own)), places, places**2 - 1.0 / 12.0])
    inverse = np.linalg.pinv(inputs.T @ inputs)
    count = len(factors)
    for name in names:
        ranks = own[name].rank().to_numpy(float)
        spread = ranks.std()
        if not spread > 0.0:
            continue
        outcome = (ranks - ranks.mean()) / spread
        found = inverse @ (inputs.T @ outcome)
        rest = outcome - inputs @ found
        variance = float(rest @ rest) / (len(own) - inputs.shape[1])
        error = np.sqrt(np.maximum(np.diag(inverse) * variance, ROUNDING**2))
        for place in range(count):
            slope, bend = 1 + place, 1 + count + place
            errors = float(error[slope]), float(error[bend])
            yield place, name, Curve(float(found[slope]), float(found[bend]), errors)


def _row(factor: str, curves: list[tuple[int, str, str, Curve]], beyond: float) -> tuple[object, ...]:
    """The row of one factor: where it changes most, of what is beyond luck if anything is."""
    seen = [each for each in curves if each[3].z > beyond]
    if not curves:
        return (factor, 0.0, 0.0, 0.0, "-", "-", "-", "not seen")
    _, scenario, name, curve = max(seen or curves, key=lambda each: each[3].change)
    direction = "bent" if abs(curve.bend) / 4.0 > abs(curve.slope) else "up" if curve.slope > 0 else "down"
    verdict = "not seen" if not seen else "felt" if curve.change >= FELT else "weak"
    return (factor, curve.change, *curve.interval(), direction, scenario, name, verdict)
