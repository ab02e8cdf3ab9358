"""The rules as ordinary Python: the very functions of `normsim.rules`, uncompiled, calling each other uncompiled."""

import importlib
import math
import pkgutil
from collections import Counter
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import normsim.rules
from normsim.engine.rule_set import Rules

COUNTED = ("exp", "expm1", "log", "log1p")
"""Functions of `math` that cost about an exponential each."""


class PlainRules(SimpleNamespace):
    """The modules of `normsim.rules` by their short names, every rule an ordinary function."""


class CountedMath:
    """`math`, counting what it is asked for: `calls` of each function, and `distinct` arguments seen since a reset."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.arguments: dict[str, set[float]] = {name: set() for name in (*COUNTED, "pow")}

    def __getattr__(self, name: str) -> Any:
        function = getattr(math, name)
        if name not in COUNTED:
            return function

        def counted(value: float) -> float:
            self.calls[name] += 1
            self.arguments[name].add(value)
            return function(value)

        return counted

    def counting_powers(self, hill: Any) -> Any:
        """`link_functions.hill`, counting its powers."""

        def counted(exposure: float, half: float, exponent: float) -> float:
            if exposure > 0.0:
                self.calls["pow"] += 2
                self.arguments["pow"] |= {exposure, half}
            return hill(exposure, half, exponent)

        return counted

    def reset(self) -> None:
        self.calls.clear()
        for seen in self.arguments.values():
            seen.clear()

    @property
    def distinct(self) -> dict[str, int]:
        return {name: len(seen) for name, seen in self.arguments.items()}


def plain_rules(rules: Rules | None = None, counted: CountedMath | None = None) -> PlainRules:
    """Every rule as ordinary Python.

    Args:
        rules: replacements, as `simulate` takes them.
        counted: counts the exponentials and logarithms that the rules evaluate.
    """
    replacements = rules.replacements if rules else {}
    names = sorted(info.name for info in pkgutil.iter_modules(normsim.rules.__path__))
    originals = {name: importlib.import_module(f"normsim.rules.{name}") for name in names}
    views: dict[str, ModuleType] = {}
    plain_of: dict[int, Any] = {}
    for short, module in originals.items():
        view = ModuleType(module.__name__)
        view.__dict__.update(vars(module))
        views[short] = view
        for name, value in vars(module).items():
            if not isinstance(value, FunctionType) or value.__module__ != module.__name__:
                continue
            twin: Any = FunctionType(value.__code__, view.__dict__, value.__name__, value.__defaults__)
            replacement = replacements.get(f"{short}_{name}")
            if replacement is not None:
                twin = _in_place(replacement.adapter(twin, replacement.own()))
            if counted is not None and (short, name) == ("link_functions", "hill"):
                twin = counted.counting_powers(twin)
            plain_of[id(value)] = twin
    for view in views.values():  # a rule may be imported by another rule's file
        for name, value in list(vars(view).items()):
            view.__dict__[name] = plain_of.get(id(value), value)
        if counted is not None and "math" in vars(view):
            view.__dict__["math"] = counted
    return PlainRules(**views)


def _in_place(adapter: Any) -> Any:
    """A replacement that asks for no column, called with the arguments of the rule alone, in place or by name."""
    return lambda *args, **named: adapter(*args, **named, _place=-1)


def plain_parameters(p: Any) -> SimpleNamespace:
    """The record of parameters as nested plain attributes, each a Python float."""
    return SimpleNamespace(
        **{
            group: SimpleNamespace(**{key: float(p[group][key]) for key in p.dtype[group].names})
            for group in p.dtype.names
        }
    )
