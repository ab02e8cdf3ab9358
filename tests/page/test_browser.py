"""The page in a real browser."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from normsim.engine.simulate import simulate
from normsim.scenario import load_scenario

SHOTS = Path(os.environ.get("NORMSIM_PAGE_SHOTS") or Path(__file__).parents[2] / "results" / "page")
"""Folder in which pictures of the views are kept."""


def test_step_play_pause_reset(tab) -> None:
    tab.press("Step")
    tab.wait_month(1)
    tab.set("Months a second", "20")
    tab.press("Play")
    tab.wait(lambda: tab.month() >= 6)
    tab.press("Pause")
    tab.button("Play").wait_for()
    held = tab.month()
    tab.page.wait_for_timeout(400)
    assert tab.month() == held
    tab.set("Seed", "42")
    tab.wait(lambda: "--seed 42" in tab.command())
    ban = tab.page.get_by_label("Strict ban", exact=True)
    ban.check()
    tab.button("Take back 1 change").wait_for()
    assert ban.evaluate("e => e === document.activeElement")  # what was pressed is still there, and not replaced
    tab.press("Reset")
    tab.wait_month(0)
    tab.wait(lambda: tab.page.get_by_label("Strict ban", exact=True).is_checked())
    tab.wait(lambda: tab.page.get_by_label("Seed", exact=True).input_value() == "42")
    tab.press("To the end")
    tab.wait_month(240)
    tab.wait(lambda: tab.button("Step").is_disabled())


def test_a_bad_value_is_said_and_put_back(tab) -> None:
    tab.press("Step")
    tab.wait_month(1)
    tab.set("Seed", "-3")
    assert "whole number" in tab.message()
    tab.wait(lambda: tab.page.get_by_label("Seed", exact=True).input_value() == "0")
    assert tab.month() == 1
    tab.page.get_by_label("Two tracks (needs both above)").click()
    tab.wait(lambda: "two" in tab.message())
    tab.wait(lambda: not tab.page.get_by_label("Two tracks (needs both above)").is_checked())
    tab.press("Step")
    tab.wait_month(2)


def test_change_scenario_and_select_on_the_map(tab) -> None:
    tab.set("Scenario", "strict_ban")
    tab.wait(lambda: tab.command() == "normsim run strict_ban --seed 0")
    tab.press("Step")
    tab.wait_month(1)
    tab.page.locator(".ns-picture .m-BRA").first.click()
    tab.see("Brazil (BRA)")
    tab.page.locator(".ns-picture .m-AUS").first.hover()
    tab.page.get_by_text(re.compile(r"Australia\s*Treaty status: bound")).first.wait_for()
    tab.set("Colour by", "Stock, all classes")
    tab.page.get_by_role("img", name="World map: Stock, all classes").wait_for()
    tab.set("View", "network")
    tab.see("Who moved Brazil most")
    tab.set("Selected state", "FRA")
    tab.see("Who moved France most")
    named = tab.page.locator(".ns-code").first
    code = named.inner_text()
    named.click()
    tab.see(f"({code})")
    tab.page.get_by_role("button", name="What the terms mean").click()
    tab.page.get_by_text("what it stands for").wait_for()
    tab.page.get_by_role("button", name="What is known of it, with sources").click()
    tab.page.get_by_text("as of", exact=True).wait_for()


def test_force_an_act(tab) -> None:
    tab.press("Step")
    tab.wait_month(1)
    tab.set("Selected state", "IND")
    tab.see("India (IND)")
    tab.set("Make it, next month", "renounce")
    tab.press("Force")
    tab.page.get_by_text("Forced: 2023-08-01 IND renounce").wait_for()
    tab.press("Step")
    tab.wait_month(2)
    tab.page.get_by_text("India renounced the weapon").first.wait_for()


def test_upload_good_broken_large_and_long(tab) -> None:
    field = tab.page.get_by_label("Open a scenario file (.toml)")
    field.set_input_files({"name": "bad.toml", "mimeType": "", "buffer": b'title = "x"\nmonths = '})
    tab.wait(lambda: "bad.toml, line 2" in tab.message())
    assert tab.command() == "normsim run ukraine_2023 --seed 0"
    field.set_input_files({"name": "big.toml", "mimeType": "", "buffer": b"#" * 1_000_001})
    tab.wait(lambda: "too large" in tab.message())
    long = b'title = "x"\nextends = "baseline"\nmonths = 1201\n'
    field.set_input_files({"name": "long.toml", "mimeType": "", "buffer": long})
    tab.wait(lambda: "from 1 to 1200" in tab.message())
    assert tab.command() == "normsim run ukraine_2023 --seed 0"
    good = b'title = "<b>Mine</b>"\nextends = "baseline"\nmonths = 6\n'
    field.set_input_files({"name": "mine.toml", "mimeType": "", "buffer": good})
    tab.page.get_by_text("month 0 of 6").wait_for()
    tab.press("To the end")
    tab.wait_month(6)


def test_what_is_taken_away_gives_the_same_numbers(tab, tmp_path: Path) -> None:
    tab.set("Seed", "42")
    tab.wait(lambda: "--seed 42" in tab.command())
    tab.page.get_by_role("button", name="▸ its terms").click()
    tab.set("transparency", "0.9")
    tab.button("Take back 1 change").wait_for()
    for month in range(1, 4):
        tab.press("Step")
        tab.wait_month(month)
    tab.save("Scenario (TOML)", tmp_path / "my_scenario.toml")
    tab.save("Series (CSV)", tmp_path / "series.csv")
    tab.wait(lambda: tab.command().endswith("--months 3"))
    command = tab.command().split()
    assert command == ["normsim", "run", "my_scenario.toml", "--seed", "42", "--months", "3"]
    made = subprocess.run(
        [sys.executable, "-m", *command, "--out", "out"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert made.returncode == 0, made.stderr
    shown = pd.read_csv(tmp_path / "series.csv", index_col=0)
    again = pd.read_csv(tmp_path / "out" / "series.csv")
    names = [name for name in shown.columns if name in again.columns]
    assert len(names) > 50
    assert (shown[names].to_numpy() == again[names].to_numpy()).all()


def test_pictures_are_saved(tab, tmp_path: Path) -> None:
    drawn = tab.save("Save World map: Treaty status of every state, before the first month as SVG", tmp_path / "m.svg")
    assert "var(" not in drawn
    assert ".m-USA" in drawn
    with tab.page.expect_download() as awaited:
        tab.page.get_by_role("button", name=re.compile("Save Time series.* as PNG")).click()
    awaited.value.save_as(tmp_path / "s.png")
    assert (tmp_path / "s.png").read_bytes()[:4] == b"\x89PNG"


def test_two_tabs_share_nothing(open_tab) -> None:
    one, two = open_tab(), open_tab()
    one.set("Seed", "5")
    one.wait(lambda: "--seed 5" in one.command())
    for month in (1, 2):
        one.press("Step")
        one.wait_month(month)
    two.press("Step")
    two.wait_month(1)
    assert one.month() == 2
    assert two.page.get_by_label("Seed", exact=True).input_value() == "0"


def test_fifty_quick_clicks_end_consistent(tab, tmp_path: Path) -> None:
    step, reset = tab.button("Step"), tab.button("Reset")
    for k in range(50):
        (reset if k == 20 else step).click(delay=0, no_wait_after=True)
    tab.wait_month(29)
    tab.save("Series (CSV)", tmp_path / "series.csv")
    shown = pd.read_csv(tmp_path / "series.csv", index_col=0)
    run = simulate(load_scenario("ukraine_2023").with_months(29), 0)
    assert (shown["scope"].to_numpy() == run.series["scope"].to_numpy()).all()


def test_keys_are_enough(tab) -> None:
    tab.button("Step").focus()
    tab.page.keyboard.press("Enter")
    tab.wait_month(1)
    tab.page.get_by_label("Selected state", exact=True).focus()
    tab.page.keyboard.press("ArrowDown")
    tab.see("Uruguay (URY)")  # the next after the United States
    nameless = tab.page.evaluate(
        """() => [...document.querySelectorAll("input, select, button")].filter(e =>
             e.offsetParent && !(e.labels && e.labels.length) && !e.innerText.trim() && !e.getAttribute("aria-label"))
             .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1400, 900), (900, 700)])
def test_views(open_tab, width: int, height: int, scheme: str) -> None:
    tab = open_tab(width=width, height=height, scheme=scheme)
    SHOTS.mkdir(parents=True, exist_ok=True)

    def keep(view: str, part: str = "") -> None:
        path = SHOTS / f"{view}_{width}_{scheme}.png"
        if part:
            tab.page.locator(part).screenshot(path=path)
        else:
            assert tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            tab.page.screenshot(path=path)

    tab.set("Selected state", "RUS")
    for _ in range(12):
        tab.press("Step")
    tab.wait_month(12)
    tab.wait(lambda: tab.command().endswith("--months 12"))  # the last part of the page to be drawn
    keep("map")
    tab.page.set_viewport_size({"width": width, "height": 1600})  # whole cards, which are longer than the window
    for view, part in (("series", ".ns-second"), ("state", ".ns-third"), ("log", ".ns-fourth")):
        keep(view, part)
    tab.set("View", "network")
    tab.see("Who moved Russia most")
    keep("network", ".ns-first")
    tab.page.set_viewport_size({"width": width, "height": height})
    if width < 1150:
        tab.press("Settings")
    for title in ("▸ its terms", "▸ norm"):
        tab.page.get_by_role("button", name=title).first.click()
        tab.page.get_by_role("button", name=title.replace("▸", "▾")).first.wait_for()
    tab.page.locator(".ns-controls h2").nth(2).scroll_into_view_if_needed()
    keep("controls")
