"""Promise D5: every packaged scenario gives what was agreed; `python -m tests.regression.refresh` agrees anew."""

import json

import pytest
import refresh
from refresh import BASELINE, CHOSEN, differences, measure, read, table

from normsim.scenario import scenario_names


def test_every_scenario_gives_what_was_agreed() -> None:
    differing = differences(read(), measure())
    assert not differing, "\n" + table(differing) + "\n\nIf this is meant: python -m tests.regression.refresh"


def test_the_baseline_is_whole() -> None:
    agreed = read()
    assert tuple(agreed) == scenario_names()
    for numbers in agreed.values():
        assert tuple(numbers) == CHOSEN
    assert BASELINE.read_text(encoding="utf-8") == json.dumps(agreed, indent=1) + "\n"


def test_scenarios_differ() -> None:
    told = [tuple(numbers.values()) for numbers in read().values()]
    assert len(set(told)) >= len(told) - 1  # consensus adopts nothing: in 36 months it may equal the status quo


@pytest.mark.parametrize(
    ("before", "now", "differ"),
    [
        (3, 3, False),
        (3, 4, True),
        (10**12, 10**12 + 1, True),
        (0.5, 0.5 * (1 + 5e-10), False),
        (0.5, 0.5 * (1 + 2e-9), True),
        (0, 1e-12, True),
        (1, 1.0 + 1e-12, False),
    ],
)
def test_whole_numbers_are_exact_and_others_nearly(before: float, now: float, differ: bool) -> None:
    assert bool(differences({"s": {"x": before}}, {"s": {"x": now}})) is differ


def test_what_is_missing_on_a_side_differs() -> None:
    assert differences({"s": {"x": 1}}, {}) == [("s", "x", 1, None)]
    assert differences({}, {"s": {"x": 0.5}}) == [("s", "x", None, 0.5)]


def test_refreshing_prints_what_changed_and_is_idempotent(tmp_path, monkeypatch, capsys) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"baseline": {"parties": 1}, "gone": {"parties": 2}}), encoding="utf-8")
    monkeypatch.setattr(refresh, "BASELINE", path)
    monkeypatch.setattr(refresh, "measure", lambda: {"baseline": {"parties": 2}})
    assert refresh.main() == 0
    out = capsys.readouterr().out
    assert "+100.00%" in out
    assert "gone" in out
    assert refresh.main() == 0
    assert capsys.readouterr().out == "Nothing has changed.\n"
