"""The page at points of the posterior: the same numbers as `normsim run --posterior`, one point a seed."""

import pytest

from normsim.engine.simulate import simulate
from normsim.page.differences import difference
from normsim.page.run_json import run_json
from normsim.page.take_away import take
from normsim.page.view import PageError, View, compare_command, file_of, first_view, scenario_of, view_of
from normsim.parameters import records
from normsim.posterior import posterior_point
from normsim.scenario import load_scenario, load_scenario_text

SHORT = {"scenario": "ukraine_2023", "months": 4, "seed": 3, "posterior": True}


def test_a_run_is_that_of_the_point_that_its_seed_names() -> None:
    told = run_json(view_of(SHORT))
    run = simulate(load_scenario("ukraine_2023").with_months(4).at_posterior(3), 3, log_level=0)
    assert told["values"]["use.norm"] == posterior_point(3)["use.norm"] != records()["use.norm"].value
    assert told["series"]["felt"] == run.outcomes["felt"].tolist()
    assert told["command"].endswith("--seed 3 --posterior")
    assert told["other"]["view"]["posterior"] is True
    usual = run_json(view_of(SHORT | {"posterior": False}))
    assert usual["series"]["felt"] != told["series"]["felt"]


def test_each_pair_of_a_difference_has_a_point_of_its_own() -> None:
    view = view_of(SHORT)
    *_, last = difference(view, 2)
    arms = [load_scenario(name).with_months(4) for name in ("ukraine_2023", "no_transfer_2023")]
    for seed in (3, 4):
        runs = [simulate(arm.at_posterior(seed), seed, log_level=0) for arm in arms]
        pair = last["result"]["outcomes"]["scope"]
        assert runs[0].outcomes["scope"][-1] != runs[1].outcomes["scope"][-1]
    means = [
        sum(simulate(arm.at_posterior(seed), seed, log_level=0).outcomes["scope"][-1] for seed in (3, 4)) / 2
        for arm in arms
    ]
    assert pair["a"]["mean"][-1] == pytest.approx(means[0], rel=1e-4)
    assert pair["b"]["mean"][-1] == pytest.approx(means[1], rel=1e-4)
    assert compare_command(view, 2).endswith("--runs 2 --posterior")


def test_what_is_set_stays_and_the_file_gives_the_same_numbers() -> None:
    view = view_of(SHORT | {"set": {"use.norm": 2.5}})
    made, notes = scenario_of(view)
    assert (made.values["use.norm"], notes) == (2.5, [])
    saved = load_scenario_text(take(view, "scenario").content.decode(), "my_scenario.toml")
    assert saved.at_posterior(3).values == made.values
    assert file_of(view).values["use.intensity"] == records()["use.intensity"].value


def test_a_default_cannot_be_set_beside_the_posterior() -> None:
    made, notes = scenario_of(view_of(SHORT | {"set": {"use.norm": records()["use.norm"].value}}))
    assert made.values["use.norm"] == posterior_point(3)["use.norm"]
    assert notes == ["use.norm was set to its default, so the posterior's value counts"]


def test_it_is_part_of_the_view() -> None:
    assert first_view("baseline", posterior=True) == View("baseline", other="before my changes", posterior=True)
    assert view_of(view_of(SHORT).to_json()) == view_of(SHORT)
    with pytest.raises(PageError, match="posterior 'yes': allowed are true and false"):
        view_of(SHORT | {"posterior": "yes"})
