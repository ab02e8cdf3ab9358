"""What must not matter: others' acts without influence, the order of the states, an exception at full scope."""

import math
from typing import Any

import numpy as np
from scipy import stats

from normsim.analysis.limiting_worlds import IDLE, NEVER, begin, generated, quiet, with_facts
from normsim.analysis.permuted_worlds import PermutedDraws, differing, permuted
from normsim.analysis.verification_records import Case, Findings, Line, Sizes, Tick, exact, p_line, share_line
from normsim.engine.columns import Choice
from normsim.engine.simulate import Simulation
from normsim.engine.streams import stream
from normsim.rules.transfer import TransferTerms

# ---------------------------------------------------------------- no influence: independent Bernoulli trials

STATES, MONTHS, CHANCE = 40, 240, 0.2


def trials(choice: str, seeds: range) -> np.ndarray:
    """Whether each state acted in each month, from nothing but an intercept; shape (seeds * months, states).

    Args:
        choice: `use` or `acquire`.
        seeds: seeds of the runs.
    """
    facts = {"holder": 1, "producer": 1, "intensity": 1.0 if choice == "use" else 0.0}
    world = with_facts(generated(STATES, "er", holders=0.0, producers=0.0, at_war=0.0), **facts)
    found = []
    for seed in seeds:
        simulation = begin(
            quiet(MONTHS),
            seed,
            world,
            log_level=1,
            condemn__intercept=NEVER,
            **IDLE | {f"{choice}__intercept": math.log(CHANCE / (1 - CHANCE))},
            conflict__end=0.0,
        )
        simulation.advance(MONTHS)
        log = simulation.log[simulation.log["choice"] == (Choice.USE if choice == "use" else Choice.ACQUIRE)]
        acts = np.zeros((MONTHS, STATES), int)
        np.add.at(acts, (log["month"], log["actor"]), 1)
        found.append(acts)
    return np.concatenate(found)


def p_values(acts: np.ndarray, chance: float) -> dict[str, float]:
    """P values of independent trials with one chance.

    The total is binomial; so are the totals of a state and of a month, whose dispersion any correlation, in time or
    between states, would raise or lower (chi-square, both sides); the mean correlation of pairs is about normal.
    """
    months, states = acts.shape
    variance = chance * (1 - chance)

    def dispersion(totals: np.ndarray, size: int) -> float:
        statistic = ((totals - size * chance) ** 2 / (size * variance)).sum()
        return float(2 * min(stats.chi2.cdf(statistic, len(totals)), stats.chi2.sf(statistic, len(totals))))

    deviation = acts - chance
    pairs = states * (states - 1) / 2
    products = (deviation.sum(axis=1) ** 2 - (deviation**2).sum(axis=1)).sum() / 2
    correlation = products / variance / math.sqrt(pairs * months)
    lagged = (deviation[1:] * deviation[:-1]).sum() / variance / math.sqrt((months - 1) * states)
    return {
        "total": float(stats.binomtest(int(acts.sum()), acts.size, chance).pvalue),
        "states": dispersion(acts.sum(axis=0), months),
        "months": dispersion(acts.sum(axis=1), states),
        "correlation": float(2 * stats.norm.sf(abs(correlation))),
        "lagged": float(2 * stats.norm.sf(abs(lagged))),
    }


def _independence(sizes: Sizes, tick: Tick) -> Findings:
    lines: list[Line] = []
    for choice in ("acquire", "use"):
        parts = []
        for seed in range(sizes.seeds or 4):
            parts.append(trials(choice, range(seed, seed + 1)))
            tick()
        acts = np.concatenate(parts)
        found = p_values(acts, CHANCE)
        lines.append(share_line(f"{choice}: share of months", CHANCE, int(acts.sum()), acts.size))
        for what in ("states", "months", "correlation", "lagged"):
            lines.append(p_line(f"{choice}: independent, by {what}", found[what], acts.size, len(found)))
    return Findings(lines)


# ---------------------------------------------------------------- a world in which much happens

ACTING = {
    "use.norm": 4.0,
    "use.intercept": 0.0,
    "use.rounds": 2500,
    "use.habit": 2.0,
    "acquire.norm": 3.0,
    "acquire.intercept": -5.0,
    "transfer.norm": 3.0,
    "transfer.intercept": -5.0,
    "transfer.rounds": 5000,
    "transfer.audience": 1.0,
    "condemn.norm": 3.0,
    "condemn.novelty": 1.0,
    "condemn.lesser": 0.6,
    "norm.imitate": 0.05,
    "norm.anchor": 0.02,
    "norm.susceptibility": 0.5,
    "norm.spread": 0.1,
    "norm.internalise": 0.02,
    "norm.answered": 0.6,
    "norm.unanswered": 1.2,
    "norm.scope_recover": 0.05,
    "norm.masquerade": 0.3,
    "join.norm": 2.0,
    "withdraw.rate": 0.0005,
    "withdraw.norm": 2.0,
    "renounce.norm": 3.0,
    "network.votes": 1.0,
    "harm.gap": 1.6,
    "conflict.onset": 0.0013,
    "initial.validity_noise": 0.1,
    "supply.ramp": 0.046,
}
"""The norm cost and what follows from it; every other effect of a tier is null, erosion by the kind of act too."""

TIER: dict[str, Any] = {
    "ccw_dud_rate.on": 1,
    "ccw_dud_rate.rule": "imposed",
    "ccw_dud_rate.deferral_months": 240,
    "vote.join_rate": 0.05,
}
SAYS_SO = ("tier", "tier_for", "opened", "act_exception", "disputes", "precedent", "stock")
"""Columns that record the exception itself; stock by class, as what is produced is of the class that a tier allows."""

YEARS = 120


def acting(seed: int, months: int = YEARS, **values: Any) -> Simulation:
    """A generated world of thirty states in which every kind of act happens, run to the horizon."""
    world = generated(30, "er", degree=6, seed=1, holders=0.5, producers=0.3, parties=0.2, at_war=0.5)
    simulation = begin(quiet(months, **ACTING, **values), seed, world, log_level=2)
    simulation.advance(months)
    return simulation


ORDERED = ACTING | {"conflict.onset": 0.0, "initial.validity_noise": 0.0, "norm.spread": 0.0}
"""No luck before the first month, and no new wars, which are drawn for the world and not for each state."""


def _equivariance(sizes: Sizes, tick: Tick) -> Findings:
    n, lines = 30, []
    power = stream(n, "verification of order").random(n) + 0.1  # no two allies are equals
    world = generated(n, "er", degree=6, seed=1, holders=0.5, producers=0.3, parties=0.2, at_war=0.5)
    world = with_facts(world, power=power / power.sum())
    scenario = quiet(YEARS, **ORDERED)
    for seed in range(sizes.seeds or 3):
        order = stream(seed, "verification of order").permutation(n)
        one = begin(scenario, seed, world, conflict__end=0.0)
        other = begin(scenario, seed, permuted(world, order), conflict__end=0.0)
        other._draws = PermutedDraws(seed, order)
        other.states["frailty"] = one.states["frailty"][order]
        for simulation in (one, other):
            simulation.advance(YEARS)
            tick()
        acts = int(sum(one.measured[name].sum() for name in ("users", "transfers", "condemnations")))
        found = differing(one.states, other.states, order)
        what = f"columns that differ after {YEARS} months in another order, seed {seed}"
        lines.append(exact(what, 0, len(found), acts, why="exact; sums within 1e-9"))
    return Findings(lines)


def weighed(simulation: Simulation) -> np.ndarray:
    """The choices of use, acquisition, condemnation and joining that were weighed."""
    kept = np.isin(simulation.log["choice"], (Choice.USE, Choice.ACQUIRE, Choice.CONDEMN, Choice.JOIN))
    return simulation.log[kept][["month", "choice", "actor", "target", "probability", "happened"]]


def bridged(seed: int, on: int, months: int = 60, **values: Any) -> Simulation:
    """Three suppliers short of ordinary rounds, each with a partner at war; their transfers are weighed every month."""
    n = 6
    supplier = (np.arange(n) < 3).astype(int)
    world = with_facts(
        generated(n, "complete", holders=0.0, producers=0.0, at_war=0.0),
        holder=supplier,
        producer=supplier,
        intensity=1.0 - supplier,
    )
    scenario = quiet(
        months,
        **{
            "bridge.on": on,
            "bridge.open_below": 0.7,
            "bridge.transparency": 0.5,
            "supply.ask_above": 0.3,
            "transfer.norm": 3.0,
            "transfer.rounds": 100,
            "transfer.enough": 120,  # who fights keeps asking
            "use.rounds": 1000,
            "transfer.intercept": -5.0,
            "initial.scope": 0.6,
            **values,
        },
    )
    simulation = begin(
        scenario,
        seed,
        world,
        log_level=2,
        conflict__end=0.0,
        claim__intercept=-NEVER,
        use__intercept=NEVER,
        acquire__intercept=NEVER,
        renounce__intercept=NEVER,
        join__accede=0.0,
    )
    simulation.states["conventional"][:] = np.where(supplier, 0.5, 0.2)
    simulation.advance(months)
    return simulation


def transfer_costs(simulation: Simulation) -> np.ndarray:
    """Month, supplier, recipient and norm term of every transfer that one of the three suppliers weighs."""
    log = simulation.log[(simulation.log["choice"] == Choice.TRANSFER) & (simulation.log["actor"] < 3)]
    place = TransferTerms._fields.index("norm")
    return np.column_stack([log["month"], log["actor"], log["target"], log["terms"][:, place]])


def _exceptions(sizes: Sizes, tick: Tick) -> Findings:
    lines = []
    for seed in range(sizes.seeds or 3):
        full: dict[str, Any] = {"initial.scope": 1.0}
        without, within = acting(seed, **full), acting(seed, **full, **TIER)
        tick()
        tick()
        differ = [
            name
            for name in without.states.dtype.names or ()
            if name not in SAYS_SO
            and not np.allclose(without.states[name], within.states[name], rtol=1e-9, atol=1e-12, equal_nan=True)
        ]
        using = int(within.states["tier"].sum())
        lines.append(exact(f"columns that a dud-rate tier at scope 1 changes, seed {seed}", 0, len(differ), using))
        one, other = weighed(without), weighed(within)
        apart = np.abs(one["probability"] - other["probability"]) if len(one) == len(other) else np.ones(1)
        what = f"probabilities of choices with the tier, seed {seed}"
        lines.append(exact(what, np.zeros(len(apart)), apart, len(one), 1e-9, "violations are summed in two parts"))
    ban: dict[str, Any] = {"strict_ban.on": 1, "strict_ban.scope_floor": 1.0}
    banned, plain = bridged(0, 1, **ban), bridged(0, 0)
    tick()
    tick()
    costs, usual = transfer_costs(banned), transfer_costs(plain)
    what = "norm cost of transfers over an open bridge under a strict ban"
    lines.append(exact(what, usual, costs if len(costs) == len(usual) else usual + 1.0, len(costs)))
    return Findings(lines)


CASES = (
    Case(
        "independence",
        "No influence: acts are independent trials",
        (),
        "use or acquisition by an intercept alone, chance .2 per month, 40 states",
        lambda sizes: 2 * (sizes.seeds or 4),
        _independence,
        ("seeds",),
    ),
    Case(
        "equivariance",
        "Equivariance: the order of the states does not matter",
        (),
        "thirty states among which every kind of act happens, 120 months, the same draws for each state",
        lambda sizes: 2 * (sizes.seeds or 3),
        _equivariance,
        ("seeds",),
    ),
    Case(
        "exceptions_inert",
        "Full scope: exceptions are inert",
        (),
        "the same world with and without an imposed dud-rate protocol; a bridge under a strict ban",
        lambda sizes: 2 * (sizes.seeds or 3) + 2,
        _exceptions,
        ("seeds",),
    ),
)
