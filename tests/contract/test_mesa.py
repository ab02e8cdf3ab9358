"""The Mesa model is the same model: stepping it gives the bits of `simulate`, and its agents see, set and explain."""

import copy
import datetime
import math
import pickle

import mesa
import numpy as np
import pytest

from normsim.engine.columns import BOUND, STATE_COLUMNS
from normsim.engine.narrative import CHOICE_NAMES, HAZARDS, REASONS, TERMS
from normsim.engine.outcomes import OUTCOMES
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import simulate
from normsim.model import Explanation, NormModel, State
from normsim.rules.link_functions import hazard, logit
from normsim.scenario import load_scenario, scenario_names

MONTHS = 24
BUSY = "ukraine_2023"


def stepped(name: str = BUSY, months: int = MONTHS, seed: int = 1, horizon: int = MONTHS) -> NormModel:
    model = NormModel(load_scenario(name).with_months(horizon), rng=seed)
    for _ in range(months):
        model.step()
    return model


@pytest.fixture(scope="module")
def walked() -> NormModel:
    """A model stepped to its horizon; not to be changed."""
    return stepped()


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
    assert list(collected.columns) == ["validity", "scope", "perceived", "status", "rounds"]
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
    assert changed.outcomes["condemnations"] < plain.outcomes["condemnations"]
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


# ---------------------------------------------------------------- explain


def explained(choice: str) -> list[Explanation]:
    """Explanations with terms of a choice, from a month in which it was weighed."""
    scenario = load_scenario("ccw_consensus" if choice == "vote" else BUSY).with_months(MONTHS)
    model = NormModel(scenario, rng=1)
    for _ in range(MONTHS):
        model.step()
        if (model.weighed["choice"] == CHOICE_NAMES[choice]).any():
            break
    found = [one for state in model.states for one in state.explain(choice)]
    assert {one.month for one in found} == {model.last_month}
    return found


@pytest.mark.parametrize("choice", CHOICE_NAMES)
def test_terms_sum_and_link_to_the_very_probability(choice: str) -> None:
    number = CHOICE_NAMES[choice]
    found = explained(choice)
    weighed = [one for one in found if one.terms]
    assert weighed
    for one in weighed:
        assert tuple(one.terms) == TERMS[number]
        assert one.link == ("log hazard" if number in HAZARDS else "logit")
        values = tuple(one.terms.values())
        linked = hazard(values) if number in HAZARDS else logit(values)
        if choice == "condemn":  # what is not seen is not condemned
            assert 0.0 < one.probability <= linked
        else:
            assert one.probability == linked
        assert 0.0 <= one.draw < 1.0
        if not one.note:
            assert one.happened == (one.draw < one.probability)
        assert bool(one.target) == (choice in ("transfer", "condemn"))
        assert f"{one.probability:.3f}" in repr(one)


@pytest.mark.parametrize("choice", CHOICE_NAMES)
def test_terms_are_also_right_in_plain_python(choice: str) -> None:
    """The links by hand, within the last bits that another compiler may differ in."""
    number = CHOICE_NAMES[choice]
    for one in explained(choice)[:50]:
        if one.terms and choice != "condemn":
            total = sum(one.terms.values())
            by_hand = -math.expm1(-math.exp(total)) if number in HAZARDS else 1.0 / (1.0 + math.exp(-total))
            assert one.probability == pytest.approx(by_hand, rel=1e-12)


def test_the_probability_of_a_condemnation_is_the_share_seen_times_the_link() -> None:
    model = stepped(months=1)
    seen = {state.iso3: state.act_seen for state in model.states}
    for one in (one for state in model.states for one in state.explain("condemn") if one.terms):
        assert one.probability == seen[one.target] * logit(tuple(one.terms.values()))


@pytest.mark.parametrize(
    ("choice", "iso3", "target", "reason"),
    [
        ("acquire", "NOR", None, "bound by the convention"),
        ("use", "NOR", None, "not at war"),
        ("use", "BRA", None, "not at war"),
        ("transfer", "NOR", None, "bound by the convention"),
        ("transfer", "NOR", "UKR", "bound by the convention"),
        ("transfer", "USA", "NOR", "the recipient is bound by the convention"),
        ("renounce", "NOR", None, "already bound by the convention"),
        ("join", "NOR", None, "already bound"),
        ("withdraw", "USA", None, "not a party"),
        ("vote", "USA", None, "nothing is on the table this month"),
    ],
)
def test_who_does_not_decide_says_why(
    choice: str, iso3: str, target: str | None, reason: str, walked: NormModel
) -> None:
    (one,) = walked.state(iso3).explain(choice, target)
    assert one.terms == {}
    assert one.probability == 0.0
    assert math.isnan(one.draw)
    assert reason in one.note or one.note in reason
    assert one.note in REASONS[CHOICE_NAMES[choice]]
    assert one.note in repr(one)


def test_an_ordered_act_says_so() -> None:
    model = stepped(months=1)
    (one,) = model.state("USA").explain("transfer", "UKR")
    assert one.happened
    assert one.note == "ordered by the scenario"
    assert one.month == datetime.date(2023, 7, 1)
    assert one.target == "UKR"


def test_a_forbidden_act_says_so() -> None:
    model = stepped("no_transfer_2023", months=1)
    (one,) = model.state("USA").explain("transfer", "UKR")
    assert not one.happened
    assert one.note == "forbidden by the scenario"


def test_an_unknown_choice_is_refused_with_a_suggestion(walked: NormModel) -> None:
    with pytest.raises(ValueError, match=r"no choice 'trasfer'; did you mean 'transfer'\?"):
        walked.state("USA").explain("trasfer")


def test_nothing_can_be_explained_before_the_first_month() -> None:
    with pytest.raises(ValueError, match="run a month first"):
        NormModel(BUSY, rng=1).state("USA").explain("use")


def test_an_unknown_state_is_refused_with_a_suggestion(walked: NormModel) -> None:
    with pytest.raises(ValueError, match="did you mean"):
        walked.state("UKRAIN")
    with pytest.raises(ValueError, match="did you mean"):
        walked.state("USA").explain("transfer", "UKP")


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
