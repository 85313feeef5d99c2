"""Saves the state of a training: after every epoch, and within long ones."""

import time
from collections.abc import Callable
from typing import ClassVar, override

from babbitt.training.fitting.figures import EpochFigures
from babbitt.training.fitting.plugins.plugin import Plugin, Training

EVERY_S = 60.0


class Checkpointing(Plugin):
    """Comes last: what it saves is the state that the others have come to.

    Args:
        save: writes the training's state, told how many epochs and how many steps of the next are over.
        every_s: how much work within an epoch may be lost; 0: none.
        clock: monotonic seconds.
    """

    name: ClassVar[str] = "checkpointing"

    def __init__(
        self,
        save: Callable[[Training, int, int], None],
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._save, self._every_s, self._clock = save, every_s, clock

    @override
    def begin(self, training: Training) -> None:
        self._saved_at = self._clock()

    def step_over(self, training: Training) -> None:
        if training.step < training.steps and self._clock() - self._saved_at >= self._every_s:
            self._write(training, training.epoch - 1, training.step)

    def epoch_over(self, training: Training, figures: EpochFigures) -> None:
        self._write(training, figures.epoch, 0)

    def _write(self, training: Training, epoch: int, step: int) -> None:
        self._save(training, epoch, step)
        self._saved_at = self._clock()
