"""The report as pages: what is in the HTML and in the PDF, and what each refuses."""

import re
from pathlib import Path

import pytest
from PIL import Image

from normsim.errors import PaperError
from normsim.paper.report_pages import MARGIN, as_html, as_pdf

TEXT = """# A report

A *first* paragraph with `code`, **bold** and a dash \N{EN DASH} in it.

- one
- two

![Figure 1](figure.png)

| claim | effect | verdict |
| --- | ---: | --- |
| talk-holds | +0.012 (-0.010, +0.033) | not detectable |

```sh
normsim paper build
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (1051, 600), "white").save(tmp_path / "figure.png")
    return tmp_path


def test_html_holds_the_picture_and_the_table(folder: Path) -> None:
    page = as_html("A & B", TEXT, folder)
    assert "<title>A &amp; B</title>" in page
    assert page.count("data:image/png;base64,") == 1
    assert "<td>talk-holds</td>" in page
    assert "line-height=" not in page  # that is for the PDF only


def test_pdf_holds_the_picture_at_its_natural_width_and_its_fonts(folder: Path) -> None:
    written = as_pdf("A & B", TEXT, folder)
    assert written.startswith(b"%PDF-")
    assert written.count(b"/Subtype /Image") == 1
    assert len(set(re.findall(rb"/BaseFont /\w*\+?([\w-]+)", written))) >= 4  # serif, bold, italic, mono
    assert written == as_pdf("A & B", TEXT, folder)


def test_a_long_report_has_more_pages(folder: Path) -> None:
    def pages(text: str) -> int:
        return len(re.findall(rb"/Type /Page\b", as_pdf("", text, folder)))

    assert pages(TEXT) == 1
    assert pages(TEXT * 6) > 2


@pytest.mark.parametrize("write", [as_html, as_pdf])
def test_a_missing_picture_is_named(tmp_path: Path, write: object) -> None:
    assert callable(write)
    with pytest.raises(PaperError, match=r"figure\.png.*build the figure again"):
        write("", TEXT, tmp_path)


def test_a_large_picture_fits_on_a_page(tmp_path: Path) -> None:
    Image.new("RGB", (4000, 9000), "white").save(tmp_path / "figure.png")
    written = as_pdf("", "![tall](figure.png)", tmp_path)
    assert len(re.findall(rb"/Type /Page\b", written)) == 1
    assert MARGIN > 0
