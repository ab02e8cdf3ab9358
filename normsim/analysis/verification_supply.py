"""What follows a transfer: a recipient's cut-off, contamination of the ground, the month in which a bridge closes."""

import math

import numpy as np
from scipy import optimize, stats

from normsim.analysis.limiting_worlds import IDLE, NEVER, begin, generated, monthly, quiet, with_facts
from normsim.analysis.verification_records import Case, Curve, Findings, Sizes, Tick, exact, mean_line, p_line
from normsim.engine.columns import Choice
from normsim.engine.simulate import Simulation
from normsim.rules import supply

# ---------------------------------------------------------------- assurances

PAIRS = 100
BREACH, MONITORING, ENFORCEMENT, HORIZON = 0.5, 0.5, 0.4, 150


def months_to_cut_off(breach: float, monitoring: float, enforcement: float, months: int, seeds: range) -> np.ndarray:
    """Months from the first transfer (counted as 1) to the cut-off of each of many separate pairs; 0 if none."""
    n = 2 * PAIRS
    recipient = np.arange(n) % 2
    world = with_facts(
        generated(n, "ring", 2, holders=1.0, producers=0.0, at_war=0.0), intensity=recipient.astype(float)
    )
    values = {
        "assurance.strictness": 1.0,
        "assurance.monitoring": monitoring,
        "assurance.enforcement": enforcement,
        "assurance.cutoff_months": 1,
    }
    found = []
    for seed in seeds:
        simulation = begin(
            quiet(months, **values),
            seed,
            world,
            log_level=1,
            assurance__intercept=math.log(breach / (1 - breach)),
            assurance__life=1e6,
            condemn__intercept=NEVER,
            conflict__end=0.0,
            **IDLE | {"use__intercept": -NEVER},
        )
        pair = (simulation.ties["recipient"] % 2 == 1) & (
            simulation.ties["supplier"] == simulation.ties["recipient"] - 1
        )
        simulation.ties["since"][pair] = 0  # sent just before the first month
        simulation.states["supplied"][simulation.ties["recipient"][pair]] = 1
        simulation.ties["terms"][pair] = simulation.p.assurance.strictness
        simulation.advance(months)
        if pair.sum() != PAIRS or (simulation.measured["users"] != PAIRS).any():
            raise AssertionError("some recipient does not use in every month")
        log = simulation.log[simulation.log["choice"] == Choice.CUT_OFF]
        first = np.zeros(n, int)
        for entry in log[::-1]:
            first[entry["actor"]] = entry["month"] + 1
        found.append(first[recipient == 0])
    return np.concatenate(found)


def cut_off_p(times: np.ndarray, chance: float, upto: int = 30) -> float:
    """P value of months to the cut-off under a geometric distribution."""
    counts = np.bincount(np.minimum(times, upto), minlength=upto + 1)[1:]
    expected = stats.geom.pmf(np.arange(1, upto), chance)
    return float(stats.chisquare(counts, np.r_[expected, 1 - expected.sum()] * len(times)).pvalue)


def _cut_off(sizes: Sizes, tick: Tick) -> Findings:
    parts = []
    for seed in range(sizes.seeds or 30):
        parts.append(months_to_cut_off(BREACH, MONITORING, ENFORCEMENT, HORIZON, range(seed, seed + 1)))
        tick()
    times, chance = np.concatenate(parts), BREACH * MONITORING * ENFORCEMENT
    return Findings(
        [
            mean_line("mean months to the cut-off = 1 / (q mu kappa)", 1.0 / chance, times),
            p_line("months to the cut-off, geometric", cut_off_p(times, chance), len(times)),
        ]
    )


# ---------------------------------------------------------------- contamination

FIRE_MONTHS, ROUNDS, PROGRAMME = 200, 2500, 375.0
DUDS_PER_ROUND = 72.0 * 0.0235
"""Submunitions of a round, and the claimed rate of duds of an improved one."""


def burning_ground(start: float) -> tuple[Simulation, np.ndarray]:
    """A state that fires every month and clears by a constant programme, and its duds by month worked out by hand."""
    world = with_facts(generated(2, "complete", holders=0.0, producers=0.0, at_war=0.0), intensity=[1.0, 0.0])
    simulation = begin(
        quiet(FIRE_MONTHS, **{"harm.clearance": PROGRAMME, "use.rounds": ROUNDS}),
        0,
        world,
        conflict__end=0.0,
        **IDLE | {"use__intercept": -NEVER},
    )
    simulation.states["stock"][0, supply.IMPROVED] = simulation.states["rounds"][0] = 10**9
    simulation.states["contamination"][0] = start
    inflow = math.ceil(ROUNDS * simulation.states["scale"][0]) * DUDS_PER_ROUND
    return simulation, start + np.arange(FIRE_MONTHS + 1) * (inflow - PROGRAMME)


def cleared_ground(start: float, months: int) -> np.ndarray:
    """Duds by month without fire."""
    simulation = begin(quiet(months, **{"harm.clearance": PROGRAMME}), use__intercept=NEVER)
    simulation.states["contamination"][3] = start
    return monthly(simulation, "contamination", months)[:, 3]


def _contamination(sizes: Sizes, tick: Tick) -> Findings:
    lines = []
    for start in (0.0, 1e6):
        simulation, want = burning_ground(start)
        path = monthly(simulation, "contamination", FIRE_MONTHS)[:, 0]
        tick()
        scale = np.maximum(want, 1.0)
        lines.append(
            exact(
                f"K_t = K_0 + t (d - c), K_0 = {start:g}, relative",
                want / scale,
                path / scale,
                len(path),
                1e-12,
                "rounding",
            )
        )
    path = cleared_ground(10_000.0, 30)
    tick()
    lines.append(exact("months until 10,000 duds are cleared at 375 a month", 27, int((path > 0.0).sum()), 1))
    return Findings(lines)


# ---------------------------------------------------------------- the bridge

PEACE_OUTPUT, FULL_OUTPUT = 0.0064, 0.045
"""Output of ordinary rounds per month, of a full stock: at peace, and with full capacity."""

BRIDGE_MONTHS = 480
RAMPS = (
    (0.55, 0.9, 0.046, 1.0, 1.0),
    (0.30, 0.9, 0.046, 1.0, 1.0),
    (0.60, 0.8, 0.1, 1.0, 1.0),
    (0.05, 0.9, 0.02, 1.0, 1.0),
    (0.30, 0.9, 0.046, 2.0, 1.0),
    (0.30, 0.9, 0.046, 1.0, 0.5),
)
"""Stock at the start, stock at which the bridge closes, ramp per month, surge, contracts."""


def bridged_supplier(start: float, target: float, **values: float) -> Simulation:
    """A supplier whose stock of ordinary rounds is short and opens a bridge at once, run to the horizon."""
    world = with_facts(
        generated(3, "complete", holders=0.0, producers=0.0, at_war=0.0),
        holder=[1, 0, 0],
        producer=[1, 0, 0],
        intensity=[0.0, 1.0, 0.0],
    )
    on = {"bridge.on": 1, "bridge.open_below": 0.7, "supply.ask_above": 0.3, "bridge.close_above": target}
    on |= {"bridge.episodes": 1}
    simulation = begin(
        quiet(BRIDGE_MONTHS, **on, **values),
        0,
        world,
        log_level=1,
        conflict__end=0.0,
        condemn__intercept=NEVER,
        claim__intercept=-NEVER,
        **IDLE,
    )
    simulation.states["conventional"][0] = start
    simulation.states["conventional"][1] = 0.1
    simulation.advance(BRIDGE_MONTHS)
    return simulation


def closing_month(start: float, target: float, **values: float) -> tuple[int, int]:
    """Months (from 1) in which the supplier's bridge opened and closed; 0 if it did not close."""
    log = bridged_supplier(start, target, **values).log
    opened = log["month"][(log["choice"] == Choice.CLAIM) & (log["happened"] == 1)]
    closed = log["month"][log["choice"] == Choice.BRIDGE_CLOSES]
    if len(opened) != 1:
        raise AssertionError(f"the bridge opened {len(opened)} times")
    return int(opened[0]) + 1, int(closed[0]) + 1 if len(closed) else 0


def closing_by_recursion(start: float, target: float, rate: float) -> int:
    """The month in which output on a logistic ramp, summed month by month, has filled the gap."""
    output, stock, month = PEACE_OUTPUT, start, 0
    while stock < target:
        month += 1
        output += rate * output * (1.0 - output / FULL_OUTPUT)
        stock += output
    return month


def closing_by_logistic(start: float, target: float, rate: float) -> float:
    """The same by the continuous logistic curve."""
    odds, gap = (FULL_OUTPUT - PEACE_OUTPUT) / PEACE_OUTPUT, target - start

    def filled(t: float) -> float:
        return FULL_OUTPUT / rate * math.log((odds + math.exp(rate * t)) / (odds + 1.0)) - gap

    return float(optimize.brentq(filled, 0.0, BRIDGE_MONTHS))


def _bridge(sizes: Sizes, tick: Tick) -> Findings:
    lines = []
    for start, target, ramp, surge, contract in RAMPS:
        values = {"supply.ramp": ramp, "production.surge": surge, "production.contract": contract}
        closed = closing_month(start, target, **values)[1]
        tick()
        rate = ramp * surge * contract
        what = f"stock {start:g} to {target:g}, ramp {rate:g} per month: month of closing"
        lines.append(exact(f"{what}, monthly recursion", closing_by_recursion(start, target, rate), closed))
        lines.append(
            exact(
                f"{what}, continuous logistic",
                closing_by_logistic(start, target, rate),
                closed,
                1,
                2.0,
                "steps of a month",
            )
        )
    starts = np.linspace(0.1, 0.65, 12)
    found = []
    for start in starts:
        found.append(closing_month(float(start), 0.9, **{"supply.ramp": 0.046})[1])
        tick()
    x = np.linspace(0.1, 0.65, 100)
    curve = Curve(
        "bridge",
        "When a bridge closes: stocks of ordinary rounds on a logistic ramp",
        "stock at the start [share of a full one]",
        "month of closing",
        x,
        np.array([closing_by_logistic(start, 0.9, 0.046) for start in x]),
        starts,
        np.array(found, float),
    )
    return Findings(lines, [curve])


CASES = (
    Case(
        "time_to_cut_off",
        "Assurances: months to the cut-off of a recipient",
        (),
        "100 separate pairs per seed; breach .5, monitoring .5 and enforcement .4 per month",
        lambda sizes: sizes.seeds or 30,
        _cut_off,
        ("seeds",),
    ),
    Case(
        "contamination",
        "Contamination under constant fire and clearance",
        (),
        "one state that fires every month, and one that only clears",
        lambda sizes: 3,
        _contamination,
    ),
    Case(
        "bridge",
        "Bridge: the month in which the gap is filled",
        (),
        "one supplier that is short of ordinary rounds, 480 months",
        lambda sizes: len(RAMPS) + 12,
        _bridge,
    ),
)
