"""Dated events that cannot happen, as far as that is known before the run.

An event is refused only where neither the model nor an earlier event could make it possible. What is known is the world
at the start, what the scenario's other events force, and three limits of the model: a party stays bound until a notice
of withdrawal has run its months, so at least `withdraw.notice_months` from the start; a state without stock can send
none before the month after it got some; and a month is one step. The rest is reported by the run.

One chance is left out on purpose: a state that joins by itself in the first month could give notice in the same month.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from normsim.parameters import Value
from normsim.scenario.scenario import Event, window

if TYPE_CHECKING:
    import datetime

    from normsim.world import World

BOUND, LEAVING = 2, 3
"""Treaty status in the facts of the world: bound, and bound with a notice of withdrawal given."""

CLASSES = ("legacy", "improved", "low_dud")
"""Initial stocks that a scenario can give a state, in rounds."""

AT_ONCE = ("open_bridge", "war", "acquire", "sister_exit")
"""Actions that are possible in any month."""

OPPOSED = {"close_bridge": "open_bridge", "peace": "war"}
"""Actions that do not happen while their opposite is forced on the same state."""


class _Known(NamedTuple):
    """What is known of one state before the run, in months from the start.

    Attributes:
        bound: whether it is bound by the convention at the start, without a notice of withdrawal given.
        party: whether it is bound at the start, with or without a notice.
        leaves: first month in which it can be outside the convention again, if it is bound before.
        fires: first month in which it can have rounds to fire.
        sends: first month in which it can have rounds to transfer.
    """

    bound: bool
    party: bool
    leaves: float
    fires: float
    sends: float


class EventChecks:
    """Checks of the events of one scenario in the real world."""

    def __init__(
        self,
        events: Sequence[Event],
        start: datetime.date,
        months: int,
        values: Mapping[str, Value],
        states: Mapping[str, Mapping[str, float | int]],
    ) -> None:
        """Take what a scenario says.

        Args:
            events: its events.
            start: its first day.
            months: its months.
            values: its values by dotted name.
            states: initial values that it gives to states, by code.
        """
        self._forced = [(event, window(event, start, months)) for event in events if not event.forbid]
        self._start, self._values, self._states = start, values, states
        self._known: dict[str, _Known] = {}

    def flaw(self, event: Event) -> str:
        """Return why an event cannot happen and what to do, empty if it may happen."""
        when = next((when for other, when in self._forced if other is event), None)
        if when is None or event.action in AT_ONCE:
            return ""
        if event.action in OPPOSED:
            return self._opposed(event, when)
        known = self._of(event.actor)
        first, last = when.start, when.stop - 1
        match event.action:
            case "transfer" if last < known.sends:
                return self._unarmed(event.actor, known)
            case "use" if last < known.fires:
                return self._unarmed(event.actor, known)
            case "condemn" if last == 0 and not self._can_act_at_once(str(event.to)):
                return f"{event.to} can do nothing by then that could be condemned; move the event, or take it out"
            case "join" if last < known.leaves and (known.bound or self._joins(event.actor, first - 1)):
                return f"{event.actor} is bound by the convention already; take the event out{self._exit_advice(known)}"
            case "renounce" if last < known.leaves and (known.bound or self._joins(event.actor, first)):
                return f"{event.actor} is bound by the convention; take the event out{self._exit_advice(known)}"
            case "withdraw" if last == 0 and not known.party and not self._binds(event.actor):
                return f"{event.actor} is not bound by the convention and has renounced nothing; force it to join first"
            case "withdraw" if last < known.leaves and known.bound and self._withdraws(event.actor, first - 1):
                return f"{event.actor} has given notice by an earlier event; take one of the two out"
        return ""

    def _opposed(self, event: Event, when: range) -> str:
        """What is wrong with an event all of whose months lie in an event of the opposite action."""
        opposite = OPPOSED[event.action]
        for other, span in self._forced:
            if (other.action, other.actor) == (
                opposite,
                event.actor,
            ) and span.start <= when.start < when.stop <= span.stop:
                return f"{other} is forced in the same months and prevails; take one of the two out"
        return ""

    def _first(self, action: str, actor: str | None = None, to: str | None = None) -> float:
        """First month in which an action is forced, infinite if in none."""
        found = (
            when.start
            for event, when in self._forced
            if event.action == action and actor in (None, event.actor) and to in (None, event.to)
        )
        return min(found, default=math.inf)

    def _joins(self, code: str, by: int) -> bool:
        """Whether a state is forced to join by a month."""
        return self._first("join", code) <= by

    def _withdraws(self, code: str, by: int) -> bool:
        """Whether a state is forced to withdraw by a month."""
        return self._first("withdraw", code) <= by

    def _binds(self, code: str) -> bool:
        """Whether events of the first month give a state something to withdraw from."""
        return min(self._first("join", code), self._first("renounce", code)) <= 0

    def _can_act_at_once(self, code: str) -> bool:
        """Whether a state can use or transfer in the first month."""
        known = self._of(code)
        return known.fires <= 0 or known.sends <= 0

    @cached_property
    def _world(self) -> World:
        """The world at the start, built when an event first asks for it."""
        from normsim.world import world_as_of

        return world_as_of(self._start)

    def _of(self, code: str) -> _Known:
        """What is known of a state."""
        if code not in self._known:
            self._known[code] = self._look_up(code)
        return self._known[code]

    def _look_up(self, code: str) -> _Known:
        """Work out what is known of a state from the world at the start and the events."""
        facts = self._world.facts[self._world.index(code)]
        status = int(facts["status"])
        notice = max(1, int(self._values["withdraw.notice_months"]))  # given at the end of a month at the earliest
        leaves = 0 if status == LEAVING else notice
        binding = (
            status == BOUND and facts["months_to_force"] == 0 and self._world.treaty.is_in_force(self._world.start)
        )
        given = [self._states.get(code, {}).get(name) for name in CLASSES]
        if any(given) or (facts["holder"] and None in given):
            return _Known(status == BOUND, status >= BOUND, leaves, 0, 0)
        gets = min(self._first("acquire", code), self._first("transfer", to=code), leaves if binding else 0)
        if gets == 0 and not self._can_get_at_once(code):
            gets = 1
        return _Known(status == BOUND, status >= BOUND, leaves, gets, gets + 1)

    def _can_get_at_once(self, code: str) -> bool:
        """Whether a state without stock can get some in the first month: produced, or received while at war."""
        world, place = self._world, self._world.index(code)
        forced = min(self._first("acquire", code), self._first("transfer", to=code), self._first("war", code)) <= 0
        recorded = world.recorded_conflicts(1)[0][0, place]
        peace = self._values["conflict.mode"] != "process" and recorded == 0.0
        return forced or bool(world.facts["producer"][place]) or not peace

    def _exit_advice(self, known: _Known) -> str:
        """What else could be done about an event that meets a bound state."""
        return f", or force it to withdraw at least {known.leaves:g} months before" if known.leaves else ""

    def _unarmed(self, code: str, known: _Known) -> str:
        """What is wrong with an event that needs a stock."""
        who = f"{code}, a party," if known.bound else code
        remedy = f"force an acquire or a transfer to it before, or give it a stock in [state.{code}]"
        return f"{who} holds no cluster munitions and can have none by then; {remedy}"
