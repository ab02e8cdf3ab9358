"""What every figure of the paper is held to once it is drawn."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.text import Text

from normsim.figures.phrases import CHANCE, INTERVAL
from normsim.figures.style import TWO_COLUMNS
from normsim.paper.figure_builder import finding, read_table, write_table
from normsim.paper.paper_plan import load_paper


def through_csv(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """The table as a figure gets it: read back from its CSV."""
    path = folder / "frame.csv"
    path.write_bytes(write_table(frame))
    return read_table(path.read_bytes())


def found(module: Any, frame: pd.DataFrame) -> str:
    """What the report says of a table: the figure's finding in the packaged plan, filled."""
    figure = load_paper().figure(module.__name__.rpartition(".")[2])
    runs = dict.fromkeys(("n", "seed", "points", "runs", "months"), "so many")
    return finding(figure, runs | {"interval": INTERVAL, "chance": CHANCE} | module.facts(frame))


def looked_at(module: Any, frame: pd.DataFrame, panels: int, width: float = TWO_COLUMNS) -> None:
    """The drawing of a table has its panels lettered, its axes named, and no name of the code in what is printed."""
    figure = module.draw(frame, width)
    assert figure.get_figwidth() == pytest.approx(width)
    figure.draw_without_rendering()
    letters = [ax.get_title(loc="left")[:1] for ax in figure.axes if ax.get_title(loc="left")]
    assert letters == list("abcdefghi"[:panels])
    printed = [text.get_text() for text in figure.findobj(Text)]
    assert not [text for text in printed if re.search(r"[a-z]_[a-z]|[a-z]\.[a-z]", text)]
