"""Mutation testing of the rules: `python tests/faults/mutation.py 60` edits one operator or number at a time.

Each mutant is a copy of the package with one edit in a file of `normsim/rules`. The unit tests of that file run on it,
uncompiled. A mutant that passes them is a survivor, and is printed with its line: either no test looks at it, or the
edit changes nothing. The stored baseline is not run.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULES = ROOT / "normsim" / "rules"
TIMEOUT = 300.0

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NAMES = {"min": "max", "max": "min"}


def tests_of(path: Path) -> Path:
    """The unit tests of a file of rules."""
    return ROOT / "tests" / "unit" / f"test_rule_{path.stem}.py"


def edits(source: str) -> Iterator[tuple[int, str, str]]:
    """Every edit of a source: its line, what it does, and the edited source."""
    count = sum(1 for _ in ast.walk(ast.parse(source)))
    for place in range(count):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[place]
        told = _edit(node)
        if told:
            yield getattr(node, "lineno", 0), told, ast.unparse(tree)


def _edit(node: ast.AST) -> str:
    """Edit a node in place; empty if there is nothing to edit."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPS:
        before, node.op = type(node.op), SWAPS[type(node.op)]()  # type: ignore[assignment]
        return f"{before.__name__} -> {type(node.op).__name__}"
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        first, node.ops[0] = type(node.ops[0]), SWAPS[type(node.ops[0])]()  # type: ignore[call-overload]
        return f"{first.__name__} -> {type(node.ops[0]).__name__}"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
        return "-x -> +x"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
        name, node.func.id = node.func.id, NAMES[node.func.id]
        return f"{name} -> {node.func.id}"
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        before_value, node.value = node.value, node.value + 0.25
        return f"{before_value} -> {node.value}"
    return ""


def survives(path: Path, edited: str) -> bool:
    """Whether the unit tests of a file of rules pass on an edited copy."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        for name in ("normsim", "tests"):
            shutil.copytree(
                ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "page", "benchmarks")
            )
        shutil.copytree(ROOT / "scenarios", root / "scenarios")
        shutil.copy(ROOT / "pyproject.toml", root)
        (root / path.relative_to(ROOT)).write_text(edited, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-p", "no:xdist"]
        environment = os.environ | {"PYTHONPATH": made, "NUMBA_DISABLE_JIT": "1"}
        test = root / tests_of(path).relative_to(ROOT)
        try:
            done = subprocess.run(
                [*command, str(test)], cwd=root, env=environment, capture_output=True, timeout=TIMEOUT
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main() -> None:
    """Try a sample of mutants and print the survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=int, help="how many mutants to try")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    given = parser.parse_args()
    mutants = [
        (path, *edit)
        for path in sorted(RULES.glob("*.py"))
        if tests_of(path).is_file()
        for edit in edits(path.read_text(encoding="utf-8"))
    ]
    chosen = random.Random(given.seed).sample(mutants, min(given.sample, len(mutants)))
    for path in sorted({path for path, *_ in chosen}):
        if not survives(path, path.read_text(encoding="utf-8")):
            raise SystemExit(f"the unit tests of {path.name} fail on the rules as they are")
    killed = 0
    for number, (path, line, told, edited) in enumerate(chosen, 1):
        if survives(path, edited):
            text = path.read_text(encoding="utf-8").splitlines()[line - 1].strip()
            print(f"survivor: rules/{path.name}:{line}: {told}: {text}", flush=True)
        else:
            killed += 1
        print(f"{killed} of {number} killed ({len(mutants)} mutants in all)", file=sys.stderr, flush=True)
    print(f"{killed} of {len(chosen)} mutants killed by unit tests: {killed / len(chosen):.0%}")


if __name__ == "__main__":
    main()
