"""The plain agent-by-agent model as other batch runners want it."""

import mesa

from normsim.scenario import load_scenario
from tests.plain import PlainModel


class MesaRun(mesa.Model):
    """The plain model as mesa.batch_run drives it: made and stepped by it, in its own processes."""

    def __init__(self, months: int = 12, rng: int | None = None) -> None:
        super().__init__(rng=rng)
        self.plain = PlainModel(load_scenario("baseline").with_months(months), rng or 0)
        self.datacollector = mesa.DataCollector({"scope": lambda model: float(model.plain.steps)})

    def step(self) -> None:
        """A month."""
        self.plain.step()
        self.datacollector.collect(self)


def agentpy_run() -> type:
    """The plain model as agentpy's Experiment drives it."""
    import agentpy

    class AgentpyRun(agentpy.Model):  # type: ignore[misc]
        def setup(self) -> None:
            scenario = load_scenario("baseline").with_months(self.p.months)
            self.plain = PlainModel(scenario, self.random.randrange(2**32))

        def step(self) -> None:
            self.plain.step()

        def end(self) -> None:
            self.report("months", float(self.plain.steps))

    return AgentpyRun
