"""Vote: the parties to the CCW decide on a protocol that allows munitions up to a dud rate.

block = logit^-1(intercept + ban_minded n [signed or bound](1 - safeguard) + strict_text [producer] lost (1 -
             deferral/cap))

Both flanks can block [ACA 2011: more than 50 of 114 objected, producers gave tacit support]: the ban-minded because
the text is weaker than the ban, producers because it outlaws what they hold. Under consensus it passes with
probability prod(1 - block). An adopted protocol binds its ratifiers only; an imposed one all CCW parties.

Status: rule empirical; magnitudes set to the 2011 count. Null: each coefficient 0.
"""

from typing import Any, NamedTuple

CONSENSUS, MAJORITY, IMPOSED = 0, 1, 2
REASONS = ("open", "not a party to the CCW", "nothing is on the table this month")


class VoteTerms(NamedTuple):
    """Terms of the propensity to block, in logits."""

    intercept: float
    ban_minded: float
    strict_text: float


def ineligible(in_ccw: int, on_the_table: int) -> int:
    """Why the state does not vote: index into `REASONS`, 0 if it does."""
    if not in_ccw:
        return 1
    return 0 if on_the_table else 2


def tabled(p: Any, month: int, calendar_month: int, adopted: int) -> bool:
    """Whether the text is decided on this month: each December until adopted; an imposed one as soon as tabled."""
    if not p.ccw_dud_rate.on or adopted or month < p.ccw_dud_rate.tabled_after:
        return False
    return calendar_month == 12 or p.ccw_dud_rate.rule == IMPOSED


def terms(p: Any, felt: float, committed: int, producer: int, lost: float) -> VoteTerms:
    """Terms of a CCW party's propensity to block the text.

    Args:
        p: parameters.
        felt: felt norm [0-1].
        committed: whether it is a party or a signatory of the ban.
        producer: whether it produces cluster munitions.
        lost: share of its stock with a claimed dud rate above the threshold [0-1].
    """
    open_years = 1.0 - min(p.ccw_dud_rate.deferral_months / p.vote.deferral_cap, 1.0)
    return VoteTerms(
        intercept=p.vote.intercept,
        ban_minded=p.vote.ban_minded * felt * committed * (1.0 - p.two_track.on * p.two_track.safeguard),
        strict_text=p.vote.strict_text * producer * lost * open_years,
    )


def passes(p: Any, blockers: int, voters: int) -> bool:
    """Whether the text is adopted, by the rule in force."""
    if p.ccw_dud_rate.rule == IMPOSED:
        return True
    if p.ccw_dud_rate.rule == MAJORITY:
        return voters > 0 and voters - blockers >= p.ccw_dud_rate.majority * voters
    return voters > 0 and blockers < p.ccw_dud_rate.blockers_needed
