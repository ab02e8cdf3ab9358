"""Generated worlds for tests, for comparison with published results, and for scaling.

All influence layers and transfer ties share one graph, so that the model can be compared with known
results on that graph. Codes of states are invented and may equal those of real states.
"""

from __future__ import annotations

import datetime
import itertools
import string
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from normsim.errors import WorldError
from normsim.world.arsenal import INHERITED, MADE, NO_STOCK
from normsim.world.influence_layers import layer_from_edges
from normsim.world.initial_world import FACTS, History, World
from normsim.world.treaty_file import convention

Graph = Literal["er", "complete", "ring", "sbm", "ba"]
Ints = npt.NDArray[np.int64]

BLOCKS = 5
"""Regions of a stochastic block model."""

WITHIN = 0.8
"""Share of a state's neighbours that lie in its own block."""

MONTHS_BOUND = 60
"""How long the parties of a generated world have been bound [months]."""

DELAY_SPREAD = 0.55
"""Standard deviation of the delay in earlier bans: that of the real world [log years]."""

_LARGEST_COMPLETE = 5_000
_LAYERS = ("region", "alliance", "votes", "arms", "organisations")
_DEFAULT_START = datetime.date(2023, 7, 1)


def synthetic_world(
    n: int,
    graph: Graph = "er",
    degree: int = 8,
    seed: int = 0,
    holders: float = 0.2,
    producers: float = 0.05,
    parties: float = 0.0,
    at_war: float = 0.1,
    start: datetime.date = _DEFAULT_START,
) -> World:
    """Generate a world of n states of equal power.

    Shares are exact up to rounding. Producers are drawn among the holders as far as those suffice;
    parties and states at war are drawn independently, each from its own random stream, so that
    changing one share changes nothing else. There are no rivals, every war is fought at home, and
    every tie is an alliance.

    Args:
        n: Number of states, 1 or more.
        graph: er (Erdos-Renyi), complete, ring (lattice), sbm (stochastic block model: five blocks,
            which are the regions, with 80 % of the neighbours inside), ba (preferential
            attachment).
        degree: Mean number of neighbours (er, sbm, ba), or their number (ring, if even).
        seed: Seed of everything drawn.
        holders: Share of states that hold a stockpile [0-1]; those that do not produce inherited it.
        producers: Share of states that produce [0-1].
        parties: Share of states bound by the convention [0-1].
        at_war: Share of states at war at full intensity [0-1].
        start: Date of the world.

    Returns:
        The world; it has no recorded history.

    Raises:
        WorldError: If a size, share or name is out of range.

    Example:
        >>> synthetic_world(20, "ring", degree=2, parties=0.5)
        World(2023-07-01, 20 states, 10 parties, 4 holders, 2 at war, generated)
    """
    _check(n, graph, degree, holders=holders, producers=producers, parties=parties, at_war=at_war)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(6)]
    graph_rng, arsenal_rng, party_rng, war_rng, trait_rng, place_rng = streams
    rows, columns = _edges(n, graph, degree, graph_rng)
    layer = layer_from_edges(n, rows, columns, np.ones(len(rows)))
    blocks = BLOCKS if graph == "sbm" else 1

    facts = np.zeros(n, dtype=FACTS)
    facts["region"] = _block_of(n, blocks)
    facts["power"] = 1.0 / n
    facts["democracy"] = trait_rng.random(n)
    facts["ideal_point"] = trait_rng.normal(size=n)
    waited = DELAY_SPREAD * trait_rng.normal(size=n)
    facts["delay"] = waited - waited.mean()
    facts["ccw"] = facts["un_member"] = 1
    order = arsenal_rng.permutation(n)
    facts["holder"][order[: round(holders * n)]] = 1
    facts["producer"][order[: round(producers * n)]] = 1
    facts["origin"] = np.where(facts["holder"], np.where(facts["producer"], MADE, INHERITED), NO_STOCK)
    party = party_rng.permutation(n)[: round(parties * n)]
    facts["status"][party] = 2
    facts["months_bound"][party] = MONTHS_BOUND
    in_force = convention().in_force or start
    to_force = (in_force.year - start.year) * 12 + in_force.month - start.month
    facts["months_to_force"][party] = max(to_force, 0)
    facts["limit"] = np.nan
    facts["theatre"] = facts["rival_bound"] = np.arange(n)
    war = war_rng.permutation(n)[: round(at_war * n)]
    facts["intensity"][war] = 1.0
    facts["conflict_share"][war] = 1.0
    facts["lat"] = np.degrees(np.arcsin(place_rng.uniform(-1, 1, n)))
    facts["lon"] = place_rng.uniform(-180, 180, n)

    iso3 = _codes(n)
    empty = np.empty(0, dtype=np.int64)
    return World(
        start=start,
        iso3=iso3,
        names=tuple(f"State {code}" for code in iso3),
        regions=tuple(f"Region {i + 1}" for i in range(blocks)),
        facts=facts,
        layers=dict.fromkeys(_LAYERS, layer),
        rivalry=layer_from_edges(n, empty, empty, np.empty(0), normalise=False),
        supplier=layer.indices.copy(),
        recipient=np.repeat(np.arange(n), np.diff(layer.indptr)),
        ally=np.ones(len(layer.indices)),
        arms=np.zeros(len(layer.indices)),
        history=History(start.year, np.full((1, n), np.nan), np.arange(n)[None, :]),
    )


def _check(n: int, graph: str, degree: int, **shares: float) -> None:
    if n < 1:
        raise WorldError(f"n is {n}: a world needs 1 state or more")
    if graph not in get_args(Graph):
        raise WorldError(f"graph is {graph!r}: expected one of {', '.join(get_args(Graph))}")
    if graph == "complete" and n > _LARGEST_COMPLETE:
        raise WorldError(f"n is {n}: a complete graph is limited to {_LARGEST_COMPLETE} states")
    if degree < 0:
        raise WorldError(f"degree is {degree}: expected 0 or more")
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise WorldError(f"{name} is {share}: expected a share from 0 to 1")


def _codes(n: int) -> tuple[str, ...]:
    """AAA, AAB, ...; four letters if three do not suffice."""
    letters = string.ascii_uppercase
    width = 3 if n <= len(letters) ** 3 else 4
    if n > len(letters) ** width:
        raise WorldError(f"n is {n}: codes are made for up to {len(letters) ** width} states")
    words = itertools.product(letters, repeat=width)
    return tuple("".join(word) for word in itertools.islice(words, n))


def _edges(n: int, graph: Graph, degree: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Every edge in both directions, without duplicates."""
    if graph == "complete":
        a, b = np.triu_indices(n, k=1)
    elif graph == "ring":
        a, b = _ring(n, degree)
    elif graph == "ba":
        a, b = _preferential(n, degree, rng)
    else:
        a, b = _blocks(n, degree, BLOCKS if graph == "sbm" else 1, rng)
    return np.concatenate([a, b]), np.concatenate([b, a])


def _ring(n: int, degree: int) -> tuple[Ints, Ints]:
    reach = min(max(degree // 2, 1 if degree else 0), n // 2)
    near = np.repeat(np.arange(n), reach)
    far = (near + np.tile(np.arange(1, reach + 1), n)) % n
    # On a small ring both ways round reach the same pair; count it once.
    cells = np.unique(np.minimum(near, far) * n + np.maximum(near, far))
    return cells // n, cells % n


def _preferential(n: int, degree: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    import networkx as nx

    each = min(max(degree // 2, 1), n - 1)
    if n < 2 or degree == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    drawn = nx.barabasi_albert_graph(n, each, seed=int(rng.integers(2**32)))
    pairs = np.array(drawn.edges, dtype=np.int64)
    return pairs[:, 0], pairs[:, 1]


def _block_of(n: int, blocks: int) -> Ints:
    return np.arange(n) * blocks // n


def _blocks(n: int, degree: int, blocks: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Stochastic block model; with one block, an Erdos-Renyi graph.

    For each pair of blocks the number of edges is binomial and the edges are drawn without
    replacement. This equals one Bernoulli trial per pair of states at a cost proportional to the
    number of edges.
    """
    edges = np.searchsorted(_block_of(n, blocks), np.arange(blocks + 1))
    a, b = [], []
    for i, j in itertools.combinations_with_replacement(range(blocks), 2):
        height, width = edges[i + 1] - edges[i], edges[j + 1] - edges[j]
        if blocks == 1:
            chance = degree / max(n - 1, 1)
        elif i == j:
            chance = WITHIN * degree / max(height - 1, 1)
        else:
            chance = (1 - WITHIN) * degree / max(n - n / blocks, 1)
        cells = int(height * width)
        drawn = rng.choice(cells, rng.binomial(cells, min(chance, 1.0)), replace=False)
        rows, columns = edges[i] + drawn // width, edges[j] + drawn % width
        keep = rows < columns
        a.append(rows[keep])
        b.append(columns[keep])
    return np.concatenate(a), np.concatenate(b)
