"""The networks in the form the month runs over: one merged influence network, and the sparse neighbours it needs."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from normsim.world import Layer, World

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


def _rows(layer: Layer) -> np.ndarray:
    """Row of each entry of a layer."""
    return np.repeat(np.arange(len(layer.indptr) - 1), np.diff(layer.indptr))


def _sparse(rows: np.ndarray, columns: np.ndarray, weights: np.ndarray, n: int) -> Layer:
    """Rows in order from entries in any order; entries of one pair are added up."""
    keys, place = np.unique(rows * n + columns, return_inverse=True)
    summed = np.bincount(place, weights=weights, minlength=len(keys))
    start = np.searchsorted(keys, np.arange(n + 1) * n)
    return Layer(start.astype(np.int64), (keys % n).astype(np.int64), summed)


def transpose(layer: Layer) -> Layer:
    """The layer read the other way round."""
    return _sparse(layer.indices, _rows(layer), layer.weights, len(layer.indptr) - 1)


def merge_influence(world: World, weights: dict[str, float], power: float) -> Layer:
    """One influence network out of the layers, rows summing to 1; a state without neighbours looks to itself.

    W = normalise(sum_l weight_l W_l * (1 + power p_j / p_max))

    Args:
        world: the world.
        weights: weight of each layer.
        power: extra influence of a powerful neighbour.
    """
    n = len(world.iso3)
    reach = 1.0 + power * world.facts["power"] / world.facts["power"].max()
    alone = np.arange(n)
    parts = [(_rows(layer), layer.indices, weights[name] * layer.weights) for name, layer in world.layers.items()]
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    kept = values > 0.0
    rows, columns, values = rows[kept], columns[kept], values[kept] * reach[columns[kept]]
    alone = np.setdiff1d(alone, rows)
    merged = _sparse(np.r_[rows, alone], np.r_[columns, alone], np.r_[values, np.ones(len(alone))], n)
    row_sums = np.bincount(_rows(merged), weights=merged.weights, minlength=n)
    return merged._replace(weights=merged.weights / row_sums[_rows(merged)])


@lru_cache(maxsize=8)
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


def build_networks(world: World, p: Any, ties: Any) -> Networks:
    """Networks of a world under the weights in `p.network`; shared between runs, never written to.

    A supplier and a recipient are as close as a pact makes them, or the arms trade between them.

    Args:
        world: the world.
        p: the record of parameters.
        ties: ties over which transfers can run, dtype `TIE`, by recipient then supplier.
    """
    networks = _build(world, tuple(float(p.network[name]) for name in LAYERS), float(p.network.power))
    return networks._replace(
        tie_start=np.searchsorted(ties["recipient"], np.arange(len(world) + 1)).astype(np.int64),
        tie_supplier=ties["supplier"].astype(PLACE),
        tie_strength=np.maximum(ties["ally"], ties["arms"]),
    )
