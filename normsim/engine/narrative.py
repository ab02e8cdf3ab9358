"""Narrative: what happened and why, from the terms of the rules, in plain sentences."""

import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from normsim.engine.columns import Choice
from normsim.rules import acquire, assurance, condemn, join, renounce, transfer, use, vote, withdraw
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
}
"""Why a state may not come to decide."""

HAZARDS = frozenset({Choice.RENOUNCE, Choice.JOIN, Choice.WITHDRAW, Choice.PROTOCOL})
"""Choices whose propensity is a log hazard; the others' is a logit."""

CONSTANT = frozenset({"intercept", "rate", "frailty"})
"""Terms that say nothing about a reason."""

NEGLIGIBLE = 0.05
"""Terms smaller than this are left out of a reason: they would be printed as 0.0."""

JOIN_WORDS = ("signed the convention", "ratified the convention", "acceded to the convention")
CLASS_WORDS = ("legacy", "improved", "low-dud")


def _act(entry: np.void, name: "dict[int, str]") -> str:
    """What an entry says happened, in words."""
    target, amount = name.get(int(entry["target"]), ""), float(entry["amount"])
    munition = CLASS_WORDS[int(entry["munition"])] if entry["munition"] >= 0 else ""
    match int(entry["choice"]):
        case Choice.ACQUIRE:
            return f"produced {amount:,.0f} {munition} rounds" if amount else f"sought to buy {munition} munitions"
        case Choice.USE:
            return f"fired {amount:,.0f} {munition} rounds on the territory of {target}"
        case Choice.TRANSFER:
            return f"transferred {amount:,.0f} {munition} rounds to {target}"
        case Choice.RENOUNCE:
            return f"renounced the weapon, holding {amount:,.0f} rounds" if amount else "renounced the weapon"
        case Choice.JOIN:
            return JOIN_WORDS[int(amount)]
        case Choice.WITHDRAW:
            return "gave notice of withdrawal"
        case Choice.VOTE:
            return "blocked the dud-rate text"
        case Choice.CONDEMN:
            return f"condemned {target}"
        case Choice.PROTOCOL:
            return "ratified the dud-rate protocol"
        case Choice.BRIDGE_OPENS:
            return f"opened a bridge exception, its stock of ordinary rounds at {amount:.0%} of target"
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
            to = f" ({target})" if target else ""
            return f"did not {ACTIONS[int(amount)].replace('_', ' ')}{to} as the scenario's event says: it could not"
        case _:
            return f"rejected the dud-rate text ({amount:.0f} blocked)"


ACT_NAMES: dict[int, str] = {value: name.lower() for name, value in Choice._asdict().items()}
"""Short name of what an entry is about."""


def why(entry: np.void, most: int = 3) -> str:
    """The strongest reasons for and against, with their terms."""
    if entry["order"] > 0:
        return "ordered by the scenario"
    names = TERMS.get(int(entry["choice"]))
    if names is None:
        return ""
    terms = sorted(
        ((name, value) for name, value in zip(names, entry["terms"], strict=False) if name not in CONSTANT),
        key=lambda pair: -abs(pair[1]),
    )
    told = [f"{name.replace('_', ' ')} {value:+.1f}" for name, value in terms[:most] if abs(value) >= NEGLIGIBLE]
    return ", ".join(told)


def describe_events(entries: np.ndarray, world: "World", months: list[datetime.date]) -> list[dict[str, Any]]:
    """Entries of the log in words: month, actor, act, target, text, amount, probability, why.

    Args:
        entries: entries of the log, dtype `ENTRY`.
        world: the world, for names.
        months: first day of each month of the run.
    """
    iso3 = dict(enumerate(world.iso3))
    names = dict(enumerate(world.names))
    return [
        {
            "month": months[int(entry["month"])],
            "actor": iso3.get(int(entry["actor"]), "CCW"),
            "act": ACT_NAMES[int(entry["choice"])],
            "target": iso3.get(int(entry["target"]), ""),
            "text": f"{names.get(int(entry['actor']), 'The CCW parties')} {_act(entry, names)}",
            "amount": float(entry["amount"]),
            "probability": float(entry["probability"]),
            "why": why(entry),
        }
        for entry in entries
    ]
