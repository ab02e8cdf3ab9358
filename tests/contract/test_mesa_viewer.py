"""The examples of docs/mesa.md run, and Mesa's own viewer shows the model."""

import re
from pathlib import Path
from typing import Any

import pytest

from normsim import NormModel
from normsim.engine.simulate import simulate

DOC = Path(__file__).parents[2] / "docs" / "mesa.md"


def blocks() -> list[str]:
    """The Python code of the page."""
    return re.findall(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)


def test_the_first_example_runs_a_model_to_its_end() -> None:
    told: dict[str, Any] = {}
    exec(blocks()[0], told)
    model = told["model"]
    assert model.result().digest() == simulate("ukraine_2023", 1).digest()


@pytest.mark.filterwarnings("default")  # the viewer's own packages warn
def test_mesas_viewer_shows_the_model_and_its_settings_make_one() -> None:
    solara = pytest.importorskip(
        "solara", reason="mesa[viz] is not installed: it is large, and only this test needs it"
    )
    from mesa.visualization import SolaraViz

    told: dict[str, Any] = {}
    exec(blocks()[1], told)
    _, shown = solara.render(told["page"], handle_error=False)
    shown.close()
    asked = told["page"].kwargs["model_params"]
    assert told["page"].component is SolaraViz
    for scenario in asked["scenario"]["values"][:3]:
        for seed in (asked["rng"]["min"], asked["rng"]["max"]):
            made = NormModel(scenario=scenario, rng=seed)
            assert (made.simulation.scenario.name, made.simulation.seed) == (scenario, seed)
