"""The ledger: what is claimed, which two arms are compared, and what would make the effect vanish. Read from a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from normsim.config.messages import Key, nearest
from normsim.config.named_files import file_of
from normsim.config.table_validation import Table, validated
from normsim.config.toml_reader import Source, read_file
from normsim.engine.outcomes import OUTCOMES, RUN_OUTCOMES
from normsim.errors import ScenarioError
from normsim.experiment.experiment import OUTCOME_NAMES
from normsim.parameters import Value
from normsim.references import references
from normsim.scenario import Scenario, load_scenario, scenario_names, varied_scenario
from normsim.scenario.file_format import MAX_MONTHS
from normsim.scenario.value_checks import check_value

Direction = Literal["higher", "lower", "same"]

MECHANISMS = 56
"""How many mechanisms and measures docs/mechanisms.md numbers."""

_Count = Annotated[int, Field(ge=1, le=10**6)]
_Few = Annotated[int, Field(ge=2, le=10**6)]


class SmokeTable(Table):
    """What `--smoke` puts in place of the ledger's own sizes."""

    replications: _Few | None = Field(None, description="a whole number from 2")
    points: _Count | None = Field(None, description="a whole number from 1")
    point_replications: _Few | None = Field(None, description="a whole number from 2")
    months: int | None = Field(None, ge=1, le=MAX_MONTHS, description=f"a whole number from 1 to {MAX_MONTHS}")


class ArmTable(Table):
    """One side of comparisons: a scenario with some values."""

    scenario: str = Field(description="the name of a scenario in quotes")
    values: dict[str, Any] = Field({}, description="a table of parameters, levers and regime keys by dotted name")


class ClaimTable(Table):
    """A claim."""

    id: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", description="small letters, digits and hyphens in quotes")
    claim: str = Field(pattern=r"\S", description="a sentence in quotes")
    mechanisms: list[Annotated[int, Field(ge=1, le=MECHANISMS)]] = Field(
        min_length=1, description=f"a list of numbers from 1 to {MECHANISMS}, as in docs/mechanisms.md"
    )
    baseline: str = Field(description="an arm, or the name of a scenario: what the scenario is compared with")
    scenario: str = Field(description="an arm, or the name of a scenario: what is claimed about")
    outcome: str = Field(description="the name of a run outcome in quotes")
    direction: Direction = Field(description='"higher", "lower" or "same": the scenario compared with its baseline')
    matters: float = Field(
        gt=0,
        allow_inf_nan=False,
        description="a number above 0 in the outcome's unit: the smallest effect that matters",
    )
    because: str = Field(pattern=r"\S", description="why an effect of that size matters, in quotes")
    null: dict[str, Any] = Field(
        min_length=1, description="a table of values by dotted name at which the effect should vanish"
    )

    sweep: dict[str, list[Any]] = Field(
        {},
        max_length=1,
        description="one parameter with a list of rising numbers: its level at which the effect changes sign is sought",
    )


class LedgerTable(Table):
    """A ledger file."""

    title: str = Field(description="a few words in quotes")
    question: str = Field("", description="a question in quotes")
    references: list[str] = Field([], description='a list of keys in quotes, as in ["Wexler2023"]')
    seed: int = Field(0, ge=0, le=2**63 - 1, description="a whole number, 0 or more")
    months: int = Field(240, ge=1, le=MAX_MONTHS, description=f"a whole number from 1 to {MAX_MONTHS}")
    replications: _Few = Field(200, description="a whole number from 2: pairs of runs of each claim at the defaults")
    points: _Count = Field(500, description="a whole number from 1: points of the uncertain parameter space")
    point_replications: _Few = Field(3, description="a whole number from 2: pairs of runs at each of these points")
    smoke: SmokeTable = Field(SmokeTable(), description="a table of smaller sizes, under [smoke]")
    arm: dict[str, ArmTable] = Field({}, description="a table each arm, as in [arm.bridge_clear]")
    claim: list[ClaimTable] = Field(min_length=1, description="claims, each under its own [[claim]]")


_ARM = re.compile(r"[a-z][a-z0-9_]*")
_NEEDS = "a ledger has a title, and claims, each under its own [[claim]]"


@dataclass(frozen=True)
class Claim:
    """A sentence of the argument, and the comparison that can refute it.

    Attributes:
        id: its name.
        sentence: what is claimed, in our own words.
        mechanisms: numbers of docs/mechanisms.md.
        baseline: name of the arm that the scenario is compared with.
        scenario: name of the arm that is claimed about; the effect is the scenario minus its baseline.
        outcome: the run outcome.
        direction: `higher`, `lower` or `same`: the scenario compared with its baseline.
        matters: smallest effect that matters, in the outcome's unit.
        because: why that size.
        null: values, set in both arms, at which the effect should vanish.
        sweep: levels of a parameter between which a change of sign is sought, none if not.
    """

    id: str
    sentence: str
    mechanisms: tuple[int, ...]
    baseline: str
    scenario: str
    outcome: str
    direction: Direction
    matters: float
    because: str
    null: Mapping[str, Value]
    sweep: Mapping[str, tuple[Value, ...]]

    @property
    def unit(self) -> str:
        """Unit of the effect."""
        known = {**OUTCOMES, **RUN_OUTCOMES}[self.outcome]
        return (known.unit.removesuffix("per month").strip() or "count") if known.over == "sum" else known.unit

    @property
    def null_parameter(self) -> str:
        """The values under which the effect should vanish, in words."""
        return ", ".join(
            f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}"
            for name, value in self.null.items()
        )


@dataclass(frozen=True)
class Ledger:
    """Claims, the arms they compare, and the sizes at which they are tested.

    Attributes:
        name: the file's name without its suffix.
        title: what it is, in a few words.
        question: what it asks.
        references: keys of `references.toml`.
        claims: the claims.
        arms: by name, scenarios that run the ledger's months.
        seed: seed of all its runs.
        replications: pairs of runs of each claim at the defaults.
        points: points of the uncertain parameter space.
        point_replications: pairs of runs at each of these points.
        space: whether these points are of the whole prior, or of the posterior.
    """

    name: str
    title: str
    question: str
    references: tuple[str, ...]
    claims: tuple[Claim, ...]
    arms: Mapping[str, Scenario]
    seed: int
    replications: int
    points: int
    point_replications: int
    space: Literal["prior", "posterior"] = "prior"

    @cached_property
    def by_id(self) -> Mapping[str, Claim]:
        """The claims by their name."""
        return {claim.id: claim for claim in self.claims}

    def chosen(self, ids: Iterable[str]) -> tuple[Claim, ...]:
        """The claims of these names, in the order of the ledger; all if none is named.

        Raises:
            ScenarioError: there is no such claim; the message names the nearest.
        """
        wanted = set(ids)
        for name in sorted(wanted - set(self.by_id)):
            hint = nearest(name, self.by_id) or "; normsim claims --list names them"
            raise ScenarioError(f"there is no claim {name!r}{hint}")
        return tuple(claim for claim in self.claims if not wanted or claim.id in wanted)

    def null_arms(self, claim: Claim) -> tuple[Scenario, Scenario]:
        """Both arms of a claim with its null values."""
        return self._at(claim, claim.null, f"null.{claim.id}")

    def sweep_arms(self, claim: Claim) -> list[tuple[float, Scenario, Scenario]]:
        """Both arms of a claim at each level of its sweep."""
        return [
            (float(level), *self._at(claim, {name: level}, f"{name}-{level:g}"))
            for name, levels in claim.sweep.items()
            for level in levels
        ]

    def _at(self, claim: Claim, values: Mapping[str, Value], label: str) -> tuple[Scenario, Scenario]:
        baseline, scenario = (
            replace(varied_scenario(self.arms[arm], values), name=f"{arm}.{label}")
            for arm in (claim.baseline, claim.scenario)
        )
        return baseline, scenario


def load_ledger(which: str | Path = "claims", smoke: bool = False) -> Ledger:
    """Read a ledger.

    Args:
        which: `claims` for the packaged one, or the path of a file.
        smoke: take the small sizes of its table `smoke`.

    Raises:
        ScenarioError: it cannot be taken; the message says where and what is allowed.
    """
    path = file_of(which, "ledger", "experiments", ("claims",))
    source = read_file(path, _NEEDS)
    return _finish(source, validated(source, LedgerTable), smoke)


def _finish(source: Source, table: LedgerTable, smoke: bool) -> Ledger:
    """The ledger, after the checks that need all of it."""
    sizes = {"months": table.months, "replications": table.replications, "points": table.points}
    sizes["point_replications"] = table.point_replications
    if smoke:
        sizes |= {name: value for name, value in table.smoke.model_dump().items() if value is not None}
    months = sizes.pop("months")
    for place, reference in enumerate(table.references):
        if reference not in references():
            hint = nearest(reference, references())
            raise source.error(("references", place), f"there is no such reference{hint}", reference)
    arms = {name: _arm(source, name, arm) for name, arm in table.arm.items()}
    claims: list[Claim] = []
    for place, given in enumerate(table.claim):
        key: Key = ("claim", place)
        if given.id in {claim.id for claim in claims}:
            raise source.error((*key, "id"), "a second claim of that name; each has its own", given.id)
        for side in ("baseline", "scenario"):
            _side(source, (*key, side), getattr(given, side), arms)
        claims.append(_claim(source, key, given))
    ledger = Ledger(
        name=source.label.removesuffix(".toml"),
        title=table.title,
        question=table.question,
        references=tuple(table.references),
        claims=tuple(claims),
        arms={name: replace(arm.with_months(months), name=name) for name, arm in arms.items()},
        seed=table.seed,
        **sizes,  # type: ignore[arg-type]
    )
    for place, claim in enumerate(claims):
        _comparable(source, ("claim", place), ledger, claim)
    return ledger


def _arm(source: Source, name: str, table: ArmTable) -> Scenario:
    """A named arm."""
    key: Key = ("arm", name)
    if not _ARM.fullmatch(name):
        raise source.error(key, "an arm's name has small letters, digits and underscores, and begins with a letter")
    if name in scenario_names():
        raise source.error(key, "a scenario has that name already; name the arm otherwise")
    with source.placing(*key, "scenario"):
        base = load_scenario(table.scenario)
    values = _values(source, (*key, "values"), table.values)
    with source.placing(*key, "values"):
        return base.with_values(values)


def _side(source: Source, key: Key, name: str, arms: dict[str, Scenario]) -> None:
    """Let a claim name a scenario in place of an arm."""
    if name in arms:
        return
    known = [*arms, *scenario_names()]
    if name not in known:
        raise source.error(key, f"there is no arm or scenario of that name{nearest(name, known)}", name)
    arms[name] = load_scenario(name)


def _claim(source: Source, key: Key, given: ClaimTable) -> Claim:
    if given.outcome not in OUTCOME_NAMES:
        raise source.error(
            (*key, "outcome"), f"there is no such outcome{nearest(given.outcome, OUTCOME_NAMES)}", given.outcome
        )
    return Claim(
        id=given.id,
        sentence=given.claim,
        mechanisms=tuple(given.mechanisms),
        baseline=given.baseline,
        scenario=given.scenario,
        outcome=given.outcome,
        direction=given.direction,
        matters=given.matters,
        because=given.because,
        null=_values(source, (*key, "null"), given.null),
        sweep={name: _levels(source, (*key, "sweep", name), name, levels) for name, levels in given.sweep.items()},
    )


def _levels(source: Source, key: Key, name: str, given: list[Any]) -> tuple[Value, ...]:
    """Levels of a parameter, rising."""
    levels = tuple(_values(source, key[:-1], {name: level})[name] for level in given)
    if len(levels) < 2 or any(isinstance(level, str) for level in levels) or list(levels) != sorted(set(levels)):
        raise source.error(key, "allowed is a list of two rising numbers or more", given)
    return levels


def _values(source: Source, key: Key, given: Mapping[str, Any]) -> dict[str, Value]:
    """Values by dotted name, each in its parameter's kind."""
    values: dict[str, Value] = {}
    for name, value in given.items():
        with source.placing(*key, name):
            values[name] = check_value(name, value)
    return values


def _comparable(source: Source, key: Key, ledger: Ledger, claim: Claim) -> None:
    """Refuse a comparison of a thing with itself, a null that changes nothing, a null or sweep that cannot be set."""
    baseline, scenario = ledger.arms[claim.baseline], ledger.arms[claim.scenario]
    if baseline.fingerprint() == scenario.fingerprint():
        raise source.error(key, f"{claim.baseline} and {claim.scenario} run the same; a claim compares two that differ")
    with source.placing(*key, "null"):
        nulls = ledger.null_arms(claim)
    with source.placing(*key, "sweep"):
        ledger.sweep_arms(claim)
    if [arm.fingerprint() for arm in nulls] == [baseline.fingerprint(), scenario.fingerprint()]:
        raise source.error((*key, "null"), "changes nothing in either arm, so it can switch nothing off")
