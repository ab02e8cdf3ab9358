"""Designs: which values the factors take together. A design is a product of blocks, each made by one method."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

import numpy as np

from normsim.parameters import Parameter, Value, records
from normsim.posterior import posterior, posterior_point
from normsim.scenario import ScenarioError
from normsim.scenario.value_checks import check_value

Method = Literal["grid", "zip", "list", "latin_hypercube", "sobol", "morris", "posterior"]
SAMPLERS: tuple[Method, ...] = ("latin_hypercube", "sobol", "morris")
"""Methods that sample ranges; the others take the values they are given."""

SIZED: tuple[Method, ...] = ("latin_hypercube", "sobol", "posterior")
"""Methods with a number of points."""

POINTS = 500
TRAJECTORIES = 20
LEVELS = 4
"""How many points, trajectories and levels a sampler has if not said otherwise."""


class DesignError(ValueError):
    """A block that makes no design.

    Attributes:
        problem: what is wrong and what to do.
        key: the key at fault within the block.
        factor: the factor at fault, empty if it is the block.
        stated: whether the problem names its key itself.
        block: place of the block, None if it is no single one.
    """

    block: int | None = None

    def __init__(self, problem: str, key: str = "factors", factor: str = "", stated: bool = False):
        self.problem, self.key, self.factor, self.stated = problem, key, factor, stated
        super().__init__(problem)


@dataclass(frozen=True)
class Block:
    """One block of a design.

    Attributes:
        method: how the values are made.
        factors: by dotted name, a list of values, or a table of `low`, `high` and, on a grid, `steps`.
        listed: the points of a list.
        points: how many points a latin hypercube has, or are taken of the posterior; the base of a Sobol sample, a
            power of two.
        trajectories: trajectories of a Morris sample.
        levels: levels of its grid.
        second_order: whether a Sobol sample serves second-order indices too.
    """

    method: Method
    factors: Mapping[str, Any] = field(default_factory=dict)
    listed: tuple[Mapping[str, Any], ...] = ()
    points: int = POINTS
    trajectories: int = TRAJECTORIES
    levels: int = LEVELS
    second_order: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the factors."""
        if self.method == "list":
            return tuple(dict.fromkeys(name for point in self.listed for name in point))
        return tuple(self.factors)

    def bounds(self, name: str) -> tuple[float, float]:
        """The range of a factor: the one given, else that of its record.

        Raises:
            DesignError: it has none, or not within its record's.
        """
        record, given = _record(name), self.factors[name]
        if record.kind in ("choice", "switch"):
            raise DesignError(f"a {record.kind} has no range to sample; list its values in a grid", factor=name)
        if isinstance(given, list | tuple):
            raise DesignError("a sampler takes a range { low, high }, or {} for the whole range", factor=name)
        low, high = given.get("low", record.low), given.get("high", record.high)
        for end in (low, high):
            check_value(name, end)
        if not low < high:
            raise DesignError(f"low {low:g} is not below high {high:g}", factor=name)
        return float(low), float(high)

    def problem(self) -> dict[str, Any]:
        """The block as SALib describes a problem."""
        return {
            "num_vars": len(self.names),
            "names": list(self.names),
            "bounds": [list(self.bounds(name)) for name in self.names],
        }

    def rows(self, seed: int) -> list[dict[str, Value]]:
        """The points of the block.

        Args:
            seed: seed of the samplers.

        Raises:
            DesignError: the block makes no design, or a value is not allowed.
        """
        key = "points" if self.method == "list" else "factors"
        if not self.names:
            raise DesignError("a block has at least one factor", key)
        try:
            return [_checked(row) for row in _MAKERS[self.method](self, seed)]
        except ScenarioError as error:
            raise DesignError(error.problem, key, error.key or "", stated=True) from None

    def resolved(self) -> dict[str, Any]:
        """The factors as they run: a grid's ranges as the values they spread over."""
        if self.method != "grid":
            return dict(self.factors)
        return {name: _values(self, name) for name in self.names}


def points(blocks: Sequence[Block], seed: int) -> list[dict[str, Value]]:
    """The points of a design: every combination of the blocks' points; one without values where there is no block.

    Raises:
        DesignError: two blocks share a factor, or one makes no design.
    """
    seen: set[str] = set()
    for block in blocks:
        twice = seen & set(block.names)
        if twice:
            raise DesignError(f"{', '.join(sorted(twice))} stands in two blocks; keep one")
        seen |= set(block.names)
    rows = []
    for place, block in enumerate(blocks):
        try:
            rows.append(block.rows(seed))
        except DesignError as error:
            error.block = place
            raise
    return [{name: value for row in chosen for name, value in row.items()} for chosen in product(*rows)]


def uncertain(left_out: Sequence[str] = ()) -> dict[str, dict[str, float]]:
    """Every uncertain parameter as a factor over its record's range.

    Args:
        left_out: names, or groups as in `harm.*`, to leave out.
    """
    groups = {name.removesuffix(".*") for name in left_out if name.endswith(".*")}
    chosen = (record for record in records().values() if record.uncertain)
    return {r.name: {} for r in chosen if r.name not in left_out and r.group not in groups}


def _record(name: str) -> Parameter:
    check_name(name)
    return records()[name]


def check_name(name: str) -> None:
    """Refuse a name that is no parameter.

    Raises:
        ScenarioError: there is no such parameter; the message names the nearest.
    """
    if name not in records():
        check_value(name, 0)


def _checked(row: Mapping[str, Any]) -> dict[str, Value]:
    """Values in their parameters' kinds; a sampler's number becomes whole where only whole ones are allowed."""
    return {name: check_value(name, value) for name, value in row.items()}


def _values(block: Block, name: str) -> list[Any]:
    """The values of a factor that are listed, or evenly spread over its range."""
    given = block.factors[name]
    if isinstance(given, list | tuple):
        if not given:
            raise DesignError("an empty list makes no point", factor=name)
        return list(given)
    if block.method != "grid" or "steps" not in given:
        raise DesignError("allowed is a list of values, or on a grid { low, high, steps }", factor=name)
    low, high = block.bounds(name)
    return _whole(name, np.linspace(low, high, given["steps"]))


def _whole(name: str, values: Any) -> list[Any]:
    return [int(value) for value in np.rint(values)] if _record(name).kind == "int" else [float(v) for v in values]


def _grid(block: Block, _: int) -> Iterator[dict[str, Any]]:
    for chosen in product(*(_values(block, name) for name in block.names)):
        yield dict(zip(block.names, chosen, strict=True))


def _zip(block: Block, _: int) -> Iterator[dict[str, Any]]:
    columns = {name: _values(block, name) for name in block.names}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise DesignError(f"zipped lists are equally long, but {told}")
    for chosen in zip(*columns.values(), strict=True):
        yield dict(zip(block.names, chosen, strict=True))


def _list(block: Block, _: int) -> Iterator[dict[str, Any]]:
    for place, point in enumerate(block.listed):
        missing = [name for name in block.names if name not in point]
        if missing:
            raise DesignError(
                f"point {place + 1} lacks {', '.join(missing)}; every point sets the same factors", "points"
            )
        yield {name: point[name] for name in block.names}


def _unit(block: Block, sample: np.ndarray) -> Iterator[dict[str, Any]]:
    """Rows of a sample in the factors' own units."""
    columns = [_whole(name, sample[:, place]) for place, name in enumerate(block.names)]
    for chosen in zip(*columns, strict=True):
        yield dict(zip(block.names, chosen, strict=True))


def _latin_hypercube(block: Block, seed: int) -> Iterator[dict[str, Any]]:
    from scipy.stats import qmc

    low, high = np.array(block.problem()["bounds"]).T
    sample = qmc.LatinHypercube(len(block.names), rng=seed).random(block.points)
    return _unit(block, qmc.scale(sample, low, high))


def _sobol(block: Block, seed: int) -> Iterator[dict[str, Any]]:
    from SALib.sample import sobol

    if block.points < 1 or not math.log2(block.points).is_integer():
        raise DesignError(f"points = {block.points}: a Sobol sample has a power of two, such as 256", "points")
    sample = sobol.sample(block.problem(), block.points, calc_second_order=block.second_order, seed=seed)
    return _unit(block, sample)


def _morris(block: Block, seed: int) -> Iterator[dict[str, Any]]:
    from SALib.sample import morris

    if block.levels % 2:
        raise DesignError(f"levels = {block.levels}: a Morris sample has an even number of levels", "levels")
    sample = morris.sample(block.problem(), block.trajectories, num_levels=block.levels, seed=seed)
    return _unit(block, sample)


def _posterior(block: Block, _: int) -> Iterator[dict[str, Any]]:
    known = posterior()
    if block.points > len(known):
        raise DesignError(f"points = {block.points}: the posterior has {len(known)}", "points")
    for name, given in block.factors.items():
        if name not in known.columns:
            raise DesignError("the posterior has no such parameter: it is not uncertain", factor=name)
        if given:
            raise DesignError("the posterior has its own values; leave the range out: {}", factor=name)
    for number in range(block.points):
        point = posterior_point(number)
        yield {name: point[name] for name in block.names}


_MAKERS: dict[Method, Callable[[Block, int], Iterator[dict[str, Any]]]] = {
    "grid": _grid,
    "zip": _zip,
    "list": _list,
    "latin_hypercube": _latin_hypercube,
    "sobol": _sobol,
    "morris": _morris,
    "posterior": _posterior,
}
