"""Designs: the points each method makes, and the words with which a broken design is refused."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from normsim.errors import ScenarioWarning
from normsim.experiment import Experiment, load_experiment_text
from normsim.experiment.design import Block, points, uncertain
from normsim.parameters import records
from normsim.scenario import ScenarioError

A, B, WHOLE = "norm.recurrence", "norm.anchor", "ccw_dud_rate.tabled_after"


def rows(method: Any, factors: dict[str, Any], seed: int = 0, **more: Any) -> list[dict[str, Any]]:
    return Block(method, factors, **more).rows(seed)


def test_no_block_makes_one_point_without_values() -> None:
    assert points((), 0) == [{}]


def test_a_grid_is_every_combination_the_last_factor_fastest() -> None:
    assert rows("grid", {A: [0.5, 1.0], B: [0.0, 0.1]}) == [
        {A: 0.5, B: 0.0},
        {A: 0.5, B: 0.1},
        {A: 1.0, B: 0.0},
        {A: 1.0, B: 0.1},
    ]


def test_a_grid_spreads_steps_over_the_range_of_the_record_or_the_given_one() -> None:
    record = records()[A]
    assert [row[A] for row in rows("grid", {A: {"steps": 3}})] == [record.low, 1.0, record.high]
    assert [row[A] for row in rows("grid", {A: {"low": 1.5, "steps": 2}})] == [1.5, record.high]
    assert [row[A] for row in rows("grid", {A: {"high": 1.0, "steps": 3}})] == [0.0, 0.5, 1.0]


def test_a_grid_takes_words_and_switches() -> None:
    assert [row["ccw_dud_rate.rule"] for row in rows("grid", {"ccw_dud_rate.rule": ["consensus", "majority"]})] == [
        "consensus",
        "majority",
    ]
    assert [row["assurance.public"] for row in rows("grid", {"assurance.public": [True, False]})] == [True, False]


def test_a_zip_pairs_the_lists() -> None:
    assert rows("zip", {A: [0.5, 1.0], B: [0.0, 0.1]}) == [{A: 0.5, B: 0.0}, {A: 1.0, B: 0.1}]


def test_a_list_is_what_it_says_with_its_factors_in_one_order() -> None:
    made = rows("list", {}, listed=({A: 0.5, B: 0.0}, {B: 0.1, A: 1.5}))
    assert made == [{A: 0.5, B: 0.0}, {A: 1.5, B: 0.1}]
    assert [list(row) for row in made] == [[A, B], [A, B]]


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_range() -> None:
    made = rows("latin_hypercube", {A: {}, B: {"low": 0.1, "high": 0.2}}, points=16)
    for name, low, high in ((A, 0.0, 2.0), (B, 0.1, 0.2)):
        slices = np.floor((np.array([row[name] for row in made]) - low) / (high - low) * 16)
        assert sorted(slices) == list(range(16))


@pytest.mark.parametrize(("second", "runs"), [(False, 4 + 2), (True, 2 * 4 + 2)])
def test_a_sobol_sample_has_the_rows_that_its_indices_need(second: bool, runs: int) -> None:
    factors = {A: {}, B: {}, "norm.spill": {}, "norm.internalise": {}}
    made = rows("sobol", factors, points=8, second_order=second)
    assert len(made) == 8 * runs
    assert {name for row in made for name in row} == set(factors)
    first, *mixed, last = made[:runs]
    if not second:  # A, then A with one column of B each, then B
        for name, row in zip(factors, mixed, strict=True):
            assert {other for other in factors if row[other] != first[other]} == {name}
            assert row[name] == last[name]


def test_a_morris_sample_moves_one_factor_a_step_on_the_grid_of_levels() -> None:
    factors = {A: {}, B: {}, "norm.spill": {}}
    made = rows("morris", factors, trajectories=5, levels=4)
    assert len(made) == 5 * 4
    for start in range(0, 20, 4):
        trajectory = made[start : start + 4]
        moved = [[name for name in factors if a[name] != b[name]] for a, b in pairwise(trajectory)]
        assert sorted(name for names in moved for name in names) == sorted(factors)
    grid = np.linspace(0.0, 2.0, 4)
    assert all(np.isclose(grid, row[A]).any() for row in made)


@pytest.mark.parametrize("method", ["latin_hypercube", "sobol", "morris"])
def test_samplers_follow_the_seed_stay_in_range_and_make_whole_numbers_whole(method: str) -> None:
    sizes = {"trajectories": 4} if method == "morris" else {"points": 8}
    factors = {A: {"low": 0.2, "high": 0.4}, WHOLE: {"low": 3, "high": 20}}
    made, again, other = (rows(method, factors, seed, **sizes) for seed in (1, 1, 2))
    assert made == again
    assert made != other
    for row in made:
        assert 0.2 <= row[A] <= 0.4
        assert isinstance(row[WHOLE], int)
        assert 3 <= row[WHOLE] <= 20


def test_a_grid_over_a_whole_number_has_whole_numbers() -> None:
    values = [row[WHOLE] for row in rows("grid", {WHOLE: {"low": 0, "high": 5, "steps": 3}})]
    assert all(isinstance(value, int) for value in values)
    assert values == [0, 2, 5]


def test_blocks_are_multiplied_the_last_fastest() -> None:
    made = points((Block("grid", {A: [0.5, 1.0]}), Block("zip", {B: [0.0, 0.1], "norm.spill": [0.01, 0.02]})), 0)
    assert [tuple(row.values()) for row in made] == [
        (0.5, 0.0, 0.01),
        (0.5, 0.1, 0.02),
        (1.0, 0.0, 0.01),
        (1.0, 0.1, 0.02),
    ]


def test_every_scenario_has_every_point() -> None:
    experiment = Experiment.build(
        ["baseline", "ukraine_2023"], design=[{"method": "grid", "factors": {A: [0.5, 1.0]}}], months=6
    )
    assert [(p.index, p.scenario, p.values[A]) for p in experiment.points] == [
        (0, "baseline", 0.5),
        (1, "baseline", 1.0),
        (2, "ukraine_2023", 0.5),
        (3, "ukraine_2023", 1.0),
    ]
    assert experiment.scenario_of(3).name == "ukraine_2023"
    assert experiment.scenario_of(3).with_values({A: 1.0}).fingerprint() == experiment.scenario_of(3).fingerprint()


def test_uncertain_is_every_uncertain_parameter_but_the_names_and_groups_left_out() -> None:
    every = {name for name, record in records().items() if record.uncertain}
    assert set(uncertain()) == every
    left = set(uncertain([A, "harm.*"]))
    assert every - left == {A} | {name for name in every if name.startswith("harm.")}
    experiment = load_experiment_text(
        'scenarios = ["baseline"]\n[[design]]\nmethod = "morris"\nfactors = "uncertain"\ntrajectories = 2\n'
        f'except = ["{A}", "harm.*"]\n'
    )
    assert set(experiment.factors) == left
    assert len(experiment.points) == 2 * (len(left) + 1)


def test_smoke_takes_the_small_sizes_and_nothing_else() -> None:
    text = (
        'scenarios = ["baseline"]\nreplications = 50\n[[design]]\nmethod = "latin_hypercube"\npoints = 64\n'
        f'[design.factors]\n"{A}" = {{}}\n[smoke]\nreplications = 2\npoints = 4\nmonths = 6\n'
    )
    full, smoke = load_experiment_text(text), load_experiment_text(text, smoke=True)
    assert (len(full.points), full.replications) == (64, 50)
    assert (len(smoke.points), smoke.replications, smoke.scenarios[0].months) == (4, 2, 6)
    assert (smoke.seed, smoke.outcomes, smoke.factors) == (full.seed, full.outcomes, full.factors)


OFF = """scenarios = ["baseline", "history_2008"]
[[design]]
method = "grid"
[design.factors]
"bridge.transparency" = [0.1, 0.2]
"""


def test_a_factor_of_a_regime_that_is_off_everywhere_warns_once() -> None:
    with pytest.warns(ScenarioWarning) as caught:
        experiment = load_experiment_text(OFF, "mine.toml")
    assert [str(warning.message) for warning in caught] == [
        'mine.toml, line 5: design[1].factors."bridge.transparency": bridge.transparency has no effect, as its regime '
        "is off in baseline, history_2008; take the factor out, or set bridge.on"
    ]
    assert experiment.idle_factors() == {"bridge.transparency": ("baseline", "history_2008")}


def test_a_factor_that_acts_somewhere_does_not_warn() -> None:
    some = load_experiment_text(OFF.replace("history_2008", "bridge_repeatable_opaque"))
    assert some.idle_factors() == {"bridge.transparency": ("baseline",)}
    assert load_experiment_text(OFF + '"bridge.on" = [false, true]\n').idle_factors() == {}
    load_experiment_text('scenarios = ["baseline"]\n[[design]]\nmethod = "morris"\nfactors = "uncertain"\n')


def test_an_experiment_is_short_in_a_notebook_and_gives_its_points() -> None:
    design = [{"method": "grid", "factors": {A: [0.5, 1.0]}}]
    experiment = Experiment.build(["baseline", "ukraine_2023"], 3, design, title="A & B")
    assert repr(experiment) == "Experiment('experiment', 2 scenarios, 4 points, 3 replications, 12 runs)"
    assert "<b>A &amp; B</b>" in experiment._repr_html_()
    frame = experiment.to_frame()
    assert list(frame.columns) == ["point", "scenario", A]
    assert [tuple(row) for row in frame.itertuples(index=False)] == [
        (point.index, point.scenario, point.values[A]) for point in experiment.points
    ]


HEAD = 'scenarios = ["baseline"]\n'
GRID = HEAD + '[[design]]\nmethod = "grid"\n[design.factors]\n'

BROKEN: dict[str, tuple[str, int | None, str, tuple[str, ...]]] = {
    # text, line, key, words of the message
    "unknown key": (HEAD + "replicatons = 3\n", 2, "replicatons", ("unknown key", "did you mean 'replications'?")),
    "no scenarios": ("replications = 3\n", None, "scenarios", ("is missing", "a list of scenario names")),
    "empty scenarios": ("scenarios = []\n", 1, "scenarios", ("a list of scenario names",)),
    "unknown scenario": ('scenarios = ["basline"]\n', 1, "scenarios[1]", ("did you mean 'baseline'?",)),
    "scenario twice": ('scenarios = ["baseline", "baseline"]\n', 1, "scenarios", ("baseline twice",)),
    "replications": (HEAD + "replications = 0\n", 2, "replications", ("a whole number from 1 to 1,000,000",)),
    "replications in words": (HEAD + 'replications = "ten"\n', 2, "replications", ("a whole number from 1",)),
    "seed": (HEAD + "seed = -1\n", 2, "seed", ("a whole number, 0 or more",)),
    "seeds": (HEAD + 'seeds = "same"\n', 2, "seeds", ('"common"', '"independent"')),
    "months": (HEAD + "months = 0\n", 2, "months", ("a whole number from 1 to",)),
    "outcome": (HEAD + 'outcomes = ["scop"]\n', 2, "outcomes[1]", ("there is no outcome 'scop'", "'scope'")),
    "headline": (HEAD + 'outcomes = ["scope"]\nheadline = "stock"\n', 3, "headline", ("one of the outcomes",)),
    "keep": (HEAD + 'keep = ["movies"]\n', 2, "keep[1]", ('"series", "events", "states"',)),
    "method": (HEAD + '[[design]]\nmethod = "random"\n', 3, "design[1].method", ('"grid", "zip", "list"',)),
    "no method": (HEAD + "[[design]]\nlevels = 4\n", 2, "design[1].method", ("is missing",)),
    "unknown key of a block": (
        HEAD + '[[design]]\nmethod = "grid"\nfactor = 1\n',
        4,
        "design[1].factor",
        ("unknown key", "did you mean 'factors'?"),
    ),
    "unknown factor": (GRID + '"norm.recurence" = [1.0]\n', 5, "norm.recurence", ("did you mean 'norm.recurrence'?",)),
    "value out of range": (GRID + f'"{A}" = [0.5, 9.0]\n', 5, A, ("from 0 to 2",)),
    "value in words": (GRID + f'"{A}" = ["high"]\n', 5, A, ("a number from 0 to 2",)),
    "range beyond the record": (GRID + f'"{A}" = {{ high = 3.0, steps = 2 }}\n', 5, A, ("= 3", "from 0 to 2")),
    "range upside down": (GRID + f'"{A}" = {{ low = 1.5, high = 0.5, steps = 2 }}\n', 5, A, ("1.5 is not below",)),
    "range without steps": (GRID + f'"{A}" = {{ low = 0.5 }}\n', 5, A, ("{ low, high, steps }",)),
    "one step": (GRID + f'"{A}" = {{ steps = 1 }}\n', 5, A, ("a whole number of values on a grid, from 2",)),
    "unknown key of a range": (GRID + f'"{A}" = {{ lo = 1 }}\n', 5, A, ("unknown key", "did you mean 'low'?")),
    "empty list": (GRID + f'"{A}" = []\n', 5, A, ("an empty list makes no point",)),
    "not a list": (GRID + f'"{A}" = 0.5\n', 5, A, ("allowed is",)),
    "no factors": (HEAD + '[[design]]\nmethod = "grid"\n', 2, "design[1]", ("at least one factor",)),
    "zip of unequal lists": (
        HEAD + f'[[design]]\nmethod = "zip"\n[design.factors]\n"{A}" = [1.0]\n"{B}" = [0.1, 0.2]\n',
        4,
        "factors",
        ("equally long", f"{A} has 1, {B} has 2"),
    ),
    "zip of a range": (
        HEAD + f'[[design]]\nmethod = "zip"\n[design.factors]\n"{A}" = {{ steps = 3 }}\n',
        5,
        A,
        ("allowed is a list of values",),
    ),
    "list without points": (HEAD + '[[design]]\nmethod = "list"\n', 2, "points", ('method = "list"',)),
    "points on a grid": (
        HEAD + f'[[design]]\nmethod = "grid"\npoints = [{{ "{A}" = 1.0 }}]\n',
        4,
        "points",
        ('goes with method = "list"',),
    ),
    "holes in a list": (
        HEAD + f'[[design]]\nmethod = "list"\npoints = [{{ "{A}" = 1.0 }}, {{ "{B}" = 0.1 }}]\n',
        4,
        "points",
        (f"point 1 lacks {B}",),
    ),
    "list out of range": (
        HEAD + f'[[design]]\nmethod = "list"\npoints = [{{ "{A}" = 9.0 }}]\n',
        4,
        A,
        ("from 0 to 2",),
    ),
    "sobol without a power of two": (
        HEAD + f'[[design]]\nmethod = "sobol"\npoints = 100\nfactors = {{ "{A}" = {{}} }}\n',
        4,
        "points",
        ("a power of two, such as 256",),
    ),
    "odd levels": (
        HEAD + f'[[design]]\nmethod = "morris"\nlevels = 5\nfactors = {{ "{A}" = {{}} }}\n',
        4,
        "levels",
        ("an even number of levels",),
    ),
    "sampled switch": (
        HEAD + '[[design]]\nmethod = "latin_hypercube"\n[design.factors]\n"assurance.public" = {}\n',
        5,
        "assurance.public",
        ("a switch has no range to sample",),
    ),
    "sampled list": (
        HEAD + f'[[design]]\nmethod = "latin_hypercube"\npoints = 4\n[design.factors]\n"{A}" = [0.5, 1.0]\n',
        6,
        A,
        ("low", "high"),
    ),
    "unknown exception": (
        HEAD + '[[design]]\nmethod = "morris"\nfactors = "uncertain"\nexcept = ["norm.recurence"]\n',
        5,
        "except",
        ("did you mean 'norm.recurrence'?",),
    ),
    "factor in two blocks": (
        GRID + f'"{A}" = [0.5]\n[[design]]\nmethod = "grid"\n[design.factors]\n"{A}" = [1.0]\n',
        None,
        "design",
        (f"{A} stands in two blocks",),
    ),
    "a regime without the one it needs": (
        GRID + '"ccw_dud_rate.on" = [true, false]\n"two_track.on" = [true]\n',
        None,
        "design",
        ("two_track", "add [regime.ccw_dud_rate]"),
    ),
    "smoke": (HEAD + "[smoke]\nrelications = 2\n", 3, "smoke.relications", ("unknown key", "'replications'")),
    "no toml": ("scenarios = [baseline]\n", 1, "", ("1",)),
    "a path in an upload": ('scenarios = ["mine.toml"]\n', 1, "scenarios[1]", ("packaged scenarios only",)),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_with_its_place_and_what_to_do(kind: str) -> None:
    text, line, key, words = BROKEN[kind]
    with pytest.raises(ScenarioError) as caught:
        load_experiment_text(text, "mine.toml")
    told = str(caught.value)
    assert told.startswith("mine.toml: " if line is None else f"mine.toml, line {line}: "), told
    for word in (key, *words):
        assert word in told
