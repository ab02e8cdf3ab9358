"""Placeholder."""

from collections.abc import Mapping
from normsim.analysis.hindcast_results import Origin
from normsim.scenario import Scenario
from normsim.world import Treaty, convention


def scenario_of(base: Scenario, treaty: Treaty) -> Scenario:
    if treaty == convention():
        return base
    return base.with_values(
        {
            "join.trigger": treaty.deposits,
            "join.entry_months": treaty.entry_months,
            "withdraw.notice_months": treaty.notice_months,
        }
    )


def refit(base: Scenario, at: Origin) -> Mapping[str, float]:
    return {}


def with_rates(base: Scenario, values: Mapping[str, float]) -> Scenario:
    return base
