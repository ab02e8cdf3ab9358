"""Whatever is damaged in a finished directory, no command gives other numbers, and none ends in a traceback."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from stored import goes_on
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.experiment import Experiment, StoreError, open_results, run_experiment
from normsim.experiment.outcome_log import LOG
from normsim.experiment.results_store import LOCK

MANY = 300 if os.environ.get("NORMSIM_LONG_TESTS") else 24
"""Damages tried of each kind; all of them take some minutes."""

OWN = "def peak(run):\n    return run.series['users'].max()\n"

SUMS = "SELECT scenario, sum(scope) AS s, avg(peak) AS m FROM outcomes JOIN points USING (point, scenario) GROUP BY ALL"

COMMANDS = {
    "status": ("batch", "status", "{0}"),
    "query": ("query", "{0}", SUMS),
    "query of a series": ("query", "{0}", "SELECT sum(users), count(*) FROM series"),
    "compare": ("compare", "{0}", "--baseline", "norm.recurrence=0", "--json"),
    "export": ("export", "{0}", "--csv", "{0}.csv"),
    "replay": ("replay", "{0}", "1-0", "--json"),
}


def experiment() -> Experiment:
    design = [{"method": "grid", "factors": {"norm.recurrence": [0.0, 1.0]}}]
    outcomes = ["scope", "validity", "users"]
    return Experiment.build(["baseline"], 2, design, months=3, outcomes=outcomes, keep=["series"], title="Damaged")


def normsim(directory: Path, command: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr, and what an export wrote."""
    words = [word.format(directory) for word in COMMANDS[command]]
    done = CliRunner().invoke(app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
    out, folder = done.stdout, directory.with_name(f"{directory.name}.csv")
    if folder.exists():
        out += "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv")))
        shutil.rmtree(folder)
    return done.exit_code, out, done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("damage")
    own = folder / "own.py"
    own.write_text(OWN, encoding="utf-8")
    run_experiment(experiment(), folder / "out", workers=0, chunk=2, outcomes=own)
    return folder / "out"


@pytest.fixture(scope="module")
def said(finished: Path) -> dict[str, str]:
    """What each command says of the whole directory."""
    found = {command: normsim(finished, command) for command in COMMANDS}
    assert {command: err for command, (code, _, err) in found.items() if code} == {}
    return {command: out for command, (_, out, _) in found.items()}


def damages(files: list[Path], kind: str) -> Iterator[tuple[Path, bytes]]:
    """Files and what is left of them, drawn from a fixed seed."""
    draw = random.Random(f"{kind} 14")
    for place in range(MANY):
        path = files[place % len(files)]
        data = path.read_bytes()
        where = draw.randrange(len(data))
        if kind == "a bit flipped":
            left = data[:where] + bytes([data[where] ^ (1 << draw.randrange(8))]) + data[where + 1 :]
        elif kind == "cut":
            left = data[:where]
        else:
            length = min(draw.randrange(1, 200), len(data) - where)
            left = data[:where] + bytes(length) + data[where + length :]
        if left != data:
            yield path, left


@pytest.mark.parametrize("kind", ["a bit flipped", "cut", "zeroed"])
def test_damage_is_an_error_line_and_never_another_number(finished: Path, said: dict[str, str], kind: str) -> None:
    files = sorted(path for path in finished.rglob("*") if path.is_file() and path.name != LOCK)
    assert len(files) >= 9
    draw = random.Random(kind)
    refused = 0
    for path, left in damages(files, kind):
        whole = path.read_bytes()
        path.write_bytes(left)
        try:
            what = f"{kind}: {path.relative_to(finished)}"
            checked = CliRunner().invoke(app, ["batch", "verify", str(finished)])
            assert checked.exit_code == 1, what
            assert isinstance(checked.exception, SystemExit), what
            command = draw.choice(list(COMMANDS))
            code, out, err = normsim(finished, command)
            assert code in (0, 1), (what, command)
            if code:
                lines = [line for line in err.splitlines() if not line.startswith(("compiling", "about "))]
                assert len(lines) == 1, (what, command, err)
                assert lines[0].startswith("error: "), (what, command, err)
            else:
                assert out == said[command], (what, command)
            refused += code
        finally:
            path.write_bytes(whole)
    assert refused > MANY // 4
    assert open_results(finished).verify() == []


@pytest.mark.parametrize("kind", ["a bit flipped", "cut"])
def test_a_resume_mends_what_is_damaged_or_refuses(finished: Path, tmp_path: Path, kind: str) -> None:
    good = open_results(finished).hash()
    files = sorted(path.relative_to(finished) for path in finished.rglob("*") if path.is_file() and path.name != LOCK)
    refused: list[tuple[str, str]] = []
    for place, (path, left) in enumerate(damages([finished / file for file in files], kind)):
        if place >= len(files):
            break
        copy = Path(shutil.copytree(finished, tmp_path / str(place)))
        (copy / path.relative_to(finished)).write_bytes(left)
        try:
            told = goes_on(copy, experiment(), outcomes=finished.with_name("own.py"))
        except StoreError as error:
            refused.append((path.name, str(error)))
        else:
            assert told
            assert open_results(copy).verify() == []
            assert open_results(copy).hash() == good
    assert all(name in error for name, error in refused)
    assert len(refused) <= 3


def test_a_line_taken_out_of_the_log_is_noticed(finished: Path, tmp_path: Path) -> None:
    """Also one that is whole: each line is sealed with those before it."""
    copy = Path(shutil.copytree(finished, tmp_path / "copy"))
    first, second = (copy / LOG).read_bytes().splitlines(keepends=True)
    for lines in (second, second + first, first + first + second):
        (copy / LOG).write_bytes(lines)
        with pytest.raises(StoreError, match=f"{LOG} is damaged at byte"):
            open_results(copy)
    (copy / LOG).write_bytes(first)
    assert "parts/000001.parquet is no file of these results; move it elsewhere" in open_results(copy).verify()


def test_what_was_edited_by_hand_is_noticed(finished: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(finished, tmp_path / "copy"))
    for name, before, after in (
        ("manifest.json", '"replications": 2', '"replications": 20'),
        ("experiment.toml", "replications = 2", "replications = 20"),
        ("scenarios/baseline.toml", "months = 3", "months = 4"),
    ):
        text = (copy / name).read_text(encoding="utf-8")
        assert before in text
        (copy / name).write_text(text.replace(before, after), encoding="utf-8")
        with pytest.raises(StoreError, match=name):
            open_results(copy).experiment  # noqa: B018
        (copy / name).write_text(text, encoding="utf-8")
    for name in ("rules/mine.py", "parts/000007.parquet", "parts/notes.txt", "series/more/one.parquet"):
        path = copy / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((copy / "parts/000000.parquet").read_bytes())
        top = "/".join(name.split("/")[:2])
        assert open_results(copy).verify() == [f"{top} is no file of these results; move it elsewhere"]
        shutil.rmtree(path.parent) if path.parent.name in ("more", "rules") else path.unlink()
    assert open_results(copy).verify() == []


def test_a_resume_names_what_is_not_its_own_and_deletes_nothing_of_it(finished: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(finished, tmp_path / "copy"))
    (copy / "parts" / ".ipynb_checkpoints").mkdir()
    (copy / "parts" / "notes.txt").write_text("mine", encoding="utf-8")
    shutil.copy(copy / "parts" / "000000.parquet", copy / "parts" / "000002.parquet")  # the next part's name
    more = experiment().with_replications(3)
    told = goes_on(copy, more, outcomes=finished.with_name("own.py"))
    names = "parts/.ipynb_checkpoints, parts/000002.parquet, parts/notes.txt"
    assert told == [f"left alone, as no part of the results: {names}"]
    results = open_results(copy)
    assert (results.complete, len(results.outcomes())) == (True, 6)
    assert (copy / "parts" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert results.query("SELECT count(*) AS n FROM outcomes")["n"][0] == 6
