"""`normsim paper`: build the figures of the paper, check whether they are fresh, and write the report."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from normsim.cli.batch_commands import SOME_FAILED, How, progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import heading, note, say, table
from normsim.cli.stop_signals import INTERRUPTED, stop_signals

if TYPE_CHECKING:
    from normsim.paper.figure_builder import Checked
    from normsim.paper.paper_plan import FigureTable

MOST = 6
"""Changes of one kind that are listed before the rest is counted."""


def build_command(
    file: Path | None, out: Path | None, smoke: bool, only: list[str], workers: int | None, claims: Path | None
) -> None:
    """Run what is missing and draw what is missing or stale."""
    from normsim.engine.simulate import simulate
    from normsim.paper.figure_builder import build, chosen
    from normsim.paper.figure_sources import Runner
    from normsim.paper.paper_plan import load_paper

    paper, folder = load_paper(file), _folder(out, smoke)
    workers = How(workers=workers).options()["workers"]
    wanted = chosen(paper, only)

    def announce(figure: "FigureTable") -> None:
        note(f"figure {wanted.index(figure) + 1} of {len(wanted)}: {figure.id}")

    with compiling():  # once, here: workers then find it on disk
        from normsim.scenario import load_scenario

        simulate(load_scenario("baseline").with_months(1))
    with stop_signals() as stopped:
        runner = Runner(workers, stopped, lambda headline: progress_display(headline, quiet=False), claims)
        built = build(paper, folder, smoke=smoke, only=only, runner=runner, on_figure=announce)
    rows = [(each.figure, _WORDS[each.state]) for each in built]
    say(heading(f"{paper.title}, in {folder}"), table(("figure", ""), rows))
    told = [f"{each.figure}: {each.told}" for each in built if each.told]
    if told:
        say("", *told)
    again = f"normsim paper build{_words(file, out, smoke, only)}"
    if built[-1].state == "interrupted":
        say("", f"Next: {again} continues where it stopped")
        raise typer.Exit(stopped.code or INTERRUPTED)
    if any(each.state == "failed" for each in built):
        say("", f"Next: fix the errors above, then {again}")
        raise typer.Exit(SOME_FAILED)
    say("", f"Next: normsim paper report{_words(file, out, smoke, ())}")


_WORDS = {"drawn": "drawn", "fresh": "fresh, left as it is", "failed": "not drawn", "interrupted": "stopped"}


def check_command(file: Path | None, out: Path | None, smoke: bool, only: list[str]) -> None:
    """Say which figures are missing or stale, and why."""
    from normsim.paper.figure_builder import check
    from normsim.paper.paper_plan import load_paper

    paper, folder = load_paper(file), _folder(out, smoke)
    found = check(paper, folder, only)
    stale = [each for each in found if each.changes]
    small = [each.figure for each in found if each.smoke]
    if small and not smoke:
        note(f"drawn at smoke size: {', '.join(small)}")
    if not stale:
        say(f"{len(found)} figures in {folder} are fresh: nothing changed since they were drawn")
        return
    rows = [row for each in stale for row in _changes(each)]
    say(heading(f"{len(stale)} of {len(found)} figures in {folder} are missing or stale"))
    say(table(("figure", "changed", "what"), rows, whole=("figure", "changed")))
    names = () if len(stale) == len(paper.figures) else [each.figure for each in stale]
    say("", f"Next: normsim paper build{_words(file, out, smoke, names)}")
    raise typer.Exit(1)


def _changes(checked: "Checked") -> list[tuple[str, str, str]]:
    """A row a kind of change."""
    kinds: dict[str, list[str]] = {}
    for change in checked.changes:
        kinds.setdefault(change.kind, []).append(change.what)
    rows = []
    for place, (kind, several) in enumerate(kinds.items()):
        more = f" and {len(several) - MOST} more" if len(several) > MOST else ""
        rows.append((checked.figure if place == 0 else "", kind, ", ".join(several[:MOST]) + more))
    return rows


def report_command(file: Path | None, out: Path | None, smoke: bool, pdf: bool) -> None:
    """Write the report from the figures that are there."""
    from normsim.paper.paper_plan import load_paper
    from normsim.paper.paper_report import write_report

    paper, folder = load_paper(file), _folder(out, smoke)
    written = write_report(paper, folder, _words(file, out, smoke, ()), pdf)
    for name in written.missing:
        note(f"figure {name} is not there: normsim paper build{_words(file, out, smoke, [name])}")
    for name in written.stale:
        note(f"figure {name} is stale: normsim paper check{_words(file, out, smoke, [name])}")
    say(*(str(path) for path in written.paths))


def _folder(out: Path | None, smoke: bool) -> Path:
    folder = out or Path("results") / ("paper_smoke" if smoke else "paper")
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder} is a file; name a folder with --out")
    return folder


def _words(file: Path | None, out: Path | None, smoke: bool, only: Iterable[str]) -> str:
    """The options of a command that goes on with the same."""
    words = [str(file)] if file else []
    words += [f"--out {out}"] if out else []
    words += ["--smoke"] if smoke else []
    return "".join(f" {word}" for word in [*words, *(f"--only {name}" for name in only)])
