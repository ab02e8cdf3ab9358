"""Simulate: the one entry point of the command line, the batch, the page, the figures and the tests."""

import copy
import datetime
import hashlib
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from normsim.engine import columns, initialisation, outcomes
from normsim.engine.columns import ENTRY
from normsim.engine.narrative import NotDone, event_columns, not_done
from normsim.engine.networks import build_networks, move_networks
from normsim.engine.outcomes import MEASURED, SERIES
from normsim.engine.rule_set import Rules
from normsim.engine.streams import STREAMS, Draws
from normsim.engine.war_resampling import monthly_wars
from normsim.errors import RulesError, ScenarioWarning
from normsim.notebook_html import notebook_html
from normsim.parameters import compile_values
from normsim.plotting import plot
from normsim.scenario import ACTIONS, Scenario, SyntheticWorld, load_scenario
from normsim.world import World, Year, synthetic_world, world_as_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from matplotlib.figure import Figure

BLOCK = 12
"""Months run at a stretch, at most."""

NUMBERS = 100_000
"""Numbers drawn for a block, at most, unless a month needs more: few enough to stay in the cache."""

ROOM = 16_384
"""Entries of the log that a block has room for at first; it grows as needed."""

HEADLINES = ("parties", "users", "transfers", "casualties", "validity", "scope", "robustness")
"""Outcomes that a notebook shows of a run."""


def build_world(scenario: Scenario) -> World:
    """The world a scenario starts in: the real one as of its start, or a synthetic one."""
    if isinstance(scenario.world, SyntheticWorld):
        return synthetic_world(start=scenario.start, **scenario.world.arguments())
    return world_as_of(scenario.start)


def month_of(start: datetime.date, number: int) -> datetime.date:
    """First day of a month of a run, counted from 0."""
    count = start.year * 12 + start.month - 1 + number
    return datetime.date(count // 12, count % 12 + 1, 1)


class Simulation:
    """A run in progress: the columns, and what moves them on.

    Attributes:
        scenario: the scenario.
        seed: seed of the run.
        world: the world before the first month.
        states: one row per state, dtype `STATE`.
        ties: one row per pair that can trade, dtype `TIE`.
        signals: what each state showed last month, dtype `SIGNAL`.
        system: what belongs to no state, one row of dtype `SYSTEM`.
        work: intermediate results of the last month, dtype `WORK`.
        done: months run so far.
        stretch: months run at a stretch, at most.
        kept: if states are kept, those after each month of the last `advance`, shape (stretch, states), which may
            then be no longer than `to_break`; else of no months.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int = 0,
        rules: Rules | None = None,
        log_level: int = 1,
        world: World | None = None,
        keep_states: bool = False,
    ) -> None:
        """Prepare the first month.

        Args:
            scenario: the scenario.
            seed: a whole number >= 0.
            rules: rules to use instead of the model's own.
            log_level: 0 no log, 1 acts that happen, 2 every choice weighed.
            world: a world to start in, instead of the one the scenario names.
            keep_states: keep the states after each month of an advance in `kept`.
        """
        self.scenario, self.seed, self.rules = scenario, _whole(seed), rules or Rules()
        self.world = world or build_world(scenario)
        self.p: Any = compile_values(scenario.values)
        self.orders = initialisation.dated_orders(self.world, scenario.events, scenario.start, scenario.months)
        forced = (self.orders["action"] == ACTIONS.index("transfer")) & (self.orders["forbid"] == 0)
        wanted = zip(self.orders["actor"][forced].tolist(), self.orders["target"][forced].tolist(), strict=True)
        self._wanted = tuple(wanted)
        self.ties = initialisation.initial_ties(self.world, self._wanted).copy()
        self.networks = build_networks(self.world, self.p, self.ties)
        self.states = initialisation.states_of(self.world)
        self.system = initialisation.system_of(self.world, self.p)
        n = len(self.world)
        self.signals, self._seen = np.zeros(n, columns.SIGNAL), np.zeros(n, columns.SIGNAL)
        self.work = np.zeros(n, columns.WORK)
        self._regions, self._asking = np.zeros((len(self.world.regions), 2)), np.zeros(n, np.int64)
        self._initialise()
        self.system["log_level"] = log_level
        self._recorded, self._theatres = monthly_wars(self.world, self.p, scenario.months, self.seed)
        self._later = self._years_to_come() if self.p.covariates.move else {}
        self._draws = Draws(self.seed, n)
        self.stretch = min(BLOCK, max(1, NUMBERS // (len(STREAMS) * n)))
        self._series = np.zeros(scenario.months, SERIES)
        self._log: list[np.ndarray] = []
        self.kept = np.zeros((self.stretch if keep_states else 0, n), columns.STATE)
        self.done = self._begun = 0

    def _initialise(self) -> None:
        """Fill in the tables before the first month."""
        order = initialisation.commitment_order(self.world, self.networks, int(self.p.committed.who), self.seed)
        chance = initialisation.chance_of(self.world, self.seed, order)
        bound = [self.world.facts[name].copy() for name in ("war_bound", "rival_war_bound", "rival_bound")]
        self.rules.run("initialise", self.p, self.system, self.states, self.networks, chance, *bound)
        for iso3, values in self.scenario.states.items():
            initialisation.override(self.states, self.world.index(iso3), values)
        self.states["rounds"] = self.states["stock"].sum(axis=1)
        self.states["supplied"][self.ties["recipient"][self.ties["since"] < columns.NEVER]] = 1
        self.rules.run("show_first", self.p, self.system, self.states, self.networks, self.signals)
        initialisation.remember_threat(self.system, self.states)
        drawn = initialisation.frailties(self.p, len(self.world), self.seed)
        force_for = initialisation.months_in_force(self.world)
        self.rules.run("stay_out", self.p, self.system, self.states, self.networks, self._regions, drawn, force_for)

    def _years_to_come(self) -> dict[int, Year]:
        """What the record moves on, by the month of the run: each January after its start."""
        first = self.world.start.year * 12 + self.world.start.month - 1
        months = {year.year * 12 - first: year for year in self.world.history.later}
        return {month: year for month, year in months.items() if month > 0}

    def advance(self, months: int) -> None:
        """Run some months more, at most to the horizon."""
        last = min(self.done + months, self.scenario.months)
        if len(self.kept) and last - self.done > self.to_break:
            raise ValueError(
                f"states are kept of {self.to_break} months at most from here on, not of {last - self.done}"
            )
        self._begun = self.done
        while self.done < last:
            if self.done in self._later:
                self._move_on(self._later[self.done])
            stop = min(last, self.done + self.to_break)
            self._run_block(min([stop, *(month for month in self._later if self.done < month < stop)]) - self.done)

    @property
    def to_break(self) -> int:
        """Months to the end of the current stretch; stretches of a year begin in January."""
        return self.stretch - (self.scenario.start.month - 1 + self.done) % self.stretch

    def _move_on(self, year: Year) -> None:
        """Take over the covariates and relations of a new year, as long as they are recorded."""
        initialisation.take_covariates(self.states, year.facts)
        self.ties = initialisation.renewed_ties(self.ties, year, self._wanted)
        self.networks = move_networks(self.networks, self.world, year, self.ties)
        self.rules.run("settle", self.p, self.states, self.networks)

    def _run_block(self, months: int) -> None:
        """Run a block; where the log had too little room, run it again with enough."""
        first, last = self.done, self.done + months
        draws = self._draws.block(months)
        room = ROOM if self.system["log_level"][0] else 0
        changing = (self.system, self.states, self.ties, self.signals, self.orders)
        before = tuple(table.copy() for table in changing) if room else ()
        while True:
            series = np.zeros(months, SERIES)
            log = np.zeros(room, ENTRY)
            self.system["logged"] = 0
            self.rules.run(
                "months",
                self.p,
                self.system,
                self.states,
                self.ties,
                self.networks,
                self.signals,
                self._seen,
                self.work,
                self._regions,
                self._asking,
                self._recorded[first:last],
                self._theatres[first:last],
                self.orders,
                draws,
                log,
                series,
                self.kept[first - self._begun : last - self._begun],
                where=self._where,
            )
            wanted = int(self.system["logged"][0])
            if wanted <= room:
                break
            for table, kept in zip(changing, before, strict=True):
                table[:] = kept
            room = 2 * wanted
        self._check(series)
        self._series[first:last] = series
        if room:
            self._log.append(log[:wanted].copy())
        self.done = last

    def _check(self, series: np.ndarray) -> None:
        """Stop if an outcome is not finite: a rule gave a number that no later month can mend.

        Raises:
            RulesError: an outcome is NaN or infinite; the message names it and its month.
        """
        numbers = series.view(np.float64).reshape(len(series), -1)
        if not np.isfinite(numbers).all():
            month, place = np.argwhere(~np.isfinite(numbers))[0]
            when = month_of(self.scenario.start, self.done + int(month))
            raise RulesError(f"the outcome {list(MEASURED)[place]} is {numbers[month, place]} in {when:%B %Y}")

    def _where(self, place: int) -> str:
        """The state and the month of a fault in a rule, in words."""
        state = f"{self.world.iso3[place]}, " if place >= 0 else ""
        return f"{state}{month_of(self.scenario.start, int(self.system['month'][0])):%B %Y}"

    @property
    def measured(self) -> np.ndarray:
        """Series so far, dtype `SERIES`, shape (months done,)."""
        return self._series[: self.done]

    @property
    def log(self) -> np.ndarray:
        """The log so far, dtype `ENTRY`."""
        return np.concatenate(self._log) if self._log else np.zeros(0, ENTRY)

    def take_log(self) -> np.ndarray:
        """The log so far, which then starts anew: a caller that steps month by month keeps what it needs."""
        taken = self.log
        self._log = []
        return taken

    def copy(self) -> "Simulation":
        """An independent copy, which goes on from the same month with the same random numbers.

        Its log is empty, and it keeps no states.
        """
        twin = copy.copy(self)
        for name in (
            "orders",
            "ties",
            "states",
            "system",
            "signals",
            "_seen",
            "work",
            "_regions",
            "_asking",
            "_series",
        ):
            setattr(twin, name, getattr(self, name).copy())
        twin._log, twin.kept = [], self.kept[:0]
        twin._draws = self._draws.copy()
        return twin

    def finish(self) -> "Run":
        """Run to the horizon and return the run."""
        self.advance(self.scenario.months - self.done)
        return self.result()

    def result(self) -> "Run":
        """The run as far as it got."""
        measured, final, orders = self.measured.copy(), self.states.copy(), self.orders.copy()
        return Run(self.scenario, self.seed, self.world, measured, self.log, final, orders)


def _whole(seed: Any) -> int:
    """The seed as a whole number >= 0, also from text as a browser's field gives it."""
    try:
        number = int(seed)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number < 0 or (isinstance(seed, float) and seed != number):
        raise ValueError(f"a seed is a whole number >= 0, not {seed!r}")
    return number


class Run:
    """A run, finished or as far as it got.

    Attributes:
        scenario: the scenario.
        seed: its seed.
        world: the world before the first month.
        measured: measured outcomes, dtype `SERIES`, shape (months,).
        log: the log, dtype `ENTRY`.
        final: the states at the end, dtype `STATE`.
        orders: the dated events at the end, dtype `ORDER`.

    Example:
        >>> import normsim as ns
        >>> run = ns.simulate("ukraine_2023", seed=1, months=12)
        >>> run
        <Run: ukraine_2023, seed 1, 12 months from 2023-07>
        >>> bool(run.series["parties"].iloc[-1] > 100)
        True
        >>> run.summary()["transfers"] > 0
        True
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        world: World,
        measured: np.ndarray,
        log: np.ndarray,
        final: np.ndarray,
        orders: np.ndarray,
    ) -> None:
        self.scenario, self.seed, self.world = scenario, seed, world
        self.measured, self.log, self.final, self.orders = measured, log, final, orders

    def __repr__(self) -> str:
        """The scenario, the seed and the months."""
        count = len(self.measured)
        months = f"{count} month{'' if count == 1 else 's'} from {self.scenario.start:%Y-%m}"
        return f"<Run: {self.scenario.name}, seed {self.seed}, {months}>"

    def _repr_html_(self) -> str:
        """Scenario, seed, months, and a few outcomes of the whole run, for notebooks."""
        import pandas as pd

        facts = {"seed": self.seed, "months": f"{len(self.measured)} from {self.scenario.start:%Y-%m}"}
        summary, known = self.summary(), outcomes.OUTCOMES | outcomes.RUN_OUTCOMES
        rows = [(name, f"{summary[name]:,.4g}", known[name].unit, known[name].meaning) for name in HEADLINES if summary]
        frame = pd.DataFrame(rows, columns=["outcome", "value", "unit", "meaning"])
        return notebook_html(self.scenario.title, facts, frame)

    def to_frame(self) -> "pd.DataFrame":
        """Return the monthly outcomes: one row per month, one column per outcome; the same as `series`.

        Example:
            >>> import normsim as ns
            >>> frame = ns.simulate("baseline", months=6).to_frame()
            >>> len(frame), frame.index.name
            (6, 'month')
        """
        return self.series

    def plot(self) -> "Figure":
        """Return a figure of the headline outcomes over the months.

        Raises:
            AnalysisError: no month has been run.

        Example:
            >>> import normsim as ns
            >>> figure = ns.simulate("baseline", months=6).plot()
            >>> len(figure.axes)
            6
        """
        return plot("run", self)

    @cached_property
    def outcomes(self) -> dict[str, np.ndarray]:
        """Every monthly outcome, measured and derived, each of shape (months,)."""
        measured = {name: self.measured[name] for name in outcomes.MEASURED}
        return measured | outcomes.derive(self.measured, len(self.world))

    @property
    def months(self) -> list[datetime.date]:
        """First day of each month."""
        return [month_of(self.scenario.start, m) for m in range(len(self.measured))]

    @cached_property
    def series(self) -> "pd.DataFrame":
        """The monthly outcomes: one row per month, one column per outcome (see `engine/outcomes.py`)."""
        import pandas as pd

        return pd.DataFrame(self.outcomes, index=pd.DatetimeIndex(self.months, name="month"))

    @cached_property
    def events(self) -> "pd.DataFrame":
        """The acts that happened: month, actor, act, target, text, amount, probability, why (the strongest terms).

        Empty if the run was made with `log_level=0`.
        """
        import pandas as pd

        happened = self.log[self.log["happened"] > 0]
        return pd.DataFrame(event_columns(happened, self.world, self.months))

    @cached_property
    def not_done(self) -> list[NotDone]:
        """The forced acts of dated events that could not happen, and why; known at every log level."""
        return not_done(self.orders, self.world, self.months, self.scenario.events)

    @cached_property
    def states(self) -> "pd.DataFrame":
        """Columns of every state after the last month, by iso3 (see `engine/columns.py` for units and meanings)."""
        import pandas as pd

        # lists, for pandas to choose a width of its own: a reader's sum over a narrow column would overflow
        table = {name: self.final[name].tolist() for name in columns.STATE_COLUMNS}
        for place, name in enumerate(initialisation.CLASS_NAMES):
            table[name] = self.final["stock"][:, place]
        return pd.DataFrame(table, index=pd.Index(self.world.iso3, name="iso3"))

    def summary(self) -> dict[str, float]:
        """Return one number per outcome: its last, sum or mean over the months (see `engine/outcomes.py`)."""
        return outcomes.summarise(self.outcomes, int((self.final["months_used"] > 0).sum()))

    def digest(self) -> str:
        """Return the SHA-256 of everything the run computed, to compare two runs bit for bit."""
        # column by column: the bytes that align the columns of a row are not set
        tables = (self.measured, self.final)
        parts = (table[name].tobytes() for table in tables for name in table.dtype.names or ())
        return hashlib.sha256(b"".join(parts)).hexdigest()


def simulate(
    scenario: Scenario | str,
    seed: int = 0,
    rules: Rules | None = None,
    log_level: int = 1,
    on_month: "Callable[[int], None] | None" = None,
    *,
    months: int | None = None,
    warn: bool = True,
) -> Run:
    """Run a scenario.

    Args:
        scenario: a scenario, its name, or the path of its file.
        seed: seed of the run; scenarios with the same seed share their random numbers.
        rules: rules to use instead of the model's own.
        log_level: 0 no log, 1 acts that happen, 2 every choice weighed.
        on_month: called with the number of months done after each block, e.g. to show progress.
        months: number of months to run instead of the scenario's own.
        warn: warn of dated events that could not happen; they are in the run's `not_done` in any case.

    Returns:
        the finished run.

    Raises:
        ScenarioError: the scenario cannot be loaded, or the number of months is out of range.
        RulesError: a replaced rule cannot be compiled, or returned a number that is not finite.
        ValueError: the seed is no whole number >= 0.

    Warns:
        ScenarioWarning: a dated event could not happen; once per event, with the reason.

    Example:
        >>> import normsim as ns
        >>> run = ns.simulate("ukraine_2023", seed=1, months=24)
        >>> len(run.series)
        24
    """
    loaded = load_scenario(scenario)
    simulation = Simulation(loaded if months is None else loaded.with_months(months), seed, rules, log_level)
    while simulation.done < simulation.scenario.months:
        simulation.advance(simulation.to_break)
        if on_month is not None:
            on_month(simulation.done)
    run = simulation.result()
    for missed in run.not_done if warn else ():
        warnings.warn(f"{run.scenario.name}: {missed.text}", ScenarioWarning, stacklevel=2)
    return run
