"""What each layer adds: the same cases with it and without it, and a table whose signs and stars are right."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from normsim.analysis import layer_contributions as layers
from normsim.analysis.hindcast_results import GROUPS, LAST_YEAR, MODEL, REGRESSION, Cases, Origin
from normsim.cli import layers_command
from normsim.cli.commands import app
from normsim.engine.networks import LAYERS
from normsim.engine.simulate import simulate
from normsim.parameters import records
from normsim.scenario import load_scenario

STATES = 60


def cases(skill: float, crps: float) -> Cases:
    """Cases of a model that knows who joins so well, and misses the parties by so much."""
    rng = np.random.default_rng(7)
    joined = rng.random(STATES) < 0.4
    chance = np.clip(0.4 + skill * (joined - 0.4) + rng.normal(0.0, 0.05, STATES), 0.01, 0.99)
    codes = [f"S{place:02d}" for place in range(STATES)]
    return Cases(
        parties={"CRPS": {MODEL: crps + np.array([0.0, 0.1, 0.2, 0.1]), "Bass": np.zeros(4)}},
        joins={group: {MODEL: chance, REGRESSION: chance} for group in GROUPS},
        joined=dict.fromkeys(GROUPS, joined),
        states=dict.fromkeys(GROUPS, codes),
        use={MODEL: chance, LAST_YEAR: chance},
        used=joined,
        users=codes,
    )


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float]]:
    """Hindcasts that cost nothing: without alliances the model knows less; without arms it is nearer; else the same."""
    asked = []

    def hindcast(scenario, origins, seeds, workers, on_progress, *, treaty=None):
        off = {name: value for name, value in scenario.values.items() if value != records()[name].value}
        asked.append(off)
        skill = 0.1 if "network.alliance" in off else 0.5
        crps = 1.0 if "network.arms" in off else 2.0
        return SimpleNamespace(origins=[SimpleNamespace(origin=Origin(2012, 2016), cases=cases(skill, crps))])

    monkeypatch.setattr(layers, "hindcast", hindcast)
    return asked


def test_each_layer_is_left_out_once_and_then_every_pull(planted: list[dict[str, float]]) -> None:
    done = layers.layer_contributions(seeds=3)
    assert list(done.lines) == [*LAYERS, "influence"]
    own = planted[0]
    changed = [{name for name in off if off[name] != own.get(name)} for off in planted[1:]]
    assert changed[:-1] == [{f"network.{layer}"} for layer in LAYERS]
    assert changed[-1] <= set(layers.PULLS)
    assert all(value == 0.0 for value in layers.variants()["influence"].values())


@pytest.mark.parametrize("name", ["baseline", "ukraine_2023", "ccw_imposed"])
def test_without_every_pull_the_network_moves_nobody(name: str) -> None:
    """With other neighbours, states see other things, and nothing that they do or believe changes."""
    off = layers.variants()["influence"]
    scenario = load_scenario(name).with_months(60)
    runs = [simulate(scenario.with_values({**off, "network.shuffle": number}), 3, log_level=0) for number in (0, 2)]
    seen = {"conduct", "approval"}
    for outcome in set(runs[0].outcomes) - seen:
        np.testing.assert_array_equal(runs[0].outcomes[outcome], runs[1].outcomes[outcome], err_msg=outcome)
    assert (runs[0].outcomes["conduct"] != runs[1].outcomes["conduct"]).any()
    with_pulls = [simulate(scenario.with_values({"network.shuffle": number}), 3, log_level=0) for number in (0, 2)]
    assert (with_pulls[0].outcomes["felt"] != with_pulls[1].outcomes["felt"]).any()


def test_differences_have_the_right_sign_and_stars_where_they_are_sure(planted) -> None:
    done = layers.layer_contributions(seeds=3)
    found = {
        name: {(line.part, line.comparison.score): line.comparison for line in lines}
        for name, lines in done.lines.items()
    }
    assert found["alliance"]["joins: all", "AUC"].difference > 0.0
    assert found["alliance"]["joins: all", "AUC"].verdict == "model wins"
    assert found["arms"]["parties at year-end", "CRPS"].difference == pytest.approx(1.0)
    assert found["arms"]["parties at year-end", "CRPS"].verdict == "baseline wins"
    assert all(line.comparison.difference == 0.0 for line in done.lines["region"])
    page = layers_command.page(done)
    assert "alliance improves" in page
    assert "arms improves 0 and worsens 1" in page
    assert "differs detectably without: region, votes, organisations, influence" in page
    row = next(line for line in page.splitlines() if line.startswith("| parties at year-end | CRPS"))
    assert row.split("|")[7].strip() == "+1.00 (1.00 to 1.00)*"


def test_the_command(planted, tmp_path) -> None:
    run = CliRunner().invoke(app, ["hindcast", "--layers", "--seeds", "3", "--out", str(tmp_path / "page.md")])
    assert run.exit_code == 0, run.output
    assert "without organisations" in (tmp_path / "page.md").read_text()
    told = json.loads(CliRunner().invoke(app, ["hindcast", "--layers", "--json"]).stdout)
    assert set(told["without"]) == {*LAYERS, "influence"}
    refused = CliRunner().invoke(app, ["hindcast", "--layers", "--figures", str(tmp_path)])
    assert refused.exit_code == 1
    assert "leave out --figures" in str(refused.exception) + refused.output
