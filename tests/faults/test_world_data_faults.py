"""A corrupted or missing data file is refused by name, line, column and value."""

from __future__ import annotations

import csv
import pickle
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from normsim.world import DATA, DataError, WorldError, check_data, world_as_of
from normsim.world.file_schemas import FILES

Rows = list[list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data to break."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def edit(folder: Path, file: str, change: Callable[[Rows], object]) -> None:
    with (folder / file).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    change(rows)
    with (folder / file).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)


def set_cell(folder: Path, file: str, line: int, column: str, value: str) -> None:
    def change(rows: Rows) -> None:
        rows[line - 1][rows[0].index(column)] = value

    edit(folder, file, change)


def broken(folder: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        check_data(folder)
    return caught.value


@pytest.mark.parametrize(
    ("file", "line", "column", "value", "allowed"),
    [
        ("states.csv", 3, "iso3", "Ao", "three capital letters"),
        ("states.csv", 3, "region", "Atlantis", "Africa"),
        ("states.csv", 3, "lat", "120", "from -90 to 90"),
        ("states.csv", 3, "iso_n3", "24", "three digits"),
        ("states_year.csv", 4, "democracy", "1.2", "from 0 to 1"),
        ("states_year.csv", 4, "cinc", "nan", "a number"),
        ("states_year.csv", 4, "year", "20x5", "a whole number"),
        ("ccm_status.csv", 2, "iso3", "XXX", "states.csv"),
        ("ccm_status.csv", 2, "signed", "2008-13-03", "YYYY-MM-DD"),
        ("ccm_status.csv", 2, "signed", "2012-01-01", "a date not before 2012-01-01"),
        ("ccm_status.csv", 2, "withdrawn", "2009-01-01", "a date not before 2011-09-08"),
        ("ccm_status.csv", 2, "bound_kind", "ratified", "ratification"),
        ("ccm_status.csv", 2, "source", "", "keys of sources.csv"),
        ("ccm_status.csv", 2, "source", "untc2015;rumour", "keys of sources.csv"),
        ("capability.csv", 5, "stockpile_status", "maybe", "holds"),
        ("use_by_year.csv", 5, "location_iso3", "TWN", "ESH"),
        ("use_by_year.csv", 5, "confidence", "sure", "high, medium, low"),
        ("transfers.csv", 2, "recipient_iso3", "USA", "a state other than the supplier_iso3"),
        ("timeline.csv", 2, "actor_iso3s", "USA;ISX", "separated by ';'"),
        ("earlier_bans.csv", 2, "treaty", "mine ban", "chemical_weapons, mine_ban"),
        ("earlier_bans.csv", 2, "bound", "", "YYYY-MM-DD"),
        ("domestic_limits.csv", 2, "threshold", "1%", "a number from 0 to 1"),
        ("rivalries.csv", 2, "end", "1999", "a date not before 2001"),
        ("defence_pacts.csv", 2, "end", "2011.0", "YYYY"),
        ("defence_pacts.csv", 2, "b", "AFG", "a code that sorts after a 'AGO'"),
        ("defence_pacts.csv", 2, "shared_bloc", "SADC+RIO", "joined by '+'"),
        ("borders.csv", 2, "kind", "river", "land"),
        ("organisations.csv", 2, "scope", "global", "regional"),
        ("igo_shared_2014.csv", 2, "shared_igos", "-1", "a whole number"),
        ("un_ideal_points.csv", 2, "ideal_point", "inf", "a number"),
        ("arms_ties.csv", 2, "tier", "huge", "minor, regular, major"),
        ("arms_ties.csv", 2, "period", "2007-2000", "first year before last"),
        ("conflict_years.csv", 2, "intensity", "3", "1, 2"),
        ("co_belligerents.csv", 2, "last_year", "2010", "a date not before 2011"),
    ],
)
def test_a_bad_cell_is_named(folder: Path, file: str, line: int, column: str, value: str, allowed: str) -> None:
    set_cell(folder, file, line, column, value)
    error = broken(folder)
    assert error.file == file
    assert allowed in error.allowed
    # A date out of order shows at the later of the two; everything else where it was put.
    if not (column == "signed" and value.startswith("2012")):
        assert (error.line, error.column, error.value) == (line, column, value)
    for part in (file, f"line {line}", allowed):
        assert part in str(error)


def test_a_regional_treaty_without_its_bloc_is_named(folder: Path) -> None:
    path = folder / "defence_pacts.csv"
    text = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x.replace(",OAS,", ",other/bilateral,") if ",NIC," in x else x for x in text))
    error = broken(folder)
    assert (error.file, error.column, error.value) == ("defence_pacts.csv", "shared_bloc", "other/bilateral")
    assert error.allowed == "at most 6 rows with this value for NIC: name the group whose treaty it is"


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    error = broken(folder)
    assert error.file == file
    assert "missing" in str(error)


@pytest.mark.parametrize("file", sorted(FILES))
def test_an_empty_file_is_named(folder: Path, file: str) -> None:
    (folder / file).write_bytes(b"")
    assert broken(folder).file == file


@pytest.mark.parametrize("file", sorted(set(FILES) - {"unga_ccm_votes.csv"}))
def test_a_repeated_row_is_named(folder: Path, file: str) -> None:
    edit(folder, file, lambda rows: rows.insert(2, list(rows[1])))
    error = broken(folder)
    assert (error.file, error.line) == (file, 3)
    assert "first on line 2" in str(error)


def test_a_short_row(folder: Path) -> None:
    edit(folder, "borders.csv", lambda rows: rows[7].pop())
    error = broken(folder)
    assert (error.file, error.line, error.value) == ("borders.csv", 8, "4 cells")


def test_a_misspelt_column_gets_a_hint(folder: Path) -> None:
    edit(folder, "use_by_year.csv", lambda rows: rows[0].__setitem__(4, "confidense"))
    error = broken(folder)
    assert (error.line, error.column) == (1, "confidense")
    assert "'confidence'" in str(error)


def test_a_dropped_column(folder: Path) -> None:
    edit(folder, "capability.csv", lambda rows: [row.pop() for row in rows])
    error = broken(folder)
    assert (error.file, error.column) == ("capability.csv", "source")


def test_a_whole_file_without_source(folder: Path) -> None:
    def change(rows: Rows) -> None:
        for row in rows[1:]:
            row[-1] = row[-1].replace("arms_ties.csv", "")

    edit(folder, "sources.csv", change)
    error = broken(folder)
    assert error.file == "arms_ties.csv"
    assert "sources.csv" in str(error)


def test_not_utf8(folder: Path) -> None:
    path = folder / "timeline.csv"
    lines = path.read_bytes().split(b"\n")
    lines[4] += b"\xff"
    path.write_bytes(b"\n".join(lines))
    error = broken(folder)
    assert (error.file, error.line, error.allowed) == ("timeline.csv", 5, "text in UTF-8")


def test_torn_quotes(folder: Path) -> None:
    path = folder / "capability.csv"
    path.write_text(path.read_text(encoding="utf-8") + '"torn', encoding="utf-8")
    error = broken(folder)
    assert error.file == "capability.csv"
    assert "CSV" in str(error)


def test_a_byte_order_mark_and_blank_lines_do_no_harm(folder: Path) -> None:
    path = folder / "states.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n\r\n")
    check_data(folder)


def test_namibia_read_as_missing_is_caught(folder: Path) -> None:
    edit(
        folder,
        "ccm_status.csv",
        lambda rows: [row.__setitem__(0, "") for row in rows if row[0] == "NAM"],
    )
    error = broken(folder)
    assert (error.file, error.column, error.value) == ("ccm_status.csv", "iso3", "")


def test_the_world_refuses_broken_data(folder: Path) -> None:
    set_cell(folder, "arms_ties.csv", 9, "tier", "huge")
    with pytest.raises(WorldError, match=r"arms_ties\.csv, line 9, column 'tier': found 'huge'"):
        world_as_of(date(2023, 7, 1), data_dir=folder)


def test_the_error_crosses_processes() -> None:
    error = DataError("a.csv", "a number", line=3, column="x", value="y")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "a.csv, line 3, column 'x': found 'y'; expected a number"
    assert (again.file, again.line, again.column, again.value) == ("a.csv", 3, "x", "y")
