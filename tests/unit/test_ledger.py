"""The ledger: what a file may say, what is refused and how, and that every claim of the packaged one can be tested."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from normsim.claims import Ledger, load_ledger
from normsim.claims.breakeven import break_even
from normsim.claims.judge import Evidence, judge
from normsim.claims.trials import fixed_by, runs_needed, trials
from normsim.claims.verdict_table import COLUMNS, cells, effect_text, latex, markdown, remark
from normsim.engine.simulate import Run, simulate
from normsim.experiment.experiment import OUTCOME_NAMES
from normsim.parameters import records
from normsim.references import references
from normsim.scenario import Scenario, ScenarioError
from tests.contract.test_mechanisms import LEFT_OUT, MECHANISMS
from tests.contract.test_mechanisms import ROWS as MECHANISM_ROWS

FILE = """
title = "Two claims"
months = 12
replications = 3
points = 4
point_replications = 2
[smoke]
points = 2
[arm.clear]
scenario = "bridge_repeatable_opaque"
values = { "bridge.clear_standard" = 0.9 }
[[claim]]
id = "clear"
claim = "A clear standard keeps scope."
mechanisms = [42]
baseline = "bridge_repeatable_opaque"
scenario = "clear"
outcome = "scope"
direction = "higher"
matters = 0.02
because = "a reason"
null = { "norm.scope_erode" = 0.0 }
[[claim]]
id = "talk"
claim = "Talk holds."
mechanisms = [56]
baseline = "no_transfer_2023"
scenario = "ukraine_2023"
outcome = "votes_yes"
direction = "same"
matters = 5
because = "a reason"
null = { "norm.anchor" = 0.0 }
"""


@pytest.fixture(scope="module")
def packaged() -> Ledger:
    return load_ledger()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_is_read_as_written(file: Path) -> None:
    ledger = load_ledger(file)
    assert ledger.name == "two"
    assert [claim.id for claim in ledger.claims] == ["clear", "talk"]
    assert ledger.claims[0].null == {"norm.scope_erode": 0.0}
    assert ledger.claims[0].null_parameter == "norm.scope_erode = 0"
    assert ledger.arms["clear"].values["bridge.clear_standard"] == 0.9
    assert {arm.months for arm in ledger.arms.values()} == {12}
    assert {name: arm.name for name, arm in ledger.arms.items()} == {name: name for name in ledger.arms}
    assert (ledger.points, load_ledger(file, smoke=True).points) == (4, 2)


BROKEN = {
    "an unknown key": (
        'because = "a reason"\nnull = { "norm.a',
        'becuase = "x"\nnull = { "norm.a',
        r"becuase.*because",
    ),
    "a missing key": ("matters = 5\n", "", r"claim\[2\]\.matters: is missing"),
    "an unknown arm": ('scenario = "clear"', 'scenario = "cleer"', r"claim\[1\]\.scenario.*did you mean 'clear'"),
    "an unknown scenario": ('"no_transfer_2023"', '"no_transfer_2032"', r"did you mean 'no_transfer_2023'"),
    "an arm of nothing": ('scenario = "bridge_repeatable_opaque"', 'scenario = "bridge"', r"arm\.clear\.scenario"),
    "an arm called as a scenario": ("[arm.clear]", "[arm.baseline]", r"a scenario has that name"),
    "an unknown outcome": ('outcome = "scope"', 'outcome = "scop"', r"did you mean 'scope'"),
    "an unknown direction": ('direction = "same"', 'direction = "equal"', r'"higher", "lower" or "same"'),
    "a mechanism too many": ("mechanisms = [56]", "mechanisms = [57]", r"from 1 to 56"),
    "nothing that matters": ("matters = 0.02", "matters = 0.0", r"a number above 0"),
    "an unknown null": ('"norm.scope_erode" = 0.0', '"norm.scope_erod" = 0.0', r"norm\.scope_erode"),
    "a null out of range": ('"norm.scope_erode" = 0.0', '"norm.scope_erode" = 9.0', r"from 0 to 5"),
    "no null": ('null = { "norm.anchor" = 0.0 }', "null = {}", r"claim\[2\]\.null"),
    "a null that changes nothing": ('{ "norm.anchor" = 0.0 }', '{ "norm.anchor" = 0.02 }', r"changes nothing"),
    "a value out of range": ('"bridge.clear_standard" = 0.9', '"bridge.clear_standard" = 9', r"from 0 to 1"),
    "two of one name": ('id = "talk"', 'id = "clear"', r"a second claim of that name"),
    "a name with spaces": ('id = "talk"', 'id = "the talk"', r"small letters, digits and hyphens"),
    "one arm against itself": ('scenario = "ukraine_2023"', 'scenario = "no_transfer_2023"', r"run the same"),
    "a sweep that falls": (
        "matters = 5\n",
        'matters = 5\nsweep = { "norm.internalise" = [0.1, 0.0] }\n',
        r"rising numbers",
    ),
    "an unknown sweep": (
        "matters = 5\n",
        'matters = 5\nsweep = { "norm.internalize" = [0.0, 0.1] }\n',
        r"norm\.internalise",
    ),
    "a sweep that cannot be run": (
        "matters = 5\n",
        'matters = 5\nsweep = { "two_track.on" = [false, true] }\n',
        r"claim\[2\]\.sweep: ",
    ),
    "an arm with a hyphen": ("[arm.clear]", "[arm.clear-standard]", r"arm\.clear-standard: .*underscores"),
    "an unknown reference": ("months = 12", 'references = ["Wexler2032"]\nmonths = 12', r"did you mean 'Wexler20"),
    "one replication": ("replications = 3\n", "replications = 1\n", r"from 2"),
}


@pytest.mark.parametrize(("old", "new", "told"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_taken_is_named(file: Path, old: str, new: str, told: str) -> None:
    assert FILE.count(old) >= 1
    file.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError, match=told) as caught:
        load_ledger(file)
    assert str(caught.value).startswith("two.toml, line ")


def test_an_empty_ledger_is_told_in_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"none\.toml: empty; a ledger has a title, and claims"):
        load_ledger(tmp_path / "none.toml")


@pytest.mark.parametrize("which", ["claim", "no/such.toml"])
def test_a_ledger_that_is_not_there(which: str) -> None:
    with pytest.raises(ScenarioError):
        load_ledger(which)


def test_an_unknown_claim_names_the_nearest(file: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no claim 'tlak'; did you mean 'talk'"):
        load_ledger(file).chosen(["tlak"])
    assert [claim.id for claim in load_ledger(file).chosen(["talk"])] == ["talk"]


def test_arms_are_run_once_and_uncertain_values_stay_fixed(file: Path) -> None:
    file.write_text(FILE.replace('"bridge.clear_standard" = 0.9', '"norm.internalise" = 0.0'), encoding="utf-8")
    ledger = load_ledger(file)
    defaults, *spaces = trials(ledger, ledger.claims)
    assert len(defaults.arms) == 8
    assert [trial.fixed for trial in spaces] == [(), ("norm.internalise",)]
    assert fixed_by(ledger.arms.values()) == ("norm.internalise",)
    experiment = spaces[1].experiment(ledger)
    assert "norm.internalise" not in experiment.factors
    assert "norm.internalise" in spaces[0].experiment(ledger).factors
    assert runs_needed(ledger) == 8 * 3 + 2 * (2 * 4 * 2)


def test_a_sweep_runs_both_arms_at_each_level(file: Path) -> None:
    file.write_text(FILE.replace("matters = 5\n", 'matters = 5\nsweep = { "norm.anchor" = [0.0, 0.1] }\n'), "utf-8")
    ledger = load_ledger(file)
    swept = ledger.sweep_arms(ledger.claims[1])
    assert [level for level, _, _ in swept] == [0.0, 0.1]
    assert [arm.values["norm.anchor"] for _, _, arm in swept] == [0.0, 0.1]
    # at 0.0 they are the null arms, which are run already
    assert len(trials(ledger, ledger.claims)[0].arms) == 8 + 2


def test_a_break_even_is_where_the_lines_cross() -> None:
    levels = np.array([0.0, 0.5, 1.0])
    luck = np.random.default_rng(1).normal(0.0, 0.5, (3, 200))
    told = break_even("x.y", levels, np.array([[-1.0], [0.0], [1.0]]) + 0.25 + luck)
    value, low, high = map(float, re.findall(r"0\.\d+", told))
    assert told.startswith("x.y = ")
    assert low < value < high
    assert value == pytest.approx(0.375, abs=0.05)
    assert break_even("x.y", levels, luck + 1.0) == "none: as claimed at every level of x.y from 0 to 1"
    assert break_even("x.y", levels, luck - 1.0).startswith("none: the other way")
    assert break_even("x.y", levels, luck * 20.0).startswith("too uncertain")
    assert break_even("x.y", levels, luck * 0.0) == "no run differs at any level"
    assert break_even("x.y", levels, luck[:, :0]) == "no pair of runs is done at every level"


def test_arms_share_their_luck_at_a_point_and_points_do_not(file: Path) -> None:
    ledger = load_ledger(file)
    experiment = trials(ledger, ledger.claims)[1].experiment(ledger)
    rows = len(experiment.points) // len(experiment.scenarios)
    seeds = np.array([[experiment.seed_of(point, r) for r in range(2)] for point in range(len(experiment.points))])
    by_arm = seeds.reshape(len(experiment.scenarios), rows, 2)
    assert (by_arm == by_arm[0]).all()
    assert len(np.unique(by_arm[0])) == rows * 2


class TestPackaged:
    def test_it_covers_the_argument(self, packaged: Ledger) -> None:
        assert len(packaged.claims) >= 24
        numbers = {number for claim in packaged.claims for number in claim.mechanisms}
        carried = {number for number, _, carrier, _ in MECHANISM_ROWS if carrier != LEFT_OUT}
        assert numbers <= carried, "a claim rests on a mechanism that the model leaves out"
        assert numbers <= set(MECHANISMS)
        assert len(numbers) >= 30

    def test_every_claim_says_what_it_needs(self, packaged: Ledger) -> None:
        for claim in packaged.claims:
            assert claim.sentence.endswith("."), claim.id
            assert claim.outcome in OUTCOME_NAMES
            assert claim.matters > 0.0
            assert len(claim.because.split()) >= 5, claim.id
            assert set(claim.null) <= set(records())
        assert len({claim.sentence for claim in packaged.claims}) == len(packaged.claims)
        assert set(packaged.references) <= set(references())

    def test_its_sizes_are_those_promised(self, packaged: Ledger) -> None:
        assert packaged.points >= 500
        assert packaged.replications >= 100
        assert runs_needed(packaged) < 120_000
        assert runs_needed(load_ledger(smoke=True)) < 2_000

    def test_every_arm_is_used(self, packaged: Ledger) -> None:
        used = {arm for claim in packaged.claims for arm in (claim.baseline, claim.scenario)}
        assert used == set(packaged.arms)


RARE = {"exit-contagion": 3}
"""Claims whose arms differ in few runs, as few exits follow another, and a seed with which they do."""

MONTHS = 120
"""Months of a run: half of those of the ledger, long enough for every mechanism to act."""


@cache
def run(arm: Scenario, seed: int) -> Run:
    """A run of an arm, which several claims may share."""
    return simulate(arm.with_months(MONTHS), seed, log_level=0)


def differ(arms: list[Scenario], seed: int) -> bool:
    """Whether two arms run differently with a seed."""
    one, other = (run(arm, seed) for arm in arms)
    return one.digest() != other.digest()


def test_arms_act_and_nulls_switch_off(packaged: Ledger) -> None:
    """In each claim the two arms run differently, and with the null values their outcome hardly does."""
    for claim in packaged.claims:
        arms = [packaged.arms[name] for name in (claim.baseline, claim.scenario)]
        seeds = [RARE[claim.id]] if claim.id in RARE else range(2)
        assert any(differ(arms, seed) for seed in seeds), claim.id
        first, second = packaged.null_arms(claim)
        left = [
            run(second, seed).summary()[claim.outcome] - run(first, seed).summary()[claim.outcome] for seed in range(2)
        ]
        assert abs(np.mean(left)) <= claim.matters, claim.id
    run.cache_clear()


def _rows():
    """Two claims with their verdicts."""
    import pandas as pd

    size = (60, 3)
    rng = np.random.default_rng(3)
    evidence = Evidence(
        "lower",
        0.02,
        rng.normal(-0.1, 0.01, 50),
        np.zeros(50),
        rng.normal(-0.1, 0.01, size),
        rng.random((60, 2)),
        ("a", "b"),
    )
    found = judge([evidence])[0]
    row = {"id": "first_one", "claim": "It falls.", "mechanisms": "1, 2", "outcome": "scope", "unit": "0-1"}
    row |= {"direction": "lower", "matters": 0.02, "effect": found.effect.value, "low": found.effect.low}
    row |= {"high": found.effect.high, "p_corrected": found.p_corrected, "share_sign": found.sign.value}
    row |= {"share_matters": found.matters.value, "null_kills": found.null_kills, "verdict": found.verdict}
    row |= {"supported": found.supported}
    row |= {
        "condition": "",
        "share_none": 0.0,
        "break_even": "",
        "null_parameter": "a | b = 0",
        "baseline": "x",
        "scenario": "y",
    }
    large = row | {
        "id": "second",
        "matters": 1.0e6,
        "effect": -2.5e6,
        "low": -3.0e6,
        "high": -2.0e6,
        "share_sign": np.nan,
    }
    return pd.DataFrame([row, large])


def test_cells_say_the_numbers() -> None:
    first, second = (cells(row) for row in _rows().to_dict("records"))
    assert first[0] == "first_one"
    assert re.fullmatch(r"-0\.\d{3} \(-0\.\d{3}, -0\.\d{3}\)", first[1])
    assert first[2:] == ("<.001", "100%", "100%", "gone", "robust")
    assert second[1] == "-2.5M (-3.0M, -2.0M)"
    assert second[3] == "-"
    assert cells(_rows().to_dict("records")[0] | {"supported": False})[5] == "-", "nothing is there to be gone"
    assert cells(_rows().to_dict("records")[0] | {"null_kills": False})[5] == "left"
    assert effect_text({"matters": 10.0, "effect": 0.04, "low": -0.2, "high": 12.0}) == "0 (0, +12)"
    assert (
        effect_text({"matters": 1000.0, "effect": -23120.0, "low": -26203.0, "high": -40.0}) == "-23.1k (-26.2k, 0.0k)"
    )


def test_a_remark_says_where_nothing_happens() -> None:
    assert remark({"condition": "", "share_none": 0.0}) == ""
    assert remark({"condition": "on x", "share_none": 0.25}) == "on x; no run differs at 25% of points"


def test_markdown_and_latex_are_whole_tables() -> None:
    table = _rows()
    lines = markdown(table).splitlines()
    assert lines[0] == "| " + " | ".join(COLUMNS) + " |"
    assert all(line.count("|") == len(COLUMNS) + 1 for line in lines[:4])
    text = latex(table)
    assert r"first\_one" in text
    assert "& $<$.001 &" in text
    assert not re.search(r"(?<!\$)[<>|](?!\$)", text), "in text these are other signs"
    assert "($-$" in text
    body = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len(body) == 3
    assert all(line.count(" & ") == len(COLUMNS) - 1 for line in body)
    assert "100\\%" in text
