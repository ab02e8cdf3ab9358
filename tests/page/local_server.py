"""The web application on a free port of this machine, in a thread, and requests to it as they go over the wire."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import uvicorn

from normsim.engine.simulate import simulate
from normsim.page.serve import listen
from normsim.page.view import first_view
from normsim.page.web_app import web_app

PATIENCE = 120.0
"""How long an answer is waited for [s]."""


class Answer(NamedTuple):
    """An answer: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class LocalServer(NamedTuple):
    """A running server."""

    port: int

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Any request; underscores in a header's name stand for hyphens."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(line):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            line.request(method, path, body, named)
            got = line.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())

    def post(self, name: str, view: dict[str, Any] | None = None, **more: Any) -> Answer:
        """A request as the page makes it."""
        body = json.dumps({"view": view or {}, **more}).encode()
        return self.ask("POST", f"/api/{name}", body, Content_Type="application/json")


@contextlib.contextmanager
def local_server(scenario: str = "ukraine_2023") -> Iterator[LocalServer]:
    """The application, from when it answers; the model is compiled before, as the command does."""
    simulate("baseline", months=1)
    listening = listen(0)
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(web_app(first_view(scenario), port), log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + PATIENCE
        while not server.started:
            assert time.monotonic() < until
            time.sleep(0.01)
        yield LocalServer(port)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
