import pytest

from babbitt.contracts.recipes import ConstantSchedule, CosineSchedule, LinearSchedule
from babbitt.training.fitting.schedule import learning_rate

FALLING = (CosineSchedule(warmup_share=0.2), LinearSchedule(name="linear", warmup_share=0.2))


@pytest.mark.parametrize("schedule", FALLING, ids=lambda schedule: schedule.name)
def test_the_rate_rises_to_its_peak_and_falls_to_a_hundredth(schedule):
    rates = [learning_rate(schedule, 0.1, done / 10) for done in range(11)]
    assert max(rates) == learning_rate(schedule, 0.1, 0.2) == pytest.approx(0.1)
    assert rates == [*sorted(rates[:3]), *sorted(rates[3:], reverse=True)]
    assert rates[-1] == pytest.approx(0.001)


def test_a_constant_rate_stays():
    schedule = ConstantSchedule(name="constant", warmup_share=0.5)
    assert [learning_rate(schedule, 0.1, done) for done in (0.25, 0.5, 1.0)] == pytest.approx([0.05, 0.1, 0.1])
