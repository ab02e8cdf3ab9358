"""What every command on results says of them, and how tables are written."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim._version import __version__
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import DASH, note, say

if TYPE_CHECKING:
    import pandas as pd

    from normsim.experiment import Results

MOST_ROWS = 60
"""Most rows of a table on the screen."""


def records(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Rows as JSON has them: what is missing is null."""
    return [
        {str(k): v for k, v in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def about(results: "Results") -> dict[str, Any]:
    """What results are of, and how much of them there is."""
    return {
        "normsim": __version__,
        "experiment": results.experiment.title,
        "fingerprint": results.fingerprint,
        "results": results.hash(),
        "done": results.done,
        "total": results.total,
    }


def note_remarks(results: "Results") -> None:
    """Say on stderr what to keep in mind of the results."""
    for remark in results.remarks():
        note(f"warning: {remark}")


def save_csv(frame: "pd.DataFrame", path: Path) -> None:
    """Write a table with the same bytes on every system."""
    frame.to_csv(path, index=False, lineterminator="\n")


def tell_written(path: Path | None, json: bool) -> None:
    """Say where something was written."""
    if path is not None:
        (note if json else say)(f"wrote {path}")


def refuse_taken(path: Path | None) -> None:
    """Refuse a file that exists, before any work is done."""
    if path is not None and path.exists():
        raise BadInputError(f"{path} exists; name another file, or delete it first")


def write_csv(frame: "pd.DataFrame", path: Path) -> None:
    """Write a table, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    save_csv(frame, half)
    half.replace(path)


def cell(value: Any) -> str:
    """A value in a cell."""
    if value is None or value != value or str(value) == "<NA>":
        return DASH
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:.6g}"
    return str(value)
