"""The report: a short paper in Markdown and as one HTML file, its numbers filled in from the results."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from normsim._version import __version__
from normsim.claims.judge import ALPHA, HOLDS, MOST
from normsim.claims.verdict_table import markdown
from normsim.errors import PaperError
from normsim.figures.phrases import listed, number
from normsim.paper.figure_builder import check, figures_in, filled, finding, read_table, stamp_of, write_whole
from normsim.paper.figure_stamp import Stamp
from normsim.paper.paper_plan import FigureTable, Paper
from normsim.parameters import records
from normsim.references import cite, references
from normsim.scenario import Scenario, load_scenario, scenario_names
from normsim.world import convention, world_as_of

TEMPLATE = Path(__file__).parent / "report.template.md"

STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.55 Georgia, serif; color: #111; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.25; }
img { max-width: 100%; height: auto; display: block; margin: 1rem auto 0.3rem; }
figcaption, .caption { font-size: 0.86rem; color: #333; }
table { border-collapse: collapse; font-size: 0.84rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.5rem; border-bottom: 1px solid #ccc; }
pre { background: #f4f4f4; padding: 0.7rem; overflow-x: auto; }
code { font-size: 0.9em; }
"""


class Written(NamedTuple):
    """A report that was written.

    Attributes:
        paths: its files.
        missing: ids of figures that were never drawn.
        stale: ids of figures that something behind has changed.
    """

    paths: list[Path]
    missing: list[str]
    stale: list[str]


def write_report(paper: Paper, out: Path, options: str = "") -> Written:
    """Write report.md and report.html beside the figures.

    Args:
        paper: the plan.
        out: the folder of the paper.
        options: words after `normsim paper build` that make the same figures again.

    Raises:
        PaperError: there is no figure, or a text asks for a fact that the results do not give.
    """
    stamps = {figure.id: stamp for figure in paper.figures if (stamp := stamp_of(out, figure)) is not None}
    if not stamps:
        raise PaperError(f"{out} holds no figures; draw them first with: normsim paper build --out {out}")
    missing = [figure.id for figure in paper.figures if figure.id not in stamps]
    stale = [each.figure for each in check(paper, out, stamps) if each.changes]
    text = report_text(paper, out, stamps, missing, stale, options)
    paths = [out / "report.md", out / "report.html"]
    for path, content in zip(paths, (text, as_page(paper.title, text, out)), strict=True):
        write_whole(path, content.encode())
    return Written(paths, missing, stale)


def report_text(
    paper: Paper, out: Path, stamps: Mapping[str, Stamp], missing: list[str], stale: list[str], options: str
) -> str:
    """The report as Markdown, with links to the figures."""
    scenarios = _scenarios(paper)
    sections = [_section(paper, figure, stamps[figure.id], out) for figure in paper.figures if figure.id in stamps]
    facts = general_facts() | {
        "title": paper.title,
        "results": "\n\n".join(sections),
        "verdicts": _verdicts(paper, stamps, out),
        "state": _state(stamps, missing, stale),
        "regimes": "\n".join(f"- **{scenario.title}.** {scenario.question}" for scenario in scenarios),
        "references": "\n".join(f"- {cite(key)}" for key in _several(s.references for s in scenarios)),
        "figures": str(len(paper.figures)),
        "versions": listed(_several(_versions(stamp) for stamp in stamps.values())),
        "options": options,
    }
    return filled(TEMPLATE.read_text(encoding="utf-8"), facts, "the report")


def general_facts() -> dict[str, str]:
    """What the report says of the model itself, counted and not typed."""
    world = world_as_of(convention().covariates_from)
    known = records().values()
    usual = load_scenario("baseline")
    return {
        "version": __version__,
        "states": str(len(world)),
        "layers": str(len(world.layers)),
        "layer_names": listed(list(world.layers)),
        "start": f"{usual.start:%B %Y}",
        "months": f"{usual.months:,}",
        "essay": references()["Wexler2023"].text,
        "level": f"{number(100 * ALPHA)} %",
        "holds": f"{number(100 * HOLDS)} %",
        "most": f"{number(100 * MOST)} %",
        "parameters": str(len(known)),
        "levers": str(sum(record.role == "lever" for record in known)),
        "assumed": str(sum(record.status == "assumption" for record in known)),
        "empirical": str(sum(record.status == "empirical" for record in known)),
        "scenarios": str(len(scenario_names())),
    }


def _scenarios(paper: Paper) -> list[Scenario]:
    """The scenarios behind the figures, each once."""
    every = [scenario for (_, smoke), e in paper.experiments.items() if not smoke for scenario in e.scenarios]
    return list({scenario.name: scenario for scenario in every}.values())


def _several(lists: Iterable[Iterable[str]]) -> list[str]:
    """Everything in some lists once, in order."""
    return list(dict.fromkeys(word for words in lists for word in words))


def _versions(stamp: Stamp) -> list[str]:
    """What computed and drew a figure, with versions."""
    return [f"{name} {version}" for name, version in stamp.versions.items()]


def _section(paper: Paper, figure: FigureTable, stamp: Stamp, out: Path) -> str:
    """Finding, picture and caption of a figure."""
    caption = (figures_in(out) / f"{figure.id}.md").read_text(encoding="utf-8").strip()
    which = f"Figure {paper.number(figure)}"
    picture = f"![{which}: {figure.title}]({figures_in(Path()) / figure.id}.png)"
    numbered = caption.replace("**", f"**{which}. ", 1)
    told = f"{finding(figure, stamp.facts)} ({which.lower()})"
    return f"### {figure.title}\n\n{told}\n\n{picture}\n\n{numbered}"


def _verdicts(paper: Paper, stamps: Mapping[str, Stamp], out: Path) -> str:
    """The table of the verdicts on the claims, from the CSV of their figure."""
    for figure in paper.figures:
        if figure.claims and figure.id in stamps:
            return markdown(read_table((figures_in(out) / f"{figure.id}.csv").read_bytes())).strip()
    return "The claims were not judged here."


def _state(stamps: Mapping[str, Stamp], missing: list[str], stale: list[str]) -> str:
    """What a reader must know before trusting the numbers."""
    told = []
    if any(stamp.smoke for stamp in stamps.values()):
        told.append("**These figures come from experiments at their small size: they show that it works, no more.**")
    if missing:
        told.append(f"Not drawn: {', '.join(missing)}.")
    if stale:
        told.append(f"**Something behind these figures has changed since they were drawn: {', '.join(stale)}.**")
    return "\n\n".join(told)


def as_page(title: str, text: str, out: Path) -> str:
    """The Markdown as one HTML file with the pictures in it."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.attrs["src"] = _inline(out / str(child.attrs["src"]))
    body = reader.renderer.render(tokens, reader.options, {})
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}</body></html>\n'


def _inline(picture: Path) -> str:
    """A picture as an address that holds it."""
    try:
        return "data:image/png;base64," + base64.b64encode(picture.read_bytes()).decode()
    except OSError as error:
        raise PaperError(f"{picture}: {error.strerror}; build the figure again") from None
