"""Paired effects of an experiment: planted differences come out, and what cannot be paired is refused."""

import math

import numpy as np
import pytest
from scipy import stats

from normsim.analysis import AnalysisError
from normsim.analysis.effects import paired_effects, replications_needed
from tests.experiments import FakeResults

LUCK = [10.0, 40.0, 20.0, 70.0]
"""What every point shares with others of the same replication: far more than any effect."""

OWN = [1.0, 2.0, 3.0, 6.0]
"""Differences of the banned scenario, run by run: mean 3, sum of squares about it 14."""


def model(scenario, row, replication):
    banned = scenario == "ban"
    shift = 5.0 * row.get("norm.recurrence", 0.0)
    return {
        "scope": LUCK[replication] + banned * OWN[replication] + shift,
        "users": LUCK[replication],
        "stock": LUCK[replication] - 2.0 * banned,
    }


@pytest.fixture
def two() -> FakeResults:
    return FakeResults(model, ("baseline", "ban"), replications=4)


@pytest.fixture
def grid() -> FakeResults:
    rows = [{"norm.recurrence": a, "harm.gap": b} for a in (0.0, 0.5, 1.0) for b in (1.0, 2.0)]
    return FakeResults(model, ("baseline", "ban"), rows, replications=4)


def row_of(frame, **where):
    for column, value in where.items():
        frame = frame[frame[column.replace("__", ".")] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_the_t_interval_by_hand(two) -> None:
    row = row_of(paired_effects(two, "baseline"), outcome="scope")
    error = math.sqrt(14 / 3) / 2
    assert (row["scenario"], row["n"], row["of"]) == ("ban", 4, 4)
    assert (row["baseline_mean"], row["mean"], row["difference"]) == (35.0, 38.0, 3.0)
    assert row["mc_error"] == pytest.approx(error, rel=1e-12)
    # 97.5th percentile of Student's t with 3 degrees of freedom, from a printed table
    assert row["low"] == pytest.approx(3.0 - 3.18245 * error, rel=1e-4)
    assert row["high"] == pytest.approx(3.0 + 3.18245 * error, rel=1e-4)
    assert row["verdict"] == "not distinguishable from zero"


def test_the_verdict_says_the_sign(two) -> None:
    effects = paired_effects(two, "baseline").set_index("outcome")
    assert effects.loc["stock", "verdict"] == "lower"
    assert effects.loc["stock", ["difference", "low", "high"]].tolist() == [-2.0, -2.0, -2.0]
    assert effects.loc["users", "verdict"] == "not distinguishable from zero"
    back = paired_effects(two, "ban", ["stock"]).iloc[0]
    assert (back["verdict"], back["difference"]) == ("higher", 2.0)


def test_pairing_takes_out_the_luck_that_runs_share(two) -> None:
    """Unpaired, the standard deviation of about 27 would bury a difference of 2."""
    assert paired_effects(two, "baseline", ["stock"]).iloc[0]["mc_error"] == 0.0


def test_the_order_of_rows_does_not_matter(grid) -> None:
    before = paired_effects(grid, "baseline")
    grid.table = grid.table.sample(frac=1.0, random_state=3)
    grid.points = grid.points.sample(frac=1.0, random_state=4)
    after = paired_effects(grid, "baseline")
    assert after.equals(before)


def test_a_point_meets_the_baseline_of_the_same_factors(grid) -> None:
    effects = paired_effects(grid, "baseline", ["scope"])
    assert len(effects) == 6
    assert set(effects["difference"]) == {3.0}
    assert row_of(effects, norm__recurrence=1.0, harm__gap=2.0)["baseline_mean"] == 40.0


def test_levels_of_a_factor_are_compared_with_one_of_them(grid) -> None:
    effects = paired_effects(grid, "norm.recurrence=0", ["scope"])
    assert set(effects["norm.recurrence"]) == {0.5, 1.0}
    assert len(effects) == 2 * 2 * 2
    for level in (0.5, 1.0):
        assert set(effects.loc[effects["norm.recurrence"] == level, "difference"]) == {5.0 * level}


def test_points_that_repeat_are_paired_in_order() -> None:
    """A sampled design may hold the same factor values twice."""
    results = FakeResults(model, ("baseline", "ban"), [{"harm.gap": 1.0}] * 3, replications=4)
    assert paired_effects(results, "baseline", ["stock"])["difference"].tolist() == [-2.0] * 3


def test_a_run_that_is_missing_is_said(two) -> None:
    two.table = two.table.drop(index=[3])
    row = row_of(paired_effects(two, "baseline"), outcome="scope")
    assert (row["n"], row["of"], row["difference"]) == (3, 4, 2.0)


def test_a_value_that_is_missing_takes_its_pair_out(two) -> None:
    two.table.loc[7, "scope"] = math.nan
    effects = paired_effects(two, "baseline").set_index("outcome")
    assert effects.loc["scope", ["n", "difference"]].tolist() == [3, 2.0]
    assert effects.loc["stock", "n"] == 4


def test_a_point_without_runs_stays_in_the_table(two) -> None:
    two.table = two.table[two.table["scenario"] == "baseline"]
    row = row_of(paired_effects(two, "baseline"), outcome="scope")
    assert (row["n"], row["verdict"]) == (0, "no pair of runs")
    assert math.isnan(row["difference"])


def test_one_pair_has_no_interval() -> None:
    row = paired_effects(FakeResults(model, ("baseline", "ban")), "baseline", ["scope"]).iloc[0]
    assert (row["difference"], row["verdict"]) == (1.0, "no interval")
    assert math.isnan(row["low"])


def test_the_bootstrap_is_that_of_scipy_and_repeatable(two) -> None:
    first, again = (paired_effects(two, "baseline", ["scope"], "bootstrap").iloc[0] for _ in range(2))
    assert first.equals(again)
    direct = stats.bootstrap((np.array(OWN),), np.mean, n_resamples=1999, method="BCa", rng=20231124)
    assert (first["low"], first["high"]) == tuple(direct.confidence_interval)
    assert 1.0 <= first["low"] < 3.0 < first["high"] <= 6.0
    assert "seed 20231124" in first["interval"]


def test_a_bootstrap_of_equal_differences_is_that_difference(two) -> None:
    row = paired_effects(two, "baseline", ["stock"], "bootstrap").iloc[0]
    assert (row["low"], row["high"], row["verdict"]) == (-2.0, -2.0, "lower")


def test_about_one_interval_in_twenty_misses() -> None:
    noise = np.random.default_rng(5).normal(size=(400, 12))
    results = FakeResults(
        lambda scenario, row, r: {"scope": noise[int(row["a.b"]), r] * (scenario == "ban")},
        ("baseline", "ban"),
        [{"a.b": float(place)} for place in range(400)],
        replications=12,
    )
    missed = (paired_effects(results, "baseline")["verdict"] != "not distinguishable from zero").mean()
    assert 0.02 < missed < 0.09


def test_replications_needed_are_the_fewest_that_do() -> None:
    for deviation, half in ((1.0, 0.5), (2.16, 1.0), (1.0, 0.01), (3.0, 40.0)):
        n = replications_needed(deviation, half)
        assert stats.t.ppf(0.975, n - 1) * deviation / math.sqrt(n) <= half
        assert n == 2 or stats.t.ppf(0.975, n - 2) * deviation / math.sqrt(n - 1) > half
    # the textbook number: for a half-width of half a standard deviation, 18
    assert replications_needed(1.0, 0.5) == 18
    assert replications_needed(0.0, 0.5) == 2
    assert replications_needed(1.0, 1e-9) is None


def test_needed_is_told_only_when_asked(two) -> None:
    assert paired_effects(two, "baseline")["needed"].isna().all()
    effects = paired_effects(two, "baseline", half_width=1.0).set_index("outcome")
    assert effects.loc["scope", "needed"] == replications_needed(math.sqrt(14 / 3), 1.0)
    assert effects.loc["stock", "needed"] == 2


def test_pooled_by_hand() -> None:
    """Two points with effects 1 and 3 in every run: mean 2, and the points alone say how sure it is."""
    results = FakeResults(
        lambda scenario, row, r: {"scope": LUCK[r] + (scenario == "ban") * row["a.b"]},
        ("baseline", "ban"),
        [{"a.b": 1.0}, {"a.b": 3.0}],
        replications=4,
    )
    row = paired_effects(results, "baseline", pooled=True).iloc[0]
    assert (row["scenario"], row["points"], row["n"], row["of"], row["difference"]) == ("ban", 2, 8, 8, 2.0)
    # standard deviation of 1 and 3 over the root of 2
    assert row["mc_error"] == pytest.approx(1.0, rel=1e-12)
    assert row["high"] == pytest.approx(2.0 + 12.7062, rel=1e-4)


def test_pooled_counts_the_luck_that_points_share() -> None:
    """A hundred points that differ by the same four numbers are four numbers."""
    results = FakeResults(
        lambda scenario, row, r: {"scope": (scenario == "ban") * OWN[r]},
        ("baseline", "ban"),
        [{"a.b": float(place)} for place in range(100)],
        replications=4,
    )
    row = paired_effects(results, "baseline", pooled=True).iloc[0]
    assert row["mc_error"] == pytest.approx(math.sqrt(14 / 3) / 2, rel=1e-2)
    assert row["verdict"] == "not distinguishable from zero"


def test_one_point_pooled_is_that_point(two) -> None:
    columns = ["difference", "low", "high", "n", "mc_error"]
    alone, pooled = (paired_effects(two, "baseline", ["scope"], pooled=each).iloc[0] for each in (False, True))
    assert pooled[columns].tolist() == alone[columns].tolist()


def test_one_seed_pooled_has_no_interval() -> None:
    """However many points: what they have in common may be luck."""
    results = FakeResults(model, ("baseline", "ban"), [{"harm.gap": float(place)} for place in range(9)])
    row = paired_effects(results, "baseline", ["scope"], pooled=True).iloc[0]
    assert (row["n"], row["difference"], row["verdict"]) == (9, 1.0, "no interval")


def test_pooled_intervals_cover_what_is_true() -> None:
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(60):
        by_point, by_seed, own = rng.normal(size=8), rng.normal(size=8), rng.normal(size=(8, 8))
        results = FakeResults(
            lambda s, row, r, p=by_point, q=by_seed, e=own: {
                "scope": (s == "ban") * (p[int(row["a.b"])] + q[r] + e[int(row["a.b"]), r])
            },
            ("baseline", "ban"),
            [{"a.b": float(place)} for place in range(8)],
            replications=8,
        )
        row = paired_effects(results, "baseline", pooled=True).iloc[0]
        hits += row["low"] <= 0.0 <= row["high"]
    assert 0.85 < hits / 60 < 1.0


def test_pooled_levels_are_told_apart(grid) -> None:
    effects = paired_effects(grid, "norm.recurrence=0", ["scope"], pooled=True)
    told = {(r["scenario"], r["norm.recurrence"]): r["difference"] for r in effects.to_dict("records")}
    assert told == {("baseline", 0.5): 2.5, ("baseline", 1.0): 5.0, ("ban", 0.5): 2.5, ("ban", 1.0): 5.0}


def test_other_seeds_are_refused() -> None:
    results = FakeResults(model, ("baseline", "ban"), replications=4, common=False)
    with pytest.raises(AnalysisError, match=r"different seeds in replication 0, 1, 2, 3.*seeds = \"common\""):
        paired_effects(results, "baseline")


@pytest.mark.parametrize(
    ("baseline", "outcomes", "options", "message"),
    [
        ("basline", None, {}, "did you mean 'baseline'"),
        ("norm.recurence=0", None, {}, "did you mean 'norm.recurrence'"),
        ("norm.recurrence=0.3", None, {}, r"norm.recurrence is 0, 0.5, 1"),
        ("baseline", ["scop"], {}, "did you mean 'scope'"),
        ("baseline", None, {"interval": "normal"}, "allowed are t and bootstrap"),
        ("baseline", None, {"half_width": 0.0}, "a number above 0"),
        ("baseline", None, {"pooled": True, "half_width": 1.0}, "leave out"),
    ],
)
def test_what_cannot_be_taken_says_what_can(grid, baseline, outcomes, options, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        paired_effects(grid, baseline, outcomes, **options)


def test_the_only_scenario_is_no_baseline() -> None:
    results = FakeResults(model, rows=[{"norm.recurrence": 0.0}, {"norm.recurrence": 1.0}], replications=4)
    with pytest.raises(AnalysisError, match=r"such as norm.recurrence=0"):
        paired_effects(results, "baseline")


def test_levels_of_a_sample_have_no_counterpart() -> None:
    rows = [{"norm.recurrence": 0.0, "harm.gap": 1.0}, {"norm.recurrence": 1.0, "harm.gap": 2.0}]
    with pytest.raises(AnalysisError, match=r"1 of 1 points \(point 1\).*as in a grid"):
        paired_effects(FakeResults(model, rows=rows, replications=4), "norm.recurrence=0")


def test_no_run_is_no_result(two) -> None:
    two.table = two.table.iloc[:0]
    with pytest.raises(AnalysisError, match="batch resume"):
        paired_effects(two, "baseline")
