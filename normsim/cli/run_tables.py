"""Tables of a run, of several runs, and of a comparison."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from normsim.cli.printing import DASH, decimals, heading, number, say, scale, table
from normsim.cli.scenario_commands import regimes_in_words
from normsim.engine.columns import Choice
from normsim.engine.narrative import describe_events
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES, Outcome
from normsim.scenario import Scenario
from normsim.stats import mean_interval
from normsim.user_outcomes import meaning_of

if TYPE_CHECKING:
    from normsim.comparison import Comparison
    from normsim.engine.simulate import Run
    from normsim.stats import Effect

LEVELS = (
    "parties",
    "votes_yes",
    "validity",
    "scope",
    "felt",
    "robustness",
    "robustness_discursive",
    "robustness_factic",
    "holders",
    "producers",
    "bridges_open",
    "stock",
    "contamination",
)
"""Outcomes that are told by their first and last month."""

FLOWS = (
    "users",
    "uses_unlawful",
    "uses_excepted",
    "rounds_fired",
    "transfers",
    "rounds_sent",
    "condemnations",
    "deposits",
    "renunciations",
    "notices",
    "exits",
    "stock_destroyed",
    "casualties_attack",
    "casualties_remnants",
)
"""Outcomes that are told by their years."""

WHOLE = ("user_states", "months_to_weak", "scope_recovery", "casualties")
"""Outcomes of a whole run."""

YEAR = 12

MOST_DECIMALS = 6

OVER = {"last": "last month", "sum": "sum of the run", "mean": "mean of the months", "run": "the run as a whole"}
"""How a run sums up an outcome, in words."""

WEIGHTS: dict[int, float] = {
    Choice.ADOPTED: 6,
    Choice.REJECTED: 6,
    Choice.LEFT: 6,
    Choice.WITHDRAW: 6,
    Choice.CLAIM: 5,
    Choice.TRANSFER: 5,
    Choice.RENOUNCE: 4,
    Choice.BRIDGE_CLOSES: 3,
    Choice.BREACH: 3,
    Choice.CUT_OFF: 3,
    Choice.ACQUIRE: 3,
    Choice.USE: 3,
    Choice.JOIN: 2,
}
"""How telling each kind of event is; kinds that are not here are not told."""

EVENTS = 12
"""Most events that are told."""

EXPLAINED = ("transfer", "use", "acquire", "renounce", "withdraw", "join")
"""Acts that `normsim explain` can be asked about."""

OF_A_KIND = 2
"""Most of them of one kind."""

CLEAREST = 6
"""Most outcomes outside of the fixed list that a comparison shows."""

MISSES = 0.05
"""Share of 95 % intervals that exclude zero by chance alone."""


def _unit(outcome: Outcome) -> str:
    """Unit of what a run sums up."""
    return (outcome.unit.removesuffix("per month").strip() or "count") if outcome.over == "sum" else outcome.unit


def _header(scenario: Scenario, length: str) -> None:
    """Title, question and what is run."""
    say(heading(scenario.title))
    if scenario.question:
        say(scenario.question)
    span = f"{scenario.start:%B %Y} to {scenario.end:%B %Y} ({scenario.months} months)"
    say(f"{scenario.name}: {span}, {length}, regimes: {regimes_in_words(scenario)}", "")


Own = Mapping[str, Callable[["Run"], Any]]
"""A user's outcomes by name."""


def one_run(run: "Run", outcomes: Mapping[str, float], which: str, own: Own) -> None:
    """Print one run.

    Args:
        run: the run.
        outcomes: its outcomes.
        which: the scenario as the user named it.
        own: the user's outcomes.
    """
    _header(run.scenario, f"seed {run.seed}, {len(run.world)} states")
    series, months = run.outcomes, run.months
    rows: list[tuple[str, ...]] = []
    for name in LEVELS:
        first, last = float(series[name][0]), float(series[name][-1])
        cells, large = _cells((first, last, last - first), signed=2)
        rows.append((name, *cells, _meaning(name, large)))
    columns = ("level", f"{months[0]:%Y-%m}", f"{months[-1]:%Y-%m}", "change", "meaning")
    say(table(columns, rows, right=columns[1:4]), "")
    rows = []
    for name in FLOWS:
        fold = np.mean if OUTCOMES[name].over == "mean" else np.sum
        told = [float(fold(part)) for part in (series[name][:YEAR], series[name][-YEAR:], series[name])]
        cells, large = _cells(told)
        how = " (mean of the months)" if OUTCOMES[name].over == "mean" else ""
        rows.append((name, *cells, _meaning(name, large) + how))
    columns = ("acts and harm", "first year", "last year", "whole run", "meaning")
    say(table(columns, rows, right=columns[1:4]), "")
    if own:
        rows = [(name, _cells((outcomes[name],))[0][0], meaning_of(function)) for name, function in own.items()]
        say(table(("own outcome", "value", "meaning"), rows, right=("value",)), "")
    events = telling(run)
    if events:
        say(heading("Most telling events (condemnations left out)"))
        told_rows = [(f"{event['month']:%Y-%m}", event["text"], event["why"] or DASH) for event in events]
        say(table(("month", "what", "why: strongest terms, + for and - against"), told_rows))
    _next(run, which, events)


def _cells(values: Sequence[float], signed: int = 99, apart: bool = False) -> tuple[list[str], str]:
    """The numbers of one row alike, and the word for what they are counted in.

    Args:
        values: the numbers.
        signed: from which place on they have a sign.
        apart: give those with a sign as many decimals as it takes to tell them from zero.
    """
    by, word = scale(values)
    scaled = [value / by for value in values]
    places = 2 if word else decimals(scaled)
    while apart and places < MOST_DECIMALS and any(value and not round(value, places) for value in scaled[signed:]):
        places += 1
    return [number(value, places, sign=place >= signed) for place, value in enumerate(scaled)], word


def _meaning(name: str, large: str) -> str:
    """Meaning of an outcome, with its unit where that is not said already."""
    outcome, unit = OUTCOMES[name], _unit(OUTCOMES[name])
    if large:
        return f"{outcome.meaning} [{large}]"
    return outcome.meaning if unit.split()[0] in outcome.meaning or unit == "count" else f"{outcome.meaning} [{unit}]"


def named(name: str, large: str) -> str:
    """Name of an outcome, with its unit where that says more."""
    known = (OUTCOMES | RUN_OUTCOMES).get(name)
    unit = _unit(known) if known is not None else "count"
    plain = unit in ("0-1", "count", "share") or name.partition("_")[0] in unit
    told = " ".join(part for part in (large, "" if plain else unit) if part)
    return f"{name} [{told}]" if told else name


def telling(run: "Run") -> list[dict[str, Any]]:
    """The most telling events of a run, by month; the first of each kind, actor and target stands for the others."""
    entries = run.log[run.log["happened"] > 0]
    entries = entries[np.isin(entries["choice"], list(WEIGHTS))]
    groups: dict[tuple[int, int, int], list[int]] = {}
    for place, entry in enumerate(entries):
        groups.setdefault((int(entry["choice"]), int(entry["actor"]), int(entry["target"])), []).append(place)
    power = run.final["relative_power"]

    def weight(key: tuple[int, int, int]) -> float:
        first = entries[groups[key][0]]
        ordered = first["order"] > 0
        surprise = 0.0 if ordered else -math.log10(max(float(first["probability"]), 1e-3))
        standing = float(power[key[1]]) if key[1] >= 0 else 1.0
        return WEIGHTS[key[0]] + 2 * ordered + 2 * standing + surprise / 2

    chosen: list[tuple[int, int, int]] = []
    for key in sorted(groups, key=lambda key: (-weight(key), groups[key][0])):
        if sum(other[0] == key[0] for other in chosen) < OF_A_KIND:
            chosen.append(key)
    chosen = sorted(chosen[:EVENTS], key=lambda key: groups[key][0])
    told = describe_events(entries[[groups[key][0] for key in chosen]], run.world, run.months)
    for event, key in zip(told, chosen, strict=True):
        again = len(groups[key])
        event["times"] = again
        if again > 1:
            last = run.months[int(entries[groups[key][-1]]["month"])]
            event["text"] += f" (the first of {again} times, to {last:%Y-%m})"
    return told


def _next(run: "Run", which: str, events: list[dict[str, Any]]) -> None:
    """What to try next."""
    other = "baseline" if run.scenario.name != "baseline" else "ukraine_2023"
    say("", "Next:", f"  normsim run {which} --vs {other}")
    asked = next((event for event in events if event["act"] in EXPLAINED), None)
    if asked:
        aimed = f" --to {asked['target']}" if asked["act"] == "transfer" else ""
        seed = f" --seed {run.seed}" if run.seed else ""
        month = f"--month {asked['month']:%Y-%m}"
        say(f"  normsim explain {which} --state {asked['actor']} --choice {asked['act']}{aimed} {month}{seed}")
    say(f"  normsim scenario show {which}")


def many_runs(runs: list["Run"], outcomes: list[dict[str, float]], which: str, own: Own) -> None:
    """Print several runs of one scenario.

    Args:
        runs: the runs.
        outcomes: the outcomes of each.
        which: the scenario as the user named it.
        own: the user's outcomes.
    """
    seeds = f"{len(runs)} runs (seeds {runs[0].seed} to {runs[-1].seed})"
    _header(runs[0].scenario, seeds)
    rows: list[tuple[str, ...]] = []
    for over, names in _by_sum(own):
        rows.append((f"{over}:",))
        for name in names:
            values = np.array([each[name] for each in outcomes])
            mean = mean_interval(values)
            told = (mean.value, mean.low, mean.high, float(values.min()), float(values.max()))
            (middle, low, high, least, most), large = _cells(told)
            rows.append((named(name, large), middle, f"{low} to {high}", least, most))
    columns = ("over the runs", "mean", "95 % of the mean", "lowest run", "highest run")
    say(table(columns, rows, right=columns[1:]))
    other = "baseline" if runs[0].scenario.name != "baseline" else "ukraine_2023"
    say("", "Next:", f"  normsim run {which} --vs {other}")
    say(f"  normsim run {which} --seed {runs[0].seed}  (its events)")


def _by_sum(own: Own) -> list[tuple[str, list[str]]]:
    """Outcomes by how a run sums them up, in words; the user's own last."""
    told = {name: OUTCOMES[name].over for name in (*LEVELS, *FLOWS)} | dict.fromkeys(WHOLE, "run")
    groups = [(OVER[over], [name for name, how in told.items() if how == over]) for over in OVER]
    return [*groups, ("own outcomes", list(own))] if own else groups


def verdict(effect: "Effect") -> str:
    """What the interval says of the sign."""
    if effect.difference == 0.0 and not (effect.high > effect.low):
        return "the same in every run"
    if effect.n < 2:
        return "one pair: no interval"
    return effect.verdict


def clearest(effects: Sequence["Effect"]) -> list["Effect"]:
    """Return the effects whose interval excludes zero, those with the largest t statistic first, at most `CLEAREST`.

    Args:
        effects: effects to choose from; of equally clear ones the first is taken.
    """

    def t(effect: "Effect") -> float:
        return abs(effect.difference) / effect.mc_error if effect.mc_error > 0.0 else math.inf

    return sorted((each for each in effects if each.distinguishable), key=t, reverse=True)[:CLEAREST]


def _selection(shown: int, others: Sequence["Effect"]) -> str:
    """How the outcomes outside of the fixed list were chosen."""
    if not shown:
        return f"Of {len(others)} other outcomes, none is distinguishable from zero."
    varied = sum(each.high > each.low for each in others)
    return (
        f"Of {len(others)} other outcomes, those with the clearest difference are shown (largest t statistic, "
        f"at most {CLEAREST}).\nChoosing them after the runs favours chance: without any effect, about "
        f"{MISSES * varied:.1f} of {varied} intervals would exclude zero."
    )


def side_by_side(comparison: "Comparison", which: tuple[str, str], own: Own) -> None:
    """Print a comparison.

    Args:
        comparison: the runs of a scenario and its baseline.
        which: both as the user named them.
        own: the user's outcomes.
    """
    runs, labels = comparison.scenario_runs, comparison.labels
    scenarios = (comparison.scenario, comparison.baseline)
    seeds = f"seeds {runs[0].seed} to {runs[-1].seed}" if len(runs) > 1 else f"seed {runs[0].seed}"
    pairs = f"{len(runs)} pair{'s' if len(runs) > 1 else ''} of runs ({seeds})"
    for scenario, label in zip(scenarios, labels, strict=True):
        say(heading(f"{label}: {scenario.title}"), f"  {scenario.question}" if scenario.question else "")
    first = scenarios[0]
    regimes = "; ".join(f"{label} {regimes_in_words(s)}" for s, label in zip(scenarios, labels, strict=True))
    say(f"{first.start:%B %Y} to {first.end:%B %Y} ({first.months} months), {pairs}, regimes: {regimes}", "")
    if scenarios[0].fingerprint() == scenarios[1].fingerprint():
        say("The two scenarios run the same: every difference is zero.", "")
    rows: list[tuple[str, ...]] = []
    for over, names in (groups := _by_sum(own)):
        rows.append((f"{over}:",))
        rows += map(_effect_row, comparison.effects(names))
    listed = {name for _, names in groups for name in names}
    others = comparison.effects(name for name in comparison.outcomes if name not in listed)
    chosen = clearest(others)
    if chosen:
        rows.append(("clearest of the others:",))
        rows += map(_effect_row, chosen)
    columns = ("mean over the runs", labels[0], labels[1], "difference", "95 % interval", "verdict")
    say(table(columns, rows, right=columns[1:5], whole=columns[3:5], folded=labels))
    say(
        "",
        f"Difference: {labels[0]} minus {labels[1]}, run by run on the same seed (common random numbers);",
        "95 % interval of its mean (Student's t). One in twenty such intervals misses by chance alone.",
        *([_selection(len(chosen), others)] if len(runs) > 1 else []),
        "",
        "Next:",
        f"  normsim scenario diff {which[0]} {which[1]}",
        f"  normsim run {which[0]} --seed {runs[0].seed}",
    )


def _effect_row(effect: "Effect") -> tuple[str, ...]:
    """The row of one outcome."""
    told = (effect.mean, effect.baseline_mean, effect.difference, effect.low, effect.high)
    (mean, baseline, difference, low, high), large = _cells(told, signed=2, apart=effect.distinguishable)
    ends = f"{low} to {high}" if effect.n > 1 else DASH
    return named(effect.outcome, large), mean, baseline, difference, ends, verdict(effect)
