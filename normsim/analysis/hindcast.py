"""Hindcast: start the model in the real world at an origin in the past, and score it against what followed.

Beside it stand simple statistics that know the record up to the origin and nothing more. The same holds for the model's
rule of joining, whose coefficients are fitted on the window before each origin (`joining_refit`). The other defaults
were set while looking at the record up to 2025, so for this treaty no origin is wholly unseen. The world at an origin
holds nothing that happened or came to be known later (`hindcast_runs.origin_world`); who uses in a year, who joins
within a year and who criticises is asked given the recorded wars.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from normsim.analysis import joining_regression, patterns
from normsim.analysis.baselines import Deposits, Forecast, baselines
from normsim.analysis.hindcast_results import (
    BASE_RATE,
    FIVE_YEARS,
    GROUPS,
    LAST_YEAR,
    MODEL,
    REGRESSION,
    SEEN,
    Band,
    Cases,
    Fact,
    Hindcast,
    Line,
    Origin,
    OriginResult,
    origins_of,
)
from normsim.analysis.hindcast_runs import YEAR, Arrays, Task, run_tasks
from normsim.analysis.joining_refit import Refit, refit, scenario_of
from normsim.analysis.joining_regression import Regression, Snapshot
from normsim.analysis.scores import (
    CalibrationBin,
    band,
    brier,
    calibration,
    compare_aucs,
    compare_means,
    count_log_score,
    crps,
    event_log_score,
    interval_score,
    share,
)
from normsim.analysis.validation import CRITICS
from normsim.engine.columns import NONE, SIGNED
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.experiment.runner import Progress
from normsim.scenario import RealWorld, Scenario, load_scenario
from normsim.world import Treaty, convention, world_as_of

DRAWS = 4000
"""Draws from each baseline."""

USE_WINDOW = 5
"""Years over which the share of years with use is taken."""


def hindcast(
    scenario: Scenario | str = "history_2008",
    origins: Sequence[Origin] | None = None,
    seeds: int = 400,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    treaty: Treaty | None = None,
) -> Hindcast:
    """Run and score every origin.

    Args:
        scenario: where the values come from. Its start, its horizon and its dated events are left out: an event that
            follows the origin would be a look ahead.
        origins: the origins; by default those that the treaty's file names.
        seeds: runs of each origin, and of each year of use.
        workers: processes, by default one a core.
        on_progress: called as runs are done.
        treaty: the treaty; by default the Convention on Cluster Munitions. Another one has its own entry into force and
            notice, and its rates of joining and their waning are fitted on the window before each origin.

    Raises:
        AnalysisError: the scenario is of a generated world, or the treaty names no origin.
    """
    loaded = load_scenario(scenario)
    if not isinstance(loaded.world, RealWorld):
        raise AnalysisError(f"{loaded.name}: a hindcast needs the real world; leave out [world]")
    treaty = treaty or convention()
    origins = origins_of(treaty) if origins is None else origins
    base = scenario_of(replace(loaded, events=()), treaty)
    refits = [refit(base, treaty, each.known) for each in origins]
    plan = [tasks_of(base, each, seeds, fit) for each, fit in zip(origins, refits, strict=True)]
    arrays = iter(run_tasks([task for tasks in plan for task in tasks], workers, on_progress))
    results = [
        _score(base, each, fit, [next(arrays) for _ in tasks])
        for each, fit, tasks in zip(origins, refits, plan, strict=True)
    ]
    cases = [result.cases for result in results]
    together = lines_of(merged(cases)) if len(results) > 1 else []
    return Hindcast(loaded.name, treaty, base.fingerprint(), seeds, results, together, _curves(merged(cases)))


def tasks_of(base: Scenario, at: Origin, seeds: int, fit: Refit | None = None) -> list[Task]:
    """The runs of an origin: membership, each year by itself from its January on, critics if it covers them.

    Args:
        base: the scenario without dated events.
        at: the origin.
        seeds: runs of each.
        fit: rates of joining to draw for each run; None for those of the scenario.
    """
    values = fit.draws(seeds, at.known) if fit else ()
    treaty, earliest = at.treaty, at.treaty.covariates_from
    members = base.with_start(at.start, earliest).with_months(YEAR * len(at.years))
    tasks = [Task("membership", members, seeds, treaty, values)]
    given = base.with_values({"conflict.mode": "recorded"})
    for year in at.use_years:
        scenario = given.with_start(datetime.date(year, 1, 1), earliest).with_months(YEAR)
        tasks.append(Task("year", scenario, seeds, treaty, values))
    if at.has_critics:
        tasks.append(Task("critics", _transfer_of_2023(base, at), seeds, treaty, values))
    if treaty == convention() and fit:
        tasks.append(Task("membership", members, seeds, treaty))  # at the defaults
    return tasks


def _transfer_of_2023(base: Scenario, at: Origin) -> Scenario:
    """The scenario up to July 2023, with the recorded transfer of that month, and the bridge it was made under."""
    recorded = load_scenario("ukraine_2023")
    bridge = {name: value for name, value in recorded.values.items() if recorded.origins[name] == "ukraine_2023.toml"}
    month = patterns.CRITICS_MONTH
    months = (month.year - at.first) * YEAR + month.month
    events = tuple(
        event for event in recorded.events if (event.date.year, event.date.month) == (month.year, month.month)
    )
    return replace(base.with_values(bridge).with_start(at.start).with_months(months), events=events)


def _score(base: Scenario, at: Origin, fit: Refit | None, arrays: list[Arrays]) -> OriginResult:
    """Score the runs of one origin."""
    runs, uses = arrays[0], arrays[1 : 1 + len(at.use_years)]
    cases = Cases()
    bands, recorded = _parties(at, runs["parties"], cases)
    seen = None
    if at.treaty == convention() and fit:
        seen = _band(Forecast(SEEN, arrays.pop()["parties"]), recorded)
    found = _joins(base, at, runs["bound"], cases)
    if at.treaty.stocks:
        _use(at, uses, cases)
    named, sent = {}, float("nan")
    facts = [*_facts(at, runs), *_a_year_ahead(at, uses)]
    if at.has_critics:
        spoke, sent = arrays[-1]["spoke"], float(arrays[-1]["sent"].mean())
        world = world_as_of(at.start)
        named = {code: float(spoke[:, world.index(code)].mean()) for code in CRITICS}
        facts.append(_fact("critics of July 2023", spoke.sum(axis=1), patterns.CRITICS_IN_ALL))
    return OriginResult(at, recorded, bands, lines_of(cases), facts, named, sent, found, fit, cases, seen)


def deposits_until(known: int, treaty: Treaty | None = None) -> Deposits:
    """Deposits by month from the opening to the end of a year.

    Args:
        known: the calendar year.
        treaty: the treaty; by default the Convention on Cluster Munitions.
    """
    treaty = treaty or convention()
    opened = treaty.opened
    counts = np.zeros((known - opened.year) * YEAR + YEAR + 1 - opened.month, np.int64)
    for day, _ in patterns.deposits(treaty):
        if day.year <= known:
            counts[(day.year - opened.year) * YEAR + day.month - opened.month] += 1
    return Deposits(counts, len(world_as_of(datetime.date(known + 1, 1, 1), treaty=treaty)))


def _parties(at: Origin, runs: np.ndarray, cases: Cases) -> tuple[list[Band], np.ndarray]:
    """Score the number of parties at the end of each year."""
    past = deposits_until(at.known, at.treaty)
    now = patterns.parties(at.known, at.treaty)
    recorded = np.array([patterns.parties(year, at.treaty) for year in at.years])
    rng = stream(at.known, "hindcast baselines")
    simple = baselines(past, len(at.years), DRAWS, rng)
    forecasts = [Forecast(MODEL, runs), *(replace(each, draws=now + each.draws) for each in simple)]
    bands = []
    for name in ("CRPS", "log score", "interval score"):
        cases.parties[name] = {}
    for each in forecasts:
        cases.parties["CRPS"][each.name] = crps(each.draws, recorded)
        cases.parties["log score"][each.name] = count_log_score(each.draws, recorded, past.states)
        cases.parties["interval score"][each.name] = interval_score(each.draws, recorded)
        bands.append(_band(each, recorded))
    return bands, recorded


def _band(forecast: Forecast, recorded: np.ndarray) -> Band:
    """The 90 % band of a forecast of parties, and how it fares."""
    low, high = band(forecast.draws)
    inside, width = float(((low <= recorded) & (recorded <= high)).mean()), float((high - low).mean())
    middle, points = np.median(forecast.draws, axis=0), crps(forecast.draws, recorded)
    return Band(forecast.name, low, middle, high, float(points.mean()), inside, width, forecast.fitted)


def _joins(base: Scenario, at: Origin, bound: np.ndarray, cases: Cases) -> Regression:
    """Score who joins by the end."""
    world = world_as_of(at.start, treaty=at.treaty)
    joined_in = {code: day.year for day, code in patterns.deposits(at.treaty)}
    year_of = np.array([joined_in.get(code, 9999) for code in world.iso3])
    past = {year: joining_regression.snapshot(base, datetime.date(year, 1, 1), at.treaty) for year in at.past_years}
    now = past[at.first]
    found = _fitted({year: each for year, each in past.items() if year < at.first}, year_of)
    rng = stream(at.known, "hindcast regression")
    paths = joining_regression.forecast(found, now, len(at.years), DRAWS, rng)
    chances = {
        MODEL: share(bound.sum(axis=0), len(bound)),
        REGRESSION: share(paths[:, -1].sum(axis=0), len(paths)),
        BASE_RATE: _base_rate(past, at, year_of),
    }
    masks = dict(zip(GROUPS, (~now.party, ~now.party & ~now.signatory, now.signatory), strict=True))
    for group, inside in masks.items():
        cases.joined[group] = year_of[inside] <= at.last
        cases.states[group] = [world.iso3[place] for place in np.flatnonzero(inside)]
        cases.joins[group] = {name: chance[inside] for name, chance in chances.items()}
    return found


def _fitted(past: Mapping[int, Snapshot], year_of: np.ndarray) -> Regression:
    """The regression of who joins, on the years before the origin."""
    rows, joined = [], []
    for year, each in past.items():
        outside = ~each.party
        rows.append(each.covariates(each.party, each.years)[outside])
        joined.append(year_of[outside] == year)
    return joining_regression.fit(np.concatenate(rows), np.concatenate(joined))


def _base_rate(past: Mapping[int, Snapshot], at: Origin, year_of: np.ndarray) -> np.ndarray:
    """Probability of joining by the end at the rate of one's group, over as many years back as are forecast."""
    chance = np.zeros(len(year_of))
    for signed in (False, True):
        joins = years = 0
        for year in range(max(at.first - len(at.years), at.past_years.start), at.first):
            inside = ~past[year].party & (past[year].signatory == signed)
            years += int(inside.sum())
            joins += int((year_of[inside] == year).sum())
        now = past[at.first]
        rate = (joins + 0.5) / (years + 1.0)
        chance[~now.party & (now.signatory == signed)] = 1.0 - (1.0 - rate) ** len(at.years)
    return chance


def _use(at: Origin, uses: Iterable[Arrays], cases: Cases) -> None:
    """Score who uses in each year, given its wars."""
    iso3 = world_as_of(at.start).iso3

    def recorded(year: int) -> np.ndarray:
        return np.isin(iso3, patterns.users(year))

    chances: dict[str, list[np.ndarray]] = {MODEL: [], LAST_YEAR: [], FIVE_YEARS: []}
    for year, arrays in zip(at.use_years, uses, strict=True):
        chances[MODEL].append(arrays["used"].mean(axis=0))
        chances[LAST_YEAR].append(recorded(year - 1).astype(float))
        before = [recorded(each) for each in range(year - USE_WINDOW, year)]
        chances[FIVE_YEARS].append(np.mean(before, axis=0))
    if len(at.use_years):
        cases.use = {name: np.concatenate(each) for name, each in chances.items()}
        cases.used = np.concatenate([recorded(year) for year in at.use_years])
        cases.users = list(iso3) * len(at.use_years)


def _fact(name: str, values: np.ndarray, recorded: float) -> Fact:
    """A number of the record beside the model's runs."""
    low, high = band(np.asarray(values, float))
    return Fact(name, float(values.mean()), float(low), float(high), float(recorded))


def _facts(at: Origin, runs: Arrays) -> list[Fact]:
    """Notices, and of the Convention on Cluster Munitions transfers and votes."""
    years = len(at.years)
    facts = [_fact("notices of withdrawal", runs["notices"], len(patterns.notices(at.first, at.last, at.treaty)))]
    if not at.treaty.stocks:
        return facts
    sent, recorded = runs["transfers"] / years, patterns.transfers(at.first, at.last) / years
    facts.append(_fact("transfers a year, floor", sent, recorded))
    for year, totals in patterns.votes(at.first, at.last).items():
        for vote in ("yes", "abstain"):
            fact = _fact(f"votes {vote}, {year}", runs[vote][:, year - at.first], totals[vote])
            facts.append(replace(fact, kind=f"votes {vote}"))
    return facts


def _a_year_ahead(at: Origin, single: Iterable[Arrays]) -> list[Fact]:
    """Deposits of each year by group, from the states as they were in its January."""
    joined_in = {code: day.year for day, code in patterns.deposits(at.treaty)}
    facts = []
    for year, arrays in zip(at.use_years, single, strict=True):
        world = world_as_of(datetime.date(year, 1, 1), treaty=at.treaty)
        joined = np.array([joined_in.get(code) == year for code in world.iso3])
        for group, status in (("signatories", SIGNED), ("others", NONE)):
            inside = world.facts["status"] == status
            kind = f"{group}, a year on"
            fact = _fact(f"{kind}, {year}", arrays["bound"][:, inside].sum(axis=1), joined[inside].sum())
            facts.append(replace(fact, kind=kind))
    return facts


def lines_of(cases: Cases) -> list[Line]:
    """Compare every score."""

    def others(of: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: values for name, values in of.items() if name != MODEL}

    lines = []
    for score, by_name in cases.parties.items():
        lines.append(Line("parties at year-end", compare_means(score, by_name[MODEL], others(by_name))))
    for group, chances in cases.joins.items():
        joined, states = cases.joined[group], cases.states[group]
        if not joined.any() or joined.all():
            continue
        part = f"joins: {group}"
        lines.append(Line(part, compare_aucs(chances[MODEL], others(chances), joined, states)))
        for score, rule in (("Brier", brier), ("log score", event_log_score)):
            points = {name: rule(chance, joined) for name, chance in chances.items()}
            lines.append(Line(part, compare_means(score, points[MODEL], others(points), states)))
    if cases.used.any():
        part, chances = "users, given wars", cases.use
        lines.append(Line(part, compare_aucs(chances[MODEL], others(chances), cases.used, cases.users)))
        a_year = len(set(cases.users))
        points = {name: a_year * brier(chance, cases.used) for name, chance in chances.items()}
        lines.append(Line(part, compare_means("Brier a year", points[MODEL], others(points), cases.users)))
    return lines


def merged(several: Sequence[Cases]) -> Cases:
    """The cases of all origins together."""

    def joined(parts: Iterable[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
        parts = [part for part in parts if part]
        return {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}

    first = several[0]
    return Cases(
        parties={score: joined(each.parties[score] for each in several) for score in first.parties},
        joins={group: joined(each.joins[group] for each in several) for group in first.joins},
        joined=joined(each.joined for each in several),
        states={group: [code for each in several for code in each.states[group]] for group in first.states},
        use=joined(each.use for each in several),
        used=np.concatenate([each.used for each in several]),
        users=[code for each in several for code in each.users],
    )


def _curves(cases: Cases) -> dict[str, list[CalibrationBin]]:
    """Calibration curves of who joins, all groups."""
    return {name: calibration(chance, cases.joined["all"]) for name, chance in cases.joins["all"].items()}
