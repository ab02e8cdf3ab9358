"""The command line: what it prints, what it writes, how it refuses."""

import csv
import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from normsim import __version__, load_scenario, simulate
from normsim.cli.commands import app
from normsim.cli.compile_notice import MESSAGE, is_cold
from normsim.cli.explain_command import HALF, bar
from normsim.cli.printing import decimals, number, plain
from normsim.parameters import records

pytestmark = pytest.mark.slow

SHORT = ("--months", "14")
PAIR = ("run", "ukraine_2023", "--vs", "no_transfer_2023", *SHORT, "--runs", "3")
HEAVY = ("mesa", "seaborn", "matplotlib", "pandas", "networkx", "scipy.stats", "scipy.optimize", "starlette")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch) -> None:
    """Each test in a folder of its own, wide enough for every table."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


def call(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(arguments))


def printed(*arguments: str) -> str:
    """What a command prints if it goes well."""
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a table that was written."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "normsim", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
    )


def test_a_value_without_effect_is_one_line_of_warning() -> None:
    Path("mine.toml").write_text('title = "x"\nextends = "baseline"\n[regime.bridge]\non = false\nreview_months = 7\n')
    result = call("scenario", "diff", "mine.toml", "baseline")
    assert result.exit_code == 0
    assert result.stderr == (
        "warning: mine.toml, line 5: regime.bridge.review_months = 7: no effect, as the regime is off (on = false); "
        "take out on = false, or the value\n"
    )


def test_version_and_help() -> None:
    assert printed("--version") == f"normsim {__version__}\n"
    told = printed("--help")
    for command in ("run", "explain", "scenario", "state", "parameters"):
        assert command in told
        assert "Usage" in printed(command, "--help")


def test_a_shell_completes_options_and_names_of_scenarios_and_experiments() -> None:
    def completed(*words: str) -> list[str]:
        env = {"_NORMSIM_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        result = CliRunner().invoke(app, [], env=env, prog_name="normsim")
        return result.stdout.split()

    assert {"--vs", "--seed"} <= set(completed("normsim", "run", "--"))
    assert completed("normsim", "run", "bridge_o") == ["bridge_once_transparent"]
    assert completed("normsim", "batch", "plan", "norm_d") == ["norm_death_and_recovery"]


def test_a_run_says_what_when_and_what_next() -> None:
    told = printed("run", "ukraine_2023", *SHORT, "--seed", "3")
    assert "What do the seven transfers" in told
    assert "July 2023 to August 2024 (14 months), seed 3" in told
    assert "regimes: bridge" in told
    assert "2023-07" in told
    assert "2024-08" in told
    assert "United States transferred" in told
    assert "ordered by the scenario" in told
    assert " condemned Russia" not in told
    assert told.rstrip().splitlines()[-1] == "  normsim scenario show ukraine_2023"


def test_several_runs_give_means() -> None:
    told = printed("run", "baseline", *SHORT, "--runs", "3")
    assert "3 runs (seeds 0 to 2)" in told
    assert "lowest run" in told


def test_a_run_in_json_is_the_run() -> None:
    told = json.loads(printed("run", "baseline", *SHORT, "--json"))
    run = simulate(load_scenario("baseline").with_months(14))
    assert told["runs"] == [{"scenario": "baseline", "seed": 0, "digest": run.digest(), "summary": run.summary()}]
    assert told["scenarios"][0]["fingerprint"] == run.scenario.fingerprint()
    assert {event["act"] for event in told["events"]} <= {
        "transfer",
        "use",
        "acquire",
        "renounce",
        "join",
        "breach",
    } | {
        "cut_off",
        "withdraw",
        "left",
        "adopted",
        "rejected",
        "claim",
        "bridge_closes",
    }


def test_months_may_be_more_than_the_scenario_has() -> None:
    told = json.loads(printed("run", "baseline", "--months", "250", "--json"))
    assert told["scenarios"][0]["months"] == 250


def test_side_by_side_subtracts_the_other() -> None:
    told = json.loads(printed(*PAIR, "--json"))
    sums = {effect["outcome"]: effect for effect in told["effects"]}
    sent = sums["transfers"]
    names = (told["scenario"], told["baseline"])
    assert names == ("ukraine_2023", "no_transfer_2023")
    runs = {name: [r["summary"]["transfers"] for r in told["runs"] if r["scenario"] == name] for name in names}
    paired = [a - b for a, b in zip(runs["ukraine_2023"], runs["no_transfer_2023"], strict=True)]
    assert sent["difference"] == pytest.approx(sum(paired) / 3)
    assert sent["difference"] > 0
    assert sent["n"] == 3
    if len(set(paired)) > 1:
        assert sent["low"] < sent["difference"] < sent["high"]
    else:
        assert sent["low"] == sent["difference"] == sent["high"]


def test_side_by_side_in_words_and_a_figure() -> None:
    told = printed(*PAIR, "--seed", "5")
    assert "3 pairs of runs (seeds 5 to 7)" in told
    assert "not distinguishable from zero" in told
    assert "higher" in told
    folder = Path("results/ukraine_2023_vs_no_transfer_2023")
    assert f"to {folder}" in told
    assert {path.name for path in folder.iterdir()} == {"comparison.png", "comparison.pdf", "summary.json"}
    assert [path.name for path in Path("results").iterdir()] == [folder.name]


def test_side_by_side_shows_what_else_differs_most_clearly() -> None:
    """Breaches are in no fixed list, and what a lever of assurances acts on."""
    told = printed("run", "assurances_secret", "--vs", "assurances_monitored_public", "--months", "60", "--runs", "6")
    fixed, _, others = told.partition("clearest of the others:")
    assert "\nbreaches " not in fixed
    assert "\nbreaches " in others
    assert "Choosing them after the runs favours chance" in others


def test_a_scenario_beside_itself_shows_nothing() -> None:
    told = printed("run", "baseline", "--vs", "baseline", *SHORT, "--runs", "2", "--out", "here")
    assert "every difference is zero" in told
    assert "other outcomes, none is distinguishable from zero." in told
    assert "clearest difference" not in told
    assert "higher" not in told
    assert "lower" not in told


def test_out_writes_files_that_agree_with_the_run() -> None:
    printed("run", "ukraine_2023", *SHORT, "--out", "a/b")
    folder = Path("a/b")
    assert {path.name for path in folder.iterdir()} == {
        "series.csv",
        "events.csv",
        "states.csv",
        "summary.json",
        "scenario.toml",
    }
    run = simulate(load_scenario("ukraine_2023").with_months(14))
    series = rows(folder / "series.csv")
    assert [row["month"] for row in series] == [str(month) for month in run.months]
    for name, values in run.outcomes.items():
        assert [float(row[name]) for row in series] == values.tolist()
    events = rows(folder / "events.csv")
    assert [row["text"] for row in events] == run.events["text"].tolist()
    states = rows(folder / "states.csv")
    assert [float(row["validity"]) for row in states] == run.states["validity"].tolist()
    assert load_scenario(str(folder / "scenario.toml")) == run.scenario
    assert json.loads((folder / "summary.json").read_text())["runs"][0]["summary"] == run.summary()
    for path in folder.iterdir():
        assert str(Path.cwd()) not in path.read_text(encoding="utf-8")


def test_out_holds_both_sides() -> None:
    printed(*PAIR, "--out", "both")
    names = {path.name for path in Path("both").iterdir()}
    assert names >= {"scenario.toml", "baseline.toml", "comparison.png", "comparison.pdf", "series.csv", "summary.json"}
    series = rows(Path("both/series.csv"))
    assert len(series) == 2 * 3 * 14
    assert {row["scenario"] for row in series} == {"ukraine_2023", "no_transfer_2023"}
    assert tomllib.loads(Path("both/baseline.toml").read_text())["title"] == load_scenario("no_transfer_2023").title


def test_out_spares_what_is_not_its_own() -> None:
    mine = Path("mine")
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    result = call("run", "baseline", *SHORT, "--out", "mine")
    assert result.exit_code == 1
    assert "not empty" in result.stderr
    assert result.stdout == ""
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    printed("run", "baseline", *SHORT, "--out", "own")
    first = {path.name: path.read_bytes() for path in Path("own").iterdir()}
    printed("run", "baseline", *SHORT, "--out", "own")
    assert {path.name: path.read_bytes() for path in Path("own").iterdir()} == first
    result = call("run", "baseline", *SHORT, "--seed", "1", "--out", "own")
    assert result.exit_code == 1
    assert "another command (seed 0)" in result.stderr
    assert call("run", "baseline", *SHORT, "--out", "mine/thesis.txt").exit_code == 1


def test_explain_tells_every_term() -> None:
    asked = ("explain", "ukraine_2023", "--state", "USA", "--choice", "transfer", "--month", "2023-07")
    told = printed(*asked)
    first = next(part for part in told.split("\n\n") if part.startswith("to Ukraine (UKR)"))
    assert "ordered by the scenario" in first
    assert "│█" in told
    assert "█│" in told
    assert "probability" in told
    found = json.loads(printed(*asked, "--to", "Ukraine", "--json"))
    assert [each["target"] for each in found] == ["UKR"]
    assert found[0]["happened"] is True
    assert found[0]["sum"] == pytest.approx(sum(found[0]["terms"].values()))
    every = json.loads(printed(*asked, "--json"))
    likely = [each["probability"] for each in every if not each["happened"]]
    assert likely == sorted(likely, reverse=True)
    assert told.count("probability") == min(len(every), 10)


def test_explain_says_why_there_was_nothing_to_decide() -> None:
    told = printed("explain", "baseline", "--state", "DEU", "--choice", "transfer", "--month", "2023-07")
    assert "Not decided: the supplier is bound by the convention." in told
    found = json.loads(
        printed("explain", "baseline", "--state", "DEU", "--choice", "use", "--month", "2023-07", "--json")
    )
    assert found[0]["terms"] == {}
    assert found[0]["draw"] is None


def test_a_bar_leans_where_the_term_pushes() -> None:
    assert bar(2.0, 2.0) == " " * HALF + "│" + "█" * HALF
    assert bar(-1.0, 2.0) == " " * (HALF // 2) + "█" * (HALF // 2) + "│"
    assert bar(0.0, 0.0) == " " * HALF + "│"


def test_scenarios_are_listed() -> None:
    told = printed("scenario", "list")
    found = json.loads(printed("scenario", "list", "--json"))
    for scenario in found:
        assert scenario["name"] in told
    ukraine = next(scenario for scenario in found if scenario["name"] == "ukraine_2023")
    assert ukraine["regimes"] == ["bridge"]


def test_a_scenario_is_shown_as_a_file_that_runs() -> None:
    Path("shown.toml").write_text(printed("scenario", "show", "ukraine_2023", "--all"), encoding="utf-8")
    assert load_scenario("shown.toml") == load_scenario("ukraine_2023")
    assert "# ukraine_2023.toml" in printed("scenario", "show", "ukraine_2023")


def test_scenarios_are_compared() -> None:
    told = printed("scenario", "diff", "ukraine_2023", "no_transfer_2023")
    assert "2023-07-07 USA transfer UKR" in told
    assert "forbidden" in told
    assert json.loads(printed("scenario", "diff", "baseline", "baseline", "--json")) == []
    assert "run the same" in printed("scenario", "diff", "baseline", "baseline")


def test_the_schema_and_its_parts() -> None:
    whole = json.loads(printed("scenario", "schema"))
    assert "months" in whole["properties"]
    assert "transparency" in json.loads(printed("scenario", "schema", "bridge"))["properties"]
    assert json.loads(printed("scenario", "schema", "norm.anchor"))["type"] == "number"
    assert "actor" in json.loads(printed("scenario", "schema", "event"))["properties"]


def test_a_state_is_told_with_sources() -> None:
    told = printed("state", "ukraine")
    assert "Ukraine (UKR) as known on 2023-07-01" in told
    assert "memory: no page was seen" in told
    assert "Sources" in told
    found = json.loads(printed("state", "UKR", "--date", "2010-01-01", "--json"))
    assert found["date"] == "2010-01-01"
    assert any("memory" in fact["marks"] for fact in found["facts"])


def test_parameters_are_filtered() -> None:
    assert len(json.loads(printed("parameters", "--json"))) == len(records())
    found = json.loads(printed("parameters", "--levers", "--json"))
    assert {row["name"] for row in found} == {name for name, record in records().items() if record.role == "lever"}
    assert {row["name"].split(".")[0] for row in json.loads(printed("parameters", "--group", "norm", "--json"))} == {
        "norm"
    }
    assert "norm.anchor" in printed("parameters", "ANCHOR")
    assert printed("parameters", "norm.anchor", "--markdown").startswith("## Uncertain parameters")


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown scenario": (("run", "ukraine_2024"), "did you mean 'ukraine_2023'?"),
    "unknown other": (("run", "baseline", "--vs", "bas"), 'there is no scenario "bas"'),
    "no such file": (("run", "mine.toml"), "mine.toml"),
    "broken file": (("run", "broken.toml"), "broken.toml, line 2"),
    "negative seed": (("run", "baseline", "--seed", "-1"), "--seed -1: a seed is a whole number from 0 on"),
    "no runs": (("run", "baseline", "--runs", "0"), "--runs 0: allowed is a whole number from 1"),
    "no months": (("run", "baseline", "--months", "0"), "--months = 0: allowed is a whole number from 1"),
    "other start": (("run", "history_2008", "--vs", "baseline"), "history_2008 starts in 2008-12"),
    "no rules": (("run", "baseline", "--rules", "no.py"), "no Python file of rules at no.py"),
    "rules that are none": (("run", "baseline", "--rules", "other.py"), "defines no function named like a rule"),
    "rules that do not fit": (("run", "baseline", "--rules", "few.py"), "must return a mapping of its terms"),
    "rules that fail": (("run", "baseline", "--rules", "fails.py"), "ZeroDivisionError"),
    "unknown state": (("state", "Ukrain"), "did you mean 'UKR' (Ukraine)?"),
    "day of no calendar": (("state", "UKR", "--date", "2023-13-01"), "write a day such as 2023-07-01"),
    "day too early": (("state", "UKR", "--date", "1990-01-01"), "the record starts on 2008-12-01"),
    "unknown choice": (
        ("explain", "baseline", "--state", "USA", "--choice", "transfers", "--month", "2023-07"),
        "did you mean 'transfer'?",
    ),
    "month outside": (
        ("explain", "baseline", "--state", "USA", "--choice", "use", "--month", "2021-01"),
        "runs from 2023-07 to 2043-06",
    ),
    "no month": (("explain", "baseline", "--state", "USA", "--choice", "use", "--month", "July"), "such as 2023-07"),
    "no target": (
        ("explain", "baseline", "--state", "USA", "--choice", "use", "--month", "2023-07", "--to", "UKR"),
        "use has no target",
    ),
    "unknown parameter": (("parameters", "norm.anchro"), "did you mean 'norm.anchor'?"),
    "unknown group": (("parameters", "--group", "nrom"), "did you mean 'norm'?"),
    "unknown part": (("scenario", "schema", "brigde"), "the schema has no part 'brigde'"),
    "diff of nothing": (("scenario", "diff", "baseline", "nothing"), 'there is no scenario "nothing"'),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_in_a_line(case: str) -> None:
    Path("broken.toml").write_text('title = "x"\nmonths = "ten"\n', encoding="utf-8")
    Path("other.py").write_text("def use_term(p):\n    return p\n", encoding="utf-8")
    Path("few.py").write_text("def use_terms(p):\n    return p\n", encoding="utf-8")
    Path("fails.py").write_text("1 / 0\n", encoding="utf-8")
    arguments, words = REFUSED[case]
    result = call(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert len(result.stderr.splitlines()) == 1


def test_lengths_that_differ_need_a_choice() -> None:
    text = 'extends = "baseline"\ntitle = "short"\nmonths = 6\n'
    Path("short.toml").write_text(text, encoding="utf-8")
    result = call("run", "short.toml", "--vs", "baseline")
    assert result.exit_code == 1
    assert "--months 6" in result.stderr
    assert "6 months" in printed("run", "short.toml", "--vs", "baseline", "--months", "6", "--runs", "2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("rnu",), "Did you mean 'run'?"), (("run",), "Missing argument"), (("run", "baseline", "--seed", "x"), "--seed")],
)
def test_wrong_usage_is_exit_code_two(arguments: tuple[str, ...], words: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_two_processes_say_the_same() -> None:
    one, two = (process("run", "ukraine_2023", *SHORT, "--json", PYTHONHASHSEED=seed) for seed in "01")
    assert one.returncode == two.returncode == 0
    assert one.stdout == two.stdout
    assert json.loads(one.stdout)["runs"]


def test_a_process_ends_bad_input_without_a_traceback() -> None:
    done = process("run", "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith('error: there is no scenario "nowhere"')


def test_a_plain_run_needs_no_heavy_package() -> None:
    watched = (
        "import sys; from normsim.cli.commands import app\n"
        "try: app(['run', 'baseline', '--months', '3'])\n"
        f"except SystemExit: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, timeout=120)
    assert done.stderr.strip().splitlines()[-1] == "[]"


def test_a_reader_that_leaves_is_no_error() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "normsim", "parameters"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    assert writer.stderr.read() == ""
    writer.stderr.close()
    assert writer.wait(60) == 0


def test_an_interrupt_is_quiet() -> None:
    # whoever runs the tests in the background of a shell hands down a SIGINT that is ignored; a child would inherit it
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    runner = subprocess.Popen(
        [sys.executable, "-m", "normsim", "run", "baseline", "--runs", "5000", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            runner.wait(4)
        runner.send_signal(signal.SIGINT)
        out, err = runner.communicate(timeout=60)
    finally:
        runner.kill()
        signal.signal(signal.SIGINT, before)
    assert runner.returncode == 130
    assert out == ""
    assert "Traceback" not in err


def test_a_cold_start_is_announced(tmp_path, monkeypatch, capsys) -> None:
    from normsim.cli.compile_notice import compiling

    monkeypatch.setenv("NORMSIM_CACHE_DIR", str(tmp_path / "cold"))
    assert is_cold()
    with compiling():
        pass
    captured = capsys.readouterr()
    assert (captured.out, captured.err.strip()) == ("", MESSAGE)


def test_numbers_are_short_and_comparable() -> None:
    assert decimals((111.0, 135.0)) == 0
    assert decimals((0.704, 0.7)) == 3
    assert decimals((float("nan"), 12.5)) == 1
    assert number(-0.0004, 3, sign=True) == "0.000"
    assert number(1234567.0, 0, sign=True) == "+1,234,567"
    assert number(float("nan"), 2) == "-"
    assert plain({"a": float("nan"), "b": (1, "x")}) == {"a": None, "b": [1, "x"]}


UNDONE = """
title = "A party is to renounce"
extends = "baseline"
[[event]]
date = 2024-02-01
actor = "NOR"
action = "renounce"
"""


@pytest.mark.parametrize("options", [(), ("--json",), ("--runs", "3"), ("--vs", "baseline", "--runs", "3")])
def test_an_event_that_could_not_happen_is_a_warning(options: tuple[str, ...]) -> None:
    Path("undone.toml").write_text(UNDONE, encoding="utf-8")
    result = call("run", "undone.toml", "--months", "8", *options)
    assert result.exit_code == 0, result.output
    many = " (in 3 of 3 runs)" if "--runs" in options else ""
    told = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    text = (
        "undone: NOR did not renounce in February 2024 as the event of 2024-02-01 says: already bound by the convention"
    )
    assert told == [f"warning: {text}{many}"]
