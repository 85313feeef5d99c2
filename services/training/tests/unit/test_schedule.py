import pytest

from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.schedule import learning_rate

RECIPE = Recipe(epochs=10, batch_size=1, learning_rate=0.1, patience=1, warmup_share=0.2)


def test_the_rate_rises_to_its_peak_and_falls_to_a_hundredth():
    rates = [learning_rate(RECIPE, done / 10) for done in range(11)]
    assert max(rates) == learning_rate(RECIPE, 0.2) == pytest.approx(0.1)
    assert rates == [*sorted(rates[:3]), *sorted(rates[3:], reverse=True)]
    assert rates[-1] == pytest.approx(0.001)
