"""A scenario: its content, the ways to vary it, and its fingerprint."""

from __future__ import annotations

import datetime
import hashlib
import json
import warnings
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from normsim.config.messages import shown
from normsim.errors import ScenarioError, ScenarioWarning
from normsim.notebook_html import notebook_html
from normsim.parameters import REGIMES, Value, records
from normsim.posterior import posterior_point
from normsim.scenario.file_format import FIRST_DAY, LAST_START, MAX_MONTHS
from normsim.scenario.scenario_writer import scenario_toml
from normsim.scenario.value_checks import check_value, regime_flaw, without_effect

if TYPE_CHECKING:
    import pandas as pd

Action = Literal[
    "acquire",
    "use",
    "transfer",
    "renounce",
    "join",
    "withdraw",
    "condemn",
    "open_bridge",
    "close_bridge",
    "war",
    "peace",
    "sister_exit",
]
ACTIONS: tuple[Action, ...] = get_args(Action)
AIMED: tuple[Action, ...] = ("transfer", "condemn")
"""Actions that have a target."""

ANYONE = "*"


@dataclass(frozen=True)
class Event:
    """An act that a scenario forces or forbids.

    Attributes:
        date: its day, or the first day of an order that lasts.
        actor: code of the state, `*` for every state (forbidden acts only).
        action: what it does.
        to: code of the target of a transfer or condemnation, `*` for any (forbidden acts only), None for other actions.
        until: last day of an order that lasts. None: a forced act in that month only, a forbidden one to the horizon.
        forbid: whether the act is forbidden instead of forced.
        source: where it is recorded.
        note: what else is to be said.
    """

    date: datetime.date
    actor: str
    action: Action
    to: str | None = None
    until: datetime.date | None = None
    forbid: bool = False
    source: str = ""
    note: str = ""

    def __str__(self) -> str:
        """`2023-07-07 USA transfer UKR`."""
        until = f"..{self.until}" if self.until else ""
        return f"{self.date}{until} {self.actor} {self.action}{f' {self.to}' if self.to else ''}"


@dataclass(frozen=True)
class RealWorld:
    """The world as recorded, as of the start."""

    kind: Literal["real"] = "real"


@dataclass(frozen=True)
class SyntheticWorld:
    """A generated world; the fields are those of `normsim.world.synthetic_world`."""

    n: int
    graph: Literal["er", "complete", "ring", "sbm", "ba"] = "er"
    degree: int = 8
    seed: int = 0
    holders: float = 0.2
    producers: float = 0.05
    parties: float = 0.0
    at_war: float = 0.1
    kind: Literal["synthetic"] = "synthetic"

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of `normsim.world.synthetic_world`, all but the start."""
        return {name: value for name, value in asdict(self).items() if name != "kind"}


WorldSpec = RealWorld | SyntheticWorld


@dataclass(frozen=True, kw_only=True, repr=False)
class Scenario:
    """A named world: start, horizon, regimes, parameters, dated events. Read one with `load_scenario`.

    Two scenarios are equal if they say the same, wherever they were read; one fingerprint means that they run the same.

    Attributes:
        name: the file's name without its suffix.
        title: what it is, in a few words.
        question: what it is to answer.
        references: keys of `references.toml`.
        start: its first day.
        months: how many months it lasts, the month of the start included.
        values: every parameter by its dotted name.
        origins: who set each of them: `default`, a file's name, or `override`.
        events: forced and forbidden acts, an extended scenario's first.
        states: initial values of single states by code, only what is set: conventional, output, legacy, improved,
            low_dud, threat, validity, scope, threshold, susceptibility.
        world: the real world or a generated one.
        path: where it was read, None if not from a file. Never written anywhere.
    """

    name: str = field(compare=False)
    title: str
    question: str
    references: tuple[str, ...]
    start: datetime.date
    months: int
    values: Mapping[str, Value]
    origins: Mapping[str, str] = field(compare=False, repr=False)
    events: tuple[Event, ...]
    states: Mapping[str, Mapping[str, float | int]]
    world: WorldSpec
    path: Path | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Lock the mappings: a scenario is shared by many runs."""
        states = {code: MappingProxyType(dict(table)) for code, table in self.states.items()}
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, "origins", MappingProxyType(dict(self.origins)))
        object.__setattr__(self, "states", MappingProxyType(states))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by content, as a read-only mapping has no pickle of its own."""
        content = {item.name: getattr(self, item.name) for item in fields(self)}
        content |= {name: dict(content[name]) for name in ("values", "origins")}
        content["states"] = {code: dict(table) for code, table in self.states.items()}
        return _rebuild, (content,)

    def __hash__(self) -> int:
        """Hash of the fingerprint."""
        return hash(self.fingerprint())

    def __repr__(self) -> str:
        """`Scenario('ukraine_2023', 240 months from 2023-07-01, regimes: bridge)`."""
        regimes = f"regimes: {', '.join(self.regimes)}" if self.regimes else "no regime"
        return f"Scenario({self.name!r}, {self.months} months from {self.start}, {regimes})"

    def _repr_html_(self) -> str:
        facts = {"question": self.question, "months": f"{self.months} from {self.start} to {self.end}"}
        facts |= {"regimes": ", ".join(self.regimes) or "none", "dated events": str(len(self.events))}
        frame = self.to_frame()
        return notebook_html(self.title, facts, frame[frame["origin"] != "default"])

    def to_frame(self) -> pd.DataFrame:
        """Return the values, one row per parameter: parameter, value, unit, origin (who set it), meaning.

        Example:
            >>> from normsim import load_scenario
            >>> frame = load_scenario("bridge_repeatable_opaque").to_frame().set_index("parameter")
            >>> frame.loc["bridge.transparency", "origin"]
            'bridge_repeatable_opaque.toml'
        """
        import pandas as pd

        known = records()
        rows = [(name, v, known[name].unit, self.origins[name], known[name].meaning) for name, v in self.values.items()]
        return pd.DataFrame(rows, columns=["parameter", "value", "unit", "origin", "meaning"])

    @property
    def regimes(self) -> tuple[str, ...]:
        """Names of the regimes that are on."""
        return tuple(name for name in REGIMES if self.values[f"{name}.on"])

    @property
    def end(self) -> datetime.date:
        """Its last day."""
        return last_day(self.start, self.months)

    def month_of(self, day: datetime.date) -> int:
        """Which month a day lies in, counted from 0 for the month of the start.

        Raises:
            ScenarioError: it lies outside the scenario.
        """
        month = months_apart(self.start, day)
        if not 0 <= month < self.months:
            raise ScenarioError(f"{day} lies outside the scenario, which runs from {self.start} to {self.end}")
        return month

    def months_of(self, event: Event) -> range:
        """The months in which an event holds."""
        return window(event, self.start, self.months)

    def with_values(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Scenario:
        """The same scenario with some values changed.

        Args:
            values: values by dotted name.
            **more: the same as keyword arguments.

        Raises:
            ScenarioError: a name is unknown or a value out of range.

        Warns:
            ScenarioWarning: a value is changed of a regime that is off, and the regime is not named.

        Example:
            >>> from normsim import load_scenario
            >>> load_scenario("baseline").with_values({"norm.anchor": 0}).values["norm.anchor"]
            0.0
        """
        given = {**(values or {}), **more}
        varied = varied_scenario(self, given)
        changed = {name: varied.values[name] for name in given if varied.values[name] != self.values[name]}
        for name in without_effect(changed, varied.values, bridge_forced(self.events)):
            switch = f"{name.partition('.')[0]}.on"
            if switch not in given:
                told = f"{name} = {shown(changed[name])} has no effect: its regime is off in {self.name}"
                warnings.warn(f"{told}; set {switch} = true too", ScenarioWarning, stacklevel=2)
        return varied

    def at_posterior(self, number: int) -> Scenario:
        """The same scenario at a point of the posterior; what it sets itself away from a default stays.

        Args:
            number: which point; numbers beyond the last start again from the first, so that seeds will do.

        Raises:
            PosteriorError: the posterior is not that of these parameters.

        Example:
            >>> from normsim import load_scenario
            >>> from normsim.posterior import posterior_point
            >>> varied = load_scenario("baseline").at_posterior(0)
            >>> varied.values["join.norm"] == posterior_point(0)["join.norm"]
            True
        """
        own = uncertain_values(self)
        point = posterior_point(number)
        return varied_scenario(self, {name: value for name, value in point.items() if name not in own})

    def with_months(self, months: int) -> Scenario:
        """The same scenario over another number of months; events after its new end are left out.

        Raises:
            ScenarioError: the number is no horizon.
        """
        if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= MAX_MONTHS:
            raise ScenarioError(f"months = {months!r}: allowed is a whole number from 1 to {MAX_MONTHS}", key="months")
        return self._over(self.start, months)

    def with_start(self, start: datetime.date, earliest: datetime.date = FIRST_DAY) -> Scenario:
        """The same scenario from another day on, for as many months; events before or after are left out.

        Args:
            start: the day.
            earliest: the earliest that is allowed, where a world begins before the Convention on Cluster Munitions.

        Raises:
            ScenarioError: the day is outside the range of starts.
        """
        if type(start) is not datetime.date or not earliest <= start <= LAST_START:
            raise ScenarioError(f"start = {start!s}: allowed is a date from {earliest} to {LAST_START}", key="start")
        return self._over(start, self.months)

    def to_toml(self, every: bool = False) -> str:
        """The scenario as one file that extends nothing; loading it gives an equal scenario.

        Args:
            every: list the defaults too.
        """
        return scenario_toml(self, every=every)

    def fingerprint(self) -> str:
        """SHA-256 of all that a run depends on: not the title, question, references, notes and sources."""
        content = {name: value for name, value, _ in parts(self)} | {"events": [str(event) for event in self.events]}
        content["forbidden"] = [event.forbid for event in self.events]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()

    def _over(self, start: datetime.date, months: int) -> Scenario:
        """The same scenario over other months, its events cut to them."""
        end = last_day(start, months)
        kept = []
        for event in self.events:
            lasts = event.until or (end if event.forbid else event.date)
            if event.date > end or lasts < start:
                continue
            until = min(event.until, end) if event.until else None
            kept.append(replace(event, date=max(event.date, start), until=until))
        return replace(self, start=start, months=months, events=tuple(kept))


def bridge_forced(events: Iterable[Event]) -> bool:
    """Whether an event forces a bridge open, which it does even where the regime is off."""
    return any(event.action == "open_bridge" and not event.forbid for event in events)


def varied_scenario(scenario: Scenario, given: Mapping[str, Any]) -> Scenario:
    """The scenario with some values changed, without a warning of values that have no effect.

    Args:
        scenario: the scenario.
        given: values by dotted name.

    Raises:
        ScenarioError: a name is unknown, a value out of range, or a combination of regimes not possible.
    """
    checked = {name: check_value(name, value) for name, value in given.items()}
    resolved = {**scenario.values, **checked}
    flaw = regime_flaw(resolved)
    if flaw:
        raise ScenarioError(flaw[1], key=flaw[0])
    return replace(scenario, values=resolved, origins={**scenario.origins, **dict.fromkeys(checked, "override")})


def parts(scenario: Scenario) -> Iterator[tuple[str, Any, str]]:
    """All that a run depends on but the events: name, value, who set it."""
    yield "start", scenario.start, ""
    yield "months", scenario.months, ""
    for name, value in asdict(scenario.world).items():
        yield f"world.{name}", value, ""
    for name, value in scenario.values.items():
        yield name, value, scenario.origins[name]
    for code, table in sorted(scenario.states.items()):
        for name, value in sorted(table.items()):
            yield f"state.{code}.{name}", value, ""


def diff(a: Scenario, b: Scenario) -> list[tuple[str, Any, Any]]:
    """Return where two scenarios differ in what they run.

    Returns:
        name, value in `a`, value in `b`, None where it has none. Events are named `event DATE ACTOR ACTION TO` and
        valued `forced` or `forbidden`.
    """
    sides = []
    for scenario in (a, b):
        content = {name: value for name, value, _ in parts(scenario)}
        content |= {f"event {event}": "forbidden" if event.forbid else "forced" for event in scenario.events}
        sides.append(content)
    first, second = sides
    names = [*first, *(name for name in second if name not in first)]
    return [(name, first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)]


def months_apart(start: datetime.date, day: datetime.date) -> int:
    """Calendar months from the month of `start` to that of `day`."""
    return (day.year - start.year) * 12 + day.month - start.month


def last_day(start: datetime.date, months: int) -> datetime.date:
    """Last day of the last of so many months, that of the start included."""
    year, month = divmod(start.year * 12 + start.month - 1 + months - 1, 12)
    return datetime.date(year, month + 1, monthrange(year, month + 1)[1])


def window(event: Event, start: datetime.date, months: int) -> range:
    """The months in which an event holds, counted from 0 for the month of the start."""
    first = months_apart(start, event.date)
    if event.until:
        return range(first, months_apart(start, event.until) + 1)
    return range(first, months if event.forbid else first + 1)


def _rebuild(content: dict[str, Any]) -> Scenario:
    return Scenario(**content)


def uncertain_values(scenario: Scenario) -> frozenset[str]:
    """Uncertain parameters that a scenario sets away from their defaults: no design may vary these."""
    return frozenset(
        name for name, record in records().items() if record.uncertain and scenario.values[name] != record.value
    )
