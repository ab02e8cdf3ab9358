"""How rules and the month are compiled: Numba, with a disk cache that knows every source file.

Numba's own cache looks only at the file of the function it compiles, so an edit of a rule would leave a stale
compiled month behind. Here the cache folder carries a digest of all compiled sources: edit a rule, and the next
run compiles afresh; leave them alone, and a run starts in about a second.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba
import numba.np.linalg
import numpy as np
import platformdirs

if TYPE_CHECKING:
    from collections.abc import Iterator

# Numba would load SciPy's linear algebra, an eighth of a warm start, only to learn whether it is installed. It is:
# normsim requires SciPy. Compiled code that multiplies matrices still loads it, when it runs.
_numba_linalg: Any = numba.np.linalg
_numba_linalg.ensure_blas = lambda: None

_PACKAGE = Path(__file__).parent
_KEPT = 8  # compiled versions kept on disk


def compiled_sources() -> list[Path]:
    """Every source file of which some function is compiled."""
    return sorted([*_PACKAGE.glob("rules/*.py"), *_PACKAGE.glob("engine/**/*.py"), Path(__file__)])


@cache
def source_digest() -> str:
    """Digest of every source file that is compiled, and of the compiler's version."""
    digest = hashlib.sha256(f"numba {numba.__version__} numpy {np.__version__}".encode())
    for path in compiled_sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder(extra: str = "") -> Path | None:
    """The folder of compiled code for these sources, or None where it cannot be written.

    Args:
        extra: digest of further sources, e.g. of a user's own rules.
    """
    root = Path(os.environ.get("NORMSIM_CACHE_DIR") or platformdirs.user_cache_path("normsim"))
    folder = root / f"compiled-{source_digest()}{extra and '-' + extra}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    os.utime(folder)
    by_age = sorted(root.glob("compiled-*"), key=lambda path: path.stat().st_mtime)
    for old in by_age[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


@contextmanager
def _caching_in(folder: Path) -> "Iterator[None]":
    """Numba reads its cache folder when a function is decorated: set it just for that moment."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def compile_function(function: Callable[..., Any], folder: Path | None) -> Any:
    """Compile a function at first call, with its machine code kept in `folder` if there is one."""
    if folder is not None:
        with suppress(RuntimeError), _caching_in(folder):
            return numba.njit(function, cache=True, error_model="numpy")
    return numba.njit(function, error_model="numpy")


def compiled[F: Callable[..., Any]](function: F) -> F:
    """Decorate a rule or a step: compiled by Numba, and still callable on plain numbers from Python.

    The plain function stays at hand as `.py_func`.
    """
    decorated: F = compile_function(function, cache_folder())
    return decorated
