"""The Mesa model is the same model: stepping it gives the bits of `simulate`, and its agents see and set."""

import copy
import datetime
import doctest
import importlib
import pickle

import mesa
import numpy as np
import pytest
from matplotlib.figure import Figure

import normsim.engine.simulate as simulation_module
from normsim.analysis import AnalysisError
from normsim.engine.columns import BOUND, STATE_COLUMNS
from normsim.engine.outcomes import OUTCOMES
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import simulate
from normsim.model import NormModel, State
from normsim.scenario import ScenarioError, load_scenario, scenario_names
from tests.stepping import BUSY, MONTHS, stepped


@pytest.fixture(scope="module")
def walked() -> NormModel:
    """A model stepped to its horizon; not to be changed."""
    return stepped()


@pytest.mark.filterwarnings("ignore::normsim.errors.ScenarioWarning")  # a dated event may come too late
@pytest.mark.parametrize(("place", "name"), list(enumerate(scenario_names())))
def test_stepping_is_simulating_to_the_bit(place: int, name: str) -> None:
    seed = 100 + place
    model = stepped(name, seed=seed)
    run = simulate(load_scenario(name).with_months(MONTHS), seed)
    assert model.result().digest() == run.digest()
    assert model.result().log.tobytes() == run.log.tobytes()
    assert model.events == run.events.to_dict("records")


def test_it_is_a_mesa_model_of_mesa_agents(walked: NormModel) -> None:
    assert isinstance(walked, mesa.Model)
    assert len(walked.agents) == len(walked.states) == len(walked.simulation.world)
    assert all(isinstance(state, mesa.Agent) for state in walked.states)
    assert {state.iso3 for state in walked.states} == set(walked.simulation.world.iso3)
    assert walked.state("UKR").name == "Ukraine"
    assert repr(walked.state("UKR")) == "<State UKR Ukraine>"


def test_the_collector_holds_every_outcome_of_each_month(walked: NormModel) -> None:
    collected = walked.datacollector.get_model_vars_dataframe()
    series = simulate(load_scenario(BUSY).with_months(MONTHS), 1).series
    assert list(collected.columns) == list(OUTCOMES)
    assert len(collected) == MONTHS
    for name in OUTCOMES:
        assert collected[name].to_numpy().tobytes() == series[name].to_numpy().tobytes(), name


def test_the_collector_holds_columns_of_the_states(walked: NormModel) -> None:
    collected = walked.datacollector.get_agent_vars_dataframe()
    states = len(walked.states)
    assert list(collected.columns) == ["validity", "felt", "scope", "status", "rounds"]
    assert len(collected) == MONTHS * states
    last = collected.iloc[-states:]
    for name in collected.columns:
        assert np.array_equal(last[name].to_numpy(), walked.simulation.states[name]), name


def test_other_columns_can_be_collected() -> None:
    model = NormModel(load_scenario(BUSY).with_months(2), rng=1, collect_states=("threat",))
    model.step()
    assert list(model.datacollector.get_agent_vars_dataframe().columns) == ["threat"]


def test_sets_of_states_can_be_asked(walked: NormModel) -> None:
    columns = walked.simulation.states
    parties = walked.states.select(lambda state: state.is_party)
    assert len(parties) == int((columns["status"] >= BOUND).sum()) == walked.outcomes["parties"]
    assert walked.states.get("validity") == columns["validity"].tolist()
    assert walked.states.agg("rounds", sum) == int(columns["rounds"].sum()) == walked.outcomes["stock"]
    strongest = next(iter(walked.states.sort("power", ascending=False)))
    assert strongest.place == int(columns["power"].argmax())
    by_status = walked.states.groupby("status").count()
    assert sum(by_status.values()) == len(walked.states)


def test_every_column_is_an_attribute(walked: NormModel) -> None:
    state = walked.state("USA")
    for name in STATE_COLUMNS:
        assert getattr(state, name) == walked.simulation.states[name][state.place].item()
    assert state.stock.sum() == state.rounds
    with pytest.raises(AttributeError, match="did you mean 'validity'"):
        _ = state.validty


def test_what_is_set_is_seen_by_the_next_month() -> None:
    plain, changed = stepped(months=6), stepped(months=6)
    for state in changed.states:
        state.validity = 0.0
    assert changed.states.agg("validity", max) == 0.0
    for model in (plain, changed):
        model.step()
    assert changed.outcomes["validity"] < plain.outcomes["validity"]
    assert changed.outcomes["felt"] < plain.outcomes["felt"]
    assert changed.outcomes["readiness"] < plain.outcomes["readiness"]
    assert changed.outcomes["at_war"] == plain.outcomes["at_war"]


def test_a_set_of_states_can_be_set() -> None:
    model = stepped(months=2)
    model.states.select(lambda state: state.region == 0).set("validity", 1.0)
    assert all(state.validity == 1.0 for state in model.states if state.region == 0)
    assert any(state.validity < 1.0 for state in model.states if state.region != 0)


def test_an_attribute_of_ones_own_is_no_column() -> None:
    state = stepped(months=1).state("FRA")
    state.mood = "calm"
    assert state.mood == "calm"
    assert "mood" not in STATE_COLUMNS


# ---------------------------------------------------------------- copies, horizon, seeds, rules


def through_pickle(model: NormModel) -> NormModel:
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("again", [through_pickle, copy.deepcopy], ids=["pickle", "deepcopy"])
def test_a_copy_goes_on_to_the_bit(again) -> None:
    model = stepped(months=7)
    twin = again(model)
    assert twin.simulation.states is not model.simulation.states
    model.step()
    assert twin.simulation.done == 7, "the two are apart"
    for _ in range(MONTHS):
        model.step()
        twin.step()
    assert twin.simulation.done == model.simulation.done == MONTHS
    assert twin.result().digest() == model.result().digest()
    assert twin.result().log.tobytes() == model.result().log.tobytes()
    assert twin.events == model.events
    mine, theirs = (one.datacollector.get_model_vars_dataframe() for one in (model, twin))
    assert mine.equals(theirs)
    assert twin.state("USA").explain("transfer", "UKR")[0].probability == pytest.approx(
        model.state("USA").explain("transfer", "UKR")[0].probability, abs=0.0
    )


def test_the_horizon_stops_it() -> None:
    model = stepped(months=2, horizon=3)
    assert model.running
    model.step()
    assert not model.running
    before = model.result().digest()
    model.step()
    assert not model.running
    assert model.simulation.done == 3
    assert model.result().digest() == before
    assert len(model.datacollector.get_model_vars_dataframe()) == 3


def test_run_model_ends_at_the_horizon() -> None:
    model = NormModel(load_scenario(BUSY).with_months(5), rng=1)
    model.run_model()
    assert model.simulation.done == 5


def test_seeds() -> None:
    one, text, other = (stepped(months=3, seed=seed) for seed in (4, "4", 5))  # type: ignore[arg-type]
    assert one.result().digest() == text.result().digest()
    assert one.result().digest() != other.result().digest()
    with pytest.raises(ValueError, match="a seed is a whole number"):
        NormModel(BUSY, rng=-1)


def test_months_have_dates() -> None:
    model = stepped("history_2008", months=2)
    assert model.month_at(0) == datetime.date(2008, 12, 1)
    assert model.last_month == datetime.date(2009, 1, 1)


def test_rules_are_taken() -> None:
    rules = Rules()
    model = NormModel(load_scenario(BUSY).with_months(3), rng=1, rules=rules)
    assert model.simulation.rules is rules
    model.run_model()
    assert model.result().digest() == simulate(load_scenario(BUSY).with_months(3), 1).digest()


def test_the_public_names() -> None:
    import normsim

    assert normsim.NormModel is NormModel
    assert normsim.State is State


# ---------------------------------------------------------------- how objects look


@pytest.mark.parametrize("module", ["normsim.engine.simulate", "normsim.model", "normsim.comparison", "normsim"])
def test_examples_in_docstrings(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert failed == 0
    assert tried > 0


def test_a_run_shows_itself() -> None:
    run = simulate(BUSY, 1, months=18)
    assert repr(run) == "<Run: ukraine_2023, seed 1, 18 months from 2023-07>"
    html = run._repr_html_()
    assert run.scenario.title in html
    assert html.count("<tr") == 1 + len(simulation_module.HEADLINES)
    assert run.to_frame() is run.series
    figure = run.plot()
    assert isinstance(figure, Figure)
    shown = {axes.get_title("left"): axes for axes in figure.axes}
    (line,) = shown["States bound by the convention"].lines
    assert line.get_ydata().tolist() == run.outcomes["parties"].tolist()


def test_a_run_of_other_months() -> None:
    run = simulate(BUSY, 1, months=7)
    assert len(run.series) == run.scenario.months == 7
    assert run.digest() == simulate(load_scenario(BUSY).with_months(7), 1).digest()
    with pytest.raises(ScenarioError, match="months = 0"):
        simulate(BUSY, 1, months=0)


def test_a_model_shows_itself(walked: NormModel) -> None:
    assert repr(walked) == "<NormModel: ukraine_2023, seed 1, month 24 of 24>"
    html = walked._repr_html_()
    assert "24, 2025-06 of 24" in html
    assert "10 of 197 rows" in html
    frame = walked.to_frame()
    assert frame["validity"].tolist() == walked.simulation.states["validity"].tolist()
    assert frame.index.tolist() == list(walked.simulation.world.iso3)
    figure = walked.plot()
    assert figure.axes[0].get_title("left") == "States bound by the convention"


def test_a_state_shows_itself(walked: NormModel) -> None:
    state = walked.state("UKR")
    frame = state.to_frame().set_index("column")
    assert set(frame.index) == set(STATE_COLUMNS) | {"stock", "orders"}
    assert frame.loc["validity", "value"] == state.validity
    assert frame.loc["stock", "value"] == state.stock.tolist()
    assert frame.loc["intensity", "unit"] == STATE_COLUMNS["intensity"].unit
    assert "Ukraine" in state._repr_html_()
    assert {"stock", "orders", "explain", "iso3", *STATE_COLUMNS} <= set(dir(state))
    figure = state.plot()
    shown = {axes.get_title("left"): axes for axes in figure.axes}
    assert list(shown) == ["validity", "felt", "scope", "status", "rounds"]
    (line,) = shown["rounds"].lines
    collected = walked.datacollector.get_agent_vars_dataframe()["rounds"].to_numpy().reshape(MONTHS, -1)
    assert line.get_ydata().tolist() == collected[:, state.place].tolist()


def test_nothing_is_plotted_before_the_first_month() -> None:
    model = NormModel(BUSY, rng=1)
    assert repr(model) == "<NormModel: ukraine_2023, seed 1, month 0 of 240>"
    assert model.result()._repr_html_()
    assert "month: 0" in model._repr_html_()
    for thing in (model, model.result(), model.state("USA")):
        with pytest.raises(AnalysisError, match="run a month first"):
            thing.plot()
    model = stepped(months=1, horizon=2)
    assert len(model.state("USA").plot().axes) == 5
    assert len(model.plot().axes) == 6


def test_a_column_to_collect_must_exist() -> None:
    with pytest.raises(ValueError, match="did you mean 'validity'"):
        NormModel(BUSY, collect_states=("validty",))
    empty = NormModel(load_scenario(BUSY).with_months(1), collect_states=())
    empty.step()
    with pytest.raises(AnalysisError, match="no column"):
        empty.state("USA").plot()


def test_the_stock_of_a_state_can_be_set() -> None:
    model = NormModel(BUSY, rng=1)
    model.state("FRA").stock = [1, 2, 3]
    assert model.simulation.states["stock"][model.state("FRA").place].tolist() == [1, 2, 3]
    with pytest.raises(AttributeError, match="did you mean 'stock'"):
        _ = model.state("FRA").stok
