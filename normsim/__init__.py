"""normsim: an agent-based model of the erosion of the norm against cluster munitions.

Example:
    >>> import normsim as ns
    >>> run = ns.simulate("ukraine_2023", seed=1)
    >>> bool(run.series["parties"].iloc[-1] > 100)
    True

Names are imported when they are first used, so that `import normsim` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

from normsim._version import __version__ as __version__
from normsim.plotting import register_plot

_HOME = {
    "Comparison": "normsim.comparison",
    "Experiment": "normsim.experiment",
    "NormModel": "normsim.model",
    "Rules": "normsim.engine.rule_set",
    "RulesError": "normsim.errors",
    "Results": "normsim.experiment",
    "Run": "normsim.engine.simulate",
    "Scenario": "normsim.scenario",
    "ScenarioError": "normsim.errors",
    "ScenarioWarning": "normsim.errors",
    "Simulation": "normsim.engine.simulate",
    "State": "normsim.model",
    "World": "normsim.world",
    "compare": "normsim.comparison",
    "load_experiment": "normsim.experiment",
    "load_scenario": "normsim.scenario",
    "load_treaty": "normsim.world",
    "open_results": "normsim.experiment",
    "run_experiment": "normsim.experiment",
    "scenario_names": "normsim.scenario",
    "simulate": "normsim.engine.simulate",
    "synthetic_world": "normsim.world",
    "world_as_of": "normsim.world",
}

__all__ = ["__version__", "parameters", *_HOME]

register_plot("run", "normsim.figures.run_figure:draw_run")
register_plot("state", "normsim.figures.run_figure:draw_state")

if TYPE_CHECKING:
    from normsim import parameters as parameters
    from normsim.comparison import Comparison as Comparison
    from normsim.comparison import compare as compare
    from normsim.engine.rule_set import Rules as Rules
    from normsim.engine.simulate import Run as Run
    from normsim.engine.simulate import Simulation as Simulation
    from normsim.engine.simulate import simulate as simulate
    from normsim.errors import RulesError as RulesError
    from normsim.errors import ScenarioError as ScenarioError
    from normsim.errors import ScenarioWarning as ScenarioWarning
    from normsim.experiment import Experiment as Experiment
    from normsim.experiment import Results as Results
    from normsim.experiment import load_experiment as load_experiment
    from normsim.experiment import open_results as open_results
    from normsim.experiment import run_experiment as run_experiment
    from normsim.model import NormModel as NormModel
    from normsim.model import State as State
    from normsim.scenario import Scenario as Scenario
    from normsim.scenario import load_scenario as load_scenario
    from normsim.scenario import scenario_names as scenario_names
    from normsim.world import World as World
    from normsim.world import load_treaty as load_treaty
    from normsim.world import synthetic_world as synthetic_world
    from normsim.world import world_as_of as world_as_of


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "parameters":
        return importlib.import_module("normsim.parameters")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'normsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
