"""`normsim hindcast`: the model from origins in the past beside simple statistics, as a table and a page."""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli.batch_commands import progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.docs_pages import markdown_table, write_page
from normsim.cli.error_lines import BadInputError
from normsim.cli.layers_command import layers_command
from normsim.cli.printing import DASH, decimals, heading, note, number, say, say_json, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from normsim.analysis.hindcast_results import Band, Fact, Hindcast, Line, Origin, OriginResult
    from normsim.world import Treaty

COLUMNS = ("forecast", "score", "model", "best baseline / record", "difference (95 %)", "verdict")

TENS = 10
"""From here on counts are told without decimals."""

Row = tuple[str, str, str, str, str, str]


def hindcast_command(
    scenario: str,
    known: str | None,
    until: str | None,
    treaty: str,
    seeds: int,
    layers: bool,
    workers: int | None,
    out: Path | None,
    figures: Path | None,
    json: bool,
) -> None:
    """Run, score and show.

    Args:
        scenario: a scenario's name or file: only its values count.
        known: last month that is known, YYYY-12; those that the treaty's file names if not given.
        until: last month that is forecast, YYYY-12.
        treaty: the name of a packaged treaty, or the file of one.
        seeds: runs of each origin.
        layers: tell what each layer of influence adds instead.
        workers: processes.
        out: write the page of the docs here.
        figures: write the figures into this folder.
        json: print JSON and nothing else.

    Raises:
        BadInputError: an option cannot be taken.
    """
    from normsim.analysis.hindcast import hindcast
    from normsim.world import load_treaty

    about = load_treaty(treaty)
    chosen = _origins(known, until, about)
    if workers is not None and workers < 1:
        raise BadInputError(f"--workers {workers}: allowed is a whole number from 1")
    if layers:
        if figures is not None:
            raise BadInputError("--layers draws no figures; leave out --figures")
        layers_command(scenario, chosen, about, seeds, workers, out, json)
        return
    with compiling(), progress_display("", quiet=json) as show:
        if not json and about.fit_from is not None:
            note("fitting joining on the window before each origin, then running")
        done = hindcast(scenario, chosen, seeds, workers, show, treaty=about)
    write_page(done, page, _figures_of, out, figures)
    if json:
        say_json(record(done))
    else:
        _print(done)
        for told in (out, figures):
            if told is not None:
                note(f"written: {told}")


def _origins(known: str | None, until: str | None, treaty: "Treaty") -> "tuple[Origin, ...]":
    """The origins that were asked for."""
    from normsim.analysis.hindcast_results import origin, origins_of

    if known is None:
        if until is not None:
            raise BadInputError("--until needs --from, such as --from 2012-12 --until 2016-12")
        return origins_of(treaty)
    return (origin(_december("--from", known), None if until is None else _december("--until", until), treaty),)


def _december(option: str, text: str) -> int:
    """The year of a month that must be a December."""
    found = re.fullmatch(r"(\d{4})-12", text)
    if found is None:
        raise BadInputError(f"{option} {text}: allowed is a December, such as 2012-12: years are forecast as a whole")
    return int(found[1])


def _figures_of() -> "dict[str, Callable[[Hindcast], Figure]]":
    """The figures."""
    from normsim.figures.hindcast_figures import FIGURES

    return FIGURES


def _number(value: float, places: int | None = None) -> str:
    """A number with so many decimals, or with as many as its size asks for."""
    return number(value, decimals([value]) if places is None else places)


def _line_row(line: "Line") -> Row:
    """One score."""
    found = line.comparison
    places = min(decimals([found.model, found.baselines[found.best]]), 3)
    best = f"{_number(found.baselines[found.best], places)} {found.best}"
    apart = number(found.difference, places, sign=True)
    if math.isfinite(found.low):
        apart += f" ({_number(found.low, places)} to {_number(found.high, places)})"
    return (line.part, found.score, _number(found.model, places), best, apart, found.verdict)


def _band_rows(result: "OriginResult") -> Iterator[Row]:
    """Coverage and width of the bands of parties."""
    model, best = result.bands[0], result.best
    part = "parties at year-end"
    yield (part, "in 90 % band", f"{model.coverage * 100:.0f} %", f"{best.coverage * 100:.0f} % {best.name}", "", "")
    yield (part, "width of band", f"{model.width:.1f}", f"{best.width:.1f} {best.name}", "", "")


def _fact_row(fact: "Fact") -> Row:
    """One number of the record."""
    places = 0 if fact.high >= TENS else 1
    model = f"{_number(fact.mean, places)} ({_number(fact.low, places)} to {_number(fact.high, places)})"
    return (fact.name, "90 % band", model, f"{_number(fact.recorded, places)} record", "", _verdict(fact))


def _fact_rows(facts: "Iterable[Fact]") -> Iterator[Row]:
    """Numbers of the record, those of several years in one row."""
    several: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind:
            several.setdefault(fact.kind, []).append(fact)
        else:
            yield _fact_row(fact)
    for kind, group in several.items():
        inside = sum(fact.inside for fact in group)
        said = "all years inside" if inside == len(group) else f"{len(group) - inside} of {len(group)} outside"
        low, high = (f(fact.recorded for fact in group) for f in (min, max))
        told = f"{low:.0f} to {high:.0f} record" if high > low else f"{low:.0f} record"
        mean = sum(fact.mean for fact in group) / len(group)
        yield (kind, "90 % bands", f"{_number(mean, 0 if mean >= TENS else 1)} on average", told, "", said)


def _verdict(fact: "Fact") -> str:
    return "record inside" if fact.inside else "record outside"


def _named_row(result: "OriginResult") -> Row:
    from normsim.analysis.hindcast_results import NAMED_CHANCE

    foreseen = sum(chance >= NAMED_CHANCE for chance in result.named.values())
    told = f"{foreseen} of {len(result.named)} at {NAMED_CHANCE:g} up"
    return ("critics, by name", "chance", told, "6 named in the record", "", "")


def _rows(result: "OriginResult") -> Iterator[Row]:
    """All rows of one origin."""
    yield from _band_rows(result)
    yield from map(_line_row, result.lines)
    yield from _fact_rows(result.facts)
    if result.named:
        yield _named_row(result)


def _print(done: "Hindcast") -> None:
    """The table."""
    from normsim.analysis.hindcast_results import notes

    rows: list[tuple[str, ...]] = []
    for result in done.origins:
        rows += [(f"{result.origin.first} to {result.origin.last}",), *_rows(result)]
    if done.together:
        rows += [("all origins",), *map(_line_row, done.together)]
    told = "model and baselines know what was known at each origin; AUC: higher is better, all other scores: lower"
    say(heading(f"{_subject(done)}, {done.seeds} runs of each origin"), told)
    say(table(COLUMNS, rows, right=("model",)))
    for line in (*_refit_lines(done), *notes(done.treaty, [result.origin for result in done.origins])):
        say(line)
    for result in done.origins:
        if result.named:
            named = ", ".join(f"{code} {chance:.2f}" for code, chance in result.named.items())
            say(f"share of runs in which each named critic spoke: {named}")
    wins = [line.comparison.verdict for result in done.origins for line in result.lines]
    say(_tally(wins))


def _subject(done: "Hindcast") -> str:
    """What is forecast from what: the scenario, and the treaty if it is not the default one."""
    from normsim.world import convention

    return done.scenario if done.treaty == convention() else f"{done.treaty.name}, {done.scenario}"


def _refit_lines(done: "Hindcast") -> Iterator[str]:
    """What was fitted before each origin."""
    for result in done.origins:
        fit, first = result.refit, done.treaty.fit_from
        if fit is not None:
            values = ", ".join(f"{name} {value:.3g}" for name, value in fit.values().items())
            window = f"fitted on {first:%Y-%m} to {result.origin.known}-12"
            told = "signatures and deposits" if result.seen else "deposits"
            yield f"{window}: {values} ({fit.events} {told} in {fit.cases:,} state-months)"


def _tally(verdicts: Iterable[str]) -> str:
    """How often who wins."""
    known = list(verdicts)
    counts = {name: known.count(name) for name in ("model wins", "baseline wins", "not distinguishable")}
    return ", ".join(f"{name} {count}" for name, count in counts.items()) + f" (of {len(known)} scores)"


def record(done: "Hindcast") -> dict[str, Any]:
    """The hindcast as plain values.

    Args:
        done: the hindcast.
    """
    return {
        "scenario": done.scenario,
        "treaty": done.treaty.name,
        "fingerprint": done.fingerprint,
        "seeds": done.seeds,
        "origins": [_origin_record(result) for result in done.origins],
        "together": [_line_record(line) for line in done.together],
        "calibration": {name: [asdict(each) for each in bins] for name, bins in done.curves.items()},
    }


def _origin_record(result: "OriginResult") -> dict[str, Any]:
    at, found, fit = result.origin, result.regression, result.refit
    return {
        "from": f"{at.known}-12",
        "until": f"{at.last}-12",
        "fitted_on": at.window,
        "years": list(at.years),
        "parties_recorded": result.recorded.tolist(),
        "parties": [_band_record(each) for each in result.bands],
        "best_baseline_of_parties": result.best.name,
        "scores": [_line_record(line) for line in result.lines],
        "facts": [asdict(fact) | {"inside": fact.inside} for fact in result.facts],
        "critics": result.named,
        "transfer_happened": result.sent,
        "refit": None if fit is None else fit.values() | {"cases": fit.cases, "events": fit.events},
        "regression": {"estimates": found.estimates(), "cases": found.cases, "events": found.events},
    }


def _band_record(each: "Band") -> dict[str, Any]:
    ends = {"low": each.low.tolist(), "median": each.middle.tolist(), "high": each.high.tolist()}
    scores = {"crps": each.crps, "coverage": each.coverage, "width": each.width}
    return {"name": each.name, **ends, **scores, "fitted": dict(each.fitted)}


def _line_record(line: "Line") -> dict[str, Any]:
    found = line.comparison
    return {"part": line.part, **asdict(found), "verdict": found.verdict}


INTRODUCTION = """# Hindcast

A hindcast is a forecast made from a date in the past. That date is its *origin*: the forecast may use only what was
known then. This page compares hindcasts of the model with simple statistical baselines that use the record up to the
same origin. `normsim hindcast` makes the runs and the scores. `--out` writes this page, `--figures` the figures.
The three standard origins are on [hindcast.md](hindcast.md). [hindcast_13_years.md](hindcast_13_years.md) is one
forecast from December 2012 to 2025.

**What is out of sample.** The joining rule of the model is fitted to the window before each origin, as the baselines
are, and each run draws its coefficients from their posterior. Scores of the number of parties and of who joins are
therefore out of sample, with two exceptions. The covariates were chosen with knowledge of the record. And the form of
the rule was revised twice after its scores had been seen. First, every form of joining wanes, not ratification alone,
and stocks deter in proportion to the power of their holder: the CRPS of parties from the three origins was 1.87, 3.96
and 2.89 before, and 1.67, 2.93 and 0.96 after. Then the delay of a state in two earlier bans of weapons replaced its
democracy: the data are older than the convention, and the likelihood of every window favours it, but the scores were
known. It helps to tell who joins; the CRPS from 2020 was better without it (0.96). All other parameters are at their
defaults, which were set with knowledge of the whole record of this treaty, last those of use and of condemnation. For
use, transfers, votes, critics and exits, every year therefore counts as seen. The row *{seen}* shows the same forecast
with the default joining rule; it is not compared with the baselines.

## Method

- **Fit.** The joining rule is fitted to the months from January 2009 to the origin, given the recorded parties up to
  each month, by Markov chain Monte Carlo. The prior is uniform over the ranges of `parameters.toml`
  ([calibration.md](calibration.md)).
- **Runs.** Each run starts on 1 January after the origin, without dated events, from the world as it was known on that
  day. Nothing that happened or became known later enters. Later wars are drawn from those before the origin, and
  covariates stay constant. Stocks are an exception: they are those of that day as known today. The sources of the time
  would show only stocks that still exist, and so only states that never joined.
- **Parties at the end of each year.** Scores: CRPS, log score (ignorance, in nats) and interval score of the 90 % band,
  as in the VIEWS forecasting competition. Baselines: no change; as many deposits a year as in the last twelve months;
  the Bass curve; logistic growth; a declining Poisson process. All but the first include the uncertainty of their
  parameters. None of them models exits.
- **Who joins by the end**, among states outside at the origin. Scores: AUC, Brier and log score. Baselines: a
  regression with complementary log-log link on the covariates of the joining rule (share of the region, peers,
  delay in earlier bans, threat, stock, signature, years since the opening), run forward year by year; the base rates
  of signatories and of others over as many past years as are forecast.
- **Users in a year, given its recorded wars.** Runs of twelve months from each January, from the world as known then,
  with these wars. Baselines: last year's users; the share of the last five years with use. Users of low confidence do
  not count.
- **Deposits after one year.** How many signatories, and how many others, deposit within each year, in the same runs.
  The states, their peers and their region are those of the record, so only the hazard is tested.
- **Critics of July 2023.** The recorded transfer and its bridge exception are forced in that month. These runs start at
  the origin and use the recorded wars and covariates.
- **Difference.** The score of the model minus that of the best baseline. The best baseline is chosen after the fact for
  each score, which favours the baselines. The interval is a paired bootstrap (4,000 resamples) over year-ends for
  parties, and over states for all other scores. Year-ends of one origin are few and correlated, so the intervals for
  parties are too narrow.
- **Direction.** Lower is better for every score except the AUC. A wide band gives no advantage, since the interval
  score and the CRPS penalise width.
- **Floor.** The record of transfers counts only those that became known, so the true number is at least as high.
- **Other treaties** (`--treaty`) have their own dates and rules. Their rates of joining, and how these decline, are
  fitted to the window before each origin ([treaties.md](treaties.md)).
"""

OTHER = """# Hindcast: {name}

Forecasts of who joins another treaty, compared with simple statistical baselines. Both use only the record up to the
origin of the forecast. The joining rule and its coefficients are those of the Convention on Cluster Munitions. Methods
and scores are described in [hindcast.md](hindcast.md), the file of a treaty in [treaties.md](treaties.md).
"""

CAPTIONS = {
    "hindcast_bands": "Parties at year-end: record, and 90 % bands of the model and the best baseline",
    "hindcast_calibration": "How often states joined that were given about the same probability",
    "hindcast_crps": "CRPS of parties by origin, the model and every baseline",
}
"""What each figure shows, by its file name."""

PATTERNS = (
    "Runs are compared with these patterns of `normsim/analysis/patterns.py`. A fit may use only data before 2020."
)


def page(done: "Hindcast", figures: str | None = None) -> str:
    """The page of the docs as Markdown.

    Args:
        done: the hindcast.
        figures: where its figures are, seen from the page; None shows none.
    """
    from normsim.analysis.hindcast_results import SEEN
    from normsim.world import convention

    usual = done.treaty == convention()
    made = f"Made by normsim {__version__}: `{done.scenario}`, seeds 0 to {done.seeds - 1} of each origin."
    wins = _tally(line.comparison.verdict for result in done.origins for line in result.lines)
    lines = [INTRODUCTION.format(seen=SEEN) if usual else _other_introduction(done), made, "", f"Verdicts: {wins}.", ""]
    if figures is not None:
        lines += [*(f"![{caption}]({figures}/{name}.png)" for name, caption in CAPTIONS.items()), ""]
    for result in done.origins:
        lines += [f"## {str(result.origin)[0].upper()}{str(result.origin)[1:]}", "", *_origin_page(result), ""]
    if done.together:
        lines += ["## All origins together", "", *markdown_table(COLUMNS, map(_line_row, done.together)), ""]
    lines += [
        "## Calibration of who joins",
        "",
        "States outside at an origin, grouped by their forecast probability, over all origins.",
        "",
    ]
    columns = ("forecast by", "mean forecast", "share that joined", "95 % interval", "states")
    bins = ((name, each) for name, curve in done.curves.items() for each in curve)
    cells = (
        (name, f"{each.forecast:.2f}", f"{each.observed:.2f}", f"{each.low:.2f} to {each.high:.2f}", f"{each.n}")
        for name, each in bins
    )
    lines += [*markdown_table(columns, cells), ""]
    return "\n".join([*lines, *(_patterns_page() if usual else ())])


def _patterns_page() -> Iterator[str]:
    """The patterns of the record."""
    from normsim.analysis.patterns import patterns

    yield from ("## Patterns of the record", "", PATTERNS, "")
    known = ((each.name, each.unit, each.source, each.tolerance) for each in patterns())
    yield from (*markdown_table(("pattern", "unit", "source", "tolerance"), known), "")


def _other_introduction(done: "Hindcast") -> str:
    """How the page of another treaty begins."""
    from normsim.analysis.hindcast_results import notes

    told = notes(done.treaty, [result.origin for result in done.origins])
    points = "\n".join(f"- {line[0].upper()}{line[1:]}." for line in (*_refit_lines(done), *told))
    return OTHER.format(name=done.treaty.name) + (f"\n{points}\n" if points else "")


def _origin_page(result: "OriginResult") -> Iterator[str]:
    """One origin."""
    at, found = result.origin, result.regression
    years = f"{at.first}-{at.last}"
    yield f"Baselines fitted on {at.window}. Parties at year-end {years}: {', '.join(map(str, result.recorded))}."
    yield ""
    columns = ("parties at year-end", "CRPS", "inside the 90 % band", "width", "at the end", "fitted")
    shown = [result.bands[0], *([result.seen] if result.seen else []), *result.bands[1:]]
    yield from markdown_table(columns, map(_band_cells, shown))
    yield ""
    told = ", ".join(f"{name} {value:.2f}" for name, value in found.estimates().items())
    yield f"Regression of who joins, {found.cases} state-years with {found.events} deposits: {told}."
    yield ""
    scores = [*_band_rows(result), *map(_line_row, result.lines), *map(_fact_row, result.facts)]
    yield from markdown_table(COLUMNS, scores)
    if result.named:
        named = ", ".join(f"{code} {chance:.2f}" for code, chance in result.named.items())
        yield ""
        sent = f"{result.sent * 100:.0f} %"
        yield f"Share of runs in which each named critic spoke: {named}. The forced transfer happened in {sent}."


def _band_cells(each: "Band") -> tuple[str, ...]:
    fitted = ", ".join(f"{name} = {value:.3g}" for name, value in each.fitted.items()) or DASH
    end = f"{each.middle[-1]:.0f} ({each.low[-1]:.0f} to {each.high[-1]:.0f})"
    return (each.name, _number(each.crps), f"{each.coverage * 100:.0f} %", f"{each.width:.1f}", end, fitted)
