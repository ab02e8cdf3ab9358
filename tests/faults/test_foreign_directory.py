"""A directory from elsewhere runs no code that this user did not ask for."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.experiment import Experiment, StoreError, open_results, run_experiment
from normsim.experiment.manifest import read_manifest, write_manifest
from normsim.experiment.safe_files import sha256
from normsim.experiment.user_copies import stored_user_file

OWN = """
from pathlib import Path
Path({mark!r}).touch()

def peak(run):
    return run.series["users"].max()
"""


def normsim(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """What the stored program makes when it is run."""
    return tmp_path / "was run"


@pytest.fixture
def directory(tmp_path: Path, mark: Path) -> Path:
    own = tmp_path / "own.py"
    own.write_text(OWN.format(mark=str(mark)), encoding="utf-8")
    experiment = Experiment.build(["baseline"], 1, months=1, outcomes=["scope"])
    run_experiment(experiment, tmp_path / "out", workers=0, outcomes=own)
    mark.unlink()
    return tmp_path / "out"


def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As another user, or on another machine."""
    monkeypatch.setenv("NORMSIM_STATE_DIR", str(tmp_path / "elsewhere"))


REPLAY = ("replay", "{0}", "0-0")
RESUME = ("batch", "resume", "{0}", "--replications", "2", "--workers", "1")
RETRY = ("batch", "retry-failed", "{0}", "--workers", "1")


@pytest.mark.parametrize("command", [REPLAY, RESUME, RETRY])
def test_a_stored_program_is_run_only_if_it_was_run_here_or_is_trusted(
    directory: Path, mark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    words = [word.format(directory) for word in command]
    elsewhere(monkeypatch, tmp_path)
    code, _, err = normsim(*words)
    assert (code, mark.exists()) == (1, False)
    assert "holds a program, outcomes/own.py, that you did not run on this machine before" in err
    assert "add --trust-rules" in err
    assert normsim(*words, "--trust-rules")[0] == 0
    assert mark.exists()
    assert normsim(*words)[0] == 0  # it is known now


def test_ones_own_program_is_known(directory: Path, mark: Path) -> None:
    assert normsim("replay", directory, "0-0")[0] == 0
    assert mark.exists()


def test_reading_runs_no_stored_program(directory: Path, mark: Path) -> None:
    assert normsim("batch", "status", directory)[0] == 0
    assert normsim("batch", "verify", directory)[0] == 0
    assert normsim("query", directory, "SELECT peak FROM outcomes")[0] == 0
    assert not mark.exists()


@pytest.mark.parametrize("folder", ["rules", "outcomes"])
def test_a_program_that_was_dropped_in_is_never_run(directory: Path, mark: Path, folder: str) -> None:
    (directory / folder).mkdir(exist_ok=True)
    planted = mark.with_name("planted")
    (directory / folder / "a.py").write_text(OWN.format(mark=str(planted)), encoding="utf-8")
    for words in (("replay", directory, "0-0"), ("batch", "resume", directory, "--workers", "1")):
        assert normsim(*words, "--trust-rules")[0] == 0
    assert not planted.exists()
    assert f"{folder}/a.py is no file of these results; move it elsewhere" in open_results(directory).verify()


def test_a_program_that_was_exchanged_is_refused(directory: Path, mark: Path) -> None:
    (directory / "outcomes" / "own.py").write_text(OWN.format(mark=str(mark)) + "\n", encoding="utf-8")
    code, _, err = normsim("replay", directory, "0-0", "--trust-rules")
    assert (code, "outcomes/own.py is not what was committed" in err, mark.exists()) == (1, True, False)


def test_a_path_that_leads_out_of_the_directory_is_refused(directory: Path, tmp_path: Path) -> None:
    """A manifest can be sealed by anybody."""
    (tmp_path / "evil.py").write_text("def peak(run):\n    return 1\n", encoding="utf-8")
    content = read_manifest(directory)
    digest = sha256((tmp_path / "evil.py").read_bytes())
    files = {name: each for name, each in content["files"].items() if not name.startswith("outcomes/")}
    write_manifest(directory, content | {"files": files | {"outcomes/../../evil.py": digest}})
    with pytest.raises(StoreError, match="damaged or was edited"):
        stored_user_file(open_results(directory), "outcomes", trust=True)


def test_a_directory_in_use_is_not_moved_aside(directory: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    from normsim.experiment.results_store import move_aside

    with FileLock(directory / "lock"), pytest.raises(StoreError, match="is in use"):
        move_aside(directory)
    assert open_results(directory).complete
    aside = move_aside(directory)
    assert not directory.exists()
    assert open_results(aside).complete


def test_a_directory_that_is_replaced_meanwhile_gets_nothing(directory: Path, tmp_path: Path) -> None:
    """As when a user moves it, and another experiment takes its name."""

    def replace(progress: object) -> None:
        if not (tmp_path / "moved").exists():
            shutil.move(directory, tmp_path / "moved")
            directory.mkdir()

    experiment = open_results(directory).experiment.with_replications(3)
    with pytest.raises(StoreError, match="was moved or replaced meanwhile; nothing more is stored"):
        run_experiment(experiment, directory, workers=0, chunk=1, outcomes=tmp_path / "own.py", on_progress=replace)
    assert list(directory.iterdir()) == []
    assert open_results(tmp_path / "moved").done == 1
