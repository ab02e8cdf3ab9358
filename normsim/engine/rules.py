"""Rules: the model's own, or a user's in place of some of them.

A replacement is an ordinary function with the arguments of the rule it replaces; it is compiled into the month in the
rule's place. It is named `<file>_<function>`, so `use_terms` replaces `terms` of `rules/use.py`; a choice's name alone
(`use`) is short for its terms.
"""

import hashlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numba
from numba.core.registry import CPUDispatcher

import normsim.rules
from normsim.compiled import cache_folder, compile_function
from normsim.engine import log, month, steps
from normsim.parameters import nearest

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
        spec = importlib.util.spec_from_file_location("normsim_user_rules", path)
        if spec is None or spec.loader is None or not path.is_file():
            raise RulesError(f"no Python file of rules at {path}")
        module = importlib.util.module_from_spec(spec)
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
        return cls(**found)

    def digest(self) -> str:
        """Digest of the replacements' sources, empty for the model's own rules."""
        if not self.replacements:
            return ""
        sources = [f"{name}\n{_source(function)}" for name, function in sorted(self.replacements.items())]
        return hashlib.sha256("\n".join(sources).encode()).hexdigest()[:12]

    def compiled_months(self) -> Any:
        """The compiled block of months under these rules."""
        if not self.replacements:
            return month.months
        return _relinked(self.digest(), tuple(sorted(self.replacements.items())))


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
