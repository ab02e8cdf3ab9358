"""`normsim hindcast --layers`: what each layer of influence adds to every score, as a table and a page."""

import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli.batch_commands import progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.docs_pages import markdown_table
from normsim.cli.printing import decimals, heading, note, number, say, say_json, table

if TYPE_CHECKING:
    from normsim.analysis.hindcast_results import Line, Origin
    from normsim.analysis.layer_contributions import Contributions
    from normsim.world import Treaty

INTRODUCTION = """# What each layer adds to the forecasts

{summary}

The [hindcast](hindcast.md) is repeated without each layer of influence, and without any influence of other states
(*influence*). For each origin (the date from which a hindcast starts), the joining rule is fitted again without the
layer. Runs share their seeds.

Each cell is the score of the whole model minus the score without the layer, with a 95 % interval. The interval is a
paired bootstrap over the cases of all origins (4,000 resamples: year-ends for parties, states for all other scores). A
star marks an interval that excludes zero. For the AUC, higher is better, so a positive difference favours the layer.
For all other scores, lower is better, so a negative difference favours it. The stars are not corrected for multiple
comparisons.

`normsim hindcast --layers` makes the runs. `--out` writes this page. [Calibration](calibration.md) shows what the
layers add to the likelihood of joining.
"""


def layers_command(
    scenario: str,
    chosen: "tuple[Origin, ...]",
    treaty: "Treaty",
    seeds: int,
    workers: int | None,
    out: Path | None,
    json: bool,
) -> None:
    """Run, compare and show.

    Args:
        scenario: a scenario's name or file: only its values count.
        chosen: the origins.
        treaty: the treaty.
        seeds: runs of each origin.
        workers: processes.
        out: write the page of the docs here.
        json: print JSON and nothing else.
    """
    from normsim.analysis.layer_contributions import layer_contributions

    with compiling(), progress_display("", quiet=json) as show:
        done = layer_contributions(scenario, chosen, seeds, workers, show, treaty=treaty)
    if out is not None:
        out.write_text(page(done), encoding="utf-8", newline="\n")
    if json:
        say_json(record(done))
        return
    columns, rows = _columns(done), list(_rows(done))
    say(heading(f"What each layer adds, {done.seeds} runs of each origin"), table(columns, rows, right=columns[2:]))
    say(summary(done))
    if out is not None:
        note(f"written: {out}")


def record(done: "Contributions") -> dict[str, Any]:
    """The comparisons as plain values."""
    lines = {
        name: [{"part": line.part, **asdict(line.comparison)} for line in lines] for name, lines in done.lines.items()
    }
    return {"seeds": done.seeds, "origins": [str(each) for each in done.origins], "without": lines}


def page(done: "Contributions") -> str:
    """The page of the docs as Markdown."""
    made = f"Made by normsim {__version__}, {done.seeds} runs of each origin: {'; '.join(map(str, done.origins))}."
    table_lines = markdown_table(_columns(done), _rows(done))
    return "\n".join([INTRODUCTION.format(summary=summary(done)), made, "", *table_lines]) + "\n"


def summary(done: "Contributions") -> str:
    """In how many scores each layer helps or hurts."""
    told = []
    for name, lines in done.lines.items():
        verdicts = [line.comparison.verdict for line in lines]
        helps, hurts = verdicts.count("model wins"), verdicts.count("baseline wins")
        if helps or hurts:
            told.append(f"{name} improves {helps} and worsens {hurts}")
    scores = len(next(iter(done.lines.values())))
    silent = [name for name in done.lines if not any(each.startswith(f"{name} ") for each in told)]
    parts = [f"Of {scores} scores, {'; '.join(told)}." if told else ""]
    if silent:
        parts.append(f"No score differs detectably without: {', '.join(silent)}.")
    return " ".join(part for part in parts if part)


def _columns(done: "Contributions") -> tuple[str, ...]:
    return ("forecast", "score", "whole", *(f"without {name}" for name in done.lines))


def _rows(done: "Contributions") -> Iterator[tuple[str, ...]]:
    """One row per score."""
    for lines in zip(*done.lines.values(), strict=True):
        found = lines[0].comparison
        places = min(decimals([found.model]), 3)
        yield (lines[0].part, found.score, number(found.model, places), *(_cell(line, places) for line in lines))


def _cell(line: "Line", places: int) -> str:
    """A difference with its interval, a star where it leaves zero out."""
    found = line.comparison
    if not math.isfinite(found.low):
        return number(found.difference, places, sign=True)
    star = "" if found.verdict == "not distinguishable" else "*"
    low, high = number(found.low, places), number(found.high, places)
    return f"{number(found.difference, places, sign=True)} ({low} to {high}){star}"
