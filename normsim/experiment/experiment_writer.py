"""An experiment as a file beside a folder `scenarios` that holds its scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normsim.config.toml_writer import to_toml
from normsim.experiment.design import SIZED

if TYPE_CHECKING:
    from normsim.experiment.design import Block
    from normsim.experiment.experiment import Experiment


def experiment_toml(experiment: Experiment) -> str:
    """Write an experiment as a file; the scenarios beside it are over the months they run."""
    tree: dict[str, Any] = {
        "title": experiment.title,
        "question": experiment.question,
        "references": list(experiment.references),
        "scenarios": [f"scenarios/{scenario.name}.toml" for scenario in experiment.scenarios],
        "replications": experiment.replications,
        "seed": experiment.seed,
        "seeds": experiment.seeds,
        "outcomes": [name for name in experiment.outcomes if name not in experiment.own],
        "headline": experiment.headline,
        "keep": list(experiment.keep),
        "design": [_block_tree(block) for block in experiment.blocks],
    }
    return to_toml({name: value for name, value in tree.items() if value not in ("", [])})


def _block_tree(block: Block) -> dict[str, Any]:
    """The table of a block."""
    tree: dict[str, Any] = {"method": block.method}
    if block.method == "list":
        return tree | {"points": [dict(point) for point in block.listed]}
    if block.method == "morris":
        tree |= {"trajectories": block.trajectories, "levels": block.levels}
    if block.method in SIZED:
        tree |= {"points": block.points}
    if block.second_order:
        tree |= {"second_order": True}
    return tree | {"factors": block.resolved()}
