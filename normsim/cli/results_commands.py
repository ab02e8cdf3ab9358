"""What can be asked of an experiment's results: effects, sensitivity, a query, an export."""

import math
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from normsim._version import __version__
from normsim.cli import output_files as outputs
from normsim.cli.batch_commands import size_in_words
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import DASH, console, decimals, heading, note, number, say, say_json, scale, table
from normsim.cli.run_tables import named
from normsim.cli.screening_command import screening_command
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from normsim.analysis.inert_factors import InertFactor
    from normsim.experiment import Results
    from normsim.figures.user_figures import UserFigure

TELLING = ("robustness", "scope", "validity", "parties", "users", "transfers", "stock", "casualties")
"""Outcomes that are shown when none is named."""

MOST_ROWS = 60
"""Most rows of a table on the screen."""

MOST_FACTORS = 3
"""Factors that a table of effects has room for; with more of them it names the point."""

SHORT = {"not distinguishable from zero": "unclear"}
"""Verdicts that are too long for a table."""

MOST_DECIMALS = 6

ASK_ABOVE = 1e9
"""Bytes of CSV above which is asked."""

GAP = 3
"""Space between columns."""

LEADING = 10
"""Factors that a table of sensitivity shows."""


def compare_command(
    directory: Path,
    baseline: str,
    outcomes: Sequence[str] | None = None,
    interval: Literal["t", "bootstrap"] = "t",
    half_width: float | None = None,
    pooled: bool = False,
    csv: Path | None = None,
    figures: Path | None = None,
    out: Path | None = None,
    json: bool = False,
) -> None:
    """Print the paired effects of every point: the point minus the baseline.

    Args:
        directory: a directory of results.
        baseline: a scenario, or a factor's level such as `norm.recurrence=0`.
        outcomes: outcomes to compare; the telling ones on the screen and all in files if not given.
        interval: `t` or `bootstrap`.
        half_width: half-width wanted, to say how many replications it takes.
        pooled: take all points of a scenario together.
        csv: write the effects to this file.
        figures: a Python file with the user's figures of `results` or `effects`.
        out: folder of these figures.
        json: print JSON and nothing else.
    """
    from normsim.analysis.effects import METHODS, paired_effects
    from normsim.analysis.inert_factors import inert_factors
    from normsim.experiment import open_results

    _refuse_taken(csv)
    if out is not None and figures is None:
        raise BadInputError("--out is the folder of your own figures: name their file with --figures")
    own = _own_figures(figures)
    results = open_results(directory)
    folder = out if out is not None else directory.with_name(f"{directory.resolve().name}_figures")
    record = {"command": "compare", "experiment": results.fingerprint, "baseline": baseline}
    if own:
        outputs.refuse_foreign(folder, record)
    wanted = outcomes or None
    if wanted is None and csv is None and not json:
        wanted = _telling(results)
    effects = paired_effects(results, baseline, wanted, interval, half_width=half_width, pooled=pooled)
    inert = inert_factors(results)
    if csv is not None:
        _write_csv(effects, csv)
    drawn = _draw_own(own, folder, results, effects, _about(results) | {"command": record}) if own else None
    if json:
        how = f"minus the baseline ({baseline}), paired by seed; 95 % interval ({METHODS[interval]})"
        say_json(
            _about(results)
            | {"baseline": baseline, "difference": how, **_told_inert(inert), "effects": records(effects)}
        )
        _note_remarks(results)
        _wrote(drawn, json)
        return
    shown = outcomes or _telling(results)
    _head(results, f"against {baseline}")
    for outcome in shown:
        _tell_effects(outcome, effects[effects["outcome"] == outcome], half_width is not None)
    how = str(effects["interval"].iloc[0])
    say(
        f"Difference: mean minus baseline ({baseline}), run by run on the same seed (common random numbers);",
        f"95 % interval of its mean ({how}); MC error: its standard error; pairs: of those planned.",
        "Unclear: not distinguishable from zero. One in twenty such intervals misses by chance alone.",
    )
    if half_width is not None:
        say(f"Needed: replications in all for an interval of {half_width:g} to either side, at the spread seen so far.")
    say(*(factor.text for factor in inert))
    _more_outcomes(results, shown)
    _wrote(csv, json)
    _wrote(drawn, json)


def _told_inert(inert: "list[InertFactor]") -> dict[str, Any]:
    """The factors that acted in no pair of runs, as JSON has them."""
    return {"inert_factors": [factor._asdict() for factor in inert]}


def _own_figures(path: Path | None) -> "list[UserFigure]":
    """The user's figures of an experiment's results."""
    if path is None:
        return []
    from normsim.figures.user_figures import user_figures

    return user_figures(path, ("results", "effects"))


def _draw_own(
    own: "list[UserFigure]", folder: Path, results: "Results", effects: "pd.DataFrame", summary: dict[str, Any]
) -> Path:
    """Draw and write the user's figures; returns their folder."""
    from normsim.figures.user_figures import figure_files

    files = figure_files(own, {"results": results, "effects": effects})
    outputs.write(folder, [*files, (outputs.MARK, partial(outputs.write_summary, summary))])
    return folder


def _tell_effects(outcome: str, part: "pd.DataFrame", needed: bool) -> None:
    """Print the effects on one outcome."""
    names = [str(name) for name in part.columns[: list(part.columns).index("outcome")]]
    factors = [name for name in names if name not in ("point", "scenario")]
    keys = ["scenario", *(factors if len(factors) <= MOST_FACTORS else ["point"])]
    by, large = scale(part[["baseline_mean", "mean"]].to_numpy(float).ravel())
    places = _places(part, by)
    lines: list[dict[str, str]] = []
    for row in part.head(MOST_ROWS).to_dict("records"):
        first, second, error = (number(row[name] / by, places) for name in ("baseline_mean", "mean", "mc_error"))
        difference, low, high = (number(row[name] / by, places, sign=True) for name in ("difference", "low", "high"))
        line = {short: _word(row[key]) for key, short in zip(keys, _short(keys), strict=True)}
        line |= {"baseline": first, "mean": second, "difference": difference}
        line |= {"95 % interval": DASH if low == DASH else f"{low} to {high}", "MC error": error}
        line["pairs"] = f"{row['n']:,} of {row['of']:,}"
        if needed:
            needs = _word(row["needed"])
            line["needed"] = "out of reach" if needs == DASH and row["n"] > 1 else needs
        same = row["low"] == row["high"] == 0.0
        lines.append({**line, "verdict": "same" if same else SHORT.get(row["verdict"], row["verdict"])})
    # what is the same in every row is said once, so that the rest has room
    once = [name for name in ("baseline", "pairs") if len({line[name] for line in lines}) == 1]
    columns = [name for name in lines[0] if name not in once]
    right = [name for name in columns if name not in ("scenario", "verdict")]
    told = "; ".join([_meaning(outcome, large), *(f"{name} {lines[0][name]}" for name in once)])
    rows = [tuple(line[name] for name in columns) for line in lines]
    say(heading(outcome), f"  {told}", table(columns, rows, right=right, whole=columns))
    if len(part) > MOST_ROWS:
        say(
            f"... {len(part) - MOST_ROWS:,} more points: take them together with --pooled, or write all with --csv FILE"
        )
    say("")


def _short(names: Sequence[str]) -> list[str]:
    """Names of factors without their groups, where that leaves them apart."""
    keys = [name.rpartition(".")[2] for name in names]
    return keys if len(set(keys)) == len(keys) else list(names)


def _places(part: "pd.DataFrame", by: float) -> int:
    """Decimals that give the errors of one outcome two digits, for more would be noise and fewer would hide them."""
    errors = part.loc[part["mc_error"] > 0.0, "mc_error"]
    if errors.empty:
        return decimals(part[["baseline_mean", "mean"]].to_numpy(float).ravel() / by)
    return min(max(1 - math.floor(math.log10(float(errors.median()) / by)), 0), MOST_DECIMALS)


def sensitivity_command(
    directory: Path, outcomes: Sequence[str] | None = None, out: Path | None = None, json: bool = False
) -> None:
    """Print Morris or Sobol indices, or the screening of a latin hypercube, and write them with figures.

    Args:
        directory: a directory of results.
        outcomes: outcomes to analyse; the headline outcome of the experiment if not given.
        out: a folder for indices.csv, summary.json and one figure per scenario and outcome.
        json: print JSON and nothing else.
    """
    from normsim.analysis.inert_factors import inert_factors
    from normsim.analysis.sensitivity import sensitivity_indices
    from normsim.experiment import open_results

    results = open_results(directory)
    if [block.method for block in results.experiment.blocks] == ["latin_hypercube"]:
        screening_command(results, outcomes, out, json, _about(results))
        return
    shown = list(outcomes or [results.experiment.headline])
    record = {"command": "sensitivity", "experiment": results.fingerprint, "outcomes": shown}
    if out is not None:
        outputs.refuse_foreign(out, record)
    indices = sensitivity_indices(results, shown)
    inert = inert_factors(results)
    summary = _about(results) | _told_inert(inert) | {"indices": records(indices)}
    if out is not None:
        files = _figures(results, indices)
        files.append(("indices.csv", partial(_save_csv, indices)))
        files.append((outputs.MARK, partial(outputs.write_summary, summary | {"command": record})))
        outputs.write(out, files)
    if json:
        say_json(summary)
        _note_remarks(results)
    else:
        _head(results, "sensitivity")
        for (scenario, outcome), own in indices.groupby(["scenario", "outcome"], sort=False):
            _tell_indices(str(scenario), str(outcome), own)
        say(*(factor.text for factor in inert))
        _more_outcomes(results, shown)
    if out is not None:
        _wrote(out, json)
    elif not json:
        say("", "Figures and all factors: add --out FOLDER")


def _tell_indices(scenario: str, outcome: str, own: "pd.DataFrame") -> None:
    """Print the leading factors of one outcome in one scenario."""
    morris = "mu_star" in set(own["index"])
    main, other = ("mu_star", "sigma") if morris else ("ST", "S1")
    wide = own.pivot(index="factor", columns="index", values=["value", "low", "high"])
    wide = wide.sort_values(("value", main), ascending=False, kind="stable")
    by, large = scale(wide["value", main]) if morris else (1.0, "")
    places = max(decimals(wide["value"].to_numpy(float).ravel() / by), 2 if morris else 3)
    rows = []
    for factor, row in wide.head(LEADING).iterrows():
        value, low, high, second = (
            float(row[key]) / by for key in (("value", main), ("low", main), ("high", main), ("value", other))
        )
        cells = [number(each, places) for each in (value, low, high, second)]
        ends = DASH if cells[1] == DASH else f"{cells[1]} to {cells[2]}"
        more = [] if morris else [_ends(row, other)]
        rows.append((str(factor), cells[0], ends, cells[3], *more))
    columns = ("factor", main, f"95 % of {main}", other, *(() if morris else (f"95 % of {other}",)))
    say(heading(f"{outcome} in {scenario}"), f"  {_meaning(outcome, large)}")
    say(table(columns, rows, right=columns[1:], whole=columns))
    first = own.iloc[0]
    told = f"{len(wide)} factors, {len(rows)} shown; {first['n']:,} of {first['of']:,} replications at every point"
    if first["noise"] == first["noise"]:
        told += f"; {first['noise']:.0%} of the variance between single runs is luck, not factors"
    say(told)
    if not wide["value", main].any():
        say("the outcome is the same at every point: none of these factors moves it")
    if morris:
        say("mu_star: mean size of the change over the factor's range; sigma: how far it differs from place to place.")
    else:
        say("ST: share of the variance between points with all interactions; S1: of the factor alone.")
    say("")


def _ends(row: Any, index: str) -> str:
    """Both ends of an interval of a share."""
    low, high = (number(float(row[part, index]), 3) for part in ("low", "high"))
    return DASH if low == DASH else f"{low} to {high}"


def _figures(results: "Results", indices: "pd.DataFrame") -> list[outputs.File]:
    """One figure per scenario and outcome."""
    from normsim.figures.sensitivity_plot import draw
    from normsim.figures.style import save

    files: list[outputs.File] = []
    sizes = results.points.groupby("scenario").size()
    for scenario, outcome in indices[["scenario", "outcome"]].drop_duplicates().itertuples(index=False):
        figure = draw(indices, scenario, outcome, points=int(sizes[scenario]), seed=results.experiment.seed)
        name = re.sub(r"[^\w-]+", "_", f"{outcome}_{scenario}")
        files += [(f"{name}.{kind}", partial(save, figure)) for kind in ("png", "pdf")]
    return files


def query_command(
    directory: Path,
    sql: str,
    json: bool = False,
    csv: Path | None = None,
    timeout: float = 300.0,
    memory: float = 4.0,
) -> None:
    """Print the answer to a query in SQL.

    Args:
        directory: a directory of results.
        sql: the query; its tables are outcomes, points, and series, events and states where they were kept.
        json: print JSON and nothing else.
        csv: write the answer to this file.
        timeout: how long the query may take [s].
        memory: how much memory it may use [GB].

    Raises:
        BadInputError: a limit is not above 0.
    """
    from normsim.experiment import open_results

    for name, limit in (("timeout", timeout), ("memory", memory)):
        if not 0.0 < limit < math.inf:
            raise BadInputError(f"--{name} {limit:g}: allowed is a number above 0")
    _refuse_taken(csv)
    results = open_results(directory)
    answer = results.query(sql, timeout, memory)
    _note_remarks(results)
    if csv is not None:
        _write_csv(answer, csv)
    if json:
        say_json(records(answer))
    else:
        shown = _tell_answer(answer)
        more = f", {shown} shown; all with --csv FILE" if len(answer) > shown else ""
        say(f"{len(answer):,} row{'' if len(answer) == 1 else 's'}{more}")
    _wrote(csv, json)


def _tell_answer(answer: "pd.DataFrame") -> int:
    """Print the first rows of an answer, side by side if they are too wide; returns how many."""
    columns = [str(name) for name in answer.columns]
    rows = [tuple(_word(value) for value in row) for row in answer.head(MOST_ROWS).itertuples(index=False, name=None)]
    widths = [max(len(row[place]) for row in [columns, *rows]) + GAP for place in range(len(columns))]
    room = console().width
    if sum(widths) <= room or not rows:
        numbers = [str(name) for name, kind in answer.dtypes.items() if kind.kind in "iuf"]
        # a row of one cell is a heading of the table
        say(table((*columns, ""), [(*row, "") for row in rows], right=numbers))
        return len(rows)
    name_width = max(map(len, columns)) + GAP
    beside = [max(map(len, row)) + GAP for row in rows]
    fitting = [place for place in range(len(rows)) if name_width + sum(beside[: place + 1]) <= room]
    shown = max(1, len(fitting))
    titles = [f"row {place + 1}" for place in range(shown)]
    turned = [(name, *(row[place] for row in rows[:shown])) for place, name in enumerate(columns)]
    say(table(("column", *titles), turned, right=titles))
    return shown


def _note_remarks(results: "Results") -> None:
    """Say on stderr what to keep in mind of the results."""
    for remark in results.remarks():
        note(f"warning: {remark}")


def export_command(directory: Path, csv: Path | None = None, ema: Path | None = None, yes: bool = False) -> None:
    """Write results for other programs.

    Args:
        directory: a directory of results.
        csv: a folder for a CSV file a table, and columns.csv with units and meanings.
        ema: an archive, such as results.tar.gz, that `ema_workbench.load_results` reads.
        yes: write more than a gigabyte without asking.

    Raises:
        BadInputError: neither is given, the folder holds something else, or nobody agrees to its size.
    """
    from normsim.experiment import open_results

    if csv is None and ema is None:
        raise BadInputError("nothing to export to: give --csv FOLDER or --ema FILE.tar.gz")
    _refuse_taken(ema)
    results = open_results(directory)
    record = {"command": "export", "experiment": results.fingerprint}
    if csv is not None:
        outputs.refuse_foreign(csv, record)
        _agree(results, yes)
        _export_csv(results, csv, record)
    if ema is not None:
        from normsim.analysis.ema import to_ema, write_ema

        experiments, found = to_ema(results)
        write_ema(experiments, found, ema)
        say(f"{len(experiments):,} of {len(results.points):,} points, each the mean of its finished runs")
    _note_remarks(results)
    for path in (csv, ema):
        _wrote(path, False)


def _agree(results: "Results", yes: bool) -> None:
    """Say how large the CSV files will be, and ask if they are very large.

    Raises:
        BadInputError: the answer is no, or there is nobody to ask.
    """
    size = sum(results.csv_size(name) for name in ("outcomes", *results.kept))
    note(f"about {size_in_words(size)} of CSV")
    if size <= ASK_ABOVE or yes:
        return
    told = "more than 1 GB of CSV: add --yes to write it"
    if not sys.stdin.isatty():
        raise BadInputError(told)
    if not typer.confirm("Write it?", err=True):
        raise BadInputError("not written")


def _export_csv(results: "Results", folder: Path, record: dict[str, Any]) -> None:
    """Write each table that was kept."""
    frames = {"points": lambda: results.points, "failures": results.failures, "columns": _columns}
    files: list[outputs.File] = [(f"{name}.csv", partial(_save_read, read)) for name, read in frames.items()]
    kept = ("outcomes", *results.kept)
    files += [(f"{name}.csv", partial(results.write_csv, name)) for name in kept]
    summary = _about(results) | {"command": record}
    outputs.write(folder, [*files, (outputs.MARK, partial(outputs.write_summary, summary))])


def _columns() -> "pd.DataFrame":
    """What the outcomes are: name, unit, meaning, and how a run sums them up."""
    import pandas as pd

    rows = [(name, o.unit, o.meaning, o.over) for name, o in (OUTCOMES | RUN_OUTCOMES).items()]
    return pd.DataFrame(rows, columns=["outcome", "unit", "meaning", "over"])


def records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows as JSON has them: what is missing is null."""
    return [
        {str(k): v for k, v in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def _about(results: "Results") -> dict[str, Any]:
    """What results are of, and how much of them there is."""
    return {
        "normsim": __version__,
        "experiment": results.experiment.title,
        "fingerprint": results.fingerprint,
        "results": results.hash(),
        "done": results.done,
        "total": results.total,
    }


def _head(results: "Results", what: str) -> None:
    """Title, what is told, and how many runs it rests on."""
    say(heading(f"{results.experiment.title}: {what}"))
    if results.experiment.question:
        say(results.experiment.question)
    missing = "" if results.complete else "; the experiment is not complete: normsim batch resume"
    say(f"{results.done:,} of {results.total:,} runs{missing}", "")
    _note_remarks(results)


def _telling(results: "Results") -> list[str]:
    """The telling outcomes among those that were kept, or all of a few others."""
    kept = results.experiment.outcomes
    if len(kept) <= len(TELLING):
        return list(kept)
    return [name for name in TELLING if name in kept] or list(kept[: len(TELLING)])


def _more_outcomes(results: "Results", shown: Sequence[str]) -> None:
    """Say that there are others."""
    others = len(set(results.experiment.outcomes) - set(shown))
    if others:
        say(f"{others} more outcome{' was' if others == 1 else 's were'} kept: name them with --outcome")


def _meaning(outcome: str, large: str = "") -> str:
    """What an outcome means, with its unit, in millions if they are large."""
    known = (OUTCOMES | RUN_OUTCOMES).get(outcome)
    if known is None:
        return f"[{large}]" if large else ""
    unit = named(outcome, large).partition(" ")[2]
    return f"{known.meaning} {unit}".strip()


def _word(value: Any) -> str:
    """A value in a cell."""
    if value is None or value != value or str(value) == "<NA>":
        return DASH
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:.6g}"
    return str(value)


def _refuse_taken(path: Path | None) -> None:
    """Refuse a file that exists, before any work is done."""
    if path is not None and path.exists():
        raise BadInputError(f"{path} exists; name another file, or delete it first")


def _write_csv(frame: "pd.DataFrame", path: Path) -> None:
    """Write a table, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    _save_csv(frame, half)
    half.replace(path)


def _save_csv(frame: "pd.DataFrame", path: Path) -> None:
    frame.to_csv(path, index=False, lineterminator="\n")


def _save_read(read: "Callable[[], pd.DataFrame]", path: Path) -> None:
    _save_csv(read(), path)


def _wrote(path: Path | None, json: bool) -> None:
    """Say where something was written."""
    if path is not None:
        (note if json else say)(f"wrote {path}")
