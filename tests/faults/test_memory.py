"""Memory does not grow with the number of runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stored import posix

SCRIPT = """
import resource, sys
from normsim.experiment import Experiment, run_experiment
experiment = Experiment.build(["baseline"], int(sys.argv[2]), months=1, outcomes=["scope"])
run_experiment(experiment, sys.argv[1], workers=0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@posix
@pytest.mark.skipif(not os.environ.get("NORMSIM_LONG_TESTS"), reason="thousands of runs")
def test_ten_times_the_runs_take_no_more_memory(tmp_path: Path) -> None:
    def peak(runs: int) -> int:
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / str(runs)), str(runs)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout)

    assert peak(2_000) < 1.2 * peak(200)
