"""First: what the rules say of every state before the first month."""

from typing import Any

import numpy as np

from normsim.compiled import compiled
from normsim.engine.networks import Networks
from normsim.engine.steps.world import greatest_pressure
from normsim.rules import conflict, norm, supply


@compiled
def prepare(p: Any, states: Any, networks: Networks, holders: np.ndarray) -> None:
    """Standing, scale, patron, arsenals, and stocks, output and threat that have adapted to the war a state is in.

    Args:
        p: parameters.
        states: the states, their facts filled in.
        networks: the networks.
        holders: whether each holds cluster munitions, shape (states,).
    """
    everyone = 0.0
    for i in range(len(states)):
        me = states[i]
        me.standing = norm.standing(p, me.relative_power, me.democracy)
        everyone += me.standing
        me.scale = supply.scale(p, me.power)
        me.patron = _strongest_ally(states, networks, i)
        if holders[i]:
            for munition in range(supply.CLASSES):
                me.stock[munition] = supply.initial_rounds(p, me.scale, munition)
        me.conventional = supply.initial_conventional(p, me.intensity)
        me.output = supply.initial_output(p, me.intensity)
    for i in range(len(states)):
        me = states[i]
        me.standing_share = me.standing / everyone
        me.threat = conflict.threat_target(p, me.intensity, greatest_pressure(states, networks, i))


@compiled
def _strongest_ally(states: Any, networks: Networks, i: int) -> int:
    """Index of a state's most powerful ally, -1 if it has none."""
    best = -1
    for edge in range(networks.ally_start[i], networks.ally_start[i + 1]):
        ally = networks.ally[edge]
        if best < 0 or states[ally].power > states[best].power:
            best = ally
    return best
