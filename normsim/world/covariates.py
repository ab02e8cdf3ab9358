"""Power, democracy, ideal points and wars by year.

Yearly values are taken from the latest year before the date that has one, never from a later year. What no such year
has is imputed: democracy and a position by the mean of the subregion, capability by population.
Source: states_year.csv, un_ideal_points.csv, conflict_years.csv.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def panel(n: int, rows: npt.NDArray[np.int64], years: Floats, values: Floats, first: int, last: int) -> Floats:
    """State-year values as a matrix.

    Args:
        n: Number of states.
        rows: (m,) state of each value.
        years: (m,) calendar year of each value.
        values: (m,) values.
        first: Calendar year of the first row.
        last: Calendar year of the last row; values of other years are dropped.

    Returns:
        (last - first + 1, n), NaN where no value is recorded.
    """
    matrix = np.full((last - first + 1, n), np.nan)
    inside = (years >= first) & (years <= last)
    matrix[years[inside].astype(np.int64) - first, rows[inside]] = values[inside]
    return matrix


def latest(matrix: Floats, before: int) -> Floats:
    """Latest value of each state in the rows before one.

    Args:
        matrix: (years, n), NaN where nothing is recorded.
        before: Number of rows that count as past.

    Returns:
        (n,) values, NaN for a state without any.
    """
    value = np.full(matrix.shape[1], np.nan)
    for row in matrix[: max(before, 0)]:
        value = np.where(np.isnan(row), value, row)
    return value


def by_subregion(values: Floats, subregion: tuple[str, ...], region: tuple[str, ...]) -> Floats:
    """Fill what is missing by the mean of the subregion, or of the region if that has none.

    Args:
        values: (n,) values, NaN where missing.
        subregion: Subregion of each state.
        region: Region of each state.

    Returns:
        (n,) values; NaN stays only where a whole region has none, and 0 for all if no state has any.
    """
    if np.isnan(values).all():
        return np.zeros(len(values))
    filled = values.copy()
    known = ~np.isnan(values)
    for names in (subregion, region):
        groups = np.array(names)
        for i in np.flatnonzero(np.isnan(filled)):
            peers = known & (groups == groups[i])
            if peers.any():
                filled[i] = values[peers].mean()
    return filled


def power_shares(cinc: Floats, population: Floats) -> Floats:
    """Shares of world capability.

    Args:
        cinc: (n,) capability index, NaN where missing.
        population: (n,) population, to impute by: a state without an index gets the median
            capability a head.

    Returns:
        (n,) shares that sum to 1.
    """
    a_head = 1.0 if np.isnan(cinc).all() else np.nanmedian(cinc / population)
    filled = np.where(np.isnan(cinc), a_head * population, cinc)
    return np.asarray(filled / filled.sum(), dtype=np.float64)


def conflict_share(intensity: Floats, years: int = 10) -> Floats:
    """Share of the last years in which each state was a side of a war.

    Args:
        intensity: (years, n) up to the year before the date, 0 in peace.
        years: How many of the last years count.

    Returns:
        (n,) shares [0-1].
    """
    return np.asarray((intensity[-years:] > 0).mean(axis=0), dtype=np.float64)
