"""Checks of single values that a file, a command line and a script share."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from normsim.config.messages import Wanted, hint, nearest, shown
from normsim.errors import ScenarioError
from normsim.parameters import REGIMES, ParameterError, Value, records

_STATES = Path(__file__).parents[1] / "world" / "data" / "states.csv"
_MADE_UP_CODE = re.compile(r"[A-Z]{3,4}")


def check_value(name: str, value: Any) -> Value:
    """A value of a parameter in its own kind.

    Raises:
        ScenarioError: the name is unknown or the value not allowed; without a place.
    """
    record = records().get(name)
    if record is None:
        raise ScenarioError(f"there is no parameter {name!r}{suggest(name)}", key=name)
    plain = value.item() if hasattr(value, "item") else value  # designs are made of NumPy's numbers
    try:
        checked = record.check(plain)
    except (ParameterError, OverflowError):
        unit = f" ({record.unit})" if record.unit not in ("", "0-1", "0/1") else ""
        wanted: Wanted = "switch" if record.kind == "switch" else "text" if record.kind == "choice" else "number"
        advice = hint(plain, wanted, record.choices)
        raise ScenarioError(f"{name} = {shown(plain)}: allowed is {record.allowed()}{unit}{advice}", key=name) from None
    return checked if isinstance(checked, str) else checked + type(checked)(0)  # -0.0 and 0.0 are one value


def regime_flaw(values: Mapping[str, Value]) -> tuple[str, str] | None:
    """What is wrong with a combination of regimes: the key and the problem."""
    if values["two_track.on"] and not values["ccw_dud_rate.on"]:
        return "regime.two_track", (
            "two_track puts a dud-rate tier beside the ban, so it needs that tier: add [regime.ccw_dud_rate]"
        )
    return None


def without_effect(given: Mapping[str, Value], values: Mapping[str, Value], bridge_forced: bool) -> list[str]:
    """Names of given values that have no effect, as they belong to a regime that is off.

    A null value says the same as a regime that is off, so it is not among them.

    Args:
        given: values by dotted name.
        values: all values of the scenario, the given ones included.
        bridge_forced: whether an event forces a bridge open, whose values then act although the regime is off.
    """
    groups = ((name, name.partition(".")[0]) for name in given if not name.endswith(".on"))
    off = [name for name, group in groups if group in REGIMES and not values[f"{group}.on"]]
    off = [name for name in off if not (bridge_forced and name.startswith("bridge."))]
    return [name for name in off if given[name] != records()[name].null]


def suggest(name: str) -> str:
    """`; did you mean ...?` for a parameter's name, or where to look."""
    same_key = [known for known in records() if known.partition(".")[2] == name]
    if same_key:
        return f"; did you mean {' or '.join(map(repr, same_key[:3]))}?"
    return nearest(name, records()) or "; `normsim parameters` lists them all"


def home(name: str) -> str | None:
    """The table of a scenario file in which a parameter or a whole group belongs, None if there is none."""
    if name in REGIMES:
        return f"[regime.{name}]"
    record = records().get(name)
    if record:
        return f"[regime.{record.group}]" if record.section == "regime" else f"[{record.section}]"
    sections = sorted({record.section for record in records().values() if record.group == name})
    return " or ".join(f"[{section}.{name}]" for section in sections) or None


def state_flaw(code: str, real: bool) -> str:
    """What is wrong with a code of a state, nothing if it is one.

    Args:
        code: the code.
        real: whether it is to be one of the real world. Those of a generated world are known only when it runs.
    """
    if not real:
        return "" if _MADE_UP_CODE.fullmatch(code) else "allowed is a code of three or four capitals, such as AAA"
    names = states()
    if code in names:
        return ""
    words = {name.lower(): known for known, name in names.items()} | {known.lower(): known for known in names}
    near = difflib.get_close_matches(code.strip().lower(), list(words), n=1, cutoff=0.5)
    return "unknown state; " + (
        f"did you mean {words[near[0]]!r} ({names[words[near[0]]]})?"
        if near
        else "a state goes by its three-letter ISO 3166 code, such as 'UKR'"
    )


@cache
def states() -> Mapping[str, str]:
    """Names of the states of the real world by code.

    Raises:
        ScenarioError: the list cannot be read.
    """
    try:
        with _STATES.open(encoding="utf-8", newline="") as file:
            return {row["iso3"]: row["name"] for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError) as error:
        raise ScenarioError(f"the list of states cannot be read ({error!r})", file=_STATES.name) from None
