"""Make the figures of the tutorials anew: `python -m tests.docs.refresh`."""

import os
import tempfile
from contextlib import chdir

import matplotlib as mpl

from tests.docs.walk import DOCS, TUTORIALS, keep_figures, walk


def main() -> None:
    """Do every tutorial and keep its figures."""
    mpl.use("agg")
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for name in TUTORIALS:
            done = walk(DOCS / "tutorials" / f"{name}.md")
            keep_figures(done)
            for printed, shown in done.printed:
                if printed != shown:
                    print(f"{name}.md shows\n{shown}\nand this is printed:\n{printed}")
            print(name, *(f"{shown.name}" for _, shown in done.figures))


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "120")
    main()
