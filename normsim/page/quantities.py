"""Quantities: what the map and the network can colour states by, and in which colours."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.narrative import CHOICE_NAMES, CLASS_WORDS
from normsim.page.session import Session

RAMP = ("#00224e", "#213b6e", "#4c546c", "#6c6e72", "#8e8978", "#b2a570", "#d9c55c", "#fee838")
"""Cividis: made to look the same to the colour-blind, and growing lighter evenly, so that it reads in grey."""

STATUSES = ("outside", "outside, renounced the weapon", "signed", "bound", "notice of withdrawal given")
STATUS_COLOURS = ("#dedede", "#83b3d6", "#3a7fb5", "#0a4278", "url(#ns-notice)")
"""Growing darker in even steps with the obligation, also in grey; a notice is striped."""

VOTES = ("yes", "abstain", "no")
VOTE_COLOURS = ("#0a4278", "#83b3d6", "#dedede")
"""Growing darker with the approval shown."""


class Quantity(NamedTuple):
    """A quantity of every state.

    Attributes:
        label: its name.
        meaning: what it is.
        unit: unit in words.
        read: its values from a session, one a state; NaN where it does not apply.
        low: value of the first colour.
        high: value of the last.
        log: whether colours go by powers of ten.
        words: the word for each of its values, if it has few; `low` and `high` then mean nothing.
        colours: their colours.
    """

    label: str
    meaning: str
    unit: str
    read: Callable[[Session], np.ndarray]
    low: float
    high: float
    log: bool = False
    words: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()

    def place(self, value: float) -> float:
        """Where a value lies between the first colour and the last [0-1]."""
        if self.log:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return min(max(share, 0.0), 1.0)

    def colour(self, value: float) -> str:
        """Colour of a value."""
        if math.isnan(value):
            return "url(#ns-absent)"
        if self.words:
            return self.colours[int(value)]
        return blend(self.place(value))

    def told(self, value: float) -> str:
        """A value in words."""
        if math.isnan(value):
            return "does not apply"
        if self.words:
            return self.words[int(value)]
        if self.high > 1.0:
            return f"{value:,.0f} {self.unit}"
        return f"{value:.2g}" if self.log else f"{value:.2f}"


def blend(share: float) -> str:
    """Colour at a share of the ramp."""
    place = share * (len(RAMP) - 1)
    first = min(int(place), len(RAMP) - 2)
    a, b = (int(RAMP[k][1:], 16) for k in (first, first + 1))
    mixed = [round((a >> s & 255) + (place - first) * ((b >> s & 255) - (a >> s & 255))) for s in (16, 8, 0)]
    return "#" + "".join(f"{part:02x}" for part in mixed)


def short(value: float) -> str:
    """A number in few characters."""
    size = abs(value)
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            scale = {"G": 1e9, "M": 1e6, "k": 1e3}[letter]
            return f"{value / scale:.3g}{letter}"
    return f"{value:.0f}" if value == round(value) else f"{value:.3g}" if size >= 1 else f"{value:.2f}"


def plain(text: str) -> str:
    """A meaning without the marks of code."""
    return text.replace("`", "")


STATUS = "Treaty status"


def _column(name: str) -> Callable[[Session], np.ndarray]:
    """Reads a column."""

    def read(session: Session) -> np.ndarray:
        states: Any = session.model.simulation.states
        return np.asarray(states[name], float)

    return read


def _stock(munition: int) -> Callable[[Session], np.ndarray]:
    """Reads the stock of a class."""

    def read(session: Session) -> np.ndarray:
        states: Any = session.model.simulation.states
        return np.asarray(states["stock"][:, munition], float)

    return read


def _status(session: Session) -> np.ndarray:
    """Treaty status by its place in `STATUSES`."""
    states: Any = session.model.simulation.states
    status = np.asarray(states["status"], float)
    return np.where(status > 0, status + 1, np.asarray(states["renounced"] > 0, float))


def _propensity(choice: str) -> Callable[[Session], np.ndarray]:
    """Reads the greatest probability with which each state weighed a choice last month."""

    def read(session: Session) -> np.ndarray:
        entries = session.model.weighed
        mine = entries[entries["choice"] == CHOICE_NAMES[choice]]
        values = np.full(len(session.model.simulation.world), -1.0)
        np.maximum.at(values, mine["actor"], mine["probability"])
        return np.where(values < 0.0, np.nan, values)

    return read


def _quantities() -> dict[str, Quantity]:
    """Every quantity by its label."""
    rounds = (10.0, 1e7, True)
    listed = [
        Quantity(
            STATUS,
            "under the Convention on Cluster Munitions",
            "",
            _status,
            0,
            4,
            words=STATUSES,
            colours=STATUS_COLOURS,
        ),
        Quantity(
            "Vote",
            "last vote on the yearly UN resolution",
            "",
            _column("stance"),
            0,
            2,
            words=VOTES,
            colours=VOTE_COLOURS,
        ),
        Quantity("Felt norm", STATE_COLUMNS["felt"].meaning, "", _column("felt"), 0, 1),
        Quantity("Expected conduct", STATE_COLUMNS["conduct"].meaning, "", _column("conduct"), 0, 1),
        Quantity("Expected approval", STATE_COLUMNS["approval"].meaning, "", _column("approval"), 0, 1),
        Quantity("Validity", STATE_COLUMNS["validity"].meaning, "", _column("validity"), 0, 1),
        Quantity("Scope", STATE_COLUMNS["scope"].meaning, "", _column("scope"), 0, 1),
        Quantity("Stock, all classes", STATE_COLUMNS["rounds"].meaning, "rounds", _column("rounds"), *rounds),
        *(
            Quantity(f"Stock, {word}", f"rounds held of the {word} class", "rounds", _stock(place), *rounds)
            for place, word in enumerate(CLASS_WORDS)
        ),
        Quantity("Contamination", STATE_COLUMNS["contamination"].meaning, "duds", _column("contamination"), *rounds),
        Quantity("Condemnation received", STATE_COLUMNS["criticism"].meaning, "", _column("criticism"), 0, 1),
        Quantity("Intensity of conflict", STATE_COLUMNS["intensity"].meaning, "", _column("intensity"), 0, 1),
        *(
            Quantity(
                f"Propensity to {choice}",
                f"greatest probability with which it weighed to {choice} last month",
                "",
                _propensity(choice),
                1e-4,
                1,
                True,
            )
            for choice in CHOICE_NAMES
        ),
    ]
    return {quantity.label: quantity for quantity in listed}


QUANTITIES: dict[str, Quantity] = _quantities()
"""What states can be coloured by."""
