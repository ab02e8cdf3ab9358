"""Runs that several tests look at, each computed once a session; and one thread for linear algebra."""

import os
from collections.abc import Callable, Iterator
from functools import cache

import pytest

# before NumPy is loaded: tests run side by side, and threads that wait for a core in vain burn what the others need
for library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

from normsim.engine.simulate import Run, simulate  # noqa: E402
from normsim.scenario import Scenario, load_scenario, varied_scenario  # noqa: E402

Vary = Callable[..., Scenario]
RunOf = Callable[..., Run]


@cache
def _varied(name: str, months: int | None, values: tuple[tuple[str, float | str], ...]) -> Scenario:
    scenario = load_scenario(name)
    if months is not None and months < scenario.months:
        scenario = scenario.with_months(months)
    return varied_scenario(scenario, dict(values))  # some tests set a regime that is off, on purpose


def _vary(name: str, months: int | None = None, /, **values: float | str) -> Scenario:
    return _varied(name, months, tuple(values.items()))


@cache
def _run(scenario: Scenario, seed: int) -> Run:
    return simulate(scenario, seed, log_level=0, warn=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have slow tests, so that at the end no worker waits long for another."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def vary() -> Vary:
    """A packaged scenario, cut to some months and with some values changed: vary(name, months, **values)."""
    return _vary


@pytest.fixture(scope="session")
def run_of() -> Iterator[RunOf]:
    """The run of a scenario and a seed, without its log; kept for the session."""
    yield _run
    _run.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a user trusts is noted elsewhere than in the home of who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORMSIM_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield
