"""Mutation testing of the rules and the engine: edit the source in one place and see whether a test fails.

mutmut makes the edits and runs, for each, the tests that call the edited function, until one fails. This script gives
it a copy of the package to work in, the tests of each part, and a random sample of the edits, and reports the share
killed with its 95 % Wilson interval, and every survivor with its edit. A survivor shows that the tests miss
something, or that the edit changes nothing. Everything runs uncompiled (NUMBA_DISABLE_JIT=1). The stored baseline is
not used.

mutmut is not installed with the other test tools: `pip install mutmut`.

    python tests/faults/mutation.py rules                   # every edit of the rules, about ten minutes
    python tests/faults/mutation.py engine --sample 200     # two hundred edits of the engine
    python tests/faults/mutation.py engine --only 'trade.*' 'networks.*'
"""

import argparse
import fnmatch
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"
WORK = ROOT / "results" / "mutation"
COPIED = ("normsim", "tests", "scenarios", "experiments", "docs", "pyproject.toml")
SURVIVED = (0, 5, 33)
"""Exit codes of a mutant that passes its tests, or that no test calls."""


class Part(NamedTuple):
    """What is mutated, by path, and the arguments that select its tests."""

    mutated: tuple[str, ...]
    tests: tuple[str, ...]


ENGINE = ("interventions", "networks", "schedule", "initialisation", "war_resampling", "processes/*")
QUICK = "(hand_worked or small_worlds or same_wars or war_resampling) and not late_start and not dated_event"
PARTS = {
    "rules": Part(("normsim/rules/*.py",), tuple(f"tests/unit/{path.name}" for path in UNIT.glob("test_rule_*.py"))),
    "engine": Part(
        tuple(f"normsim/engine/{name}.py" for name in ENGINE),
        ("tests/unit/test_war_resampling.py", "tests/docking", "-k", QUICK),
    ),
}


def prepare(folder: Path, part: Part) -> None:
    """Copy the project into an empty folder, with the settings of mutmut for a part."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    settings = {
        "source_paths": ["normsim"],
        "only_mutate": part.mutated,
        "also_copy": ["scenarios", "experiments", "docs"],
        "pytest_add_cli_args": ["-p", "no:randomly", "-p", "no:xdist"],
        "pytest_add_cli_args_test_selection": part.tests,
        "track_dependencies": False,
        "timeout_multiplier": 20,  # of wall time: the machine may be busy
    }
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))


def mutmut(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run mutmut in a folder, uncompiled."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def exit_codes(folder: Path) -> dict[str, int | None]:
    """Exit code of the tests of each mutant, None if it was not tried."""
    codes: dict[str, int | None] = {}
    for path in sorted(folder.glob("mutants/**/*.meta")):
        codes |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


def main() -> None:
    """Try a sample of mutants and print the survivors and the share killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS, help="what is mutated")
    parser.add_argument("--sample", type=int, help="how many mutants to try; default all")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample; default 0")
    parser.add_argument("--only", nargs="+", default=["*"], help="modules and functions to mutate, e.g. 'norm.*'")
    parser.add_argument("--without", nargs="+", default=[], help="modules and functions to leave out")
    given = parser.parse_args()

    folder = WORK / given.part
    prepare(folder, PARTS[given.part])
    begun = mutmut(folder, "run", "none", "--max-children", "1")  # makes every mutant, then finds none to run
    codes = exit_codes(folder)
    if "nothing matches" not in begun.stdout + begun.stderr or not codes:
        raise SystemExit(f"mutmut could not begin:\n{begun.stdout[-3000:]}{begun.stderr[-3000:]}")

    def named(name: str, patterns: list[str]) -> bool:
        return any(fnmatch.fnmatch(name, f"*.{pattern}") for pattern in patterns)

    names = sorted(name for name in codes if named(name, given.only) and not named(name, given.without))
    chosen = random.Random(given.seed).sample(names, min(given.sample or len(names), len(names)))
    mutmut(folder, "run", *chosen, "--max-children", "1")
    codes = exit_codes(folder)
    untried = [name for name in chosen if codes[name] is None]
    if untried:
        raise SystemExit(f"{len(untried)} of {len(chosen)} mutants were not tried, e.g. {untried[0]}")
    survivors = [name for name in chosen if codes[name] in SURVIVED]
    for name in sorted(survivors):
        print(f"survivor{' (no test calls it)' if codes[name] else ''}: {name}")
        print("\n".join(line for line in mutmut(folder, "show", name).stdout.splitlines() if line[:1] in "+-"))
    killed, tried = len(chosen) - len(survivors), len(chosen)
    low, high = proportion_confint(killed, tried, method="wilson")
    print(f"{killed} of {tried} mutants killed: {killed / tried:.1%} ({low:.1%} to {high:.1%}), of {len(names)} in all")


if __name__ == "__main__":
    main()
