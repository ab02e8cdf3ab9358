"""Every place where a user may run it: no home, no terminal, a quota, odd file systems, other settings."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib
import mesa
import numpy as np
import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.engine import code_cache
from normsim.engine.compilation import cache_folder, compile_entry
from normsim.experiment import Experiment, StoreError, open_results, run_experiment, runner
from normsim.figures import style
from normsim.model import NormModel
from normsim.rules.link_functions import logit


def small(replications: int = 1) -> Experiment:
    return Experiment.build(["baseline"], replications, months=1, outcomes=["scope"])


# File systems.


def test_a_file_system_that_cannot_flush_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flush = os.fsync

    def refuse(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        flush(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    results = run_experiment(small(), tmp_path / "out", workers=0)
    assert (results.complete, results.manifest["folders_flushed"]) == (True, False)
    assert results.verify() == []


def test_a_warm_cache_is_read_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORMSIM_CACHE_DIR", str(tmp_path))
    folder = cache_folder()
    assert folder is not None
    assert compile_entry(logit, folder)((0.0, 0.5)) == logit((0.0, 0.5))
    before = sorted(folder.iterdir())

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for place, name in ((Path, "mkdir"), (Path, "write_bytes"), (os, "utime")):
        monkeypatch.setattr(place, name, refuse)
    assert cache_folder() == folder
    again = compile_entry(logit, folder)
    assert again((0.0, 0.5)) == logit((0.0, 0.5))
    assert sum(again.stats.cache_hits.values()) == 1
    assert again((0.0, 0.5, 0.5)) == logit((0.0, 0.5, 0.5))  # another signature: compiled, not kept
    assert sorted(folder.iterdir()) == before


def test_machine_code_that_is_damaged_is_compiled_again(tmp_path: Path) -> None:
    compile_entry(logit, tmp_path)((0.0, 0.5))
    [path] = tmp_path.glob(f"*{code_cache.SUFFIX}")
    whole = path.read_bytes()
    for left in (whole[:-1], b"", whole[:5000] + bytes([whole[5000] ^ 4]) + whole[5001:]):
        path.write_bytes(left)
        again = compile_entry(logit, tmp_path)
        assert again((0.0, 0.5)) == logit((0.0, 0.5))
        assert sum(again.stats.cache_hits.values()) == 0
        assert path.read_bytes() != left


def test_old_machine_code_is_cleaned_also_while_others_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NORMSIM_CACHE_DIR", str(tmp_path))
    for number in range(12):
        (tmp_path / f"compiled-{number}").mkdir()
        os.utime(tmp_path / f"compiled-{number}", (number, number))
    monkeypatch.setattr(code_cache, "_age", lambda folder, age=code_cache._age: (_gone(folder), age(folder))[1])
    assert code_cache.folder_for("new") == tmp_path / "compiled-new"
    assert len(list(tmp_path.iterdir())) <= 8


def _gone(folder: Path) -> None:
    """Another process was faster."""
    if folder.name == "compiled-3":
        folder.rmdir() if folder.exists() else None


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def none(*_: object) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("NORMSIM_CACHE_DIR", raising=False)
    monkeypatch.delenv("NORMSIM_STATE_DIR", raising=False)
    for name in ("user_cache_path", "user_state_path"):
        monkeypatch.setattr(code_cache.platformdirs, name, none)
    monkeypatch.setattr(Path, "home", none)
    assert cache_folder() is None
    own = tmp_path / "own.py"
    own.write_text("def peak(run):\n    return 1 / 0\n", encoding="utf-8")
    results = run_experiment(small(), tmp_path / "out", workers=0, outcomes=own)
    assert [failure.kind for entry in results.entries for failure in entry.failures] == ["UserFileError"]


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "150000 100000"}, 1.5),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "400000", "cpu/cpu.cfs_period_us": "100000"}, 4.0),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({}, None),
    ],
)
def test_a_quota_of_processors(tmp_path: Path, monkeypatch: Any, files: dict[str, str], cores: float | None) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n", encoding="ascii")
    found = runner._quota(tmp_path)
    assert found == (sys.float_info.max if cores is None else cores)
    monkeypatch.setattr(runner, "_quota", lambda: 0.5)
    assert runner.default_workers() == 1


def test_a_scheduler_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(runner, "WORKERS_WAIT", 0.2)
    told = r"has no workers, and none came within 0.2 s; start some, such as: dask worker"
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        pytest.raises(StoreError, match=told),
    ):
        run_experiment(small(), tmp_path / "out", scheduler=cluster.scheduler_address)


# Terminals.


@pytest.mark.skipif(os.name != "posix", reason="closes a stream as POSIX shells do")
@pytest.mark.parametrize("closed", ["<&-", ">&- 2>&-"])
def test_closed_streams(tmp_path: Path, closed: str) -> None:
    script = f"{sys.executable} -m normsim batch status nowhere {closed}"
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    script = f"{sys.executable} -m normsim scenario list {closed}"
    assert subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, timeout=60).returncode == 0


@pytest.mark.parametrize("width", ["0", "1", "20", "80", "5000"])
def test_a_wide_answer_in_a_terminal_of_any_width(tmp_path: Path, monkeypatch: Any, width: str) -> None:
    experiment = Experiment.build(["baseline"], 3, months=1)
    directory = tmp_path / "out"
    run_experiment(experiment, directory, workers=0)
    monkeypatch.setenv("COLUMNS", width)
    done = CliRunner().invoke(app, ["query", str(directory), "SELECT * FROM outcomes"])
    assert done.exit_code == 0, done.exception
    assert "3 rows" in done.stdout
    if width == "80":  # a column per line, so that nothing is cut
        for name in open_results(directory).outcome_names:
            assert any(line.startswith(f"{name} ") for line in done.stdout.splitlines())
        assert "shown; all with --csv FILE" in done.stdout
    if width == "5000":
        assert done.stdout.splitlines()[0].split()[:3] == ["point", "scenario", "replication"]


# Other programs.


def test_a_users_matplotlibrc_has_no_part_in_figures() -> None:
    with style.house():
        own = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"axes.facecolor": "red", "lines.linestyle": ":", "axes.unicode_minus": False}):
        with style.house():
            assert {name: value for name, value in matplotlib.rcParams.items() if own[name] != value} == {}
        with style.printed():
            assert matplotlib.rcParams["lines.linestyle"] == "-"


def test_mesas_own_batch_run() -> None:
    frames = mesa.batch_run(NormModel, {"scenario": ["baseline"]}, max_steps=1, display_progress=False)
    assert len(frames) >= 1
    frames = mesa.batch_run(NormModel, {"scenario": ["baseline"]}, max_steps=1, display_progress=False, rng=[3, 4])
    assert len({frame["RunId"] for frame in frames}) == 2


def test_seeds_as_mesa_has_them() -> None:
    assert NormModel(rng=None).simulation.seed != NormModel(rng=None).simulation.seed
    assert NormModel(seed=5).simulation.seed == NormModel(rng=5).simulation.seed == 5
    sequence = np.random.SeedSequence(1)
    assert NormModel(rng=sequence).simulation.seed == NormModel(rng=sequence).simulation.seed
