"""What each layer of influence adds to forecasts: the hindcast again without it, score by score on the same cases.

Runs with a layer and without it share their seeds, and the joining rule is fitted anew without it before each origin.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from normsim.analysis.hindcast import hindcast, lines_of, merged
from normsim.analysis.hindcast_results import MODEL, Cases, Line, Origin
from normsim.engine.networks import LAYERS
from normsim.experiment.runner import Progress
from normsim.parameters import nulls
from normsim.scenario import Scenario, load_scenario
from normsim.world import Treaty

WITHOUT = "without"
"""Name of the forecast without a layer, in place of a baseline."""

PULLS = (
    "acquire.peers",
    "renounce.peers",
    "join.region",
    "join.peers",
    "withdraw.exposure",
    "claim.precedent",
    "condemn.metanorm",
    "condemn.novelty",
    "norm.susceptibility",
    "norm.imitate",
    "norm.answered",
    "norm.unanswered",
    "norm.scope_erode",
    "norm.spill",
)
"""Parameters through which what is seen of others moves a state: with all at their null, the network moves nobody."""


@dataclass(frozen=True)
class Contributions:
    """Scores of the whole model beside those without each layer.

    Attributes:
        seeds: runs of each origin.
        origins: the origins, whose cases are put together.
        lines: by what is left out, a layer or `influence`, the scores; the difference is the whole model's minus that
            without.
    """

    seeds: int
    origins: tuple[Origin, ...]
    lines: Mapping[str, list[Line]]


def variants() -> dict[str, dict[str, float]]:
    """What is left out, and the values that leave it out: each layer by itself, and every pull of others."""
    off = nulls()
    layers = {layer: {f"network.{layer}": 0.0} for layer in LAYERS}
    return {**layers, "influence": {name: float(off[name]) for name in PULLS}}


def layer_contributions(
    scenario: Scenario | str = "history_2008",
    origins: Sequence[Origin] | None = None,
    seeds: int = 400,
    workers: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    treaty: Treaty | None = None,
) -> Contributions:
    """Run the hindcast whole and without each layer, and compare every score.

    Args: as for `hindcast`.
    """
    base = load_scenario(scenario)
    whole = hindcast(base, origins, seeds, workers, on_progress, treaty=treaty)
    full = merged([result.cases for result in whole.origins])
    lines = {}
    for name, values in variants().items():
        other = hindcast(base.with_values(values), origins, seeds, workers, on_progress, treaty=treaty)
        lines[name] = lines_of(_beside(full, merged([result.cases for result in other.origins])))
    return Contributions(seeds, tuple(result.origin for result in whole.origins), lines)


def _beside(full: Cases, other: Cases) -> Cases:
    """The model's cases, and those of the other model in place of a baseline."""
    return Cases(
        parties={
            score: {MODEL: points[MODEL], WITHOUT: other.parties[score][MODEL]}
            for score, points in full.parties.items()
        },
        joins={
            group: {MODEL: chances[MODEL], WITHOUT: other.joins[group][MODEL]} for group, chances in full.joins.items()
        },
        joined=full.joined,
        states=full.states,
        use={MODEL: full.use[MODEL], WITHOUT: other.use[MODEL]} if full.use else {},
        used=full.used,
        users=full.users,
    )
