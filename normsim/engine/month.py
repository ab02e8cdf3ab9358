"""One month: the order of the steps, and nothing else. This is the schedule of the model's ODD description.

Peers are seen as they were last month (synchronous). Matter moves within the month in the order below: what is produced
can be transferred, what is transferred can be fired.
"""

from typing import Any

import numpy as np

from normsim.compiled import compiled
from normsim.engine.networks import Networks
from normsim.engine.steps import choices, harms, law, orders, record, sight, voices, world


@compiled
def month(
    p: Any,
    now: Any,
    states: Any,
    ties: Any,
    networks: Networks,
    signals: Any,
    seen: Any,
    regions: np.ndarray,
    work: Any,
    recorded: np.ndarray,
    theatres: np.ndarray,
    dated: np.ndarray,
    draws: np.ndarray,
    log: Any,
    out: Any,
) -> None:
    """Run one month in place.

    Args:
        p: the record of parameters.
        now: the system, dtype `SYSTEM`.
        states: the states, `Rows` of dtype `STATE`.
        ties: the ties, `Rows` of dtype `TIE`, by recipient then supplier.
        networks: the networks.
        signals: what each state showed last month, `Rows` of dtype `SIGNAL`; replaced by what it shows this month.
        seen: room for what each state sees, `Rows` of dtype `SIGNAL`.
        regions: room for (parties, states) by region, shape (regions, 2).
        work: room for the month's intermediate results, a `Work`.
        recorded: recorded intensity of conflicts this month, NaN where unrecorded, shape (states,).
        theatres: recorded theatre this month, shape (states,).
        dated: dated orders, dtype `ORDER`.
        draws: uniform numbers of this month, shape (streams, states).
        log: room for entries of the log, dtype `ENTRY`.
        out: this month's row of the series, dtype `SERIES`, zeroed.
    """
    sight.begin(states, signals, regions, work)
    sight.count_allies(p, states, networks, work)
    sight.see(networks, signals, work.rare, seen)
    law.take_effect(p, now, states, log, out)
    world.conflicts(p, now, states, networks, recorded, theatres, draws, log)
    world.aid(p, states, networks, work)
    world.produce(p, states, work)
    world.bridges(p, now, states, work, draws, log)
    world.age_ties(p, states, ties, networks)
    choices.transfers(p, now, states, ties, networks, work, draws, log, out)
    choices.deliveries(p, states, ties, networks, work, out)
    choices.acquisitions(p, now, states, seen, draws, log, out)
    choices.uses(p, now, states, networks, work, draws, log, out)
    harms.assurances(p, now, states, ties, networks, draws, log, out)
    harms.harms(p, now, states, work, draws, out)
    voices.acts(p, states, work)
    voices.condemnations(p, now, states, networks, work, seen, dated, draws, log, out)
    voices.norms(p, now, states, work, seen)
    law.votes(p, now, states, draws, log, out)
    law.joins(p, now, states, regions, work, seen, draws, log, out)
    law.renunciations(p, now, states, seen, draws, log, out)
    law.withdrawals(p, now, states, seen, draws, log, out)
    harms.disarm(p, now, states, out)
    sight.show(p, states, signals)
    record.record(p, now, states, networks, work, out)


@compiled
def months(
    p: Any,
    system: Any,
    states: Any,
    ties: Any,
    networks: Networks,
    signals: Any,
    seen: Any,
    regions: np.ndarray,
    work: Any,
    recorded: np.ndarray,
    theatres: np.ndarray,
    dated: np.ndarray,
    draws: np.ndarray,
    log: Any,
    series: Any,
) -> None:
    """Run a block of months: the same as `month`, with a leading axis of months where it says "this month".

    Args:
        p: see `month`; so are all that are not named here.
        system: array of one record of dtype `SYSTEM`.
        states: see `month`.
        ties: see `month`.
        networks: see `month`.
        signals: see `month`.
        seen: see `month`.
        regions: see `month`.
        work: see `month`.
        recorded: shape (months, states).
        theatres: shape (months, states).
        dated: dated orders, dtype `ORDER`, months counted from the start of the run.
        draws: shape (streams, months, states).
        log: see `month`.
        series: rows to fill, dtype `SERIES`, shape (months,).
    """
    now = system[0]
    for m in range(draws.shape[1]):
        orders.give(now, states, ties, dated)
        month(
            p,
            now,
            states,
            ties,
            networks,
            signals,
            seen,
            regions,
            work,
            recorded[m],
            theatres[m],
            dated,
            draws[:, m],
            log,
            series[m],
        )
        now.month += 1
        now.months_open += 1
        now.tier_months += now.tier
        now.calendar = now.calendar % 12 + 1
