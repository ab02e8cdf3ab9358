"""`normsim claims` from end to end: runs, verdicts, files, resuming, refusals."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normsim.claims import load_ledger, run_claims, verdicts
from normsim.claims.trials import Stored, runs_needed
from normsim.cli.commands import app
from normsim.experiment import open_results
from normsim.experiment.manifest import read_manifest, write_manifest
from tests.unit.test_ledger import FILE

pytestmark = pytest.mark.slow


def normsim(*words: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_an_effect_is_that_of_the_runs(file: Path, tmp_path: Path) -> None:
    from normsim.comparison import compare
    from normsim.experiment.experiment import run_seed

    ledger = load_ledger(file)
    assert run_claims(ledger, tmp_path / "out", workers=0)
    found = verdicts(ledger, tmp_path / "out").set_index("id").loc["clear"]
    scenario, baseline = (ledger.arms[name] for name in ("clear", "bridge_repeatable_opaque"))
    seeds = [run_seed(ledger.seed, (replication,)) for replication in range(ledger.replications)]
    direct = next(each for each in compare(scenario, baseline, seeds).effects() if each.outcome == "scope")
    assert found["effect"] == pytest.approx(direct.difference, rel=1e-9, abs=1e-12)
    assert found["low"] == pytest.approx(direct.low, rel=1e-6, abs=1e-9)


def test_what_is_stored_is_not_run_again(file: Path, tmp_path: Path) -> None:
    ledger, out = load_ledger(file), tmp_path / "out"
    run_claims(ledger, out, ids=["talk"], workers=0)
    held = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    assert list(verdicts(ledger, out, ids=["talk"])["id"]) == ["talk"]
    totals = []
    run_claims(ledger, out, workers=0, on_progress=lambda progress: totals.append(progress.total))
    assert totals[0] == runs_needed(ledger) - runs_needed(ledger, ["talk"])
    assert {path: path.read_bytes() for path in held} == held
    before = verdicts(ledger, out)
    folders = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    assert run_claims(ledger, out, workers=0), "nothing is left to do"
    assert {path: path.read_bytes() for path in out.rglob("*.parquet")} == folders
    assert verdicts(ledger, out).equals(before)
    other = tmp_path / "at_once"
    run_claims(ledger, other, workers=0)
    assert verdicts(ledger, other).equals(before), "the same however the work was cut"


def test_a_stop_is_gone_on_from(file: Path, tmp_path: Path) -> None:
    ledger, out = load_ledger(file), tmp_path / "out"
    calls = 0

    def stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > 2

    assert not run_claims(ledger, out, workers=0, should_stop=stop)
    done = sum(results.done for results in Stored(out, ledger).all)
    assert 0 < done < runs_needed(ledger)
    code, told, err = normsim("claims", "--ledger", file, "--out", out, "--workers", 1)
    assert code == 0, err
    assert "2 claims" in told
    assert sum(results.done for results in Stored(out, ledger).all) == runs_needed(ledger)
    whole = tmp_path / "whole"
    run_claims(ledger, whole, workers=0)
    assert verdicts(ledger, out).equals(verdicts(ledger, whole))


@pytest.mark.skipif(os.name != "posix", reason="signals as of POSIX")
def test_the_first_interrupt_lets_runs_finish(file: Path, tmp_path: Path) -> None:
    file.write_text(FILE.replace("points = 4", "points = 120"), encoding="utf-8")
    out = tmp_path / "out"
    words = ("claims", "--ledger", str(file), "--out", str(out), "--workers", "1")
    # a shell's background hands down an ignored interrupt; here it must be heard
    running = subprocess.Popen(
        [sys.executable, "-m", "normsim", *words],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 90.0
    while time.monotonic() < deadline and not list(out.glob("space-*/parts/*.parquet")):
        time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "repeat the command to continue" in told
    stored = [open_results(path.parent) for path in out.glob("*/manifest.json")]
    assert sum(results.done for results in stored) > 0
    assert all(not results.verify() for results in stored)


def test_results_of_other_code_are_refused(file: Path, tmp_path: Path) -> None:
    ledger, out = load_ledger(file), tmp_path / "out"
    run_claims(ledger, out, workers=0)
    directory = next(out.glob("defaults-*/manifest.json")).parent
    manifest = read_manifest(directory)
    manifest["depends_on"]["code.rules/use.py"] = "0123456789abcdef"
    write_manifest(directory, manifest)
    code, _, err = normsim("claims", "--ledger", file, "--out", out)
    assert code == 1
    assert "runs of other code.rules/use.py" in err


def test_a_folder_of_something_else_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    code, _, err = normsim("claims", "--ledger", file, "--out", tmp_path / "taken")
    assert (code, err.count("\n")) == (1, 1)
    out = tmp_path / "out"
    run_claims(load_ledger(file), out, workers=0)
    inner = next(out.glob("defaults-*"))
    code, _, err = normsim("claims", "--ledger", file, "--out", inner)
    assert code == 1
    assert "holds results of an experiment" in err


def test_only_the_claims_asked_for_are_measured_and_all_are_corrected_for(file: Path, tmp_path, monkeypatch) -> None:
    from normsim.claims import judge

    ledger, out = load_ledger(file), tmp_path / "out"
    run_claims(ledger, out, ids=["clear"], workers=0)
    measured: list[object] = []
    real = judge._measure
    monkeypatch.setattr(judge, "_measure", lambda each, resamples: measured.append(each) or real(each, resamples))
    alone = verdicts(ledger, out, ids=["clear"]).iloc[0]
    assert len(measured) == 1
    assert alone["p_corrected"] == pytest.approx(min(1.0, 2.0 * alone["p"])), "the other counts, though it has no runs"
    run_claims(ledger, out, workers=0)
    both = verdicts(ledger, out).set_index("id").loc["clear"]
    measured.clear()
    assert verdicts(ledger, out, ids=["clear"]).iloc[0]["p_corrected"] == both["p_corrected"]
    assert len(measured) == 1


def test_missing_runs_are_named(file: Path, tmp_path: Path) -> None:
    ledger, out = load_ledger(file), tmp_path / "out"
    run_claims(ledger, out, workers=0)
    shutil.rmtree(next(out.glob("defaults-*")))
    with pytest.raises(ValueError, match=r"lacks runs for clear, talk; go on with"):
        verdicts(ledger, out)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("talk-hold",), "did you mean 'talk-holds'?"),
        (("talk-hold", "--list"), "did you mean 'talk-holds'?"),
        (("--ledger", "no_such.toml"), "no_such.toml: there is no such file"),
        (("--figure", "x.doc"), ".png, .pdf or .svg"),
        (("--smoke", "--workers", 0), "a whole number from 1"),
    ],
)
def test_bad_input_is_refused_in_a_line(words, told, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = normsim("claims", *words)
    assert code == 1
    assert told in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_list_runs_nothing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, told, _ = normsim("claims", "--list")
    assert code == 0
    ledger = load_ledger()
    assert all(claim.id in told for claim in ledger.claims)
    assert f"{runs_needed(ledger):,} runs in all" in told
    listed = json.loads(normsim("claims", "--list", "--json")[1])
    assert [each["id"] for each in listed] == [claim.id for claim in ledger.claims]
    one = ledger.claims[1].id
    assert [each["id"] for each in json.loads(normsim("claims", one, "--list", "--json")[1])] == [one]
    told = normsim("claims", one, "--list")[1]
    assert f"1 claim, {runs_needed(ledger, [one]):,} runs in all" in told
    assert one in told
    assert ledger.claims[0].id not in told
    assert not list(tmp_path.iterdir())
