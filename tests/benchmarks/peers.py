"""`python -m tests.benchmarks.peers [--quick] [--json] [--markdown FILE]`: the engine beside other libraries.

All run one threshold cascade (see `peer_models`). Every peer must first have the same active nodes after each step;
only then is anything timed.
"""

import argparse
import contextlib
import dataclasses
import gc
import json
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import normsim
from normsim.cli.docs_pages import markdown_table
from tests.benchmarks.measure import process
from tests.benchmarks.peer_models import DEGREE, PEERS, STARTERS, STEPS, THRESHOLD, Cascade, Peer, cascade_of

SIZES, TURNS = (200, 2_000, 20_000, 200_000), 5
QUICK_SIZES, QUICK_TURNS = (200, 2_000), 2

LIMIT = 60.0
"""Seconds that a run may take, set-up included; larger sizes are left out."""

BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"
"""Lines of a page between which the tables stand."""

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclasses.dataclass
class Found:
    """What was measured of a peer; the keys are sizes.

    Attributes:
        setup: median seconds until the first step.
        step: median seconds per step.
        memory: peak of the memory that a run adds to its process [bytes per node], at the largest size; None if it was
            not measured.
        left_out: why a size was not run.
    """

    setup: dict[int, float] = dataclasses.field(default_factory=dict)
    step: dict[int, float] = dataclasses.field(default_factory=dict)
    memory: float | None = None
    left_out: dict[int, str] = dataclasses.field(default_factory=dict)

    @property
    def exponent(self) -> float | None:
        """Slope of the time per step over the nodes, both in logs; None of fewer than two sizes."""
        if len(self.step) < 2:
            return None
        return float(np.polyfit(np.log(list(self.step)), np.log(list(self.step.values())), 1)[0])


def installed() -> tuple[dict[str, Peer], list[str]]:
    """The peers that can be run, and the names of those that cannot."""
    here = {name: peer for name, peer in PEERS.items() if peer.installed}
    return here, [name for name in PEERS if name not in here]


def trace(peer: Peer, cascade: Cascade) -> np.ndarray:
    """Which nodes are active at the start and after each step, shape (steps + 1, nodes)."""
    started = peer.start(cascade)
    rows = [started.active()]
    for _ in range(STEPS):
        started.step()
        rows.append(started.active())
    return np.array(rows)


def dock(peers: dict[str, Peer], cascades: Sequence[Cascade]) -> dict[str, Found]:
    """Check that all peers have the same active nodes after each step, at each size that they can run.

    Args:
        peers: by name; the others must equal the first.
        cascades: by rising size.

    Returns:
        for each peer what was left out, so far.

    Raises:
        SystemExit: a peer differs.
    """
    found = {name: Found() for name in peers}
    seconds = dict.fromkeys(peers, 0.0)
    for peer in peers.values():
        for cascade in cascades[:2]:
            trace(peer, cascade)  # compiles, which must not count; some libraries have other code for few nodes
    for at, cascade in enumerate(cascades):
        first, wanted = next(iter(peers)), None
        for name, peer in peers.items():
            expected = seconds[name] * cascade.n / cascades[at - 1].n
            if found[name].left_out or expected > LIMIT:
                found[name].left_out[cascade.n] = f"a run would take about {expected:,.0f} s"
                seconds[name] = expected
                continue
            begun = time.perf_counter()
            had = trace(peer, cascade)
            seconds[name] = time.perf_counter() - begun
            if wanted is None:
                wanted = had
            elif difference := _difference(had, wanted):
                raise SystemExit(f"{name} differs from {first} at {cascade.n:,} nodes {difference}; nothing was timed")
            if seconds[name] > LIMIT:
                found[name].left_out[cascade.n] = f"docked, but a run takes {seconds[name]:,.0f} s"
    return found


def _difference(had: np.ndarray, wanted: np.ndarray) -> str:
    """Where two traces differ first, in words; empty if nowhere."""
    if had.shape != wanted.shape:
        return f"in shape: {had.shape} instead of {wanted.shape}"
    steps = np.flatnonzero((had != wanted).any(axis=1))
    if not len(steps):
        return ""
    step = steps[0]
    nodes = np.flatnonzero(had[step] != wanted[step])
    many = f"{had[step].sum():,} active instead of {wanted[step].sum():,}"
    return f"after step {step}: {many}, and node {nodes[0]} is the first of {len(nodes):,} that differ"


def take_time(peers: dict[str, Peer], cascades: Sequence[Cascade], turns: int, found: dict[str, Found]) -> None:
    """Fill in the median times of all peers, taken in turn (A B C A B C ...), size by size."""
    for cascade in cascades:
        able = {name: peer for name, peer in peers.items() if cascade.n not in found[name].left_out}
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in able}
        for _ in range(turns):
            for name, peer in able.items():
                taken[name].append(_timed(peer, cascade))
        for name, pairs in taken.items():
            found[name].setup[cascade.n] = statistics.median(setup for setup, _ in pairs)
            found[name].step[cascade.n] = statistics.median(step for _, step in pairs)


def _timed(peer: Peer, cascade: Cascade) -> tuple[float, float]:
    """Seconds until the first step, and per step."""
    gc.collect()
    gc.freeze()  # what other peers left behind must not be searched for garbage on this one's time
    begun = time.perf_counter()
    started = peer.start(cascade)
    ready = time.perf_counter()
    for _ in range(STEPS):
        started.step()
    done = time.perf_counter()
    gc.unfreeze()
    return ready - begun, (done - ready) / STEPS


def take_memory(cascades: Sequence[Cascade], found: dict[str, Found]) -> None:
    """Fill in the memory of each peer, each in a process of its own, at the largest size that it was timed at."""
    if not RESET.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        for cascade in cascades:
            np.savez(f"{folder}/{cascade.n}.npz", edges=cascade.edges, starters=cascade.starters)
        for name, each in found.items():
            if not each.step:
                continue
            paths = [f"{folder}/{n}.npz" for n in (cascades[0].n, max(each.step))]
            code = f"from tests.benchmarks.peers import memory_of\nprint('bytes', memory_of({name!r}, *{paths}))"
            each.memory = float(process(code)[1].rpartition("bytes")[2])


def memory_of(name: str, small: str, large: str) -> float:
    """Peak of the memory that a run adds to this process [bytes per node]; a small run goes before it."""
    peer = PEERS[name]
    trace(peer, Cascade(**np.load(small)))
    cascade = Cascade(**np.load(large))
    gc.collect()
    before = _kilobytes("VmRSS")
    RESET.write_text("5", encoding="ascii")  # the peak starts anew from what is held now
    started = peer.start(cascade)
    for _ in range(STEPS):
        started.step()
    return 1024 * (_kilobytes("VmHWM") - before) / cascade.n


def _kilobytes(key: str) -> int:
    found = re.search(rf"{key}:\s+(\d+)", STATUS.read_text(encoding="utf-8"))
    assert found
    return int(found[1])


# ---------------------------------------------------------------- the tables

Table = list[list[str]]
"""Rows of cells; the first is the heading."""


def tables(found: dict[str, Found], sizes: Sequence[int]) -> dict[str, Table]:
    """The tables by their titles."""
    heading = ["peer", *(f"{n:,}" for n in sizes)]
    steps = [[*heading, "exponent", "engine / peer"]]
    setups = [[*heading, "bytes per node"]]
    for name, each in found.items():
        times = [_number(1e3 * each.step[n]) if n in each.step else "-" for n in sizes]
        slope = "-" if each.exponent is None else f"{each.exponent:.2f}"
        steps.append([name, *times, slope, _ratio(found["engine"], each)])
        memory = "-" if each.memory is None else f"{max(each.memory, 0):,.0f}"
        setups.append([name, *(_number(each.setup[n]) if n in each.setup else "-" for n in sizes), memory])
    return {"One step, by number of nodes [ms]": steps, "Set-up, by number of nodes [s], and memory": setups}


def _number(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}" if value >= 1e-3 else f"{value:.1g}"


def _ratio(engine: Found, peer: Found) -> str:
    """Time of the engine by that of a peer, at the largest size that both ran."""
    both = set(engine.step) & set(peer.step)
    return _number(engine.step[max(both)] / peer.step[max(both)]) if both else "-"


def notes(found: dict[str, Found], missing: Sequence[str]) -> list[str]:
    """What is not in the tables, and why."""
    left = [f"{name}, {n:,} nodes: {why}" for name, each in found.items() for n, why in each.left_out.items()]
    return left + [f"{name}: {PEERS[name].package} is not installed" for name in missing]


def made_by(found: dict[str, Found], turns: int, quick: bool) -> str:
    """How the tables came about."""
    versions = ", ".join(f"{PEERS[name].package} {_version(PEERS[name].package)}" for name in found)
    command = f"python -m tests.benchmarks.peers{' --quick' if quick else ''}"
    graph = f"mean degree {DEGREE}, threshold {THRESHOLD}, {STARTERS:.0%} starters, {STEPS} steps"
    how = f"Docked: all have the same active nodes after each step. Medians of {turns} turns; {graph}."
    return f"Made by `{command}` with Python {platform.python_version()} on {platform.machine()}; {versions}. {how}"


def _version(package: str) -> str:
    return normsim.__version__ if package == "normsim" else version(package)


def aligned(table: Table) -> str:
    """The table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rows = ([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in table)
    return "\n".join("  " + "  ".join(row) for row in rows)


def markdown(table: Table) -> str:
    """The table for a page."""
    return "\n".join(markdown_table(table[0], map(tuple, table[1:])))


def write_page(page: Path, content: str) -> None:
    """Replace what stands between the two marks of a page.

    Raises:
        SystemExit: the page does not exist, or lacks a mark.
    """
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page}: the tables go between the lines {BEGIN} and {END}, which are not there")
    page.write_text(f"{before}{BEGIN}\n\n{content}\n\n{END}{after}", encoding="utf-8")


def measure(sizes: Sequence[int], turns: int) -> tuple[dict[str, Found], list[str]]:
    """Dock, then time, then measure memory. Returns what was found, and the peers that are not installed."""
    peers, missing = installed()
    cascades = [cascade_of(n) for n in sizes]
    found = dock(peers, cascades)
    take_time(peers, cascades, turns, found)
    take_memory(cascades, found)
    return found, missing


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description="The engine beside others.")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--quick", action="store_true", help="small sizes and few turns, to see that it runs")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="also write the tables into a page")
    asked = parser.parse_args()
    sizes, turns = (QUICK_SIZES, QUICK_TURNS) if asked.quick else (SIZES, TURNS)
    with contextlib.redirect_stdout(sys.stderr):  # libraries print when they are loaded
        found, missing = measure(sizes, turns)
    made, shown, said = made_by(found, turns, asked.quick), tables(found, sizes), notes(found, missing)
    if asked.json:
        content: dict[str, Any] = {name: dataclasses.asdict(each) for name, each in found.items()}
        for name, each in found.items():
            content[name] |= {"exponent": each.exponent, "version": _version(PEERS[name].package)}
        print(json.dumps({"made": made, "turns": turns, "peers": content, "not_installed": missing}, indent=2))
    else:
        parts = [made, *(f"{title}\n{aligned(table)}" for title, table in shown.items()), "\n".join(said)]
        print("\n\n".join(parts).rstrip())
    if asked.markdown:
        parts = [made, *(f"**{title}**\n\n{markdown(table)}" for title, table in shown.items())]
        write_page(asked.markdown, "\n\n".join([*parts, "\n".join(f"- {note}" for note in said)]).rstrip())


if __name__ == "__main__":
    main()
