"""Strategies for tests of rules: parameters anywhere within their ranges, and the arguments most rules take."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from normsim.parameters import records
from tests.worlds import record

few = settings(max_examples=40, deadline=None, derandomize=True, database=None)
share = st.floats(0.0, 1.0)
exposure = st.one_of(st.just(0.0), st.floats(0.0, 20.0))
flag = st.integers(0, 1)
SLACK = 1e-12


def parameters(*groups: str) -> st.SearchStrategy[Any]:
    """Records of parameters: those of some groups anywhere within their ranges, the ends included, the rest null."""
    choices: dict[str, st.SearchStrategy[Any]] = {}
    for name, parameter in records().items():
        if parameter.group not in groups:
            continue
        low, high = parameter.low, parameter.high
        if parameter.kind == "choice":
            choices[name] = st.sampled_from(parameter.choices)
        elif parameter.kind == "float":
            choices[name] = st.one_of(st.sampled_from((low, high)), st.floats(low, high))
        else:
            choices[name] = st.integers(int(low), int(high))
    return st.fixed_dictionaries(choices).map(record)


def within(value: float) -> bool:
    return 0.0 <= value <= 1.0
