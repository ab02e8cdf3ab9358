"""Equations of docstrings as TeX, and as what a browser draws."""

import ast
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docutils.utils.math.latex2mathml import tex2mathml

from normsim import rules
from normsim.cli.equation_tex import equation, statements, tex

RULES = Path(rules.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"
CHOICES = ("acquire", "claim", "condemn", "join", "renounce", "transfer", "use", "vote", "withdraw")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("intensity x", r"\text{intensity}\, x"),
        ("sqrt(power) of a state", r"\operatorname{sqrt}(\text{power})\, \text{of a state}"),
        ("norm cost", r"\text{norm cost}"),
        ("own_shortage s_i", r"\text{own\_shortage}\, s_i"),
        ("(1 - lambda_i) v0", r"(1 - \lambda_i)\, v_0"),
        ("deferral/cap", r"\text{deferral}/\text{cap}"),
        ("a * b >= 1/2", r"a \cdot b \ge 1/2"),
        ("max_j(x_j p_j)", r"\max_j(x_j\, p_j)"),
        ("logit^-1(party)", r"\operatorname{logit}^{-1}(\text{party})"),
        ("limit [rate > limit](1 - waiver)", r"\text{limit}\, [\text{rate > limit}]\, (1 - \text{waiver})"),
        ("exposure log(1 + th)", r"\text{exposure}\, \log(1 + \mathit{th})"),
    ],
)
def test_each_way_of_writing(text: str, expected: str) -> None:
    assert tex(text) == expected


def test_a_long_sum_is_broken_before_a_sign_and_never_in_an_inner_bracket() -> None:
    found = equation(
        "P = logit^-1(intercept + one (a - b) + two (c - d) + three (e - f) + four (g - h) + five (k - m))"
    )
    assert found is not None
    first, second = found.tex.splitlines()[1:-1]
    assert first.endswith(r" \\")
    assert second.startswith(r"& \quad + ")
    assert second.count("(") + 1 == second.count(")")  # the one more closes what the first row opened


@pytest.mark.parametrize(
    ("statement", "remark"),
    [
        ("y = max(a, b)", ""),
        ("y = x, a month", ""),
        ("y = x, a month; then more", "then more"),
        ("y = x; a party or a state without the weapon", "a party or a state without the weapon"),
        ("y = x + gap: 2.35 % claimed", "2.35 % claimed"),
    ],
)
def test_words_after_an_equation(statement: str, remark: str) -> None:
    found = equation(statement)
    assert found is not None
    assert found.remark == remark
    assert (r"\text{, a month}" in found.tex) == (", a month" in statement)


def test_what_is_no_equation() -> None:
    assert equation("a committed state has validity `committed.validity` and looks to nobody") is None
    assert equation("y = what? no") is None


def test_lines_that_go_on() -> None:
    wide = "y = x; " + "word " * 22 + "end"
    assert list(statements(f"{wide}\nand words\nz = max(a,\nb)\nw = exp(\n    c)")) == [
        f"{wide} and words",
        "z = max(a, b)",
        "w = exp( c)",
    ]


def blocks(section: str) -> list[str]:
    """The equations of a section of the page."""
    return [part.partition("\n```")[0] for part in section.split("```math\n")[1:]]


def sections() -> dict[str, str]:
    """The sections of the page by rule."""
    parts = PAGE.read_text(encoding="utf-8").split("\n## `")[1:]
    return {name: text for name, _, text in (part.partition("`") for part in parts)}


@pytest.mark.parametrize("name", CHOICES)
def test_the_equation_of_each_choice_is_set_and_loses_no_word(name: str) -> None:
    found = blocks(sections()[name])
    assert found
    docstring = ast.get_docstring(ast.parse((RULES / f"{name}.py").read_text(encoding="utf-8"))) or ""
    equation_of = docstring.split("\n\n")[1]
    letters = {word for word in equation_of.replace("_", " ").split() if word.isalpha() and len(word) > 2}
    shown = sections()[name].replace(r"\_", " ")
    assert len(letters) > 3
    assert {word for word in letters if word not in shown} == set()


def test_browsers_can_draw_every_equation() -> None:
    found = [each for section in sections().values() for each in blocks(section)]
    assert len(found) > 15
    for each in found:
        ElementTree.fromstring(tex2mathml(each, as_block=True).replace("&ApplyFunction;", ""))
