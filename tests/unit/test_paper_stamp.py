"""What a figure's stamp digests: every module that its drawing imports, and what is printed in it."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from normsim.experiment import Experiment
from normsim.experiment.model_digest import PACKAGE
from normsim.figures.paper import DRAWINGS
from normsim.paper.figure_stamp import depends_on, parts_of
from normsim.paper.paper_plan import load_paper

FOLLOWED = ("figures", "analysis")
"""Parts of the package whose own imports are followed: they shape tables and pictures."""


def file_of(module: str) -> Path | None:
    """The file of a module of the package, None if it is none."""
    first, *rest = module.split(".")
    path = PACKAGE.joinpath(*rest)
    if first != "normsim" or not rest:
        return None
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.is_file()), None)


def imported(path: Path) -> set[Path]:
    """Files of the package that a file imports, at any depth of its code."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return {file for name in names if (file := file_of(name)) is not None}


def closure(path: Path) -> set[Path]:
    """All that a file imports within the parts that are followed, and what lies right behind them."""
    found, left = {path}, [path]
    while left:
        for file in imported(left.pop()) - found:
            found.add(file)
            if file.relative_to(PACKAGE).parts[0] in FOLLOWED:
                left.append(file)
    return found


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_module_behind_a_drawing_is_digested(name: str) -> None:
    figure = next(figure for figure in load_paper().figures if (figure.drawing or figure.id) == name)
    digested = {key.partition(".")[2] for key in depends_on(figure, {})}
    behind = {path.relative_to(PACKAGE).as_posix() for path in closure(PACKAGE / "figures" / "paper" / f"{name}.py")}
    assert f"figures/paper/{name}.py" in behind
    assert behind - digested == set()


@pytest.mark.parametrize(
    "path", ["parameters.toml", "paper/figure_builder.py", "paper/figure_sources.py", "figures/paper/__init__.py"]
)
def test_what_shapes_tables_and_captions_is_digested(path: str) -> None:
    for figure in load_paper().figures:
        assert any(key.endswith(f".{path}") for key in depends_on(figure, {}))


def test_a_title_that_is_printed_in_a_figure_is_part_of_it() -> None:
    experiment = Experiment.build(["baseline"], months=2)
    other = replace(experiment, scenarios=(replace(experiment.scenarios[0], title="Another"),))
    assert {name for name, part in parts_of(other).items() if parts_of(experiment)[name] != part} == {"titles.baseline"}
