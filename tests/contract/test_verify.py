"""`normsim verify`: every limiting case passes, a missed target fails the command, and what it writes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normsim.analysis import verification_records as records
from normsim.analysis import verification_thresholds as thresholds
from normsim.analysis.verification import CASES, INEXPRESSIBLE, verify
from normsim.analysis.verification_records import Sizes
from normsim.cli.commands import app
from normsim.errors import AnalysisError
from normsim.references import references

SMALL = {
    "watts": Sizes(graphs=3, seeds=2, nodes=500, degree=(3, 9)),
    "granovetter": Sizes(nodes=300),
    "committed_minority": Sizes(seeds=2, nodes=500, share=(0.15, 0.32)),
    "cloglog": Sizes(seeds=30),
    "bass": Sizes(seeds=3, nodes=500),
    "consensus_vote": Sizes(seeds=150),
    "time_to_cut_off": Sizes(seeds=5),
    "equivariance": Sizes(seeds=2),
    "exceptions_inert": Sizes(seeds=2),
}
"""Smaller sizes of the longer cases: their full power is that of the command and of tests/docking."""


def shown(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["verify", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("name", CASES)
def test_a_case_passes_and_counts_its_runs(name: str) -> None:
    sizes, ticks = SMALL.get(name, Sizes()), []
    (done,) = verify([name], sizes, on_progress=lambda progress: ticks.append((progress.done, progress.total)))
    assert done.lines
    assert [line for line in done.lines if line.passed is False] == []
    assert ticks[-1] == (CASES[name].runs(sizes), CASES[name].runs(sizes))
    assert set(done.case.sources) <= set(references())


def test_published_constants() -> None:
    assert thresholds.window(0.18) == pytest.approx((1.0207, 5.7647), abs=1e-4)
    assert thresholds.critical_sd(0.25) == pytest.approx(0.122221, abs=1e-6)
    assert thresholds.critical_minority(12) == pytest.approx(0.2419, abs=1e-4)


def test_lines_are_judged() -> None:
    assert records.exact("x", 1.0, 1.0).passed
    assert not records.exact("x", 1.0, 1.1, within=0.05).passed
    assert records.share_line("x", 0.5, 480, 1000).passed
    assert not records.share_line("x", 0.5, 400, 1000).passed
    values = [0.9, 1.0, 1.1] * 10
    assert records.mean_line("x", 1.0, values).passed
    assert not records.mean_line("x", 1.2, values).passed
    assert records.mean_line("x", 1.2, values, 0.2).passed
    assert not records.p_line("x", 1e-7, 10).passed


def test_a_missed_target_fails_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thresholds, "critical_sd", lambda mean: 0.15)
    code, out, err = shown("granovetter", "--nodes", 200)
    assert code == 1
    assert "FAIL" in out
    assert err.splitlines()[-1] == "error: the engine misses a target in granovetter"


def test_the_command_gives_table_json_page_and_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    page, folder = tmp_path / "verification.md", tmp_path / "figures"
    code, out, err = shown("degroot", "bridge", "--out", page, "--figures", folder)
    assert code == 0, err
    assert "degroot: DeGroot: consensus by averaging [DeGroot1974]" in out
    assert "lines pass, 0 fail" in out
    code, out, _ = shown("degroot", "bridge", "--json")
    told = json.loads(out)
    assert code == 0
    assert [case["name"] for case in told["cases"]] == ["degroot", "bridge"]
    assert {each["name"] for each in told["inexpressible"]} == {each.name for each in INEXPRESSIBLE}
    text = page.read_text(encoding="utf-8")
    for case in told["cases"]:
        for line in case["lines"]:
            assert f"| {line['what']} |" in text
        for curve in case["curves"]:
            assert f"(figures/verification_{curve['name']}.png)" in text
            assert (folder / f"verification_{curve['name']}.png").stat().st_size > 10_000


def test_sizes_change_what_is_run() -> None:
    code, out, err = shown("granovetter", "--mean", 0.3, "--sd", "0.1,0.2", "--nodes", 200, "--json")
    assert code == 0, err
    lines = json.loads(out)["cases"][0]["lines"]
    assert [line["what"] for line in lines if line["what"].startswith("share that acts")] == [
        "share that acts, sd 0.1",
        "share that acts, sd 0.2",
    ]
    assert any("of mean 0.3" in line["what"] for line in lines)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["wats"], "there is no case \"wats\"; did you mean 'watts'?"),
        (["sis"], "sis cannot be run: no rule has a rate that is linear"),
        (["degroot", "--phi", "0.2"], "--phi does nothing for degroot; it is read by watts"),
        (["watts", "--degree", "2.5"], "--degree 2.5: allowed are whole numbers from 1 to 50, separated by commas"),
        (["granovetter", "--sd", "x"], "--sd x: allowed are numbers from 0.01 to 1, separated by commas"),
    ],
)
def test_bad_input_is_one_line(words: list[str], told: str) -> None:
    code, _, err = shown(*words)
    assert code == 1
    (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert told in line


def test_a_threshold_without_a_cascade_window_is_refused_before_anything_runs() -> None:
    code, _, err = shown("--phi", "0.9")
    assert code == 2
    assert "less than or equal to 0.25" in err
    with pytest.raises(AnalysisError, match="there is no cascade window"):
        thresholds.window(0.9)


def test_a_line_that_is_only_told_is_not_judged() -> None:
    (done,) = verify(["constant_hazard"], Sizes(seeds=2))
    told = replace(done.lines[0], passed=None)
    assert replace(done, findings=replace(done.findings, lines=[told])).passed
