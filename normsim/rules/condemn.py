"""Condemn: a state decides whether to criticise another's visible act of the month, in public.

P = seen * logit^-1(intercept + norm n(1 - E(1 - a)) + party c + capacity log(scale) + casualties log(1+c)
             + novelty max(0, act - baseline) - friend max(ally, supplier) (1 - duty party) + metanorm)

Small states seldom speak out alone; states are lenient to friends [Terman and Voeten 2018]; they react to change more
than to level [Gino and Bazerman 2009]; more than twenty governments criticised the transfer of July 2023 [WPR 2023].
A party is bound to promote the norm [CCM 2008, art. 21], and its civil society c holds it to that: the six critics
named are democracies.

`condemn.reach` says who is asked: in the real world every act is everybody's business; in large synthetic worlds only
onlookers', which keeps the work in proportion to the ties.

Status: signs from the sources; intercept, `party` and `duty` set to that count and to the six named; other magnitudes
assumed. Null: each coefficient 0.
"""

from typing import Any, NamedTuple

REASONS = ("open", "no visible act to speak about", "it does not look to the state that acted")
NO_ACT, NOT_ASKED = 1, 2
"""Places in `REASONS`."""

WORLD, ONLOOKERS = 0, 1


class CondemnTerms(NamedTuple):
    """Terms of the propensity to condemn, in logits."""

    intercept: float
    norm: float
    party: float
    capacity: float
    casualties: float
    novelty: float
    friend: float
    metanorm: float


def gravity(p: Any, used: int, transferred: int, notice: int) -> float:
    """Gravity of a state's acts of the month [0-1]: the gravest of use, transfer and notice of withdrawal."""
    gravest = 1.0 if used else 0.0
    if transferred or notice:
        gravest = max(gravest, p.condemn.lesser)
    return gravest


def passed(p: Any, used: int, transferred: int, could_use: int, asked: int) -> float:
    """Gravity of the opportunities that a state let pass this month [0-1]: the gravest it had and did not take.

    Args:
        p: parameters.
        used: whether it used the weapon.
        transferred: transfers it made.
        could_use: whether it is at war and holds the weapon.
        asked: whether a partner at war asked it for rounds and could have got cluster munitions.
    """
    gravest = 1.0 if could_use and not used else 0.0
    if asked and not transferred:
        gravest = max(gravest, p.condemn.lesser)
    return gravest


def terms(
    p: Any,
    norm_cost: float,
    bound: int,
    civil: float,
    log_scale: float,
    log_casualties: float,
    act: float,
    baseline: float,
    ally: int,
    supplier: float,
    voices_seen: float,
) -> CondemnTerms:
    """Terms of the propensity of one state to condemn another's act.

    Args:
        p: parameters.
        norm_cost: norm cost of the act as the observer holds the norm and grants the exception [0-1].
        bound: whether the observer is a party.
        civil: strength of its civil society [0-1].
        log_scale: size of the observer, log(scale) with Ukraine = 1 (see `supply.scale`).
        log_casualties: observed casualties of the act, log(1 + c).
        act: gravity of the act as far as it is seen [0-1].
        baseline: level of violations the observer has grown used to [0-1].
        ally: whether a defence pact binds the two.
        supplier: how much of its arms the observer gets from the actor [0-1].
        voices_seen: share of those it looks to that spoke out last month [0-1].
    """
    freed = 1.0 - p.condemn.duty * bound
    return CondemnTerms(
        intercept=p.condemn.intercept,
        norm=p.condemn.norm * norm_cost,
        party=p.condemn.party * civil * bound,
        capacity=p.condemn.capacity * log_scale,
        casualties=p.condemn.casualties * log_casualties,
        novelty=p.condemn.novelty * max(0.0, act - baseline),
        friend=-p.condemn.friend * max(float(ally), supplier) * freed,
        metanorm=p.condemn.metanorm * voices_seen,
    )
