"""Named random streams: one uniform number per stream, month and state, whether used or not.

Each stream is a Philox generator keyed by (seed, stream name), so two scenarios with one seed meet the same wars and
the same luck (common random numbers), adding a stream moves no other, and nothing depends on what is observed.
"""

import copy
import math
import zlib
from collections import namedtuple
from typing import Any

import numpy as np

STREAMS: tuple[str, ...] = (
    "onset",
    "severity",
    "threat",
    "bridge",
    "claim",
    "transfer",
    "transfer_class",
    "acquire",
    "use",
    "use_class",
    "strike",
    "attack",
    "remnant",
    "breach",
    "detect",
    "enforce",
    "condemn",
    "resolution",
    "vote",
    "protocol",
    "join",
    "renounce",
    "withdraw",
)
"""Streams of the months, in the order of their use."""


_StreamPlaces: Any = namedtuple("_StreamPlaces", [name.upper() for name in STREAMS])  # type: ignore[misc]
Stream: Any = _StreamPlaces(*range(len(STREAMS)))
"""Places of the streams in a block of draws: `Stream.USE`."""


def stream(seed: int, name: str) -> np.random.Generator:
    """The generator of one named stream.

    Args:
        seed: seed of the run, a whole number >= 0.
        name: the stream's name; only its text matters, not its place.
    """
    key = zlib.crc32(name.encode("ascii"))
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(key,))))


class Draws:
    """The uniform numbers of a run, drawn in blocks of months; the block length changes no number."""

    def __init__(self, seed: int, n_states: int) -> None:
        """Args: seed: seed of the run. n_states: number of states."""
        self.n_states = n_states
        self._generators = [stream(seed, name) for name in STREAMS]
        self._room = np.empty(0)

    def copy(self) -> "Draws":
        """A copy that gives the same numbers from here on."""
        twin = copy.copy(self)
        twin._room = np.empty(0)
        twin._generators = []
        for generator in self._generators:
            bits: Any = np.random.Philox(0)  # any seed: its state is replaced
            bits.state = generator.bit_generator.state
            twin._generators.append(np.random.Generator(bits))
        return twin

    def block(self, months: int) -> np.ndarray:
        """Numbers in [0, 1) of the next months, shape (streams, months, states); they hold until the next block."""
        shape = (len(STREAMS), months, self.n_states)
        if self._room.size < math.prod(shape):
            self._room = np.empty(math.prod(shape))
        numbers = self._room[: math.prod(shape)].reshape(shape)
        for generator, room in zip(self._generators, numbers, strict=True):
            generator.random(out=room)
        return numbers
