"""The tables behind the figures that need what a run keeps beside its outcomes, against small runs of the model."""

import datetime

import numpy as np
import pandas as pd
import pytest

from normsim.engine.simulate import simulate
from normsim.experiment import Experiment, Results, run_experiment
from normsim.figures.paper import cascade, tipping, treaty_growth, who_follows, world_maps
from normsim.figures.style import ONE_COLUMN
from normsim.scenario import load_scenario
from normsim.world import record, world_as_of
from tests.drawings import found, looked_at, through_csv

KEYS = {"seed": 5, "outcomes": ["scope"]}


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> Results:
    experiment = Experiment.build(["history_2008"], 3, months=26, keep=["series"], **KEYS)
    return run_experiment(experiment, tmp_path_factory.mktemp("history") / "r", workers=0)


def test_states_that_joined_are_the_mean_of_the_series_and_the_record(history: Results, tmp_path) -> None:
    frame = treaty_growth.data([history])
    experiment = history.experiment
    series = [
        simulate(experiment.scenarios[0], experiment.seed_of(0, r), log_level=0).series["parties"] for r in range(3)
    ]
    model = frame[(frame["panel"] == "joined") & (frame["series"] == "model")]
    np.testing.assert_allclose(model["mean"], np.mean(series, axis=0))
    assert model["n"].unique().tolist() == [3]
    recorded = frame[(frame["panel"] == "joined") & (frame["series"] == "record")].set_index("month")["mean"]
    assert recorded[pd.Timestamp(2010, 7, 1)] == record(datetime.date(2010, 8, 1)).parties == 38
    assert len(model) == len(recorded) == 26
    looked_at(treaty_growth, through_csv(frame, tmp_path), 2, ONE_COLUMN)


def test_deposits_are_counted_over_whole_years(history: Results) -> None:
    frame = treaty_growth.data([history])
    own = frame[(frame["panel"] == "deposits") & (frame["series"] == "model")]
    assert own["month"].dt.year.tolist() == [2009, 2010]  # December 2008 and January 2011 are no whole years
    series = history.series(["deposits"])
    year = series[[month.year == 2010 for month in series["month"]]]
    assert own["mean"].iloc[1] == pytest.approx(year["deposits"].sum() / 3)
    real = frame[(frame["panel"] == "deposits") & (frame["series"] == "record")]
    before, after = (record(datetime.date(year, 1, 1)).deposits for year in (2010, 2011))
    assert real["mean"].iloc[1] == after - before


@pytest.fixture(scope="module")
def transfers(tmp_path_factory) -> Results:
    scenarios = ["ukraine_2023", "no_transfer_2023"]
    experiment = Experiment.build(scenarios, 2, months=14, keep=["events"], **KEYS)
    return run_experiment(experiment, tmp_path_factory.mktemp("cascade") / "r", workers=0)


def test_who_condemned_is_counted_by_their_ties(transfers: Results, tmp_path) -> None:
    frame = cascade.data([transfers])
    world = world_as_of(load_scenario("ukraine_2023").start)
    events = transfers.events()
    own = events[(events["scenario"] == "ukraine_2023") & (events["act"] == "condemn") & (events["target"] == "USA")]
    year = own[[month < datetime.date(2024, 7, 1) for month in own["month"]]]
    hears = {
        world.iso3[i]
        for i in range(len(world))
        if set(world.layers["alliance"].row(i)[0]) & {world.index("USA"), world.index("UKR")}
    } - {"USA", "UKR"}
    shares = [len(set(year[year["replication"] == r]["actor"]) & hears) / len(hears) for r in range(2)]
    row = frame[(frame["panel"] == "who") & (frame["group"] == "alliance") & (frame["kind"] == "tied")].iloc[0]
    assert row["mean"] == pytest.approx(np.mean(shares))
    assert row["states"] == len(hears)
    assert 0.0 < frame[frame["panel"] == "who"]["mean"].max() <= 1.0
    looked_at(cascade, through_csv(frame, tmp_path), 3)


def test_the_share_that_condemned_only_grows(transfers: Results) -> None:
    frame = cascade.data([transfers])
    when = frame[frame["panel"] == "when"]
    assert set(when["group"]) == set(cascade.STANDINGS.values())
    for _, own in when.groupby("group"):
        assert own["month"].tolist() == list(range(1, 15))
        assert own["mean"].is_monotonic_increasing
    assert sum(own["states"].iloc[0] for _, own in when.groupby("group")) == 196  # all but the supplier


def test_what_follows_is_counted_run_by_run(transfers: Results) -> None:
    frame = cascade.data([transfers])
    events = transfers.events()
    others = events[(events["act"] == "transfer") & ~events["actor"].isin(["USA", "UKR"])]
    count = others.groupby(["scenario", "replication"]).size()
    differences = [count.get(("ukraine_2023", r), 0) - count.get(("no_transfer_2023", r), 0) for r in range(2)]
    last = frame[(frame["panel"] == "follow") & (frame["group"] == "transfer") & (frame["month"] == 14)].iloc[0]
    assert last["mean"] == pytest.approx(np.mean(differences))


@pytest.mark.parametrize(
    ("change", "words"), [(0.0, "no different in any pair of runs"), (2.0, "higher by 2.0"), (-2.0, "lower by 2.0")]
)
def test_the_finding_on_the_cascade_is_right_for_every_sign(
    transfers: Results, tmp_path, change: float, words: str
) -> None:
    frame = through_csv(cascade.data([transfers]), tmp_path)
    frame.loc[frame["panel"] == "follow", ["mean", "low", "high"]] = change
    text = found(cascade, frame)
    assert text.count(words) == len(cascade.FOLLOWED)
    assert "rules every exception out" in text


def test_maps_have_the_mean_of_every_state_at_each_date(tmp_path) -> None:
    made = []
    for months in (1, 5):
        experiment = Experiment.build(
            ["strict_ban", "bridge_repeatable_opaque"], 2, months=months, keep=["states"], **KEYS
        )
        made.append(run_experiment(experiment, tmp_path / str(months), workers=0))
    frame = world_maps.data(made)
    assert list(dict.fromkeys(frame["date"])) == [datetime.date(2023, 7, 31), datetime.date(2023, 11, 30)]
    assert len(frame) == 2 * 2 * 197
    states = made[1].states()
    chosen = (states["scenario"] == "bridge_repeatable_opaque") & (states["iso3"] == "USA")
    row = frame[
        (frame["scenario"] == "bridge_repeatable_opaque")
        & (frame["iso3"] == "USA")
        & (frame["date"] == datetime.date(2023, 11, 30))
    ].iloc[0]
    assert row["mean"] == pytest.approx(states[chosen]["scope"].mean())
    assert row["n"] == 2
    assert list(dict.fromkeys(frame["scenario"])) == ["strict_ban", "bridge_repeatable_opaque"]
    frame = through_csv(frame, tmp_path)
    looked_at(world_maps, frame, 4)
    last = frame[(frame["scenario"] == "bridge_repeatable_opaque") & (frame["date"] == frame["date"].max())]
    assert world_maps.facts(frame)["lowest"] == last.loc[last["mean"].idxmin(), "state"]


def test_who_follows_is_counted_run_by_run(transfers: Results, tmp_path) -> None:
    frame = who_follows.data([transfers])
    events = transfers.events()
    world = world_as_of(load_scenario("ukraine_2023").start)
    for act in who_follows.ACTS:
        own = frame[frame["act"] == act]
        assert len(own) <= who_follows.MOST
        assert own["mean"].is_monotonic_decreasing
        assert (own["mean"] > 0.0).all()
        for row in own.itertuples():
            code = world.iso3[world.names.index(row.state)]
            assert code not in ("USA", "UKR")
            done = events[(events["act"] == act) & (events["actor"] == code)]
            runs = {name: part["replication"].nunique() for name, part in done.groupby("scenario")}
            assert row.mean == pytest.approx((runs.get("ukraine_2023", 0) - runs.get("no_transfer_2023", 0)) / 2)
    frame = through_csv(frame, tmp_path)
    looked_at(who_follows, frame, 3)
    for act in who_follows.ACTS:
        assert who_follows.facts(frame)[f"{act}_leader"] in found(who_follows, frame)


def test_tipping_shows_votes_beside_a_minority_and_the_norm_over_the_years(tmp_path) -> None:
    mass = Experiment.build(
        ["baseline"],
        2,
        [
            {
                "method": "grid",
                "factors": {
                    "norm.susceptibility": [0.75],
                    "committed.who": ["random", "most_watched", "region"],
                    "committed.share": [0.0, 0.5],
                },
            }
        ],
        months=3,
        seed=5,
        outcomes=["votes_yes"],
    )
    death = Experiment.build(
        ["open_violation", "silent_violation"],
        2,
        [{"method": "grid", "factors": {"norm.susceptibility": [0.0, 0.5, 1.0], "norm.anchor": [0.0, 0.02]}}],
        months=26,
        seed=5,
        outcomes=["felt"],
        keep=["series"],
    )
    sources = [run_experiment(each, tmp_path / str(place), workers=0) for place, each in enumerate((mass, death))]
    frame = tipping.data(sources)
    votes = sources[0].outcomes(["votes_yes"])
    own = votes[(votes["committed.who"] == "random") & (votes["committed.share"] == 0.5)]["votes_yes"]
    row = frame[(frame["panel"] == "mass") & (frame["line"] == "at random") & (frame["x"] == 0.5)].iloc[0]
    assert (row["mean"], row["n"]) == (pytest.approx(own.mean()), 2)
    felt = sources[1].series(["felt"]).merge(sources[1].points, on=["point", "scenario"])
    start = felt[felt["month"] == felt["month"].min()]
    chosen = (start["norm.anchor"] == 0.0) & (start["norm.susceptibility"] == 1.0)
    silent = start[chosen & (start["scenario"] == "silent_violation")]["felt"]
    row = frame[(frame["panel"] == "return") & (frame["line"] == "1") & (frame["x"] == 0.0)].iloc[0]
    assert row["mean"] == pytest.approx(silent.mean())
    assert sorted(frame[frame["panel"] == "answer"]["line"].unique()) == ["free to answer", "nobody answers"]
    frame = through_csv(frame, tmp_path)
    looked_at(tipping, frame, 3)
    assert "states vote yes" in found(tipping, frame)
