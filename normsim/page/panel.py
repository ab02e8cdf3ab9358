"""The state panel: what is known of a state, how it stands, and why it chose as it did."""

import math
from html import escape
from typing import Any

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.narrative import CLASS_WORDS
from normsim.model import Explanation
from normsim.page.quantities import STATUSES, VOTES, plain
from normsim.page.session import AIMED, Session
from normsim.parameters import records
from normsim.scenario import RealWorld
from normsim.world import facts_of
from normsim.world.data_files import table

NOW = (
    "felt",
    "validity",
    "conduct",
    "approval",
    "scope",
    "threat",
    "intensity",
    "conventional",
    "bridge",
    "episodes",
    "months_used",
    "criticism",
    "contamination",
    "casualties_remnants",
    "producer",
)
"""Columns that are shown of a state, beside treaty status and stock."""

READING = (
    "The terms add up to the sum, and the sum gives the probability: the higher, the likelier. "
    "It happens when the draw, a random number from 0 to 1, lies below the probability."
)
"""How the terms are read."""

_ROW, _NAME, _HALF = 22.0, 110.0, 150.0


def facts(session: Session, state: str) -> list[tuple[str, str, str, str]]:
    """What is known of a state at the start: fact, value, as of, source; nothing in a generated world."""
    if not isinstance(session.scenario.world, RealWorld):
        return []
    return [(fact.name, fact.value, fact.as_of, fact.source) for fact in facts_of(state, session.scenario.start)]


def sources(keys: set[str]) -> list[tuple[str, str]]:
    """What the keys of sources stand for."""
    known = {row["key"]: row for row in table("sources.csv").rows()}
    own = {"memory": "no page was seen: written from memory", "imputed": "no record: filled by a rule"}
    told = []
    for key in sorted(keys, key=str.lower):
        row = known.get(key, {})
        words = ", ".join(row[part] for part in ("title", "publisher", "as_of") if row.get(part))
        told.append((key, words or own.get(key, "see SOURCES.md of the data")))
    return told


def standing(session: Session, state: str) -> list[tuple[str, str, str]]:
    """How a state stands now: what, value, meaning."""
    me = session.model.state(state)
    status = int(me.status) + 1 if me.status else int(me.renounced > 0)
    rows = [("treaty status", STATUSES[status], "under the Convention on Cluster Munitions")]
    stock: Any = me.stock
    held = [f"{count:,.0f} {word}" for count, word in zip(stock.tolist(), CLASS_WORDS, strict=True) if count]
    rows.append(("stock", ", ".join(held) or "none", "rounds held, by class"))
    rows.append(("vote", VOTES[int(me.stance)], "its last, on the yearly UN resolution"))
    for name in NOW:
        column = STATE_COLUMNS[name]
        value = getattr(me, name)
        shown = ("yes" if value else "no") if column.unit == "0/1" else f"{value:,.3g} {column.unit}"
        rows.append((name.replace("_", " "), shown.removesuffix(" 0-1"), column.meaning))
    return rows


def explanations(session: Session, state: str, choice: str) -> list[Explanation]:
    """Why a state did or did not do something last month: what happened first, then the likeliest."""
    if session.done == 0:
        return []
    found = session.model.state(state).explain(choice)
    return sorted(found, key=lambda told: (not told.happened, -told.probability))


def heading(session: Session, told: Explanation) -> str:
    """An explanation in a sentence."""
    world = session.model.simulation.world
    name = world.names[world.index(told.state)]
    to = f" {'to ' * (told.choice == 'transfer')}{world.names[world.index(told.target)]}" if told.target else ""
    what = f"{name}: {told.choice}{to if told.choice in AIMED else ''}, {told.month:%B %Y}"
    if not told.terms:
        return f"{what}. Not decided: {told.note}."
    happened = "it happened" if told.happened else "it did not happen"
    note = f" ({told.note})" if told.note else ""
    return f"{what}. Probability {told.probability:.4f}, draw {told.draw:.4f}: {happened}{note}."


def meanings(told: Explanation) -> list[tuple[str, str, str]]:
    """The terms of a propensity: name, value, what it stands for."""
    return [(_word(term), _signed(value), _meaning(told, term)) for term, value in told.terms.items()]


def _meaning(told: Explanation, term: str) -> str:
    """What a term stands for: the meaning of its parameter."""
    record = records().get(f"{told.choice}.{term}")
    return plain(record.meaning) if record else ""


def _word(term: str) -> str:
    """A term's name as it is written."""
    return term.replace("_", " ")


def _signed(value: float) -> str:
    """A number with its sign, zero without one."""
    return f"{value:+.2f}" if round(value, 2) else "0"


def bars(told: Explanation) -> str:
    """The terms of a propensity as signed bars: to the right they speak for the act, to the left against it."""
    total = sum(told.terms.values())
    rows = [*told.terms.items(), ("sum", total)]
    largest = max((abs(value) for _, value in rows), default=1.0) or 1.0
    middle = _NAME + _HALF + 46
    drawn = [
        f'<text class="ns-small" x="{middle - 8}" y="12" text-anchor="end">against</text>',
        f'<text class="ns-small" x="{middle + 8}" y="12">for ({told.link})</text>',
    ]
    for place, (name, value) in enumerate(rows):
        y = 20 + place * _ROW
        if not math.isfinite(value):
            continue
        length = _HALF * abs(value) / largest
        x = middle - length if value < 0 else middle
        last = place == len(rows) - 1
        fill = "var(--ns-quiet)" if last else "var(--ns-two)" if value < 0 else "var(--ns-one)"
        end = (x - 6, "end") if value < 0 else (x + length + 6, "start")
        bold = " ns-bold" if last else ""
        word, tip = escape(_word(name)), escape(_meaning(told, name), quote=True)
        drawn.append(
            f'<g data-tip="{tip}"><text class="ns-text{bold}" x="{_NAME}" y="{y + 14}" text-anchor="end">{word}</text>'
            f'<rect x="{x:.1f}" y="{y + 3}" width="{max(length, 0.5):.1f}" height="15" fill="{fill}"/>'
            f'<text class="ns-text" x="{end[0]:.1f}" y="{y + 14}" text-anchor="{end[1]}">{_signed(value)}</text></g>'
        )
    height = 24 + len(rows) * _ROW
    axis = f'<path class="ns-axis" d="M{middle} 16V{height}"/>'
    return f'<svg viewBox="0 0 {middle + _HALF + 50:g} {height:g}">{axis}{"".join(drawn)}</svg>'
