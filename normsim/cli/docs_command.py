"""`normsim docs`: the documentation as a site on this machine."""

import importlib.util
import webbrowser
from pathlib import Path

from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import note
from normsim.config.named_files import packaged_folder
from normsim.engine.code_cache import cache_root

NEEDED = "the documentation site needs more packages; install them with: pip install 'normsim[docs]'"
PACKAGES = ("sphinx", "furo", "myst_parser", "sphinx_copybutton")


def docs_command(out: Path | None, browser: bool) -> None:
    """Build the site, and open it.

    Args:
        out: the folder to build it in, None for one in the cache of this user.
        browser: whether to open it.
    """
    if any(importlib.util.find_spec(name) is None for name in PACKAGES):
        raise BadInputError(NEEDED)
    folder = out or _default_folder()
    if (folder / "conf.py").exists():
        raise BadInputError(f"--out {folder}: these are the pages' sources; name another folder")
    folder.mkdir(parents=True, exist_ok=True)

    from sphinx.cmd.build import build_main

    note("building the documentation")
    if build_main(["-q", "-b", "html", str(packaged_folder("docs")), str(folder)]):
        raise BadInputError("the documentation could not be built; the lines above say why")
    start = folder.resolve() / "index.html"
    print(start)
    if browser:
        webbrowser.open(start.as_uri())


def _default_folder() -> Path:
    """A folder in the cache of this user."""
    root = cache_root()
    if root is None:
        raise BadInputError("no folder to build in, since this user has no home; name one with --out DIR")
    return root / "docs"
