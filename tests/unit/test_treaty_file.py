"""Treaties as files: what is read, the worlds they make, and what is said about a file that is not valid."""

from __future__ import annotations

import dataclasses
import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from normsim.engine.simulate import Simulation
from normsim.errors import DataError, ScenarioError, WorldError
from normsim.scenario import load_scenario
from normsim.world import DATA, TREATIES, Treaty, convention, covariates_since, load_treaty, record, world_as_of
from normsim.world.treaty import Act, Standing
from tests.treaty_texts import treaty_text

SMALL = treaty_text()

ACTS = """iso3,signed,bound,withdrawn
NAM,1998-07-17,1999-01-31,
NOR,,2002-04-11,2009-05
USA,2000-12-31,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "oslo.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "acts.csv").write_text(ACTS, encoding="utf-8")
    return tmp_path


def small(folder: Path) -> Treaty:
    return load_treaty(folder / "oslo.toml")


def rome(**other: object) -> Treaty:
    return dataclasses.replace(load_treaty("rome_statute"), **other)  # type: ignore[arg-type]


# ---------------------------------------------------------------- what is read


def test_the_default_is_the_convention() -> None:
    treaty = load_treaty("cluster_munitions")
    assert treaty == convention()
    assert (treaty.opened, treaty.triggered, treaty.in_force) == (
        date(2008, 12, 3),
        date(2010, 2, 16),
        date(2010, 8, 1),
    )
    assert (treaty.deposits, treaty.entry_months, treaty.notice_months, treaty.last_year) == (30, 6, 6, 2025)
    assert world_as_of(date(2020, 1, 1), treaty=treaty) is world_as_of(date(2020, 1, 1))
    values = load_scenario("baseline").values  # the text of the convention is in the parameters too
    assert values["join.trigger"] == treaty.deposits
    assert values["join.entry_months"] == treaty.entry_months
    assert values["withdraw.notice_months"] == treaty.notice_months


def test_the_rome_statute_has_the_dates_of_the_record() -> None:
    treaty = rome()
    assert (treaty.triggered, treaty.in_force) == (date(2002, 4, 11), date(2002, 7, 1))
    counts = [record(date(year, 1, 1), treaty=treaty).parties for year in (1999, 2001, 2003, 2006, 2011, 2013)]
    assert counts == [0, 27, 87, 100, 114, 121]
    assert record(date(2013, 3, 1), treaty=treaty).signatures == 139
    # Belgium ratified in June 2000; Afghanistan acceded on 10 February 2003: in force on 1 May
    belgium, afghanistan = (next(act for act in treaty.acts if act.iso3 == code) for code in ("BEL", "AFG"))
    assert treaty.entry_into_force(date(2000, 6, 28), date(2003, 1, 1)) == date(2002, 7, 1)
    assert treaty.standing(afghanistan, date(2003, 3, 1)) == Standing(2, 0, 2, 0)
    assert treaty.standing(belgium, date(2000, 6, 28)) == Standing(status=1)


def test_a_file_of_one_s_own(folder: Path) -> None:
    treaty = small(folder)
    assert treaty.acts == (
        Act("NAM", "1998-07-17", "1999-01-31", ""),
        Act("NOR", "", "2002-04-11", "2009-05"),
        Act("USA", "2000-12-31", "", ""),
    )
    assert (treaty.missing, treaty.stocks, treaty.reservations, treaty.signing_until) == (
        "carry_back",
        False,
        False,
        None,
    )
    assert (treaty.triggered, treaty.in_force, treaty.last_year) == (date(2002, 4, 11), date(2002, 7, 1), 2009)
    assert treaty.standing(treaty.acts[1], date(2008, 6, 1)) == Standing(3, 73, 0, 12)  # notice on 31 May 2008
    assert repr(treaty) == "Treaty('Treaty of Oslo', opened 1998-07-17, 2 deposits)"
    assert pickle.loads(pickle.dumps(treaty)) == treaty
    world = world_as_of(date(2003, 1, 1), treaty=treaty)
    assert {world.iso3[i] for i in np.flatnonzero(world.facts["status"] >= 2)} == {"NAM", "NOR"}
    assert world.facts["status"][world.index("USA")] == 1


def test_a_treaty_that_nobody_brought_into_force(folder: Path) -> None:
    treaty = dataclasses.replace(small(folder), deposits=60)
    assert (treaty.triggered, treaty.in_force) == (None, None)
    assert not treaty.is_in_force(date(2100, 1, 1))
    assert treaty.entry_into_force(date(2002, 4, 11), date(2100, 1, 1)) == date(2002, 7, 1)
    assert record(date(2008, 1, 1), treaty=treaty).in_force_for == 0


# ---------------------------------------------------------------- worlds


def test_nobody_holds_the_weapon_under_a_treaty_that_is_not_about_it() -> None:
    day = date(2010, 1, 1)
    other, usual = world_as_of(day, treaty=rome()), world_as_of(day)
    for name in ("holder", "producer", "exporter", "origin", "uses_recent", "use_years_here", "voted_against"):
        assert not other.facts[name].any(), name
    for name in ("democracy", "power", "intensity", "theatre", "conflict_share", "region"):
        assert (other.facts[name] == usual.facts[name]).all(), name
    run = Simulation(load_scenario("history_2008").with_start(day).with_months(24), 1, world=other).finish()
    for name in ("users", "transfers", "holders", "stock", "condemnations"):
        assert not run.measured[name].any(), name


def test_covariates_begin_one_after_the_other() -> None:
    since = covariates_since()
    assert list(since) == ["wars", "democracy", "power", "similar votes", "arms trade"]
    assert since["wars"] == date(1991, 1, 1)
    assert since["democracy"] == since["power"] == since["similar votes"] == date(2001, 1, 1)
    assert since["arms trade"] == date(2004, 1, 1)


def test_what_is_missing_is_carried_back_or_dropped() -> None:
    day = date(1998, 8, 1)
    first = world_as_of(date(2001, 1, 1), treaty=rome())
    back, none = (world_as_of(day, treaty=rome(missing=missing)) for missing in ("carry_back", "drop"))
    for name in ("democracy", "power", "ideal_point"):
        assert (back.facts[name] == first.facts[name]).all()
        assert np.ptp(none.facts[name]) == pytest.approx(0.0, abs=1e-15)
    assert none.facts["power"].sum() == pytest.approx(1.0)
    for layer in ("votes", "arms"):
        assert len(back.layers[layer].indices) > 0
        assert len(none.layers[layer].indices) == 0
    assert len(none.layers["region"].indices) == len(back.layers["region"].indices) > 0
    assert (none.facts["intensity"] == back.facts["intensity"]).all()
    late = [world_as_of(date(2005, 1, 1), treaty=rome(missing=missing)) for missing in ("carry_back", "drop")]
    assert late[0].facts.tobytes() == late[1].facts.tobytes()  # nothing is missing any more
    # by what was known in 1998 no period of the arms record was over: nothing to carry back from it
    assert len(world_as_of(day, known=day, treaty=rome()).layers["arms"].indices) == 0


@pytest.mark.parametrize("missing", ["carry_back", "drop"])
def test_a_run_from_the_nineties(missing: str) -> None:
    """It opens in its month, states sign and deposit, and the sixtieth deposit brings it into force."""
    world = world_as_of(date(1998, 7, 1), treaty=rome(missing=missing))
    values = {"join.signing": 0.03, "join.ratify": 0.03, "join.trigger": 60, "join.entry_months": 3}
    scenario = load_scenario("history_2008").with_values(values).with_start(world.start, world.start).with_months(120)
    run = Simulation(dataclasses.replace(scenario, events=()), 1, world=world).finish()
    joined = run.log[(run.log["happened"] > 0) & (run.log["choice"] == 4)]
    assert joined["month"].min() >= 0
    deposits = run.measured["deposits"].cumsum()
    assert run.measured["parties"][0] == deposits[0]
    assert deposits[-1] >= 60
    assert np.isfinite(run.measured["felt"]).all()
    assert (run.final["in_force"] > 0).sum() > 40


def test_a_world_before_its_first_day_is_refused() -> None:
    with pytest.raises(WorldError, match="the record starts on 1998-07-01 for Rome Statute"):
        world_as_of(date(1998, 6, 30), treaty=rome())


# ---------------------------------------------------------------- what is not valid


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("opened =", "opend =", 3, "opend: unknown key; did you mean 'opened'?"),
        ("deposits =", "deposit =", 8, "entry.deposit: unknown key; did you mean 'deposits'?"),
        ("known = 2002", "knwn = 2002", 16, "hindcast.origins[1].knwn: unknown key; did you mean 'known'?"),
        ('name = "Treaty of Oslo"\n', "", None, "name: is missing; it is a name in quotes"),
        ("[withdrawal]\nnotice_months = 12\n", "", None, "withdrawal: is missing"),
        ("1998-07-17", '"1998-07-17"', 3, "drop the quotes"),
        ("2010-06-30", "1998-07-17", 4, "recorded_until = 1998-07-17: allowed is a date after 1998-07-17"),
        ("1998-07-01", "1990-01-01", 5, "allowed is the first day of a month from 1991-01-01 on"),
        ("1998-07-01", "1998-07-02", 5, "allowed is the first day of a month, as in 1998-07-01"),
        ("1998-07-01", '1998-07-01\nmissing = "carryback"', 6, "did you mean 'carry_back'?"),
        ("1998-07-01", "1998-07-01\nstocks = 1", 6, "true or false"),
        ("1998-07-01", "1998-07-01\nsigning_until = 1997-01-01", 6, "allowed is a date from 1998-07-17 on"),
        ("deposits = 2", "deposits = 0", 8, "a whole number from 1 to 200"),
        ("months = 3", "months = 3.5", 9, "a whole number from 0 to 24"),
        ("2001-01-01", "1998-06-01", 15, "a month from 1998-07-01, `covariates_from`, on"),
        ("known = 2002", "known = 2000", 16, "known = 2000: allowed is a year from 2001 to 2008"),
        ("last = 2006", "last = 2010", 16, "last = 2010: allowed is a year from 2003 to 2009"),
        ("last = 2006", "last = 2002", 16, "last = 2002: allowed is a year from 2003 to 2009"),
        ('acts = "acts.csv"', 'acts = "acts.txt"', 2, "the name of a .csv file beside this one"),
        ("acts = ", "acts : ", 2, "a value follows an equals sign"),
    ],
)
def test_a_toml_file_that_is_not_valid(folder: Path, old: str, new: str, line: int | None, told: str) -> None:
    assert old in SMALL
    (folder / "oslo.toml").write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        small(folder)
    assert caught.value.file == "oslo.toml"
    assert caught.value.line == line
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "told"),
    [
        ("NAM", "NAMI", 2, "iso3", "found 'NAMI'; expected the ISO code of a state in states.csv; did you mean 'NAM'?"),
        ("NAM", "", 2, "iso3", "found ''"),
        ("NOR", "NAM", 3, "iso3", "each iso3 once (first on line 2)"),
        ("1999-01-31", "1999-02-31", 2, "bound", "a date: YYYY, YYYY-MM or YYYY-MM-DD"),
        ("1999-01-31", "1998-07-16", 2, "bound", "a date not before 1998-07-17"),
        ("1998-07-17", "1998-07-16", 2, "signed", "a date from 1998-07-17 on, the day the treaty opened"),
        (",2002-04-11", ",1997", 3, "bound", "a date from 1998-07-17 on"),
        ("2009-05", "2001-05", 3, "withdrawn", "a date not before 2002-04-11"),
        ("2000-12-31,,", "2000-12-31,,2009", 4, "withdrawn", "nothing, since the state was never bound"),
        ("withdrawn", "withdrew", 1, "withdrew", "column 'withdrawn', each once"),
        (",withdrawn", "", 1, "withdrawn", "this column, but it is missing"),
        ("USA,2000-12-31,,", "USA,2000-12-31", 4, None, "4 cells"),
        ("NOR,", '"NOR,', None, None, "well-formed CSV"),
    ],
)
def test_a_file_of_acts_that_is_not_valid(
    folder: Path, old: str, new: str, line: int | None, column: str | None, told: str
) -> None:
    assert old in ACTS
    (folder / "acts.csv").write_text(ACTS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        small(folder)
    error = caught.value
    assert error.file == "acts.csv"
    assert line is None or error.line == line
    assert error.column == column
    assert told in str(error)


def test_files_that_are_not_there(folder: Path) -> None:
    (folder / "acts.csv").unlink()
    with pytest.raises(DataError, match=r"acts\.csv: expected the file in the folder"):
        small(folder)
    with pytest.raises(ScenarioError, match=r"none\.toml: there is no such file"):
        load_treaty(folder / "none.toml")
    with pytest.raises(ScenarioError, match="there is no treaty \"rome\"; did you mean 'rome_statute'"):
        load_treaty("rome")


def test_every_packaged_treaty_is_there() -> None:
    assert {path.stem for path in DATA.glob("*.toml")} == set(TREATIES)
    for name in TREATIES:
        assert load_treaty(name).origins
