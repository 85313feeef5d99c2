"""A running average of the weights: it wanders less than they do, so that a few validation records can judge it."""

import copy
from typing import Any

import torch

from babbitt.training.families.classifier import WaveformClassifier


class WeightAverage:
    """The exponential average of a module's parameters over its steps; young averages forget faster.

    Args:
        model: as it is before the first step; its buffers are taken over as they are.
        decay: share of the average that stays at each step, in the long run.
    """

    def __init__(self, model: WaveformClassifier, decay: float) -> None:
        self.model = copy.deepcopy(model).eval()
        self._decay = decay
        self._steps = 0

    def begin(self, model: WaveformClassifier) -> None:
        """Begin with the module as it is now."""
        self.model.load_state_dict(model.state_dict())

    def add(self, model: WaveformClassifier) -> None:
        """Take in the parameters after a step."""
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        with torch.no_grad():
            for average, weight in zip(self.model.parameters(), model.parameters(), strict=True):
                average.lerp_(weight, 1.0 - decay)

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"model": self.model.state_dict(), "steps": self._steps}

    def restore(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        self.model.load_state_dict(state["model"])
        self._steps = state["steps"]
