"""Use: a holder at war decides whether to fire cluster munitions this month.

P = logit^-1(intercept + intensity x + shortage s + habit h + opponent o + lawful L - norm cost
             - audience d log(1+c) - assurance z m - investigation i (1-h)
             - party (1 - reliance (1-n)))

The intercept and habit are the essay's claim that troops fire what is at hand even where ordinary shells would do
[Wexler 2023]; reciprocity follows Morrow [2007]; no confirmed use by a party since 2008 [Monitor 2025]. With `reliance`
a treaty that nobody upholds binds less. Which class is fired: at random, by rounds at hand.

Status: signs from the sources; magnitudes assumed but for the parties' restraint. Null: each coefficient 0.
"""

import math
from typing import Any, NamedTuple

from normsim.rules.link_functions import logit

REASONS = (
    "open",
    "not at war",
    "holds no cluster munitions",
    "renounced the weapon",
    "pledged to stop while ordinary rounds suffice",
)
NO_ROUNDS = 2
"""Place in `REASONS` of the one reason that no dated event overrides."""


class UseTerms(NamedTuple):
    """Terms of the propensity to use, in logits."""

    intercept: float
    intensity: float
    shortage: float
    habit: float
    opponent: float
    lawful: float
    norm: float
    audience: float
    assurance: float
    investigation: float
    party: float


def ineligible(p: Any, intensity: float, rounds: int, renounced: int, recipient: int, shortage: float) -> int:
    """Why the state does not decide on this: index into `REASONS`, 0 if it does.

    Args:
        p: parameters.
        intensity: intensity of its war [0-1], 0 at peace.
        rounds: rounds held, all classes.
        renounced: whether it renounced the weapon.
        recipient: whether its stock came from a supplier it gave assurances to.
        shortage: missing share of the conventional stock target [0-1].
    """
    if intensity <= 0.0:
        return 1
    if rounds <= 0:
        return 2
    if renounced:
        return 3
    if p.pledge.stop and recipient and shortage < p.pledge.level:
        return 4
    return 0


def terms(
    p: Any,
    intensity: float,
    shortage: float,
    habit: float,
    opponent_used: float,
    lawful: float,
    norm_cost: float,
    felt: float,
    democracy: float,
    strike_casualties: float,
    assured: float,
    bound: int,
) -> UseTerms:
    """Terms of the propensity to use in a month of war.

    Args:
        p: parameters.
        intensity: intensity of the war [0-1].
        shortage: missing share of the conventional stock target [0-1].
        habit: smoothed recent use [0-1].
        opponent_used: 1 if a rival at war used the weapon last month.
        lawful: 1 if use of the class is lawful for it.
        norm_cost: norm cost of the act [0-1].
        felt: felt norm [0-1].
        democracy: level of democracy [0-1].
        strike_casualties: observed casualties of its recent strikes (smoothed, a month).
        assured: strictest assurance in force times the chance that its breach is seen [0-1].
        bound: whether the convention is in force for it.
    """
    return UseTerms(
        intercept=p.use.intercept,
        intensity=p.use.intensity * intensity,
        shortage=p.use.shortage * shortage,
        habit=p.use.habit * habit,
        opponent=p.use.opponent * opponent_used,
        lawful=p.use.lawful * lawful,
        norm=-p.use.norm * norm_cost,
        audience=-p.use.audience * democracy * math.log1p(strike_casualties),
        assurance=-p.use.assurance * assured,
        investigation=-p.use.investigation * p.investigation.commitment * (1.0 - habit),
        party=-p.use.party * (1.0 - p.use.reliance * (1.0 - felt)) if bound else 0.0,
    )


def without_norm(terms: UseTerms) -> float:
    """Probability of use had there been no norm: all terms but the norm cost and the bond of the convention."""
    total = 0.0
    for term in terms:
        total += term
    return logit((total - terms.norm - terms.party,))


def choose_class(legacy: int, improved: int, low_dud: int, draw: float) -> int:
    """The class fired (legacy 0, improved 1, low-dud 2), drawn in proportion to the rounds at hand."""
    mark = draw * (legacy + improved + low_dud)
    if mark < legacy:
        return 0
    if mark < legacy + improved or low_dud <= 0:
        return 1 if improved > 0 else 0
    return 2


def rounds_fired(p: Any, rounds: int, intensity: float, scale: float) -> int:
    """Rounds fired in a month of use: what intensity and scale ask for, at most a share of what the class holds."""
    return min(math.ceil(p.use.ration * rounds), math.ceil(p.use.rounds * intensity * scale))
