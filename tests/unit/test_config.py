"""Input files: messages, named files, validation of tables, and TOML that is read as it was written."""

import doctest
import tomllib
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from normsim import notebook_html
from normsim.cli import equation_tex
from normsim.config import messages, named_files, toml_writer
from normsim.config.table_validation import Table, json_schema_of, validated
from normsim.config.toml_reader import Source, read_text
from normsim.config.toml_writer import toml_block
from normsim.errors import ScenarioError
from normsim.experiment import experiment
from normsim.scenario import scenario, scenario_reader


class InnerTable(Table):
    low: float | None = Field(None, description="a number")
    name: Literal["one", "two"] | None = Field(None, description='"one" or "two"')


class OuterTable(Table):
    title: str = Field(description="a text")
    count: int = Field(1, ge=1, description="a whole number from 1")
    inner: dict[str, InnerTable | list[float]] = Field({}, description="a table of tables")
    switch: bool = Field(False, alias="on", description="true or false")


def source(text: str) -> Source:
    return read_text(text, "some.toml", "a file has a title")


DOCUMENTED = [equation_tex, messages, notebook_html, toml_writer, scenario, scenario_reader, experiment]


@pytest.mark.parametrize("module", DOCUMENTED, ids=lambda module: module.__name__)
def test_examples_in_docstrings(module: Any) -> None:
    failed, tried = doctest.testmod(module)
    assert failed == 0
    assert tried > 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("count = 1", "title: is missing; it is a text"),
        ("title = 3", "line 1: title = 3: allowed is a text; text needs quotes"),
        (
            'title = "x"\ncount = "2"',
            'line 2: count = "2": allowed is a whole number from 1; drop the quotes',
        ),
        ('title = "x"\ncount = 2.0', "line 2: count = 2.0: allowed is a whole number from 1; write 2"),
        ('title = "x"\ncount = 0', "line 2: count = 0: allowed is a whole number from 1"),
        ('titel = "x"', "line 1: titel: unknown key; did you mean 'title'?"),
        ('title = "x"\nzzz = 1', "line 2: zzz: unknown key; known are title, count, inner, on"),
        (
            'title = "x"\non = "yes"',
            'line 2: on = "yes": allowed is true or false; write true or false',
        ),
        (
            'title = "x"\n[inner.a]\nlow = "1,5"',
            'line 3: inner.a.low = "1,5": allowed is a number; write 1.5',
        ),
        ('title = "x"\n[inner.a]\nlo = 1', "line 3: inner.a.lo: unknown key; did you mean 'low'?"),
        (
            'title = "x"\n[inner.a]\nname = "tow"',
            'line 3: inner.a.name = "tow": allowed is "one" or "two"; did you',
        ),
        ('title = "x"\ninner.a = 3', "line 2: inner.a = 3: allowed is a table of tables"),
    ],
)
def test_a_key_or_value_that_is_not_valid_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        validated(source(text), OuterTable)
    assert str(caught.value).removeprefix("some.toml").lstrip(",: ").startswith(told)


def test_a_key_at_the_top_can_belong_elsewhere() -> None:
    with pytest.raises(ScenarioError, match=r"low: unknown key; it belongs in \[inner\.a\]"):
        validated(source('title = "x"\nlow = 1'), OuterTable, {"low": "[inner.a]"}.get)


def test_a_schema_knows_no_null_and_uses_the_keys_of_the_file() -> None:
    schema = json_schema_of(OuterTable, "a file")
    assert "null" not in str(schema)
    assert "on" in schema["properties"]


def test_a_section_is_told_at_its_place_in_the_whole() -> None:
    section = source('title = "x"\n[[part]]\nid = "a"\n\n[part.inner]\nlow = 1').section("part", 0, label="part.toml")
    assert section.tree == {"id": "a", "inner": {"low": 1}}
    assert str(section.error(("inner", "low"), "no", 1)) == "some.toml, line 6: part[1].inner.low = 1: no"


def test_an_error_without_a_place_gets_one() -> None:
    whole = source("a = 1\nb = 2")
    for error, told in (
        (ScenarioError("no such thing"), "some.toml, line 2: b: no such thing"),
        (ScenarioError("x.y = 2: too much", key="x.y"), "some.toml, line 2: x.y = 2: too much"),
        (ScenarioError("no", file="other.toml", line=7), "other.toml, line 7: no"),
    ):
        with pytest.raises(ScenarioError) as caught, whole.placing("b"):
            raise error
        assert str(caught.value) == told


def test_a_packaged_file_goes_by_its_name_and_any_other_by_its_path(tmp_path: Path, monkeypatch) -> None:
    names = named_files.packaged_names("scenarios")
    assert named_files.file_of("baseline", "scenario", "scenarios", names).is_file()
    assert named_files.file_of("x/y.toml", "scenario", "scenarios", names) == Path("x/y.toml")
    with pytest.raises(ScenarioError, match=r"there is no scenario \"basline\"; did you mean 'baseline'"):
        named_files.file_of("basline", "scenario", "scenarios", names)
    with pytest.raises(ScenarioError, match='there is no ledger "zzz"; known are claims'):
        named_files.file_of("zzz", "ledger", "experiments", ["claims"])
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").touch()
    with pytest.raises(ScenarioError, match=r"for the file in this folder write mine\.toml"):
        named_files.file_of("mine", "scenario", "scenarios", names)


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
VALUES = st.one_of(
    TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.dates(), st.lists(TEXTS)
)


@given(st.dictionaries(TEXTS, VALUES, max_size=6))
def test_a_block_is_read_as_it_was_written(values: dict[str, Any]) -> None:
    text = toml_block("[table]", values, dict.fromkeys(values, "a comment # of any 'kind'"))
    assert tomllib.loads(text) == {"table": values}
    assert text.count("\n") == len(values)
