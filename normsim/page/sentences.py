"""Sentences: what a run shows, computed from it, in plain words."""

from collections.abc import Iterable

import numpy as np

from normsim.comparison import Comparison
from normsim.engine.columns import BOUND, Choice
from normsim.engine.outcomes import OUTCOMES
from normsim.page.influence import first_transfer, moves
from normsim.page.quantities import QUANTITIES
from normsim.page.recorded_run import RecordedRun, moment, recorded_run
from normsim.page.texts import named, texts, the
from normsim.page.view import View, month_names, other_of, scenario_of
from normsim.scenario import Scenario
from normsim.stats import Effect

TOLD = ("scope", "felt", "users", "claimants", "parties")
"""Outcomes that a sentence about a difference speaks of, in this order."""

SHARES = ("0-1", "0/1", "ratio", "share", "Moran's I")
"""Units of what is higher or lower; all else is more or fewer."""

NOTICEABLE = 0.01
"""Least change of a share that a sentence counts."""


def label_of(outcome: str) -> str:
    """Plain name of an outcome."""
    return str(next(group[outcome] for group in texts()["outcomes"].values() if outcome in group))


def amount(value: float, unit: str) -> str:
    """The size of a number, in as many digits as it deserves."""
    size = abs(value)
    return f"{size:.3f}" if unit == "0-1" else f"{size:,.0f}" if size >= 100 else f"{size:.2g}"


def per_month(unit: str) -> str:
    """What follows a number that is counted by the month."""
    return " a month" if unit.endswith("per month") else ""


def apart_words(value: float, unit: str) -> str:
    """How far a value lies from another: `0.1 lower`, `3 more`, `2 fewer a month`."""
    more, less = ("higher", "lower") if unit in SHARES else ("more", "fewer")
    return f"{amount(value, unit)} {more if value > 0 else less}{per_month(unit)}"


def effect_words(effect: Effect) -> str:
    """One effect in words: how large, and how sure."""
    unit, label = OUTCOMES[effect.outcome].unit, label_of(effect.outcome)
    if effect.difference == 0.0 and effect.low == effect.high == 0.0:
        return f"{label}: no difference at all"
    if effect.n < 2:
        return f"{label}: {apart_words(effect.difference, unit)}, in one pair of runs"
    span = f"95 % interval {effect.low:+.3g} to {effect.high:+.3g}"
    if not effect.distinguishable:
        return f"{label}: not distinguishable from zero ({span})"
    return f"{label}: {apart_words(effect.difference, unit)} ({span})"


def effects_sentence(comparison: Comparison, names: Iterable[str] = TOLD) -> str:
    """What a scenario changed against its baseline, and how sure that is."""
    told = "; ".join(effect_words(comparison.effect(name)) for name in names)
    n = len(comparison.seeds)
    return f"Over {n} pair{'s' if n > 1 else ''} of runs of {comparison.scenario.months} months: {told}."


def sentence(view: View, done: int, about: str = "") -> str:
    """A sentence about a run up to a month.

    Args:
        view: the view.
        done: number of months done.
        about: what it is about, one of `ABOUT`; a comparison with the other run if none of them.
    """
    scenario, _ = scenario_of(view)
    return ABOUT.get(about, _now)(view, scenario, recorded_run(scenario, view.seed), done)


def _now(view: View, scenario: Scenario, recorded: RecordedRun, done: int) -> str:
    """How the run stands beside the other one, on this seed."""
    if done == 0:
        return f"The run begins in {month_names(scenario)[0]}. Nothing has happened yet."
    label = month_names(scenario)[done - 1]
    mine = {name: float(recorded.run.outcomes[name][done - 1]) for name in TOLD}
    other = other_of(view)
    if other is None:
        return f"In {label}: {'; '.join(f'{label_of(name)} {_shown(name, mine[name])}' for name in TOLD)}."
    theirs = recorded_run(scenario_of(other)[0], other.seed).run.outcomes
    told = []
    for name in TOLD:
        unit, apart = OUTCOMES[name].unit, mine[name] - float(theirs[name][done - 1])
        if abs(apart) >= (NOTICEABLE / 10 if unit in SHARES else 0.5):
            told.append(f"{label_of(name)} {_shown(name, mine[name])} ({apart_words(apart, unit)})")
    if not told:
        return f"In {label}, on this seed, nothing that matters differs from the other run yet."
    apart_now = f"In {label}, on this seed, against the other run: {'; '.join(told)}."
    return f"{apart_now} One seed says nothing of how sure this is."


def _shown(name: str, value: float) -> str:
    """A value with its unit."""
    return amount(value, OUTCOMES[name].unit)


def _first_act(view: View, scenario: Scenario, recorded: RecordedRun, done: int) -> str:
    """The first transfer, and how many are bound."""
    sent, world = first_transfer(recorded), recorded.run.world
    if sent is None:
        return "In this run nobody sends cluster munitions to anyone."
    month, supplier, recipient = sent
    log = recorded.run.log
    same = (log["choice"] == Choice.TRANSFER) & (log["month"] == month - 1) & (log["actor"] == supplier)
    rounds = int(log["amount"][same & (log["target"] == recipient) & (log["happened"] > 0)].sum())
    status = QUANTITIES["status"].decode(recorded.columns["status"][month])
    bound = status > BOUND  # places in STATUSES: bound, or with a notice given
    parties = [the(world.names[place]) for place in (supplier, recipient) if bound[place]]
    who = f"{named(parties)} among them" if parties else "neither of the two among them"
    return (
        f"In {month_names(scenario)[month - 1]} {the(world.names[supplier])} sent {rounds:,} rounds to "
        f"{the(world.names[recipient])}. {int(bound.sum())} of {len(world)} states were bound by the convention, {who}."
    )


def _scope(view: View, scenario: Scenario, recorded: RecordedRun, done: int) -> str:
    """How scope fell, and where most."""
    world = recorded.run.world
    values = QUANTITIES["scope"].decode(recorded.columns["scope"])
    fallen = values[0] - values[done]
    most = [place for place in np.argsort(-fallen, kind="stable")[:3].tolist() if fallen[place] > 0.0]
    where = named(
        [f"{the(world.names[place])} ({values[0, place]:.2f} to {values[done, place]:.2f})" for place in most]
    )
    label, means = month_names(scenario)[max(done, 1) - 1], values.mean(axis=1)
    told = f"By {label} mean scope went from {means[0]:.2f} to {means[done]:.2f}"
    told += f"; it fell most in {where}." if most else "; it fell nowhere."
    other = other_of(view)
    if other is not None and done:
        theirs = recorded_run(scenario_of(other)[0], other.seed).columns["scope"][done]
        told += f" In the other run it stands at {QUANTITIES['scope'].decode(theirs).mean():.2f}."
    return told


def _critics(view: View, scenario: Scenario, recorded: RecordedRun, done: int) -> str:
    """Who condemned the supplier of the first transfer in its month, and which of its allies did not."""
    sent = first_transfer(recorded)
    if sent is None:
        return "In this run nobody sends cluster munitions to anyone."
    month, supplier, _ = sent
    looked = moment(scenario, view.seed, month)
    world, weighed = looked.simulation.world, looked.weighed
    said = weighed[(weighed["choice"] == Choice.CONDEMN) & (weighed["target"] == supplier) & (weighed["happened"] > 0)]
    power = np.asarray(world.facts["power"])
    critics = sorted(said["actor"].tolist(), key=lambda place: -power[place])
    networks = looked.simulation.networks
    allies = networks.ally[networks.ally_start[supplier] : networks.ally_start[supplier + 1]].tolist()
    silent = sorted(set(allies) - set(critics), key=lambda place: -power[place])
    spoke = f"{len(critics)} of {len(world) - 1} states condemned {the(world.names[supplier])}"
    spoke += f": {named([the(world.names[place]) for place in critics])}." if critics else "."
    if not allies:
        return spoke
    kept = f" Of its {len(allies)} allies {len(allies) - len(silent)} spoke"
    return spoke + kept + (f"; silent were {named([the(world.names[place]) for place in silent])}." if silent else ".")


def _moved(view: View, scenario: Scenario, recorded: RecordedRun, done: int) -> str:
    """Whom the supplier of the first transfer moved in the month after it."""
    sent = first_transfer(recorded)
    if sent is None or sent[0] >= scenario.months:
        return "In this run nobody sends cluster munitions to anyone in time to be seen."
    month, supplier, _ = sent
    looked = moment(scenario, view.seed, month + 1)
    world, made = looked.simulation.world, moves(looked)
    scope, conduct = made.scope[:, supplier].copy(), made.conduct[:, supplier].copy()
    scope[supplier] = conduct[supplier] = 0.0
    most = np.argsort(scope, kind="stable")[:3].tolist()
    names = named([f"{the(world.names[place])} ({scope[place]:+.2f})" for place in most if scope[place] < 0.0])
    narrowed, warier = int((scope < -NOTICEABLE).sum()), int((conduct < -NOTICEABLE).sum())
    told = f"In the month after, what {the(world.names[supplier])} did lowered the scope that {narrowed} states grant"
    told += f" by more than {NOTICEABLE:g}" + (f", most in {names}" if names else "")
    return f"{told}; and so the conduct that {warier} states expect of others."


def _claims(view: View, scenario: Scenario, recorded: RecordedRun, done: int) -> str:
    """Who claimed an exception after the first who did."""
    log, world, labels = recorded.run.log, recorded.run.world, month_names(scenario)
    claims = log[(log["choice"] == Choice.CLAIM) & (log["happened"] > 0)]
    first: dict[int, int] = {}
    for entry in claims:
        first.setdefault(int(entry["actor"]), int(entry["month"]))
    if not first:
        return "In this run nobody claims an exception."
    (leader, _), *rest = first.items()
    by_now = [f"{the(world.names[place])} ({labels[month]})" for place, month in rest if month < done]
    later = sum(month >= done for _, month in rest)
    if not rest:
        return f"After {the(world.names[leader])} nobody else claims an exception in this run, to {labels[-1]}."
    if by_now:
        told = f"After {the(world.names[leader])}, {named(by_now)} claimed an exception too"
    else:
        told = f"By {labels[max(done, 1) - 1]} nobody has followed {the(world.names[leader])}"
    return told + (f"; {later} more will in this run." if later else ".")


ABOUT = {"first_act": _first_act, "scope": _scope, "critics": _critics, "moved": _moved, "claims": _claims}
"""What a sentence can be about, beside the comparison with the other run."""
