"""The server: on this machine only, without telemetry, with caps on what it keeps."""

import contextlib
import os
import socket
import threading
import warnings
import webbrowser
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from normsim.page.session import VARIABLE, PageError, Session

ADDRESS = "127.0.0.1"
"""Where the page is served, whatever the environment says."""

PORT = 8765
"""Port tried first if none is asked for."""

MOST_PAGES = 16
"""Pages kept at once: each is a model with its run."""

MOST_SENT = 4_000_000
"""Longest message that a browser may send [bytes]."""

FULL = (
    f"{MOST_PAGES} pages of normsim are open on this machine, and no more are kept at once. Close one and reload this."
)

SETTINGS = {
    "SOLARA_APP": "normsim.page.app",
    "SOLARA_HOST": ADDRESS,
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_ASSETS_CDN": "http://127.0.0.1:9/",  # all assets are installed; one that is not is never fetched
    "SOLARA_THEME_SHOW_BANNER": "False",
    "SOLARA_KERNEL_MAX_COUNT": str(MOST_PAGES),
    "SOLARA_KERNEL_CULL_TIMEOUT": "1h",
}
"""Settings of Solara; the environment, and a .env file in the folder, have no say in them."""

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


def serve(scenario: str, port: int | None = None, browser: bool = True, tell: Callable[[str], None] = print) -> None:
    """Serve the page until interrupted.

    Args:
        scenario: name or path of the scenario that opens.
        port: port, the first free one if None.
        browser: whether to open the browser.
        tell: says where the page is.

    Raises:
        PageError: the port is taken.
        ScenarioError: the scenario cannot be taken.
    """
    Session(scenario).step()  # a scenario that cannot be taken ends here, and not on the page
    os.environ.update(SETTINGS | {VARIABLE: scenario})  # before solara is imported, which reads them then
    listening = _listen(port)
    address = f"http://{ADDRESS}:{listening.getsockname()[1]}"

    import uvicorn
    from solara.server import settings, starlette

    # a cookie that only this site reads is what is wanted here
    warnings.filterwarnings("ignore", "Cookies with samesite", UserWarning)
    settings.main.host = ADDRESS
    settings.telemetry.mixpanel_enable = False
    guarded = loopback_only(capped(starlette.app))
    server = uvicorn.Server(uvicorn.Config(guarded, log_level="warning", ws_max_size=MOST_SENT))
    tell(f"The page is at {address} (stop with Ctrl-C)")
    if browser:
        threading.Timer(1.0, webbrowser.open, (address,)).start()
    with contextlib.closing(listening):
        server.run(sockets=[listening])


def _listen(port: int | None) -> socket.socket:
    """A socket on this machine."""
    for wanted in (PORT, 0) if port is None else (port,):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((ADDRESS, wanted))
        except OSError as error:
            listening.close()
            problem = error
        else:
            return listening
    raise PageError(f"port {port}: {problem.strerror}; choose another with --port, or leave it out")


def loopback_only(app: Any) -> App:
    """Refuse requests that a foreign page makes through the visitor's browser.

    The server is reachable from this machine alone, but so is the browser that shows any page of the web: what names
    another host or comes from another origin is none of ours.

    Args:
        app: the application behind.
    """
    own = {"127.0.0.1", "localhost"}

    async def guarded(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
            host = urlsplit(f"//{headers.get(b'host', '')}").hostname
            origin = headers.get(b"origin")
            if host not in own or (origin is not None and urlsplit(origin).hostname not in own):
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1008})
                else:
                    await _refuse(send, 403, "this page is for this machine only")
                return
        await app(scope, receive, send)

    return guarded


def capped(app: Any) -> App:
    """Say in words that no more pages are kept, where a page would open that never fills.

    Args:
        app: the application behind.
    """

    async def counted(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/":
            from anyio.to_thread import run_sync

            if not await run_sync(_has_room):
                await _refuse(send, 503, FULL)
                return
        await app(scope, receive, send)

    return counted


def _has_room() -> bool:
    """Whether one more page can be kept; the oldest that nobody has open any more give way."""
    from solara.server.kernel_context import PageStatus, contexts

    kept = list(contexts.values())
    left = [page for page in kept if page.page_status and PageStatus.CONNECTED not in page.page_status.values()]
    for page in left[: max(len(kept) - MOST_PAGES + 1, 0)]:
        page.close("evicted")
    return len(contexts) < MOST_PAGES


async def _refuse(send: Any, status: int, words: str) -> None:
    """Answer with a status and some words."""
    plain = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": plain})
    await send({"type": "http.response.body", "body": words.encode()})
