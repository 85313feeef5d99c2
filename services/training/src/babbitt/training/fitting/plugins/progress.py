"""Tells how far an epoch has come, not too often."""

import time
from collections.abc import Callable
from typing import ClassVar, override

from babbitt.training.fitting.plugins.plugin import Plugin, Training

EVERY_S = 2.0


class StepProgress(Plugin):
    """Tells after a step, at most once in two seconds.

    Args:
        tell: hears of the training, and of the seconds that a step of it takes, validation and all.
        clock: monotonic seconds.
    """

    name: ClassVar[str] = "progress"

    def __init__(
        self,
        tell: Callable[[Training, float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tell, self._clock = tell, clock

    @override
    def begin(self, training: Training) -> None:
        self._told_at = self._began_at = self._clock()
        self._steps = 0

    def step_over(self, training: Training) -> None:
        self._steps += 1
        now = self._clock()
        if now - self._told_at < EVERY_S:
            return
        self._told_at = now
        self._tell(training, (now - self._began_at) / self._steps)
