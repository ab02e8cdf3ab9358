"""The model as Mesa knows it: `NormModel` steps the same compiled month as `simulate`, and its agents can say why.

The columns are the model; a `State` is one row of them. It sees and sets its columns as attributes, answers Mesa's
AgentSet queries, and explains each of its choices by the very terms that the month's rules computed.
"""

import datetime
from functools import partial
from typing import Any

import mesa
import numpy as np

from normsim.config.messages import nearest
from normsim.engine.columns import BOUND, ENTRY, STATE_COLUMNS, Choice
from normsim.engine.narrative import CHOICE_NAMES, HAZARDS, REASONS, TERMS, describe_events
from normsim.engine.outcomes import MEASURED, OUTCOMES, derive
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import Run, Simulation, month_of
from normsim.rules import condemn, transfer
from normsim.scenario import Scenario, load_scenario


class Explanation:
    """Why a state did or did not do something in a month.

    Attributes:
        choice: what was decided on.
        state: iso3 of the state.
        target: iso3 of the other state of a dyadic choice, else empty.
        month: first day of the month.
        terms: every named term of the propensity; empty if the state did not come to decide.
        link: `logit` or `log hazard`: what the terms add up to.
        probability: probability of the act in that month.
        draw: the uniform number it was compared with.
        happened: whether the act happened.
        note: why the state did not decide, or that a dated event ordered it.
    """

    def __init__(
        self,
        choice: str,
        state: str,
        target: str,
        month: datetime.date,
        terms: dict[str, float],
        link: str,
        probability: float,
        draw: float,
        happened: bool,
        note: str,
    ) -> None:
        self.choice, self.state, self.target, self.month = choice, state, target, month
        self.terms, self.link, self.probability, self.draw = terms, link, probability, draw
        self.happened, self.note = happened, note

    def __repr__(self) -> str:
        """One line: who, what, how likely, and the strongest reasons."""
        at = f" to {self.target}" if self.target else ""
        head = f"{self.month:%Y-%m} {self.state} {self.choice}{at}"
        if not self.terms:
            return f"<{head}: {self.note}>"
        strongest = sorted(self.terms.items(), key=lambda term: -abs(term[1]))[:3]
        told = ", ".join(f"{name} {value:+.2f}" for name, value in strongest)
        return f"<{head}: probability {self.probability:.3f} ({told})>"


class State(mesa.Agent["NormModel"]):
    """A state: one row of the columns.

    Every column of `engine/columns.py` is an attribute, read from and written to the model's columns, e.g.
    `state.validity`, `state.status`; `state.stock` is its array of rounds by class. Lasting changes made between months
    are seen by the next month.
    """

    def __init__(self, model: "NormModel", iso3: str, name: str, place: int) -> None:
        """Args: model: the model. iso3: its code. name: its name. place: its row."""
        super().__init__(model)
        self.iso3, self.name, self.place = iso3, name, place

    def __getattr__(self, name: str) -> Any:
        """A column of this state."""
        if name in STATE_COLUMNS:
            return self.model.simulation.states[name][self.place].item()
        if name == "stock":
            return self.model.simulation.states["stock"][self.place]
        raise AttributeError(f"a State has no column {name!r}{nearest(name, STATE_COLUMNS)}")

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a column of this state, or an attribute of its own."""
        if name in STATE_COLUMNS:
            self.model.simulation.states[name][self.place] = value
        else:
            super().__setattr__(name, value)

    def __repr__(self) -> str:
        """Its code and name."""
        return f"<State {self.iso3} {self.name}>"

    @property
    def is_party(self) -> bool:
        """Whether it is bound by the convention."""
        return bool(self.status >= BOUND)

    def explain(self, choice: str, target: str | None = None) -> list[Explanation]:
        """Every term of this state's propensity to do something, as the last month computed it.

        Args:
            choice: acquire, use, transfer, renounce, join, withdraw, vote or condemn.
            target: iso3 of the other state of a transfer or condemnation; all that were weighed if not given.

        Returns:
            one explanation a decision; one without terms, saying why, if there was none to take.
        """
        if choice not in CHOICE_NAMES:
            raise ValueError(f"no choice {choice!r}{nearest(choice, CHOICE_NAMES)} (one of {', '.join(CHOICE_NAMES)})")
        model = self.model
        if model.simulation.done == 0:
            raise ValueError("nothing has been decided yet: run a month first")
        entries = model.weighed
        mine = entries[(entries["choice"] == CHOICE_NAMES[choice]) & (entries["actor"] == self.place)]
        if target is not None:
            mine = mine[mine["target"] == model.simulation.world.index(target)]
        if len(mine) == 0:
            return [self._undecided(choice, target)]
        return [self._explanation(choice, entry) for entry in mine]

    def _explanation(self, choice: str, entry: np.void) -> Explanation:
        """An explanation from an entry of the log."""
        number = CHOICE_NAMES[choice]
        world = self.model.simulation.world
        aimed = number in (Choice.TRANSFER, Choice.CONDEMN)
        return Explanation(
            choice,
            self.iso3,
            world.iso3[int(entry["target"])] if aimed else "",
            self.model.last_month,
            dict(zip(TERMS[number], entry["terms"].tolist(), strict=False)),
            "log hazard" if number in HAZARDS else "logit",
            float(entry["probability"]),
            float(entry["draw"]),
            bool(entry["happened"]),
            {1: "ordered by the scenario", -1: "forbidden by the scenario"}.get(int(entry["order"]), ""),
        )

    def _undecided(self, choice: str, target: str | None) -> Explanation:
        """Why the state did not come to decide, as recorded when the month was run."""
        match choice:
            case "transfer":
                reason = self._transfer_reason(target)
            case "condemn":
                reason = condemn.NO_ACT
            case _:
                reason = int(self.model.simulation.work[f"no_{choice}"][self.place])
        note = REASONS[CHOICE_NAMES[choice]][reason]
        month = self.model.last_month
        return Explanation(choice, self.iso3, target or "", month, {}, "", 0.0, float("nan"), False, note)

    def _transfer_reason(self, target: str | None) -> int:
        """Why a transfer to the target, or to anyone, was not decided on: an index into `transfer.REASONS`."""
        simulation = self.model.simulation
        mine = simulation.ties["supplier"] == self.place
        if target is not None:
            mine &= simulation.ties["recipient"] == simulation.world.index(target)
        recipients = simulation.ties["recipient"][mine]
        reasons = np.where(
            simulation.work["no_receive"][recipients] > 0,
            simulation.work["no_receive"][recipients],
            simulation.ties["ineligible"][mine],
        )
        return int(reasons[reasons > 0].min()) if (reasons > 0).any() else transfer.NO_TIE


class NormModel(mesa.Model):
    """The model, stepped a month at a time.

    Attributes:
        simulation: the run in progress; its columns are the model.
        weighed: every choice weighed in the last month, dtype `ENTRY`.
        outcomes: every outcome of the last month.
        norm_scenario: the scenario (Mesa keeps the name `scenario` for its own).
        datacollector: every outcome of each month as model reporters, and a few columns of each state.
    """

    def __init__(
        self,
        scenario: Scenario | str = "baseline",
        rng: int = 0,
        rules: Rules | None = None,
        collect_states: tuple[str, ...] = ("validity", "scope", "perceived", "status", "rounds"),
    ) -> None:
        """Prepare the first month.

        Args:
            scenario: a scenario, its name, or the path of its file.
            rng: seed of the run; the same number gives the same run as `simulate`.
            rules: rules to use instead of the model's own.
            collect_states: columns that the data collector keeps of every state each month.
        """
        self.norm_scenario = load_scenario(scenario)
        self.simulation = Simulation(self.norm_scenario, rng, rules, log_level=2)
        super().__init__(rng=self.simulation.seed)
        world = self.simulation.world
        State.create_agents(self, len(world), list(world.iso3), list(world.names), list(range(len(world))))
        self.weighed = np.zeros(0, ENTRY)
        self.outcomes: dict[str, float] = {}
        self._events: list[np.ndarray] = []
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_outcome, name=name) for name in OUTCOMES},
            agent_reporters={name: partial(_column, name=name) for name in collect_states},
        )

    @property
    def states(self) -> "mesa.agent.AgentSet[State]":
        """All states, as Mesa's AgentSet."""
        return self.agents_by_type[State]

    def state(self, iso3: str) -> State:
        """The state with this code."""
        place = self.simulation.world.index(iso3)
        return next(iter(self.states.select(lambda state: state.place == place)))

    @property
    def last_month(self) -> datetime.date:
        """First day of the month that was run last."""
        return self.month_at(self.simulation.done - 1)

    def month_at(self, number: int) -> datetime.date:
        """First day of a month of the run, counted from 0."""
        return month_of(self.norm_scenario.start, number)

    def step(self) -> None:
        """Run one month; nothing happens beyond the horizon."""
        simulation = self.simulation
        if simulation.done >= self.norm_scenario.months:
            self.running = False
            return
        simulation.advance(1)
        self.weighed = simulation.take_log()
        self._events.append(self.weighed[self.weighed["happened"] > 0])
        self.running = simulation.done < self.norm_scenario.months
        measured = simulation.measured
        derived = derive(measured, len(self.states))
        self.outcomes = {name: float(measured[name][-1]) for name in MEASURED}
        self.outcomes |= {name: float(values[-1]) for name, values in derived.items()}
        self.datacollector.collect(self)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What has happened so far, in plain words."""
        entries = np.concatenate(self._events) if self._events else np.zeros(0, ENTRY)
        return describe_events(entries, self.simulation.world, [self.month_at(m) for m in range(self.simulation.done)])

    def result(self) -> Run:
        """The run as far as it got, as `simulate` returns it."""
        run = self.simulation.result()
        run.log = np.concatenate(self._events) if self._events else run.log
        return run


def _outcome(model: NormModel, name: str) -> float:
    """The last month's value of an outcome."""
    return model.outcomes[name]


def _column(state: State, name: str) -> Any:
    """A column of a state; a function of the module, so that the model can be pickled."""
    return getattr(state, name)
