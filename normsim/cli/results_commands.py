"""What an experiment's results say: effects beside a baseline, and sensitivity."""

import math
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from normsim.cli import output_files as outputs
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import DASH, decimals, heading, number, say, say_json, scale, table
from normsim.cli.results_summary import (
    MOST_ROWS,
    about,
    cell,
    note_remarks,
    records,
    refuse_taken,
    save_csv,
    tell_written,
    write_csv,
)
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

MOST_FACTORS = 3
"""Factors that a table of effects has room for; with more of them it names the point."""

SHORT = {"not distinguishable from zero": "unclear"}
"""Verdicts that are too long for a table."""

MOST_DECIMALS = 6

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

    refuse_taken(csv)
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
        write_csv(effects, csv)
    drawn = _draw_own(own, folder, results, effects, about(results) | {"command": record}) if own else None
    if json:
        how = f"minus the baseline ({baseline}), paired by seed; 95 % interval ({METHODS[interval]})"
        say_json(
            about(results)
            | {"baseline": baseline, "difference": how, **_told_inert(inert), "effects": records(effects)}
        )
        note_remarks(results)
        tell_written(drawn, json)
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
    tell_written(csv, json)
    tell_written(drawn, json)


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
        line = {short: cell(row[key]) for key, short in zip(keys, _short(keys), strict=True)}
        line |= {"baseline": first, "mean": second, "difference": difference}
        line |= {"95 % interval": DASH if low == DASH else f"{low} to {high}", "MC error": error}
        line["pairs"] = f"{row['n']:,} of {row['of']:,}"
        if needed:
            needs = cell(row["needed"])
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
        screening_command(results, outcomes, out, json, about(results))
        return
    shown = list(outcomes or [results.experiment.headline])
    record = {"command": "sensitivity", "experiment": results.fingerprint, "outcomes": shown}
    if out is not None:
        outputs.refuse_foreign(out, record)
    indices = sensitivity_indices(results, shown)
    inert = inert_factors(results)
    summary = about(results) | _told_inert(inert) | {"indices": records(indices)}
    if out is not None:
        files = _figures(results, indices)
        files.append(("indices.csv", partial(save_csv, indices)))
        files.append((outputs.MARK, partial(outputs.write_summary, summary | {"command": record})))
        outputs.write(out, files)
    if json:
        say_json(summary)
        note_remarks(results)
    else:
        _head(results, "sensitivity")
        for (scenario, outcome), own in indices.groupby(["scenario", "outcome"], sort=False):
            _tell_indices(str(scenario), str(outcome), own)
        say(*(factor.text for factor in inert))
        _more_outcomes(results, shown)
    if out is not None:
        tell_written(out, json)
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
        told += f"; {first['noise']:.0%} of the variance between single runs is random variation"
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


def _head(results: "Results", what: str) -> None:
    """Title, what is told, and how many runs it rests on."""
    say(heading(f"{results.experiment.title}: {what}"))
    if results.experiment.question:
        say(results.experiment.question)
    missing = "" if results.complete else "; the experiment is not complete: normsim batch resume"
    say(f"{results.done:,} of {results.total:,} runs{missing}", "")
    note_remarks(results)


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
