"""A server of the page and a tab of it, for tests and for the benchmark."""

import contextlib
import json
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

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """JSON from the server, without the page."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def serving(folder: Path, port: int | None = None) -> Iterator[Server]:
    """The page, from when it answers.

    Args:
        folder: where it runs and writes its log.
        port: its port, a free one if None.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "normsim", "page", "--no-browser", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 10 * PATIENCE  # it may have to compile the model
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, (folder / "log").read_text()
            try:
                with urllib.request.urlopen(address, timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
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

    def __init__(
        self, browser: Any, server: Server, view: str = "", width: int = 1400, height: int = 900, scheme: str = "light"
    ) -> None:
        self.server = server
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.add_init_script(path=Path(__file__).with_name("probes.js"))
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda channel: self.asked.append(channel.url))
        self.page.on("console", lambda told: self.errors.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.open(view)

    def open(self, view: str = "") -> None:
        """Open the page, at the view that opens or another."""
        self.page.goto(f"{self.server.address}/{view}")
        self.page.wait_for_selector("body[data-ready]")

    def press(self, selector: str) -> None:
        """Press something."""
        self.page.locator(selector).first.click()

    def set(self, selector: str, value: str) -> None:
        """Choose or type a value."""
        field = self.page.locator(selector)
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
            field.dispatch_event("change")

    def text(self, selector: str) -> str:
        """The text of something."""
        return str(self.page.locator(selector).first.inner_text())

    def view(self) -> dict[str, Any]:
        """The view on screen."""
        return dict(self.page.evaluate("() => window.normsim.view"))

    def month(self) -> int:
        """The month on screen."""
        return int(self.page.locator("#scrub").input_value())

    def wait(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        until = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < until, self.page.inner_text("body")[:400]
            self.page.wait_for_timeout(20)

    def rest(self) -> None:
        """Wait until everything that was asked for is on screen."""
        self.wait(lambda: self.page.locator("[aria-busy=true]").count() == 0)

    def see(self, words: str) -> None:
        """Wait for words anywhere on the page."""
        self.page.get_by_text(words).first.wait_for()

    def scrub(self, month: int) -> None:
        """Drag the scrubber to a month."""
        self.page.locator("#scrub").evaluate("(e, k) => { e.value = k; e.dispatchEvent(new Event('input')); }", month)

    def save(self, selector: str, path: Path) -> bytes:
        """Download a file and read it."""
        with self.page.expect_download() as awaited:
            self.press(selector)
        awaited.value.save_as(path)
        return path.read_bytes()
