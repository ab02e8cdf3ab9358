"""Outlines of states as SVG paths."""

from collections.abc import Iterable
from functools import cache

from normsim.world import country_outlines

WIDTH, HEIGHT = 960.0, 430.0
"""Size of the drawing [px]."""

_SCALE, _MIDDLE, _EQUATOR = 176.0, 478.0, 245.0


def project(lon: float, lat: float) -> tuple[float, float]:
    """Place of a point on the drawing.

    Args:
        lon: longitude [degrees].
        lat: latitude [degrees].
    """
    return _placed(*country_outlines.project(lon, lat))


def _placed(x: float, y: float) -> tuple[float, float]:
    return round(_MIDDLE + _SCALE * x, 1), round(_EQUATOR - _SCALE * y, 1)


@cache
def outlines() -> tuple[dict[str, str], str]:
    """Path of every state with a polygon by its code; and one path of land that is no state of the model."""
    states, other = country_outlines.rings()
    return {code: _path(rings) for code, rings in states.items()}, _path(other)


def _path(rings: Iterable[country_outlines.Ring]) -> str:
    """Closed lines as one path."""
    lines = ("L".join(f"{x:g} {y:g}" for x, y in (_placed(*point) for point in ring)) for ring in rings)
    return "".join(f"M{line}Z" for line in lines)
