"""The defaults stay near the record: checks of `normsim validate` that are met with room to spare, on 40 seeds."""

import pytest

from normsim.analysis.validation import Check, patterns
from normsim.engine.simulate import simulate
from normsim.scenario import load_scenario

SEEDS = range(40)

MET = (
    "parties, Aug 2010",
    "parties, Jan 2013",
    "parties, Aug 2018",
    "parties, Jan 2024",
    "notices of withdrawal, 2009-2025",
    "states that vote abstain",
    "states that vote no",
    "users by state and year: AUC",
    "months of use by parties, a run",
    "recorded casualties a year, 2014-2018",
    "recorded casualties a year, 2019-2024",
    "transfers by parties, share",
    "transfers by states that neither make nor inherited, share",
    "recorded transfer of July 2023 inside the exception, share",
)

MISSED = (
    "states that vote yes",  # met on 100 seeds; on these 40 the vote of 2023 lies one state above its band
    "users by state and year: precision",
    "parties: width of the band in the last month",
)
"""Known misses; a change that meets one should say so, and move it up."""


@pytest.fixture(scope="module")
def checks() -> dict[str, Check]:
    ukraine = load_scenario("ukraine_2023").with_months(24)
    found = patterns(
        [simulate("history_2008", seed) for seed in SEEDS], [simulate(ukraine, seed, warn=False) for seed in SEEDS]
    )
    return {check.name: check for check in found}


@pytest.mark.parametrize("name", MET)
def test_the_record_is_met(checks: dict[str, Check], name: str) -> None:
    assert checks[name].passed, f"{checks[name].measured}, bar {checks[name].bar}"


@pytest.mark.parametrize("name", MISSED)
def test_a_known_miss_is_told(checks: dict[str, Check], name: str) -> None:
    assert checks[name].verdict == "MISSED", f"{checks[name].measured}: move it to MET"


def test_the_count_of_critics_is_near_the_record(checks: dict[str, Check]) -> None:
    assert 18 <= checks["critics of the transfer of July 2023"].values.mean() <= 38
