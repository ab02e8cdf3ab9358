"""The model in Mesa's terms: `NormModel` runs the same months as `simulate`, and its agents explain their decisions.

All numbers are in the tables of the simulation. A `State` is an agent that stands for one row of the table of states:
it reads and sets the row's columns as attributes, works in Mesa's AgentSet queries, and explains each of its choices by
the terms that the rules computed in the last month.
"""

import datetime
import os
from functools import partial
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from normsim.config.messages import nearest
from normsim.engine.columns import BOUND, ENTRY, STATE_COLUMNS, columns_of
from normsim.engine.columns import State as StateTable
from normsim.engine.explanations import Explanation, explanations
from normsim.engine.narrative import describe_events
from normsim.engine.outcomes import MEASURED, OUTCOMES, derive
from normsim.engine.rule_set import Rules
from normsim.engine.simulate import Run, Simulation, month_of
from normsim.notebook_html import notebook_html
from normsim.plotting import plot
from normsim.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

COLUMNS = columns_of(StateTable)
"""Columns of a state by name, those with several values included."""

COLLECTED = ("validity", "felt", "scope", "status", "rounds")
"""Columns of states that the data collector keeps by default."""


class State(mesa.Agent["NormModel"]):
    """One state: an agent that stands for one row of the table of states.

    Every column of `normsim/engine/columns.py` is an attribute that can be read and set, e.g. `state.validity` or
    `state.status`; a column with several values is an array, e.g. `state.stock`, its rounds by class. A value that is
    set between two months is used in the next one. `dir(state)` lists the columns; `state.to_frame()` gives their units
    and meanings.

    Attributes:
        iso3: its code.
        name: its name.
        place: its row in the table of states.

    Example:
        >>> import normsim as ns
        >>> model = ns.NormModel("ukraine_2023", rng=1)
        >>> model.step()
        >>> usa = model.state("USA")
        >>> usa.is_party, usa.bridge
        (False, 1)
        >>> usa.explain("transfer", "UKR")[0].note
        'ordered by the scenario'
        >>> model.state("NOR").explain("use")
        [<2023-07 NOR use: not at war>]
    """

    def __init__(self, model: "NormModel", iso3: str, name: str, place: int) -> None:
        super().__init__(model)
        self.iso3, self.name, self.place = iso3, name, place

    def __getattr__(self, name: str) -> Any:
        """A column of this state."""
        if name in STATE_COLUMNS:
            return self.model.simulation.states[name][self.place].item()
        if name in COLUMNS:
            return self.model.simulation.states[name][self.place]
        raise AttributeError(f"a State has no column {name!r}{nearest(name, list(COLUMNS))}")

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a column of this state, or an attribute of its own."""
        if name in COLUMNS:
            self.model.simulation.states[name][self.place] = value
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        """Its attributes and its columns."""
        return sorted({*super().__dir__(), *COLUMNS})

    def __repr__(self) -> str:
        """Its code and name."""
        return f"<State {self.iso3} {self.name}>"

    def _repr_html_(self) -> str:
        """Name, code and columns, for notebooks."""
        return notebook_html(self.name, {"code": self.iso3, "month": self.model.when}, self.to_frame())

    def to_frame(self) -> "pd.DataFrame":
        """Return the columns of this state: column, value, unit, meaning.

        Example:
            >>> import normsim as ns
            >>> frame = ns.NormModel("baseline").state("FRA").to_frame().set_index("column")
            >>> frame.loc["intensity", "meaning"]
            'intensity of its conflict, 0 at peace'
        """
        import pandas as pd

        row = self.model.simulation.states[self.place]
        rows = [(name, row[name].tolist(), column.unit, column.meaning) for name, column in COLUMNS.items()]
        return pd.DataFrame(rows, columns=["column", "value", "unit", "meaning"])

    def plot(self) -> "Figure":
        """Return a figure of this state's collected columns over the months (`collect_states` of the model).

        Raises:
            AnalysisError: no month has been run, or no column is collected.

        Example:
            >>> import normsim as ns
            >>> model = ns.NormModel("baseline", collect_states=("validity", "threat"))
            >>> model.step()
            >>> [axes.get_title("left") for axes in model.state("FRA").plot().axes]
            ['validity', 'threat']
        """
        return plot("state", self, self.model.collected(self))

    @property
    def is_party(self) -> bool:
        """Whether it is bound by the convention."""
        return bool(self.status >= BOUND)

    def explain(self, choice: str, target: str | None = None) -> list[Explanation]:
        """Return why this state did or did not act in the last month, with every term of its propensity.

        Args:
            choice: acquire, use, transfer, renounce, join, withdraw, vote or condemn.
            target: iso3 of the other state of a transfer or a condemnation; every decision if not given.

        Returns:
            one explanation per decision. If the state decided nothing, a single one without terms, whose note is the
            reason that was recorded when the month was run. Of several recipients that a transfer was ruled out to, it
            is the reason that was checked last.

        Raises:
            ValueError: there is no such choice, the target is missing or unknown, or no month has been run.
        """
        return explanations(self.model.simulation, self.model.weighed, self.place, choice, target)


def _seed(rng: Any) -> Any:
    """The seed that Mesa's `rng` stands for."""
    if rng is None:
        return int.from_bytes(os.urandom(4))
    if hasattr(rng, "generate_state"):
        return int(rng.generate_state(1)[0])
    return rng


class NormModel(mesa.Model):
    """The model as a `mesa.Model`: `step` runs one month.

    Attributes:
        simulation: the run in progress, with the tables of the model.
        weighed: every choice weighed in the last month, dtype `ENTRY`.
        outcomes: every outcome of the last month.
        norm_scenario: the scenario (Mesa uses the name `scenario` itself).
        datacollector: every outcome of each month as model reporters, some columns of each state as agent reporters.

    Example:
        >>> import normsim as ns
        >>> model = ns.NormModel("ukraine_2023", rng=1)
        >>> model.step()
        >>> model
        <NormModel: ukraine_2023, seed 1, month 1 of 240>
        >>> len(model.states.select(lambda state: state.is_party)) == model.outcomes["parties"]
        True
    """

    def __init__(
        self,
        scenario: Scenario | str = "baseline",
        rng: Any = 0,
        rules: Rules | None = None,
        collect_states: tuple[str, ...] = COLLECTED,
        seed: int | None = None,
    ) -> None:
        """Prepare the first month.

        Args:
            scenario: a scenario, its name, or the path of its file.
            rng: seed of the run, a whole number or a `numpy.random.SeedSequence`; the same seed gives the same run as
                `simulate`. None draws one, which `simulation.seed` says.
            rules: rules to use instead of the model's own.
            collect_states: columns that the data collector keeps of every state each month.
            seed: Mesa's other name of `rng`.

        Raises:
            ScenarioError: the scenario cannot be loaded.
            ValueError: the seed is no whole number >= 0, or there is no such column.
        """
        for name in collect_states:
            if name not in STATE_COLUMNS:
                raise ValueError(f"a State has no column {name!r} to collect{nearest(name, STATE_COLUMNS)}")
        self.norm_scenario = load_scenario(scenario)
        self.simulation = Simulation(self.norm_scenario, _seed(rng if seed is None else seed), rules, log_level=2)
        super().__init__(rng=self.simulation.seed)
        world = self.simulation.world
        State.create_agents(self, len(world), list(world.iso3), list(world.names), list(range(len(world))))
        self.weighed = np.zeros(0, ENTRY)
        self.outcomes: dict[str, float] = {}
        self._events: list[np.ndarray] = []
        self._collected = collect_states
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_outcome, name=name) for name in OUTCOMES},
            agent_reporters={name: partial(_column, name=name) for name in collect_states},
        )

    def __repr__(self) -> str:
        """The scenario, the seed and how far the run is."""
        seed, done = self.simulation.seed, self.simulation.done
        return f"<NormModel: {self.norm_scenario.name}, seed {seed}, month {done} of {self.norm_scenario.months}>"

    def _repr_html_(self) -> str:
        """Scenario, seed, month and the first states, for notebooks."""
        facts = {"seed": self.simulation.seed, "month": f"{self.when} of {self.norm_scenario.months}"}
        frame = self.to_frame().reset_index()
        return notebook_html(self.norm_scenario.title, facts, frame[["iso3", *COLLECTED]])

    @property
    def when(self) -> str:
        """How far the run is, e.g. `3, 2023-09`."""
        done = self.simulation.done
        return f"{done}, {self.last_month:%Y-%m}" if done else "0"

    def to_frame(self) -> "pd.DataFrame":
        """Return the states as they are now: one row per state, by iso3, one column per column of the model.

        Example:
            >>> import normsim as ns
            >>> frame = ns.NormModel("baseline").to_frame()
            >>> int(frame.loc["FRA", "status"])
            2
        """
        return self.simulation.result().states

    def plot(self) -> "Figure":
        """Return a figure of the headline outcomes over the months run so far.

        Raises:
            AnalysisError: no month has been run.

        Example:
            >>> import normsim as ns
            >>> model = ns.NormModel("baseline")
            >>> for _ in range(3):
            ...     model.step()
            >>> figure = model.plot()
        """
        return self.result().plot()

    def collected(self, state: State) -> "pd.DataFrame":
        """Return what the data collector keeps of a state: one row per month, one column per collected column.

        Args:
            state: a state of this model.
        """
        import pandas as pd

        months = pd.DatetimeIndex([self.month_at(m) for m in range(self.simulation.done)], name="month")
        if months.empty or not self._collected:
            return pd.DataFrame(index=months, columns=list(self._collected))
        rows = self.datacollector.get_agent_vars_dataframe().xs(state.unique_id, level="AgentID")
        return rows.set_index(months)

    @property
    def states(self) -> "mesa.agent.AgentSet[State]":
        """All states, as Mesa's AgentSet."""
        return self.agents_by_type[State]

    def state(self, iso3: str) -> State:
        """Return the state with this code.

        Raises:
            ValueError: there is no such state.
        """
        place = self.simulation.world.index(iso3)
        return next(iter(self.states.select(lambda state: state.place == place)))

    @property
    def last_month(self) -> datetime.date:
        """First day of the month that was run last."""
        return self.month_at(self.simulation.done - 1)

    def month_at(self, number: int) -> datetime.date:
        """Return the first day of a month of the run, counted from 0."""
        return month_of(self.norm_scenario.start, number)

    def step(self) -> None:
        """Run one month; after the last month of the scenario, do nothing."""
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
        """The acts that happened so far, as in `Run.events`."""
        entries = np.concatenate(self._events) if self._events else np.zeros(0, ENTRY)
        return describe_events(entries, self.simulation.world, [self.month_at(m) for m in range(self.simulation.done)])

    def result(self) -> Run:
        """Return the run as far as it got, as `simulate` returns it."""
        run = self.simulation.result()
        run.log = np.concatenate(self._events) if self._events else run.log
        return run


def _outcome(model: NormModel, name: str) -> float:
    """The last month's value of an outcome."""
    return model.outcomes[name]


def _column(state: State, name: str) -> Any:
    """A column of a state; a function of the module, so that the model can be pickled."""
    return getattr(state, name)
