"""The real world as of a date.

Acts count if they lie strictly before the date; what is dated by a year counts once the year is
over (see `dates`). Three things do not vary with the date, because no series is available: shared
organisations are those of 2014, the list of states is today's (South Sudan exists in 2008), and the
intensity of a war is that of the whole calendar year of the date.
"""

from __future__ import annotations

import datetime
import functools
from pathlib import Path

import numpy as np

from normsim.errors import WorldError
from normsim.world import dyads, fact_columns, influence_layers
from normsim.world.data_files import DATA
from normsim.world.initial_world import World

FIRST_DAY = datetime.date(2008, 12, 1)
"""First date of the world: two days before the convention opened."""


def world_as_of(date: datetime.date, *, data_dir: Path = DATA) -> World:
    """Build the real world as of a date.

    Args:
        date: Acts strictly before it count; 2008-12-01 or later.
        data_dir: Folder of the data files.

    Returns:
        The world; the same object for the same date.

    Raises:
        WorldError: If the date lies before the record.
        DataError: If a data file is missing or broken.

    Example:
        >>> world = world_as_of(datetime.date(2023, 7, 1))
        >>> len(world), world.names[world.index("NOR")]
        (197, 'Norway')
    """
    if date < FIRST_DAY:
        raise WorldError(f"no world as of {date}: the record starts on {FIRST_DAY}")
    return _build(date, data_dir)


@functools.lru_cache(maxsize=64)
def _build(date: datetime.date, data_dir: Path) -> World:
    look = fact_columns.lookup(date, data_dir)
    position = look.position
    pacts = dyads.pacts(look.table("defence_pacts.csv"), position, date)
    tiers = dyads.arms_tiers(look.table("arms_ties.csv"), position, date)
    rivals = dyads.rivals(look.table("rivalries.csv"), position, date)
    borders = dyads.borders(look.table("borders.csv"), position)
    igos = dyads.shared_organisations(look.table("igo_shared_2014.csv"), position)
    members = look.table("organisations.csv")
    near = dyads.memberships(members, position, date, regional=True)
    every = dyads.memberships(members, position, date, regional=False).astype(np.float64)
    voice, voting = fact_columns.ideal_points(look)
    regions = tuple(sorted(set(look.texts("region"))))
    facts = fact_columns.facts_as_of(look, regions, voice)
    ties = influence_layers.transfer_ties(pacts, tiers, rivals)
    return World(
        start=date,
        iso3=tuple(position),
        names=look.texts("name"),
        regions=regions,
        facts=facts,
        layers={
            "region": influence_layers.region_layer(borders, near),
            "alliance": influence_layers.alliance_layer(pacts),
            "votes": influence_layers.votes_layer(facts["ideal_point"], voting),
            "arms": influence_layers.arms_layer(tiers),
            "organisations": influence_layers.organisations_layer(igos, every @ every.T),
        },
        rivalry=influence_layers.rivalry_layer(rivals),
        supplier=ties.supplier,
        recipient=ties.recipient,
        ally=ties.ally,
        arms=ties.arms,
        history=fact_columns.history_from(look),
    )
