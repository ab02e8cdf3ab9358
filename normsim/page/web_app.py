"""The web application: JSON over HTTP, for this machine only. It remembers nothing of a visitor."""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from normsim.errors import AnalysisError
from normsim.page.about import about_json
from normsim.page.decisions import facts_json, why_json
from normsim.page.differences import RUNS, difference, runs_in, sentence_json, sides
from normsim.page.influence import influence_json
from normsim.page.map_outlines import outlines
from normsim.page.network_ties import ALL, network_json
from normsim.page.odd_page import odd_html
from normsim.page.run_json import run_json
from normsim.page.take_away import take
from normsim.page.view import PageError, View, base_of, view_of
from normsim.parameters import ParameterError
from normsim.scenario import ScenarioError
from normsim.world import WorldError

CLIENT = Path(__file__).with_name("client")
"""What the browser loads."""

MAX_BODY = 1_000_000
"""Longest request [bytes]."""

MAX_PICTURES = 24_000_000
"""Longest request that brings pictures along [bytes]."""

REFUSALS = (PageError, ScenarioError, ParameterError, WorldError, AnalysisError)
"""Errors whose message is for whoever typed."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""Sent with every answer: no page frames this one, and it loads nothing from elsewhere."""


class JsonAnswer(Response):
    """An answer in JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes of an answer."""
        return self.encoded(content)

    @staticmethod
    def encoded(content: Any) -> bytes:
        """Something as JSON."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def error(words: str, status: int) -> JsonAnswer:
    """An error in words."""
    return JsonAnswer({"error": words}, status)


Work = Callable[[View, dict[str, Any]], Any]


def posted(work: Work) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a view and answers with what is computed from it."""

    async def endpoint(request: Request) -> Response:
        body = await body_of(request)
        return JsonAnswer(await run_in_threadpool(lambda: work(view_of(body.get("view")), body)))

    return endpoint


async def body_of(request: Request) -> dict[str, Any]:
    """The body of a request, an object in JSON.

    Raises:
        PageError: it is none.
    """
    sent = await request.body()
    try:
        body = json.loads(sent)
    except (ValueError, RecursionError):
        raise PageError("the request is not valid JSON") from None
    if not isinstance(body, dict):
        raise PageError("the request is not an object in JSON")
    return body


WORK: dict[str, Work] = {
    "run": lambda view, body: run_json(view),
    "why": lambda view, body: why_json(view, body.get("month"), body.get("state")),
    "facts": lambda view, body: facts_json(view, body.get("state")),
    "influence": lambda view, body: influence_json(view, body.get("month"), body.get("state")),
    "network": lambda view, body: network_json(view, body.get("layer", ALL)),
    "sentence": lambda view, body: sentence_json(view, body.get("month"), body.get("about", "")),
}
"""What is computed from a view, by the last part of its address."""


def upload_json(body: dict[str, Any]) -> dict[str, Any]:
    """The view that opens a scenario file, or an error that says what is wrong with it.

    Args:
        body: name and text of the file.
    """
    view = view_of({"file": {"name": body.get("name"), "text": body.get("text")}})
    base = base_of(view)
    return {"view": view.to_json(), "title": base.title, "question": base.question}


def _lines(view: View, runs: int) -> Generator[bytes]:
    """The difference as lines of JSON; what goes wrong on the way is the last of them."""
    try:
        for told in difference(view, runs):
            yield JsonAnswer.encoded(told) + b"\n"
    except REFUSALS as problem:
        yield JsonAnswer.encoded({"error": str(problem)}) + b"\n"
    except Exception as problem:
        logging.getLogger(__name__).exception("the difference could not be computed")
        yield JsonAnswer.encoded({"error": f"This went wrong: {type(problem).__name__}: {problem}"}) + b"\n"


async def _closing(lines: Generator[bytes]) -> AsyncIterator[bytes]:
    """The lines; they are closed when the browser goes away, and with them the processes that make the runs."""
    try:
        async for line in iterate_in_threadpool(lines):
            yield line
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(lines.close)


async def compared(request: Request) -> Response:
    """The difference, line by line."""
    body = await body_of(request)
    view = await run_in_threadpool(view_of, body.get("view"))
    runs = runs_in(body.get("runs", RUNS))
    await run_in_threadpool(sides, view)
    # unpacked, or the progress would wait in the packer
    return StreamingResponse(
        _closing(_lines(view, runs)), media_type="application/x-ndjson", headers={"Content-Encoding": "identity"}
    )


async def uploaded(request: Request) -> Response:
    """The view of a file that was sent."""
    body = await body_of(request)
    return JsonAnswer(await run_in_threadpool(upload_json, body))


async def taken(request: Request) -> Response:
    """A file to be saved."""
    body = await body_of(request)
    more = body.get("pictures", ()), body.get("link", "")
    file = await run_in_threadpool(lambda: take(view_of(body.get("view")), body.get("what"), *more))
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.kind, headers=headers)


async def odd(request: Request) -> Response:
    """The description of the model."""
    return HTMLResponse(await run_in_threadpool(odd_html))


def web_app(first: View, port: int | None = None) -> ASGIApp:
    """The application.

    Args:
        first: the view that opens.
        port: port at which it is served, with which a browser names it; None for any (tests).
    """

    async def about(request: Request) -> Response:
        return JsonAnswer(await run_in_threadpool(about_json, first))

    async def land(request: Request) -> Response:
        return JsonAnswer(await run_in_threadpool(outlines))

    async def refused(request: Request, problem: Exception) -> Response:
        return error(str(problem), 422)

    async def failed(request: Request, problem: Exception) -> Response:
        logging.getLogger(__name__).error("the page could not do what was asked", exc_info=problem)
        return error(f"This went wrong: {type(problem).__name__}: {problem}", 500)

    routes = [
        Route("/api/about", about),
        Route("/api/outlines", land),
        Route("/docs/odd", odd),
        *(Route(f"/api/{name}", posted(work), methods=["POST"]) for name, work in WORK.items()),
        Route("/api/difference", compared, methods=["POST"]),
        Route("/api/upload", uploaded, methods=["POST"]),
        Route("/api/take", taken, methods=["POST"]),
        Mount("/", StaticFiles(directory=CLIENT, html=True, check_dir=False)),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)],
        exception_handlers={**dict.fromkeys(REFUSALS, refused), Exception: failed},
    )
    return guarded(app, port)


def guarded(app: ASGIApp, port: int | None) -> ASGIApp:
    """Refuse what does not come from this page, and say with every answer that no other page may frame it.

    The server is reachable from this machine alone, but so is the browser that shows any page of the web: what names
    another host, or comes from another origin (another port of this machine included), is none of ours.

    Args:
        app: the application behind.
        port: port at which it is served; None for any.
    """

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        most = MAX_PICTURES if scope["path"] == "/api/take" else MAX_BODY
        answer = _refusal(headers, scope["method"], port, most)
        if answer is not None:
            await answer(scope, receive, sent)
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise PageError(f"the request is too large: at most {most:,} bytes")
            return message

        await app(scope, limited, sent)

    return guard


def _refusal(headers: dict[str, str], method: str, port: int | None, most: int) -> Response | None:
    """Why a request is refused before it is read, None if it is not; `most` bytes are read."""
    host = headers.get("host", "")
    name, _, at = host.partition(":")
    ours = name in ("127.0.0.1", "localhost") and (port is None or at == str(port) or (port == 80 and not at))
    if not ours or headers.get("origin", f"http://{host}") != f"http://{host}":
        return error("this page is for this machine only", 403)
    followed = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    is_link = followed and headers.get("sec-fetch-dest") == "document"  # a shared link that was clicked, not a frame
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not is_link:
        return error("this page is for this machine only", 403)
    if method == "POST" and headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return error("a request is sent as application/json", 415)
    if int(headers.get("content-length", "0") or 0) > most:
        return error(f"the request is too large: at most {most:,} bytes", 413)
    return None
