"""The plan of the paper: what is refused, what is told, and that no number of a result stands in its texts."""

import re
from pathlib import Path

import pytest

from normsim.config.named_files import packaged_folder
from normsim.errors import PaperError
from normsim.figures.paper import DRAWINGS, drawing
from normsim.figures.phrases import effect, listed, number, signed, span
from normsim.paper.figure_builder import PLACEHOLDER, filled
from normsim.paper.paper_plan import load_paper
from normsim.paper.paper_report import TEMPLATE
from normsim.scenario import ScenarioError

GOOD = """
title = "A paper"
[[experiment]]
id = "few"
use = "regimes"
sizes = { replications = 3 }
[[experiment]]
id = "own"
scenarios = ["history_2008"]
months = 3
[[figure]]
id = "robustness"
title = "Robustness"
experiments = ["few"]
caption = "n is {n}."
finding = "It is {base_level}."
[[figure]]
id = "growth"
drawing = "treaty_growth"
title = "Growth"
experiments = ["own"]
columns = "one"
caption = "x"
finding = "y"
"""


@pytest.fixture
def refused(tmp_path: Path):
    """The message on a plan with something put in place of something else."""

    def message(old: str, new: str) -> str:
        assert old in GOOD
        path = tmp_path / "mine.toml"
        path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ScenarioError) as error:
            load_paper(path)
        return str(error.value)

    return message


def test_a_plan_gives_its_experiments_at_the_sizes_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    paper = load_paper(path)
    few, own = paper.experiment("few", False), paper.experiment("own", False)
    assert (few.name, few.replications, few.scenarios[0].months) == ("few", 3, 240)
    assert (own.name, own.replications, own.scenarios[0].months) == ("own", 1, 3)
    assert paper.experiment("few", True).scenarios[0].months == 24
    assert paper.number(paper.figure("growth")) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('use = "regimes"', 'use = "regime"', ("line 5", "experiment[1].use", "did you mean 'regimes'?")),
        ("replications = 3", "replication = 3", ("line 6", "unknown key", "did you mean 'replications'?")),
        ("months = 3", "months = 0", ("line 10", "experiment[2].months = 0", "from 1 to")),
        ('["history_2008"]', '["history"]', ("line 9", "did you mean")),
        ('experiments = ["few"]', 'experiments = ["few_"]', ("figure[1].experiments[1]", "did you mean 'few'?")),
        ('experiments = ["few"]', "experiments = []", ("figure[1].experiments", "claims = true")),
        ('drawing = "treaty_growth"', 'drawing = "treaty"', ("figure[2].drawing", "did you mean 'treaty_growth'?")),
        ('id = "growth"', 'id = "robustness"', ("figure[2].id", "twice")),
        ('columns = "one"', 'columns = "three"', ("line 22", '"one" or "two"')),
        ('id = "own"', 'id = "few"', ("experiment[2].id", "twice")),
        ('id = "own"\n', "", ("experiment[2].id", "is missing")),
        ('id = "own"', 'id = "../own"', ("line 8", "experiment[2].id", "small letters, digits and underscores")),
        ("months = 3", "months = 3\nsmoke = { month = 1 }", ("line 11", "unknown key", "did you mean 'months'?")),
        ("months = 3", "months = 3\nsmoke = { months = 0 }", ("experiment[2].smoke.months", "from 1 to")),
        ("months = 3", 'months = 3\ndesign = [{ method = "grid", factors = { "use.nor" = [1] } }]', ("use.norm",)),
        ('title = "Growth"', 'title = "Growth"\nclaims = true', ("figure[2].experiments", "claims = true")),
        ('experiments = ["own"]', "claims = true", ("figure[2].claims", "belong together")),
        ('experiments = ["own"]', 'experiments = ["few"]', ("experiment[2].id", "no figure is drawn from it")),
        ('caption = "x"\n', "", ("figure[2].caption", "is missing")),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_place(refused, old: str, new: str, words: tuple[str, ...]) -> None:
    message = refused(old, new)
    for word in ("mine.toml", *words):
        assert word in message


def test_an_unknown_figure_is_refused_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'robustness'"):
        load_paper().figure("robustnes")


def test_the_paper_has_at_least_ten_figures_and_every_drawing_is_used() -> None:
    paper = load_paper()
    assert len(paper.figures) >= 10
    assert {figure.drawing or figure.id for figure in paper.figures} == set(DRAWINGS)
    runs = sum(experiment.runs for (_, smoke), experiment in paper.experiments.items() if not smoke)
    assert f"{runs:,} runs in all" in (packaged_folder("experiments") / "paper.toml").read_text(encoding="utf-8")
    assert f"{runs:,} runs" in (Path(__file__).parents[2] / "docs" / "paper.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_drawing_has_its_three_functions(name: str) -> None:
    module = drawing(name)
    assert all(callable(getattr(module, part)) for part in ("data", "draw", "facts"))


def test_no_digit_of_a_result_stands_in_a_template() -> None:
    """What the paper says of its results is filled in: without the facts no digit is left."""
    paper = load_paper()
    texts = {figure.id: f"{figure.title} {figure.finding} {figure.caption}" for figure in paper.figures}
    template = TEMPLATE.read_text(encoding="utf-8")
    texts["report"] = template.replace("Results", "")
    for name, text in texts.items():
        left = PLACEHOLDER.sub("", text)
        assert not re.search(r"\d", left), f"{name}: {re.findall(r'.{20}[0-9]+.{20}', left)}"
        assert PLACEHOLDER.search(text)


def test_a_fact_that_is_not_there_is_refused() -> None:
    assert filled("{n} runs", {"n": "3"}, "here") == "3 runs"
    with pytest.raises(PaperError, match=r"here: there is no fact \{m\}; known are n"):
        filled("{m} runs", {"n": "3"}, "here")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((1.0, -0.5, 2.5), "different by an amount not distinguishable from zero (\u22120.5 to 2.5 states)"),
        ((1.0, 0.0, 2.0), "different by an amount not distinguishable from zero (0.0 to 2.0 states)"),
        ((0.0, 0.0, 0.0), "no different in any pair of runs"),
        ((1.5, 1.0, 2.0), "higher by 1.5 states (1.0 to 2.0)"),
        ((-1.5, -2.0, -1.0), "lower by 1.5 states (\u22122.0 to \u22121.0)"),
        ((1.5, float("nan"), float("nan")), "different by an unknown amount (one pair of runs only: +1.5 states)"),
        ((float("nan"), float("nan"), float("nan")), "unknown"),
    ],
)
def test_an_effect_is_told_by_its_interval(ends: tuple[float, float, float], words: str) -> None:
    assert effect(*ends, 1, "states") == words


def test_a_length_is_longer_or_shorter() -> None:
    assert effect(3.0, 2.0, 4.0, unit="months", up="longer") == "longer by 3 months (2 to 4)"
    assert effect(-3.0, -4.0, -2.0, unit="months", up="longer").startswith("shorter by 3 months")


def test_numbers_in_words() -> None:
    assert (number(-0.04, 1), number(1234.5), number(-2.0, 1)) == ("0.0", "1,234", "\u22122.0")
    assert (signed(0.04, 1), signed(2.0), signed(-2.0)) == ("0.0", "+2", "\u22122")
    assert span(-1.0, 2.0) == "\u22121 to 2"
    assert (listed([]), listed(["a"]), listed(["a", "b", "c"])) == ("none", "a", "a, b and c")
