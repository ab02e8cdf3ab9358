"""The influence network: who is heard by whom, layer by layer, laid out by its ties and not by geography."""

from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from normsim.engine.columns import Signal
from normsim.engine.networks import LAYERS, merge_influence
from normsim.page.map import PATTERNS
from normsim.page.session import Session
from normsim.world import Layer, World

SIZE = (960.0, 430.0)
ALL = "all layers as weighted"

MOST = 8
"""Neighbours listed of a state."""


class Pull(NamedTuple):
    """What one neighbour did to a state in the last month.

    Attributes:
        state: code of the neighbour.
        weight: share of the state's attention that it has.
        validity: how far it drew the state's validity towards its own.
        perceived: how far its acts lowered the state's perceived norm.
    """

    state: str
    weight: float
    validity: float
    perceived: float


@lru_cache(maxsize=4)
def layout(world: World) -> np.ndarray:
    """Where each state stands, shape (states, 2): computed once a world, from all layers alike."""
    joint = merge_influence(world, dict.fromkeys(LAYERS, 1.0), 0.0)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(world)))
    rows = np.repeat(np.arange(len(world)), np.diff(joint.indptr))
    graph.add_weighted_edges_from(zip(rows.tolist(), joint.indices.tolist(), joint.weights.tolist(), strict=True))
    found = nx.spring_layout(graph, k=0.28, iterations=120, seed=1)
    places = np.array([found[i] for i in range(len(world))])
    # ranks pull the crowded middle apart and keep who is beside whom
    places = 0.5 * places / np.abs(places).max() + 0.5 * (places.argsort(0).argsort(0) / max(len(world) - 1, 1) * 2 - 1)
    return np.round((places + 1) / 2 * (SIZE[0] - 80, SIZE[1] - 30) + (40, 15), 1)


def layer_of(session: Session, name: str) -> Layer:
    """A layer by name, or all of them merged as the run weighs them."""
    simulation = session.model.simulation
    if name != ALL:
        return simulation.world.layers[name]
    n = simulation.networks
    return Layer(n.start, n.neighbour, n.weight)


def markup(session: Session, name: str, selected: str, legend: str) -> str:
    """The network: every tie faint, those of the selected state strong.

    Args:
        session: the session.
        name: a layer's name, or `ALL`.
        selected: code of the selected state.
        legend: SVG of the legend.
    """
    world, layer = session.model.simulation.world, layer_of(session, name)
    at = layout(world).tolist()
    rows = np.repeat(np.arange(len(world)), np.diff(layer.indptr)).tolist()
    pairs = sorted({(min(i, j), max(i, j)) for i, j in zip(rows, layer.indices.tolist(), strict=True) if i != j})
    if name == ALL:  # thousands of ties are a blot: the strong ones show the shape
        heavy = layer.weights >= 0.04
        kept = zip(np.array(rows)[heavy].tolist(), layer.indices[heavy].tolist(), strict=True)
        pairs = sorted({(min(i, j), max(i, j)) for i, j in kept if i != j})
    web = "".join(f"M{at[i][0]} {at[i][1]}L{at[j][0]} {at[j][1]}" for i, j in pairs)
    strong, names = "", ""
    if selected:
        me = world.index(selected)
        heard = sorted(zip(*(part.tolist() for part in layer.row(me)), strict=True), key=lambda pair: -pair[1])
        for other, weight in heard:
            width = 0.6 + 9.0 * weight
            strong += (
                f'<path class="ns-heard" stroke-width="{width:.1f}" '
                f'd="M{at[me][0]} {at[me][1]}L{at[other][0]} {at[other][1]}"/>'
            )
        for place in (me, *(other for other, _ in heard[:MOST])):
            x, y = at[place]
            bold = " ns-bold" if place == me else ""
            names += f'<text class="ns-legend{bold}" x="{x + 8}" y="{y + 4}">{escape(world.names[place])}</text>'
    nodes = "".join(
        f'<circle class="ns-state m-{escape(code)}" data-pick="{escape(code)}" cx="{x}" cy="{y}" r="6"/>'
        for code, (x, y) in zip(world.iso3, at, strict=True)
    )
    size = f"0 0 {SIZE[0]:g} {SIZE[1] + 40:g}"
    return f'<svg viewBox="{size}">{PATTERNS}<path class="ns-edge" d="{web}"/>{strong}{nodes}{names}{legend}</svg>'


def pulls(session: Session, state: str) -> list[Pull]:
    """Who moved a state most in the last month, the strongest first.

    Args:
        session: the session.
        state: its code.
    """
    simulation = session.model.simulation
    signals, before = session.seen
    me = simulation.world.index(state)
    others, weights = layer_of(session, ALL).row(me)
    p, mine = simulation.p, before[me]
    shown: Any = signals[others]
    validity = p.norm.imitate * weights * (shown[:, Signal.VALIDITY] - mine["validity"])
    perceived = -p.norm.perceive * weights * shown[:, Signal.ACT]
    order = np.argsort(-(np.abs(validity) + np.abs(perceived)), kind="stable")
    return [
        Pull(simulation.world.iso3[int(others[k])], float(weights[k]), float(validity[k]), float(perceived[k]))
        for k in order[:MOST]
        if others[k] != me
    ]
