"""Each January covariates, relations and ties move on with the record, as long as it lasts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from normsim.engine.columns import NEVER, TIE
from normsim.engine.initialisation import renewed_ties
from normsim.engine.simulate import Simulation, month_of, simulate
from normsim.rules import norm, supply
from normsim.scenario import load_scenario
from normsim.world import World, Year, influence_layers, world_as_of
from normsim.world.initial_world import MOVING

START = date(2008, 12, 1)
HISTORY = load_scenario("history_2008")
STAY = {"covariates.move": 0}


def rivals(simulation: Simulation, code: str) -> set[str]:
    i, networks = simulation.world.index(code), simulation.networks
    return {simulation.world.iso3[j] for j in networks.rival[networks.rival_start[i] : networks.rival_start[i + 1]]}


def test_every_january_is_the_world_of_that_day() -> None:
    simulation = Simulation(HISTORY.with_months(200), 4, log_level=0)
    while simulation.done < simulation.scenario.months:
        simulation.advance(1)
        now = month_of(START, simulation.done - 1)
        then = world_as_of(max(date(min(now.year, 2026), 1, 1), START))
        facts = then.facts
        for name in MOVING:
            np.testing.assert_array_equal(simulation.states[name], facts[name].astype(simulation.states[name].dtype))
        assert rivals(simulation, "RUS") == {then.iso3[j] for j in then.rivalry.row(then.index("RUS"))[0]}
        tied = set(zip(simulation.ties["supplier"].tolist(), simulation.ties["recipient"].tolist(), strict=True))
        recorded = set(zip(then.supplier.tolist(), then.recipient.tolist(), strict=True))
        assert tied >= recorded
        past = simulation.ties["since"] < NEVER
        assert len(tied - recorded) <= past.sum()
    p, states = simulation.p, simulation.states
    i = simulation.world.index("IND")
    assert states["standing"][i] == norm.standing(p, states["relative_power"][i], states["democracy"][i])
    assert states["scale"][i] == supply.scale(p, states["power"][i])
    assert states["civil"][i] == 0.5 * states["democracy"][i] + 0.5 * states["anchor"][i]
    assert states["standing_share"].sum() == pytest.approx(1.0)
    assert simulation.world.iso3[states["patron"][simulation.world.index("FIN")]] == "USA"


def test_rivalries_of_2014_threaten_a_run_that_began_in_2008() -> None:
    threat = {}
    for name, values in (("moving", {}), ("staying", STAY)):
        simulation = Simulation(HISTORY.with_values(values), 1, log_level=0)
        simulation.advance(168)  # to November 2022
        threat[name] = {
            code: simulation.states["threat"][simulation.world.index(code)] for code in ("LTU", "LVA", "POL")
        }
        assert ("LTU" in rivals(simulation, "RUS")) == (name == "moving")
    for code, felt in threat["moving"].items():
        assert felt > threat["staying"][code] + 0.2


@pytest.mark.parametrize("name", ["history_2008", "ukraine_2023"])
def test_off_is_a_world_without_a_record_of_later_years(name: str) -> None:
    scenario = load_scenario(name).with_months(60)
    world = world_as_of(scenario.start)
    without = replace(world, history=world.history._replace(later=()))
    staying = simulate(scenario.with_values(STAY), 3, warn=False)
    assert Simulation(scenario, 3, world=without).finish().digest() == staying.digest()
    assert simulate(scenario, 3, warn=False).digest() != staying.digest()
    np.testing.assert_array_equal(staying.final["democracy"], world.facts["democracy"])


def test_how_months_are_run_at_a_stretch_changes_nothing() -> None:
    scenario = HISTORY.with_months(50)
    whole, stepped = Simulation(scenario, 2, log_level=0), Simulation(scenario, 2, log_level=0)
    for months in (1, 1, 5, 20, 3, 11, 9):
        stepped.advance(months)
    assert stepped.finish().digest() == whole.finish().digest()


def test_a_generated_world_has_no_later_years() -> None:
    from normsim.world import synthetic_world

    assert synthetic_world(20).history.later == ()


def year_of(pacts: list[tuple[int, int]], rivalries: list[tuple[int, int]], n: int = 4) -> Year:
    """A year of four states with these pacts and rivalries."""

    def matrix(pairs: list[tuple[int, int]]) -> np.ndarray:
        ends = np.array(pairs, np.int64).reshape(-1, 2)
        return influence_layers.pairs_matrix(n, ends[:, 0], ends[:, 1]).astype(bool)

    allied, opposed = matrix(pacts), matrix(rivalries)
    ties = influence_layers.transfer_ties(allied, np.zeros((n, n)), opposed)
    facts = np.zeros(n, [(name, "f8") for name in MOVING])
    rivalry = influence_layers.rivalry_layer(opposed)
    return Year(year=2020, facts=facts, layers={}, rivalry=rivalry, **ties._asdict())


def tie(supplier: int, recipient: int, since: int = NEVER, terms: float = 0.0) -> np.ndarray:
    table = np.zeros(1, TIE)
    table["supplier"], table["recipient"], table["since"], table["terms"] = supplier, recipient, since, terms
    table["ally"] = 1
    return table


def test_ties_that_go_on_keep_their_memory() -> None:
    before = np.concatenate([tie(1, 0), tie(2, 0, 7, 0.4), tie(3, 0, 9), tie(0, 1, 5, 0.3)])
    # 0 and 1 stay allied; 2 loses its pact but has sent; 3 has sent and becomes a rival; 2 and 3 are new allies
    now = renewed_ties(before, year_of([(0, 1), (2, 3)], [(0, 3)]), ((3, 1),))
    found = list(
        zip(*(now[name].tolist() for name in ("supplier", "recipient", "ally", "since", "terms")), strict=True)
    )
    assert found == [
        (1, 0, 1, NEVER, 0.0),
        (2, 0, 0, 7, 0.4),
        (0, 1, 1, 5, 0.3),
        (3, 1, 0, NEVER, 0.0),  # a dated event asks for it
        (3, 2, 1, NEVER, 0.0),
        (2, 3, 1, NEVER, 0.0),
    ]


def test_the_years_are_locked() -> None:
    world: World = world_as_of(START)
    with pytest.raises(ValueError, match="read-only"):
        world.history.later[0].facts["power"][0] = 1.0
