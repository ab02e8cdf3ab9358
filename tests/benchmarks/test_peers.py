"""The engine, the bare loop and Mesa run the same cascade; a peer that does not is named before anything is timed."""

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import peers
from tests.benchmarks.peer_models import PEERS, Cascade, Peer, Started, bare_loop, cascade_of


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return cascade_of(200)


def test_the_engine_the_bare_loop_and_mesa_have_the_same_active_nodes(cascade: Cascade) -> None:
    found = peers.dock({name: PEERS[name] for name in ("bare loop", "engine", "mesa")}, [cascade])
    assert not any(each.left_out for each in found.values())
    active = peers.trace(PEERS["engine"], cascade).sum(axis=1)
    assert active[0] == cascade.starters.sum()
    assert active[-1] > 100
    assert len(np.unique(active)) > 5


def test_a_peer_that_differs_in_one_node_of_one_step_stops_the_command(cascade: Cascade) -> None:
    def wrong(given: Cascade) -> Started:
        started, steps = bare_loop(given), iter(range(1_000))

        def active() -> np.ndarray:
            now = started.active()
            now[7] ^= next(steps) == 3
            return now

        return Started(started.step, active)

    with pytest.raises(SystemExit, match=r"^wrong differs from bare loop at 200 nodes after step 3: .* node 7 is the"):
        peers.dock({"bare loop": PEERS["bare loop"], "wrong": Peer(wrong)}, [cascade])


def test_a_size_that_would_take_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch, cascade: Cascade) -> None:
    monkeypatch.setattr(peers, "LIMIT", 0.0)
    found = peers.dock({"bare loop": PEERS["bare loop"]}, [cascade, cascade_of(400)])
    assert list(found["bare loop"].left_out) == [200, 400]


def test_tables_go_between_the_marks_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{peers.BEGIN}\nold\n{peers.END}\nafter\n", encoding="utf-8")
    found = {"engine": peers.Found(setup={200: 1.0}, step={200: 0.002}), "mesa": peers.Found(step={200: 0.001})}
    shown = peers.tables(found, [200])
    peers.write_page(page, "\n".join(map(peers.markdown, shown.values())))
    text = page.read_text(encoding="utf-8")
    assert "old" not in text
    assert "| mesa | 1.00 | - | 2.00 |" in text
    with pytest.raises(SystemExit, match="which are not there"):
        peers.write_page(tmp_path / "none.md", "")
