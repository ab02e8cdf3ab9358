"""The plan of the paper: which figure is drawn from which experiment, read from `experiments/paper.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from normsim.config.toml_reader import Key, Source, read_file
from normsim.experiment.experiment import Experiment
from normsim.experiment.experiment_reader import load_experiment, packaged, renamed, resolve
from normsim.experiment.experiment_schema import SmokeTable, Table, validated
from normsim.figures.paper import DRAWINGS
from normsim.parameters import nearest
from normsim.scenario import ScenarioError

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


_WITHIN: Mapping[str, type[Table]] = {"figure": FigureTable, "sizes": SmokeTable, "smoke": SmokeTable}


@dataclass(frozen=True)
class _Part(Source):
    """A table of a file, read as a file of its own; what is wrong with it is told at its place in the whole."""

    whole: Source
    place: Key

    def error(self, key: Key, problem: str, *value: Any) -> ScenarioError:
        return self.whole.error((*self.place, *key), problem, *value)

    def line(self, key: Key) -> int | None:
        return self.whole.line((*self.place, *key))


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
        hint = nearest(which, known) or f"; known are {', '.join(known)}"
        raise ScenarioError(f"there is no figure {which!r}{hint}", file=self.label)

    def number(self, figure: FigureTable) -> int:
        """Its number in the paper, from 1."""
        return self.figures.index(figure) + 1


def load_paper(path: Path | None = None) -> Paper:
    """Read the plan.

    Args:
        path: a file; the packaged one if not given.

    Raises:
        ScenarioError: it cannot be taken, or one of its experiments.
    """
    source = read_file(path or packaged() / "paper.toml")
    table = validated(source, PaperTable, _WITHIN)
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
        own = {name: value for name, value in tree.items() if name != "id"}
        return resolve(_Part(f"{which}.toml", "", own, source.path, source, ("experiment", place)), smoke)
    table = _use_table(source, place)
    try:
        found = load_experiment(_place_of(table.use, source.path), smoke, table.smoke if smoke else table.sizes)
    except ScenarioError as error:
        if error.file:
            raise
        raise source.error(("experiment", place, "use"), error.problem) from None
    return renamed(found, which)


def _ids(source: Source) -> list[str]:
    """Ids of the experiments, after a look at what makes them one."""
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
    tree = source.tree["experiment"][place]
    return validated(_Part(source.label, "", tree, source.path, source, ("experiment", place)), UseTable, _WITHIN)


def _place_of(use: str, path: Path | None) -> str | Path:
    """A name as it is, a path from the folder of the file."""
    named_by_path = use.endswith(".toml") or "/" in use
    return path.parent / use if named_by_path and path is not None else use


def _check_figure(source: Source, place: int, figure: FigureTable, ids: list[str]) -> None:
    if bool(figure.experiments) == figure.claims:
        raise source.error(
            ("figure", place, "experiments"),
            "a figure is drawn from experiments, or with claims = true from the claims",
        )
    for which, name in enumerate(figure.experiments):
        if name not in ids:
            hint = nearest(name, ids) or f"; known are {', '.join(ids)}"
            raise source.error(("figure", place, "experiments", which), f"there is no [[experiment]] {name!r}{hint}")
    drawing = figure.drawing or figure.id
    if (drawing == "claims") != figure.claims:
        raise source.error(("figure", place, "claims"), 'the drawing "claims" and claims = true belong together')
    if drawing not in DRAWINGS:
        key = "drawing" if figure.drawing else "id"
        hint = nearest(drawing, DRAWINGS) or f"; known are {', '.join(DRAWINGS)}"
        raise source.error(("figure", place, key), f"no module draws {drawing!r}{hint}")


def _check_twice(source: Source, key: str, ids: list[str]) -> None:
    for place, name in enumerate(ids):
        if name in ids[:place]:
            raise source.error((key, place, "id"), "stands there twice; ids tell them apart", name)
