"""Session: everything the page can do, without a browser.

What is on screen is always one scenario, one seed and one number of months. Whatever changes one of the three runs the
model anew to the month it was at, so the page shows what the command line computes for them, bit for bit.
"""

import datetime
import io
import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np

from normsim.engine.columns import ENTRY, Choice
from normsim.engine.narrative import describe_events
from normsim.engine.outcomes import OUTCOMES
from normsim.engine.simulate import Run, simulate
from normsim.model import NormModel
from normsim.parameters import get
from normsim.scenario import Event, Scenario, ScenarioError, load_scenario, load_scenario_text, scenario_names

FIRST = "ukraine_2023"
"""The scenario that opens."""

VARIABLE = "NORMSIM_PAGE_SCENARIO"
"""Environment variable with the name or path of another that opens."""

UNCHANGED = "before my changes"
"""Name of the other scenario that is this one as it was loaded."""

NOTHING = "nothing"
"""Name of the other scenario if there is none."""

FILE = "my_scenario.toml"
"""Name of a downloaded scenario."""

SPREAD_RUNS = 50
"""Runs behind the band of a series."""

AIMED = ("transfer", "condemn")
"""Acts that have a target."""


class PageError(ValueError):
    """Something typed that cannot be taken; the message says what is allowed."""


class Line(NamedTuple):
    """A line of the event log.

    Attributes:
        month: its month.
        act: short name of what happened.
        text: what happened, in words.
        why: the strongest reasons.
        states: codes of the states in it.
        ordered: whether a dated event ordered it.
    """

    month: datetime.date
    act: str
    text: str
    why: str
    states: tuple[str, ...]
    ordered: bool


class Spread(NamedTuple):
    """Where most runs of a scenario lie: tenth and ninetieth percentile of each outcome, month by month."""

    scenario: Scenario
    seed: int
    runs: int
    low: dict[str, np.ndarray]
    high: dict[str, np.ndarray]


class Session:
    """One page: a scenario with changes, a seed, a model run so far, and another scenario beside it.

    Attributes:
        base: the scenario as loaded.
        packaged: whether it is one of the packaged scenarios, unchanged on disk.
        changed: values set on the page, by dotted name.
        forced: acts forced on the page.
        start: first day set on the page, None for the scenario's own.
        seed: the seed.
        scenario: what runs: `base` with all changes.
        model: the model, run so far.
        log: what has happened so far.
        seen: what each state showed its neighbours before the last month, with the states' columns of that time.
        other: name of the scenario beside it.
        spread: band of many runs, None until asked for.
    """

    base: Scenario
    scenario: Scenario
    model: NormModel
    start: datetime.date | None
    spread: Spread | None
    other: str

    def __init__(self, which: str = FIRST, seed: int | str = 0) -> None:
        """Open a scenario.

        Args:
            which: a scenario's name, or the path of its file.
            seed: a whole number from 0 on.
        """
        self.seed = _seed(seed)
        self._other_run: tuple[Any, Run] | None = None
        self._open(load_scenario(which), which in scenario_names())

    # what to run

    def choose(self, name: str) -> None:
        """Open a packaged scenario; the seed stays, changes made to the last one go.

        Raises:
            PageError: there is none of this name.
        """
        if name not in scenario_names():  # a name, never a path: the browser opens no files
            raise PageError(f"there is no scenario {name!r}")
        self._open(load_scenario(name), True)

    def upload(self, text: bytes | str, label: str) -> None:
        """Open a scenario that was sent.

        Args:
            text: the file's content.
            label: its name, of which only the last part is kept.

        Raises:
            ScenarioError: it cannot be taken; the session stays as it was.
        """
        name = re.split(r"[/\\]", label)[-1][:80] or "upload.toml"
        self._open(load_scenario_text(text, name), False)

    def set_value(self, name: str, value: Any) -> None:
        """Set a parameter, lever or regime; setting it back to the scenario's own takes the change away.

        Raises:
            ParameterError, ScenarioError: it cannot be taken.
        """
        changed = {**self.changed, name: get(name).check(value)}
        if changed[name] == self.base.values[name]:
            del changed[name]
        self._run(changed=changed)

    def clear_changes(self) -> None:
        """Take back every change: values, start and forced acts."""
        self._run(changed={}, start=None, forced=())

    def set_start(self, text: str) -> None:
        """Start in another month.

        Args:
            text: a month such as 2023-07.

        Raises:
            PageError: it is no month.
            ScenarioError: it is out of range.
        """
        try:
            day = datetime.date.fromisoformat(f"{text.strip()}-01")
        except ValueError:
            raise PageError(f"start {text!r}: write a month such as 2023-07") from None
        own = (self.base.start.year, self.base.start.month) == (day.year, day.month)
        self._run(start=None if own else day)

    def set_seed(self, text: int | str) -> None:
        """Set the seed, also from text."""
        self._run(seed=_seed(text))

    def new_seed(self) -> None:
        """Set a seed from the system's own chance."""
        self._run(seed=int.from_bytes(os.urandom(2)))

    def force(self, action: str, actor: str, to: str = "") -> None:
        """Force an act of a state next month, as a dated event of the scenario would.

        Args:
            action: what it does, one of `normsim.scenario.ACTIONS`.
            actor: its code.
            to: code of the target of a transfer or condemnation.

        Raises:
            PageError, ScenarioError: it cannot be ordered.
        """
        if self.is_over:
            raise PageError("the run is over: reset it, or go back some months, to force an act")
        if action in AIMED and not to:
            raise PageError(f"choose the state that {action} is aimed at")
        day = max(self.model.month_at(self.done), self.scenario.start)
        note = "forced on the page"
        event = Event(day, actor, cast(Any, action), to if action in AIMED else None, note=note)
        self._run(forced=(*self.forced, event))

    def compare_with(self, name: str) -> None:
        """Put another scenario beside this one.

        Raises:
            PageError: it cannot be set beside it.
        """
        before, self.other = self.other, name
        try:
            _ = self.other_run
        except PageError:
            self.other = before
            raise

    # time

    @property
    def done(self) -> int:
        """Months run so far."""
        return int(self.model.simulation.done)

    @property
    def is_over(self) -> bool:
        """Whether the horizon is reached."""
        return self.done >= self.scenario.months

    def step(self, months: int = 1) -> None:
        """Run some months more, at most to the horizon."""
        self._advance(self.model, self.log, months)

    def reset(self) -> None:
        """Back to the start; every setting stays."""
        self._run(done=0)

    # what is seen

    @property
    def months(self) -> list[datetime.date]:
        """First day of every month up to the horizon."""
        return [self.model.month_at(month) for month in range(self.scenario.months)]

    @property
    def run(self) -> Run:
        """The run as far as it got."""
        return self.model.result()

    @property
    def outcomes(self) -> dict[str, np.ndarray]:
        """Every outcome of the months run so far."""
        return self.model.simulation.result().outcomes if self.done else {name: np.zeros(0) for name in OUTCOMES}

    @property
    def other_run(self) -> Run | None:
        """The whole run of the other scenario: same seed, same start, same months.

        Raises:
            PageError: the two worlds are not the same.
        """
        other = self._other_scenario()
        if other is None:
            return None
        key = (other.fingerprint(), self.seed)
        if self._other_run is None or self._other_run[0] != key:
            self._other_run = key, simulate(other, self.seed, log_level=0)
        return self._other_run[1]

    def measure_spread(self, on_run: Callable[[int], None] | None = None) -> Spread:
        """Run this scenario on many seeds from this one on; touches nothing of the session.

        Args:
            on_run: called with the number of runs done.
        """
        scenario, seed = self.scenario, self.seed
        runs = []
        for count in range(SPREAD_RUNS):
            runs.append(simulate(scenario, seed + count, log_level=0).outcomes)
            if on_run is not None:
                on_run(count + 1)
        low, high = ({n: np.percentile([r[n] for r in runs], q, axis=0) for n in OUTCOMES} for q in (10, 90))
        return Spread(scenario, seed, SPREAD_RUNS, low, high)

    def show_spread(self, spread: Spread) -> None:
        """Show a band, unless the scenario or the seed has changed since it was begun."""
        if spread.scenario is self.scenario and spread.seed == self.seed:
            self.spread = spread

    # to take away

    def toml(self) -> str:
        """The scenario with all changes, as a file."""
        return self.scenario.to_toml()

    def csv(self) -> str:
        """The series so far, with the other scenario's beside it."""
        table = self.run.series
        other = self.other_run
        if other is not None:
            table = table.join(other.series.add_suffix(f" ({self.other})"))
        out = io.StringIO()
        table.to_csv(out)
        return out.getvalue()

    @property
    def is_changed(self) -> bool:
        """Whether the scenario differs from the one that was loaded."""
        return bool(self.changed or self.forced or self.start)

    def command(self) -> str:
        """The command that computes what is on screen."""
        which = self.base.name if self.packaged and not self.is_changed else FILE
        due = any(self.scenario.month_of(event.date) >= self.done for event in self.forced)
        # a shorter run would drop an act that is still to come, and with it the tie it needs
        months = "" if due or self.done in (0, self.scenario.months) else f" --months {self.done}"
        return f"normsim run {which} --seed {self.seed}{months}"

    # within

    def _open(self, base: Scenario, packaged: bool) -> None:
        """Start over with another scenario."""
        made = _build(base, {}, None, ())
        model = NormModel(made, self.seed, collect_states=())
        self.base, self.packaged = base, packaged
        self.changed: dict[str, Any] = {}
        self.forced: tuple[Event, ...] = ()
        self.start = None
        self.scenario, self.model, self.log = made, model, list[Line]()
        self.seen = _picture(model)
        self.spread = None
        self.other = _beside(base)

    def _run(self, done: int | None = None, **settings: Any) -> None:
        """Run anew with other settings, to the month it was at; if that fails, nothing has changed."""
        now = {name: getattr(self, name) for name in ("changed", "start", "forced", "seed")}
        wanted = now | settings
        forced = wanted["forced"]
        made = _build(self.base, wanted["changed"], wanted["start"], forced) if settings else self.scenario
        model = NormModel(made, wanted["seed"], collect_states=())
        before = self.seen
        log: list[Line] = []
        try:
            self._advance(model, log, self.done if done is None else done)
        except Exception:
            self.seen = before
            raise
        if settings:
            self.spread = None
        for name, value in wanted.items():
            setattr(self, name, value)
        kept = {event for event in made.events if event in forced}
        self.forced = tuple(event for event in forced if event in kept)
        self.scenario, self.model, self.log = made, model, log
        try:
            _ = self.other_run
        except PageError:
            self.other = NOTHING

    def _advance(self, model: NormModel, log: list[Line], months: int) -> None:
        """Step a model and write down what happens."""
        self.seen = _picture(model)
        for _ in range(min(months, model.norm_scenario.months - model.simulation.done)):
            self.seen = _picture(model)
            model.step()
            log += _lines(model)

    def _other_scenario(self) -> Scenario | None:
        """The other scenario over the same months."""
        if self.other == NOTHING:
            return None
        if self.other == UNCHANGED:
            other = self.base
        elif self.other in scenario_names():
            other = load_scenario(self.other)
        else:
            raise PageError(f"there is no scenario {self.other!r}")
        if other.world != self.scenario.world:
            raise PageError(f"{self.other} starts in another kind of world: set a scenario of the same beside it")
        if other.start != self.scenario.start:
            other = other.with_start(self.scenario.start)
        return other if other.months == self.scenario.months else other.with_months(self.scenario.months)


def _seed(text: int | str) -> int:
    """A seed from a number or text."""
    if not re.fullmatch(r"[0-9]{1,18}", str(text).strip()):
        raise PageError(f"seed {text!r}: a seed is a whole number from 0 on, of at most 18 digits")
    return int(text)


def _beside(base: Scenario) -> str:
    """What a scenario is set beside at first."""
    if base.name == FIRST:
        return "no_transfer_2023"
    same_world = base.world == load_scenario("baseline").world
    return "baseline" if same_world and base.name not in ("baseline", "history_2008") else UNCHANGED


def _build(base: Scenario, changed: dict[str, Any], start: datetime.date | None, forced: tuple[Event, ...]) -> Scenario:
    """A scenario with all changes."""
    made = base.with_start(start) if start else base
    if changed:
        made = made.with_values(changed)
    inside = [event for event in forced if made.start <= event.date <= made.end]
    if inside:
        made = replace(made, events=(*made.events, *inside))
        try:  # the loader's own checks: what is forced here must be a file that can be run
            load_scenario_text(made.to_toml(), FILE)
        except ScenarioError as error:
            raise PageError(error.problem) from None
    return made


def _picture(model: NormModel) -> tuple[np.ndarray, np.ndarray]:
    """What the states show each other, and their columns, before the next month."""
    return model.simulation.signals.copy(), model.simulation.states.copy()


def _lines(model: NormModel) -> list[Line]:
    """The last month in words; condemnations of one state are one line."""
    entries = model.weighed[model.weighed["happened"] > 0]
    world = model.simulation.world
    condemned = entries["choice"] == Choice.CONDEMN
    kept: np.ndarray = entries[~condemned]
    month = model.last_month
    told = describe_events(kept.astype(ENTRY), world, [month] * (int(model.simulation.done)))
    acts = [
        Line(
            event["month"],
            event["act"],
            event["text"],
            event["why"],
            tuple(code for code in dict.fromkeys((event["actor"], event["target"])) if code in world.iso3),
            bool(entry["order"] > 0),
        )
        for event, entry in zip(told, kept, strict=True)
    ]
    lines = []
    targets, counts = np.unique(entries["target"][condemned], return_counts=True)
    for target, count in zip(targets.tolist(), counts.tolist(), strict=True):
        who = f"{count} state{'s' if count > 1 else ''}"
        lines.append(Line(month, "condemn", f"{who} condemned {world.names[target]}", "", (world.iso3[target],), False))
    return lines + acts  # newest first, what was done then stands above what was said of it
