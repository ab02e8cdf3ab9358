"""Settings of the documentation site; `normsim docs` builds it, and nothing is fetched from outside."""

from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from normsim import __version__

project = "normsim"
author = "normsim authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence"]
myst_fence_as_directive = ["math"]
html_math_renderer = "mathml"
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
html_static_path = ["static"]
html_css_files = ["equations.css"]


def _mathml(node: nodes.Node, display: bool) -> str:
    r"""Return the TeX of a node as MathML, which browsers draw without a script or a font from elsewhere.

    Words are names and not text, beside which browsers set operators without space; docutils would show the backslash
    of `\_`.
    """
    return tex2mathml(node.astext().replace(r"\_", "_"), as_block=display).replace("mtext>", "mi>")


def _equation(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write an equation in a box of its own, which scrolls by key too."""
    translator.body.append(f'<div class="equation" tabindex="0">{_mathml(node, display=True)}</div>')
    raise nodes.SkipNode


def _symbol(translator: HTML5Translator, node: nodes.math) -> None:
    """Write mathematics within a sentence."""
    translator.body.append(_mathml(node, display=False))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register MathML as the way to write equations."""
    app.add_html_math_renderer("mathml", (_symbol, None), (_equation, None))
