"""A second, plain implementation of the month: Mesa agents with attributes, neighbours in lists, loops in Python."""

from tests.plain.model import PlainModel
from tests.plain.rules import CountedMath, PlainRules, plain_parameters, plain_rules
from tests.plain.state import PlainState

__all__ = ["CountedMath", "PlainModel", "PlainRules", "PlainState", "plain_parameters", "plain_rules"]
