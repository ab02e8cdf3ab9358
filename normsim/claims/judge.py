"""The verdict on a claim: pure functions of arrays, so that toy claims of known truth can test how often they err.

Differences are scenario minus baseline, turned so that the claimed direction is positive. With the level ALPHA:

- supported: the effect at the defaults has the claimed sign, is at least as large as matters, and its p value
  (Student's t over pairs, two-sided, Holm-corrected over all claims judged together) is below ALPHA. Contradicted: the
  same with the other sign.
- robust: supported; the sign holds at HOLDS of the points that show any effect; the effect matters at MOST of all
  points; and the null kills it: with the null values the 95 % interval lies within what matters, and at most LEFT of
  the effect at the defaults remains, whatever its sign.
- refuted: contradicted, and the sign is the other one at more than MOST of the points that show any effect.
- conditional: neither, and either supported, or a few parameters predict where the effect matters (see `discover`) and
  it does at MOST of the points of that region.
- not detectable: everything else.

For a claim of no difference ("same") the effect holds where it lies within what matters on either side: the p value is
that of two one-sided tests, or of the effect lying outside; a point holds if its effect lies within; the null must lie
within too, and LEFT does not apply, for there is no effect to take away.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from normsim.claims.discovery import NOTHING, Discovery, discover
from normsim.claims.mixture import RESAMPLES, Share, share_above
from normsim.stats import Mean, mean_interval, standard_error

ALPHA = 0.05
"""Level of the tests at the defaults, for all claims together."""

HOLDS = 0.9
"""Share of the points with an effect at which the sign of a robust claim holds."""

MOST = 0.5
"""Share of the points that counts as most of them."""

LEFT = 0.5
"""Share of the effect at the defaults that may remain with the null values."""

Word = Literal["robust", "conditional", "not detectable", "refuted"]


@dataclass(frozen=True)
class Evidence:
    """What was run for a claim.

    Attributes:
        direction: `higher`, `lower` or `same`.
        matters: smallest effect that matters.
        defaults: differences at the defaults, one per pair of runs.
        null: the same with the null values.
        space: differences over the parameter space, shape (points, replications).
        inputs: values of the parameters at these points, shape (points, parameters).
        names: names of the parameters.
    """

    direction: str
    matters: float
    defaults: np.ndarray
    null: np.ndarray
    space: np.ndarray
    inputs: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """What is said of a claim.

    Attributes:
        effect: the effect at the defaults, scenario minus baseline.
        p: its p value, two-sided.
        p_corrected: the same corrected for the number of claims.
        sign: share of the points with any effect at which the sign is the claimed one (for `same`: at which the effect
            lies within what matters, among all).
        matters: share of all points at which the effect has the claimed sign and matters (for `same`: as `sign`).
        against: share of the points with any effect at which the sign is the other (for `same`: outside what matters).
        none: share of the points at which no run differs.
        decided: the parameters that decide where it matters.
        null: the effect with the null values.
        null_kills: whether it then lies within what matters, and is at most half of the effect at the defaults.
        supported: whether the claim holds at the defaults; where it does not, there is nothing for a null to kill.
        verdict: in a word.
        condition: on what it depends, or why it is not more.
    """

    effect: Mean
    p: float
    p_corrected: float
    sign: Share
    matters: Share
    against: float
    none: float
    decided: Discovery
    null: Mean
    null_kills: bool
    supported: bool = False
    verdict: Word = "not detectable"
    condition: str = ""


def judge(evidence: Sequence[Evidence], resamples: int = RESAMPLES, others: Sequence[float] = ()) -> list[Judgement]:
    """Judge claims together: the more there are, the stronger the evidence that each needs.

    Args:
        evidence: what was run for each.
        resamples: resamples behind the intervals of shares; no verdict depends on these.
        others: p values of further claims of the same ledger, which are corrected for but not judged.
    """
    measured = [_measure(each, resamples) for each in evidence]
    corrected = holm([*(each.p for each in measured), *others])[: len(measured)]
    return [
        _verdict(each, replace(found, p_corrected=p))
        for each, found, p in zip(evidence, measured, corrected, strict=True)
    ]


def p_value(differences: np.ndarray, direction: str, matters: float) -> float:
    """The two-sided p value of a claim: against no effect, or for `same` against one that just matters."""
    if direction != "same":
        below, above = _one_sided(differences, 0.0)
        return min(1.0, 2.0 * min(below, above))
    not_low, not_high = _one_sided(differences, -matters), _one_sided(differences, matters)
    within = max(not_low[1], not_high[0])
    outside = min(not_low[0], not_high[1])
    return min(1.0, 2.0 * min(within, outside))


def holm(p: Sequence[float]) -> list[float]:
    """P values corrected so that one false finding among them all is no likelier than the level [Holm 1979]."""
    order = np.argsort(p, kind="stable")
    steps = np.asarray(p, float)[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in corrected]


def _one_sided(differences: np.ndarray, bound: float) -> tuple[float, float]:
    """P values that the mean is below and that it is above a bound."""
    from scipy import stats

    n = len(differences)
    if n < 2:
        return 1.0, 1.0
    mean, error = float(differences.mean()), float(standard_error(differences))
    if error == 0.0:  # every pair says the same
        return (float(mean >= bound), float(mean <= bound)) if mean != bound else (1.0, 1.0)
    t = (mean - bound) / error
    return float(stats.t.cdf(t, n - 1)), float(stats.t.sf(t, n - 1))


def _measure(evidence: Evidence, resamples: int) -> Judgement:
    """All of a judgement but the verdict."""
    m, same = evidence.matters, evidence.direction == "same"
    turn = -1.0 if evidence.direction == "lower" else 1.0
    space = turn * evidence.space
    effect, null = mean_interval(evidence.defaults), mean_interval(evidence.null)
    any_effect = space.any(axis=1)
    above = share_above(space, m, resamples=resamples)
    if same:
        sign = matters = _inside(above, share_above(space, -m, resamples=resamples))
        against = sign.below
    else:
        sign, matters = share_above(space, 0.0, any_effect, resamples), above
        against = sign.below
    return Judgement(
        effect=effect,
        p=p_value(evidence.defaults, evidence.direction, m),
        p_corrected=1.0,
        sign=sign,
        matters=matters,
        against=against,
        none=float(1.0 - any_effect.mean()) if len(space) else math.nan,
        decided=discover(evidence.inputs, evidence.names, matters.each) if len(space) else NOTHING,
        null=null,
        null_kills=bool(-m <= null.low and null.high <= m and (same or abs(null.value) <= LEFT * abs(effect.value))),
    )


def _inside(above: Share, not_below: Share) -> Share:
    """The share of points whose effect lies within what matters, from the shares above its upper and lower end."""
    value = not_below.value - above.value
    low, high = not_below.low - above.high, not_below.high - above.low
    return Share(value, max(low, 0.0), min(high, 1.0), 1.0 - value, np.clip(not_below.each - above.each, 0.0, 1.0))


def _verdict(evidence: Evidence, found: Judgement) -> Judgement:
    """The verdict, by the rule of this module."""
    if found.effect.n < 2:
        return replace(found, condition=f"{'one' if found.effect.n else 'no'} pair of runs is done")
    if not len(evidence.space):
        return replace(found, condition="no point of the space is whole")
    mean, m, same = found.effect.value, evidence.matters, evidence.direction == "same"
    turned = -mean if evidence.direction == "lower" else mean
    sure = found.p_corrected < ALPHA
    supported = sure and (abs(mean) <= m if same else turned >= m)
    contradicted = sure and (abs(mean) > m if same else turned <= -m)
    everywhere = found.sign.value >= HOLDS and found.matters.value >= MOST
    found = replace(found, supported=supported)
    if supported and everywhere and found.null_kills:
        return replace(found, verdict="robust", condition="")
    if contradicted and found.against > MOST:
        told = f"the effect is {'outside what matters' if same else 'the other way'} at {found.against:.0%} of points"
        return replace(found, verdict="refuted", condition=told)
    decided = found.decided.predicts and found.decided.inside >= MOST
    if not (decided or supported):
        return replace(found, condition=_reason(found, turned, m, sure, same))
    parts = [f"on {found.decided}"] if decided else [] if everywhere else [_shortfall(found)]
    if supported and not found.null_kills:
        parts.append(_left(found.null))
    return replace(found, verdict="conditional", condition="; ".join(parts))


def _left(null: Mean) -> str:
    """What the null leaves."""
    if null.n < 2:
        return "too few pairs of runs with the null values are done"
    return f"with the null values {null.value:.3g} ({null.low:.3g} to {null.high:.3g}) is left"


def _shortfall(found: Judgement) -> str:
    """What a claim that holds at the defaults lacks over the space."""
    what = f"sign at {found.sign.value:.0%}" if found.sign.value < HOLDS else f"matters at {found.matters.value:.0%}"
    return f"holds at the defaults; {what} of points, {str(found.decided) or 'no few parameters say where'}"


def _reason(found: Judgement, turned: float, m: float, sure: bool, same: bool) -> str:
    """Why nothing is said."""
    if not found.effect.value and found.none == 1.0:
        return "no run differs"
    if not sure and same:
        return "too uncertain to tell from an effect that matters"
    if not sure:
        zero = found.effect.low <= 0.0 <= found.effect.high
        return "the interval at the defaults holds zero" if zero else "not sure enough among so many claims"
    if same:
        return "holds at neither the defaults nor most points"
    if abs(turned) < m:
        return f"{'as claimed' if turned > 0 else 'the other way'}, but too small to matter"
    return f"the other way at the defaults, but at {found.against:.0%} of points only"
