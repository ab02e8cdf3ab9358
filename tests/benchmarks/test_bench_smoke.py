"""The benchmark's functions run, at tiny size; numbers are judged by the benchmark itself, never by a test."""

import json
import subprocess

import pytest

from normsim.engine.simulate import Simulation
from normsim.scenario import load_scenario
from tests.benchmarks import __main__ as script
from tests.benchmarks import batch, measure, page
from tests.benchmarks.floor import FUNCTIONS, SIGNALS, count_exponentials
from tests.worlds import SIGNAL_COLUMNS


def test_speed_is_measured() -> None:
    baseline = load_scenario("baseline").with_months(2)
    results = measure.against_plain(baseline, 1, 1) + measure.against_floor(baseline, 1)
    assert all(result.value > 0.0 for result in results)
    assert {result.name for result in results if result.bar} == {"plain / simulate", "simulate / floor"}


def test_the_floor_passes_over_every_signal() -> None:
    assert len(SIGNAL_COLUMNS) == SIGNALS


def test_exponentials_are_counted() -> None:
    found = count_exponentials(Simulation(load_scenario("baseline").with_months(2), log_level=0))
    assert found.called["exp"] > 197
    assert found.called["pow"] > 0
    assert all(found.distinct.get(name, 0) <= found.called.get(name, 0) for name in FUNCTIONS)


def test_scaling_is_measured() -> None:
    results = measure.scaling((20, 40), 2, 1)
    assert [result.passed is None for result in results] == [True, True, False, False]


def test_a_command_that_fails_is_not_timed() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        measure.process(measure.command("run", "nowhere"))


def test_storing_is_measured() -> None:
    (result,) = batch.storing(2, 2, 1)
    assert result.passed is not None


def test_the_page_is_measured() -> None:
    results = page.of_the_server(2, 6, 2)
    assert all(result.value > 0.0 for result in results if "growth" not in result.name)


@pytest.mark.parametrize("as_json", [False, True])
def test_the_script_prints(as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    result = measure.Result("a name", 1234.5, "us", "<= 3", False)
    monkeypatch.setattr(script, "suite", lambda quick: {"A heading": lambda: [result]})
    monkeypatch.setattr("sys.argv", ["benchmarks", "--json"] if as_json else ["benchmarks"])
    script.main()
    printed = capsys.readouterr().out
    if as_json:
        assert json.loads(printed)["A heading"][0]["value"] == 1234.5
    else:
        assert "MISSED" in printed
        assert "1,234" in printed
