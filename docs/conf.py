"""Settings of the documentation site; `normsim docs` builds it, and nothing is fetched from outside."""

from pathlib import Path

from normsim import __version__

project = "normsim"
author = "normsim authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # records of decisions begin with headings of their own depth
if not (Path(__file__).parents[1] / "pyproject.toml").is_file():
    suppress_warnings.append("myst.xref_missing")  # in an installed package, files of the repository are not there

default_role = "code"  # docstrings write `names` as Markdown does
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"normsim {release}"
html_show_sphinx = False
html_show_copyright = False
smartquotes = False  # quotes belong to what is to be typed
html_copy_source = False
html_show_sourcelink = False
