"""Mesa models stepped some months, for tests of what they show."""

from normsim.model import NormModel
from normsim.scenario import load_scenario

MONTHS = 24
BUSY = "ukraine_2023"


def stepped(name: str = BUSY, months: int = MONTHS, seed: int = 1, horizon: int = MONTHS) -> NormModel:
    """A model of a scenario cut to a horizon, stepped some months."""
    model = NormModel(load_scenario(name).with_months(horizon), rng=seed)
    for _ in range(months):
        model.step()
    return model
