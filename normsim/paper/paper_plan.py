"""The plan of the paper: which figure is drawn from which experiment, read from `experiments/paper.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from normsim.config.messages import nearest_or_all
from normsim.config.named_files import is_path, packaged_folder
from normsim.config.table_validation import Table, validated
from normsim.config.toml_reader import Source, read_file
from normsim.errors import ScenarioError
from normsim.experiment.experiment import Experiment
from normsim.experiment.experiment_reader import load_experiment, resolve
from normsim.experiment.experiment_schema import SmokeTable
from normsim.figures.paper import DRAWINGS

_NEEDS = "a paper has a title, and figures, each under its own [[figure]]"

_ID = "^[a-z][a-z0-9_]*$"
_ID_WORDS = "a short name in quotes: small letters, digits and underscores"


class UseTable(Table):
    """An experiment that has its own file, at the size that the paper needs."""

    id: str = Field(pattern=_ID, description=_ID_WORDS)
    use: str = Field(description="a packaged experiment's name in quotes, or a path beside this file")
    sizes: SmokeTable = Field(SmokeTable(), description="a table of sizes in place of its own")
    smoke: SmokeTable = Field(SmokeTable(), description="a table of sizes in place of its own smoke sizes")


class FigureTable(Table):
    """One figure."""

    id: str = Field(pattern=_ID, description=_ID_WORDS)
    title: str = Field(min_length=1, description="a few words in quotes")
    experiments: list[str] = Field([], description="a list of ids of experiments of this file")
    claims: bool = Field(False, description="true or false: drawn from the verdicts on the claims instead")
    drawing: str = Field("", description="the module in normsim/figures/paper that draws it; its id if not said")
    columns: Literal["one", "two"] = Field("two", description='"one" or "two" columns of a journal')
    caption: str = Field(min_length=1, description="text in quotes; {name} takes a fact of the results")
    finding: str = Field(min_length=1, description="text in quotes for the report; {name} takes a fact of the results")


class PaperTable(Table):
    """The file."""

    title: str = Field(min_length=1, description="the title of the report in quotes")
    experiment: list[dict[str, Any]] = Field([], description="experiments, each under its own [[experiment]]")
    figure: list[FigureTable] = Field(min_length=1, description="figures, each under its own [[figure]]")


@dataclass(frozen=True)
class Paper:
    """The plan.

    Attributes:
        title: title of the report.
        figures: the figures, in order.
        label: the file's name.
        experiments: the experiments by their id and whether they have their small size.
    """

    title: str
    figures: tuple[FigureTable, ...]
    label: str
    experiments: Mapping[tuple[str, bool], Experiment]

    def experiment(self, which: str, smoke: bool) -> Experiment:
        """An experiment of the file.

        Args:
            which: its id.
            smoke: at its small size.
        """
        return self.experiments[which, smoke]

    def figure(self, which: str) -> FigureTable:
        """A figure of the file.

        Raises:
            ScenarioError: there is none of that id; the message names the nearest.
        """
        for figure in self.figures:
            if figure.id == which:
                return figure
        known = [figure.id for figure in self.figures]
        raise ScenarioError(f"there is no figure {which!r}{nearest_or_all(which, known)}", file=self.label)

    def number(self, figure: FigureTable) -> int:
        """Its number in the paper, from 1."""
        return self.figures.index(figure) + 1


def load_paper(path: Path | None = None) -> Paper:
    """Read the plan.

    Args:
        path: a file; the packaged one if not given.

    Raises:
        ScenarioError: it is not valid, or one of its experiments is not.
    """
    source = read_file(path or packaged_folder("experiments") / "paper.toml", _NEEDS)
    table = validated(source, PaperTable)
    ids = _ids(source)
    for place, figure in enumerate(table.figure):
        _check_figure(source, place, figure, ids)
    _check_twice(source, "figure", [figure.id for figure in table.figure])
    used = {name for figure in table.figure for name in figure.experiments}
    for place, name in enumerate(ids):
        if name not in used:
            raise source.error(("experiment", place, "id"), "no figure is drawn from it; leave it out", name)
    places = [(place, name, smoke) for place, name in enumerate(ids) for smoke in (False, True)]
    experiments = {(name, smoke): _experiment(source, place, name, smoke) for place, name, smoke in places}
    return Paper(table.title, tuple(table.figure), source.label, experiments)


def _experiment(source: Source, place: int, which: str, smoke: bool) -> Experiment:
    """An experiment of the file at one of its sizes."""
    tree = source.tree["experiment"][place]
    if "use" not in tree:
        return resolve(source.section("experiment", place, label=f"{which}.toml", without=("id",)), smoke)
    table = _use_table(source, place)
    with source.placing("experiment", place, "use"):
        found = load_experiment(_place_of(table.use, source.path), smoke, table.smoke if smoke else table.sizes)
    return found.with_name(which)


def _ids(source: Source) -> list[str]:
    """Ids of the experiments, checked."""
    found = []
    for place, tree in enumerate(source.tree.get("experiment", [])):
        if "id" not in tree:
            raise source.error(("experiment", place, "id"), f"is missing; it is {_ID_WORDS}")
        if not (isinstance(tree["id"], str) and re.fullmatch(_ID, tree["id"])):
            raise source.error(("experiment", place, "id"), f"must be {_ID_WORDS}", tree["id"])
        if "use" in tree:
            _use_table(source, place)
        found.append(tree["id"])
    _check_twice(source, "experiment", found)
    return found


def _use_table(source: Source, place: int) -> UseTable:
    return validated(source.section("experiment", place, label=source.label), UseTable)


def _place_of(use: str, path: Path | None) -> str | Path:
    """A name as it is, a path from the folder of the file."""
    return path.parent / use if is_path(use) and path is not None else use


def _check_figure(source: Source, place: int, figure: FigureTable, ids: list[str]) -> None:
    if bool(figure.experiments) == figure.claims:
        raise source.error(
            ("figure", place, "experiments"),
            "a figure is drawn from experiments, or with claims = true from the claims",
        )
    for which, name in enumerate(figure.experiments):
        if name not in ids:
            problem = f"there is no [[experiment]] {name!r}{nearest_or_all(name, ids)}"
            raise source.error(("figure", place, "experiments", which), problem)
    drawing = figure.drawing or figure.id
    if (drawing == "claims") != figure.claims:
        raise source.error(("figure", place, "claims"), 'the drawing "claims" and claims = true belong together')
    if drawing not in DRAWINGS:
        key = "drawing" if figure.drawing else "id"
        problem = f"no module draws {drawing!r}{nearest_or_all(drawing, DRAWINGS)}"
        raise source.error(("figure", place, key), problem)


def _check_twice(source: Source, key: str, ids: list[str]) -> None:
    for place, name in enumerate(ids):
        if name in ids[:place]:
            raise source.error((key, place, "id"), "stands there twice; ids tell them apart", name)
