"""The event log: which lines are shown, newest first."""

from normsim.page.session import Line, Session

MOST = 60
"""Lines shown at once."""

KINDS: dict[str, frozenset[str]] = {
    "everything": frozenset(),
    "use": frozenset({"use"}),
    "transfers and cut-offs": frozenset({"transfer", "cut_off", "breach"}),
    "exceptions": frozenset({"claim", "bridge_closes", "adopted", "rejected", "vote", "protocol"}),
    "treaty": frozenset({"join", "withdraw", "left", "in_force", "renounce"}),
    "production and purchases": frozenset({"acquire"}),
    "condemnations": frozenset({"condemn"}),
    "wars": frozenset({"war", "peace"}),
}
"""What the log can be narrowed to; no acts named means all of them."""


def lines(session: Session, kind: str, words: str, state: str) -> tuple[list[Line], int]:
    """Lines that fit, newest first, and how many there are in all.

    Args:
        session: the session.
        kind: one of `KINDS`.
        words: text that must be in a line.
        state: code of a state that must be in it, empty for any.
    """
    acts, wanted = KINDS[kind], words.strip().casefold()
    found = [
        line
        for line in reversed(session.log)
        if (not acts or line.act in acts)
        and (not state or state in line.states)
        and wanted in f"{line.month:%Y-%m} {line.text} {line.why}".casefold()
    ]
    return found[:MOST], len(found)
