"""What the tutorials tell their reader to do works, in order, in one folder, and makes the figures that they show."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest

from normsim.analysis import hindcast_runs
from normsim.experiment import runner
from tests.docs.walk import BLOCK, DOCS, FIGURE, GUIDES, TUTORIALS, walk

pytestmark = pytest.mark.slow

PAGES = [DOCS / "tutorials" / f"{name}.md" for name in TUTORIALS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The reader's folder."""
    path = tmp_path_factory.mktemp("reader")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        patch.setenv("COLUMNS", "120")
        patch.setattr(runner, "default_workers", lambda: 1)
        patch.setattr(hindcast_runs, "default_workers", lambda: 1)
        before = mpl.get_backend()
        mpl.use("agg")
        yield path
        mpl.use(before)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_works(page: Path, folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = walk(page)
    for printed, shown in done.printed:
        assert printed == shown
    assert done.figures, "a tutorial ends with something to look at"
    for made, shown in done.figures:
        assert (folder / made).stat().st_size > 5000, f"{made} was not made"
        assert shown.is_file(), f"run: python -m tests.docs.refresh ({shown.name})"


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_works(name: str, folder: Path) -> None:
    if not (folder / "results" / "openness").is_dir():
        pytest.skip("it uses results of the tutorials, which did not run")
    done = walk(DOCS / "how-to" / f"{name}.md")
    for printed, shown in done.printed:
        assert printed == shown


def test_every_tutorial_is_done() -> None:
    written = {path.stem for path in (DOCS / "tutorials").glob("*.md")} - {"index"}
    assert written == set(TUTORIALS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_prose_quotes_no_result(page: Path) -> None:
    """Numbers of results change with the model; the reader has them from the commands."""
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    assert not re.findall(r"(?<![\d.])[01]\.\d{2,}(?!\d)", prose)
    assert len(FIGURE.findall(prose)) == prose.count("![")
