"""Screening: what each uncertain parameter moves most, on the screen, as CSV and as a page of the docs."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli import output_files as outputs
from normsim.cli.printing import heading, number, say, say_json, table

if TYPE_CHECKING:
    import pandas as pd

    from normsim.experiment import Results

COLUMNS = ("factor", "change (sd)", "95 % interval", "direction", "outcome", "scenario", "verdict")

INTRODUCTION = """# Screening

This page shows, for each uncertain parameter, the outcome that it changes most. All parameters vary at the same time,
each over its whole range. `normsim batch run screening` makes the runs. `normsim sensitivity` on their folder, with
`--out`, writes this page.

The ranks of each outcome are regressed on all parameters, with a quadratic curve in each. The *change* is the range of
that curve, in standard deviations of the outcome over all runs, random variation included. Verdicts:

- *felt*: significant, and {felt:g} standard deviations or more
- *weak*: significant, but less
- *not seen*: not significant in any outcome and scenario (level {level:.0%} per parameter, Bonferroni-corrected)

The table shows the largest of many changes, so changes near the significance limit are overestimated. A *bent*
direction means that the outcome first rises and then falls, or the reverse.
"""


def screening_command(
    results: "Results", outcomes: Sequence[str] | None, out: Path | None, json: bool, about: dict[str, Any]
) -> None:
    """Print the screening of a latin hypercube, strongest first, and write it.

    Args:
        results: results of an experiment of one latin hypercube.
        outcomes: outcomes to look at; all that were kept if not given.
        out: a folder for screening.csv, screening.md and summary.json.
        json: print JSON and nothing else.
        about: what the results are of, as every summary says it.
    """
    from normsim.analysis.screening import screening_table

    shown = list(outcomes or results.experiment.outcomes)
    record = {"command": "screening", "experiment": results.fingerprint, "outcomes": shown}
    if out is not None:
        outputs.refuse_foreign(out, record)
    found = screening_table(results, shown)
    summary = about | {"screening": found.to_dict("records")}
    made = (
        f"{results.done:,} runs of {results.experiment.title!r}, seed {results.experiment.seed}, {len(shown)} outcomes"
    )
    counts = found["verdict"].value_counts()
    told = f"{len(found)} parameters: " + ", ".join(
        f"{counts.get(verdict, 0)} {verdict}" for verdict in ("felt", "weak", "not seen")
    )
    if out is not None:
        page = partial(_write_page, found, made, told)
        csv = partial(found.to_csv, index=False, lineterminator="\n")
        files: list[outputs.File] = [("screening.csv", csv), ("screening.md", page)]
        files.append((outputs.MARK, partial(outputs.write_summary, summary | {"command": record})))
        outputs.write(out, files)
    if json:
        say_json(summary)
        return
    say(heading("Screening"), made, "", table(COLUMNS, _rows(found), right=COLUMNS[1:3]), told)


def _rows(found: "pd.DataFrame") -> list[tuple[str, ...]]:
    """One row of text per factor."""
    return [
        (
            str(row["factor"]),
            number(row["change"], 2),
            f"{number(row['low'], 2)} to {number(row['high'], 2)}",
            *(str(row[name]) for name in ("direction", "outcome", "scenario", "verdict")),
        )
        for row in found.to_dict("records")
    ]


def _write_page(found: "pd.DataFrame", made: str, told: str, path: Path) -> None:
    """Write the page as Markdown."""
    from normsim.analysis.screening import FELT, LEVEL

    lines = [INTRODUCTION.format(felt=FELT, level=LEVEL), f"Made by normsim {__version__}: {made}.", "", f"{told}.", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "| --- | ---: | --- | --- | --- | --- | --- |"]
    lines += [f"| `{row[0]}` | " + " | ".join(row[1:]) + " |" for row in _rows(found)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
