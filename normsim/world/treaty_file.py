"""Read a treaty: a TOML file of its dates and rules, which names a CSV file of acts beside it.

Packaged treaties go by name: `cluster_munitions`, the default, and `rome_statute`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from normsim.config.messages import nearest_or_all, shown
from normsim.config.named_files import is_path
from normsim.errors import ScenarioError
from normsim.world.data_files import DATA, checked_csv, known_codes
from normsim.world.data_files import Table as Cells
from normsim.world.dates import day
from normsim.world.treaty import Act, Treaty
from normsim.world.validators import DATE, NOTE, STATE, Spec, blank_or

DEFAULT = "cluster_munitions"
"""Name of the packaged treaty that counts where none is named."""

TREATIES = (DEFAULT, "rome_statute")
"""Names of the packaged treaties."""

ACTS = Spec(
    {"iso3": STATE, "signed": blank_or(DATE), "bound": blank_or(DATE), "withdrawn": blank_or(DATE)},
    key=("iso3",),
    dates=("signed", "bound", "withdrawn"),
    optional={"name": NOTE, "bound_kind": NOTE, "source": NOTE, "note": NOTE},
)
"""Columns of a file of acts."""

AS_THEY_ARE = (
    *("name", "opened", "signing_until", "recorded_until"),
    *("covariates_from", "missing", "stocks", "reservations"),
)
"""Keys of the TOML file that are attributes of the treaty by the same name."""


@functools.cache
def convention(data_dir: Path = DATA) -> Treaty:
    """Return the default treaty, the Convention on Cluster Munitions.

    Args:
        data_dir: Folder of the data files.

    Example:
        >>> convention().in_force
        datetime.date(2010, 8, 1)
    """
    text = (data_dir / f"{DEFAULT}.toml").read_text(encoding="utf-8")
    return _treaty(tomllib.loads(text), data_dir, data_dir)


def load_treaty(which: str | Path) -> Treaty:
    """Read a treaty.

    Args:
        which: The name of a packaged treaty, or the path of a TOML file.

    Returns:
        The treaty.

    Raises:
        ScenarioError: There is no such treaty, or its TOML file is not valid.
        DataError: Its file of acts is missing or not valid.

    Example:
        >>> load_treaty("rome_statute").in_force
        datetime.date(2002, 7, 1)
    """
    from normsim.world.treaty_schema import read_treaty_table  # imported late: runs of the default need no schema

    if not isinstance(which, Path) and not is_path(which) and which not in TREATIES:
        raise ScenarioError(f"there is no treaty {shown(which)}{nearest_or_all(which, TREATIES)}")
    path = DATA / f"{which}.toml" if which in TREATIES else Path(which)
    return _treaty(read_treaty_table(path), path.parent, DATA)


def _treaty(tree: Mapping[str, Any], folder: Path, data_dir: Path) -> Treaty:
    """The treaty of what a TOML file says and of the acts in its folder; states are those of a data folder."""
    cells = checked_csv(folder / Path(tree["acts"]).name, ACTS, known_codes(data_dir))
    forecast = tree.get("hindcast", {})
    treaty = Treaty(
        acts=tuple(Act(*row) for row in zip(*(cells[name] for name in Act._fields), strict=True)),
        deposits=tree["entry"]["deposits"],
        entry_months=tree["entry"]["months"],
        notice_months=tree["withdrawal"]["notice_months"],
        fit_from=forecast.get("fit_from"),
        origins=tuple((origin["known"], origin["last"]) for origin in forecast.get("origins", ())),
        **{name: tree[name] for name in AS_THEY_ARE if name in tree},
    )
    _check_acts(treaty, cells)
    return treaty


def _check_acts(treaty: Treaty, cells: Cells) -> None:
    """Acts follow the opening, and who withdraws was bound."""
    for row, act in enumerate(treaty.acts):
        for column, text in (("signed", act.signed), ("bound", act.bound)):
            if text and day(text) < treaty.opened:
                raise cells.broken(row, column, f"a date from {treaty.opened} on, the day the treaty opened")
        if act.withdrawn and not act.bound:
            raise cells.broken(row, "withdrawn", "nothing, since the state was never bound")
