"""A replaced rule that cannot be compiled is told in one line, and helpers in a rules file need no decoration."""

import pytest

from normsim import Rules, RulesError, load_scenario, simulate
from normsim.engine.rule_set import replaceable


def rules_file(tmp_path, text: str) -> Rules:
    path = tmp_path / "my_rules.py"
    path.write_text(text, encoding="utf-8")
    return Rules.from_file(path)


def test_a_rule_that_does_not_compile_names_itself(tmp_path) -> None:
    rules = rules_file(
        tmp_path, "def harm_cleared(p, contamination, programme):\n    return math.sqrt(contamination)\n"
    )
    with pytest.raises(RulesError, match=r"harm_cleared.*cannot be compiled") as caught:
        simulate(load_scenario("baseline").with_months(1), 0, rules)
    assert "\n" not in str(caught.value)


def test_helpers_of_a_rules_file_are_compiled_with_it(tmp_path) -> None:
    text = "def half(x):\n    return 0.5 * x\n\n\n"
    text += "def harm_cleared(p, contamination, programme):\n    return half(contamination)\n"
    rules = rules_file(tmp_path, text)
    run = simulate(load_scenario("baseline").with_months(2), 0, rules, log_level=0)
    assert run.measured["cleared"][0] > 0.0
    assert run.measured["cleared"][0] == pytest.approx(run.measured["contamination"][0])


def test_every_rule_can_be_named() -> None:
    assert {"use_terms", "transfer_terms", "norm_scope_next", "harm_cleared"} <= set(replaceable())
