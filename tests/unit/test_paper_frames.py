"""The tables behind the figures of the paper, against numbers worked out by hand from planted outcomes."""

import math
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from normsim.figures.paper import bridge_length, claims, dud_rate, influences, openness, repetition, robustness
from normsim.parameters import defaults
from normsim.rules.harm import field_rate
from normsim.scenario import load_scenario
from normsim.stats import mean_interval
from tests.drawings import found, looked_at, through_csv
from tests.experiments import FakeResults

N = 5


def planted(model, scenarios, rows=({},), blocks=(), months=240):
    """Results of a formula, with scenarios that have a title, months and values."""
    results = FakeResults(model, scenarios, rows, N, blocks)
    results.experiment.scenarios = tuple(
        SimpleNamespace(name=name, title=load_scenario(name).title, months=months, values=defaults())
        for name in scenarios
    )
    return results


def half_width(values) -> float:
    """Half of the 95 % interval by Student's t."""
    return stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))


def test_a_mean_has_the_interval_of_student() -> None:
    values = [1.0, 2.0, 4.0, 9.0]
    mean, low, high, n = mean_interval([*values, math.nan])
    assert (mean, n) == (4.0, 4)
    assert high - mean == pytest.approx(half_width(values))
    assert mean - low == pytest.approx(high - mean)
    assert math.isnan(mean_interval([3.0])[1])
    assert mean_interval([])[3] == 0


def test_robustness_is_the_mean_by_scenario_and_its_paired_difference(tmp_path) -> None:
    shift = {"baseline": 0.0, "strict_ban": 0.1}

    def model(scenario, row, replication):
        value = 0.5 + 0.01 * replication + shift[scenario]
        return dict.fromkeys(robustness.OUTCOMES, value) | {"reaction": 0.3 + 0.01 * replication}

    results = planted(model, ["baseline", "strict_ban"])
    frame = robustness.data([results])
    row = frame[(frame["scenario"] == "strict_ban") & (frame["outcome"] == "robustness")].iloc[0]
    assert row["mean"] == pytest.approx(0.62)
    assert row["high"] - row["mean"] == pytest.approx(half_width([0.6 + 0.01 * r for r in range(N)]))
    assert row["difference"] == pytest.approx(0.1)
    assert row["difference_low"] == pytest.approx(0.1)  # paired: the luck is the same in both
    frame = through_csv(frame, tmp_path)
    looked_at(robustness, frame, 5)
    told = robustness.facts(frame)
    assert (told["others"], told["raised"], told["lowered"], told["unclear"]) == ("1", "1", "0", "0")
    assert told["highest_effect"] == "higher by 0.100 (0.100 to 0.100)"


def test_a_regime_that_changes_nothing_is_told_so(tmp_path) -> None:
    noise = [0.02, -0.02, 0.01, -0.01, 0.0]

    def model(scenario, row, replication):
        return dict.fromkeys(robustness.OUTCOMES, 0.5 + (noise[replication] if scenario == "strict_ban" else 0.0))

    told = robustness.facts(through_csv(robustness.data([planted(model, ["baseline", "strict_ban"])]), tmp_path))
    assert told["unclear"] == "1"
    assert told["lowest_effect"].startswith("different by an amount not distinguishable from zero")


def test_repetition_is_set_against_no_extra_damage_at_the_same_episodes(tmp_path) -> None:
    rows = [
        {"norm.recurrence": recurrence, "bridge.episodes": episodes, "bridge.close_probability": 1 / episodes}
        for recurrence in (0.0, 0.5)
        for episodes in (1.0, 4.0)
    ]
    blocks = [
        {"method": "grid", "names": ("norm.recurrence",)},
        {"method": "zip", "names": ("bridge.episodes", "bridge.close_probability")},
    ]

    def model(scenario, row, replication):
        scope = 0.8 + 0.001 * replication - 0.1 * row["norm.recurrence"] * row["bridge.episodes"]
        return {"scope": scope, "validity": 0.7, "bridges_open": row["bridge.episodes"] / 10}

    frame = repetition.data([planted(model, ["bridge_repeatable_opaque"], rows, blocks)])
    at = frame.set_index(["episodes", "recurrence", "outcome"])
    assert at.loc[(4.0, 0.5, "scope"), "mean"] == pytest.approx(0.802 - 0.2)
    assert at.loc[(4.0, 0.5, "scope"), "difference"] == pytest.approx(-0.2)
    assert at.loc[(4.0, 0.0, "months_open"), "mean"] == pytest.approx(0.4 * 240)
    assert math.isnan(at.loc[(4.0, 0.0, "scope"), "difference"])
    frame = through_csv(frame, tmp_path)
    looked_at(repetition, frame, 3)
    told = repetition.facts(frame)
    assert told["scope_effect_many"] == "lower by 0.200 (\u22120.200 to \u22120.200)"
    assert (told["few"], told["many"], told["middle"]) == ("1", "4", "1.5")


def test_dud_rates_are_set_against_the_lowest_threshold_at_the_same_gap(tmp_path) -> None:
    rows = [{"ccw_dud_rate.threshold": t, "harm.gap": gap} for t in (0.001, 0.03) for gap in (0.0, 2.0)]
    blocks = [{"method": "grid", "names": ("ccw_dud_rate.threshold", "harm.gap")}]

    def model(scenario, row, replication):
        more = 1.0 + (0.5 * row["harm.gap"] if row["ccw_dud_rate.threshold"] > 0.01 else 0.0)
        return {"casualties": (1000.0 + replication) * more, "parties": 100.0 - row["harm.gap"]}

    frame = dud_rate.data([planted(model, ["ccw_imposed"], rows, blocks)])
    harmed = frame[(frame["outcome"] == "casualties") & (frame["gap"] == 2.0)].iloc[0]
    assert harmed["difference"] == pytest.approx(1.0)  # twice as many: a rise by the whole of the mean
    assert harmed["base"] == pytest.approx(1002.0)
    assert set(frame["threshold"]) == {0.03}
    parties = frame[frame["outcome"] == "parties"]
    assert (parties["difference"] == 0.0).all()
    claimed = defaults()["harm.claimed_improved"]
    p = SimpleNamespace(harm=SimpleNamespace(gap=2.0))
    assert harmed["field"] == pytest.approx(field_rate(p, claimed))
    frame = through_csv(frame, tmp_path)
    looked_at(dud_rate, frame, 2)
    told = dud_rate.facts(frame)
    assert told["casualties_up"] == "1"
    assert told["casualties_unclear"] == "1"
    assert told["parties_unclear"] == "2"
    assert told["lowest"] == "0.1 %"


def test_the_length_of_an_exception_leaves_out_runs_without_one(tmp_path) -> None:
    rows = [{"production.surge": s, "production.sustain": k} for s in (0.5, 1.0) for k in (0.0, 1.0)]
    blocks = [{"method": "grid", "names": ("production.surge", "production.sustain")}]

    def model(scenario, row, replication):
        episodes = 0.0 if replication == 0 else 4.0
        months = episodes * (60.0 - 20.0 * row["production.sustain"]) / row["production.surge"]
        return {"bridges_open": months / 240, "episodes": episodes, "scope": 0.8}

    frame = bridge_length.data([planted(model, ["bridge_repeatable_opaque"], rows, blocks)])
    at = frame.set_index(["surge", "sustain", "outcome"])
    assert at.loc[(0.5, 0.0, "length"), "mean"] == pytest.approx(120.0)
    assert at.loc[(0.5, 0.0, "length"), "n"] == N - 1
    assert at.loc[(1.0, 1.0, "length"), "difference"] == pytest.approx(-20.0)
    assert at.loc[(1.0, 0.0, "episodes"), "mean"] == pytest.approx(3.2)
    frame = through_csv(frame, tmp_path)
    looked_at(bridge_length, frame, 3)
    told = bridge_length.facts(frame)
    assert told["length_slow"] == "120 (120 to 120)"


def test_openness_is_set_against_none_at_the_same_monitoring(tmp_path) -> None:
    rows = [{"bridge.transparency": o, "assurance.monitoring": m} for o in (0.0, 1.0) for m in (0.0, 1.0)]
    blocks = [{"method": "grid", "names": ("bridge.transparency", "assurance.monitoring")}]

    def model(scenario, row, replication):
        both = row["bridge.transparency"] * row["assurance.monitoring"]
        return {"scope": 0.6 + 0.2 * both, "breaches": 30.0 - 10.0 * row["assurance.monitoring"] + replication}

    frame = openness.data([planted(model, ["bridge_repeatable_opaque", "reinforce"], rows, blocks)])
    at = frame.set_index(["scenario", "openness", "monitoring", "outcome"])
    assert at.loc[("reinforce", 1.0, 1.0, "scope"), "difference"] == pytest.approx(0.2)
    assert at.loc[("reinforce", 1.0, 0.0, "scope"), "difference"] == pytest.approx(0.0)
    assert at.loc[("reinforce", 0.0, 1.0, "breaches"), "mean"] == pytest.approx(22.0)
    frame = through_csv(frame, tmp_path)
    looked_at(openness, frame, 4)
    told = openness.facts(frame)
    assert told["first_scope_checked"].startswith("higher by 0.200")
    assert told["first_scope_unchecked"] == "no different in any pair of runs"


def test_the_indices_are_those_of_a_planted_sum(tmp_path) -> None:
    from normsim.experiment import Experiment

    factors = {"use.norm": {"low": 0.0, "high": 1.0}, "norm.anchor": {"low": 0.0, "high": 0.1}}
    design = [{"method": "sobol", "points": 256, "factors": factors}]
    experiment = Experiment.build(["baseline"], design=design, seed=3)
    rows = [dict(point.values) for point in experiment.points]

    def model(scenario, row, replication):
        value = 3.0 * row["use.norm"] + 10.0 * row["norm.anchor"]
        return dict.fromkeys(influences.OUTCOMES, value)

    results = FakeResults(model, ["baseline"], rows, 1)
    results.experiment.blocks = experiment.blocks
    frame = influences.data([results])
    total = frame[(frame["outcome"] == "users") & (frame["index"] == "ST")].set_index("factor")["value"]
    assert total["use.norm"] == pytest.approx(0.9, abs=0.03)  # variances 9 to 1
    assert total["norm.anchor"] == pytest.approx(0.1, abs=0.03)
    frame = through_csv(frame, tmp_path)
    looked_at(influences, frame, 4)
    told = influences.facts(frame)
    assert told["users_leader"] == "the norm restrains use"
    assert told["factors"] == "2"


def test_verdicts_are_counted_and_drawn(tmp_path) -> None:
    row = {"claim": "It is so.", "mechanisms": "3", "first": "a", "second": "b", "outcome": "scope", "unit": "0-1"}
    row |= {"direction": "higher", "matters": 0.01, "n": 5, "p_corrected": 0.01, "points": 10, "share_none": 0.0}
    row |= {"null_low": -0.1, "null_high": 0.1}
    row |= dict.fromkeys(["share_sign", "share_sign_low", "share_sign_high"], 0.9)
    row |= dict.fromkeys(["share_matters", "share_matters_low", "share_matters_high"], 0.5)
    rows = [
        row | {"id": "one-time", "effect": 0.02, "low": 0.01, "high": 0.03, "verdict": "robust", "null_kills": True},
        row
        | {"id": "never", "effect": 0.0, "low": -0.1, "high": 0.1, "verdict": "not detectable", "null_kills": False},
        row | {"id": "same", "direction": "same", "effect": 0.0, "low": -0.001, "high": 0.001, "verdict": "robust"},
        row
        | {
            "id": "partly",
            "null_kills": False,
            "effect": 0.05,
            "low": 0.04,
            "high": 0.06,
            "verdict": "conditional",
            "null_low": 0.01,
        },
    ]
    rows[1] |= {"null_low": 0.01}  # what is no effect at the defaults leaves none
    rows[2] |= {"null_low": 0.01, "null_kills": True}
    beside = {"posterior_points": 8, "posterior_share_sign": 0.7, "posterior_share_matters": 0.4}
    rows = [each | beside | {"supported": each["id"] != "never", "posterior_verdict": "robust"} for each in rows]
    frame = through_csv(claims.data([pd.DataFrame(rows)]), tmp_path)
    looked_at(claims, frame, 2)
    told = claims.facts(frame)
    counts = [told[word] for word in ("claims", "robust", "conditional", "not_detectable", "refuted")]
    assert counts == ["4", "2", "1", "1", "0"]
    assert (told["unclear"], told["supported"], told["left"]) == ("2", "2", "1")
    assert (told["posterior_robust"], told["posterior_refuted"], told["posterior_points"]) == ("4", "0", "8")
    assert "Over the posterior 4 are robust" in found(claims, frame)


def test_every_parameter_of_the_sobol_experiment_has_plain_words() -> None:
    from normsim.experiment import load_experiment

    assert set(load_experiment("sobol", smoke=True).factors) <= set(influences.NAMES)
    assert load_scenario("bridge_repeatable_opaque").values.keys() >= influences.NAMES.keys()


SIGNS = {0.0: "no different in any pair of runs", 1.0: "higher by", -1.0: "lower by"}
"""What a finding must say of a change of each sign."""

OTHER = {"longer by": "higher by", "shorter by": "lower by"}


def says(text: str, sign: float) -> None:
    """A finding tells changes of this sign and of no other, and no sentence makes a level of a difference."""
    for old, new in OTHER.items():
        text = text.replace(old, new)
    assert {word: word in text for word in SIGNS.values()} == {word: word == SIGNS[sign] for word in SIGNS.values()}
    assert not re.search(r"(?<!amount )not distinguishable from zero|is zero|makes", text)


@pytest.mark.parametrize("sign", SIGNS)
def test_the_finding_on_robustness_is_right_for_every_sign(tmp_path, sign: float) -> None:
    shift = {"baseline": 0.0, "strict_ban": 0.1 * sign}
    results = planted(
        lambda scenario, row, r: dict.fromkeys(robustness.OUTCOMES, 0.5 + 0.01 * r + shift[scenario]), [*shift]
    )
    says(found(robustness, through_csv(robustness.data([results]), tmp_path)), sign)


@pytest.mark.parametrize("sign", SIGNS)
def test_the_finding_on_repetition_is_right_for_every_sign(tmp_path, sign: float) -> None:
    rows = [{"norm.recurrence": a, "bridge.episodes": b} for a in (0.0, 0.5) for b in (1.0, 4.0)]

    def model(scenario, row, replication):
        value = 0.7 + 0.001 * replication + 0.1 * sign * row["norm.recurrence"]
        return {"scope": value, "validity": value, "bridges_open": 0.2}

    results = planted(model, ["bridge_repeatable_opaque"], rows, [{"method": "grid", "names": tuple(rows[0])}])
    says(found(repetition, through_csv(repetition.data([results]), tmp_path)), sign)


@pytest.mark.parametrize("sign", SIGNS)
def test_the_finding_on_dud_rates_takes_the_largest_change_up_or_down(tmp_path, sign: float) -> None:
    rows = [{"ccw_dud_rate.threshold": t, "harm.gap": gap} for t in (0.001, 0.01, 0.03) for gap in (0.0, 2.0)]
    changes = {0.001: 0.0, 0.01: -0.02 * sign, 0.03: 0.5 * sign}

    def model(scenario, row, replication):
        return {"casualties": 1000.0 * (1.0 + changes[row["ccw_dud_rate.threshold"]]), "parties": 100.0}

    results = planted(model, ["ccw_imposed"], rows, [{"method": "grid", "names": tuple(rows[0])}])
    text = found(dud_rate, through_csv(dud_rate.data([results]), tmp_path))
    says(text, sign)
    assert sign == 0.0 or "at a threshold of 3 %" in text


@pytest.mark.parametrize("sign", SIGNS)
def test_the_finding_on_the_bridge_is_right_for_every_sign(tmp_path, sign: float) -> None:
    rows = [{"production.surge": s, "production.sustain": k} for s in (0.5, 1.0) for k in (0.0, 1.0)]

    def model(scenario, row, replication):
        episodes, more = 4.0 + sign * row["production.sustain"], 1.0 + 0.5 * sign * row["production.sustain"]
        return {"bridges_open": episodes * more * 60.0 / 240, "episodes": episodes, "scope": 0.5 + 0.1 * more}

    results = planted(model, ["bridge_repeatable_opaque"], rows, [{"method": "grid", "names": tuple(rows[0])}])
    text = found(bridge_length, through_csv(bridge_length.data([results]), tmp_path))
    says(text, sign)
    assert sign != -1.0 or "is open is shorter by 30 months" in text.replace(".0", "")


@pytest.mark.parametrize("sign", SIGNS)
def test_the_finding_on_openness_is_right_for_every_sign(tmp_path, sign: float) -> None:
    rows = [{"bridge.transparency": o, "assurance.monitoring": m} for o in (0.0, 1.0) for m in (0.0, 1.0)]

    def model(scenario, row, replication):
        change = sign * row["bridge.transparency"]
        return {"scope": 0.6 + 0.2 * change, "breaches": 30.0 + 10.0 * change + replication}

    scenarios = ["bridge_repeatable_opaque", "reinforce"]
    results = planted(model, scenarios, rows, [{"method": "grid", "names": tuple(rows[0])}])
    says(found(openness, through_csv(openness.data([results]), tmp_path)), sign)


def test_a_change_within_noise_is_told_as_a_difference(tmp_path) -> None:
    rows = [{"bridge.transparency": o, "assurance.monitoring": m} for o in (0.0, 1.0) for m in (0.0, 1.0)]
    noise = [0.02, -0.02, 0.01, -0.01, 0.0]

    def model(scenario, row, replication):
        change = noise[replication] * row["bridge.transparency"]
        return {"scope": 0.6 + change, "breaches": 30.0 + change}

    scenarios = ["bridge_repeatable_opaque", "reinforce"]
    results = planted(model, scenarios, rows, [{"method": "grid", "names": tuple(rows[0])}])
    text = found(openness, through_csv(openness.data([results]), tmp_path))
    assert text.count("different by an amount not distinguishable from zero (") == 8
    assert not any(word in text for word in SIGNS.values())


def test_what_is_unknown_and_what_is_empty_come_back_from_the_table(tmp_path) -> None:
    frame = pd.DataFrame({"words": ["", ""], "more": ["x", None], "number": [math.nan] * 2, "some": [1.5, math.nan]})
    back = through_csv(frame, tmp_path)
    assert back["words"].tolist() == ["", ""]
    assert back["more"].tolist() == ["x", ""]
    assert back["number"].isna().all()
    assert back["number"].dtype == float
    assert back["some"].iloc[0] == 1.5
    assert math.isnan(back["some"].iloc[1])
