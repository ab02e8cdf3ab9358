"""The world before the first month: the real one as of a date, or a generated one.

`world_as_of` builds the real world from the cited data files in this folder, `synthetic_world`
generates one. Both return a `World`: facts of each state, sparse influence layers, and the pairs of
states that could transfer munitions. `facts_of` lists what is known of one state with its sources;
`record`, `events_recorded` and `transfers_recorded` return the historical record.
"""

from __future__ import annotations

from normsim.errors import DataError, WorldError
from normsim.world.data_files import DATA, check_data, data_hashes
from normsim.world.historical_record import (
    Event,
    Record,
    Transfer,
    events_recorded,
    record,
    transfers_recorded,
)
from normsim.world.influence_layers import Layer
from normsim.world.initial_world import FACTS, History, Relations, World, Year
from normsim.world.real_world import covariates_since, treaty_status, world_as_of
from normsim.world.state_profile import Fact, facts_of
from normsim.world.synthetic import synthetic_world
from normsim.world.treaty import Treaty
from normsim.world.treaty_file import TREATIES, convention, load_treaty

__all__ = [
    "DATA",
    "FACTS",
    "TREATIES",
    "DataError",
    "Event",
    "Fact",
    "History",
    "Layer",
    "Record",
    "Relations",
    "Transfer",
    "Treaty",
    "World",
    "WorldError",
    "Year",
    "check_data",
    "convention",
    "covariates_since",
    "data_hashes",
    "events_recorded",
    "facts_of",
    "load_treaty",
    "record",
    "synthetic_world",
    "transfers_recorded",
    "treaty_status",
    "world_as_of",
]
