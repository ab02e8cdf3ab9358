"""Initial conditions: belief, civil society, habit and contamination of a state before the first month.

validity v0 = clip(level of its vote + validity_noise z, 0, 1); a party or a state without the weapon would vote yes, a
holder or producer outside the convention abstain, one that is recorded against the UN resolution no [Monitor 2025]
scope a0 = max(scope, floor of the regime)
civil society = (d + v0) / 2
expectations: conduct as if every month before had been like the last one, approval as the votes of the start
a committed state has validity `committed.validity` and looks to nobody
threshold phi_i = clip(threshold + spread z, 0, 1); susceptibility lambda_i, less for those that do not vote yes
contamination K0 = legacy_duds * state-years of recorded use on its territory

Status: votes empirical; levels, noise and the mean of democracy and validity assumed. Null: `validity_noise`, `habit`,
`legacy_duds` 0; `scope` 1 makes exceptions inert.
"""

from typing import Any

from normsim.rules.link_functions import clip

YES, ABSTAIN, NO = 0, 1, 2
"""What a state would vote on the yearly UN resolution that supports the convention."""

AT_RANDOM, MOST_WATCHED, BY_REGION = 0, 1, 2
"""In which order states are committed: choices of `committed.who`."""


def stance(p: Any, felt: float) -> int:
    """What a state with this felt norm votes: `YES`, `ABSTAIN` or `NO`."""
    if felt >= p.initial.vote_yes:
        return YES
    return NO if felt < p.initial.vote_no else ABSTAIN


def is_absent(p: Any, draw: float) -> bool:
    """Whether a state takes no part when the resolution comes to the vote: its position stays the last it stated."""
    return draw < p.norm.absence


def vote(outside: int, holder: int, producer: int, voted_against: int) -> int:
    """The vote of a state at the start: `YES`, `ABSTAIN` or `NO`.

    Args:
        outside: whether it has neither signed nor joined the convention.
        holder: whether it holds cluster munitions.
        producer: whether it produces them.
        voted_against: whether its vote against the resolution is recorded.
    """
    if voted_against:
        return NO
    return ABSTAIN if outside and (holder or producer) else YES


def validity(p: Any, vote: int, noise: float) -> float:
    """Validity at the start [0-1].

    Args:
        p: parameters.
        vote: `YES`, `ABSTAIN` or `NO`.
        noise: a standard normal number.
    """
    level = p.initial.validity_yes
    if vote == NO:
        level = p.initial.validity_no
    elif vote == ABSTAIN:
        level = p.initial.validity_abstain
    return clip(level + p.initial.validity_noise * noise, 0.0, 1.0)


def scope(p: Any, floor: float) -> float:
    """Scope at the start [0-1], at least the floor of the regime (see `norm.scope_floor`)."""
    return max(p.initial.scope, floor)


def civil_society(democracy: float, validity: float) -> float:
    """Strength of civil society [0-1]: half democracy, half the state's own validity."""
    return 0.5 * democracy + 0.5 * validity


def is_immovable(p: Any, vote: int, draw: float) -> bool:
    """Whether a state would never join: a random share `join.immovable` of those outside that hold or produce."""
    return vote != YES and draw < p.join.immovable


def is_committed(p: Any, order: float) -> bool:
    """Whether a state belongs to the committed minority: its place in the order of `committed.who` is below its share.

    Args:
        p: parameters.
        order: its place in the order in which states are committed [0-1).
    """
    return order < p.committed.share


def is_recent_user(uses_recent: int, intensity: float) -> bool:
    """Whether a state counts as a user in the month before the start: a recorded recent user that is still at war."""
    return uses_recent > 0 and intensity > 0.0


def habit(p: Any, recent_user: int) -> float:
    """Habit of use at the start [0-1]."""
    return p.initial.habit if recent_user else 0.0


def visible_use(p: Any, recent_user: int) -> float:
    """Use in the month before the start, as far as others see it [0-1]."""
    return p.norm.visibility if recent_user else 0.0


def threshold(p: Any, noise: float) -> float:
    """Expectation at which half its weight is felt, phi_i [0-1], from a standard normal number."""
    return clip(p.norm.threshold + p.norm.spread * noise, 0.0, 1.0)


def susceptibility(p: Any, vote: int) -> float:
    """Weight of expectations in the felt norm, lambda_i: a share `holdout` of it for states that do not vote yes."""
    return p.norm.susceptibility * (1.0 if vote == YES else p.norm.holdout)


def contamination(p: Any, use_years: float) -> float:
    """Duds on a territory at the start, from the state-years of recorded use on it."""
    return p.harm.legacy_duds * use_years
