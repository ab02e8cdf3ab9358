"""View: what is on screen as one immutable value, checked as a scenario file is.

The browser holds it and writes it in the page's address; the server computes everything from it and remembers nothing.
"""

import datetime
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from normsim.config.messages import nearest
from normsim.engine.simulate import month_of
from normsim.errors import ScenarioWarning
from normsim.parameters import get
from normsim.scenario import ACTIONS, Event, Scenario, ScenarioError, load_scenario, load_scenario_text, scenario_names

FIRST = "ukraine_2023"
"""The scenario that opens."""

UNCHANGED = "before my changes"
"""Name of the comparison with the same scenario as it was loaded."""

NOTHING = ""
"""Name of the comparison if there is none."""

FILE = "my_scenario.toml"
"""Name of a downloaded scenario."""

OTHER_FILE = "other_scenario.toml"
"""Name of the scenario that it is compared with, where that is no packaged one."""

AIMED = ("transfer", "condemn")
"""Acts that have a target."""

MAX_FILE = 200_000
"""Longest scenario file that a view carries [characters]."""

MAX_FORCED = 200
"""Most acts that a view forces."""

MAX_MONTHS = 600
"""Longest run that the page computes [months]."""

MAX_STATES = 1_000
"""Most states of a generated world that the page shows."""


class PageError(ValueError):
    """Something asked of the page that cannot be done; the message says what is allowed."""


@dataclass(frozen=True)
class Forced:
    """An act that the visitor makes a state do.

    Attributes:
        month: its month, such as 2024-03.
        actor: code of the state.
        action: what it does, one of `normsim.scenario.ACTIONS`.
        to: code of the target of a transfer or a condemnation, else empty.
    """

    month: str
    actor: str
    action: str
    to: str = ""


@dataclass(frozen=True)
class View:
    """What is on screen, as far as the server has to know it.

    Attributes:
        scenario: name of a packaged scenario; empty if a file was sent.
        file_name: name of the file that was sent, empty if none.
        file_text: its content.
        seed: seed of the run.
        start: first month, such as 2023-07; empty for the scenario's own.
        months: number of months; 0 for the scenario's own.
        set: values set by the visitor, by dotted name.
        forced: acts forced by the visitor.
        other: what it is compared with: a scenario's name, `UNCHANGED`, or `NOTHING`.
        posterior: whether uncertain values are those of the posterior's point that the seed names, not the defaults.
    """

    scenario: str = FIRST
    file_name: str = ""
    file_text: str = ""
    seed: int = 0
    start: str = ""
    months: int = 0
    set: Mapping[str, Any] = field(default_factory=dict)
    forced: tuple[Forced, ...] = ()
    other: str = NOTHING
    posterior: bool = False

    def __post_init__(self) -> None:
        """Lock the values set."""
        object.__setattr__(self, "set", MappingProxyType(dict(self.set)))

    def __hash__(self) -> int:
        """Hash of what is compared."""
        run = (self.scenario, self.file_text, self.seed, self.posterior, self.start, self.months)
        return hash((run, tuple(self.set.items())))

    @property
    def is_changed(self) -> bool:
        """Whether the scenario differs from the one that was opened."""
        return bool(self.set or self.forced or self.start or self.months)

    def to_json(self) -> dict[str, Any]:
        """The view as the browser holds it: every field, defaults included."""
        sent = {"name": self.file_name, "text": self.file_text} if self.file_text else None
        return {
            "scenario": self.scenario,
            "file": sent,
            "seed": self.seed,
            "start": self.start or None,
            "months": self.months or None,
            "set": dict(self.set),
            "forced": [vars(act) for act in self.forced],
            "other": self.other,
            "posterior": self.posterior,
        }


def view_of(given: Any) -> View:
    """Read a view that a browser sent; fields it does not know are the browser's own and left out.

    Args:
        given: the view as JSON.

    Raises:
        PageError: a field is of the wrong kind or out of range.
        ParameterError, ScenarioError: a value, or the scenario file, cannot be taken.
    """
    if not isinstance(given, dict):
        raise PageError("a view is an object of named fields")
    name, text = _file(given.get("file"))
    scenario = "" if text else _text(given, "scenario", FIRST)
    if not text and scenario not in scenario_names():  # a name, never a path: the browser opens no files
        raise PageError(f"there is no scenario {scenario[:80]!r}{nearest(scenario[:80], scenario_names())}")
    view = View(
        scenario=scenario,
        file_name=name,
        file_text=text,
        seed=seed_of(given.get("seed", 0)),
        start=_month(given.get("start") or "", "start"),
        months=_months(given.get("months")),
        set=_values(given.get("set") or {}),
        forced=_forced(given.get("forced") or []),
        posterior=_switch(given.get("posterior"), "posterior"),
    )
    base = base_of(view)
    own = {name: value for name, value in view.set.items() if value != base.values[name]}
    start = "" if view.start == f"{base.start:%Y-%m}" else view.start
    view = replace(view, set=own, start=start, months=0 if view.months == base.months else view.months)
    other = given.get("other")
    if other is None:
        other = beside(base, bool(text))
    if other not in (NOTHING, UNCHANGED, *scenario_names()):
        raise PageError(f"there is no scenario {str(other)[:80]!r} to compare with")
    return replace(view, other=other)


def seed_of(given: Any) -> int:
    """A seed from a number or text.

    Raises:
        PageError: it is no whole number from 0 on.
    """
    if isinstance(given, bool) or not re.fullmatch(r"[0-9]{1,15}", str(given).strip(), re.ASCII):
        raise PageError(f"seed {str(given)[:40]!r}: a seed is a whole number from 0 on, of at most 15 digits")
    return int(str(given).strip())


def _text(given: Mapping[str, Any], name: str, default: str) -> str:
    """A field that is text."""
    value = given.get(name)
    if value is None or value == "":
        return default
    if not isinstance(value, str):
        raise PageError(f"{name}: a name is wanted")
    return value


def _file(given: Any) -> tuple[str, str]:
    """Name and text of a file that was sent, both empty if none."""
    if not given:
        return "", ""
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise PageError("file: an object with a name and a text is wanted")
    if len(given["text"]) > MAX_FILE:
        raise PageError(f"this file is too large: a scenario has at most {MAX_FILE:,} characters")
    return file_label(given.get("name")), given["text"]


def file_label(name: Any) -> str:
    """The last part of a file's name, as it is shown and never opened."""
    last = re.split(r"[/\\]", name if isinstance(name, str) else "")[-1]
    return "".join(letter for letter in last if letter.isprintable())[:80] or "upload.toml"


def _month(given: Any, what: str) -> str:
    """A month as text, empty if none."""
    if given == "":
        return ""
    try:
        day = datetime.date.fromisoformat(f"{str(given).strip()}-01")
    except ValueError:
        raise PageError(f"{what} {str(given)[:40]!r}: write a month such as 2023-07") from None
    return f"{day:%Y-%m}"


def _switch(given: Any, what: str) -> bool:
    """Whether something is on; off if it is not said."""
    if given is None or isinstance(given, bool):
        return bool(given)
    raise PageError(f"{what} {str(given)[:40]!r}: allowed are true and false")


def _months(given: Any) -> int:
    """A number of months, 0 if none."""
    if given in (None, 0, ""):
        return 0
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MAX_MONTHS:
        raise PageError(f"months {str(given)[:40]!r}: allowed is a whole number from 1 to {MAX_MONTHS}")
    return given


def _values(given: Any) -> dict[str, Any]:
    """Values by dotted name."""
    if not isinstance(given, dict):
        raise PageError("set: values by name are wanted")
    return {name: get(name).check(_number(value)) for name, value in sorted(given.items())}


def _number(value: Any) -> Any:
    """A browser's number: it knows no whole numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _forced(given: Any) -> tuple[Forced, ...]:
    """Acts that are forced."""
    if not isinstance(given, list) or len(given) > MAX_FORCED:
        raise PageError(f"forced: a list of at most {MAX_FORCED} acts is wanted")
    return tuple(_act(act) for act in given)


def _act(given: Any) -> Forced:
    """An act that is forced."""
    if not isinstance(given, dict):
        raise PageError("forced: each act has a month, an actor and an action")
    action, actor, to = (str(given.get(part) or "")[:40] for part in ("action", "actor", "to"))
    if action not in ACTIONS:
        raise PageError(f"forced: {action!r} is no action; allowed are {', '.join(ACTIONS)}")
    if action in AIMED and not to:
        raise PageError(f"forced: choose the state that {action} is aimed at")
    month = _month(given.get("month") or "", "forced: month")
    if not month:
        raise PageError("forced: the month is missing")
    return Forced(month, actor, action, to if action in AIMED else "")


# from a view to scenarios


@lru_cache(maxsize=64)
def _packaged(name: str) -> Scenario:
    return load_scenario(name)


@lru_cache(maxsize=16)
def _sent(text: str, name: str) -> Scenario:
    return load_scenario_text(text, name)


def base_of(view: View) -> Scenario:
    """The scenario of a view before the visitor's changes.

    Raises:
        PageError, ScenarioError: it cannot be taken.
    """
    base = _sent(view.file_text, view.file_name) if view.file_text else _packaged(view.scenario)
    states = getattr(base.world, "n", 0)
    if states > MAX_STATES:
        raise PageError(f"a world of {states:,} states is too large for the page: at most {MAX_STATES:,}")
    if base.months > MAX_MONTHS:
        raise PageError(f"a run of {base.months:,} months is too long for the page: at most {MAX_MONTHS}")
    return base.at_posterior(view.seed) if view.posterior else base


def scenario_of(view: View) -> tuple[Scenario, list[str]]:
    """The scenario of a view with the visitor's changes, and what is to be said of them.

    Args:
        view: the view.

    Returns:
        the scenario, and warnings, such as of a value without effect.

    Raises:
        PageError, ScenarioError: the changes cannot be taken.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ScenarioWarning)
        made = _over(base_of(replace(view, posterior=False)), view)
        if view.set:
            made = made.with_values(dict(view.set))
        if view.posterior:  # last, as on the command line: what is set away from its default stays
            made = made.at_posterior(view.seed)
        made = _with_forced(made, view.forced)
    notes = [str(one.message) for one in caught if issubclass(one.category, ScenarioWarning)]
    lost = [name for name, value in view.set.items() if made.values[name] != value]
    return made, [*notes, *(f"{name} was set to its default, so the posterior's value counts" for name in lost)]


def file_of(view: View) -> Scenario:
    """The scenario of a view as it is saved: without the posterior, which the command line adds."""
    return scenario_of(replace(view, posterior=False))[0]


def _over(scenario: Scenario, view: View) -> Scenario:
    """A scenario over the months of a view."""
    if view.start:
        scenario = scenario.with_start(datetime.date.fromisoformat(f"{view.start}-01"))
    return scenario.with_months(view.months) if view.months else scenario


def _with_forced(scenario: Scenario, forced: tuple[Forced, ...]) -> Scenario:
    """A scenario with further dated events; acts outside its months are left out."""
    events = []
    for act in forced:
        day = max(datetime.date.fromisoformat(f"{act.month}-01"), scenario.start)
        if f"{day:%Y-%m}" == act.month and day <= scenario.end:
            action = cast(Any, act.action)
            events.append(Event(day, act.actor, action, act.to or None, note="forced on the page"))
    if not events:
        return scenario
    made = replace(scenario, events=(*scenario.events, *events))
    try:  # the checks of a file: what is forced here must be a file that can be run
        load_scenario_text(made.to_toml(), FILE)
    except ScenarioError as error:
        raise PageError(error.problem) from None
    return made


def beside(base: Scenario, sent: bool) -> str:
    """What a scenario is compared with at first."""
    if base.name == "ukraine_2023" and not sent:
        return "no_transfer_2023"
    default = _packaged("baseline")
    same = base.world == default.world and base.start == default.start
    return "baseline" if same and (sent or base.name != "baseline") else UNCHANGED


def other_of(view: View) -> View | None:
    """The view of the run that this one is compared with: same seed, same months; None if there is none.

    Raises:
        PageError: the two worlds are not the same.
    """
    if view.other == NOTHING:
        return None
    mine = base_of(view)
    if view.other == UNCHANGED:
        return replace(view, set={}, forced=(), other=NOTHING)
    other = _packaged(view.other)
    if other.world != mine.world:
        raise PageError(f"{view.other} is set in another kind of world: choose a scenario in the same one")
    now = _over(mine, view)
    start = "" if (now.start.year, now.start.month) == (other.start.year, other.start.month) else f"{now.start:%Y-%m}"
    months = 0 if now.months == other.months else now.months
    return View(scenario=view.other, seed=view.seed, start=start, months=months, posterior=view.posterior)


def first_view(which: str, posterior: bool = False) -> View:
    """The view that opens.

    Args:
        which: name or path of a scenario, from the command line.
        posterior: whether uncertain values are those of the posterior.

    Raises:
        ScenarioError: it cannot be loaded.
    """
    if which in scenario_names():
        return view_of({"scenario": which, "posterior": posterior})
    made = load_scenario(which)
    return view_of({"file": {"name": f"{made.name}.toml", "text": made.to_toml()}, "posterior": posterior})


def month_labels(scenario: Scenario) -> list[str]:
    """Every month of a scenario, such as 2023-07."""
    return [f"{month_of(scenario.start, place):%Y-%m}" for place in range(scenario.months)]


def month_names(scenario: Scenario) -> list[str]:
    """Every month of a scenario in words, such as July 2023."""
    return [f"{month_of(scenario.start, place):%B %Y}" for place in range(scenario.months)]


def name_of(view: View) -> str:
    """Short name of what runs: the scenario, and whether it was changed."""
    return base_of(view).name + (" (changed)" if view.is_changed else "")


def compare_command(view: View, runs: int) -> str:
    """The command that computes the comparison of a view; empty if there is none.

    Args:
        view: the view.
        runs: pairs of runs.
    """
    other = other_of(view)
    if other is None:
        return ""
    sides = [
        side.scenario if side.scenario and not side.is_changed else file
        for side, file in ((view, FILE), (other, OTHER_FILE))
    ]
    return f"normsim run {sides[0]} --vs {sides[1]} --seed {view.seed} --runs {runs}{_posterior(view)}"


def command_of(view: View, months: int = 0) -> str:
    """The command that computes the run of a view.

    Args:
        view: the view.
        months: how many months; 0 for all.
    """
    which = view.scenario if view.scenario and not view.is_changed else FILE
    return f"normsim run {which} --seed {view.seed}{f' --months {months}' if months else ''}{_posterior(view)}"


def _posterior(view: View) -> str:
    """The option that takes values from the posterior, where the view does."""
    return " --posterior" if view.posterior else ""
