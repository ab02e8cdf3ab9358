"""Rules by name: the model's own, or a user's in place of some of them.

A rule is a function of `normsim/rules/`, known as `<file>_<function>`: `use_terms` is `terms` of `rules/use.py`; the
name of a choice alone (`use`) is short for its terms. A replacement declares the arguments it uses, by name, in any
order:

- `default`: what the model's own rule says, a mapping of named terms or a number;
- `p`: the record of parameters;
- any argument of the rule it replaces;
- any column of the state that decides (`contamination`), of the other state of a pair (`target_democracy`), or of the
  system (`deposits`); see `columns.py`.

A replacement of terms returns a mapping of named terms; those left out are 0:

    def use_terms(default, habit, p):
        return {**default, "habit": 2 * p.use.habit * habit}
"""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType, MappingProxyType
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

import normsim.rules
from normsim.config.messages import nearest
from normsim.engine.compilation import Linker, cache_folder, is_disabled
from normsim.engine.initialisation import initialise, show_first, stay_out
from normsim.engine.processes.derived_traits import settle
from normsim.engine.replacement import Replacement, digest_of, frozen, with_columns
from normsim.engine.schedule import months
from normsim.errors import RuleFaultError, RulesError, UserFileError
from normsim.user_files import load_user_file, public_functions

CHOICES = ("acquire", "use", "transfer", "renounce", "join", "withdraw", "vote", "condemn", "claim")

_CALLED: tuple[Any, ...] = (initialise, show_first, stay_out, settle, months)
ENTRIES: dict[str, FunctionType] = {function.__name__: function for function in _CALLED}
"""Functions that a run calls, by name."""


@cache
def replaceable() -> dict[str, FunctionType]:
    """Every rule that can be replaced, by `<file>_<function>`."""
    names = sorted(info.name for info in pkgutil.iter_modules(normsim.rules.__path__))
    modules = {name: importlib.import_module(f"normsim.rules.{name}") for name in names}
    return {
        f"{short}_{name}": value
        for short, module in modules.items()
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and not name.startswith("_")
    }


class Rules:
    """A set of rules: the model's own but for the replacements given.

    Example:
        >>> import normsim as ns
        >>> def use(default, habit, p):
        ...     return {**default, "habit": 2 * p.use.habit * habit}
        >>> rules = ns.Rules(use=use)
        >>> list(rules.replacements)
        ['use_terms']
    """

    def __init__(self, **replacements: Callable[..., Any]) -> None:
        """Take replacements by rule name.

        Args:
            replacements: functions by the name of the rule they replace; see the top of this file. The values they read
                from outside are taken as they are now.

        Raises:
            RulesError: there is no such rule, argument or term, or the function reads what compiled code cannot hold.
        """
        taken: dict[str, Replacement] = {}
        for number, (given, function) in enumerate(replacements.items()):
            name = f"{given}_terms" if given in CHOICES else given
            if name not in replaceable():
                raise RulesError(f"no rule {given!r} to replace{nearest(name, replaceable())}")
            plain = getattr(function, "py_func", function)
            if not isinstance(plain, FunctionType):
                raise RulesError(f"the rule {given!r} must be replaced by a plain function, not {function!r}")
            taken[name] = Replacement(name, number, replaceable()[name], frozen(name, plain))
        self._given = replacements
        self.replacements = MappingProxyType(taken)
        self._digest = digest_of({name: replacement.function for name, replacement in taken.items()})
        if taken:
            self._entries()

    @classmethod
    def from_file(cls, path: str | Path) -> "Rules":
        """Take every function of a Python file whose name is that of a rule; others are its helpers.

        Raises:
            RulesError: the file cannot be read or run, or replaces nothing.
        """
        try:
            own = public_functions(load_user_file(path, "rules"))
        except UserFileError as error:
            raise RulesError(str(error)) from None
        found = {name: value for name, value in own.items() if name in replaceable() or name in CHOICES}
        if not found:
            hint = nearest(next(iter(own)), replaceable()) if own else ""
            raise RulesError(f"{path} defines no function named like a rule, e.g. use_terms{hint}")
        return cls(**found)

    def __repr__(self) -> str:
        """The rules that are replaced."""
        return f"<Rules: {', '.join(self.replacements) or 'none replaced'}>"

    def __reduce__(self) -> Any:
        """Pickled by the functions as they were given; each process compiles its own."""
        return _rebuilt, (self._given,)

    def digest(self) -> str:
        """Digest of the replacements and of every value they read, empty for the model's own rules."""
        return self._digest

    def run(self, entry: str, *arguments: Any, where: Callable[[int], str] = str) -> None:
        """Run one of `ENTRIES` under these rules.

        Args:
            entry: its name.
            arguments: its arguments.
            where: says in words which state and month a fault is about, from the state's index.

        Raises:
            RulesError: a replacement cannot be compiled, or gave a number that is not finite.
        """
        function = self._entries()[entry]
        try:
            function(*(_by_row(argument) for argument in arguments) if is_disabled() else arguments)
        except RuleFaultError as fault:
            raise RulesError(self._fault(fault, where)) from None
        except NumbaError as error:
            raise RulesError(self._not_compiled(error)) from error

    def _entries(self) -> dict[str, Any]:
        """The compiled entries, linked once per process for each digest."""
        if self._digest not in _LINKED:
            _LINKED[self._digest] = self._linked()
        return _LINKED[self._digest]

    def _linked(self) -> dict[str, Any]:
        """The compiled entries: what the replaced rules do not touch is compiled once for all rule sets."""
        if not self.replacements:
            return {name: _model_linker().entry(function, cache_folder()) for name, function in ENTRIES.items()}
        by_rule = {replacement.rule: replacement for replacement in self.replacements.values()}

        def replace(linker: Linker, function: FunctionType) -> FunctionType | None:
            replacement = by_rule.get(function)
            if replacement is not None:
                return replacement.adapter(linker.own_version(function), linker.compiled(replacement.own()))
            return None if function.__dict__.get("compile") else with_columns(function, by_rule.get)

        linker = Linker(replace, base=_model_linker(), touched=set(by_rule))
        folder = cache_folder(self._digest)
        return {name: linker.entry(function, folder) for name, function in ENTRIES.items()}

    def _fault(self, fault: RuleFaultError, where: Callable[[int], str]) -> str:
        """What a fault says."""
        number, place, k, value = fault.args
        replacement = next(r for r in self.replacements.values() if r.number == number)
        fields = getattr(replacement.returned, "_fields", None)
        term = f", term {fields[k]!r}" if fields else ""
        return f"the rule {replacement.name}{term} gave {value} ({where(place)}); a rule must return finite numbers"

    def _not_compiled(self, error: NumbaError) -> str:
        """Why the replacements cannot be compiled."""
        told = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = next((line for line in reversed(told) if "rror" in line or "annot" in line), told[0])
        return (
            f"the replaced rules ({', '.join(self.replacements)}) cannot be compiled: {reason} "
            "(a rule uses numbers and math only; import what it needs in its own file)"
        )


_LINKED: dict[str, dict[str, Any]] = {}


@cache
def _model_linker() -> Linker:
    """The linker of the model's own rules."""
    return Linker()


def _rebuilt(functions: dict[str, Callable[..., Any]]) -> Rules:
    """A set of rules from its functions."""
    return Rules(**functions)


def _by_row(argument: Any) -> Any:
    """A table whose rows have attributes also in plain Python."""
    if isinstance(argument, np.ndarray) and argument.dtype.names:
        return argument.view(np.recarray)
    return argument
