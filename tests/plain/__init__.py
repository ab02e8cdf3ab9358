"""A second, plain implementation of the model: Mesa agents with attributes, neighbours in lists, loops in Python.

It builds its own initial states, ties and networks from a `World`; it shares rules, parameters, random streams and
column names with the engine, nothing else.
"""

from tests.plain.model import PlainModel
from tests.plain.rules import CountedMath, PlainRules, plain_parameters, plain_rules
from tests.plain.state import PlainState

__all__ = ["CountedMath", "PlainModel", "PlainRules", "PlainState", "plain_parameters", "plain_rules"]
