"""Sensitivity indices against functions whose indices are known, and designs that have none."""

import math

import numpy as np
import pytest

from normsim.analysis import AnalysisError
from normsim.analysis.sensitivity import noise_share, sensitivity_indices
from normsim.figures.sensitivity_plot import MOST, draw
from normsim.figures.style import save
from tests.experiments import FakeResults

A, B = 7.0, 0.1
NAMES = ("x.one", "x.two", "x.three")


def ishigami(row) -> float:
    one, two, three = (row[name] for name in NAMES)
    return math.sin(one) + A * math.sin(two) ** 2 + B * three**4 * math.sin(one)


def analytic() -> dict[tuple[str, str], float]:
    """First and total indices of Ishigami's function (Ishigami and Homma 1990)."""
    v1 = 0.5 * (1 + B * math.pi**4 / 5) ** 2
    v2 = A**2 / 8
    v13 = B**2 * math.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    shares = {
        "S1": (v1 / v, v2 / v, 0.0),
        "ST": ((v1 + v13) / v, v2 / v, v13 / v),
    }
    return {(index, name): value for index, values in shares.items() for name, value in zip(NAMES, values, strict=True)}


def sobol_rows(base: int, second_order: bool = False) -> list[dict[str, float]]:
    from SALib.sample import sobol

    problem = {"num_vars": 3, "names": list(NAMES), "bounds": [[-math.pi, math.pi]] * 3}
    sample = sobol.sample(problem, base, calc_second_order=second_order, seed=3)
    return [dict(zip(NAMES, map(float, row), strict=True)) for row in sample]


def sobol_results(base: int, second_order: bool = False, model=None, **more) -> FakeResults:
    block = {"method": "sobol", "second_order": second_order}
    model = model or (lambda scenario, row, replication: {"y": ishigami(row)})
    return FakeResults(model, rows=sobol_rows(base, second_order), blocks=[block], **more)


def morris_results(model, trajectories: int = 6, **more) -> FakeResults:
    from SALib.sample import morris

    problem = {"num_vars": 3, "names": list(NAMES), "bounds": [[0.0, 1.0], [10.0, 30.0], [-5.0, 5.0]]}
    sample = morris.sample(problem, trajectories, num_levels=4, seed=2)
    rows = [dict(zip(NAMES, map(float, row), strict=True)) for row in sample]
    return FakeResults(model, rows=rows, blocks=[{"method": "morris", "levels": 4}], **more)


def linear(scenario, row, replication):
    """Over each factor's range the outcome changes by 3, by -40 and by nothing."""
    return {"y": 3.0 * row["x.one"] - 2.0 * row["x.two"] + replication}


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_indices_of_ishigami(second_order: bool) -> None:
    found = sensitivity_indices(sobol_results(2048, second_order)).set_index(["index", "factor"])
    assert len(found) == 6
    for key, value in analytic().items():
        row = found.loc[key]
        assert row["value"] == pytest.approx(value, rel=0.03, abs=0.02), key
        assert row["low"] < value < row["high"], key


def test_the_order_of_rows_does_not_matter() -> None:
    results = sobol_results(64)
    before = sensitivity_indices(results)
    results.table = results.table.sample(frac=1.0, random_state=1)
    results.points = results.points.sample(frac=1.0, random_state=2)
    after = sensitivity_indices(results)
    assert after.equals(before)
    assert before["value"].max() > 0.3


def test_morris_of_a_linear_function() -> None:
    found = sensitivity_indices(morris_results(linear)).set_index(["factor", "index"])
    for factor, size in zip(NAMES, (3.0, 40.0, 0.0), strict=True):
        row = found.loc[(factor, "mu_star")]
        np.testing.assert_allclose(row[["value", "low", "high"]].to_numpy(float), size, rtol=1e-9, atol=1e-9)
        sigma = found.loc[(factor, "sigma")]
        assert sigma["value"] == pytest.approx(0.0, abs=1e-9)
        assert math.isnan(sigma["low"])


def test_morris_tells_an_interaction_by_sigma() -> None:
    found = sensitivity_indices(morris_results(lambda s, row, r: {"y": row["x.one"] * row["x.three"]}, 40))
    sigma = found[found["index"] == "sigma"].set_index("factor")["value"]
    assert sigma["x.one"] > 1.0
    assert sigma["x.three"] > 1.0
    assert sigma["x.two"] == 0.0


def test_scenarios_and_outcomes_have_their_own_indices() -> None:
    def model(scenario, row, replication):
        return {"y": row["x.one"] * (1.0 if scenario == "baseline" else 2.0), "z": row["x.three"]}

    found = sensitivity_indices(morris_results(model, scenarios=("baseline", "ban")))
    sizes = found[found["index"] == "mu_star"].set_index(["scenario", "outcome", "factor"])["value"]
    assert sizes["baseline", "y", "x.one"] == pytest.approx(1.0)
    assert sizes["ban", "y", "x.one"] == pytest.approx(2.0)
    assert sizes["ban", "z", "x.three"] == pytest.approx(10.0)
    assert sizes["ban", "z", "x.one"] == pytest.approx(0.0, abs=1e-9)
    only = sensitivity_indices(morris_results(model), ["z"])
    assert set(only["outcome"]) == {"z"}


def test_a_point_that_is_missing_is_refused() -> None:
    results = sobol_results(16)
    results.table = results.table[~results.table["point"].isin([4, 9, 17])]
    with pytest.raises(AnalysisError, match=r"holes: 3 of 80 points have no value \(point 4, 9, 17\).*batch resume"):
        sensitivity_indices(results)


def test_a_missing_value_is_a_hole() -> None:
    results = sobol_results(16)
    results.table.loc[5, "y"] = math.inf
    with pytest.raises(AnalysisError, match=r"1 of 80 points have no value \(point 5\)"):
        sensitivity_indices(results)


def test_holes_that_leave_no_replication_whole_are_refused() -> None:
    results = morris_results(linear, replications=2)
    results.table = results.table.drop(index=[0, 3])
    with pytest.raises(AnalysisError, match=r"2 of 24 points have not every replication.*\(point 0, 1\)"):
        sensitivity_indices(results)


def test_a_replication_with_a_hole_is_left_out_everywhere() -> None:
    """Had the point's mean been taken over the others, it would be off by the luck of that replication."""
    results = morris_results(linear, replications=3)
    results.table = results.table.drop(index=[0])
    found = sensitivity_indices(results)
    assert set(found["n"]) == {2}
    assert set(found["of"]) == {3}
    sizes = found[found["index"] == "mu_star"]["value"]
    np.testing.assert_allclose(sizes, [3.0, 40.0, 0.0], rtol=1e-9, atol=1e-9)


def test_an_outcome_that_never_varies_has_no_sobol_indices() -> None:
    found = sensitivity_indices(sobol_results(16, model=lambda s, row, r: {"y": 4.0}))
    assert len(found) == 6
    assert found["value"].isna().all()


def test_noise_share_by_hand() -> None:
    """Points at 0 and 2 (variance 2), luck of -1 and 1 that both share (variance 2): half is luck."""
    assert noise_share(np.array([[-1.0, 1.0], [1.0, 3.0]])) == pytest.approx(0.5)
    assert noise_share(np.array([[0.0, 0.0], [2.0, 2.0]])) == 0.0
    assert noise_share(np.array([[-1.0, 1.0], [-1.0, 1.0]])) == 1.0
    assert math.isnan(noise_share(np.array([[0.0], [2.0]])))


@pytest.mark.parametrize("common", [0.0, 1.0])
def test_noise_share_is_near_the_planted_one(common: float) -> None:
    """Variance 4 between points and 1 within, shared by all points or each run's own: a fifth is luck."""
    rng = np.random.default_rng(8)
    own = rng.normal(size=(400, 60)) if not common else np.tile(rng.normal(size=60), (400, 1))
    assert noise_share(2.0 * rng.normal(size=(400, 1)) + own) == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([], "varies no factor"),
        ([{"method": "grid"}], "is made of grid"),
        ([{"method": "morris", "levels": 4}, {"method": "grid"}], "is made of morris, grid"),
    ],
)
def test_other_designs_are_refused(blocks, message) -> None:
    results = FakeResults(linear, rows=[dict.fromkeys(NAMES, 0.0)] * 4, blocks=blocks)
    with pytest.raises(AnalysisError, match=rf"{message}.*one of these methods"):
        sensitivity_indices(results)


def test_points_that_are_not_what_the_design_says_are_refused() -> None:
    rows = sobol_rows(4)
    rows[1], rows[2] = rows[2], rows[1]
    wrong = FakeResults(linear, rows=rows, blocks=[{"method": "sobol", "second_order": False}])
    with pytest.raises(AnalysisError, match="no Saltelli design"):
        sensitivity_indices(wrong)
    still = FakeResults(linear, rows=[dict.fromkeys(NAMES, 0.0)] * 8, blocks=[{"method": "morris", "levels": 4}])
    with pytest.raises(AnalysisError, match="no Morris trajectories"):
        sensitivity_indices(still)
    short = FakeResults(linear, rows=rows[:7], blocks=[{"method": "sobol", "second_order": False}])
    with pytest.raises(AnalysisError, match="7 points are no sobol design of 3 factors"):
        sensitivity_indices(short)


def test_words_are_no_numbers() -> None:
    rows = [{"a.b": word} for word in ("low", "high", "low", "high")]
    results = FakeResults(lambda s, row, r: {"y": 1.0}, rows=rows, blocks=[{"method": "morris", "levels": 4}])
    with pytest.raises(AnalysisError, match=r"a\.b"):
        sensitivity_indices(results)


def test_the_bars_are_the_indices() -> None:
    frame = sensitivity_indices(sobol_results(64))
    figure = draw(frame, "baseline", "y", points=320, seed=7)
    (ax,) = figure.axes
    value = frame.set_index(["index", "factor"])["value"]
    order = value["ST"].sort_values(ascending=False).index
    assert [label.get_text() for label in ax.get_yticklabels()] == list(order)
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(widths, [*value["S1"][order], *value["ST"][order]], rtol=1e-12)
    assert any("320 points" in text.get_text() and "seed 7" in text.get_text() for text in figure.texts)


def test_morris_names_the_leading_factors() -> None:
    from SALib.sample import morris

    names = [f"x.f{place:02}" for place in range(MOST + 3)]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    rows = [dict(zip(names, map(float, row), strict=True)) for row in morris.sample(problem, 3, num_levels=4, seed=2)]
    results = FakeResults(
        lambda s, row, r: {"y": sum((1 + place) * row[name] for place, name in enumerate(names))},
        rows=rows,
        blocks=[{"method": "morris", "levels": 4}],
    )
    figure = draw(sensitivity_indices(results), "baseline", "y", points=len(rows), seed=7)
    left, right = figure.axes
    named = [label.get_text().split() for label in left.get_yticklabels()]
    assert named == [[name, str(place + 1)] for place, name in enumerate(reversed(names[3:]))]
    np.testing.assert_allclose([bar.get_width() for bar in left.patches], range(MOST + 3, 3, -1), rtol=1e-9)
    rings = right.collections[0].get_offsets()
    np.testing.assert_allclose(sorted(rings[:, 0]), [1.0, 2.0, 3.0], rtol=1e-9)


def test_the_same_indices_give_the_same_bytes(tmp_path) -> None:
    frame = sensitivity_indices(morris_results(linear))
    for kind in ("png", "svg", "pdf"):
        for name in ("a", "b"):
            save(draw(frame, "baseline", "y", points=24, seed=7), tmp_path / f"{name}.{kind}")
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
