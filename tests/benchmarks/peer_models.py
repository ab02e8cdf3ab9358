"""One threshold cascade, as the engine runs it and as a user of each library would write it.

Nodes of a random graph turn active once the share of their neighbours that are active is at least a threshold, all at
once in each step, and stay active [Watts2002]. Every function takes the same `Cascade` and returns it ready for its
first step. The graph never changes, so agents look up their neighbours once.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import mesa
import networkx as nx
import numba
import numpy as np
from mesa.discrete_space import FixedAgent, Network

from normsim.analysis.verification_thresholds import CALENDAR, voters
from normsim.rules.initial import YES
from normsim.world import World, synthetic_world

STEPS = 24
DEGREE = 4
THRESHOLD = 0.18
STARTERS = 0.01
"""Share of the nodes that are active from the start."""

SEED = 0


@dataclass(frozen=True)
class Cascade:
    """What every peer is given.

    Attributes:
        edges: the two nodes of each tie, each tie once, shape (ties, 2).
        starters: nodes that are active from the start, shape (nodes,).
    """

    edges: np.ndarray
    starters: np.ndarray

    @property
    def n(self) -> int:
        return len(self.starters)


class Started(NamedTuple):
    """A cascade before its first step.

    Attributes:
        step: does one step.
        active: gives which nodes are active now, shape (nodes,), dtype bool.
    """

    step: Callable[[], Any]
    active: Callable[[], np.ndarray]


def world_of(n: int) -> World:
    """The generated world whose graph the cascade runs on: no wars, no cluster munitions."""
    return synthetic_world(n, "er", DEGREE, SEED, holders=0.0, producers=0.0, at_war=0.0)


def cascade_of(n: int) -> Cascade:
    """The cascade on a graph of n nodes."""
    layer = world_of(n).layers["votes"]
    rows = np.repeat(np.arange(n), np.diff(layer.indptr))
    once = rows < layer.indices
    starters = np.zeros(n, bool)
    starters[np.random.default_rng(SEED).choice(n, max(1, round(STARTERS * n)), replace=False)] = True
    return Cascade(np.column_stack([rows[once], layer.indices[once]]), starters)


def _both_ways(cascade: Cascade) -> tuple[np.ndarray, np.ndarray]:
    """Each tie in both directions: who looks, and at whom."""
    return np.concatenate(cascade.edges.T), np.concatenate(cascade.edges[:, ::-1].T)


def _graph(cascade: Cascade) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(cascade.n))
    graph.add_edges_from(cascade.edges.tolist())
    return graph


# ---------------------------------------------------------------- the bare loop


@numba.njit
def _bare_step(start: np.ndarray, neighbour: np.ndarray, before: np.ndarray, after: np.ndarray) -> None:
    for i in range(before.size):
        degree = start[i + 1] - start[i]
        seen = 0
        if not before[i]:
            for edge in range(start[i], start[i + 1]):
                seen += before[neighbour[edge]]
        after[i] = before[i] or (degree > 0 and seen / degree >= THRESHOLD)


def bare_loop(cascade: Cascade) -> Started:
    """A compiled loop over the ties and nothing else: the floor."""
    looker, seen = _both_ways(cascade)
    start = np.concatenate([[0], np.cumsum(np.bincount(looker, minlength=cascade.n))])
    neighbour = seen[np.argsort(looker, kind="stable")]
    before, after = cascade.starters.copy(), cascade.starters.copy()

    def step() -> None:
        nonlocal before, after
        _bare_step(start, neighbour, before, after)
        before, after = after, before

    return Started(step, lambda: before.copy())


# ---------------------------------------------------------------- the engine


def engine(cascade: Cascade) -> Started:
    """The engine: a step is a whole month of the model, in which every mechanism but the votes is at its null.

    Its set-up generates the world again and runs the month in which the starters vote.
    """
    thresholds = np.full(cascade.n, THRESHOLD)
    simulation = voters(world_of(cascade.n), thresholds, cascade.starters, months=STEPS + 1)

    def step() -> None:
        simulation.system["calendar"] = CALENDAR
        simulation.advance(1)

    step()
    return Started(step, lambda: simulation.states["stance"] == YES)


# ---------------------------------------------------------------- Mesa


class Voter(FixedAgent):
    """A node."""

    def __init__(self, model: mesa.Model, cell: Any, active: bool) -> None:
        super().__init__(model)
        self.cell = cell
        self.active = self.next_active = active
        self.neighbours: list[Voter] = []

    def look(self) -> None:
        self.neighbours = list(self.cell.neighborhood.agents)

    def decide(self) -> None:
        if not self.active and self.neighbours:
            seen = sum(neighbour.active for neighbour in self.neighbours)
            self.next_active = seen / len(self.neighbours) >= THRESHOLD

    def adopt(self) -> None:
        self.active = self.next_active


class MesaCascade(mesa.Model):
    """The nodes on a network space."""

    def __init__(self, cascade: Cascade) -> None:
        super().__init__(rng=SEED)
        self.grid = Network(_graph(cascade), capacity=1, random=self.random, layout=None)
        Voter.create_agents(self, cascade.n, list(self.grid.all_cells), cascade.starters.tolist())
        self.agents.do("look")

    def step(self) -> None:
        self.agents.do("decide").do("adopt")


def plain_mesa(cascade: Cascade) -> Started:
    """Mesa: agents on a network space, activated in two stages."""
    model = MesaCascade(cascade)
    return Started(model.step, lambda: np.array(model.agents.get("active")))


# ---------------------------------------------------------------- agentpy


def agentpy(cascade: Cascade) -> Started:
    """agentpy: a list of agents on a network."""
    import agentpy as ap

    class Person(ap.Agent):  # type: ignore[misc]
        def setup(self) -> None:
            self.active = self.next_active = False
            self.neighbours: list[Any] = []

        def look(self) -> None:
            self.neighbours = list(self.model.network.neighbors(self))

        def decide(self) -> None:
            if not self.active and self.neighbours:
                seen = sum(neighbour.active for neighbour in self.neighbours)
                self.next_active = seen / len(self.neighbours) >= self.p.threshold

        def adopt(self) -> None:
            self.active = self.next_active

    class AgentpyCascade(ap.Model):  # type: ignore[misc]
        def setup(self) -> None:
            self.people = ap.AgentList(self, self.p.cascade.n, Person)
            self.network = ap.Network(self, _graph(self.p.cascade))
            self.network.add_agents(self.people, self.network.nodes)
            starters = self.p.cascade.starters.tolist()
            self.people.active = self.people.next_active = ap.AttrIter(starters)
            self.people.look()

        def step(self) -> None:
            self.people.decide()
            self.people.adopt()

    model = AgentpyCascade({"cascade": cascade, "threshold": THRESHOLD, "steps": STEPS, "seed": SEED})
    model.sim_setup()
    return Started(model.sim_step, lambda: np.array(list(model.people.active)))


# ---------------------------------------------------------------- NDlib


def ndlib(cascade: Cascade) -> Started:
    """NDlib: its own threshold model."""
    from ndlib.models.epidemics import ThresholdModel
    from ndlib.models.ModelConfig import Configuration

    model = ThresholdModel(_graph(cascade), seed=SEED)
    configuration = Configuration()
    configuration.add_model_initial_configuration("Infected", np.flatnonzero(cascade.starters).tolist())
    for node in range(cascade.n):
        configuration.add_node_configuration("threshold", node, THRESHOLD)
    model.set_initial_status(configuration)
    model.iteration()  # the first only tells the initial status
    return Started(model.iteration, lambda: np.array([model.status[node] == 1 for node in range(cascade.n)]))


# ---------------------------------------------------------------- starsim


def starsim(cascade: Cascade) -> Started:
    """Starsim: a module of its own on a static network, with array operations."""
    import starsim as ss

    class Adoption(ss.Disease):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.define_states(ss.BoolState("active", label="Active"))

        def init_post(self) -> None:
            super().init_post()
            self.active[ss.uids(np.flatnonzero(cascade.starters))] = True
            network = self.sim.networks[0]
            self.degree = np.bincount(network.p1, minlength=cascade.n) + np.bincount(network.p2, minlength=cascade.n)

        def step(self) -> None:
            network, active = self.sim.networks[0], self.active.raw
            seen = np.bincount(network.p1, active[network.p2], cascade.n)
            seen += np.bincount(network.p2, active[network.p1], cascade.n)
            reached = (seen >= 1) & (seen / np.maximum(self.degree, 1) >= THRESHOLD)
            self.active[ss.uids(np.flatnonzero(reached))] = True

    class Ties(ss.Network):  # type: ignore[misc]
        def step(self) -> None:
            """Nothing: ties neither form nor end."""

    first, second = cascade.edges.T
    sim = ss.Sim(
        n_agents=cascade.n,
        networks=Ties(edges={"p1": first, "p2": second, "beta": np.ones(len(first))}),
        diseases=Adoption(),
        start=0,
        dur=STEPS,
        dt=1,
        rand_seed=SEED,
        verbose=0,
    )
    sim.init()
    return Started(sim.run_one_step, lambda: sim.diseases[0].active.raw[: cascade.n].copy())


# ---------------------------------------------------------------- mesa-frames


def mesa_frames(cascade: Cascade) -> Started:
    """mesa-frames: a table of agents and a table of ties, with Polars."""
    import polars as pl
    from mesa_frames import AgentSetPolars, ModelDF

    looker, seen = _both_ways(cascade)

    class People(AgentSetPolars):  # type: ignore[misc]
        def __init__(self, model: Any) -> None:
            super().__init__(model)
            degree = np.bincount(looker, minlength=cascade.n)
            self.add(pl.DataFrame({"unique_id": np.arange(cascade.n), "active": cascade.starters, "degree": degree}))
            self.ties = pl.DataFrame({"unique_id": looker, "seen": seen})

        def step(self) -> None:
            active = self.agents.filter("active").select(seen="unique_id")
            counts = self.ties.join(active, on="seen", how="semi").group_by("unique_id").len("count")
            met = (pl.col("count") / pl.col("degree") >= THRESHOLD).fill_null(False)
            counted = self.agents.join(counts, on="unique_id", how="left", maintain_order="left")
            self.agents = counted.with_columns(active=pl.col("active") | met).drop("count")

    class FramesCascade(ModelDF):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(SEED)
            self.people = People(self)
            self.agents += self.people

    model = FramesCascade()

    def active() -> np.ndarray:
        return model.get_agents_of_type(People).agents.sort("unique_id")["active"].to_numpy()

    return Started(model.step, active)


@dataclass(frozen=True)
class Peer:
    """One way to run the cascade.

    Attributes:
        start: makes it ready for its first step.
        package: the package it needs beside this project's own, by the name it is installed under.
        module: the name that package is imported by.
    """

    start: Callable[[Cascade], Started]
    package: str = ""
    module: str = ""

    @property
    def installed(self) -> bool:
        return not self.module or importlib.util.find_spec(self.module) is not None


PEERS = {
    "bare loop": Peer(bare_loop, "numba"),
    "engine": Peer(engine, "normsim"),
    "mesa": Peer(plain_mesa, "mesa"),
    "agentpy": Peer(agentpy, "agentpy", "agentpy"),
    "ndlib": Peer(ndlib, "ndlib", "ndlib"),
    "starsim": Peer(starsim, "starsim", "starsim"),
    "mesa-frames": Peer(mesa_frames, "mesa-frames", "mesa_frames"),
}
"""Every peer by its name. The others are compared with the first."""
