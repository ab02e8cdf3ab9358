"""Whatever a file holds, loading it gives a scenario or one clear error (RELIABILITY C2, C3)."""

import contextlib
import datetime
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from normsim.parameters import records
from normsim.scenario import (
    ACTIONS,
    Scenario,
    ScenarioError,
    load_scenario,
    load_scenario_text,
    scenario_names,
    varied_scenario,
)
from normsim.scenario.value_checks import states

pytestmark = pytest.mark.filterwarnings("ignore::normsim.errors.ScenarioWarning")
"""Random files set values of regimes that are off."""

ROOT = Path(__file__).parents[2]
GOOD = [(ROOT / "scenarios" / f"{name}.toml").read_text(encoding="utf-8") for name in scenario_names()]
BROKEN = [path.read_bytes() for path in sorted((ROOT / "tests" / "data" / "broken").glob("*.toml"))]

VALUES = """
0 -0.0 1 -1 0.5 1e-3 1e400 nan inf -inf true false NO on null 07 1_000 0x1F 9223372036854775808 '' "" "UKR" "*"
2023-07-07 2023-07-07T00:00:00 1979-05-27T07:32:00Z 07:30:00 "2023-07-07" [] {} [[]] [1] {a=1} {"norm.anchor"=0} [ { # =
. ''' \"\"\" \\u0000 "\\u0000" "../x.toml" "/x.toml" "baseline" "ukraine_2023" !!python &a *a é
"""
NAMES = """
format title question extends references start months inherit_events regime levers parameters world state event
regime.bridge regime.bridge.on regime.two_track.on state.USA state.USA.legacy world.kind world.n event.actor
date until actor action to forbid source note kind n graph conventional on transparency rule
"norm.anchor" "assurance.public" assurance.public norm "" a.b.c.d é
"""
SCALARS, KEYS = st.sampled_from(VALUES.split()), st.sampled_from(NAMES.split())
LINES = st.one_of(
    st.builds("{} = {}".format, KEYS, SCALARS),
    KEYS.map("[{}]".format),
    KEYS.map("[[{}]]".format),
    st.text(max_size=20),
)
FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(data: str | bytes) -> Scenario | ScenarioError:
    """A scenario or the error, within two seconds; anything else fails the test."""
    begun = time.process_time()
    try:
        result: Scenario | ScenarioError = load_scenario_text(data, "fuzz.toml")
    except ScenarioError as error:
        message = str(error)
        assert message
        assert message.isprintable()
        assert len(message) < 2000
        assert "Input should" not in message
        result = error
    assert time.process_time() - begun < 2
    return result


def round_trip(scenario: Scenario) -> None:
    for text in (scenario.to_toml(), scenario.to_toml(every=True)):
        again = load_scenario_text(text)
        assert again == scenario
        assert again.fingerprint() == scenario.fingerprint()
        assert dict(again.values) == dict(scenario.values)


@FUZZ
@given(st.binary(max_size=400))
def test_random_bytes(data):
    outcome(data)


@FUZZ
@given(st.text(max_size=400))
def test_random_text(text):
    outcome(text)


@FUZZ
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_random_lines(text):
    outcome('title = "x"\nextends = "baseline"\n' + text)
    outcome(text)


@FUZZ
@given(st.sampled_from(GOOD), st.data())
def test_mutated_lines(text, data):
    """Lines of a valid file replaced, dropped, doubled, swapped, or given another value."""
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["replace", "drop", "double", "swap", "value", "key"])):
            case "replace":
                lines[place] = data.draw(LINES)
            case "drop" if len(lines) > 1:
                del lines[place]
            case "double":
                lines.insert(place, lines[place])
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[place], lines[other] = lines[other], lines[place]
            case "value":
                lines[place] = f"{lines[place].partition('=')[0]}= {data.draw(SCALARS)}"
            case "key":
                lines[place] = f"{data.draw(KEYS)} ={lines[place].partition('=')[2]}"
    result = outcome("\n".join(lines))
    if isinstance(result, Scenario):
        round_trip(result)


@FUZZ
@given(st.sampled_from([*(text.encode() for text in GOOD), *BROKEN]), st.data())
def test_mutated_bytes(content, data):
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content)))
        width = data.draw(st.integers(0, 4))
        content = content[:place] + data.draw(st.binary(max_size=4)) + content[place + width :]
    outcome(content)


@st.composite
def scenarios(draw):
    """A valid file: some values within their ranges, some initial values, some events."""
    lines = ['title = "x"', "start = 2023-07-01", f"months = {draw(st.integers(13, 1200))}"]
    tables: dict[str, list[str]] = {}
    for name in draw(st.lists(st.sampled_from(sorted(records())), unique=True, max_size=12)):
        record = records()[name]
        match record.kind:
            case "choice":
                value = f'"{draw(st.sampled_from(record.choices))}"'
            case "switch":
                value = draw(st.sampled_from(["true", "false"]))
            case "int":
                value = str(draw(st.integers(int(record.low), int(record.high))))
            case _:
                value = repr(draw(st.floats(record.low, record.high)))
        group, _, key = name.partition(".")
        table = f"regime.{group}" if record.section == "regime" else f"{record.section}.{group}"
        tables.setdefault(table, []).append(f"{key} = {value}")
    if "regime.two_track" in tables:
        tables["regime.ccw_dud_rate"] = ["on = true"]
    for code in draw(st.lists(st.sampled_from(sorted(states())), unique=True, max_size=3)):
        tables[f"state.{code}"] = [f"threat = {draw(st.floats(0, 1))!r}", f"legacy = {draw(st.integers(0, 10**9))}"]
    for table, settings_ in tables.items():
        lines += [f"[{table}]", *settings_]
    forbid, last = draw(st.booleans()), datetime.date(2024, 7, 31)
    for _ in range(draw(st.integers(0, 5))):
        actor, target = draw(st.permutations(["USA", "UKR", "RUS"]))[:2]
        action = draw(st.sampled_from(ACTIONS))
        date = draw(st.dates(datetime.date(2023, 7, 1), last))
        lines += ["[[event]]", f"date = {date}", f'actor = "{actor}"', f'action = "{action}"']
        lines += [f"forbid = {str(forbid).lower()}"]
        lines += [f'to = "{target}"'] if action in ("transfer", "condemn") else []
        lines += (
            [f"until = {min(date + datetime.timedelta(draw(st.integers(0, 300))), last)}"]
            if draw(st.booleans())
            else []
        )
    return "\n".join(lines)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_valid_files_load_and_round_trip(text):
    try:
        scenario = load_scenario_text(text)
    except ScenarioError as error:
        assume("cannot happen" not in error.problem)  # valid by its words, but for what the world allows
        raise
    round_trip(scenario)
    round_trip(scenario.with_months(6))
    round_trip(scenario.with_start(datetime.date(2024, 2, 29)))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(records())),
    st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text(max_size=9)),
)
@example("norm.anchor", 10**400)
def test_any_value_of_any_parameter(name, value):
    """A value is taken as it is, within its range, or refused."""
    base = load_scenario("ccw_imposed")
    try:
        varied = varied_scenario(base, {name: value})
    except ScenarioError as error:
        said = str(error)
        assert name in said or "ccw_dud_rate" in said
    else:
        assert varied.values[name] == value
        round_trip(varied)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
@example("baseline.toml/")
@example("a\0.toml")
@example("x" * 5000 + ".toml")
def test_any_name(name):
    with contextlib.suppress(ScenarioError):
        assert load_scenario(name).name
