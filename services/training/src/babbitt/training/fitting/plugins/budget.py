"""Learning ends in time: what was best so far becomes the version."""

from collections.abc import Callable
from typing import ClassVar, override

from babbitt.training.fitting.figures import EpochFigures
from babbitt.training.fitting.plugins.plugin import Plugin, Training

BUDGET = "budget"


class Budget(Plugin):
    """Stops before an epoch that would not end in time, by the longest one so far.

    Args:
        left_s: seconds that are left for learning, asked again and again.
        agreed: what all processes of the training take for an answer: each has a clock of its own.
    """

    name: ClassVar[str] = "budget"

    def __init__(self, left_s: Callable[[], float], agreed: Callable[[bool], bool]) -> None:
        self._left_s, self._agreed = left_s, agreed

    def step_over(self, training: Training) -> None:
        if training.history and self._agreed(self._left_s() <= 0):  # without one epoch nothing would be kept
            training.stop(BUDGET)

    @override
    def epoch_over(self, training: Training, figures: EpochFigures) -> None:
        if self._agreed(max(one.seconds for one in training.history) > self._left_s()):
            training.stop(BUDGET)
