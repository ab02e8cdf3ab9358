"""The whole paper and the packaged claims at their small size, whose runs are made once for both.

Every figure is drawn, fresh and reported, and every fact it names is there. `normsim claims` goes on from the runs of
the paper, of which one folder is taken away, and judges them.
"""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from normsim.claims import load_ledger
from normsim.claims.trials import Stored, runs_needed
from normsim.cli.commands import app
from normsim.experiment import open_results
from normsim.paper.figure_builder import PLACEHOLDER, RUNS_TOLD, Built, build, check, stamp_of
from normsim.paper.paper_plan import load_paper
from normsim.paper.paper_report import write_report

LARGEST = 5_000_000
"""Bytes of a report that can still be sent by mail."""

GENERAL = ("n", "seed", "points", "runs", "months", "runs_told", "experiments", "interval", "chance")
"""Facts that there are for every figure."""


COLUMNS = {
    "id", "claim", "mechanisms", "outcome", "unit", "direction", "matters", "effect", "low", "high", "n", "p",
    "p_corrected", "points", "share_sign", "share_sign_low", "share_sign_high", "share_matters", "decided_by",
    "null_parameter", "null_effect", "null_low", "null_high", "null_kills", "supported", "verdict", "condition",
}  # fmt: skip
"""What others rely on in the table of verdicts."""


def normsim(*words: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Built]]:
    """The folder of the whole paper, built from nothing, and what became of its figures."""
    out = tmp_path_factory.mktemp("small") / "paper"
    return out, build(load_paper(), out, smoke=True)


@pytest.fixture(scope="module")
def smoke(drawn: tuple[Path, list[Built]], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The packaged ledger at its small size, and what was printed."""
    (folder,) = (drawn[0] / "results" / "claims").iterdir()
    out = Path(shutil.copytree(folder, tmp_path_factory.mktemp("claims") / "smoke"))
    spaces = [place for place in out.glob("space-*") if "posterior" not in open_results(place).experiment.title]
    taken = min(spaces, key=lambda place: open_results(place).total)
    shutil.rmtree(taken)
    code, told, err = normsim("claims", "--smoke", "--out", out, "--json")
    assert code == 0, err
    assert open_results(taken).hash() == open_results(folder / taken.name).hash(), "processes of their own do the same"
    return out, json.loads(told)


@pytest.mark.slow
def test_the_whole_paper_at_its_small_size(drawn: tuple[Path, list[Built]]) -> None:
    (out, built), paper = drawn, load_paper()
    assert [each for each in built if each.state != "drawn"] == []
    assert [each for each in check(paper, out) if each.changes] == []
    for figure in paper.figures:
        for kind in ("pdf", "png", "csv", "md", "json"):
            assert (out / "figures" / f"{figure.id}.{kind}").stat().st_size > (
                20 if kind == "csv" else 100
            )  # a table may be its head
        assert b"/Subtype /Image" not in (out / "figures" / f"{figure.id}.pdf").read_bytes()  # all of it is vectors
        caption = (out / "figures" / f"{figure.id}.md").read_text(encoding="utf-8")
        assert re.search(r"\d[\d,]* runs.*seeds drawn from \d+( and \d+)*; fingerprint: .*[0-9a-f]{12}", caption)
        assert "interval" in caption or "central" in caption
        stamp = stamp_of(out, figure)
        assert stamp is not None
        told = PLACEHOLDER.findall(f"{figure.caption} {figure.finding} {RUNS_TOLD}")
        assert set(stamp.facts) <= {*told, *GENERAL}  # what a drawing says of its table is said

    maps = (out / "figures" / "world_maps.md").read_text(encoding="utf-8")
    assert "18 runs, 2 of each of 9 design points" in maps  # three regimes at three dates

    written = write_report(paper, out)
    assert (written.missing, written.stale) == ([], [])
    text = (out / "report.md").read_text(encoding="utf-8")
    assert text.count("![Figure") == len(paper.figures)
    assert not re.search(r"\{[a-z]", text)
    assert "nan" not in re.split(r"\W+", text)
    assert "at their small size" in text
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == len(paper.figures)
    assert "<table>" in page
    assert len(page) < LARGEST


def test_the_whole_ledger_runs_small(smoke: tuple[Path, Any]) -> None:
    out, told = smoke
    ledger = load_ledger(smoke=True)
    assert [row["id"] for row in told["claims"]] == [claim.id for claim in ledger.claims]
    for row in told["claims"]:
        assert set(row) >= COLUMNS
        assert row["verdict"] in ("robust", "conditional", "not detectable", "refuted")
        assert row["n"] == ledger.replications
        assert row["points"] == ledger.points
    posterior = replace(ledger, space="posterior")  # the paper has run it too
    needed = runs_needed(ledger) + runs_needed(posterior, with_defaults=False)
    assert sum(results.done for results in Stored(out, ledger).all) == needed


def test_it_prints_a_table_of_a_hundred_columns(smoke, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    files = {kind: tmp_path / f"table.{kind}" for kind in ("md", "tex", "png")}
    words = ("--markdown", files["md"], "--latex", files["tex"], "--figure", files["png"])
    code, told, err = normsim("claims", "--smoke", "--out", smoke[0], *words)
    assert code == 0, err
    lines = told.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("claim "))
    rows = lines[start : start + 2 + len(smoke[1]["claims"])]
    assert max(map(len, rows)) <= 100
    assert all(row["id"] in line for row, line in zip(smoke[1]["claims"], rows[2:], strict=True)), "no name is cut"
    assert "too small to judge by" in told
    page = files["md"].read_text(encoding="utf-8")
    assert page.startswith(f"# {load_ledger().title} (smoke size: too small to judge by)\n")
    assert "\n| claim |" in page
    assert files["tex"].read_text(encoding="utf-8").startswith(r"\begin{tabular}")
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    code, _, err = normsim("claims", "--smoke", "--out", smoke[0], "--markdown", files["md"])
    assert code == 1
    assert "exists" in err


def test_chosen_claims_are_the_same_as_among_all(smoke) -> None:
    code, told, err = normsim("claims", "talk-holds", "--smoke", "--out", smoke[0], "--json")
    assert code == 0, err
    (row,) = json.loads(told)["claims"]
    assert row == next(each for each in smoke[1]["claims"] if each["id"] == "talk-holds")
