"""The disk cache of compiled code must know every file that is compiled; and what compiling loads."""

import subprocess
import sys
from pathlib import Path

from numba.core.registry import CPUDispatcher

import normsim
from normsim.compiled import cache_folder, compiled_sources, source_digest


def test_every_file_with_a_compiled_function_is_in_the_digest() -> None:
    root = Path(normsim.__file__).parent
    marked = {path for path in root.rglob("*.py") if "@compiled" in path.read_text(encoding="utf-8")}
    assert len(marked) > 20
    assert marked <= set(compiled_sources())


def test_an_edit_of_any_of_them_changes_the_digest(monkeypatch, tmp_path) -> None:
    for name in ("rules/use.py", "engine/steps/world.py", "engine/month.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr("normsim.compiled._PACKAGE", tmp_path)
    digest = source_digest.__wrapped__
    before = digest()
    assert digest() == before
    for name in ("rules/use.py", "engine/steps/world.py", "engine/month.py"):
        (tmp_path / name).write_text(f"x = '{name}'\n", encoding="utf-8")
        assert digest() != before
        before = digest()


def test_a_folder_that_cannot_be_made_is_done_without(monkeypatch, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("NORMSIM_CACHE_DIR", str(blocked))
    assert cache_folder() is None


def test_a_compiled_rule_keeps_its_plain_function() -> None:
    from normsim.rules.links import logit

    assert isinstance(logit, CPUDispatcher)
    assert logit((0.0, 0.0)) == logit.py_func((0.0, 0.0)) == 0.5


def test_compiled_code_that_multiplies_matrices_loads_what_it_needs() -> None:
    """Nothing loads SciPy's linear algebra but that."""
    code = (
        "import sys, numpy, numba, normsim.compiled\n"
        "def loaded(): return 'scipy.linalg' in sys.modules\n"
        "square = numpy.arange(9.0).reshape(3, 3)\n"
        "numba.njit(lambda a: a + 1.0)(square); print(loaded())\n"
        "print((numba.njit(lambda a: a @ a)(square) == square @ square).all(), loaded())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["False", "True", "True"]
