"""The world before the first month: real, as of a date, or generated.

`world_as_of` builds the real world from the cited data beside this file, `synthetic_world` a
generated one. Both are a `World`: facts of each state, sparse influence layers, and the ties along
which transfers could run. `facts_of` and `record` say what is known and where from.
"""

from __future__ import annotations

from normsim.world.data_files import DATA, check_data, data_hashes
from normsim.world.errors import DataError, WorldError
from normsim.world.historical_record import (
    Event,
    Record,
    Transfer,
    events_recorded,
    record,
    transfers_recorded,
)
from normsim.world.influence_layers import Layer
from normsim.world.initial_world import FACTS, IN_FORCE, OPENED, History, World
from normsim.world.real_world import FIRST_DAY, world_as_of
from normsim.world.state_profile import Fact, facts_of
from normsim.world.synthetic import synthetic_world

__all__ = [
    "DATA",
    "FACTS",
    "FIRST_DAY",
    "IN_FORCE",
    "OPENED",
    "DataError",
    "Event",
    "Fact",
    "History",
    "Layer",
    "Record",
    "Transfer",
    "World",
    "WorldError",
    "check_data",
    "data_hashes",
    "events_recorded",
    "facts_of",
    "record",
    "synthetic_world",
    "transfers_recorded",
    "world_as_of",
]
