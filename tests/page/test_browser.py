"""The page in a real browser."""

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import normsim as ns
from tests.page import driver
from tests.page.driver import Tab

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

SHOTS = Path(os.environ.get("NORMSIM_PAGE_SHOTS") or ROOT / "results" / "page")
"""Folder in which pictures of the views are kept."""


def number(text: str) -> float:
    """A number as the page writes it."""
    if text == "about 0":
        return 0.0
    size = {"million": 1e6, "billion": 1e9}
    first, *rest = text.replace(",", "").replace("\N{MINUS SIGN}", "-").split(" ")
    return float(first) * size.get(rest[0] if rest else "", 1.0)


def agree(tab: Tab) -> dict[str, Any]:
    """Compare every control and every number on the page with what the server answers for the view in the address.

    Returns:
        What the page shows.
    """
    tab.rest()
    shown, view = tab.page.evaluate("probes.shown()"), tab.view()
    run = tab.server.ask("/api/run", {"view": view})
    assert shown["selects"] == {
        "scenario": "" if view["file"] else run["view"]["scenario"],
        "other": run["view"]["other"] or "",
        **{name: view[name] for name in ("show", "colour", "layer", "acts")},
        "speed": str(view["speed"]),
    }
    assert shown["seed"] == str(run["view"]["seed"])
    assert shown["arrows"] == view["arrows"]
    assert not shown["posterior"] or run["view"]["posterior"]
    assert (shown["month"], shown["months"]) == (str(view["month"]), str(len(run["months"])))
    assert shown["count"] == f"month {view['month']} of {len(run['months'])}"
    year, month = map(int, run["months"][max(view["month"] - 1, 0)].split("-"))
    assert shown["name"].endswith(f"{pd.Timestamp(year, month, 1):%B %Y}")
    assert shown["command"] == run["command"]
    assert shown["title"].startswith(run["title"])
    for name, value in shown["values"].items():
        own = run["values"][name]
        assert (value == own) if isinstance(own, bool | str) else (float(value) == pytest.approx(own)), name
    assert set(shown["changed"]) == set(run["view"]["set"]) & set(shown["values"])
    assert shown["forced"] == len(run["view"]["forced"])
    many = len(run["view"]["set"]) + len(run["view"]["forced"]) + (run["view"]["start"] is not None)
    assert shown["back"] == (f"Take back {many} change{'' if many == 1 else 's'}" if many else "")
    assert list(shown["charts"]) == view["outcomes"]
    assert sorted(shown["outcomes"]) == sorted(view["outcomes"])
    for name, text in shown["charts"].items():
        if view["month"]:
            assert number(text) == pytest.approx(run["series"][name][view["month"] - 1], rel=0.005, abs=5e-4), name
    events = [event["text"] for event in run["events"] if event["month"] == view["month"]]
    if not view["acts"] and not view["find"]:
        assert shown["log"] == events[:60]
        assert not events or events[0] in shown["headline"]
    assert shown["step"].startswith(str(view["story"]) if view["story"] > 0 else "")
    return shown


def test_the_first_minute(tab) -> None:
    # what happened, marked on the map, first in the log, and chosen in the panel of one state
    shown = agree(tab)
    assert shown["name"] == "July 2023"
    assert "Ukraine" in shown["log"][0]
    assert "Ukraine" in tab.text("#headline")
    assert "Ukraine" in tab.text("#log-lines .first .text")
    assert tab.text("#state-name") == "United States"
    assert tab.text("#influence-title") == "Where the influence of the United States went"
    assert "whose expectations the United States moved" in tab.text("#rings")
    assert "Ukraine" in tab.text(".said")
    assert "United States" in tab.page.evaluate("probes.marked()")
    # Play is among the first stops of the Tab key
    stops = []
    for _ in range(3):
        tab.page.keyboard.press("Tab")
        stops.append(tab.page.evaluate("document.activeElement.id"))
    assert "play" in stops
    # the first step is seen
    before = tab.page.evaluate("probes.pixels()")
    tab.press("#step")
    tab.rest()
    shown = agree(tab)
    assert shown["name"] == "August 2023"
    assert before != tab.page.evaluate("probes.pixels()")


def test_the_story_shows_each_step(tab) -> None:
    steps = tab.server.ask("/api/about")["story"]
    assert 6 <= len(steps) <= 8
    for k, step in enumerate(steps, 1):
        tab.press("#story-next")
        tab.wait(lambda k=k: tab.view()["story"] == k)
        tab.wait(lambda: tab.page.locator("#story-changed").inner_text())
        assert step["text"] in tab.text("#story")
        agree(tab)
    tab.press("#story-back")
    tab.wait(lambda: tab.view()["story"] == len(steps) - 1)
    tab.press("#close-story")
    tab.wait(lambda: tab.page.locator("#story").is_hidden())
    tab.press("#open-story")
    tab.see("Start the story")


def test_every_control_shows_the_view_after_every_kind_of_action(tab, tmp_path: Path) -> None:
    tab.press("#open-settings")
    tab.page.evaluate("document.querySelectorAll('#settings details').forEach((e) => { e.open = true; })")
    tab.wait(lambda: len(tab.page.evaluate("probes.shown()")["values"]) > 150)

    def do(what: str, *given: str) -> dict[str, Any]:
        before = tab.page.url
        if what == "set":
            tab.set(*given)
        elif what == "press":
            tab.press(*given)
        elif what == "back":
            tab.page.go_back()
        tab.wait(lambda: tab.page.url != before)
        return agree(tab)

    agree(tab)
    for scenario in ("strict_ban", "two_track", "baseline", "ccw_majority", "bridge_once_transparent"):
        shown = do("set", "#scenario", scenario)
    assert shown["values"]["bridge.on"]
    assert float(shown["values"]["bridge.transparency"]) == 0.9
    do("set", "[id='set-bridge.transparency']", "0.4")
    do("set", "[id='set-norm.recurrence']", "0")
    shown = do("press", "[id='set-bridge.transparency-back']")
    assert float(shown["values"]["bridge.transparency"]) == 0.9
    shown = do("press", "#take-back")
    assert shown["back"] == ""
    assert not do("press", "[id='set-bridge.on']")["values"]["bridge.on"]
    assert do("back")["values"]["bridge.on"]
    tab.page.locator("#force-actor").select_option("IND")
    tab.page.locator("#force-action").select_option("renounce")
    do("press", "#force")
    do("press", "#step")
    assert any("India renounced" in line for line in tab.page.evaluate("probes.shown()")["log"])
    do("press", "#take-back")
    do("set", "#seed", "42")
    assert do("press", "#posterior")["posterior"]
    do("press", "#posterior")
    do("set", "#other", "strict_ban")
    do("set", "#other", "")
    do("press", ".presets button:nth-of-type(2)")
    do("set", "#start", "2024-03")
    good = b'title = "<b>Mine</b>"\nextends = "baseline"\nmonths = 6\n'
    tab.page.locator("#upload").set_input_files({"name": "mine.toml", "mimeType": "", "buffer": good})
    tab.wait(lambda: tab.view()["file"])
    shown = agree(tab)
    assert shown["months"] == "6"
    tab.page.reload()
    tab.page.wait_for_selector("body[data-ready]")
    assert agree(tab)["months"] == "6"
    for field, value in (("#show", "table"), ("#colour", "felt"), ("#show", "network"), ("#layer", "region")):
        do("set", field, value)
    do("set", "#acts", tab.server.ask("/api/about")["kinds"][1]["label"])
    tab.press("#choose-outcomes summary")
    do("press", "#outcome-list input:not(:checked)")


def test_what_cannot_be_taken_is_said_and_put_back(tab) -> None:
    def refused(words: str) -> None:
        tab.wait(lambda: re.search(words, tab.page.locator("#message").text_content() or ""))
        agree(tab)

    tab.set("#seed", "-3")
    refused("whole number")
    tab.press("#open-settings")
    tab.page.locator("#find-setting").fill("dud rate")
    number = tab.page.locator("#settings input[type=number]").first
    number.fill("-7")
    number.dispatch_event("change")
    refused("-7")
    field = tab.page.locator("#upload")
    field.set_input_files({"name": "bad.toml", "mimeType": "", "buffer": b'title = "x"\nmonths = '})
    refused("bad.toml, line 2")
    field.set_input_files({"name": "big.toml", "mimeType": "", "buffer": b"#" * 1_000_001})
    refused("too large")
    tab.set("#pick", "Atlantis")
    refused("Atlantis")
    tab.press("#step")
    assert agree(tab)["month"] == "2"
    tab.errors = [told for told in tab.errors if "422" not in told]  # the browser's own note of a refusal


def test_scrub_step_and_play(tab) -> None:
    meter = tab.context.new_cdp_session(tab.page)
    meter.send("Performance.enable", {"timeDomain": "threadTicks"})  # its own time, whatever else the machine does

    def spent() -> float:
        metrics = meter.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")

    before = spent()
    tab.page.evaluate("probes.scrub()")
    assert (spent() - before) / 241 < 0.1  # s a month, drawn
    agree(tab)
    tab.press("#first")
    tab.wait(lambda: tab.month() == 0)
    agree(tab)
    tab.set("#speed", "20")
    tab.press("#play")
    began = tab.page.evaluate("performance.now()")
    tab.wait(lambda: tab.month() >= 40)
    rate = 40_000 / (tab.page.evaluate("performance.now()") - began)
    tab.press("#play")
    held = tab.month()
    tab.page.wait_for_timeout(300)
    assert tab.month() == held
    assert rate > 10, rate  # 20 asked for; it passes over months rather than fall behind
    agree(tab)
    tab.press("#end")
    tab.wait(lambda: tab.month() == 240)
    tab.page.keyboard.press("ArrowRight")  # the run is over
    agree(tab)
    mark = tab.page.locator(".mark").nth(1)
    month = int(mark.get_attribute("data-month") or 0)
    at = mark.bounding_box()
    tab.page.mouse.click(at["x"] + at["width"] / 2, at["y"] + 2)
    tab.wait(lambda: tab.month() == month)
    tab.set("#jump", "1")
    tab.wait(lambda: tab.month() == 1)


def test_tooltips_select_search_and_sort(tab) -> None:
    tab.rest()

    def point(iso3: str) -> tuple[float, float]:
        box = tab.page.locator("#maps .canvas").bounding_box()
        x, y = tab.page.evaluate("(iso3) => probes.point(iso3)", iso3)
        return box["x"] + x, box["y"] + y

    tab.page.mouse.move(*point("AUS"))
    tab.page.locator(".tip", has_text="Australia").wait_for()
    assert "bound" in tab.page.locator(".tip", has_text="Australia").inner_text()
    tab.page.mouse.click(*point("BRA"))
    tab.wait(lambda: tab.text("#state-name") == "Brazil")
    tab.page.mouse.click(*point("MLT"))  # too small for an outline: a dot that can be hit
    tab.wait(lambda: tab.text("#state-name") == "Malta")
    plot = tab.page.locator(".chart .canvas").first
    plot.hover()
    tab.page.locator(".tip", has_text="difference").first.wait_for()
    tab.page.locator("#marks").hover(position={"x": 3, "y": 5})
    assert "Ukraine" in (tab.page.locator("#marks").get_attribute("title") or "")
    for typed, name in (("urug", "Uruguay"), ("FRA", "France")):
        tab.set("#pick", typed)
        tab.wait(lambda name=name: tab.text("#state-name") == name)
    tab.rest()
    tab.press("[data-choice=condemn]")
    tab.rest()
    if tab.page.locator("#towards").count():
        value = tab.page.locator("#towards option").last.get_attribute("value")
        tab.set("#towards", value)
        tab.wait(lambda: tab.view()["to"] == value)
    tab.press("#state-standing summary")
    tab.page.locator(".sources li").first.wait_for()
    # who moved it leads on
    tab.rest()
    moved = tab.page.locator("#influence-body tbody button").first
    name = moved.inner_text()
    moved.click()
    tab.wait(lambda: tab.text("#state-name") == name)
    # the table: the same data, sorted and searched
    tab.set("#colour", "rounds")
    tab.set("#show", "table")
    tab.press("thead button:has-text('Stock')")
    stocks = [number(text) for text in tab.page.locator(".states tbody td:nth-child(3)").all_inner_texts()]
    assert stocks == sorted(stocks, reverse=True)
    run = tab.server.ask("/api/run", {"view": tab.view()})
    assert len(stocks) == len(run["states"])
    tab.page.locator(".filter input").fill("europe")
    tab.wait(lambda: 30 < tab.page.locator(".states tbody tr").count() < 60)
    # a chart in large
    tab.press(".enlarge")
    tab.page.locator("dialog[open] canvas").first.wait_for()
    tab.page.keyboard.press("Escape")


def test_reload_back_share_and_restart(chromium, open_tab, tmp_path: Path) -> None:
    tab = open_tab()
    tab.set("#seed", "5")
    tab.wait(lambda: tab.view()["seed"] == 5)
    tab.scrub(30)
    tab.set("#pick", "Poland")
    tab.set("#colour", "felt")
    tab.wait(lambda: "colour=felt" in tab.page.url)
    view = tab.view()
    assert (view["month"], view["state"]) == (30, "POL")
    tab.page.reload()
    tab.page.wait_for_selector("body[data-ready]")
    assert tab.view() == view
    agree(tab)
    tab.page.go_back()
    tab.wait(lambda: tab.view()["colour"] == "status")
    agree(tab)
    tab.page.go_forward()
    tab.wait(lambda: tab.view() == view)
    # a link opens the same on another server, and a server that comes back goes on
    tab.press("#open-take")
    link = tab.page.locator("#link").input_value()
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    port = driver.free_port()
    with driver.serving(tmp_path / "one", port) as one:
        there = Tab(chromium, one, f"#{link.partition('#')[2]}")
        assert there.view() == view, link
        agree(there)
    with driver.serving(tmp_path / "two", port):
        there.set("#seed", "6")
        there.wait(lambda: there.view()["seed"] == 6)
        agree(there)
        assert there.errors == []
        there.context.close()


def test_difference_with_progress_and_cancel(tab) -> None:
    tab.set("#show", "difference")
    tab.set("#colour", "scope")
    tab.see("one run of each on the same seed")
    tab.set("#runs", "100")
    tab.press("#run-both")
    tab.wait(lambda: float(tab.page.locator("#progress").get_attribute("value") or 0) > 0)
    tab.press("#cancel-both")
    tab.page.locator("#run-both").wait_for()
    assert tab.page.locator(".effects").count() == 0
    tab.set("#runs", "5")
    tab.press("#run-both")
    tab.page.locator(".effects").wait_for()
    tab.see("mean of 5 pairs of runs")
    tab.scrub(60)
    agree(tab)
    assert "5 pairs of runs" in tab.text("#effect")
    assert tab.page.locator("#lines-key .band").count() == 1
    rows = tab.page.evaluate("probes.effects()")
    seed = tab.view()["seed"]
    effects = ns.compare("ukraine_2023", "no_transfer_2023", seeds=range(seed, seed + 5)).to_frame()
    assert len(rows) > 20
    for outcome, _, _, difference, interval, verdict in rows:
        mean, low, high = effects.loc[outcome, ["difference", "low", "high"]]
        assert number(difference) == pytest.approx(mean, rel=0.006, abs=5e-4), outcome
        assert number(interval.split(" to ")[0]) == pytest.approx(low, rel=0.006, abs=5e-4), outcome
        assert ("zero" in verdict) == (low <= 0 <= high), outcome


def test_what_is_taken_away_gives_the_same_numbers(open_tab, tmp_path: Path) -> None:
    tab = open_tab(
        view="#scenario=bridge_once_transparent&seed=42&months=6&set=bridge.transparency:0.5&month=3&story=-1"
    )
    tab.rest()
    tab.press("#open-take")
    tab.save("#take-scenario", tmp_path / "my_scenario.toml")
    shown = pd.read_csv(io.BytesIO(tab.save("#take-series", tmp_path / "series.csv")), index_col=0)
    command = tab.page.locator("#command").text_content().split()
    assert command[:2] == ["normsim", "run"]
    made = subprocess.run(
        [sys.executable, "-m", "normsim", "run", "my_scenario.toml", *command[3:], "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    again = pd.read_csv(tmp_path / "out" / "series.csv")
    names = [name for name in shown.columns if name in again.columns]
    assert len(names) > 50
    assert len(shown) == 6
    assert (shown[names].to_numpy() == again[names].to_numpy()).all()
    svg = re.sub(r"<[^>]+>", " ", tab.save("#map-svg", tmp_path / "map.svg").decode()).replace("  ", " ")
    for words in ("September 2023", "seed 42", "normsim", "one-time and transparent"):
        assert words in svg, words
    assert "seed 42" in tab.save("#series-svg", tmp_path / "series.svg").decode()
    for name in ("map", "series"):
        assert tab.save(f"#{name}-png", tmp_path / f"{name}.png")[:4] == b"\x89PNG"
    assert tab.save("#film", tmp_path / "film.webm")[:4] == b"\x1a\x45\xdf\xa3"
    assert tab.view()["month"] == 3
    packed = zipfile.ZipFile(io.BytesIO(tab.save("#take-all", tmp_path / "all.zip")))
    names = " ".join(packed.namelist())
    assert all(ending in names for ending in (".toml", ".csv", ".png", ".svg"))
    tab.press("#copy-link")
    tab.see("Copied.")
    assert tab.page.evaluate("navigator.clipboard.readText()") == tab.page.url


def test_two_tabs_and_fifty_clicks(open_tab) -> None:
    one, two = open_tab(), open_tab()
    one.set("#seed", "5")
    two.press("#step")
    one.wait(lambda: one.view()["seed"] == 5)
    assert two.view()["seed"] != 5
    one.page.evaluate("probes.press(50, ['step', 'step', 'back', 'step', 'end', 'first', 'arrows'])")
    one.wait(lambda: one.month() == 1)  # 7 rounds and one more press
    agree(one)
    assert agree(two)["month"] == "2"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_keys_and_screen_readers(open_tab, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tab = open_tab(scheme=scheme)
    keys = tab.page.keyboard
    keys.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    for key, month in (
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("Shift+ArrowRight", 14),
        ("End", 240),
        ("Home", 0),
    ):
        keys.press(key)
        tab.wait(lambda month=month: tab.month() == month)
    keys.press("]")
    tab.wait(lambda: tab.month() == 1)
    tab.wait(lambda: "July 2023" in (tab.page.locator("#live").text_content() or ""))
    keys.press("Space")
    tab.wait(lambda: tab.month() > 2)
    keys.press("Space")
    keys.press("?")
    tab.page.locator("dialog[open]").wait_for()
    keys.press("Escape")
    tab.page.locator("#open-settings").focus()
    keys.press("Enter")
    assert tab.page.evaluate("document.activeElement.id") == "close-settings"
    keys.press("Escape")
    assert tab.page.evaluate("document.activeElement.id") == "open-settings"
    tab.rest()

    def check(what: str) -> None:
        tab.rest()
        found = Axe().run(tab.page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == [], what

    check("as it opens")
    tab.set("#show", "table")
    tab.press("#open-settings")
    tab.page.evaluate(
        "[...document.querySelectorAll('#settings details')].slice(0, 4).forEach((e) => { e.open = true; })"
    )
    tab.set("#runs", "5")
    tab.press("#run-both")
    tab.page.locator(".effects").wait_for()
    check("table, settings and difference")
    keys.press("Escape")
    for name in ("#open-take", "#open-info"):
        tab.press(name)
        check(name)
        keys.press("Escape")


@pytest.mark.parametrize(
    ("width", "height", "scheme", "look"),
    [
        (1400, 900, "light", ""),
        (900, 700, "dark", ""),
        (390, 844, "light", ""),
        (390, 844, "dark", ""),
        (1400, 900, "dark", "&projector=on"),
    ],
)
def test_views(open_tab, width: int, height: int, scheme: str, look: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    tab = open_tab(view=f"#scenario=ukraine_2023&seed=12&month=12{look}", width=width, height=height, scheme=scheme)
    name = f"{width}_{scheme}{'_projector' if look else ''}"
    for show in ("map", "pair", "difference", "network", "table"):
        tab.set("#show", show)
        tab.rest()
        tab.page.evaluate("scrollTo(0, 0)")
        assert tab.page.evaluate("probes.clipped()") == [], show
        tab.page.screenshot(path=SHOTS / f"{show}_{name}.png", full_page=show == "map")
    if look:
        assert tab.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18


def test_the_page_is_complete_without_a_network(chromium) -> None:
    alone = [sys.executable, "-m", "tests.page.alone"]
    tried = subprocess.run([*alone, "-c", ""], cwd=ROOT, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no network of its own can be had here: {tried.stderr.strip().splitlines()[-1]}")
    views = "tests/page/test_browser.py::test_the_first_minute"
    done = subprocess.run(
        [*alone, "-m", "pytest", "-p", "no:randomly", "-p", "no:xdist", views],
        cwd=ROOT, env={**os.environ, "PYTEST_ADDOPTS": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout
