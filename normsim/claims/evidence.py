"""Verdicts from stored results: the evidence of all claims, judged together; one row per claim."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from normsim.analysis.frames import listed
from normsim.claims.breakeven import break_even
from normsim.claims.judge import Evidence, Judgement, judge, p_value
from normsim.claims.ledger import Claim, Ledger
from normsim.claims.trials import Stored, fixed_by
from normsim.errors import AnalysisError
from normsim.experiment import Results
from normsim.scenario import Scenario


def verdicts(ledger: Ledger, out: Path, ids: Iterable[str] = ()) -> pd.DataFrame:
    """Judge claims from the results under a folder.

    p values are corrected for all claims of the ledger, also when only some are asked for or stored: one that has no
    runs at the defaults counts as p = 1.

    Args:
        ledger: the claims.
        out: folder of the results, as `run_claims` left it.
        ids: claims wanted; all if none is named.

    Returns:
        one row per claim: id, claim, mechanisms, scenario, baseline, outcome, unit, direction, matters, because;
        effect, low, high, n pairs and p at the defaults, p_corrected; points, share_sign, share_sign_low,
        share_sign_high, share_matters, share_matters_low, share_matters_high, share_none over the parameter space;
        decided_by, skill;
        null_parameter, null_effect, null_low, null_high, null_kills, supported; verdict, condition;
        break_even, of claims with a sweep. See `judge` for the rule.

    Raises:
        ScenarioError: there is no such claim.
        AnalysisError: results of a claim are missing or incomplete.
    """
    wanted = ledger.chosen(ids)
    reader = _Reader(ledger, Stored(out, ledger))
    found = {claim.id: evidence for claim in wanted if (evidence := reader.evidence(claim)) is not None}
    missing = [claim.id for claim in wanted if claim.id not in found]
    if missing:
        raise AnalysisError(f"{out} lacks runs for {listed(missing)}; go on with: normsim claims --out {out}")
    others = [reader.p_value(claim) for claim in ledger.claims if claim.id not in found]
    judged = dict(zip(found, judge(list(found.values()), others=others), strict=True))
    rows = [_row(claim, found[claim.id], judged[claim.id]) | {"break_even": reader.sweep(claim)} for claim in wanted]
    return pd.DataFrame(rows)


class _Reader:
    """Reads the evidence of claims; what several claims share is read once."""

    def __init__(self, ledger: Ledger, stored: Stored) -> None:
        self._ledger, self._stored = ledger, stored
        self._wide = cache(self._read_wide)
        self._inputs = cache(self._read_inputs)

    def evidence(self, claim: Claim) -> Evidence | None:
        """The evidence of a claim, None if not all of it is stored."""
        arms = [self._ledger.arms[name] for name in (claim.baseline, claim.scenario)]
        null_arms = [*self._ledger.null_arms(claim)]
        fixed = fixed_by(arms)
        defaults = self._pair(None, arms, claim.outcome)
        null = self._pair(None, null_arms, claim.outcome)
        space = self._pair(fixed, arms, claim.outcome)
        if defaults is None or null is None or space is None:
            return None
        whole = np.isfinite(space).all(axis=1)
        names, inputs = self._inputs(self._stored.arms(fixed)[arms[0].fingerprint()].results)
        return Evidence(
            direction=claim.direction,
            matters=claim.matters,
            defaults=_known(defaults),
            null=_known(null),
            space=space[whole],
            inputs=inputs[whole],
            names=names,
        )

    def p_value(self, claim: Claim) -> float:
        """The p value of a claim at the defaults, 1 if it is not stored."""
        arms = [self._ledger.arms[name] for name in (claim.baseline, claim.scenario)]
        defaults = self._pair(None, arms, claim.outcome)
        return 1.0 if defaults is None else p_value(_known(defaults), claim.direction, claim.matters)

    def sweep(self, claim: Claim) -> str:
        """At which level of its sweep a claim's effect changes sign, in words; empty if it has none."""
        levels, rows = [], []
        for level, baseline, scenario in self._ledger.sweep_arms(claim):
            pair = self._pair(None, [baseline, scenario], claim.outcome)
            if pair is not None:
                levels.append(level)
                rows.append(pair.ravel())
        if len(levels) < 2:
            return ""
        turned = np.array(rows) * (-1.0 if claim.direction == "lower" else 1.0)
        return break_even(next(iter(claim.sweep)), np.array(levels), turned[:, np.isfinite(turned).all(axis=0)])

    def _pair(self, fixed: tuple[str, ...] | None, arms: list[Scenario], outcome: str) -> np.ndarray | None:
        """Scenario minus baseline, shape (rows, replications); None if one of these arms is not complete."""
        sides = []
        for arm in arms:
            place = self._stored.arms(fixed).get(arm.fingerprint())
            if place is None or place.results.done + place.results.failed < place.results.total:
                return None
            sides.append(self._wide(place.results)[place.name, outcome])
        baseline, scenario = sides
        return np.asarray(scenario - baseline)

    def _read_wide(self, results: Results) -> dict[tuple[str, str], np.ndarray]:
        """Every outcome of the ledger by arm, shape (rows, replications); not a number where a run failed."""
        experiment = results.experiment
        rows = len(experiment.points) // len(experiment.scenarios)
        names = sorted({claim.outcome for claim in self._ledger.claims})
        table = results.query(f"SELECT point, replication, {', '.join(names)} FROM outcomes")
        found = {}
        for name in names:
            values = np.full((len(experiment.points), experiment.replications), np.nan)
            values[table["point"].to_numpy(), table["replication"].to_numpy()] = table[name].to_numpy(float)
            for place, arm in enumerate(experiment.scenarios):
                found[arm.name, name] = values[place * rows : (place + 1) * rows]
        return found

    def _read_inputs(self, results: Results) -> tuple[tuple[str, ...], np.ndarray]:
        """Names and values of the parameters over the rows of a hypercube."""
        names = results.experiment.factors
        rows = len(results.experiment.points) // len(results.experiment.scenarios)
        return names, results.points.sort_values("point")[list(names)].to_numpy(float)[:rows]


def _known(differences: np.ndarray) -> np.ndarray:
    """The differences of pairs that did not fail."""
    flat = differences.ravel()
    return flat[np.isfinite(flat)]


def _row(claim: Claim, evidence: Evidence, found: Judgement) -> dict[str, object]:
    """A claim and its verdict as columns."""
    return {
        "id": claim.id,
        "claim": claim.sentence,
        "mechanisms": ", ".join(map(str, claim.mechanisms)),
        "scenario": claim.scenario,
        "baseline": claim.baseline,
        "outcome": claim.outcome,
        "unit": claim.unit,
        "direction": claim.direction,
        "matters": claim.matters,
        "because": claim.because,
        "effect": found.effect.value,
        "low": found.effect.low,
        "high": found.effect.high,
        "n": found.effect.n,
        "p": found.p,
        "p_corrected": found.p_corrected,
        "points": len(evidence.space),
        "share_sign": found.sign.value,
        "share_sign_low": found.sign.low,
        "share_sign_high": found.sign.high,
        "share_matters": found.matters.value,
        "share_matters_low": found.matters.low,
        "share_matters_high": found.matters.high,
        "share_none": found.none,
        "decided_by": str(found.decided),
        "skill": found.decided.skill,
        "null_parameter": claim.null_parameter,
        "null_effect": found.null.value,
        "null_low": found.null.low,
        "null_high": found.null.high,
        "null_kills": found.null_kills,
        "supported": found.supported,
        "verdict": found.verdict,
        "condition": found.condition,
    }
