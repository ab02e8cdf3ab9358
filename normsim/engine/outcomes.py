"""Outcomes: what is measured of a month, what is derived from it, and what is said of a whole run."""

from typing import NamedTuple

import numpy as np


class Outcome(NamedTuple):
    """One outcome.

    Attributes:
        unit: unit in words.
        meaning: definition.
        over: how a run sums it up by default: `last`, `sum` or `mean` of its months.
    """

    unit: str
    meaning: str
    over: str


MEASURED: dict[str, Outcome] = {
    "parties": Outcome("states", "states bound by the convention (deposits minus exits)", "last"),
    "signatories": Outcome("states", "states that signed and are not yet bound", "last"),
    "renouncers": Outcome("states", "states that renounced unilaterally and are not parties", "last"),
    "holders": Outcome("states", "states that hold cluster munitions", "last"),
    "producers": Outcome("states", "producers of cluster munitions outside the ban", "last"),
    "joins": Outcome("states per month", "signatures and deposits", "sum"),
    "deposits": Outcome("states per month", "deposits of ratification or accession", "sum"),
    "renunciations": Outcome("states per month", "unilateral renunciations", "sum"),
    "notices": Outcome("states per month", "notices of withdrawal", "sum"),
    "exits": Outcome("states per month", "withdrawals taking effect", "sum"),
    "at_war": Outcome("states", "states in conflict", "mean"),
    "opportunities": Outcome("states", "holders in conflict: those that could use", "mean"),
    "users": Outcome("states per month", "states that used cluster munitions", "mean"),
    "users_party": Outcome("states per month", "parties, with the convention in force, that used them", "sum"),
    "uses_lawful": Outcome("states per month", "use that the user's own obligations allow", "sum"),
    "uses_unlawful": Outcome("states per month", "use against the user's own obligations", "sum"),
    "uses_excepted": Outcome("states per month", "use under a claimed exception (tier or bridge)", "sum"),
    "uses_norm_free": Outcome(
        "states per month", "expected users had there been no norm, in the same situation", "mean"
    ),
    "rounds_fired": Outcome("rounds per month", "rounds fired", "sum"),
    "transfers": Outcome("transfers per month", "transfers made", "sum"),
    "transfers_excepted": Outcome("transfers per month", "transfers under a claimed exception", "sum"),
    "transfers_over_limit": Outcome("transfers per month", "transfers above the supplier's domestic limit", "sum"),
    "transfers_norm_free": Outcome("transfers per month", "expected transfers had there been no norm", "sum"),
    "rounds_sent": Outcome("rounds per month", "rounds transferred", "sum"),
    "acquisitions": Outcome("states per month", "decisions to produce or to seek to buy", "sum"),
    "rounds_produced": Outcome("rounds per month", "rounds produced", "sum"),
    "bridges_open": Outcome("states", "states with an open bridge exception", "mean"),
    "episodes": Outcome("episodes", "exceptions opened so far", "last"),
    "breaches": Outcome("breaches per month", "assurances broken", "sum"),
    "breaches_detected": Outcome("breaches per month", "breaches that the supplier detected", "sum"),
    "cutoffs": Outcome("cut-offs per month", "recipients cut off", "sum"),
    "violations": Outcome("acts per month", "states with a visible violating act", "sum"),
    "violations_answered": Outcome("acts per month", "of these, answered by enough of the world's standing", "sum"),
    "condemnations": Outcome("per month", "pairs of a condemning and a condemned state", "sum"),
    "validity": Outcome("0-1", "mean validity over states", "last"),
    "validity_by_power": Outcome("0-1", "mean validity weighted by power", "last"),
    "validity_sd": Outcome("0-1", "standard deviation of validity between states", "last"),
    "validity_moran": Outcome("Moran's I", "regional clustering of validity", "last"),
    "scope": Outcome("0-1", "mean scope over states", "last"),
    "scope_sd": Outcome("0-1", "standard deviation of scope between states", "last"),
    "felt": Outcome("0-1", "mean felt norm", "last"),
    "felt_sd": Outcome("0-1", "standard deviation of the felt norm between states", "last"),
    "felt_by_power": Outcome("0-1", "felt norm weighted by power", "last"),
    "conduct": Outcome("0-1", "compliance that states expect of each other, mean", "last"),
    "approval": Outcome("0-1", "approval of the norm that states expect of each other, mean", "last"),
    "agreement": Outcome(
        "0-1", "mean worth of the votes on the UN resolution: yes 1, abstain `norm.abstention`, no 0", "last"
    ),
    "agreement_by_power": Outcome("0-1", "the same, weighted by power", "last"),
    "readiness": Outcome("0-1", "probability of condemning one fixed act, mean over states by standing", "last"),
    "claimants": Outcome("states", "states that have claimed an exception so far", "last"),
    "votes_yes": Outcome("states", "states that voted for the yearly UN resolution", "last"),
    "votes_abstain": Outcome("states", "states that abstained", "last"),
    "votes_no": Outcome("states", "states that voted against", "last"),
    "stock": Outcome("rounds", "cluster munitions held in the world", "last"),
    "stock_above_threshold": Outcome("rounds", "of these, claimed above the dud-rate threshold", "last"),
    "stock_destroyed": Outcome("rounds per month", "rounds destroyed", "sum"),
    "duds": Outcome("duds per month", "duds left by this month's use", "sum"),
    "contamination": Outcome("duds", "duds on the ground in the world", "last"),
    "cleared": Outcome("duds per month", "duds cleared", "sum"),
    "casualties_attack": Outcome("people per month", "casualties of attacks", "sum"),
    "casualties_remnants": Outcome("people per month", "casualties of remnants", "sum"),
    "casualties_recorded": Outcome("people per month", "of both, those that are recorded", "sum"),
    "blockers": Outcome("states", "CCW parties that blocked in a vote this month", "sum"),
    "voters": Outcome("states", "CCW parties that voted this month", "sum"),
    "tier_in_force": Outcome("0/1", "a dud-rate protocol is adopted", "last"),
    "tier_members": Outcome("states", "states bound by it", "last"),
    "dud_gap": Outcome("ratio", "field over claimed dud rate, over the rounds fired this month (0 if none)", "mean"),
    "threat": Outcome("0-1", "mean threat", "mean"),
    "events_not_done": Outcome("events per month", "forced acts of dated events that could not happen", "sum"),
    "shortage": Outcome("0-1", "mean shortage of conventional munitions of states at war", "mean"),
}
"""Written by the compiled month."""

DERIVED: dict[str, Outcome] = {
    "concordance": Outcome(
        "0-1", "norm in words: votes on the UN resolution, mean of the plain and the power-weighted", "last"
    ),
    "reaction": Outcome("0-1", "norm in reaction: probability of condemning one fixed act, by standing", "last"),
    "compliance": Outcome(
        "0-1", "1 - use and transfers of twelve months over what is expected without the norm, within 0 to 1", "last"
    ),
    "implementation": Outcome("0-1", "half the share of parties, half the share of the first stock destroyed", "last"),
    "robustness": Outcome("0-1", "a convenience: mean of the four indicators above", "last"),
    "robustness_discursive": Outcome("0-1", "mean of concordance and reaction: what is said", "last"),
    "robustness_factic": Outcome("0-1", "mean of compliance and implementation: what is done", "last"),
}
"""Computed from the measured ones: the four indicators of Deitelhoff and Zimmermann (2019) and their index."""

OUTCOMES: dict[str, Outcome] = {**MEASURED, **DERIVED}

SERIES = np.dtype([(name, "f8") for name in MEASURED])
"""A month as the compiled month writes it."""

WINDOW = 12
"""Months over which compliance is taken."""

RECOVERY = 60
"""Months after the last exception has closed at which recovery is measured."""

WEAK = 0.5
"""Robustness below which the norm counts as weak."""


def _rolling_sum(values: np.ndarray, window: int) -> np.ndarray:
    """Sum over the last `window` months, over fewer at the start."""
    total = np.cumsum(values)
    lagged = np.concatenate([np.zeros(min(window, len(total))), total[:-window]])
    return np.asarray(total - lagged[: len(total)])


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part / whole, 0 where there is nothing to share."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def derive(measured: np.ndarray, n_states: int) -> dict[str, np.ndarray]:
    """The derived outcomes of each month.

    Args:
        measured: series of dtype `SERIES`, shape (months,).
        n_states: number of states.
    """
    m = measured
    concordance = (m["agreement"] + m["agreement_by_power"]) / 2
    reaction = m["readiness"].copy()
    acts = _rolling_sum(m["users"] + m["transfers"], WINDOW)
    expected = _rolling_sum(m["uses_norm_free"] + m["transfers_norm_free"], WINDOW)
    compliance = 1.0 - np.minimum(_share(acts, expected), 1.0)
    gone = np.cumsum(m["stock_destroyed"])
    implementation = (m["parties"] / n_states + _share(gone, gone + m["stock"])) / 2
    return {
        "concordance": concordance,
        "reaction": reaction,
        "compliance": compliance,
        "implementation": implementation,
        "robustness": (concordance + reaction + compliance + implementation) / 4,
        "robustness_discursive": (concordance + reaction) / 2,
        "robustness_factic": (compliance + implementation) / 2,
    }


RUN_OUTCOMES: dict[str, Outcome] = {
    "user_states": Outcome("states", "different states that used cluster munitions", "run"),
    "months_to_weak": Outcome("months", "first month with robustness below one half; the horizon if never", "run"),
    "scope_recovery": Outcome(
        "share", "share of the loss of mean scope regained 60 months after the last exception closed", "run"
    ),
    "casualties": Outcome("people", "casualties of attacks and remnants over the run", "run"),
    "unlawful_share": Outcome("share", "unlawful share of use", "run"),
}
"""Said of a whole run, beside the default summary of each monthly outcome."""


def summarise(series: dict[str, np.ndarray], user_states: int) -> dict[str, float]:
    """One number an outcome for a whole run.

    Args:
        series: every monthly outcome, each of shape (months,).
        user_states: different states that used cluster munitions.
    """
    if len(series["parties"]) == 0:
        return {}
    pick = {"last": lambda x: x[-1], "sum": lambda x: x.sum(), "mean": lambda x: x.mean()}
    summary = {name: float(pick[outcome.over](series[name])) for name, outcome in OUTCOMES.items()}
    weak = np.flatnonzero(series["robustness"] < WEAK)
    uses = series["uses_lawful"].sum() + series["uses_unlawful"].sum()
    summary |= {
        "user_states": float(user_states),
        "months_to_weak": float(weak[0]) if len(weak) else float(len(series["robustness"])),
        "scope_recovery": _recovery(series["scope"], series["bridges_open"] + series["tier_in_force"]),
        "casualties": float((series["casualties_attack"] + series["casualties_remnants"]).sum()),
        "unlawful_share": float(series["uses_unlawful"].sum() / uses) if uses else 0.0,
    }
    return summary


def _recovery(scope: np.ndarray, open_exceptions: np.ndarray) -> float:
    """Share of the lost scope regained `RECOVERY` months after the last exception closed; 1 if none was lost."""
    opened = np.flatnonzero(open_exceptions > 0.0)
    if len(opened) == 0:
        return 1.0
    before, lowest = scope[0], scope[: opened[-1] + 1].min()
    later = scope[min(opened[-1] + RECOVERY, len(scope) - 1)]
    return float(np.clip((later - lowest) / (before - lowest), 0.0, 1.0)) if before > lowest else 1.0
