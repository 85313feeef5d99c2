"""What an epoch learns from: features of the clean windows and of noisy views of them.

The front end does not learn, so a view is rendered once: one more at each epoch, until there are as many as the
recipe says. A view follows from the seed and its number alone: a resumed job renders the same ones again.
"""

import torch
from torch import Tensor

from babbitt.training.families.classifier import WaveformClassifier
from babbitt.training.families.preset import Recipe
from babbitt.training.fitting.augmentation import augmented
from babbitt.training.fitting.seeding import generator
from babbitt.training.fitting.windows import Windows

CHUNK = 16
"""Windows that are rendered at once: few enough that a chunk stays in the processor's cache."""


class Views:
    """Renders and keeps the features of windows.

    Args:
        model: its front end is used, in evaluation mode, without gradients.
        windows: of the training split.
        recipe: how many views, and what is done to them.
        seed: the job's.
        device: where features are computed and kept.
    """

    def __init__(
        self, model: WaveformClassifier, windows: Windows, recipe: Recipe, seed: int, device: torch.device
    ) -> None:
        self._model, self._windows, self._recipe, self._seed, self._device = model, windows, recipe, seed, device
        self._rendered = [self.clean(windows)]

    def clean(self, windows: Windows) -> Tensor:
        """Features [window, feature] of windows as they are."""
        with torch.no_grad():
            return torch.cat(
                [self._model.front_end(chunk.to(self._device)) for chunk in windows.waveforms.split(CHUNK)]
            )

    def until(self, epoch: int) -> tuple[Tensor, Tensor]:
        """Features [example, feature] and labels [example] that epoch number `epoch` (from 1) learns from."""
        views = 1 + min(epoch, self._recipe.views)
        while len(self._rendered) < views:
            self._rendered.append(self.noisy(self._windows, "training", len(self._rendered)))
        labels = self._windows.labels.to(self._device)
        return torch.cat(self._rendered[:views]), labels.repeat(views)

    def noisy(self, windows: Windows, name: str, number: int) -> Tensor:
        """Features [window, feature] of an augmented view, which follows from the seed, its name and number."""
        draw, how = generator(self._device, self._seed, name, number), self._recipe.augmentation
        with torch.no_grad():
            return torch.cat(
                [
                    self._model.front_end(augmented(chunk.to(self._device), how, draw))
                    for chunk in windows.waveforms.split(CHUNK)
                ]
            )
