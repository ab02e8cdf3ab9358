"""Validation: what the model must be able to show, measured. Patterns of the record, and dynamics under influence.

Patterns come from `history_2008` at the defaults, with nothing of the convention scripted; dynamics from paired runs in
which one thing is changed. Each check says its bar, its value with a 95 % interval over seeds, and whether it is met.
The defaults were set with an eye on this record, so the patterns are no forecast: calibration has its own place.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from normsim.engine.columns import BOUND, Choice
from normsim.engine.simulate import Run, simulate
from normsim.scenario import Event, Scenario, load_scenario
from normsim.stats import mean_interval
from normsim.world import record, transfers_recorded
from normsim.world.data_files import table

YEARS = range(2009, 2026)
"""Whole years of both the run and the record."""

SPANS = ((2009, 2013), (2014, 2018), (2019, 2024))
"""Years whose recorded casualties are compared."""

PARTIES = (datetime.date(2010, 8, 1), datetime.date(2013, 1, 1), datetime.date(2018, 8, 1), datetime.date(2024, 1, 1))
"""Dates at which parties are compared: acts before them count."""

CRITICS = ("GBR", "CAN", "ESP", "DEU", "NZL", "ITA")
"""States named as critics of the transfer of July 2023 [timeline.csv]."""

NARROW = 14.0
"""Width that the 90 % band of parties should not exceed after seventeen years."""

MOST_YEARS = 14
"""Years of recorded casualties, of sixteen, that the 90 % bands should hold."""

LIKELIEST = 10
"""How many of the likeliest pairs of a transfer are looked at."""

NORTH_EAST = ("EST", "FIN", "LTU", "LVA", "POL", "NOR", "SWE", "DNK")
"""States of north-eastern Europe, of which the first exit of the record was one."""

LEAVERS = ("BEL", "CZE", "DEU", "DNK", "ESP", "FRA", "GBR", "ITA", "NLD", "NOR")
"""The ten that leave at once in `mass_exit`."""


@dataclass(frozen=True)
class Check:
    """One line of the table.

    Attributes:
        name: what is measured.
        bar: what it must be, in words.
        values: one value per run, or a single value where it is said of all runs together.
        passed: whether the bar is met; None if there is none.
        note: remark.
    """

    name: str
    bar: str
    values: np.ndarray
    passed: bool | None
    note: str = ""

    @property
    def measured(self) -> str:
        """The mean with its 95 % interval over runs, or the single value."""
        if self.values.size == 1:
            return f"{self.values.item():.3g}"
        mean = mean_interval(self.values)
        return f"{mean.value:.3g} ({mean.low:.3g} to {mean.high:.3g})"

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or a dash."""
        return "-" if self.passed is None else ("met" if self.passed else "MISSED")


def within(name: str, values: Iterable[float], low: float, high: float, note: str = "") -> Check:
    """A check that a mean lies within bounds."""
    numbers = np.asarray(list(values), float)
    return Check(name, f"{low:g} to {high:g}", numbers, bool(low <= numbers.mean() <= high), note)


def at_least(name: str, values: Iterable[float], least: float, note: str = "") -> Check:
    """A check that a mean is at least a number."""
    numbers = np.asarray(list(values), float)
    return Check(name, f">= {least:g}", numbers, bool(numbers.mean() >= least), note)


def at_most(name: str, values: Iterable[float], most: float, note: str = "") -> Check:
    """A check that a mean is at most a number."""
    numbers = np.asarray(list(values), float)
    return Check(name, f"<= {most:g}", numbers, bool(numbers.mean() <= most), note)


def _years(run: Run) -> np.ndarray:
    """Calendar year of each month of a run."""
    start = run.scenario.start
    return start.year + (start.month - 1 + np.arange(len(run.measured))) // 12


def _month(run: Run, date: datetime.date) -> int:
    """Place of the last month before a date."""
    start = run.scenario.start
    return (date.year - start.year) * 12 + date.month - start.month - 1


def _acts(run: Run, choice: int) -> np.ndarray:
    """Log entries of one choice that happened."""
    return run.log[(run.log["choice"] == choice) & (run.log["happened"] > 0)]


def patterns(history: Sequence[Run], ukraine: Sequence[Run]) -> list[Check]:
    """Checks against the record.

    Args:
        history: runs of `history_2008` with the log of acts.
        ukraine: runs of `ukraine_2023`, of some years, with the log of acts.
    """
    return [
        *_membership(history),
        *_users(history),
        *_casualties(history),
        *_transfers(history),
        *_critics(ukraine),
        *_first_exits(history),
    ]


def _membership(runs: Sequence[Run]) -> list[Check]:
    """Parties, exits, votes."""
    checks = []
    for date in PARTIES:
        values = np.array([run.measured["parties"][_month(run, date)] for run in runs])
        recorded = record(date).parties
        low, high = np.percentile(values, [5, 95])
        bar = f"record {recorded} in the 90 % band {low:.0f} to {high:.0f}"
        checks.append(Check(f"parties, {date:%b %Y}", bar, values, bool(low <= recorded <= high)))
    firsts = [datetime.date(year, month, 1) for year in YEARS for month in range(1, 13)]
    months = np.array([[run.measured["parties"][_month(run, date)] for date in firsts] for run in runs])
    of_record = np.array([record(date).parties for date in firsts])
    low, high = np.percentile(months, [5, 95], axis=0)
    inside = float(((low <= of_record) & (of_record <= high)).mean())
    checks.append(at_least(f"parties: share of the {len(firsts)} months inside the 90 % band", [inside], 0.9))
    checks.append(at_most("parties: width of the band in the last month", [high[-1] - low[-1]], NARROW))
    checks.append(within("notices of withdrawal, 2009-2025", (run.measured["notices"].sum() for run in runs), 0, 3))
    voted = {int(row["year"]): row for row in table("unga_ccm_votes.csv").rows()}  # plenaries come last in a year
    for vote in ("yes", "abstain"):
        cast = [[run.measured[f"votes_{vote}"][_years(run) == year][-1] for year in voted] for run in runs]
        low, high = np.percentile(cast, [5, 95], axis=0).tolist()
        told = [(year, int(row[vote]), low[k], high[k]) for k, (year, row) in enumerate(voted.items())]
        ok = all(least <= total <= most for _, total, least, most in told)
        bar = f"record inside the 90 % band in each of {len(told)} years"
        note = "; ".join(f"{year}: {total} ({least:.0f} to {most:.0f})" for year, total, least, most in told)
        checks.append(Check(f"states that vote {vote}", bar, np.mean(cast, axis=1), ok, note))
    against = [[run.measured["votes_no"][_years(run) == year][-1] for year in voted] for run in runs]
    return [*checks, within("states that vote no", np.mean(against, axis=1), 0, 2)]


def _users(runs: Sequence[Run]) -> list[Check]:
    """Who uses, by year, against the record."""
    recorded = {(code, year) for year in YEARS for code in record(datetime.date(YEARS.stop, 1, 1)).users.get(year, ())}
    iso3 = runs[0].world.iso3
    chance = np.zeros((len(iso3), len(YEARS)))
    for run in runs:
        uses = _acts(run, Choice.USE)
        used = np.zeros_like(chance, dtype=bool)
        years = _years(run)[uses["month"]] - YEARS.start
        inside = (years >= 0) & (years < len(YEARS))
        used[uses["actor"][inside], years[inside]] = True
        chance += used / len(runs)
    truth = np.array([[(code, year) in recorded for year in YEARS] for code in iso3])
    hits = chance[truth].sum()
    above = (chance[truth][:, None] > chance[~truth][None, :]).mean()
    equal = (chance[truth][:, None] == chance[~truth][None, :]).mean()
    return [
        at_least("users by state and year: precision", [hits / chance.sum()], 0.45),
        at_least("users by state and year: recall", [hits / truth.sum()], 0.45),
        at_least("users by state and year: AUC", [above + equal / 2], 0.9),
        at_most("months of use by parties, a run", (run.measured["users_party"].sum() for run in runs), 0.1),
    ]


def _casualties(runs: Sequence[Run]) -> list[Check]:
    """Recorded casualties: of each span of years, their mean, how they vary, and year by year."""
    latest = {int(row["year"]): float(row["total"]) for row in table("casualties_by_year.csv").rows()}
    years = range(SPANS[0][0], SPANS[-1][1] + 1)
    recorded = np.array([latest[year] for year in years])
    by_year = np.array(
        [[run.measured["casualties_recorded"][_years(run) == year].sum() for year in years] for run in runs]
    )
    checks = []
    for first, last in SPANS:
        span = slice(first - years.start, last + 1 - years.start)
        mean = recorded[span].mean()
        name = f"recorded casualties a year, {first}-{last}"
        checks.append(
            within(name, by_year[:, span].mean(axis=1), round(mean / 2), round(mean * 2), f"record {mean:.0f}")
        )
    mean = recorded.mean()
    low, high = np.percentile(by_year, [5, 95], axis=0)
    inside = int(((low <= recorded) & (recorded <= high)).sum())
    variation = by_year.std(axis=1) / np.maximum(by_year.mean(axis=1), 1.0)
    return [
        *checks,
        within(
            f"recorded casualties a year, {years[0]}-{years[-1]}",
            by_year.mean(axis=1),
            round(0.75 * mean),
            round(1.25 * mean),
            f"record {mean:.0f}",
        ),
        within("their coefficient of variation over years", variation, 0.6, 1.1, f"record {recorded.std() / mean:.2f}"),
        at_least(f"years of the {len(years)} inside the 90 % band", [inside], MOST_YEARS),
    ]


def _transfers(runs: Sequence[Run]) -> list[Check]:
    """Transfers by who sends to whom."""
    pairs = {(transfer.supplier, transfer.recipient) for transfer in transfers_recorded()}
    made: Counter[tuple[str, str]] = Counter()
    other = parties = 0
    for run in runs:
        for entry in _acts(run, Choice.TRANSFER):
            i, j = int(entry["actor"]), int(entry["target"])
            made[run.world.iso3[i], run.world.iso3[j]] += 1
            other += not (run.world.facts["producer"][i] or run.world.facts["origin"][i] in (1, 2))
            before = run.log[(run.log["actor"] == i) & (run.log["month"] <= entry["month"])]
            changes = before["choice"][np.isin(before["choice"], (Choice.IN_FORCE, Choice.LEFT))]
            bound = bool(run.world.facts["status"][i] >= BOUND)
            parties += bool(changes[-1] == Choice.IN_FORCE) if len(changes) else bound
    rate = [run.measured["transfers"].sum() / (len(run.measured) / 12) for run in runs]
    total, known = made.total(), sum(made[pair] for pair in pairs)
    most = max(total, 1)
    likeliest = [pair for pair, _ in made.most_common(LIKELIEST) if pair in pairs]
    return [
        at_least("transfers on pairs of the record, share", [known / most], 1 / 3, f"{total} transfers"),
        at_least(
            f"pairs of the record among the {LIKELIEST} likeliest",
            [len(likeliest)],
            1,
            ", ".join(" to ".join(pair) for pair in likeliest),
        ),
        at_most("transfers by parties, share", [parties / most], 0.0),
        at_most("transfers by states that neither make nor inherited, share", [other / most], 0.1),
        Check("transfers a year", "record .69, a floor", np.array(rate), None),
    ]


def _first_exits(runs: Sequence[Run]) -> list[Check]:
    """Who leaves first."""
    firsts = [_acts(run, Choice.WITHDRAW)["actor"] for run in runs]
    codes = [run.world.iso3[int(actors[0])] for run, actors in zip(runs, firsts, strict=True) if len(actors)]
    share = float(np.mean([code in NORTH_EAST for code in codes])) if codes else 0.0
    note = f"{len(codes)} of {len(runs)} runs have an exit"
    return [at_least("first exit of 2009-2025 in north-eastern Europe, of runs with one", [share], 1 / 3, note)]


def _critics(runs: Sequence[Run]) -> list[Check]:
    """Who speaks about the transfer of July 2023."""
    iso3 = runs[0].world.iso3
    spoke = np.zeros((len(runs), len(iso3)), dtype=bool)
    for place, run in enumerate(runs):
        entries = _acts(run, Choice.CONDEMN)
        about = entries[(entries["target"] == iso3.index("USA")) & (entries["month"] == 0)]
        spoke[place, about["actor"]] = True
    named = {code: float(spoke[:, iso3.index(code)].mean()) for code in CRITICS}
    excepted = [float(run.measured["transfers_excepted"][0] > 0) for run in runs]
    note = ", ".join(f"{code} {share:.2f}" for code, share in named.items())
    return [
        within("critics of the transfer of July 2023", spoke.sum(axis=1), 18, 35),
        at_least("least of the six named critics, share of runs", [min(named.values())], 0.3, note),
        at_least("recorded transfer of July 2023 inside the exception, share", excepted, 1.0),
    ]


def without_log(scenario: Scenario, seeds: int) -> list[Run]:
    """Runs of a scenario with the seeds from 0 on, without a log."""
    return [simulate(scenario, seed, log_level=0, warn=False) for seed in range(seeds)]


def dynamics(seeds: int) -> list[Check]:
    """Checks of what the model can do: death and recovery, exits, critical mass, precedent, scarcity.

    Args:
        seeds: runs of each case, paired by seed.
    """
    return [
        *_level(seeds),
        *_death_and_recovery(seeds),
        *_exit_cascade(seeds),
        *_critical_mass(seeds),
        *_precedent(seeds),
        *_scarcity(seeds),
    ]


def _of(name: str, values: Mapping[str, Any] | None = None, months: int | None = None) -> Scenario:
    """A ready scenario with other values and another horizon."""
    scenario = load_scenario(name).with_values(values or {})
    return scenario.with_months(months) if months else scenario


def _level(seeds: int) -> list[Check]:
    """Use does not drift where nothing changes."""
    ratios = []
    for run in without_log(_of("baseline"), seeds):
        users = run.measured["users"]
        ratios.append((users[:60].mean(), users[60:].mean()))
    first, later = np.mean(ratios, axis=0)
    return [within("baseline: users a month after year 5 over the first 5 years", [later / first], 2 / 3, 4 / 3)]


def _death_and_recovery(seeds: int) -> list[Check]:
    """Eight years of violation by great powers, answered or not, and what follows."""
    answered = without_log(_of("open_violation"), seeds)
    silent = without_log(_of("silent_violation"), seeds)
    lowest = [run.measured["felt"].min() for run in silent]
    fallen, users, transfers = [], [], []
    dead = replace(_of("silent_violation"), events=tuple(map(_for_good, _of("silent_violation").events)))
    for run in without_log(dead, seeds):
        felt = run.measured["felt"]
        below = np.flatnonzero(felt < 0.2)
        if not len(below):
            continue
        first, last = below[0], min(below[0] + 180, len(felt) - 1)
        fallen.append(1 - run.measured["parties"][last] / run.measured["parties"][first])
        users.append(run.measured["users"][first:last].mean() - run.measured["users"][:60].mean())
        transfers.append(run.measured["transfers"][first:last].mean() - run.measured["transfers"][:60].mean())
    return [
        at_least("felt norm, lowest, violations answered", (run.measured["felt"].min() for run in answered), 0.5),
        at_most("felt norm, lowest, violations unanswered", lowest, 0.2),
        at_least("felt norm 15 years after both end", (run.measured["felt"][300] for run in silent), 0.5),
        at_least("parties lost within 15 years of a felt norm below .2, share", fallen or [0.0], 1 / 3),
        at_least("users a month then, minus before", users or [0.0], 0.0),
        at_least("transfers a month then, minus before", transfers or [0.0], 0.0),
    ]


def _for_good(event: Event) -> Event:
    """A dated event that lasts to the horizon instead of eight years."""
    return replace(event, until=datetime.date(2063, 6, 30)) if event.until else event


def _exit_cascade(seeds: int) -> list[Check]:
    """Further exits per exit when ten parties leave at once."""
    checks = []
    cases: tuple[tuple[str, dict[str, float], float, float], ...] = (
        ("at exposure 0", {"withdraw.exposure": 0.0}, -0.2, 0.1),
        ("at the defaults", {}, -0.2, 0.2),
        (
            "at exposure 4, every exit counting in full",
            {"withdraw.exposure": 4.0, "withdraw.unthreatened": 1.0},
            1.0,
            20,
        ),
    )
    for name, values, low, high in cases:
        many = without_log(_of("mass_exit", values), seeds)
        none = without_log(_of("baseline", values), seeds)
        more = [
            (a.measured["notices"].sum() - b.measured["notices"].sum() - len(LEAVERS)) / len(LEAVERS)
            for a, b in zip(many, none, strict=True)
        ]
        checks.append(within(f"further exits per exit, {name}", more, low, high))
    neighbours = without_log(_of("neighbours_joined"), seeds)
    five_years = [float(run.measured["notices"][15:75].sum() >= 1) for run in neighbours]
    name = "sister treaty's world: someone follows Lithuania within five years, share of runs"
    return [*checks, Check(name, "stated", np.array(five_years), None)]


def _critical_mass(seeds: int) -> list[Check]:
    """A committed minority, with and without influence, by who it is."""
    checks = []
    for strength in (0.0, 0.75):
        left: dict[tuple[str, float], list[float]] = {}
        for who in ("random", "most_watched"):
            for share in (0.1, 0.3):
                values = {"norm.susceptibility": strength, "committed.who": who, "committed.share": share}
                runs = without_log(_of("baseline", values), seeds)
                left[who, share] = [float(run.measured["votes_yes"][-1]) for run in runs]
        position = np.array(left["random", 0.1]) - np.array(left["most_watched", 0.1])
        name = f"yes votes that position costs, a tenth committed, susceptibility {strength:g}"
        checks.append(at_least(name, position, 5) if strength else within(name, position, -10, 5))
        second = (np.array(left["random", 0.1]) - np.array(left["random", 0.3])) / 2
        name = f"yes votes lost per further tenth committed at random, susceptibility {strength:g}"
        checks.append(at_least(name, second, 20) if strength else within(name, second, 10, 18))
    return checks


def _precedent(seeds: int) -> list[Check]:
    """Claims by others after one open claim."""

    def others(values: dict[str, float]) -> np.ndarray:
        runs = without_log(_of("ukraine_2023", values, 120), seeds)
        return np.array([run.measured["claimants"][-1] - 1 for run in runs])

    usual, none = others({}), others({"claim.precedent": 0.0})
    answered = others({"norm.enough": 0.02})
    return [
        at_least("claims by others in ten years, minus without precedent", usual - none, 0.1),
        at_least("claims by others in ten years, minus where any objection is an answer", usual - answered, 0.1),
    ]


def _scarcity(seeds: int) -> list[Check]:
    """What the rounds sent do, by what the recipient has."""
    checks = []
    for name, extra, bar in (("short", {}, True), ("full", {"legacy": 500_000}, False)):
        differences = []
        for which in ("ukraine_2023", "no_transfer_2023"):
            scenario = _of(which, months=60)
            states = {**scenario.states, "UKR": {**scenario.states.get("UKR", {}), **extra}}
            runs = without_log(replace(scenario, states=states), seeds)
            differences.append([run.measured["rounds_fired"].sum() for run in runs])
        more = np.array(differences[0]) - np.array(differences[1])
        label = f"rounds fired in five years because of the transfers, Ukraine {name}"
        low = mean_interval(more).low
        checks.append(Check(label, "above 0" if bar else "stated", more, bool(low > 0) if bar else None))
    return checks


def prior_worlds(points: int, seed: int = 1) -> list[Check]:
    """How much of the prior shows collapse and recovery under the same eight years of violation.

    Args:
        points: worlds of a latin hypercube over every uncertain parameter, one run each.
        seed: seed of the sample.
    """
    from normsim.experiment.design import Block, uncertain
    from normsim.experiment.design import points as sampled

    base = _of("silent_violation", months=360)
    worlds = sampled([Block("latin_hypercube", uncertain(), points=points)], seed)
    died = recovered = 0
    for place, values in enumerate(worlds):
        felt = simulate(base.with_values(values), place, log_level=0, warn=False).measured["felt"]
        before, during = felt[12:24].mean(), felt[24:120]
        if during.min() < before / 2:
            died += 1
            recovered += felt[-1] > (before + during.min()) / 2
    note = f"{points} worlds of the whole prior, one run each"
    return [
        at_least("prior worlds in which the norm falls by half, share", [died / points], 0.03, note),
        at_least("prior worlds in which it then regains half of that, share", [recovered / points], 0.03, note),
    ]


def _small(run: Run) -> Run:
    """Drop the condemnations after the first month from a run's log: most of it, and nothing here reads them."""
    kept = (run.log["choice"] != Choice.CONDEMN) | (run.log["month"] == 0)
    run.log = run.log[kept].copy()
    return run


def validate(
    seeds: int, cases: int, worlds: int, on_part: Callable[[str, list[Check]], None] | None = None
) -> dict[str, list[Check]]:
    """Run every check.

    Args:
        seeds: runs against the record.
        cases: runs of each case of the dynamics.
        worlds: worlds of the prior; 0 leaves them out.
        on_part: called with each part as it is done.

    Returns:
        The checks by part.
    """
    parts: dict[str, Callable[[], list[Check]]] = {
        "Patterns of the record": lambda: patterns(
            [_small(simulate("history_2008", seed, warn=False)) for seed in range(seeds)],
            [_small(simulate(_of("ukraine_2023", months=60), seed, warn=False)) for seed in range(seeds)],
        ),
        "Dynamics under influence": lambda: dynamics(cases),
    }
    if worlds:
        parts["Prior worlds"] = lambda: prior_worlds(worlds)
    done = {}
    for name, part in parts.items():
        done[name] = part()
        if on_part is not None:
            on_part(name, done[name])
    return done
