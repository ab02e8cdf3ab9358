"""Build the figures: run what is missing, make the table, draw it from its CSV, and stamp what it was drawn from."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from normsim._version import __version__
from normsim.errors import AnalysisError, PaperError, StoreError
from normsim.experiment.provenance import versions
from normsim.experiment.safe_files import sha256
from normsim.figures.paper import drawing
from normsim.figures.phrases import CHANCE, INTERVAL
from normsim.figures.style import ONE_COLUMN, PRINT_DPI, TWO_COLUMNS, drawn_with, save
from normsim.paper.figure_sources import InterruptedPaperError, Runner, hash_of, source_of
from normsim.paper.figure_stamp import KINDS, Change, Stamp, changes, depends_on, file_changes, read_stamp
from normsim.paper.paper_plan import FigureTable, Paper

FLOATS = "%.10g"
"""How numbers are written in the CSV: more digits than any figure shows, and the same on every rebuild."""

UNKNOWN = "NaN"
"""How a number that is not known is written there; a text that is empty is written as nothing."""

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Built(NamedTuple):
    """What became of a figure.

    Attributes:
        figure: its id.
        state: what was done.
        told: why not, if it was not drawn.
    """

    figure: str
    state: Literal["drawn", "fresh", "failed", "interrupted"]
    told: str = ""


class Checked(NamedTuple):
    """How fresh a figure is.

    Attributes:
        figure: its id.
        changes: what changed since it was drawn; nothing if it is fresh.
        smoke: whether it was drawn from small experiments.
    """

    figure: str
    changes: list[Change]
    smoke: bool


def figures_in(out: Path) -> Path:
    """The folder of the figures."""
    return out / "figures"


def stamp_of(out: Path, figure: FigureTable) -> Stamp | None:
    """The stamp of a figure, None if it was never drawn."""
    return read_stamp(figures_in(out) / f"{figure.id}.json")


def chosen(paper: Paper, only: Iterable[str]) -> list[FigureTable]:
    """The figures of these ids, or all, in the order of the paper.

    Raises:
        ScenarioError: there is none of an id.
    """
    wanted = {paper.figure(which).id for which in only}
    return [figure for figure in paper.figures if not wanted or figure.id in wanted]


def build(
    paper: Paper,
    out: Path,
    *,
    smoke: bool = False,
    only: Iterable[str] = (),
    runner: Runner | None = None,
    on_figure: Callable[[FigureTable], None] = lambda figure: None,
) -> list[Built]:
    """Build the figures that are missing or stale; what is there and fresh is left as it is.

    Args:
        paper: the plan.
        out: the folder of the paper.
        smoke: from experiments at their small size.
        only: ids of figures; all if none is given.
        runner: how experiments are run.
        on_figure: called before each figure.

    Returns:
        what became of each figure; after an interrupt the last is the one that was stopped.

    Raises:
        ScenarioError: there is no such figure, or the ledger of claims cannot be taken.
    """
    done: list[Built] = []
    for figure in chosen(paper, only):
        on_figure(figure)
        try:
            state = _build(paper, figure, out, smoke, runner or Runner())
        except InterruptedPaperError as error:
            return [*done, Built(figure.id, "interrupted", str(error))]
        except (PaperError, StoreError, AnalysisError) as error:
            done.append(Built(figure.id, "failed", str(error)))
        else:
            done.append(Built(figure.id, state))
    return done


def check(paper: Paper, out: Path, only: Iterable[str] = ()) -> list[Checked]:
    """What changed since each figure was drawn.

    Raises:
        ScenarioError: a figure or an experiment cannot be taken.
        PaperError: a stamp cannot be read.
    """
    found = []
    for figure in chosen(paper, only):
        stamp = stamp_of(out, figure)
        if stamp is None:
            found.append(Checked(figure.id, [Change("figure", "was never drawn")], False))
            continue
        now = depends_on(figure, source_of(paper, figure, stamp.smoke).parts())
        found.append(Checked(figure.id, _stale(stamp, now, out), stamp.smoke))
    return found


def _stale(stamp: Stamp, now: Mapping[str, str], out: Path) -> list[Change]:
    """What changed since a figure was drawn."""
    found = changes(stamp.depends_on, now)
    for name, place in stamp.directories.items():
        if (out / place).is_dir() and hash_of(out / place) != stamp.results[name]:
            found.append(Change(KINDS["results"], f"{place} holds other results"))
    return found + file_changes(figures_in(out), stamp.files)


def _build(paper: Paper, figure: FigureTable, out: Path, smoke: bool, runner: Runner) -> Literal["drawn", "fresh"]:
    source = source_of(paper, figure, smoke)
    now = depends_on(figure, source.parts())
    stamp = stamp_of(out, figure)
    if stamp is not None and stamp.smoke == smoke and not _stale(stamp, now, out):
        return "fresh"
    made = source.make(out, runner)
    module = drawing(figure.drawing or figure.id)
    try:
        csv = write_table(module.data(made.content))
        frame = read_table(csv)
        facts = {**made.facts, "interval": INTERVAL, "chance": CHANCE, **module.facts(frame)}
    except (LookupError, AttributeError) as error:
        raise PaperError(
            f"its drawing {figure.drawing or figure.id} cannot take what these experiments give "
            f"({type(error).__name__}: {error}); look at the outcomes, factors and `keep` of {_listed(figure)}"
        ) from error
    caption = captioned(figure, facts)
    finding(figure, facts)  # so that the report finds nothing missing
    folder = figures_in(out)
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{figure.id}.csv": csv, f"{figure.id}.md": caption.encode()}
    drawn = module.draw(frame, ONE_COLUMN if figure.columns == "one" else TWO_COLUMNS)
    for kind in ("pdf", "png"):
        path = folder / f".{figure.id}.{kind}"
        save(drawn, path, PRINT_DPI)
        files[f"{figure.id}.{kind}"] = path.read_bytes()
        path.unlink()
    written = Stamp(
        figure.id,
        smoke,
        now,
        made.hashes,
        source.directories(),
        {name: sha256(content) for name, content in sorted(files.items())},
        facts,
        versions() | drawn_with(),
    )
    for name, content in [*files.items(), (f"{figure.id}.json", written.to_bytes())]:  # the stamp last: it vouches
        write_whole(folder / name, content)
    return "drawn"


def _listed(figure: FigureTable) -> str:
    return ", ".join(figure.experiments) or "the claims"


def write_table(frame: pd.DataFrame) -> bytes:
    """The table of a figure as CSV."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    frame = frame.fillna(dict.fromkeys(texts, ""))
    return frame.to_csv(index=False, float_format=FLOATS, na_rep=UNKNOWN, lineterminator="\n").encode()


def read_table(csv: bytes) -> pd.DataFrame:
    """The table of a figure, from its CSV."""
    return pd.read_csv(io.BytesIO(csv), keep_default_na=False, na_values=[UNKNOWN])


def finding(figure: FigureTable, facts: Mapping[str, str]) -> str:
    """What the report says of a figure, as Markdown.

    Raises:
        PaperError: it asks for a fact that the results do not give.
    """
    return filled(figure.finding, facts, f"finding of figure {figure.id}")


def captioned(figure: FigureTable, facts: Mapping[str, str]) -> str:
    """The caption of a figure, as Markdown; its number is put before it where the figures stand in their order.

    Raises:
        PaperError: it asks for a fact that the results do not give.
    """
    told = filled(figure.caption, facts, f"caption of figure {figure.id}")
    runs = filled(RUNS_TOLD, {**facts, "version": __version__}, "the runs")
    return f"**{figure.title}.** {told} {runs}".rstrip() + "\n"


RUNS_TOLD = "Behind it: {runs_told}, on seeds drawn from {seed}; fingerprint: {experiments}; normsim {version}."
"""What every caption says of the runs."""


def filled(template: str, facts: Mapping[str, str], where: str) -> str:
    """A template with its facts.

    Raises:
        PaperError: there is no such fact.
    """

    def fact(found: re.Match[str]) -> str:
        if found[1] not in facts:
            raise PaperError(f"{where}: there is no fact {{{found[1]}}}; known are {', '.join(sorted(facts))}")
        return facts[found[1]]

    return PLACEHOLDER.sub(fact, template)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    made = path.with_name(f".{path.name}.tmp")
    made.write_bytes(content)
    os.replace(made, path)
