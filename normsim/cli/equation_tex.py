r"""Equations of docstrings as TeX, so that the code keeps plain text and the documentation shows mathematics.

A docstring writes `P = logit^-1(intercept + need s_j (1 - q))`. Words are names and stay upright; single letters are
symbols. Names and symbols side by side are multiplied. A condition in square brackets counts 1 or 0. A statement that
is not written in this way is not an equation and stays text.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

COLUMNS = 120
"""Widest line of a docstring."""
WIDTH = 60
"""Characters of plain text after which the next term of a sum goes to a new row."""
SHORT = 12
"""Longest remark after an equation that is set on its row."""

FUNCTIONS = ("ln", "log", "exp", "max", "min")
NAMED_FUNCTIONS = ("logit", "clip", "hill", "sqrt")
GREEK = {"lambda": r"\lambda", "phi": r"\varphi"}
OPERATORS = {">=": r"\ge", "<=": r"\le", "*": r"\cdot"}
SHORT_NAMES = ("of", "on", "or", "in", "to")
"""Words of two letters that are no symbols."""

TOKEN = re.compile(
    r"(?P<condition>\[[^\[\]]+\])|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<word>(?:of|in|to) a(?= )|[^\W\d_]\w*(?:[.-][^\W\d]\w*)*(?:\^-1)?)"
    r"|(?P<operator>>=|<=|[-+*/=>;])|(?P<bracket>[(),])|(?P<space> +)"
)
STATEMENT = re.compile(r"(?P<left>[^=:;,`]{1,60}?) = (?P<rest>.+)")
ROW = re.compile(r"\w+(?: \w+)*  ")
"""A row of a table in plain text: a name, then a gap."""


class Equation(NamedTuple):
    """An equation, and the words that follow it.

    Attributes:
        tex: the equation in TeX.
        remark: what the docstring adds after a comma, semicolon or colon.
    """

    tex: str
    remark: str


def statements(paragraph: str) -> Iterator[str]:
    """Yield the statements of a paragraph, each on one line.

    A line continues the statement before it if a bracket is open there, if the line is indented, or if the line before
    was full and did not end a complete equation.
    """
    told = before = ""
    for line in paragraph.splitlines():
        opens = STATEMENT.match(line) or ROW.match(line)
        full = bool(before) and len(before) + 1 + len(line.split()[0]) > COLUMNS
        found = equation(told)
        runs_on = full and not opens and (found is None or bool(found.remark))
        if told and (runs_on or line.startswith("  ") or told.count("(") > told.count(")")):
            told = f"{told} {line.strip()}"
        else:
            if told:
                yield told
            told = line.strip()
        before = line
    yield told


def equation(statement: str) -> Equation | None:
    r"""Return a statement as an equation, None if it is not one.

    Example:
        >>> equation("P = logit^-1(intercept + threat th), a month").tex
        'P = \\operatorname{logit}^{-1}(\\text{intercept} + \\text{threat}\\, \\mathit{th})\\text{, a month}'
        >>> equation("a committed state looks to nobody") is None
        True
    """
    found = STATEMENT.fullmatch(" ".join(statement.split()))
    if found is None:
        return None
    expression, remark = _split(found["rest"])
    left = f"\\text{{{found['left']}}}" if re.fullmatch(r"[a-z]{3}[a-z ]*", found["left"]) else tex(found["left"])
    right = [tex(row) for row in _rows(expression)]
    if left is None or None in right:
        return None
    short, _, after = remark.partition("; ")
    if short and len(short) <= SHORT:
        right[-1] = f"{right[-1]}\\text{{, {short.rstrip('.')}}}"
        remark = after
    if len(right) == 1:
        return Equation(f"{left} = {right[0]}", remark)
    body = " \\\\\n& \\quad ".join(str(row) for row in right)
    return Equation(f"\\begin{{aligned}}\n{left} = {{}} & {body}\n\\end{{aligned}}", remark)


def _split(text: str) -> tuple[str, str]:
    """An expression, and the remark that follows it: from the first comma, semicolon or colon outside of brackets."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter in ",;:":
            return text[:place], text[place + 1 :].strip()
    return text, ""


def _rows(expression: str) -> list[str]:
    """An expression in rows of about `WIDTH` characters, broken before a sign that stands in one bracket at most."""
    if len(expression) <= WIDTH:
        return [expression]
    terms = [""]
    for part in re.split(r" (?=[-+] )", expression):
        before = " ".join(terms)
        if before.count("(") - before.count(")") > 1 or not before:
            terms[-1] = f"{terms[-1]} {part}".strip()
        else:
            terms.append(part)
    rows = terms[:1]
    for term in terms[1:]:
        if len(rows[-1]) + len(term) > WIDTH:
            rows.append(term)
        else:
            rows[-1] += f" {term}"
    return rows


def tex(text: str) -> str | None:
    r"""Return an expression in TeX, None if it holds what is not mathematics.

    Example:
        >>> tex("need s_j (1 - q) + scope a0 [not signed]")
        '\\text{need}\\, s_j\\, (1 - q) + \\text{scope}\\, a_0\\, [\\text{not signed}]'
    """
    written: list[str] = []
    before = ""
    place = 0
    while place < len(text):
        token = TOKEN.match(text, place)
        if token is None:
            return None
        place = token.end()
        kind = str(token.lastgroup)
        if kind == "space":
            continue
        word = token[0]
        written.append(_joined(before, kind, word, spaced=token.start() > 0 and text[token.start() - 1] == " "))
        written.append(_symbol(kind, word))
        before = _kind(kind, word)
    return "".join(written).replace(r"}\ \text{", " ")  # names of several words


def _kind(kind: str, word: str) -> str:
    """What a token is to the one after it."""
    if kind == "bracket":
        return {"(": "open", ")": "close", ",": "comma"}[word]
    if kind == "word":
        if word.partition("_")[0].removesuffix("^-1") in (*FUNCTIONS, *NAMED_FUNCTIONS):
            return "function"
        return "name" if _is_name(word) else "symbol"
    return kind


def _joined(before: str, kind: str, word: str, spaced: bool) -> str:
    """What stands between a token and the one before."""
    now = _kind(kind, word)
    if "operator" in (before, now):
        return " " if before and spaced else ""
    if before in ("", "open") or now in ("close", "comma"):
        return ""
    if before == "comma":
        return r"\; "
    if before == "function":
        return "" if now == "open" else r"\, "
    if before == "name" and now == "name":
        return r"\ "
    return r"\, " if spaced or before in ("close", "condition") else ""


def _is_name(word: str) -> bool:
    """Whether a word is a name and not a symbol: it has three letters or more before any index."""
    stem = word.partition("_")[0]
    return stem in SHORT_NAMES or (len(stem) > 2 and stem not in GREEK)


def _symbol(kind: str, word: str) -> str:
    """A token in TeX."""
    if kind == "condition":
        return f"[\\text{{{word[1:-1]}}}]"
    if kind == "operator":
        return OPERATORS.get(word, word)
    if kind != "word":
        return word
    if found := re.fullmatch(r"([a-z]+)(\^-1)?(?:_([a-z]))?", word):
        power, index = "^{-1}" if found[2] else "", f"_{found[3]}" if found[3] else ""
        if found[1] in FUNCTIONS:
            return f"\\{found[1]}{power}{index}"
        if found[1] in NAMED_FUNCTIONS:
            return f"\\operatorname{{{found[1]}}}{power}{index}"
    if _is_name(word):
        return f"\\text{{{word.replace('_', chr(92) + '_')}}}"
    letters, _, index = word.partition("_")
    if found := re.fullmatch(r"([A-Za-z])(\d)", letters):
        letters, index = found[1], found[2]
    symbol = GREEK.get(letters) or (letters if len(letters) == 1 else f"\\mathit{{{letters}}}")
    return symbol + (f"_{index}" if index else "")
