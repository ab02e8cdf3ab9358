"""The screening of a latin hypercube against models whose effects are known."""

import json

import numpy as np
import pandas as pd
import pytest

from normsim.analysis import AnalysisError
from normsim.analysis.screening import screening_table
from normsim.cli.screening_command import screening_command
from tests.experiments import FakeResults

NAMES = tuple(f"x.{letter}" for letter in "abcdef")
POINTS = 2000
RNG = np.random.default_rng(5)
ROWS = [dict(zip(NAMES, map(float, row), strict=True)) for row in RNG.random((POINTS, len(NAMES)))]


def results(model, method: str = "latin_hypercube", **more) -> FakeResults:
    return FakeResults(model, rows=ROWS, blocks=[{"method": method}], **more)


def mixed(scenario, row, replication):
    """Up by a, down by b, bent in c, and luck; d moves z alone, in one scenario; e and f move nothing."""
    luck = np.sin(1e6 * sum(row.values()))  # as good as random, and the same for the same row
    y = 4.0 * row["x.a"] - 2.0 * row["x.b"] + 8.0 * (row["x.c"] - 0.5) ** 2 + luck
    return {"y": y, "z": luck + (row["x.d"] if scenario == "ban" else 0.0)}


def test_each_factor_is_seen_where_it_acts() -> None:
    found = screening_table(results(mixed, scenarios=("baseline", "ban"))).set_index("factor")
    assert found.loc[["x.a", "x.b", "x.c"], "outcome"].tolist() == ["y", "y", "y"]
    assert found["direction"][["x.a", "x.b", "x.c", "x.d"]].tolist() == ["up", "down", "bent", "up"]
    assert (found.loc["x.d", "scenario"], found.loc["x.d", "outcome"]) == ("ban", "z")
    assert found["verdict"].to_dict() == dict.fromkeys(NAMES[:4], "felt") | dict.fromkeys(NAMES[4:], "not seen")
    assert found.index[0] == "x.a"
    assert ((found["low"] <= found["change"]) & (found["change"] <= found["high"])).all()


def test_the_change_is_in_standard_deviations() -> None:
    """y = a + b, both uniform: a rank correlation of about .69, so a range of .69 * sqrt(12) standard deviations."""
    found = screening_table(results(lambda s, row, r: {"y": row["x.a"] + row["x.b"]})).set_index("factor")
    assert found.loc["x.a", "change"] == pytest.approx(0.69 * np.sqrt(12.0), rel=0.03)


def test_luck_is_not_taken_for_an_effect() -> None:
    """Forty outcomes of pure luck: Bonferroni keeps the false alarms to one factor in twenty."""

    def luck(scenario, row, replication):
        return {f"y{k}": float(np.sin(1e6 * (k + 1) * sum(row.values()))) for k in range(40)}

    assert (screening_table(results(luck))["verdict"] == "not seen").sum() >= len(NAMES) - 1


def test_a_small_effect_is_weak() -> None:
    model = lambda s, row, r: {"y": row["x.a"] + 0.04 * row["x.b"]}  # noqa: E731 (a model in one line)
    assert screening_table(results(model)).set_index("factor").loc["x.b", "verdict"] == "weak"


def test_an_outcome_that_never_varies_moves_with_nothing() -> None:
    assert (screening_table(results(lambda s, row, r: {"y": 1.0}))["verdict"] == "not seen").all()


def test_rounding_is_not_taken_for_an_effect() -> None:
    found = screening_table(results(lambda s, row, r: {"y": row["x.a"]})).set_index("factor")
    assert found["verdict"].to_dict() == {name: "felt" if name == "x.a" else "not seen" for name in NAMES}


def test_other_designs_and_too_few_runs_are_refused() -> None:
    with pytest.raises(AnalysisError, match="latin_hypercube"):
        screening_table(results(mixed, method="morris"))
    few = FakeResults(mixed, rows=ROWS[:20], blocks=[{"method": "latin_hypercube"}])
    with pytest.raises(AnalysisError, match="20 runs for 6 factors"):
        screening_table(few)


def test_the_table_is_printed_and_written(tmp_path, capsys) -> None:
    made = results(mixed)
    screening_command(made, None, tmp_path / "out", json=False, about={"normsim": "1"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "6 parameters: 3 felt, 0 weak, 3 not seen"
    assert next(line.split()[0] for line in lines if line.startswith("x.")) == "x.a"
    page = (tmp_path / "out" / "screening.md").read_text(encoding="utf-8")
    assert "| `x.a` |" in page
    assert "6 parameters: 3 felt, 0 weak, 3 not seen." in page
    assert pd.read_csv(tmp_path / "out" / "screening.csv")["factor"][0] == "x.a"
    screening_command(made, ["y"], None, json=True, about={})
    assert json.loads(capsys.readouterr().out)["screening"][0]["outcome"] == "y"
