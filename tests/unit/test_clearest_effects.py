"""Which outcomes a comparison shows beside its fixed list."""

import pytest

from normsim.cli.run_tables import CLEAREST, clearest
from normsim.stats import Effect, paired_effect


def effect(name: str, *differences: float) -> Effect:
    return paired_effect(name, differences, [0.0] * len(differences))


def test_the_largest_t_statistic_comes_first_and_zero_is_excluded() -> None:
    noisy, clear, certain = effect("noisy", 8, 10, 12), effect("clear", 0.9, 1.0, 1.1), effect("certain", 2, 2, 2)
    none, unsure = effect("none", 0, 0, 0), effect("unsure", -1, 0, 1)
    assert [each.outcome for each in clearest([unsure, noisy, none, clear, certain])] == ["certain", "clear", "noisy"]


@pytest.mark.parametrize("direction", [1, -1])
def test_direction_does_not_matter(direction: int) -> None:
    assert clearest([effect("one", direction * 1.0, direction * 1.1)]) != []


def test_not_more_than_a_few_and_none_without_an_interval() -> None:
    many = [effect(str(place), 1.0 + place, 1.1 + place) for place in range(20)]
    assert [each.outcome for each in clearest(many)] == [str(place) for place in range(19, 19 - CLEAREST, -1)]
    assert clearest([effect("one pair", 5.0)]) == []
