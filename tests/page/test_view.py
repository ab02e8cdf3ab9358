"""The view: what a browser may send, what is made of it, and that nothing is lost on the way."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normsim.page.view import (
    FIRST,
    MAX_FILE,
    MAX_FORCED,
    UNCHANGED,
    PageError,
    View,
    base_of,
    command_of,
    compare_command,
    first_view,
    other_of,
    scenario_of,
    view_of,
)
from normsim.parameters import ParameterError, records
from normsim.scenario import ScenarioError, load_scenario, scenario_names

STATES = ("USA", "UKR", "DEU", "RUS", "LTU", "TUV")


def values() -> st.SearchStrategy[dict[str, Any]]:
    """Values of some parameters within their ranges; regimes stay as they are."""

    def one(name: str) -> st.SearchStrategy[Any]:
        record = records()[name]
        match record.kind:
            case "choice":
                return st.sampled_from(record.choices)
            case "switch":
                return st.sampled_from([0, 1])
            case "int":
                return st.integers(int(record.low), int(record.high))
            case _:
                return st.floats(record.low, record.high)

    names = [name for name in records() if not name.endswith(".on")]
    return st.lists(st.sampled_from(names), max_size=6, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({name: one(name) for name in chosen})
    )


def acts() -> st.SearchStrategy[dict[str, Any]]:
    """Acts that are forced."""
    month = st.tuples(st.integers(2023, 2030), st.integers(1, 12)).map(lambda at: f"{at[0]}-{at[1]:02}")
    plain = st.sampled_from(["renounce", "use", "acquire", "open_bridge"])
    alone = st.fixed_dictionaries({"month": month, "actor": st.sampled_from(STATES), "action": plain})
    aimed = st.fixed_dictionaries(
        {
            "month": month,
            "actor": st.just("USA"),
            "action": st.sampled_from(["transfer", "condemn"]),
            "to": st.sampled_from(STATES[1:]),
        }
    )
    return alone | aimed


SENT = st.fixed_dictionaries(
    {},
    optional={
        "scenario": st.sampled_from(scenario_names()),
        "seed": st.integers(0, 10**15 - 1) | st.integers(0, 999).map(str),
        "start": st.none() | st.sampled_from(["2023-07", "2024-01", "2012-11"]),
        "months": st.none() | st.integers(1, 600),
        "set": values(),
        "forced": st.lists(acts(), max_size=4),
        "other": st.none() | st.sampled_from(["", UNCHANGED, *scenario_names()]),
    },
)


@settings(max_examples=150, deadline=None)
@given(SENT)
def test_a_view_comes_back_as_it_was_sent(sent: dict[str, Any]) -> None:
    view = view_of(sent)
    over_the_wire = json.loads(json.dumps(view.to_json()))
    assert view_of(over_the_wire) == view
    assert hash(view_of(over_the_wire)) == hash(view)
    assert view_of(over_the_wire | {"month": 12, "panel": "why", "look": "dark"}) == view  # the browser's own fields


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    ),
    st.sampled_from(["scenario", "file", "seed", "start", "months", "set", "forced", "other"]),
)
def test_nonsense_is_refused_in_words_or_taken(value: Any, field: str) -> None:
    for sent in ({field: value}, value):
        with contextlib.suppress(PageError, ParameterError, ScenarioError):
            assert view_of(view_of(sent).to_json()) == view_of(sent)


def test_what_equals_the_scenario_is_no_change() -> None:
    base = load_scenario(FIRST)
    sent = {"set": dict(base.values), "start": f"{base.start:%Y-%m}", "months": base.months}
    view = view_of(sent)
    assert not view.is_changed
    assert scenario_of(view)[0] == base
    assert command_of(view) == "normsim run ukraine_2023 --seed 0"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "scenarios/baseline.toml", "baseline.toml", "C:\\x"]
)
def test_a_browser_opens_no_files(name: str) -> None:
    with pytest.raises(PageError, match="no scenario"):
        view_of({"scenario": name})
    with pytest.raises(PageError, match="no scenario"):
        view_of({"other": name})
    with pytest.raises(ScenarioError):
        view_of({"file": {"name": name, "text": f'title = "x"\nextends = "{name}"'.replace("\\", "\\\\")}})


def test_a_near_name_is_offered() -> None:
    with pytest.raises(PageError, match="did you mean 'ukraine_2023'"):
        view_of({"scenario": "ukraine_2032"})


@pytest.mark.parametrize("seed", ["", "x", -1, 1.5, "1e3", "9" * 40, "²", True, None, [1]])
def test_a_bad_seed_is_refused(seed: Any) -> None:
    with pytest.raises(PageError, match="whole number"):
        view_of({"seed": seed})


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"set": {"use.norm": 99}}, "from 0 to 12"),
        ({"set": {"use.nrm": 1}}, "did you mean"),
        ({"start": "soon"}, "write a month"),
        ({"months": 601}, "from 1 to 600"),
        ({"months": True}, "from 1 to 600"),
        ({"forced": [{"month": "2023-08", "actor": "USA", "action": "dance"}]}, "allowed are"),
        ({"forced": [{"month": "2023-08", "actor": "USA", "action": "transfer"}]}, "aimed at"),
        ({"forced": [{"actor": "USA", "action": "use"}]}, "month is missing"),
        ({"forced": [{}] * (MAX_FORCED + 1)}, f"at most {MAX_FORCED}"),
        ({"file": {"name": "big.toml", "text": "#" * (MAX_FILE + 1)}}, "too large"),
        ({"file": "x"}, "name and a text"),
        ({"file": {"text": 'title = "x"\nstart = 2023-07-01\nmonths = 12\n[world]\nkind = "synthetic"\nn = 90000'}},
         "too large for the page"),
        ({"file": {"text": 'title = "x"\nextends = "baseline"\nmonths = 1200'}}, "too long for the page"),
        ([], "object"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_in_words(sent: Any, told: str) -> None:
    with pytest.raises((PageError, ParameterError, ScenarioError), match=told):
        view_of(sent)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"start": "1999-01"}, "allowed is a date"),
        ({"set": {"two_track.on": 1}}, "ccw_dud_rate"),
        ({"forced": [{"month": "2023-08", "actor": "XXX", "action": "use"}]}, "XXX"),
        ({"forced": [{"month": "2023-08", "actor": "USA", "action": "transfer", "to": "USA"}]}, "itself"),
    ],
)
def test_what_cannot_be_run_is_refused_in_words(sent: dict[str, Any], told: str) -> None:
    with pytest.raises((PageError, ScenarioError), match=told):
        scenario_of(view_of(sent))


def test_a_value_without_effect_is_said() -> None:
    _, notes = scenario_of(view_of({"scenario": "baseline", "set": {"ccw_dud_rate.threshold": 0.05}}))
    assert len(notes) == 1
    assert "no effect" in notes[0]


def test_a_forced_act_is_a_dated_event() -> None:
    forced = [{"month": "2023-12", "actor": "IND", "action": "renounce"}]
    made, _ = scenario_of(view_of({"forced": forced}))
    assert str(made.events[-1]) == "2023-12-01 IND renounce"
    outside, _ = scenario_of(view_of({"forced": forced, "months": 3}))
    assert all(event.actor != "IND" for event in outside.events)


def test_what_a_view_is_compared_with() -> None:
    assert view_of({}).other == "no_transfer_2023"
    assert view_of({"scenario": "history_2008"}).other == UNCHANGED
    changed = view_of({"set": {"bridge.transparency": 1.0}, "other": UNCHANGED, "seed": 4})
    other = other_of(changed)
    assert other == View(seed=4)
    moved = other_of(view_of({"start": "2024-01", "months": 36, "other": "baseline"}))
    assert moved is not None
    assert (moved.start, moved.months) == ("2024-01", 36)
    assert other_of(view_of({"other": ""})) is None
    ring = 'title = "Ring"\nstart = 2023-07-01\nmonths = 12\n[world]\nkind = "synthetic"\nn = 12\ngraph = "ring"\n'
    assert view_of({"file": {"name": "r.toml", "text": ring}}).other == UNCHANGED
    with pytest.raises(PageError, match="another kind of world"):
        other_of(view_of({"file": {"name": "r.toml", "text": ring}, "other": "baseline"}))


def test_commands_name_what_they_need() -> None:
    view = view_of({"seed": 3})
    assert command_of(view, 6) == "normsim run ukraine_2023 --seed 3 --months 6"
    assert compare_command(view, 20) == "normsim run ukraine_2023 --vs no_transfer_2023 --seed 3 --runs 20"
    changed = view_of({"set": {"bridge.transparency": 1.0}, "start": "2024-01"})
    assert command_of(changed) == "normsim run my_scenario.toml --seed 0"
    assert compare_command(changed, 5) == "normsim run my_scenario.toml --vs other_scenario.toml --seed 0 --runs 5"


def test_the_scenario_of_the_command_line_opens(tmp_path) -> None:
    assert first_view("baseline").scenario == "baseline"
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\nextends = "baseline"\nmonths = 24\n', encoding="utf-8")
    view = first_view(str(path))
    assert (view.scenario, view.file_name) == ("", "mine.toml")
    assert base_of(view) == load_scenario(str(path))


def test_a_name_of_a_file_is_its_last_part() -> None:
    text = 'title = "Mine"\nextends = "baseline"\n'
    for name in ("/home/someone/mine.toml", "C:\\folder\\mine.toml", "mine.toml"):
        assert view_of({"file": {"name": name, "text": text}}).file_name == "mine.toml"
    assert view_of({"file": {"name": "a\nb\x00.toml", "text": text}}).file_name == "ab.toml"
    assert view_of({"file": {"text": text}}).file_name == "upload.toml"
