"""The table of verdicts as text: the cells that the terminal, Markdown and LaTeX share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

COLUMNS = ("claim", "effect (95 %)", "p", "sign", "large", "null", "verdict")
"""Headings of the short table."""

BESIDE = ("points", "share_sign", "share_matters", "verdict", "condition")
"""What is said again over the posterior, as `posterior_points` and so on."""

BESIDE_COLUMNS = ("claim", "sign", "large", "over the posterior", "over the whole space")
"""Headings of the table of the posterior beside the prior."""

MEANING = (
    "Effect: scenario minus baseline at the defaults, paired by seed, with its 95 % interval (k thousand, M million). "
    "p: two-sided (for a claim of no difference: two one-sided tests against what matters), corrected for the number "
    "of claims (Holm). Sign: share of the parameter space, among points with any effect, where the sign is as claimed "
    "(of no difference: where it is too small to matter). Large: share of the whole space where it is also large "
    "enough to matter. Null: whether the effect is gone once its mechanism is switched off: too small to matter and "
    "at most half of what it was; a dash where the claim does not hold at the defaults. Not detectable: no effect as "
    "large as matters, though one too small to matter may be beyond doubt; the notes say which."
)
"""What the columns mean."""

_LARGE, _FEW = ((1e6, "M"), (1e3, "k")), 0.005
_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": "\\textbackslash{}",
    **{c: f"${c}$" for c in "<>|"},
}


def cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """The cells of one claim."""
    return (
        str(row["id"]),
        effect_text(row),
        _p(float(row["p_corrected"])),
        _share(float(row["share_sign"])),
        _share(float(row["share_matters"])),
        ("gone" if row["null_kills"] else "left") if row["supported"] else "-",
        str(row["verdict"]),
    )


def with_posterior(prior: pd.DataFrame, posterior: pd.DataFrame | None = None) -> pd.DataFrame:
    """Verdicts with, beside them, those over the points of the posterior, if there are any."""
    if posterior is None:
        return prior
    return prior.assign(**{f"posterior_{name}": posterior[name].to_numpy() for name in BESIDE})


def beside_cells(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """The cells of one claim over the posterior, its verdict over the whole space last."""
    shares = (_share(float(row[f"posterior_{name}"])) for name in ("share_sign", "share_matters"))
    return (str(row["id"]), *shares, str(row["posterior_verdict"]), str(row["verdict"]))


def summary(found: pd.DataFrame, seed: int) -> str:
    """How many claims got which verdict, from how many runs; over the posterior too, if it is there."""
    pairs, points = int(found["n"].max()), int(found["points"].max())
    told = f"{len(found)} claim{'' if len(found) == 1 else 's'} over the whole space: {_counts(found['verdict'])}. "
    if f"posterior_{BESIDE[0]}" in found:
        told += f"Over the posterior: {_counts(found['posterior_verdict'])}. "
    return told + f"{pairs} pairs at the defaults, {points} points, seed {seed}."


def _counts(verdicts: pd.Series) -> str:
    return ", ".join(f"{count} {word}" for word, count in verdicts.value_counts().items())


def effect_text(row: Mapping[Any, Any]) -> str:
    """`-0.021 (-0.024, -0.018)`, with as many decimals as the smallest effect that matters asks for."""
    by, letter = next(((size, letter) for size, letter in _LARGE if row["matters"] >= size), (1.0, ""))
    places = max(0, 1 - math.floor(math.log10(row["matters"] / by)))
    value, low, high = (_number(row[name] / by, places, letter) for name in ("effect", "low", "high"))
    return f"{value} ({low}, {high})"


def remark(row: Mapping[Any, Any]) -> str:
    """The condition of a verdict, and how much of the space shows no effect; empty if there is nothing to say."""
    none = f"no run differs at {row['share_none']:.0%} of points" if row["share_none"] >= _FEW else ""
    return "; ".join(part for part in (str(row["condition"]), none) if part)


def markdown(table: pd.DataFrame) -> str:
    """The table in Markdown, with each claim's sentence, condition and null values below it."""
    lines = [_line(COLUMNS), _line(["---", "---:", "---:", "---:", "---:", "---", "---"])]
    rows = table.to_dict("records")
    lines += [_line(_escaped(cell) for cell in cells(row)) for row in rows]
    lines += ["", MEANING, ""]
    if f"posterior_{BESIDE[0]}" in table:
        points = int(table["posterior_points"].max())
        lines += [f"Over {points} points of the posterior, at which the model meets the record (calibration.md):", ""]
        lines += [_line(BESIDE_COLUMNS), _line(["---", "---:", "---:", "---", "---"])]
        lines += [_line(_escaped(cell) for cell in beside_cells(row)) for row in rows]
        lines += [""]
    for row in rows:
        lines.append(f"- **{row['id']}** ({row['mechanisms']}). {row['claim']} *{_told(row)}*")
    return "\n".join(lines) + "\n"


def latex(table: pd.DataFrame) -> str:
    """The table in LaTeX for the package booktabs; it needs nothing else."""
    lines = [r"\begin{tabular}{lrrrrll}", r"\toprule", " & ".join(map(_tex, COLUMNS)) + r" \\", r"\midrule"]
    for row in table.to_dict("records"):
        lines.append(" & ".join(map(_tex, cells(row))) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines) + "\n"


def _told(row: Mapping[Any, Any]) -> str:
    """A claim's comparison and what came of it."""
    told = remark(row)
    verdict = f"{row['verdict']}{': ' if told else ''}{told}"
    if row["break_even"]:
        verdict += f"; break-even: {row['break_even']}"
    return f"{row['scenario']} against {row['baseline']}: {_size(row)}; null: {row['null_parameter']}; {verdict}."


def aim(row: Mapping[Any, Any]) -> str:
    """What a claim says: its sentence, the outcome, the direction and how much matters."""
    return f"{row['claim']} Large: {_size(row)}."


def _size(row: Mapping[Any, Any]) -> str:
    """`casualties lower by 1000 people or more`."""
    unit = "" if row["unit"].startswith("0") else f" {row['unit']}"  # the range of a share is no unit to name
    size = f"within {row['matters']:g}{unit}" if row["direction"] == "same" else f"by {row['matters']:g}{unit} or more"
    return f"{row['outcome']} {row['direction']} {size}"


def _line(parts: Iterable[str]) -> str:
    return "| " + " | ".join(parts) + " |"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def _tex(cell: str) -> str:
    """Text as LaTeX takes it; a minus before a number becomes one."""
    plain = "".join(_SPECIAL.get(letter, letter) for letter in cell)
    return plain.replace("(-", "($-$").replace(" -", " $-$") if not plain.startswith("-") else _tex_minus(plain)


def _tex_minus(plain: str) -> str:
    return "$-$" + plain[1:].replace("(-", "($-$").replace(" -", " $-$")


def _number(value: float, places: int, letter: str) -> str:
    if not math.isfinite(value):
        return "-"
    text = f"{value:+,.{places}f}"
    return (text if text.strip("+-0.,") else text.lstrip("+-")) + letter


def _p(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}"


def _share(value: float) -> str:
    return f"{value:.0%}" if math.isfinite(value) else "-"
