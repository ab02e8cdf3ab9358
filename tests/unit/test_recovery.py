"""Parameter recovery: truths within their ranges, ranks that tell a right fit from a wrong one, and the command."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from normsim.analysis.calibration_targets import targets
from normsim.analysis.joining_likelihood import RATES
from normsim.analysis.recovery import Job, Recovery, fit_one, recover, summarised, telling, truths
from normsim.analysis.recovery_regression import posterior, recover_rest
from normsim.cli import recover_command
from normsim.cli.commands import app
from normsim.engine.streams import stream
from normsim.errors import AnalysisError
from normsim.parameters import records
from normsim.scenario import load_scenario


def made(shift: float = 0.0, width: float = 1.0, count: int = 200) -> Recovery:
    """A fit of normal truths from one normal measurement each, right but for what is given."""
    rng = stream(3, "test recovery")
    truth = rng.standard_normal(count)
    mean = 0.5 * (truth + rng.standard_normal(count)) + shift  # posterior of a standard normal prior
    draws = mean[:, None] + width * np.sqrt(0.5) * rng.standard_normal((count, 400))
    found = pd.DataFrame(
        {
            "record": range(count),
            "parameter": "join.norm",
            "truth": truth,
            "mean": mean,
            "sd": draws.std(axis=1),
            "prior_sd": 1.0,
            "low": np.quantile(draws, 0.05, axis=1),
            "high": np.quantile(draws, 0.95, axis=1),
            "rank": (draws < truth[:, None]).mean(axis=1),
        }
    )
    return Recovery(found, (50,) * count, 3, 400, found.assign(parameter="use.habit"), 500)


def test_a_right_fit_has_uniform_ranks_and_holds_its_level() -> None:
    row = summarised(made().found).iloc[0]
    assert row["p"] > 0.01
    assert abs(row["coverage"] - 0.9) < 4.0 * np.sqrt(0.09 / 200)
    assert row["correlation"] == pytest.approx(np.sqrt(0.5), abs=0.15)
    assert row["narrowed"] == pytest.approx(np.sqrt(0.5), abs=0.05)


@pytest.mark.parametrize("wrong", [{"shift": 0.5}, {"width": 0.4}, {"width": 2.5}])
def test_a_wrong_fit_is_found(wrong: dict[str, float]) -> None:
    assert summarised(made(**wrong).found).iloc[0]["p"] < 1e-3


def test_truths_lie_within_the_ranges_and_differ_by_record() -> None:
    base = load_scenario("history_2008")
    first, second = truths(base, 0, 1), truths(base, 1, 1)
    assert first == truths(base, 0, 1)
    assert first != second
    assert set(RATES) < set(first)
    for name, value in first.items():
        assert records()[name].low <= value <= records()[name].high


def test_a_record_is_fitted_at_its_own_truths() -> None:
    base = load_scenario("history_2008").with_months(24)
    scenario = base.with_values(truths(base, 0, 1))
    found, events = fit_one(Job(scenario, 5, 40))
    assert events > 0
    assert found["truth"].tolist() == [scenario.values[name] for name in found["parameter"]]
    assert ((found["low"] <= found["mean"]) & (found["mean"] <= found["high"])).all()
    assert found["rank"].between(0.0, 1.0).all()


def test_regression_finds_the_posterior_of_a_linear_model() -> None:
    """Two measurements of the first of three normal parameters."""
    rng = stream(4, "test regression")
    scores = rng.standard_normal((4000, 3))
    measured = scores[:, :1] + 0.5 * rng.standard_normal((4000, 2))
    aim = np.array([1.0, 0.6])
    draws = posterior(scores, measured - aim, rng)
    precision = 1.0 + 2.0 / 0.25
    assert draws[:, 0].mean() == pytest.approx(1.6 / 0.25 / precision, abs=0.1)
    assert draws[:, 0].std() == pytest.approx(1.0 / np.sqrt(precision), rel=0.15)
    assert abs(draws[:, 1].mean()) < 0.25  # nothing is said of the others
    assert draws[:, 1].std() == pytest.approx(1.0, rel=0.15)


def test_the_rest_is_recovered_where_a_target_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs whose casualties follow one parameter, and whose other targets are luck."""
    luck = stream(5, "test luck")

    def run_points(points: pd.DataFrame, *_: object) -> pd.DataFrame:
        drawn = {each.name: np.abs(luck.normal(each.record, each.spread, len(points))) for each in targets()}
        place = points["use.intercept"].rank(pct=True)
        return pd.DataFrame(drawn).assign(
            casualties=np.expm1(5.0 + 3.0 * place + 0.1 * luck.standard_normal(len(points)))
        )

    monkeypatch.setattr("normsim.analysis.recovery_regression.run_points", run_points)
    found = summarised(recover_rest(30, 600, 1, 20, 0.9)).set_index("parameter")
    assert found.loc["use.intercept", "correlation"] > 0.8
    assert found.loc["use.intercept", "narrowed"] < 0.7
    assert found.drop(index="use.intercept")["correlation"].abs().median() < 0.3
    assert found["coverage"].mean() == pytest.approx(0.9, abs=0.06)
    told = telling(found.reset_index())
    assert told.iloc[0]["parameter"] == "use.intercept"


def test_a_sample_too_small_is_refused() -> None:
    with pytest.raises(AnalysisError, match="a sample of 499 points: allowed are 500 or more, or 0"):
        recover(2, sample=499)


def test_the_command_tells_and_writes(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("normsim.analysis.recovery.recover", lambda *_: made())
    told = CliRunner().invoke(app, ["recover", "--out", str(tmp_path / "page.md")])
    assert told.exit_code == 0, told.output
    assert "join.norm" in told.output
    assert (tmp_path / "page.md").read_text() == recover_command.page(made())
    machine = CliRunner().invoke(app, ["recover", "--json"])
    assert json.loads(machine.stdout)["parameters"][0]["records"] == 200
    assert json.loads(machine.stdout)["rest"][0]["parameter"] == "use.habit"
    assert "500 points run" in told.output
    wrong = recover_command.page(made(shift=0.5))
    assert "Ranks are not uniform: join.norm" in wrong
