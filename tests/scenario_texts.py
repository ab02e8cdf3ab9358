"""Scenarios written as a few lines of text."""

from normsim.scenario import Scenario, load_scenario_text


def scenario(text: str, label: str = "x.toml") -> Scenario:
    """The baseline with these lines."""
    return load_scenario_text('title = "x"\nextends = "baseline"\n' + text, label)


def events(*lines: str) -> str:
    """One event table per argument."""
    return "".join(f"[[event]]\n{line}\n" for line in lines)
