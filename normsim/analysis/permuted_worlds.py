"""The same world with its states in another order, and the same draws for each: a run must not depend on the order."""

from dataclasses import replace
from typing import Any

import numpy as np

from normsim.engine.streams import Draws
from normsim.world import Layer, World
from normsim.world.initial_world import History, Relations

INDEX_COLUMNS = ("patron", "theatre", "order_target")
"""Columns of states that name another state, -1 for none."""


def permuted(world: World, order: np.ndarray) -> World:
    """The same world with its states in another order: row k of the new one is row `order[k]` of the old."""
    place = np.argsort(order)
    facts = world.facts[order].copy()
    facts["theatre"] = place[facts["theatre"]]
    facts["rival_bound"] = place[facts["rival_bound"]]
    later = tuple(
        replace(year, facts=year.facts[order].copy(), **_permuted_relations(year, order, place))
        for year in world.history.later
    )
    history = History(
        world.history.first_year,
        world.history.intensity[:, order].copy(),
        place[world.history.theatre[:, order]],
        later,
    )
    return replace(
        world,
        iso3=tuple(world.iso3[k] for k in order),
        names=tuple(world.names[k] for k in order),
        facts=facts,
        history=history,
        **_permuted_relations(world, order, place),
    )


def _permuted_relations(held: Relations, order: np.ndarray, place: np.ndarray) -> dict[str, Any]:
    """The relations of a world or a year with the states in another order."""
    supplier, recipient = place[held.supplier], place[held.recipient]
    ties = np.lexsort((supplier, recipient))
    return {
        "layers": {name: _permuted_layer(layer, order, place) for name, layer in held.layers.items()},
        "rivalry": _permuted_layer(held.rivalry, order, place),
        "supplier": supplier[ties],
        "recipient": recipient[ties],
        "ally": held.ally[ties],
        "arms": held.arms[ties],
    }


def _permuted_layer(layer: Layer, order: np.ndarray, place: np.ndarray) -> Layer:
    """A layer with its rows and the indices in them renamed; the weights keep their bits."""
    rows = [layer.row(k) for k in order]
    sizes = [len(indices) for indices, _ in rows]
    indices, weights = [], []
    for neighbours, values in rows:
        renamed = place[neighbours]
        sort = np.argsort(renamed)
        indices.append(renamed[sort])
        weights.append(values[sort])
    return Layer(np.r_[0, np.cumsum(sizes)].astype(np.int64), np.concatenate(indices), np.concatenate(weights))


class PermutedDraws(Draws):
    """The draws of a run with the states in another order."""

    def __init__(self, seed: int, order: np.ndarray) -> None:
        """Take the seed and the order of the states."""
        super().__init__(seed, len(order))
        self._order = order

    def block(self, months: int) -> np.ndarray:
        """The draws of the next months, shape (months, streams, states)."""
        return super().block(months)[:, :, self._order].copy()


def differing(original: np.ndarray, other: np.ndarray, order: np.ndarray, rtol: float = 1e-9) -> list[str]:
    """Columns of states that differ between a run and its permuted twin: whole numbers exactly, others within rtol."""
    place = np.argsort(order)
    found = []
    for name in original.dtype.names or ():
        want, got = original[name][order], other[name]
        if name in INDEX_COLUMNS:
            want = np.where(want >= 0, place[want], want)
        same = (
            (want == got).all()
            if want.dtype.kind == "i"
            else np.allclose(want, got, rtol=rtol, atol=1e-12, equal_nan=True)
        )
        if not same:
            found.append(name)
    return found
