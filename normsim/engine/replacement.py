"""Replacement of a rule: a user's function turned into one that takes the rule's place.

The user's function is matched by name, its mapping of terms becomes the rule's own tuple of terms, what it reads from
outside is frozen and becomes part of its digest, and what it returns is checked to be finite.
"""

import ast
import hashlib
import inspect
import math
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import EnumType
from functools import cached_property
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from normsim.config.messages import nearest
from normsim.engine.columns import State, System, columns_of
from normsim.engine.compilation import is_ours, references
from normsim.errors import RuleFaultError, RulesError

OTHER = "target_"
"""What stands before a column of the other state of a pair."""

_KEPT_MODULES = {*sys.stdlib_module_names, "numpy", "numba", "scipy"}
"""Modules whose values are constants; those of others are copied when a rule is taken."""

_CHANGING = {"random", "secrets", "time", "datetime", "os", "sys", "uuid"}
"""Modules whose functions give another value at each call; so do those of `numpy.random`."""


def _plain(function: Any) -> Any:
    """The Python function behind a compiled one."""
    return getattr(function, "py_func", function)


def frozen(name: str, function: FunctionType) -> FunctionType:
    """A copy of a function that holds the values it reads as they are now, the functions it calls likewise.

    Args:
        name: the rule it replaces, for messages.
        function: the function.

    Raises:
        RulesError: it reads something that compiled code cannot hold.
    """
    reads = references(function.__code__)
    names: dict[str, Any] = {"__builtins__": __builtins__, "__name__": __name__}
    for word in reads.keys() & function.__globals__.keys():
        if function.__globals__[word] is function:
            raise RulesError(f"the rule {name}: {function.__name__} calls itself, which compiled code cannot do")
        names[word] = _frozen_value(name, word, function.__globals__[word], reads[word])
    free = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    cells = tuple(CellType(_frozen_value(name, word, cell.cell_contents, set())) for word, cell in free)
    copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells or None)
    copy.__module__, copy.__kwdefaults__ = function.__module__, function.__kwdefaults__
    copy.__dict__["compile"] = True
    return copy


def _frozen_value(rule: str, word: str, value: Any, reads: set[str]) -> Any:
    """One value that a rule reads, as it is now."""
    value = _plain(value)
    if isinstance(value, FunctionType) and not is_ours(value):
        return frozen(rule, value)
    if _gives_other_values(value, reads):
        raise RulesError(
            f"the rule {rule} reads {word!r}: chance and the clock would give other numbers at each run of one seed; "
            "a rule's chance is drawn by the model from its own streams"
        )
    if isinstance(value, tuple):
        parts = [_frozen_value(rule, word, part, set()) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, ModuleType) and value.__name__.partition(".")[0] not in {*_KEPT_MODULES, "normsim"}:
        copy = ModuleType(value.__name__)
        for name in reads & vars(value).keys():
            setattr(copy, name, _frozen_value(rule, f"{word}.{name}", vars(value)[name], set()))
        return copy
    if isinstance(value, np.ndarray):
        return value.copy()
    _fingerprint(rule, word, value)
    return value


def _gives_other_values(value: Any, reads: set[str]) -> bool:
    """Whether a value is a source of chance or time, or a module from which one is read."""
    if isinstance(value, ModuleType):
        name = value.__name__
        return name.partition(".")[0] in _CHANGING or name == "numpy.random" or (name == "numpy" and "random" in reads)
    owner = getattr(value, "__self__", None)  # that of a function of a module written in C is the module
    bound = callable(value) and not (owner is None or isinstance(owner, ModuleType))
    return bound or (getattr(value, "__module__", None) or "").partition(".")[0] in _CHANGING


def _fingerprint(rule: str, word: str, value: Any) -> str:
    """Text that differs between any two values that would make a rule decide differently.

    Raises:
        RulesError: compiled code cannot hold such a value.
    """
    if isinstance(value, FunctionType):
        return _function_print(rule, value)
    if value is None or isinstance(value, bool | int | float | str | np.number | np.bool_):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, tuple):
        return f"({', '.join(_fingerprint(rule, word, part) for part in value)})"
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return f"array {value.dtype} {value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    if isinstance(value, ModuleType):
        inner = sorted(name for name in vars(value) if not name.startswith("__"))
        if value.__name__.partition(".")[0] in {*_KEPT_MODULES, "normsim"}:
            return f"module {value.__name__}"
        return f"module {value.__name__} {[_fingerprint(rule, name, vars(value)[name]) for name in inner]}"
    if isinstance(value, EnumType):
        values: Mapping[str, Any] = value.__members__
        members = [(name, _fingerprint(rule, word, each.value)) for name, each in values.items()]
        return f"{value.__name__} {members}"
    if isinstance(value, type) and hasattr(value, "_fields"):
        return f"{value.__name__} {value._fields} {getattr(value, '_field_defaults', {})}"
    if isinstance(value, type) and value.__module__.partition(".")[0] in {*_KEPT_MODULES, "normsim"}:
        return f"{value.__module__}.{value.__name__}"
    if isinstance(value, BuiltinFunctionType | np.ufunc):
        return f"{getattr(value, '__module__', '')}.{value.__name__}"
    raise RulesError(
        f"the rule {rule} reads {word!r}, {_a(type(value).__name__)}: a rule can hold numbers, texts, tuples of these, "
        "NumPy arrays of numbers, enumerations and named tuples"
    )


def _a(word: str) -> str:
    """A word with its article."""
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _function_print(rule: str, function: FunctionType) -> str:
    """Text of what a function does and reads."""
    if is_ours(function) and not function.__dict__.get("compile"):
        return f"{function.__module__}.{function.__qualname__}"
    reads = sorted(references(function.__code__).keys() & function.__globals__.keys())
    parts = [f"{word}={_fingerprint(rule, word, function.__globals__[word])}" for word in reads]
    free = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    parts += [f"{word}:{_fingerprint(rule, word, cell.cell_contents)}" for word, cell in free]
    defaults = [*(function.__defaults__ or ()), *sorted((function.__kwdefaults__ or {}).items())]
    parts += [_fingerprint(rule, "a default", value) for value in defaults]
    return f"{_code_print(function.__code__)} {parts}"


def _code_print(code: CodeType) -> str:
    """Text of a code object, its line numbers left out."""
    constants = [_code_print(part) if isinstance(part, CodeType) else repr(part) for part in code.co_consts]
    return repr((code.co_code.hex(), constants, code.co_names, code.co_varnames, code.co_freevars))


def digest_of(functions: Mapping[str, FunctionType]) -> str:
    """Digest of frozen functions by rule name: what they do and every value they read. Empty for none."""
    if not functions:
        return ""
    text = "\n".join(f"{name} {_function_print(name, function)}" for name, function in sorted(functions.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, eq=False)
class Replacement:
    """One rule and the function that takes its place.

    Attributes:
        name: name of the rule.
        number: its place among the replacements, by which a fault names it.
        rule: the model's own function.
        function: the user's function, frozen.
    """

    name: str
    number: int
    rule: FunctionType
    function: FunctionType

    def __post_init__(self) -> None:
        """Check every argument by name.

        Raises:
            RulesError: an argument is no known name.
        """
        for parameter in inspect.signature(self.function).parameters.values():
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise RulesError(f"the rule {self.name}: name each argument; '*{parameter.name}' is matched to none")
            if parameter.name not in self.known:
                own = ", ".join(self.arguments)
                raise RulesError(
                    f"the rule {self.name} has no argument {parameter.name!r}"
                    f"{nearest(parameter.name, list(self.known))} (its own: {own}; besides: default, columns of the "
                    f"state, {OTHER}columns, columns of the system)"
                )

    @property
    def arguments(self) -> tuple[str, ...]:
        """Arguments of the model's own function."""
        return self.rule.__code__.co_varnames[: self.rule.__code__.co_argcount]

    @cached_property
    def known(self) -> dict[str, str]:
        """Every name the user's function may take, and the expression that gives it where the rule is applied."""
        state, system = columns_of(State), columns_of(System)
        return {
            **{name: f"now.{name}" for name in system},
            **{f"{OTHER}{name}": f"them.{name}" for name in state},
            **{name: f"me.{name}" for name in state},
            **{name: name for name in ("default", "p", *self.arguments)},
        }

    @property
    def extra(self) -> dict[str, str]:
        """Columns that are asked for beside the rule's own arguments, and their expressions."""
        wanted = inspect.signature(self.function).parameters
        return {name: self.known[name] for name in wanted if name not in ("default", "p", *self.arguments)}

    @property
    def returned(self) -> Any:
        """Type that the rule returns: a named tuple of terms, float, int or bool."""
        return inspect.signature(self.rule, eval_str=True).return_annotation

    def own(self) -> FunctionType:
        """The user's function, its mapping of terms turned into the rule's tuple of terms."""
        if not hasattr(self.returned, "_fields"):
            return self.function
        return _with_terms(self.name, self.function, self.returned)

    def adapter(self, default: Any, own: Any) -> FunctionType:
        """The function that takes the rule's place: its arguments, then the columns asked for, then the state's index.

        Args:
            default: what to call for the model's own rule.
            own: what to call for the user's.
        """
        wanted = list(inspect.signature(self.function).parameters)
        lines = [f"def {self.rule.__name__}({', '.join([*self.arguments, *self.extra, '_place'])}):"]
        if "default" in wanted:
            lines.append(f"    default = _default({', '.join(self.arguments)})")
        lines.append(f"    own = _own({', '.join(wanted)})")
        if hasattr(self.returned, "_fields"):
            lines += [
                "    for k in range(len(own)):",
                "        if not _math.isfinite(own[k]):",
                f"            raise _RuleFaultError({self.number}, _place, k, own[k])",
                "    return own",
            ]
        elif self.returned is bool:
            lines.append("    return bool(own)")
        else:
            lines += [
                "    if not _math.isfinite(own):",
                f"        raise _RuleFaultError({self.number}, _place, 0, float(own))",
                f"    return {self.returned.__name__}(own)",
            ]
        names: dict[str, Any] = {"_default": default, "_own": own, "_math": math, "_RuleFaultError": RuleFaultError}
        exec(compile("\n".join(lines), f"<normsim rule {self.name}>", "exec"), names)
        made: FunctionType = names[self.rule.__name__]
        return made


def _with_terms(rule: str, function: FunctionType, terms: Any) -> FunctionType:
    """A user's function with `return {...}` turned into `return Terms(...)`, and `default["x"]` into `default.x`."""
    definition = _definition(rule, function)
    definition = _TermsByName(rule, terms._fields).visit(definition)
    definition.returns = None
    for argument in [*definition.args.args, *definition.args.kwonlyargs]:
        argument.annotation = None
    names = {**function.__globals__, "_Terms": terms}
    module = ast.parse(f"def _made({', '.join(function.__code__.co_freevars)}):\n    return {definition.name}")
    factory = module.body[0]
    assert isinstance(factory, ast.FunctionDef)
    factory.body.insert(0, definition)
    ast.fix_missing_locations(module)
    exec(compile(module, function.__code__.co_filename, "exec"), names)
    made: FunctionType = names["_made"](*(cell.cell_contents for cell in function.__closure__ or ()))
    made.__module__ = function.__module__
    made.__dict__["compile"] = True
    return made


def _definition(rule: str, function: FunctionType) -> ast.FunctionDef:
    """The source of a function, without decorators.

    Raises:
        RulesError: it cannot be read, or is not what was loaded.
    """
    code = function.__code__
    try:
        lines, _ = inspect.findsource(function)
        whole = compile("".join(lines), code.co_filename, "exec", dont_inherit=True)
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        whole, tree = None, ast.Module([], [])
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == code.co_name]
    if whole is None or not found:
        raise RulesError(
            f"the rule {rule}: the source of {code.co_name} cannot be read; define it with `def` in a file, a script "
            "or a notebook cell"
        )
    if _code_print(code) not in {_code_print(other) for other in _codes_of(whole) if other.co_name == code.co_name}:
        raise RulesError(f"the rule {rule}: the file of {code.co_name} has changed since it was loaded; load it again")
    found[0].decorator_list = []
    return found[0]


def _codes_of(code: CodeType) -> list[CodeType]:
    """A code object and those inside it."""
    inner = [part for part in code.co_consts if isinstance(part, CodeType)]
    return [code, *(other for part in inner for other in _codes_of(part))]


class _TermsByName(ast.NodeTransformer):
    """Turns mappings of terms into tuples of terms."""

    def __init__(self, rule: str, fields: Iterable[str]) -> None:
        self.rule, self.fields = rule, tuple(fields)

    def _check(self, name: Any) -> str:
        if name not in self.fields:
            raise RulesError(
                f"the rule {self.rule} has no term {name!r}{nearest(str(name), self.fields)} "
                f"(its terms: {', '.join(self.fields)})"
            )
        return str(name)

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """`return {...}`."""
        self.generic_visit(node)
        node.value = self._terms(node.value)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """`default["habit"]`."""
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "default" and isinstance(node.slice, ast.Constant):
            return ast.Attribute(node.value, self._check(node.slice.value), node.ctx)
        return node

    def _terms(self, value: ast.expr | None) -> ast.expr | None:
        """An expression that is returned, its mappings turned into tuples."""
        if isinstance(value, ast.IfExp):
            body, orelse = self._terms(value.body), self._terms(value.orelse)
            assert body is not None
            assert orelse is not None
            return ast.IfExp(value.test, body, orelse)
        if isinstance(value, ast.Dict):
            return self._tuple(value)
        if (isinstance(value, ast.Name) and value.id == "default") or _is_call_of_terms(value):
            return value
        raise RulesError(
            f"the rule {self.rule} must return a mapping of its terms, written out: "
            '{**default, "' + self.fields[0] + '": 0.0}'
        )

    def _tuple(self, value: ast.Dict) -> ast.expr:
        """A mapping written out, as a tuple of terms."""
        given: dict[str, ast.expr] = {field: ast.Constant(0.0) for field in self.fields}
        for key, term in zip(value.keys, value.values, strict=True):
            if key is None and isinstance(term, ast.Name) and term.id == "default":
                given = {field: ast.Attribute(term, field, ast.Load()) for field in self.fields}
            elif isinstance(key, ast.Constant):
                given[self._check(key.value)] = ast.Call(ast.Name("float", ast.Load()), [term], [])
            else:
                raise RulesError(f"the rule {self.rule}: name each term in quotes, or take all of them by **default")
        terms = [ast.keyword(field, term) for field, term in given.items()]
        return ast.Call(ast.Name("_Terms", ast.Load()), [], terms)


def _is_call_of_terms(value: ast.expr | None) -> bool:
    """Whether an expression makes a rule's own tuple of terms, e.g. `UseTerms(...)`."""
    return isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1].endswith("Terms")


def with_columns(function: FunctionType, replacements: Callable[[Any], Replacement | None]) -> FunctionType | None:
    """A copy of a process that passes each replaced rule the columns it asks for; None if it applies none.

    Args:
        function: a function of the rules or the engine.
        replacements: the replacement of a rule, None if it has none.

    Raises:
        RulesError: a rule asks for a column where it is applied to no state.
    """
    names = function.__globals__

    def rule_of(node: ast.expr) -> Replacement | None:
        if isinstance(node, ast.Name):
            return replacements(names.get(node.id))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id)
            return replacements(vars(module).get(node.attr)) if isinstance(module, ModuleType) else None
        return None

    source = inspect.getsource(function)
    tree = ast.parse(textwrap.dedent(source))
    ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
    calls = [(node, rule_of(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [(node, replacement) for node, replacement in calls if replacement is not None]
    if not found:
        return None
    for node, replacement in found:
        for column, expression in replacement.extra.items():
            row = expression.partition(".")[0]
            if row not in function.__code__.co_varnames:
                whose = {"me": "a state", "them": "another state", "now": "the system"}[row]
                raise RulesError(
                    f"the rule {replacement.name} cannot ask for {column!r}: it is applied in {function.__name__}, "
                    f"where no column of {whose} is at hand (its own arguments: {', '.join(replacement.arguments)})"
                )
            node.keywords.append(ast.keyword(column, ast.parse(expression, mode="eval").body))
        place = "i" if "i" in function.__code__.co_varnames else "-1"
        node.keywords.append(ast.keyword("_place", ast.parse(place, mode="eval").body))
    ast.fix_missing_locations(tree)
    space = dict(names)
    exec(compile(tree, function.__code__.co_filename, "exec"), space)
    made: FunctionType = space[function.__name__]
    copy = FunctionType(made.__code__, names, function.__name__, made.__defaults__)
    copy.__qualname__, copy.__module__ = function.__qualname__, function.__module__
    return copy
