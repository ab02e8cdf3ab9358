"""The report: a short paper in Markdown, as one HTML file and as PDF, its numbers filled in from the results."""

from __future__ import annotations

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
from normsim.paper.report_pages import as_html, as_pdf, check_pdf
from normsim.parameters import records
from normsim.references import cite, references
from normsim.scenario import Scenario, load_scenario, scenario_names
from normsim.world import convention, world_as_of

TEMPLATE = Path(__file__).parent / "report.template.md"


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


def write_report(paper: Paper, out: Path, options: str = "", pdf: bool = False) -> Written:
    """Write report.md and report.html beside the figures.

    Args:
        paper: the plan.
        out: the folder of the paper.
        options: words after `normsim paper build` that make the same figures again.
        pdf: also write report.pdf, which needs fpdf2.

    Raises:
        PaperError: there is no figure, a text asks for a fact that the results do not give, or fpdf2 is not installed.
    """
    if pdf:
        check_pdf()
    stamps = {figure.id: stamp for figure in paper.figures if (stamp := stamp_of(out, figure)) is not None}
    if not stamps:
        raise PaperError(f"{out} holds no figures; draw them first with: normsim paper build --out {out}")
    missing = [figure.id for figure in paper.figures if figure.id not in stamps]
    stale = [each.figure for each in check(paper, out, stamps) if each.changes]
    text = report_text(paper, out, stamps, missing, stale, options)
    files = {"report.md": text.encode(), "report.html": as_html(paper.title, text, out).encode()}
    if pdf:
        files["report.pdf"] = as_pdf(paper.title, text, out)
    for name, content in files.items():
        write_whole(out / name, content)
    return Written([out / name for name in files], missing, stale)


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
