"""Dated events: each action forces what it says, forbidding it prevents it, and neither leaks."""

import datetime
from dataclasses import replace

import numpy as np
import pytest

from normsim.engine.columns import BOUND, LEAVING, SIGNED, Choice
from normsim.engine.simulate import Run, Simulation, simulate
from normsim.errors import ScenarioWarning
from normsim.parameters import records
from normsim.scenario import ACTIONS, Event, Scenario, load_scenario
from normsim.world import world_as_of

START = datetime.date(2023, 7, 1)
RECORDED = ["2023-07", "2023-09", "2023-10", "2024-03", "2024-04", "2024-07", "2024-10"]


def day(month: int) -> datetime.date:
    """The fifteenth of a month of the run, counted from 0."""
    count = START.year * 12 + START.month - 1 + month
    return datetime.date(count // 12, count % 12 + 1, 15)


def ordered(*events: Event, months: int = 24, name: str = "baseline", **values: float) -> Scenario:
    """A packaged scenario of 2023 with nothing but these events."""
    scenario = replace(load_scenario(name), events=()).with_months(months)
    return replace(scenario, events=events).with_values(values)  # events first: a forced bridge has values


def force(actor: str, action: str, month: int, to: str | None = None, until: int | None = None) -> Event:
    return Event(day(month), actor, action, to, None if until is None else day(until))  # type: ignore[arg-type]


def forbid(actor: str, action: str, month: int, to: str | None = None, until: int | None = None) -> Event:
    return replace(force(actor, action, month, to, until), forbid=True)


def happened(run: Run, choice: int, actor: str | None = None, target: str | None = None) -> list[int]:
    """Months in which an act happened, by the log."""
    log = run.log[(run.log["choice"] == choice) & (run.log["happened"] > 0)]
    if actor is not None:
        log = log[log["actor"] == run.world.index(actor)]
    if target is not None:
        log = log[log["target"] == run.world.index(target)]
    return log["month"].tolist()


def after(scenario: Scenario, months: int, seed: int = 1) -> Simulation:
    simulation = Simulation(scenario, seed)
    simulation.advance(months)
    return simulation


def column(simulation: Simulation, iso3: str, name: str) -> float:
    return simulation.states[name][simulation.world.index(iso3)].item()


# ---------------------------------------------------------------- what each action forces

CHOICES = {
    "acquire": (Choice.ACQUIRE, "IND", None),
    "use": (Choice.USE, "UKR", None),
    "transfer": (Choice.TRANSFER, "USA", "UKR"),
    "renounce": (Choice.RENOUNCE, "BRA", None),
    "join": (Choice.JOIN, "BRA", None),
    "withdraw": (Choice.WITHDRAW, "NOR", None),
    "condemn": (Choice.CONDEMN, "NOR", "RUS"),
    "open_bridge": (Choice.CLAIM, "USA", None),
    "close_bridge": (Choice.BRIDGE_CLOSES, "USA", None),
    "war": (Choice.WAR, "BRA", None),
    "peace": (Choice.PEACE, "UKR", None),
}
"""What the log calls each action, and who is ordered."""

MONTH = 5


def scene(action: str, *events: Event) -> Scenario:
    """A scenario in which the action is possible."""
    armed = force("USA", "transfer", 0, "UKR")  # so that UKR can fire
    heard = force("RUS", "use", MONTH)  # so that there is something to speak about
    opened = force("USA", "open_bridge", 0)
    before = {"use": (armed,), "condemn": (heard,), "close_bridge": (opened,)}.get(action, ())
    if action == "close_bridge":  # which is not due by itself
        return ordered(*before, *events, name="bridge_repeatable_opaque", **{"bridge.close_above": 1.5})
    if action == "use":  # which is not done without an order
        return ordered(*before, *events, **{"use.intercept": -8.0, "use.habit": 0.0})
    if action == "condemn":  # as before
        return ordered(*before, *events, **{"condemn.intercept": -7.0, "condemn.party": 0.0, "condemn.casualties": 0.0})
    return ordered(*before, *events)


def test_every_action_is_tested() -> None:
    assert {*CHOICES, "sister_exit"} == set(ACTIONS)


@pytest.mark.parametrize("action", CHOICES)
@pytest.mark.parametrize("seed", [1, 2])
def test_an_action_is_forced_in_its_month(action: str, seed: int) -> None:
    choice, actor, target = CHOICES[action]
    run = simulate(scene(action, force(actor, action, MONTH, target)), seed)
    assert MONTH in happened(run, choice, actor, target)


@pytest.mark.parametrize("action", CHOICES)
def test_a_forced_act_is_said_to_be_ordered_and_nothing_else_is(action: str) -> None:
    choice, actor, target = CHOICES[action]
    run = simulate(scene(action, force(actor, action, MONTH, target)), 1)
    told = run.log[run.log["order"] != 0]
    mine = told[told["choice"] == choice]
    assert set(mine["actor"].tolist()) <= {run.world.index(actor)}
    if target is not None:
        assert set(mine["target"].tolist()) <= {run.world.index(target)}
    others = told[told["choice"] != choice]
    assert set(others["choice"].tolist()) <= {Choice.TRANSFER, Choice.USE, Choice.CLAIM}  # the scene's own


@pytest.mark.parametrize("action", CHOICES)
def test_a_forced_act_changes_no_earlier_month(action: str) -> None:
    _, actor, target = CHOICES[action]
    plain = simulate(scene(action), 1)
    forced = simulate(scene(action, force(actor, action, MONTH, target)), 1)
    assert plain.measured[:MONTH].tobytes() == forced.measured[:MONTH].tobytes()
    assert plain.digest() != forced.digest()


WILLING: dict[str, float] = {
    "acquire.intercept": -5.0,
    "use.intercept": 1.0,
    "transfer.intercept": -5.0,
    "renounce.intercept": -6.0,
    "join.accede": 0.004,
    "withdraw.rate": 0.0005,
    "condemn.intercept": -3.0,
    "conflict.onset": 0.005,
    "conflict.end": 0.3,
    "bridge.on": 1,
    "bridge.open_below": 1.0,
    "bridge.ally_short": 0.0,
    "bridge.close_above": 0.5,
    "transfer.norm": 0.0,
    "claim.standard": 0.0,
} | {name: records()[name].high for name in ("claim.intercept", "claim.need", "claim.precedent")}
"""A world in which all acts are frequent."""

PREVENTED = {
    "acquire": Choice.ACQUIRE,
    "use": Choice.USE,
    "transfer": Choice.TRANSFER,
    "renounce": Choice.RENOUNCE,
    "join": Choice.JOIN,
    "withdraw": Choice.WITHDRAW,
    "condemn": Choice.CONDEMN,
    "open_bridge": Choice.CLAIM,
    "war": Choice.WAR,
}


@pytest.mark.parametrize("action", PREVENTED)
def test_an_act_forbidden_to_all_is_done_by_none(action: str) -> None:
    aimed = "*" if action in ("transfer", "condemn") else None
    willing = ordered(months=36, **WILLING).with_values({"conflict.mode": "process"})
    free = simulate(willing, 1)
    assert happened(free, PREVENTED[action]), "nothing to prevent"
    ineligible = simulate(replace(willing, events=(forbid("*", action, 0, aimed),)), 1)
    assert happened(ineligible, PREVENTED[action]) == []


@pytest.mark.parametrize("action", PREVENTED)
def test_an_act_forbidden_to_one_from_a_month_on_is_done_before_by_it_and_after_by_others(action: str) -> None:
    """The months before are as they were, to the bit."""
    aimed = "*" if action in ("transfer", "condemn") else None
    willing = ordered(months=36, **WILLING).with_values({"conflict.mode": "process"})
    free = simulate(willing, 1)
    log = free.log[(free.log["choice"] == PREVENTED[action]) & (free.log["happened"] > 0)]
    late = log[log["month"] >= 6]
    assert len(late), "nothing to prevent"
    month, actor = int(late[0]["month"]), free.world.iso3[int(late[0]["actor"])]
    ineligible = simulate(replace(willing, events=(forbid(actor, action, month, aimed),)), 1)
    assert free.measured[:month].tobytes() == ineligible.measured[:month].tobytes()
    assert [m for m in happened(ineligible, PREVENTED[action], actor) if m >= month] == []
    others = ineligible.log[(ineligible.log["choice"] == PREVENTED[action]) & (ineligible.log["happened"] > 0)]
    assert len(others[others["actor"] != ineligible.world.index(actor)])


def test_peace_forbidden_keeps_a_war_going() -> None:
    scenario = ordered(forbid("UKR", "peace", 0), months=60).with_values(
        {"conflict.mode": "process", "conflict.end": 0.3}
    )
    assert happened(simulate(scenario, 1), Choice.PEACE, "UKR") == []


def test_closing_forbidden_keeps_a_bridge_open() -> None:
    due = {"bridge.sunset_months": 3.0, "bridge.close_probability": 1.0}
    name = "bridge_repeatable_opaque"
    opened, kept = force("USA", "open_bridge", 0), forbid("USA", "close_bridge", 0)
    assert happened(simulate(ordered(opened, name=name, **due), 1), Choice.BRIDGE_CLOSES, "USA")
    assert not happened(simulate(ordered(opened, kept, name=name, **due), 1), Choice.BRIDGE_CLOSES, "USA")


def test_closing_forbidden_opens_no_bridge() -> None:
    run = simulate(ordered(forbid("USA", "close_bridge", 0)), 1)
    assert happened(run, Choice.CLAIM, "USA") == []


def test_peace_forbidden_starts_no_war() -> None:
    run = simulate(ordered(forbid("NOR", "peace", 0)), 1)
    assert happened(run, Choice.WAR, "NOR") == []


def test_opening_forbidden_closes_no_bridge() -> None:
    shut = forbid("USA", "open_bridge", 3)
    run = simulate(ordered(force("USA", "open_bridge", 0), shut, **{"bridge.close_above": 1.5}), 1)
    assert happened(run, Choice.BRIDGE_CLOSES, "USA") == []


def test_war_forbidden_ends_no_war() -> None:
    run = simulate(ordered(forbid("UKR", "war", 3)), 1)
    assert happened(run, Choice.PEACE, "UKR") == []


# ---------------------------------------------------------------- what follows from an order


def test_joining_binds_at_once_and_is_in_force_after_six_months() -> None:
    scenario = ordered(force("BRA", "join", MONTH))
    assert column(after(scenario, MONTH), "BRA", "status") < SIGNED
    bound = after(scenario, MONTH + 1)
    assert column(bound, "BRA", "status") == BOUND
    assert column(bound, "BRA", "in_force") == 0
    assert column(after(scenario, MONTH + 6), "BRA", "in_force") == 0
    assert column(after(scenario, MONTH + 7), "BRA", "in_force") == 1


def test_withdrawing_gives_notice_and_takes_effect_after_six_months() -> None:
    scenario = ordered(force("NOR", "withdraw", MONTH), **{"join.accede": 0.0001})
    assert column(after(scenario, MONTH + 1), "NOR", "status") == LEAVING
    assert column(after(scenario, MONTH + 6), "NOR", "status") == LEAVING
    assert column(after(scenario, MONTH + 7), "NOR", "status") == 0


def test_war_and_peace_last_as_long_as_ordered() -> None:
    run = [after(ordered(force("NOR", "war", 3, until=5)), months) for months in range(1, 8)]
    assert [column(simulation, "NOR", "intensity") for simulation in run] == [0, 0, 0, 1, 1, 1, 0]
    run = [after(ordered(force("UKR", "peace", 3, until=5)), months) for months in range(1, 8)]
    assert [column(simulation, "UKR", "intensity") > 0 for simulation in run] == [1, 1, 1, 0, 0, 0, 1]


def test_a_forced_claim_once_and_closes_when_told() -> None:
    scenario = ordered(force("USA", "open_bridge", 2), force("USA", "close_bridge", 6), **{"bridge.close_above": 1.5})
    run = simulate(scenario, 1)
    assert happened(run, Choice.CLAIM) == [2]
    assert happened(run, Choice.BRIDGE_CLOSES) == [6]
    assert run.measured["bridges_open"][:8].tolist() == [0, 0, 1, 1, 1, 1, 0, 0]


def test_a_sister_exit_is_seen_as_one_notice_and_changes_no_status() -> None:
    """A notice of withdrawal from a sister treaty: an example to those who look to the state, nothing else."""
    plain, told = (after(ordered(*events), MONTH + 1) for events in ((), (force("FIN", "sister_exit", MONTH),)))
    fading = 0.5 ** (1.0 / 9.0)
    assert column(told, "FIN", "notice_echo") == pytest.approx(column(plain, "FIN", "notice_echo") + fading)
    assert np.array_equal(told.states["status"], plain.states["status"])
    assert told.measured.tobytes() == plain.measured.tobytes()
    none = simulate(ordered(), 1).digest()
    assert simulate(ordered(forbid("FIN", "sister_exit", MONTH)), 1).digest() == none
    assert simulate(ordered(force("FIN", "sister_exit", MONTH)), 1).digest() != none


def test_a_sister_exit_raises_the_hazard_of_those_who_look() -> None:
    def hazards(*events: Event) -> dict[int, float]:
        log = simulate(ordered(*events), 1, log_level=2).log
        log = log[(log["choice"] == Choice.WITHDRAW) & (log["month"] == MONTH + 1)]
        return dict(zip(log["actor"].tolist(), log["probability"].tolist(), strict=True))

    plain, told = hazards(), hazards(force("FIN", "sister_exit", MONTH))
    assert plain.keys() == told.keys()
    assert all(told[i] >= plain[i] for i in plain)
    assert any(told[i] > plain[i] for i in plain)


def strangers() -> list[str]:
    """States to which the record of arms and pacts knows no tie from Russia."""
    world = world_as_of(START)
    known = {int(j) for i, j in zip(world.supplier, world.recipient, strict=True) if i == world.index("RUS")}
    return [iso3 for j, iso3 in enumerate(world.iso3) if j not in known and iso3 != "RUS"]


def test_a_forced_transfer_over_a_missing_tie_runs() -> None:
    world = world_as_of(START)
    stranger = strangers()[0]
    run = simulate(ordered(force("RUS", "transfer", MONTH, stranger)), 1)
    assert happened(run, Choice.TRANSFER, "RUS", stranger) == [MONTH]
    sent = run.log[(run.log["choice"] == Choice.TRANSFER) & (run.log["target"] == world.index(stranger))]["amount"]
    assert sent.item() > 0


def test_a_tie_made_for_an_order_changes_nothing_before_it() -> None:
    plain, forced = simulate(ordered(), 1), simulate(ordered(force("RUS", "transfer", MONTH, strangers()[-1])), 1)
    assert plain.measured[:MONTH].tobytes() == forced.measured[:MONTH].tobytes()


def test_until_repeats_a_forced_act_and_ends_a_forbidden_one() -> None:
    run = simulate(ordered(force("USA", "transfer", 2, "UKR", until=6)), 1)
    ordered_months = run.log[(run.log["choice"] == Choice.TRANSFER) & (run.log["order"] > 0)]["month"].tolist()
    assert ordered_months == [2, 3, 4, 5, 6]
    willing = ordered(**WILLING)
    months = happened(simulate(replace(willing, events=(forbid("*", "use", 2, until=6),)), 1), Choice.USE)
    assert {0, 1, 7} <= set(months)
    assert not {2, 3, 4, 5, 6} & set(months)


def test_two_condemnations_of_one_state_in_one_month() -> None:
    acts = (force("RUS", "use", MONTH), force("UKR", "transfer", MONTH, "ISR"))
    events = (force("NOR", "condemn", MONTH, "RUS"), force("NOR", "condemn", MONTH, "UKR"))
    run = simulate(ordered(*acts, *events, **{"condemn.intercept": -7.0}), 1)
    told = run.log[(run.log["choice"] == Choice.CONDEMN) & (run.log["order"] > 0)]
    assert set(told["target"].tolist()) == {run.world.index("RUS"), run.world.index("UKR")}


# ---------------------------------------------------------------- what could not happen

UNDONE: dict[str, tuple[tuple[Event, ...], str]] = {
    "transfer": ((force("NOR", "transfer", 0, "UKR"),), "the supplier holds no cluster munitions"),
    "use": ((force("ISL", "use", 0),), "holds no cluster munitions"),
    "condemn": ((force("NOR", "condemn", 0, "ISL"),), "no visible act to speak about"),
    "join": ((force("NOR", "join", 0),), "already bound"),
    "renounce": ((force("NOR", "renounce", 0),), "already bound by the convention"),
    "withdraw": ((force("BRA", "withdraw", 0),), "not a party"),
    "close_bridge": (
        (force("USA", "open_bridge", 0), force("USA", "close_bridge", 0)),
        "another event forces it open",
    ),
    "peace": ((force("UKR", "war", 0), force("UKR", "peace", 0)), "another event forces a war"),
}


@pytest.mark.parametrize("action", UNDONE)
@pytest.mark.parametrize("level", [0, 1])
def test_a_forced_act_that_could_not_happen_is_reported_with_its_reason(action: str, level: int) -> None:
    events, reason = UNDONE[action]
    scenario = ordered(*events, months=2)
    with pytest.warns(ScenarioWarning) as caught:
        run = simulate(scenario, 1, log_level=level)
    assert [(missed.place, missed.months, missed.reason) for missed in run.not_done] == [(len(events) - 1, 1, reason)]
    text = run.not_done[0].text
    assert text.startswith(f"{events[-1].actor} did not ")
    assert text.endswith(f" in July 2023 as the event of 2023-07-15 says: {reason}")
    assert [str(warning.message) for warning in caught] == [f"baseline: {text}"]
    assert run.summary()["events_not_done"] == 1.0
    if level:
        told = run.events[run.events["act"] == "not_done"]["text"]
        assert told.item().endswith(f" as the scenario's event says: {reason}")


def test_months_in_which_a_lasting_order_could_not_be_done_are_counted_once() -> None:
    scenario = ordered(force("NOR", "transfer", 0, "UKR", until=2), months=6)
    run = simulate(scenario, 1, warn=False)
    assert run.not_done[0].months == 3
    assert "NOR did not transfer to UKR in July 2023 and 2 later months as" in run.not_done[0].text


def test_what_happened_is_not_reported() -> None:
    taken_back = (force("BRA", "renounce", 0), force("BRA", "withdraw", 1))
    assert simulate(ordered(*taken_back, months=3), 1).not_done == []
    assert happened(simulate(ordered(*taken_back, months=3), 1), Choice.WITHDRAW, "BRA") == [1]
    for name in ("ukraine_2023", "us_ukraine_join"):
        assert simulate(load_scenario(name).with_months(24), 1).not_done == []


def test_who_does_not_look_to_a_state_is_not_asked_to_condemn_it() -> None:
    scenario = ordered(force("RUS", "use", 0), force("NOR", "condemn", 0, "RUS"), months=1)
    onlookers = scenario.with_values({"condemn.reach": "onlookers"})
    networks = Simulation(onlookers, 1).networks
    world = world_as_of(START)
    looking = {
        int(i) for i in networks.onlooker[slice(*networks.onlooker_start[[world.index("RUS"), world.index("RUS") + 1]])]
    }
    stranger = next(code for place, code in enumerate(world.iso3) if place not in looking and code != "RUS")
    events = (force("RUS", "use", 0), force(stranger, "condemn", 0, "RUS"))
    run = simulate(replace(onlookers, events=events), 1, warn=False)
    assert [missed.reason for missed in run.not_done] == ["it does not look to the state that acted"]
    assert simulate(replace(scenario, events=events), 1).not_done == []


def test_a_block_that_is_run_again_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log had too little room at first."""
    scenario = ordered(force("NOR", "transfer", 0, "UKR", until=2), months=6)
    monkeypatch.setattr("normsim.engine.simulate.ROOM", 1)
    assert simulate(scenario, 1, warn=False).not_done[0].months == 3


# ---------------------------------------------------------------- the packaged scenarios


def flown(run: Run) -> list[str]:
    """Months of transfers from the United States to Ukraine."""
    events = run.events
    mine = events[(events["act"] == "transfer") & (events["actor"] == "USA") & (events["target"] == "UKR")]
    return [f"{month:%Y-%m}" for month in mine["month"]]


@pytest.mark.parametrize("seed", range(5))
def test_the_seven_recorded_transfers_are_in_the_log(seed: int) -> None:
    run = simulate("ukraine_2023", seed)
    events = run.events
    told = events[(events["act"] == "transfer") & (events["why"] == "ordered by the scenario")]
    assert [f"{month:%Y-%m}" for month in told["month"]] == RECORDED
    assert set(told["actor"]) == {"USA"}
    assert set(told["target"]) == {"UKR"}
    assert (told["amount"] > 0).all()
    assert flown(run)[:1] == RECORDED[:1]


def test_no_transfer_means_none_and_no_bridge() -> None:
    scenario = load_scenario("no_transfer_2023")
    for seed in range(20):
        run = simulate(scenario, seed)
        assert happened(run, Choice.TRANSFER, "USA", "UKR") == []
        assert not run.measured["bridges_open"].any()


@pytest.mark.parametrize("seed", range(5))
def test_supplier_and_recipient_become_parties(seed: int) -> None:
    scenario = load_scenario("us_ukraine_join").with_months(36).with_values({"withdraw.rate": 0.0})  # and stay
    run = simulate(scenario, seed)
    for iso3 in ("USA", "UKR"):
        assert happened(run, Choice.JOIN, iso3) == [18]
        assert run.states.loc[iso3, "status"] >= BOUND
        assert run.states.loc[iso3, "in_force"] == 1
