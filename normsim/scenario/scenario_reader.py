"""Reading a scenario: defaults, then the scenarios that it extends, then its own values."""

from __future__ import annotations

import datetime
import os
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim.config.messages import Key, nearest
from normsim.config.named_files import file_of, is_path, packaged_folder, packaged_names
from normsim.config.toml_reader import Source, read_file, read_text
from normsim.errors import ScenarioWarning
from normsim.parameters import REGIMES, Value, defaults, records
from normsim.scenario.event_checks import EventChecks
from normsim.scenario.file_format import RESOLVED
from normsim.scenario.scenario import (
    AIMED,
    ANYONE,
    Event,
    RealWorld,
    Scenario,
    SyntheticWorld,
    WorldSpec,
    bridge_forced,
    last_day,
    window,
)
from normsim.scenario.value_checks import check_value, home, regime_flaw, state_flaw, suggest, without_effect

if TYPE_CHECKING:
    from normsim.scenario.scenario_schema import EventTable, FileTable

MAX_EXTENDS = 8
_OR_EXTEND = 'or extend a scenario that does, as in extends = "baseline"'
_NEEDS = 'a scenario has at least a title, as in title = "My world"'


def scenario_names() -> tuple[str, ...]:
    """Names of the packaged scenarios, sorted."""
    return packaged_names("scenarios")


def packaged_scenarios() -> list[Scenario]:
    """Every packaged scenario, to list. Loading one by name also checks its events, which needs the world."""
    return [
        _resolve(read_file(packaged_folder("scenarios") / f"{name}.toml", _NEEDS), False) for name in scenario_names()
    ]


def load_scenario(which: str | Path | Scenario) -> Scenario:
    """Load a scenario.

    Args:
        which: a packaged scenario's name; a path, or text with a folder or the suffix `.toml`; or a scenario, which is
            returned as it is.

    Raises:
        ScenarioError: there is none, or it is not valid.

    Example:
        >>> load_scenario("baseline").months
        240
    """
    if isinstance(which, Scenario):
        return which
    return _resolve(read_file(file_of(which, "scenario", "scenarios", scenario_names()), _NEEDS))


def load_scenario_text(text: str | bytes, label: str = "upload.toml") -> Scenario:
    """Load a scenario from text, such as an upload; it can extend packaged scenarios only.

    Args:
        text: what a file would hold.
        label: its name in messages and origins.

    Raises:
        ScenarioError: it cannot be taken.
    """
    return _resolve(read_text(text, label, _NEEDS))


def _resolve(source: Source, against_world: bool = True) -> Scenario:
    """A scenario out of a file and those it extends; its events checked against the world, or not."""
    draft = _Draft()
    for link, table in reversed(_chain(source)):
        draft.add(link, table)
    return draft.finish(source, against_world)


def _chain(source: Source) -> list[tuple[Source, FileTable]]:
    """A file and those that it extends, its own first."""
    from normsim.scenario.scenario_schema import validate  # pydantic is imported when a file is first read

    chain = [(source, validate(source))]
    seen = [source.path.resolve() if source.path else None]
    while (parent := chain[-1][1].extends) is not None:
        child = chain[-1][0]
        path = _parent(child, parent)
        if path.resolve() in seen:
            trail = " -> ".join([*(link.label for link, _ in chain), path.name])
            raise child.error(("extends",), f"files extend each other in a circle: {trail}", parent)
        if len(chain) == MAX_EXTENDS:
            raise child.error(("extends",), f"a chain of more than {MAX_EXTENDS} scenarios", parent)
        source = read_file(path, _NEEDS)
        chain.append((source, validate(source)))
        seen.append(path.resolve())
    return chain


def _parent(child: Source, name: str) -> Path:
    """File that a scenario extends, within the packaged folder or its own."""
    if not is_path(name):
        if name not in scenario_names():
            raise child.error(("extends",), f"there is no such scenario{nearest(name, scenario_names())}", name)
        return packaged_folder("scenarios") / f"{name}.toml"
    if child.path is None:
        raise child.error(("extends",), "an upload can extend packaged scenarios only, by name", name)
    folder = child.path.parent
    path = folder / name
    if ".." in Path(name).parts or not path.resolve().is_relative_to(folder.resolve()):
        raise child.error(("extends",), "allowed is a file in this one's folder; no '..', no absolute path", name)
    if not os.path.isfile(path):
        raise child.error(("extends",), "there is no such file beside this one", name)
    return path


@cache
def _checked_defaults() -> Mapping[str, Value]:
    """The default of every parameter in its own kind."""
    return {name: check_value(name, value) for name, value in defaults().items()}


class _Draft:
    """A scenario while the files of its chain are laid over each other."""

    def __init__(self) -> None:
        self.values = dict(_checked_defaults())
        self.origins = dict.fromkeys(self.values, "default")
        self.title = self.question = ""
        self.references: tuple[str, ...] = ()
        self.start: datetime.date | None = None
        self.months: int | None = None
        self.world: WorldSpec = RealWorld()
        self.states: defaultdict[str, dict[str, float | int]] = defaultdict(dict)
        self.events: list[tuple[Event, Source, Key]] = []
        self.switched_off: dict[str, tuple[Source, Key]] = {}  # changed beside `on = false`, and where

    def add(self, source: Source, table: FileTable) -> None:
        """Set what a file sets."""
        self.title = table.title
        self.question = table.question or ""  # as the title, it is of this file alone
        self.references = self.references if table.references is None else tuple(table.references)
        self.start = self.start if table.start is None else table.start
        self.months = self.months if table.months is None else table.months
        for name, value, key in (*_regimes(source, table), *_free(source, table)):
            before = self.values[name]
            with source.placing(*key):
                self.values[name] = check_value(name, value)
            self.origins[name] = source.label
            self.switched_off.pop(name, None)
            if key[0] == "regime" and not self.values[f"{key[1]}.on"] and self.values[name] != before:
                self.switched_off[name] = (source, key)
        if table.world:
            self.world = _world(source, table)
        for code, initial in table.state.items():
            self.states[code] |= initial.model_dump(exclude_none=True)
        if not table.inherit_events:
            self.events.clear()
        for place, event in enumerate(table.event):
            key = ("event", place)
            self.events.append((_event(source, key, event), source, key))

    def finish(self, source: Source, against_world: bool) -> Scenario:
        """The scenario, after the checks that need all of it.

        Args:
            source: the last file laid over, which gives its name.
            against_world: whether its events are checked against the world.
        """
        if self.start is None:
            raise source.error(("start",), f"is missing; set it, as in start = 2023-07-01, {_OR_EXTEND}")
        if self.months is None:
            raise source.error(("months",), f"is missing; set it, as in months = 240, {_OR_EXTEND}")
        flaw = regime_flaw(self.values)
        if flaw:
            raise source.error(tuple(flaw[0].split(".")), flaw[1])
        real = isinstance(self.world, RealWorld)
        for code in self.states:
            problem = state_flaw(code, real)
            if problem:
                raise source.error(("state", code), problem)
        self._check_events(source, self.start, self.months, real)
        self._check_conflicts(source, self.start, self.months)
        # a resolved file may start later than its events were written
        if against_world and real and not source.text.startswith(RESOLVED):
            self._check_possible(source, self.start, self.months)
        self._warn_of_values_without_effect()
        return Scenario(
            name=source.label.removesuffix(".toml"),
            title=self.title,
            question=self.question,
            references=self.references,
            start=self.start,
            months=self.months,
            values=self.values,
            origins=self.origins,
            events=tuple(event for event, _, _ in self.events),
            states=self.states,
            world=self.world,
            path=source.path,
        )

    def _warn_of_values_without_effect(self) -> None:
        """Warn of values that a file sets beside `on = false`, unless a later file turns the regime on."""
        given = {name: self.values[name] for name in self.switched_off}
        for name in without_effect(given, self.values, bridge_forced(event for event, _, _ in self.events)):
            source, key = self.switched_off[name]
            if source.text.startswith(RESOLVED):
                continue
            problem = "no effect, as the regime is off (on = false); take out on = false, or the value"
            told = source.error(key, problem, self.values[name])
            warnings.warn(str(told), ScenarioWarning, stacklevel=2)

    def _check_events(self, source: Source, start: datetime.date, months: int, real: bool) -> None:
        """Refuse states that are not there and days outside the horizon."""
        end = last_day(start, months)
        outside = f"outside the scenario, which runs from {start} to {end}"
        for event, origin, key in self.events:
            for field, code in (("actor", event.actor), ("to", event.to)):
                problem = "" if code in (None, ANYONE) else state_flaw(str(code), real)
                if problem:
                    raise origin.error((*key, field), problem, code)
            for field, day in (("date", event.date), ("until", event.until)):
                if day is None or start <= day <= end:
                    continue
                if origin is source:
                    raise source.error((*key, field), f"{outside}; move it, or change start or months", day)
                advice = "change start or months, or drop inherited events with inherit_events = false"
                raise source.error(("extends",), f"{event} of {origin.label} lies {outside}; {advice}")

    def _check_conflicts(self, source: Source, start: datetime.date, months: int) -> None:
        """Refuse an act that is forced and forbidden in one month: which of the two was meant?"""
        forbidden = defaultdict(list)
        for event, origin, key in self.events:
            if event.forbid:
                place = key if origin is source else ("extends",)
                forbidden[event.action, event.actor, event.to].append((event, place, window(event, start, months)))
        for event, origin, key in self.events:
            if event.forbid:
                continue
            forced = window(event, start, months)
            rivals = {(event.action, who, whom) for who in (event.actor, ANYONE) for whom in (event.to, ANYONE)}
            for other, place, ineligible in (found for rival in rivals for found in forbidden.get(rival, ())):
                if ineligible.start < forced.stop and forced.start < ineligible.stop:
                    problem = f"{event} is forced while {other} is forbidden, and a month is one step; take one out"
                    advice = " (inherit_events = false drops an extended scenario's)"
                    raise source.error(key if origin is source else place, problem + advice)

    def _check_possible(self, source: Source, start: datetime.date, months: int) -> None:
        """Refuse forced acts that cannot happen, as far as that is certain before the run."""
        checks = EventChecks([event for event, _, _ in self.events], start, months, self.values, self.states)
        for event, origin, key in self.events:
            flaw = checks.flaw(event)
            if flaw and origin is source:
                raise source.error((*key, "action"), f"cannot happen in {event.date:%B %Y}: {flaw}", event.action)
            if flaw:
                advice = "; inherit_events = false drops an extended scenario's events"
                raise source.error(("extends",), f"{event} of {origin.label} cannot happen: {flaw}{advice}")


def _regimes(source: Source, table: FileTable) -> Iterator[tuple[str, Any, Key]]:
    """What the regimes' tables set. To name a regime is to turn it on."""
    for regime, settings in table.regime.items():
        key: Key = ("regime", regime)
        if regime not in REGIMES:
            known = f"; known are {', '.join(REGIMES)} (none of them is the status quo)"
            raise source.error(key, f"unknown regime{nearest(regime, REGIMES) or known}")
        for setting, value in {"on": True, **settings}.items():
            name = f"{regime}.{setting}"
            if name not in records():
                keys = [known.partition(".")[2] for known in records() if known.startswith(f"{regime}.")]
                raise source.error((*key, setting), _astray(setting, nearest(setting, keys)))
            yield name, value, (*key, setting)


def _free(source: Source, table: FileTable) -> Iterator[tuple[str, Any, Key]]:
    """What [levers] and [parameters] set, as dotted names in quotes or as tables."""
    for section, settings in (("levers", table.levers), ("parameters", table.parameters)):
        seen: set[str] = set()
        for name, value, key in _flat(settings, (section,)):
            record = records().get(name)
            if value == {} and any(known.group == name for known in records().values()):
                continue
            if record is None:
                raise source.error(key, _astray(name, suggest(name)))
            if record.section != section:
                raise source.error(key, f"belongs in {home(name)}")
            if name in seen:
                raise source.error(key, "set twice, as a dotted name and as a table; keep one")
            seen.add(name)
            yield name, value, key


def _flat(settings: dict[str, Any], key: Key) -> Iterator[tuple[str, Any, Key]]:
    """Dotted names out of a table, one level of tables within it unfolded."""
    for name, value in settings.items():
        if isinstance(value, dict) and value:
            for inner, number in value.items():
                yield f"{name}.{inner}", number, (*key, name, inner)
        else:
            yield name, value, (*key, name)


def _astray(name: str, advice: str) -> str:
    """The problem of an unknown key in a table of values."""
    table = home(name)
    return f"it belongs in {table}" if table else f"unknown key{advice}"


def _world(source: Source, table: FileTable) -> WorldSpec:
    """The world of a file."""
    assert table.world is not None
    given = table.world.model_dump(exclude_none=True)
    kind = given.pop("kind")
    if kind == "real":
        for name in given:
            raise source.error(("world", name), 'only a generated world has it: kind = "synthetic"')
        return RealWorld()
    if "n" not in given:
        raise source.error(("world", "n"), "is missing; it is how many states a generated world has, as in n = 50")
    return SyntheticWorld(**given)


def _event(source: Source, key: Key, table: EventTable) -> Event:
    """An event of a file."""
    to = table.to
    if table.actor == ANYONE and not table.forbid:
        raise source.error((*key, "actor"), "only a forbidden act has every state as its actor: forbid = true", "*")
    if table.action in AIMED:
        if to is None and not table.forbid:
            raise source.error((*key, "to"), f'is missing; a {table.action} has a target, as in to = "UKR"')
        if to == ANYONE and not table.forbid:
            raise source.error((*key, "to"), "only a forbidden act can aim at every state: forbid = true", to)
        if to == table.actor and to != ANYONE:
            raise source.error((*key, "to"), "a state cannot aim at itself", to)
        to = ANYONE if to is None else to
    elif to is not None:
        raise source.error((*key, "to"), f"{table.action} has no target; take it out", to)
    if table.until and table.until < table.date:
        raise source.error((*key, "until"), f"before the event's date, {table.date}", table.until)
    return Event(
        date=table.date,
        actor=table.actor,
        action=table.action,
        to=to,
        until=table.until,
        forbid=table.forbid,
        source=table.source,
        note=table.note,
    )
