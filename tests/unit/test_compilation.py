"""The disk cache of compiled code must know every file that is compiled; and what compiling loads."""

import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import pytest
from numba.core.registry import CPUDispatcher

from normsim.engine.code_cache import _KEPT
from normsim.engine.compilation import (
    Linker,
    cache_folder,
    compile_entry,
    compiled_sources,
    functions_read,
    source_digest,
)
from normsim.engine.rule_set import ENTRIES
from normsim.engine.simulate import simulate
from normsim.rules.link_functions import hazard_rate, logit
from normsim.scenario import load_scenario


def test_every_file_with_a_compiled_function_is_in_the_digest() -> None:
    reached: set[FunctionType] = set()
    waiting: list[FunctionType] = list(ENTRIES.values())
    while waiting:
        function = waiting.pop()
        if function not in reached:
            reached.add(function)
            waiting += functions_read(function)
    files = {Path(function.__code__.co_filename) for function in reached}
    assert len(files) > 20
    assert files <= set(compiled_sources())


def test_an_edit_of_any_of_them_changes_the_digest(monkeypatch, tmp_path) -> None:
    for name in ("rules/use.py", "engine/processes/warfare.py", "engine/schedule.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr("normsim.engine.compilation._PACKAGE", tmp_path)
    digest = source_digest.__wrapped__
    before = digest()
    assert digest() == before
    for name in ("rules/use.py", "engine/processes/warfare.py", "engine/schedule.py"):
        (tmp_path / name).write_text(f"x = '{name}'\n", encoding="utf-8")
        assert digest() != before
        before = digest()


def test_a_folder_that_cannot_be_made_is_done_without(monkeypatch, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("NORMSIM_CACHE_DIR", str(blocked))
    assert cache_folder() is None


def test_many_sets_of_rules_leave_the_compiled_model_in_place(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("NORMSIM_CACHE_DIR", str(tmp_path))
    model = cache_folder()
    assert model is not None
    os.utime(model, (0, 0))  # older than all the others
    for number in range(3 * _KEPT):
        cache_folder(f"rules-{number}")
    assert model.is_dir()
    assert len(list(tmp_path.iterdir())) <= _KEPT + 1


def test_a_rule_is_plain_python_and_compiles_to_the_same_bits() -> None:
    assert type(logit) is FunctionType
    assert isinstance(compile_entry(logit), CPUDispatcher)
    assert compile_entry(logit)((0.0, 0.5)) == logit((0.0, 0.5))


def test_only_a_function_can_be_compiled() -> None:
    with pytest.raises(TypeError, match="plain function"):
        compile_entry(3)  # type: ignore[arg-type]


UNCOMPILED = """
import hashlib
from normsim.engine.simulate import simulate
from normsim.scenario import load_scenario
run = simulate(load_scenario("ukraine_2023").with_months(2), 1, log_level=2)
print(run.digest(), hashlib.sha256(run.log.tobytes()).hexdigest())
"""


def test_a_run_without_compilation_gives_the_same_numbers() -> None:
    """The transfers of July 2023, and a month that looks back on them; every line of the log is compared by its digest.

    Other rules are compared uncompiled by their own tests (`tests.worlds.both`), other months by the plain model.
    """
    run = simulate(load_scenario("ukraine_2023").with_months(2), 1, log_level=2)
    assert run.measured["transfers"].sum() > 0.0
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", UNCOMPILED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.split() == [run.digest(), hashlib.sha256(run.log.tobytes()).hexdigest()]


def test_compiled_code_that_multiplies_matrices_loads_what_it_needs() -> None:
    """Nothing loads SciPy's linear algebra but that."""
    code = (
        "import sys, numpy, numba, normsim.engine.compilation\n"
        "def loaded(): return 'scipy.linalg' in sys.modules\n"
        "square = numpy.arange(9.0).reshape(3, 3)\n"
        "numba.njit(lambda a: a + 1.0)(square); print(loaded())\n"
        "print((numba.njit(lambda a: a @ a)(square) == square @ square).all(), loaded())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["False", "True", "True"]


def test_an_entry_is_linked_only_if_it_has_to_be_compiled(tmp_path, monkeypatch) -> None:
    linked: list[str] = []
    links = Linker._links
    monkeypatch.setattr(
        Linker, "_links", lambda self, function: linked.append(function.__name__) or links(self, function)
    )
    rate = math.exp(-3.0)
    assert Linker().entry(hazard_rate, tmp_path)((-3.0, 0.0)) == rate
    assert linked == ["hazard_rate"]
    assert Linker().entry(hazard_rate, tmp_path)((-3.0, 0.0)) == rate, "found on disk"
    assert linked == ["hazard_rate"]
