"""The whole paper at its small size: every figure is drawn, fresh and reported, and every fact it names is there."""

import re
from pathlib import Path

import pytest

from normsim.paper.figure_builder import PLACEHOLDER, RUNS_TOLD, build, check, stamp_of
from normsim.paper.paper_plan import load_paper
from normsim.paper.paper_report import write_report

LARGEST = 5_000_000
"""Bytes of a report that can still be sent by mail."""

GENERAL = ("n", "seed", "points", "runs", "months", "runs_told", "experiments", "interval", "chance")
"""Facts that there are for every figure."""


@pytest.mark.slow
def test_the_whole_paper_at_its_small_size(tmp_path: Path) -> None:
    out, paper = tmp_path / "paper", load_paper()
    built = build(paper, out, smoke=True)
    assert [each for each in built if each.state != "drawn"] == []
    assert [each for each in check(paper, out) if each.changes] == []
    for figure in paper.figures:
        for kind in ("pdf", "png", "csv", "md", "json"):
            assert (out / "figures" / f"{figure.id}.{kind}").stat().st_size > 100
        assert b"/Subtype /Image" not in (out / "figures" / f"{figure.id}.pdf").read_bytes()  # all of it is vectors
        caption = (out / "figures" / f"{figure.id}.md").read_text(encoding="utf-8")
        assert re.search(r"\d[\d,]* runs.*seeds drawn from \d+; fingerprint: .*[0-9a-f]{12}", caption)
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
