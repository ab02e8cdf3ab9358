"""A tiny world worked by hand: five states, A to E.

A is the great power and a holder, B and E are parties, C is a holder at war that fights on B's territory and is B's
rival, D has signed, E has no neighbours at all.
"""

import datetime
import math
from dataclasses import replace
from typing import Any

import numpy as np

from normsim.analysis.limiting_worlds import IDLE, begin, quiet
from normsim.engine.simulate import Simulation
from normsim.scenario.scenario import Event
from normsim.world import FACTS, History, Layer, World

A, B, C, D, E = range(5)
NEVER = 1_000_000
LAYERS: dict[str, dict[int, dict[int, float]]] = {
    "region": {A: {B: 1.0}, B: {A: 0.5, C: 0.5}, C: {B: 1.0}},
    "alliance": {A: {B: 1.0}, B: {A: 0.5, D: 0.5}, D: {B: 1.0}},
    "votes": {A: {C: 1.0}, B: {C: 1.0}, C: {A: 1.0}},
    "arms": {B: {A: 0.75, C: 0.25}, D: {A: 1.0}},
    "organisations": {A: {D: 1.0}, D: {C: 1.0}},
}
"""Row: who is influenced; entries: by whom, and how much."""

TIES = [  # recipient, supplier, pact, arms trade
    (A, B, 1.0, 0.0),
    (B, A, 1.0, 1.0),
    (B, D, 1.0, 0.0),
    (D, A, 0.0, 1 / 3),
    (D, B, 1.0, 0.0),
]
VALUES = {
    "network.region": 0.5,
    "network.alliance": 1.0,
    "network.votes": 0.25,
    "network.arms": 1.0,
    "network.organisations": 0.0,
    "standing.power": 1.0,
    "standing.democracy": 0.5,
    "initial.validity_yes": 0.9,
    "initial.validity_abstain": 0.5,
    "initial.scope": 0.8,
    "initial.habit": 0.25,
    "initial.vote_yes": 0.6,
    "initial.vote_no": 0.3,
    "norm.visibility": 0.8,
    "norm.susceptibility": 0.5,
    "norm.holdout": 0.4,
    "norm.threshold": 0.5,
    "norm.complexity": 2.0,
    "norm.conduct": 0.5,
    "norm.news": 0.2,
    "norm.memory": 0.75,
    "norm.prior": 1.0,
    "norm.trust": 0.5,
    "norm.abstention": 0.4,
    "supply.scale_power": 0.03125,
    "supply.scale_floor": 0.5,
    "supply.stock_made": 1000.0,
    "supply.stock_received": 500.0,
    "supply.stock_spread": 0.0,
    "supply.share_legacy": 0.5,
    "supply.share_improved": 0.25,
    "supply.war_stock": 0.6,
    "supply.demand": 0.16,
    "supply.exponent": 2.0,
    "supply.output": 0.02,
    "supply.output_target": 0.1,
    "harm.legacy_duds": 100.0,
    "conflict.threat_rest": 0.2,
    "conflict.threat_war": 0.3,
    "conflict.threat_rival": 0.6,
    "join.immovable": 1.0,
}


def layer(n: int, rows: dict[int, dict[int, float]]) -> Layer:
    start, neighbours, weights = [0], [], []
    for i in range(n):
        neighbours += rows.get(i, {}).keys()
        weights += rows.get(i, {}).values()
        start.append(len(neighbours))
    return Layer(np.array(start, np.int64), np.array(neighbours, np.int64), np.array(weights, np.float64))


def five_states(start: datetime.date = datetime.date(2023, 7, 1), **facts: list[float]) -> World:
    """The world of the five, some facts replaced."""
    table = np.zeros(5, FACTS)
    columns: dict[str, list[float]] = {
        "region": [0, 0, 0, 1, 1],
        "power": [0.5, 0.125, 0.125, 0.25, 0.0],
        "democracy": [0.8, 0.6, 0.2, 0.4, 1.0],
        "ccw": [1, 1, 0, 0, 1],
        "un_member": [1, 1, 1, 1, 0],
        "status": [0, 2, 0, 1, 2],
        "months_bound": [0, 12, 0, 0, 3],
        "months_to_force": [0, 0, 0, 0, 3],
        "holder": [1, 0, 1, 0, 0],
        "producer": [1, 0, 0, 1, 0],
        "origin": [1, 0, 3, 0, 0],
        "limit": [0.01, math.nan, math.nan, math.nan, math.nan],
        "theatre": [A, B, B, D, E],
        "use_years_here": [0, 3, 0, 0, 0],
        "uses_recent": [1, 0, 1, 0, 0],
        "conflict_share": [0.0, 0.2, 0.7, 0.0, 0.0],
        "intensity": [0.0, 0.5, 1.0, 0.0, 0.0],
    }
    for name, values in {**columns, **facts}.items():
        table[name] = values
    return World(
        start=start,
        iso3=("AAA", "BBB", "CCC", "DDD", "EEE"),
        names=("A", "B", "C", "D", "E"),
        regions=("North", "South"),
        facts=table,
        layers={name: layer(5, rows) for name, rows in LAYERS.items()},
        rivalry=layer(5, {B: {C: 1.0}, C: {B: 1.0}}),
        supplier=np.array([tie[1] for tie in TIES]),
        recipient=np.array([tie[0] for tie in TIES]),
        ally=np.array([tie[2] for tie in TIES]),
        arms=np.array([tie[3] for tie in TIES]),
        history=History(start.year, np.full((1, 5), np.nan), np.array([[A, B, B, D, E]])),
    )


def five(months: int = 3, events: tuple[Event, ...] = (), **values: float) -> Simulation:
    """A run of the five, in which no state decides anything."""
    given = {**VALUES, **{name.replace("__", "."): value for name, value in values.items()}}
    scenario = replace(quiet(months, **given), events=events)
    return begin(scenario, 0, five_states(), conflict__end=0.0, join__ratify=0.0, condemn__intercept=-1e6, **IDLE)


def check(simulation: Simulation, column: str, want: list[Any]) -> None:
    np.testing.assert_allclose(simulation.states[column], want, rtol=1e-12, atol=1e-15, err_msg=column)


W = np.array(
    [
        [0, 6 / 7, 1 / 7, 0, 0],
        [0.64, 0, 0.2, 0.16, 0],
        [4 / 9, 5 / 9, 0, 0, 0],
        [8 / 13, 5 / 13, 0, 0, 0],
        [0, 0, 0, 0, 1],
    ]
)
"""The merged influence of `test_merged_influence_by_hand`."""

STANDING = np.array([2.8, 1.625, 1.375, 1.8, 1.5])
V0 = np.array([0.5, 0.9, 0.5, 0.9, 0.9])
LISTENS = np.array([0.2, 0.5, 0.2, 0.5, 0.5])
"""A and C would abstain: 0.4 of 0.5."""

START = {"violated": 4.0 * np.array([0.88 / 7, 0.176, 0.0, 0.0, 0.0]) + 4.0 * 0.3025 / 9.1}
"""C's violation is 1.1. A sees a seventh and B a fifth of four fifths of it; as news all see a fifth by its share of
standing, 1.375 / 9.1. Every month before was like this: 1 / (1 - 0.75)."""


def seen(shown: list[float]) -> np.ndarray:
    """What each sees of what all show: four fifths by ties, one fifth as news by standing."""
    return 0.8 * W @ np.array(shown) + 0.2 * (STANDING / 9.1) @ np.array(shown)


def felt(validity: np.ndarray, complied: np.ndarray, violated: np.ndarray, approval: np.ndarray) -> np.ndarray:
    """Half conduct, trust 0.5 of weight 1; half approval; against a threshold of 0.5, squared."""
    expected = 0.5 * (0.5 + complied) / (1.0 + complied + violated) + 0.5 * approval
    return (1.0 - LISTENS) * validity + LISTENS * expected**2 / (expected**2 + 0.25)
