"""`normsim recover`: whether the fit of the joining rule finds parameters that are known, as a table and a page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli.batch_commands import progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.docs_pages import markdown_table
from normsim.cli.printing import heading, note, number, say, say_json, table

if TYPE_CHECKING:
    from normsim.analysis.recovery import Recovery

COLUMNS = ("parameter", "records", "truth and mean", "inside 90 %", "sd / prior sd", "p")

INTRODUCTION = """# Parameter recovery

Does the fit of the joining rule find the parameters of records that the model made itself? `normsim recover` makes
records and fits; with `--out` it writes this page.

- Truths are drawn from the prior, which is uniform over the range of each parameter. At each a record of 2008 to 2019
  is simulated and fitted as the real one is in [calibration.md](calibration.md) and [hindcast.md](hindcast.md), with
  the same likelihood and sampler [Talts 2018].
- *Truth and mean*: correlation over records of the truth and the mean of its posterior. *Inside 90 %*: share of
  records whose interval holds the truth. *sd / prior sd*: mean over records; near 1 means that such a record says
  nothing. *p*: of the hypothesis that ranks of the truths among the draws are uniform, as they are if the fit is right
  (Kolmogorov and Smirnov, times the number of parameters).
- Covariates are those of each simulated run. In the fit to the real record the felt norm, threat and civil society are
  means over runs, and this check says nothing of what that costs. Nor is the rest of the calibration checked, whose
  population of 10,000 runs would have to be drawn anew for every record.
"""


def recover_command(count: int, seed: int, steps: int, workers: int | None, out: Path | None, json: bool) -> None:
    """Simulate, fit and tell.

    Args:
        count: records.
        seed: seed of everything drawn.
        steps: steps of each walker of the chains.
        workers: processes.
        out: write the page of the docs here.
        json: print JSON and nothing else.
    """
    from normsim.analysis.recovery import recover

    with compiling(), progress_display("", quiet=json) as show:
        done = recover(count, seed, steps, workers, show)
    if out is not None:
        out.write_text(page(done), encoding="utf-8", newline="\n")
    if json:
        say_json(record(done))
        return
    say(heading("Parameter recovery"), _summary(done), "", table(COLUMNS, _rows(done), right=COLUMNS[1:]))
    if out is not None:
        note(f"written: {out}")


def record(done: "Recovery") -> dict[str, Any]:
    """The table and where it comes from, for machines."""
    origin = {"version": __version__, "seed": done.seed, "steps": done.steps, "events": list(done.events)}
    return origin | {"parameters": done.table().to_dict("records")}


def page(done: "Recovery") -> str:
    """The page of the docs as Markdown."""
    return "\n".join([INTRODUCTION, _summary(done), "", *markdown_table(COLUMNS, _rows(done))]) + "\n"


def _summary(done: "Recovery") -> str:
    """How many records, and whether the fit is right."""
    found = done.table()
    off = [str(row["parameter"]) for row in found.to_dict("records") if row["p"] * len(found) < 0.05]
    events = sorted(done.events)
    verdict = "No parameter's ranks speak against the fit." if not off else f"Ranks are not uniform: {', '.join(off)}."
    return (
        f"{len(done.events)} records of {events[0]} to {events[-1]} signatures and deposits, {done.steps} steps of "
        f"each chain, seed {done.seed}, normsim {__version__}. Over all parameters {found['coverage'].mean():.0%} of "
        f"the 90 % intervals hold the truth. {verdict}"
    )


def _rows(done: "Recovery") -> list[tuple[str, ...]]:
    """One row of text per parameter."""
    found = done.table()
    return [
        (
            str(row["parameter"]),
            str(row["records"]),
            number(row["correlation"], 2),
            f"{row['coverage']:.0%}",
            number(row["narrowed"], 2),
            number(min(row["p"] * len(found), 1.0), 2),
        )
        for row in found.to_dict("records")
    ]
