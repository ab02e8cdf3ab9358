"""The defaults stay near the record: coarse bounds around it, far wider than the noise of 40 seeds."""

import pytest

from normsim.analysis.plausibility import table
from normsim.engine.simulate import simulate

SEEDS = range(40)

BOUNDS = {
    "parties, Aug 2010": (30, 46),
    "parties, Oct 2011": (52, 74),
    "parties, Aug 2018": (93, 111),
    "parties, Jan 2024": (103, 123),
    "signed or bound": (103, 116),
    "user states a year": (1.3, 4.5),
    "different user states": (8, 22),
    "months of use by parties": (0, 0.2),
    "transfers a year": (0.3, 2.0),
    "exits and notices": (0.05, 3.0),
    "casualties recorded": (100, 900),
    "states that would vote yes": (130, 160),
    "critics of a visible act": (15, 60),
}
"""Bounds of the mean over runs. They are no targets: calibration has its own place."""


@pytest.fixture(scope="module")
def lines():
    return table([simulate("history_2008", seed) for seed in SEEDS])


@pytest.mark.parametrize("label", BOUNDS)
def test_the_mean_over_runs_is_near_the_record(lines, label):
    line = next(line for line in lines if line.label.startswith(label))
    low, high = BOUNDS[label]
    assert low <= line.values.mean() <= high, line.text()
