"""Machine code on disk: a checked copy of each compiled entry, read also where nothing can be written.

Numba's own cache looks only at the file of the function it compiles, so that an edit of a rule would leave a stale
program behind; it does not notice damage; and it does not read a folder that it cannot write. Here the folder carries a
digest of all compiled sources, and a file that is not what was written is compiled again.
"""

import hashlib
import os
import pickle
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any

import platformdirs
from numba.core import serialize
from numba.core.compiler import CompileResult

SUFFIX = ".machine_code"

_KEPT = 8
"""Folders kept, besides the model's own rules of these sources."""

_DIGITS = 16
"""Digits of a digest in a file's name."""

_DIGEST = hashlib.sha256().digest_size


def cache_root() -> Path | None:
    """The folder of all caches: NORMSIM_CACHE_DIR or the user's own, None if the user has no home."""
    try:
        root = Path(os.environ.get("NORMSIM_CACHE_DIR") or platformdirs.user_cache_path("normsim"))
    except RuntimeError:
        return None
    return None if root.parts[:1] == ("~",) else root  # what some versions say of a user without a home


def folder_for(digest: str, extra: str = "") -> Path | None:
    """The folder of some sources, None if it is not there and cannot be made.

    Args:
        digest: digest of the sources.
        extra: digest of a user's rules, empty for the model's own.
    """
    root = cache_root()
    if root is None:
        return None
    own = root / f"compiled-{digest}"
    folder = own.with_name(f"{own.name}-{extra}") if extra else own
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        for old in sorted(root.glob("compiled-*"), key=_age)[:-_KEPT]:
            if old != own:  # a user who tries many rules keeps the model
                shutil.rmtree(old, ignore_errors=True)
    return folder if folder.is_dir() else None


def _age(folder: Path) -> float:
    """When a folder was last used, 0 if another process has just deleted it."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


class CodeCache:
    """The cache of one function, as Numba's dispatchers call it."""

    def __init__(self, function: FunctionType, folder: Path, missing: Callable[[], None] = lambda: None) -> None:
        """Take the function, the folder, and what to do before the function is compiled since it is not there."""
        self._function, self.cache_path, self._missing = function, str(folder), missing

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The compiled function, None if it is not there or damaged."""
        target.refresh()
        data = b""
        with suppress(OSError):
            data = self._path(signature, target.codegen()).read_bytes()
        if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
            self._missing()
            return None
        compiled: Any = CompileResult
        return compiled._rebuild(target, *pickle.loads(data[_DIGEST:]))

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled function, where it can be written."""
        if any(not part.can_cache for part in compiled.lifted) or compiled.library.has_dynamic_globals:
            return
        pickler: Any = serialize
        data = pickler.dumps(compiled._reduce())
        with suppress(OSError):
            path = self._path(signature, compiled.codegen)
            half = path.with_name(f".{path.name}.{os.getpid()}")
            half.write_bytes(hashlib.sha256(data).digest() + data)
            half.replace(path)

    def _path(self, signature: Any, codegen: Any) -> Path:
        """The file of a signature, processor and version of Python."""
        code = self._function.__code__.co_code.hex()
        key = repr((str(signature), codegen.magic_tuple(), sys.version_info[:2], code))
        name = f"{self._function.__module__}.{self._function.__qualname__}".removeprefix("normsim.engine.")
        return Path(self.cache_path) / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:_DIGITS]}{SUFFIX}"

    def flush(self) -> None:
        """Forget everything, which nobody asks for: another source has another folder."""
