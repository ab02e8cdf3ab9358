"""Do what a page of the documentation tells its reader, block by block.

- A block of TOML or Python whose first line is a comment with a file name is saved under that name.
- Other Python blocks of a page run in one namespace, in order.
- Of `sh` blocks each line is a command of `normsim`, which runs in this process, since a start costs a second.
- A `text` block right after an `sh` block is what its last command prints.
- `<!-- figure: PATH -->` before an image says which file the reader has then.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from typer.testing import CliRunner

from normsim.cli.commands import app

DOCS = Path(__file__).parents[2] / "docs"
TUTORIALS = ("first_scenario", "first_experiment", "own_rule", "claim", "paper_figure", "another_treaty")
"""In the order in which they are done: later ones use files of earlier ones."""

GUIDES = ("scenario_file", "read_results", "extend")
"""How-to guides whose commands are small enough to run; they use files of the tutorials."""

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# ([\w/]+\.\w+)\n")
FIGURE = re.compile(r"^<!-- figure: (\S+) -->\n!\[[^\]]+\]\(([^)]+)\)$", flags=re.MULTILINE)


@dataclass
class Walk:
    """What was done.

    Attributes:
        page: the page.
        printed: for each `text` block what was printed, beside what the page says.
        figures: for each figure of the page the file that was made, beside the one that is shown.
    """

    page: Path
    printed: list[tuple[str, str]] = field(default_factory=list)
    figures: list[tuple[Path, Path]] = field(default_factory=list)


def commands(block: str) -> Iterator[str]:
    """Commands of an `sh` block, without comments."""
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield shlex.join(words)


def plain(text: str) -> str:
    """Text without spaces at the ends of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def perform(command: str) -> str:
    """Run one command in the current folder; return what it prints.

    Raises:
        AssertionError: it failed.
    """
    assert command.startswith("normsim "), f"{command}: a page asks for commands of normsim alone"
    result = CliRunner().invoke(app, shlex.split(command)[1:])
    assert result.exit_code == 0, f"{command}\n{result.output}"
    return result.stdout


def walk(page: Path) -> Walk:
    """Do what a page says, in the current folder."""
    text = page.read_text(encoding="utf-8")
    done, names, last = Walk(page), {"__name__": "page"}, ""
    for kind, body in BLOCK.findall(text):
        if kind == "sh":
            for command in commands(body):
                last = perform(command)
        elif kind == "text":
            done.printed.append((plain(last), plain(body)))
        elif kind in ("python", "toml"):
            if name := NAMED.match(body):
                Path(name[1]).write_text(body, encoding="utf-8")
            else:
                assert kind == "python", f"{page.name}: a TOML block without the name of its file"
                exec(compile(body, page.name, "exec"), names)
    done.figures = [(Path(made), (page.parent / shown).resolve()) for made, shown in FIGURE.findall(text)]
    return done


def keep_figures(done: Walk) -> None:
    """Put the figures that were made where the page shows them."""
    for made, shown in done.figures:
        shown.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made, shown)
