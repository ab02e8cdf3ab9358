"""Layers and ties: small ones by hand, the real ones by what must hold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from normsim.engine.networks import LAYERS, merge_influence
from normsim.parameters import compile_values
from normsim.world import Layer, World, influence_layers, world_as_of
from normsim.world.data_files import table
from normsim.world.dyads import arms_periods

DATES = (date(2008, 12, 1), date(2023, 7, 1))
NAMES = ["region", "alliance", "votes", "arms", "organisations"]


def dense(layer: Layer) -> np.ndarray:
    n = len(layer.indptr) - 1
    matrix = np.zeros((n, n))
    matrix[np.repeat(np.arange(n), np.diff(layer.indptr)), layer.indices] = layer.weights
    return matrix


def neighbours(world: World, layer: Layer, code: str) -> set[str]:
    return {world.iso3[j] for j in layer.row(world.index(code))[0]}


def ties(world: World) -> dict[tuple[str, str], tuple[float, float]]:
    columns = (world.supplier, world.recipient, world.ally, world.arms)
    return {(world.iso3[s], world.iso3[r]): (float(a), float(t)) for s, r, a, t in zip(*columns, strict=True)}


def test_edges_add_up_lose_the_diagonal_and_are_normalised() -> None:
    rows, columns = np.array([0, 0, 0, 2, 2]), np.array([1, 2, 1, 2, 0])
    layer = influence_layers.layer_from_edges(4, rows, columns, np.array([1.0, 2.0, 1.0, 5.0, 0.0]))
    assert layer.indptr.tolist() == [0, 2, 2, 2, 2]
    assert layer.indices.tolist() == [1, 2]
    assert layer.weights.tolist() == [0.5, 0.5]
    assert layer.indptr.dtype == layer.indices.dtype == np.int64


def test_region_counts_borders_and_shared_organisations() -> None:
    borders = influence_layers.pairs_matrix(3, np.array([0]), np.array([1]), 2.0)
    members = np.array([[True, False], [False, True], [True, True]])
    layer = influence_layers.region_layer(borders, members)
    wanted = np.array([[0.0, 2.0, 1.0], [2.0, 0.0, 1.0], [1.5, 1.5, 0.0]]) / 3
    np.testing.assert_allclose(dense(layer), wanted)


def test_votes_listens_to_the_nearest_that_vote() -> None:
    points = np.array([0.0, 1.0, 1.4, 5.0])
    layer = influence_layers.votes_layer(points, np.array([True, True, True, False]), k=1)
    assert layer.indices.tolist() == [1, 2, 1, 2]
    assert layer.weights.tolist() == [1.0] * 4
    two = influence_layers.votes_layer(points, np.array([True, True, True, False]), k=2)
    near, far = 1 / 0.5, 1 / 1.1
    np.testing.assert_allclose(two.row(1)[1], np.array([far, near]) / (near + far))


def test_organisations_stand_in_where_nothing_is_counted() -> None:
    shared = influence_layers.pairs_matrix(3, np.array([0]), np.array([1]), 4.0)
    stand_in = influence_layers.pairs_matrix(3, np.array([0, 1]), np.array([2, 2]), np.array([1.0, 3.0]))
    layer = influence_layers.organisations_layer(shared, stand_in, k=15)
    np.testing.assert_allclose(dense(layer), np.array([[0, 1, 0], [1, 0, 0], [0.25, 0.75, 0]]))


def test_ties_by_hand() -> None:
    pacts = influence_layers.pairs_matrix(4, np.array([0, 0]), np.array([1, 2])).astype(bool)
    rivals = influence_layers.pairs_matrix(4, np.array([0]), np.array([2])).astype(bool)
    tiers = np.zeros((4, 4))
    tiers[3, 0] = 3  # state 0 supplies state 3
    tiers[1, 0] = 2
    found = influence_layers.transfer_ties(pacts, tiers, rivals)
    assert found.recipient.tolist() == [0, 1, 3]
    assert found.supplier.tolist() == [1, 0, 0]
    assert found.ally.tolist() == [1.0, 1.0, 0.0]
    np.testing.assert_allclose(found.arms, [0, 2 / 3, 1])


@pytest.mark.parametrize("asked", DATES)
@pytest.mark.parametrize("name", [*NAMES, "rivalry"])
def test_layers_are_well_formed(asked: date, name: str) -> None:
    world = world_as_of(asked)
    layer = world.rivalry if name == "rivalry" else world.layers[name]
    n = len(world)
    assert layer.indptr[0] == 0
    assert layer.indptr[-1] == len(layer.indices) == len(layer.weights)
    assert len(layer.indptr) == n + 1
    assert (layer.weights > 0).all()
    sums = dense(layer).sum(axis=1)
    for i in range(n):
        row = layer.row(i)[0]
        assert i not in row
        assert (np.diff(row) > 0).all()
    if name == "rivalry":
        assert (layer.weights == 1.0).all()
    else:
        np.testing.assert_allclose(sums[sums > 0], 1.0)


@pytest.mark.parametrize("asked", DATES)
def test_symmetry(asked: date) -> None:
    world = world_as_of(asked)
    rivalry = dense(world.rivalry)
    assert (rivalry == rivalry.T).all()
    for name in ("region", "alliance"):
        linked = dense(world.layers[name]) > 0
        assert (linked == linked.T).all()


@pytest.mark.parametrize("asked", DATES)
def test_mean_degrees_are_plausible(asked: date) -> None:
    world = world_as_of(asked)
    degree = {name: len(layer.indices) / len(world) for name, layer in world.layers.items()}
    assert set(degree) == set(NAMES)
    assert degree["votes"] == 10
    assert 14.9 < degree["organisations"] <= 15
    assert 8 < degree["alliance"] < 11
    assert 3 < degree["arms"] < 13
    assert 30 < degree["region"] < 45
    assert (np.diff(world.layers["region"].indptr) > 0).all()


@pytest.mark.parametrize("asked", DATES)
def test_ties_are_sorted_and_join_no_rivals(asked: date) -> None:
    world = world_as_of(asked)
    order = world.recipient * len(world) + world.supplier
    assert (np.diff(order) > 0).all()
    assert (world.supplier != world.recipient).all()
    assert not dense(world.rivalry)[world.recipient, world.supplier].any()
    assert ((world.ally > 0) | (world.arms > 0)).all()
    allied = {(s, r) for (s, r), (ally, _) in ties(world).items() if ally}
    assert allied == {(r, s) for s, r in allied}


def test_ties_of_the_record() -> None:
    late = ties(world_as_of(DATES[1]))
    for pair in (("USA", "UKR"), ("RUS", "SYR"), ("USA", "ISR"), ("USA", "SAU")):
        assert late[pair] == (0.0, 1.0)
    assert late["USA", "POL"][0] == 1.0
    assert ("USA", "FIN") in late
    assert ("GRC", "TUR") not in late  # allies, but rivals
    assert ("RUS", "UKR") not in late
    assert ("USA", "UKR") not in ties(world_as_of(DATES[0]))


def test_pacts_by_date() -> None:
    before, after = world_as_of(date(2023, 4, 4)), world_as_of(date(2023, 4, 5))
    assert "NOR" not in neighbours(before, before.layers["alliance"], "FIN")
    assert "NOR" in neighbours(after, after.layers["alliance"], "FIN")
    assert not neighbours(after, after.layers["alliance"], "AUT")  # only through the EU
    assert not neighbours(before, before.layers["alliance"], "FIN")  # until then only through the EU
    assert "DEU" in neighbours(after, after.layers["alliance"], "FIN")
    swedish = world_as_of(date(2024, 3, 8))
    assert {"DEU", "FIN", "USA"} <= neighbours(swedish, swedish.layers["alliance"], "SWE")


GREAT_POWERS = ("CHN", "FRA", "GBR", "RUS", "USA")
NOTED_HUBS: dict[str, str] = {}
"""Why a state may be listened to more than the most influential great power, by code."""


@pytest.mark.parametrize("year", range(2009, 2027))
def test_nobody_is_listened_to_more_than_the_great_powers(year: int) -> None:
    world, p = world_as_of(date(year, 1, 1)), compile_values().network
    merged = merge_influence(world, {name: float(p[name]) for name in LAYERS}, float(p.power))
    heard = np.bincount(merged.indices, merged.weights, minlength=len(world))
    most = max(heard[world.index(code)] for code in GREAT_POWERS)
    above = {world.iso3[i]: round(float(heard[i]), 2) for i in np.flatnonzero(heard > most)}
    assert set(above) <= set(NOTED_HUBS), f"column sums {above} above the great powers' {most:.2f}"


def test_the_pacts_of_regional_pledges_are_no_alliances() -> None:
    world = world_as_of(DATES[1])
    allies = {code: neighbours(world, world.layers["alliance"], code) for code in ("NIC", "ETH", "RWA", "BFA")}
    assert not allies["NIC"]  # the Rio treaty
    assert allies["ETH"] == {"KEN"}  # the African Union
    assert allies["RWA"] == {"AGO", "BDI", "CAF", "COD", "COG", "GAB", "KEN", "SSD", "TCD", "TZA", "UGA"}
    assert {"MLI", "NER", "NGA"} <= allies["BFA"]  # West Africa, whose pact is a close one
    assert "RWA" not in allies["BFA"]


def test_rivals_by_date() -> None:
    early, late = (world_as_of(asked) for asked in DATES)
    assert "UKR" not in neighbours(early, early.rivalry, "RUS")
    assert {"UKR", "USA", "POL", "FIN"} <= neighbours(late, late.rivalry, "RUS")
    assert "ERI" in neighbours(early, early.rivalry, "ETH")
    assert "ERI" not in neighbours(late, late.rivalry, "ETH")


def test_states_outside_the_data_sets_listen_but_are_not_heard() -> None:
    world = world_as_of(DATES[1])
    for code in ("COK", "NIU", "PSE", "VAT"):
        i = world.index(code)
        assert len(world.layers["votes"].row(i)[0]) == 10
        assert i not in world.layers["votes"].indices
        assert len(world.layers["organisations"].row(i)[0]) >= 14


@pytest.mark.parametrize(
    ("asked", "periods"),
    [
        (date(2008, 12, 1), ("2000-2007",)),
        (date(2011, 8, 1), ("2000-2007", "2008-2014")),
        (date(2019, 12, 1), ("2000-2007", "2008-2014")),
        (date(2020, 1, 1), ("2008-2014", "2015-2024")),
        (date(2023, 7, 1), ("2008-2014", "2015-2024")),
    ],
)
def test_an_arms_period_counts_once_half_over(asked: date, periods: tuple[str, ...]) -> None:
    assert arms_periods(table("arms_ties.csv"), asked) == periods
