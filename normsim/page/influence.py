"""Influence: whom a state moved, who moved it, how far it reached, and by which path the first transfer came.

What a state shows in one month moves the others in the next: their expectation of conduct and of reaction, their
belief, and the scope that they grant. Each is a sum over all states, so the share of one state in it is exact.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.columns import Choice
from normsim.engine.networks import LAYERS
from normsim.engine.simulate import Simulation
from normsim.page.decisions import looked_at
from normsim.page.recorded_run import Moment, RecordedRun, moment, recorded_run
from normsim.page.texts import texts, the, upper
from normsim.page.view import View, month_labels, month_names
from normsim.rules import norm
from normsim.scenario import Scenario

MOST = 40
"""States listed at most."""

MOST_SECOND = 30
"""States listed at most that were reached through others."""

MOVED = ("approval", "conduct", "belief", "scope")
"""What is moved of a state."""


class Moves(NamedTuple):
    """What each state did to each other in a month, arrays of shape (moved, moving).

    Attributes:
        approval: change of the reaction expected.
        conduct: change of the conduct expected, but for what is forgotten.
        belief: change of belief.
        scope: change of the scope granted.
    """

    approval: np.ndarray
    conduct: np.ndarray
    belief: np.ndarray
    scope: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """How far each state was moved by each, all four together; none by itself."""
        total = np.sum([np.abs(part) for part in self], axis=0)
        np.fill_diagonal(total, 0.0)
        return np.asarray(total)


def attention(simulation: Simulation) -> np.ndarray:
    """Share of each state's attention that each state has, by ties and by the news of the world, shape (n, n)."""
    p = simulation.p
    return np.asarray((1.0 - p.norm.news) * tied(simulation) + p.norm.news * simulation.states["standing_share"])


def tied(simulation: Simulation) -> np.ndarray:
    """Share of each state's attention to its neighbours that each has, shape (n, n)."""
    networks, n = simulation.networks, len(simulation.world)
    ties = np.zeros((n, n))
    ties[np.repeat(np.arange(n), np.diff(networks.start)), networks.neighbour] = networks.weight
    return ties


def moves(looked: Moment) -> Moves:
    """What each state did to each other's expectations, belief and scope in a month.

    Args:
        looked: the month.
    """
    p, system = looked.simulation.p, looked.simulation.system[0]
    before: Any = looked.states  # the rules are written for one state; here they take a column
    shown: Any = looked.signals
    heard = attention(looked.simulation)
    scope, validity = before["scope"][:, None], before["validity"][:, None]

    approval = (1.0 - p.norm.memory) * heard * (shown["approval"] - before["approval"][:, None])

    kept = shown["compliance"][None, :]
    broken = norm.violation_seen(shown["violation"], shown["exception"], scope)
    complied, violated = (norm.remembered(p, before[name], 0.0) for name in ("complied", "violated"))
    weight = p.norm.prior + complied + violated
    trusted = p.norm.prior * p.norm.trust + complied
    expected = np.divide(trusted, weight, out=np.full(len(weight), float(p.norm.trust)), where=weight > 0.0)
    total = weight + (heard * (kept + broken)).sum(axis=1)
    conduct = heard * (kept * (1.0 - expected[:, None]) - broken * expected[:, None]) / total[:, None]

    answered = norm.violation_seen(shown["answered"], shown["rejected"], scope)
    effect = p.norm.answered * answered - p.norm.unanswered * (broken - answered)
    belief = heard * before["susceptibility"][:, None] * effect * validity * (1.0 - validity)
    belief += p.norm.imitate * heard * (shown["validity"] - validity)

    again = (1.0 + p.norm.recurrence) ** max(float(system["recurrence"]) - 1.0, 0.0)
    clear = norm.clarity(p, int(system["bridges"] > 0), int(system["tier"]))
    worn = p.norm.scope_erode * again * (1.0 - clear) * heard * (shown["exception"] - shown["rejected"])
    most = worn.sum(axis=1, keepdims=True)
    worn = np.where(most > 1.0, worn / np.maximum(most, 1.0), worn)
    room = np.maximum(scope - norm.scope_floor(p, int(system["tier"])), 0.0)
    granted = p.norm.imitate * heard * (shown["scope"] - scope) - worn * room
    return Moves(approval, conduct, belief, granted)


def channels(simulation: Simulation, i: int, j: int) -> dict[str, float]:
    """Through what state j has the attention of state i: the share of each layer and of the news of the world."""
    p, world = simulation.p, simulation.world
    news = float(p.norm.news * simulation.states["standing_share"][j])
    everything = simulation.networks
    row = slice(everything.start[i], everything.start[i + 1])
    mine = float(everything.weight[row][everything.neighbour[row] == j].sum())
    parts: dict[str, float] = {}
    for name in LAYERS:
        others, weights = world.layers[name].row(i)
        parts[name] = float(p.network[name] * weights[others == j].sum())
    total = sum(parts.values())
    told = {"news": news}
    if p.network.shuffle or total == 0.0:
        return told | ({"ties": float((1.0 - p.norm.news) * mine)} if mine else {})
    return told | {name: float((1.0 - p.norm.news) * mine * part / total) for name, part in parts.items() if part}


def influence_json(view: View, month: Any, state: Any) -> dict[str, Any]:
    """Whom a state moved by what it showed in a month, who moved it, and how the first transfer reached it.

    Args:
        view: the view.
        month: which month, 1 the first.
        state: code of the state.

    Raises:
        PageError, WorldError: there is no such month or state.
    """
    scenario, now, place = looked_at(view, month, state)
    world = now.simulation.world
    labels = month_labels(scenario)
    moved, second = [], []
    if month < scenario.months:
        later = moment(scenario, view.seed, month + 1)
        made = moves(later)
        moved = _listed(later, made, place, by=True)
        second = _second(later, made, place)
    return {
        "month": month,
        "state": world.iso3[place],
        "name": world.names[place],
        "moved_in": labels[month] if month < scenario.months else "",
        "moved": moved,
        "second": second,
        "movers": _listed(now, moves(now), place, by=False),
        "path": path(scenario, view.seed, place),
        "meaning": texts()["influence"],
    }


def _listed(looked: Moment, made: Moves, place: int, by: bool) -> list[dict[str, Any]]:
    """The states that one state moved most (`by`), or those that moved it most, the strongest first."""
    world = looked.simulation.world
    size = made.size[:, place] if by else made.size[place]
    heard = attention(looked.simulation)
    found = []
    for other in np.argsort(-size, kind="stable")[:MOST].tolist():
        if size[other] <= 0.0:
            break
        i, j = (other, place) if by else (place, other)
        found.append(
            {
                "state": world.iso3[other],
                "name": world.names[other],
                "attention": float(heard[i, j]),
                **{name: float(getattr(made, name)[i, j]) for name in MOVED},
                "size": float(size[other]),
                "layers": channels(looked.simulation, i, j),
            }
        )
    return found


def _second(looked: Moment, made: Moves, place: int) -> list[dict[str, Any]]:
    """States reached through those that one state moved: attention of the second to the first, times its movement."""
    world = looked.simulation.world
    first = made.size[:, place]
    through = tied(looked.simulation) * (1.0 - looked.simulation.p.norm.news) * first
    through[place] = 0.0
    np.fill_diagonal(through, 0.0)
    via = through.argmax(axis=1)
    size = through[np.arange(len(world)), via]
    found = []
    for other in np.argsort(-size, kind="stable")[:MOST_SECOND].tolist():
        if size[other] <= 0.0:
            break
        middle = int(via[other])
        ends = {"state": world.iso3[other], "name": world.names[other], "from": world.iso3[middle]}
        found.append(ends | {"from_name": world.names[middle], "size": float(size[other])})
    return found


def first_transfer(recorded: RecordedRun) -> tuple[int, int, int] | None:
    """Month (1 the first), supplier and recipient of the first transfer of a run, None if there is none.

    Those that a dated event ordered come first: they are what the scenario is about.
    """
    log = recorded.run.log
    sent = log[(log["choice"] == Choice.TRANSFER) & (log["happened"] > 0)]
    if not len(sent):
        return None
    ordered = sent[sent["order"] > 0]
    sent = ordered if len(ordered) else sent
    return int(sent[0]["month"]) + 1, int(sent[0]["actor"]), int(sent[0]["target"])


def path(scenario: Scenario, seed: int, place: int) -> dict[str, Any] | None:
    """The path over which most attention to the first transfer reaches a state, one month a step.

    Args:
        scenario: the scenario.
        seed: the seed.
        place: row of the state.
    """
    from scipy.sparse.csgraph import dijkstra

    recorded = recorded_run(scenario, seed)
    sent = first_transfer(recorded)
    if sent is None:
        return None
    month, supplier, recipient = sent
    simulation = recorded.checkpoints[0]
    world, labels = simulation.world, month_names(scenario)
    what = f"the transfer from {the(world.names[supplier])} to {the(world.names[recipient])} in {labels[month - 1]}"
    if place == supplier:
        return {"states": [world.iso3[place]], "names": [world.names[place]], "month": month, "steps": [],
                "sentence": f"The first transfer was its own: {what}."}  # fmt: skip
    heard = attention(simulation)
    with np.errstate(divide="ignore"):
        far = -np.log(heard.T)  # from who is heard to who listens
    far[~np.isfinite(far)] = 0.0  # no edge
    np.fill_diagonal(far, 0.0)
    _, before = dijkstra(far, indices=supplier, return_predecessors=True)
    places = [place]
    while places[-1] != supplier and before[places[-1]] >= 0:
        places.append(int(before[places[-1]]))
    if places[-1] != supplier:
        return None
    places.reverse()
    steps = [_step(simulation, heard, a, b) for a, b in pairwise(places)]
    names = [world.names[k] for k in places]
    said = [the(name) for name in names]
    through = f" by way of {', '.join(said[1:-1])}" if len(names) > 2 else " directly"
    arrives = labels[min(month + len(steps), len(labels)) - 1]
    how = steps[-1]["label"]
    return {
        "states": [world.iso3[k] for k in places],
        "names": names,
        "month": month,
        "steps": steps,
        "sentence": f"{upper(what)} reached {said[-1]}{through}, through {how}; felt from {arrives} on.",
    }


def _step(simulation: Simulation, heard: np.ndarray, a: int, b: int) -> dict[str, Any]:
    """One step of a path: from whom, to whom, the share of attention, and the strongest channel."""
    parts = channels(simulation, b, a)
    channel = max(parts, key=lambda name: parts[name])
    world = simulation.world
    label = texts()["layers"][channel]["through"]
    return {"from": world.iso3[a], "to": world.iso3[b], "share": float(heard[b, a]), "channel": channel, "label": label}
