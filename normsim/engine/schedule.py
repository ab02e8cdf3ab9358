"""The schedule: the order of the processes in a month, and nothing else. It is the schedule of the ODD description.

Peers are seen as they were last month (synchronous). Stocks are updated within the month, in the order below: what is
produced can be transferred, what is transferred can be fired.
"""

from typing import Any

import numpy as np

from normsim.engine import interventions
from normsim.engine.columns import Entry, Measured, Order, Signal, State, System, Table, Tie, Work
from normsim.engine.networks import Networks
from normsim.engine.processes import (
    armament,
    bridges,
    condemnation,
    exposure,
    harms,
    legal_acts,
    measurement,
    norm_update,
    trade,
    warfare,
)


def months(
    p: Any,
    system: Table[System],
    states: Table[State],
    ties: Table[Tie],
    networks: Networks,
    signals: Table[Signal],
    seen: Table[Signal],
    work: Table[Work],
    regions: np.ndarray,
    asking: np.ndarray,
    recorded: np.ndarray,
    theatres: np.ndarray,
    dated: Table[Order],
    draws: np.ndarray,
    log: Table[Entry],
    series: Table[Measured],
    kept: np.ndarray,
) -> None:
    """Run a block of months in place.

    Args:
        p: the record of parameters.
        system: what belongs to no state, one row.
        states: the states.
        ties: the ties, by recipient then supplier.
        networks: the networks.
        signals: what each state showed last month; replaced by what it shows in the last month of the block.
        seen: room for what each state sees.
        work: room for intermediate results of a month.
        regions: room for (parties, states) by region, shape (regions, 2).
        asking: room for indices of states, shape (states,).
        recorded: recorded intensity of conflicts, NaN where unrecorded, shape (months, states).
        theatres: recorded theatre of each state's conflict, shape (months, states).
        dated: dated events, in months from the start of the run.
        draws: uniform numbers, shape (streams, months, states).
        log: room for lines of the log.
        series: rows to fill, one per month, zeroed.
        kept: filled with the states after each month, shape (months, states); nothing is kept if it has no months.
    """
    now = system[0]
    for m in range(draws.shape[1]):
        drawn, out = draws[:, m], series[m]
        interventions.give(now, states, ties, dated)
        exposure.begin(states, signals, regions, work)
        exposure.count_allies(p, states, networks, work)
        exposure.see(p, states, networks, signals, seen)
        legal_acts.take_effect(now, states, log, out)
        warfare.conflicts(p, now, states, networks, recorded[m], theatres[m], drawn, log)
        warfare.aid(p, states, networks, work, asking)
        warfare.produce(p, states, work)
        bridges.bridges(p, now, states, work, drawn, log)
        bridges.age_ties(p, states, ties, networks)
        trade.transfers(p, now, states, ties, networks, work, drawn, log, out)
        trade.deliveries(p, states, ties, networks, work, out)
        armament.acquisitions(p, now, states, work, seen, drawn, log, out)
        armament.uses(p, now, states, networks, work, drawn, log, out)
        harms.assurances(p, now, states, ties, networks, drawn, log, out)
        harms.harms(p, now, states, work, drawn, out)
        condemnation.acts(p, states, work)
        condemnation.condemnations(p, now, states, networks, work, seen, dated, drawn, log, out)
        norm_update.norms(p, now, states, work, seen, drawn)
        legal_acts.votes(p, now, states, work, drawn, log, out)
        legal_acts.joins(p, now, states, regions, work, seen, drawn, log, out)
        legal_acts.renunciations(p, now, states, work, seen, drawn, log, out)
        legal_acts.withdrawals(p, now, states, work, networks, drawn, log, out)
        harms.disarm(p, now, states, out)
        interventions.report(p, now, states, ties, networks, work, dated, log, out)
        exposure.show(p, now, states, signals)
        measurement.measure(p, now, states, signals, networks, out)
        if m < len(kept):
            for i in range(len(states)):
                kept[m, i] = states[i]
        now.month += 1
        now.months_open += 1
        now.tier_months += now.tier
        now.calendar = now.calendar % 12 + 1
