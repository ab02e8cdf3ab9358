"""Figures of a calibration: what the record says of each parameter, and the record before and after.

All print in grey: prior and posterior differ in line and mark as well as in shade.
"""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from normsim._version import __version__
from normsim.analysis import calibration_targets as aims
from normsim.analysis.calibration import Calibration
from normsim.figures.style import FIRST, QUIET, SECOND, house
from normsim.parameters import records

SHOWN = 24
"""Parameters that are shown, those that the record narrows most."""


def parameters(done: Calibration) -> Figure:
    """Draw the posterior of the parameters that the record narrows most, each in its range.

    Args:
        done: the calibration.
    """
    points = done.points
    known = {name: records()[name] for name in points.columns}
    places = {name: (points[name].to_numpy(float) - r.low) / (r.high - r.low) for name, r in known.items()}
    chosen = sorted(places, key=lambda name: float(places[name].std()))[:SHOWN][::-1]
    with house():
        figure = Figure(figsize=(6.4, 0.24 * len(chosen) + 1.3), layout="constrained")
        ax = figure.subplots()
        for row, name in enumerate(chosen):
            low, quarter, middle, three, high = np.quantile(places[name], [0.05, 0.25, 0.5, 0.75, 0.95])
            ax.plot([0, 1], [row, row], color=QUIET, linewidth=0.6, linestyle=":")
            ax.plot([low, high], [row, row], color=FIRST, linewidth=1.4)
            ax.plot([quarter, three], [row, row], color=FIRST, linewidth=4.0, solid_capstyle="butt")
            ax.plot(middle, row, marker="o", color="white", markeredgecolor=FIRST, markersize=4)
            default = (float(known[name].value) - known[name].low) / (known[name].high - known[name].low)
            ax.plot(default, row, marker="x", color=SECOND, markersize=5, linestyle="")
        ax.set_yticks(range(len(chosen)), chosen)
        ax.set(xlim=(-0.02, 1.02), xlabel="place in the range of the parameter (dotted): prior uniform from 0 to 1")
        figure.suptitle("What the record narrows: medians, halves and 90 % of the posterior; crosses: defaults", size=9)
        _signed(figure, done)
    return figure


def targets(done: Calibration) -> Figure:
    """Draw runs of the prior and of the posterior beside the record, in units of what is left open.

    Args:
        done: the calibration.
    """
    goal, spread = aims.record(), aims.spreads()
    sides = {"prior": (aims.scaled(done.before), SECOND, "s"), "posterior": (aims.scaled(done.found), FIRST, "o")}
    with house():
        figure = Figure(figsize=(6.4, 4.6), layout="constrained")
        ax = figure.subplots()
        ax.axvspan(-aims.PLAUSIBLE, aims.PLAUSIBLE, color=QUIET, alpha=0.12, linewidth=0)
        ax.axvline(0.0, color="black", linewidth=0.9)
        for shift, (name, (values, colour, mark)) in zip((0.17, -0.17), sides.items(), strict=True):
            low, middle, high = np.quantile((values - goal) / spread, [0.05, 0.5, 0.95], axis=0)
            rows = np.arange(len(goal))[::-1] + shift
            ax.hlines(rows, np.clip(low, -LIMIT, LIMIT), np.clip(high, -LIMIT, LIMIT), color=colour, linewidth=1.4)
            ax.plot(np.clip(middle, -LIMIT, LIMIT), rows, mark, color=colour, markersize=4, label=name)
        ax.set_yticks(range(len(goal)), [each.name for each in aims.targets()][::-1])
        label = "distance from the record, in standard deviations of what is left open; cut at 15"
        ax.set(xlim=(-LIMIT - 0.3, LIMIT + 0.3), xlabel=label)
        ax.legend(loc="lower right", fontsize=8)
        figure.suptitle("Runs of the prior and of the posterior beside the record: medians and 90 % of runs", size=9)
        _signed(figure, done)
    return figure


LIMIT = 15.0
"""Distance at which lines are cut."""


def _signed(figure: Figure, done: Calibration) -> None:
    """Say what the figure is made of."""
    told = f"normsim {__version__}: {len(done.points)} points of the posterior, seed {done.settings.seed}"
    figure.supxlabel(told, size=7, color=QUIET, x=0.99, ha="right")


FIGURES: dict[str, Callable[[Calibration], Figure]] = {
    "calibration_parameters": parameters,
    "calibration_targets": targets,
}
"""Figures by the names of their files."""
