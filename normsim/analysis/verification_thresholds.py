"""Votes by threshold: Granovetter's crowd, Watts' cascades on random graphs, and a committed minority.

Every month is a December. A state votes yes once the share of yes votes that it sees, one month late, is at least its
threshold; the starters vote yes whatever others do.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import optimize, stats

from normsim.analysis.limiting_worlds import IDLE, NEVER, begin, peaceful, quiet, show_past, with_facts
from normsim.analysis.verification_records import Case, Curve, Findings, Sizes, Tick, exact, mean_line, share_line
from normsim.engine.simulate import Simulation
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.rules.initial import YES
from normsim.world import Layer, World

CALENDAR = 12
"""The month of the year in which states vote."""

MANY_MONTHS = 300
"""Months after which votes are taken to be settled."""

HALF_APART = 1e-9
"""Added to a threshold that a share may just reach, clear of rounding."""


def voters(
    world: World, thresholds: np.ndarray, starters: np.ndarray, months: int = 600, **values: float
) -> Simulation:
    """A simulation of nothing but votes; a yes is worth 1 and anything else 0.

    The felt norm is all expectation, and expectation all approval, known the month after. It is at least a half, enough
    for a yes, where the share of yes that a state sees is at least its threshold, whatever the exponent.

    Args:
        world: whom states look to.
        thresholds: threshold of each state, shape (states,).
        starters: states that vote yes whatever others do, shape (states,).
        months: months at most.
        values: further parameters.
    """
    world = with_facts(world, holder=1, status=0)
    on = {"norm.conduct": 0.0, "norm.memory": 0.0, "norm.abstention": 0.0, "network.votes": 1.0, "norm.complexity": 4.0}
    scenario = quiet(months, **on | {"initial.vote_yes": 0.5, "initial.vote_no": 0.0} | values)
    simulation = begin(scenario, 0, world, condemn__intercept=NEVER, conflict__end=0.0, **IDLE)
    simulation.states["threshold"] = thresholds
    _start(simulation, starters)
    if (simulation.states["stance"] == YES).any():
        raise AssertionError("states vote yes before the first month")
    return simulation


def _start(simulation: Simulation, starters: np.ndarray) -> None:
    """Make some states the starters."""
    simulation.states["susceptibility"] = np.where(starters, 0.0, 1.0)
    simulation.states["validity"] = simulation.states["anchor"] = np.where(starters, 1.0, 0.0)
    show_past(simulation)


class Electorate:
    """The voters of one world, begun again from other starters; its networks are built once."""

    def __init__(self, world: World, thresholds: np.ndarray) -> None:
        """Take the world and the threshold of each state, shape (states,)."""
        self._world, self._thresholds = world, thresholds
        self._begin()

    def _begin(self) -> None:
        self._simulation = voters(self._world, self._thresholds, np.zeros(len(self._thresholds), bool))
        tables = (self._simulation.states, self._simulation.signals, self._simulation.system)
        self._tables = [(table, table.copy()) for table in tables]

    def outcome(self, starters: np.ndarray) -> np.ndarray:
        """Who votes yes in the end, shape (states,).

        Args:
            starters: states that vote yes whatever others do, shape (states,).
        """
        if self._simulation.done + MANY_MONTHS > self._simulation.scenario.months:
            self._begin()
        for table, kept in self._tables:
            table[:] = kept
        _start(self._simulation, starters)
        return settled(self._simulation, MANY_MONTHS)


def months_of_voting(simulation: Simulation, months: int) -> np.ndarray:
    """Whether each state voted yes, in each month, shape (months, states)."""
    found = []
    for _ in range(months):
        simulation.system["calendar"] = CALENDAR
        simulation.advance(1)
        found.append(simulation.states["stance"] == YES)
    return np.array(found)


def settled(simulation: Simulation, months: int) -> np.ndarray:
    """Who votes yes once nothing changes any more, or after some months."""
    before = simulation.states["stance"] == YES
    for _ in range(months):
        simulation.system["calendar"] = CALENDAR
        simulation.advance(1)
        now = simulation.states["stance"] == YES
        if (now == before).all() and now.any():
            break
        before = now
    return np.asarray(now)


# ---------------------------------------------------------------- Granovetter

MEAN_FIELD: dict[str, Any] = {"norm.news": 1.0}
"""Every state sees the mean of all."""

CROWD = 100
SDS = (0.08, 0.10, 0.115, 0.12, 0.124, 0.13, 0.15, 0.2)
BISECTIONS = 12


def crowd(second: float) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds 0 to 99 of a crowd of 100, but for the second's; and who starts."""
    thresholds = (np.arange(CROWD) - 0.5).clip(0.0) / CROWD  # a half off, clear of rounding
    thresholds[1] = (second - 0.5) / CROWD
    return thresholds, np.arange(CROWD) == 0


def normal_thresholds(n: int, mean: float, sd: float) -> tuple[np.ndarray, np.ndarray]:
    """Evenly spaced quantiles of normal thresholds, and who starts: those at or below zero."""
    thresholds = mean + sd * stats.norm.ppf((np.arange(n) + 0.5) / n) + HALF_APART
    return thresholds.clip(0.0, 1.0), thresholds <= 0.0


def normal_equilibrium(mean: float, sd: float) -> float:
    """The share that acts in an infinite crowd: the least x with x = P(threshold <= x)."""
    x = np.linspace(0.0, 1.0, 20_001)
    above = stats.norm.cdf(x, mean, sd) <= x
    return float(x[above.argmax()])


def critical_sd(mean: float) -> float:
    """The standard deviation at which the lower equilibrium of normal thresholds disappears, by tangency."""

    def gap(sd: float) -> float:
        peak = mean - sd * math.sqrt(
            max(0.0, -2.0 * math.log(sd * math.sqrt(2.0 * math.pi)))
        )  # density 1, below the mean
        return float(stats.norm.cdf(peak, mean, sd) - peak)

    # at the lower point of slope 1 the curve lies below the diagonal up to the critical value
    return float(optimize.brentq(gap, 0.2 * mean, min(2.0 * mean, 0.39)))


def _acting(n: int, mean: float, sd: float) -> float:
    """The share that acts in the end, in a mean field of n states."""
    thresholds, starters = normal_thresholds(n, mean, sd)
    return float(settled(voters(peaceful(n), thresholds, starters, **MEAN_FIELD), 590).mean())


def _granovetter(sizes: Sizes, tick: Tick) -> Findings:
    mean, n = sizes.mean or 0.25, sizes.nodes or 1000
    lines = []
    for second, many in ((1.0, CROWD), (2.0, 1)):
        simulation = voters(peaceful(CROWD), *crowd(second), **MEAN_FIELD)
        acting = int(settled(simulation, 2 * CROWD).sum())
        tick()
        lines.append(exact(f"thresholds 0, {second:g}, 2, ..., 99: how many act", many, acting, CROWD))
    critical = critical_sd(mean)
    sds = np.array(sizes.sd or SDS)
    shares = []
    for sd in sds:
        shares.append(_acting(n, mean, sd))
        tick()
        if sizes.sd:
            target = normal_equilibrium(mean, sd)
            lines.append(
                exact(f"share that acts, sd {sd:g}", target, shares[-1], n, 2 / n + 0.01, "a crowd in steps of 1/n")
            )
    low, high = 0.8 * critical, 1.2 * critical
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if _acting(n, mean, middle) > 0.5 else (middle, high)
        tick()
    told = "a crowd in steps of 1/n, and 590 months"
    lines.append(
        exact(f"critical sd of normal thresholds of mean {mean:g}", critical, (low + high) / 2.0, n, 2.0 / n, told)
    )
    x = np.linspace(min(sds.min(), 0.07), max(sds.max(), 0.2), 120)
    curve = Curve(
        "granovetter",
        f"Normal thresholds of mean {mean:g}: who acts in the end",
        "standard deviation of thresholds",
        "share that acts",
        x,
        np.array([normal_equilibrium(mean, sd) for sd in x]),
        sds,
        np.array(shares),
        marks=(critical,),
    )
    return Findings(lines, [curve])


# ---------------------------------------------------------------- Watts

PHI = 0.18
DEGREES = (1, 2, 3, 4, 5, 7, 9)
GRAPHS, STARTERS = 24, 5
LARGE = 0.05
"""Share of the states above which a cascade is global."""

EDGE = 0.1
"""Distance from an end of the window [neighbours] within which a finite graph says nothing of an infinite one."""

LARGEST_DEGREE = 80
CONVERGED = 1e-12


def window(phi: float) -> tuple[float, float]:
    """Mean degrees between which one starter can set off a global cascade on a random graph [Watts 2002].

    Raises:
        AnalysisError: there is none: nobody is moved by a single neighbour often enough.
    """
    vulnerable = math.floor(1.0 / phi + HALF_APART)
    k = np.arange(vulnerable + 1)

    def excess(z: float) -> float:
        return float((k * (k - 1) * stats.poisson.pmf(k, z)).sum() - z)

    grid = np.linspace(0.05, 4.0 * vulnerable, 4000)
    signs = np.flatnonzero(np.diff(np.sign([excess(z) for z in grid])))
    if len(signs) < 2:
        raise AnalysisError(f"--phi {phi:g}: there is no cascade window; allowed are thresholds up to 0.25")
    first, last = (optimize.brentq(excess, grid[at], grid[at + 1]) for at in (signs[0], signs[-1]))
    return float(first), float(last)


def trigger_chance(phi: float, z: float) -> float:
    """Chance that a random starter meets the giant cluster of vulnerable states, on a large random graph."""
    k = np.arange(1, math.floor(1.0 / phi + HALF_APART) + 1)
    weights = k * stats.poisson.pmf(k, z) / z
    u = 0.0  # chance that an edge does not lead to that cluster
    for _ in range(20_000):
        u, before = 1.0 - weights.sum() + float((weights * u ** (k - 1)).sum()), u
        if abs(u - before) < CONVERGED:
            break
    return 1.0 - math.exp(z * (u - 1.0))


def cascade_size(phi: float, z: float) -> float:
    """Final share of a global cascade on a large random graph, from a vanishing start [Gleeson and Cahalane 2007]."""
    k = np.arange(1, LARGEST_DEGREE)
    needed = np.maximum(np.ceil(phi * k - HALF_APART), 1.0)
    weights = k * stats.poisson.pmf(k, z) / z
    q = 1e-4
    for _ in range(5000):
        q, before = float((weights * stats.binom.sf(needed - 1, k - 1, q)).sum()), q
        if abs(q - before) < CONVERGED:
            break
    return float((stats.poisson.pmf(k, z) * stats.binom.sf(needed - 1, k, q)).sum())


def _watts(sizes: Sizes, tick: Tick) -> Findings:
    phi, n = sizes.phi or PHI, sizes.nodes or 2000
    graphs, starters = sizes.graphs or GRAPHS, sizes.seeds or STARTERS
    first, last = window(phi)
    lines, large, each = [], [], []
    degrees = sizes.degree or DEGREES
    for z in degrees:
        found = []
        for graph in range(graphs):
            electorate = Electorate(peaceful(n, "er", z, seed=graph), np.full(n, phi))
            for starter in stream(graph, "verification of cascades").choice(n, starters, replace=False):
                found.append(float(electorate.outcome(np.arange(n) == starter).mean()))
                tick()
        sizes_found = np.array(found).reshape(graphs, starters)
        cascades = sizes_found > LARGE
        count = int(cascades.sum())
        large.append(count / cascades.size)
        each.append(float(sizes_found[cascades].mean()) if count else 0.0)
        if first < z < last:
            # starters on one graph are not independent: the interval is over graphs
            what, chance = f"global cascades at degree {z}, inside the window", trigger_chance(phi, z)
            lines.append(mean_line(what, chance, cascades.mean(axis=1), 0.05, f"{n} states"))
            per_graph = [row[hit].mean() for row, hit in zip(sizes_found, cascades, strict=True) if hit.any()]
            if len(per_graph) > 1:
                what, size = f"their final size at degree {z}", cascade_size(phi, z)
                lines.append(mean_line(what, size, per_graph, 0.02, f"{n} states"))
        else:
            line = share_line(f"global cascades at degree {z}, outside the window", 0.0, count, cascades.size)
            told = f"at most {LARGE:.0%}: {n} states"
            passed: bool | None = count / cascades.size <= LARGE
            if min(abs(z - first), abs(z - last)) < EDGE:
                told, passed = f"told only: within {EDGE:g} of the edge, {n} states", None
            lines.append(replace(line, tolerance=told, passed=passed))
    x = np.linspace(0.5, max(*degrees, last + 1.0), 60)
    curve = Curve(
        "watts",
        f"Cascades from one starter, threshold {phi:g}: how often they are global",
        "mean degree",
        "share of starters",
        x,
        np.array([trigger_chance(phi, z) if first < z < last else 0.0 for z in x]),
        np.array(degrees, float),
        np.array(large),
        marks=(first, last),
    )
    at = [place for place, size in enumerate(each) if size]
    final = Curve(
        "watts_sizes",
        f"Global cascades, threshold {phi:g}: final size",
        "mean degree",
        "share of states",
        x,
        np.array([cascade_size(phi, z) if first < z < last else 0.0 for z in x]),
        np.array([degrees[place] for place in at], float),
        np.array([each[place] for place in at]),
        marks=(first, last),
    )
    return Findings(lines, [curve, final])


# ---------------------------------------------------------------- a committed minority

MEMORY = 12
SHARES = (0.15, 0.20, 0.22, 0.23, 0.25, 0.27, 0.30)


def looking_at(n: int, partners: int, seed: int) -> World:
    """A world in which each state looks to so many others, drawn at random: the partners it remembers."""
    rng = stream(seed, "verification of a minority")
    rows = np.array([rng.choice(n - 1, partners, replace=False) for _ in range(n)])
    rows += rows >= np.arange(n)[:, None]  # never itself
    rows.sort(axis=1)
    layer = Layer(np.arange(0, n * partners + 1, partners), rows.ravel(), np.full(n * partners, 1.0 / partners))
    world = peaceful(n)
    return replace(world, layers=world.layers | {"votes": layer})


def most_say_yes(x: np.ndarray, memory: int) -> np.ndarray:
    """Chance that most of the partners say yes, if each does with chance x; of a tie, half."""
    ties = stats.binom.pmf(memory / 2, memory, x) / 2.0
    return np.asarray(stats.binom.sf(memory // 2, memory, x) + ties)


def minority_needed(memory: int) -> tuple[np.ndarray, np.ndarray]:
    """Equilibria x and the committed share C at which each is one: x = C + (1 - C) most_say_yes(x)."""
    x = np.linspace(0.0, 0.999, 10_000)
    yes = most_say_yes(x, memory)
    return x, (x - yes) / (1.0 - yes)


def minority_equilibrium(share: float, memory: int) -> float:
    """Share of yes in the end, in the limit of many states: the least equilibrium."""
    x, needed = minority_needed(memory)
    return float(x[(needed >= share).argmax()]) if (needed >= share).any() else 1.0


def critical_minority(memory: int) -> float:
    """The committed share above which nearly all follow, in the limit of many states: the lower equilibrium ends."""
    x, needed = minority_needed(memory)
    return float(needed[x < 0.5].max())


def _followers(electorate: Electorate, order: np.ndarray, share: float) -> float:
    """Share of yes in the end, with the first of an order committed."""
    committed = np.zeros(len(order), bool)
    committed[order[: round(share * len(order))]] = True
    return float(electorate.outcome(committed).mean())


def _committed(sizes: Sizes, tick: Tick) -> Findings:
    memory, n, seeds = sizes.memory or MEMORY, sizes.nodes or 2000, sizes.seeds or 8
    target, lines, found = critical_minority(memory), [], []
    shares = np.array(sizes.share or SHARES)
    followers = np.zeros((len(shares), seeds))
    for seed in range(seeds):
        ties = np.where(np.arange(n) % 2 == 0, -HALF_APART, HALF_APART)  # half of the states win ties
        electorate = Electorate(looking_at(n, memory, seed), 0.5 + ties)
        order = stream(seed, "verification of the committed").permutation(n)
        for place, share in enumerate(shares):
            followers[place, seed] = _followers(electorate, order, float(share))
            tick()
        low, high = max(0.0, target - 0.08), target + 0.08
        for _ in range(BISECTIONS - 4):
            middle = (low + high) / 2.0
            low, high = (low, middle) if _followers(electorate, order, middle) > 0.7 else (middle, high)
            tick()
        found.append((low + high) / 2.0)
    lines.append(
        mean_line(f"critical share, memory {memory}", target, found, 0.005, f"{n} states, and eight bisections")
    )
    for share, row in zip(shares, followers, strict=True):
        if sizes.share or abs(share - target) > 0.02:
            what = f"share of yes with {share:.1%} committed"
            lines.append(mean_line(what, minority_equilibrium(float(share), memory), row, 0.01, f"{n} states only"))
    x = np.linspace(min(shares.min(), 0.1), max(shares.max(), 0.35), 120)
    curve = Curve(
        "committed_minority",
        f"A committed minority, memory {memory}",
        "share that is committed",
        "share of yes in the end",
        x,
        np.array([minority_equilibrium(share, memory) for share in x]),
        shares,
        followers.mean(axis=1),
        marks=(target,),
    )
    return Findings(lines, [curve])


CASES = (
    Case(
        "granovetter",
        "Granovetter: thresholds in a crowd",
        ("Granovetter1978",),
        "votes by threshold in a mean field (norm.news = 1); normal thresholds are their own quantiles",
        lambda sizes: 2 + len(sizes.sd or SDS) + BISECTIONS,
        _granovetter,
        ("mean", "sd", "nodes"),
    ),
    Case(
        "watts",
        "Watts: cascades on random graphs",
        ("Watts2002", "GleesonCahalane2007"),
        "votes by threshold on Erdos-Renyi graphs, one starter at a time",
        lambda sizes: len(sizes.degree or DEGREES) * (sizes.graphs or GRAPHS) * (sizes.seeds or STARTERS),
        _watts,
        ("phi", "degree", "seeds", "nodes", "graphs"),
    ),
    Case(
        "committed_minority",
        "Committed minority: best response to remembered partners",
        ("Centola2018",),
        "votes by majority of so many partners drawn at random; half of the states win ties, half lose them",
        lambda sizes: (sizes.seeds or 8) * (len(sizes.share or SHARES) + BISECTIONS - 4),
        _committed,
        ("memory", "share", "seeds", "nodes"),
    ),
)
