"""Results in the form of the EMA workbench (Kwakkel 2017), for scenario discovery with its PRIM and CART."""

import gzip
import io
import json
import os
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from normsim.analysis.frames import Results, factor_names, outcome_table
from normsim.errors import AnalysisError

FORMAT = 0.1
"""Version of the archive that `ema_workbench.load_results` reads."""


def to_ema(
    results: Results, outcomes: Iterable[str] | None = None, *, runs: bool = False
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Experiments and outcomes as the workbench's `perform_experiments` returns them.

    Args:
        results: results of an experiment.
        outcomes: names of outcomes; all that were kept if not given.
        runs: one row per run, with its replication and seed, not one per point with the mean of its finished runs.

    Returns:
        experiments, with a column a factor, then `scenario` (number of the design point, the same in every scenario of
        normsim), `policy` (the scenario of normsim) and `model`; and each outcome's array, row by row the same.
        Points without a finished run are left out.
    """
    table, names = outcome_table(results, outcomes)
    points = results.points.sort_values("point")
    places = points.assign(place=points.groupby("scenario", sort=False).cumcount()).set_index("point")["place"]
    if not runs:
        # replications of a point agree in all but seed and outcomes
        first = table.groupby("point").first()[["scenario", *factor_names(results)]]
        table = first.join(table.groupby("point")[names].mean()).reset_index()
    experiments = table[factor_names(results)].assign(
        scenario=table["point"].map(places), policy=table["scenario"], model="normsim"
    )
    if runs:
        experiments = experiments.assign(replication=table["replication"], seed=table["seed"])
    text = [name for name in experiments if not pd.api.types.is_numeric_dtype(experiments[name])]
    return experiments.astype(dict.fromkeys(text, "category")), {name: table[name].to_numpy(float) for name in names}


def write_ema(experiments: pd.DataFrame, outcomes: Mapping[str, np.ndarray], path: Path) -> None:
    """Write an archive for `ema_workbench.load_results`; the same results give the same bytes.

    Args:
        experiments: what was run, row by row.
        outcomes: a one-dimensional array an outcome.
        path: the archive, named like results.tar.gz.

    Raises:
        AnalysisError: the path is taken.
    """
    if os.path.lexists(path):
        raise AnalysisError(f"{path} exists; name another file, or delete it first")
    files = {"experiments.csv": experiments.to_csv(index=False, lineterminator="\n")}
    files |= {
        f"{name}.csv": pd.DataFrame(values).to_csv(index=False, header=False, lineterminator="\n", na_rep="nan")
        for name, values in outcomes.items()
    }
    metadata = {
        "version": FORMAT,
        "outcomes": [("ScalarOutcome", name, f"{name}.csv") for name in outcomes],
        "experiments": {str(name): _dtype(experiments[name]) for name in experiments},
    }
    files["metadata.json"] = json.dumps(metadata, indent=1)
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for name, content in files.items():
            data = content.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    half.write_bytes(packed.getvalue())
    os.replace(half, path)


def _dtype(column: pd.Series) -> str:
    """A column's type by a name that NumPy knows; the workbench makes categories of objects."""
    return column.dtype.name if pd.api.types.is_numeric_dtype(column) else "object"
