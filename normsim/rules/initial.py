"""Initial conditions: belief, civil society, habit and contamination of a state before the first month.

validity v0 = clip(level of its vote + validity_noise z, 0, 1); a party or a state without the weapon would vote yes, a
holder or producer outside the convention abstain, one that is recorded against the UN resolution no [Monitor 2025]
scope a0 = max(scope, floor of the regime)
civil society = (d + v0) / 2
perceived compliance n0 = 1 - visible recent use among those it looks to
contamination K0 = legacy_duds * state-years of recorded use on its territory

Status: votes empirical; levels, noise and the mean of democracy and validity assumed. Null: `validity_noise`, `habit`,
`legacy_duds` 0; `scope` 1 makes exceptions inert.
"""

from typing import Any

from normsim.rules.link_functions import clip

YES, ABSTAIN, NO = 0, 1, 2
"""What a state would vote on the yearly UN resolution that supports the convention."""


def stance(p: Any, validity: float) -> int:
    """What a state with this validity would vote: `YES`, `ABSTAIN` or `NO`."""
    if validity >= p.initial.vote_yes:
        return YES
    return NO if validity < p.initial.vote_no else ABSTAIN


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


def is_recent_user(uses_recent: int, intensity: float) -> bool:
    """Whether a state counts as a user in the month before the start: a recorded recent user that is still at war."""
    return uses_recent > 0 and intensity > 0.0


def habit(p: Any, recent_user: int) -> float:
    """Habit of use at the start [0-1]."""
    return p.initial.habit if recent_user else 0.0


def visible_use(p: Any, recent_user: int) -> float:
    """Use in the month before the start, as far as others see it [0-1]."""
    return p.norm.visibility if recent_user else 0.0


def perceived(acts_seen: float) -> float:
    """Perceived compliance at the start [0-1], from the visible acts among those it looks to."""
    return 1.0 - acts_seen


def contamination(p: Any, use_years: float) -> float:
    """Duds on a territory at the start, from the state-years of recorded use on it."""
    return p.harm.legacy_duds * use_years
