"""Colours: told apart in grey, seen on their ground, and never the only sign of a meaning."""

import itertools
import re
from pathlib import Path

import pytest

from normsim.page.map import PATTERNS
from normsim.page.quantities import STATUS_COLOURS, STATUSES, VOTE_COLOURS, VOTES, blend
from normsim.page.widgets import DRAWING

STYLE = (Path(__file__).parents[2] / "normsim" / "page" / "style.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    """Relative luminance [0-1], as WCAG defines it."""
    parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def lightness(colour: str) -> float:
    """How light a colour looks, also in grey [0-100]: L* of CIELAB."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 216 / 24389 else y * 24389 / 27


def contrast(a: str, b: str) -> float:
    """Contrast of two colours [1-21], as WCAG defines it."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def theme(name: str) -> dict[str, str]:
    """The colours of the page when it is light or dark."""
    found = re.search(rf"\.theme--{name} {{(.*?)}}", STYLE)
    assert found
    return dict(re.findall(r"--ns-(\w+): (#\w+)", found[1]))


def test_categories_differ_in_grey() -> None:
    plain = [colour for colour in STATUS_COLOURS if colour.startswith("#")]
    steps = [lightness(a) - lightness(b) for a, b in itertools.pairwise(plain)]
    assert len(plain) == len(STATUSES) - 1
    assert min(steps) >= 15, steps  # each obligation visibly darker than the one before
    votes = [lightness(b) - lightness(a) for a, b in itertools.pairwise(VOTE_COLOURS)]
    assert len(votes) == len(VOTES) - 1
    assert min(votes) >= 15, votes  # each vote visibly lighter the less it approves


def test_what_is_no_step_of_an_order_is_striped() -> None:
    stripes = dict(re.findall(r'<pattern id="ns-(\w+)".*?fill="(#\w+)".*?</pattern>', PATTERNS))
    ink = dict(re.findall(r'<pattern id="ns-(\w+)".*?stroke="(#\w+)".*?</pattern>', PATTERNS))
    assert STATUS_COLOURS[-1] == "url(#ns-notice)"
    assert set(stripes) == set(ink) == {"absent", "notice"}
    assert all(abs(lightness(stripes[name]) - lightness(ink[name])) >= 20 for name in stripes)


def test_the_ramp_grows_lighter_evenly() -> None:
    light = [lightness(blend(k / 20)) for k in range(21)]
    steps = [b - a for a, b in itertools.pairwise(light)]
    assert min(steps) > 0
    assert max(steps) < 2 * sum(steps) / len(steps)


def test_two_lines_differ_without_colour() -> None:
    rules = dict(re.findall(r"\.(ns-\w+){(.*?)}", DRAWING))
    assert "stroke-dasharray" in rules["ns-two"]
    assert "stroke-dasharray" not in rules["ns-one"]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_and_lines_are_seen_on_their_ground(name: str) -> None:
    colours = theme(name)
    for ground in ("paper", "soft"):
        for text in ("ink", "quiet"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for line in ("one", "two"):
        assert contrast(colours[line], colours["paper"]) >= 3, line
