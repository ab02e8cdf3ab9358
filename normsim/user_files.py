"""Load a user's Python file and call its functions; whatever goes wrong is one line that names file, line and cause."""

import contextlib
import datetime
import hashlib
import importlib.util
import inspect
import sys
import sysconfig
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType

from normsim.config.messages import nearest
from normsim.errors import UserFileError


def load_user_file(path: str | Path, holds: str) -> ModuleType:
    """Run a Python file and return its module.

    What the file prints goes to stderr, so that it does not disturb output for machines.

    Args:
        path: the file; its name ends in `.py`.
        holds: what the file holds, such as `figures`, for messages.

    Returns:
        the module. Its name depends on the content of the file, so that two versions of a file do not mix.

    Raises:
        UserFileError: there is no such file, or it raises or exits when it is run.
    """
    path = Path(path)
    if path.suffix != ".py" or not path.is_file():
        folder = path.parent
        others = sorted(each.name for each in folder.glob("*.py")) if folder.is_dir() else []
        raise UserFileError(f"no Python file of {holds} at {path}{nearest(path.name, others)}")
    name = f"normsim_user_{holds.replace(' ', '_')}_{user_file_digest(path)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, "a name that ends in .py has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with failures_in(path, path.name):
            # compiled from the text, not from a cache beside it, which may be older than the file
            exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except UserFileError:
        del sys.modules[name]
        raise
    return module


def user_file_digest(path: str | Path) -> str:
    """Return the first 12 digits of the SHA-256 of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def module_digest(module: ModuleType) -> str:
    """Return the first 12 digits of a digest of a user's module: its file, and the values it has now.

    Values may come from outside the file, such as from the environment; so may those of the user's other modules that
    it imports.
    """
    return hashlib.sha256(_module_print(module, set()).encode()).hexdigest()[:12]


def _module_print(module: ModuleType, seen: set[str]) -> str:
    """Text of a module's file and values."""
    path = getattr(module, "__file__", None) or ""
    installed = [Path(folder).resolve() for folder in sysconfig.get_paths().values()]
    known = module.__name__.partition(".")[0] in {*sys.stdlib_module_names, "normsim"}
    if known or not path or module.__name__ in seen or any(Path(path).resolve().is_relative_to(f) for f in installed):
        return module.__name__
    seen.add(module.__name__)
    names = sorted(name for name in vars(module) if not name.startswith("__"))
    parts = [f"{name}={_value_print(vars(module)[name], seen)}" for name in names]
    return f"{user_file_digest(path)} {parts}"


def _value_print(value: object, seen: set[str]) -> str:
    """Text that differs between different values, as far as they are plain data."""
    if isinstance(value, ModuleType):
        return _module_print(value, seen)
    if isinstance(value, Mapping):
        return str([(repr(key), _value_print(each, seen)) for key, each in value.items()])
    if isinstance(value, list | tuple):
        return str([_value_print(each, seen) for each in value])
    if isinstance(value, set | frozenset):
        return str(sorted(map(repr, value)))
    if isinstance(value, bool | int | float | str | bytes | None | datetime.date):
        return repr(value)
    if hasattr(value, "tobytes"):
        return f"{getattr(value, 'dtype', '')} {hashlib.sha256(value.tobytes()).hexdigest()}"
    return type(value).__name__


def public_functions(module: ModuleType) -> dict[str, FunctionType]:
    """Return the functions that a module defines itself, by name; those whose name starts with `_` are private."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


def required_arguments(function: FunctionType) -> list[str]:
    """Return the names of the arguments without a default."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_ONLY)
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.kind in named and each.default is inspect.Parameter.empty]


@contextlib.contextmanager
def failures_in(path: Path | None, what: str, known: tuple[str, ...] = ()) -> Iterator[None]:
    """Turn whatever a user's code raises into a `UserFileError` of one line; an interrupt passes.

    Args:
        path: the file of the code, to find the line; None if it has none.
        what: what failed, such as `mine.py: peak_users`.
        known: names that a missing key may have meant.

    Raises:
        UserFileError: the code raised or exited.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:
        raise UserFileError(f"{what}{_line(error, path)}: {_cause(error, known)}") from None


def _line(error: BaseException, path: Path | None) -> str:
    """The line of the file where an error arose."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f", line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if path is not None and frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _cause(error: BaseException, known: tuple[str, ...]) -> str:
    """What went wrong, in one line, with the nearest valid name where a name was wrong."""
    if isinstance(error, SystemExit):
        return "the code exits; remove the call"
    text = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    hint = ""
    if isinstance(error, KeyError) and error.args:
        hint = nearest(str(error.args[0]), known)
    elif isinstance(error, AttributeError) and error.name:
        hint = nearest(error.name, [name for name in dir(error.obj) if not name.startswith("_")])
    return f"{type(error).__name__}: {text}{hint}" if text else type(error).__name__
