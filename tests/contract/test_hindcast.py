"""`normsim hindcast`: origins, what is scored, and the table, JSON, page and figures of the command."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from normsim.analysis import hindcast, joining_refit, patterns
from normsim.analysis import hindcast_results as results
from normsim.analysis.hindcast_runs import Task, origin_world, run_tasks
from normsim.cli.commands import app
from normsim.errors import AnalysisError
from normsim.scenario import load_scenario
from normsim.world import convention, load_treaty, world_as_of
from tests.treaty_texts import treaty_text

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _short_chains() -> Iterator[None]:
    """Chains of the fits before an origin are an eighth of their length: what is tested is what is done with them.

    An origin that several tests forecast is fitted once.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining_refit, "STEPS", 75)
        patch.setattr(hindcast, "refit", cache(hindcast.refit))
        yield


@pytest.fixture
def computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is asked twice, for its table and for JSON: if it asks for the same forecast, it is made once."""
    original, done = hindcast.hindcast, {}

    def remembered(scenario: Any, origins: Any, seeds: Any, workers: Any, show: Any, *, treaty: Any) -> Any:
        question = (scenario, origins, seeds, workers, treaty)
        if question not in done:
            done[question] = original(scenario, origins, seeds, workers, show, treaty=treaty)
        return done[question]

    monkeypatch.setattr(hindcast, "hindcast", remembered)


def test_the_three_origins_cover_the_record_to_its_end() -> None:
    origins = results.origins_of()
    assert [(each.known, each.last) for each in origins] == [(2012, 2016), (2015, 2019), (2019, 2025)]
    assert [each.has_critics for each in origins] == [False, False, True]
    assert list(origins[2].use_years) == [2020, 2021, 2022, 2023, 2024]
    assert list(origins[0].past_years) == [2009, 2010, 2011, 2012, 2013]
    assert origins[0].window == "2008-12 to 2012-12"


@pytest.mark.parametrize(("known", "last"), [(2009, 2012), (2025, None), (2015, 2015), (2015, 2026)])
def test_an_origin_outside_the_record_is_refused(known: int, last: int | None) -> None:
    with pytest.raises(AnalysisError, match="allowed is a December from 20"):
        results.origin(known, last)


def test_patterns_agree_with_the_record() -> None:
    found = {pattern.name: pattern for pattern in patterns.patterns()}
    assert sum(found["deposits by month"].values.values()) == 113
    assert found["parties at the end of the year"].values["2016"] == 100
    assert found["notices of withdrawal"].values == {"2024": ("LTU",)}
    assert found["votes: abstain"].values["2020"] == 38
    assert found["users"].values["2021"] == ("SYR",)
    assert found["dud-rate protocol blocked"].values.keys() == {"2011-11-25"}
    assert all(pattern.source and pattern.tolerance and pattern.values for pattern in found.values())


def test_deposits_before_an_origin_end_with_it() -> None:
    past = hindcast.deposits_until(2012)
    assert (len(past.counts), past.counts[0], past.total) == (49, 4, 77)
    assert hindcast.deposits_until(2019).total == 107


def test_nothing_dated_after_the_origin_is_given_but_the_transfer_for_its_critics() -> None:
    base = replace(load_scenario("history_2008"), events=())
    members, *uses, critics = hindcast.tasks_of(base, results.origins_of()[2], 4)
    assert (members.scenario.start.isoformat(), members.scenario.months, members.scenario.events) == (
        "2020-01-01",
        72,
        (),
    )
    assert [task.scenario.start.year for task in uses] == [2020, 2021, 2022, 2023, 2024]
    assert {task.scenario.values["conflict.mode"] for task in uses} == {"recorded"}
    assert {str(event) for event in critics.scenario.events} == {
        "2023-07-07 USA open_bridge",
        "2023-07-07 USA transfer UKR",
    }
    assert critics.scenario.end.isoformat() == "2023-07-31"


def test_the_world_of_an_origin_knows_no_later_war_or_covariate() -> None:
    start = datetime.date(2013, 1, 1)
    blind, given = origin_world(start, False), origin_world(start, True)
    assert np.isnan(blind.recorded_conflicts(48)[0]).all()
    assert not np.isnan(given.recorded_conflicts(48)[0]).any()
    assert blind.history.later == ()
    assert given.history.later
    assert len(blind.history.intensity) == 2013 - blind.history.first_year
    for name in blind.facts.dtype.names or ():
        np.testing.assert_array_equal(blind.facts[name], given.facts[name])
    assert (blind.facts["holder"] == world_as_of(start).facts["holder"]).all()
    assert (blind.facts["intensity"] == world_as_of(start, known=start).facts["intensity"]).all()


def test_runs_do_not_depend_on_how_they_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task("membership", load_scenario("history_2008").with_months(24), 5)
    (whole,) = run_tasks([task], workers=1)
    monkeypatch.setattr("normsim.analysis.hindcast_runs.CHUNK", 2)
    (parts,) = run_tasks([task], workers=1)
    assert whole["parties"].shape == (5, 2)
    monkeypatch.setattr("normsim.analysis.hindcast_runs.FEW", 0)
    (spread,) = run_tasks([task], workers=2)
    for other in (parts, spread):
        assert all((whole[name] == other[name]).all() for name in whole)


def test_a_generated_world_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(
        'title = "t"\nstart = 2010-01-01\nmonths = 12\n[world]\nkind = "synthetic"\nn = 10\n', encoding="utf-8"
    )
    with pytest.raises(AnalysisError, match="real world"):
        hindcast.hindcast(str(path), seeds=2)


@pytest.fixture(scope="module")
def done() -> results.Hindcast:
    origins = (results.Origin(2013, 2015), results.Origin(2021, 2023))
    return hindcast.hindcast(origins=origins, seeds=4, workers=1)


def test_every_part_is_scored_for_every_origin(done: results.Hindcast) -> None:
    for result in done.origins:
        parts = {(line.part, line.comparison.score) for line in result.lines}
        assert {("parties at year-end", score) for score in ("CRPS", "log score", "interval score")} <= parts
        assert {("joins: all", score) for score in ("AUC", "Brier", "log score")} <= parts
        assert {("users, given wars", "AUC"), ("users, given wars", "Brier a year")} <= parts
        model, *others = result.bands
        assert model.name == results.MODEL
        crps = next(line.comparison for line in result.lines if line.comparison.score == "CRPS")
        assert crps.model == pytest.approx(model.crps)
        assert crps.best == result.best.name
        assert crps.baselines == {each.name: pytest.approx(each.crps) for each in others}
    assert done.origins[0].recorded.tolist() == [88, 98]


def test_together_is_over_the_cases_of_both(done: results.Hindcast) -> None:
    sizes = {line.part: line.comparison.n for line in done.together}
    each = [{line.part: line.comparison.n for line in result.lines} for result in done.origins]
    assert sizes["parties at year-end"] == 4
    assert sizes["joins: all"] == sum(part["joins: all"] for part in each)
    assert sum(bins.n for bins in done.curves[results.MODEL]) == sizes["joins: all"]


def test_critics_are_told_where_the_origin_covers_them(done: results.Hindcast) -> None:
    early, late = done.origins
    assert early.named == {}
    assert np.isnan(early.sent)
    assert set(late.named) == {"GBR", "CAN", "ESP", "DEU", "NZL", "ITA"}
    assert late.sent == 1.0
    ahead = {fact.name: fact for fact in early.facts if fact.name.endswith(", 2014")}
    assert ahead["signatories, a year on, 2014"].recorded + ahead["others, a year on, 2014"].recorded == 4
    assert 0 < ahead["signatories, a year on, 2014"].mean < 34
    assert any(fact.name == "critics of July 2023" and fact.mean > 0 for fact in late.facts)


@pytest.mark.usefixtures("computed_once")
def test_the_command_gives_table_json_page_and_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    page, folder = tmp_path / "hindcast.md", tmp_path / "figures"
    small = ["hindcast", "--from", "2021-12", "--until", "2023-12", "--seeds", "4", "--workers", "1"]
    shown = CliRunner().invoke(app, [*small, "--out", str(page), "--figures", str(folder)])
    assert shown.exit_code == 0, shown.output
    lines = [line.rstrip() for line in shown.stdout.splitlines()]
    assert any(line.startswith("parties at year-end") and "CRPS" in line for line in lines)
    told = json.loads(CliRunner().invoke(app, [*small, "--json"]).stdout)
    (at,) = told["origins"]
    assert (at["from"], at["until"], at["fitted_on"]) == ("2021-12", "2023-12", "2008-12 to 2021-12")
    assert at["parties_recorded"] == [110, 112]
    assert {score["verdict"] for score in at["scores"]} <= {"model wins", "baseline wins", "not distinguishable"}
    text = page.read_text(encoding="utf-8")
    assert "counts as seen" in text
    assert "(figures/hindcast_bands.png)" in text
    assert "| critics of the transfer of July 2023 | states | timeline.csv |" in text
    assert "seeds 0 to 3" in text
    for score in at["scores"]:
        assert f"| {score['part']} | {score['score']} |" in text
        verdicts = [line for line in lines if line.startswith(score["part"]) and f" {score['score']} " in line]
        assert [line.endswith(score["verdict"]) for line in verdicts] == [True]
    for name in ("hindcast_bands", "hindcast_calibration", "hindcast_crps"):
        assert (folder / f"{name}.png").stat().st_size > 10_000


def test_a_single_year_without_recorded_wars_is_scored_without_use() -> None:
    done = hindcast.hindcast(origins=[results.origin(2024)], seeds=3, workers=1)
    (result,) = done.origins
    assert {line.part for line in result.lines} == {"parties at year-end", "joins: all", "joins: non-signatories"}
    assert result.recorded.tolist() == [112]
    assert all(np.isnan(line.comparison.low) for line in result.lines if line.part == "parties at year-end")
    assert done.together == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--from", "2012-06"], "--from 2012-06: allowed is a December"),
        (["--from", "2012"], "--from 2012: allowed is a December"),
        (["--from", "2012-12", "--until", "2012-12"], "--until 2012-12: allowed is a December from 2013-12 to 2025-12"),
        (["--until", "2016-12"], "--until needs --from"),
        (["--from", "2012-12", "--workers", "0"], "--workers 0"),
    ],
)
def test_options_that_cannot_be_taken_end_in_one_line(options: list[str], told: str) -> None:
    result = CliRunner().invoke(app, ["hindcast", "--seeds", "2", *options])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


SMALL_TREATY = treaty_text(
    name="Statute of Five",
    acts="five.csv",
    opened="2001-03-01",
    recorded_until="2008-12-31",
    covariates_from="2001-01-01",
    deposits="20",
    months="2",
    fit_from="2002-01-01",
    known="2005",
    last="2007",
)


@pytest.fixture(scope="module")
def other_treaty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eighty states sign; one deposits a month, from the twelfth month on every third month only."""
    folder = tmp_path_factory.mktemp("treaty")
    months = [*range(12), *range(12, 93, 3)]
    rows = ["iso3,signed,bound,withdrawn"]
    for place, code in enumerate(world_as_of(datetime.date(2010, 1, 1)).iso3[:160:2]):
        number = 2001 * 12 + 3 + months[place] if place < len(months) else 0
        bound = f"{number // 12}-{number % 12 + 1:02}-15" if number else ""
        rows.append(f"{code},2001-03-02,{bound},")
    (folder / "five.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "five.toml").write_text(SMALL_TREATY, encoding="utf-8")
    return folder / "five.toml"


@pytest.mark.usefixtures("computed_once")
def test_another_treaty_is_forecast_with_rates_of_its_own(
    other_treaty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    command = ["hindcast", "--treaty", str(other_treaty), "--seeds", "4", "--workers", "1"]
    page = tmp_path / "five.md"
    shown = CliRunner().invoke(app, [*command, "--out", str(page)])
    assert shown.exit_code == 0, shown.output
    (at,) = (told := json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout))["origins"]
    assert told["treaty"] == "Statute of Five"
    assert (at["from"], at["until"], at["fitted_on"]) == ("2005-12", "2007-12", "2001-03 to 2005-12")
    assert at["parties_recorded"] == [31, 35]
    fit = at["refit"]
    assert fit["events"] == 18  # those of 2002 to 2005
    assert 0.0 < fit["join.ratify"] < 0.1
    assert 0.0 < fit["join.accede"] < 0.001  # nobody did: half a deposit in 117 states and four years
    parts = {(score["part"], score["score"]) for score in at["scores"]}
    assert {("joins: signatories", "AUC"), ("joins: signatories", "Brier"), ("joins: all", "log score")} <= parts
    assert not any("users" in part for part, _ in parts)
    assert {fact["name"].split(",")[0] for fact in at["facts"]} == {"notices of withdrawal", "signatories", "others"}
    assert at["critics"] == {}
    for text in (shown.stdout, page.read_text(encoding="utf-8")):
        assert "Statute of Five" in text
        assert "itted on 2002-01 to 2005-12: join.ratify" in text
        assert "eft out, as they are of cluster munitions: stocks, use, transfers, votes, critics" in text
        assert "o period of the arms trade was over before 2008" in text
    assert "counts as seen" not in page.read_text(encoding="utf-8")


def test_origins_of_another_treaty(other_treaty: Path) -> None:
    def refused(*options: str) -> str:
        return CliRunner().invoke(app, ["hindcast", "--seeds", "2", "--treaty", *options]).stderr

    assert refused("rome") == "error: there is no treaty \"rome\"; did you mean 'rome_statute'?\n"
    told = "error: --from 2002-12: allowed is a December from 2003-12 to 2007-12\n"
    assert refused(str(other_treaty), "--from", "2002-12") == told
    bare = other_treaty.with_name("bare.toml")
    bare.write_text(SMALL_TREATY.partition("[hindcast]")[0], encoding="utf-8")
    assert refused(str(bare)).startswith("error: Statute of Five: its file names no origin under [hindcast]")


def test_what_is_left_out_or_filled_in_is_said() -> None:
    rome = load_treaty("rome_statute")
    at = [results.origin(2005, 2010, rome)]
    told = results.notes(replace(rome, reservations=True, missing="drop"), at)
    assert told[1] == "reservations are left out: a party is bound as a whole"
    assert told[2].endswith("before, no state differs in it")
    assert told[2].startswith("begins after the first world, which is of 1999-01: democracy 2001-01, power 2001-01")
    late = replace(rome, covariates_from=datetime.date(2008, 1, 1), fit_from=None, stocks=True)
    assert results.notes(late, [results.Origin(2010, 2012, late)]) == []
    assert results.notes(convention(), results.origins_of()) == []
