"""Outlines of the world map as GeoJSON, in the plane of the Equal Earth projection."""

from functools import cache
from itertools import pairwise
from typing import Any

from normsim.page.texts import the
from normsim.world import World, country_outlines

SCALE = 100.0
"""Map units per radius of the globe; the map is about 541 wide and 263 high."""

SMALL = 0.6
"""Area below which a state gets a dot as well, so that it can be seen and hit [square map units]."""


def point(lon: float, lat: float) -> list[float]:
    """Place of a point on the map, x to the east and y to the north."""
    return _placed(country_outlines.project(lon, lat))


def _placed(place: tuple[float, float]) -> list[float]:
    return [round(SCALE * place[0], 2), round(SCALE * place[1], 2)]


@cache
def outlines() -> dict[str, Any]:
    """A feature per state with an outline, named by its code; and one named "" of land outside the model."""
    states, other = country_outlines.rings()
    features = [_feature(code, rings) for code, rings in states.items()]
    return {"type": "FeatureCollection", "features": [*features, _feature("", other)]}


def _feature(code: str, rings: tuple[country_outlines.Ring, ...]) -> dict[str, Any]:
    """Rings as a feature."""
    polygons = [[[_placed(place) for place in ring]] for ring in rings]
    return {
        "type": "Feature",
        "properties": {"name": code},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def _area(ring: country_outlines.Ring) -> float:
    """Area within a ring [square map units]."""
    double = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    return abs(double) / 2 * SCALE * SCALE


@cache
def areas() -> dict[str, float]:
    """Area of every state with an outline, by its code [square map units]."""
    states, _ = country_outlines.rings()
    return {code: sum(map(_area, rings)) for code, rings in states.items()}


def states_json(world: World) -> list[dict[str, Any]]:
    """Code, names, region and place on the map of every state, and whether it needs a dot."""
    known = areas() if world.is_recorded else {}
    return [
        {
            "iso3": code,
            "name": name,
            "within": the(name),
            "region": world.regions[int(region)],
            "x": place[0],
            "y": place[1],
            "small": known.get(code, 0.0) < SMALL,
        }
        for code, name, region, place in zip(
            world.iso3,
            world.names,
            world.facts["region"].tolist(),
            map(point, world.facts["lon"].tolist(), world.facts["lat"].tolist()),
            strict=True,
        )
    ]
