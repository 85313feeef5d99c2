"""Answers of a module itself: of weights that never become a file."""

import torch

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.fitting.evaluating.answering import Inputs, WindowAnswers


class ModuleAnswering:
    """Answers windows by a module in evaluation mode, on the processor."""

    def __init__(self, model: WaveformClassifier) -> None:
        self._model = model.eval()

    def __call__(self, inputs: Inputs) -> WindowAnswers:
        """Of windows [window, ...]."""
        with torch.no_grad():
            answer = self._model(*map(torch.from_numpy, inputs.values()))
        return WindowAnswers(answer.probabilities.numpy())
