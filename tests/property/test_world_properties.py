"""What holds for every date, every graph and every list of edges."""

from __future__ import annotations

import csv
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normsim.world import DATA, convention, record, synthetic_world, world_as_of
from normsim.world.dates import add_months, months_between
from normsim.world.file_schemas import FILES
from normsim.world.influence_layers import layer_from_edges
from normsim.world.treaty import Act

FIRST_DAY, TRIGGERED, IN_FORCE = date(2008, 12, 1), date(2010, 2, 16), date(2010, 8, 1)
days = st.dates(FIRST_DAY, date(2027, 12, 31))
any_day = st.dates(date(1990, 1, 1), date(2050, 12, 31))
edges = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.floats(0.1, 10)), max_size=60),
    )
)


@given(any_day, st.integers(-400, 400))
def test_months_invert(start: date, months: int) -> None:
    end = add_months(start, months)
    assert months_between(start, end) == months
    if start.day <= 28:
        assert add_months(end, -months) == start


@settings(max_examples=15, deadline=None)
@given(days)
def test_every_date_has_a_sound_world(asked: date) -> None:
    world = world_as_of(asked)
    facts = world.facts
    counts = record(asked)
    assert (facts["status"] >= 2).sum() == counts.parties
    assert (facts["status"] == 3).sum() == counts.notices
    assert facts["power"].sum() == pytest.approx(1.0)
    assert np.isin(facts["status"], (0, 1, 2, 3)).all()
    bound = facts["status"] >= 2
    for field in ("months_bound", "months_to_force", "notice_left"):
        assert (facts[field][~bound] == 0).all()
        assert (facts[field] >= 0).all()
    assert ((facts["notice_left"] > 0) == (facts["status"] == 3)).all()
    assert (facts["months_to_force"] <= 21).all()
    assert ((facts["theatre"] >= 0) & (facts["theatre"] < len(world))).all()
    for layer in world.layers.values():
        filled = np.flatnonzero(np.diff(layer.indptr))
        np.testing.assert_allclose(np.add.reduceat(layer.weights, layer.indptr[filled]), 1.0)


@given(any_day, any_day, any_day)
def test_standing_only_moves_forward(signed: date, bound: date, asked: date) -> None:
    bound = max(signed, bound)
    act = Act("AFG", signed.isoformat(), bound.isoformat())
    at = convention().standing(act, asked)
    assert at.status == (2 if bound < asked else 1 if signed < asked else 0)
    if at.status == 2:
        force = add_months(asked.replace(day=1), at.months_to_force)
        assert at.months_to_force == 0 or ((force >= IN_FORCE or asked <= TRIGGERED) and force.day == 1)
    later = convention().standing(act, asked + timedelta(days=40))
    assert later.status >= at.status
    assert later.months_bound >= at.months_bound
    fixed = asked <= TRIGGERED < asked + timedelta(days=40)  # between the two the day of entry into force is fixed
    assert later.months_to_force <= at.months_to_force or at.status < 2 or fixed


@given(edges)
def test_rows_from_edges(drawn: tuple[int, list[tuple[int, int, float]]]) -> None:
    n, listed = drawn
    rows = np.array([r for r, _, _ in listed], dtype=np.int64)
    columns = np.array([c for _, c, _ in listed], dtype=np.int64)
    weights = np.array([w for _, _, w in listed], dtype=np.float64)
    layer = layer_from_edges(n, rows, columns, weights)
    expected = np.zeros((n, n))
    np.add.at(expected, (rows, columns), weights)
    np.fill_diagonal(expected, 0)
    for i in range(n):
        found, share = layer.row(i)
        assert found.tolist() == np.flatnonzero(expected[i]).tolist()
        if len(found):
            np.testing.assert_allclose(share, expected[i, found] / expected[i].sum())


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 60),
    st.sampled_from(["er", "complete", "ring", "sbm", "ba"]),
    st.integers(0, 12),
    st.integers(0, 2**32),
)
def test_generated_worlds_are_symmetric_and_without_loops(n: int, graph: str, degree: int, seed: int) -> None:
    world = synthetic_world(n, graph, degree=degree, seed=seed)  # type: ignore[arg-type]
    pairs = list(zip(world.recipient.tolist(), world.supplier.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert {(b, a) for a, b in pairs} == set(pairs)
    assert all(a != b for a, b in pairs)


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    """Promise A8: shuffled files give the same world to the bit."""
    shuffled = tmp_path / "data"
    shutil.copytree(DATA, shuffled)
    order = random.Random(0)
    for file in FILES:
        with (shuffled / file).open(encoding="utf-8", newline="") as handle:
            header, *rows = csv.reader(handle)
        order.shuffle(rows)
        columns = list(range(len(header)))
        order.shuffle(columns)
        with (shuffled / file).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([[row[c] for c in columns] for row in (header, *rows)])
    for asked in (FIRST_DAY, date(2023, 7, 1)):
        one, other = world_as_of(asked), world_as_of(asked, data_dir=shuffled)
        assert one.iso3 == other.iso3
        assert one.facts.tobytes() == other.facts.tobytes()
        for name, layer in one.layers.items():
            for mine, theirs in zip(layer, other.layers[name], strict=True):
                assert mine.tobytes() == theirs.tobytes()
        for field in ("supplier", "recipient", "ally", "arms"):
            assert getattr(one, field).tobytes() == getattr(other, field).tobytes()
        for mine, theirs in zip(one.rivalry, other.rivalry, strict=True):
            assert mine.tobytes() == theirs.tobytes()
        assert one.history.theatre.tobytes() == other.history.theatre.tobytes()
