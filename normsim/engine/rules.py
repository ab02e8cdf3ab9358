"""Rules: the model's own, or a user's in place of some of them.

A replacement is an ordinary function with the arguments of the rule it replaces; it is compiled into the month in the
rule's place. It is named `<file>_<function>`, so `use_terms` replaces `terms` of `rules/use.py`; a choice's name alone
(`use`) is short for its terms.
"""

import hashlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numba
from numba.core.errors import NumbaError
from numba.core.registry import CPUDispatcher

import normsim.rules
from normsim.compiled import cache_folder, compile_function
from normsim.config.messages import nearest
from normsim.engine import log, month, steps

CHOICES = ("acquire", "use", "transfer", "renounce", "join", "withdraw", "vote", "condemn")


class RulesError(ValueError):
    """A replacement that cannot be taken; the message says why."""


def _modules(package: ModuleType) -> dict[str, ModuleType]:
    """Modules of a package by their short names."""
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    return {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}


@cache
def replaceable() -> dict[str, Any]:
    """Every rule that can be replaced, by `<file>_<function>`."""
    return {
        f"{short}_{name}": value
        for short, module in _modules(normsim.rules).items()
        for name, value in vars(module).items()
        if isinstance(value, CPUDispatcher) and value.py_func.__module__ == module.__name__
    }


class Rules:
    """A set of rules: the model's own but for the replacements given.

    Example:
        `simulate("baseline", rules=Rules(use=my_use_terms))`
    """

    def __init__(self, **replacements: Callable[..., Any]) -> None:
        """Take replacements by rule name.

        Raises:
            RulesError: there is no such rule, or the arguments differ in number.
        """
        self.replacements: dict[str, Callable[..., Any]] = {}
        for given, function in replacements.items():
            name = f"{given}_terms" if given in CHOICES else given
            if name not in replaceable():
                raise RulesError(f"no rule {given!r} to replace{nearest(name, replaceable())}")
            plain = getattr(function, "py_func", function)
            if not isinstance(plain, FunctionType):
                raise RulesError(f"the rule {given!r} must be replaced by a plain function, not {function!r}")
            wanted = list(inspect.signature(replaceable()[name].py_func).parameters)
            taken = list(inspect.signature(plain).parameters)
            if len(wanted) != len(taken):
                raise RulesError(
                    f"the rule {given!r} takes {len(wanted)} arguments ({', '.join(wanted)}), "
                    f"the replacement {len(taken)} ({', '.join(taken)})"
                )
            self.replacements[name] = plain

    @classmethod
    def from_file(cls, path: str | Path) -> "Rules":
        """Take every function of a Python file whose name is that of a rule; others are its helpers.

        Raises:
            RulesError: the file cannot be read or run, or replaces nothing.
        """
        path = Path(path)
        if not path.is_file() or path.suffix != ".py":
            raise RulesError(f"no Python file of rules at {path}")
        # a name of its own by content: compiled code on disk looks its functions up by module
        name = f"normsim_user_rules_{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise RulesError(f"no Python file of rules at {path}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise RulesError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
        found = {
            name: value
            for name, value in vars(module).items()
            if (name in replaceable() or name in CHOICES) and callable(value)
        }
        if not found:
            own = [name for name, value in vars(module).items() if inspect.isfunction(value)]
            hint = nearest(own[0], replaceable()) if own else ""
            raise RulesError(f"{path} defines no function named like a rule, e.g. use_terms{hint}")
        for name, value in list(vars(module).items()):  # helpers that the replacements call
            if isinstance(value, FunctionType) and value.__module__ == module.__name__ and name not in found:
                setattr(module, name, numba.njit(value, error_model="numpy"))
        return cls(**found)

    def digest(self) -> str:
        """Digest of the replacements' sources, empty for the model's own rules."""
        if not self.replacements:
            return ""
        sources = [f"{name}\n{_source(function)}" for name, function in sorted(self.replacements.items())]
        return hashlib.sha256("\n".join(sources).encode()).hexdigest()[:12]

    def run_months(self, *arguments: Any) -> None:
        """Run a block of months under these rules; the arguments are those of `month.months`.

        Raises:
            RulesError: a replacement cannot be compiled.
        """
        if not self.replacements:
            month.months(*arguments)
            return
        try:
            _relinked(self.digest(), tuple(sorted(self.replacements.items())))(*arguments)
        except NumbaError as error:
            told = [line.strip() for line in str(error).splitlines() if line.strip()]
            reason = next((line for line in reversed(told) if "rror" in line or "annot" in line), told[0])
            names = ", ".join(self.replacements)
            raise RulesError(
                f"the replaced rules ({names}) cannot be compiled: {reason} "
                "(a rule uses numbers and math only; import what it needs in its own file)"
            ) from error


def _source(function: Callable[..., Any]) -> str:
    """Source of a function's file, since it may call helpers there; its code where there is no file."""
    plain = getattr(function, "py_func", function)
    try:
        return Path(inspect.getfile(plain)).read_text(encoding="utf-8")
    except (OSError, TypeError):
        return repr((plain.__code__.co_code, plain.__code__.co_consts, plain.__code__.co_names))


@cache
def _relinked(digest: str, replacements: tuple[tuple[str, Callable[..., Any]], ...]) -> Any:
    """The month with some rules replaced: every compiled function again, calling the others' new versions."""
    folder = cache_folder(digest)
    originals = [*_modules(normsim.rules).values(), log, *_modules(steps).values(), month]
    copies: dict[int, Any] = {}
    for module in originals:
        copy = ModuleType(module.__name__)
        copy.__dict__.update(vars(module))
        copies[id(module)] = copy
    chosen = {id(replaceable()[name]): numba.njit(plain, error_model="numpy") for name, plain in replacements}
    for module in originals:
        for name, value in vars(module).items():
            if not isinstance(value, CPUDispatcher) or value.py_func.__module__ != module.__name__:
                continue
            names = copies[id(module)].__dict__
            clone = chosen.get(id(value))
            if clone is None:
                plain = value.py_func
                twin = FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__, plain.__closure__)
                twin.__qualname__, twin.__module__ = plain.__qualname__, plain.__module__
                clone = compile_function(twin, folder)
            copies[id(value)] = clone
            names[name] = clone
    for module in originals:  # names imported from other modules
        names = copies[id(module)].__dict__
        for name, value in list(names.items()):
            names[name] = copies.get(id(value), value)
    return copies[id(month)].months
