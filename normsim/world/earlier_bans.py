"""How long each state waited before it joined earlier bans of a class of weapons.

Source: earlier_bans.csv. The bans are the Chemical Weapons Convention and the Mine Ban Treaty, the two of the sixteen
years before the Convention on Cluster Munitions opened.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from normsim.world.dates import day

OPENED = {"chemical_weapons": datetime.date(1993, 1, 13), "mine_ban": datetime.date(1997, 12, 3)}
"""Day on which each ban was opened for signature [UN Treaty Collection, chapters XXVI-3 and XXVI-5]."""

DAYS_A_YEAR = 365.25


def delay(
    rows: Iterable[Mapping[str, str]], position: Mapping[str, int], until: datetime.date
) -> npt.NDArray[np.float64]:
    """How long each state waited, on a log scale.

    Args:
        rows: Rows of earlier_bans.csv.
        position: Index of each state by code.
        until: Who is not yet a party by this day has waited until then.

    Returns:
        (n,) mean over the bans open by then of log(1 + years from the opening to the deposit), minus the mean over
        states; 0 for all states if no ban had opened.

    Example:
        >>> row = {"treaty": "mine_ban", "iso3": "CAN", "bound": "1997-12-03"}
        >>> delay([row], {"CAN": 0, "USA": 1}, datetime.date(2008, 12, 3)).round(2).tolist()
        [-0.62, 0.62]
    """
    opened = {ban: since for ban, since in OPENED.items() if since < until}
    if not opened:
        return np.zeros(len(position))
    waited = {ban: np.full(len(position), (until - since).days / DAYS_A_YEAR) for ban, since in opened.items()}
    for row in rows:
        ban, deposit = row["treaty"], day(row["bound"])
        if ban in opened and deposit < until:
            waited[ban][position[row["iso3"]]] = (deposit - opened[ban]).days / DAYS_A_YEAR
    log = np.mean([np.log1p(years) for years in waited.values()], axis=0)
    return np.asarray(log - log.mean())
