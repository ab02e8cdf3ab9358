"""Generated worlds."""

from __future__ import annotations

import functools
from datetime import date
from typing import get_args

import numpy as np
import pytest

from normsim.world import World, WorldError, synthetic_world
from normsim.world.synthetic import Graph

GRAPHS: tuple[Graph, ...] = get_args(Graph)


def degrees(world: World) -> np.ndarray:
    return np.diff(world.layers["votes"].indptr)


def test_complete() -> None:
    world = synthetic_world(6, "complete")
    assert (degrees(world) == 5).all()
    assert len(world.supplier) == 30


def test_ring() -> None:
    world = synthetic_world(20, "ring", degree=4)
    assert world.layers["region"].row(0)[0].tolist() == [1, 2, 18, 19]
    assert (degrees(world) == 4).all()


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("n", [1, 2, 3, 5, 40])
def test_any_size(graph: Graph, n: int) -> None:
    world = synthetic_world(n, graph)
    assert len(world) == n == len(set(world.iso3))
    assert (degrees(world) <= n - 1).all()
    assert world.facts["power"].sum() == pytest.approx(1.0)
    if n > 1 and graph in ("complete", "ring", "ba"):
        assert (degrees(world) > 0).all()


@pytest.mark.parametrize("graph", ["er", "ring", "sbm", "ba"])
def test_large_and_sparse(graph: Graph) -> None:
    world = synthetic_world(20_000, graph)
    assert degrees(world).mean() == pytest.approx(8, rel=0.05)
    assert len(world.iso3[0]) == 4
    assert len(set(world.iso3)) == 20_000


def test_codes() -> None:
    assert synthetic_world(3).iso3 == ("AAA", "AAB", "AAC")
    assert synthetic_world(17_576).iso3[-1] == "ZZZ"
    assert synthetic_world(17_577).iso3[:2] == ("AAAA", "AAAB")


def test_blocks_are_regions_and_keep_to_themselves() -> None:
    world = synthetic_world(1000, "sbm", degree=20)
    assert len(world.regions) == 5
    rows = np.repeat(np.arange(1000), degrees(world))
    region = world.facts["region"]
    within = (region[rows] == region[world.layers["votes"].indices]).mean()
    assert within == pytest.approx(0.8, abs=0.03)


def test_shares_are_exact_and_move_nothing_else() -> None:
    draw = functools.partial(synthetic_world, 100, producers=0.1, parties=0.5, at_war=0.2)
    facts = draw(holders=0.3).facts
    assert facts["holder"].sum() == 30
    assert facts["producer"].sum() == 10
    assert ((facts["producer"] == 0) | (facts["holder"] == 1)).all()
    assert (facts["status"] == 2).sum() == 50
    assert (facts["intensity"] == 1).sum() == 20
    other = draw(holders=0.9).facts
    for field in ("producer", "status", "intensity", "democracy", "lat"):
        np.testing.assert_array_equal(facts[field], other[field])


def test_one_graph_for_layers_and_ties() -> None:
    world = synthetic_world(50, "ba", seed=3)
    first = world.layers["region"]
    assert all(layer is first for layer in world.layers.values())
    assert len(world.rivalry.indices) == 0
    assert len(world.supplier) == len(first.indices)
    assert (world.ally == 1).all()
    assert not world.arms.any()
    assert (world.facts["theatre"] == np.arange(50)).all()


@pytest.mark.parametrize("graph", GRAPHS)
def test_seed(graph: Graph) -> None:
    one, same = synthetic_world(60, graph, seed=4), synthetic_world(60, graph, seed=4)
    assert one.facts.tobytes() == same.facts.tobytes()
    np.testing.assert_array_equal(one.supplier, same.supplier)
    other = synthetic_world(60, graph, seed=5)
    assert one.facts.tobytes() != other.facts.tobytes()


def test_no_history() -> None:
    world = synthetic_world(10, start=date(2009, 1, 1), parties=1.0)
    intensity, theatre = world.recorded_conflicts(30)
    assert np.isnan(intensity).all()
    assert (theatre == np.arange(10)).all()
    assert (world.facts["months_to_force"] == 19).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n is 0"),
        ({"n": 5, "graph": "star"}, "er, complete, ring, sbm, ba"),
        ({"n": 5_001, "graph": "complete"}, "5000"),
        ({"n": 5, "degree": -1}, "degree is -1"),
        ({"n": 5, "holders": 1.5}, "holders is 1.5"),
        ({"n": 5, "at_war": float("nan")}, "at_war is nan"),
        ({"n": 456_977}, "codes"),
    ],
)
def test_bad_requests(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(WorldError, match=message):
        synthetic_world(**arguments)  # type: ignore[arg-type]
