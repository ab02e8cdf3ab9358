"""Outlines of countries for maps: Natural Earth 1:110m, Equal Earth projection."""

import json
import math
from functools import cache
from typing import Any

from normsim.world.data_files import DATA, table

Ring = tuple[tuple[float, float], ...]
"""A closed line of points, x to the east and y to the north, on a sphere of radius 1."""

_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_SIN60 = math.sqrt(3.0) / 2.0
_ANTARCTICA = "010"


def project(lon: float, lat: float) -> tuple[float, float]:
    """Project a point by Equal Earth (Savric, Patterson and Jenny 2019).

    Args:
        lon: longitude [degrees].
        lat: latitude [degrees].
    """
    t = math.asin(_SIN60 * math.sin(math.radians(lat)))
    t2 = t * t
    t6 = t2 * t2 * t2
    bent = _A1 + 3.0 * _A2 * t2 + t6 * (7.0 * _A3 + 9.0 * _A4 * t2)
    return math.radians(lon) * math.cos(t) / (_SIN60 * bent), t * (_A1 + _A2 * t2 + t6 * (_A3 + _A4 * t2))


@cache
def rings() -> tuple[dict[str, tuple[Ring, ...]], tuple[Ring, ...]]:
    """Rings of every state that has a polygon, by code; and rings of land outside the list of states."""
    topology = json.loads((DATA / "world_countries_110m.topojson.json").read_text(encoding="utf-8"))
    codes = {row["iso_n3"].zfill(3): row["iso3"] for row in table("states.csv").rows() if row["iso_n3"]}
    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    found: dict[str, tuple[Ring, ...]] = {}
    other: list[Ring] = []
    for shape in topology["objects"]["countries"]["geometries"]:
        number = str(shape.get("id", "")).zfill(3)
        if number == _ANTARCTICA:
            continue
        parts = shape["arcs"] if shape["type"] == "Polygon" else [ring for part in shape["arcs"] for ring in part]
        drawn = tuple(_ring(part, arcs) for part in parts)
        if number in codes:
            found[codes[number]] = drawn
        else:
            other += drawn
    return found, tuple(other)


def _arc(arc: list[list[int]], transform: dict[str, Any]) -> list[tuple[float, float]]:
    """Decode an arc, stored as integer differences, into longitudes and latitudes."""
    (sx, sy), (tx, ty) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * sx + tx, y * sy + ty))
    return points


def _ring(ring: list[int], arcs: list[list[tuple[float, float]]]) -> Ring:
    """Join arcs into a closed line; a negative number is an arc in reverse."""
    points: list[tuple[float, float]] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    east = sum(lon for lon, _ in points) > 0
    drawn = []
    for lon, lat in points:
        # a polygon that crosses 180 degrees is drawn in one piece beyond the edge of the map
        if east and lon < -100.0:
            lon += 360.0
        elif not east and lon > 100.0:
            lon -= 360.0
        drawn.append(project(lon, lat))
    return tuple(drawn)
