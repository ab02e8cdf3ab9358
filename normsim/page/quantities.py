"""Quantities: what the map and the network can colour states by, and how their values are sent.

A whole run is sent at once, month by month. Categories and shares travel as small whole numbers, counts of rounds and
duds as 32-bit floats; `Quantity.step` says how exact a share is.
"""

import base64
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from normsim.engine.columns import STATE_COLUMNS
from normsim.engine.narrative import CLASS_WORDS

STATUSES = ("outside", "outside, renounced the weapon", "signed", "bound", "notice of withdrawal given")
VOTES = ("yes", "abstain", "no")

MISSING = 65535
"""The whole number of a share that does not apply."""

STEPS = 1000
"""Steps between the lowest and the highest value of a share."""


class Quantity(NamedTuple):
    """A quantity of every state.

    Attributes:
        name: its name in the address.
        label: its name on screen.
        meaning: what it is, in one line.
        unit: unit in words.
        kind: `category`, `sequential` (one colour that deepens) or `log` (by powers of ten).
        low: least value that is told apart.
        high: greatest.
        words: the word of each value of a category.
        read: its values from the table of states.
    """

    name: str
    label: str
    meaning: str
    unit: str
    kind: Literal["category", "sequential", "log"]
    low: float
    high: float
    words: tuple[str, ...]
    read: Callable[[np.ndarray], np.ndarray]

    @property
    def type(self) -> np.dtype[Any]:
        """How its values are kept and sent."""
        return np.dtype({"category": "u1", "sequential": "<u2", "log": "<f4"}[self.kind])

    @property
    def step(self) -> float:
        """Difference between two neighbouring values that are told apart, 0 if all are."""
        return (self.high - self.low) / STEPS if self.kind == "sequential" else 0.0

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Values as they are kept and sent."""
        if self.kind != "sequential":
            return values.astype(self.type)
        places = np.rint((np.clip(values, self.low, self.high) - self.low) / self.step)
        return np.where(np.isnan(values), MISSING, places).astype(self.type)

    def decode(self, kept: np.ndarray) -> np.ndarray:
        """Values out of what was kept, NaN where it does not apply."""
        if self.kind != "sequential":
            return kept.astype(np.float64)
        return np.where(kept == MISSING, np.nan, self.low + self.step * kept)

    def to_json(self) -> dict[str, Any]:
        """Its description for the browser."""
        told = {name: getattr(self, name) for name in ("name", "label", "meaning", "unit", "kind", "low", "high")}
        return told | {"words": list(self.words), "step": self.step}


def packed(kept: np.ndarray) -> dict[str, Any]:
    """An array as it is sent: type, shape, and its bytes (least first, row by row) in base64."""
    kinds = {"|u1": "uint8", "<u2": "uint16", "<f4": "float32"}
    data = base64.b64encode(np.ascontiguousarray(kept).tobytes()).decode("ascii")
    return {"type": kinds[kept.dtype.str], "shape": list(kept.shape), "base64": data}


def _column(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Reads a column."""
    return lambda states: states[name]


def _stock(munition: int) -> Callable[[np.ndarray], np.ndarray]:
    """Reads the stock of a class."""
    return lambda states: states["stock"][..., munition]


def treaty_status(states: np.ndarray) -> np.ndarray:
    """Treaty status of each state by its place in `STATUSES`."""
    status = states["status"].astype(np.int64)
    return np.where(status > 0, status + 1, states["renounced"] > 0)


def _share(name: str, label: str, meaning: str) -> Quantity:
    """A quantity from 0 to 1."""
    return Quantity(name, label, meaning, "0-1", "sequential", 0.0, 1.0, (), _column(name))


def _quantities() -> dict[str, Quantity]:
    """Every quantity by its name."""
    treaty = "its standing under the Convention on Cluster Munitions"
    vote = "its position on the yearly UN resolution for the convention, as it last voted"
    listed = [
        Quantity("status", "Treaty status", treaty, "", "category", 0, 4, STATUSES, treaty_status),
        Quantity("vote", "UN vote", vote, "", "category", 0, 2, VOTES, _column("stance")),
        _share(
            "felt",
            "Felt norm",
            "how strongly the state feels bound, by its own belief and by what it expects of others",
        ),
        _share("validity", "Belief in the prohibition", "how far the state itself holds that the prohibition is right"),
        _share("conduct", "Expected conduct", "how far it expects other states to keep to the norm"),
        _share("approval", "Expected reaction", "how far it expects other states to mind a violation"),
        _share("scope", "Scope of the norm", "share of the norm's weight that still counts inside a claimed exception"),
        _share("criticism", "Condemnation received", "recent share of the world's standing that condemned it"),
        _share("intensity", "Intensity of conflict", "intensity of the armed conflict it is in, 0 at peace"),
        _share("threat", "Threat", "external threat that it feels"),
        Quantity(
            "rounds", "Stock", "cluster munitions held, all classes", "rounds", "log", 10, 1e7, (), _column("rounds")
        ),
        *(
            Quantity(
                f"stock_{word.replace('-', '_')}",
                f"Stock, {word}",
                f"cluster munitions held of the {word} class",
                "rounds",
                "log",
                10,
                1e7,
                (),
                _stock(place),
            )
            for place, word in enumerate(CLASS_WORDS)
        ),
        Quantity(
            "contamination",
            "Contamination",
            "unexploded submunitions on its territory",
            "duds",
            "log",
            10,
            1e7,
            (),
            _column("contamination"),
        ),
    ]
    assert all(quantity.name in STATE_COLUMNS for quantity in listed if quantity.kind == "sequential")
    return {quantity.name: quantity for quantity in listed}


QUANTITIES: dict[str, Quantity] = _quantities()
"""What states can be coloured by."""
