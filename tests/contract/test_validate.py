"""`normsim validate`: the table of what the model must be able to show."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from normsim.analysis import validation
from normsim.cli.commands import app


@pytest.mark.parametrize(("value", "met"), [(0.9, False), (1.0, True), (2.0, True), (2.1, False)])
def test_within_takes_both_ends(value: float, met: bool) -> None:
    assert validation.within("x", [value], 1.0, 2.0).passed is met


@pytest.mark.parametrize(("values", "met"), [([0.5, 1.5], True), ([0.5, 1.4], False)])
def test_at_least_judges_the_mean(values: list[float], met: bool) -> None:
    assert validation.at_least("x", values, 1.0).passed is met
    assert validation.at_most("x", [-value for value in values], -1.0).passed is met


def test_a_check_says_its_mean_and_interval_or_its_single_value() -> None:
    assert validation.Check("x", "", np.array([0.25]), None).measured == "0.25"
    assert (
        validation.Check("x", "", np.array([1.0, 2.0, 3.0]), True).measured == "2 (-0.484 to 4.48)"
    )  # 2 -+ 4.303 / sqrt(3)
    assert [validation.Check("x", "", np.ones(1), passed).verdict for passed in (True, False, None)] == [
        "met",
        "MISSED",
        "-",
    ]


def test_the_command_runs_every_part_and_writes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "validation.md"
    small = ["validate", "--seeds", "2", "--cases", "2", "--worlds", "2", "--out", str(page), "--json"]
    result = CliRunner().invoke(app, small)
    assert result.exit_code == 0, result.output
    parts = json.loads(result.stdout)
    assert list(parts) == ["Patterns of the record", "Dynamics under influence", "Prior worlds"]
    assert all(np.isfinite(check["mean"]) for checks in parts.values() for check in checks)
    text = page.read_text(encoding="utf-8")
    assert all(f"| {check['name']} |" in text for checks in parts.values() for check in checks)
