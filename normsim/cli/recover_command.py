"""`normsim recover`: whether the calibration finds parameters that are known, as tables and a page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli.batch_commands import progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.docs_pages import markdown_table
from normsim.cli.printing import heading, note, number, say, say_json, table

if TYPE_CHECKING:
    import pandas as pd

    from normsim.analysis.recovery import Recovery

COLUMNS = ("parameter", "records", "truth and mean", "inside 90 %", "sd / prior sd", "p")

INTRODUCTION = """# Parameter recovery

Does the calibration recover known parameters? To test it, the model simulates historical records from known values, and
the fit is applied to them. `normsim recover` makes the records and the fits. `--out` writes this page.

- *Truth and mean*: correlation between the true value and the posterior mean, over records.
- *Inside 90 %*: share of records whose 90 % interval contains the true value.
- *sd / prior sd*: posterior over prior standard deviation, mean over records. Near 1, such a record has no information
  about the parameter.
- *p*: test that the ranks of the true values among the posterior draws are uniform, as they are if the fit is correct
  (Kolmogorov-Smirnov, Bonferroni-corrected) [Talts 2018].
"""

JOINING = """## Joining

True values are drawn from the prior, which is uniform over the range of each parameter. For each draw, a record of 2008
to 2019 is simulated. It is fitted with the same likelihood and sampler as the real record in
[calibration.md](calibration.md) and [hindcast.md](hindcast.md). Covariates are those of the simulated run. In the fit
to the real record, the felt norm, threat and civil society are means over runs; this check does not measure the effect
of that approximation.
"""

REST = """## Parameters without a likelihood

The population of a calibration needs about 10,000 runs, too many to repeat for every record. This check therefore tests
the targets of the calibration, not its sampler. Points are drawn from its prior (joining from the posterior of the real
record, all other parameters over their whole range), with one run each. Some of the runs are taken as records. For each
record, the nearest 5 % of the other points are an approximate posterior, whose parameters are adjusted to the record by
local linear regression [Beaumont 2002]. Correlations are of normal scores. The table lists the parameters about which
such a record has information: their correlation is larger than chance would give the largest of all (p < 0.05).
"""


def recover_command(
    count: int, seed: int, steps: int, sample: int, workers: int | None, out: Path | None, json: bool
) -> None:
    """Simulate, fit and tell.

    Args:
        count: records.
        seed: seed of everything drawn.
        steps: steps of each walker of the chains.
        sample: points run for what has no likelihood.
        workers: processes.
        out: write the page of the docs here.
        json: print JSON and nothing else.
    """
    from normsim.analysis.recovery import recover, summarised, telling

    with compiling(), progress_display("", quiet=json) as show:
        done = recover(count, seed, steps, sample, workers, show)
    if out is not None:
        out.write_text(page(done), encoding="utf-8", newline="\n")
    if json:
        say_json(record(done))
        return
    say(heading("Joining"), _summary(done), "", table(COLUMNS, _rows(summarised(done.found)), right=COLUMNS[1:]))
    if not done.rest.empty:
        told = summarised(done.rest)
        say("", heading("Parameters without a likelihood"), _rest_summary(done), "")
        say(table(COLUMNS, _rows(told, telling(told)), right=COLUMNS[1:]))
    if out is not None:
        note(f"written: {out}")


def record(done: "Recovery") -> dict[str, Any]:
    """The tables and where they come from, for machines."""
    from normsim.analysis.recovery import summarised

    origin = {"version": __version__, "seed": done.seed, "steps": done.steps, "events": list(done.events)}
    rest = [] if done.rest.empty else summarised(done.rest).to_dict("records")
    return origin | {
        "parameters": summarised(done.found).to_dict("records"),
        "sample": done.sample,
        "rest": rest,
    }


def page(done: "Recovery") -> str:
    """The page of the docs as Markdown."""
    from normsim.analysis.recovery import summarised, telling

    lines = [INTRODUCTION, f"Made by normsim {__version__}, seed {done.seed}.", ""]
    lines += [JOINING, _summary(done), "", *markdown_table(COLUMNS, _rows(summarised(done.found)))]
    if not done.rest.empty:
        told = summarised(done.rest)
        lines += ["", REST, _rest_summary(done), "", *markdown_table(COLUMNS, _rows(told, telling(told)))]
    return "\n".join(lines) + "\n"


def _summary(done: "Recovery") -> str:
    """How many records, and whether the fit is right."""
    from normsim.analysis.recovery import summarised

    events = sorted(done.events)
    return (
        f"{len(done.events)} records of {events[0]} to {events[-1]} signatures and deposits, {done.steps} steps of "
        f"each chain. {_verdict(summarised(done.found))}"
    )


def _rest_summary(done: "Recovery") -> str:
    """The same for what has no likelihood."""
    from normsim.analysis.recovery import summarised

    return f"{done.rest['record'].nunique()} records, {done.sample:,} points run. {_verdict(summarised(done.rest))}"


def _verdict(found: "pd.DataFrame") -> str:
    """How many intervals hold the truth, and whose ranks are not uniform."""
    from normsim.analysis.recovery import ERROR

    off = [str(row["parameter"]) for row in found.to_dict("records") if row["p"] * len(found) < ERROR]
    ranks = (
        "No parameter's ranks differ significantly from uniform."
        if not off
        else f"Ranks are not uniform: {', '.join(off)}."
    )
    inside = f"{found['coverage'].mean():.0%} of the 90 % intervals contain the true value"
    return f"Over {len(found)} parameters {inside}. {ranks}"


def _rows(found: "pd.DataFrame", shown: "pd.DataFrame | None" = None) -> list[tuple[str, ...]]:
    """One row of text per parameter that is shown; p is corrected for all that were found."""
    return [
        (
            str(row["parameter"]),
            str(row["records"]),
            number(row["correlation"], 2),
            f"{row['coverage']:.0%}",
            number(row["narrowed"], 2),
            number(min(row["p"] * len(found), 1.0), 2),
        )
        for row in (found if shown is None else shown).to_dict("records")
    ]
