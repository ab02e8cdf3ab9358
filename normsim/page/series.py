"""Time series: each outcome of the run beside that of the other scenario, with marks where something happened."""

import datetime
from html import escape
from typing import Any

import numpy as np

from normsim.engine.outcomes import OUTCOMES
from normsim.page.quantities import short
from normsim.page.session import NOTHING, Session

SHOWN = ("robustness", "scope", "felt", "parties", "users", "contamination")
"""Outcomes shown at first."""

MARKED = frozenset({"claim", "withdraw", "left", "adopted"})
"""Acts that are marked below the lines, beside every act that was ordered."""

_W, _H, _LEFT, _TOP, _RIGHT, _BOTTOM = 250.0, 134.0, 44.0, 42.0, 6.0, 26.0
COLUMNS = 2

_LETTER = 6.9
"""Width of a letter of the key, at most on average."""

WINDOWS = (12, 36, 120)
"""Months that the axis spans while no more have run, so that the first ones are no speck; then the whole horizon."""


def markup(session: Session, names: tuple[str, ...]) -> str:
    """Small panels, one an outcome.

    Args:
        session: the session.
        names: the outcomes.
    """
    mine = session.outcomes
    other_run = session.other_run
    other = other_run.outcomes if other_run is not None else None
    window = _window(session)
    marks = _marks(session, window)
    panels = []
    for place, name in enumerate(names):
        x, y = place % COLUMNS * (_W + 14), place // COLUMNS * (_H + 14)
        drawn = _panel(session, name, mine[name], other[name][: session.done] if other else None, window)
        panels.append(f'<g transform="translate({x:g} {y:g})">{drawn}{marks}</g>')
    rows = -(-len(names) // COLUMNS)
    key = _key(session, rows * (_H + 14) + 4)
    size = f"0 0 {COLUMNS * (_W + 14) - 14:g} {rows * (_H + 14) + 38:g}"
    return f'<svg viewBox="{size}">{"".join(panels)}{key}</svg>'


def _window(session: Session) -> int:
    """Months that the axis spans."""
    months = session.scenario.months
    return min(next((window for window in WINDOWS if session.done <= window), months), months)


def _x(month: int | np.ndarray, window: int) -> Any:
    """Where a month stands in a panel."""
    return _LEFT + month / max(window - 1, 1) * (_W - _LEFT - _RIGHT)


def _panel(session: Session, name: str, mine: np.ndarray, other: np.ndarray | None, window: int) -> str:
    """One outcome."""
    outcome = OUTCOMES[name]
    spread = session.spread
    band = [spread.high[name][:window], spread.low[name][:window]] if spread else []
    seen = [mine, *([other] if other is not None else []), *band]
    low, high = _span(np.concatenate(seen), outcome.unit)

    def line(values: np.ndarray) -> list[str]:
        xs = _x(np.arange(len(values)), window)
        ys = _H - _BOTTOM - (values - low) / (high - low) * (_H - _TOP - _BOTTOM)
        return [f"{x:.1f} {y:.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]

    parts = [f'<rect width="{_W}" height="{_H}" fill="transparent"/>']
    bottom = _H - _BOTTOM
    for value in (low, high):
        y = bottom if value == low else _TOP
        parts.append(f'<path class="ns-axis" d="M{_LEFT} {y}H{_W - _RIGHT}"/>')
        parts.append(f'<text class="ns-small" x="{_LEFT - 5}" y="{y + 4}" text-anchor="end">{short(value)}</text>')
    first, last = session.model.month_at(0), session.model.month_at(window - 1)
    for at, day, anchor in ((_LEFT, first, "start"), (_W - _RIGHT, last, "end")):
        parts.append(f'<text class="ns-small" x="{at}" y="{_H - 5}" text-anchor="{anchor}">{day:%Y-%m}</text>')
    if band:
        across = line(band[0]) + line(band[1])[::-1]
        parts.append(f'<path class="ns-band" d="M{"L".join(across)}Z"/>')
    for values, style in ((other, "ns-two"), (mine, "ns-one")):
        if values is not None and len(values):
            points = line(values)
            parts.append(f'<path class="{style}" d="M{"L".join(points if len(points) > 1 else points * 2)}"/>')
    now = ""
    if len(mine):
        now = short(mine[-1])
        if other is not None:
            now += f"  (other {short(other[-1])})"
    title = name.replace("_", " ")
    tip = escape(f"{title}: {outcome.meaning} [{outcome.unit}]", quote=True)
    parts.append(f'<text class="ns-text ns-bold" x="0" y="13">{title}</text>')
    parts.append(f'<text class="ns-small" x="0" y="28">{escape(outcome.unit)}</text>')
    parts.append(f'<text class="ns-text" x="{_W - _RIGHT}" y="28" text-anchor="end">{now}</text>')
    return f'<g data-tip="{tip}">{"".join(parts)}</g>'


def _marks(session: Session, window: int) -> str:
    """Ticks at the months in which something happened, each with its words."""
    by_month: dict[datetime.date, list[str]] = {}
    for entry in session.log:
        if entry.act in MARKED or entry.ordered:
            by_month.setdefault(entry.month, []).append(entry.text)
    drawn = []
    for month, texts in by_month.items():
        x = _x(session.scenario.month_of(max(month, session.scenario.start)), window)
        told = "; ".join(texts[:4]) + (f"; and {len(texts) - 4} more" if len(texts) > 4 else "")
        tip = escape(f"{month:%Y-%m}: {told}", quote=True)
        y = _H - _BOTTOM
        drawn.append(f'<path class="ns-mark" data-tip="{tip}" d="M{x:.1f} {y}l3.5 7h-7z"/>')
    return "".join(drawn)


def _key(session: Session, y: float) -> str:
    """Which line is which."""
    name = session.base.name + " (changed)" * session.is_changed
    parts = [
        f'<path class="ns-one" d="M0 {y + 8}h26"/>',
        f'<text class="ns-text" x="32" y="{y + 12}">{escape(name)}</text>',
    ]
    x = 50 + _LETTER * len(name)
    if session.other != NOTHING:
        parts.append(f'<path class="ns-two" d="M{x} {y + 8}h26"/>')
        parts.append(f'<text class="ns-text" x="{x + 32}" y="{y + 12}">{escape(session.other)}, same seed</text>')
        x += 54 + _LETTER * (len(session.other) + 11)
    parts.append(f'<path class="ns-mark" d="M{x + 4} {y + 4}l3.5 7h-7z"/>')
    parts.append(f'<text class="ns-text" x="{x + 14}" y="{y + 12}">event</text>')
    if session.spread:
        parts.append(f'<rect class="ns-band" x="2" y="{y + 20}" width="22" height="12"/>')
        told = f"where 8 of 10 runs lie, of {session.spread.runs} seeds of {name}"
        parts.append(f'<text class="ns-text" x="32" y="{y + 30}">{escape(told)}</text>')
    return "".join(parts)


def _span(values: np.ndarray, unit: str) -> tuple[float, float]:
    """What the axis spans: indices from 0 to 1, so that a change looks as large as it is; counts as they come."""
    if unit == "0-1":
        return 0.0, 1.0
    if len(values) == 0:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if low >= 0.0 and low < 0.6 * high:
        low = 0.0
    return (low, high) if high > low else (low - 0.5, high + 0.5)
