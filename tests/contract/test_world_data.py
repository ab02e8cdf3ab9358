"""Promise C6: every row of the data has a known source, and the files agree with each other."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from normsim.world import DATA, check_data, data_hashes, world_as_of
from normsim.world.data_files import table
from normsim.world.dates import day
from normsim.world.file_schemas import FILES

SOURCES = (DATA / "SOURCES.md").read_text(encoding="utf-8")
LICENCES = (DATA / "LICENSE-DATA.md").read_text(encoding="utf-8")


def test_all_files_pass() -> None:
    check_data()


def test_no_file_without_a_schema() -> None:
    assert {path.name for path in DATA.glob("*.csv")} == set(FILES)


@pytest.mark.parametrize("file", sorted(set(FILES) - {"sources.csv"}))
def test_every_row_is_sourced(file: str) -> None:
    known = set(table("sources.csv")["key"])
    for row in table(file).rows():
        assert row["source"]
        assert set(row["source"].split(";")) <= known


@pytest.mark.parametrize("file", sorted(path.name for path in DATA.iterdir()))
def test_every_file_is_described_and_licensed(file: str) -> None:
    if file.endswith(".md"):
        return
    assert f"| {file} |" in SOURCES
    assert file in LICENCES


def test_every_key_is_explained_in_prose_and_in_the_table() -> None:
    for row in table("sources.csv").rows():
        line = " | ".join(row[c] for c in ("key", "title", "publisher", "address"))
        assert line.replace("  ", " ") in SOURCES


def test_terms_are_named() -> None:
    assert "Information from the SIPRI Arms Transfers Database" in SOURCES
    for word in ("ODbL", "CC BY 4.0", "SIPRI", "memory"):
        assert word in LICENCES


def test_nothing_points_to_a_machine() -> None:
    for path in DATA.parent.rglob("*"):
        if path.suffix in {".py", ".md", ".csv"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\.\./|/home/|/root/|/Users/", text), path.name


def test_hashes_cover_the_folder() -> None:
    hashes = data_hashes()
    assert set(hashes) == {path.name for path in DATA.iterdir()}
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in hashes.values())


def test_both_treaty_files_cover_all_states() -> None:
    states = set(table("states.csv")["iso3"])
    assert set(table("ccm_status.csv")["iso3"]) == states
    assert set(table("ccw_status.csv")["iso3"]) == states


def test_imputed_states_are_marked() -> None:
    marked = {row["iso3"] for row in table("states.csv").rows() if "imputed" in row["source"]}
    assert marked == {"COK", "NIU", "VAT"}
    series = {row["iso3"] for row in table("states_year.csv").rows() if row["cinc"]}
    assert set(table("states.csv")["iso3"]) - series == {"COK", "NIU", "PSE", "VAT"}


def test_votes_sum_to_no_more_than_the_members() -> None:
    votes = table("unga_ccm_votes.csv")
    assert (votes.numbers("yes") + votes.numbers("no") + votes.numbers("abstain") <= 193).all()


def test_who_voted_against_is_named() -> None:
    for row in table("unga_ccm_votes.csv").rows():
        assert len(list(filter(None, row["against"].split(";")))) == int(row["no"]), row


def test_rivalries_named_wars_are_in_the_record() -> None:
    conflicts = {
        (row["iso3"], int(row["year"]))
        for row in table("conflict_years.csv").rows()
        if row["role"] == "primary" and "interstate" in row["type"].split("+")
    }
    cited = [r for r in table("rivalries.csv").rows() if "ucdp_acd251" in r["source"]]
    assert cited
    for row in cited:
        last = day(row["end"]).year if row["end"] else 2024
        years = range(int(row["start"][:4]), last + 1)
        assert any((row["a"], y) in conflicts and (row["b"], y) in conflicts for y in years), row


def test_supporters_that_fight_are_in_the_record_and_fight_one_war_a_year() -> None:
    record = {(row["iso3"], int(row["year"])) for row in table("conflict_years.csv").rows()}
    fought = [
        (row["iso3"], year)
        for row in table("co_belligerents.csv").rows()
        for year in range(int(row["first_year"]), int(row["last_year"]) + 1)
    ]
    assert len(set(fought)) == len(fought)
    assert set(fought) <= record


def test_rivalries_by_use_are_in_the_record() -> None:
    uses = {(row["iso3"], row["location_iso3"]) for row in table("use_by_year.csv").rows()}
    for row in table("rivalries.csv").rows():
        if row["kind"] == "use":
            assert {(row["a"], row["b"]), (row["b"], row["a"])} & uses, row
        if row["kind"] == "enduring":
            assert "memory" in row["source"]


def test_spells_of_one_pair_do_not_overlap() -> None:
    ends: dict[tuple[str, str], date] = {}
    for row in sorted(table("rivalries.csv").rows(), key=lambda r: (r["a"], r["b"], r["start"])):
        pair = row["a"], row["b"]
        assert pair not in ends or ends[pair] < day(row["start"])
        ends[pair] = day(row["end"]) if row["end"] else date.max


def test_recorded_transfers_run_along_ties() -> None:
    world = world_as_of(date(2023, 7, 1))
    ties = {(world.iso3[s], world.iso3[r]) for s, r in zip(world.supplier, world.recipient, strict=True)}
    recent = {
        (row["supplier_iso3"], row["recipient_iso3"])
        for row in table("transfers.csv").rows()
        if row["year"] and int(row["year"]) >= 2008
    }
    assert recent <= ties


def test_outlines() -> None:
    shapes = json.loads((DATA / "world_countries_110m.topojson.json").read_text(encoding="utf-8"))
    drawn = {shape.get("id") for shape in shapes["objects"]["countries"]["geometries"]}
    states = dict(zip(table("states.csv")["iso_n3"], table("states.csv")["iso3"], strict=True))
    assert len(drawn & set(states)) == 166
