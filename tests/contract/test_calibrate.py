"""`normsim calibrate`: targets, runs that go on where they stopped, and the command's tables and files."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from normsim.analysis import calibration, calibration_runs
from normsim.analysis import calibration_targets as aims
from normsim.analysis.calibration import Calibration, Settings, Space
from normsim.analysis.calibration_runs import CHUNK, run_point, run_points
from normsim.analysis.joining_fit import JoiningFit
from normsim.analysis.joining_likelihood import Joining
from normsim.cli import calibrate_command
from normsim.cli.commands import app
from normsim.cli.docs_pages import write_page
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.parameters import records


@pytest.fixture(scope="module")
def fit() -> JoiningFit:
    """A fit of joining with made-up draws."""
    names = ("join.region", "join.norm")
    rows = np.arange(40)
    case = Joining(
        rows, rows % 7, np.ones(40, int), np.ones((40, 2)), rows % 9 == 0, names, calibration.FIT_UNTIL, ("AAA",) * 40
    )
    draws = stream(1, "test").uniform([-5, 0.1, 1.0, 0.1], [-4, 1.9, 5.0, 0.9], (300, 4))
    return JoiningFit(case, draws[0], -100.0, draws, 50.0, {"join.region": 1.0, "join.norm": 4.0})


def test_targets_are_those_of_the_record_and_what_a_run_tells() -> None:
    known = {each.name: each for each in aims.targets()}
    assert known["parties_2019"].record == 107
    assert known["user_years"].record == 25
    assert known["transfers"].record == 8
    assert known["votes_yes"].record == pytest.approx((140 + 141 + 144 + 138) / 4, abs=1.0)
    assert known["notices"].record == 0
    assert [each.name for each in known.values() if each.seen] == ["critics_2023"]
    assert set(run_point({}, 0)) == set(known)


def test_a_point_is_run_with_its_values() -> None:
    quiet = run_point({"condemn.intercept": -7.0}, 0)
    loud = run_point({"condemn.intercept": -1.0}, 0)
    assert quiet["critics_2023"] < loud["critics_2023"]
    assert quiet["critics_syria"] < loud["critics_syria"]
    assert run_point({"join.ratify": 0.03}, 0)["parties_2012"] > run_point({"join.ratify": 0.005}, 0)["parties_2012"]


def test_distances_are_in_standard_deviations_of_what_is_left_open() -> None:
    found = pd.DataFrame([{each.name: each.record for each in aims.targets()}] * 2)
    found.loc[1, "parties_2012"] += 6.0
    found.loc[1, "transfers"] = 2.0 * (found.loc[0, "transfers"] + 1.0) - 1.0
    apart = aims.distances(found)
    assert (apart[0] == 0.0).all()
    assert apart[1].tolist() == pytest.approx([2.0, *[0.0] * 7, np.log(2.0) / 0.4, *[0.0] * 4])


def test_points_that_are_run_are_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def fake(values: dict[str, float], seed: int) -> dict[str, float]:
        made.append(seed)
        return {"value": values["join.norm"], "seed": float(seed)}

    monkeypatch.setattr(calibration_runs, "run_point", fake)
    points = pd.DataFrame({"join.norm": np.arange(2.0 * CHUNK + 5.0)})
    first = run_points(points, 100, tmp_path, workers=1)
    assert made == list(range(100, 100 + len(points)))
    (tmp_path / f"points_{CHUNK:06d}.parquet").unlink()
    made.clear()
    again = run_points(points, 100, tmp_path, workers=1)
    assert made == list(range(100 + CHUNK, 100 + 2 * CHUNK))
    pd.testing.assert_frame_equal(first, again)


def test_a_folder_of_another_calibration_is_refused(tmp_path: Path) -> None:
    calibration._claim(tmp_path / "runs", Settings(seed=1))
    calibration._claim(tmp_path / "runs", Settings(seed=1))
    with pytest.raises(AnalysisError, match=r"another calibration \(seed = 1\).*--runs"):
        calibration._claim(tmp_path / "runs", Settings(seed=2))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(AnalysisError, match="something else"):
        calibration._claim(tmp_path / "other", Settings())


def test_space_of_the_prior_is_the_ranges_and_the_draws_of_joining(fit: JoiningFit) -> None:
    space, rng = Space.of(fit), stream(3, "test")
    scores = space.prior(200, rng)
    assert abs(scores.mean()) < 0.05
    assert abs(scores.std() - 1.0) < 0.05
    points = space.points(scores)
    for name in points.columns:
        assert points[name].between(records()[name].low, records()[name].high).all(), name
    column = fit.joining.parameters.index("join.norm")
    assert points["join.norm"].mean() == pytest.approx(fit.values[:, column].mean(), abs=0.2)
    moved = space.redraw(scores, 12, rng)
    changed = (moved != scores).sum(axis=1)
    assert changed.min() >= 1
    joining = np.isin(space.names, list(space.draws))
    together = (moved[:, joining] != scores[:, joining]).all(axis=1)
    assert 0.03 < together.mean() < 0.2


def test_tables_page_and_files(fit: JoiningFit, tmp_path: Path) -> None:
    space = Space.of(fit)
    points = calibration.tidy(space.points(space.prior(30, stream(5, "test"))))
    found = pd.DataFrame([{each.name: each.record for each in aims.targets()}] * 30)
    before = found * 3.0
    round_ = calibration.Round(3.0, 0.2, 30, 5)
    done = Calibration(
        Settings(members=30), fit, {"region": -0.1, "influence": 8.0}, before, found, [round_], points, found, 90
    )
    joining = list(fit.joining.parameters)
    middle = points.copy()
    middle.loc[7, joining] = points[joining].mean()
    assert replace(done, points=middle).joining_medoid() == middle.loc[7, joining].to_dict()
    page = calibrate_command.page(done)
    assert "supports influence at the 5 % level" in page
    assert "0% met every target within 4 standard deviations" in page
    assert "100% of them meet every target" in page
    assert all(each.meaning in page for each in aims.targets())
    calibrate_command._save(done, tmp_path / "p.parquet")
    assert pd.read_parquet(tmp_path / "p.parquet").equals(points)
    assert "fitted_until = 2019-12-31" in (tmp_path / "p.toml").read_text(encoding="utf-8")
    write_page(done, calibrate_command.page, calibrate_command._figures_of, tmp_path / "p.md", tmp_path / "figures")
    assert "(figures/calibration_targets.png)" in (tmp_path / "p.md").read_text(encoding="utf-8")
    assert {path.stem for path in (tmp_path / "figures").glob("*.png")} == set(calibrate_command.CAPTIONS)
    told = calibrate_command.record(done)
    told = json.loads(json.dumps(told))
    assert told["points"] == 30
    region = next(each for each in told["joining"] if each["parameter"] == "join.region")
    assert region["low"] < region["mean"] < region["high"]
    assert [each["posterior"][1] for each in told["targets"]] == [each.record for each in aims.targets()]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--workers", "0"], "--workers 0"), (["--save", "x.csv"], "suffix .parquet"), (["--members", "3"], "20")],
)
def test_options_that_cannot_be_taken_are_error_lines(arguments: list[str], told: str, tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["calibrate", "--runs", str(tmp_path / "runs"), *arguments])
    assert found.exit_code in (1, 2)
    assert told in found.output
    assert "Traceback" not in found.output
