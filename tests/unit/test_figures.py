"""The figures draw the numbers of the runs, and the same numbers give the same bytes."""

import datetime
import math

import numpy as np
import pytest

from normsim.comparison import Comparison, compare
from normsim.figures.comparison_figure import PANELS, comparison_frame, draw, events_in_words
from normsim.figures.style import DASHES, FIRST, SECOND, save
from normsim.scenario import Event
from normsim.stats import student

LABELS = ("ukraine_2023", "no_transfer_2023")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Three pairs of two years and a half."""
    return compare(*LABELS, seeds=range(3), months=30)


@pytest.mark.parametrize("name", ["parties", "validity", "scope", "robustness"])
def test_a_monthly_line_is_the_mean_of_the_series(comparison: Comparison, name: str) -> None:
    frame = comparison_frame(comparison)
    for label, runs in zip(LABELS, (comparison.scenario_runs, comparison.baseline_runs), strict=True):
        drawn = frame[(frame["line"] == name) & (frame["scenario"] == label)]
        series = np.array([run.series[name].to_numpy() for run in runs])
        assert drawn["month"].dt.date.tolist() == runs[0].months
        np.testing.assert_allclose(drawn["mean"], series.mean(axis=0), rtol=1e-12)
        half = student(2) * series.std(axis=0, ddof=1) / math.sqrt(3)
        np.testing.assert_allclose(drawn["high"] - drawn["mean"], half, atol=1e-9)
        np.testing.assert_allclose(drawn["mean"] - drawn["low"], half, atol=1e-9)


@pytest.mark.parametrize(
    ("line", "names", "fold"),
    [
        ("transfers", ["transfers"], np.sum),
        ("users", ["users"], np.mean),
        ("casualties", ["casualties_attack", "casualties_remnants"], np.sum),
    ],
)
def test_a_yearly_line_adds_up_whole_years(comparison: Comparison, line: str, names: list[str], fold) -> None:
    frame = comparison_frame(comparison)
    drawn = frame[(frame["line"] == line) & (frame["scenario"] == "ukraine_2023")]
    monthly = np.mean([run.series[names].sum(axis=1).to_numpy() for run in comparison.scenario_runs], axis=0)
    np.testing.assert_allclose(drawn["mean"], [fold(monthly[:12]), fold(monthly[12:24])], rtol=1e-12)
    assert drawn["month"].dt.date.tolist() == [datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)]


def test_the_lines_on_the_figure_are_the_frame(comparison: Comparison) -> None:
    frame = comparison_frame(comparison)
    figure = draw(comparison)
    assert len(figure.axes) == len(PANELS) == 6
    for letter, panel, ax in zip("abcdef", PANELS, figure.axes, strict=True):
        assert ax.get_title(loc="left").startswith(letter)
        assert ax.get_ylabel()
        drawn = [line for line in ax.get_lines() if line.get_color() in (FIRST, SECOND)]
        wanted = [
            frame[(frame["panel"] == panel.title) & (frame["line"] == line) & (frame["scenario"] == label)]["mean"]
            for line in panel.lines
            for label in LABELS
        ]
        assert len(drawn) == len(wanted)
        for line, values in zip(drawn, wanted, strict=True):
            np.testing.assert_array_equal(np.asarray(line.get_ydata()), values.to_numpy())


def test_scenarios_differ_in_colour_and_in_dashes(comparison: Comparison) -> None:
    drawn = [line for line in draw(comparison).axes[0].get_lines() if line.get_color() in (FIRST, SECOND)]
    assert {line.get_color() for line in drawn} == {FIRST, SECOND}
    assert len({line.is_dashed() for line in drawn}) == len(DASHES)


def test_the_footer_says_what_one_needs_to_repeat_it(comparison: Comparison) -> None:
    told = " ".join(text.get_text().replace("\n", " ") for text in draw(comparison, "own rules abc").texts)
    for words in (
        "mean of 3 runs",
        "seeds 0 to 2",
        "95 % interval",
        "ukraine_2023 minus no_transfer_2023",
        "USA transfer to UKR (7 times, 2023-07 to 2024-10)",
        "every state must not open bridge",
        comparison.scenario_runs[0].scenario.fingerprint()[:12],
        comparison.baseline_runs[0].scenario.fingerprint()[:12],
        "normsim 0.",
        "own rules abc",
    ):
        assert words in told


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_the_same_numbers_give_the_same_bytes(comparison: Comparison, tmp_path, kind: str) -> None:
    paths = [tmp_path / f"{name}.{kind}" for name in "ab"]
    for path in paths:
        save(draw(comparison), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_one_pair_of_a_few_months_is_drawn_without_bands() -> None:
    one = compare(*LABELS, seeds=[7], months=4)
    frame = comparison_frame(one)
    assert frame["low"].isna().all()
    assert frame["high"].isna().all()
    assert "no bands: one run" in " ".join(text.get_text() for text in draw(one).texts)


def test_events_of_a_kind_are_told_together() -> None:
    day = datetime.date(2023, 7, 7)
    events = (Event(day, "USA", "open_bridge"), Event(day, "*", "transfer", to="*", forbid=True))
    assert events_in_words(events) == "USA open bridge (2023-07); every state must not transfer to * (from 2023-07)"
