"""What the page does, without a browser: it is one scenario, one seed, one month, whatever is clicked."""

import ast
import html
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.engine.simulate import simulate
from normsim.page import log, network, outline, panel, series
from normsim.page import map as world_map
from normsim.page.controls import MAX_UPLOAD, take_upload
from normsim.page.quantities import QUANTITIES
from normsim.page.session import FILE, NOTHING, UNCHANGED, PageError, Session
from normsim.parameters import ParameterError
from normsim.rules import norm
from normsim.scenario import ScenarioError, load_scenario, load_scenario_text

PAGE = Path(__file__).parents[2] / "normsim" / "page"


@pytest.fixture
def session() -> Session:
    """A page that has just been opened."""
    return Session()


def same(session: Session) -> bool:
    """Whether the screen is what its scenario and seed give, bit for bit."""
    run = simulate(session.scenario, session.seed)
    return np.array_equal(run.measured[: session.done], session.run.measured)


def test_page_equals_simulate_for_a_seed_typed_as_text(session: Session) -> None:
    session.set_seed(" 42 ")
    for _ in range(30):
        session.step()
    run = simulate(load_scenario("ukraine_2023").with_months(30), 42)
    assert session.run.digest() == run.digest()
    assert session.command() == "normsim run ukraine_2023 --seed 42 --months 30"


def test_reset_keeps_settings(session: Session) -> None:
    session.set_seed(7)
    session.set_value("bridge.transparency", 1.0)
    session.step(12)
    session.reset()
    assert (session.done, session.seed, session.changed) == (0, 7, {"bridge.transparency": 1.0})
    assert session.scenario.values["bridge.transparency"] == 1.0
    assert session.log == []


def test_a_changed_value_runs_anew_to_the_same_month(session: Session) -> None:
    session.step(20)
    session.set_value("norm.scope_erode", 0.0)
    assert session.done == 20
    assert same(session)
    session.set_value("norm.scope_erode", session.base.values["norm.scope_erode"])
    assert not session.is_changed
    assert same(session)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "1e3", "9" * 40, "²"])
def test_a_bad_seed_is_refused(session: Session, text: str) -> None:
    session.step(2)
    before = session.run.digest()
    with pytest.raises(PageError, match="whole number"):
        session.set_seed(text)
    assert session.run.digest() == before


def test_a_bad_value_leaves_the_page_as_it_was(session: Session) -> None:
    session.step(3)
    before = session.run.digest()
    with pytest.raises(ParameterError, match=r"from 0 to"):
        session.set_value("use.norm", 99.0)
    with pytest.raises(ScenarioError):
        session.set_value("two_track.on", True)
    with pytest.raises(PageError):
        session.set_start("soon")
    with pytest.raises(ScenarioError):
        session.set_start("1999-01")
    with pytest.raises(PageError):
        session.choose("../../etc/passwd")
    assert session.run.digest() == before
    assert not session.is_changed


def test_a_forced_act_is_a_dated_event(session: Session, tmp_path: Path) -> None:
    session.step(5)
    session.force("transfer", "USA", "POL")
    session.force("renounce", "IND")
    assert "--months" not in session.command()
    session.step()
    assert any(line.ordered and line.act == "transfer" and line.states == ("USA", "POL") for line in session.log)
    assert session.model.state("IND").renounced
    path = tmp_path / FILE
    path.write_text(session.toml(), encoding="utf-8")
    run = simulate(load_scenario(str(path)).with_months(6), session.seed)
    assert run.digest() == session.run.digest()
    assert session.command() == f"normsim run {FILE} --seed 0 --months 6"


def test_what_cannot_be_forced_is_refused(session: Session) -> None:
    with pytest.raises(PageError, match="aimed at"):
        session.force("transfer", "USA")
    with pytest.raises(PageError):
        session.force("transfer", "USA", "USA")
    session.step(10_000)
    with pytest.raises(PageError, match="over"):
        session.force("renounce", "USA")
    assert not session.forced


def test_upload(session: Session) -> None:
    session.upload(b'title = "Mine"\nextends = "baseline"\nmonths = 24\n', "C:\\folder\\mine.toml")
    assert (session.base.name, session.scenario.months, session.packaged) == ("mine", 24, False)
    before = session.scenario
    for text, message in (
        (b"title = ", "line 1"),
        (b"\xff\xfe", "mine.toml"),
        (b'title = "x"\nextends = "../x.toml"', "upload"),
    ):
        with pytest.raises(ScenarioError, match=message):
            session.upload(text, "mine.toml")
    assert session.scenario is before
    with pytest.raises(PageError, match="too large"):
        take_upload(session, {"name": "big.toml", "size": 2 * MAX_UPLOAD})
    assert session.command() == f"normsim run {FILE} --seed 0"


@pytest.mark.parametrize("name", ["history_2008", "baseline", "us_ukraine_join"])
def test_every_scenario_opens_beside_another(session: Session, name: str) -> None:
    session.step(4)
    session.choose(name)
    session.step(4)
    assert same(session)
    session.compare_with("strict_ban")
    assert session.other_run is not None
    assert len(session.other_run.measured) == session.scenario.months
    assert session.csv().splitlines()[0].count("(strict_ban)") > 50
    session.compare_with(NOTHING)
    assert session.other_run is None


def test_beside_itself_an_unchanged_scenario_is_the_same(session: Session) -> None:
    session.compare_with(UNCHANGED)
    session.step(6)
    assert np.array_equal(session.other_run.measured[:6], session.run.measured)


def test_a_generated_world_has_every_view(session: Session) -> None:
    session.upload(
        b'title = "Ring"\nstart = 2023-07-01\nmonths = 12\n[world]\nkind = "synthetic"\nn = 12\ngraph = "ring"\n',
        "r.toml",
    )
    assert session.other == UNCHANGED
    with pytest.raises(PageError, match="kind of world"):
        session.compare_with("baseline")
    session.step(3)
    code = session.model.simulation.world.iso3[0]
    quantity = QUANTITIES["Validity"]
    assert world_map.markup(session.model.simulation.world, "").count("<circle") == 12
    assert network.markup(session, "region", code, "").count("<circle") == 12
    assert panel.facts(session, code) == []
    assert len(world_map.tips(session, quantity)) == 12


def test_start_month(session: Session) -> None:
    session.set_start("2024-01")
    session.step(2)
    assert same(session)
    session.set_start("2023-07")
    assert session.start is None


def test_the_horizon_is_the_end(session: Session) -> None:
    session.step(239)
    assert not session.is_over
    session.step(10)
    assert session.done == 240
    assert session.is_over
    assert session.command() == "normsim run ukraine_2023 --seed 0"


def test_the_spread_holds_most_runs(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normsim.page.session.SPREAD_RUNS", 4)
    spread = session.measure_spread()
    assert (spread.low["scope"] <= spread.high["scope"]).all()
    session.show_spread(spread)
    assert session.spread is spread
    assert "ns-band" in series.markup(session, ("scope",))
    session.step(3)
    session.reset()
    assert session.spread is spread
    session.set_seed(5)
    assert session.spread is None
    session.show_spread(spread)
    assert session.spread is None


def test_every_quantity_colours_every_state(session: Session) -> None:
    session.step(6)
    world = session.model.simulation.world
    for quantity in QUANTITIES.values():
        rules = world_map.colours(session, quantity, "USA")
        assert all(f".m-{code}" in rules for code in world.iso3)
        assert set(world_map.tips(session, quantity)) == set(world.iso3)
        assert "undefined" not in world_map.legend(quantity)


def test_map_has_every_state_once(session: Session) -> None:
    paths, _ = outline.outlines()
    drawn = world_map.markup(session.model.simulation.world, "")
    assert drawn.count("data-pick") == 197
    assert len(paths) == 166
    assert drawn.count('<circle class="ns-state') == 31  # too small for an outline at this scale


def test_the_layout_stays(session: Session) -> None:
    first = network.layout(session.model.simulation.world).copy()
    session.step(3)
    session.set_seed(9)
    assert np.array_equal(first, network.layout(session.model.simulation.world))


def test_names_in_the_network_do_not_meet(session: Session) -> None:
    at = network.layout(session.model.simulation.world)
    world = session.model.simulation.world
    for selected in ("USA", "RUS", "LAO", "ZAF", "TUV"):
        drawn = network.markup(session, network.ALL, selected, "")
        found = re.findall(r'<text class="ns-legend ns-halo[^"]*" x="([\d.]+)" y="([\d.]+)">([^<]+)<', drawn)
        assert found[0][2] == world.names[world.index(selected)]
        assert len(found) > network.MOST / 2
        boxes = [
            (float(x), float(y), float(x) + 10.8 * len(html.unescape(name)), float(y) + 21) for x, y, name in found
        ]
        for k, a in enumerate(boxes):
            assert 0 <= a[0] < a[2] <= network.SIZE[0]
            assert not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in boxes[:k])
    crowd = network.label_places(at[[0] * 12], dict.fromkeys(range(12), "a name of some thirty letters"))
    assert 0 in crowd  # who comes first is named, and for some there is no room
    assert len(crowd) < 12


@pytest.mark.parametrize("state", ["FRA", "USA", "RUS", "TUV"])
def test_moves_add_up_to_the_change_of_the_month(session: Session, state: str) -> None:
    session.step(8)
    simulation = session.model.simulation
    p, me = simulation.p, simulation.world.index(state)
    before, now = session.seen[1][me], simulation.states[me]
    attention, approval, conduct = network.moves(session, state)
    assert attention.sum() == pytest.approx(1.0)
    assert before["approval"] + approval.sum() == pytest.approx(now["approval"], abs=1e-12)
    forgotten = norm.expected_conduct(p, p.norm.memory * before["complied"], p.norm.memory * before["violated"])
    assert forgotten + conduct.sum() == pytest.approx(now["conduct"], abs=1e-12)
    assert np.abs(conduct).sum() > 0.0


def test_pulls_list_those_who_moved_most(session: Session) -> None:
    session.step(8)
    pulls = network.pulls(session, "FRA")
    moved = [abs(pull.approval) + abs(pull.conduct) for pull in pulls]
    assert len(pulls) == network.MOST
    assert moved == sorted(moved, reverse=True)
    assert "FRA" not in {pull.state for pull in pulls}
    _, approval, conduct = network.moves(session, "FRA")
    assert moved[0] == pytest.approx((np.abs(approval) + np.abs(conduct)).max(), abs=1e-12)


def test_log_can_be_narrowed(session: Session) -> None:
    session.step(12)
    shown, count = log.lines(session, "everything", "", "")
    assert count == len(session.log)
    assert shown[0].month >= shown[-1].month
    found, _ = log.lines(session, "use", "russia", "UKR")
    assert found
    assert all(line.act == "use" and "UKR" in line.states for line in found)


def test_panel_explains(session: Session) -> None:
    assert panel.explanations(session, "RUS", "use") == []
    session.step()
    told = panel.explanations(session, "RUS", "use")[0]
    drawn = panel.bars(told)
    assert drawn.count("<rect") == len(told.terms) + 1
    means = panel.meanings(told)
    assert [term for term, _, _ in means] == [term.replace("_", " ") for term in told.terms]
    assert all(meaning for _, _, meaning in means)
    assert "Russia: use, July 2023" in panel.heading(session, told)
    rows = panel.facts(session, "RUS")
    assert panel.sources({key for row in rows for key in row[3].split(";")})


def test_names_from_outside_are_escaped(session: Session) -> None:
    session.upload(b'title = "x"\nextends = "baseline"\n', "<script>alert(1)<.toml")
    session.step()
    assert "<script" not in series.markup(session, ("scope",))


def test_download_loads_to_the_same(session: Session) -> None:
    session.set_value("strict_ban.on", True)
    session.set_value("bridge.on", False)
    session.set_value("use.habit", 3.0)
    assert load_scenario_text(session.toml()).fingerprint() == session.scenario.fingerprint()


def test_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = CliRunner().invoke(app, ["page", "--port", "0"])
    assert (taken.exit_code, taken.stderr) == (1, "error: --port 0: allowed is a whole number from 1 to 65535\n")
    monkeypatch.setattr("normsim.cli.page_command.importlib.util.find_spec", lambda name: None)
    missing = CliRunner().invoke(app, ["page"])
    assert missing.exit_code == 1
    assert "pip install 'normsim[page]'" in missing.stderr


def test_nothing_on_the_page_runs_what_it_is_sent() -> None:
    for path in PAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                assert name not in ("eval", "exec", "pickle", "CommandConsole", "__import__"), path.name
