"""The house stands as planned: who imports whom, no global randomness, no bare numbers in rules, no idle parameter."""

import ast
import importlib
import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from normsim._version import __version__
from normsim.parameters import records

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "normsim"
MODULES = sorted(PACKAGE.rglob("*.py"))
RULES = sorted((PACKAGE / "rules").glob("*.py"))
ENGINE = sorted((PACKAGE / "engine").rglob("*.py"))

_BASE = {
    "notebook_html",
    "plotting",
    "_version",
    "errors",
    "parameters",
    "posterior",
    "references",
    "user_files",
    "config",
    "world",
    "rules",
    "scenario",
    "parameter_docs",
}
_ENGINE = _BASE | {"engine"}
_EXPERIMENT = _ENGINE | {"experiment", "stats", "user_outcomes"}
_ANALYSIS = _EXPERIMENT | {"analysis"}
_CLAIMS = _ANALYSIS | {"claims"}
ALLOWED: dict[str, set[str]] = {
    "_version": set(),
    "errors": set(),
    "parameters": {"config"},
    "posterior": {"parameters"},
    "references": set(),
    "config": {"errors"},
    "notebook_html": set(),
    "plotting": set(),
    "parameter_docs": {"parameters", "references"},
    "world": {"errors", "config", "parameters", "references"},
    "stats": set(),
    "user_files": {"config", "errors"},
    "user_outcomes": {"config", "errors", "engine", "user_files"},
    "rules": set(),
    "scenario": {"errors", "config", "notebook_html", "parameters", "posterior", "world"},
    "engine": _BASE,
    "model": _ENGINE,
    "experiment": _ENGINE | {"stats", "user_outcomes"},
    "analysis": _EXPERIMENT,
    "claims": _ANALYSIS,
    "figures": _CLAIMS,
    "comparison": _ANALYSIS | {"figures"},
    "paper": _CLAIMS | {"figures"},
    "page": _ANALYSIS | {"comparison"},
    "cli": _CLAIMS | {"model", "figures", "comparison", "paper", "page"},
    "__main__": {"cli"},
    "__init__": _ANALYSIS | {"model", "comparison", "figures", "plotting"},
}
"""What each part of the package may import besides itself. Nothing imports cli or page but cli and __main__."""

TWICE: dict[str, str] = {}
"""File names that occur twice in the package, and why; `__init__.py` apart."""

OWNERS: dict[str, set[str]] = {
    "mesa": {"model"},
    "starlette": {"page"},
    "uvicorn": {"page"},
    "seaborn": {"figures"},
    "matplotlib": {"figures"},
    "markdown_it": {"paper", "page"},
    "fpdf": {"paper"},
    "sphinx": {"cli"},
    "sklearn": {"claims"},
    "scoringrules": {"analysis"},
    "statsmodels": {"analysis"},
    "emcee": {"analysis"},
}
"""Outside packages that only these parts may import, at any depth of their code."""

LATE = {"experiment", "analysis", "claims", "figures", "paper", "page"}
"""Parts that may import pandas when they are imported; the others only inside a function."""

NOT_IN_RULES = {"random", "secrets", "io", "os", "pathlib", "time", "datetime", "mesa", "pandas"}
GENERATORS = {"Generator", "Philox", "SeedSequence", "BitGenerator", "default_rng"}
"""What may be named of numpy.random: generators with a seed of their own, never the module's hidden one."""

MAKERS = {PACKAGE / path for path in ("engine/streams.py", "world/synthetic.py", "experiment/experiment.py")}
"""Modules that may make a generator: the streams of a run, worlds made from a seed, the seeds of an experiment."""

PLAIN = {0, 1, 2, 0.5}
LARGEST_COUNT = 12
"""Whole numbers up to this one are months, indices and simple factors."""

GUARDS = {1e-12, 1e-9, 1000.0}
"""Numeric guards: the edges of a uniform number, and the longest loop of a count."""

UNREAD: frozenset[str] = frozenset()
"""Parameters that no rule and no month reads. Keep it empty."""


def part(path: Path) -> str:
    """The part of the package a module belongs to: its folder, or its name at the top."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def name(path: Path) -> str:
    """A module's path as a test's id."""
    return path.relative_to(PACKAGE).as_posix()


def parse(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def for_types_only(node: ast.AST) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def nodes(tree: ast.AST, *, inside_functions: bool = True) -> Iterator[ast.AST]:
    """All nodes that run: without what is for type checkers only, and if asked without function bodies."""
    for child in ast.iter_child_nodes(tree):
        if for_types_only(child):
            continue
        yield child
        if inside_functions or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from nodes(child, inside_functions=inside_functions)


@cache
def imported(path: Path, *, inside_functions: bool = True) -> frozenset[str]:
    """Full names of what a module imports; relative imports are made absolute."""
    found = set()
    package = ["normsim", *path.relative_to(PACKAGE).parts[:-1]]
    for node in nodes(parse(path), inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def parts_imported(path: Path) -> set[str]:
    """Parts of the package that a module imports."""
    inner = {full.split(".")[1] for full in imported(path) if full.startswith("normsim.")}
    return {other for other in inner if other in ALLOWED or (PACKAGE / other).is_dir()} - {part(path)}


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute chain, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_go_one_way(path: Path) -> None:
    assert part(path) in ALLOWED, f"say in ALLOWED what {part(path)} may import"
    strange = parts_imported(path) - ALLOWED[part(path)]
    assert not strange, f"{name(path)} must not import {sorted(strange)}"


def module(path: Path) -> str:
    """Dotted name of a module, `normsim.world` for `world/__init__.py`."""
    names = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


@cache
def import_graph() -> dict[str, set[str]]:
    """Which modules each module imports, wherever in its code, types apart.

    A package that imports its public names lazily, by the table `_HOME`, imports the modules in it.
    """
    known = {module(path) for path in MODULES}
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        found = set(imported(path))
        found |= {where.partition(":")[0] for where in registered_plots(path)}
        for node in parse(path).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOME":
                homes = ast.literal_eval(node.value).values()
                found |= {home if home.startswith("normsim.") else f"{module(path)}.{home}" for home in homes}
        inner = (full if full in known else full.rpartition(".")[0] for full in found)
        graph[module(path)] = {full for full in inner if full in known} - {module(path)}
    return graph


@cache
def registered_plots(path: Path) -> list[str]:
    """Functions, as `module:name`, that a module registers to draw an object."""
    return [
        ast.literal_eval(node.args[1])
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and dotted(node.func) == "register_plot"
    ]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; none if there is no circle."""
    done: set[str] = set()

    def search(node: str, trail: list[str]) -> list[str]:
        if node in trail:
            return [*trail[trail.index(node) :], node]
        if node in done:
            return []
        for other in sorted(graph[node]):
            if found := search(other, [*trail, node]):
                return found
        done.add(node)
        return []

    return next((found for node in sorted(graph) if (found := search(node, []))), [])


def test_no_circle_of_imports() -> None:
    assert not circle(import_graph()), "take out one of these imports, or move what both need below them"


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": set()}) == ["b", "c", "b"]
    graph = import_graph()
    assert "normsim.experiment.experiment" in graph["normsim.experiment"], "lazy names count"
    assert "normsim.scenario.scenario_schema" in graph["normsim.scenario.scenario_reader"], "functions count"
    assert "normsim.scenario.scenario" not in graph["normsim.scenario.scenario_writer"], "types do not"


def test_the_package_itself_is_imported_by_no_module() -> None:
    """Its `__init__` is the top: a module that needs the version takes it from `_version`."""
    assert {source for source, targets in import_graph().items() if "normsim" in targets} == set()


def test_plots_are_registered_at_the_top() -> None:
    """Whoever registers a plot may import the figures: no module below them does it in disguise."""
    registering = {module(path): registered_plots(path) for path in MODULES if registered_plots(path)}
    assert set(registering) == {"normsim"}
    for where in registering["normsim"]:
        home, _, function = where.partition(":")
        assert callable(getattr(importlib.import_module(home), function))


def test_types_are_published_and_the_version_stands_once() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert 'path = "normsim/_version.py"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_metadata_agree() -> None:
    """`pyproject.toml`, `CITATION.cff` and `codemeta.json` describe the same software."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    software = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    cited = dict(re.findall(r'^(\w+): "?([^"\n>]+)"?$', citation, flags=re.MULTILINE))

    assert cited["version"] == software["version"] == __version__
    assert cited["title"] == software["name"]
    assert cited["license"] == project["license"] == software["license"].rpartition("/")[2]
    assert re.findall(r"^  - ([\w -]+)$", citation, flags=re.MULTILINE) == software["keywords"] == project["keywords"]
    assert software["runtimePlatform"] == f"Python {project['requires-python']}"
    assert f"Operating System :: {software['operatingSystem']}" in project["classifiers"]
    assert f"Topic :: {software['applicationCategory']}" in project["classifiers"]

    abstract = re.search(r"^abstract: >-\n((?:  .+\n)+)", citation, flags=re.MULTILINE)
    assert abstract is not None
    assert " ".join(abstract[1].split()) == software["description"]
    named = {author["name"] for author in project["authors"]}
    assert named == {author["name"] for author in software["author"]}
    assert all(f'  - name: "{name}"' in citation for name in named)


def test_allowed_imports_have_no_circle() -> None:
    assert not circle({**ALLOWED, **{other: set() for others in ALLOWED.values() for other in others - set(ALLOWED)}})


def test_file_names_occur_once() -> None:
    names = [path.name for path in MODULES if path.name not in ("__init__.py", "__main__.py")]
    twice = {one for one in names if names.count(one) > 1}
    assert twice - set(TWICE) == set(), "a file name says what the file is without its folder"
    assert set(TWICE) - twice == set(), "no longer twice: take it out of TWICE"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_heavy_packages_stay_in_their_part(path: Path) -> None:
    outside = {full.split(".")[0] for full in imported(path)}
    strange = {package for package, owners in OWNERS.items() if package in outside and part(path) not in owners}
    assert not strange, f"{name(path)} must not import {sorted(strange)}"


@pytest.mark.parametrize("path", [m for m in MODULES if part(m) not in LATE], ids=name)
def test_pandas_is_imported_late(path: Path) -> None:
    at_import = {full.split(".")[0] for full in imported(path, inside_functions=False)}
    assert "pandas" not in at_import, f"{name(path)}: import pandas inside the function that needs it"


@pytest.mark.parametrize("path", RULES, ids=name)
def test_rules_are_pure(path: Path) -> None:
    names = imported(path)
    strange = {full for full in names if full.split(".")[0] in NOT_IN_RULES or full.startswith("numpy.random")}
    assert not strange
    calls = {dotted(node.func) for node in ast.walk(parse(path)) if isinstance(node, ast.Call)}
    assert not calls & {"open", "print", "input", "eval", "exec", "__import__"}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_global_randomness(path: Path) -> None:
    """Random numbers come from a named stream or from a seed that is passed on, never from hidden state."""
    names = imported(path)
    assert not {full for full in names if full.split(".")[0] in ("random", "secrets")}
    taken = {full.split(".")[-1] for full in names if full.startswith("numpy.random")}
    assert taken <= GENERATORS
    called = set()
    for node in ast.walk(parse(path)):
        used = dotted(node)
        if used.startswith(("np.random.", "numpy.random.")):
            assert used.split(".")[2] in GENERATORS, f"{name(path)} uses {used}"
        if isinstance(node, ast.Call):
            made = dotted(node.func)
            if made.startswith(("np.random.", "numpy.random.")) or made in taken:
                called.add(made)
                assert node.args or node.keywords, f"{name(path)}: {made}() without a seed"
    assert not called or path in MAKERS, f"{name(path)} makes its own generator: {sorted(called)}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_everything_public_says_what_it_is(path: Path) -> None:
    tree = parse(path)
    missing = [] if ast.get_docstring(tree) else ["the module"]

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            definition = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if not definition or child.name.startswith("_"):
                continue
            marks = {dotted(mark).split(".")[-1] for mark in child.decorator_list}
            if not ast.get_docstring(child) and not marks & {"overload", "setter", "override"}:
                missing.append(prefix + child.name)
            if isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")

    visit(tree, "")
    assert not missing, f"{name(path)}: no docstring for {', '.join(missing)}"


@pytest.mark.parametrize("path", [*RULES, *ENGINE], ids=name)
def test_no_bare_numbers_in_rules_and_engine(path: Path) -> None:
    """A number of the model is a parameter, or a constant with a name and a sentence."""
    bare = []
    for function in ast.walk(parse(path)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
                continue
            if not isinstance(node.value, int | float) or node.value in PLAIN or node.value in GUARDS:
                continue
            if node.value != int(node.value) or abs(node.value) > LARGEST_COUNT:
                bare.append(f"{function.name}:{node.lineno} {node.value}")
    assert not bare, f"{name(path)}: {bare}"


def chain(node: ast.AST) -> list[str]:
    """Names of an access: `p.use.habit` and `p["use"]["habit"]` alike give p, use, habit."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [*chain(node.value), node.attr]
    if isinstance(node, ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else "*"
        return [*chain(node.value), str(key)]
    return ["*"]


def reads() -> set[str]:
    """Parameters that rules or the engine read: `p.group.key`, a group as `p.group[name]`, or the name as text."""
    found: set[str] = set()
    for path in [*RULES, *sorted((PACKAGE / "engine").rglob("*.py"))]:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Attribute | ast.Subscript):
                names = chain(node)
                found |= {".".join(pair) for pair in itertools.pairwise(names)}
                if names[0] == "p" and names[2:] == ["*"]:
                    found |= {known for known in records() if known.startswith(f"{names[1]}.")}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_parameter_is_read() -> None:
    idle = set(records()) - reads() - UNREAD
    assert not idle, f"read by no rule and no month: {sorted(idle)}"


def test_every_rule_has_a_note_on_status_and_null() -> None:
    """Each rule's docstring says where its magnitudes come from and what switches it off."""
    for path in RULES:
        if path.name in ("__init__.py", "link_functions.py"):
            continue
        text = ast.get_docstring(parse(path)) or ""
        assert "Status:" in text, path.name
        assert "Null" in text, path.name
