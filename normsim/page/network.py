"""The influence network: who is heard by whom, layer by layer, laid out by its ties and not by geography."""

from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from normsim.engine.networks import LAYERS, merge_influence
from normsim.page.map import LEGEND, PATTERNS
from normsim.page.session import Session
from normsim.rules import norm
from normsim.world import Layer, World

SIZE = (960.0, 430.0)
ALL = "all layers as weighted"

MOST = 8
"""Neighbours listed of a state."""


class Pull(NamedTuple):
    """What one neighbour did to a state in the last month.

    Attributes:
        state: code of the neighbour.
        attention: share of the state's attention that it has, by ties and by the news of the world.
        approval: how far it moved the approval of the norm that the state expects of others.
        conduct: how far it moved the compliance that the state expects of others.
    """

    state: str
    attention: float
    approval: float
    conduct: float


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
    """The network: every tie faint, those of the selected state strong, with the names of those it hears most.

    Args:
        session: the session.
        name: a layer's name, or `ALL`.
        selected: code of the selected state.
        legend: SVG of the legend.
    """
    world, layer = session.model.simulation.world, layer_of(session, name)
    at = layout(world)
    # thousands of ties are a blot: of all layers together the strong ones show the shape
    web = _web(layer, at, 0.04 if name == ALL else 0.0)
    strong, names = "", ""
    if selected:
        me = world.index(selected)
        heard = sorted(zip(*(part.tolist() for part in layer.row(me)), strict=True), key=lambda pair: -pair[1])
        mine = _point(at[me])
        strong = "".join(
            f'<path class="ns-heard" stroke-width="{0.6 + 9.0 * weight:.1f}" d="M{mine}L{_point(at[other])}"/>'
            for other, weight in heard
        )
        named = [me, *(other for other, _ in heard[:MOST] if other != me)]
        for place, (x, y) in label_places(at, {place: world.names[place] for place in named}).items():
            bold = " ns-bold" if place == me else ""
            names += f'<text class="ns-legend ns-halo{bold}" x="{x:g}" y="{y:g}">{escape(world.names[place])}</text>'
    nodes = "".join(
        f'<circle class="ns-state m-{escape(code)}" data-pick="{escape(code)}" cx="{x}" cy="{y}" r="6"/>'
        for code, (x, y) in zip(world.iso3, at.tolist(), strict=True)
    )
    size = f"0 0 {SIZE[0]:g} {SIZE[1] + LEGEND:g}"
    return f'<svg viewBox="{size}">{PATTERNS}<path class="ns-edge" d="{web}"/>{strong}{nodes}{names}{legend}</svg>'


def _point(at: np.ndarray) -> str:
    """A place as a path writes it."""
    return f"{at[0]} {at[1]}"


def _web(layer: Layer, at: np.ndarray, least: float) -> str:
    """Path of all ties of a layer that weigh enough, each pair once."""
    rows = np.repeat(np.arange(len(at)), np.diff(layer.indptr))
    kept = (layer.weights >= least) & (rows != layer.indices)
    ends = np.sort(np.stack((rows[kept], layer.indices[kept]), axis=1), axis=1)
    points = [_point(place) for place in at]
    return "".join(f"M{points[i]}L{points[j]}" for i, j in np.unique(ends, axis=0).tolist())


def label_places(at: np.ndarray, names: dict[int, str]) -> dict[int, tuple[float, float]]:
    """Where the names of some states begin, on the side where each hides least; a name without room is left out.

    Args:
        at: where every state stands.
        names: names by place, the most important first: it has the first choice.
    """
    found: dict[int, tuple[float, float]] = {}
    taken: list[tuple[float, float, float, float]] = []
    others = at[list(names)]
    for place, name in names.items():
        x, y = at[place].tolist()
        wide = _LETTER * len(name)
        sides = [(x + 9, y), (x - 9 - wide, y)]
        sides += [(left, y + up) for up in (-_TALL, _TALL) for left in (x - wide / 2, x + 5, x - 5 - wide)]
        free = []
        for left, middle in sides:
            box = (left, middle - _TALL / 2, left + wide, middle + _TALL / 2)
            inside = box[0] >= 0.0 and box[2] <= SIZE[0] and box[1] >= 0.0 and box[3] <= SIZE[1]
            if inside and not any(_meet(box, other) for other in taken):
                free.append((_covered(box, at) + 5 * _covered(box, others), box))
        if free:
            _, box = min(free, key=lambda choice: choice[0])  # of equals the first
            taken.append(box)
            found[place] = round(box[0], 1), round(box[3] - 5.0, 1)
    return found


_LETTER, _TALL = 10.8, 21.0
"""Width of a letter and height of a line of a name [px of the drawing]."""


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, top, right, bottom) overlap."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _covered(box: tuple[float, float, float, float], at: np.ndarray) -> int:
    """How many states a box hides, in part at least."""
    near = (at[:, 0] > box[0] - 6) & (at[:, 0] < box[2] + 6) & (at[:, 1] > box[1] - 4) & (at[:, 1] < box[3] + 4)
    return int(near.sum())


def pulls(session: Session, state: str) -> list[Pull]:
    """Which other states moved a state most in the last month, the strongest first.

    Args:
        session: the session.
        state: its code.
    """
    world = session.model.simulation.world
    attention, approval, conduct = moves(session, state)
    order = np.argsort(-(np.abs(approval) + np.abs(conduct)), kind="stable")
    others = [j for j in order.tolist() if j != world.index(state) and attention[j] > 0.0]
    return [Pull(world.iso3[j], float(attention[j]), float(approval[j]), float(conduct[j])) for j in others[:MOST]]


def moves(session: Session, state: str) -> np.ndarray:
    """What every state did to one state's expectations in the last month, shape (3, states).

    The rows are the attention it has, and how far it moved expected approval and expected conduct. The second row adds
    up to the month's change of expected approval; the third to the change of expected conduct, but for what is
    forgotten.

    Args:
        session: the session.
        state: code of the state that is moved.
    """
    simulation = session.model.simulation
    p, me = simulation.p, simulation.world.index(state)
    signals: Any
    signals, before = session.seen
    mine = before[me]
    others, weights = layer_of(session, ALL).row(me)
    attention = p.norm.news * before["standing_share"]
    attention[others] += (1.0 - p.norm.news) * weights
    approval = (1.0 - p.norm.memory) * attention * (signals["approval"] - mine["approval"])
    complied, violated = norm.remembered(p, mine["complied"], 0.0), norm.remembered(p, mine["violated"], 0.0)
    expected = norm.expected_conduct(p, complied, violated)
    kept = signals["compliance"]
    broken = norm.violation_seen(signals["violation"], signals["exception"], mine["scope"])
    weight = p.norm.prior + complied + violated + attention @ (kept + broken)
    conduct = attention * (kept * (1.0 - expected) - broken * expected) / weight
    return np.stack([attention, approval, conduct])
