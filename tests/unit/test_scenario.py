"""What a scenario is: how it is resolved and varied."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from normsim.parameters import defaults, records
from normsim.scenario import (
    Event,
    RealWorld,
    ScenarioError,
    ScenarioWarning,
    SyntheticWorld,
    load_scenario,
    load_scenario_text,
)
from tests.scenario_texts import events, scenario

DATE = datetime.date


# ---------------------------------------------------------------- resolving


def test_resolve_order_is_defaults_then_extended_then_own():
    base = load_scenario("bridge_repeatable_opaque")
    own = load_scenario_text(
        'title = "x"\nextends = "bridge_repeatable_opaque"\n[regime.bridge]\ntransparency = 0.3\n', "own.toml"
    )
    assert own.values["bridge.open_below"] == defaults()["bridge.open_below"]
    assert own.origins["bridge.open_below"] == "default"
    assert own.values["bridge.clear_standard"] == base.values["bridge.clear_standard"] == 0.1
    assert own.origins["bridge.clear_standard"] == "bridge_repeatable_opaque.toml"
    assert own.values["bridge.transparency"] == 0.3
    assert own.origins["bridge.transparency"] == "own.toml"
    assert own.values.keys() == own.origins.keys() == records().keys()


def test_naming_a_regime_turns_it_on_and_off_turns_an_inherited_one_off():
    assert scenario("").regimes == ()
    assert scenario("[regime.bridge]\n").regimes == ("bridge",)
    assert scenario("[regime.bridge]\non = true\n").regimes == ("bridge",)
    both = scenario("[regime.two_track]\n[regime.ccw_dud_rate]\n[regime.bridge]\n")
    assert both.regimes == ("ccw_dud_rate", "two_track", "bridge")
    off = load_scenario_text('title = "x"\nextends = "bridge_repeatable_opaque"\n[regime.bridge]\non = false\n')
    assert off.regimes == ()
    assert off.values["bridge.transparency"] == 0.2


@pytest.mark.parametrize(
    "levers",
    [
        '[levers]\n"assurance.strictness" = 0.8\n"export.waiver" = 0\n',
        "[levers]\nassurance.strictness = 0.8\nexport.waiver = 0.0\n",
        "[levers.assurance]\nstrictness = 0.8\n[levers.export]\nwaiver = 0\n",
        "[levers]\nassurance = {strictness = 0.8}\nexport = {waiver = -0.0}\n",
    ],
)
def test_levers_in_quotes_or_tables(levers):
    read = scenario(levers)
    assert read.values["assurance.strictness"] == 0.8
    assert str(read.values["export.waiver"]) == "0.0"
    assert read.fingerprint() == scenario('[levers]\n"assurance.strictness" = 0.8\n"export.waiver" = 0\n').fingerprint()


def test_numbers_have_their_kind():
    read = scenario(
        '[regime.ccw_dud_rate]\nthreshold = 1e-3\ndeferral_months = 12.0\n[levers]\n"assurance.public" = false\n'
    )
    assert [read.values[f"ccw_dud_rate.{key}"] for key in ("on", "threshold", "deferral_months")] == [1, 0.001, 12]
    assert type(read.values["ccw_dud_rate.deferral_months"]) is int
    assert read.values["assurance.public"] == 0


def test_events_of_the_parent_come_first_unless_dropped():
    own = events('date = 2023-07-01\nactor = "RUS"\naction = "use"')
    parent = load_scenario("ukraine_2023").events
    kept = load_scenario_text('title = "x"\nextends = "ukraine_2023"\n' + own).events
    assert kept[:-1] == parent
    assert kept[-1] == Event(DATE(2023, 7, 1), "RUS", "use")
    dropped = load_scenario_text('title = "x"\nextends = "ukraine_2023"\ninherit_events = false\n' + own).events
    assert dropped == kept[-1:]


def test_initial_values_are_laid_over_key_by_key():
    read = scenario("[state.UKR]\nlegacy = 7\n[state.POL]\nthreat = 1\n[state.USA]\nconventional = 0\n")
    assert read.states["UKR"] == {"conventional": 0.35, "legacy": 7, "improved": 0, "low_dud": 0}
    assert read.states["POL"] == {"threat": 1.0}
    assert read.states["USA"] == {**load_scenario("baseline").states["USA"], "conventional": 0.0}


def test_worlds():
    assert scenario("").world == scenario('[world]\nkind = "real"\n').world == RealWorld()
    made = scenario(
        '[world]\nkind = "synthetic"\nn = 50\nat_war = 0\n' + events('date = 2023-07-07\nactor = "AAB"\naction = "use"')
    )
    assert made.world == SyntheticWorld(n=50, at_war=0.0)
    assert made.world.kind == "synthetic"
    assert made.world.arguments() == {
        "n": 50,
        "graph": "er",
        "degree": 8,
        "seed": 0,
        "holders": 0.2,
        "producers": 0.05,
        "parties": 0.0,
        "at_war": 0.0,
    }


def test_a_file_extends_a_file_beside_it(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "base.toml").write_text('title = "b"\nstart = 2010-01-31\nmonths = 12\n')
    (tmp_path / "top.toml").write_text('title = "t"\nextends = "mine/base.toml"\nmonths = 24\n')
    read = load_scenario(str(tmp_path / "top.toml"))
    assert (read.name, read.start, read.months, read.path) == ("top", DATE(2010, 1, 31), 24, tmp_path / "top.toml")
    assert load_scenario(tmp_path / "top.toml") == read
    assert load_scenario(read) is read


def test_a_bare_name_is_a_packaged_scenario(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("baseline.toml").write_text('title = "mine"\nstart = 2010-01-01\nmonths = 1\n')
    Path("mine.toml").write_text('title = "mine"\nextends = "baseline"\n')
    assert load_scenario("baseline").title == "Status quo"
    assert load_scenario("baseline.toml").title == "mine"
    assert load_scenario("mine.toml").start == load_scenario("baseline").start
    with pytest.raises(ScenarioError, match=r"for the file in this folder write mine\.toml"):
        load_scenario("mine")


# ---------------------------------------------------------------- zero, empty and absent (C4)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, record in records().items()
        if record.section == "levers" and record.kind != "choice" and record.low <= 0
    ],
)
def test_zero_is_not_absent(name):
    record = records()[name]
    zero = scenario(f'[levers]\n"{name}" = {"false" if record.kind == "switch" else 0}\n')
    absent = scenario("")
    assert zero.values[name] == 0
    assert (zero.origins[name], absent.origins[name]) == ("x.toml", "default")
    assert absent.values[name] == record.value
    assert (zero == absent) == (record.value == 0)


def test_empty_is_not_absent():
    parent = 'title = "x"\nextends = "strict_ban"\n'
    assert load_scenario_text(parent).references == ("Wexler2023", "CCM2008")
    assert load_scenario_text(parent + "references = []\n").references == ()
    assert load_scenario_text(parent).question == ""  # that of the parent is about the parent
    with pytest.raises(ScenarioError, match="not empty"):
        load_scenario_text(parent + 'question = ""\n')
    assert "USA" in scenario("").states
    assert scenario("[state.UKR]\n").states["UKR"] == load_scenario("baseline").states["UKR"]
    assert scenario("[state.POL]\n").states["POL"] == {}
    assert scenario("[state.UKR]\nlegacy = 0\n").states["UKR"]["legacy"] == 0
    assert scenario("").states["UKR"]["legacy"] > 0
    assert "output" not in scenario("").states["UKR"]
    assert scenario("[levers]\n[levers.assurance]\n") == scenario("")


def test_no_until_is_not_the_last_day():
    once, lasting = scenario(
        events(
            'date = 2023-07-07\nactor = "USA"\naction = "use"',
            'date = 2023-07-07\nuntil = 2043-06-30\nactor = "USA"\naction = "use"',
        )
    ).events
    assert (once.until, lasting.until) == (None, DATE(2043, 6, 30))


# ---------------------------------------------------------------- months


def test_months_are_counted_from_the_start():
    read = load_scenario("history_2008")
    assert read.end == DATE(2025, 12, 31)
    assert read.month_of(DATE(2008, 12, 4)) == read.month_of(DATE(2008, 12, 31)) == 0
    assert read.month_of(DATE(2009, 1, 1)) == 1
    assert read.month_of(read.end) == read.months - 1
    for day in (DATE(2008, 11, 30), DATE(2026, 1, 1)):
        with pytest.raises(ScenarioError, match="which runs from 2008-12-04 to 2025-12-31"):
            read.month_of(day)


def test_months_of_an_event():
    forced, lasting, forbidden, ended = scenario(
        "months = 24\n"
        + events(
            'date = 2023-08-31\nactor = "USA"\naction = "use"',
            'date = 2023-08-31\nuntil = 2023-10-01\nactor = "USA"\naction = "use"',
            'date = 2023-08-31\nactor = "*"\naction = "join"\nforbid = true',
            'date = 2023-08-31\nuntil = 2023-08-31\nactor = "*"\naction = "peace"\nforbid = true',
        )
    ).events
    read = scenario("months = 24\n")
    assert [read.months_of(event) for event in (forced, lasting, forbidden, ended)] == [
        range(1, 2),
        range(1, 4),
        range(1, 24),
        range(1, 2),
    ]


def test_a_forbidden_transfer_without_target_is_of_any():
    (event,) = scenario(events('date = 2023-07-07\nactor = "*"\naction = "transfer"\nforbid = true')).events
    assert event.to == "*"


def test_order_within_a_month_is_no_way_out_of_a_conflict():
    forced = 'date = 2023-07-07\nactor = "USA"\naction = "use"'
    for date, actor in (("2023-07-20", "USA"), ("2023-07-01", "*")):
        with pytest.raises(ScenarioError, match="a month is one step"):
            scenario(events(forced, f'date = {date}\nactor = "{actor}"\naction = "use"\nforbid = true'))
    assert scenario(events(forced, 'date = 2023-08-01\nactor = "USA"\naction = "use"\nforbid = true')).events


# ---------------------------------------------------------------- variations


def test_with_values():
    base = load_scenario("baseline")
    varied = base.with_values(
        {"norm.anchor": 0}, **{"bridge.on": True, "use.rounds": np.int64(5), "harm.gap": np.float64(1)}
    )
    assert (varied.values["norm.anchor"], varied.values["bridge.on"], varied.values["use.rounds"]) == (0.0, 1, 5)
    assert type(varied.values["use.rounds"]) is int
    assert varied.origins["norm.anchor"] == "override"
    assert varied.regimes == ("bridge",)
    assert base.values["norm.anchor"] == defaults()["norm.anchor"]
    assert base.with_values() == base.with_values({}) == base


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("norm.anchor", 0.3, "norm.anchor = 0.3: allowed is a number from 0 to 0.2"),
        ("norm.anchor", None, "norm.anchor = None: allowed is"),
        ("norm.anchor", "", 'norm.anchor = "": allowed is'),
        ("norm.anchor", True, "norm.anchor = true: allowed is"),
        ("norm.anchor", 10**400, "allowed is a number from 0 to 0.2"),
        ("norm.anchor", float("nan"), "it must be finite"),
        ("norm.ancohr", 0.1, "there is no parameter 'norm.ancohr'; did you mean 'norm.anchor'?"),
        ("anchor", 0.1, "did you mean 'norm.anchor'?"),
        ("use.rounds", 2.5, "a whole number from 0 to 20000"),
        ("ccw_dud_rate.rule", "majorty", "did you mean 'majority'?"),
        ("ccw_dud_rate.rule", 1, "allowed is consensus | majority | imposed"),
        ("two_track.on", 1, "add [regime.ccw_dud_rate]"),
    ],
)
def test_with_values_checks(name, value, words):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("baseline").with_values({name: value})
    assert words in str(caught.value)


def test_with_months_leaves_out_what_lies_beyond():
    base = load_scenario("ukraine_2023")
    short = base.with_months(4)
    assert short.end == DATE(2023, 10, 31)
    assert short.events == base.events[:4]
    assert load_scenario_text(short.to_toml()) == short
    forbidden = load_scenario("no_transfer_2023")
    assert forbidden.with_months(1).events == forbidden.events[:2]  # the others lie beyond
    lasting = scenario(events('date = 2023-07-07\nuntil = 2030-01-01\nactor = "USA"\naction = "use"')).with_months(12)
    assert lasting.events[0].until == DATE(2024, 6, 30)
    for months in (0, 1201, 12.0, True, "12"):
        with pytest.raises(ScenarioError, match="allowed is a whole number from 1 to 1200"):
            base.with_months(months)


def test_with_start_leaves_out_what_lies_before():
    base = load_scenario("ukraine_2023")
    later = base.with_start(DATE(2024, 4, 1))
    assert later.months == base.months
    assert later.events == base.events[5:]
    kept = load_scenario("no_transfer_2023").with_start(DATE(2024, 4, 1)).events
    assert {event.date for event in kept if event.forbid} == {DATE(2024, 4, 1)}
    for start in (DATE(2008, 11, 30), DATE(2101, 1, 1), datetime.datetime(2023, 7, 1), "2023-07-01"):
        with pytest.raises(ScenarioError, match="allowed is a date from 2008-12-01 to 2100-12-31"):
            base.with_start(start)


# ---------------------------------------------------------------- values for a regime that is off


PARKED = 'title = "x"\nextends = "baseline"\n[regime.bridge]\non = false\ntransparency = 0.1\n'


def test_a_value_beside_on_false_warns_with_its_place(tmp_path):
    with pytest.warns(ScenarioWarning) as caught:
        load_scenario_text(PARKED, "mine.toml")
    assert [str(warning.message) for warning in caught] == [
        "mine.toml, line 5: regime.bridge.transparency = 0.1: no effect, as the regime is off (on = false); "
        "take out on = false, or the value"
    ]
    (tmp_path / "parked.toml").write_text(PARKED)
    (tmp_path / "on.toml").write_text('title = "x"\nextends = "parked.toml"\n[regime.bridge]\n')
    assert load_scenario(tmp_path / "on.toml").values["bridge.transparency"] == 0.1  # no warning: it is on in the end
    (tmp_path / "off.toml").write_text(
        'title = "x"\nextends = "bridge_repeatable_opaque"\n[regime.bridge]\non = false\n'
    )
    load_scenario(tmp_path / "off.toml")  # nor here: the file sets no value of the regime


@pytest.mark.parametrize(
    "values",
    [
        {"bridge.transparency": 0.1, "bridge.on": True},
        {"bridge.transparency": 0.1, "bridge.on": False},  # off by name
        {"bridge.transparency": records()["bridge.transparency"].null},
        {"bridge.transparency": records()["bridge.transparency"].value},
        {"bridge.on": False},
        {"norm.anchor": 0.0},
    ],
)
def test_a_value_that_says_nothing_unheard_does_not_warn(values):
    load_scenario("baseline").with_values(values)


def test_a_value_of_a_regime_that_is_off_warns_at_the_caller():
    with pytest.warns(ScenarioWarning, match=r"off in baseline; set bridge\.on = true too") as caught:
        load_scenario("baseline").with_values({"bridge.transparency": 0.1})
    assert caught[0].filename == __file__


def test_a_bridge_that_is_forced_open_has_values_though_its_regime_is_off():
    text = PARKED + '[[event]]\ndate = 2024-01-01\nactor = "USA"\naction = "open_bridge"\n'
    forced = load_scenario_text(text)
    assert forced.regimes == ()
    forced.with_values({"bridge.close_above": 1.5})
    with pytest.warns(ScenarioWarning):
        load_scenario_text(text + "forbid = true\n")
