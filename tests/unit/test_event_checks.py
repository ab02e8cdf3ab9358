"""Events that cannot happen are refused when a scenario is read, and what could happen is not.

`tests/unit/test_scenario_messages.py` has one refused file per kind.
"""

import pytest

from normsim.engine.simulate import simulate
from normsim.scenario import Scenario, ScenarioError, load_scenario, load_scenario_text, scenario_names

FORCE = 'title = "x"\nextends = "baseline"\n'


def event(month: str, actor: str, action: str, to: str = "", **more: str) -> str:
    aim = f'to = "{to}"\n' if to else ""
    return f'[[event]]\ndate = {month}-10\nactor = "{actor}"\naction = "{action}"\n{aim}' + "".join(
        f"{key} = {value}\n" for key, value in more.items()
    )


def read(*parts: str) -> Scenario:
    return load_scenario_text(FORCE + "".join(parts))


POSSIBLE: dict[str, tuple[str, ...]] = {
    "a party that may have left by then": (event("2024-03", "NOR", "transfer", "UKR"),),
    "a party with an earlier acquire": (
        event("2023-08", "NOR", "acquire"),
        event("2023-09", "NOR", "transfer", "UKR"),
    ),
    "a party that got some": (
        event("2023-07", "USA", "transfer", "NOR"),
        event("2023-08", "NOR", "transfer", "UKR"),
    ),
    "a state with a stock of the scenario": (
        "[state.NOR]\nlegacy = 5000\n",
        event("2023-07", "NOR", "transfer", "UKR"),
    ),
    "use in the month of delivery": (event("2023-07", "USA", "transfer", "NOR"), event("2023-07", "NOR", "use")),
    "use by a state at war that may receive": (
        "[state.UKR]\nlegacy = 0\nimproved = 0\nlow_dud = 0\n",
        event("2023-07", "UKR", "use"),
    ),
    "a transfer that lasts until it may happen": (event("2023-07", "NOR", "transfer", "UKR", until="2025-07-10"),),
    "a party is condemned in the second month": (event("2023-08", "SWE", "condemn", "NOR"),),
    "a return": (event("2023-07", "NOR", "withdraw"), event("2024-02", "NOR", "join")),
    "a second exit": (
        event("2023-07", "NOR", "withdraw"),
        event("2024-02", "NOR", "join"),
        event("2024-03", "NOR", "withdraw"),
    ),
    "a renunciation after an exit": (event("2023-07", "NOR", "withdraw"), event("2024-02", "NOR", "renounce")),
    "a renunciation taken back": (event("2023-07", "BRA", "renounce"), event("2023-07", "BRA", "withdraw")),
    "a late withdrawal of a state that may have joined": (event("2023-08", "BRA", "withdraw"),),
    "a bridge that is closed and opened anew": (
        event("2023-07", "USA", "open_bridge"),
        event("2023-08", "USA", "close_bridge"),
        event("2023-09", "USA", "open_bridge"),
    ),
    "a shorter notice": ('[parameters]\n"withdraw.notice_months" = 1\n', event("2023-09", "NOR", "transfer", "UKR")),
}


@pytest.mark.parametrize("parts", POSSIBLE.values(), ids=POSSIBLE)
def test_what_could_happen_is_not_refused(parts: tuple[str, ...]) -> None:
    assert read(*parts).events


def test_a_state_of_a_generated_world_is_not_looked_up() -> None:
    world = '[world]\nkind = "synthetic"\nn = 20\n'
    assert read(world, event("2023-07", "AAA", "use")).events


def test_a_forbidden_act_is_not_refused() -> None:
    assert read(event("2023-07", "NOR", "transfer", "UKR", forbid="true")).events


@pytest.mark.parametrize("name", scenario_names())
def test_no_packaged_scenario_is_refused(name: str) -> None:
    assert load_scenario(name)


def test_a_resolved_scenario_can_be_read_again() -> None:
    """A later start can leave an event without the one that made it possible."""
    scenario = read(event("2023-07", "NOR", "withdraw"), event("2024-02", "NOR", "renounce"))
    later = scenario.with_start(scenario.start.replace(year=2024, month=2))
    assert load_scenario_text(later.to_toml()).events == later.events


REFUSED: dict[str, tuple[str, ...]] = {
    "transfer": (event("2023-12", "NOR", "transfer", "UKR"),),
    "use": (event("2023-12", "NOR", "use"),),
    "join": (event("2023-12", "NOR", "join"),),
    "renounce": (event("2023-12", "NOR", "renounce"),),
    "renounce after joining": (event("2023-09", "BRA", "join"), event("2023-10", "BRA", "renounce")),
    "withdraw twice": (event("2023-08", "NOR", "withdraw"), event("2023-12", "NOR", "withdraw")),
}


@pytest.mark.parametrize("parts", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_would_not_have_happened(parts: tuple[str, ...]) -> None:
    """The model, told to try hard, does not do it either: exits are frequent here."""
    with pytest.raises(ScenarioError, match="cannot happen"):
        read(*parts)
    resolved = read()
    values = {"withdraw.rate": 0.0005, "acquire.intercept": -5.0, "conflict.mode": "process", "conflict.onset": 0.005}
    text = resolved.with_values(values).to_toml() + "".join(parts)  # a resolved file is read unchecked
    scenario = load_scenario_text(text).with_months(12)
    for seed in range(5):
        last = len(scenario.events) - 1
        assert [missed.place for missed in simulate(scenario, seed, warn=False).not_done] == [last]
