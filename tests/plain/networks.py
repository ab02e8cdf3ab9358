"""The plain model's networks, built from a world's layers: one dictionary of neighbours per state, with loops."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

from normsim.engine.streams import stream
from normsim.world import Layer, World

LAYERS = ("region", "alliance", "votes", "arms", "organisations")

Row = dict[int, float]
"""Neighbours of one state, ascending, with their weights."""


class PlainNetworks(NamedTuple):
    """All networks, one entry per state in each.

    Attributes:
        influence: whom a state looks to, all layers merged; the weights of a state sum to 1.
        onlookers: who looks to a state.
        region: regional neighbours.
        allies: states joined to it by a defence pact.
        customers: states that buy arms from it, with its share in what they buy.
        rivals: its rivals.
        fellows: its allies and regional neighbours, each with whether the two share a rival.
    """

    influence: list[Row]
    onlookers: list[list[int]]
    region: list[Row]
    allies: list[list[int]]
    customers: list[Row]
    rivals: list[list[int]]
    fellows: list[dict[int, bool]]


def rows_of(layer: Layer) -> list[Row]:
    """The rows of a layer: row i holds the states that influence state i."""
    entries = list(zip(layer.indices.tolist(), layer.weights.tolist(), strict=True))
    return [dict(entries[first:last]) for first, last in pairwise(layer.indptr.tolist())]


def merge_layers(world: World, p: SimpleNamespace) -> list[Row]:
    """Influence of j on i: layers added up by their weights, powerful neighbours counted for more, rows scaled to 1.

    A state that no layer joins to anyone looks to itself.
    """
    power = world.facts["power"].tolist()
    strongest = max(power)
    layers = {name: rows_of(world.layers[name]) for name in LAYERS}
    merged: list[Row] = []
    for i in range(len(world)):
        heard: Row = {}
        for name in LAYERS:
            for j, share in layers[name][i].items():
                voice = getattr(p.network, name) * share * (1.0 + p.standing.power * power[j] / strongest)
                if voice > 0.0:
                    heard[j] = heard.get(j, 0.0) + voice
        if not heard:
            heard[i] = 1.0
        total = 0.0
        for j in sorted(heard):
            total += heard[j]
        merged.append({j: heard[j] / total for j in sorted(heard)})
    return merged


def relabelled(rows: list[Row], number: int) -> list[Row]:
    """The same network between other states: what one looked to before, the state that takes its place looks to now.

    Args:
        rows: the network.
        number: which random exchange of places; 0 none.
    """
    if number == 0:
        return rows
    before = stream(number, "relabelled").permutation(len(rows)).tolist()
    now = {old: new for new, old in enumerate(before)}
    return [dict(sorted((now[j], weight) for j, weight in rows[old].items())) for old in before]


def turned(rows: list[Row]) -> list[Row]:
    """The same edges seen from the other end."""
    other: list[Row] = [{} for _ in rows]
    for i, row in enumerate(rows):
        for j, weight in row.items():
            other[j][i] = weight
    return other


def fellows_of(allies: list[list[int]], region: list[Row], rivals: list[list[int]]) -> list[dict[int, bool]]:
    """Allies and regional neighbours of each state, ascending, and whether some third state is a rival of both."""
    fellows = []
    for here, ours in enumerate(rivals):
        near = sorted({*allies[here], *region[here]})
        fellows.append({j: not set(ours).isdisjoint(rivals[j]) for j in near})
    return fellows


def plain_networks(world: World, p: SimpleNamespace) -> PlainNetworks:
    """Build every network of a world.

    Args:
        world: the world as of the start.
        p: parameters as plain attributes.
    """
    influence = relabelled(merge_layers(world, p), int(p.network.shuffle))
    region = rows_of(world.layers["region"])
    return PlainNetworks(
        influence=influence,
        onlookers=[list(row) for row in turned(influence)],
        region=region,
        **relations_of(region, world.layers, world.rivalry),
    )


def relations_of(region: list[Row], layers: dict[str, Layer], rivalry: Layer) -> dict[str, Any]:
    """The networks that move with the years: allies, customers, rivals and fellows of each state."""
    allies = [list(row) for row in rows_of(layers["alliance"])]
    rivals = [list(row) for row in rows_of(rivalry)]
    return {
        "allies": allies,
        "customers": turned(rows_of(layers["arms"])),
        "rivals": rivals,
        "fellows": fellows_of(allies, region, rivals),
    }
