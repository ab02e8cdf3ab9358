"""docs/mechanisms.md carries every mechanism of the article, each to something that exists."""

import re
from pathlib import Path

import pytest

from normsim.parameters import records

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mechanisms.md"
MECHANISMS = range(1, 57)
LEFT_OUT = "left out"


def rows() -> list[tuple[int, str, str, str]]:
    """Number, mechanism, what carries it, remark: the lines of the tables."""
    lines = re.findall(r"^\| *(\d+) *\|(.+)\|(.+)\|(.+)\|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [(int(number), text.strip(), carried.strip(), remark.strip()) for number, text, carried, remark in lines]


ROWS = rows()
IDS = [f"mechanism-{row[0]}" for row in ROWS]


def test_each_mechanism_has_one_row() -> None:
    assert [number for number, *_ in ROWS] == list(MECHANISMS)


@pytest.mark.parametrize(("number", "text", "carried", "remark"), ROWS, ids=IDS)
def test_what_carries_a_mechanism_exists(number: int, text: str, carried: str, remark: str) -> None:
    assert text
    if carried == LEFT_OUT:
        assert len(remark.split()) >= 5, "a mechanism left out needs its reason"
        return
    names = re.findall(r"`([^`]+)`", carried)
    assert names, f"{carried!r} names nothing"
    for name in names:
        if name.startswith("outcome:"):
            from normsim.engine.outcomes import OUTCOMES

            assert name.removeprefix("outcome:") in OUTCOMES, f"no outcome {name}"
        elif name.startswith("rules/"):
            assert (ROOT / "normsim" / name).is_file(), f"no rule {name}"
        elif name.startswith("scenarios/"):
            assert (ROOT / name).is_file(), f"no scenario {name}"
        else:
            assert name in records(), f"no parameter {name}"


def test_few_are_left_out() -> None:
    assert [number for number, _, carried, _ in ROWS if carried == LEFT_OUT] == [5, 6, 11, 18, 20, 50]
