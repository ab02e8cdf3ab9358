"""What a hindcast is made of: origins in time, bands, compared scores, numbers of the record, and the whole."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from normsim.analysis import patterns
from normsim.analysis.joining_refit import Refit
from normsim.analysis.joining_regression import Regression
from normsim.analysis.scores import CalibrationBin, Comparison
from normsim.errors import AnalysisError
from normsim.world import Treaty, convention, covariates_since

SEEN = "model at its defaults (seen)"
"""Name of the model as it ships: its defaults were set with the whole record in sight."""

MODEL = "model"
"""Name of the model among the forecasts."""

REGRESSION, BASE_RATE = "cloglog", "base rate"
"""Baselines of who joins: the regression, and the rate of joining in one's group."""

LAST_YEAR, FIVE_YEARS = "last year's users", "five-year share"
"""Baselines of who uses: last year's users, and the share of the last five years with use."""

GROUPS = ("all", "non-signatories", "signatories")
"""Groups of the states that are outside the convention at the origin."""

SMALLEST_WINDOW = 2
"""Fewest whole years between the opening and the origin: less gives nothing to fit."""

ARMS = "arms trade"
ARMS_PERIOD = 2007
"""Last year of the first period of the arms record: what was known before it was over holds no arms trade."""

NAMED_CHANCE = 0.3
"""Chance from which on a named critic counts as foreseen."""


@dataclass(frozen=True)
class Origin:
    """An origin in time.

    Attributes:
        known: last calendar year that is known.
        last: last calendar year that is forecast.
        treaty: the treaty.
    """

    known: int
    last: int
    treaty: Treaty = field(default_factory=convention)

    def __str__(self) -> str:
        """`from December 2012: 2013 to 2016`."""
        return f"from December {self.known}: {self.first} to {self.last}"

    @property
    def first(self) -> int:
        """First calendar year that is forecast."""
        return self.known + 1

    @property
    def start(self) -> datetime.date:
        """Day on which the runs start."""
        return datetime.date(self.first, 1, 1)

    @property
    def years(self) -> range:
        """Calendar years that are forecast."""
        return range(self.first, self.last + 1)

    @property
    def use_years(self) -> range:
        """Those of them whose wars are recorded, in which runs of a year can be given them."""
        return range(self.first, min(self.last, patterns.WARS_UNTIL) + 1)

    @property
    def has_critics(self) -> bool:
        """Whether the transfer of July 2023 lies within, and the treaty is about it."""
        return self.treaty.stocks and patterns.CRITICS_MONTH.year in self.years

    @property
    def past_years(self) -> range:
        """Calendar years up to the origin from whose first day on a world of the treaty exists."""
        first = self.treaty.covariates_from
        return range(max(self.treaty.opened.year + 1, first.year + (first.month > 1)), self.first + 1)

    @property
    def window(self) -> str:
        """The window that baselines are fitted on."""
        return f"{self.treaty.opened:%Y-%m} to {self.known}-12"


def origins_of(treaty: Treaty | None = None) -> tuple[Origin, ...]:
    """The origins in time that a treaty's file names; by default three of the Convention on Cluster Munitions.

    Raises:
        AnalysisError: it names none.
    """
    treaty = treaty or convention()
    if not treaty.origins:
        raise AnalysisError(f"{treaty.name}: its file names no origin under [hindcast]; name them there, or use --from")
    return tuple(origin(known, last, treaty) for known, last in treaty.origins)


def origin(known: int, last: int | None = None, treaty: Treaty | None = None) -> Origin:
    """An origin, checked.

    Args:
        known: last calendar year that is known.
        last: last calendar year to forecast; four years on, or the end of the record, if not given.
        treaty: the treaty; by default the Convention on Cluster Munitions.

    Raises:
        AnalysisError: a year is out of range.

    Example:
        >>> origin(2012).last
        2016
    """
    treaty = treaty or convention()
    end = treaty.last_year
    earliest = max(treaty.opened.year, treaty.covariates_from.year) + SMALLEST_WINDOW
    if not earliest <= known < end:
        raise AnalysisError(f"--from {known}-12: allowed is a December from {earliest}-12 to {end - 1}-12")
    last = min(known + 4, end) if last is None else last
    if not known < last <= end:
        raise AnalysisError(f"--until {last}-12: allowed is a December from {known + 1}-12 to {end}-12")
    return Origin(known, last, treaty)


def notes(treaty: Treaty, origins: Sequence[Origin]) -> list[str]:
    """What a hindcast of a treaty leaves out or fills in, in words; nothing for the default treaty.

    Args:
        treaty: the treaty.
        origins: its origins.

    Example:
        >>> notes(convention(), origins_of())
        []
    """
    if treaty == convention():
        return []
    told = []
    if not treaty.stocks:
        told.append("left out, as they are of cluster munitions: stocks, use, transfers, votes, critics")
    if treaty.reservations:
        told.append("reservations are left out: a party is bound as a whole")
    firsts = [each.past_years.start for each in origins]
    first = min([treaty.fit_from or datetime.date.max, *(datetime.date(year, 1, 1) for year in firsts)])
    late = {name: day for name, day in covariates_since().items() if day > first and name != ARMS}
    if late:
        how = "the values of its first year count" if treaty.missing == "carry_back" else "no state differs in it"
        begin = ", ".join(f"{name} {day:%Y-%m}" for name, day in late.items())
        told.append(f"begins after the first world, which is of {first:%Y-%m}: {begin}; before, {how}")
    if min(firsts) <= ARMS_PERIOD:
        told.append(f"no period of the {ARMS} was over before {ARMS_PERIOD + 1}: that layer is empty until then")
    return told


@dataclass(frozen=True)
class Band:
    """What one forecast says of the number of parties.

    Attributes:
        name: the model, or a baseline.
        low: lower end of the 90 % band at each year-end.
        middle: median.
        high: upper end.
        crps: mean CRPS over the year-ends [parties].
        coverage: share of the year-ends inside the band.
        width: mean width of the band [parties].
        fitted: estimates of its parameters.
    """

    name: str
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray
    crps: float
    coverage: float
    width: float
    fitted: Mapping[str, float]


@dataclass(frozen=True)
class Line:
    """A score that is compared.

    Attributes:
        part: what is forecast.
        comparison: the model beside the baselines.
    """

    part: str
    comparison: Comparison


@dataclass(frozen=True)
class Fact:
    """A number of the record without a baseline, and the model's band.

    Attributes:
        name: what it is.
        mean: mean over runs.
        low: lower end of the 90 % band over runs.
        high: upper end.
        recorded: the record.
        kind: what it belongs to, where several years are told together.
    """

    name: str
    mean: float
    low: float
    high: float
    recorded: float
    kind: str = ""

    @property
    def inside(self) -> bool:
        """Whether the band holds the record."""
        return self.low <= self.recorded <= self.high


@dataclass
class Cases:
    """Scores of single cases, kept so that origins can be put together.

    Attributes:
        parties: CRPS, log and interval score of each year-end, by score and forecast.
        joins: probability of each state outside, by group and forecast.
        joined: whether it joined, by group.
        states: its code, by group.
        use: probability of use of each state and year, by forecast.
        used: whether it used.
        users: its code.
    """

    parties: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    joins: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    joined: dict[str, np.ndarray] = field(default_factory=dict)
    states: dict[str, list[str]] = field(default_factory=dict)
    use: dict[str, np.ndarray] = field(default_factory=dict)
    used: np.ndarray = field(default_factory=lambda: np.zeros(0, np.bool_))
    users: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OriginResult:
    """How one origin came out.

    Attributes:
        origin: the origin.
        recorded: parties at the end of each year.
        bands: what the model and the baselines say of them, the model first.
        lines: compared scores.
        facts: numbers without a baseline.
        named: share of runs in which each named critic spoke; empty if the origin does not cover July 2023.
        sent: share of runs in which the forced transfer happened; NaN likewise.
        regression: the fitted regression of who joins.
        refit: the rule of joining, or its rates, as fitted on the window before; None where the defaults are kept.
        cases: scores of single cases.
        seen: the model at its defaults, which were set with the whole record in sight; None for another treaty.
    """

    origin: Origin
    recorded: np.ndarray
    bands: list[Band]
    lines: list[Line]
    facts: list[Fact]
    named: dict[str, float]
    sent: float
    regression: Regression
    refit: Refit | None
    cases: Cases
    seen: Band | None = None

    @property
    def best(self) -> Band:
        """The baseline of the number of parties with the lowest CRPS."""
        return min(self.bands[1:], key=lambda each: each.crps)


@dataclass(frozen=True)
class Hindcast:
    """A whole hindcast.

    Attributes:
        scenario: name of the scenario.
        treaty: the treaty.
        fingerprint: its fingerprint.
        seeds: runs of each origin.
        origins: how each origin came out.
        together: compared scores over all origins; empty for a single one.
        curves: calibration curves of who joins over all origins, by forecast.
    """

    scenario: str
    treaty: Treaty
    fingerprint: str
    seeds: int
    origins: list[OriginResult]
    together: list[Line]
    curves: dict[str, list[CalibrationBin]]
