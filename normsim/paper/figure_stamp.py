"""The stamp of a figure: digests of its inputs, stored beside it, to detect a stale figure and report what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from normsim.errors import PaperError
from normsim.experiment.experiment import Experiment
from normsim.experiment.model_digest import MODEL, NUMERIC, file_digests, model_digests
from normsim.experiment.safe_files import sha256
from normsim.paper.paper_plan import FigureTable
from normsim.world import data_hashes

FORMAT = 1
"""Version of the stamp's format."""

RECORDS = ("parameters.toml",)
"""Files with the ranges and meanings of parameters: hypercubes and names in a figure depend on them, no run does."""

CLAIMS = ("stats.py", "claims/*.py", "figures/forest_plot.py", "_version.py")
"""Further files that the verdicts on the claims, and their figure, depend on."""

DRAWING = (
    "analysis/*.py",
    "stats.py",
    "figures/style.py",
    "figures/phrases.py",
    "figures/paper/__init__.py",
    "figures/paper/panel_parts.py",
    "figures/paper/transfer_ties.py",
    "paper/figure_builder.py",
    "paper/figure_sources.py",
)
"""Files that every figure, its table and its caption depend on, beside the module that draws it."""

KINDS = {
    "code": "code",
    "drawing": "drawing code",
    "data": "data",
    "versions": "version",
    "experiment": "experiment",
    "paper": "paper.toml",
    "results": "results",
    "file": "file",
}
"""What can have changed, in words, by the first part of its name."""


class Change(NamedTuple):
    """Something that changed since a figure was drawn.

    Attributes:
        kind: in words, such as `data`.
        what: which file, or which part of the experiment.
    """

    kind: str
    what: str


@dataclass(frozen=True)
class Stamp:
    """What a figure was drawn from.

    Attributes:
        figure: its id.
        smoke: whether its experiments had their small sizes.
        depends_on: digest of each thing that it depends on, by name.
        results: digest of the outcomes of each experiment.
        directories: where these lie, from the folder of the paper on.
        files: digest of each file of the figure.
        facts: what its caption and the report say of the results.
        versions: versions of what computed and drew it.
        format: version of this format.
    """

    figure: str
    smoke: bool
    depends_on: dict[str, str]
    results: dict[str, str]
    directories: dict[str, str]
    files: dict[str, str]
    facts: dict[str, str]
    versions: dict[str, str]
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """The stamp as a file."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read_stamp(path: Path) -> Stamp | None:
    """The stamp in a file, None if there is none.

    Raises:
        PaperError: the file is no stamp of this format.
    """
    if not path.exists():
        return None
    try:
        tree: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if tree["format"] != FORMAT:
            raise PaperError(f"{path} has format {tree['format']}, not {FORMAT}; delete it and build the figure again")
        return Stamp(**tree)
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, PaperError):
            raise
        raise PaperError(f"{path} is no stamp of a figure; delete it and build the figure again") from None


def address(fingerprint: str) -> str:
    """Name of the run directory of an experiment: another one for other code, data or design.

    Args:
        fingerprint: what tells the experiment from others.
    """
    content = [fingerprint, dict(model_digests())]
    return sha256(json.dumps(content).encode())[:12]


def parts_of(experiment: Experiment) -> dict[str, str]:
    """Digest of each part of an experiment, by name; titles of scenarios as they are, since figures print them."""
    titles = {f"titles.{scenario.name}": scenario.title for scenario in experiment.scenarios}
    return dict(experiment.parts()) | {"replications": str(experiment.replications)} | titles


def depends_on(figure: FigureTable, experiments: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Digest of each thing that a figure depends on, by name.

    Args:
        figure: the figure.
        experiments: digest of each part of its experiments, by id.
    """
    drawing = file_digests((*DRAWING, f"figures/paper/{figure.drawing or figure.id}.py"))
    groups: dict[str, Mapping[str, str]] = {
        "code": file_digests((*MODEL, *RECORDS, *(CLAIMS if figure.claims else ()))),
        "drawing": drawing,
        "data": data_hashes(),
        "versions": NUMERIC,
        "experiment": {f"{name}.{part}": value for name, parts in experiments.items() for part, value in parts.items()},
        "paper": {name: str(getattr(figure, name)) for name in ("title", "caption", "columns")},
    }
    return {f"{kind}.{name}": value for kind, group in groups.items() for name, value in group.items()}


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    """What differs between two sets of digests."""
    names = [name for name in dict.fromkeys([*before, *now]) if before.get(name) != now.get(name)]
    return [_change(name, before, now) for name in names]


def _change(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> Change:
    kind, _, what = name.partition(".")
    told = " (new)" if name not in before else " (gone)" if name not in now else ""
    return Change(KINDS[kind], what + told)


def file_changes(folder: Path, files: Mapping[str, str]) -> list[Change]:
    """Files of a figure that are missing or differ from what was drawn."""
    found = []
    for name, digest in files.items():
        path = folder / name
        if not path.exists():
            found.append(Change(KINDS["file"], f"{name} is gone"))
        elif sha256(path.read_bytes()) != digest:
            found.append(Change(KINDS["file"], f"{name} is not what was drawn"))
    return found
