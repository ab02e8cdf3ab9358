"""The log: which choices were weighed, which happened, and every term of their propensity."""

from typing import Any

from normsim.engine.columns import Entry, System, Table


def note(
    log: Table[Entry],
    now: System,
    choice: int,
    actor: int,
    target: int,
    munition: int,
    amount: float,
    probability: float,
    draw: float,
    happened: bool,
    order: int,
    terms: Any,
) -> None:
    """Write one line: acts that happened at level 1, every choice weighed at level 2.

    Lines beyond the room are only counted; the caller then runs the block again with more room.
    """
    if now.log_level == 2 or (now.log_level == 1 and happened):
        place = _write(log, now, choice, int(actor), int(target), int(munition), amount, probability, draw)
        if place < len(log):
            entry = log[place]
            entry.happened = 1 if happened else 0
            entry.order = order
            for k in range(len(terms)):
                entry.terms[k] = terms[k]


def _write(
    log: Table[Entry],
    now: System,
    choice: int,
    actor: int,
    target: int,
    munition: int,
    amount: float,
    probability: float,
    draw: float,
) -> int:
    """Begin one line, its terms zero, and return its place: compiled once, `note` for each kind of terms."""
    place = now.logged
    now.logged += 1
    if place < len(log):
        entry = log[place]
        entry.month = now.month
        entry.choice = choice
        entry.actor = actor
        entry.target = target
        entry.munition = munition
        entry.amount = amount
        entry.probability = probability
        entry.draw = draw
        for k in range(len(entry.terms)):
            entry.terms[k] = 0.0
    return place


def tell(log: Table[Entry], now: System, choice: int, actor: int, target: int, amount: float) -> None:
    """Write one line about something that simply happened, without a propensity."""
    note(log, now, choice, actor, target, -1, float(amount), 1.0, 0.0, True, 0, (0.0, 0.0))
