"""The world map: outlines drawn once, colours and tooltips every month."""

from functools import lru_cache
from html import escape

import numpy as np

from normsim.page import outline
from normsim.page.quantities import RAMP, Quantity, short
from normsim.page.session import Session
from normsim.page.widgets import DRAWING
from normsim.world import World

PATTERNS = (
    '<defs><pattern id="ns-absent" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="#bdbdbd"/><path d="M0 0V5" stroke="#757575" stroke-width="2"/></pattern>'
    '<pattern id="ns-notice" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fdb863"/><path d="M0 0V6" stroke="#7f3b08" stroke-width="4"/></pattern></defs>'
)
"""Stripes for what is told apart without colour."""

LEGEND = 58.0
"""Height of the legend below a drawing [px]."""


@lru_cache(maxsize=8)
def markup(world: World, legend: str) -> str:
    """The map: a shape a state, a point where it has no outline at this scale.

    Args:
        world: the world.
        legend: SVG of the legend.
    """
    paths, other = outline.outlines() if world.is_recorded else ({}, "")
    shapes = [f'<path class="ns-no-state" d="{other}"/>']
    points = []
    for place, code in enumerate(world.iso3):
        shown = f'class="ns-state m-{escape(code)}" data-pick="{escape(code)}"'
        if code in paths:
            shapes.append(f'<path {shown} d="{paths[code]}"/>')
        else:
            x, y = outline.project(float(world.facts["lon"][place]), float(world.facts["lat"][place]))
            points.append(f'<circle {shown} cx="{x}" cy="{y}" r="4.5"/>')
    size = f"0 0 {outline.WIDTH:g} {outline.HEIGHT + LEGEND:g}"
    return f'<svg viewBox="{size}">{PATTERNS}{"".join(shapes)}{"".join(points)}{legend}</svg>'


def legend(quantity: Quantity, y: float = outline.HEIGHT + 8, x: float = 20.0) -> str:
    """What the colours mean."""
    if quantity.words:
        parts, left = [], x
        for place, (word, colour) in enumerate(zip(quantity.words, quantity.colours, strict=True)):
            if place == 3:  # the second line
                left, y = x, y + 25
            parts.append(
                f'<rect x="{left:g}" y="{y:g}" width="17" height="17" fill="{colour}" stroke="var(--ns-quiet)"/>'
                f'<text class="ns-legend" x="{left + 24:g}" y="{y + 15:g}">{word}</text>'
            )
            left += 54 + 10.6 * len(word)
        return "".join(parts)
    stops = "".join(f'<stop offset="{k / (len(RAMP) - 1):.3f}" stop-color="{c}"/>' for k, c in enumerate(RAMP))
    middle = (quantity.low * quantity.high) ** 0.5 if quantity.log else (quantity.low + quantity.high) / 2
    ends = [short(value) if value >= 1.0 else f"{value:g}" for value in (quantity.low, middle, quantity.high)]
    if quantity.log:
        ends[0] = f"≤ {ends[0]}"
    ticks = "".join(
        f'<text class="ns-legend" x="{x + at:g}" y="{y + 33:g}" text-anchor="{anchor}">{end}</text>'
        for at, anchor, end in zip((0, 120, 240), ("start", "middle", "end"), ends, strict=True)
    )
    unit = f" [{quantity.unit}]" if quantity.unit else ""
    striped = "striped: not weighed" if quantity.label.startswith("Propensity") else ""
    return (
        f'<linearGradient id="ns-ramp">{stops}</linearGradient>'
        f'<rect x="{x:g}" y="{y:g}" width="240" height="15" fill="url(#ns-ramp)"/>{ticks}'
        f'<text class="ns-legend" x="{x + 256:g}" y="{y + 14:g}">{escape(quantity.meaning + unit)}</text>'
        f'<text class="ns-legend" x="{x + 256:g}" y="{y + 33:g}">{striped}</text>'
    )


def colours(session: Session, quantity: Quantity, selected: str) -> str:
    """Styles that colour the states of the map and the network.

    Args:
        session: the session.
        quantity: what to colour by.
        selected: code of the selected state.
    """
    world = session.model.simulation.world
    by_colour: dict[str, list[str]] = {}
    for code, value in zip(world.iso3, quantity.read(session).tolist(), strict=True):
        by_colour.setdefault(quantity.colour(value), []).append(f".m-{code}")
    rules = [f"{','.join(codes)}{{fill:{colour}}}" for colour, codes in by_colour.items()]
    chosen = f".ns-state.m-{selected}{{stroke:var(--ns-two);stroke-width:2.5}}" if selected else ""
    return DRAWING + "".join(rules) + chosen


def tips(session: Session, quantity: Quantity) -> dict[str, str]:
    """What is said of each state under the pointer."""
    world = session.model.simulation.world
    values = np.asarray(quantity.read(session)).tolist()
    return {
        code: f"{name}\n{quantity.label}: {quantity.told(value)}"
        for code, name, value in zip(world.iso3, world.names, values, strict=True)
    }
