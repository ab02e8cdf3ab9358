"""Every scenario file of the repository keeps the contract; a new one is tested by existing."""

import datetime
from pathlib import Path

import pytest

from normsim.engine import interventions
from normsim.parameters import REGIMES, records
from normsim.scenario import ACTIONS, diff, load_scenario, load_scenario_text, scenario_names

FOLDER = Path(__file__).parents[2] / "scenarios"
EXPECTED = {
    "baseline",
    "strict_ban",
    "ccw_consensus",
    "ccw_majority",
    "ccw_imposed",
    "two_track",
    "bridge_once_transparent",
    "bridge_repeatable_opaque",
    "ukraine_2023",
    "no_transfer_2023",
    "us_ukraine_join",
    "export_limit_tightened",
    "assurances_monitored_public",
    "assurances_secret",
    "production_sustained",
    "pledge_to_stop",
    "reinforce",
    "history_2008",
}
SISTER_EXITS = {
    ("LVA", datetime.date(2025, 6, 27)),
    ("LTU", datetime.date(2025, 6, 27)),
    ("EST", datetime.date(2025, 6, 27)),
    ("FIN", datetime.date(2025, 7, 10)),
    ("POL", datetime.date(2025, 8, 20)),
}
"""Notices of withdrawal from the Ottawa Convention."""
KEYS = {key for record in records().values() for key in record.source}


def sister_exits(scenario):
    return {(event.actor, event.date) for event in scenario.events if event.action == "sister_exit"}


def test_the_promised_scenarios_are_there():
    assert set(scenario_names()) >= EXPECTED
    assert set(scenario_names()) == {path.stem for path in FOLDER.glob("*.toml")}


def test_the_engine_knows_every_action_that_a_file_can_order():
    assert interventions.SISTER_EXIT == ACTIONS.index("sister_exit") == len(ACTIONS) - 1


@pytest.mark.parametrize("name", scenario_names())
class TestScenario:
    def test_it_says_what_it_asks_and_on_what_it_stands(self, name):
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.title
        assert scenario.question.endswith("?")
        assert scenario.references
        assert set(scenario.references) <= KEYS
        assert "#" in (FOLDER / f"{name}.toml").read_text(), "a comment says why each value"

    def test_a_dump_loads_to_the_same(self, name):
        scenario = load_scenario(name)
        for text in (scenario.to_toml(), scenario.to_toml(every=True)):
            again = load_scenario_text(text, f"{name}.toml")
            assert again == scenario
            assert again.fingerprint() == scenario.fingerprint()
            assert again.to_toml(every=True).count("\n") == scenario.to_toml(every=True).count("\n")

    def test_recorded_events_have_sources(self, name):
        for event in load_scenario(name).events:
            assert event.source or event.note == "counterfactual" or "joins" in event.note

    def test_it_can_be_cut_and_moved(self, name):
        scenario = load_scenario(name)
        assert scenario.with_months(36).months == 36
        assert scenario.with_start(datetime.date(2030, 1, 1)).start.year == 2030


def test_titles_and_questions_are_distinct():
    scenarios = [load_scenario(name) for name in scenario_names()]
    assert len({scenario.title for scenario in scenarios}) == len(scenarios)
    assert len({scenario.question for scenario in scenarios}) == len(scenarios)
    assert len({scenario.fingerprint() for scenario in scenarios}) == len(scenarios)


def test_every_regime_is_on_somewhere():
    assert {regime for name in scenario_names() for regime in load_scenario(name).regimes} == set(REGIMES)


@pytest.mark.parametrize("name", sorted(EXPECTED - {"history_2008"}))
def test_scenarios_of_2023_start_from_the_same_shortage(name):
    """So that a comparison with the status quo changes the rule and not the shells."""
    baseline, scenario = load_scenario("baseline"), load_scenario(name)
    assert scenario.states == baseline.states
    assert (scenario.start, scenario.months) == (baseline.start, baseline.months)


@pytest.mark.parametrize(("name", "exits"), [("baseline", set()), ("history_2008", SISTER_EXITS)])
def test_nothing_of_the_convention_is_scripted(name, exits):
    scenario = load_scenario(name)
    assert sister_exits(scenario) == exits
    assert len(scenario.events) == len(exits)
    assert scenario.regimes == ()
    assert set(scenario.origins.values()) == {"default"}


def test_history_runs_to_the_end_of_the_record():
    history = load_scenario("history_2008")
    assert (history.start, history.end) == (datetime.date(2008, 12, 4), datetime.date(2025, 12, 31))
    assert not history.states


def test_the_recorded_transfers():
    scenario = load_scenario("ukraine_2023")
    transfers = [event for event in scenario.events if event.action == "transfer"]
    assert [event.date.isoformat()[:7] for event in transfers] == [
        "2023-07",
        "2023-09",
        "2023-10",
        "2024-03",
        "2024-04",
        "2024-07",
        "2024-10",
    ]
    assert {(event.actor, event.to, event.forbid) for event in transfers} == {("USA", "UKR", False)}
    assert scenario.regimes == ("bridge",)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_follows_the_record_has_the_notices_of_the_sister_treaty(name):
    follows = name in ("history_2008", "no_transfer_2023") or ("USA", "UKR") in {
        (event.actor, event.to) for event in load_scenario(name).events
    }
    assert sister_exits(load_scenario(name)) == (SISTER_EXITS if follows else set())


def test_the_counterfactual_takes_out_the_acts_and_nothing_else():
    changes = diff(load_scenario("ukraine_2023"), load_scenario("no_transfer_2023"))
    assert all(name.startswith("event ") for name, _, _ in changes)
    forbidden = [event for event in load_scenario("no_transfer_2023").events if event.action != "sister_exit"]
    assert {event.action for event in forbidden} == {"open_bridge", "transfer"}
    assert all(event.forbid and event.until is None for event in forbidden)


@pytest.mark.parametrize(
    ("name", "parent", "prefix"),
    [
        ("export_limit_tightened", "bridge_repeatable_opaque", "export."),
        ("production_sustained", "bridge_repeatable_opaque", "production."),
        ("assurances_monitored_public", "ukraine_2023", "assurance."),
        ("pledge_to_stop", "ukraine_2023", "pledge."),
    ],
)
def test_a_lever_s_scenario_moves_that_lever_only(name, parent, prefix):
    changes = diff(load_scenario(parent), load_scenario(name))
    assert changes
    assert all(changed.startswith(prefix) for changed, _, _ in changes)
