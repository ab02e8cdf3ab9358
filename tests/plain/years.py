"""A January in the plain model: covariates, relations and ties as the record has them in the new year."""

import math
from typing import TYPE_CHECKING

from normsim.world import World, Year
from tests.plain.initial import YEARLY, forced_pairs, months_from, patron_of, sizes_of
from tests.plain.networks import relations_of
from tests.plain.tie import NEVER, Tie
from tests.worlds import TIE_COLUMNS

if TYPE_CHECKING:
    from tests.plain.model import PlainModel


def years_to_come(world: World) -> dict[int, Year]:
    """The record of each January after the first month, by the month of the run."""
    januaries = {months_from(world.start, world.start.replace(year=y.year, month=1)): y for y in world.history.later}
    return {month: year for month, year in januaries.items() if month > 0}


def turn(model: "PlainModel", year: Year) -> None:
    """Begin a new year."""
    states, p = model.states, model.p
    facts = [dict(zip(year.facts.dtype.names, row, strict=True)) for row in year.facts.tolist()]
    strongest = max(fact["power"] for fact in facts)
    for state, fact in zip(states, facts, strict=True):
        for name in YEARLY:
            setattr(state, name, fact[name])
        state.relative_power = fact["power"] / strongest
        state.has_limit = 0 if math.isnan(fact["limit"]) else 1
    model.networks = model.networks._replace(**relations_of(model.networks.region, year.layers, year.rivalry))
    _renew_ties(model, year)
    everyone = 0.0
    for state in states:
        state.meet(model.networks)
        sizes = sizes_of(p, model.rules, state.power, state.relative_power, state.democracy, state.anchor)
        for name, value in sizes.items():
            setattr(state, name, value)
        everyone += state.standing
        state.patron = patron_of(model.networks.allies[state.place], [other.power for other in states])
    for state in states:
        state.standing_share = state.standing / everyone


def _renew_ties(model: "PlainModel", year: Year) -> None:
    """Keep the ties of the record, of dated events, and those with a past between states that are no rivals."""
    before = {(tie.recipient.place, tie.supplier.place): tie for tie in model.ties}
    columns = (year.recipient.tolist(), year.supplier.tolist(), year.ally.tolist(), year.arms.tolist())
    pairs = {(recipient, supplier): (ally, arms) for recipient, supplier, ally, arms in zip(*columns, strict=True)}
    for (recipient, supplier), tie in before.items():
        if tie.since < NEVER and supplier not in model.networks.rivals[recipient]:
            pairs.setdefault((recipient, supplier), (0.0, 0.0))
    for pair in forced_pairs(model.world, model.norm_scenario):
        pairs.setdefault(pair, (0.0, 0.0))
    model.ties = []
    for state in model.states:
        state.ties = []
    for (recipient, supplier), (ally, arms) in sorted(pairs.items()):
        tie = before.get((recipient, supplier))
        if tie is None:
            fresh = dict.fromkeys(TIE_COLUMNS, 0) | {"since": NEVER}
            tie = Tie(model.states[supplier], model.states[recipient], fresh)
        tie.ally, tie.arms, tie.strength = ally, arms, max(ally, arms)
        model.ties.append(tie)
        tie.recipient.ties.append(tie)
