"""The real world as of a date, from nothing that happened later.

Acts count if they lie strictly before the date; what is dated by a year counts once the year is over (see `dates`).
What has no date is taken as always so: the list of states (South Sudan exists in 2008), geography, who ever made,
exported or inherited the weapon, and stocks that are held today. SOURCES.md says of every file what is done.

A world can begin before a data file does. What counts then is said by the treaty (`Treaty.missing`): the values of
the file's first year, or nothing, so that no state differs from another in it. `covariates_since` says what exists
from when.

Some facts of a date come to be known only later. `known` says by when they must have been: `KNOWN_LATER` names the
columns of the world that differ. By default all that is known today counts, as it describes the date best.
"""

from __future__ import annotations

import datetime
import functools
from pathlib import Path

import numpy as np

from normsim.errors import WorldError
from normsim.world import dyads, fact_columns, influence_layers
from normsim.world.data_files import DATA
from normsim.world.fact_columns import DEMOCRACY, IDEAL_POINT, POWER, Lookup
from normsim.world.initial_world import FACTS, MOVING, Relations, World, Year
from normsim.world.treaty import Treaty
from normsim.world.treaty_file import convention

KNOWN_LATER = (
    *("holder", "origin", "intensity", "layers.arms", "layers.organisations"),
    *("supplier", "recipient", "ally", "arms"),  # the pairs that could transfer munitions
)
"""What of a world rests on facts that came to be known after its date, unless `known` is that date.

- holder, origin: stocks known by their later destruction, or not yet listed. By a date, those that are left are mostly
  of states that hold to this day and never joined, so nothing should be fitted to them.
- intensity: wars of the whole calendar year of the date; by a date, of the last year that was over.
- layers.arms, and the pairs: arms trade of a period of years that was half over; by a date, of periods that were over.
- layers.organisations: shared organisations of 2014; before 2015, by a date, those of organisations.csv.
"""


def world_as_of(
    date: datetime.date, *, known: datetime.date | None = None, treaty: Treaty | None = None, data_dir: Path = DATA
) -> World:
    """Build the real world as of a date.

    Args:
        date: Acts strictly before it count; from the treaty's `covariates_from` on, by default 2008-12-01.
        known: Leave out facts of the date that came to be known only after this day (see `KNOWN_LATER`), so that with
            `known=date` the world holds nothing that happened later. None for all that is known today.
        treaty: The treaty that states join and leave; by default the Convention on Cluster Munitions. If it is not
            about cluster munitions (`Treaty.stocks`), nobody holds, makes or uses any in the world.
        data_dir: Folder of the data files.

    Returns:
        The world; the same object for the same arguments. Its `history` holds later years too.

    Raises:
        WorldError: If the date lies before the record, or `known` before the date.
        DataError: If a data file is missing or broken.

    Example:
        >>> day = datetime.date(2023, 7, 1)
        >>> world = world_as_of(day)
        >>> len(world), world.names[world.index("NOR")]
        (197, 'Norway')
        >>> int(world.facts["holder"].sum() - world_as_of(day, known=day).facts["holder"].sum())  # destroyed in 2023
        4
    """
    treaty = treaty or convention(data_dir)
    if date < treaty.covariates_from:
        raise WorldError(f"no world as of {date}: the record starts on {treaty.covariates_from} for {treaty.name}")
    if known is not None and known < date:
        raise WorldError(f"known is {known}: expected {date}, the date of the world, or later")
    return _build(date, known, treaty, data_dir)


def covariates_since(data_dir: Path = DATA) -> dict[str, datetime.date]:
    """First day on which each part of a world rests on data of its own time, by what it is; sorted by day.

    Before it the values of the file's first year are carried back, or the part is left out (`Treaty.missing`). Pacts,
    rivalries and organisations are not listed: their rows are dated and reach back before every possible start.

    Example:
        >>> covariates_since()["democracy"]
        datetime.date(2001, 1, 1)
    """
    look = fact_columns.lookup(datetime.date.max, data_dir)
    democracy, votes = (look.panel(*column)[0] for column in (DEMOCRACY, IDEAL_POINT))
    first = {"wars": fact_columns.wars(look)[0], "democracy": democracy, "power": look.panel(*POWER)[0]}
    first |= {"similar votes": votes}
    days = {name: datetime.date(year + 1, 1, 1) for name, year in first.items()}
    days["arms trade"] = dyads.arms_since(look.table("arms_ties.csv"))
    return dict(sorted(days.items(), key=lambda item: item[1]))


def treaty_status(date: datetime.date, *, treaty: Treaty | None = None, data_dir: Path = DATA) -> np.ndarray:
    """Treaty status of every state on a date, in the order of the world.

    Args:
        date: Acts strictly before it count.
        treaty: The treaty; by default the Convention on Cluster Munitions.
        data_dir: Folder of the data files.

    Returns:
        (n,) array of dtype `FACTS`: `status`, `months_bound`, `months_to_force` and `notice_left`, the rest zero.

    Example:
        >>> int((treaty_status(datetime.date(2023, 7, 1))["status"] >= 2).sum())
        111
    """
    return fact_columns.treaty_facts(fact_columns.lookup(date, data_dir), treaty or convention(data_dir))


def _relations(look: Lookup) -> Relations:
    """Alliances, arms trade, rivalries, and the pairs that could transfer."""
    position, date = look.position, look.date
    pacts = dyads.pacts(look.table("defence_pacts.csv"), position, date)
    tiers = dyads.arms_tiers(look.table("arms_ties.csv"), position, date, look.known, carry_back=look.carry_back)
    rivals = dyads.rivals(look.table("rivalries.csv"), position, date)
    ties = influence_layers.transfer_ties(pacts, tiers, rivals)
    layers = {"alliance": influence_layers.alliance_layer(pacts), "arms": influence_layers.arms_layer(tiers)}
    return Relations(layers=layers, rivalry=influence_layers.rivalry_layer(rivals), **ties._asdict())


@functools.cache
def _year(year: int, carry_back: bool, data_dir: Path) -> Year:
    """Covariates and relations on the first day of a year."""
    look = fact_columns.lookup(datetime.date(year, 1, 1), data_dir, carry_back=carry_back)
    facts = np.zeros(len(look.states), dtype=[(name, FACTS[name]) for name in MOVING])
    for name, column in fact_columns.moving(look).items():
        facts[name] = column
    return Year(**vars(_relations(look)), year=year, facts=facts)


@functools.lru_cache(maxsize=64)
def _build(date: datetime.date, known: datetime.date | None, treaty: Treaty, data_dir: Path) -> World:
    look = fact_columns.lookup(date, data_dir, known, carry_back=treaty.missing == "carry_back")
    position = look.position
    borders = dyads.borders(look.table("borders.csv"), position)
    igos = dyads.shared_organisations(look.table("igo_shared_2014.csv"), position, known)
    members = look.table("organisations.csv")
    near = dyads.memberships(members, position, date, regional=True)
    every = dyads.memberships(members, position, date, regional=False).astype(np.float64)
    regions = tuple(sorted(set(look.texts("region"))))
    facts = fact_columns.facts_as_of(look, regions, treaty)
    voting = ~np.isnan(fact_columns.ideal_points(look))
    relations = _relations(look)
    layers = {
        "region": influence_layers.region_layer(borders, near),
        "alliance": relations.layers["alliance"],
        "votes": influence_layers.votes_layer(facts["ideal_point"], voting),
        "arms": relations.layers["arms"],
        "organisations": influence_layers.organisations_layer(igos, every @ every.T),
    }
    later = tuple(
        _year(year, look.carry_back, data_dir) for year in range(date.year + 1, fact_columns.last_year(look) + 2)
    )
    return World(
        start=date,
        iso3=tuple(position),
        names=look.texts("name"),
        regions=regions,
        facts=facts,
        **vars(relations) | {"layers": layers},
        history=fact_columns.history_from(look, later),
        treaty=treaty,
    )
