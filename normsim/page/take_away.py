"""What can be taken away: the scenario, the series, or both in one archive with the command that computes them."""

import base64
import io
import re
import zipfile
from typing import Any, NamedTuple

from normsim._version import __version__
from normsim.engine.simulate import Run
from normsim.page.differences import RUNS
from normsim.page.recorded_run import recorded_run
from normsim.page.view import (
    FILE,
    OTHER_FILE,
    PageError,
    View,
    command_of,
    compare_command,
    file_of,
    name_of,
    other_of,
    scenario_of,
)

SERIES = "normsim_series.csv"
ARCHIVE = "normsim.zip"

PICTURE = r"[\w-]{1,60}\.(png|svg|gif|webm)"
"""Names that a picture may have."""

MAX_PICTURES = 12
"""Most pictures in an archive."""

STAMP = (1980, 1, 1, 0, 0, 0)
"""Time of every file in an archive: the same content gives the same bytes."""


class File(NamedTuple):
    """A file to be saved."""

    name: str
    kind: str
    content: bytes


def take(view: View, what: Any, pictures: Any = (), link: Any = "") -> File:
    """A file of a view.

    Args:
        view: the view.
        what: `scenario` (TOML), `series` (CSV) or `all` (an archive).
        pictures: pictures that the browser drew, for the archive: name, and data in base64.
        link: address of the view, for the archive.

    Raises:
        PageError: it is none of these, or a picture cannot be taken.
    """
    match what:
        case "scenario":
            return File(FILE, "application/toml", file_of(view).to_toml().encode())
        case "series":
            return File(SERIES, "text/csv", series_csv(view).encode())
        case "all":
            return File(ARCHIVE, "application/zip", _archive(view, _pictures(pictures), str(link)[:10_000]))
    raise PageError(f"what {str(what)[:40]!r}: allowed are scenario, series, all")


def _run(view: View) -> Run:
    """The whole run of a view."""
    return recorded_run(scenario_of(view)[0], view.seed).run


def series_csv(view: View) -> str:
    """The series of a view's run, as `normsim run --out` writes them, with the other run's beside them."""
    table = _run(view).series
    other = other_of(view)
    if other is not None:
        table = table.join(_run(other).series.add_suffix(f" ({view.other})"))
    out = io.StringIO()
    table.to_csv(out)
    return out.getvalue()


def _pictures(given: Any) -> dict[str, bytes]:
    """Pictures by name.

    Raises:
        PageError: one has no name of a picture, or is none.
    """
    if not isinstance(given, list | tuple) or len(given) > MAX_PICTURES:
        raise PageError(f"pictures: a list of at most {MAX_PICTURES} is wanted")
    found = {}
    for each in given:
        name, data = (each.get(part) if isinstance(each, dict) else None for part in ("name", "data"))
        if not isinstance(name, str) or not re.fullmatch(PICTURE, name) or not isinstance(data, str):
            raise PageError("pictures: each has a name such as map.png, and its data")
        try:
            found[name] = base64.b64decode(data.partition(",")[2] or data, validate=True)
        except ValueError:
            raise PageError(f"pictures: the data of {name} are not base64") from None
    return found


def _archive(view: View, pictures: dict[str, bytes], link: str) -> bytes:
    """Everything in one archive."""
    other = other_of(view)
    files: dict[str, str | bytes] = {
        "README.txt": _readme(view, list(pictures), link),
        FILE: file_of(view).to_toml(),
        SERIES: series_csv(view),
    }
    if other is not None:
        files[OTHER_FILE] = file_of(other).to_toml()
    files |= pictures
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _readme(view: View, pictures: list[str], link: str) -> str:
    """What is in the archive, and how to compute it again."""
    other = other_of(view)
    lines = [
        f"normsim {__version__}: {name_of(view)}, seed {view.seed}",
        "",
        "One run is one possible course, no forecast. A claim that holds for one seed is not a finding.",
        "",
        f"{FILE}: the scenario with every change made on the page.",
        f"{SERIES}: one row per month, one column per outcome"
        + (f"; those in brackets are of the other run ({view.other})." if other else "."),
        *([f"{OTHER_FILE}: the scenario that it is compared with."] if other else []),
        *(f"{name}: as the page showed it." for name in pictures),
        "",
        "The same numbers, in this folder:",
        f"    {command_of(view)}",
        *([f"    {compare_command(view, RUNS)}"] if other else []),
        *(
            ["", "The same view of the page, with `normsim page` of this version running:", f"    {link}"]
            if link
            else []
        ),
        "",
    ]
    return "\n".join(lines)
