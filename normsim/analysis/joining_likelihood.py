"""Likelihood of the record of joining under the model's own rule, each month given the record so far.

A run is held to the record: at the start of each month every state has the treaty status that it had. So the covariates
of `rules/join.py` are those of the record, and the model gives each state's probability of joining in that month:

    P(joins) = 1 - exp(-g h),    h = exp(log rate + sum over k (b_k x_k)),    g ~ gamma, mean 1, for each state

The rate is that of signing, ratifying or acceding and b are the other coefficients of the rule. The frailty g, with
standard deviation s = `join.frailty`, is integrated out over each state's months together, which has a closed form: a
state stays out through a cumulative hazard H with probability S(H) = (1 + s^2 H)^(-1 / s^2). The covariates x are the
terms that the rule itself gives, over their coefficients. What they take from the simulated part of the model (the felt
norm, threat, civil society) is a mean over seeds. A replaced rule with terms of the same names is met as it is.
"""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from normsim.engine.columns import BOUND, SIGNED, Choice
from normsim.engine.initialisation import take_status
from normsim.engine.simulate import Simulation, build_world, month_of
from normsim.parameters import records
from normsim.rules.join import JoinTerms
from normsim.rules.link_functions import LARGEST_EXPONENT
from normsim.scenario import Scenario
from normsim.world import World, treaty_status

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RATES = ("join.signing", "join.ratify", "join.accede")
"""Hazards by form, in the order of `SIGN`, `RATIFY`, `ACCEDE` of the rule."""

FRAILTY = "join.frailty"
"""Standard deviation of the unseen factor on a state's hazard."""

COEFFICIENTS = tuple(f"join.{name}" for name in JoinTerms._fields if name not in ("rate", "frailty"))
"""Coefficients of the rule, in the order of its terms."""

TINY = np.finfo(float).tiny
"""Added to a probability before its logarithm is taken."""

LEAST_VARIANCE = 1e-12
"""Variance of the frailty at which S(H) is exp(-H) but for rounding."""

MONTHS_A_YEAR = 12


@dataclass(frozen=True, eq=False)
class Joining:
    """The state-months in which a state could join, and whether it did.

    Attributes:
        state: index of the state, shape (rows,).
        month: months since the start, shape (rows,).
        form: how it would join, an index into `RATES`, shape (rows,).
        covariates: one column per coefficient of `names`, shape (rows, coefficients).
        joined: whether it joined in that month, shape (rows,).
        names: coefficients whose covariate varies; the others act on nobody in this record.
        start: first day.
        iso3: codes of the states.
    """

    state: Ints
    month: Ints
    form: Ints
    covariates: Floats
    joined: npt.NDArray[np.bool_]
    names: tuple[str, ...]
    start: datetime.date
    iso3: tuple[str, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters of the likelihood: rates by form, coefficients, frailty."""
        forms = [RATES[form] for form in np.unique(self.form)]
        return (*forms, *self.names, FRAILTY)

    def until(self, last: datetime.date) -> "Joining":
        """The months that are over by a day."""
        months = (last.year - self.start.year) * MONTHS_A_YEAR + last.month - self.start.month
        kept = self.month <= months
        columns = {name: getattr(self, name)[kept] for name in ("state", "month", "form", "covariates", "joined")}
        return replace(self, **columns)

    def without(self, names: Collection[str]) -> "Joining":
        """The same with some coefficients at zero."""
        kept = [place for place, name in enumerate(self.names) if name not in names]
        return replace(self, covariates=self.covariates[:, kept], names=tuple(self.names[place] for place in kept))

    @cached_property
    def _inputs(self) -> Floats:
        """Columns of the log rates and the covariates."""
        forms = np.unique(self.form)
        return np.column_stack([(self.form[:, None] == forms).astype(float), self.covariates])

    @cached_property
    def _by_state(self) -> tuple[Ints, Ints]:
        """Place of the state of each row, and rows of the events by state, shape (states, most events); -1 for none."""
        codes, places = np.unique(self.state, return_inverse=True)
        rows = [np.flatnonzero(self.joined & (places == place)) for place in range(len(codes))]
        events = np.full((len(codes), max(len(own) for own in rows)), -1)
        for place, own in enumerate(rows):
            events[place, : len(own)] = own
        return places, events

    def vector(self, values: Mapping[str, float]) -> Floats:
        """The parameters as `log_likelihood` takes them: rates by their logarithm."""
        return np.array([np.log(values[name]) if name in RATES else values[name] for name in self.parameters])

    def values(self, vector: Floats) -> dict[str, float]:
        """The same the other way round."""
        pairs = zip(self.parameters, vector.tolist(), strict=True)
        return {name: float(np.exp(value)) if name in RATES else value for name, value in pairs}

    def log_likelihood(self, vector: Floats) -> float:
        """Log likelihood of the record.

        Args:
            vector: values of `parameters`, rates by their logarithm.
        """
        places, events = self._by_state
        hazard = _hazard(self._inputs, vector)
        stayed = np.bincount(places, np.where(self.joined, 0.0, hazard), len(events))
        moved = np.where(events >= 0, hazard[events], 0.0)
        return float(np.log(_likelihood(stayed, moved, events >= 0, max(vector[-1] ** 2, LEAST_VARIANCE)) + TINY).sum())

    def probabilities(self, vector: Floats) -> Floats:
        """Probability of joining in each row for a state with a frailty of 1."""
        return np.asarray(-np.expm1(-_hazard(self._inputs, vector)))


def _hazard(inputs: Floats, vector: Floats) -> Floats:
    """Hazard of each row at a frailty of 1."""
    return np.asarray(np.exp(np.minimum(inputs @ vector[:-1], LARGEST_EXPONENT)))


def _likelihood(stayed: Floats, moved: Floats, has: npt.NDArray[np.bool_], variance: float) -> Floats:
    """Mean over a gamma frailty g of exp(-g H) (1 - exp(-g h1)) (1 - exp(-g h2)) ..., state by state.

    An event is the difference of staying out without its month and with it, so many events are differences of
    differences.

    Args:
        stayed: cumulative hazard H of the months without an event, shape (states,).
        moved: hazards h of the months with one, shape (states, events).
        has: which of them are there, same shape.
        variance: variance of the frailty.
    """
    if moved.shape[1] == 0:
        return np.asarray(np.exp(-np.log1p(variance * stayed) / variance))
    rest, others = moved[:, 1:], has[:, 1:]
    without = _likelihood(stayed, rest, others, variance)
    with_month = _likelihood(stayed + moved[:, 0], rest, others, variance)
    return np.where(has[:, 0], np.maximum(without - with_month, 0.0), without)


def joining(scenario: Scenario, last: datetime.date, seeds: int = 4, world: World | None = None) -> Joining:
    """Hold runs to the record, and gather who could join in each month, with which covariates.

    Args:
        scenario: the scenario; its start, and all values but those of the joining rule, count.
        last: day up to which the record is followed.
        seeds: runs over which the covariates are averaged.
        world: the world of the scenario's start, whose treaty is followed; by default the real one.
    """
    world = world or build_world(scenario)
    treaty = world.treaty
    months = (last.year - scenario.start.year) * MONTHS_A_YEAR + last.month - scenario.start.month + 1
    high = {name: records()[name].high for name in COEFFICIENTS}  # what a term is divided by: never zero
    held = replace(scenario, events=()).with_values(high).with_months(months)
    days = [scenario.start, *(month_of(scenario.start, number) for number in range(1, months + 1))]
    record = [treaty_status(day, treaty=treaty) for day in days]
    logs = []
    for seed in range(seeds):
        run = Simulation(held, seed, log_level=2, world=world)
        for number in range(months):
            take_status(run.states, run.system, run.signals, record[number], treaty, days[number], run.p)
            run.advance(1)
            log = run.take_log()
            logs.append(log[log["choice"] == Choice.JOIN])
    status = np.array([day["status"] for day in record])
    return _gathered(scenario, run.world.iso3, logs, high, status)


def joining_of_run(scenario: Scenario, seed: int) -> Joining:
    """The same of a run that follows no record: a simulated record, with its own covariates.

    Args:
        scenario: the scenario; no coefficient of the joining rule may be zero.
        seed: seed of the run.
    """
    run = Simulation(replace(scenario, events=()), seed, log_level=2)
    logs, status = [], [run.states["status"].copy()]
    for _ in range(scenario.months):
        run.advance(1)
        log = run.take_log()
        logs.append(log[log["choice"] == Choice.JOIN])
        status.append(run.states["status"].copy())
    return _gathered(scenario, run.world.iso3, logs, scenario.values, np.array(status))


def _gathered(
    scenario: Scenario,
    iso3: tuple[str, ...],
    logs: list[np.ndarray],
    values: Mapping[str, Any],
    status: np.ndarray,
) -> Joining:
    """Covariates from the logged terms, one row per state and month; a mean where several runs have one."""
    log = np.concatenate(logs)
    month, actor = log["month"].astype(np.int64), log["actor"].astype(np.int64)
    keys, first, row = np.unique(month * len(iso3) + actor, return_index=True, return_inverse=True)
    terms = log["terms"][:, 2 : 2 + len(COEFFICIENTS)] / [float(values[name]) for name in COEFFICIENTS]
    covariates = np.zeros((len(keys), len(COEFFICIENTS)))
    np.add.at(covariates, row, terms)
    covariates /= np.bincount(row)[:, None]
    month, state = month[first], actor[first]
    now, then = status[month, state], status[month + 1, state]
    joined = (then > now) & np.isin(then, (SIGNED, BOUND))
    varies = np.ptp(covariates, axis=0) > 0.0
    names = tuple(name for name, kept in zip(COEFFICIENTS, varies, strict=True) if kept)
    form = log["amount"][first].astype(np.int64)
    return Joining(state, month, form, covariates[:, varies], joined, names, scenario.start, iso3)
