"""Toy claims whose truth is known, to count how often verdicts err: `python -m tests.toys 200` prints the rates."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from normsim.claims.judge import Evidence, Judgement, judge

MATTERS = 0.2
"""Smallest effect that matters; the spread of a single difference is about one."""

DECIDES = 7
"""The parameter that decides where a conditional toy holds."""


class Size(NamedTuple):
    """How much is run for a toy claim."""

    points: int = 500
    replications: int = 3
    parameters: int = 199
    pairs: int = 200


Noise = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


def bell(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normal luck."""
    return rng.standard_normal(shape)


def skewed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Luck with a long tail to one side, as casualties have."""
    return rng.exponential(1.0, shape) - 1.0


def toy(
    rng: np.random.Generator,
    truth: Callable[[np.ndarray], np.ndarray],
    default: float,
    *,
    size: Size,
    noise: Noise = bell,
    null: float = 0.0,
    direction: str = "higher",
    matters: float = MATTERS,
    scales: float = 0.0,
    idle: float = 0.0,
) -> Evidence:
    """The evidence for a claim.

    Args:
        rng: where luck comes from.
        truth: the true effect at each point, from the values of the parameters.
        default: the true effect at the defaults.
        size: how much is run.
        noise: the luck of a difference.
        null: the true effect with the null values.
        direction: what is claimed.
        matters: smallest effect that matters.
        scales: how far points differ in the size of effect and luck [sd of the logarithm].
        idle: share of points at which no run differs.
    """
    inputs = rng.random((size.points, size.parameters))
    scale = np.exp(rng.normal(0.0, scales, (size.points, 1)))
    space = scale * (truth(inputs)[:, None] + noise(rng, (size.points, size.replications)))
    space[rng.random(size.points) < idle] = 0.0
    return Evidence(
        direction=direction,
        matters=matters,
        defaults=default + noise(rng, (size.pairs,)),
        null=null + 0.3 * noise(rng, (size.pairs,)),
        space=space,
        inputs=inputs,
        names=tuple(f"toy.p{place}" for place in range(size.parameters)),
    )


def tied(rng: np.random.Generator, first: float, second: float, size: Size) -> Evidence:
    """The evidence for a claim on what happens or not, a 0 or 1 of each run, so that many pairs are tied.

    Args:
        rng: where luck comes from.
        first: how likely it is in the first arm, everywhere.
        second: the same in the second.
        size: how much is run.
    """

    def differences(*shape: int) -> np.ndarray:
        return (rng.random(shape) < second).astype(float) - (rng.random(shape) < first)

    made = toy(rng, level(0.0), 0.0, size=size)
    return replace(made, defaults=differences(size.pairs), space=differences(size.points, size.replications))


def level(value: float) -> Callable[[np.ndarray], np.ndarray]:
    """The same effect everywhere."""
    return lambda inputs: np.full(len(inputs), value)


def where_high(inside: float, outside: float) -> Callable[[np.ndarray], np.ndarray]:
    """One effect where the deciding parameter is high, another where it is low."""
    return lambda inputs: np.where(inputs[:, DECIDES] > 0.5, inside, outside)


Kind = Callable[[np.random.Generator, Size], Evidence]

KINDS: dict[str, tuple[str, Kind]] = {
    "no effect": ("not detectable", lambda r, s: toy(r, level(0.0), 0.0, size=s)),
    "no effect, skewed": ("not detectable", lambda r, s: toy(r, level(0.0), 0.0, size=s, noise=skewed)),
    "no effect, half idle": ("not detectable", lambda r, s: toy(r, level(0.0), 0.0, size=s, idle=0.5)),
    "too small to matter": ("not detectable", lambda r, s: toy(r, level(0.1), 0.1, size=s, matters=1.0)),
    "strong": ("robust", lambda r, s: toy(r, level(1.0), 1.0, size=s)),
    "strong, skewed": ("robust", lambda r, s: toy(r, level(1.0), 1.0, size=s, noise=skewed)),
    "strong, many scales": ("robust", lambda r, s: toy(r, level(1.0), 1.0, size=s, scales=1.0)),
    "strong, a third idle": ("robust", lambda r, s: toy(r, level(1.0), 1.0, size=s, idle=0.3)),
    "strong, lower": ("robust", lambda r, s: toy(r, level(-1.0), -1.0, size=s, direction="lower")),
    "strong, null leaves it": ("conditional", lambda r, s: toy(r, level(1.0), 1.0, size=s, null=0.8)),
    "strong, half-killed by its null": (
        "conditional",
        lambda r, s: toy(r, level(1.3), 1.3, size=s, null=0.8, matters=1.0),
    ),
    "weak": ("robust", lambda r, s: toy(r, level(0.3), 0.3, size=s, matters=0.1)),
    "no effect on a 0 or 1": ("not detectable", lambda r, s: tied(r, 0.2, 0.2, s)),
    "strong, on a 0 or 1": ("robust", lambda r, s: tied(r, 0.2, 0.8, s)),
    "the other way": ("refuted", lambda r, s: toy(r, level(-1.0), -1.0, size=s)),
    "where p7 is high": ("conditional", lambda r, s: toy(r, where_high(1.0, 0.0), 1.0, size=s)),
    "where p7 is high, not at the defaults": ("conditional", lambda r, s: toy(r, where_high(1.0, 0.0), 0.0, size=s)),
    "sign turns with p7": ("conditional", lambda r, s: toy(r, where_high(1.0, -1.0), 1.0, size=s)),
    "same, and it is": ("robust", lambda r, s: toy(r, level(0.0), 0.0, size=s, direction="same", matters=1.0)),
    "same, and it is not": ("refuted", lambda r, s: toy(r, level(1.0), 1.0, size=s, direction="same")),
}
"""What a claim is like, the verdict it should get, and how to make one."""


def ledgers(kinds: Sequence[str], each: int, size: Size, seed: int = 1) -> dict[str, list[Judgement]]:
    """Judge toy ledgers of one claim a kind, so many of them, each ledger judged together.

    Args:
        kinds: keys of `KINDS`.
        each: number of ledgers.
        size: how much is run for a claim.
        seed: seed of the luck.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[Judgement]] = {kind: [] for kind in kinds}
    for _ in range(each):
        made = [KINDS[kind][1](rng, size) for kind in kinds]
        for kind, judgement in zip(kinds, judge(made, resamples=2), strict=True):
            found[kind].append(judgement)
    return found


def main() -> None:
    """Print how often each kind gets each verdict, at the full size."""
    each = int(sys.argv[1])
    for kind, judged in ledgers(list(KINDS), each, Size()).items():
        counts = Counter(found.verdict for found in judged)
        named = sum(f"toy.p{DECIDES} " in found.condition for found in judged)
        told = ", ".join(f"{word} {n / each:.1%}" for word, n in counts.most_common())
        print(f"{kind:40s} expected {KINDS[kind][0]:15s} {told}; names p{DECIDES} in {named / each:.1%}", flush=True)


if __name__ == "__main__":
    main()
