"""An experiment on a real Dask cluster of this machine has the results of a local one, also when a worker dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import killers
import pytest

from normsim.experiment import Experiment, Progress, StoreError, run_experiment, runner

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="signals of POSIX"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


class Cluster(NamedTuple):
    """A scheduler's address and the processes of its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]


def experiment(replications: int) -> Experiment:
    return Experiment.build(["baseline"], replications=replications, months=6, outcomes=["scope", "validity"])


@contextmanager
def served(folder: Path, nanny: str, patience: int) -> Iterator[Cluster]:
    """A scheduler and two workers of one thread each, on loopback.

    Args:
        folder: where they work.
        nanny: `--nanny` or `--no-nanny`, whether workers that die are started again.
        patience: how many workers a task may take down before it is given up.
    """
    started: list[subprocess.Popen[bytes]] = []
    settings = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(patience)}

    def start(name: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", *words, "--no-dashboard"]
        with (folder / f"{name}.log").open("ab") as log:
            made = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=settings, start_new_session=True)
        started.append(made)
        return started[-1]

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", "scheduler.json")
        address = _address(folder / "scheduler.json")
        one = ("--nworkers", "1", "--nthreads", "1", nanny, "--host", "127.0.0.1")
        workers = [start("worker", address, *one, "--local-directory", str(folder)) for _ in range(2)]
        yield Cluster(address, workers)
    finally:
        for process in started:  # and the workers that a nanny started, which belong to its session
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in started:
            process.wait(10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Workers that stay dead once they died."""
    with served(tmp_path_factory.mktemp("cluster"), "--no-nanny", patience=3) as found:
        yield found


def _address(file: Path) -> str:
    """The address that a scheduler writes once it listens."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return str(json.loads(file.read_text(encoding="utf-8"))["address"])
        except (FileNotFoundError, ValueError):
            time.sleep(0.1)
    raise TimeoutError("no scheduler")


def wait_for_workers(address: str, n: int) -> None:
    from distributed import Client

    with Client(address, timeout=30) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(n, timeout=60)


def test_a_cluster_gives_the_same_results_also_when_a_worker_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    wait_for_workers(cluster.address, 2)
    local = run_experiment(experiment(10), tmp_path / "local", workers=0)
    calm = run_experiment(experiment(10), tmp_path / "calm", scheduler=cluster.address, chunk=2)
    assert (calm.complete, calm.hash()) == (True, local.hash())

    victim = cluster.workers[0]
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.done and not killed:
            killed.append(progress.done)
            victim.send_signal(signal.SIGKILL)

    results = run_experiment(experiment(10), tmp_path / "killed", scheduler=cluster.address, chunk=1, on_progress=kill)
    assert killed
    assert killed[0] < 10
    assert victim.wait(10) == -signal.SIGKILL
    assert (results.complete, results.hash(), results.verify()) == (True, local.hash(), [])


def test_a_run_that_kills_every_worker_it_meets_is_isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "run_chunk", killers.die_of_one_run)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    with served(tmp_path, "--nanny", patience=0) as cluster:
        wait_for_workers(cluster.address, 2)
        results = run_experiment(experiment(4), tmp_path / "out", scheduler=cluster.address, chunk=2)
    assert (results.done, results.missing()) == (3, [(0, killers.FATAL)])
    [failure] = results.failures().to_dict("records")
    assert (failure["origin"], failure["kind"]) == ("pool", "WorkerDied")


def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SCHEDULER_WAIT", 0.2)
    with pytest.raises(StoreError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 "):
        run_experiment(experiment(1), tmp_path, scheduler="tcp://127.0.0.1:1")
