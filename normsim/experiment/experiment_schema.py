"""The keys of an experiment file, as pydantic models and as a JSON schema for editors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from normsim.config.table_validation import Table, json_schema_of, validated
from normsim.config.toml_reader import Source
from normsim.experiment.design import LEVELS, POINTS, TRAJECTORIES, Method
from normsim.scenario.file_format import MAX_MONTHS

MAX_POINTS = 10**6
MAX_REPLICATIONS = 10**6

_Points = Annotated[int, Field(ge=1, le=MAX_POINTS)]
_Replications = Annotated[int, Field(ge=1, le=MAX_REPLICATIONS)]
_Number = Annotated[int | float, Field(allow_inf_nan=False)]


class RangeTable(Table):
    """A range of a factor; what is left out is the range of its record."""

    low: _Number | None = Field(None, description="a number: the lower end")
    high: _Number | None = Field(None, description="a number: the upper end")
    steps: int | None = Field(None, ge=2, le=10_000, description="a whole number of values on a grid, from 2")


class DesignTable(Table):
    """One block of the design."""

    method: Method = Field(
        description='"grid", "zip", "list" (values given), "latin_hypercube", "sobol", "morris" (ranges sampled) or '
        '"posterior" (points at which the model meets the record)'
    )
    factors: Literal["uncertain"] | dict[str, RangeTable | list[Any]] = Field(
        {}, description='a table of lists or ranges by dotted name, or "uncertain" for every uncertain parameter'
    )
    left_out: list[str] = Field(
        [], alias="except", description='a list of names, or groups as in ["harm.*"], that "uncertain" leaves out'
    )
    points: _Points | list[dict[str, Any]] | None = Field(
        None,
        description=f"how many points a latin hypercube has, or sobol's base; {POINTS} if not said; a list's points",
    )
    trajectories: int = Field(TRAJECTORIES, ge=2, le=10_000, description="a whole number from 2, for morris")
    levels: int = Field(LEVELS, ge=2, le=100, description="an even whole number from 2, for morris")
    second_order: bool = Field(False, description="true or false: sobol with second-order indices")


class SmokeTable(Table):
    """What `--smoke` puts in place of the experiment's own, so that it runs in seconds."""

    replications: _Replications | None = Field(None, description="a whole number from 1")
    months: int | None = Field(None, ge=1, le=MAX_MONTHS, description=f"a whole number from 1 to {MAX_MONTHS}")
    points: _Points | None = Field(None, description="a whole number: points of a sampler")
    trajectories: int | None = Field(None, ge=2, description="a whole number from 2")


class ExperimentTable(Table):
    """An experiment file."""

    title: str = Field("", description="a few words in quotes")
    question: str = Field("", description="a question in quotes")
    references: list[str] = Field([], description='a list of keys in quotes, as in ["Wexler2023"]')
    scenarios: list[str] = Field(
        min_length=1,
        description='a list of scenario names or of paths beside this file, as in ["baseline", "mine.toml"]',
    )
    replications: _Replications = Field(1, description=f"a whole number from 1 to {MAX_REPLICATIONS:,}")
    seed: int = Field(0, ge=0, le=2**63 - 1, description="a whole number, 0 or more")
    seeds: Literal["common", "rows", "independent"] = Field(
        "common",
        description='"common" (one seed per replication in all points, so that differences are paired), "rows" (only '
        'scenarios at the same values share seeds) or "independent"',
    )
    months: int | None = Field(None, ge=1, le=MAX_MONTHS, description=f"a whole number from 1 to {MAX_MONTHS}")
    outcomes: list[str] | None = Field(
        None, min_length=1, description="a list of run outcomes to keep; all if not said"
    )
    headline: str | None = Field(None, description="the outcome to show while it runs")
    keep: list[Literal["series", "events", "states"]] = Field(
        [], description='a list of what else to keep of each run: "series", "events", "states"'
    )
    design: list[DesignTable] = Field([], description="blocks of the design, each under its own [[design]]")
    smoke: SmokeTable = Field(SmokeTable(), description="a table of smaller sizes, under [smoke]")


def validate(source: Source) -> ExperimentTable:
    """Read the keys of a file, of the right kinds and in range.

    Raises:
        ScenarioError: one is not, with its place and what is allowed.
    """
    return validated(source, ExperimentTable)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of experiment files, for editors."""
    return json_schema_of(ExperimentTable, "normsim experiment")
