"""The server: on this machine only, quiet, complete without a network, with caps on what it keeps."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from normsim.page.serve import FULL, MOST_PAGES, MOST_SENT, SETTINGS
from tests.page import driver

ROOT = Path(__file__).parents[2]


def answer(address: str, **headers: str) -> tuple[int, str]:
    """Status and text of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=driver.PATIENCE) as sent:
            return sent.status, sent.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def soon(address: str, status: int) -> str:
    """Text of an answer, once it has a status."""
    until = time.monotonic() + driver.PATIENCE
    while (found := answer(address))[0] != status:
        assert time.monotonic() < until, found
        time.sleep(0.1)
    return found[1]


def open_page(server: driver.Server):
    """A page without a browser: the channel on which one would be filled."""
    address = f"ws://127.0.0.1:{server.port}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id={uuid.uuid4()}"
    return connect(address, proxy=None)


def test_only_this_machine_is_served(server) -> None:
    table = Path("/proc/net/tcp")
    if table.exists():
        listening = [line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[3] == "0A"]
        assert [at for at in listening if at.endswith(f":{server.port:04X}")] == [f"0100007F:{server.port:04X}"]
    for other in {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}:
        if not other.startswith("127."):
            with socket.socket() as tried:
                assert tried.connect_ex((other, server.port)) != 0


@pytest.mark.parametrize("headers", [{"Host": "elsewhere.example"}, {"Origin": "https://elsewhere.example"}])
def test_a_foreign_page_is_refused(server, headers: dict[str, str]) -> None:
    assert answer(server.address, **headers) == (403, "this page is for this machine only")


def test_the_environment_has_no_say(tmp_path: Path) -> None:
    names = ("HOST", "TELEMETRY_MIXPANEL_ENABLE", "KERNEL_MAX_COUNT", "KERNEL_CULL_TIMEOUT", "ASSETS_CDN")
    asked = {f"SOLARA_{name}": value for name, value in zip(names, ("0.0.0.0", "True", "999", "99h", "x"), strict=True)}
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in asked.items()), encoding="utf-8")
    code = (
        "import json, os\nfrom normsim.page.serve import SETTINGS\nos.environ.update(SETTINGS)\n"
        "from solara.server import settings as s\n"
        "print(json.dumps([s.main.host, s.telemetry.mixpanel_enable, s.kernel.max_count, s.kernel.cull_timeout]))"
    )
    environment = {**os.environ, **asked, "HOST": "0.0.0.0"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["127.0.0.1", False, MOST_PAGES, SETTINGS["SOLARA_KERNEL_CULL_TIMEOUT"]]


def test_no_more_pages_are_kept_than_the_cap(server) -> None:
    with contextlib.ExitStack() as pages:
        for _ in range(MOST_PAGES):
            pages.enter_context(open_page(server))
        assert soon(server.address, 503) == FULL
    assert "<html" in soon(server.address, 200)  # those that were left give way


def test_a_message_too_long_ends_its_page(server) -> None:
    with open_page(server) as page:
        page.send("x" * (MOST_SENT + 1))
        with pytest.raises(ConnectionClosedError, match="1009"):
            page.recv(timeout=driver.PATIENCE)


def test_the_page_is_complete_without_a_network(chromium) -> None:
    alone = [sys.executable, "-m", "tests.page.alone"]
    tried = subprocess.run([*alone, "-c", ""], cwd=ROOT, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no network of its own can be had here: {tried.stderr.strip().splitlines()[-1]}")
    views = "tests/page/test_browser.py::test_change_scenario_and_select_on_the_map"
    done = subprocess.run(
        [*alone, "-m", "pytest", "-p", "no:randomly", "-p", "no:xdist", views],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout
