"""Speed and memory of the browser page: what a visitor waits for."""

import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from normsim.page import log, map, network, panel, series
from normsim.page.quantities import QUANTITIES, STATUS
from normsim.page.session import Session
from tests.benchmarks.measure import Result
from tests.page import driver

STEP = """async () => {
  // from the click to the frame in which the last change of the page is painted; the clock's own mark is no picture
  const now = document.querySelector(".ns-now"), month = now.dataset.done;
  const button = [...document.querySelectorAll("button")].find((e) => e.innerText.trim() === "Step");
  let changed = 0, painted = 0;
  const seen = new MutationObserver(() => {
    changed = performance.now();
    requestAnimationFrame(() => setTimeout(() => { painted = performance.now(); }));
  });
  const all = {subtree: true, childList: true, attributes: true, characterData: true};
  seen.observe(document.querySelector(".ns-page"), all);
  const begun = performance.now();
  button.click();
  const done = () => document.querySelector(".ns-now").dataset.done !== month;
  while (!(done() && painted > changed && performance.now() - changed > 150)) {
    await new Promise((go) => setTimeout(go, 10));
    if (performance.now() - begun > 30000) throw new Error("no new month");
  }
  seen.disconnect();
  return painted - begun;
}"""

PLAY = """async (seconds) => {
  // months that came to be seen, frame by frame
  const month = () => +document.querySelector(".ns-now").dataset.done;
  const shown = [];
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until) {
    await new Promise(requestAnimationFrame);
    if (!shown.length || shown[shown.length - 1][1] !== month()) shown.push([performance.now(), month()]);
  }
  const [first, last] = [shown[1], shown[shown.length - 1]];
  return (last[1] - first[1]) / (last[0] - first[0]) * 1000;
}"""


def in_a_browser(steps: int, seconds: float, played: int) -> list[Result]:
    """A click on Step, play at ten months a second, and the server's memory over a run played through.

    What a frame costs the server is measured beside it, for the share that the model has of the wait.

    Args:
        steps: clicks on Step.
        seconds: how long it plays while months are counted.
        played: months played through while memory is looked at.
    """
    with tempfile.TemporaryDirectory() as folder, driver.serving(Path(folder)) as server, driver.chromium() as browser:
        tab = driver.Tab(browser, server.address)
        tab.press("Step")  # the first draws what stays
        tab.wait_month(1)
        before = _resident(server.pid)
        tab.set("Months a second", "20")
        tab.press("Play")
        _until(lambda: tab.month() >= played)
        after = _resident(server.pid)
        tab.press("Reset")
        tab.wait_month(0)
        waits = sorted(tab.page.evaluate(STEP) for _ in range(steps))
        rates = {}
        tab.set("Months a second", "10")
        for view in ("map", "network"):
            tab.set("View", view)
            tab.page.wait_for_timeout(1000)
            tab.press("Reset")
            tab.wait_month(0)
            tab.press("Play")
            rates[view] = tab.page.evaluate(PLAY, seconds)
            tab.press("Pause")
            tab.button("Play").wait_for()
    frame = of_a_frame(played)
    growth = 100 * (after / before - 1)
    share = 100 * frame[0].value / statistics.median(waits)
    worst = waits[int(0.95 * (len(waits) - 1))]
    return [
        Result("click on Step to new pixels", statistics.median(waits), "ms", note=f"median of {steps}"),
        Result("  of 20 clicks, 19 take at most", worst, "ms"),
        *(
            Result(f"play at 10 a second, {view} and series", rate, "/s", ">= 9.5", rate >= 9.5, "months shown")
            for view, rate in rates.items()
        ),
        Result("server's memory in the first month", before, "MB"),
        Result("  growth over a run played through", growth, "%", "<= 20", growth <= 20, f"{played} months"),
        *frame,
        Result("stepping / click to pixels", share, "%", note="the model's share of a frame"),
    ]


def of_a_frame(months: int) -> list[Result]:
    """What the parts of a frame cost the server.

    Args:
        months: months that are stepped and drawn.
    """
    session, quantity = Session(), QUANTITIES[STATUS]
    seconds: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], Any]) -> None:
        begun = time.perf_counter()
        work()
        seconds.setdefault(name, []).append(time.perf_counter() - begun)

    for _ in range(months):
        timed("step", session.step)
        timed("map", lambda: (map.colours(session, quantity, "USA"), map.tips(session, quantity)))
        timed("network", lambda: network.markup(session, network.ALL, "USA", ""))
        timed("series", lambda: series.markup(session, series.SHOWN))
        timed("panel", lambda: [panel.bars(told) for told in panel.explanations(session, "USA", "use")[:1]])
        timed("log", lambda: log.lines(session, "everything", "", ""))
    cost = {name: 1e3 * statistics.median(taken[1:]) for name, taken in seconds.items()}
    return [
        Result("stepping the model a month", cost["step"], "ms", note="with its log and explanations"),
        *(Result(f"  drawing the {name}", cost[name], "ms") for name in cost if name != "step"),
    ]


def _until(holds: Callable[[], bool]) -> None:
    """Wait as long as it takes, looking seldom."""
    while not holds():
        time.sleep(0.5)


def _resident(pid: int) -> float:
    """Memory that a process holds [MB]."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    assert found
    return int(found[1]) / 1024
