"""Colours: told apart in grey, seen on their ground, and never the only sign of a meaning; and the bundled library."""

import hashlib
import itertools
import json
import re
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "normsim" / "page" / "client"
STYLE = (CLIENT / "style.css").read_text(encoding="utf-8")
SCALE = (CLIENT / "scale.js").read_text(encoding="utf-8")
LOOKS = ("light", "dark")


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


def theme(look: str) -> dict[str, str]:
    """The colours of the page when it is light or dark."""
    start = ":root {" if look == "light" else ":root[data-dark] {"
    return dict(re.findall(r"--([\w-]+): (#\w+)", STYLE.split(start)[1].split("}")[0]))


def listed(name: str, look: str) -> list[str]:
    """A list of colours in scale.js."""
    found = re.search(rf"{name} = {{.*?{look}: (\[.*?\])", SCALE, re.S)
    assert found
    return json.loads(found[1])


@pytest.mark.parametrize("look", LOOKS)
def test_categories_differ_in_grey_and_by_pattern(look: str) -> None:
    steps = [lightness(a) - lightness(b) for a, b in itertools.pairwise(listed("CATEGORIES", look)[:4])]
    assert min(abs(step) for step in steps) >= 12, steps
    assert len({step > 0 for step in steps}) == 1  # each obligation stands out more than the one before
    patterns = re.search(r"PATTERN = (\[.*?\])", SCALE)
    assert patterns
    assert json.loads(patterns[1])[4] == "stripes"  # what is no step of an order


@pytest.mark.parametrize("look", LOOKS)
def test_the_ramps_change_evenly(look: str) -> None:
    light = [lightness(colour) for colour in listed("SEQUENCE", look)]
    steps = [(b - a) * (-1 if look == "light" else 1) for a, b in itertools.pairwise(light)]
    assert min(steps) > 0
    assert max(steps) < 2 * sum(steps) / len(steps)
    two = [lightness(colour) for colour in listed("TWO_WAYS", look)]
    assert all(abs(low - high) < 15 for low, high in zip(two, reversed(two), strict=True))  # both ways alike


@pytest.mark.parametrize("look", LOOKS)
def test_text_and_lines_are_seen_on_their_ground(look: str) -> None:
    colours = theme(look)
    for ground, text in itertools.product(("paper", "ground", "soft", "mark"), ("ink", "quiet")):
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["on-main"], colours["main"]) >= 4.5
    for line in ("one", "two", "act", "less", "more", "chosen"):
        assert contrast(colours[line], colours["paper"]) >= 3, line


def test_the_dark_look_has_every_colour_of_the_light_one() -> None:
    assert set(theme("dark")) == set(theme("light"))
    assert STYLE.count("prefers-color-scheme") == 0  # one list: what makes the page dark sets `data-dark`


def test_two_lines_differ_without_colour() -> None:
    assert 'type: "dashed"' in (CLIENT / "charts.js").read_text(encoding="utf-8")
    assert re.search(r"\.line-two {[^}]*dashed", STYLE)


def test_the_bundled_library_is_the_published_one() -> None:
    bundled = CLIENT / "echarts"
    told = (bundled / "VERSION.txt").read_text(encoding="utf-8")
    code = (bundled / "echarts.esm.min.js").read_bytes()
    assert hashlib.sha256(code).hexdigest() in told
    assert {"LICENSE", "NOTICE"} <= {path.name for path in bundled.iterdir()}
