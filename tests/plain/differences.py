"""Where the compiled model and the plain one differ: initial columns and networks, monthly outcomes, final columns.

They agree to the last bit, except for the initial mean of threat (`MEAN`), which NumPy sums in another order.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.outcomes import MEASURED
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import Simulation
from normsim.scenario import Scenario
from tests.plain.model import PlainModel
from tests.worlds import SIGNAL_COLUMNS, SYSTEM_COLUMNS, TIE_COLUMNS

MEAN = "threat_mean"


def same(ours: Any, theirs: Any) -> bool:
    """Whether two numbers, or lists of them, are the same to the last bit (the signs of zeros too)."""
    return np.array(ours, float).tobytes() == np.array(theirs, float).tobytes()


def differences(scenario: Scenario, seed: int, compiled: Rules | None = None, plain: Rules | None = None) -> list[str]:
    """Where the two differ, in words: the start first, then outcomes month by month, then final columns."""
    simulation = Simulation(scenario, seed, compiled, log_level=0)
    model = PlainModel(scenario, seed, plain)
    found = network_differences(simulation, model) + column_differences("start", simulation, model)
    run = simulation.finish()
    for month in range(scenario.months):
        model.step()
        for name in MEASURED:
            ours, theirs = run.measured[name][month].item(), model.outcomes[month][name]
            if not same(ours, theirs):
                found.append(f"month {month} outcome {name}: compiled {ours!r}, plain {theirs!r}")
    return found + network_differences(simulation, model) + column_differences("final", simulation, model)


def column_differences(when: str, simulation: Simulation, model: PlainModel) -> list[str]:
    """Columns of states, signals, ties and the system that differ."""
    found = []
    iso3 = simulation.world.iso3

    def compare(where: str, ours: list[Any], theirs: list[Any], names: list[str] | None = None) -> None:
        if same(ours, theirs):
            return
        if len(ours) != len(theirs):
            found.append(f"{when} {where}: compiled has {len(ours)}, plain has {len(theirs)}")
            return
        for i, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
            if not same(mine, other):
                found.append(f"{when} {where} of {names[i] if names else i}: compiled {mine!r}, plain {other!r}")

    for name in ("stock", *STATE_COLUMNS):
        theirs = [getattr(state, name) for state in model.states]
        compare(f"state column {name}", simulation.states[name].tolist(), theirs, iso3)
    for name in SIGNAL_COLUMNS:
        theirs = [state.shown[name] for state in model.states]
        compare(f"signal {name}", simulation.signals[name].tolist(), theirs, iso3)
    for name in TIE_COLUMNS:
        theirs = [getattr(tie, name) for tie in model.ties]
        theirs = [end.place for end in theirs] if name in ("supplier", "recipient") else theirs
        compare(f"tie column {name}", simulation.ties[name].tolist(), theirs)
    for name in (*SYSTEM_COLUMNS, "claimed", "field", "believed"):
        ours, theirs = simulation.system[name][0], getattr(model.system, name)
        if name == MEAN:
            assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-15), name
        else:
            compare(f"system column {name}", np.atleast_1d(ours).tolist(), np.atleast_1d(theirs).tolist())
    return found


def network_differences(simulation: Simulation, model: PlainModel) -> list[str]:
    """Networks that differ: neighbours of every state in their order, and their weights."""
    ours, theirs = simulation.networks, model.networks
    tie_ends: list[list[int]] = [[] for _ in model.states]
    tie_strengths: list[list[float]] = [[] for _ in model.states]
    for tie in model.ties:
        tie_ends[tie.recipient.place].append(tie.supplier.place)
        tie_strengths[tie.recipient.place].append(tie.strength)
    found = []

    def compare(name: str, start: np.ndarray, values: np.ndarray, rows: list[Any]) -> None:
        assert (len(start), start[0], start[-1]) == (len(rows) + 1, 0, len(values)), name
        for i, (first, last) in enumerate(pairwise(start.tolist())):
            if not same(values[first:last], list(rows[i])):
                where = f"network {name} of {simulation.world.iso3[i]}"
                found.append(f"{where}: compiled {values[first:last].tolist()!r}, plain {list(rows[i])!r}")

    def weights(rows: Iterable[dict[int, Any]]) -> list[Any]:
        return [row.values() for row in rows]

    compare("influence", ours.start, ours.neighbour, theirs.influence)
    compare("influence weights", ours.start, ours.weight, weights(theirs.influence))
    compare("onlookers", ours.onlooker_start, ours.onlooker, theirs.onlookers)
    compare("region", ours.region_start, ours.region_neighbour, theirs.region)
    compare("region weights", ours.region_start, ours.region_weight, weights(theirs.region))
    compare("allies", ours.ally_start, ours.ally, theirs.allies)
    compare("customers", ours.customer_start, ours.customer, theirs.customers)
    compare("customer weights", ours.customer_start, ours.customer_weight, weights(theirs.customers))
    compare("rivals", ours.rival_start, ours.rival, theirs.rivals)
    compare("fellows", ours.fellow_start, ours.fellow, theirs.fellows)
    compare("fellows that share a rival", ours.fellow_start, ours.fellow_shared, weights(theirs.fellows))
    compare("ties", ours.tie_start, ours.tie_supplier, tie_ends)
    compare("tie strengths", ours.tie_start, ours.tie_strength, tie_strengths)
    return found


def report(found: list[str]) -> str:
    return f"{len(found)} differences:\n" + "\n".join(found[:20])


def start_differences(scenario: Scenario, seed: int) -> list[str]:
    """Where the two differ before the first month."""
    simulation, model = Simulation(scenario, seed, log_level=0), PlainModel(scenario, seed)
    return network_differences(simulation, model) + column_differences("start", simulation, model)
