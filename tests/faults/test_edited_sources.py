"""One digest of everything that decides a number: whatever is edited between a run and its resume is named."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import crash
import pytest
from stored import goes_on

from normsim.experiment import StoreError, model_digest, open_results, outcome_log, runner
from normsim.experiment.replay import replay
from normsim.world import data_hashes

EDITED = (
    "rules/use.py",
    "rules/link_functions.py",
    "engine/schedule.py",
    "engine/processes/warfare.py",
    "engine/outcomes.py",
    "engine/simulate.py",
    "world/influence_layers.py",
    "world/initial_world.py",
    "world/data/states.csv",
    "scenario/scenario.py",
    "config/toml_reader.py",
    "parameters.py",
    "experiment/worker.py",
    "experiment/design.py",
    "user_outcomes.py",
)
"""A file of each kind."""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package that the digest is taken of."""
    skipped = shutil.ignore_patterns("__pycache__", "figures", "page")
    copy = Path(shutil.copytree(model_digest.PACKAGE, tmp_path / "package", ignore=skipped))
    monkeypatch.setattr(model_digest, "PACKAGE", copy)
    monkeypatch.setattr(model_digest, "data_hashes", functools.partial(data_hashes, copy / "world" / "data"))
    forget()
    yield copy
    forget()


def forget() -> None:
    """Look at the files again, as another process would."""
    model_digest.model_digests.cache_clear()


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n# edited\n")
    forget()


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_of_any_kind_of_source_is_refused_by_its_name(copy: Path, package: Path, name: str) -> None:
    assert goes_on(copy) == []
    edit(package / name)
    what = f"data.{Path(name).name}" if name.startswith("world/data/") else f"code.{name}"
    with pytest.raises(StoreError, match=f": {what} changed"):
        goes_on(copy)
    assert replay(open_results(copy), 0, 0).changed == [what]


@pytest.mark.parametrize("name", ["numpy", "numba"])
def test_another_version_of_a_numeric_package_is_refused(
    copy: Path, monkeypatch: pytest.MonkeyPatch, package: Path, name: str
) -> None:
    monkeypatch.setitem(model_digest.NUMERIC, name, "0.0.1")
    forget()
    with pytest.raises(StoreError, match=f"results of other code: versions.{name} changed; --allow-code-change"):
        goes_on(copy)


def test_what_decides_no_number_may_be_edited(copy: Path, package: Path) -> None:
    for name in ("cli/printing.py", "claims/judge.py", "experiment/runner.py"):
        edit(package / name)
    assert goes_on(copy) == []


def test_runs_of_two_models_are_told_apart(copy: Path, package: Path) -> None:
    edit(package / "rules" / "use.py")
    goes_on(copy, crash.experiment().with_replications(6), code_may_change=True)
    results = open_results(copy)
    assert len(results.models) == 2
    assert results.manifest["code_changes"][0]["changed"] == ["code.rules/use.py"]
    assert "runs of 2 versions of the model are mixed (--allow-code-change)" in results.remarks()


def test_a_worker_that_runs_other_code_is_refused(copy: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that is edited while an experiment runs, or a cluster with another version."""
    run_chunk = runner.run_chunk
    monkeypatch.setattr(runner, "run_chunk", lambda chunk: run_chunk(chunk)._replace(model="other"))
    with pytest.raises(StoreError, match="a worker runs other code or data of normsim"):
        goes_on(copy, crash.experiment().with_replications(6))
    assert len(outcome_log.read_log(copy).entries) == 2


def test_a_default_that_is_edited_changes_the_scenario(tmp_path: Path) -> None:
    """In processes of their own, over a copy of the package that shares its machine code, as no rule is edited."""
    root = tmp_path / "root"
    skipped = shutil.ignore_patterns("__pycache__", "page")
    package = Path(shutil.copytree(model_digest.PACKAGE, root / "normsim", ignore=skipped))
    for name in ("scenarios", "experiments"):
        shutil.copytree(model_digest.PACKAGE.parent / name, root / name)
    file = tmp_path / "e.toml"
    file.write_text('scenarios = ["baseline"]\nreplications = 1\nmonths = 1\n', encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(root)}

    def normsim(code: str) -> subprocess.CompletedProcess[str]:
        text = f"from pathlib import Path\nfrom normsim.experiment import *\n{code}"
        command = [sys.executable, "-c", text]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    done = normsim("print(run_experiment('e.toml', 'out', workers=0).complete)")
    assert done.stdout == "True\n", done.stderr
    resume = "r = open_results('out'); run_experiment(r.experiment.with_replications(2), 'out', workers=0)"
    for name, before, after, told in (
        ("parameters.toml", "value=0.35", "value=0.36", "scenarios.baseline"),
        ("world/influence_layers.py", "k: int = 10", "k: int = 3", "code.world/influence_layers.py"),
    ):
        path = package / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        done = normsim(resume)
        assert f"{told} changed" in done.stderr, done.stderr
        path.write_text(text, encoding="utf-8")
    assert normsim(resume).returncode == 0
