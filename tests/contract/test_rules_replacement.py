"""A user replaces a rule by an ordinary function of her own: what she writes runs, and what cannot run is told."""

import inspect
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from normsim.engine.columns import Choice
from normsim.engine.rules import CHOICES, Rules, RulesError, replaceable
from normsim.engine.simulate import simulate
from normsim.model import NormModel
from normsim.parameters import compile_values
from normsim.rules import harm, use
from normsim.scenario import Scenario, load_scenario

ROOT = Path(__file__).parents[2]
HEAD = "import math\nfrom typing import Any\n\nfrom normsim.rules.use import UseTerms\n\n\n"


def own(rule: object, name: str) -> str:
    """Source of a rule of the model as a user would write it, under the name of a replacement."""
    plain = rule.py_func  # type: ignore[attr-defined]
    source = inspect.getsource(plain)
    return source.replace("@compiled\n", "").replace(f"def {plain.__name__}(", f"def {name}(")


SAME = HEAD + own(use.terms, "use_terms")
OTHER = (
    HEAD
    + "from numba import njit\n\n\n@njit\ndef half(value: float) -> float:\n    return value / 2.0\n\n\n"
    + own(use.terms, "use").replace("p.use.habit * habit", "half(p.use.habit * habit)")
)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("ukraine_2023").with_months(24)


def written(folder: Path, text: str, name: str = "my_rules.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """The model's own terms of use, from a user's file."""
    return Rules.from_file(written(tmp_path_factory.mktemp("same"), SAME))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """Terms of use in which a helper of the file halves the pull of habit."""
    return Rules.from_file(written(tmp_path_factory.mktemp("other"), OTHER))


def test_every_choice_has_terms_that_can_be_replaced() -> None:
    assert {f"{choice}_terms" for choice in CHOICES} <= set(replaceable())
    assert "use_rounds_fired" in replaceable()
    assert "use_log_rate" not in replaceable(), "only where it is written"


AGAIN = """
import sys
from normsim.engine.rules import Rules
from normsim.engine.simulate import simulate
from normsim.scenario import load_scenario
rules = Rules.from_file(sys.argv[1])
print(simulate(load_scenario("ukraine_2023").with_months(24), 1, rules).digest())
"""


def test_a_replacement_that_says_the_same_gives_the_same_run(same: Rules, scenario: Scenario, tmp_path: Path) -> None:
    """Also in another process, which finds the compiled month on disk.

    One test, so that one worker compiles.
    """
    assert set(same.replacements) == {"use_terms"}
    run, plain = simulate(scenario, 1, same), simulate(scenario, 1)
    assert run.digest() == plain.digest()
    assert run.log.tobytes() == plain.log.tobytes()
    command = [sys.executable, "-c", AGAIN, str(written(tmp_path, SAME))]
    again = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr.splitlines()[-1]
    assert again.stdout.strip() == plain.digest()


def test_a_replacement_that_says_otherwise_changes_the_run(other: Rules, scenario: Scenario) -> None:
    """By its own term and nothing else, in Mesa too, and without a trace in the model's own rules.

    One test, so that one worker compiles.
    """
    assert set(other.replacements) == {"use_terms"}, "a choice's name alone is short for its terms"
    plain, run = simulate(scenario, 1, log_level=2), simulate(scenario, 1, other, log_level=2)
    assert run.digest() != plain.digest()
    assert run.measured["users"].sum() < plain.measured["users"].sum()
    assert run.measured["at_war"].tobytes() == plain.measured["at_war"].tobytes()
    place = use.UseTerms._fields.index("habit")
    first, also = (one.log[(one.log["month"] == 0) & (one.log["choice"] == Choice.USE)] for one in (run, plain))
    assert first["actor"].tolist() == also["actor"].tolist(), "in the first month the two weigh the same states"
    assert (first["terms"][:, place] == also["terms"][:, place] / 2.0).all()
    assert (first["terms"][:, :place] == also["terms"][:, :place]).all()

    assert simulate(scenario, 1, log_level=2).digest() == plain.digest(), "the model's own rules are as they were"

    model, usual = NormModel(scenario, rng=1, rules=other), NormModel(scenario, rng=1)
    model.step()
    usual.step()
    habits = {state.iso3: one.terms["habit"] for state in model.states for one in state.explain("use") if one.terms}
    assert any(habits.values())
    for iso3, habit in habits.items():
        assert habit == usual.state(iso3).explain("use")[0].terms["habit"] / 2.0
    model.run_model()
    assert model.result().digest() == run.digest()


def test_gravity_is_asked_of_states_that_did_nothing(scenario: Scenario) -> None:
    """No step passes a state over because the model's own rule would say nothing of it."""

    def same_for_all(p: object, used: int, transferred: int, noticed: int) -> float:
        return 0.5

    run = simulate(scenario.with_months(1), rules=Rules(condemn_gravity=same_for_all))
    assert run.measured["violations"][0] == len(run.world)


def test_a_digest_says_which_rules(same: Rules, other: Rules, tmp_path: Path) -> None:
    assert Rules().digest() == ""
    assert same.digest() != other.digest()
    assert Rules.from_file(written(tmp_path, SAME)).digest() == same.digest(), "by content, not by place"


def test_a_replacement_can_be_a_compiled_rule_of_the_model() -> None:
    assert Rules(use=use.terms).replacements == {"use_terms": use.terms.py_func}  # type: ignore[attr-defined]


def test_a_rule_can_be_called_on_plain_numbers() -> None:
    p = compile_values()
    assert harm.field_rate(p, 0.0235) == pytest.approx(harm.field_rate.py_func(p, 0.0235))  # type: ignore[attr-defined]


# ---------------------------------------------------------------- what cannot be taken


def three(a: float, b: float, c: float) -> float:
    return a + b + c


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"usage": three}, ["no rule 'usage'"]),
        ({"use_term": three}, ["no rule 'use_term'", "did you mean 'use_terms'"]),
        ({"harm_dud": three}, ["did you mean 'harm_duds'"]),
        ({"use": three}, ["'use' takes 12 arguments (p, intensity", "the replacement 3 (a, b, c)"]),
        ({"harm_duds": lambda p, rounds: 0.0}, ["takes 3 arguments (p, rounds, rate)", "the replacement 2"]),
        ({"use": 3.0}, ["plain function", "3.0"]),
        ({"use": float}, ["plain function"]),
    ],
    ids=["unknown", "nearly", "nearly-too", "too-few", "too-few-too", "a-number", "a-class"],
)
def test_what_is_no_replacement_is_refused(given: dict[str, object], words: list[str]) -> None:
    with pytest.raises(RulesError) as caught:
        Rules(**given)  # type: ignore[arg-type]
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["no function named like a rule", "use_terms"]),
        ("def use_trems(p):\n    return p\n", ["no function named like a rule", "did you mean 'use_terms'"]),
        ("def use(p):\n    return p\n", ["takes 12 arguments", "the replacement 1 (p)"]),
        ("raise RuntimeError('on purpose')\n", ["cannot be run", "RuntimeError: on purpose"]),
        ("import no_such_package\n", ["cannot be run", "ModuleNotFoundError"]),
        ("def use(:\n", ["cannot be run", "SyntaxError"]),
        ("use_terms = 3\n", ["no function named like a rule"]),
    ],
    ids=["empty", "nearly", "too-few", "raises", "imports", "syntax", "a-number"],
)
def test_a_file_that_cannot_be_taken_is_told(text: str, words: list[str], tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RulesError) as caught:
        Rules.from_file(path)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["rules.txt", "rules.toml", "rules"])
def test_another_kind_of_file_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no Python file of rules"):
        Rules.from_file(written(tmp_path, SAME, name))


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "folder.py"
    folder.mkdir()
    for path in (tmp_path / "absent.py", folder):
        with pytest.raises(RulesError, match="no Python file of rules"):
            Rules.from_file(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x = '\xe9'\n", b"\x00"], ids=["utf-16", "latin-1", "null"])
def test_a_file_that_is_no_text_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bytes.py"
    path.write_bytes(content)
    with pytest.raises(RulesError):
        Rules.from_file(path)


def test_rules_of_the_model_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Rules())).replacements == {}
