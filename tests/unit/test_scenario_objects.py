"""A scenario as an object: shown, frozen, compared, written down, and its schema."""

import copy
import datetime
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest

from normsim.parameters import REGIMES, records
from normsim.scenario import (
    ScenarioWarning,
    SyntheticWorld,
    diff,
    json_schema,
    load_scenario,
    load_scenario_text,
    scenario_names,
)
from normsim.scenario.value_checks import states
from tests.scenario_texts import events, scenario

DATE = datetime.date


# ---------------------------------------------------------------- in a notebook


def test_a_scenario_is_short_in_a_notebook():
    read = load_scenario("bridge_repeatable_opaque").with_values({"norm.anchor": 0})
    assert repr(read) == "Scenario('bridge_repeatable_opaque', 240 months from 2023-07-01, regimes: bridge)"
    html = read._repr_html_()
    assert "<td>bridge.transparency</td>" in html
    assert "<td>override</td>" in html
    assert "use.habit" not in html  # a default
    assert "&lt;b&gt;" in replace(read, title="<b>")._repr_html_()


def test_a_scenario_as_a_frame():
    read = load_scenario("bridge_repeatable_opaque").with_values({"norm.anchor": 0})
    frame = read.to_frame()
    assert list(frame.columns) == ["parameter", "value", "unit", "origin", "meaning"]
    assert dict(zip(frame["parameter"], frame["value"], strict=True)) == dict(read.values)
    assert dict(zip(frame["parameter"], frame["origin"], strict=True)) == dict(read.origins)


# ---------------------------------------------------------------- frozen, picklable, comparable


def test_frozen():
    read = load_scenario("ukraine_2023")
    with pytest.raises(FrozenInstanceError):
        read.months = 3
    for mapping in (read.values, read.origins, read.states, read.states["USA"]):
        with pytest.raises(TypeError):
            mapping["x"] = 1


def test_pickle_and_copy():
    read = load_scenario("ukraine_2023").with_values({"norm.anchor": 0})
    for again in (pickle.loads(pickle.dumps(read)), copy.deepcopy(read), copy.copy(read)):
        assert again == read
        assert hash(again) == hash(read)
        assert (again.name, again.path, again.origins) == (read.name, read.path, read.origins)


def test_equality_is_of_content_and_the_fingerprint_of_what_runs():
    base = scenario("months = 12\n")
    assert base == scenario("months = 12\n", "other.toml")
    assert base.fingerprint() != scenario("months = 13\n").fingerprint()
    retitled = load_scenario_text('title = "y"\nextends = "baseline"\nmonths = 12\n')
    assert retitled != base
    assert retitled.fingerprint() == base.fingerprint()
    assert len({base, scenario("months = 12\n")}) == 1


@pytest.mark.parametrize(
    "change",
    [
        "start = 2023-08-01\n",
        '[parameters]\n"norm.anchor" = 0\n',
        "[state.USA]\nconventional = 0.56\n",
        '[world]\nkind = "synthetic"\nn = 50\n',
        events('date = 2023-07-07\nactor = "USA"\naction = "use"'),
        events('date = 2023-07-07\nactor = "USA"\naction = "use"\nforbid = true'),
    ],
)
def test_what_runs_differently_has_another_fingerprint_and_a_difference(change):
    base, changed = scenario(""), scenario(change)
    assert base.fingerprint() != changed.fingerprint()
    assert diff(base, changed)
    assert diff(base, base) == []


def test_a_fingerprint_is_the_same_in_another_process():
    code = "import normsim.scenario as s; print(s.load_scenario('ukraine_2023').fingerprint())"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert outputs == {load_scenario("ukraine_2023").fingerprint() + "\n"}


def test_diff_names_both_sides():
    changes = diff(load_scenario("assurances_monitored_public"), load_scenario("assurances_secret"))
    assert changes == [("assurance.public", 1, 0)]
    changes = diff(load_scenario("no_transfer_2023"), load_scenario("ukraine_2023"))
    assert ("event 2023-07-07 USA transfer UKR", None, "forced") in changes
    assert ("event 2023-07-01 USA transfer UKR", "forbidden", None) in changes
    assert ("world.n", None, 50) in diff(scenario(""), scenario('[world]\nkind = "synthetic"\nn = 50\n'))
    assert ("state.POL.threat", None, 0.0) in diff(scenario(""), scenario("[state.POL]\nthreat = 0\n"))


# ---------------------------------------------------------------- written down


def test_a_dump_says_who_set_what_and_never_where(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'title = "Quotes \\" and \\\\ and\\ttabs"\nextends = "ukraine_2023"\n[parameters]\n"norm.anchor" = 0\n'
    )
    read = load_scenario(path).with_values({"export.waiver": 0})
    text = read.to_toml()
    assert '"norm.anchor" = 0.0  # mine.toml' in text
    assert "transparency = 0.5  # ukraine_2023.toml" in text
    assert '"export.waiver" = 0.0  # override' in text
    assert str(tmp_path) not in text
    assert load_scenario_text(text) == read


def test_a_dump_lists_every_value_if_asked():
    read = load_scenario("baseline")
    text = read.to_toml(every=True)
    assert text.count("# default") == len(records())
    assert load_scenario_text(text) == read


def test_a_regime_that_is_off_stays_off():
    with pytest.warns(ScenarioWarning, match=r"bridge\.transparency = 0\.1 has no effect"):
        read = load_scenario("baseline").with_values({"bridge.transparency": 0.1})
    assert read.regimes == ()
    assert load_scenario_text(read.to_toml()) == read  # without another warning


def test_a_strange_file_name_cannot_break_a_dump(tmp_path):
    path = tmp_path / 'a\nmonths = "x".toml'
    path.write_text('title = "x"\nextends = "baseline"\n[parameters]\n"norm.anchor" = 0\n')
    read = load_scenario(path)
    assert "\n" not in read.name
    assert load_scenario_text(read.to_toml()) == read


# ---------------------------------------------------------------- schema, lists, cost


def test_the_schema_holds_every_record():
    fields = json_schema()["properties"]
    for name, record in records().items():
        group, _, key = name.partition(".")
        if record.section == "regime":
            places = [fields["regime"]["properties"][group]["properties"][key]]
        else:
            section = fields[record.section]["properties"]
            places = [section[name], section[group]["properties"][key]]
        for place in places:
            assert record.meaning in place["description"]
            if record.kind == "choice":
                assert place["enum"] == list(record.choices)
            elif record.kind != "switch":
                assert (place["minimum"], place["maximum"]) == (record.low, record.high)
    assert set(fields["regime"]["properties"]) == set(REGIMES)


def test_the_schema_has_no_null_and_no_free_keys():
    schema = json_schema()
    nodes, rest = [], [schema]
    while rest:
        node = rest.pop()
        nodes.append(node)
        rest += [
            inner for inner in (node.values() if isinstance(node, dict) else node) if isinstance(inner, dict | list)
        ]
    assert not any(
        node.get("type") == "null" or node.get("default", 0) is None for node in nodes if isinstance(node, dict)
    )
    assert all(
        "additionalProperties" in node for node in nodes if isinstance(node, dict) and node.get("type") == "object"
    )
    assert all(record.null is None or record.check(record.null) is not None for record in records().values())
    outside = [n for n, r in records().items() if isinstance(r.null, float | int) and not r.low <= r.null <= r.high]
    assert not outside, "the schema would refuse a null that the loader takes"


def test_defaults_are_in_range():
    assert all(record.check(record.value) == record.value for record in records().values())


def test_states_are_those_of_the_world():
    assert {"USA", "UKR", "COK", "NIU", "VAT", "PSE"} <= states().keys()
    assert len(states()) == 197


def test_the_first_day_is_the_world_s():
    world = pytest.importorskip("normsim.world")
    from normsim.scenario import FIRST_DAY

    assert world.convention().covariates_from == FIRST_DAY


def test_the_synthetic_fields_are_the_world_s():
    world = pytest.importorskip("normsim.world")
    made = world.synthetic_world(**SyntheticWorld(n=10).arguments())
    assert len(made) == 10


def test_importing_is_cheap():
    """Neither pydantic nor anything of the engine before a file is read."""
    code = "import sys, normsim.scenario as s; s.scenario_names(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "numba", "pandas", "scipy", "networkx", "mesa"} & set(loaded)


def test_names_are_sorted():
    assert list(scenario_names()) == sorted(scenario_names())
