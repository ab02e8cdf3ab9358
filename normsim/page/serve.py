"""The server: on this machine only."""

import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace

from normsim.page.about import about_json
from normsim.page.map_outlines import outlines
from normsim.page.recorded_run import recorded_run
from normsim.page.texts import texts
from normsim.page.view import FIRST, PageError, View, first_view, other_of, scenario_of
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
    if view.scenario == FIRST:
        view = replace(view, seed=texts()["seed"])  # the story's, so that it opens at once
    scenario_of(view)
    listening = listen(port)
    at = listening.getsockname()[1]
    address = f"http://{ADDRESS}:{at}"
    config = uvicorn.Config(web_app(view, at), log_level="warning", ws="none", proxy_headers=False, server_header=False)
    tell(f"The page is at {address} (stop with Ctrl-C)")
    threading.Thread(target=_prepare, args=(view,), daemon=True).start()
    if browser:
        threading.Timer(0.5, webbrowser.open, (address,)).start()
    with contextlib.closing(listening):
        uvicorn.Server(config).run(sockets=[listening])


def _prepare(view: View) -> None:
    """Compute what a browser will ask for first, while it starts."""
    about_json(view)
    outlines()
    for each in (view, other_of(view)):
        if each is not None:
            recorded_run(scenario_of(each)[0], each.seed)


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
