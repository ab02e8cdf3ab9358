"""Networks as the month reads them: one merged influence network, and the neighbours of other kinds, in sparse rows."""

import functools
import operator
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.streams import stream
from normsim.world import Layer, Relations, World, Year
from normsim.world.influence_layers import scale_rows

LAYERS = ("region", "alliance", "votes", "arms", "organisations")

YEARS_KEPT = 64
"""Januaries whose relations are kept for the next run, of all worlds."""

PLACE = np.uint32
"""Type of indices in the longest arrays: half the memory of int64, and unsigned, so that no index can wrap."""


class Networks(NamedTuple):
    """Compressed sparse rows of every network: the neighbours of state i are `neighbour[start[i]:start[i + 1]]`.

    Attributes:
        start, neighbour, weight: merged influence; row i holds the states that influence state i.
        onlooker_start, onlooker: its transpose; the states that state i influences.
        region_start, region_neighbour, region_weight: the regional layer.
        ally_start, ally: states joined to state i by a defence pact.
        customer_start, customer, customer_weight: states that get arms from state i, and the share they get from it.
        rival_start, rival: rivals of state i.
        fellow_start, fellow, fellow_shared: allies and regional neighbours of state i, and whether they share a rival.
        tie_start, tie_supplier, tie_strength: states that could transfer munitions to state i; strength is 1 for
            allies, else the rank of the arms trade [0-1].
    """

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
    fellow_start: np.ndarray
    fellow: np.ndarray
    fellow_shared: np.ndarray
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


def fellows_of(region: Layer, alliance: Layer, rivalry: Layer) -> Layer:
    """Allies and regional neighbours of each state, symmetric; the weight is 2 where the two share a rival, else 1."""
    rivals = rivalry.csr()
    near = ((alliance.csr() + region.csr()) > 0).astype(np.float64)
    return Layer.of((near + near.multiply((rivals @ rivals.T) > 0)).tocsr())


def relabelled(layer: Layer, number: int) -> Layer:
    """A network with its states relabelled at random: the same ties, between other states.

    Every count of ties, weight and cluster stays as it is; who looks to whom does not.

    Args:
        layer: the network.
        number: which relabelling, 1 or more; 0 leaves the network as it is.
    """
    if number == 0:
        return layer
    place = stream(number, "relabelled").permutation(len(layer.indptr) - 1)
    return Layer.of(layer.csr()[place][:, place].tocsr())


@functools.lru_cache(maxsize=8)
def _build(world: World, weights: tuple[float, ...], power: float, shuffle: int) -> Networks:
    """Build all networks but the ties; cached, since many runs share a world."""
    influence = relabelled(merge_influence(world, dict(zip(LAYERS, weights, strict=True)), power), shuffle)
    onlookers, region = transpose(influence), world.layers["region"]
    networks = Networks(
        start=influence.indptr,
        neighbour=influence.indices.astype(PLACE),
        weight=influence.weights,
        onlooker_start=onlookers.indptr,
        onlooker=onlookers.indices,
        region_start=region.indptr,
        region_neighbour=region.indices.astype(PLACE),
        region_weight=region.weights,
        **_relations(region, world),
        tie_start=np.empty(0, np.int64),  # the ties are filled in by `build_networks`
        tie_supplier=np.empty(0, PLACE),
        tie_strength=np.empty(0),
    )
    return Networks(*map(np.array, networks))  # copies, since the arrays of a world are read-only


def _relations(region: Layer, now: Relations) -> dict[str, np.ndarray]:
    """Allies, customers, rivals and fellows of each state, as fields of `Networks`."""
    alliance, customers = now.layers["alliance"], transpose(now.layers["arms"])
    fellows = fellows_of(region, alliance, now.rivalry)
    return {
        "ally_start": alliance.indptr,
        "ally": alliance.indices,
        "customer_start": customers.indptr,
        "customer": customers.indices,
        "customer_weight": customers.weights,
        "rival_start": now.rivalry.indptr,
        "rival": now.rivalry.indices,
        "fellow_start": fellows.indptr,
        "fellow": fellows.indices,
        "fellow_shared": (fellows.weights > 1.0).astype(np.int8),
    }


@functools.lru_cache(maxsize=YEARS_KEPT)
def _relations_in(world: World, year: Year) -> dict[str, np.ndarray]:
    """The relations of a later January, copied: the arrays of a world are read-only, for compiled code another type."""
    return {name: np.array(values) for name, values in _relations(world.layers["region"], year).items()}


def build_networks(world: World, p: Any, ties: np.ndarray) -> Networks:
    """Build the networks of a world under the weights in `p.network`; shared between runs, never written to.

    The strength of a tie is the greater of its pact and its arms trade.

    Args:
        world: the world.
        p: the record of parameters.
        ties: ties over which transfers can run, dtype `TIE`, by recipient then supplier.
    """
    weights = tuple(float(p.network[name]) for name in LAYERS)
    return _with_ties(_build(world, weights, float(p.standing.power), int(p.network.shuffle)), ties)


def move_networks(networks: Networks, world: World, year: Year, ties: np.ndarray) -> Networks:
    """The networks in a January after the start: relations and ties are those of the year, influence stays.

    Args:
        networks: the networks so far.
        world: the world.
        year: the record of the year.
        ties: ties over which transfers can run from now on.
    """
    return _with_ties(networks._replace(**_relations_in(world, year)), ties)


def _with_ties(networks: Networks, ties: np.ndarray) -> Networks:
    """The networks with these ties."""
    n = len(networks.start) - 1
    return networks._replace(
        tie_start=np.searchsorted(ties["recipient"], np.arange(n + 1)).astype(np.int64),
        tie_supplier=ties["supplier"].astype(PLACE),
        tie_strength=np.maximum(ties["ally"], ties["arms"]),
    )
