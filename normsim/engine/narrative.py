"""Narrative: what happened and why, from the terms of the rules, in plain sentences."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from normsim.engine.columns import Choice
from normsim.rules import acquire, assurance, claim, condemn, join, renounce, transfer, use, vote, withdraw
from normsim.scenario import ACTIONS

if TYPE_CHECKING:
    from normsim.world import World

TERMS: dict[int, tuple[str, ...]] = {
    Choice.ACQUIRE: acquire.AcquireTerms._fields,
    Choice.USE: use.UseTerms._fields,
    Choice.TRANSFER: transfer.TransferTerms._fields,
    Choice.RENOUNCE: renounce.RenounceTerms._fields,
    Choice.JOIN: join.JoinTerms._fields,
    Choice.WITHDRAW: withdraw.WithdrawTerms._fields,
    Choice.VOTE: vote.VoteTerms._fields,
    Choice.CONDEMN: condemn.CondemnTerms._fields,
    Choice.CLAIM: claim.ClaimTerms._fields,
    Choice.PROTOCOL: join.ProtocolTerms._fields,
    Choice.BREACH: assurance.BreachTerms._fields,
}
"""Names of the terms of each choice, in their order."""

CHOICE_NAMES: dict[str, int] = {
    "acquire": Choice.ACQUIRE,
    "use": Choice.USE,
    "transfer": Choice.TRANSFER,
    "renounce": Choice.RENOUNCE,
    "join": Choice.JOIN,
    "withdraw": Choice.WITHDRAW,
    "vote": Choice.VOTE,
    "condemn": Choice.CONDEMN,
    "claim": Choice.CLAIM,
}
"""The choices that can be explained."""

REASONS: dict[int, tuple[str, ...]] = {
    Choice.ACQUIRE: acquire.REASONS,
    Choice.USE: use.REASONS,
    Choice.TRANSFER: transfer.REASONS,
    Choice.RENOUNCE: renounce.REASONS,
    Choice.JOIN: join.REASONS,
    Choice.WITHDRAW: withdraw.REASONS,
    Choice.VOTE: vote.REASONS,
    Choice.CONDEMN: condemn.REASONS,
    Choice.CLAIM: claim.REASONS,
}
"""Why a state may not come to decide."""

_ACTION_CHOICES: dict[str, int] = {name: choice for name, choice in CHOICE_NAMES.items() if name in ACTIONS}
"""The choice behind each action that a dated event can force, where there is one."""

_OTHER_REASONS = {
    "close_bridge": "another event forces it open",
    "peace": "another event forces a war",
    "transfer": "a transfer has no rounds",
}
"""Why a forced act could not happen where no rule says so."""


class NotDone(NamedTuple):
    """A forced act of a dated event that could not happen.

    Attributes:
        place: place of the event in the scenario's events.
        month: first month in which it did not happen.
        months: in how many months it did not happen.
        reason: why it did not happen in the first of them.
        text: all of this in one sentence without a full stop.
    """

    place: int
    month: datetime.date
    months: int
    reason: str
    text: str


HAZARDS = frozenset({Choice.RENOUNCE, Choice.JOIN, Choice.WITHDRAW, Choice.PROTOCOL})
"""Choices whose propensity is a log hazard; the others' is a logit."""

CONSTANT = frozenset({"intercept", "rate", "frailty"})
"""Terms that say nothing about a reason."""

NEGLIGIBLE = 0.05
"""Terms smaller than this are left out of a reason: they would be printed as 0.0."""

JOIN_WORDS = ("signed the convention", "ratified the convention", "acceded to the convention")
CLASS_WORDS = ("legacy", "improved", "low-dud")


def _act(choice: int, target: str, munition: int, amount: float, place: int) -> str:
    """What an entry says happened, in words.

    Args:
        choice: what it is about.
        target: name of the state at which it is aimed, empty if none.
        munition: index of the class, -1 if none.
        amount: its amount.
        place: index of the reason, of an entry about an act that could not happen.
    """
    if choice == Choice.CONDEMN:  # nearly all entries
        return f"condemned {target}"
    word = CLASS_WORDS[munition] if munition >= 0 else ""
    match choice:
        case Choice.ACQUIRE:
            return f"produced {amount:,.0f} {word} rounds" if amount else f"sought to buy {word} munitions"
        case Choice.USE:
            return f"fired {amount:,.0f} {word} rounds on the territory of {target}"
        case Choice.TRANSFER:
            return f"transferred {amount:,.0f} {word} rounds to {target}"
        case Choice.RENOUNCE:
            return f"renounced the weapon, holding {amount:,.0f} rounds" if amount else "renounced the weapon"
        case Choice.JOIN:
            return JOIN_WORDS[int(amount)]
        case Choice.WITHDRAW:
            return "gave notice of withdrawal"
        case Choice.VOTE:
            return "blocked the dud-rate text"
        case Choice.PROTOCOL:
            return "ratified the dud-rate protocol"
        case Choice.CLAIM:
            return f"claimed a bridge exception, its stock of ordinary rounds at {amount:.0%} of target"
        case Choice.BRIDGE_CLOSES:
            return f"closed its bridge exception after {amount:.0f} months"
        case Choice.BREACH:
            return f"broke the assurances given to {target}"
        case Choice.CUT_OFF:
            return f"cut {target} off for {amount:.0f} months"
        case Choice.WAR:
            return f"entered a conflict of intensity {amount:.1f}"
        case Choice.PEACE:
            return "came out of its conflict"
        case Choice.IN_FORCE:
            return "saw the convention enter into force for it"
        case Choice.LEFT:
            return "left the convention"
        case Choice.ADOPTED:
            return "adopted the dud-rate text"
        case Choice.NOT_DONE:
            action = ACTIONS[int(amount)]
            why = _reason(action, place)
            return f"did not {_verb(action)}{_aimed(action, target)} as the scenario's event says: {why}"
        case _:
            return f"rejected the dud-rate text ({amount:.0f} blocked)"


def _verb(action: str) -> str:
    """An action in words, as in "did not ..."."""
    return {"war": "go to war", "peace": "come to peace", "use": "use cluster munitions"}.get(
        action, action.replace("_", " its ")
    )


def _aimed(action: str, target: str) -> str:
    """The target of an action in words, empty without one."""
    to = " to" if action == "transfer" else ""
    return f"{to} {target}" if target else ""


def _reason(action: str, place: int) -> str:
    """Why a forced act could not happen."""
    choice = _ACTION_CHOICES.get(action)
    return REASONS[choice][place] if choice is not None and place > 0 else _OTHER_REASONS.get(action, "it could not")


def not_done(orders: np.ndarray, world: "World", months: list[datetime.date], events: Sequence[Any]) -> list[NotDone]:
    """Return the forced acts of dated events that could not happen in a run.

    Args:
        orders: the dated events at the end of the run, dtype `ORDER`.
        world: the world, for codes of states.
        months: first day of each month of the run.
        events: the scenario's events, in the order of `orders`.
    """
    codes = dict(enumerate(world.iso3))
    found = []
    for place, (order, event) in enumerate(zip(orders, events, strict=True)):
        if not order["missed"]:
            continue
        action, count, month = ACTIONS[int(order["action"])], int(order["missed"]), months[int(order["missed_first"])]
        reason = _reason(action, int(order["missed_why"]))
        more = f" and {count - 1} later month{'s' if count > 2 else ''}" if count > 1 else ""
        act = (
            f"{codes[int(order['actor'])]} did not {_verb(action)}{_aimed(action, codes.get(int(order['target']), ''))}"
        )
        said = f"in {month:%B %Y}{more} as the event of {event.date} says"
        found.append(NotDone(place, month, count, reason, f"{act} {said}: {reason}"))
    return found


ACT_NAMES: dict[int, str] = {value: name.lower() for name, value in Choice._asdict().items()}
"""Short name of what an entry is about."""


def reasons(entries: np.ndarray, most: int = 3) -> list[str]:
    """The strongest reasons for and against of each entry, with their terms.

    Args:
        entries: entries of the log, dtype `ENTRY`.
        most: terms named at most.
    """
    told = np.full(len(entries), "", dtype=object)
    for choice, names in TERMS.items():
        at = np.flatnonzero(entries["choice"] == choice)
        if not len(at):
            continue
        kept = [k for k, name in enumerate(names) if name not in CONSTANT]
        words = np.array([names[k].replace("_", " ") for k in kept], dtype=object)
        terms = entries["terms"][np.ix_(at, kept)]
        order = np.argsort(-np.abs(terms), axis=1, kind="stable")[:, :most]
        values = np.take_along_axis(terms, order, 1)
        pieces = [
            f"{word} {value:+.1f}" for word, value in zip(words[order].flat, values.ravel().tolist(), strict=True)
        ]
        enough = (np.abs(values) >= NEGLIGIBLE).sum(axis=1)  # the strongest come first
        starts = range(0, len(pieces), order.shape[1])
        told[at] = [", ".join(pieces[k : k + n]) for k, n in zip(starts, enough.tolist(), strict=True)]
    told[entries["order"] > 0] = "ordered by the scenario"
    return list(told)


def event_columns(entries: np.ndarray, world: "World", months: list[datetime.date]) -> dict[str, list[Any]]:
    """Entries of the log in words, as columns: month, actor, act, target, text, amount, probability, why.

    Args:
        entries: entries of the log, dtype `ENTRY`.
        world: the world, for names.
        months: first day of each month of the run.
    """
    iso3 = {-1: "", **dict(enumerate(world.iso3))}
    names = {-1: "", **dict(enumerate(world.names))}
    choices, actors, targets, amounts = (entries[k].tolist() for k in ("choice", "actor", "target", "amount"))
    places = np.where(entries["choice"] == Choice.NOT_DONE, entries["terms"][:, 0], 0.0).astype(int).tolist()
    munitions = entries["munition"].tolist()
    return {
        "month": [months[month] for month in entries["month"].tolist()],
        "actor": [iso3[actor] or "CCW" for actor in actors],
        "act": [ACT_NAMES[choice] for choice in choices],
        "target": [iso3[target] for target in targets],
        "text": [
            f"{names[actor] or 'The CCW parties'} {_act(choice, names[target], munition, amount, place)}"
            for choice, actor, target, munition, amount, place in zip(
                choices, actors, targets, munitions, amounts, places, strict=True
            )
        ],
        "amount": amounts,
        "probability": entries["probability"].tolist(),
        "why": reasons(entries),
    }


def describe_events(entries: np.ndarray, world: "World", months: list[datetime.date]) -> list[dict[str, Any]]:
    """Entries of the log in words, one dictionary per entry; see `event_columns`."""
    columns = event_columns(entries, world, months)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
