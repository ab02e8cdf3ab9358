"""Own outcomes and own figures on the command line: they stand beside the model's, and fail in one line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import normsim as ns
from normsim.cli.commands import app
from normsim.experiment import Experiment, run_experiment

SHORT = ("--months", "6")
PAIR = ("run", "ukraine_2023", "--vs", "no_transfer_2023", *SHORT, "--runs", "2")

OUTCOMES = """
def peak_users(run):
    "Most states that used cluster munitions in one month."
    return run.series["users"].max()


def condemned(run):
    return (run.events["act"] == "condemn").sum()
"""

FIGURES = """
from matplotlib.figure import Figure


def _line(ax, run):
    ax.plot(run.months, run.outcomes["users"])


def users(run):
    figure = Figure()
    _line(figure.subplots(), run)
    return figure


def pairs(comparison):
    figure = Figure()
    for run in comparison.scenario_runs:
        _line(figure.subplots(), run)
    return figure


def forest(effects):
    figure = Figure()
    figure.subplots().plot(effects["difference"])
    return figure
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch) -> None:
    """Each test in a folder of its own with both files, wide enough for every table."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    Path("own.py").write_text(OUTCOMES, encoding="utf-8")
    Path("draw.py").write_text(FIGURES, encoding="utf-8")


def call(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, list(arguments))


def printed(*arguments: str) -> str:
    """What a command prints if it goes well."""
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_own_outcomes_of_one_run() -> None:
    told = printed("run", "baseline", *SHORT, "--outcomes", "own.py")
    assert "Most states that used cluster munitions in one month." in told
    summary = json.loads(printed("run", "baseline", *SHORT, "--outcomes", "own.py", "--json"))
    run = ns.simulate(ns.load_scenario("baseline").with_months(6))
    (found,) = summary["runs"]
    wanted = {"peak_users": run.series["users"].max(), "condemned": (run.events["act"] == "condemn").sum()}
    assert found["summary"] == run.summary() | wanted
    assert wanted["condemned"] > 0
    assert summary["command"]["outcomes"] == "own.py"
    assert len(summary["outcomes"]) == 12


def test_own_outcomes_of_several_runs_and_of_a_pair() -> None:
    told = printed("run", "baseline", *SHORT, "--runs", "2", "--outcomes", "own.py")
    assert "own outcomes:" in told
    assert "peak_users" in told
    told = json.loads(printed(*PAIR, "--outcomes", "own.py", "--json"))
    effects = {effect["outcome"]: effect for effect in told["effects"]}
    comparison = ns.compare("ukraine_2023", "no_transfer_2023", range(2), months=6, outcomes="own.py")
    for name in ("peak_users", "condemned"):
        assert effects[name]["difference"] == comparison.effect(name).difference
    assert effects["condemned"]["difference"] > 0
    assert "condemned" in printed(*PAIR, "--outcomes", "own.py")


def test_own_figures_stand_beside_the_built_in_ones() -> None:
    told = printed(*PAIR, "--figures", "draw.py")
    folder = Path("results/ukraine_2023_vs_no_transfer_2023")
    made = {path.name for path in folder.iterdir()}
    assert made == {"comparison.png", "comparison.pdf", "pairs.png", "pairs.pdf", "summary.json"}
    assert "pairs.png" in told
    printed("run", "baseline", *SHORT, "--figures", "draw.py", "--out", "one")
    assert {"users.png", "users.pdf", "series.csv"} <= {path.name for path in Path("one").iterdir()}
    printed("run", "baseline", *SHORT, "--figures", "draw.py")
    assert Path("results/baseline/users.png").exists()


def test_own_figures_of_an_experiment() -> None:
    experiment = Experiment.build(["baseline", "strict_ban"], 2, title="A pair", question="Which?", months=3)
    run_experiment(experiment, Path("results/pair"), workers=0)
    before = sorted(Path("results/pair").iterdir())
    asked = ("compare", "results/pair", "--baseline", "baseline", "--figures", "draw.py")
    assert "wrote results/pair_figures" in printed(*asked)
    made = {path.name for path in Path("results/pair_figures").iterdir()}
    assert made == {"forest.png", "forest.pdf", "summary.json"}
    assert sorted(Path("results/pair").iterdir()) == before
    assert json.loads(printed(*asked, "--out", "mine", "--json"))["effects"]
    assert Path("mine/forest.pdf").exists()
    result = call("compare", "results/pair", "--baseline", "baseline", "--out", "mine")
    assert result.exit_code == 1
    assert "name their file with --figures" in result.stderr


REFUSED: dict[str, tuple[tuple[str, ...], str, str]] = {
    "no file": (
        ("run", "baseline", "--figures", "drw.py"),
        "",
        "no Python file of figures at drw.py; did you mean 'draw.py'?",
    ),
    "a file that exits": (
        ("run", "baseline", "--outcomes", "bad.py"),
        "raise SystemExit(3)",
        "bad.py, line 1: the code exits",
    ),
    "a file that raises": (
        ("run", "baseline", "--figures", "bad.py"),
        "import nowhere",
        "bad.py, line 1: ModuleNotFoundError",
    ),
    "no figure": (("run", "baseline", "--figures", "bad.py"), "x = 1", "bad.py defines no figure for this command"),
    "a figure of something else": (
        (*PAIR, "--figures", "bad.py"),
        "def one(run): ...",
        "def my_figure(comparison) that returns a Matplotlib figure (one takes run: normsim run SCENARIO)",
    ),
    "a misspelt argument": (
        (*PAIR, "--figures", "bad.py"),
        "def one(comparisn): ...",
        "one takes 'comparisn'; did you mean 'comparison'?",
    ),
    "no outcome": (("run", "baseline", "--outcomes", "bad.py"), "x = 1", "bad.py defines no outcome"),
    "a figure that raises": (
        ("run", "baseline", *SHORT, "--figures", "bad.py"),
        "def one(run):\n    return run.series['usrs']",
        "bad.py: one, line 2: KeyError: 'usrs'",
    ),
    "a figure that is none": (
        ("run", "baseline", *SHORT, "--figures", "bad.py"),
        "def one(run):\n    return 1",
        "bad.py: one returned an object of type int",
    ),
    "an outcome that raises": (
        ("run", "baseline", *SHORT, "--outcomes", "bad.py"),
        "def one(run):\n    return run.series['usrs']",
        "bad.py: one, line 2: KeyError: 'usrs'; did you mean 'users'?",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_one_line(case: str) -> None:
    arguments, text, words = REFUSED[case]
    Path("bad.py").write_text(text, encoding="utf-8")
    result = call(*arguments)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert len(result.stderr.splitlines()) == 1
    assert not Path("results").exists()
