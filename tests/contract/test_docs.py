"""The docs agree with what they describe."""

import difflib
import re
from pathlib import Path

import pytest

from normsim.engine.columns import State, System
from normsim.engine.rule_set import Rules
from normsim.parameter_docs import COLUMNS, REFRESH, main, parameter_rows, parameter_table, parameters_page
from normsim.parameters import ParameterError, records

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
ODD_ELEMENTS = (
    "1 Purpose and patterns",
    "2 Entities, state variables, and scales",
    "3 Process overview and scheduling",
    "4 Design concepts",
    "5 Initialization",
    "6 Input data",
    "7 Submodels",
)
ODD_CONCEPTS = (
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
    "Collectives",
    "Observation",
)


def headings(text: str, level: int) -> list[str]:
    """Headings of one level, without their marks."""
    return re.findall(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)


def test_the_parameter_page_is_fresh() -> None:
    committed = (DOCS / "parameters.md").read_text(encoding="utf-8")
    fresh = parameters_page()
    changes = [line for line in difflib.ndiff(committed.splitlines(), fresh.splitlines()) if line[0] in "+-"]
    assert committed == fresh, f"docs/parameters.md is stale; run: {REFRESH}\n" + "\n".join(changes[:20])


def test_the_page_is_written_as_it_is_printed(tmp_path, capsys) -> None:
    target = tmp_path / "parameters.md"
    assert main([str(target)]) == 0
    assert main([]) == 0
    assert capsys.readouterr().out == target.read_bytes().decode("utf-8")
    assert main(["one", "two"]) == 2


def test_every_parameter_is_on_the_page_once() -> None:
    shown = re.findall(r"^\| `([a-z_]+\.[a-z_0-9]+)` \|", parameters_page(), flags=re.MULTILINE)
    assert sorted(shown) == sorted(records())


def test_levers_and_regimes_stand_apart() -> None:
    assert headings(parameters_page(), 2) == [
        "Uncertain parameters",
        "Given parameters",
        "Regimes",
        "Levers",
        "Treatments",
        "Sources",
    ]


def test_rows_carry_the_same_as_the_page() -> None:
    rows = parameter_rows()
    assert len(rows) == len(records())
    assert all(tuple(row) == COLUMNS for row in rows)
    (row,) = parameter_rows(["ccw_dud_rate.rule"])
    assert row["default"] == "consensus"
    assert row["range"] == "consensus, majority, imposed"
    (zero,) = parameter_rows(["condemn.metanorm"])
    assert zero["default"] == "0"
    assert zero["null"] == "0"


def test_an_unknown_name_is_refused_with_advice() -> None:
    with pytest.raises(ParameterError, match=r"use\.habit"):
        parameter_table(["use.habits"])


def test_odd_has_its_seven_elements_in_order() -> None:
    found = headings((DOCS / "ODD.md").read_text(encoding="utf-8"), 2)
    assert [title for title in found if title[0].isdigit()] == list(ODD_ELEMENTS)


def test_odd_has_its_eleven_design_concepts_in_order() -> None:
    text = (DOCS / "ODD.md").read_text(encoding="utf-8")
    part = text[text.index("\n## 4 Design concepts") : text.index("\n## 5 Initialization")]
    assert headings(part, 3) == list(ODD_CONCEPTS)


@pytest.mark.parametrize("title", ["Known limitations", "What the model must not be used for"])
def test_odd_says_where_the_model_ends(title: str) -> None:
    assert title in headings((DOCS / "ODD.md").read_text(encoding="utf-8"), 2)


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda p: p.name)
def test_names_in_the_docs_exist(path: Path) -> None:
    """A dotted name in backticks whose first part is a group of parameters is a parameter."""
    groups = {name.partition(".")[0] for name in records()}
    names = re.findall(r"`([a-z_]+\.[a-z_0-9]+)`", path.read_text(encoding="utf-8"))
    unknown = {name for name in names if name.partition(".")[0] in groups and name not in records()}
    assert not {name for name in unknown if not name.endswith((".py", ".md", ".toml"))}


FOLDERS = (ROOT, ROOT / "normsim", DOCS)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_files_named_in_the_docs_exist(path: Path) -> None:
    """A path in backticks that starts with a folder of the repository, or of the package, is there."""
    tops = {each.name for folder in FOLDERS[:2] for each in folder.iterdir() if each.is_dir()} - {"results"}
    named = {
        name
        for name in re.findall(r"`([\w./-]+)`", path.read_text(encoding="utf-8"))
        if "/" in name and "..." not in name
    }
    ours = {name for name in named if name.partition("/")[0] in tops and name.islower()}
    missing = {name for name in ours if not any((folder / name).exists() for folder in FOLDERS)}
    assert not missing


def blocks(path: Path, title: str) -> dict[str, str]:
    """Python blocks of a page whose first line is a comment with a file name, by that name."""
    found = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {name: text for name, text in found if title in text}


def test_the_rules_in_the_docs_can_be_taken(tmp_path: Path) -> None:
    taken = {}
    for page in (ROOT / "README.md", DOCS / "rules.md"):
        for name, text in {**blocks(page, "def use_terms"), **blocks(page, "default")}.items():
            path = tmp_path / f"{page.stem}_{name}"
            path.write_text(text, encoding="utf-8")
            taken[path.name] = list(Rules.from_file(path).replacements)
    assert taken == {
        "README_my_rules.py": ["use_terms"],
        "rules_my_rules.py": ["use_terms"],
        "rules_habit_only.py": ["use_terms"],
        "rules_own_covariates.py": ["transfer_terms"],
        "rules_slow_clearance.py": ["harm_cleared"],
    }


def test_columns_named_on_the_page_of_rules_exist() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    for name in ("contamination", "validity", "ideal_point", "exporter"):
        assert f"`{name}`" in text
        assert hasattr(State, name)
    for name in ("deposits", "month"):
        assert f"`{name}`" in text
        assert hasattr(System, name)


FOLDERS_OF_TESTS = "contract|docs|faults|unit|property|docking|regression|page"
NAMED_TEST = re.compile(rf"`(?:tests/)?((?:{FOLDERS_OF_TESTS})/\w+\.py)(?:::(\w+))?`")


@pytest.mark.parametrize(("page", "least"), [("reliability", 51), ("explanation/checklists", 8)])
def test_every_test_that_is_named_as_evidence_is_there(page: str, least: int) -> None:
    """Files, and functions in them."""
    named = NAMED_TEST.findall((DOCS / f"{page}.md").read_text(encoding="utf-8"))
    assert len(named) >= least
    for file, name in named:
        held = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert f"def {name}(" in held if name else held, f"{file}::{name}"


def test_every_promise_names_a_test() -> None:
    """Of docs/reliability.md."""
    text = (DOCS / "reliability.md").read_text(encoding="utf-8")
    heads = ("| promise", "|---")
    promises = [line for line in text.splitlines() if line.startswith("|") and not line.startswith(heads)]
    assert [line for line in promises if not NAMED_TEST.search(line)] == []
