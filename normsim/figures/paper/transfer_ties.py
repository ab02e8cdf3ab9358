"""Who has a tie to the states of the recorded transfers, layer by layer: shared by two figures."""

import numpy as np

from normsim.world import World

SUPPLIER, RECIPIENT = "USA", "UKR"

LAYERS = {
    "arms": "buys arms from either",
    "region": "neighbour or in one regional body",
    "alliance": "ally under a defence pact",
    "votes": "votes alike in the UN",
    "organisations": "shares most organisations",
}
"""What a tie in each influence layer means."""


def ties(world: World) -> dict[str, set[str]]:
    """States with a tie to supplier or recipient in each layer: those that hear either of them."""
    found = {}
    for name in LAYERS:
        layer = world.layers[name]
        rows = np.repeat(np.arange(len(world)), np.diff(layer.indptr))
        heard = np.isin(layer.indices, [world.index(SUPPLIER), world.index(RECIPIENT)])
        found[name] = {world.iso3[row] for row in rows[heard]} - {SUPPLIER, RECIPIENT}
    return found
