"""`python -m tests.benchmarks [--json] [--quick] [--only HEADING]`: every measurement, against its bar."""

import argparse
import dataclasses
import json
import platform
from collections.abc import Callable

from normsim.scenario import load_scenario
from tests.benchmarks import batch, measure, page
from tests.benchmarks.measure import Result

VERDICTS = {True: "met", False: "MISSED", None: ""}


def suite(quick: bool = False) -> dict[str, Callable[[], list[Result]]]:
    """Every measurement by its heading; quick ones are too small to judge by."""
    months, plain_months, rounds = (24, 6, 1) if quick else (360, 24, 7)
    sizes, length = ((50, 100), 6) if quick else ((200, 2_000, 20_000), 24)
    runs, few = (8, 4) if quick else (10_000, 100)
    baseline = load_scenario("baseline").with_months(months)
    return {
        "Against the plain Mesa model": lambda: measure.against_plain(baseline, plain_months, rounds),
        "Against the floor": lambda: measure.against_floor(baseline, rounds),
        # more rounds: whatever else the machine does disturbs large worlds most
        "Scaling": lambda: measure.scaling(sizes, length, 2 * rounds + 1),
        "Memory": lambda: measure.memory(months),
        "Start": lambda: measure.starts("baseline", 1 if quick else 5),
        "Batch: storing": lambda: batch.storing(few, months, 1 if quick else 3),
        "Batch: against others": lambda: batch.against_others(16 * few, months, 2 if quick else 8),
        "Batch: memory": lambda: batch.parent_memory(2 * few, 2),
        "Batch: throughput": lambda: batch.throughput(runs, months),
        "Page: the server": lambda: page.of_the_server(*((2, 12, 2) if quick else (12, 240, 10))),
        "Page: in a browser": lambda: page.in_a_browser(*((5, 240) if quick else (60, 240))),
    }


def line(result: Result) -> str:
    """A line of the table."""
    value = f"{result.value:,.3g}" if result.value < 1000 else f"{result.value:,.0f}"
    verdict = VERDICTS[result.passed]
    return f"  {result.name:<42}{value:>10} {result.unit:<6}{result.bar:<18}{verdict:<8}{result.note}".rstrip()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="Speed and memory against the bars."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it runs")
    parser.add_argument("--only", metavar="HEADING", default="", help="only headings that start so, such as Batch")
    asked = parser.parse_args()
    found: dict[str, list[Result]] = {}
    chosen = {name: take for name, take in suite(asked.quick).items() if name.startswith(asked.only)}
    for heading, take in chosen.items():
        found[heading] = take()
        if not asked.json:
            print(f"{heading}\n" + "\n".join(line(result) for result in found[heading]), flush=True)
    if asked.json:
        content = {heading: [dataclasses.asdict(result) for result in results] for heading, results in found.items()}
        print(json.dumps({"python": platform.python_version(), "machine": platform.machine()} | content, indent=2))


if __name__ == "__main__":
    main()
