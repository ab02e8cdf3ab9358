"""Every interface reports the scenario minus its baseline: asked for the same pair, all give the same numbers."""

import csv
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import normsim as ns
from normsim.claims import load_ledger, run_claims, verdicts
from normsim.cli.commands import app
from normsim.comparison import COLUMNS, Comparison
from normsim.experiment import Experiment, open_results, run_experiment
from normsim.experiment.experiment import run_seed
from normsim.figures.comparison_figure import difference_frame

SCENARIO, BASELINE = "ukraine_2023", "no_transfer_2023"
MONTHS, RUNS, SEED = 12, 3, 0
OUTCOMES = ("transfers", "scope", "validity", "parties", "casualties")

LEDGER = f"""
title = "One sign"
months = {MONTHS}
replications = {RUNS}
points = 1
point_replications = 2

[[claim]]
id = "sent"
claim = "Transfers are more."
mechanisms = [1]
baseline = "{BASELINE}"
scenario = "{SCENARIO}"
outcome = "transfers"
direction = "higher"
matters = 1.0
because = "One is one."
null = {{ "norm.unanswered" = 0.0 }}

[[claim]]
id = "not-sent"
claim = "Transfers are fewer."
mechanisms = [1]
baseline = "{BASELINE}"
scenario = "{SCENARIO}"
outcome = "transfers"
direction = "lower"
matters = 1.0
because = "One is one."
null = {{ "norm.unanswered" = 0.0 }}
"""


def printed(*arguments: str) -> str:
    """What a command prints if it goes well."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


@cache
def direct(seeds: tuple[int, ...], swapped: bool = False) -> Comparison:
    """The pair from Python."""
    pair = (BASELINE, SCENARIO) if swapped else (SCENARIO, BASELINE)
    return ns.compare(*pair, seeds, months=MONTHS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder for everything that is written."""
    return tmp_path_factory.mktemp("one_sign")


@pytest.fixture(scope="module")
def batch(folder: Path) -> Path:
    """An experiment of the pair."""
    pair: list = [BASELINE, SCENARIO]
    experiment = Experiment.build(pair, RUNS, title="A pair", question="Which?", months=MONTHS, seed=SEED)
    run_experiment(experiment, folder / "batch", workers=0)
    return folder / "batch"


def same(found: dict, wanted: Comparison, outcome: str) -> None:
    """Whether a row of an interface holds the effect, sign and all."""
    effect = wanted.effect(outcome)
    for column in COLUMNS[:-1]:
        assert float(found[column]) == pytest.approx(getattr(effect, column), rel=1e-9, abs=1e-9), (outcome, column)
    assert found["verdict"] == effect.verdict


def test_python_subtracts_the_baseline() -> None:
    """By hand, so that the others have something to agree with; exchanged, only the signs change."""
    one, other = direct(tuple(range(RUNS))), direct(tuple(range(RUNS)), swapped=True)
    runs = {
        name: [ns.simulate(load(name), seed, log_level=0).summary() for seed in range(RUNS)]
        for name in (SCENARIO, BASELINE)
    }
    for outcome in OUTCOMES:
        by_hand = [a[outcome] - b[outcome] for a, b in zip(runs[SCENARIO], runs[BASELINE], strict=True)]
        assert one.effect(outcome).difference == pytest.approx(np.mean(by_hand), rel=1e-12)
        assert other.effect(outcome).difference == -one.effect(outcome).difference
        assert other.effect(outcome).low == -one.effect(outcome).high
    assert one.effect("transfers").difference > 0.0, "the pair differs, so a wrong sign shows"
    assert one.effect("scope").difference < 0.0


def load(name: str) -> ns.Scenario:
    """A scenario over the months of the pair."""
    return ns.load_scenario(name).with_months(MONTHS)


def test_run_vs_in_json_and_in_its_summary(folder: Path) -> None:
    command = ("run", SCENARIO, "--vs", BASELINE, "--months", str(MONTHS), "--runs", str(RUNS))
    told = json.loads(printed(*command, "--json", "--out", str(folder / "run")))
    wanted = direct(tuple(range(RUNS)))
    assert (told["scenario"], told["baseline"]) == (SCENARIO, BASELINE)
    for found in (told, json.loads((folder / "run/summary.json").read_text(encoding="utf-8"))):
        effects = {effect["outcome"]: effect for effect in found["effects"]}
        assert set(effects) == set(wanted.outcomes)
        for outcome in OUTCOMES:
            same(effects[outcome], wanted, outcome)


def test_run_vs_in_words(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "160")
    told = printed("run", SCENARIO, "--vs", BASELINE, "--months", str(MONTHS), "--runs", str(RUNS))
    assert f"Difference: {SCENARIO} minus {BASELINE}" in told
    (line,) = [line for line in told.splitlines() if line.startswith("transfers ")]
    effect = direct(tuple(range(RUNS))).effect("transfers")
    cells = line.split()
    assert [float(cell) for cell in cells[1:4]] == pytest.approx(
        [effect.mean, effect.baseline_mean, effect.difference], abs=0.06
    )
    assert cells[3].startswith("+")
    assert line.rstrip().endswith(effect.verdict)


def test_the_figure_draws_the_same(folder: Path) -> None:
    wanted = direct(tuple(range(RUNS)))
    frame = difference_frame(wanted).set_index("line")
    for outcome in ("transfers", "casualties"):
        for column in ("difference", "low", "high"):
            assert frame.loc[outcome, column] == pytest.approx(getattr(wanted.effect(outcome), column), rel=1e-9)
    told = " ".join(text.get_text() for text in wanted.plot().texts).replace("\n", " ")
    assert f"{SCENARIO} minus {BASELINE}" in told


def test_a_batch_against_its_baseline(batch: Path, folder: Path) -> None:
    experiment = open_results(batch).experiment
    wanted = direct(tuple(experiment.seed_of(0, replication) for replication in range(RUNS)))
    asked = ("compare", str(batch), "--baseline", BASELINE)
    effects = json.loads(printed(*asked, "--json", "--csv", str(folder / "effects.csv")))["effects"]
    with (folder / "effects.csv").open(encoding="utf-8") as file:
        for rows in (effects, list(csv.DictReader(file))):
            found = {row["outcome"]: row for row in rows if row["scenario"] == SCENARIO}
            for outcome in OUTCOMES:
                same(found[outcome], wanted, outcome)
    pooled = json.loads(printed(*asked, "--pooled", "--json"))["effects"]
    for row in pooled:
        if row["outcome"] in OUTCOMES:
            same(row, wanted, row["outcome"])


def test_the_claims(folder: Path) -> None:
    """A claim's effect is its scenario minus its baseline, and its direction that of the scenario."""
    (folder / "ledger.toml").write_text(LEDGER, encoding="utf-8")
    ledger = load_ledger(folder / "ledger.toml")
    assert run_claims(ledger, folder / "claims", workers=0)
    wanted = direct(tuple(run_seed(ledger.seed, (replication,)) for replication in range(RUNS)))
    for row in verdicts(ledger, folder / "claims").to_dict("records"):
        effect = wanted.effect(row["outcome"])
        found, means = ([row["effect"], row["low"], row["high"]], [effect.difference, effect.low, effect.high])
        assert found == pytest.approx(means, rel=1e-9)
        right = row["id"] == "sent"
        assert row["share_sign"] == pytest.approx(float(right), abs=1e-6), "transfers rise, as only one claim says"
