"""The check of prose finds what it should, at the right place, and leaves code alone."""

import subprocess
import sys
from pathlib import Path

CHECK = Path(__file__).parents[2] / ".ci" / "prose.py"


def findings(path: Path, text: str) -> list[str]:
    """What is printed for a page, without its folder."""
    path.write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, str(CHECK), str(path.parent)], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == bool(lines), done.stderr
    return [line.removeprefix(str(path)) for line in lines]


def test_words_of_our_own_are_found_over_a_line_break_too(tmp_path: Path) -> None:
    text = "# A page\n\nIt does so in\norder to be read.\n\nThe page is made anew.\n"
    first, second = findings(tmp_path / "page.md", text)
    assert first.startswith(":3:")
    assert first.endswith("words: Instead of 'in order to' write: to.")
    assert second.startswith(":6:")
    assert second.endswith("words: Instead of 'anew' write: again.")


def test_without_files_it_says_how_it_is_called() -> None:
    done = subprocess.run([sys.executable, str(CHECK)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "FILE_OR_FOLDER" in done.stderr


def test_checks_of_proselint_are_on(tmp_path: Path) -> None:
    (found,) = findings(tmp_path / "page.md", "Text.\n\nIt is is so.\n")
    assert found.startswith(":3:")
    assert "lexical_illusions" in found


def test_code_headings_and_neighbouring_blocks_are_no_prose(tmp_path: Path) -> None:
    text = """# Run

Run it with `simply` and [here](obviously.md).

```sh
normsim run anew anew
```

| claim | claim |
| --- | --- |
| joining-mends | joining-mends |

- one
- one
"""
    assert findings(tmp_path / "page.md", text) == []
