"""Figures of a hindcast: the number of parties beside the record, calibration of who joins, and CRPS by origin.

All print in grey: forecasts differ in shade and dash or in mark, and numbers are drawn as well as coloured.
"""

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from normsim._version import __version__
from normsim.analysis.hindcast_results import MODEL, REGRESSION, Band, Hindcast, OriginResult
from normsim.figures.style import DASHES, FIRST, QUIET, SECOND, house

RECORD = "black"
"""Colour of the record."""

LATE = 2014
"""From this year on the curves run above, and their legend stands below."""

BASELINE_MARKS = ("s", "^", "D", "v", "P", "X")
"""Marks of the baselines; the model has a dot."""


def bands(done: Hindcast) -> Figure:
    """Draw parties at year-end: the record, the 90 % bands of the model and of the best baseline.

    Args:
        done: the hindcast.
    """
    with house():
        figure, axes = _panels(len(done.origins), done, "90 % bands and medians of the number of parties at year-end")
        for ax, result in zip(axes, done.origins, strict=True):
            _bands(ax, result)
        axes[0].set_ylabel("parties")
        low = min(ax.get_ylim()[0] for ax in axes)
        high = max(ax.get_ylim()[1] for ax in axes)
        for ax in axes:
            ax.set_ylim(low, high)
    return figure


def _bands(ax: Axes, result: OriginResult) -> None:
    """One origin."""
    years = np.array(result.origin.years)
    model, best = result.bands[0], result.best
    ax.fill_between(years, model.low, model.high, color=FIRST, alpha=0.25, linewidth=0)
    ax.plot(years, model.middle, color=FIRST, label=f"model, CRPS {model.crps:.2f}")
    _outline(ax, years, best)
    ax.plot(years, result.recorded, color=RECORD, marker="o", linestyle="", markersize=5, label="record", zorder=5)
    ax.set_title(f"from December {result.origin.known}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    ax.legend(loc="upper left" if result.origin.known < LATE else "lower right", fontsize=8)


def _outline(ax: Axes, years: np.ndarray, best: Band) -> None:
    """The best baseline: dashed edges of its band, and its median."""
    label = f"{best.name}, CRPS {best.crps:.2f}"
    ax.plot(years, best.middle, color=SECOND, dashes=DASHES[1], label=label)
    for edge in (best.low, best.high):
        ax.plot(years, edge, color=SECOND, dashes=DASHES[1], linewidth=0.9)


def calibration_curves(done: Hindcast) -> Figure:
    """Draw how often states joined that were given about the same probability, the model beside the regression.

    Args:
        done: the hindcast.
    """
    with house():
        title = "Who joins: forecast and observed, all origins" if len(done.origins) > 1 else "Who joins"
        figure, (ax, *_) = _panels(1, done, title)
        ax.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8, linestyle=":", label="perfect calibration")
        styles = ((MODEL, FIRST, "o", DASHES[0]), (REGRESSION, SECOND, "s", DASHES[1]))
        for shift, (name, colour, mark, dash) in zip((-0.004, 0.004), styles, strict=True):
            bins = done.curves[name]
            x = np.array([each.forecast for each in bins]) + shift
            y = np.array([each.observed for each in bins])
            ends = np.abs(np.array([[each.low, each.high] for each in bins]).T - y)
            ax.errorbar(x, y, yerr=ends, color=colour, marker=mark, linestyle="", capsize=2, linewidth=0.9)
            label = f"{name} (numbers: states)" if name == MODEL else name
            ax.plot(x, y, color=colour, linewidth=1.4, marker=mark, linestyle=(0, dash) if dash else "-", label=label)
        for each in done.curves[MODEL]:
            ax.annotate(
                str(each.n),
                (each.forecast, each.high),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=7,
                color=QUIET,
            )
        ax.set(
            xlabel="forecast probability of joining", ylabel="share that joined", xlim=(-0.03, 1.03), ylim=(-0.03, 1.08)
        )
        ax.legend(loc="upper left", fontsize=8)
    return figure


def crps_by_origin(done: Hindcast) -> Figure:
    """Draw the CRPS of the number of parties, of the model and of every baseline, by origin.

    Args:
        done: the hindcast.
    """
    with house():
        figure, (ax, *_) = _panels(1, done, "CRPS of parties at year-end, mean over years (lower is better)", width=6.4)
        names = [each.name for each in done.origins[0].bands]
        places = np.arange(len(done.origins))
        for name, mark in zip(names, ("o", *BASELINE_MARKS), strict=False):
            values = [next(each.crps for each in result.bands if each.name == name) for result in done.origins]
            shown = FIRST if name == MODEL else "none"
            edge = FIRST if name == MODEL else QUIET
            ax.plot(
                values,
                places,
                marker=mark,
                linestyle="",
                markersize=9 if name == MODEL else 7,
                markerfacecolor=shown,
                markeredgecolor=edge,
                markeredgewidth=1.2,
                label=name,
                zorder=3 if name == MODEL else 4,
            )
        ax.set_xscale("log")
        ax.set_xticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
        ax.set_yticks(places, [str(result.origin).removeprefix("from ") for result in done.origins])
        ax.set_ylim(len(places) - 0.5, -0.5)
        ax.set_xlabel("parties, log scale")
        ax.minorticks_off()
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8)
    return figure


def _panels(columns: int, done: Hindcast, title: str, width: float = 5.2) -> tuple[Figure, list[Axes]]:
    """Panels under a title, with what is needed to repeat them below."""
    figure = Figure(figsize=(max(3.6 * columns, width), 4.2), layout="constrained")
    axes = list(np.ravel(figure.subplots(1, columns, squeeze=False)))
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    told = f"{done.scenario} {done.fingerprint[:12]}, seeds 0 to {done.seeds - 1} of each origin; normsim {__version__}"
    figure.supxlabel(told, fontsize=7.5, color=QUIET, x=0.01, ha="left")
    return figure, axes


FIGURES: dict[str, Callable[[Hindcast], Figure]] = {
    "hindcast_bands": bands,
    "hindcast_calibration": calibration_curves,
    "hindcast_crps": crps_by_origin,
}
"""The figures by file name, without suffix."""
