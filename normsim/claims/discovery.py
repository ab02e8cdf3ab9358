"""Which parameters decide where a claim holds: a shallow tree over the points, and whether it predicts new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

SKILL = 0.05
"""Share of the variance between points that the tree must explain on points it has not seen."""

FOLDS = 5
"""Parts of the cross-validation."""

DEPTH = 2
"""Most parameters that a condition names: more could not be said in a sentence."""

LEAST = 0.1
"""Share of the points that a condition must leave."""

GAIN = 0.01
"""Skill that a second parameter must add."""

LEANINGS = 3
"""Most parameters named where no region can be."""

ALPHA = 0.05
"""Level of their rank correlations, corrected for the number of parameters."""

FEWEST = 50
"""Points below which nothing is looked for."""

SEED = 20230707
"""Seed of the folds, and of the tree where two splits are equally good."""


@dataclass(frozen=True)
class Condition:
    """One bound on one parameter.

    Attributes:
        name: the parameter.
        above: whether it must lie above the bound, else at or below.
        bound: the bound, in the parameter's unit.
    """

    name: str
    above: bool
    bound: float

    def __str__(self) -> str:
        """`norm.recurrence above 0.4`."""
        return f"{self.name} {'above' if self.above else 'below'} {self.bound:.2g}"


@dataclass(frozen=True)
class Discovery:
    """Where a claim holds.

    Attributes:
        skill: variance between points explained on unseen points [share]; below zero if it misleads.
        conditions: bounds of the region where the claim holds most; none if the tree has no skill.
        inside: mean of the target in that region.
        outside: its mean elsewhere.
        size: share of the points in the region.
        leanings: parameters whose rank correlation with the target is sure, and whether it is positive; strongest
            first, at most `LEANINGS`.
    """

    skill: float
    conditions: tuple[Condition, ...]
    inside: float
    outside: float
    size: float
    leanings: tuple[tuple[str, bool], ...] = ()

    @property
    def predicts(self) -> bool:
        """Whether the tree says anything about points it has not seen."""
        return self.skill >= SKILL and bool(self.conditions)

    def __str__(self) -> str:
        """`norm.recurrence above 0.4 (83 % there, 12 % elsewhere)`, or what it leans on; empty if nothing decides."""
        if self.predicts:
            return f"{' and '.join(map(str, self.conditions))} ({self.inside:.0%} there, {self.outside:.0%} elsewhere)"
        told = [f"{'high' if positive else 'low'} {name}" for name, positive in self.leanings]
        return f"more with {', '.join(told)}" if told else ""


NOTHING = Discovery(0.0, (), 0.0, 0.0, 0.0)
"""No parameter decides."""


def discover(inputs: np.ndarray, names: tuple[str, ...], target: np.ndarray) -> Discovery:
    """The parameters that decide where a target is high.

    A regression tree of depth one, or two if that predicts better, is fitted to the points; its skill is what it
    explains of points that were left out in turn. The condition is the path to its leaf with the highest mean.

    Args:
        inputs: values of the parameters, shape (points, parameters).
        names: their names.
        target: what is to be predicted at each point, such as the probability that the claim holds there.
    """
    if len(target) < FEWEST or not inputs.shape[1] or np.ptp(target) < 1e-9:
        return NOTHING
    from sklearn.model_selection import KFold

    folds = list(KFold(FOLDS, shuffle=True, random_state=SEED).split(inputs))
    variance = float(((target - target.mean()) ** 2).mean())
    best, skill = _tree(1), -np.inf
    for depth in range(1, DEPTH + 1):
        unseen = np.empty(len(target))
        for kept, left_out in folds:
            unseen[left_out] = _tree(depth).fit(inputs[kept], target[kept]).predict(inputs[left_out])
        reached = 1.0 - float(((target - unseen) ** 2).mean()) / variance
        if reached > skill + (GAIN if depth > 1 else 0.0):
            best, skill = _tree(depth), reached
    leanings = _leanings(inputs, names, target)
    conditions, inside = _best_leaf(best.fit(inputs, target), names, inputs)
    if not conditions or inside.all():
        return Discovery(skill, (), 0.0, 0.0, 0.0, leanings)
    shares = float(target[inside].mean()), float(target[~inside].mean())
    return Discovery(skill, conditions, *shares, float(inside.mean()), leanings)


def _leanings(inputs: np.ndarray, names: tuple[str, ...], target: np.ndarray) -> tuple[tuple[str, bool], ...]:
    """Parameters whose Spearman correlation with the target is sure among so many (Bonferroni), strongest first."""
    from scipy import stats

    ranks = stats.rankdata(inputs, axis=0)
    ranks -= ranks.mean(axis=0)
    wanted = stats.rankdata(target)
    wanted -= wanted.mean()
    scale = np.sqrt((ranks**2).sum(axis=0) * (wanted**2).sum())
    correlation = np.divide(ranks.T @ wanted, scale, out=np.zeros(len(names)), where=scale > 0.0)
    degrees = len(target) - 2
    t = correlation * np.sqrt(degrees / np.maximum(1.0 - correlation**2, 1e-12))
    p = 2.0 * stats.t.sf(np.abs(t), degrees) * len(names)
    order = np.argsort(p, kind="stable")[:LEANINGS]
    return tuple((names[place], bool(correlation[place] > 0.0)) for place in order if p[place] < ALPHA)


def _tree(depth: int) -> Any:
    from sklearn.tree import DecisionTreeRegressor

    return DecisionTreeRegressor(max_depth=depth, min_samples_leaf=LEAST, random_state=SEED)


def _best_leaf(tree: Any, names: tuple[str, ...], inputs: np.ndarray) -> tuple[tuple[Condition, ...], np.ndarray]:
    """The path to the leaf with the highest mean, and which points lie in it."""
    inner = tree.tree_
    leaves: list[tuple[float, int, list[tuple[int, bool, float]]]] = []

    def walk(node: int, path: list[tuple[int, bool, float]]) -> None:
        if inner.children_left[node] < 0:
            leaves.append((float(inner.value[node].ravel()[0]), node, path))
            return
        feature, bound = int(inner.feature[node]), float(inner.threshold[node])
        walk(int(inner.children_left[node]), [*path, (feature, False, bound)])
        walk(int(inner.children_right[node]), [*path, (feature, True, bound)])

    walk(0, [])
    _, node, path = max(leaves, key=lambda leaf: (leaf[0], -leaf[1]))
    tightest = {(feature, above): bound for feature, above, bound in path}  # a later bound is the tighter one
    conditions = tuple(Condition(names[feature], above, bound) for (feature, above), bound in tightest.items())
    return conditions, np.asarray(tree.apply(inputs) == node)
