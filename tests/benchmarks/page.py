"""Speed and memory of the browser page: what a visitor waits for."""

import http.client
import json
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Result
from tests.page import driver

PATIENCE = 120.0
"""How long an answer is waited for [s]."""

SCRUB = """async (months) => {
  // from setting the month to the frame that is painted after it, for months all over the run
  const taken = [], slider = document.getElementById("scrub");
  for (const month of months) {
    const begun = performance.now();
    slider.value = month;
    slider.dispatchEvent(new Event("input"));
    await new Promise((go) => requestAnimationFrame(() => setTimeout(go)));
    taken.push(performance.now() - begun);
  }
  return taken;
}"""


def asked(port: int, name: str, body: dict[str, Any]) -> tuple[float, int]:
    """Milliseconds until an answer is read as a browser reads it, and its packed size in bytes.

    Args:
        port: where the server listens.
        name: last part of the address.
        body: what is sent.
    """
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
    begun = time.perf_counter()
    line.request("POST", f"/api/{name}", json.dumps(body), headers)
    answer = line.getresponse()
    size = len(answer.read())
    taken = 1e3 * (time.perf_counter() - begun)
    line.close()
    assert answer.status == 200, answer.status
    return taken, size


def of_the_server(times: int, months: int, runs: int) -> list[Result]:
    """What a visitor waits for, as far as the server is concerned, and the memory it holds.

    Args:
        times: how often each is asked.
        months: length of the runs.
        runs: runs over which memory is looked at.
    """
    with tempfile.TemporaryDirectory() as folder, driver.serving(Path(folder)) as server:

        def each(name: str, body: Callable[[int], dict[str, Any]]) -> tuple[float, int, str]:
            begun = processor_time(server.pid)
            found = [asked(server.port, name, body(k)) for k in range(times)]
            spent = (processor_time(server.pid) - begun) / times
            return statistics.median(taken for taken, _ in found), found[-1][1], f"{spent:.0f} ms of the processor"

        def view(k: int) -> dict[str, Any]:
            return {"view": {"seed": k, "months": months}}

        asked(server.port, "run", view(10_000))  # the first compiles what is left
        run, size, run_cost = each("run", lambda k: view(1_000 + k))
        again, _, again_cost = each("run", lambda k: view(1_000 + times - 1))
        spread = [max(1, months * (k + 1) // times) for k in range(times)]
        why, _, why_cost = each("why", lambda k: view(1_000) | {"month": spread[k], "state": "USA"})
        moved, _, moved_cost = each(
            "influence", lambda k: view(1_000) | {"month": max(1, spread[k] - 1), "state": "USA"}
        )
        network, _, network_cost = each("network", lambda k: view(1_000))
        before = resident(server.pid)
        for k in range(runs):
            asked(server.port, "run", view(2_000 + k))
        after = resident(server.pid)
    growth = 100.0 * (after / before - 1.0)
    a_month = size / months / 1024.0
    return [
        Result(f"a run of {months} months", run, "ms", "<= 150", run <= 150.0, f"median of {times} seeds; {run_cost}"),
        Result("  asked for again", again, "ms", note=again_cost),
        Result("  its size a month", a_month, "KB", "<= 8", a_month <= 8.0, "packed; of all months together"),
        Result("why a state acted", why, "ms", "<= 60", why <= 60.0, f"all over the run; {why_cost}"),
        Result("whom it moved", moved, "ms", note=f"two months looked at; {moved_cost}"),
        Result("the network", network, "ms", note=network_cost),
        Result("server's memory", before, "MB"),
        Result(f"  growth over {runs} runs", growth, "%", "<= 10", growth <= 10.0, f"{months} months each"),
    ]


def in_a_browser(steps: int, months: int) -> list[Result]:
    """From opening to the map, and from a month asked for to its pixels.

    Args:
        steps: months gone to.
        months: length of the run.
    """
    with tempfile.TemporaryDirectory() as folder, driver.serving(Path(folder)) as server, driver.chromium() as browser:
        driver.Tab(browser, server)  # the first run of a server compiles what is left
        begun = time.perf_counter()
        tab = driver.Tab(browser, server)
        opened = time.perf_counter() - begun
        places = [1 + (k * 97) % months for k in range(steps)]
        taken = sorted(tab.page.evaluate(SCRUB, places))
    middle, worst = statistics.median(taken), taken[int(0.95 * (len(taken) - 1))]
    return [
        Result("open to map", opened, "s", "<= 3", opened <= 3.0, "the server warm"),
        Result("a month asked for to its pixels", middle, "ms", "<= 100", middle <= 100.0, f"median of {steps}"),
        Result("  of 20 months, 19 take at most", worst, "ms"),
    ]


def processor_time(pid: int) -> float:
    """Milliseconds that a process has computed, whatever else the machine did."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return 1e3 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Memory that a process holds [MB]."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    assert found
    return int(found[1]) / 1024
