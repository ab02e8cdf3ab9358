"""The server: on this machine only."""

import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable

from normsim.page.view import PageError, first_view, scenario_of
from normsim.page.web_app import web_app

ADDRESS = "127.0.0.1"
"""Where the page is served, whatever the environment says."""

PORT = 8765
"""Port tried first if none is asked for."""


def serve(
    scenario: str,
    port: int | None = None,
    browser: bool = True,
    tell: Callable[[str], None] = print,
    posterior: bool = False,
) -> None:
    """Serve the page until interrupted.

    Args:
        scenario: name or path of the scenario that opens.
        port: port, the first free one if None.
        browser: whether to open the browser.
        tell: says where the page is.
        posterior: open it with the values of the posterior.

    Raises:
        PageError: the port is taken, or the scenario is too large for the page.
        ScenarioError: the scenario cannot be taken.
    """
    import uvicorn

    view = first_view(scenario, posterior)
    scenario_of(view)
    listening = listen(port)
    at = listening.getsockname()[1]
    address = f"http://{ADDRESS}:{at}"
    config = uvicorn.Config(web_app(view, at), log_level="warning", ws="none", proxy_headers=False, server_header=False)
    tell(f"The page is at {address} (stop with Ctrl-C)")
    if browser:
        threading.Timer(0.5, webbrowser.open, (address,)).start()
    with contextlib.closing(listening):
        uvicorn.Server(config).run(sockets=[listening])


def listen(port: int | None) -> socket.socket:
    """A socket on this machine.

    Args:
        port: its port; the usual one, or a free one, if None.

    Raises:
        PageError: the port is taken.
    """
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
