"""Bridge exception: who may claim it, when it opens, when it is due, and when it closes.

A bridge opens for a supplier short of ordinary rounds whose partner at war is short too, and is due to close at
`close_above` (hysteresis) or at its sunset [Wexler 2023].

opens if   partner shortage > ally_short and q < open_below and restored since the last one
due if     q >= close_above or months open >= sunset
closes     at a review, with probability `close_probability`

Status: assumed. Null: `bridge.on` 0.
"""

from typing import Any


def may_claim(producer: int, rounds: int, intensity: float, bound: int, renounced: int) -> bool:
    """Whether a state is in a position to claim the exception.

    The exception bridges the time until its own output has caught up: it takes a producer that holds the weapon, is at
    peace, and is held back neither by the ban nor by a renunciation.

    Args:
        producer: whether it produces cluster munitions.
        rounds: rounds held, all classes.
        intensity: intensity of its war [0-1], 0 at peace.
        bound: whether it is a party to the convention.
        renounced: whether it renounced the weapon.
    """
    return producer > 0 and rounds > 0 and intensity <= 0.0 and not bound and not renounced


def opens(p: Any, conventional: float, partner_shortage: float, episodes: int, refilled: int) -> bool:
    """Whether a supplier that may claim the exception does so now.

    Args:
        p: parameters.
        conventional: its own conventional stock, of the target.
        partner_shortage: greatest shortage among its partners at war [0-1].
        episodes: how often it has opened one.
        refilled: whether its stock was restored since the last one closed.
    """
    if not p.bridge.on or not refilled or (p.bridge.episodes > 0 and episodes >= p.bridge.episodes):
        return False
    return partner_shortage > p.bridge.ally_short and conventional < p.bridge.open_below


def restored(p: Any, conventional: float) -> bool:
    """Whether a stock of ordinary rounds counts as restored: at or above `close_above` of its target."""
    return conventional >= p.bridge.close_above


def due(p: Any, conventional: float, months_open: int) -> bool:
    """Whether an open bridge is due to close: stock restored, or sunset reached."""
    sunset = p.bridge.sunset_months > 0 and months_open >= p.bridge.sunset_months
    return sunset or restored(p, conventional)


def review_now(p: Any, months_due: int) -> bool:
    """Whether a due bridge is reviewed this month: at once, then every `review_months`."""
    return months_due % max(int(p.bridge.review_months), 1) == 0
