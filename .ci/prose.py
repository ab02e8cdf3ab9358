"""Check the prose of Markdown files: `python .ci/prose.py FILE_OR_FOLDER...`.

proselint does the checking, with the settings and the word list in prose.toml. It knows no Markdown, so code is blanked
out first, and paragraphs, headings and cells of tables are kept apart. Exit code 1 if anything is found.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from proselint.checks import __register__ as checks
from proselint.config import DEFAULT, Config
from proselint.registry import CheckRegistry
from proselint.registry.checks import Check, CheckFlags, Padding, engine, types
from proselint.tools import LintFile

NOT_PROSE = re.compile(
    r"^ *(```|:::).*?^ *\1 *$|<!--.*?-->|(`+)[^`].*?\2|\]\([^)]*\)|^#+ [^\n]*$|https?://\S+"  # code, links, headings
    r"|(?<=\| )[\w-]+(?= \|)|\*\*[\w-]+\*\*",  # single words in cells, and in bold: names
    flags=re.MULTILINE | re.DOTALL,
)


def prose(text: str) -> str:
    """Markdown with everything but its prose replaced by marks, at the same places."""
    text = NOT_PROSE.sub(lambda found: re.sub(r"\S", "`", found[0]), text)
    return re.sub(r"^(?= *(?:$|[-*|] |\d+\. ))", "\N{PILCROW SIGN}", text, flags=re.MULTILINE)  # blocks and items


def settings() -> Config:
    """Checks of proselint, and the project's words as one more."""
    own = tomllib.loads(Path(__file__).with_name("prose.toml").read_text(encoding="utf-8"))
    words = {rf"(?<![\w-]){re.escape(word)}(?![\w-])".replace(r"\ ", r"\s+"): to for word, to in own["words"].items()}
    registry = CheckRegistry()
    registry.register_many(checks)
    registry.register(
        Check(
            check_type=types.PreferredForms(items=words, padding=Padding.RAW),
            engine=engine.Fancy(),
            path="words",
            message="Instead of '{1}' write: {0}.",
            flags=CheckFlags(allow_quotes=True),
        )
    )
    enabled = {**DEFAULT["checks"], "words": True, **own["checks"]}
    return Config(max_errors=1000, checks=dict(sorted(enabled.items(), key=lambda each: -each[0].count("."))))


def markdown_files(paths: list[str]) -> Iterator[Path]:
    """Files that are named, and those in folders that are."""
    for path in map(Path, paths):
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path]


def main(paths: list[str]) -> int:
    """Print what is found; return the exit code."""
    if not paths:
        print(__doc__, file=sys.stderr)
        return 2
    config, count = settings(), 0
    for path in markdown_files(paths):
        for result in LintFile(str(path), prose(path.read_text(encoding="utf-8"))).lint(config):
            line, column = result.pos
            message = " ".join(result.check_result.message.split())
            print(f"{path}:{line}:{column}: {result.check_result.check_path}: {message}")
            count += 1
    print(f"{count} findings", file=sys.stderr)
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
