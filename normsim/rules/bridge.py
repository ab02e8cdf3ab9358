"""Bridge exception: when an open one is due, and when it closes. Whether a state claims one is in `claim.py`.

due     if q >= close_above or months open >= sunset
closes  at a review, with probability `close_probability`

Status: assumed. Null: `close_above` 0 and `close_probability` 1 close it at once.
"""

from typing import Any


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
