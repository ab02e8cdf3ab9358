"""The description of the model (ODD) as a web page, for those who have no network."""

from functools import cache

from normsim.config.named_files import packaged_folder

_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>normsim: description of the model (ODD)</title>"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;"
    "padding:0 1rem;color:#222;background:#fff}table{border-collapse:collapse}td,th{border:1px solid #bbb;"
    "padding:.2rem .5rem;text-align:left;vertical-align:top}pre{overflow:auto}</style></head><body><main>"
)


@cache
def odd_html() -> str:
    """The page, or where the description is if it was not installed."""
    from markdown_it import MarkdownIt

    path = packaged_folder("docs") / "ODD.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else "# ODD\n\nSee `docs/ODD.md` of the source."
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return f"{_HEAD}{body}</main></body></html>"
