"""Reading an input file: limits of size and depth, TOML, and the line on which a key stands."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from normsim.config.messages import Key, one_line, shown, written
from normsim.errors import ScenarioError

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 10_000

_ABSENT = object()
_LINE_BUDGET = 2 * MAX_BYTES
"""Bytes parsed to find lines, after which no line is told: finding the end of a long value has quadratic cost."""

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DEEP_KEY = re.compile(rf"(?:^|[{{,\[])[ \t]*{_PART}(?:[ \t]*\.[ \t]*{_PART}){{{MAX_DEPTH}}}", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

_TOO_DEEP = f"nested too deeply; at most {MAX_DEPTH} levels are read"
_TWICE = "set or opened a second time; keep one of the two (each act of a list stands under [[event]])"
_TOML_WORDS = (
    ("Cannot overwrite", _TWICE),
    ("Cannot declare", _TWICE),
    ("Cannot mutate", _TWICE),
    ("Duplicate inline", _TWICE),
    ("Expected '='", "a value follows an equals sign, as in months = 240"),
    ("Invalid date", "there is no such date; write year-month-day, as in 2023-07-07"),
    ("Illegal character", "a quote is not closed on this line, or the text holds a control character"),
    ("Unterminated string", "a quote is not closed"),
    ("Invalid statement", "a line holds key = value, a [table] or a # comment; a name outside a-z needs quotes"),
)
_VALUE_WORDS = (
    (r"(?i)(yes|no|on|off|true|false)\b", "write true or false in small letters; any other word needs quotes"),
    (r"(?i)(null|none|nil|~)", "TOML has no empty value; leave the key out"),
    (r"[!&*]", "tags, anchors and aliases belong to YAML; this is TOML, where text needs quotes"),
    (r"[+-]?[\d.]+\s*%", "write a share as a number: 1 % is 0.01"),
    (r"[+-]?\d+,\d", "write a decimal point: 0.5"),
    (r"[+-]?0\d", "a number has no leading zero"),
    (r"[+-]?(\.\d|\d+\.(\D|$))", "a decimal point has a digit on both sides: 0.5"),
    (r"[A-Za-z]", "text needs quotes"),
)


@dataclass(frozen=True)
class Source:
    """A file or upload that was read.

    Attributes:
        label: its name in messages and origins, never a path.
        text: what it says.
        tree: the same as TOML.
        path: where it lies, None for an upload.
    """

    label: str
    text: str
    tree: dict[str, Any]
    path: Path | None

    def error(self, key: Key, problem: str, value: Any = _ABSENT) -> ScenarioError:
        """The error of one key.

        Args:
            key: path of the key.
            problem: what is wrong and what to do.
            value: what was found there, if that helps.
        """
        name = written(key)
        stated = name if value is _ABSENT else f"{name} = {shown(value)}"
        return ScenarioError(f"{stated}: {problem}", file=self.label, line=self.line(key), key=name)

    @contextmanager
    def placing(self, *key: str | int) -> Iterator[None]:
        """Give an error that knows no file the place of a key in this one.

        Args:
            *key: path of the key.

        Raises:
            ScenarioError: the error, with file and line; an error of another file is passed on as it is.
        """
        try:
            yield
        except ScenarioError as error:
            if error.file:
                raise
            if error.key and error.problem.startswith(f"{error.key} = "):  # it states its key itself
                raise ScenarioError(error.problem, file=self.label, line=self.line(key), key=error.key) from None
            raise self.error(key, error.problem) from None

    def section(self, *key: str | int, label: str, without: tuple[str, ...] = ()) -> Section:
        """Return a table of the file as a file of its own.

        Args:
            *key: path of the table.
            label: its name in what is made of it.
            without: keys to leave out.
        """
        tree: Any = self.tree
        for part in key:
            tree = tree[part]
        return Section(label, "", {k: v for k, v in tree.items() if k not in without}, self.path, self, key)

    def line(self, key: Key) -> int | None:
        """Line on which a key stands, or the table that should hold it; None if it cannot be told."""
        for length in range(len(key), 0, -1):
            if key[:length] in self._lines:
                return self._lines[key[:length]]
        return None

    @cached_property
    def _lines(self) -> dict[Key, int]:
        """The line of every key. Statements are cut by TOML itself: a piece that parses alone is one."""
        found: dict[Key, int] = {}
        table: Key = ()
        first, piece, budget = 1, "", _LINE_BUDGET
        for number, line in enumerate(self.text.split("\n"), start=1):
            if not piece and (not line.strip() or line.lstrip().startswith("#")):
                continue
            first = first if piece else number
            piece += line + "\n"
            budget -= len(piece)
            if budget < 0:
                break
            try:
                tree = tomllib.loads(piece)
            except ValueError:
                continue
            if piece.lstrip().startswith("["):
                table = _header(tree, found)
                found.setdefault(table, first)
            else:
                for path in _paths(tree):
                    found.setdefault(table + path, first)
            piece = ""
        return found


@dataclass(frozen=True)
class Section(Source):
    """A table of a file, read as a file of its own; errors are placed in the whole file.

    Attributes:
        whole: the file.
        place: path of the table.
    """

    whole: Source
    place: Key

    def error(self, key: Key, problem: str, *value: Any) -> ScenarioError:
        """The error of one key, at its place in the whole file."""
        return self.whole.error((*self.place, *key), problem, *value)

    def line(self, key: Key) -> int | None:
        """Line in the whole file."""
        return self.whole.line((*self.place, *key))


def read_file(path: Path, needs: str) -> Source:
    """Read a file within the limits.

    Args:
        path: the file.
        needs: what an empty file is told: what a file of its kind has at least.

    Raises:
        ScenarioError: there is no such file, or it cannot be read.
    """
    name = label_of(path)
    if not os.path.isfile(path):  # unlike Path.is_file, false for whatever cannot be a file's name
        raise ScenarioError(
            "this is a folder, not a file" if os.path.isdir(path) else "there is no such file", file=name
        )
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ScenarioError(f"cannot be read: {error.strerror}", file=name) from None
    return read_text(data, name, needs, path)


def read_text(data: str | bytes, label: str, needs: str, path: Path | None = None) -> Source:
    """Read a text within the limits.

    Args:
        data: what a file would hold.
        label: its name in messages.
        needs: what an empty file is told: what a file of its kind has at least.
        path: where it lies, None if it is no file.

    Raises:
        ScenarioError: it is too large, too deep, not UTF-8 or not TOML.
    """
    label = label_of(label)
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if len(data) > MAX_BYTES:
        raise ScenarioError(f"too large; a file has at most {MAX_BYTES:,} bytes", file=label)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ScenarioError("not UTF-8; save the file with the encoding UTF-8", file=label, line=line) from None
    if text.startswith("\ufeff"):
        raise ScenarioError("starts with a byte order mark; save the file as UTF-8 without BOM", file=label, line=1)
    source = Source(label, text.replace("\r\n", "\n"), _parse(text, label), path)
    if not source.tree:
        raise ScenarioError(f"empty; {needs}", file=label)
    _check_size(source)
    return source


def label_of(name: str | PurePath) -> str:
    """Name of a file or an upload as messages and dumps carry it: no folder, nothing that is not printable."""
    last = re.split(r"[/\\]", str(name))[-1] or "file"
    return "".join(letter if letter.isprintable() else "?" for letter in last)[:100]


def _parse(text: str, label: str) -> dict[str, Any]:
    """The tree of a text.

    Keys of thousands of parts take TOML's parser the square of their length, so they are refused before it runs.
    """
    deep = _DEEP_KEY.search(text)
    if deep:
        raise ScenarioError(_TOO_DEEP, file=label, line=text.count("\n", 0, deep.start()) + 1)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ScenarioError(_TOO_DEEP, file=label) from None
    except ValueError as error:  # a TOMLDecodeError, or an integer of more digits than Python converts
        raise _not_toml(str(error), text.split("\n"), label) from None


def _not_toml(message: str, lines: list[str], label: str) -> ScenarioError:
    """TOML's own complaint in our words, with the line it is about."""
    place = _TOML_PLACE.search(message)
    if place is None:
        return ScenarioError("a whole number has too many digits", file=label)
    number = int(place[1] or len(lines))
    line = lines[number - 1].strip() if number <= len(lines) else ""
    words = next((words for start, words in _TOML_WORDS if message.startswith(start)), None)
    if words is None and place[1] is None:
        return ScenarioError("the file ends within a value; close its quote or bracket", file=label, line=number)
    if words is None:
        value = line.partition("=")[2].strip()
        words = next((words for shape, words in _VALUE_WORDS if re.match(shape, value)), "not TOML")
    return ScenarioError(f"{one_line(line)}: {words}", file=label, line=number)


def _check_size(source: Source) -> None:
    """Refuse what is too deep, too long, or holds what no terminal should be sent."""
    nodes = 0
    rest: list[tuple[Key, Any]] = [((), source.tree)]
    while rest:
        key, value = rest.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise ScenarioError(f"too many keys; a file has at most {MAX_NODES:,}", file=source.label)
        if len(key) > MAX_DEPTH:
            raise ScenarioError(_TOO_DEEP, file=source.label, line=source.line(key))
        if isinstance(value, dict):
            rest += [((*key, name), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            rest += [((*key, place), inner) for place, inner in enumerate(value)]
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise source.error(key, "a whole number has at most 64 bits", value)
        if any(isinstance(text, str) and _CONTROL.search(text) for text in (*key[-1:], value)):
            raise source.error(key, "text holds a control character; take it out", value)


def _header(tree: dict[str, Any], found: dict[Key, int]) -> Key:
    """Path of the table that a `[header]` or `[[header]]` opens, given the keys before it."""
    path: Key = ()
    node: Any = tree
    while node:
        if isinstance(node, list):
            path, node = (*path, _length(path, found)), node[0]
            continue
        name, node = next(iter(node.items()))
        path = (*path, name)
        if isinstance(node, dict) and node and (*path, 0) in found:
            path = (*path, _length(path, found) - 1)
    return path


def _length(path: Key, found: dict[Key, int]) -> int:
    """How many elements of a list of tables stand before."""
    length = 0
    while (*path, length) in found:
        length += 1
    return length


def _paths(tree: Any, path: Key = ()) -> Iterator[Key]:
    """Every path within a statement."""
    if path:
        yield path
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, value in inner:
        yield from _paths(value, (*path, name))
