"""`normsim paper` from the command line: built from nothing, built again, checked, stale and told why, reported."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from normsim.cli.commands import app
from normsim.experiment import model_digest
from normsim.paper import figure_stamp as stamps
from normsim.paper import report_pages

pytestmark = pytest.mark.slow

PLAN = """
title = "A small paper"

[[experiment]]
id = "few"
scenarios = ["baseline", "strict_ban"]
replications = 3
months = 6
seed = 11

[[experiment]]
id = "history"
scenarios = ["history_2008"]
replications = 2
months = 26
outcomes = ["parties"]
keep = ["series"]
smoke = { months = 14 }

[[figure]]
id = "robustness"
title = "Robustness"
experiments = ["few"]
caption = "Means of {n} runs with the {interval} interval."
finding = "The status quo ends at {base_level}."

[[figure]]
id = "growth"
drawing = "treaty_growth"
title = "Growth"
experiments = ["history"]
columns = "one"
caption = "From {first} to {last}, {n} runs."
finding = "The record has {record_last} states bound."
"""

KINDS = ("pdf", "png", "csv", "md", "json")


def normsim(*words: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with a plan, mine.toml, and its paper in out."""
    folder = tmp_path_factory.mktemp("paper")
    (folder / "mine.toml").write_text(PLAN, encoding="utf-8")
    code, out, _ = normsim("paper", "build", folder / "mine.toml", "--out", folder / "out")
    assert code == 0, out
    return folder


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "paper"))


def paper(command: str, folder: Path, *words: object) -> tuple[int, str, str]:
    """A command on the plan of a folder."""
    return normsim("paper", command, folder / "mine.toml", "--out", folder / "out", *words)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of the figures."""
    return {path.name: path.read_bytes() for path in sorted((folder / "out" / "figures").iterdir())}


def test_a_build_from_nothing_makes_every_file(built: Path) -> None:
    assert set(content(built)) == {f"{name}.{kind}" for name in ("robustness", "growth") for kind in KINDS}
    code, out, _ = paper("check", built)
    assert code == 0
    assert "2 figures" in out
    assert "fresh" in out


def test_a_caption_says_runs_interval_seed_and_fingerprint(built: Path) -> None:
    caption = (built / "out/figures/robustness.md").read_text(encoding="utf-8")
    assert caption.startswith("**Robustness.** Means of 3 runs with the 95 % interval.")
    for words in ("6 runs, 3 of each of 2 design points", "seeds drawn from 11", "normsim 0."):
        assert words in caption
    stamp = json.loads((built / "out/figures/robustness.json").read_text(encoding="utf-8"))
    place = built / "out" / stamp["directories"]["few"]
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    assert f"few {manifest['fingerprint'][:12]}" in caption


def test_fonts_are_embedded_and_sizes_are_those_of_a_journal(built: Path) -> None:
    import struct

    for name, width in (("robustness", 183.0), ("growth", 89.0)):
        pdf = (built / f"out/figures/{name}.pdf").read_bytes()
        assert b"/FontFile2" in pdf
        assert b"/Type3" not in pdf
        assert b"CreationDate" not in pdf
        box = re.search(rb"/MediaBox \[ 0 0 ([0-9.]+) ", pdf)
        assert box is not None
        assert float(box[1]) / 72 * 25.4 == pytest.approx(width, abs=0.1)
        png = (built / f"out/figures/{name}.png").read_bytes()
        pixels = struct.unpack(">I", png[16:20])[0]
        assert pixels / 300 * 25.4 == pytest.approx(width, abs=0.2)


def test_built_again_from_stored_results_every_byte_is_the_same(folder: Path) -> None:
    before = content(folder)
    shutil.rmtree(folder / "out" / "figures")
    code, out, _ = paper("build", folder)
    assert code == 0
    assert out.count("drawn") == 2
    assert content(folder) == before


def test_what_is_fresh_is_left_as_it_is(folder: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*.p*") if path.is_file()}
    code, out, _ = paper("build", folder)
    assert code == 0
    assert out.count("left as it is") == 2
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_only_the_figure_asked_for_is_built(folder: Path) -> None:
    shutil.rmtree(folder / "out" / "figures")
    assert paper("build", folder, "--only", "growth")[0] == 0
    assert set(content(folder)) == {f"growth.{kind}" for kind in KINDS}
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(r"robustness\s+figure\s+was never drawn", out)
    assert "--only robustness" in out


def test_a_changed_experiment_is_told(folder: Path) -> None:
    plan = folder / "mine.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("months = 6", "months = 7"), encoding="utf-8")
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(r"robustness\s+experiment\s+few.scenarios.baseline, few.scenarios.strict_ban", out)
    assert "growth" not in out.split("Next:")[0]
    before = content(folder)
    assert paper("build", folder)[0] == 0
    assert content(folder)["robustness.csv"] != before["robustness.csv"]
    assert content(folder)["growth.json"] == before["growth.json"]
    assert paper("check", folder)[0] == 0


def test_a_changed_caption_is_told(folder: Path) -> None:
    plan = folder / "mine.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("Means of", "The means of"), encoding="utf-8")
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(r"robustness\s+paper.toml\s+caption", out)


def test_a_changed_scenario_file_is_told(folder: Path) -> None:
    scenario = folder / "own.toml"
    scenario.write_text('title = "Own"\nextends = "baseline"\n', encoding="utf-8")
    plan = folder / "mine.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace('"strict_ban"', '"own.toml"'), encoding="utf-8")
    assert paper("build", folder)[0] == 0
    assert paper("check", folder)[0] == 0
    scenario.write_text('title = "Own"\nextends = "baseline"\n[parameters]\n"norm.anchor" = 0.1\n', encoding="utf-8")
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(r"robustness\s+experiment\s+few.scenarios.own", out)
    assert paper("build", folder)[0] == 0
    scenario.write_text(scenario.read_text(encoding="utf-8").replace('"Own"', '"Renamed"'), encoding="utf-8")
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(r"robustness\s+experiment\s+few.titles.own\n", out)  # it names a row of the figure


@pytest.fixture
def package(tmp_path: Path, monkeypatch):
    """A copy of the package's files, which the stamps look at in place of it."""
    copy = Path(
        shutil.copytree(model_digest.PACKAGE, tmp_path / "package", ignore=shutil.ignore_patterns("__pycache__"))
    )
    monkeypatch.setattr(model_digest, "PACKAGE", copy)
    model_digest.model_digests.cache_clear()
    yield copy
    model_digest.model_digests.cache_clear()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("rules/norm.py", r"robustness\s+code\s+rules/norm.py"),
        ("world/historical_record.py", r"growth\s+code\s+world/historical_record.py"),
        ("figures/paper/robustness.py", r"robustness\s+drawing code\s+figures/paper/robustness.py"),
        ("parameters.toml", r"robustness\s+code\s+parameters.toml"),
        ("paper/figure_builder.py", r"growth\s+drawing code\s+paper/figure_builder.py"),
        ("figures/style.py", r"growth\s+drawing code\s+figures/style.py"),
    ],
)
def test_changed_code_is_told_by_its_file(folder: Path, package: Path, path: str, words: str) -> None:
    (package / path).write_text((package / path).read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    model_digest.model_digests.cache_clear()
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(words, out)
    if path == "figures/paper/robustness.py":
        assert "growth" not in out.split("Next:")[0]


def test_changed_data_are_told_by_their_file(folder: Path, monkeypatch) -> None:
    real = stamps.data_hashes()
    monkeypatch.setattr(stamps, "data_hashes", lambda: {**real, "ccm_status.csv": "0" * 64})
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(r"robustness\s+data\s+ccm_status.csv", out)


def test_a_changed_or_lost_file_is_told(folder: Path) -> None:
    (folder / "out/figures/growth.csv").write_text("a,b\n", encoding="utf-8")
    (folder / "out/figures/growth.pdf").unlink()
    code, out, _ = paper("check", folder)
    assert code == 1
    assert "growth.csv is not what was drawn, growth.pdf is gone" in out


def test_changed_results_are_told(folder: Path) -> None:
    stamp = json.loads((folder / "out/figures/robustness.json").read_text(encoding="utf-8"))
    part = next((folder / "out" / stamp["directories"]["few"] / "parts").iterdir())
    part.write_bytes(part.read_bytes()[:-20])
    code, out, _ = paper("check", folder)
    assert code == 1
    assert re.search(r"robustness\s+results\s+results/few/\w+ holds other results", out)
    before = content(folder)
    assert paper("build", folder)[0] == 0  # what was lost is run again
    assert content(folder) == before
    assert paper("check", folder)[0] == 0


def test_figures_can_be_checked_without_their_results(folder: Path) -> None:
    shutil.rmtree(folder / "out" / "results")
    assert paper("check", folder)[0] == 0


def test_smoke_sizes_go_to_runs_of_their_own_and_are_told(folder: Path) -> None:
    assert paper("build", folder, "--smoke", "--only", "growth")[0] == 0
    code, _, err = paper("check", folder, "--only", "growth")
    assert code == 0
    assert "drawn at smoke size: growth" in err
    assert len(list((folder / "out/results/history").iterdir())) == 2


def test_an_interrupted_build_goes_on_where_it_stopped(folder: Path) -> None:
    plan, parts = folder / "mine.toml", folder / "out" / "results" / "few"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("replications = 3\nmonths = 6", "replications = 60\nmonths = 60"), encoding="utf-8")
    before = set(parts.glob("*/parts/*.parquet"))
    words = ["paper", "build", str(plan), "--out", str(folder / "out"), "--workers", "1", "--only", "robustness"]
    process = subprocess.Popen(
        [sys.executable, "-m", "normsim", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    while process.poll() is None and set(parts.glob("*/parts/*.parquet")) <= before:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate()
    assert process.returncode == 130, out
    assert "continues where it stopped" in out
    done = {path: path.stat().st_mtime_ns for path in set(parts.glob("*/parts/*.parquet")) - before}
    assert done
    assert normsim(*words)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert len(set(parts.glob("*/parts/*.parquet")) - before) > len(done)
    assert paper("check", folder, "--only", "robustness")[0] == 0


def test_a_report_is_one_file_with_its_pictures_and_numbers(folder: Path) -> None:
    code, out, _ = paper("report", folder)
    assert code == 0
    assert out.split() == [str(folder / "out" / name) for name in ("report.md", "report.html")]
    page = (folder / "out/report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 2
    assert not re.search(r'(src|href)="(?!data:)', page)
    stamp = json.loads((folder / "out/figures/robustness.json").read_text(encoding="utf-8"))
    text = (folder / "out/report.md").read_text(encoding="utf-8")
    assert f"The status quo ends at {stamp['facts']['base_level']}. (figure 1)" in text
    assert "197 states" in text
    assert re.search(r'<img [^>]*alt="Figure 1: Robustness"', page)
    assert "**Figure 1. Robustness.** Means of" in text
    assert "- **Strict ban.** Does a ban" in text
    assert "Wexler" in text.split("## Sources")[1]
    assert f"normsim paper build {folder / 'mine.toml'} --out {folder / 'out'} " in text
    assert f"matplotlib {stamp['versions']['matplotlib']}" in text
    before = page
    paper("report", folder)
    assert (folder / "out/report.html").read_text(encoding="utf-8") == before


def test_a_report_as_pdf_has_the_same_content_every_time(folder: Path) -> None:
    code, out, err = paper("report", folder, "--pdf")
    assert code == 0, err
    assert out.split()[-1] == str(folder / "out" / "report.pdf")
    written = (folder / "out/report.pdf").read_bytes()
    assert written.startswith(b"%PDF-")
    assert written.count(b"/Subtype /Image") >= 2
    assert paper("report", folder, "--pdf")[0] == 0
    assert (folder / "out/report.pdf").read_bytes() == written


def test_without_its_package_a_pdf_is_refused_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_pages.importlib.util, "find_spec", lambda name: None)
    code, _, err = paper("report", folder, "--pdf")
    assert code == 1
    assert "pip install 'normsim[pdf]'" in err
    assert not (folder / "out/report.html").exists()
    assert paper("report", folder)[0] == 0


def test_text_of_a_plan_is_no_html(folder: Path) -> None:
    plan = folder / "mine.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("A small paper", "A <b>small</b> paper"), encoding="utf-8")
    assert paper("report", folder)[0] == 0
    page = (folder / "out/report.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "A &lt;b&gt;small&lt;/b&gt; paper" in page


def test_a_report_that_cannot_be_made_leaves_the_old_one(folder: Path) -> None:
    assert paper("report", folder)[0] == 0
    before = [(folder / "out" / name).read_bytes() for name in ("report.md", "report.html")]
    plan = folder / "mine.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("A small paper", "Another"), encoding="utf-8")
    (folder / "out/figures/growth.png").unlink()
    code, _, err = paper("report", folder)
    assert code == 1
    assert "growth.png" in err
    assert [(folder / "out" / name).read_bytes() for name in ("report.md", "report.html")] == before


def test_a_report_says_what_is_missing_or_stale(folder: Path) -> None:
    (folder / "out/figures/growth.json").unlink()
    (folder / "out/figures/robustness.csv").write_text("x\n", encoding="utf-8")
    code, _, err = paper("report", folder)
    assert code == 0
    assert "figure growth is not there" in err
    assert "figure robustness is stale" in err
    text = (folder / "out/report.md").read_text(encoding="utf-8")
    assert "Not drawn: growth" in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("build", "nowhere.toml"), "nowhere.toml: there is no such file"),
        (("build", "{plan}", "--only", "growt"), "there is no figure 'growt'; did you mean 'growth'?"),
        (("build", "{plan}", "--workers", "0"), "--workers 0: allowed is a whole number from 1"),
        (("build", "{plan}", "--out", "{plan}"), "is a file; name a folder with --out"),
        (("report", "{plan}", "--out", "{empty}"), "holds no figures; draw them first"),
        (("check", "{plan}", "--only", "nothing"), "there is no figure 'nothing'; known are robustness, growth"),
    ],
)
def test_bad_input_is_one_message(folder: Path, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    places = {"{plan}": str(folder / "mine.toml"), "{empty}": str(tmp_path / "empty")}
    code, out, err = normsim("paper", *(places.get(word, word) for word in words))
    assert code == 1
    assert out == ""
    assert err.startswith("error: ")
    assert told in err
    assert err.count("\n") == 1


def test_a_broken_stamp_is_one_message(folder: Path) -> None:
    (folder / "out/figures/growth.json").write_text("{", encoding="utf-8")
    code, _, err = paper("check", folder)
    assert code == 1
    assert "growth.json is no stamp of a figure; delete it" in err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{n} runs with", "{m} runs with", "caption of figure robustness: there is no fact {m}; known are"),
        ("at {base_level}", "at {base_levels}", "finding of figure robustness: there is no fact {base_levels}"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "openness"', "bridge.transparency"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "dud_rate"', "its drawing dud_rate cannot take what"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "cascade"', "events"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "world_maps"', "states"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "repetition"', "bridge.episodes"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "influences"', "robustness:"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "treaty_growth"', "series"),
        ('id = "robustness"', 'id = "robustness"\ndrawing = "bridge_length"', "production.surge"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_told_and_the_others_are_drawn(
    folder: Path, old: str, new: str, told: str
) -> None:
    plan = folder / "mine.toml"
    text = plan.read_text(encoding="utf-8")
    assert old in text
    plan.write_text(text.replace(old, new), encoding="utf-8")
    shutil.rmtree(folder / "out" / "figures")
    code, out, _ = paper("build", folder)
    assert code == 3
    assert told in out
    assert set(content(folder)) == {f"growth.{kind}" for kind in KINDS}


def test_a_directory_that_cannot_be_used_is_told_and_the_others_are_drawn(folder: Path) -> None:
    next((folder / "out/results/few").glob("*/manifest.json")).write_text("{", encoding="utf-8")
    shutil.rmtree(folder / "out" / "figures")
    code, out, _ = paper("build", folder)
    assert code == 3
    assert re.search(r"robustness: .*manifest.json", out)
    assert set(content(folder)) == {f"growth.{kind}" for kind in KINDS}
