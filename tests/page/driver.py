"""A server of the page and a tab of it, for tests and for the benchmark."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

CHROMIUM = "/usr/bin/chromium"

PATIENCE = 30.0
"""How long anything is waited for [s]; a wait that is met early costs nothing."""


class Server(NamedTuple):
    """A running server.

    Attributes:
        address: where it is.
        port: its port.
        pid: its process.
    """

    address: str
    port: int
    pid: int


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """The page, in an environment that asks for the whole network and for telemetry.

    Args:
        folder: where it runs and writes its log.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / ".env").write_text("SOLARA_TELEMETRY_MIXPANEL_ENABLE=True\nSOLARA_HOST=0.0.0.0\n", encoding="utf-8")
    command = [sys.executable, "-m", "normsim", "page", "--no-browser", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "HOST": "0.0.0.0"})
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert process.poll() is None, (folder / "log").read_text()
            try:
                with urllib.request.urlopen(address, timeout=5):
                    break
            except OSError:
                time.sleep(0.5)
        yield Server(address, port, process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert "Traceback" not in (folder / "log").read_text()


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser.

    Raises:
        FileNotFoundError: there is none.
    """
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists():
        raise FileNotFoundError(f"no browser at {CHROMIUM}")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Tab:
    """A tab of the page, and what a visitor does in it."""

    def __init__(self, browser: Any, address: str, width: int = 1400, height: int = 900, scheme: str = "light") -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda channel: self.asked.append(channel.url))
        self.page.on("console", lambda told: self.errors.append(told.text) if told.type == "error" else None)
        self.page.goto(address)
        self.page.wait_for_selector(".ns-picture svg .ns-state")

    def button(self, name: str) -> Any:
        """A button."""
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Click a button."""
        self.button(name).click()

    def set(self, label: str, value: str) -> None:
        """Choose or type a value."""
        field = self.page.get_by_label(label, exact=True)
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
            field.press("Enter")
            field.blur()

    def month(self) -> int:
        """The month on screen."""
        return int(self.page.locator(".ns-now").get_attribute("data-done"))

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        until = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < until, self.page.inner_text(".ns-page")[:400]
            self.page.wait_for_timeout(30)

    def wait_month(self, month: int) -> None:
        """Wait for a month."""
        self.wait(lambda: self.month() == month)

    def see(self, heading: str) -> None:
        """Wait for a heading that holds some words."""
        self.page.get_by_role("heading", name=heading).wait_for()

    def command(self) -> str:
        """The command that is shown."""
        return self.page.locator(".ns-copy code").inner_text()

    def message(self) -> str:
        """The message that is shown, once there is one."""
        return self.page.get_by_role("alert").inner_text()

    def save(self, name: str, path: Path) -> str:
        """Download a file and read it."""
        with self.page.expect_download() as awaited:
            self.press(name)
        awaited.value.save_as(path)
        return path.read_text(encoding="utf-8")
