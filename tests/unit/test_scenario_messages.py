"""One broken file a kind of failure, and the exact words its message must hold (RELIABILITY C1)."""

import pickle
from pathlib import Path

import pytest

from normsim.config.toml_reader import MAX_BYTES, MAX_NODES
from normsim.scenario import ScenarioError, load_scenario, load_scenario_text

BROKEN = Path(__file__).parents[1] / "data" / "broken"

MESSAGES: dict[str, tuple[int | None, str, str]] = {
    # file: line, what it says of key and value, what it says to do
    "unknown_key": (3, "moths: unknown key", "did you mean 'months'?"),
    "unknown_parameter": (4, 'parameters."norm.recurence": unknown key', "did you mean 'norm.recurrence'?"),
    "unknown_lever_short": (4, "levers.strictness: unknown key", "did you mean 'assurance.strictness'?"),
    "unknown_regime": (3, "regime.ccw_dud: unknown regime", "did you mean 'ccw_dud_rate'?"),
    "unknown_regime_key": (5, "regime.bridge.transparancy: unknown key", "did you mean 'transparency'?"),
    "unknown_event_key": (5, "event[1].actr: unknown key", "did you mean 'actor'?"),
    "unknown_action": (6, 'event[1].action = "transfr"', "did you mean 'transfer'?"),
    "unknown_state_code": (7, 'event[1].to = "UKN": unknown state', "did you mean 'UKR' (Ukraine)?"),
    "unknown_state_name": (5, 'event[1].actor = "Ukraine": unknown state', "did you mean 'UKR' (Ukraine)?"),
    "unknown_state_table": (3, "state.usa: unknown state", "did you mean 'USA' (United States)?"),
    "unknown_state_key": (4, "state.USA.convential: unknown key", "did you mean 'conventional'?"),
    "section_lever_in_parameters": (4, 'parameters."assurance.strictness"', "belongs in [levers]"),
    "section_parameter_in_levers": (4, "levers.norm.anchor", "belongs in [parameters]"),
    "section_regime_in_levers": (4, 'levers."bridge.transparency"', "belongs in [regime.bridge]"),
    "section_lever_in_regime": (4, 'regime.bridge."export.waiver"', "belongs in [levers]"),
    "section_regime_at_top": (3, "bridge: unknown key", "belongs in [regime.bridge]"),
    "section_parameter_at_top": (3, '"norm.anchor": unknown key', "belongs in [parameters]"),
    "type_text_for_number": (4, 'assurance.strictness = "0.8": allowed is a number from 0 to 1', "drop the quotes"),
    "type_decimal_comma": (4, 'assurance.strictness = "0,8"', "write 0.8 with a decimal point"),
    "type_number_for_text": (1, "title = 2023", "text needs quotes"),
    "type_float_for_whole": (3, "months = 120.5", "allowed is a whole number from 1 to 1200"),
    "type_switch": (4, 'assurance.public = "no"', "write true or false without quotes"),
    "type_forbid": (7, 'event[1].forbid = "yes"', "write true or false without quotes"),
    "type_regime_not_table": (4, "regime.bridge = true", "a table each regime that is on"),
    "type_single_event": (3, "event = {...}", "each under its own [[event]] in double brackets"),
    "type_choice": (4, 'ccw_dud_rate.rule = "consensual"', "did you mean 'consensus'?"),
    "range_parameter": (4, "norm.recurrence = 2.5", "allowed is a number from 0 to 2 (per episode)"),
    "range_regime": (4, "bridge.transparency = -0.1", "allowed is a number from 0 to 1"),
    "range_months_zero": (3, "months = 0", "allowed is a whole number from 1 to 1200"),
    "range_state": (4, "state.USA.output = 24000", "a number from 0.1 to 20 (factor on peacetime output)"),
    "not_finite_nan": (4, "norm.recurrence = nan", "it must be finite"),
    "not_finite_inf": (4, "state.USA.conventional = inf", "it must be finite"),
    "too_many_digits": (3, "months = 9999", "at most 64 bits"),
    "missing_title": (None, "title: is missing", "a few words in quotes"),
    "missing_start": (None, "start: is missing", 'extend a scenario that does, as in extends = "baseline"'),
    "missing_target": (3, "event[1].to: is missing", 'a transfer has a target, as in to = "UKR"'),
    "missing_actor": (3, "event[1].actor: is missing", "the code of a state"),
    "missing_size": (3, "world.n: is missing", "as in n = 50"),
    "empty_file": (None, "empty", "a scenario has at least a title"),
    "empty_comments": (None, "empty", "a scenario has at least a title"),
    "empty_title": (1, 'title = ""', "not empty"),
    "duplicate_key": (4, "months = 240: set or opened a second time", "keep one of the two"),
    "duplicate_table": (5, "[regime.bridge]: set or opened a second time", "keep one of the two"),
    "duplicate_name": (6, "levers.assurance.strictness: set twice", "keep one"),
    "date_in_quotes": (3, 'start = "2023-07-01"', "drop the quotes"),
    "date_impossible": (3, "start = 2023-02-30: there is no such date", "as in 2023-07-07"),
    "date_with_time": (3, "start = 2023-07-01T12:00:00", "leave out the time of day: 2023-07-01"),
    "date_before_the_world": (3, "start = 2008-11-30", "from 2008-12-01 to 2100-12-31"),
    "event_before_start": (4, "event[1].date = 2022-02-24: outside the scenario", "move it, or change start or months"),
    "event_after_end": (5, "event[1].date = 2024-07-01", "which runs from 2023-07-01 to 2024-06-30"),
    "event_until_backwards": (5, "event[1].until = 2023-07-01", "before the event's date, 2024-07-01"),
    "event_inherited_outside": (2, "2024-03-12 USA transfer UKR of ukraine_2023.toml", "inherit_events = false"),
    "event_everyone_forced": (5, 'event[1].actor = "*"', "forbid = true"),
    "event_everyone_targeted": (7, 'event[1].to = "*"', "forbid = true"),
    "event_needless_target": (7, 'event[1].to = "UKR"', "use has no target; take it out"),
    "event_at_itself": (7, 'event[1].to = "USA"', "a state cannot aim at itself"),
    "event_forced_and_forbidden": (3, "2023-07-07 USA transfer UKR is forced while", "inherit_events = false"),
    "impossible_transfer_by_party": (
        6,
        'event[1].action = "transfer": cannot happen in September 2023: NOR, a party, holds no cluster munitions',
        "force an acquire or a transfer to it before",
    ),
    "impossible_transfer_without_stock": (10, "UKR holds no cluster munitions", "give it a stock in [state.UKR]"),
    "impossible_use": (6, "MEX, a party, holds no cluster munitions", "force an acquire or a transfer to it before"),
    "impossible_condemn": (6, "ISL can do nothing by then that could be condemned", "move the event"),
    "impossible_join": (6, "NOR is bound by the convention already", "force it to withdraw at least 6 months before"),
    "impossible_join_twice": (10, "BRA is bound by the convention already", "take the event out"),
    "impossible_renounce": (6, "NOR is bound by the convention", "take the event out"),
    "impossible_withdraw": (6, "BRA is not bound by the convention", "force it to join first"),
    "impossible_withdraw_twice": (10, "NOR has given notice by an earlier event", "take one of the two out"),
    "impossible_close_bridge": (11, "2023-07-07..2024-07-07 USA open_bridge is forced", "take one of the two out"),
    "impossible_peace": (10, "2023-07-07 UKR war is forced in the same months", "take one of the two out"),
    "impossible_inherited": (
        2,
        "2023-07-07 USA transfer UKR of ukraine_2023.toml cannot happen",
        "inherit_events = false",
    ),
    "regime_two_track_alone": (3, "regime.two_track", "add [regime.ccw_dud_rate]"),
    "world_real_with_size": (5, "world.n", 'only a generated world has it: kind = "synthetic"'),
    "world_graph": (6, 'world.graph = "star"', '"er", "complete", "ring", "sbm" or "ba"'),
    "extends_missing": (2, 'extends = "basline": there is no such scenario', "did you mean 'baseline'?"),
    "extends_missing_file": (2, 'extends = "nowhere.toml"', "there is no such file beside this one"),
    "extends_itself": (2, "in a circle", "extends_itself.toml -> extends_itself.toml"),
    "extends_outside": (2, 'extends = "../broken/empty_file.toml"', "no '..', no absolute path"),
    "extends_absolute": (2, 'extends = "/secret/scenario.toml"', "no '..', no absolute path"),
    "cycle/a": (2, "files extend each other in a circle", "a.toml -> b.toml -> c.toml -> a.toml"),
    "chain/1": (2, "extends", "a chain of more than 8 scenarios"),
    "newer_format": (1, "format = 2: this file was written for a newer normsim", "upgrade normsim"),
    "word_no": (4, '"assurance.public" = NO', "write true or false in small letters"),
    "word_on": (4, "on = on", "write true or false in small letters"),
    "word_null": (3, "months = null", "leave the key out"),
    "word_unquoted": (1, "title = Broken", "text needs quotes"),
    "percent": (4, "threshold = 1 %", "1 % is 0.01"),
    "yaml_colon": (1, "title: Broken", "a value follows an equals sign"),
    "yaml_tag": (1, "title = !!python/object", "belong to YAML; this is TOML"),
    "yaml_alias": (2, "a = &a", "belong to YAML; this is TOML"),
    "unclosed_quote": (1, 'title = "Broken', "a quote is not closed on this line"),
    "unclosed_bracket": (4, "the file ends within a value", "close its quote or bracket"),
    "control_character": (1, 'title = "Broken \\u001b[31m"', "holds a control character; take it out"),
    "too_deep_list": (3, "nested too deeply", "at most 32 levels"),
    "too_deep_key": (3, "nested too deeply", "at most 32 levels"),
    "not_utf8": (2, "not UTF-8", "save the file with the encoding UTF-8"),
    "utf16": (1, "not UTF-8", "save the file with the encoding UTF-8"),
    "byte_order_mark": (1, "starts with a byte order mark", "save the file as UTF-8 without BOM"),
}
LINKS = {"cycle/b", "cycle/c", *(f"chain/{link}" for link in range(2, 10))}
BLAMED = {"cycle/a": "c.toml", "chain/1": "8.toml"}
"""Where the file at fault is another one of the chain."""


def test_every_broken_file_has_its_message():
    found = {path.relative_to(BROKEN).with_suffix("").as_posix() for path in BROKEN.rglob("*.toml")}
    assert found == MESSAGES.keys() | LINKS
    assert len(MESSAGES) >= 25


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name):
    line, problem, advice = MESSAGES[name]
    with pytest.raises(ScenarioError) as caught:
        load_scenario(BROKEN / f"{name}.toml")
    message = str(caught.value)
    file = BLAMED.get(name, name.rpartition("/")[2] + ".toml")
    assert message.startswith(f"{file}, line {line}: " if line else f"{file}: ")
    assert problem in message
    assert advice in message
    assert "\n" not in message
    assert (caught.value.file, caught.value.line) == (file, line)
    assert str(BROKEN) not in message, "an absolute path"
    assert "pydantic" not in message.lower()
    assert "Input should" not in message


@pytest.mark.parametrize("name", [name for name in MESSAGES if "/" not in name and name.partition("_")[0] != "extends"])
def test_an_upload_is_refused_alike(name):
    """Same loader, same limits, same words."""
    with pytest.raises(ScenarioError) as from_file:
        load_scenario(BROKEN / f"{name}.toml")
    with pytest.raises(ScenarioError) as from_text:
        load_scenario_text((BROKEN / f"{name}.toml").read_bytes(), f"{name}.toml")
    assert str(from_text.value) == str(from_file.value)


def test_an_upload_extends_by_name_only():
    with pytest.raises(ScenarioError, match="an upload can extend packaged scenarios only"):
        load_scenario_text('title = "x"\nextends = "baseline.toml"\n')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# " + "x" * MAX_BYTES, "too large; a file has at most 1,000,000 bytes"),
        ("".join(f"a{i} = 1\n" for i in range(MAX_NODES)), "too many keys; a file has at most 10,000"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        (".".join("a" * 100_000) + " = 1", "nested too deeply"),
        ("a = " + "1" * 100_000, "too many digits"),
        ('title = "lone \ud800"', "not UTF-8"),
    ],
    ids=["bytes", "nodes", "brackets", "dots", "digits", "surrogate"],
)
def test_limits(text, words):
    with pytest.raises(ScenarioError, match=words):
        load_scenario_text(text)


def test_at_the_limits():
    """What is within the limits is read: a large comment, a long note, tabs and Windows line ends."""
    text = 'title = "x"\r\n\textends\t=\t"baseline"\r\n'
    text += '[[event]]\r\ndate = 2024-01-31\r\nactor = "USA"\r\naction = "use"\r\n'
    text += 'note = """\n' + "long\n" * 1000 + '"""\n'
    scenario = load_scenario_text(text + "#" * (MAX_BYTES - len(text)))
    assert len(scenario.events[0].note) == 5000


def test_a_file_that_is_none(tmp_path):
    for path, words in (
        (tmp_path, "this is a folder, not a file"),
        (tmp_path / "none.toml", "there is no such file"),
        (tmp_path / ("x" * 5000 + ".toml"), "there is no such file"),
        (tmp_path / "nul\0.toml", "there is no such file"),
    ):
        with pytest.raises(ScenarioError, match=words) as caught:
            load_scenario(path)
        assert str(tmp_path.parent) not in str(caught.value)


def test_extends_stays_in_its_folder(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.toml").write_text('title = "secret"\nextends = "baseline"\n')
    (inside / "link.toml").symlink_to(outside / "secret.toml")
    (inside / "a.toml").write_text('title = "a"\nextends = "link.toml"\n')
    with pytest.raises(ScenarioError, match=r"a\.toml, line 2: .*allowed is a file in this one's folder"):
        load_scenario(inside / "a.toml")


def test_lines_within_long_values():
    text = """
title = "x"
extends = "baseline"
references = [
    "a",  # months = 1
    "b",
]
question = '''
months = 3
[regime.bridge]
'''
[[event]]
date = 2023-07-07
actor = "USA"
action = "use"
[[event]]
date = 2023-07-08
actor = "USA"
action = "fire"
"""
    with pytest.raises(ScenarioError, match=r"line 19: event\[2\]\.action"):
        load_scenario_text(text)
    with pytest.raises(ScenarioError, match=r"line 4: references\[2\] = 7: .*text needs quotes"):
        load_scenario_text(text.replace('"b"', "7").replace("fire", "use"))


def test_names_are_only_labels():
    for label, shown in (("../../etc/x.toml", "x.toml"), ("C:\\x\\y.toml", "y.toml"), ("a\n\x1b.toml", "a??.toml")):
        with pytest.raises(ScenarioError) as caught:
            load_scenario_text("", label)
        assert caught.value.file == shown


def test_an_unknown_name():
    with pytest.raises(ScenarioError, match=r"there is no scenario \"ukraine_2032\"; did you mean 'ukraine_2023'\?"):
        load_scenario("ukraine_2032")
    for name in ("", "..", "a\0b", "x" * 10_000):
        with pytest.raises(ScenarioError):
            load_scenario(name)


def test_an_error_survives_a_process_boundary():
    error = ScenarioError("wrong", file="x.toml", line=3, key="a.b")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "x.toml, line 3: wrong"
    assert vars(copy) == vars(error)
