"""A world rests on nothing that happened after its date: rows of later years can be deleted, changed or added.

`known=date` holds for every array. By default (`known=None`) facts of the date that came to be known later count: those
of `KNOWN_LATER`, and nothing else. Only `history` is of later years by nature.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from normsim.world import DATA, World, data_files, fact_columns, real_world, world_as_of
from normsim.world.dates import day
from normsim.world.file_schemas import FILES
from normsim.world.real_world import KNOWN_LATER
from normsim.world.treaty_file import convention

Row = dict[str, str]

STARTS = (date(2008, 12, 1), date(2012, 5, 15), date(2016, 1, 1), date(2023, 7, 1), date(2025, 1, 1))

YEAR_FILES = (
    "states_year.csv",
    "un_ideal_points.csv",
    "conflict_years.csv",
    "use_by_year.csv",
    "unga_ccm_votes.csv",
    "transfers.csv",
    "casualties_by_year.csv",
)
"""Files whose rows are dated by `year`."""

SPELL_FILES = ("rivalries.csv", "defence_pacts.csv", "organisations.csv", "domestic_limits.csv")
"""Files whose rows have a start and an end."""

UNDATED = ("borders.csv", "dud_rates.csv", "sources.csv")
"""Files of which no row has a date."""

OTHER = ("ccm_status.csv", "ccw_status.csv", "capability.csv", "arms_ties.csv", "igo_shared_2014.csv")
OTHER += ("co_belligerents.csv", "timeline.csv", "states.csv", "rome_statute.csv", "earlier_bans.csv")

HOW = ("delete", "change", "add")

LISTED = set(KNOWN_LATER)


def is_later(text: str, start: date) -> bool:
    """Whether a date of the record does not lie strictly before the start."""
    return bool(text) and day(text) >= start


def edited(file: str, rows: list[Row], start: date, how: str, luck: random.Random) -> list[Row]:
    """The rows of a file with those after the start deleted or changed, or with more of them."""
    rows = [dict(row) for row in rows]
    if file in YEAR_FILES:
        return _dated(file, rows, "year", start, how, luck)
    if file == "timeline.csv":
        return _dated(file, rows, "date", start, how, luck)
    if file in SPELL_FILES:
        return _spells(file, rows, start, how)
    if file in ("ccm_status.csv", "ccw_status.csv", "rome_statute.csv"):
        return [_acts(row, start, how) for row in rows]
    if file == "earlier_bans.csv":
        return _deposits(rows, start, how)
    if file == "capability.csv":
        return [_arsenal(row, start, how) for row in rows]
    if file == "co_belligerents.csv":
        return _wars_abroad(rows, start, how)
    if file == "states.csv":
        return [_admission(row, start, how) for row in rows]
    if file == "arms_ties.csv":
        return _trade(rows, start, how, luck)
    if file == "igo_shared_2014.csv" and date(2014, 12, 31) >= start:
        kept = rows[::2] if how == "delete" else rows
        return [row | {"shared_igos": str(luck.randint(0, 90))} if how == "change" else row for row in kept] + (
            [] if how != "add" else [{"a": "COK", "b": "VAT", "shared_igos": "77"}]
        )
    return rows


VALUES = {
    "democracy": ("0.11", "0.95"),
    "cinc": ("0.0001", "0.2"),
    "population": ("1000", "900000000"),
    "ideal_point": ("-2.5", "2.5"),
    "intensity": ("1", "2"),
    "role": ("primary", "troop_support"),
    "confidence": ("high", "medium", "low"),
    "tier": ("minor", "regular", "major"),
    "against": ("USA", "RUS;CHN", ""),
    "total": ("0", "5000"),
    "type": ("use", "treaty"),
    "quantity": ("none", "many"),
}
"""Values that a changed row may take, by column."""


def _changed(row: Row, luck: random.Random) -> Row:
    """A row with other values."""
    for name in VALUES.keys() & row.keys():
        if name != "type" or "event" in row:
            row[name] = luck.choice(VALUES[name])
    return row


def _dated(file: str, rows: list[Row], column: str, start: date, how: str, luck: random.Random) -> list[Row]:
    """Rows dated by one column."""
    later = [is_later(row[column], start) for row in rows]
    if how == "delete":
        kept = [row for row, is_late in zip(rows, later, strict=True) if not is_late]
        return kept or rows[:1]  # a file without a row is refused; one row of a later year does not matter either
    if how == "change":
        return [_changed(row, luck) if is_late else row for row, is_late in zip(rows, later, strict=True)]
    # further years after all that is recorded, and every earlier row once more in one of them
    last = max(start.year, *(int(row[column][:4] or 0) for row in rows))
    keys = [name for name in FILES[file].key if name != column]
    more = {tuple(row[name] for name in keys): _changed(dict(row), luck) | {column: str(last + 1)} for row in rows}
    return rows + list(more.values())


def _spells(file: str, rows: list[Row], start: date, how: str) -> list[Row]:
    """Rows with a start and an end."""
    if how == "delete":
        kept = [row for row in rows if not is_later(row["start"], start)]
        return [row | {"end": "" if is_later(row["end"], start) else row["end"]} for row in kept] or rows[:1]
    beyond = str(start.year + 30)
    if how == "change":  # what begins later begins later still, what lasts ends, what ends later lasts
        for row in rows:
            if is_later(row["start"], start):
                row |= {"start": f"{start.year + 29}-{row['start'][5:]}".strip("-"), "end": ""}
            elif not row["end"] or is_later(row["end"], start):
                row["end"] = "" if row["end"] else beyond
        return rows
    keys = [name for name in FILES[file].key if name != "start"]
    more = {tuple(row[name] for name in keys): row | {"start": beyond, "end": ""} for row in rows}
    fresh = [row for row in more.values() if row.get("shared_bloc") != "other/bilateral"]
    return rows + fresh


def _acts(row: Row, start: date, how: str) -> Row:
    """Signature, deposit and withdrawal of one state. A withdrawal is known from its notice."""
    late = {name: is_later(row[name], start) for name in ("signed", "bound")}
    late["withdrawn"] = bool(row["withdrawn"]) and convention().notice_given(day(row["withdrawn"])) >= start
    for name, number in (("signed", 20), ("bound", 21), ("withdrawn", 22)):
        if late[name] or (how == "add" and name != "signed" and not row[name]):
            row[name] = "" if how == "delete" else str(start.year + number)
    return row


def _deposits(rows: list[Row], start: date, how: str) -> list[Row]:
    """Deposits under earlier bans, each known from its day."""
    past = [row for row in rows if not is_later(row["bound"], start)]
    if how == "delete":
        return past
    later = [row | {"bound": f"{start.year + 23}-01-01"} for row in rows if is_later(row["bound"], start)]
    beyond = {"treaty": "mine_ban", "iso3": "USA", "bound": f"{start.year + 23}-01-01", "source": "untc_xxvi_5"}
    return past + later + ([beyond] if how == "add" else [])


def _admission(row: Row, start: date, how: str) -> Row:
    """Membership of the United Nations that begins later: never, at another time, or for a state that has none."""
    beyond = {"un_member": "1", "un_admitted": str(start.year + 30)}
    if is_later(row["un_admitted"], start):
        return row | ({"un_member": "0", "un_admitted": ""} if how == "delete" else beyond)
    return row | beyond if how == "add" and row["un_member"] == "0" else row


def _arsenal(row: Row, start: date, how: str) -> Row:
    """Making began, making ended, stock destroyed. A later destruction of an unlisted stock is added."""
    beyond = {"delete": "", "change": str(start.year + 30), "add": str(start.year + 30)}[how]
    if row["producer_from"] and int(row["producer_from"]) >= start.year and how == "delete":
        row |= {"ever_produced": "0", "producer_status": "never_known", "producer_from": "", "stockpile_status": "none"}
    elif is_later(row["producer_from"], start):
        row["producer_from"] = beyond
    if is_later(row["destroyed_year"], start):
        row["destroyed_year"] = beyond
        row["stockpile_status"] = "none" if how == "delete" else "destroyed"
    if how == "add" and row["stockpile_status"] in ("none", "unknown"):
        row |= {"stockpile_status": "destroyed", "destroyed_year": beyond}
    return row


def _wars_abroad(rows: list[Row], start: date, how: str) -> list[Row]:
    """Wars fought as a supporter, each for some years."""
    known = [row for row in rows if not is_later(row["first_year"], start)]
    for row in known:
        if is_later(row["last_year"], start):
            row["last_year"] = str(start.year - 1) if how != "add" else str(int(row["last_year"]) + 3)
    if how == "delete":
        return known or rows[:1]
    later = [dict(row) for row in rows if is_later(row["first_year"], start)] or [dict(rows[0])]
    moved = {row["iso3"]: row | {"first_year": str(start.year), "last_year": str(start.year)} for row in later}
    return known + list(moved.values())


def _trade(rows: list[Row], start: date, how: str, luck: random.Random) -> list[Row]:
    """Arms trade of a period; one counts as later that was not over."""
    later = [is_later(row["period"][5:], start) for row in rows]
    if how == "delete":
        return [row for row, is_late in zip(rows, later, strict=True) if not is_late]
    if how == "change":
        return [_changed(row, luck) if is_late else row for row, is_late in zip(rows, later, strict=True)]
    fresh = {(row["supplier"], row["recipient"]): row | {"period": "2030-2039", "tier": "major"} for row in rows}
    return rows + list(fresh.values())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A copy of the data to edit; what was read from it is forgotten afterwards."""
    yield Path(shutil.copytree(DATA, tmp_path / "data"))
    caches = (data_files.table, data_files._parse, data_files.known_codes, data_files._numbers, fact_columns._panel)
    for cache in (*caches, convention, fact_columns._states, real_world._year, real_world._build):
        cache.cache_clear()


def edit(folder: Path, file: str, start: date, how: str) -> bool:
    """Edit a file; whether that changed it."""
    path = folder / file
    with path.open(encoding="utf-8", newline="") as opened:
        reader = csv.DictReader(opened)
        rows, names = list(reader), reader.fieldnames
    assert names
    new = edited(file, rows, start, how, random.Random(f"{file} {start} {how}"))
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(new)
    return new != rows


def arrays(world: World) -> dict[str, np.ndarray]:
    """Every array of a world but its history, by name."""
    found = {name: world.facts[name] for name in world.facts.dtype.names or ()}
    for name, layer in (*world.layers.items(), ("rivalry", world.rivalry)):
        where = name if name == "rivalry" else f"layers.{name}"
        found |= {f"{where} {part}": values for part, values in layer._asdict().items()}
    return found | {name: getattr(world, name) for name in ("supplier", "recipient", "ally", "arms")}


def differing(first: World, other: World) -> set[str]:
    """Names of the arrays in which two worlds differ."""
    assert (first.iso3, first.names, first.regions) == (other.iso3, other.names, other.regions)
    ours, theirs = arrays(first), arrays(other)
    return {name.split()[0] for name in ours if ours[name].tobytes() != theirs[name].tobytes()}


def test_every_file_has_its_place() -> None:
    assert {*YEAR_FILES, *SPELL_FILES, *UNDATED, *OTHER} == set(FILES)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("start", STARTS, ids=str)
def test_later_rows_do_not_matter(folder: Path, start: date, how: str) -> None:
    """Nothing that happened later reaches the world; by default only what is listed does."""
    files = {file for file in FILES if edit(folder, file, start, how)}
    if start == date(2012, 5, 15):  # there is something to edit in every file with dates
        without = {*UNDATED, "domestic_limits.csv"} if how == "delete" else {*UNDATED}
        without |= {"states.csv"} if how != "add" else set()  # South Sudan, admitted in 2011, was the last
        assert files == set(FILES) - without
    else:
        assert len(files) >= 8
    assert not differing(world_as_of(start, known=start), world_as_of(start, known=start, data_dir=folder))
    assert differing(world_as_of(start), world_as_of(start, data_dir=folder)) <= LISTED


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_what_came_to_be_known_later_is_what_is_listed(start: date) -> None:
    today, then = world_as_of(start), world_as_of(start, known=start)
    assert differing(today, then) <= LISTED
    assert (today.facts["holder"] >= then.facts["holder"]).all()


def test_every_listed_fact_differs_somewhere() -> None:
    found = set().union(*(differing(world_as_of(start), world_as_of(start, known=start)) for start in STARTS))
    assert found >= set(KNOWN_LATER)


def test_an_earlier_row_does_matter(folder: Path) -> None:
    """The test above would notice: with another start the same edits reach the world."""
    for file in FILES:
        edit(folder, file, date(2012, 5, 15), "delete")
    start = date(2023, 7, 1)
    found = differing(world_as_of(start), world_as_of(start, data_dir=folder))
    assert found >= {"power", "democracy", "ideal_point", "status", "ccw", "intensity", "rivalry", "layers.alliance"}


def test_known_by_a_day_before_the_date_is_refused() -> None:
    with pytest.raises(ValueError, match="known is 2020-01-01: expected 2023-07-01"):
        world_as_of(date(2023, 7, 1), known=date(2020, 1, 1))
