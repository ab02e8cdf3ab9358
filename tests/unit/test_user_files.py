"""A user's Python files: what they define is used, and what is wrong with them is one line."""

import math
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from normsim.engine.simulate import simulate
from normsim.errors import UserFileError
from normsim.figures.user_figures import draw_user_figure, figure_files, user_figures
from normsim.scenario import load_scenario
from normsim.user_files import load_user_file, public_functions, required_arguments
from normsim.user_outcomes import meaning_of, measure, user_outcomes


@pytest.fixture
def write(tmp_path: Path):
    """Write a file and return its path."""

    def to(text: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to


@pytest.fixture(scope="module")
def run():
    """A run of a few months."""
    return simulate(load_scenario("baseline").with_months(4), 1)


def test_a_module_has_its_own_public_functions(write) -> None:
    module = load_user_file(write("from math import floor\ndef a(x, y=1): ...\ndef _b(): ...\nc = 3\n"), "things")
    functions = public_functions(module)
    assert list(functions) == ["a"]
    assert required_arguments(functions["a"]) == ["x"]


def test_a_file_that_changed_is_read_again(write) -> None:
    """Also within one tick of the clock, where a cache of bytecode would be taken for fresh."""
    for value in range(3):
        assert value == load_user_file(write(f"VALUE = {value}\n"), "things").VALUE


def test_what_a_file_prints_is_not_in_the_way(write, capsys) -> None:
    load_user_file(write("print('hello')\n"), "things")
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = 1\nb = 1 / 0\n", "mine.py, line 2: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit('enough')\n", "mine.py, line 2: the code exits"),
        ("def f(:\n", "mine.py, line 1: SyntaxError: "),
        ("import nmupy\n", "mine.py, line 1: ModuleNotFoundError: No module named 'nmupy'"),
        ("raise ValueError('two\\nlines')\n", "mine.py, line 1: ValueError: two lines"),
        ("\x00", "mine.py"),
    ],
)
def test_a_file_that_fails_is_a_line(write, text: str, words: str) -> None:
    with pytest.raises(UserFileError) as caught:
        load_user_file(write(text), "things")
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_has_a_neighbour(write) -> None:
    path = write("")
    with pytest.raises(UserFileError, match=r"no Python file of things at .*mne\.py; did you mean 'mine\.py'\?"):
        load_user_file(path.with_name("mne.py"), "things")
    with pytest.raises(UserFileError, match="no Python file"):
        load_user_file(path.parent, "things")


def test_an_outcome_is_a_number_of_a_run(write, run) -> None:
    text = 'def peak(run):\n    "Most users."\n    return run.series["users"].max()\n'
    text += "def unknown(run):\n    return float('nan')\n"
    own = user_outcomes(write(text))
    measured = measure(run, own)
    assert measured["peak"] == run.series["users"].max()
    assert type(measured["peak"]) is float
    assert math.isnan(measured["unknown"])
    assert {name: measured[name] for name in run.summary()} == run.summary()
    assert [meaning_of(function) for function in own.values()] == ["Most users.", ""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "mine.py defines no outcome: write a function such as def peak_users(run)"),
        ("def _peak(run): return 1\n", "_peak is private"),
        ("def peak(rnu): return 1\n", "peak takes rnu; an outcome takes run; did you mean 'run'?"),
        ("def peak(run, month): return 1\n", "peak takes run, month; an outcome takes run"),
        ("def scope(run): return 1\n", "scope is an outcome of the model"),
    ],
)
def test_outcomes_that_cannot_be_used_are_refused_before_any_run(write, text: str, words: str) -> None:
    with pytest.raises(UserFileError) as caught:
        user_outcomes(write(text))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("run.series['usrs'].max()", "mine.py: peak, line 2: KeyError: 'usrs'; did you mean 'users'?"),
        ("run.sries", "did you mean 'series'?"),
        ("run.series['users']", "mine.py: peak returned a Series; an outcome is one finite number"),
        ("'many'", "mine.py: peak returned 'many'"),
        ("None", "mine.py: peak returned None"),
        ("float('inf')", "mine.py: peak returned inf"),
        ("exit()", "mine.py: peak, line 2: the code exits"),
    ],
)
def test_an_outcome_that_fails_is_a_line(write, run, body: str, words: str) -> None:
    own = user_outcomes(write(f"def peak(run):\n    return {body}\n"))
    with pytest.raises(UserFileError) as caught:
        measure(run, own)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


FIGURE = "from matplotlib.figure import Figure\n"


def test_a_figure_takes_what_is_offered(write, run, tmp_path) -> None:
    text = FIGURE + "def one(run):\n    f = Figure(); f.subplots().plot(run.outcomes['users']); return f\n"
    text += "def two(comparison): ...\ndef _helper(anything): ...\ndef three(run, runs, scale=2): return Figure()\n"
    own = user_figures(write(text), ("run", "runs"))
    assert [figure.name for figure in own] == ["one", "three"]
    files = figure_files(own, {"run": run, "runs": (run,)})
    assert [name for name, _ in files] == ["one.png", "one.pdf", "three.png", "three.pdf"]
    for name, writer in files:
        writer(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 500
    assert isinstance(draw_user_figure(own[0], {"run": run}), Figure)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "mine.py defines no figure for this command: write a function such as def my_figure(comparison)"),
        ("def one(comparsion): ...\n", "one takes 'comparsion'; did you mean 'comparison'?"),
        ("def one(run): ...\n", "(one takes run: normsim run SCENARIO)"),
        ("def comparison(comparison): ...\n", "comparison is the name of a built-in figure"),
    ],
)
def test_figures_that_cannot_be_drawn_are_refused_before_any_run(write, text: str, words: str) -> None:
    with pytest.raises(UserFileError) as caught:
        user_figures(write(text), ("comparison",))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return None", "mine.py: one returned nothing; a figure returns a matplotlib.figure.Figure"),
        ("return 3", "mine.py: one returned an object of type int"),
        ("1 / 0", "mine.py: one, line 2: ZeroDivisionError"),
        ("raise SystemExit", "mine.py: one, line 2: the code exits"),
    ],
)
def test_a_figure_that_fails_is_a_line(write, body: str, words: str) -> None:
    (own,) = user_figures(write(f"def one(run):\n    {body}\n"), ("run",))
    with pytest.raises(UserFileError) as caught:
        draw_user_figure(own, {"run": object()})
    assert words in str(caught.value)
