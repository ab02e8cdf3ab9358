"""`normsim claims`: run what the claims need, judge them, and print the table."""

from dataclasses import replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from normsim.cli.batch_commands import SOME_FAILED, How, progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import console, heading, note, say, say_json, table
from normsim.cli.results_summary import records
from normsim.cli.stop_signals import stop_signals

if TYPE_CHECKING:
    import pandas as pd

    from normsim.claims import Ledger

FEW = 8
"""Claims up to which their sentences are printed too."""


def list_command(ids: list[str], which: str, smoke: bool, json: bool) -> None:
    """List the claims of a ledger, or some of them."""
    from normsim.claims import load_ledger
    from normsim.claims.trials import runs_needed

    ledger = load_ledger(which, smoke)
    chosen = ledger.chosen(ids)
    if json:
        say_json([vars(claim) | {"null": dict(claim.null), "unit": claim.unit} for claim in chosen])
        return
    rows = [(claim.id, claim.sentence) for claim in chosen]
    say(heading(ledger.title), ledger.question, "", table(("claim", "sentence"), rows, whole=("claim",)))
    count = f"{len(rows)} claim{'s' if len(rows) > 1 else ''}"
    say("", f"{count}, {runs_needed(ledger, ids):,} runs in all. Next: normsim claims --smoke")


def claims_command(
    ids: list[str],
    which: str,
    out: Path | None,
    smoke: bool,
    sizes: dict[str, int | None],
    workers: int | None,
    files: dict[str, Path | None],
    posterior: bool,
    json: bool,
) -> None:
    """Run what is missing, judge, and print or write.

    Args:
        ids: claims wanted, all if none.
        which: the ledger.
        out: folder of the results.
        smoke: small sizes.
        sizes: sizes to take in place of the ledger's own, by its attributes; None leaves one as it is.
        workers: processes.
        files: what to write by its kind: markdown, latex, figure.
        posterior: judge them over the posterior too.
        json: print JSON and nothing else.

    Raises:
        BadInputError: a file is there already, or an option cannot be taken.
    """
    from normsim.claims import load_ledger, run_claims, verdicts
    from normsim.claims.verdict_table import with_posterior
    from normsim.experiment import Experiment
    from normsim.experiment.worker import chunk_of, job_of, run_chunk

    given: dict[str, Any] = {name: size for name, size in sizes.items() if size is not None}
    ledger = replace(load_ledger(which, smoke), **given)
    ledger.chosen(ids)
    _check(files)
    options = How(workers=workers).options()
    folder = out or Path("results") / (ledger.name + ("_smoke" if smoke else ""))
    with compiling():  # once, here: workers then find it on disk
        first = Experiment.build([next(iter(ledger.arms.values()))], months=1)
        run_chunk(chunk_of(first, [job_of(first, 0, 0)]))
    # the small size is over before workers have started
    count = 0 if smoke and workers is None else options["workers"]
    ledgers = [ledger, *([replace(ledger, space="posterior")] if posterior else [])]
    with stop_signals() as stopped, progress_display("", quiet=json) as show:
        complete = True
        for each in ledgers:
            complete = complete and run_claims(each, folder, ids, count, show, stopped)
    if stopped():
        if not json:
            say(f"Interrupted; finished runs are in {folder}. Next: repeat the command to continue.")
        raise typer.Exit(stopped.code)
    if not json:
        note("judging")
    found = with_posterior(*(verdicts(each, folder, ids) for each in ledgers))
    _write(ledger, found, files, smoke, json)
    if json:
        say_json({"ledger": ledger.title, "smoke": smoke, "directory": str(folder), "claims": records(found)})
    else:
        _tell(ledger, found, folder, smoke)
    raise typer.Exit(0 if complete else SOME_FAILED)


def _check(files: dict[str, Path | None]) -> None:
    """Refuse what could not be written, before anything runs."""
    for kind, path in files.items():
        if path is None:
            continue
        if path.exists():
            raise BadInputError(f"--{kind} {path} exists; name another file, or delete it first")
        if kind == "figure" and path.suffix not in (".png", ".pdf", ".svg"):
            raise BadInputError(f"--figure {path}: allowed are names that end in .png, .pdf or .svg")


def _title(ledger: "Ledger", smoke: bool) -> str:
    """The title of a table of verdicts, which says if it is of the small size."""
    return ledger.title + (" (smoke size: too small to judge by)" if smoke else "")


def _write(ledger: "Ledger", found: "pd.DataFrame", files: dict[str, Path | None], smoke: bool, json: bool) -> None:
    """Write the table and the figure where asked."""
    from normsim.claims.verdict_table import latex, markdown, summary

    for kind, path in files.items():
        if path is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".part.{path.name}")
        if kind == "figure":
            from normsim.figures.forest_plot import forest_figure
            from normsim.figures.style import save

            save(forest_figure(found), half)
        elif kind == "markdown":
            told = f"# {_title(ledger, smoke)}\n\n{ledger.question}\n\n{summary(found, ledger.seed)}\n\n"
            half.write_text(told + markdown(found), encoding="utf-8", newline="\n")
        else:
            half.write_text(latex(found), encoding="utf-8", newline="\n")
        half.replace(path)
        (note if json else say)(f"wrote {path}")


def _tell(ledger: "Ledger", found: "pd.DataFrame", folder: Path, smoke: bool) -> None:
    """Print the verdicts."""
    from normsim.claims.verdict_table import (
        BESIDE,
        BESIDE_COLUMNS,
        COLUMNS,
        MEANING,
        aim,
        beside_cells,
        cells,
        remark,
        summary,
    )

    rows = found.to_dict("records")
    say(heading(_title(ledger, smoke)), ledger.question, "")
    say(table(COLUMNS, [cells(row) for row in rows], right=COLUMNS[1:5], whole=COLUMNS))
    if len(rows) <= FEW:
        say(
            "", table(("claim", "what it says, and what counts as large"), [(str(row["id"]), aim(row)) for row in rows])
        )
    told = [(str(row["id"]), remark(row)) for row in rows if remark(row)]
    if told:
        say("", table(("claim", "condition, or why no more is said"), told, whole=("claim",)))
    swept = [(str(row["id"]), str(row["break_even"])) for row in rows if row["break_even"]]
    if f"posterior_{BESIDE[0]}" in found:
        shown = [beside_cells(row) for row in rows]
        say("", f"Over {int(found['posterior_points'].max())} points of the posterior:")
        say(table(BESIDE_COLUMNS, shown, right=BESIDE_COLUMNS[1:3], whole=BESIDE_COLUMNS))
    if swept:
        say("", table(("claim", "break-even: where the effect changes its sign"), swept, whole=("claim",)))
    say("", summary(found, ledger.seed))
    say(fill(MEANING, console().width), f"Rule and error rates: docs/claims.md. Runs: {folder}")
