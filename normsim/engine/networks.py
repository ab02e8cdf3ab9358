"""The networks in the form the month runs over: one merged influence network, and the sparse neighbours it needs."""

import functools
import operator
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.rows import Rows
from normsim.world import Layer, World
from normsim.world.influence_layers import scale_rows

LAYERS = ("region", "alliance", "votes", "arms", "organisations")

PLACE = np.uint32
"""Places of states in the longest lists: half as wide as usual, and never negative, which saves a check each time."""


class Networks(NamedTuple):
    """Sparse rows (CSR) of every network; a row's neighbours are `indices[start[i]:start[i + 1]]`."""

    start: np.ndarray
    neighbour: np.ndarray
    weight: np.ndarray
    onlooker_start: np.ndarray
    onlooker: np.ndarray
    region_start: np.ndarray
    region_neighbour: np.ndarray
    region_weight: np.ndarray
    ally_start: np.ndarray
    ally: np.ndarray
    customer_start: np.ndarray
    customer: np.ndarray
    customer_weight: np.ndarray
    rival_start: np.ndarray
    rival: np.ndarray
    tie_start: np.ndarray
    tie_supplier: np.ndarray
    tie_strength: np.ndarray


def transpose(layer: Layer) -> Layer:
    """The layer with rows and columns exchanged: row j holds the states that j influences."""
    return Layer.of(layer.csr().T.tocsr())


def merge_influence(world: World, weights: dict[str, float], power: float) -> Layer:
    """Merge the layers into one influence network whose rows sum to 1.

    W = normalise(sum_l weight_l W_l * (1 + power p_j / p_max)). A state without neighbours looks to itself.

    Args:
        world: the world.
        weights: weight of each layer.
        power: extra influence of a powerful neighbour.

    Returns:
        The merged layer; only here may a row hold the state itself.
    """
    from scipy.sparse import diags_array

    reach = 1.0 + power * world.facts["power"] / world.facts["power"].max()
    weighted = (layer.csr(weights[name] * layer.weights * reach[layer.indices]) for name, layer in world.layers.items())
    merged = functools.reduce(operator.add, weighted)  # drops the zeros of a layer of no weight
    alone = np.diff(merged.indptr) == 0
    merged = merged + diags_array(alone.astype(np.float64), format="csr")
    scale_rows(merged)
    return Layer.of(merged)


@functools.lru_cache(maxsize=8)
def _build(world: World, weights: tuple[float, ...], power: float) -> Networks:
    """Networks of a world; kept, since many runs share one."""
    influence = merge_influence(world, dict(zip(LAYERS, weights, strict=True)), power)
    onlookers = transpose(influence)
    region, alliance, arms = world.layers["region"], world.layers["alliance"], transpose(world.layers["arms"])
    arrays = (
        *influence,
        *onlookers[:2],
        *region,
        alliance.indptr,
        alliance.indices,
        *arms,
        world.rivalry.indptr,
        world.rivalry.indices,
    )
    ties = (np.empty(0, np.int64), np.empty(0, PLACE), np.empty(0))  # filled in by `build_networks`
    networks = Networks(*(np.array(array) for array in (*arrays, *ties)))  # copies: a world's own arrays are locked
    return networks._replace(
        neighbour=networks.neighbour.astype(PLACE), region_neighbour=networks.region_neighbour.astype(PLACE)
    )


def build_networks(world: World, p: Any, ties: Rows) -> Networks:
    """Networks of a world under the weights in `p.network`; shared between runs, never written to.

    A supplier and a recipient are as close as a pact makes them, or the arms trade between them.

    Args:
        world: the world.
        p: the record of parameters.
        ties: ties over which transfers can run, `Rows` of dtype `TIE`, by recipient then supplier.
    """
    networks = _build(world, tuple(float(p.network[name]) for name in LAYERS), float(p.network.power))
    return networks._replace(
        tie_start=np.searchsorted(ties["recipient"], np.arange(len(world) + 1)).astype(np.int64),
        tie_supplier=ties["supplier"].astype(PLACE),
        tie_strength=np.maximum(ties["ally"], ties["arms"]),
    )
