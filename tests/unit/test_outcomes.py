"""Derived outcomes and summaries of a run, worked out by hand on short series."""

import numpy as np
import pytest

from normsim.engine.outcomes import (
    DERIVED,
    MEASURED,
    OUTCOMES,
    RECOVERY,
    RUN_OUTCOMES,
    SERIES,
    WEAK,
    WINDOW,
    derive,
    summarise,
)

STATES = 10


def series(months: int, **columns: object) -> np.ndarray:
    """A measured series, zero but for these columns."""
    measured = np.zeros(months, SERIES)
    for name, values in columns.items():
        measured[name] = values
    return measured


def whole(months: int, **columns: object) -> dict[str, np.ndarray]:
    """Every outcome of a measured series."""
    measured = series(months, **columns)
    return {name: measured[name] for name in MEASURED} | derive(measured, STATES)


def test_every_outcome_says_what_it_is() -> None:
    for name, outcome in (OUTCOMES | RUN_OUTCOMES).items():
        assert outcome.unit, name
        assert outcome.meaning, name
        assert outcome.over in ("last", "sum", "mean", "run"), name
    assert set(derive(series(1), STATES)) == set(DERIVED)
    assert not set(MEASURED) & set(DERIVED)
    assert not set(OUTCOMES) & set(RUN_OUTCOMES)
    assert SERIES.names == tuple(MEASURED)


# ---------------------------------------------------------------- derive


def test_concordance_is_the_mean_of_the_two_agreements() -> None:
    found = derive(series(2, agreement=[0.8, 0.6], agreement_by_power=[0.4, 0.2]), STATES)
    assert found["concordance"] == pytest.approx([0.6, 0.4])


def test_reaction_is_the_readiness_to_condemn_one_act_however_many_there_were() -> None:
    quiet = derive(series(2, readiness=[0.3, 0.5]), STATES)["reaction"]
    loud = derive(series(2, readiness=[0.3, 0.5], violations=[9, 9], violations_answered=[0, 9]), STATES)["reaction"]
    assert quiet == pytest.approx([0.3, 0.5])
    assert loud == pytest.approx(quiet)


def test_compliance_is_what_is_left_undone_of_what_the_norm_forgone_would_bring() -> None:
    columns = {"users": [1, 3], "transfers": [0, 2], "uses_norm_free": [3, 5], "transfers_norm_free": [1, 3]}
    found = derive(series(2, **columns), STATES)
    assert found["compliance"] == pytest.approx([1 - 1 / 4, 1 - 6 / 12])


def test_compliance_stays_between_none_and_all() -> None:
    assert derive(series(1, users=[9], uses_norm_free=[3]), STATES)["compliance"] == pytest.approx([0.0])
    assert derive(series(1), STATES)["compliance"] == pytest.approx([1.0])  # nobody would have acted


def test_the_window_is_twelve_months() -> None:
    users = np.zeros(14)
    users[0] = 1.0
    compliance = derive(series(14, users=users, uses_norm_free=1.0), STATES)["compliance"]
    assert WINDOW == 12
    assert compliance == pytest.approx([1.0 - 1.0 / min(k, 12) if k <= 12 else 1.0 for k in range(1, 15)])


def test_implementation_is_half_parties_half_stock_destroyed() -> None:
    found = derive(series(3, parties=[5, 5, 10], stock=[100, 75, 0], stock_destroyed=[0, 25, 75]), STATES)
    assert found["implementation"] == pytest.approx([(0.5 + 0) / 2, (0.5 + 0.25) / 2, (1 + 1) / 2])


def test_without_any_stock_only_parties_count() -> None:
    assert derive(series(1, parties=[4]), STATES)["implementation"] == pytest.approx([0.2])


def test_the_indices_are_means_of_their_indicators() -> None:
    rng = np.random.default_rng(1)
    columns = ("agreement", "agreement_by_power", "readiness", "users", "uses_norm_free", "parties", "stock")
    found = derive(series(30, **{name: rng.random(30) for name in columns}), STATES)
    said, done = (found["concordance"] + found["reaction"]) / 2, (found["compliance"] + found["implementation"]) / 2
    assert found["robustness_discursive"] == pytest.approx(said)
    assert found["robustness_factic"] == pytest.approx(done)
    assert found["robustness"] == pytest.approx((said + done) / 2)


@pytest.mark.parametrize("months", [1, 2, 11, 12, 13, 25])
def test_a_run_of_any_length_has_every_month(months: int) -> None:
    found = derive(series(months, users=1.0, uses_norm_free=2.0), STATES)
    assert all(values.shape == (months,) for values in found.values())
    assert found["compliance"].tolist() == [0.5] * months


def test_deriving_month_by_month_is_deriving_at_once() -> None:
    rng = np.random.default_rng(2)
    measured = np.zeros(40, SERIES)
    for name in MEASURED:
        measured[name] = rng.integers(0, 9, 40)
    at_once = derive(measured, STATES)
    for month in (1, 5, 12, 13, 40):
        so_far = derive(measured[:month], STATES)
        for name, values in so_far.items():
            assert values[-1] == at_once[name][month - 1], name


def test_no_month_gives_nothing() -> None:
    assert all(len(values) == 0 for values in derive(series(0), STATES).values())


# ---------------------------------------------------------------- summarise


def test_each_outcome_is_summed_up_in_its_way() -> None:
    for name, outcome in MEASURED.items():
        found = summarise(whole(3, **{name: [1.0, 2.0, 6.0]}), 0)
        assert found[name] == {"last": 6.0, "sum": 9.0, "mean": 3.0}[outcome.over], name


def test_a_summary_names_every_outcome_and_holds_plain_numbers() -> None:
    found = summarise(whole(2), 7)
    assert set(found) == {*OUTCOMES, *RUN_OUTCOMES}
    assert all(type(value) is float for value in found.values())
    assert found["user_states"] == 7.0


def test_a_run_of_no_months_has_no_summary() -> None:
    assert summarise(whole(0), 0) == {}


def test_casualties_are_those_of_attacks_and_remnants() -> None:
    assert summarise(whole(2, casualties_attack=[1, 2], casualties_remnants=[4, 8]), 0)["casualties"] == 15.0


def test_the_unlawful_share_of_use() -> None:
    assert summarise(whole(2, uses_lawful=[2, 1], uses_unlawful=[0, 1]), 0)["unlawful_share"] == 0.25
    assert summarise(whole(2), 0)["unlawful_share"] == 0.0


def test_the_month_in_which_the_norm_gets_weak() -> None:
    strong = whole(3)
    strong["robustness"] = np.array([0.9, 0.5, 0.6])
    assert summarise(strong, 0)["months_to_weak"] == 3.0  # never: the horizon
    strong["robustness"] = np.array([0.9, 0.49, 0.6])
    assert WEAK == 0.5
    assert summarise(strong, 0)["months_to_weak"] == 1.0


def recovery(scope: list[float], bridges: list[float], tier: list[float] | None = None) -> float:
    columns = {"scope": scope, "bridges_open": bridges, "tier_in_force": tier or [0.0] * len(scope)}
    return summarise(whole(len(scope), **columns), 0)["scope_recovery"]


def test_scope_recovers_by_what_it_regains() -> None:
    assert recovery([0.9, 0.7, 0.5, 0.8], [0, 1, 1, 0]) == pytest.approx(0.75)
    assert recovery([0.9, 0.7, 0.5, 0.5], [0, 1, 1, 0]) == 0.0
    assert recovery([0.9, 0.7, 0.5, 0.95], [0, 1, 1, 0]) == 1.0


def test_nothing_lost_is_all_regained() -> None:
    assert recovery([0.9, 0.5, 0.5], [0, 0, 0]) == 1.0  # no exception, no loss by one
    assert recovery([0.9, 0.9, 0.9], [0, 1, 0]) == 1.0


def test_a_tier_is_an_exception_too_and_one_that_stays_leaves_no_time() -> None:
    assert recovery([0.9, 0.6, 0.5], [0, 0, 0], [0, 1, 1]) == 0.0


def test_recovery_is_measured_sixty_months_after_the_last_exception_closed() -> None:
    scope = [0.9, 0.5] + [0.5] * (RECOVERY - 1) + [0.7, 0.9]
    bridges = [0.0, 1.0] + [0.0] * (RECOVERY + 1)
    assert RECOVERY == 60
    assert recovery(scope, bridges) == pytest.approx(0.5)
