"""A user replaces a rule by an ordinary function of her own: what she writes runs, and what cannot run is told.

Every set of rules is compiled, the first of a process from scratch, so all tests that run one are in this file, and
tests that need no set of their own share one.
"""

import importlib
import inspect
import math
import os
import pickle
import subprocess
import sys
from collections import namedtuple
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from normsim.engine.columns import Choice
from normsim.engine.rule_set import CHOICES, Rules, replaceable
from normsim.engine.simulate import Run, simulate
from normsim.errors import RulesError
from normsim.model import NormModel
from normsim.parameters import compile_values
from normsim.rules import use
from normsim.scenario import Scenario, load_scenario
from tests.plain.differences import differences, report

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HEAD = "import math\nfrom typing import Any\n\nfrom normsim.rules.use import UseTerms\n\n\n"


def own(rule: object, name: str) -> str:
    """Source of a rule of the model as a user would write it, under the name of a replacement."""
    source = inspect.getsource(rule)  # type: ignore[arg-type]
    return source.replace(f"def {rule.__name__}(", f"def {name}(")  # type: ignore[attr-defined]


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
    assert {"use_rounds_fired", "norm_scope_next", "harm_cleared"} <= set(replaceable())
    assert "use_log_rate" not in replaceable(), "only where it is written"


AGAIN = """
import sys
from normsim.engine.rule_set import Rules
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


# ---------------------------------------------------------------- several at once


def doubled(habit: float, default: dict[str, float], p: Any) -> dict[str, float]:
    return {**default, "habit": 2 * p.use.habit * habit}


def same_for_all(p: object, used: int, transferred: int, noticed: int) -> float:
    return 0.5


@pytest.fixture(scope="module")
def several(scenario: Scenario) -> Run:
    """A month in which two rules are replaced, every choice logged."""
    rules = Rules(use=doubled, condemn_gravity=same_for_all)
    return simulate(scenario.with_months(1), 1, rules, log_level=2)


def lines_of(run: Run, choice: int) -> np.ndarray:
    """Every line of one choice."""
    return run.log[run.log["choice"] == choice]


def first_terms(rules: Rules | None, scenario: Scenario, choice: int) -> np.ndarray:
    """Every line of one choice in the first month."""
    return lines_of(simulate(scenario.with_months(1), 1, rules, log_level=2), choice)


def test_gravity_is_asked_of_states_that_did_nothing(several: Run) -> None:
    """No step passes a state over because the model's own rule would say nothing of it."""
    assert several.measured["violations"][0] == len(several.world)


def test_a_term_is_replaced_and_the_others_are_kept(several: Run, scenario: Scenario) -> None:
    plain, twice = first_terms(None, scenario, Choice.USE), lines_of(several, Choice.USE)
    habit = use.UseTerms._fields.index("habit")
    assert (twice["terms"][:, habit] == 2 * plain["terms"][:, habit]).all()
    assert plain["terms"][:, habit].any()
    assert (np.delete(twice["terms"], habit, axis=1) == np.delete(plain["terms"], habit, axis=1)).all()


FILED = """
def half(x):
    return 0.5 * x


def harm_cleared(p, contamination, programme):
    return half(contamination)


def transfer(ideal_point, target_democracy, deposits, contamination):
    return {
        "intercept": 100.0,
        "alliance": ideal_point,
        "arms": target_democracy,
        "need": deposits,
        "norm": contamination,
    }
"""


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """Two rules of a user's file, one of which calls a helper."""
    return Rules.from_file(written(tmp_path_factory.mktemp("filed"), FILED))


def test_any_column_can_be_asked_for(filed: Rules, scenario: Scenario) -> None:
    """Of the state, of the other state of a pair, of the system, and facts of the world that no rule reads."""
    lines = first_terms(filed, scenario, Choice.TRANSFER)
    world = NormModel(scenario).simulation.world
    assert len(lines) > 0
    assert (lines["terms"][:, 1] == world.facts["ideal_point"][lines["actor"]]).all()
    assert (lines["terms"][:, 2] == world.facts["democracy"][lines["target"]]).all()
    assert (lines["terms"][:, 4] == (world.facts["status"] >= 2).sum()).all()


def test_helpers_of_a_rules_file_are_compiled_with_it(filed: Rules) -> None:
    run = simulate(load_scenario("baseline").with_months(2), 0, filed, log_level=0)
    assert run.measured["cleared"][0] > 0.0
    assert run.measured["cleared"][0] == pytest.approx(run.measured["contamination"][0])


def test_a_digest_says_which_rules(same: Rules, other: Rules, tmp_path: Path) -> None:
    assert Rules().digest() == ""
    assert same.digest() != other.digest()
    assert Rules.from_file(written(tmp_path, SAME)).digest() == same.digest(), "by content, not by place"


def test_a_replacement_can_be_a_rule_of_the_model() -> None:
    assert list(Rules(use=use.terms).replacements) == ["use_terms"]


# ---------------------------------------------------------------- beside the plain model


def planted(default: use.UseTerms, p: Any, norm_cost: float) -> dict[str, float]:
    """The terms of use, but the norm invites instead of restraining."""
    return {**default, "norm": p.use.norm * norm_cost}


def test_a_planted_defect_is_found() -> None:
    scenario = load_scenario("baseline").with_months(18)
    found = differences(scenario, 1, compiled=Rules(use=planted))
    assert any("outcome users" in line for line in found), "a wrong sign went unseen"
    assert found[0].startswith("month "), "the first difference names its month and column"


def test_the_same_replacement_on_both_sides_agrees() -> None:
    found = differences(
        load_scenario("baseline").with_months(18), 1, compiled=Rules(use=planted), plain=Rules(use=planted)
    )
    assert not found, report(found)


# ---------------------------------------------------------------- what cannot be taken


def three(a: float, b: float, c: float) -> float:
    return a + b + c


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"usage": three}, ["no rule 'usage'"]),
        ({"use_term": three}, ["no rule 'use_term'", "did you mean 'use_terms'"]),
        ({"harm_dud": three}, ["did you mean 'harm_duds'"]),
        ({"use": three}, ["the rule use_terms has no argument 'a'", "its own: p, intensity, shortage"]),
        ({"harm_duds": lambda p, round: 0.0}, ["no argument 'round'", "did you mean 'rounds'", "p, rounds, rate"]),
        ({"use": 3.0}, ["plain function", "3.0"]),
        ({"use": float}, ["plain function"]),
    ],
    ids=["unknown", "nearly", "nearly-too", "strange", "misspelt", "a-number", "a-class"],
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
        ("def use(p, habbit):\n    return {}\n", ["no argument 'habbit'", "did you mean 'habit'"]),
        ("def use(*a):\n    return {}\n", ["name each argument"]),
        ("def use(default):\n    return {**default, 'habitt': 1.0}\n", ["no term 'habitt'", "did you mean 'habit'"]),
        ("def use(default):\n    return default['norms']\n", ["no term 'norms'", "did you mean 'norm'"]),
        ("def use(default):\n    return sum(default)\n", ["must return a mapping of its terms"]),
        ("import sys\nsys.exit(3)\n", ["my_rules.py, line 2: the code exits; remove the call"]),
        ("def norm_tier_relief(p, believed, validity):\n    return validity\n", ["cannot ask for 'validity'"]),
        ("def use(default, target_power):\n    return default\n", ["cannot ask for 'target_power'", "another state"]),
        ("table = {}\ndef use(default):\n    return {'habit': table['x']}\n", ["reads 'table', a dict"]),
        ("def use(default):\n    return use(default)\n", ["calls itself"]),
        ("raise RuntimeError('on purpose')\n", ["my_rules.py, line 1: RuntimeError: on purpose"]),
        ("import no_such_package\n", ["my_rules.py, line 1: ModuleNotFoundError"]),
        ("def use(:\n", ["my_rules.py, line 1: SyntaxError"]),
        ("use_terms = 3\n", ["no function named like a rule"]),
    ],
    ids=[
        "empty",
        "nearly",
        "misspelt",
        "starred",
        "term",
        "term-read",
        "no-mapping",
        "exits",
        "no-state",
        "no-target",
        "a-dict",
        "recursion",
        "raises",
        "imports",
        "syntax",
        "a-number",
    ],
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


# ---------------------------------------------------------------- by name


def test_arguments_are_matched_by_name_and_terms_left_out_are_zero(scenario: Scenario) -> None:
    def by_name(shortage: float, habit: float, bound: int, intensity: float) -> dict[str, float]:
        return {"party": -5.0 * bound, "shortage": shortage, "intensity": intensity, "habit": 3.0 * habit}

    plain = first_terms(None, scenario, Choice.USE)
    found = first_terms(Rules(use=by_name), scenario, Choice.USE)
    p, place = compile_values(scenario.values), use.UseTerms._fields.index
    given = {"shortage": 1.0 / p.use.shortage, "intensity": 1.0 / p.use.intensity, "habit": 3.0 / p.use.habit}
    assert not np.delete(found["terms"], [place("party"), *map(place, given)], axis=1).any()
    for name, factor in given.items():
        assert found["terms"][:, place(name)] == pytest.approx(factor * plain["terms"][:, place(name)])
        assert plain["terms"][:, place(name)].any(), name


def test_what_is_not_finite_stops_the_run(scenario: Scenario) -> None:
    """Which of two rules it is, and of a rule of terms which term."""

    def use(default: dict[str, float], validity: float, p: Any) -> dict[str, float]:
        return {**default, "norm": math.nan if validity > 0.0 and p.use.habit > 0.0 else 0.0}

    def harm_cleared(contamination: float) -> float:
        return 1.0 / contamination

    rules = Rules(use=use, harm_cleared=harm_cleared)
    with pytest.raises(RulesError, match=r"rule use_terms, term 'norm' gave nan \([A-Z]{3}, July 2023\)"):
        simulate(scenario, 1, rules)
    with pytest.raises(RulesError, match=r"rule harm_cleared gave inf \([A-Z]{3}, July 2023\)"):
        simulate(scenario.with_values({"use.habit": 0.0}), 1, rules)


def test_a_rule_that_does_not_compile_names_itself(tmp_path: Path) -> None:
    text = "def harm_cleared(p, contamination, programme):\n    return math.sqrt(contamination)\n"
    rules = Rules.from_file(written(tmp_path, text))
    with pytest.raises(RulesError, match=r"harm_cleared.*cannot be compiled") as caught:
        simulate(load_scenario("baseline").with_months(1), 0, rules)
    assert "\n" not in str(caught.value)


SCALE = 1.0


def with_global(contamination: float) -> float:
    return SCALE * contamination


def with_closure(scale: float) -> Any:
    def harm_cleared(contamination: float) -> float:
        return scale * contamination

    return harm_cleared


def test_the_digest_holds_every_value_a_rule_reads(monkeypatch: pytest.MonkeyPatch, scenario: Scenario) -> None:
    """Closures, globals, arrays, values of another module; and what was taken is what runs."""
    assert Rules(harm_cleared=with_closure(0.5)).digest() != Rules(harm_cleared=with_closure(1.0)).digest()
    assert Rules(harm_cleared=with_closure(0.5)).digest() == Rules(harm_cleared=with_closure(0.5)).digest()
    before = Rules(harm_cleared=with_global)
    monkeypatch.setitem(with_global.__globals__, "SCALE", 0.5)
    after = Rules(harm_cleared=with_global)
    assert before.digest() != after.digest()
    cleared = []
    for rules in (before, after):
        run = simulate(scenario.with_months(1), 1, rules)
        cleared.append(run.measured["cleared"][0])
    assert cleared[0] == pytest.approx(2 * cleared[1])

    def summed(weights: np.ndarray) -> Any:
        def harm_cleared(contamination: float) -> float:
            return weights[0] * contamination

        return harm_cleared

    assert Rules(harm_cleared=summed(np.ones(2))).digest() != Rules(harm_cleared=summed(np.zeros(2))).digest()


def levels(low: int) -> Any:
    level = IntEnum("Level", {"LOW": low})
    order = namedtuple("order", ["a", "b"] if low else ["b", "a"])  # type: ignore[misc]
    weights = (np.full(2, float(low)), low)

    def by_enum(contamination: float) -> float:
        return level.LOW * contamination

    def by_fields(contamination: float) -> float:
        return order(1.0, contamination).a

    def by_tuple(contamination: float) -> float:
        return weights[0][0] * contamination

    def by_keyword(contamination: float, *, p: float = float(low)) -> float:
        return p * contamination

    return by_enum, by_fields, by_tuple, by_keyword


def test_the_digest_holds_enumerations_fields_and_what_lies_in_tuples() -> None:
    for one, other in zip(levels(0), levels(1), strict=True):
        first, second = Rules(harm_cleared=one).digest(), Rules(harm_cleared=other).digest()
        assert first != second, one.__name__
    for one, again in zip(levels(1), levels(1), strict=True):
        assert Rules(harm_cleared=one).digest() == Rules(harm_cleared=again).digest()


def test_a_value_in_a_tuple_is_taken_as_it_is_now() -> None:
    weights = (np.ones(2),)

    def harm_cleared(contamination: float) -> float:
        return weights[0][0] * contamination

    taken = Rules(harm_cleared=harm_cleared).replacements["harm_cleared"].function
    weights[0][:] = 9.0
    assert (taken.__closure__[0].cell_contents[0] == 1.0).all()  # type: ignore[index]


@pytest.mark.parametrize("source", ["random.random()", "np.random.random()", "time.time()", "chance()", "draw()"])
def test_chance_and_the_clock_are_refused(source: str, tmp_path: Path) -> None:
    imports = "import random\nimport time\nimport numpy as np\nfrom random import random as chance\n"
    imports += "from numpy.random import random as draw\n"
    path = written(tmp_path, f"{imports}\ndef harm_cleared(contamination):\n    return contamination * {source}\n")
    with pytest.raises(RulesError, match="chance and the clock would give other numbers at each run"):
        Rules.from_file(path)


def test_a_rule_from_a_module_of_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written(tmp_path, "K = 1.0\n", "my_constants.py")
    text = "import my_constants\n\ndef harm_cleared(contamination):\n    return my_constants.K * contamination\n"
    path = written(tmp_path, text)
    monkeypatch.syspath_prepend(tmp_path)
    first = Rules.from_file(path)
    monkeypatch.setattr(sys.modules["my_constants"], "K", 2.0)
    assert Rules.from_file(path).digest() != first.digest()


def test_compiled_code_needs_no_module_of_the_users(tmp_path: Path) -> None:
    """It is found by what the rules do: a file with another comment, or a script, takes it from the disk as well."""
    helped = "def _half(x):\n    return x / 2\n\ndef use(default, habit):\n    return {'habit': _half(habit)}\n"
    first = Rules.from_file(written(tmp_path, helped))
    second = Rules.from_file(written(tmp_path, f"# another comment\n{helped}", "other.py"))
    assert first.digest() == second.digest()
    for rules in (first, second):
        function = rules.replacements["use_terms"].own()
        for made in (function, function.__globals__["_half"]):
            assert importlib.import_module(made.__globals__["__name__"])
            assert made.__globals__["__name__"].startswith("normsim.")


def test_a_choice_of_returns_and_a_call_of_the_tuple(scenario: Scenario) -> None:
    def use(default: dict[str, float], habit: float) -> dict[str, float]:
        if habit > 0.5:
            return {"intercept": default["intercept"] - 1.0}
        return {**default, "habit": 0.0} if habit > 0.1 else default

    plain, run = first_terms(None, scenario, Choice.USE), first_terms(Rules(use=use), scenario, Choice.USE)
    place = use_fields().index("habit")
    high = run["terms"][:, place] == 0.0
    assert high.any()
    assert (run["terms"][~high] == plain["terms"][~high]).all()


def use_fields() -> tuple[str, ...]:
    return use.UseTerms._fields


def test_a_definition_without_source_is_refused() -> None:
    space: dict[str, Any] = {}
    exec("def use(default):\n    return {**default, 'habit': 0.0}\n", space)
    with pytest.raises(RulesError, match="source of use cannot be read"):
        Rules(use=space["use"])
