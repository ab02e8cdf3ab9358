"""Event lines: what happened in a run, month by month, in words."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from normsim.engine.columns import Choice
from normsim.engine.narrative import describe_events
from normsim.page.recorded_run import RecordedRun
from normsim.page.texts import named, the

KINDS: dict[str, tuple[str, ...]] = {
    "Everything": (),
    "Use": ("use",),
    "Transfers and cut-offs": ("transfer", "cut_off", "breach", "not_done"),
    "Exceptions": ("claim", "bridge_closes", "adopted", "rejected", "vote", "protocol"),
    "Treaty": ("join", "withdraw", "left", "in_force", "renounce"),
    "Production and purchases": ("acquire",),
    "Condemnations": ("condemn",),
    "Wars": ("war", "peace"),
}
"""What the log can be narrowed to; no acts named means all of them."""

MARKED = frozenset({"claim", "withdraw", "left", "adopted"})
"""Acts that are marked on the time line, beside every act that a dated event ordered."""

NAMED = 3
"""Critics that a line names."""

WEIGHT = {
    "transfer": 9,
    "claim": 8,
    "adopted": 7,
    "withdraw": 6,
    "left": 6,
    "use": 5,
    "rejected": 5,
    "join": 4,
    "war": 3,
}
"""Which act of a month comes first, after those that were ordered."""


def lines(recorded: RecordedRun) -> list[dict[str, Any]]:
    """Every event of a run, by month, the most telling of a month first; condemnations of one state are one line.

    Args:
        recorded: the run.

    Returns:
        for each event its month (1 the first), act, actor, to, states, text, why, and whether a dated event ordered it.
    """
    run = recorded.run
    happened = run.log[run.log["happened"] > 0]
    told = [
        {
            "month": int(entry["month"]) + 1,
            "act": event["act"],
            "actor": event["actor"],
            "to": event["target"],
            "states": [code for code in dict.fromkeys((event["actor"], event["target"])) if code in known],
            "text": event["text"],
            "why": event["why"],
            "ordered": bool(entry["order"] > 0),
        }
        for known in [set(run.world.iso3)]
        for event, entry in zip(describe_events(happened, run.world, run.months), happened, strict=True)
    ]
    told += _condemnations(recorded)
    return sorted(told, key=lambda line: (line["month"], not line["ordered"], -WEIGHT.get(line["act"], 0)))


def _condemnations(recorded: RecordedRun) -> Iterable[dict[str, Any]]:
    """A line for every month and state that was condemned."""
    world, said = recorded.run.world, recorded.condemned
    if not len(said):
        return
    firsts = np.flatnonzero(np.any(np.diff(said[:, :2], axis=0, prepend=-1), axis=1))
    counts = np.diff(firsts, append=len(said))
    for first, count in zip(firsts.tolist(), counts.tolist(), strict=True):
        month, target, _ = said[first].tolist()
        critics = said[first : first + min(count, NAMED), 2].tolist()
        names = [the(world.names[critic]) for critic in critics]
        who = named([*names, *[""] * (count - len(names))], NAMED)
        yield {
            "month": month + 1,
            "act": Choice._fields[Choice.CONDEMN].lower(),
            "actor": "",
            "to": world.iso3[target],
            "states": [world.iso3[place] for place in (target, *critics)],
            "text": f"{count} state{'s' if count > 1 else ''} condemned {the(world.names[target])}: {who}",
            "why": "",
            "ordered": False,
        }


def marks(told: Iterable[dict[str, Any]], most: int = 4) -> list[dict[str, Any]]:
    """Months in which something decisive happened, each with its words.

    Args:
        told: lines of `lines`.
        most: events named of a month.
    """
    by_month: dict[int, list[str]] = {}
    for line in told:
        if line["act"] in MARKED or line["ordered"]:
            by_month.setdefault(line["month"], []).append(line["text"])
    return [
        {
            "month": month,
            "label": "; ".join(texts[:most]) + (f"; and {len(texts) - most} more" if len(texts) > most else ""),
        }
        for month, texts in by_month.items()
    ]
