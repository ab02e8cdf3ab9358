"""What the server answers: the numbers of the command line, bit for bit, and explanations that add up."""

import base64
import csv
import io
import json
import multiprocessing
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.comparison import compare
from normsim.engine.columns import STATE_COLUMNS, Choice
from normsim.engine.narrative import CHOICE_NAMES, TERMS
from normsim.engine.networks import LAYERS
from normsim.engine.outcomes import OUTCOMES
from normsim.engine.simulate import simulate
from normsim.model import NormModel
from normsim.page import differences, event_lines, recorded_run
from normsim.page.about import about_json
from normsim.page.decisions import NOW, facts_json, percent, why_json
from normsim.page.differences import MAPPED, Difference, difference, sentence_json
from normsim.page.influence import MOVED, attention, channels, influence_json, moves, tied
from normsim.page.map_outlines import outlines
from normsim.page.network_ties import EACH, layout, network_json
from normsim.page.quantities import QUANTITIES, STATUSES, Quantity
from normsim.page.recorded_run import Cache, RecordedRun, moment, record
from normsim.page.run_json import run_json
from normsim.page.sentences import ABOUT
from normsim.page.take_away import series_csv, take
from normsim.page.texts import named, texts
from normsim.page.view import FILE, OTHER_FILE, PageError, View, first_view, scenario_of, view_of
from normsim.parameters import records
from normsim.rules import norm
from normsim.scenario import ACTIONS, load_scenario, scenario_names
from normsim.stats import half_width
from normsim.world import WorldError

RING = 'title = "Ring"\nstart = 2023-07-01\nmonths = 12\n[world]\nkind = "synthetic"\nn = 12\ngraph = "ring"\n'

SHORT = {"months": 24, "seed": 5}
CHANGED = {
    "months": 18,
    "seed": 7,
    "set": {"bridge.transparency": 1.0, "norm.news": 0.6},
    "forced": [
        {"month": "2023-12", "actor": "IND", "action": "renounce"},
        {"month": "2024-02", "actor": "USA", "action": "transfer", "to": "POL"},
    ],
}


def values_of(sent: dict[str, Any], quantity: Quantity) -> np.ndarray:
    """An array as the browser reads it."""
    kept = np.frombuffer(base64.b64decode(sent["base64"]), np.dtype(sent["type"]).newbyteorder("<"))
    return quantity.decode(kept.reshape(sent["shape"]))


@pytest.mark.parametrize(
    "sent", [SHORT, CHANGED, {"scenario": "history_2008", "months": 30}, {"scenario": "two_track", "months": 13}]
)
def test_a_run_is_what_simulate_computes(sent: dict[str, Any]) -> None:
    view = view_of(sent)
    told = json.loads(json.dumps(run_json(view)))
    scenario, _ = scenario_of(view)
    run = simulate(scenario, view.seed)
    assert {name: np.array(values).tobytes() for name, values in told["series"].items()} == {
        name: values.tobytes() for name, values in run.outcomes.items()
    }
    for name, quantity in QUANTITIES.items():
        found = values_of(told["columns"][name], quantity)
        assert found.shape == (len(run.measured) + 1, len(run.world))
        exact = quantity.read(run.final).astype(float)
        assert np.abs(found[-1] - exact).max() <= max(quantity.step / 2 + 1e-12, 1e-6 * exact.max()), name
    assert [line["month"] for line in told["events"]] == sorted(line["month"] for line in told["events"])
    said = run.log[run.log["happened"] > 0]
    critics = said[said["choice"] == Choice.CONDEMN]
    line = next((line for line in told["events"] if line["act"] == "condemn"), None)
    if line is not None:
        target, month = run.world.index(line["to"]), line["month"] - 1
        who = {run.world.iso3[k] for k in critics["actor"][(critics["target"] == target) & (critics["month"] == month)]}
        assert set(line["states"][1:]) <= who
        assert line["text"].startswith(f"{len(who)} state")
    counts = sum(int(line["text"].split()[0]) for line in told["events"] if line["act"] == "condemn")
    assert counts == (said["choice"] == Choice.CONDEMN).sum()
    assert sum(line["act"] != "condemn" for line in told["events"]) == (said["choice"] != Choice.CONDEMN).sum()


def test_month_0_is_before_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, _ = scenario_of(view_of(SHORT))
    model = NormModel(scenario, 5)
    recorded = record(scenario, 5)
    for month in range(3):
        for name in ("felt", "scope", "status"):
            quantity = QUANTITIES[name]
            there = quantity.decode(recorded.columns[name][month])
            assert np.abs(there - quantity.read(model.simulation.states)).max() <= quantity.step / 2 + 1e-12
        model.step()


def test_the_saved_scenario_gives_the_same_numbers_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(CHANGED)
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_bytes(take(view, "scenario").content)
    told = run_json(view)
    words = told["command"].split()
    assert words[:3] == ["normsim", "run", FILE]
    shown = CliRunner().invoke(app, [*words[1:], "--out", "mine"])
    assert shown.exit_code == 0, shown.output
    (found,) = [path for path in Path("mine").rglob("*.csv") if "series" in path.name]
    rows = list(csv.DictReader(io.StringIO(found.read_text(encoding="utf-8"))))
    page = list(csv.DictReader(io.StringIO(series_csv(view))))
    assert len(rows) == len(page) == 18
    for row, mine in zip(rows, page, strict=True):
        assert {name: mine[name] for name in OUTCOMES} == {name: row[name] for name in OUTCOMES}
    assert {f"{name} (no_transfer_2023)" for name in OUTCOMES} <= set(page[0])


def test_the_first_month_begins_with_the_act() -> None:
    told = run_json(view_of({"seed": texts()["seed"], "months": 6}))
    assert [line["act"] for line in told["events"][:2]] == ["transfer", "claim"]
    assert told["events"][0]["states"] == ["USA", "UKR"]
    assert told["marks"][0]["month"] == 1
    assert "transferred" in told["marks"][0]["label"]
    assert {"USA", "UKR"} <= {state["iso3"] for state in told["states"]}


def test_what_could_not_happen_is_noted() -> None:
    forced = [{"month": "2023-08", "actor": "NOR", "action": "withdraw"}] * 1
    told = run_json(view_of({"months": 3, "forced": [*forced, {"month": "2023-09", "actor": "CHE", "action": "use"}]}))
    assert any("Switzerland" in note or "CHE" in note for note in told["notes"])


def test_the_run_beside_it() -> None:
    told = run_json(view_of(SHORT))
    other = run_json(view_of(told["other"]["view"]))
    assert other["months"] == told["months"]
    assert other["name"] == "no_transfer_2023"
    alone = run_json(view_of(SHORT | {"other": ""}))
    assert (alone["other"], alone["other_problem"]) == (None, "")
    ring = run_json(view_of({"file": {"name": "r.toml", "text": RING}, "other": "baseline"}))
    assert ring["other"] is None
    assert "another kind of world" in ring["other_problem"]


# why


@pytest.mark.parametrize(("month", "state"), [(1, "USA"), (13, "RUS"), (24, "UKR")])
def test_why_is_what_the_model_says(month: int, state: str) -> None:
    view = view_of(SHORT)
    told = why_json(view, month, state)
    model = NormModel(scenario_of(view)[0], view.seed, collect_states=())
    for _ in range(month):
        model.step()
    assert [choice["choice"] for choice in told["choices"]] == list(CHOICE_NAMES)
    for choice in told["choices"]:
        found = {each.target: each for each in model.state(state).explain(choice["choice"])}
        assert choice["count"] == len(found)
        for decision in choice["decisions"]:
            each = found[decision["target"]]
            assert {term["name"]: term["value"] for term in decision["terms"]} == each.terms
            assert (decision["probability"], decision["happened"]) == (each.probability, each.happened)
            assert decision["sum"] == pytest.approx(sum(each.terms.values()))
            assert decision["note"] == each.note
            assert all(term["label"] and term["meaning"] for term in decision["terms"]), choice["choice"]
            assert decision["sentence"].endswith(".")
    assert {row["label"] for row in told["standing"]} >= {"Treaty status", "Stock", "UN vote"}


def test_the_act_of_the_month_is_shown_first() -> None:
    told = why_json(view_of({"seed": 0}), 1, "USA")  # on this seed it sends to others too
    assert told["best"] == "transfer"
    (sent,) = [choice for choice in told["choices"] if choice["choice"] == "transfer"]
    assert sent["decisions"][0]["target"] == "UKR"
    assert sent["decisions"][0]["ordered"]
    assert why_json(view_of(SHORT), 1, "NOR")["best"] in CHOICE_NAMES


@pytest.mark.parametrize("more", [{}, {"set": {"norm.susceptibility": 0.0}}, {"set": {"norm.conduct": 1.0}}])
def test_the_parts_of_the_felt_norm_add_up(more: dict[str, Any]) -> None:
    view = view_of(SHORT | more)
    for state in ("USA", "DEU", "RUS", "TUV"):
        told = why_json(view, 9, state)["felt"]
        assert sum(part["share"] for part in told["parts"]) == pytest.approx(told["felt"], abs=1e-12)
        assert sum(part["weight"] for part in told["parts"]) == pytest.approx(1.0)
        assert min(part["share"] for part in told["parts"]) >= 0.0
        assert told["sentence"].endswith(".")


@pytest.mark.parametrize("month", [0, 25, 1.5, "3", None, True])
def test_a_month_that_was_not_run_is_refused(month: Any) -> None:
    for ask in (why_json, influence_json):
        with pytest.raises(PageError, match="from 1 to 24"):
            ask(view_of(SHORT), month, "USA")


def test_a_state_that_is_not_there_is_refused() -> None:
    for ask in (why_json, influence_json):
        with pytest.raises(WorldError, match="XXX"):
            ask(view_of(SHORT), 1, "XXX")


# influence


@pytest.mark.parametrize(
    "sent",
    [SHORT, {"scenario": "ccw_imposed", "months": 24}, {"scenario": "silent_violation", "months": 24},
     {"file": {"name": "r.toml", "text": RING}}],
)  # fmt: skip
@pytest.mark.parametrize("month", [2, 9])
def test_moves_add_up_to_the_change_of_the_month(sent: dict[str, Any], month: int) -> None:
    view = view_of(sent)
    scenario, _ = scenario_of(view)
    looked = moment(scenario, view.seed, month)
    made, before, now, p = moves(looked), looked.states, looked.simulation.states, looked.simulation.p
    assert attention(looked.simulation).sum(axis=1) == pytest.approx(1.0)
    assert before["approval"] + made.approval.sum(axis=1) == pytest.approx(now["approval"], abs=1e-12)
    kept = (p.norm.memory * before["complied"], p.norm.memory * before["violated"])
    forgotten = np.array([norm.expected_conduct(p, c, v) for c, v in zip(*kept, strict=True)])
    assert forgotten + made.conduct.sum(axis=1) == pytest.approx(now["conduct"], abs=1e-12)
    own = p.norm.anchor * (before["anchor"] - before["validity"]) + p.norm.internalise * (
        before["felt"] - before["validity"]
    )
    settled = int(looked.simulation.system["tier"][0])
    own = own - (0.0 if settled else p.norm.spill) * now["disputes"] * before["validity"]
    whole = np.clip(before["validity"] + own + made.belief.sum(axis=1), 0.0, 1.0)
    assert whole == pytest.approx(now["validity"], abs=1e-12)
    rest = before["scope_start"] - p.norm.irreversible * (before["scope_start"] - before["scope_low"])
    open_now = looked.simulation.system["bridges"][0] > 0 or settled
    recovered = 0.0 if open_now else p.norm.scope_recover * (rest - before["scope"])
    floor = norm.scope_floor(p, settled)
    whole = np.clip(before["scope"] + recovered + made.scope.sum(axis=1), floor, 1.0)
    assert whole == pytest.approx(now["scope"], abs=1e-12)


def test_whom_an_act_moved() -> None:
    view = view_of({"seed": texts()["seed"], "months": 12})
    told = influence_json(view, 1, "USA")
    sizes = [each["size"] for each in told["moved"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0.01
    for each in told["moved"]:
        assert each["size"] == pytest.approx(sum(abs(each[name]) for name in MOVED))
        assert sum(each["layers"].values()) == pytest.approx(each["attention"])
    strongest = told["moved"][0]
    there = influence_json(view, 2, strongest["state"])["movers"]
    (usa,) = [each for each in there if each["state"] == "USA"]
    assert usa == strongest | {"state": "USA", "name": "United States"}
    assert {each["from"] for each in told["second"]} <= {each["state"] for each in told["moved"]}
    assert "USA" not in {each["state"] for each in told["second"]}
    assert influence_json(view, 12, "USA")["moved"] == []  # nobody has seen the last month yet


def test_the_path_of_the_first_transfer() -> None:
    view = view_of({"seed": texts()["seed"], "months": 12})
    simulation = record(scenario_of(view)[0], view.seed).checkpoints[0]
    heard, world = attention(simulation), simulation.world
    for state in ("DEU", "LAO", "TUV", "UKR"):
        told = influence_json(view, 1, state)["path"]
        assert (told["states"][0], told["states"][-1]) == ("USA", state)
        product = np.prod([step["share"] for step in told["steps"]])
        assert product >= heard[world.index(state), world.index("USA")] - 1e-15  # no worse than to hear of it directly
        assert told["names"][-1] in told["sentence"]
    assert influence_json(view, 1, "USA")["path"]["steps"] == []
    assert (
        influence_json(view_of({"scenario": "baseline", "months": 2, "set": {"transfer.intercept": -12.0}}), 1, "DEU")[
            "path"
        ]
        is None
    )


def test_channels_of_shuffled_ties_are_not_named() -> None:
    view = view_of({"months": 3, "set": {"network.shuffle": 3}})
    simulation = record(scenario_of(view)[0], 0).checkpoints[0]
    i, j = (int(k) for k in np.argwhere(tied(simulation) > 0.01)[0])
    assert set(channels(simulation, i, j)) == {"news", "ties"}


def test_the_network_has_the_strongest_ties_of_every_state() -> None:
    told = network_json(view_of(SHORT), "alliance")
    layer = record(scenario_of(view_of(SHORT))[0], 0).run.world.layers["alliance"]
    world = record(scenario_of(view_of(SHORT))[0], 0).run.world
    for place, code in enumerate(world.iso3):
        sent = [tie["weight"] for tie in told["ties"] if tie["to"] == code]
        own = np.sort(layer.row(place)[1])[::-1][:EACH]
        assert sent == pytest.approx(own.tolist(), abs=1e-5)
    places = np.array(told["places"])
    assert places.shape == (197, 2)
    assert places.min() >= 0.0
    assert places.max() <= 1.0
    offered = [each["name"] for each in about_json(first_view("baseline"))["layers"] if each["shown"]]
    assert offered == ["all", *LAYERS]
    for name in offered:
        assert network_json(view_of(SHORT), name)["ties"]
    with pytest.raises(PageError, match="no layer"):
        network_json(view_of(SHORT), "gossip")
    world = record(scenario_of(view_of(SHORT))[0], 1).run.world
    assert np.array_equal(layout(world), places)  # whatever the seed: it stays where it is


# difference


def result_of(view: View, runs: int) -> dict[str, Any]:
    """The last line."""
    *progress, last = difference(view, runs)
    assert [line["progress"] for line in progress] == sorted(line["progress"] for line in progress)
    return json.loads(json.dumps(last["result"], allow_nan=False))


def test_the_difference_is_that_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of(SHORT)
    told = result_of(view, 4)
    names = ["ukraine_2023.toml", "no_transfer_2023.toml"]
    same = compare("ukraine_2023", "no_transfer_2023", range(5, 9), months=24)
    for effect, sent in zip(same.effects(), told["effects"], strict=True):
        assert (sent["outcome"], sent["difference"], sent["low"], sent["high"]) == (
            effect.outcome, effect.difference, effect.low, effect.high,
        )  # fmt: skip
        assert sent["verdict"] == effect.verdict
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_bytes(take(view, "scenario").content)
    with zipfile.ZipFile(io.BytesIO(take(view, "all").content)) as archive:
        archive.extract(OTHER_FILE)
    shown = CliRunner().invoke(app, [*told["command"].split()[1:], "--json"])
    assert shown.exit_code == 0, shown.output
    printed = {each["outcome"]: each for each in json.loads(shown.stdout)["effects"]}
    assert printed == {each["outcome"]: each for each in told["effects"]}
    assert (told["a"], told["b"]) == ("ukraine_2023 (changed)", "no_transfer_2023 (changed)"), names


def test_bands_and_the_map_of_a_difference() -> None:
    view = view_of(SHORT)
    told = result_of(view, 4)
    a, b = ([simulate(load_scenario(name).with_months(24), seed) for seed in range(5, 9)]
            for name in ("ukraine_2023", "no_transfer_2023"))  # fmt: skip
    for name in ("scope", "users", "parties", "contamination"):
        sides = [np.array([run.outcomes[name] for run in side]) for side in (a, b)]
        sent = told["outcomes"][name]
        for side, values in zip(("a", "b"), sides, strict=True):
            assert sent[side]["mean"] == pytest.approx(values.mean(axis=0), rel=1e-5)
            assert sent[side]["low"] == pytest.approx(np.percentile(values, 10, axis=0), rel=1e-5)
        paired = sides[0] - sides[1]
        assert sent["difference"]["mean"] == pytest.approx(paired.mean(axis=0), rel=1e-5, abs=1e-9)
        assert sent["difference"]["high"] == pytest.approx(paired.mean(axis=0) + half_width(paired), rel=1e-4, abs=1e-6)
    for name in MAPPED:
        sent = told["map"][name]
        last = np.frombuffer(base64.b64decode(sent["base64"]), "<f4").reshape(sent["shape"])[-1]
        exact = np.array([
            np.subtract(*(differences._number(QUANTITIES[name], run.final).astype(float) for run in (one, two)))
            for one, two in zip(a, b, strict=True)
        ])  # fmt: skip
        assert last == pytest.approx(exact.mean(axis=0), rel=1e-5, abs=1e-6)
        clear = np.frombuffer(base64.b64decode(told["clear"][name]["base64"]), "u1").reshape(sent["shape"])[-1]
        with np.errstate(invalid="ignore"):
            assert np.array_equal(clear > 0, np.abs(exact.mean(axis=0)) > half_width(exact)) or name in (
                "rounds",
                "contamination",
            )


def test_a_difference_on_processes_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of({"months": 4, "seed": 3})
    alone = result_of(view, 3)
    monkeypatch.setattr(differences, "ALONE", 1)
    monkeypatch.setattr(differences, "_differences", Cache(3))
    assert result_of(view, 3) == alone


def test_closing_a_difference_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = differences.make
    monkeypatch.setattr(differences, "make", lambda job: (made.append(job.seed), real(job))[1])
    monkeypatch.setattr(differences, "_differences", Cache(3))
    lines = difference(view_of({"months": 3, "seed": 11}), 20)
    for _ in range(4):
        next(lines)
    lines.close()
    assert len(made) == 3
    assert differences.known_difference(view_of({"months": 3, "seed": 11})) is None


def test_closing_a_difference_on_processes_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differences, "ALONE", 1)
    lines = difference(view_of({"months": 3, "seed": 12}), 20)
    for _ in range(3):
        next(lines)
    lines.close()
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("runs", [0, 201, 1.5, "4", None, True])
def test_a_number_of_pairs_out_of_range_is_refused(runs: Any) -> None:
    with pytest.raises(PageError, match="from 1 to 200"):
        differences.runs_in(runs)


def test_one_pair_has_no_interval() -> None:
    told = result_of(view_of({"months": 3, "seed": 1}), 1)
    assert {each["verdict"] for each in told["effects"]} == {"no interval"}
    assert told["effects"][0]["low"] is None
    assert not any(base64.b64decode(told["clear"]["scope"]["base64"]))
    assert "in one pair of runs" in told["sentence"]


def test_a_sentence_says_how_sure_it_is_once_that_is_known() -> None:
    view = view_of({"months": 5, "seed": 21})
    before = sentence_json(view, 5)
    assert before["sure"] == ""
    assert "One seed says nothing" in before["sentence"]
    result_of(view, 3)
    assert "3 pairs" in sentence_json(view, 5)["sure"]
    assert sentence_json(view_of({"months": 5, "seed": 22}), 5)["sure"] == ""


def test_an_effect_that_is_not_there_is_said_so() -> None:
    told = result_of(view_of({"months": 3, "seed": 2, "scenario": "baseline", "other": UNCHANGED_NAME}), 2)
    assert "no difference at all" in told["sentence"]
    wide = result_of(view_of({"months": 24, "seed": 2}), 3)["sentence"]
    assert "not distinguishable from zero" in wide


UNCHANGED_NAME = "before my changes"


# words


def test_everything_has_its_words() -> None:
    told = about_json(first_view("ukraine_2023"))
    assert json.dumps(told, allow_nan=False)
    controls = [control for group in told["groups"] for control in group["controls"]]
    assert sorted(control["name"] for control in controls) == sorted(records())
    assert [outcome["name"] for outcome in told["outcomes"]] != []
    assert {outcome["name"] for outcome in told["outcomes"]} == set(OUTCOMES)
    assert {choice["name"] for choice in told["choices"]} == set(CHOICE_NAMES)
    assert {action["name"] for action in told["actions"]} == set(ACTIONS)
    assert {scenario["name"] for scenario in told["scenarios"]} == set(scenario_names())
    assert {layer["name"] for layer in told["layers"]} >= {"all", "news", *LAYERS}
    assert set(told["shown"]) <= set(OUTCOMES)
    for listed in (controls, told["outcomes"], told["quantities"], told["choices"], told["layers"]):
        for each in listed:
            assert each["label"], each
            assert each["meaning"], each
            assert "_" not in each["label"], each
            assert "`" not in each["meaning"], each
    for choice, number in CHOICE_NAMES.items():
        for term in TERMS[number]:
            assert f"{choice}.{term}" in records() or f"{choice}.{term}" in texts()["term_meanings"], (choice, term)
    assert set(texts()["columns"]) == set(NOW) <= set(STATE_COLUMNS)
    acts = {line["act"] for line in run_json(view_of({}))["events"]}
    assert acts <= {act for kind in event_lines.KINDS.values() for act in kind}


def test_labels_of_a_kind_are_different() -> None:
    told = about_json(first_view("baseline"))
    for listed in (
        told["outcomes"],
        told["quantities"],
        told["choices"],
        told["layers"],
        told["headings"] and told["groups"],
    ):
        names = [each.get("label", each.get("title")) for each in listed]
        assert len(set(names)) == len(names), names
    for group in told["groups"]:
        labels = [control["label"] for control in group["controls"]]
        assert len(set(labels)) == len(labels), group["name"]


def test_the_story_runs_and_its_sentences_are_computed() -> None:
    story = texts()["story"]
    assert 6 <= len(story) <= 8
    seen = []
    for step in story:
        view = view_of(step["view"])
        other = view_of(step["view"] | {"seed": step["view"]["seed"] + 1})
        assert step["view"]["month"] <= scenario_of(view)[0].months
        assert step["view"]["colour"] in QUANTITIES
        assert step["about"] in (*ABOUT, "difference")
        one, two = (sentence_json(each, step["view"]["month"], step["about"])["sentence"] for each in (view, other))
        assert one.endswith(".")
        seen.append(one != two)
        assert not re.search(r"\d", step["text"].replace("2023", "")), "numbers come from the runs"
    assert sum(seen) >= 6  # another seed, other words
    for preset in texts()["preset"]:
        assert scenario_of(view_of(preset["view"]))[0].months >= preset["view"]["month"]


def test_names_are_listed_and_counted() -> None:
    assert named(["A"]) == "A"
    assert named(["A", "B", "C"]) == "A, B and C"
    assert named(["A", "B", "C", "D"], 2) == "A, B and 2 others"
    assert [percent(p) for p in (0.00012, 0.5, 0.9999, 1.0, 0.0)] == ["0.012 %", "50 %", "over 99 %", "100 %", "0 %"]


# what is kept, and other worlds


def test_a_generated_world_has_every_answer() -> None:
    view = view_of({"file": {"name": "r.toml", "text": RING}})
    told = run_json(view)
    assert not told["real"]
    code = told["states"][0]["iso3"]
    assert all(state["small"] for state in told["states"])
    assert json.dumps(
        [why_json(view, 3, code), influence_json(view, 3, code), network_json(view), facts_json(view, code)]
    )
    assert facts_json(view, code) == {"facts": [], "sources": []}
    for about in ("", *ABOUT):
        assert sentence_json(view, 12, about)["sentence"]
    assert result_of(view_of({"file": {"name": "r.toml", "text": RING}, "set": {"norm.news": 0.9}}), 2)["b"] == "r"


def test_facts_have_sources() -> None:
    told = facts_json(view_of({}), "USA")
    assert any(fact["name"] == "produces" for fact in told["facts"])
    keys = {key for fact in told["facts"] for key in fact["source"].split(";")}
    assert {source["key"] for source in told["sources"]} == keys


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: Cache[Any, RecordedRun] = Cache(3)
    monkeypatch.setattr(recorded_run, "_runs", runs)
    for seed in range(6):
        run_json(view_of({"months": 2, "seed": seed}))
        assert len(runs) <= 3
    fresh = run_json(view_of({"months": 2, "seed": 0}))
    assert fresh["series"] == run_json(view_of({"months": 2, "seed": 0}))["series"]
    kept: Cache[int, Difference | None] = Cache(2)
    assert kept.peek(1) is None


def test_what_is_asked_for_twice_at_once_is_computed_once() -> None:
    from concurrent.futures import ThreadPoolExecutor
    from time import sleep

    made: list[int] = []
    cache: Cache[str, int] = Cache(2)

    def make() -> int:
        sleep(0.05)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: cache.get("a", make), range(8))) == {1}

    def fail() -> int:
        raise PageError("no")

    with pytest.raises(PageError):
        cache.get("b", fail)
    assert cache.get("b", make) == 2


def test_a_month_looked_at_again_is_the_month_of_the_run() -> None:
    scenario, _ = scenario_of(view_of({"months": 120, "seed": 3}))
    recorded = record(scenario, 3)
    assert len(recorded.checkpoints) < 4
    run = simulate(scenario, 3, log_level=2)
    for month in (1, 2, 48, 49, 55, 120):
        looked = recorded_run.look_at(recorded, month)
        same = run.log[run.log["month"] == month - 1]
        assert np.array_equal(np.sort(looked.weighed["probability"]), np.sort(same["probability"]))
        assert looked.simulation.done == month
    assert looked.simulation.result().digest() == run.digest()


def test_outlines_lie_on_the_map() -> None:
    features = outlines()["features"]
    assert len(features) == 167
    points = np.array([
        point
        for feature in features
        for polygon in feature["geometry"]["coordinates"]
        for ring in polygon
        for point in ring
    ])  # fmt: skip
    assert np.abs(points[:, 0]).max() < 271
    assert np.abs(points[:, 1]).max() < 132
    states = run_json(view_of({"months": 1}))["states"]
    known = {feature["properties"]["name"] for feature in features}
    assert all(state["small"] for state in states if state["iso3"] not in known)
    assert STATUSES
