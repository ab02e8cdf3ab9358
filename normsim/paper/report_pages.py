"""The report as a page: Markdown as one HTML file, or as PDF, with the figures in it."""

from __future__ import annotations

import base64
import datetime
import html
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normsim.errors import PaperError

if TYPE_CHECKING:
    from markdown_it.token import Token

STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.55 Georgia, serif; color: #111; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.25; }
img { max-width: 100%; height: auto; display: block; margin: 1rem auto 0.3rem; }
figcaption, .caption { font-size: 0.86rem; color: #333; }
table { border-collapse: collapse; font-size: 0.84rem; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.5rem; border-bottom: 1px solid #ccc; }
pre { background: #f4f4f4; padding: 0.7rem; overflow-x: auto; }
code { font-size: 0.9em; }
"""

PDF_NEEDED = "a report as PDF needs the package fpdf2; install it with: pip install 'normsim[pdf]'"

MARGIN = 18.0
"""Margin of a page of A4 [mm]."""
SIZE = 9.5
"""Size of the text [points]."""
LEADING = 1.35
"""Height of a line over the size of its text."""
DOTS = 300.0
"""Dots of a figure per inch, which give its natural size."""
CAPTION = 50.0
"""Height of a page that the largest figure leaves for its caption [mm]."""
PADDING = 4
"""Letters that a column of a table is wider than its longest text."""
FAMILIES = {
    "serif": ("DejaVuSerif", "Italic"),
    "sans": ("DejaVuSans", "Oblique"),
    "mono": ("DejaVuSansMono", "Oblique"),
}
"""Fonts that come with Matplotlib: the name of their files, and of the slanted ones."""


def check_pdf() -> None:
    """Check that a PDF can be written.

    Raises:
        PaperError: fpdf2 is not installed.
    """
    if importlib.util.find_spec("fpdf") is None:
        raise PaperError(PDF_NEEDED)


def as_html(title: str, text: str, out: Path) -> str:
    """Return the Markdown as one HTML file with the pictures in it.

    Args:
        title: title of the page.
        text: the report.
        out: the folder that the links to pictures start from.

    Raises:
        PaperError: a picture cannot be read.
    """
    tokens = _parsed(text)
    for image in _images(tokens):
        image.attrs["src"] = "data:image/png;base64," + base64.b64encode(_picture(out, image)).decode()
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{_rendered(tokens)}</body></html>\n'


def as_pdf(title: str, text: str, out: Path) -> bytes:
    """Return the Markdown as PDF on pages of A4, with the pictures and the fonts in it.

    Args:
        title: title of the document.
        text: the report.
        out: the folder that the links to pictures start from.

    Raises:
        PaperError: fpdf2 is not installed, or a picture cannot be read.
    """
    check_pdf()
    from fpdf import FPDF
    from fpdf.fonts import FontFace, TextStyle

    class Pages(FPDF):
        def footer(self) -> None:
            """Number the page."""
            self.set_y(-12.0)
            self.set_font("sans", size=8)
            self.cell(0.0, 4.0, str(self.page_no()), align="C")

    pdf = Pages(format="A4")
    pdf.set_title(title)
    pdf.set_lang("en")
    pdf.set_creation_date(datetime.datetime.fromtimestamp(0, datetime.UTC))  # the same results give the same bytes
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    styles: dict[str, Any] = {
        "p": TextStyle("serif", "", SIZE, t_margin=1.6),
        "h1": TextStyle("sans", "B", 18, b_margin=1.0),
        "h2": TextStyle("sans", "B", 13, t_margin=7.0, b_margin=0.2),
        "h3": TextStyle("sans", "B", 10.5, t_margin=5.0, b_margin=0.2),
        "pre": TextStyle("mono", "", 7.5, t_margin=2.0),
        "code": FontFace("mono", size_pt=SIZE - 1.0),
    }
    tokens = _parsed(text)
    for image in _images(tokens):
        image.attrs["width"] = str(_width(out, image, pdf.epw, pdf.eph) * pdf.k)
        image.attrs["src"] = str(out / str(image.attrs["src"]))
    _lay_out(tokens)
    with _fonts(pdf):
        pdf.add_page()
        pdf.set_font("serif", size=SIZE)
        options: dict[str, Any] = {"table_line_separators": True, "li_prefix_color": "#111111"}
        pdf.write_html(_rendered(tokens), font_family="serif", tag_styles=styles, **options)
        return bytes(pdf.output())


def _parsed(text: str) -> list[Token]:
    """The Markdown in tokens."""
    return _reader().parse(text)


def _rendered(tokens: list[Token]) -> str:
    """Tokens as HTML."""
    reader = _reader()
    return str(reader.renderer.render(tokens, reader.options, {}))


def _reader() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _images(tokens: list[Token]) -> list[Token]:
    """The images among some tokens."""
    return [child for token in tokens for child in token.children or () if child.type == "image"]


def _picture(out: Path, image: Token) -> bytes:
    """The bytes of a picture."""
    path = out / str(image.attrs["src"])
    try:
        return path.read_bytes()
    except OSError as error:
        raise PaperError(f"{path}: {error.strerror}; build the figure again") from None


def _width(out: Path, image: Token, wide: float, high: float) -> float:
    """Width of a picture [mm]: its natural one, if the page is wide and high enough."""
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(_picture(out, image))) as picture:
        width, height = picture.size
    return min(width / DOTS * 25.4, wide, (high - CAPTION) * width / height)


@contextmanager
def _fonts(pdf: Any) -> Iterator[None]:
    """Give a document the fonts in every style, and close their files, which fpdf2 leaves open."""
    from normsim.figures.style import font_folder

    folder = font_folder()
    try:
        for family, (file, slanted) in FAMILIES.items():
            for style, suffix in (("", ""), ("B", "-Bold"), ("I", f"-{slanted}"), ("BI", f"-Bold{slanted}")):
                pdf.add_font(family, style, folder / f"{file}{suffix}.ttf")
        yield
    finally:
        for font in pdf.fonts.values():
            font.ttfont.close()


def _lay_out(tokens: list[Token]) -> None:
    """Set line heights, and give the columns of each table widths by their longest words."""
    for place, token in enumerate(tokens):
        if token.type in ("paragraph_open", "bullet_list_open", "ordered_list_open"):
            token.attrs["line-height"] = str(LEADING)
        if token.type == "table_open":
            end = next(k for k in range(place, len(tokens)) if tokens[k].type == "table_close")
            _set_columns(tokens[place:end])


def _set_columns(table: list[Token]) -> None:
    """Give the columns of a table widths by the longest text in each."""
    heads = [token for token in table if token.type == "th_open"]
    cells = [len(token.content) for token in table if token.type == "inline"]
    longest = [PADDING + max(cells[place :: len(heads)]) for place in range(len(heads))]
    for head, letters in zip(heads, longest, strict=True):
        head.attrs["width"] = f"{100.0 * letters / sum(longest):.1f}%"
