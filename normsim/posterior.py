"""The posterior: points of the uncertain parameters at which the model meets the record. Made by `normsim calibrate`.

`posterior.parquet` holds one row per point and one column per uncertain parameter, `posterior.toml` says what it was
made of. A point stands in for the defaults: what a scenario sets itself stays as it is.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim.parameters import Value, records

if TYPE_CHECKING:
    import pandas as pd

POINTS = Path(__file__).with_name("posterior.parquet")
PROVENANCE = Path(__file__).with_name("posterior.toml")


class PosteriorError(ValueError):
    """The posterior cannot be used; the message says why and what to do."""


@cache
def posterior() -> "pd.DataFrame":
    """Return every point: one row each, one column per uncertain parameter.

    Raises:
        PosteriorError: its parameters are not those of this version, or a value is out of range.

    Example:
        >>> posterior()["join.norm"].between(0.0, 6.0).all().item()
        True
    """
    import pandas as pd

    found = pd.read_parquet(POINTS)
    missing = sorted({name for name, record in records().items() if record.uncertain} ^ set(found.columns))
    if missing:
        told = ", ".join(missing[:4])
        raise PosteriorError(f"{POINTS.name} and the parameters differ in {told}; make it again: normsim calibrate")
    return found


@cache
def provenance() -> dict[str, Any]:
    """Return what the posterior was made of: version, seed, window, targets, numbers of points."""
    return tomllib.loads(PROVENANCE.read_text(encoding="utf-8"))


def posterior_point(number: int) -> dict[str, Value]:
    """Return the values of one point; numbers beyond the last start again from the first.

    Args:
        number: a whole number >= 0, such as the seed of a run.

    Example:
        >>> posterior_point(0) == posterior_point(len(posterior()))
        True
    """
    points = posterior()
    row = points.iloc[number % len(points)]
    return {name: _value(name, row[name]) for name in points.columns}


def _value(name: str, value: Any) -> Value:
    return int(value) if records()[name].kind == "int" else float(value)


def tidy(points: "pd.DataFrame") -> "pd.DataFrame":
    """Points with six significant digits, within the ranges of the records: what is written and read is the same."""
    found = points.copy()
    for name in found.columns:
        record = records()[name]
        if record.kind != "int":
            found[name] = [float(f"{value:.6g}") for value in found[name].clip(record.low, record.high)]
    return found
