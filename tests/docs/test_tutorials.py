"""What the tutorials tell their reader to do works, in order, in one folder, and makes the figures that they show."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest

from normsim.analysis import hindcast_runs
from normsim.experiment import runner
from tests.docs.walk import BLOCK, DOCS, FIGURE, GUIDES, TUTORIALS, Walk, walk

pytestmark = pytest.mark.slow

PAGES = [DOCS / "tutorials" / f"{name}.md" for name in TUTORIALS]
HOW_TO = [DOCS / "how-to" / f"{name}.md" for name in GUIDES]


class Reader:
    """Somebody who does the pages one after the other, as far as is asked, whatever the order of the tests.

    Attributes:
        folder: where it is done.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._done: dict[Path, Walk | BaseException] = {}

    def walk(self, page: Path) -> Walk:
        """What was done of a page; those before it are done first.

        Raises:
            AssertionError: something on it does not work.
        """
        for each in (*PAGES, *HOW_TO):
            if each not in self._done:
                with warnings.catch_warnings():
                    warnings.simplefilter("default")
                    try:
                        self._done[each] = walk(each)
                    except Exception as problem:
                        self._done[each] = problem
            if each == page:
                break
        found = self._done[page]
        if isinstance(found, BaseException):
            raise AssertionError(f"{page.name}: {found}") from found
        return found


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader in an empty folder."""
    path = tmp_path_factory.mktemp("reader")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        patch.setenv("COLUMNS", "120")
        patch.setattr(runner, "default_workers", lambda: 1)
        patch.setattr(hindcast_runs, "default_workers", lambda: 1)
        before = mpl.get_backend()
        mpl.use("agg")
        yield Reader(path)
        mpl.use(before)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_works(page: Path, reader: Reader) -> None:
    done = reader.walk(page)
    for printed, shown in done.printed:
        assert printed == shown
    assert done.figures, "a tutorial ends with something to look at"
    for made, shown in done.figures:
        assert (reader.folder / made).stat().st_size > 5000, f"{made} was not made"
        assert shown.is_file(), f"run: python -m tests.docs.refresh ({shown.name})"


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_a_guide_works(page: Path, reader: Reader) -> None:
    for printed, shown in reader.walk(page).printed:
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
