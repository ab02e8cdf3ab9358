"""The forest plot draws the table's numbers, and the same table gives the same bytes."""

import numpy as np
import pandas as pd
import pytest

from normsim.figures.forest_plot import MARKS, forest_figure, turned
from normsim.figures.style import save


@pytest.fixture
def table() -> pd.DataFrame:
    """One claim a verdict, in every direction."""
    return pd.DataFrame(
        {
            "id": ["up", "down", "same", "against"],
            "direction": ["higher", "lower", "same", "lower"],
            "matters": [0.02, 1000.0, 5.0, 1.0],
            "effect": [0.06, -4000.0, -1.0, 3.0],
            "low": [0.05, -6000.0, -2.0, 2.0],
            "high": [0.07, -2000.0, 0.0, 5.0],
            "n": [200, 200, 198, 200],
            "points": [500, 500, 499, 500],
            "share_sign": [0.97, 0.6, 0.99, 0.1],
            "share_sign_low": [0.95, 0.5, 0.98, 0.05],
            "share_sign_high": [0.99, 0.7, 1.0, 0.2],
            "share_matters": [0.8, 0.3, 0.99, 0.05],
            "verdict": ["robust", "conditional", "not detectable", "refuted"],
        }
    )


def test_effects_are_turned_and_in_units_of_what_matters(table: pd.DataFrame) -> None:
    found = turned(table)
    np.testing.assert_allclose(found["effect"], [3.0, 4.0, -0.2, -3.0])
    np.testing.assert_allclose(found["low"], [2.5, 2.0, -0.4, -5.0])
    np.testing.assert_allclose(found["high"], [3.5, 6.0, 0.0, -2.0])


def test_what_is_drawn_is_the_table(table: pd.DataFrame) -> None:
    figure = forest_figure(table)
    left, right = figure.axes
    drawn = turned(table)
    markers = [line for line in left.get_lines() if line.get_marker() not in ("None", None)]
    assert [float(line.get_xdata()[0]) for line in markers] == pytest.approx(drawn["effect"].tolist())
    assert [line.get_marker() for line in markers] == [MARKS[verdict][0] for verdict in table["verdict"]]
    whiskers = [
        line.get_xdata() for line in left.get_lines() if len(line.get_xdata()) == 2 and line.get_linewidth() > 1
    ]
    np.testing.assert_allclose(whiskers, drawn[["low", "high"]])
    assert [label.get_text() for label in left.get_yticklabels()] == table["id"].tolist()
    low, high = left.get_xlim()
    assert low < drawn["low"].min() < drawn["high"].max() < high
    assert [bar.get_width() for bar in right.patches] == table["share_matters"].tolist()
    (shares,) = [line for line in right.get_lines() if len(line.get_xdata()) == len(table)]
    assert shares.get_xdata().tolist() == table["share_sign"].tolist()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [f"{word} (1)" for word in MARKS]


def test_the_posterior_stands_beside_the_whole_space(table: pd.DataFrame) -> None:
    beside = {"points": 300, "share_sign": [0.9, 0.8, 0.7, 0.2], "share_matters": [0.7, 0.2, 0.6, 0.1]}
    figure = forest_figure(table.assign(**{f"posterior_{name}": value for name, value in beside.items()}))
    right = figure.axes[1]
    assert [bar.get_width() for bar in right.patches] == [*table["share_matters"], *beside["share_matters"]]
    diamonds = next(line for line in right.get_lines() if line.get_marker() == "d")
    assert diamonds.get_xdata().tolist() == beside["share_sign"]
    assert "300 points of the posterior" in figure.texts[0].get_text().replace("\n", " ")


def test_the_same_table_gives_the_same_bytes(table: pd.DataFrame, tmp_path) -> None:
    for name in ("a.png", "b.png", "a.pdf", "b.pdf"):
        save(forest_figure(table), tmp_path / name)
    for kind in ("png", "pdf"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_verdicts_are_told_apart_without_colour() -> None:
    assert len({(marker, fill == "white") for marker, fill, _ in MARKS.values()}) == len(MARKS)


def test_a_claim_without_any_effect_is_drawn(table: pd.DataFrame) -> None:
    row = table.iloc[[0]].assign(effect=0.0, low=0.0, high=0.0, share_sign=np.nan, share_sign_low=np.nan)
    figure = forest_figure(row.assign(share_sign_high=np.nan, share_matters=0.0, verdict="not detectable"))
    assert figure.axes[0].get_xlim()[1] > 1.0


def test_the_caption_can_be_left_to_the_text_around(table: pd.DataFrame) -> None:
    with_it, without = forest_figure(table), forest_figure(table, caption=False)
    assert [text.get_text()[:7] for text in with_it.texts] == ["Effects"]
    assert [text.get_text() for text in without.texts] == [""]
    assert without.get_figheight() < with_it.get_figheight()
