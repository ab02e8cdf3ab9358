"""The baseline: what each packaged scenario gave when last agreed. `python -m tests.regression.refresh` renews it.

It prints what has changed; a change that is meant goes with a line in CHANGELOG.md.
"""

import json
import math
import sys
from pathlib import Path

from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.engine.simulate import simulate
from normsim.scenario import load_scenario, scenario_names

BASELINE = Path(__file__).with_name("baseline.json")
SEED = 1
MONTHS = 36
RELATIVE = 1e-9
"""Largest relative difference of a number that is not whole."""

LEFT_OUT = ("validity_moran", "dud_gap", "months_to_weak")
"""Outcomes that say little in so short a run."""

CHOSEN = tuple(name for name in (*OUTCOMES, *RUN_OUTCOMES) if name not in LEFT_OUT)

Baseline = dict[str, dict[str, float]]
Difference = tuple[str, str, float | None, float | None]


def measure() -> Baseline:
    """The chosen outcomes of every packaged scenario; whole numbers as such."""
    found: Baseline = {}
    for name in scenario_names():
        summary = simulate(load_scenario(name).with_months(MONTHS), SEED, log_level=0).summary()
        found[name] = {key: _plain(summary[key]) for key in CHOSEN}
    return found


def read() -> Baseline:
    """The baseline as agreed; empty if there is none."""
    return json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.is_file() else {}


def differences(agreed: Baseline, found: Baseline) -> list[Difference]:
    """Where two baselines differ: scenario, outcome, agreed, found; None where one of them has no number."""
    differing = []
    for scenario in sorted({*agreed, *found}):
        before, now = agreed.get(scenario, {}), found.get(scenario, {})
        for outcome in dict.fromkeys([*before, *now]):
            pair = before.get(outcome), now.get(outcome)
            if not _same(*pair):
                differing.append((scenario, outcome, *pair))
    return differing


def table(differing: list[Difference]) -> str:
    """Differences as a table."""
    lines = [f"{'scenario':<28} {'outcome':<24} {'agreed':>16} {'found':>16} {'change':>9}"]
    for scenario, outcome, before, now in differing:
        change = f"{(now - before) / abs(before):+9.2%}" if before and now is not None else ""
        lines.append(f"{scenario:<28} {outcome:<24} {_shown(before):>16} {_shown(now):>16} {change}".rstrip())
    return "\n".join(lines)


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value


def _same(before: float | None, now: float | None) -> bool:
    if before is None or now is None:
        return before is now
    if isinstance(before, int) and isinstance(now, int):
        return before == now
    return math.isclose(before, now, rel_tol=RELATIVE, abs_tol=0.0)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.10g}"


def main() -> int:
    """Print what has changed and write the baseline anew."""
    found = measure()
    differing = differences(read(), found)
    if differing:
        print(table(differing))
        print(f"\n{len(differing)} numbers differ; {BASELINE.name} is written anew. Say why in CHANGELOG.md.")
    else:
        print("Nothing has changed.")
    BASELINE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
