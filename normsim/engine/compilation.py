"""Compilation of the schedule: plain functions linked into one compiled program, some rules replaced.

Rules and processes are plain Python functions. `compile_entry` compiles one of them and, before it, every function of
`normsim.rules` and `normsim.engine` that it refers to. With NUMBA_DISABLE_JIT=1 the same functions run uncompiled, with
the same numbers, which is how a month is debugged.

Machine code is kept on disk, see `code_cache.py`.
"""

import dis
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numba
import numba.np.linalg
import numpy as np

from normsim.engine.code_cache import CodeCache, folder_for

# Numba would load SciPy's linear algebra, an eighth of a warm start, only to learn whether it is installed. It is:
# normsim requires SciPy. Compiled code that multiplies matrices still loads it, when it runs.
_numba_linalg: Any = numba.np.linalg
_numba_linalg.ensure_blas = lambda: None

# Several signals of an edge are added up in one instruction, with the same numbers: an exposure is a third faster.
_numba_config: Any = numba.config
_numba_config.SLP_VECTORIZE = 1

_PACKAGE = Path(__file__).parents[1]
_DIGITS = 16
"""Digits of the digest of sources."""

_COMPILED_PARTS = ("normsim.rules", "normsim.engine")


def compiled_sources() -> list[Path]:
    """Every source file of which some function is compiled."""
    return sorted([*_PACKAGE.glob("rules/*.py"), *_PACKAGE.glob("engine/**/*.py")])


@cache
def source_digest() -> str:
    """Digest of every source file that is compiled, and of the versions of Numba and NumPy."""
    digest = hashlib.sha256(f"numba {numba.__version__} numpy {np.__version__}".encode())
    for path in compiled_sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def cache_folder(extra: str = "") -> Path | None:
    """The folder of compiled code for these sources, or None where there is none and none can be made.

    Args:
        extra: digest of further sources, e.g. of a user's own rules.
    """
    return folder_for(source_digest(), extra)


def is_disabled() -> bool:
    """Whether NUMBA_DISABLE_JIT is set: functions then run as plain Python."""
    return bool(_numba_config.DISABLE_JIT)


def references(code: CodeType) -> dict[str, set[str]]:
    """Globals that a function and the functions inside it read, and of each the attributes read, e.g. of a module."""
    found: dict[str, set[str]] = {}
    last = ""
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            last = step.argval
            found.setdefault(last, set())
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and last:
            found[last].add(step.argval)
            last = ""
        elif step.opname != "PUSH_NULL":
            last = ""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            for name, attributes in references(constant).items():
                found.setdefault(name, set()).update(attributes)
    return found


def is_ours(value: Any) -> bool:
    """Whether a value is a function or module of the rules or the engine, or a function marked to be compiled."""
    if isinstance(value, FunctionType) and value.__dict__.get("compile"):
        return True
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or ""
    return isinstance(value, FunctionType | ModuleType) and name.startswith(_COMPILED_PARTS)


def functions_read(function: FunctionType) -> set[FunctionType]:
    """Functions of the rules and the engine that a function refers to, directly or through a module."""
    values: list[Any] = []
    for name, attributes in references(function.__code__).items():
        value = function.__globals__.get(name)
        values.append(value)
        if isinstance(value, ModuleType) and is_ours(value):
            values += [vars(value).get(attribute) for attribute in attributes]
    return {value for value in values if isinstance(value, FunctionType) and is_ours(value)}


class Linker:
    """Compiles functions after everything they call, each of them once.

    A function is compiled from a copy whose globals hold the compiled versions of what it calls. Only an entry gets a
    wrapper that Python can call and a place in the cache on disk: its machine code holds all the rest.
    """

    def __init__(
        self,
        replace: "Callable[[Linker, FunctionType], FunctionType | None] | None" = None,
        base: "Linker | None" = None,
        touched: "set[FunctionType] | None" = None,
    ) -> None:
        """Take what is replaced.

        Args:
            replace: called with the linker and a function before it is compiled; returns what to compile instead.
            base: compiles the functions that reach nothing in `touched`.
            touched: the functions that are replaced.
        """
        self._replace, self._base, self._touched = replace, base, touched or set()
        self._compiled: dict[FunctionType, Any] = {}
        self._reaches: dict[FunctionType, bool] = {}

    def compiled(self, function: FunctionType) -> Any:
        """The compiled version of a function."""
        if self._base is not None and is_ours(function) and not self._is_touched(function):
            return self._base.compiled(function)
        if function not in self._compiled:
            self._compiled[function] = _njit(self._chosen(function))
        return self._compiled[function]

    def own_version(self, function: FunctionType) -> Any:
        """The compiled version of a function that is itself not replaced."""
        return _njit(self.linked(function))

    def entry(self, function: FunctionType, folder: Path | None) -> Any:
        """The compiled version of a function that Python calls, kept in `folder` if there is one.

        One that is found there calls nothing outside its own machine code: it is linked only if it has to be compiled.
        """
        if folder is None or is_disabled():
            self._compiled[function] = _njit(self._chosen(function), called_from_python=True)
        elif self._replace is not None:
            chosen = self._chosen(function)
            self._compiled[function] = _njit(chosen, called_from_python=True, cache=CodeCache(chosen, folder))
        else:
            twin = _twin(function, dict(function.__globals__))
            cache = CodeCache(twin, folder, lambda: twin.__globals__.update(self._links(function)))
            self._compiled[function] = _njit(twin, called_from_python=True, cache=cache)
        return self._compiled[function]

    def _chosen(self, function: FunctionType) -> FunctionType:
        """What to compile for a function."""
        chosen = self._replace(self, function) if self._replace else None
        return chosen if function in self._touched and chosen else self.linked(chosen or function)

    def _is_touched(self, function: FunctionType) -> bool:
        """Whether a function is replaced or calls one that is."""
        if function not in self._reaches:
            called = functions_read(function)
            self._reaches[function] = function in self._touched or any(self._is_touched(other) for other in called)
        return self._reaches[function]

    def linked(self, function: FunctionType) -> FunctionType:
        """A copy of a function that calls compiled versions."""
        return _twin(function, function.__globals__ | self._links(function))

    def _links(self, function: FunctionType) -> dict[str, Any]:
        """Compiled versions of what a function refers to, by the names of its globals."""
        links: dict[str, Any] = {}
        for name, attributes in references(function.__code__).items():
            value = function.__globals__.get(name)
            if isinstance(value, FunctionType) and is_ours(value):
                links[name] = self.compiled(value)
            elif isinstance(value, ModuleType) and is_ours(value):
                links[name] = self._module(value, attributes)
        return links

    def _module(self, module: ModuleType, attributes: set[str]) -> ModuleType:
        """A copy of a module in which the functions that are read are compiled."""
        copy = ModuleType(module.__name__)
        copy.__dict__.update(vars(module))
        for name in attributes:
            value = vars(module).get(name)
            if isinstance(value, FunctionType) and is_ours(value):
                setattr(copy, name, self.compiled(value))
        return copy


def _twin(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    """A copy of a function with its own globals."""
    twin = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    # compiled code is kept on disk with the name of this module, which another process must be able to import
    twin.__qualname__, twin.__module__ = function.__qualname__, names.get("__name__", function.__module__)
    return twin


def _njit(function: FunctionType, called_from_python: bool = False, cache: CodeCache | None = None) -> Any:
    """Compile a function at its first call."""
    options: dict[str, Any] = {"error_model": "numpy"}
    if not called_from_python:
        options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiled: Any = numba.njit(function, **options)
    if cache is not None:
        compiled._cache = cache
    return compiled


def compile_entry(function: Callable[..., Any], folder: Path | None = None) -> Any:
    """Compile one function of the rules or the engine, to be called from Python.

    Args:
        function: e.g. a rule.
        folder: where its machine code is kept; nowhere if not given.

    Example:
        >>> from normsim.rules.link_functions import hill
        >>> compile_entry(hill)(0.5, 0.5, 2.0)
        0.5
    """
    if not isinstance(function, FunctionType):
        raise TypeError(f"only a plain function can be compiled, not {function!r}")
    return Linker().entry(function, folder)
