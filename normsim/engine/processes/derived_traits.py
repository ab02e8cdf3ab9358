"""Derived traits: what follows for a state from its democracy, its power and its alliances as they are now."""

import math
from typing import Any

from normsim.engine.columns import State, Table
from normsim.engine.networks import Networks
from normsim.rules import initial, norm, supply


def settle(p: Any, states: Table[State], networks: Networks) -> None:
    """Set civil society, standing, the scale of arsenals and the patron of every state."""
    everyone = 0.0
    for i in range(len(states)):
        me = states[i]
        me.civil = initial.civil_society(me.democracy, me.anchor)
        me.standing = norm.standing(p, me.relative_power, me.democracy)
        me.scale = supply.scale(p, me.power)
        me.log_scale = math.log(me.scale)
        me.patron = _strongest_ally(states, networks, i)
        everyone += me.standing
    for i in range(len(states)):
        states[i].standing_share = states[i].standing / everyone


def _strongest_ally(states: Table[State], networks: Networks, i: int) -> int:
    """Index of a state's most powerful ally, -1 if it has none."""
    best = -1
    for edge in range(networks.ally_start[i], networks.ally_start[i + 1]):
        ally = networks.ally[edge]
        if best < 0 or states[ally].power > states[best].power:
            best = ally
    return best
