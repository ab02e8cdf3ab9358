"""The batch from the command line: what is printed, what is left on disk, and the exit codes."""

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

from normsim.cli.commands import app
from normsim.experiment import open_results

EXPERIMENT = """
title = "A small one"
question = "Does it run?"
scenarios = ["baseline", "bridge_repeatable_opaque"]
replications = 3
months = 6
outcomes = ["scope", "parties"]
[[design]]
method = "grid"
[design.factors]
"norm.recurrence" = [0.0, 1.0]
[smoke]
replications = 1
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(EXPERIMENT, encoding="utf-8")
    return path


def normsim(*words: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of results that is complete, made once."""
    folder = tmp_path_factory.mktemp("complete")
    (folder / "small.toml").write_text(EXPERIMENT, encoding="utf-8")
    assert normsim("batch", "run", folder / "small.toml", "--out", folder / "out", "--workers", 1)[0] == 0
    return folder / "out"


@pytest.fixture
def directory(complete: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(complete, tmp_path / "out"))


def test_plan_says_what_would_run_and_stores_nothing(file: Path) -> None:
    before = set(file.parent.iterdir())
    code, out, _ = normsim("batch", "plan", file, "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["points"], told["replications"], told["runs"]) == (4, 3, 12)
    assert told["seconds"] > 0.0
    assert told["bytes"] > 0
    assert set(file.parent.iterdir()) == before
    assert json.loads(normsim("batch", "plan", file, "--smoke", "--json")[1])["runs"] == 4


def test_plan_warns_of_a_factor_whose_regime_is_off(file: Path) -> None:
    file.write_text(EXPERIMENT.replace("norm.recurrence", "bridge.transparency"), encoding="utf-8")
    _, out, err = normsim("batch", "plan", file)
    assert "12" in out
    assert "bridge.transparency does nothing in baseline, where bridge is off" in err
    assert "warning: small.toml" not in err  # it acts in the other scenario
    file.write_text(file.read_text(encoding="utf-8").replace(', "bridge_repeatable_opaque"', ""), encoding="utf-8")
    _, _, err = normsim("batch", "plan", file)
    told = [line for line in err.splitlines() if line.startswith("warning: small.toml, line ")]
    assert len(told) == 1
    assert "bridge.transparency has no effect, as its regime is off in baseline; take the factor out" in told[0]


def test_run_status_verify_replay(directory: Path) -> None:
    code, out, _ = normsim("batch", "status", directory)
    assert code == 0
    assert "12 of 12 runs done, 0 failed, 0 missing" in out
    assert normsim("batch", "verify", directory)[0] == 0
    code, out, _ = normsim("replay", directory, "3-2")
    assert code == 0
    assert "the same, bit for bit" in out


def test_a_second_run_does_nothing_again(directory: Path, file: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (directory / "parts").iterdir()}
    assert normsim("batch", "run", file, "--out", directory, "--workers", 1)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in (directory / "parts").iterdir()} == before


def test_resume_adds_replications(directory: Path) -> None:
    first = open_results(directory).outcomes()
    assert normsim("batch", "resume", directory, "--replications", 4, "--workers", 1)[0] == 0
    more = open_results(directory).outcomes()
    assert len(more) == 16
    assert more[more["replication"] < 3].reset_index(drop=True).equals(first)
    code, _, err = normsim("batch", "resume", directory, "--replications", 2)
    assert code == 1
    assert "has 4 already" in err


def test_failed_runs_are_told_and_can_be_run_again(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, told, _ = normsim("batch", "run", file, "--out", out, "--workers", 1, "--run-timeout", "1e-9")
    assert code == 3
    assert "0 of 12 runs done, 12 failed" in told
    assert f"normsim batch retry-failed {out}" in told
    code, told, _ = normsim("batch", "status", out, "--json")
    assert code == 3
    assert {failure["origin"] for failure in json.loads(told)["failures"]} == {"timeout"}
    assert normsim("batch", "resume", out, "--workers", 1)[0] == 3  # failed stay failed
    assert normsim("batch", "retry-failed", out, "--workers", 1)[0] == 0
    assert open_results(out).complete


def test_a_damaged_part_is_found_and_done_again(directory: Path) -> None:
    whole = open_results(directory).hash()
    part = next(iter(sorted((directory / "parts").iterdir())))
    part.write_bytes(part.read_bytes()[:-20])
    code, out, _ = normsim("batch", "verify", directory)
    assert code == 1
    assert f"parts/{part.name} is not what was committed" in out
    code, _, err = normsim("batch", "resume", directory, "--workers", 1)
    assert code == 0
    assert "is damaged or gone" in err
    assert open_results(directory).hash() == whole


def test_a_changed_experiment_is_refused_by_name_and_overwrite_moves_aside(directory: Path, file: Path) -> None:
    file.write_text(EXPERIMENT.replace("months = 6", "months = 7"), encoding="utf-8")
    code, _, err = normsim("batch", "run", file, "--out", directory, "--workers", 1)
    assert code == 1
    assert "scenarios.baseline, scenarios.bridge_repeatable_opaque changed" in err
    assert normsim("batch", "run", file, "--out", directory, "--workers", 1, "--overwrite")[0] == 0
    kept = [path for path in directory.parent.iterdir() if path.name.startswith("out.before-")]
    assert len(kept) == 1
    assert open_results(kept[0]).complete


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("batch", "run", "regmes"), "; did you mean 'regimes'?"),
        (("batch", "status", "nowhere"), "nowhere holds no results of an experiment"),
        (("batch", "run", "{file}", "--workers", "0"), "--workers 0: allowed is a whole number from 1"),
        (("batch", "run", "{file}", "--run-timeout", "0"), "--run-timeout 0: allowed are seconds above 0"),
        (("replay", "{out}", "3"), "3: a run is written POINT-REPLICATION"),
        (("replay", "{out}", "9-0"), "holds no run 9-0; points go from 0 to 3"),
        (("batch", "run", "{file}", "--scheduler", "tcp://127.0.0.1:1"), "no Dask scheduler answers"),
    ],
)
def test_bad_input_is_one_line(
    words: tuple[str, ...], told: str, directory: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normsim.experiment.runner.SCHEDULER_WAIT", 0.2)
    filled = [word.format(file=file, out=directory) for word in words]
    extra = ["--out", str(directory.parent / "new")] if words[1] == "run" else []
    code, out, err = normsim(*filled, *extra)
    assert code == 1
    assert told in err
    assert "Traceback" not in out + err


@pytest.mark.slow
def test_an_interrupt_drains_and_leaves_a_directory_that_goes_on(file: Path, tmp_path: Path) -> None:
    file.write_text(EXPERIMENT.replace("= 3", "= 300").replace("months = 6", "months = 60"), encoding="utf-8")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "normsim", "batch", "run", str(file), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not (out / "outcomes.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: parent and workers
    told, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "finishing the current runs" in err
    assert "Traceback" not in told + err
    assert f"normsim batch resume {out}" in told
    results = open_results(out)
    assert 0 < results.done < results.total
    assert results.verify() == []


def test_schema_and_list(file: Path) -> None:
    schema = json.loads(normsim("batch", "schema")[1])
    assert "replications" in schema["properties"]
    assert normsim("batch", "list", "--json")[0] == 0


OWN = """
def peak_users(run):
    "Most states that used cluster munitions in one month."
    return run.series["users"].max()


def condemned(run):
    return (run.events["act"] == "condemn").sum()
"""


def test_own_outcomes_are_computed_in_the_workers_and_stored(file: Path, tmp_path: Path) -> None:
    mine, out = tmp_path / "mine.py", tmp_path / "out"
    mine.write_text(OWN, encoding="utf-8")
    code, _, err = normsim("batch", "run", file, "--out", out, "--workers", 1, "--outcomes", mine)
    assert code == 0, err
    results = open_results(out)
    assert results.experiment.outcomes == ("scope", "parties", "peak_users", "condemned")
    frame = results.outcomes(["peak_users", "condemned"])
    assert (frame["condemned"] > 0).all()
    assert results.verify() == []
    code, told, _ = normsim("replay", out, "3-2")
    assert (code, "the same, bit for bit" in told) == (0, True)
    code, told, _ = normsim("compare", out, "--baseline", "baseline", "--outcome", "condemned", "--json")
    assert code == 0
    assert {row["outcome"] for row in json.loads(told)["effects"]} == {"condemned"}
    table = normsim("query", out, "SELECT max(peak_users) AS most FROM outcomes", "--json")[1]
    assert json.loads(table)[0]["most"] == frame["peak_users"].max()


def test_a_resumed_experiment_takes_the_stored_copy_of_own_outcomes(file: Path, tmp_path: Path) -> None:
    mine, out = tmp_path / "mine.py", tmp_path / "out"
    mine.write_text(OWN, encoding="utf-8")
    assert normsim("batch", "run", file, "--out", out, "--workers", 1, "--outcomes", mine)[0] == 0
    mine.unlink()
    assert normsim("batch", "resume", out, "--replications", 4, "--workers", 1)[0] == 0
    frame = open_results(out).outcomes(["condemned"])
    assert len(frame) == 16
    assert (frame["condemned"] > 0).all()


def test_other_own_outcomes_are_refused(file: Path, tmp_path: Path) -> None:
    mine, out = tmp_path / "mine.py", tmp_path / "out"
    mine.write_text(OWN, encoding="utf-8")
    assert normsim("batch", "run", file, "--smoke", "--out", out, "--workers", 1, "--outcomes", mine)[0] == 0
    code, _, err = normsim("batch", "run", file, "--smoke", "--out", out, "--workers", 1)
    assert (code, "outcomes, own outcomes changed" in err) == (1, True)
    mine.write_text(OWN.replace(".max()", ".min()"), encoding="utf-8")
    code, _, err = normsim("batch", "run", file, "--smoke", "--out", out, "--workers", 1, "--outcomes", mine)
    assert (code, "own outcomes changed" in err) == (1, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def scope(run):\n    return 1\n", "scope is an outcome of the model; choose another name"),
        ("peak = 1\n", "mine.py defines no outcome"),
        ("def peak(ran):\n    return 1\n", "peak takes ran; an outcome takes run"),
    ],
)
def test_own_outcomes_that_cannot_be_used_are_refused_before_anything_runs(
    file: Path, tmp_path: Path, text: str, words: str
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(text, encoding="utf-8")
    code, _, err = normsim("batch", "run", file, "--out", tmp_path / "out", "--outcomes", mine)
    assert code == 1
    assert words in err
    assert not (tmp_path / "out").exists()


def test_own_outcomes_that_fail_are_failed_runs(file: Path, tmp_path: Path) -> None:
    mine, out = tmp_path / "mine.py", tmp_path / "out"
    mine.write_text("def peak(run):\n    return run.series['user'].max()\n", encoding="utf-8")
    code, told, _ = normsim("batch", "run", file, "--smoke", "--out", out, "--workers", 1, "--outcomes", mine)
    assert code == 3
    assert "mine.py" in told
    assert open_results(out).failed == 4


def test_events_that_could_not_happen_are_counted_and_warned_of(file: Path, tmp_path: Path) -> None:
    """Although the experiment does not keep that outcome."""
    late = '[[event]]\ndate = 2023-09-01\nactor = "BRA"\naction = "withdraw"\n'
    path = tmp_path / "impossible.toml"
    path.write_text(f'title = "x"\nextends = "baseline"\n{late}', encoding="utf-8")
    text = EXPERIMENT.replace('"bridge_repeatable_opaque"', '"impossible.toml"')
    file.write_text(text, encoding="utf-8")
    code, _, err = normsim("batch", "run", file, "--out", tmp_path / "out", "--workers", 1)
    assert code == 0
    assert "warning: dated events could not happen in 6 of 12 runs, in impossible; which and why: normsim run " in err
    assert open_results(tmp_path / "out").events_not_done() == {"impossible": 6}
    state = json.loads(normsim("batch", "status", tmp_path / "out", "--json")[1])
    assert state["events_not_done"] == {"impossible": 6}
