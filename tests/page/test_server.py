"""The server: on this machine only, for its own page only, stateless, and in words when something cannot be done."""

import ast
import contextlib
import http.client
import io
import json
import os
import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.engine.simulate import simulate
from normsim.page import differences, odd_page, web_app
from normsim.page.serve import listen
from normsim.page.web_app import HEADERS, MAX_BODY
from normsim.scenario import load_scenario
from tests.page.local_server import PATIENCE, Answer, LocalServer, local_server

JSON = {"Content_Type": "application/json"}

NAMES = [*web_app.WORK, "difference", "upload", "take"]


@pytest.fixture(scope="module")
def page() -> Iterator[LocalServer]:
    """A running server."""
    with local_server() as server:
        yield server


def refused(answer: Answer, status: int) -> str:
    """The words of a refusal."""
    assert answer.status == status, answer.body[:300]
    told = answer.json
    assert list(told) == ["error"]
    assert "Traceback" not in told["error"]
    return str(told["error"])


def test_only_this_machine_is_served(page: LocalServer) -> None:
    table = Path("/proc/net/tcp")
    if table.exists():
        listening = [line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[3] == "0A"]
        assert [at for at in listening if at.endswith(f":{page.port:04X}")] == [f"0100007F:{page.port:04X}"]
    for other in {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}:
        if not str(other).startswith("127."):
            with socket.socket() as tried:
                assert tried.connect_ex((other, page.port)) != 0


@pytest.mark.parametrize(
    "path", ["/", "/main.js", "/api/about", "/api/outlines", "/docs/odd", "/nothing", "/api/nothing"]
)
def test_every_answer_forbids_to_be_framed(page: LocalServer, path: str) -> None:
    answer = page.ask("GET", path)
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert {name.lower() for name in HEADERS} <= set(answer.headers)


def test_refusals_carry_the_headers_too(page: LocalServer) -> None:
    for answer in (page.ask("GET", "/", Host="elsewhere.example"), page.post("run", {"seed": -1})):
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_comes_from_elsewhere_is_refused(page: LocalServer, method: str) -> None:
    own = f"127.0.0.1:{page.port}"
    body = b'{"view": {"months": 1}}' if method == "POST" else None
    path = "/api/run" if method == "POST" else "/api/about"

    def status(**headers: str) -> int:
        return page.ask(method, path, body, **JSON, **headers).status

    assert status() == 200
    assert status(Origin=f"http://{own}") == 200
    assert status(Host=f"localhost:{page.port}", Origin=f"http://localhost:{page.port}") == 200
    for host in (
        "elsewhere.example",
        "127.0.0.1",
        f"127.0.0.1:{page.port + 1}",
        f"evil.example:{page.port}",
        f"[::1]:{page.port}",
    ):
        assert status(Host=host) == 403, host
    for origin in (
        "https://elsewhere.example",
        f"http://127.0.0.1:{page.port + 1}",
        "http://127.0.0.1",
        f"https://{own}",
        f"http://localhost:{page.port}",
        "null",
        "",
    ):
        assert status(Origin=origin) == 403, origin
    for site in ("cross-site", "same-site"):
        assert status(Sec_Fetch_Site=site) == 403
    for site in ("same-origin", "none"):
        assert status(Sec_Fetch_Site=site) == 200
    # a link to the page may be followed from anywhere; a frame of it may not be made
    elsewhere = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert status(**elsewhere, Sec_Fetch_Dest="document") == (200 if method == "GET" else 403)
    assert status(**elsewhere, Sec_Fetch_Dest="iframe") == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_cannot_ask(page: LocalServer, kind: str) -> None:
    for name in NAMES:
        told = refused(page.ask("POST", f"/api/{name}", b'{"view": {}}', Content_Type=kind), 415)
        assert "application/json" in told


def test_what_is_too_large_is_refused(page: LocalServer) -> None:
    assert "too large" in refused(page.ask("POST", "/api/run", b" " * (MAX_BODY + 1), **JSON), 413)
    chunks = iter([b" " * 100_000] * 20)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", page.port, timeout=PATIENCE)) as line:
        line.request("POST", "/api/run", chunks, {"Content-Type": "application/json"}, encode_chunked=True)
        answer = line.getresponse()
        assert answer.status == 422
        assert b"too large" in answer.read()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"view": 3}', b'{"view": []}']
)
def test_what_is_no_request_is_refused_in_words(page: LocalServer, body: bytes) -> None:
    for name in NAMES:
        refused(page.ask("POST", f"/api/{name}", body, **JSON), 422)


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [
        ("run", {"view": {"scenario": "ukraine"}}, "did you mean"),
        ("run", {"view": {"set": {"use.norm": 99}}}, "from 0 to 12"),
        ("run", {"view": {"start": "1999-01"}}, "allowed is a date"),
        ("run", {"view": {"seed": "1e9"}}, "whole number"),
        ("why", {"view": {}, "month": 241, "state": "USA"}, "from 1 to 240"),
        ("why", {"view": {"months": 2}, "month": 1, "state": "XXX"}, "XXX"),
        ("why", {"view": {"months": 2}, "month": 1}, "None"),
        ("influence", {"view": {"months": 2}, "month": -1, "state": "USA"}, "from 1 to 2"),
        ("facts", {"view": {}, "state": "<script>"}, "script"),
        ("network", {"view": {"months": 2}, "layer": "../x"}, "no layer"),
        ("sentence", {"view": {"months": 2}, "month": 3}, "from 1 to 2"),
        ("difference", {"view": {"months": 2}, "runs": 9999}, "from 1 to 200"),
        ("difference", {"view": {"months": 2, "other": ""}}, "choose what to compare"),
        ("take", {"view": {}, "what": "../../etc/passwd"}, "allowed are scenario, series, all"),
        ("upload", {"name": "x.toml", "text": "title = "}, "line 1"),
        ("upload", {"name": "x.toml", "text": 'title = "x"\nextends = "../x.toml"'}, "upload"),
        ("upload", {"name": "x.toml", "text": 'title = "x"\nextends = "basline"'}, "did you mean 'baseline'"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(page: LocalServer, name: str, asked: dict[str, Any], told: str) -> None:
    answer = page.ask("POST", f"/api/{name}", json.dumps(asked).encode(), **JSON)
    assert told in refused(answer, 422)


def test_an_error_of_ours_is_said_in_words_too(page: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("normsim.page.web_app.run_json", fail)
    assert refused(page.post("run"), 500) == "This went wrong: ZeroDivisionError: a fault"
    monkeypatch.setattr(differences, "_told", fail)
    lines = page.post("difference", {"months": 1, "seed": 77}, runs=1).body.splitlines()
    assert json.loads(lines[-1]) == {"error": "This went wrong: ZeroDivisionError: a fault"}


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/%2e%2e/pyproject.toml",
        "/..%2fserve.py",
        "/client/../serve.py",
        "//etc/passwd",
        "/%00",
        "/echarts/../../serve.py",
    ],
)  # fmt: skip
def test_no_file_beside_the_client_is_served(page: LocalServer, path: str) -> None:
    answer = page.ask("GET", path)
    assert answer.status in (404, 400), answer.body[:100]
    assert b"import" not in answer.body


def test_methods_are_what_they_should_be(page: LocalServer) -> None:
    assert page.ask("GET", "/api/run").status in (404, 405)
    assert page.ask("POST", "/api/about", b"{}", **JSON).status in (404, 405)
    assert page.ask("DELETE", "/").status == 405
    assert page.ask("GET", "/api/nothing").status == 404


def test_the_run_is_packed_and_exact(page: LocalServer) -> None:
    plain = page.post("run", {"months": 240, "seed": 2})
    packed = page.ask("POST", "/api/run", b'{"view": {"months": 240, "seed": 2}}', Accept_Encoding="gzip", **JSON)
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) / 240 < 8_000  # bytes a month: a quarter of what a step of the first page took
    run = simulate("ukraine_2023", 2)
    assert plain.json["series"] == {name: values.tolist() for name, values in run.outcomes.items()}


def test_a_restart_harms_nothing(page: LocalServer) -> None:
    asked = {"months": 12, "seed": 9, "set": {"norm.news": 0.5}}
    before = [page.post("run", asked).body, page.post("why", asked, month=5, state="USA").body]
    with local_server() as anew:
        assert [anew.post("run", asked).body, anew.post("why", asked, month=5, state="USA").body] == before


def test_sixteen_at_once(page: LocalServer) -> None:
    """Each with a seed of its own, all asking of all kinds; each gets its own numbers."""

    def visit(seed: int) -> bool:
        asked = {"months": 6, "seed": seed}
        told = page.post("run", asked).json
        why = page.post("why", asked, month=3, state="UKR").json
        moved = page.post("influence", asked, month=3, state="USA").json
        said = page.post("sentence", asked, month=6).json
        run = simulate(load_scenario("ukraine_2023").with_months(6), seed)
        same = told["series"]["felt"] == run.outcomes["felt"].tolist()
        return same and why["month"] == 3 and bool(moved["movers"]) and bool(said["sentence"])

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(visit, range(16)))


def test_the_difference_comes_line_by_line(page: LocalServer) -> None:
    answer = page.post("difference", {"months": 3, "seed": 30}, runs=2)
    assert answer.headers["content-type"] == "application/x-ndjson"
    told = [json.loads(line) for line in answer.body.splitlines()]
    assert [line["progress"] for line in told[:-1]] == [0, 1, 2, 3, 4]
    assert told[-1]["result"]["runs"] == 2


def test_leaving_ends_the_difference(page: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = differences.make
    monkeypatch.setattr(differences, "make", lambda job: (made.append(job.seed), real(job))[1])
    line = http.client.HTTPConnection("127.0.0.1", page.port, timeout=PATIENCE)
    body = json.dumps({"view": {"seed": 500}, "runs": 30}).encode()
    line.request("POST", "/api/difference", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    for _ in range(3):
        answer.readline()
    answer.close()
    line.close()
    until = time.monotonic() + PATIENCE
    count = -1
    while count != len(made):
        assert time.monotonic() < until
        count = len(made)
        time.sleep(2.0)
    assert 0 < len(made) < 60


def test_upload_and_take(page: LocalServer) -> None:
    text = 'title = "Mine"\nquestion = "And now?"\nextends = "baseline"\nmonths = 12\n'
    body = json.dumps({"name": "C:\\x\\mine.toml", "text": text}).encode()
    opened = page.ask("POST", "/api/upload", body, **JSON).json
    assert (opened["title"], opened["view"]["file"]["name"]) == ("Mine", "mine.toml")
    told = page.post("run", opened["view"]).json
    assert (told["name"], len(told["months"])) == ("mine", 12)
    scenario = page.post("take", opened["view"], what="scenario")
    assert scenario.headers["content-disposition"] == 'attachment; filename="my_scenario.toml"'
    again = page.ask(
        "POST", "/api/upload", json.dumps({"name": "a.toml", "text": scenario.body.decode()}).encode(), **JSON
    )
    assert page.post("run", again.json["view"]).json["series"] == told["series"]
    with zipfile.ZipFile(io.BytesIO(page.post("take", opened["view"], what="all").body)) as archive:
        assert archive.namelist() == ["README.txt", "my_scenario.toml", "normsim_series.csv", "other_scenario.toml"]
        assert "normsim run my_scenario.toml --seed 0" in archive.read("README.txt").decode()
    drawn = [{"name": "map.png", "data": "data:image/png;base64,AAEC"}]
    link = f"http://127.0.0.1:{page.port}/#seed=3"
    with zipfile.ZipFile(
        io.BytesIO(page.post("take", opened["view"], what="all", pictures=drawn, link=link).body)
    ) as archive:
        assert archive.read("map.png") == b"\x00\x01\x02"
        assert link in archive.read("README.txt").decode()
    for wrong in (
        [{"name": "../x.png", "data": ""}],
        [{"name": "x.exe", "data": ""}],
        [{"name": "x.png", "data": "?"}],
        3,
    ):
        assert "pictures" in refused(page.post("take", {}, what="all", pictures=wrong), 422)
    large = [{"name": "film.gif", "data": "A" * 4_000_000}]
    assert page.post("take", {"months": 2}, what="all", pictures=large).status == 200


def test_the_description_is_served(page: LocalServer) -> None:
    answer = page.ask("GET", "/docs/odd")
    assert answer.headers["content-type"].startswith("text/html")
    assert b"<h1>ODD" in answer.body
    assert b'<html lang="en">' in answer.body
    assert b"<table>" in odd_page.odd_html().encode()


def test_the_command_refuses_what_it_cannot_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with listen(0) as taken:
        port = taken.getsockname()[1]
        taken.listen()
        shown = CliRunner().invoke(app, ["page", "--no-browser", "--port", str(port)])
        assert shown.exit_code == 1
        assert "choose another with --port" in shown.output
    for wrong in (["--port", "0"], ["nowhere"], ["missing.toml"]):
        shown = CliRunner().invoke(app, ["page", "--no-browser", *wrong])
        assert shown.exit_code == 1, shown.output
        assert "Traceback" not in shown.output
    Path("big.toml").write_text('title = "x"\nextends = "baseline"\nmonths = 1200\n', encoding="utf-8")
    shown = CliRunner().invoke(app, ["page", "--no-browser", "big.toml"])
    assert shown.exit_code == 1
    assert "too long for the page" in shown.output


def test_the_environment_has_no_say(tmp_path: Path) -> None:
    """Neither HOST nor a variable of the server's library opens it to others."""
    environment = {**os.environ, "HOST": "0.0.0.0", "UVICORN_HOST": "0.0.0.0", "UVICORN_PORT": "1", "PORT": "1"}
    code = "from normsim.page.serve import listen; print(listen(0).getsockname()[0])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "127.0.0.1"


def test_nothing_on_the_page_runs_what_it_is_sent() -> None:
    """Neither the server nor the client makes code or markup of text."""
    folder = Path(web_app.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                assert name not in ("eval", "exec", "pickle", "subprocess", "__import__"), path.name
    ours = list((folder / "client").glob("*.js"))
    assert ours
    for path in ours:
        text = path.read_text(encoding="utf-8")
        found = re.search(r"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
        assert found is None, (path.name, found)


def test_nothing_of_it_is_loaded_by_the_rest() -> None:
    heavy = "[m for m in ('starlette', 'uvicorn', 'normsim.page') if m in sys.modules]"
    code = f"import sys, normsim, normsim.cli; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
