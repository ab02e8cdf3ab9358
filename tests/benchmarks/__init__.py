"""Speed and memory, side by side in one process: `python -m tests.benchmarks`."""
