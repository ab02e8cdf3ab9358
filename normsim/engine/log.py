"""The log: which choices were weighed, which happened, and every term of their propensity."""

from typing import Any

from normsim.compiled import compiled


@compiled
def note(
    log: Any,
    now: Any,
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
    if now.log_level < 1 or (now.log_level < 2 and not happened):
        return
    place = now.logged
    now.logged += 1
    if place >= log.shape[0]:
        return
    entry = log[place]
    entry.month = now.month
    entry.choice = choice
    entry.actor = actor
    entry.target = target
    entry.munition = munition
    entry.amount = amount
    entry.probability = probability
    entry.draw = draw
    entry.happened = 1 if happened else 0
    entry.order = order
    for k in range(entry.terms.shape[0]):
        entry.terms[k] = 0.0
    for k in range(len(terms)):
        entry.terms[k] = terms[k]


@compiled
def tell(log: Any, now: Any, choice: int, actor: int, target: int, amount: float) -> None:
    """Write one line about something that simply happened, without a propensity."""
    note(log, now, choice, actor, target, -1, amount, 1.0, 0.0, True, 0, (0.0, 0.0))
