"""How a world shows itself: one line, a notebook table, and a data frame with one row per state."""

import datetime

import numpy as np
import pytest

from normsim.world import FACTS, World, synthetic_world, world_as_of


@pytest.fixture(scope="module")
def world() -> World:
    return world_as_of(datetime.date(2023, 7, 1))


def test_repr_is_one_short_line(world: World) -> None:
    assert repr(world).startswith("World(2023-07-01, 197 states, 111 parties, ")
    assert repr(world).endswith(" at war, recorded)")
    made = synthetic_world(20, holders=0.25, parties=0.5, at_war=0.1)
    assert repr(made) == "World(2023-07-01, 20 states, 10 parties, 5 holders, 2 at war, generated)"


def test_notebooks_see_the_size_of_every_network(world: World) -> None:
    shown = world._repr_html_()
    assert "197 states" in shown
    for name in (*world.layers, "rivalry", "transfer ties"):
        assert f"<th>{name}</th>" in shown
    assert f"<td>{len(world.supplier):,}</td>" in shown
    assert len(shown) < 2000


def test_frame_has_one_row_per_state_with_names_for_indices(world: World) -> None:
    frame = world.to_frame()
    assert tuple(frame.index) == world.iso3
    assert list(frame.columns) == ["name", *(FACTS.names or ())]
    ukraine = frame.loc["UKR"]
    assert (ukraine["name"], ukraine["region"], ukraine["theatre"]) == ("Ukraine", "Europe", "UKR")
    assert frame.loc["RUS", "theatre"] == "UKR"
    np.testing.assert_array_equal(frame["power"], world.facts["power"])
    assert frame["power"].sum() == pytest.approx(1.0)
    assert frame["limit"].isna().sum() == np.isnan(world.facts["limit"]).sum()


def test_a_frame_is_a_copy(world: World) -> None:
    frame = world.to_frame()
    frame.loc[:, "power"] = 0.0
    assert world.facts["power"].sum() == pytest.approx(1.0)
