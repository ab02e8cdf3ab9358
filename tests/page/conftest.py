"""A server of the page and a browser, started once a session."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.page import driver
from tests.page.driver import Server, Tab


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page."""
    with driver.serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A browser."""
    pytest.importorskip("playwright")
    if not Path(driver.CHROMIUM).exists():
        pytest.skip(f"no browser at {driver.CHROMIUM}")
    with driver.chromium() as browser:
        yield browser


@pytest.fixture
def open_tab(chromium, server: Server) -> Iterator[Callable[..., Tab]]:
    """Opens tabs, each in a context of its own, and checks that they were quiet and asked nobody but the server."""
    tabs: list[Tab] = []

    def opened(**options: object) -> Tab:
        tabs.append(Tab(chromium, server, **options))
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.context.close()
        assert tab.errors == []
        away = [url for url in tab.asked if not re.match(rf"{server.address}/|data:|blob:", url)]
        assert away == []


@pytest.fixture
def tab(open_tab: Callable[..., Tab]) -> Tab:
    """A tab that has just been opened."""
    return open_tab()
