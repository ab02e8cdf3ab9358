"""`normsim calibrate`: fit the model to the record, show what that says of each parameter, and write the posterior."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from normsim._version import __version__
from normsim.cli.batch_commands import progress_display
from normsim.cli.compile_notice import compiling
from normsim.cli.docs_pages import markdown_table, write_page
from normsim.cli.error_lines import BadInputError
from normsim.cli.printing import heading, note, number, say, say_json, table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from normsim.analysis.calibration import Calibration
    from normsim.experiment import Progress

JOINING = (
    *("parameter", "default", "most likely", "posterior", "90 % interval", "sd / prior sd", "2 log L lost at null"),
    "medoid of the points",
)
LAYERS = ("without", "2 log L lost")
TARGETS = ("target", "record", "left open (sd)", "prior (90 %)", "posterior (90 %)", "near the record", "source")
OTHERS = ("parameter", "default", "range", "posterior", "90 % interval", "sd / prior sd")

NARROWED = 0.85
"""Posterior over prior standard deviation below which a parameter is listed."""

CRITICAL = {"influence": 5.99}
"""Twice the log-likelihood that supports influence at the 5 % level: two coefficients; a layer is one."""

CRITICAL_ONE = 3.84
"""The same for one coefficient."""

STRONG = 0.4
"""Correlation from which on two coefficients are listed as entangled."""


def calibrate_command(
    runs: Path,
    seed: int,
    members: int,
    rounds: int,
    workers: int | None,
    out: Path | None,
    figures: Path | None,
    save: Path | None,
    json: bool,
) -> None:
    """Fit, show and write.

    Args:
        runs: folder in which runs are kept.
        seed: seed of everything drawn.
        members: members of the ensemble.
        rounds: rounds of the population, at most.
        workers: processes.
        out: write the page of the docs here.
        figures: write the figures into this folder.
        save: write the posterior here, and its provenance beside it.
        json: print JSON and nothing else.

    Raises:
        BadInputError: an option cannot be taken.
    """
    from normsim.analysis.calibration import Settings, calibrate

    if workers is not None and workers < 1:
        raise BadInputError(f"--workers {workers}: allowed is a whole number from 1")
    if save is not None and save.suffix != ".parquet":
        raise BadInputError(f"--save {save}: allowed is a file with the suffix .parquet")
    shown = ""
    with compiling(), progress_display("", quiet=json) as show:

        def tell(step: str, progress: "Progress") -> None:
            nonlocal shown
            if step != shown and not json:
                note(step)
                shown = step
            show(progress)

        done = calibrate(runs, Settings(seed, members, rounds), workers, tell)
    write_page(done, page, _figures_of, out, figures)
    if save is not None:
        _save(done, save)
    if json:
        say_json(record(done))
        return
    _print(done)
    for told in (out, figures, save):
        if told is not None:
            note(f"written: {told}")


def _figures_of() -> "dict[str, Callable[[Calibration], Figure]]":
    """The figures."""
    from normsim.figures.calibration_figures import FIGURES

    return FIGURES


def _print(done: "Calibration") -> None:
    """Print every table."""
    say(heading("Joining, fitted by likelihood"), joining_sentence(done), "")
    say(table(JOINING, list(joining_rows(done)), right=JOINING[1:]), "")
    say(table(LAYERS, list(layer_rows(done)), right=LAYERS[1:]), "")
    say(heading("The record, before and after"), ensemble_sentence(done), "")
    say(table(TARGETS, list(target_rows(done)), right=TARGETS[1:6]), "")
    say(heading("Other parameters that the record narrows"), "")
    say(table(OTHERS, list(other_rows(done)), right=OTHERS[1:]))


def joining_sentence(done: "Calibration") -> str:
    """What was fitted, in a sentence."""
    joining, fit = done.fit.joining, done.fit
    window = f"{joining.start:%B %Y} to December 2019"
    return (
        f"{len(joining.state):,} state-months from {window} with {int(joining.joined.sum())} signatures and deposits; "
        f"log likelihood {fit.log_likelihood:.1f}; about {fit.independent:,.0f} independent draws."
    )


def joining_table(done: "Calibration") -> list[dict[str, Any]]:
    """What the record says of each coefficient of joining, as numbers."""
    fit = done.fit
    best, ratios, medoid = fit.joining.values(fit.best), fit.narrowed(), done.joining_medoid()
    return [
        {**_described(name, fit.values[:, place]), "most_likely": best[name], "sd_ratio": float(ratios[place])}
        | {"lost_at_null": fit.gains.get(name), "medoid": medoid[name]}
        for place, name in enumerate(fit.joining.parameters)
    ]


def _described(name: str, drawn: "np.ndarray") -> dict[str, Any]:
    """A parameter and its posterior."""
    from normsim.parameters import records

    known, (low, high) = records()[name], np.quantile(drawn, [0.05, 0.95])
    told = {"parameter": name, "default": float(known.value), "range": [known.low, known.high]}
    return told | {"mean": float(drawn.mean()), "low": float(low), "high": float(high)}


def joining_rows(done: "Calibration") -> Iterator[tuple[str, ...]]:
    """One row per coefficient of joining."""
    for each in joining_table(done):
        lost = each["lost_at_null"]
        numbers = (_figures(each[name]) for name in ("default", "most_likely", "mean"))
        yield (
            each["parameter"],
            *numbers,
            *_ends(each),
            "" if lost is None else f"{lost:.1f}",
            _figures(each["medoid"]),
        )


def _ends(each: dict[str, Any]) -> tuple[str, str]:
    """The cells of an interval and of how far it is narrowed."""
    return f"{_figures(each['low'])} to {_figures(each['high'])}", f"{each['sd_ratio']:.2f}"


def layer_rows(done: "Calibration") -> Iterator[tuple[str, ...]]:
    """One row per layer of influence, and one for all of it."""
    for name, lost in done.layers.items():
        yield ("any pull of region and peers" if name == "influence" else f"the layer {name}"), number(lost, 1)


def target_table(done: "Calibration") -> list[dict[str, Any]]:
    """The record, and runs of the prior and of the posterior, as numbers; spans are 5 %, median and 95 %."""
    from normsim.analysis import calibration_targets as aims

    near = (aims.distances(done.found) <= aims.PLAUSIBLE).mean(axis=0)
    return [
        vars(each)
        | {"prior": _span(done.before[each.name]), "posterior": _span(done.found[each.name])}
        | {"near": share}
        for each, share in zip(aims.targets(), near.tolist(), strict=True)
    ]


def target_rows(done: "Calibration") -> Iterator[tuple[str, ...]]:
    """One row per target."""
    for each in target_table(done):
        yield (
            each["meaning"] + (" (seen)" if each["seen"] else ""),
            _figures(each["record"]),
            f"x {np.exp(each['spread']):.2f}" if each["log"] else f"{each['spread']:g}",
            *("{1} ({0} to {2})".format(*map(_figures, each[name])) for name in ("prior", "posterior")),
            f"{each['near']:.0%}",
            each["source"],
        )


def other_table(done: "Calibration") -> list[dict[str, Any]]:
    """The parameters outside joining whose posterior is narrower than their prior, the narrowest first, as numbers."""
    ratios = {name: ratio for name, ratio in narrowing(done).items() if name not in done.fit.joining.parameters}
    chosen = sorted((name for name in ratios if ratios[name] <= NARROWED), key=lambda name: ratios[name])
    return [_described(name, done.points[name].to_numpy(float)) | {"sd_ratio": ratios[name]} for name in chosen]


def other_rows(done: "Calibration") -> Iterator[tuple[str, ...]]:
    """One row per such parameter."""
    for each in other_table(done):
        low, high = each["range"]
        yield (
            each["parameter"],
            _figures(each["default"]),
            f"{low:g} to {high:g}",
            _figures(each["mean"]),
            *_ends(each),
        )


def narrowing(done: "Calibration") -> dict[str, float]:
    """Standard deviation of the posterior over that of the prior, by parameter."""
    from normsim.parameters import records

    width = {name: (records()[name].high - records()[name].low) / np.sqrt(12.0) for name in done.points.columns}
    return {name: float(done.points[name].std()) / width[name] for name in width}


def ensemble_sentence(done: "Calibration") -> str:
    """How the posterior was made, in words."""
    from normsim.analysis import calibration_targets as aims

    last, every = done.rounds[-1], f"every target within {aims.PLAUSIBLE:g} standard deviations"
    nearest = int((aims.distances(done.before) <= aims.PLAUSIBLE).sum(axis=1).max())
    first = (
        f"{done.made:,} points run. Of the {len(done.before):,} of the prior {_met(done.before)} met {every}, the "
        f"nearest {nearest} of {len(aims.targets())}; after the smoother {_met(done.after)}."
    )
    then = (
        f"The population took {len(done.rounds)} rounds, in the last of which {last.moved:.0%} of the members moved, "
        f"and ends at {len(done.points):,} different points, which descend from {last.families:,} members."
    )
    again = f"Run again with other seeds, {_met(done.found)} of them meet every target. Seed {done.settings.seed}."
    return f"{first} {then} {again}"


def _met(found: "pd.DataFrame") -> str:
    """Share of runs that meet every target."""
    from normsim.analysis import calibration_targets as aims

    return f"{(aims.distances(found) <= aims.PLAUSIBLE).all(axis=1).mean():.0%}"


def entangled(done: "Calibration") -> list[str]:
    """Pairs of joining coefficients that the record cannot tell apart well."""
    names, found = done.fit.joining.parameters, done.fit.correlations()
    pairs = [(i, j) for i in range(len(names)) for j in range(i) if abs(found[i, j]) >= STRONG]
    pairs.sort(key=lambda pair: -abs(found[pair]))
    return [f"{names[j]} and {names[i]} {number(found[i, j], 2, sign=True)}" for i, j in pairs]


def _figures(value: float) -> str:
    """A number with three significant digits."""
    return f"{value:.3g}"


def _span(values: Any) -> list[float]:
    """5 %, median and 95 %."""
    return [float(value) for value in np.quantile(np.asarray(values, float), [0.05, 0.5, 0.95])]


def record(done: "Calibration") -> dict[str, Any]:
    """Everything as JSON."""
    return {
        "settings": vars(done.settings),
        "joining": joining_table(done),
        "layers": dict(done.layers),
        "targets": target_table(done),
        "others": other_table(done),
        "rounds": [vars(each) for each in done.rounds],
        "made": done.made,
        "points": len(done.points),
    }


def _save(done: "Calibration", path: Path) -> None:
    """Write the posterior, and its provenance beside it."""
    from normsim.analysis import calibration_targets as aims
    from normsim.analysis.patterns import FIT_UNTIL
    from normsim.config.toml_writer import to_toml

    done.points.to_parquet(path, index=False)
    made = {
        "version": __version__,
        "model": done.settings.mark()["model"],
        **vars(done.settings),
        "fitted_until": FIT_UNTIL,
        "points": len(done.points),
        "points_run": done.made,
        "state_months": len(done.fit.joining.state),
        "targets": {each.name: each.record for each in aims.targets()},
    }
    path.with_suffix(".toml").write_text(to_toml(made), encoding="utf-8", newline="\n")


INTRODUCTION = """# Calibration

This page shows what the historical record says about the parameters. `normsim calibrate` makes the runs and the tables.
`--out` writes this page, and `--save` the points of the posterior, which are packaged (`normsim/posterior.parquet`).
With `--posterior`, `normsim run`, `batch run` and `claims` use these points instead of the defaults.

## Method

- **The fit window ends in 2019.** The only later pattern that is fitted is the number of critics in July 2023; it is
  marked as seen. The rest of the record from 2020 on was known when ranges and defaults were set, so for this treaty it
  counts as seen too. Forecasts are therefore tested with [origins in the past](hindcast.md) and
  [other treaties](treaties.md).
- **Joining has a likelihood.** In each month, every state is given its recorded treaty status and recorded covariates
  (the felt norm, threat and civil society are means over four runs at the defaults). The joining rule then gives its
  probability of signing, ratifying or acceding in that month. Unobserved differences between states (`join.frailty`)
  are integrated out, jointly over all months of a state. Estimates are maximum likelihood within the ranges of
  `parameters.toml`. The posterior is sampled with `emcee` [ForemanMackey 2013], with a uniform prior over these ranges.
  *2 log L lost at null* is the likelihood ratio statistic: twice the loss of log likelihood if a coefficient is set to
  zero and the others are fitted again. Below 3.84, the coefficient does not differ from zero at the 5 % level. The last
  column is the point of the final posterior whose joining coefficients lie in the middle of all points.
- **The defaults are not the medoid.** The defaults of joining lie within the 90 % intervals of the posterior, and were
  chosen so that runs at the defaults follow the recorded number of parties. The medoid of the points was tried:
  together with the other defaults, which are set by hand, it gives 116 parties at the end of 2025 (105 to 128; record
  112). For most other parameters the record has too little information for a medoid to mean much.
- **The rest has no likelihood.** Use, transfers, harm, condemnation, votes and exits depend on chance in a run. An
  ensemble of points is drawn: joining from the posterior above, and every other uncertain parameter from its range. An
  ensemble smoother [Emerick 2013] moves it towards the record in five rounds, with new runs of each member in each
  round. Covariances within the range of chance are not used, so a parameter without information in the record keeps its
  prior.
- **Approximate Bayesian computation follows.** The smoother is exact only if patterns are linear in the parameters. A
  population that starts from its ensemble therefore samples the prior, conditional on a run that meets every target.
  In each round the tolerance falls to the median distance, down to four standard deviations of the uncertainty of
  record and model. (At three, chance within single runs would dominate: one in twenty runs at the defaults passes.)
  Members outside the tolerance are replaced by copies of others. Each member then redraws a few parameters from the
  prior, and moves there if the new run is within the tolerance [DelMoral 2012]. The distinct points within the final
  tolerance are the posterior. They are run again with other seeds for the table.
- **Why not a library?** pyABC and ELFI propose all parameters at once from a kernel around the accepted points, and
  weight by it. With 156 parameters, one point gets all the weight. Redrawing a few parameters from the prior needs no
  weights. The smoother and the population are about 40 lines each.
- **Limits.** The points are not independent draws. Points that descend from one member share most of their values, and
  there are few such ancestors for 156 dimensions. Intervals are therefore approximate, a parameter may appear
  narrowed by chance, and shares of points over the posterior are less certain than their number suggests.
"""


CAPTIONS = {
    "calibration_parameters": "The parameters that the record narrows most: posterior, range and default",
    "calibration_targets": "Runs of the prior and of the posterior beside the record",
}
"""What each figure shows, by its file name."""


def page(done: "Calibration", figures: str | None = None) -> str:
    """The page of the docs as Markdown.

    Args:
        done: the calibration.
        figures: where its figures are, seen from the page; None shows none.
    """
    lines = [INTRODUCTION, f"Made by normsim {__version__}.", ""]
    if figures is not None:
        lines += [*(f"![{caption}]({figures}/{name}.png)" for name, caption in CAPTIONS.items()), ""]
    lines += ["## Joining", "", joining_sentence(done), "", *markdown_table(JOINING, joining_rows(done)), ""]
    pairs = entangled(done)
    lines += [f"Correlated estimates ({STRONG} or more in absolute value): {'; '.join(pairs) or 'none'}.", ""]
    lines += ["## What influence adds to the likelihood of joining", "", layers_sentence(done), ""]
    lines += [*markdown_table(LAYERS, layer_rows(done)), ""]
    lines += ["## The record, before and after", "", ensemble_sentence(done), ""]
    lines += ["Median and 90 % interval of single runs, at points of the prior and, with new seeds, of the posterior."]
    lines += ["*Near the record*: share of the latter within four standard deviations of the record.", ""]
    lines += [*markdown_table(TARGETS, target_rows(done)), ""]
    lines += ["## Other parameters that the record narrows", ""]
    lines += [f"Parameters whose posterior standard deviation is less than {NARROWED} times that of the prior.", ""]
    lines += [*markdown_table(OTHERS, other_rows(done)), ""]
    return "\n".join(lines)


def layers_sentence(done: "Calibration") -> str:
    """What the record says of influence, in words."""
    seen = [name for name, lost in done.layers.items() if lost > CRITICAL.get(name, CRITICAL_ONE)]
    told = ", ".join(seen) if seen else "neither any layer nor influence as a whole"
    return (
        f"The record of joining supports {told} at the 5 % level (3.84 for one coefficient, 5.99 for influence as a "
        "whole, which is two). A negative number means that the fit is better without it."
    )
