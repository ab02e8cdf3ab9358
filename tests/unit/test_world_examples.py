"""The examples in the docstrings of `normsim.world` run and give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import normsim.world

MODULES = [info.name for info in pkgutil.iter_modules(normsim.world.__path__)]
WITH_EXAMPLES = {
    "earlier_bans",
    "historical_record",
    "initial_world",
    "real_world",
    "state_profile",
    "synthetic",
    "treaty_file",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"normsim.world.{name}"))
    assert found.failed == 0
    assert (found.attempted > 0) == (name in WITH_EXAMPLES)
