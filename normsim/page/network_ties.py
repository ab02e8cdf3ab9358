"""Network: who is heard by whom, layer by layer, laid out by its ties and not by geography."""

from functools import lru_cache
from typing import Any

import numpy as np

from normsim.engine.networks import LAYERS, merge_influence
from normsim.page.recorded_run import recorded_run
from normsim.page.view import PageError, View, scenario_of
from normsim.world import Layer, World

ALL = "all"
"""Name of all layers together, as the run weighs them."""

EACH = 8
"""Ties that are sent of each state: its strongest."""


@lru_cache(maxsize=4)
def layout(world: World) -> np.ndarray:
    """Where each state stands, shape (states, 2), from 0 to 1: computed once for a world, from all layers alike."""
    import networkx as nx  # imported late: the map opens without it

    joint = merge_influence(world, dict.fromkeys(LAYERS, 1.0), 0.0)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(world)))
    rows = np.repeat(np.arange(len(world)), np.diff(joint.indptr))
    graph.add_weighted_edges_from(zip(rows.tolist(), joint.indices.tolist(), joint.weights.tolist(), strict=True))
    found = nx.spring_layout(graph, k=0.28, iterations=120, seed=1)
    places = np.array([found[i] for i in range(len(world))])
    # ranks pull the crowded middle apart and keep who is beside whom
    ranks = places.argsort(0).argsort(0) / max(len(world) - 1, 1) * 2 - 1
    places = 0.5 * places / np.abs(places).max() + 0.5 * ranks
    return np.round((places + 1) / 2, 4)


def network_json(view: View, layer: Any = ALL) -> dict[str, Any]:
    """The strongest ties of each state in a layer, and where each state stands.

    Args:
        view: the view.
        layer: name of the layer, or `ALL`.

    Raises:
        PageError: there is no such layer.
    """
    if layer not in (ALL, *LAYERS):
        raise PageError(f"there is no layer {str(layer)[:40]!r}; known are {ALL}, {', '.join(LAYERS)}")
    scenario, _ = scenario_of(view)
    simulation = recorded_run(scenario, view.seed).checkpoints[0]
    world, joint = simulation.world, simulation.networks
    chosen = Layer(joint.start, joint.neighbour, joint.weight) if layer == ALL else world.layers[layer]
    rows = np.repeat(np.arange(len(world)), np.diff(chosen.indptr))
    by_state = np.lexsort((-chosen.weights, rows))
    rank = np.arange(len(rows)) - np.asarray(chosen.indptr)[rows]
    order = by_state[rank < EACH]
    heard = np.asarray(chosen.indices)[order].tolist()
    ends = zip(heard, rows[order].tolist(), chosen.weights[order].tolist(), strict=True)
    return {
        "layer": layer,
        "places": layout(world).tolist(),
        "ties": [{"from": world.iso3[j], "to": world.iso3[i], "weight": round(w, 5)} for j, i, w in ends if i != j],
    }
