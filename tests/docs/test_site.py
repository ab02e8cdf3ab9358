"""The documentation site: pages from the code are fresh, the build has no warning and asks nobody for anything."""

import difflib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from typer.testing import CliRunner

import normsim as ns
from normsim.cli import docs_command
from normsim.cli.commands import app
from normsim.config.table_validation import Table
from normsim.parameters import REGIMES
from normsim.scenario import ACTIONS
from normsim.scenario.scenario_schema import FileTable

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

spec = importlib.util.spec_from_file_location("generate_reference", DOCS / "generate_reference.py")
assert spec is not None
assert spec.loader is not None
generate_reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate_reference)


@pytest.mark.parametrize("name", sorted(generate_reference.PAGES))
def test_pages_from_the_code_are_fresh(name: str) -> None:
    committed = (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8")
    fresh = generate_reference.PAGES[name]()
    changes = [line for line in difflib.ndiff(committed.splitlines(), fresh.splitlines()) if line[0] in "+-"]
    assert committed == fresh, f"{name}.md is stale; run: {generate_reference.REFRESH}\n" + "\n".join(changes[:20])


def test_every_command_is_on_its_page() -> None:
    text = generate_reference.command_line_page()
    listed = set(re.findall(r"^#+ normsim (.+)$", text, flags=re.MULTILINE))
    named = {each.name or each.callback.__name__ for each in app.registered_commands if each.callback}
    assert named <= listed
    assert {"batch run", "scenario show", "paper build", "docs"} <= listed
    assert "`--vs BASELINE`" in text
    assert "normsim replay DIR RUN" in text


def test_every_public_name_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^\.\. auto(?:function|class|exception):: (\w+)$", text, flags=re.MULTILINE))
    assert shown == set(ns.__all__) - {"__version__", "parameters"}
    assert "automodule:: normsim.parameters" in text


MARKDOWN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def options() -> dict[str, set[str]]:
    """Options of each command, as on the page of the command line."""
    sections = re.split(r"^#+ normsim ", generate_reference.command_line_page(), flags=re.MULTILINE)[1:]
    common = {"--help", "-h"}
    return {part.splitlines()[0]: common | set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", part)) for part in sections}


def commands_shown(page: Path) -> list[str]:
    """Lines of `sh` blocks that call normsim, without comments."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = (line.strip() for block in blocks for line in block.splitlines())
    found = (re.search(r"(?:^|[ /&])normsim (?!\w+\.)(.*)", line) for line in lines if not line.startswith("#"))
    return [each[1].partition("  #")[0].partition("&&")[0] for each in found if each]


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_that_are_shown_exist(page: Path) -> None:
    """Each with the options it is shown with."""
    known = options()
    for command in commands_shown(page):
        words = command.split()
        if words[0].startswith("-") or words[0].isupper():
            continue
        name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
        assert name in known, f"no command normsim {command}"
        used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert used <= known[name], f"normsim {command}: no option {sorted(used - known[name])}"


def test_commands_are_found_on_pages() -> None:
    assert "run ukraine_2023 --vs no_transfer_2023" in commands_shown(ROOT / "README.md")
    assert sum(map(len, map(commands_shown, MARKDOWN))) > 80


def tables(table: type[Table]) -> Iterator[type[Table]]:
    """A table of a file and those within it."""
    yield table
    for field in table.model_fields.values():
        if (inner := generate_reference._inner(field.annotation)) is not None:
            yield from tables(inner)


def test_the_guide_to_scenario_files_shows_every_key() -> None:
    text = (DOCS / "how-to" / "scenario_file.md").read_text(encoding="utf-8")
    files = "\n".join(re.findall(r"^```toml\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))
    keys = {key for table in tables(FileTable) for key in table.model_fields}
    assert {key for key in keys if not re.search(rf"^(?:{key} +=|\[+{key}[.\]])", files, flags=re.MULTILINE)} == set()
    assert {action for action in ACTIONS if f"`{action}`" not in text} == set()
    assert {regime for regime in REGIMES if f"| `{regime}` |" not in text} == set()


class Page(HTMLParser):
    """Addresses on a page: of what a browser fetches by itself, and of links."""

    FETCHED = frozenset({"script", "img", "iframe", "source", "audio", "video", "embed", "object"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if name := values.get("id"):
            self.ids.add(name)
        if tag in self.FETCHED or (
            tag == "link" and values.get("rel") not in ("canonical", "index", "search", "next", "prev")
        ):
            self.fetched += [each for each in (values.get("src"), values.get("href"), values.get("data")) if each]
        if tag == "a" and (link := values.get("href")):
            self.links.append(link)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built by the command with proxies that refuse."""
    out = tmp_path_factory.mktemp("site")
    dead = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "normsim", "docs", "--no-browser", "--out", str(out)],
        capture_output=True,
        text=True,
        env={**os.environ, **dead},
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == out.resolve() / "index.html"
    warnings = [line for line in done.stderr.splitlines() if "WARNING" in line or "ERROR" in line]
    assert not warnings
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Every page of the site."""
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


@pytest.mark.slow
def test_nothing_is_fetched_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 30
    outside = {each for page in pages.values() for each in page.fetched if urlsplit(each).scheme in ("http", "https")}
    outside |= {each for page in pages.values() for each in page.fetched if each.startswith("//")}
    assert not outside
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert styles
    assert not [text for text in styles if re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", text)]


@pytest.mark.slow
def test_no_link_is_dead(site: Path, pages: dict[Path, Page]) -> None:
    dead = []
    for path, page in pages.items():
        for link in [*page.links, *page.fetched]:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            if not target.exists():
                dead.append(f"{path.relative_to(site)}: {link}")
            elif parts.fragment and target.suffix == ".html":
                held = next(found for other, found in pages.items() if other.resolve() == target)
                if unquote(parts.fragment) not in held.ids | {""}:
                    dead.append(f"{path.relative_to(site)}: {link}")
    assert not dead


@pytest.mark.slow
def test_the_search_index_is_a_script_and_knows_words(site: Path) -> None:
    """A script is read from disk too, where a browser refuses to fetch data."""
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(")
    assert "critical_mass" in index


def test_without_its_packages_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs_command, "PACKAGES", ("no_such_package_of_ours",))
    result = CliRunner().invoke(app, ["docs", "--no-browser"])
    assert result.exit_code == 1
    assert result.stderr.strip() == f"error: {docs_command.NEEDED}"


def test_the_sources_are_no_place_to_build_in() -> None:
    result = CliRunner().invoke(app, ["docs", "--no-browser", "--out", str(DOCS)])
    assert result.exit_code == 1
    assert "name another folder" in result.stderr
