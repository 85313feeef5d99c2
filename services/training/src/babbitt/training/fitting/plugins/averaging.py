"""A running average of the weights: it wanders less than they do, so that a few validation records can judge it."""

import copy
from typing import Any, ClassVar

import torch

from babbitt.training.fitting.plugins.plugin import Plugin, Training


class WeightAveraging(Plugin):
    """The exponential average of the parameters over the steps is what is judged and kept; young ones forget faster.

    Args:
        decay: share of the average that stays at each step, in the long run.
    """

    name: ClassVar[str] = "averaging"

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._steps = 0
        self._restored: dict[str, Any] | None = None

    def begin(self, training: Training) -> None:
        training.judged = copy.deepcopy(training.model).eval()
        self._average = training.judged
        if self._restored is not None:
            self._average.load_state_dict(self._restored)

    def step_over(self, training: Training) -> None:
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        with torch.no_grad():
            for average, weight in zip(self._average.parameters(), training.model.parameters(), strict=True):
                average.lerp_(weight, 1.0 - decay)
            for average, value in zip(self._average.buffers(), training.model.buffers(), strict=True):
                average.copy_(value)  # running statistics of normalisations are averages already

    def state(self) -> dict[str, Any]:
        return {"model": self._average.state_dict(), "steps": self._steps}

    def restore(self, state: dict[str, Any]) -> None:
        self._restored, self._steps = state["model"], state["steps"]
