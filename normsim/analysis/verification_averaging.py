"""Averaging: with only imitation on, validity follows DeGroot; with the anchor too, Friedkin and Johnsen."""

import math

import numpy as np

from normsim.analysis.limiting_worlds import begin, generated, influence, monthly, quiet, show_past, with_facts
from normsim.analysis.verification_records import Case, Curve, Findings, Line, Sizes, Tick, exact
from normsim.engine.simulate import Simulation
from normsim.engine.streams import stream

GRAPHS = (("er", 20, 6), ("ba", 20, 4), ("complete", 9, 0))
"""Graph, states and degree; each is connected."""

RATES = ((0.8, 0.2), (0.3, 0.1), (0.05, 0.05), (0.0, 0.1))
"""Imitation and anchor."""

MONTHS = 400
ROUNDING = 1e-10


def averaging(graph: str, n: int, degree: int, months: int, power: float = 2.0, **values: float) -> Simulation:
    """A simulation of nothing but averaging, in a connected world of unequal powers, validities spread out."""
    rng = stream(n, "verification of averaging")
    power_of = rng.random(n) + 0.1
    world = with_facts(generated(n, graph, degree, seed=2), power=power_of / power_of.sum())
    simulation = begin(quiet(months, **{"network.votes": 1.0, "standing.power": power, **values}), 1, world)
    simulation.states["validity"] = simulation.states["anchor"] = rng.random(n)
    show_past(simulation)
    return simulation


def left_eigenvector(weights: np.ndarray) -> np.ndarray:
    """The left eigenvector of eigenvalue 1, summing to 1: each state's weight in the consensus."""
    values, vectors = np.linalg.eig(weights.T)
    vector = np.real(vectors[:, np.argmin(np.abs(values - 1.0))])
    return np.asarray(vector / vector.sum())


def friedkin_johnsen_limit(weights: np.ndarray, prior: np.ndarray, imitate: float, anchor: float) -> np.ndarray:
    """v* = (I - (1 - f) W)^-1 f v0 with f = anchor / (anchor + imitate)."""
    kept = anchor / (anchor + imitate)
    return np.asarray(np.linalg.solve(np.eye(len(prior)) - (1.0 - kept) * weights, kept * prior))


def decay(weights: np.ndarray, path: np.ndarray, months: int = 10) -> tuple[float, float]:
    """The second largest |eigenvalue| of W, and the factor by which its part of the opinions shrinks per month."""
    values, vectors = np.linalg.eig(weights.T)
    second = np.argsort(np.abs(values))[-2]
    part = path @ np.real(vectors[:, second])
    return float(np.abs(values[second])), float(abs(part[months] / part[0])) ** (1.0 / months)


def _degroot(sizes: Sizes, tick: Tick) -> Findings:
    lines: list[Line] = []
    curves: list[Curve] = []
    for graph, n, degree in GRAPHS:
        simulation = averaging(graph, n, degree, MONTHS, **{"norm.imitate": 1.0})
        weights, start = influence(simulation), simulation.states["validity"].copy()
        consensus = float(left_eigenvector(weights) @ start)
        path = monthly(simulation, "validity", MONTHS)
        tick()
        why = f"rounding of {MONTHS} averages"
        lines.append(exact(f"consensus w v0, {graph}", np.full(n, consensus), path[-1], n, ROUNDING, why))
        second, found = decay(weights, path)
        lines.append(exact(f"error left per month = second eigenvalue, {graph}", second, found, 1, 1e-8, "rounding"))
        if graph == "er":
            shown = np.arange(40)
            error = np.abs(path - consensus).max(axis=1)
            curves.append(
                Curve(
                    "degroot",
                    "Averaging: distance to the consensus",
                    "month",
                    "log10 of the largest distance to w v0",
                    shown,
                    np.log10(error[20]) + (shown - 20) * math.log10(second),
                    shown,
                    np.log10(error[shown]),
                )
            )
    return Findings(lines, curves)


def _friedkin_johnsen(sizes: Sizes, tick: Tick) -> Findings:
    lines = []
    for graph, n, degree in GRAPHS:
        apart = []
        for imitate, anchor in RATES:
            simulation = averaging(graph, n, degree, 900, **{"norm.imitate": imitate, "norm.anchor": anchor})
            want = friedkin_johnsen_limit(influence(simulation), simulation.states["anchor"].copy(), imitate, anchor)
            simulation.states["validity"] = stream(3, "verification of the anchor").random(n)  # from anywhere
            show_past(simulation)
            simulation.advance(900)
            tick()
            apart.append(simulation.states["validity"] - want)
        what = f"v* = (I - (1 - f) W)^-1 f v0, {graph}"
        lines.append(
            exact(what, np.zeros((len(RATES), n)), apart, len(RATES) * n, ROUNDING, "rounding of 900 averages")
        )
    return Findings(lines)


def _voter(sizes: Sizes, tick: Tick) -> Findings:
    lines = []
    for graph, n, degree in GRAPHS[:2]:
        simulation = averaging(graph, n, degree, MONTHS, power=0.0, **{"norm.imitate": 1.0})
        ones, degrees = (np.arange(n) % 3 == 0).astype(float), np.diff(simulation.networks.start)
        simulation.states["validity"] = ones
        show_past(simulation)
        simulation.advance(MONTHS)
        tick()
        target = float(degrees @ ones / degrees.sum())
        what = f"mean opinion in the end = fixation probability sum k x / sum k, {graph}"
        lines.append(exact(what, target, float(simulation.states["validity"].mean()), n, ROUNDING, "rounding"))
    return Findings(lines)


CASES = (
    Case(
        "degroot",
        "DeGroot: consensus by averaging",
        ("DeGroot1974",),
        "norm.imitate = 1 on three graphs of 9 to 20 states of unequal power",
        lambda sizes: len(GRAPHS),
        _degroot,
    ),
    Case(
        "friedkin_johnsen",
        "Friedkin and Johnsen: averaging with an anchor",
        ("FriedkinJohnsen1990",),
        "norm.imitate and norm.anchor, four pairs on three graphs, from random validities",
        lambda sizes: len(GRAPHS) * len(RATES),
        _friedkin_johnsen,
    ),
    Case(
        "voter_fixation",
        "Voter model: who wins, in the mean",
        ("SoodRedner2005",),
        "norm.imitate = 1 from opinions 0 and 1, no extra weight of power; the mean of the voter model is averaging",
        lambda sizes: 2,
        _voter,
    ),
)
